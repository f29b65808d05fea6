//! What is due at an instant: payments, proposals and questions that end, times that come.
use causeway_message::digest::Digest;
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, Status};

use super::classes::Spot;
use super::{Caused, DUE_PER_ENTRY, Key, Model, Origin, Place};

/// Something that is due at an instant. Of one instant they come in this order, and of one kind in that of their
/// records, or of submitters and ids.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// A payment that waits is over.
    Payment { origin: Origin, place: Place },
    /// Nobody approved a proposal.
    Proposal(Digest),
    /// A from-time.
    From(Origin),
    /// A till-time.
    Till(Origin),
    /// Money that is set aside goes back.
    Conditional(Key),
    /// Nobody answered the question whether a payment comes back.
    Question(Key),
    /// A pay-in deadline.
    PayIn(Place),
    /// The time of a quote lock is over.
    Lock(u64),
    /// What became of a proposal is remembered no longer.
    Ended(Digest),
    /// A netting window is looked at.
    Window(InstructionId),
}

impl Model {
    /// Does what is due, the earliest first, as far as one entry goes.
    pub(super) fn end_due(&mut self, caused: &mut Caused) {
        while self.has_looks_left() {
            let Some((at, due)) = self.due.first().cloned() else {
                return;
            };
            if at > self.time {
                return;
            }
            self.due.pop_first();
            self.looked_at += 1;
            match due {
                // The queue behind it may move then.
                Due::Payment { origin, .. } => {
                    if self
                        .waits
                        .get(&origin)
                        .is_some_and(super::classes::Waiting::is_trade)
                    {
                        // Each side of a matched trade counts, as each record of a chain.
                        self.looked_at += self.chain_of(origin).len().saturating_sub(1);
                        self.end_trade(origin, Status::Expired, caused);
                        continue;
                    }
                    // Each record of a chain counts.
                    self.looked_at += self.chain_of(origin).len().saturating_sub(1);
                    self.end_with_chain(origin, Status::Expired, Status::ChainFailed, caused);
                }
                Due::Proposal(digest) => self.end_proposal(&digest, Status::ProposalExpired, None, caused),
                Due::From(origin) => {
                    let stored = self
                        .waits
                        .get(&origin)
                        .is_some_and(|item| item.spot == Spot::Warehouse);
                    if stored {
                        self.come_back(origin, caused);
                    }
                }
                Due::Till(origin) => self.say_that_it_waits(origin, caused),
                Due::Conditional(key) => self.give_back(key, Status::Expired, caused),
                Due::Question(key) => self.end_question(key, Status::Expired, caused),
                Due::PayIn(place) => self.judge_pay_in(at, place, caused),
                Due::Lock(number) => self.give_up_lock(number, Status::Expired, caused),
                Due::Ended(digest) => drop(self.ended.remove(&digest)),
                Due::Window(id) => self.looked_at += self.look_at_window(id, caused).saturating_sub(1),
            }
        }
    }

    /// A till-time came: the submitter is told, and nothing changes.
    fn say_that_it_waits(&mut self, origin: Origin, caused: &mut Caused) {
        if let Some(item) = self.waits.get(&origin) {
            self.effects += 1;
            let whom = (causeway_message::event::Role::Debtor, item.submitter);
            super::tell::tell(&mut caused.later, &item.paper, origin, whom, item.status(), 0);
        }
    }

    /// True if the entry may look at something due.
    pub(super) const fn has_looks_left(&self) -> bool {
        self.looked_at < DUE_PER_ENTRY
    }

    /// True if this instant has come.
    pub(super) fn has_come(&self, at: Timestamp) -> bool {
        at <= self.time
    }
}
