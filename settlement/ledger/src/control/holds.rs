//! Holds: payments and participants stopped for screening or by order of a court, and let go or rejected.
use causeway_message::{InstructionId, ParticipantId, Status};

use crate::apply::Ledger;
use crate::lifecycle::{Event, next};
use crate::outcome::Outcome;
use crate::queue::{Seat, Waiting};

impl Ledger {
    pub(super) fn judge_hold(
        &self,
        submitter: ParticipantId,
        payment: InstructionId,
        reference: &str,
    ) -> Result<u32, Status> {
        self.registry.get(submitter).ok_or(Status::ParticipantUnknown)?;
        self.judge_reference(reference)?;
        let place = self.queue.find(submitter, payment).ok_or(Status::NotHeld)?;
        // What a window collects is its until it settles or fails.
        let own = self.queue.get(place).filter(|own| own.seat != Seat::Window);
        let seat = own.map(Waiting::status);
        seat.and_then(|seat| next(seat, Event::Hold))
            .ok_or(Status::NotHeld)?;
        Ok(place)
    }

    pub(super) fn hold_payment(
        &mut self,
        submitter: ParticipantId,
        payment: InstructionId,
        reference: &str,
        out: &mut Outcome,
    ) -> Result<(), Status> {
        let place = self.judge_hold(submitter, payment, reference)?;
        let chain = self.queue.together(place).into_iter();
        let before: Vec<_> = chain.filter_map(|place| self.queue.get(place).cloned()).collect();
        self.seat_together(place, Seat::Order, out);
        self.wake_left(&before);
        self.release(out);
        Ok(())
    }

    pub(super) fn judge_end_hold(
        &self,
        submitter: ParticipantId,
        payment: InstructionId,
    ) -> Result<u32, Status> {
        self.registry.get(submitter).ok_or(Status::ParticipantUnknown)?;
        let place = self.queue.find(submitter, payment).ok_or(Status::NotHeld)?;
        let seat = self.queue.get(place).map(|waiting| waiting.seat);
        if seat == Some(Seat::Order) {
            Ok(place)
        } else {
            Err(Status::NotHeld)
        }
    }

    pub(super) fn end_hold(
        &mut self,
        submitter: ParticipantId,
        payment: InstructionId,
        release: bool,
        out: &mut Outcome,
    ) -> Result<(), Status> {
        let place = self.judge_end_hold(submitter, payment)?;
        if release {
            self.join(place, out);
        } else {
            self.end(place, Event::Reject, false, out);
        }
        self.release(out);
        Ok(())
    }

    pub(crate) fn judge_hold_participant(
        &self,
        who: ParticipantId,
        held: bool,
        reference: &str,
    ) -> Result<(), Status> {
        let participant = self.registry.get(who).ok_or(Status::ParticipantUnknown)?;
        self.judge_reference(reference)?;
        if participant.held == held {
            Err(Status::NotHeld)
        } else {
            Ok(())
        }
    }
}
