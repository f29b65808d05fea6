//! The memory of instruction ids: who submitted which, with which bytes, what became of it.
//!
//! What is remembered stands on pages in order of arrival; an index of eight bytes an id says where. Whether an id is
//! known is one read of the index: an unknown one touches no page but the last, which was just written, unless another has its
//! print. Forty bytes an
//! id, and eight at 50 to 75 percent of load: 53 on average, 56 at the most.
mod index;
mod pages;

use std::hash::BuildHasher;

use causeway_message::{InstructionId, ParticipantId, Status};
use foldhash::quality::FixedState;

use index::{Index, Key, Place};
use pages::{Pages, Slot};

/// What is remembered of one instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remembered {
    /// First eight bytes of the record's leaf.
    pub check: u64,
    /// Present status.
    pub status: Status,
    /// Log index of its entry.
    pub entry: u64,
    /// Place in its batch.
    pub ordinal: u16,
    /// Log index of the entry that gave it the status; its own entry's unless a later one did.
    pub cause: u64,
}

/// Where an unknown instruction will be remembered.
#[derive(Debug)]
pub struct Vacancy {
    place: Place,
    id: [u64; 2],
    submitter: u32,
}

/// The memory.
#[derive(Debug)]
pub struct IdMemory {
    index: Index,
    pages: Pages,
    capacity: u64,
    hasher: FixedState,
}

fn words(id: InstructionId) -> [u64; 2] {
    let value = u128::from_le_bytes(id.0);
    [value as u64, (value >> 64) as u64]
}

impl IdMemory {
    /// A memory of at most `capacity` ids. The seed only scatters; it changes no outcome.
    pub fn new(capacity: u64, seed: u64) -> Self {
        Self {
            index: Index::new(capacity),
            pages: Pages::default(),
            capacity,
            hasher: FixedState::with_seed(seed),
        }
    }

    /// Ids remembered.
    pub const fn len(&self) -> u64 {
        self.pages.len()
    }

