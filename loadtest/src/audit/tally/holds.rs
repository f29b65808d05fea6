//! Holds: what is held does not settle, and what is paid to or by somebody who is held does not either.
use std::collections::BTreeSet;

use causeway_message::action::Action;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::Tally;
use super::seen::{Mark, Seen};
use crate::audit::fault::{Fault, Rule, hold};

/// Who and what is held.
#[derive(Debug, Default)]
pub struct Holds {
    payments: BTreeSet<(ParticipantId, InstructionId)>,
    participants: BTreeSet<u32>,
    /// In default, declared or confirmed: nothing settles for them either.
    defaulted: BTreeSet<u32>,
}

impl Holds {
    fn stops(&self, who: u32) -> bool {
        self.participants.contains(&who) || self.defaulted.contains(&who)
    }
}

impl Tally {
    pub(super) fn check_holds(&mut self, seen: &Seen) -> Result<(), Fault> {
        let executed = || seen.ended.iter().filter(|ended| ended.status == Status::Executed);
        let mut changed = Holds::default();
        for ended in executed() {
            match &ended.action {
                Action::HoldPayment {
                    submitter, payment, ..
                } => {
                    changed.payments.insert((*submitter, *payment));
                    self.holds.payments.insert((*submitter, *payment));
                }
                Action::EndHold {
                    submitter, payment, ..
                } => {
                    self.end_hold((*submitter, *payment), &mut changed);
                }
                Action::HoldParticipant {
                    participant, held, ..
                } => {
                    changed.participants.insert(participant.0);
                    if *held {
                        self.holds.participants.insert(participant.0);
                    } else {
                        self.holds.participants.remove(&participant.0);
                    }
                }
                Action::DeclareDefault { participant, .. } => {
                    changed.participants.insert(participant.0);
                    self.holds.defaulted.insert(participant.0);
                }
                Action::DecideDefault {
                    participant,
                    confirmed: false,
                } => {
                    changed.participants.insert(participant.0);
                    self.holds.defaulted.remove(&participant.0);
                }
                _ => {}
            }
        }
        for mark in seen.first.iter().chain(&seen.later).filter(|mark| mark.goes()) {
            // A release is no payment: what was set aside is not held.
            if mark.status == Status::SetAside && mark.moved > 0 || self.was_set_aside(mark, seen) {
                continue;
            }
            let parties = [mark.record.debtor.get(), mark.record.creditor.get()];
            let held = parties
                .into_iter()
                .any(|who| self.holds.stops(who) && !changed.participants.contains(&who));
            let providers = seen.heard.iter().filter(|told| told.mark.origin == mark.origin);
            let quoted = providers.filter(|told| told.exchange.lock == 0).any(|told| {
                let who = told.whom.0;
                self.holds.stops(who) && !changed.participants.contains(&who)
            });
            let itself = self.holds.payments.contains(&mark.key()) && !changed.payments.contains(&mark.key());
            hold(!held && !quoted && !itself, Rule::Held, || {
                format!(
                    "log entry {}: {:?} is held and {:?}",
                    seen.entry, mark.origin, mark.status
                )
            })?;
        }
        Ok(())
    }

    /// The hold of a payment ends, and that of its chain.
    fn end_hold(&mut self, key: (ParticipantId, InstructionId), changed: &mut Holds) {
        let links = self
            .outcomes
            .origin(key)
            .and_then(|origin| self.chains.get(&origin));
        let links = links.cloned().unwrap_or_default();
        let of_chain: Vec<_> = self
            .holds
            .payments
            .iter()
            .filter(|other| {
                **other == key
                    || self
                        .outcomes
                        .origin(**other)
                        .is_some_and(|origin| links.contains(&origin))
            })
            .copied()
            .collect();
        for other in of_chain {
            self.holds.payments.remove(&other);
            changed.payments.insert(other);
        }
    }

    fn was_set_aside(&self, mark: &Mark, seen: &Seen) -> bool {
        let later = seen.later.iter().any(|other| other == mark);
        let conditional = self.asides.contains_key(&mark.key());
        later && conditional && mark.status == Status::Settled
    }
}
