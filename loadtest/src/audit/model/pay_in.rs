//! Pay-in deadlines (PROTOCOL §23.3): how short a position may still be at an instant.
use std::collections::BTreeMap;

use causeway_message::action::Action;
use causeway_message::time::Timestamp;
use causeway_message::{ParticipantId, Status};

use super::control::Notice;
use super::due::Due;
use super::{Caused, Key, Model, Origin, Place};

/// Deadlines of one account that may lie ahead.
const AHEAD: usize = 64;

/// A deadline that lies ahead.
#[derive(Debug, Clone)]
struct Deadline {
    allowed: u64,
    /// The proposal that set it.
    proposal: Key,
    origin: Origin,
    action: Action,
}

/// Deadlines that lie ahead, and what the last one of each account that has passed allows.
#[derive(Debug, Default)]
pub(super) struct PayIns {
    ahead: BTreeMap<(Place, Timestamp), Deadline>,
    passed: BTreeMap<Place, u64>,
}

impl PayIns {
    /// What the last deadline that has passed since the currency closed allows.
    pub fn allowed(&self, place: Place) -> Option<u64> {
        self.passed.get(&place).copied()
    }

    /// The day of an account is over: what was to be paid in before says nothing any more. True if there was anything.
    pub fn close(&mut self, place: Place) -> bool {
        self.passed.remove(&place).is_some()
    }

    /// How many lie ahead in an account at other instants.
    fn others(&self, place: Place, at: Timestamp, now: Timestamp) -> usize {
        let own = self
            .ahead
            .range((place, Timestamp(0))..=(place, Timestamp(u64::MAX)));
        own.filter(|((_, other), _)| *other != at && *other > now).count()
    }
}

impl Model {
    pub(super) fn judge_deadline(&self, place: Place, deadline: u32) -> Result<(), Status> {
        self.judge_account(place)?;
        let at = Timestamp::from_seconds(deadline);
        if self.has_come(at) {
            return Err(Status::TimeInvalid);
        }
        if self.pay_ins.others(place, at, self.time) >= AHEAD {
            return Err(Status::ValuationInvalid);
        }
        Ok(())
    }

    pub(super) fn set_pay_in(
        &mut self,
        proposal: Key,
        place: Place,
        deadline: u32,
        allowed: u64,
        action: &Action,
    ) {
        let Some(origin) = self
            .memory
            .get(proposal.0, proposal.1)
            .map(super::memory::Known::origin)
        else {
            return;
        };
        let at = Timestamp::from_seconds(deadline);
        let own = Deadline {
            allowed,
            proposal,
            origin,
            action: action.clone(),
        };
        self.pay_ins.ahead.insert((place, at), own);
        self.due.insert((at, Due::PayIn(place)));
    }

    /// A deadline has come: who is shorter than it allows is told, and who set it.
    pub(super) fn judge_pay_in(&mut self, at: Timestamp, place: Place, caused: &mut Caused) {
        let Some(own) = self.pay_ins.ahead.remove(&(place, at)) else {
            return;
        };
        self.pay_ins.passed.insert(place, own.allowed);
        let holds = self.position(place) >= -i128::from(own.allowed);
        if holds || !self.risk.is_tested(place.0) {
            return;
        }
        let (proposer, id) = own.proposal;
        let subject = ParticipantId(place.0);
        caused.notices.push(Notice {
            proposer,
            subject: (subject != proposer).then_some(subject),
            id,
            origin: own.origin,
            status: Status::PayInMissed,
            amount: 0,
            action: own.action,
        });
    }
}
