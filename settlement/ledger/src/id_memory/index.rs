//! Where an id stands: open addressing in shards that grow at different times, each by half when it is full, so that no
//! single insert pays for more than some thousand ids. Growing reads the index alone.

use causeway_hash::prefetch;

/// Ids per shard when the memory is full: small enough to grow in tens of microseconds.
const IDS_PER_SHARD: u64 = 8_192;
const SHARDS_MAX: u64 = 1 << 20;
const SLOTS_MIN: usize = 16;
/// Bits of an entry that number a slot on the pages; those above are a print of the id.
const NUMBER_BITS: u32 = 40;
const PRINT_BITS: u32 = u64::BITS - NUMBER_BITS;
const NUMBER_MASK: u64 = (1 << NUMBER_BITS) - 1;
/// Entries in a cache line.
const LINE: usize = 8;

/// Which shard an id belongs to, and its print there.
#[derive(Debug, Clone, Copy, Default)]
pub struct Key {
    shard: usize,
    print: u64,
}

/// A free entry.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    key: Key,
    at: usize,
}

impl Place {
    /// No place: for a vacancy that is never filled.
    pub const NONE: Self = Self {
        key: Key {
            shard: usize::MAX,
            print: 0,
        },
        at: usize::MAX,
    };
}

#[derive(Debug, Default)]
struct Shard {
    /// print (24 bits) ‖ number of the slot and one (40 bits); zero where nothing stands.
    entries: Box<[u64]>,
    len: u32,
}

/// The index.
#[derive(Debug)]
pub struct Index {
    shards: Vec<Shard>,
    bits: u32,
}

/// Where a print belongs in a shard: spread over it without a division.
#[inline]
const fn home(print: u64, entries: usize) -> usize {
    ((print * entries as u64) >> PRINT_BITS) as usize
}

impl Shard {
    /// The slot that `is` the one looked for, or the free entry where it belongs. There is one: a shard is never full.
    #[inline]
    fn probe(&self, print: u64, mut is: impl FnMut(u64) -> bool) -> Result<u64, usize> {
        let mut at = home(print, self.entries.len());
        loop {
            let entry = self.entries[at];
            if entry == 0 {
                return Err(at);
            }
            if entry >> NUMBER_BITS == print {
                let number = (entry & NUMBER_MASK) - 1;
                if is(number) {
                    return Ok(number);
                }
            }
            at += 1;
            if at == self.entries.len() {
                at = 0;
            }
        }
    }

    fn is_full(&self) -> bool {
        // At three quarters an unsuccessful search reads some eight neighbouring entries: one or two cache lines.
        (self.len as usize + 1) * 4 > self.entries.len() * 3
    }

    fn grow(&mut self, place: usize) {
        let size = match self.entries.len() {
            // Shards begin at different sizes, so that they do not all grow at once.
            0 => SLOTS_MIN + place * 7 % SLOTS_MIN,
            n => n + n / 2,
        };
        let old = std::mem::replace(&mut self.entries, vec![0; size].into());
        for entry in old.into_iter().filter(|entry| *entry != 0) {
            let mut at = home(entry >> NUMBER_BITS, size);
            while self.entries[at] != 0 {
                at = if at + 1 == size { 0 } else { at + 1 };
            }
            self.entries[at] = entry;
        }
    }
}

impl Index {
    /// An index for a memory of so many ids.
    pub fn new(capacity: u64) -> Self {
        let shards = (capacity / IDS_PER_SHARD)
            .clamp(1, SHARDS_MAX)
            .next_power_of_two();
        Self {
            shards: (0..shards).map(|_| Shard::default()).collect(),
            bits: shards.trailing_zeros(),
        }
    }

    /// Bytes that it takes.
    pub fn bytes(&self) -> u64 {
        let entries: usize = self.shards.iter().map(|shard| shard.entries.len()).sum();
        (entries * size_of::<u64>() + self.shards.capacity() * size_of::<Shard>()) as u64
    }

    /// The key of a hash: its highest bits are the shard, those below the print.
    #[inline]
    pub const fn key(&self, hash: u64) -> Key {
        let below = hash << self.bits;
        Key {
            shard: match hash.checked_shr(u64::BITS - self.bits) {
                Some(shard) => shard as usize,
                None => 0,
            },
            print: below >> NUMBER_BITS,
        }
    }

    /// Asks for what says where a shard's entries are.
    #[inline]
    pub fn prefetch_shard(&self, key: Key) {
        prefetch(&self.shards, key.shard);
    }

    /// Asks for the entries where a search begins, as many as most searches read.
    #[inline]
    pub fn prefetch(&self, key: Key) {
        let entries = &self.shards[key.shard].entries;
        let at = home(key.print, entries.len());
        prefetch(entries, at);
        prefetch(entries, at + LINE);
    }

    /// Number of the slot that `is` the one looked for.
    #[inline]
    pub fn find(&self, key: Key, is: impl FnMut(u64) -> bool) -> Option<u64> {
        let shard = &self.shards[key.shard];
        if shard.entries.is_empty() {
            return None;
        }
        shard.probe(key.print, is).ok()
    }

    /// Number of the slot that `is` the one looked for, or a free entry for it.
    #[inline]
    pub fn vacancy(&mut self, key: Key, is: impl FnMut(u64) -> bool) -> Result<u64, Place> {
        let shard = &mut self.shards[key.shard];
        if shard.is_full() {
            shard.grow(key.shard);
        }
        shard.probe(key.print, is).map_err(|at| Place { key, at })
    }

    /// Says that the slot of this number stands at a free entry.
    #[inline]
    pub fn fill(&mut self, place: Place, number: u64) {
        let shard = &mut self.shards[place.key.shard];
        shard.entries[place.at] = place.key.print << NUMBER_BITS | (number + 1);
        shard.len += 1;
    }
}
