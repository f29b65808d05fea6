//! Holds (PROTOCOL §22.7): of one payment, and of a participant. Nobody but the proposer is told.
use causeway_message::action::DefaultState;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::classes::{Spot, Waiting};
use super::sweep::Sweep;
use super::{Caused, Key, Model, Origin};

impl Model {
    pub(super) fn is_held(&self, participant: u32) -> bool {
        self.members
            .get(participant as usize)
            .is_some_and(|member| member.held || member.default == DefaultState::Declared)
    }

    /// A payment that waits. Trades are not held.
    fn judge_payment(&self, key: Key) -> Result<&Waiting, Status> {
        let waits = self.waiting_of(key).filter(|item| !item.is_trade());
        waits.ok_or(Status::NotHeld)
    }

    fn judge_member(&self, participant: ParticipantId) -> Result<(), Status> {
        if (participant.0 as usize) < self.members.len() {
            Ok(())
        } else {
            Err(Status::ParticipantUnknown)
        }
    }

    pub(super) fn judge_hold(
        &self,
        submitter: ParticipantId,
        payment: InstructionId,
        reference: &str,
    ) -> Result<Origin, Status> {
        self.judge_member(submitter)?;
        Self::judge_reference(reference)?;
        let item = self.judge_payment((submitter, payment))?;
        match item.spot {
            Spot::Queue | Spot::Warehouse | Spot::Quote | Spot::Dated => Ok(item.origin),
            _ => Err(Status::NotHeld),
        }
    }

    pub(super) fn judge_end_of_hold(
        &self,
        submitter: ParticipantId,
        payment: InstructionId,
    ) -> Result<Origin, Status> {
        self.judge_member(submitter)?;
        let item = self.judge_payment((submitter, payment))?;
        if item.spot == Spot::Held {
            Ok(item.origin)
        } else {
            Err(Status::NotHeld)
        }
    }

    /// A payment waits outside its queue, and its chain with it.
    pub(super) fn hold(&mut self, origin: Origin, caused: &mut Caused) {
        let items = self.chain_of(origin);
        self.put(&items, Spot::Held, caused);
        self.wake_debited(&items);
    }

    /// A held payment goes on, or is rejected.
    pub(super) fn end_hold(&mut self, origin: Origin, release: bool, caused: &mut Caused) {
        if release {
            self.come_back(origin, caused);
        } else {
            self.end_with_chain(origin, Status::RejectedByOrder, Status::ChainFailed, caused);
        }
    }

    pub(super) fn judge_hold_of(
        &self,
        participant: ParticipantId,
        held: bool,
        reference: &str,
    ) -> Result<(), Status> {
        let own = self.members.get(participant.0 as usize);
        let now = own.ok_or(Status::ParticipantUnknown)?.held;
        Self::judge_reference(reference)?;
        if now == held {
            return Err(Status::NotHeld);
        }
        Ok(())
    }

    /// From here on payments of and to a participant wait, or go on.
    pub(super) fn hold_participant(&mut self, participant: ParticipantId, held: bool, caused: &mut Caused) {
        if let Some(member) = self.members.get_mut(participant.0 as usize) {
            member.held = held;
        }
        self.leave_end_of_hold(participant);
        if !held && !self.is_held(participant.0) {
            self.go_on(participant, caused);
        }
    }

    /// What an end of its hold left to do is done no more.
    pub(super) fn leave_end_of_hold(&mut self, participant: ParticipantId) {
        self.sweeps.retain(
            |sweep| !matches!(sweep, Sweep::EndOfHold { participant: whose, .. } if *whose == participant.0),
        );
    }

    /// Payments of and to a participant go on.
    pub(super) fn go_on(&mut self, participant: ParticipantId, caused: &mut Caused) {
        self.quotes.stirred = true;
        for place in self.money.of(participant.0) {
            self.freed(place, caused);
        }
        self.sweeps.push_back(Sweep::EndOfHold {
            participant: participant.0,
            last: None,
        });
    }

    /// Looks at the next payment that waits outside its queue: if it does for this hold, it goes on.
    pub(super) fn next_parked(
        &mut self,
        participant: u32,
        last: Option<Origin>,
        caused: &mut Caused,
    ) -> Option<Sweep> {
        let next = self.next_outside(last)?;
        let waits = self.waits.get(&next)?;
        if waits.spot == Spot::Parked(participant) {
            let records = self.chain_of(next).len();
            self.come_back(next, caused);
            self.spend(records);
        } else {
            self.spend(1);
        }
        Some(Sweep::EndOfHold {
            participant,
            last: Some(next),
        })
    }
}
