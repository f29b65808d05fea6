//! What became of proposals (PROTOCOL §27.1).
use causeway_message::digest::Digest;
use causeway_message::time::Timestamp;
use causeway_message::{ParticipantId, Status};

use super::due::Due;
use super::{Model, Origin};

/// Nanoseconds for which it is remembered.
const REMEMBERED_NANOS: u64 = 604_800 * 1_000_000_000;
/// Proposals of one participant of which it is.
const REMEMBERED: usize = 1_024;

/// A proposal that ended.
#[derive(Debug, Clone)]
pub(super) struct Ended {
    proposer: ParticipantId,
    proposed: Origin,
    at: Timestamp,
    status: Status,
}

impl Ended {
    const fn end(&self) -> Timestamp {
        Timestamp(self.at.0.saturating_add(REMEMBERED_NANOS))
    }
}

impl Model {
    /// The answer to who decides on a proposal that does not wait.
    pub(super) fn became(&self, who: ParticipantId, digest: &Digest) -> Status {
        match self.ended.get(digest) {
            Some(ended) if ended.proposer == who && self.time < ended.end() => match ended.status {
                Status::Executed => Status::ProposalApproved,
                other => other,
            },
            _ => Status::ProposalUnknown,
        }
    }

    /// A proposal ended: under version 4 that is remembered, and the oldest of its proposer forgotten if there are too many.
    pub(super) fn remember_end(
        &mut self,
        digest: Digest,
        proposer: ParticipantId,
        proposed: Origin,
        status: Status,
    ) {
        if !self.is_fourth() {
            return;
        }
        let ended = Ended {
            proposer,
            proposed,
            at: self.time,
            status,
        };
        self.due.insert((ended.end(), Due::Ended(digest)));
        self.ended.insert(digest, ended);
        let own = || self.ended.iter().filter(|(_, ended)| ended.proposer == proposer);
        if own().count() <= REMEMBERED {
            return;
        }
        let oldest = own()
            .min_by_key(|(_, ended)| (ended.at, ended.proposed))
            .map(|(digest, ended)| (*digest, ended.end()));
        if let Some((oldest, end)) = oldest {
            self.ended.remove(&oldest);
            self.due.remove(&(end, Due::Ended(oldest)));
        }
    }
}
