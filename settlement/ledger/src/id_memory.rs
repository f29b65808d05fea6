//! The memory of instruction ids: who submitted which, with which bytes, what became of it.
//!
//! A fixed number of small tables, each grown by half when it is full: no single insert pays for rehashing more
//! than a few hundred ids, and the tables grow at different times. Forty bytes an id, and one of fingerprint.
use std::hash::BuildHasher;

use causeway_message::{InstructionId, ParticipantId, Status};
use foldhash::quality::FixedState;

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

#[derive(Debug, Clone, Copy)]
struct Slot {
    id: [u64; 2],
    check: u64,
    /// entry (40 bits) ‖ ordinal (16) ‖ status (8).
    origin: u64,
    /// cause (40 bits) ‖ submitter (24).
    cause: u64,
}

const _: () = assert!(size_of::<Slot>() == 40);

const EMPTY: u8 = 0;
const ENTRY_MAX: u64 = (1 << 40) - 1;

/// On a cache line of its own: a look-up reads all of it.
#[derive(Debug, Default)]
#[repr(align(64))]
struct Table {
    tags: Vec<u8>,
    slots: Vec<Slot>,
    len: u32,
}

/// Where an unknown instruction will be remembered.
#[derive(Debug)]
pub struct Vacancy {
    place: usize,
    at: usize,
    tag: u8,
    id: [u64; 2],
    submitter: u32,
}

const VACANT: Slot = Slot {
    id: [0; 2],
    check: 0,
    origin: 0,
    cause: 0,
};

/// The memory.
#[derive(Debug)]
pub struct IdMemory {
    tables: Vec<Table>,
    shift: u32,
    len: u64,
    capacity: u64,
    hasher: FixedState,
}

/// Ids per table when the memory is full: small enough to grow in tens of microseconds.
const IDS_PER_TABLE: u64 = 1_024;
const TABLE_MIN: usize = 16;

fn pack(known: &Remembered, submitter: u32) -> (u64, u64) {
    let origin =
        (known.entry & ENTRY_MAX) << 24 | u64::from(known.ordinal) << 8 | u64::from(known.status as u8);
    (
        origin,
        (known.cause & ENTRY_MAX) << 24 | u64::from(submitter & 0xff_ffff),
    )
}

impl Slot {
    fn known(&self) -> Option<Remembered> {
        Some(Remembered {
            check: self.check,
            status: Status::from_number((self.origin & 0xff) as u16)?,
            entry: self.origin >> 24,
            ordinal: (self.origin >> 8) as u16,
            cause: self.cause >> 24,
        })
    }
}

impl Table {
    /// Place of the slot with this key, or of the vacant one where it belongs.
    #[inline]
    fn probe(&self, hash: u64, id: [u64; 2], submitter: u32) -> (usize, bool) {
        let tag = tag_of(hash);
        let len = self.tags.len();
        let mut at = place_of(hash, len);
        loop {
            let found = self.tags[at];
            if found == EMPTY {
                return (at, false);
            }
            if found == tag {
                let slot = &self.slots[at];
                if slot.id == id && slot.cause as u32 & 0xff_ffff == submitter {
                    return (at, true);
                }
            }
            at += 1;
            if at == len {
                at = 0;
            }
        }
    }

    fn is_full(&self) -> bool {
        // At 85 % an unsuccessful search reads some twenty neighbouring fingerprints: one cache line.
        (self.len as usize + 1) * 100 > self.tags.len() * 85
    }
}

#[inline]
fn tag_of(hash: u64) -> u8 {
    (hash as u8).max(1)
}

#[inline]
fn place_of(hash: u64, len: usize) -> usize {
    // Bits 8 to 40 spread over the table without a division.
    ((((hash >> 8) & 0xffff_ffff) * len as u64) >> 32) as usize
}

fn words(id: InstructionId) -> [u64; 2] {
    let value = u128::from_le_bytes(id.0);
    [value as u64, (value >> 64) as u64]
}

impl IdMemory {
    /// A memory of at most `capacity` ids. The seed only scatters; it changes no outcome.
    pub fn new(capacity: u64, seed: u64) -> Self {
        let tables = (capacity / IDS_PER_TABLE).clamp(1, 1 << 20).next_power_of_two();
        Self {
            tables: (0..tables).map(|_| Table::default()).collect(),
            shift: 64 - tables.trailing_zeros(),
            len: 0,
            capacity,
            hasher: FixedState::with_seed(seed),
        }
    }

    /// Ids remembered.
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// True if nothing is remembered.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many further ids fit.
    pub const fn room(&self) -> u64 {
        self.capacity.saturating_sub(self.len)
    }

