//! Intraday credit against collateral: what an account may owe beside its net debit cap, and what becomes of it at close.
//!
//! [`Account::cap`](crate::account::Account::cap) holds what is in force, cap and line together, so that the hot path
//! reads one number. What was granted, and what makes the line, is kept beside the accounts, for those that have any.
use std::collections::BTreeMap;

use causeway_message::action::{Action, DefaultState, Valuation};
use causeway_message::wire::{AssetLine, CreditLine, Credits};
use causeway_message::{InstructionId, ParticipantId, Status, mutated};

use crate::account::Accounts;
use crate::apply::Ledger;
use crate::outcome::{Notice, Outcome};

/// What secures an account. Minor units of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asset {
    pub value: u64,
    /// Millionths of the value that do not count.
    pub haircut: u32,
}

impl Asset {
    /// What counts of it, rounded down.
    pub fn counts(self) -> u64 {
        let whole = u128::from(Valuation::HAIRCUT_MAX);
        let kept = whole.saturating_sub(u128::from(self.haircut));
        // At most the value itself.
        (u128::from(self.value) * kept / whole) as u64
    }
}

/// The proposal by which a limit was set last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Granted {
    pub proposer: ParticipantId,
    pub id: InstructionId,
    pub entry: u64,
    pub ordinal: u16,
}

/// Credit of one account. Minor units of its currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Credit {
    /// The net debit cap as it was granted.
    pub cap: u64,
    pub limit: u64,
    /// By name.
    pub assets: BTreeMap<String, Asset>,
    /// `None` until a limit was set.
    pub granted: Option<Granted>,
}

impl Credit {
    /// What its collateral counts for.
    pub fn collateral(&self) -> u128 {
        self.assets.values().map(|asset| u128::from(asset.counts())).sum()
    }

    /// What is lent at most, if it is not frozen.
    pub fn line(&self) -> u64 {
        if mutated!(LineBeyondCollateral) {
            return self.limit;
        }
        u64::try_from(self.collateral()).map_or(self.limit, |counts| counts.min(self.limit))
    }

    /// Cap and line together, as far as they are in force.
    pub fn in_force(&self, frozen: bool) -> u64 {
        if frozen {
            self.cap
        } else {
            self.cap.saturating_add(self.line())
        }
    }
}

impl Accounts {
    /// The net debit cap of an account as it was granted.
    pub fn granted_cap(&self, id: u32) -> u64 {
        self.credit.get(&id).map_or(self.get(id).cap, |credit| credit.cap)
    }

    /// How far an account with a credit is below its granted cap.
    pub fn credit_in_use(&self, id: u32) -> i128 {
        self.credit
            .get(&id)
            .filter(|credit| credit.granted.is_some())
            .map_or(0, |credit| {
                (-i128::from(credit.cap) - self.get(id).balance).max(0)
            })
    }

    /// What is free of an account without its line.
    pub fn free_without_line(&self, id: u32) -> i128 {
        let account = self.get(id);
        if account.tested {
            return self.free(id);
        }
        self.free(id) - i128::from(account.cap - self.granted_cap(id).min(account.cap))
    }

    pub fn set_granted_cap(&mut self, id: u32, cap: u64) {
        match self.credit.get_mut(&id) {
            Some(credit) => {
                credit.cap = cap;
                self.renew_cap(id);
            }
            None => self.get_mut(id).cap = cap,
        }
    }

    /// Changes the credit of an account; it gets one if it has none.
    pub fn change_credit(&mut self, id: u32, change: impl FnOnce(&mut Credit)) {
        let cap = self.get(id).cap;
        let credit = self.credit.entry(id).or_insert_with(|| Credit {
            cap,
            ..Credit::default()
        });
        change(credit);
        self.renew_cap(id);
    }

    /// Puts what is in force into the account; ends a freeze that has no ground any more.
    pub fn renew_cap(&mut self, id: u32) {
        let Some(credit) = self.credit.get(&id) else {
            return;
        };
        let account = &self.all()[id as usize];
        let frozen = account.frozen && account.balance < -i128::from(credit.cap);
        let cap = credit.in_force(frozen);
        let account = self.get_mut(id);
        (account.frozen, account.cap) = (frozen, cap);
    }

