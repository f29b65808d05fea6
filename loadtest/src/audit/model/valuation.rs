//! What currencies are worth to the risk tests, and who is under them (PROTOCOL §23.2, §23.3).
use causeway_fx::Currency;
use causeway_message::action::Valuation;
use causeway_message::{ParticipantId, Status};

use super::{Model, Place};

fn refuse(broken: bool, status: Status) -> Result<(), Status> {
    if broken { Err(status) } else { Ok(()) }
}

impl Model {
    pub(super) fn judge_valuation(&self, told: &Valuation) -> Result<(), Status> {
        self.judge_currency(told.currency)?;
        let active = Currency::from_numeric(told.unit).is_some();
        let one = told.haircut == 0 && u128::from(told.rate) == 10_u128.pow(u32::from(told.scale));
        let own = told.currency != told.unit || one;
        let same = self.risk.unit().is_none_or(|unit| unit == told.unit) || !self.risk.tests_any();
        let holds = told.rate != 0 && active && own && same;
        refuse(!holds, Status::ValuationInvalid)
    }

    pub(super) fn set_valuation(&mut self, told: Valuation) {
        self.risk.set_valuation(told);
        for participant in self.risk.tested() {
            self.wake_all(participant);
        }
    }

    /// Ends the tests of a participant only if its caps cover all its accounts.
    pub(super) fn judge_tests(&self, participant: ParticipantId, tested: bool) -> Result<(), Status> {
        let unknown = participant.0 as usize >= self.members.len();
        refuse(unknown, Status::ParticipantUnknown)?;
        let short = |place: &Place| {
            self.money
                .get(*place)
                .is_some_and(|account| account.available() < 0)
        };
        let ends = !tested && self.risk.is_tested(participant.0);
        let uncovered = ends && self.money.of(participant.0).iter().any(short);
        refuse(uncovered, Status::ValuationInvalid)
    }

    /// Puts a participant under the tests with this aggregate limit, or ends that.
    pub(super) fn set_tests(&mut self, participant: u32, aggregate: Option<u64>) {
        self.risk.set_tests(participant, aggregate);
        self.wake_all(participant);
    }

    pub(super) fn set_short_limit(&mut self, place: Place, limit: u64) {
        self.risk.set_short_limit(place, limit);
        self.wake(place);
    }

    fn wake_all(&mut self, participant: u32) {
        for place in self.money.of(participant) {
            self.wake(place);
        }
    }
}
