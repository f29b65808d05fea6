//! Fees (PROTOCOL §22.8): they accrue as things happen, and are billed when the currency closes.
use std::collections::BTreeMap;

use causeway_message::action::{DefaultState, FeeGrant};
use causeway_message::record::Kind;
use causeway_message::{ParticipantId, Status};

use super::{Caused, Model, Place};

/// Fees of one account that were posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Billed {
    /// Who paid.
    pub payer: ParticipantId,
    /// Who was paid.
    pub collector: ParticipantId,
    /// In which currency.
    pub currency: u16,
    /// The business date.
    pub date: u16,
    /// Minor units that were posted.
    pub amount: u64,
}

/// Schedules by currency and kind, and what is not billed yet.
#[derive(Debug, Default)]
pub(super) struct Fees {
    grants: BTreeMap<(u16, u8), FeeGrant>,
    accrued: BTreeMap<Place, u128>,
}

/// The fee on an amount: flat and millionths of it, rounded half up, between least and most.
pub(super) fn fee_on(grant: &FeeGrant, amount: u64) -> u128 {
    let millionths = u128::from(amount) * u128::from(grant.per_million);
    let share = millionths / 1_000_000 + u128::from(millionths % 1_000_000 >= 500_000);
    let fee = (u128::from(grant.flat) + share).max(u128::from(grant.min));
    if grant.max == 0 {
        fee
    } else {
        fee.min(u128::from(grant.max))
    }
}

impl Fees {
    pub fn set(&mut self, grant: FeeGrant) {
        self.grants.insert((grant.currency, grant.kind), grant);
    }

    /// An instruction of this kind moved so much for an account, or was executed and moved nothing.
    pub fn accrue(&mut self, place: Place, kind: u8, moved: u64) {
        if let Some(grant) = self.grants.get(&(place.1, kind)) {
            *self.accrued.entry(place).or_default() += fee_on(grant, moved);
        }
    }

    /// The schedule for a kind in a currency.
    pub fn grant(&self, currency: u16, kind: u8) -> Option<FeeGrant> {
        self.grants.get(&(currency, kind)).copied()
    }

    /// True if the participant collects by a schedule.
    pub fn has_collector(&self, who: ParticipantId) -> bool {
        self.grants.values().any(|grant| grant.collector == who)
    }

    /// True if the account owes fees that are not billed.
    pub fn owes(&self, place: Place) -> bool {
        self.accrued.get(&place).is_some_and(|owed| *owed != 0)
    }

    /// Who is paid the fees of a currency.
    fn collector(&self, currency: u16) -> Option<ParticipantId> {
        let own = self.grants.iter().find(|((of, _), _)| *of == currency);
        own.map(|(_, grant)| grant.collector)
    }
}

impl Model {
    pub(super) fn judge_fee(&self, grant: &FeeGrant) -> Result<(), Status> {
        self.judge_currency(grant.currency)?;
        let kind = Kind::from_number(grant.kind);
        let unknown = kind.is_none_or(|kind| kind.since() > self.rules);
        let crossed = grant.max != 0 && grant.min > grant.max;
        let collects = self.money.get((grant.collector.0, grant.currency)).is_some();
        if unknown || crossed || !collects {
            return Err(Status::FeeInvalid);
        }
        Ok(())
    }

    /// Bills what an account owes, as far as its money goes; its limits begin anew. Returns what was posted.
    pub(super) fn bill(&mut self, place: Place, date: u16, caused: &mut Caused) -> u64 {
        self.limits.reset(place);
        self.reservations.restore(place);
        if self.default_of(place.0) != DefaultState::None {
            return 0;
        }
        let collector = self.fees.collector(place.1);
        let Some(collector) = collector.filter(|collector| collector.0 != place.0) else {
            return 0;
        };
        let free = if self.risk.is_tested(place.0) {
            self.free(place)
        } else {
            self.money.get(place).map_or(0, super::account::Account::own)
        };
        let free = free.max(0);
        let owed = self.fees.accrued.get(&place).copied().unwrap_or(0);
        let posted = owed.min(free.unsigned_abs()).min(u128::from(u64::MAX)) as u64;
        if posted == 0 {
            return 0;
        }
        self.fees.accrued.insert(place, owed - u128::from(posted));
        self.money.transfer(place, (collector.0, place.1), posted);
        self.credited((collector.0, place.1));
        // Nothing waits in a currency that has closed; elsewhere something may, where risk tests hold.
        self.wake((collector.0, place.1));
        caused.billed.push(Billed {
            payer: ParticipantId(place.0),
            collector,
            currency: place.1,
            date,
            amount: posted,
        });
        posted
    }
}
