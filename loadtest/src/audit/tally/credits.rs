//! Credit against collateral, as events tell it: nobody owes more than cap and line, a line that was not repaid at
//! close gives nothing until it is, and who owes it then is told how much.
use std::collections::BTreeMap;

use causeway_message::action::Action;
use causeway_message::{ParticipantId, Status};

use super::seen::{Ended, Seen};
use super::{Key, Tally};
use crate::audit::fault::{Fault, Rule, hold, same};
use crate::audit::model::Place;

/// Credit of one account.
#[derive(Debug, Default)]
struct Credit {
    /// What counts of each asset.
    assets: BTreeMap<String, u128>,
    limit: u64,
    granted: Option<Key>,
    /// It was told of at a close, and the balance has not come back to the cap since.
    frozen: bool,
    /// Largest line that it had in the entry under way.
    widest: u64,
}

impl Credit {
    fn line(&self) -> u64 {
        let counts: u128 = self.assets.values().sum();
        counts.min(u128::from(self.limit)) as u64
    }
}

/// Credit of all accounts that have any.
#[derive(Debug, Default)]
pub struct Credits(BTreeMap<Place, Credit>);

impl Credits {
    /// What an account may have owed beyond its cap in the entry under way.
    pub fn widest(&self, place: Place) -> u64 {
        self.0.get(&place).map_or(0, |credit| credit.widest)
    }

    pub(super) fn executed(&mut self, ended: &Ended) {
        match &ended.action {
            Action::SetCollateral {
                participant,
                currency,
                asset,
                value,
                haircut,
            } => {
                let own = self.0.entry((participant.0, *currency)).or_default();
                let cut = u128::from(*value) * u128::from(*haircut);
                // What does not count is rounded up.
                let counts = u128::from(*value) - cut.div_ceil(1_000_000);
                own.assets.insert(asset.clone(), counts);
                if *value == 0 {
                    own.assets.remove(asset);
                }
                own.widest = own.widest.max(own.line());
            }
            Action::SetCredit {
                participant,
                currency,
                limit,
            } => {
                let own = self.0.entry((participant.0, *currency)).or_default();
                own.limit = *limit;
                own.granted = Some((ended.proposer, ended.id));
                own.widest = own.widest.max(own.line());
            }
            _ => {}
        }
    }
}

impl Tally {
    /// Before an entry: who has repaid may draw on the line again. Who was paid and paid in one entry may have repaid in
    /// between.
    pub(super) fn begin_credits(&mut self) {
        for (place, own) in &mut self.credits.0 {
            let account = self.accounts.get(place);
            own.frozen &= account.is_some_and(|account| {
                account.balance < -i128::from(account.cap)
                    && !(account.fed && (account.drawn || account.released))
            });
            own.widest = own.line();
        }
    }

    /// A line that is frozen covers nothing, unless it was thawed in the entry: then something came in, or the cap rose.
    pub(super) fn check_frozen(&self, entry: u64) -> Result<(), Fault> {
        for (place, _) in self.credits.0.iter().filter(|(_, own)| own.frozen) {
            let Some(account) = self.accounts.get(place).filter(|account| account.drawn) else {
                continue;
            };
            let available = account.balance + i128::from(account.widest_cap) - account.reserved;
            let free = account.fed || self.risk.was_tested(place.0);
            hold(available >= 0 || free, Rule::Credit, || {
                format!("log entry {entry}: {place:?} draws on a line that it has not repaid")
            })?;
        }
        Ok(())
    }

    /// Credit that was not repaid is told by the limit set last, to both, with what was in use.
    pub(super) fn check_unpaid(&mut self, seen: &Seen) -> Result<(), Fault> {
        let entry = seen.entry;
        for ended in &seen.unpaid {
            let at = || format!("log entry {entry}: {:?} is not repaid", ended.action);
            let Action::SetCredit {
                participant,
                currency,
                ..
            } = ended.action
            else {
                return Err(Fault::new(Rule::Credit, at()));
            };
            let place = (participant.0, currency);
            hold(self.closed.contains(&currency), Rule::Credit, at)?;
            let key: (ParticipantId, _) = (ended.proposer, ended.id);
            let granted = self.credits.0.get(&place).and_then(|own| own.granted);
            same(Rule::Credit, &granted, &Some(key), at)?;
            let told = seen
                .unpaid_by
                .iter()
                .filter(|(whom, other)| *whom == participant && other == ended);
            let others = usize::from(participant != ended.proposer);
            same(Rule::Credit, &others, &told.count(), at)?;
            let account = self.accounts.get(&place);
            let used = account.map_or(0, |own| -i128::from(own.cap) - own.balance);
            let still = account.is_some_and(|own| !own.drawn && !own.released && !own.fed);
            hold(!still || used == i128::from(ended.amount), Rule::Credit, at)?;
            if let Some(own) = self.credits.0.get_mut(&place) {
                own.frozen = true;
            }
        }
        same(
            Rule::Credit,
            &seen.unpaid_by.len(),
            &seen
                .unpaid
                .iter()
                .filter(|ended| owes(ended) != Some(ended.proposer))
                .count(),
            || format!("log entry {entry}: who is told of unpaid credit"),
        )?;
        let unpaid = |ended: &Ended| ended.status == Status::CreditUnpaid;
        hold(seen.unpaid.iter().all(unpaid), Rule::Credit, || {
            format!("log entry {entry}")
        })
    }
}

fn owes(ended: &Ended) -> Option<ParticipantId> {
    match ended.action {
        Action::SetCredit { participant, .. } => Some(participant),
        _ => None,
    }
}
