//! A copy of what stands in the ledger's queues, fed by what joins and leaves them.
use std::time::Duration;

use causeway_ledger::Queued;

use crate::limits::MIRROR_CHUNK;

/// What moved in the queues with the entries up to an index: places, and what stands there after them.
#[derive(Debug)]
pub(crate) struct Moves {
    pub index: u64,
    pub places: Vec<(u32, Option<Queued>)>,
}

/// An instruction, and since when it is known to wait, by the steady clock.
#[derive(Debug)]
pub(crate) struct Standing {
    pub queued: Queued,
    pub since: Duration,
}

/// What stands in the queues as far as is known.
#[derive(Debug, Default)]
pub(crate) struct Mirror {
    slots: Vec<Option<Standing>>,
    /// Log index up to which each chunk of places is known; what moved up to it changes nothing any more.
    known: Vec<u64>,
    /// Chunks that are to be read again, since moves were lost.
    unread: std::ops::Range<u32>,
    waiting: usize,
}

impl Mirror {
    /// Takes in what moved.
    pub fn take(&mut self, moves: Moves, now: Duration) {
        for (place, queued) in moves.places {
            let known = self.known.get(place as usize / MIRROR_CHUNK);
            if known.is_none_or(|known| *known < moves.index) {
                self.set(place, queued, now);
            }
        }
    }

    /// All places below this have to be read again.
    pub fn lose(&mut self, places: u32) {
        let chunks = (places as usize).div_ceil(MIRROR_CHUNK).max(self.known.len());
        self.known.resize(chunks, 0);
        self.unread = 0..chunks as u32;
    }

    /// The first place of the next chunk that has to be read.
    pub fn unread(&self) -> Option<u32> {
        let next = self.unread.clone().next()?;
        Some(next * MIRROR_CHUNK as u32)
    }

    /// Takes in what stands in a chunk of places after an entry.
    pub fn read(&mut self, from: u32, index: u64, chunk: Vec<Option<Queued>>, now: Duration) {
        let number = from / MIRROR_CHUNK as u32;
        if let Some(known) = self.known.get_mut(number as usize) {
            *known = index;
        }
        if self.unread.start == number {
            self.unread.start += 1;
        }
        for (place, queued) in (from..).zip(chunk) {
            self.set(place, queued, now);
        }
    }

    fn set(&mut self, place: u32, queued: Option<Queued>, now: Duration) {
        let at = place as usize;
        if self.slots.len() <= at {
            if queued.is_none() {
                return;
            }
            self.slots.resize_with(at + 1, || None);
        }
        let Some(slot) = self.slots.get_mut(at) else {
            return;
        };
        let key = |queued: &Queued| (queued.submitter, queued.id);
        let since = match (&*slot, &queued) {
            (Some(old), Some(new)) if old.queued == *new => return,
            (None, None) => return,
            (Some(old), Some(new)) if key(&old.queued) == key(new) => old.since,
            _ => now,
        };
        self.waiting -= usize::from(slot.is_some());
        self.waiting += usize::from(queued.is_some());
        *slot = queued.map(|queued| Standing { queued, since });
    }

    /// What stands in the queues, by place.
    pub fn standing(&self) -> impl Iterator<Item = &Standing> + '_ {
        self.slots.iter().flatten()
    }

    /// How much that is.
    pub const fn waiting(&self) -> usize {
        self.waiting
    }
}

#[cfg(test)]
mod tests {
    use causeway_message::record::Priority;
    use causeway_message::{InstructionId, ParticipantId};

    use super::*;

    fn queued(id: u8) -> Option<Queued> {
        Some(Queued {
            submitter: ParticipantId(1),
            id: InstructionId([id; 16]),
            debtor: 0,
            creditor: 1,
            amount: 5,
            class: Priority::Normal,
            rank: id.into(),
            together: None,
            nettable: true,
        })
    }

    fn ids(mirror: &Mirror) -> Vec<u8> {
        mirror
            .standing()
            .map(|standing| standing.queued.id.0[0])
            .collect()
    }

    fn moved(index: u64, places: &[(u32, Option<Queued>)]) -> Moves {
        let places = places.to_vec();
        Moves { index, places }
    }

    #[test]
    fn a_mirror_follows_what_moves() {
        let mut mirror = Mirror::default();
        let second = Duration::from_secs(1);
        mirror.take(moved(3, &[(0, queued(1)), (1, queued(2))]), second);
        assert_eq!((ids(&mirror), mirror.waiting()), (vec![1, 2], 2));
        mirror.take(moved(4, &[(1, queued(2))]), 2 * second);
        assert_eq!(
            mirror.standing().map(|standing| standing.since).max(),
            Some(second)
        );
        mirror.take(moved(5, &[(0, None), (1, queued(3))]), 2 * second);
        assert_eq!((ids(&mirror), mirror.waiting()), (vec![3], 1));
        assert_eq!(
            mirror.standing().map(|standing| standing.since).max(),
            Some(2 * second)
        );
    }

    #[test]
    fn what_was_lost_is_read_again_and_older_moves_do_not_undo_it() {
        let mut mirror = Mirror::default();
        let now = Duration::ZERO;
        mirror.take(moved(1, &[(0, queued(1))]), now);
        let places = MIRROR_CHUNK as u32 + 1;
        mirror.lose(places);
        assert_eq!(mirror.unread(), Some(0));
        mirror.read(0, 9, vec![None, queued(2)], now);
        assert_eq!(
            (mirror.unread(), ids(&mirror)),
            (Some(MIRROR_CHUNK as u32), vec![2])
        );
        // Sent before it was read, taken in after.
        mirror.take(moved(8, &[(0, queued(1)), (1, None)]), now);
        assert_eq!(ids(&mirror), [2]);
        mirror.take(moved(10, &[(0, queued(3)), (places - 1, queued(4))]), now);
        mirror.read(MIRROR_CHUNK as u32, 10, vec![queued(4)], now);
        assert_eq!((mirror.unread(), ids(&mirror)), (None, vec![3, 2, 4]));
    }
}