    fn freeze(&mut self, id: u32) {
        self.get_mut(id).frozen = true;
        self.renew_cap(id);
    }
}

impl Ledger {
    /// The day of an account is over: credit in use should have been repaid. If it was not, who granted it and who owes
    /// it are told, and there is no more of it until it is.
    pub(crate) fn escalate_credit(&mut self, account: u32, out: &mut Outcome) {
        let used = self.accounts.credit_in_use(account);
        let state = self.accounts.get(account);
        let (participant, currency) = (ParticipantId(state.participant), state.currency);
        // What a defaulted member owes is asked back elsewhere.
        if used == 0 || state.tested || self.default_of(participant) == DefaultState::Confirmed {
            return;
        }
        let credit = self.accounts.credit.get(&account);
        let Some((granted, limit)) = credit.and_then(|credit| Some((credit.granted?, credit.limit))) else {
            return;
        };
        self.accounts.freeze(account);
        out.notices.push(Notice {
            proposer: granted.proposer,
            subject: Some(participant).filter(|subject| *subject != granted.proposer),
            id: granted.id,
            entry: granted.entry,
            ordinal: granted.ordinal,
            status: Status::CreditUnpaid,
            amount: u64::try_from(used).unwrap_or(u64::MAX),
            action: Action::SetCredit {
                participant,
                currency,
                limit,
            },
        });
    }
}

impl Ledger {
    /// Credit of a participant, of one currency or of all (zero).
    pub fn credits(&self, participant: ParticipantId, currency: u16) -> Credits {
        let (mut lines, mut assets) = (Vec::new(), Vec::new());
        for id in self.accounts.of(participant.0) {
            let account = self.accounts.get(id);
            let Some(credit) = self.accounts.credit.get(&id) else {
                continue;
            };
            if currency != 0 && account.currency != currency {
                continue;
            }
            lines.push(CreditLine {
                currency: account.currency,
                frozen: account.frozen,
                cap: credit.cap,
                limit: credit.limit,
                line: credit.line(),
                // At most 64 times 64 bits.
                collateral: credit.collateral() as i128,
                in_use: self.accounts.credit_in_use(id),
            });
            assets.extend(credit.assets.iter().map(|(name, asset)| AssetLine {
                currency: account.currency,
                haircut: asset.haircut,
                value: asset.value,
                counts: asset.counts(),
                asset: name.clone(),
            }));
        }
        Credits {
            index: self.index,
            lines,
            assets,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credit(limit: u64, assets: &[(u64, u32)]) -> Credit {
        let assets = assets
            .iter()
            .enumerate()
            .map(|(number, (value, haircut))| {
                let (value, haircut) = (*value, *haircut);
                (number.to_string(), Asset { value, haircut })
            })
            .collect();
        Credit {
            cap: 100,
            limit,
            assets,
            granted: None,
        }
    }

    #[test]
    fn the_line_is_the_limit_or_what_counts_of_the_collateral() {
        // 999 less 10 % is 899.1, of which 899 count.
        assert_eq!(credit(1_000, &[(999, 100_000)]).line(), 899);
        assert_eq!(credit(899, &[(999, 100_000), (1, 0)]).line(), 899);
        assert_eq!(credit(u64::MAX, &[(999, 100_000), (1, 0)]).line(), 900);
        assert_eq!(credit(1_000, &[(999, 1_000_000)]).line(), 0);
        assert_eq!(credit(1_000, &[]).line(), 0);
    }

    #[test]
    fn sums_beyond_sixty_four_bits_stop_at_the_limit() {
        let most = credit(u64::MAX, &[(u64::MAX, 0), (u64::MAX, 0)]);
        assert_eq!(most.line(), u64::MAX);
        assert_eq!((most.in_force(false), most.in_force(true)), (u64::MAX, 100));
    }
}
