//! Intraday credit (PROTOCOL §29): what counts of collateral, the line that it gives, and what is told at close.
use std::collections::BTreeMap;

use causeway_message::action::{Action, DefaultState};
use causeway_message::{ParticipantId, Status};

use super::control::Notice;
use super::{Caused, Key, Model, Origin, Place};

/// Assets of one account.
const ASSETS: usize = 64;
const MILLION: u128 = 1_000_000;

/// The `set_credit` that was carried out last for an account.
#[derive(Debug, Clone)]
struct Granted {
    proposal: Key,
    origin: Origin,
    action: Action,
}

/// What makes the lines of accounts.
#[derive(Debug, Default)]
pub(super) struct Credits {
    /// What counts of each asset of an account.
    assets: BTreeMap<Place, BTreeMap<String, u128>>,
    limits: BTreeMap<Place, u64>,
    granted: BTreeMap<Place, Granted>,
}

impl Credits {
    /// True if an account has collateral, or a limit above zero.
    pub fn has(&self, place: Place) -> bool {
        let limit = self.limits.get(&place).copied();
        let assets = self.assets.get(&place);
        limit.is_some_and(|limit| limit != 0) || assets.is_some_and(|assets| !assets.is_empty())
    }

    fn line(&self, place: Place) -> u64 {
        let limit = self.limits.get(&place).copied().unwrap_or(0);
        let assets = self.assets.get(&place);
        let counts: u128 = assets.map_or(0, |assets| assets.values().sum());
        if counts < u128::from(limit) {
            counts as u64
        } else {
            limit
        }
    }
}

impl Model {
    pub(super) fn judge_collateral(&self, place: Place, asset: &str, value: u64) -> Result<(), Status> {
        self.judge_account(place)?;
        let held = self.credits.assets.get(&place);
        let there = held.is_some_and(|assets| assets.contains_key(asset));
        let many = held.map_or(0, BTreeMap::len);
        if there || (value != 0 && many < ASSETS) {
            Ok(())
        } else {
            Err(Status::CollateralInvalid)
        }
    }

    pub(super) fn set_collateral(
        &mut self,
        place: Place,
        asset: &str,
        (value, haircut): (u64, u32),
        caused: &mut Caused,
    ) {
        let held = self.credits.assets.entry(place).or_default();
        held.remove(asset);
        if value != 0 {
            let counts = u128::from(value) * (MILLION - u128::from(haircut).min(MILLION)) / MILLION;
            held.insert(asset.to_owned(), counts);
        }
        self.draw_line(place, caused);
    }

    pub(super) fn set_credit(
        &mut self,
        proposal: Key,
        place: Place,
        limit: u64,
        action: &Action,
        caused: &mut Caused,
    ) {
        self.credits.limits.insert(place, limit);
        let known = self.memory.get(proposal.0, proposal.1);
        if let Some(origin) = known.map(super::memory::Known::origin) {
            let action = action.clone();
            let granted = Granted {
                proposal,
                origin,
                action,
            };
            self.credits.granted.insert(place, granted);
        }
        self.draw_line(place, caused);
    }

    /// Nothing is lent to an account any more, if there was anything to lend.
    pub(super) fn end_line(&mut self, place: Place) {
        if let Some(limit) = self.credits.limits.get_mut(&place) {
            *limit = 0;
            self.money.change(place, |account| account.line = 0);
        }
    }

    /// The line of an account is what it is now; what waits there is looked at.
    fn draw_line(&mut self, place: Place, caused: &mut Caused) {
        let line = self.credits.line(place);
        self.money.change(place, |account| account.line = line);
        self.freed(place, caused);
    }

    /// The close has come to an account: credit in use is told, and its line frozen. Returns how much it is.
    pub(super) fn ask_back(&mut self, place: Place, caused: &mut Caused) -> u64 {
        let Some(granted) = self.credits.granted.get(&place).cloned() else {
            return 0;
        };
        let used = self.money.get(place).map_or(0, super::account::Account::owed);
        let defaulted = self.default_of(place.0) == DefaultState::Confirmed;
        if used <= 0 || self.risk.is_tested(place.0) || defaulted {
            return 0;
        }
        let amount = u64::try_from(used).unwrap_or(u64::MAX);
        self.money.change(place, |account| account.frozen = true);
        let (proposer, id) = granted.proposal;
        let subject = ParticipantId(place.0);
        caused.notices.push(Notice {
            proposer,
            subject: (subject != proposer).then_some(subject),
            id,
            origin: granted.origin,
            status: Status::CreditUnpaid,
            amount,
            action: granted.action,
        });
        amount
    }
}