    /// True if nothing is remembered.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> u64 {
        self.index.bytes() + self.pages.bytes()
    }

    /// How many further ids fit.
    pub const fn room(&self) -> u64 {
        self.capacity.saturating_sub(self.len())
    }

    /// True if no further id fits.
    pub const fn is_full(&self) -> bool {
        self.len() >= self.capacity
    }

    #[inline]
    fn key(&self, id: [u64; 2], submitter: u32) -> Key {
        self.index.key(self.hasher.hash_one((id[0], id[1], submitter)))
    }

    /// Number of the slot of an instruction, if it is known.
    fn find(&self, submitter: u32, id: [u64; 2]) -> Option<u64> {
        let pages = &self.pages;
        self.index.find(self.key(id, submitter), |number| {
            pages.get(number).is(id, submitter)
        })
    }

    /// What is known of an instruction.
    pub fn get(&self, submitter: ParticipantId, id: InstructionId) -> Option<Remembered> {
        self.pages.get(self.find(submitter.0, words(id))?).known()
    }

    /// Asks for what later look-ups of these instructions will read, step by step: no step waits for what it asked for
    /// itself.
    #[inline]
    pub fn prefetch<const N: usize>(&self, keys: &[(ParticipantId, InstructionId)]) {
        let mut of = [Key::default(); N];
        for (key, (submitter, id)) in of.iter_mut().zip(keys) {
            *key = self.key(words(*id), submitter.0);
            self.index.prefetch_shard(*key);
        }
        of.iter()
            .take(keys.len())
            .for_each(|key| self.index.prefetch(*key));
    }

    /// Looks an instruction up; where it is not known, returns the vacancy that [`IdMemory::fill`] takes. No other
    /// vacancy may be asked for in between.
    #[inline]
    pub fn look_up(&mut self, submitter: ParticipantId, id: InstructionId) -> Result<Remembered, Vacancy> {
        let (id, submitter) = (words(id), submitter.0);
        let key = self.key(id, submitter);
        let pages = &self.pages;
        let place = self
            .index
            .vacancy(key, |number| pages.get(number).is(id, submitter));
        let vacancy = |place| Vacancy { place, id, submitter };
        match place {
            // What was filled in has a status: that of a slot is never unknown.
            Ok(number) => self.pages.get(number).known().ok_or_else(|| vacancy(Place::NONE)),
            Err(place) => Err(vacancy(place)),
        }
    }

    /// Remembers the instruction that the vacancy was found for.
    #[inline]
    pub fn fill(&mut self, vacancy: Vacancy, known: &Remembered) {
        let number = self.pages.push(Slot::new(vacancy.id, vacancy.submitter, known));
        self.index.fill(vacancy.place, number);
    }

    /// Gives a known instruction a later status; false if it is not known. The cause of a status is the entry that gave
    /// it first: one that says it again, at a till-time or when a part is released, leaves the cause as it is.
    pub fn settle(
        &mut self,
        submitter: ParticipantId,
        id: InstructionId,
        status: Status,
        cause: u64,
    ) -> bool {
        let Some(number) = self.find(submitter.0, words(id)) else {
            return false;
        };
        self.pages.get_mut(number).settle(status, cause);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(i: u64) -> InstructionId {
        InstructionId((u128::from(i) * 0x9e37_79b9_7f4a_7c15).to_le_bytes())
    }

    fn known(i: u64) -> Remembered {
        Remembered {
            check: i,
            status: Status::Queued,
            entry: i + 1,
            ordinal: i as u16,
            cause: i + 1,
        }
    }

    fn put(memory: &mut IdMemory, submitter: u32, id: InstructionId, i: u64) {
        let vacancy = memory
            .look_up(ParticipantId(submitter), id)
            .expect_err("it is not known yet");
        memory.fill(vacancy, &known(i));
    }

    #[test]
    fn every_id_is_found_again_under_its_submitter_alone() {
        for seed in [0, 1, 77] {
            let mut memory = IdMemory::new(100_000, seed);
            for i in 0..50_000 {
                assert_eq!(memory.get(ParticipantId(3), id(i)), None);
                put(&mut memory, 3, id(i), i);
            }
            assert_eq!(memory.len(), 50_000);
            for i in 0..50_000 {
                assert_eq!(memory.get(ParticipantId(3), id(i)), Some(known(i)));
                assert_eq!(memory.get(ParticipantId(4), id(i)), None);
            }
        }
    }

    #[test]
    fn a_later_status_keeps_the_origin() {
        let mut memory = IdMemory::new(10, 0);
        put(&mut memory, 1, id(9), 9);
        assert!(memory.settle(ParticipantId(1), id(9), Status::Settled, 77));
        assert!(!memory.settle(ParticipantId(1), id(8), Status::Settled, 77));
        // Said again, it was still given by the first.
        assert!(memory.settle(ParticipantId(1), id(9), Status::Settled, 78));
        let expected = Remembered {
            status: Status::Settled,
            cause: 77,
            ..known(9)
        };
        assert_eq!(memory.get(ParticipantId(1), id(9)), Some(expected));
    }

    #[test]
    fn what_it_says_is_what_a_map_says() {
        use std::collections::BTreeMap;
        // Few ids under few submitters, so that most are known; shards grow on the way.
        for (seed, range) in [(1, 50), (2, 3_000), (3, 200_000)] {
            let mut memory = IdMemory::new(30_000, seed);
            let mut model = BTreeMap::new();
            let mut state = seed;
            for n in 0..60_000u64 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let (who, what) = (ParticipantId((state >> 60) as u32), id((state >> 33) % range));
                if n % 3 == 0 {
                    let later = memory.settle(who, what, Status::Settled, n + 1);
                    let own: Option<&mut Remembered> = model.get_mut(&(who, what));
                    assert_eq!(later, own.is_some());
                    if let Some(own) = own.filter(|own| own.status != Status::Settled) {
                        (own.status, own.cause) = (Status::Settled, n + 1);
                    }
                } else if !memory.is_full() {
                    match memory.look_up(who, what) {
                        Ok(found) => assert_eq!(model.get(&(who, what)), Some(&found)),
                        Err(vacancy) => {
                            assert_eq!(model.insert((who, what), known(n)), None);
                            memory.fill(vacancy, &known(n));
                        }
                    }
                }
                assert_eq!(memory.len(), model.len() as u64);
            }
            for ((who, what), own) in &model {
                assert_eq!(memory.get(*who, *what), Some(*own));
            }
        }
    }

    #[test]
    fn ids_that_differ_in_one_bit_are_different() {
        let mut memory = IdMemory::new(1_000, 0);
        let base = InstructionId([0x5a; 16]);
        put(&mut memory, 0, base, 1);
        for bit in 0..128 {
            let mut other = base;
            other.0[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(memory.get(ParticipantId(0), other), None);
        }
    }
}
