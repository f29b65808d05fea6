//! Default of a member (PROTOCOL §32): declared, lifted, confirmed; and what ends once it is confirmed, step by step.
use std::ops::Bound;

use causeway_message::action::{DefaultState, Standing};
use causeway_message::record::Instruction;
use causeway_message::{ParticipantId, Status};

use super::classes::Waiting;
use super::sweep::Sweep;
use super::{Caused, Key, Model, Origin, Place};

/// The parts of what ends, in order, and how far the one under way has come.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ruin {
    /// So many currencies were looked at for its queue.
    Queues(usize),
    Trades(Option<Origin>),
    Outside(Option<Origin>),
    Locks(Option<u64>),
    Quotes,
    Questions(Option<Key>),
    /// So many currencies were looked at for what its account keeps.
    Accounts(usize),
}

/// True if a participant pays by a record, or is paid.
const fn concerns(record: &Instruction, who: u32) -> bool {
    record.debtor.get() == who || record.creditor.get() == who
}

impl Model {
    pub(super) fn default_of(&self, who: u32) -> DefaultState {
        let own = self.members.get(who as usize);
        own.map_or(DefaultState::None, |member| member.default)
    }

    pub(super) fn judge_declaration(&self, who: ParticipantId, reference: &str) -> Result<(), Status> {
        let own = self.members.get(who.0 as usize);
        let default = own.ok_or(Status::ParticipantUnknown)?.default;
        Self::judge_reference(reference)?;
        if default == DefaultState::None {
            Ok(())
        } else {
            Err(Status::DefaultUnknown)
        }
    }

    pub(super) fn judge_decision(&self, who: ParticipantId) -> Result<(), Status> {
        let own = self.members.get(who.0 as usize);
        if own.ok_or(Status::ParticipantUnknown)?.default == DefaultState::Declared {
            Ok(())
        } else {
            Err(Status::DefaultUnknown)
        }
    }

    pub(super) fn declare_default(&mut self, who: ParticipantId) -> Result<(), Status> {
        self.member(who)?.default = DefaultState::Declared;
        self.leave_end_of_hold(who);
        Ok(())
    }

    pub(super) fn decide_default(
        &mut self,
        who: ParticipantId,
        confirmed: bool,
        caused: &mut Caused,
    ) -> Result<(), Status> {
        self.leave_end_of_hold(who);
        if confirmed {
            self.member(who)?.default = DefaultState::Confirmed;
            self.end_windows_of(who.0);
            self.sweeps.push_back(Sweep::Ruin(who.0, Ruin::Queues(0)));
            return Ok(());
        }
        self.member(who)?.default = DefaultState::None;
        if !self.is_held(who.0) {
            self.go_on(who, caused);
        }
        Ok(())
    }

    /// What may become of the standing of a member in default: `None` if there is no default.
    pub(super) fn step_in_default(&self, who: ParticipantId, to: Standing) -> Option<bool> {
        let own = self.members.get(who.0 as usize)?;
        match own.default {
            DefaultState::None => None,
            DefaultState::Declared if to == Standing::Closed => Some(false),
            DefaultState::Declared => None,
            DefaultState::Confirmed => Some(to == Standing::Closed && own.standing != Standing::Closed),
        }
    }

    /// True if the default of one of those who pay is confirmed.
    pub(super) fn is_paid_by_defaulted(&self, items: &[Waiting]) -> bool {
        let payers = items.iter().map(|item| item.place().0);
        payers
            .into_iter()
            .any(|who| self.default_of(who) == DefaultState::Confirmed)
    }

    fn place_of(&self, who: u32, done: usize) -> Option<Option<Place>> {
        let currency = self.money.currencies().get(done)?.code;
        let place = (who, currency);
        Some(self.money.get(place).map(|_| place))
    }

    /// The next step of what a confirmed default ends; what is left to do then.
    pub(super) fn step_of_ruin(&mut self, who: u32, ruin: Ruin, caused: &mut Caused) -> Option<Sweep> {
        let next = match ruin {
            Ruin::Queues(done) => match self.place_of(who, done) {
                None => Ruin::Trades(None),
                Some(None) => Ruin::Queues(done + 1),
                Some(Some(place)) => {
                    let account = self.money.get(place);
                    let head = account.and_then(|own| own.queues.iter().rev().flatten().next().copied());
                    match head {
                        Some(head) => {
                            let ended = self.end_by_default(head, caused);
                            self.spend(ended);
                            Ruin::Queues(done)
                        }
                        None => {
                            self.spend(1);
                            Ruin::Queues(done + 1)
                        }
                    }
                }
            },
            Ruin::Trades(last) => match self.next_of_trades(last, |_| true) {
                None => Ruin::Outside(None),
                Some(next) => {
                    self.end_if_concerned(next, who, caused);
                    Ruin::Trades(Some(next))
                }
            },
            Ruin::Outside(last) => match self.next_outside(last) {
                None => Ruin::Locks(None),
                Some(next) => {
                    self.end_if_concerned(next, who, caused);
                    Ruin::Outside(Some(next))
                }
            },
            Ruin::Locks(last) => match self.next_lock(last) {
                None => Ruin::Quotes,
                Some(number) => {
                    if self.is_party_to_lock(number, who) {
                        self.give_up_lock(number, Status::Defaulted, caused);
                    }
                    self.spend(1);
                    Ruin::Locks(Some(number))
                }
            },
            Ruin::Quotes => {
                self.quotes.withdraw_of(who);
                self.spend(1);
                Ruin::Questions(None)
            }
            Ruin::Questions(last) => {
                let from = last.map_or(Bound::Unbounded, Bound::Excluded);
                let mut rest = self.questions.range((from, Bound::Unbounded));
                match rest.next().map(|(key, own)| (*key, concerns(own.record(), who))) {
                    None => Ruin::Accounts(0),
                    Some((key, ends)) => {
                        if ends {
                            self.end_question(key, Status::Defaulted, caused);
                        }
                        self.spend(1);
                        Ruin::Questions(Some(key))
                    }
                }
            }
            Ruin::Accounts(done) => {
                if let Some(place) = self.place_of(who, done)? {
                    self.limits.end(place);
                    self.reservations.end(place);
                    self.end_line(place);
                    self.spend(1);
                }
                Ruin::Accounts(done + 1)
            }
        };
        Some(Sweep::Ruin(who, next))
    }

    fn end_if_concerned(&mut self, origin: Origin, who: u32, caused: &mut Caused) {
        let items = self.chain_of(origin);
        let concerned = items.iter().any(|item| concerns(item.record(), who));
        let steps = if concerned {
            self.end_by_default(origin, caused)
        } else {
            1
        };
        self.spend(steps);
    }

    /// What waits ends as `defaulted`, with its chain or the other side of its trade. Returns how many ended.
    pub(super) fn end_by_default(&mut self, origin: Origin, caused: &mut Caused) -> usize {
        let items = self.chain_of(origin);
        if items.iter().any(Waiting::is_trade) {
            self.end_trade(origin, Status::Defaulted, caused);
        } else {
            self.end_chain(&items, (0, Status::Defaulted), Status::Defaulted, caused);
        }
        items.len()
    }
}
