//! What is over at an instant: payments that wait, proposals that nobody approved.
use causeway_message::Status;
use causeway_message::digest::Digest;
use causeway_message::time::Timestamp;

use super::account::Waiting;
use super::{Caused, DUE_PER_ENTRY, Model, Place};

/// Something that ends at an instant. Of one instant payments come first, in the order in which they came.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    Payment { origin: (u64, u16), place: Place },
    Proposal(Digest),
}

/// The instant at which a payment that waits is over.
pub(super) fn end_of(waiting: &Waiting) -> Option<Timestamp> {
    let expires = waiting.paper.record.expires_at.get();
    (expires != 0).then(|| Timestamp::from_seconds(expires))
}

impl Model {
    /// Ends what is over, the earliest first, as far as one entry goes.
    pub(super) fn sweep(&mut self, caused: &mut Caused) {
        for _ in 0..DUE_PER_ENTRY {
            let Some((at, due)) = self.due.first().cloned() else {
                return;
            };
            if at > self.time {
                return;
            }
            match due {
                Due::Payment { origin, place } => {
                    self.leave(place, origin, Status::Expired, caused);
                    // The queue behind it may move now.
                    self.tell(place);
                }
                Due::Proposal(digest) => self.end_proposal(&digest, Status::ProposalExpired, None, caused),
            }
        }
    }
}
