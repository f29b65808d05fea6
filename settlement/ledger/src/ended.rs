//! What became of proposals: remembered for some days, so that who decides late is told why.
use std::collections::BTreeMap;

use causeway_message::time::Timestamp;
use causeway_message::{Digest, ParticipantId, Status};

use crate::limits::{ENDED_PER_PARTICIPANT, ENDED_SECONDS};

/// A proposal that ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ended {
    pub proposer: ParticipantId,
    /// Log index of the proposal's entry.
    pub entry: u64,
    /// Place in its batch.
    pub ordinal: u16,
    /// When it ended.
    pub at: Timestamp,
    /// Its final status.
    pub status: Status,
}

/// Proposer, end, entry and place of the proposal: the order in which those of one participant are forgotten.
type Age = (ParticipantId, Timestamp, u64, u16);

impl Ended {
    /// From this instant on it is not known any more.
    pub const fn forgotten(&self) -> Timestamp {
        Timestamp(self.at.0.saturating_add(ENDED_SECONDS * 1_000_000_000))
    }

    const fn age(&self) -> Age {
        (self.proposer, self.at, self.entry, self.ordinal)
    }
}

/// All that are remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct EndedProposals {
    all: BTreeMap<Digest, Ended>,
    ages: BTreeMap<Age, Digest>,
}

impl EndedProposals {
    pub fn get(&self, digest: &Digest) -> Option<&Ended> {
        self.all.get(digest)
    }

    /// True if one is remembered that was proposed in the same place and ended at the same time.
    pub fn has_like(&self, ended: &Ended) -> bool {
        self.ages.contains_key(&ended.age())
    }

    /// Those of one participant.
    pub fn of(&self, who: ParticipantId) -> usize {
        self.ages_of(who).count()
    }

    fn ages_of(&self, who: ParticipantId) -> impl Iterator<Item = &Digest> {
        let (first, last) = (
            (who, Timestamp(0), 0, 0),
            (who, Timestamp(u64::MAX), u64::MAX, u16::MAX),
        );
        self.ages.range(first..=last).map(|(_, digest)| digest)
    }

    /// Remembers one; if its proposer has too many then, the digest of the oldest, which is forgotten, and when it would
    /// have been.
    pub fn keep(&mut self, digest: Digest, ended: Ended) -> Option<(Digest, Timestamp)> {
        self.all.insert(digest, ended);
        self.ages.insert(ended.age(), digest);
        if self.of(ended.proposer) <= ENDED_PER_PARTICIPANT {
            return None;
        }
        let oldest = *self.ages_of(ended.proposer).next()?;
        let gone = self.forget(&oldest)?;
        Some((oldest, gone.forgotten()))
    }

    /// Forgets one.
    pub fn forget(&mut self, digest: &Digest) -> Option<Ended> {
        let ended = self.all.remove(digest)?;
        self.ages.remove(&ended.age());
        Some(ended)
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Digest, &Ended)> {
        self.all.iter()
    }
}