    /// True if no further id fits.
    pub const fn is_full(&self) -> bool {
        self.len >= self.capacity
    }

    #[inline]
    fn hash(&self, id: [u64; 2], submitter: u32) -> u64 {
        self.hasher.hash_one((id[0], id[1], submitter))
    }

    #[inline]
    fn table(&self, hash: u64) -> usize {
        hash.checked_shr(self.shift).unwrap_or(0) as usize
    }

    /// What is known of an instruction.
    pub fn get(&self, submitter: ParticipantId, id: InstructionId) -> Option<Remembered> {
        let id = words(id);
        let hash = self.hash(id, submitter.0);
        let table = &self.tables[self.table(hash)];
        if table.tags.is_empty() {
            return None;
        }
        let (at, found) = table.probe(hash, id, submitter.0);
        if found { table.slots[at].known() } else { None }
    }

    /// Reads what later look-ups of these instructions will need, step by step: the reads of a step wait for none of their own,
    /// and so overlap.
    #[inline]
    pub fn touch<const N: usize>(&self, keys: &[(ParticipantId, InstructionId)]) -> u64 {
        let mut hashes = [0; N];
        let mut sum = 0;
        for (hash, (submitter, id)) in hashes.iter_mut().zip(keys) {
            *hash = self.hash(words(*id), submitter.0);
            sum ^= self.tables[self.table(*hash)].tags.len();
        }
        let mut tags = 0;
        for hash in hashes.iter().take(keys.len()) {
            let table = &self.tables[self.table(*hash)];
            let at = place_of(*hash, table.tags.len());
            tags ^= table.tags.get(at).copied().unwrap_or_default();
            sum ^= table.slots.get(at).map_or(0, |slot| slot.id[0] as usize);
        }
        sum as u64 ^ u64::from(tags)
    }

    /// Looks an instruction up; where it is not known, returns the vacancy that [`IdMemory::fill`] takes. No other
    /// vacancy may be asked for in between.
    #[inline]
    pub fn look_up(&mut self, submitter: ParticipantId, id: InstructionId) -> Result<Remembered, Vacancy> {
        let id = words(id);
        let hash = self.hash(id, submitter.0);
        let place = self.table(hash);
        if self.tables[place].is_full() {
            self.grow(place);
        }
        let table = &self.tables[place];
        let (at, found) = table.probe(hash, id, submitter.0);
        let vacancy = Vacancy {
            place,
            at,
            tag: tag_of(hash),
            id,
            submitter: submitter.0,
        };
        if found {
            table.slots[at].known().ok_or(vacancy)
        } else {
            Err(vacancy)
        }
    }

    /// Remembers the instruction that the vacancy was found for.
    #[inline]
    pub fn fill(&mut self, vacancy: Vacancy, known: &Remembered) {
        let table = &mut self.tables[vacancy.place];
        let (origin, cause) = pack(known, vacancy.submitter);
        table.tags[vacancy.at] = vacancy.tag;
        table.slots[vacancy.at] = Slot {
            id: vacancy.id,
            check: known.check,
            origin,
            cause,
        };
        table.len += 1;
        self.len += 1;
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
        let words = words(id);
        let hash = self.hash(words, submitter.0);
        let place = self.table(hash);
        let table = &mut self.tables[place];
        if table.tags.is_empty() {
            return false;
        }
        let (at, found) = table.probe(hash, words, submitter.0);
        if found {
            let slot = &mut table.slots[at];
            let status = u64::from(status as u8);
            if slot.origin & 0xff == status {
                return true;
            }
            slot.origin = slot.origin & !0xff | status;
            slot.cause = (cause & ENTRY_MAX) << 24 | slot.cause & 0xff_ffff;
        }
        found
    }

    fn grow(&mut self, place: usize) {
        let old = std::mem::take(&mut self.tables[place]);
        let size = match old.tags.len() {
            // Tables begin at different sizes, so that they do not all grow at once.
            0 => TABLE_MIN + place * 7 % TABLE_MIN,
            n => n + n / 2,
        };
        let mut table = Table {
            tags: vec![EMPTY; size],
            slots: vec![VACANT; size],
            len: old.len,
        };
        for (tag, slot) in old.tags.iter().zip(&old.slots) {
            if *tag == EMPTY {
                continue;
            }
            let submitter = slot.cause as u32 & 0xff_ffff;
            let hash = self.hash(slot.id, submitter);
            let (at, _) = table.probe(hash, slot.id, submitter);
            table.tags[at] = *tag;
            table.slots[at] = *slot;
        }
        self.tables[place] = table;
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
