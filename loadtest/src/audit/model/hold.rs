//! Holds (PROTOCOL §22.7): of one payment, and of a participant. Nobody but the proposer is told.
use causeway_message::record::Kind;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::classes::Spot;
use super::sweep::Sweep;
use super::{Caused, Key, Model, Origin};

impl Model {
    pub(super) fn is_held(&self, participant: u32) -> bool {
        self.members
            .get(participant as usize)
            .is_some_and(|member| member.held)
    }

    /// A payment that waits and is not held, or is.
    fn judge_payment(&self, key: Key, held: bool) -> Result<Origin, Status> {
        let item = self.waiting_of(key).ok_or(Status::NotHeld)?;
        let pays = Kind::from_number(item.record().kind).is_some_and(Kind::pays);
        if pays && (item.spot == Spot::Held) == held {
            Ok(item.origin)
        } else {
            Err(Status::NotHeld)
        }
    }

    pub(super) fn judge_hold(
        &self,
        submitter: ParticipantId,
        payment: InstructionId,
        reference: &str,
    ) -> Result<Origin, Status> {
        Self::judge_reference(reference)?;
        self.judge_payment((submitter, payment), false)
    }

    pub(super) fn judge_end_of_hold(
        &self,
        submitter: ParticipantId,
        payment: InstructionId,
    ) -> Result<Origin, Status> {
        self.judge_payment((submitter, payment), true)
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
        Self::judge_reference(reference)?;
        let member = self
            .members
            .get(participant.0 as usize)
            .ok_or(Status::ParticipantUnknown)?;
        if member.held == held {
            return Err(Status::NotHeld);
        }
        Ok(())
    }

    /// From here on payments of and to a participant wait, or go on.
    pub(super) fn hold_participant(&mut self, participant: ParticipantId, held: bool) {
        if let Some(member) = self.members.get_mut(participant.0 as usize) {
            member.held = held;
        }
        for place in self.money.of(participant.0) {
            self.wake(place);
        }
        self.sweeps
            .retain(|sweep| !matches!(sweep, Sweep::EndOfHold(whose) if *whose == participant.0));
        if !held {
            self.sweeps.push_back(Sweep::EndOfHold(participant.0));
        }
    }

    /// The next payment that waits for the end of a participant's hold joins its class; false if there is none.
    pub(super) fn next_parked(&mut self, participant: u32, caused: &mut Caused) -> bool {
        let next = self
            .waits
            .values()
            .find(|item| item.spot == Spot::Parked && item.creditor() == participant);
        let Some(origin) = next.map(|item| item.origin) else {
            return false;
        };
        let items = self.chain_of(origin);
        self.put(&items, Spot::Queue, caused);
        for item in &items {
            self.wake(item.place());
        }
        self.budget = self.budget.saturating_sub(items.len());
        true
    }
}
