//! Checks a certificate against its case, and names the first thing that is wrong.
use super::{Certificate, Digest, Discipline, allowed, quality};
use crate::bound::Bound;
use crate::case::Case;
use crate::chosen::Chosen;
use crate::improve::misordered;
use crate::standing::Standing;
use crate::tests::Tests;

/// What is wrong with a certificate. Accounts, items and currencies are named by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is about another case.
    #[error("the inputs are not those of the case")]
    Inputs,
    /// Its parts do not have an entry for each account.
    #[error("not one {0} for each account")]
    Length(&'static str),
    /// An account lets pass what it did not opt in to, or shares no queue though it is under tests.
    #[error("account {0}: not a discipline that the account has")]
    Discipline(u32),
    /// An item that the case does not have.
    #[error("item {0} is unknown")]
    ItemUnknown(u32),
    /// Items that do not rise, so that one may be counted twice.
    #[error("item {0} is out of order")]
    ItemOrder(u32),
    /// A balance before that is not that of the case.
    #[error("account {0}: another balance before")]
    Before(u32),
    /// A balance after that does not follow from the items.
    #[error("account {0}: another balance after")]
    After(u32),
    /// Money appears or vanishes.
    #[error("currency {0}: the changes do not sum to zero")]
    Sum(u16),
    /// An account spends more than it may, breaks a sender limit or fails its tests.
    #[error("account {0} may not do what is chosen")]
    Short(u32),
    /// An item passed another that it may not pass.
    #[error("account {account}: item {item} passed one that it may not pass")]
    Passed {
        /// Account in whose queue both stand.
        account: u32,
        /// The one that passed.
        item: u32,
    },
    /// A value that is not that of the items.
    #[error("another value")]
    Value,
    /// Multipliers that do not prove the bound.
    #[error("the multipliers do not prove the bound")]
    Bound,
    /// More value than the bound allows.
    #[error("the value is above the bound")]
    AboveBound,
    /// A quality that is not value ÷ bound.
    #[error("another quality")]
    Quality,
    /// Something was changed after it was sealed.
    #[error("the seal does not fit")]
    Seal,
}

impl Certificate {
    /// Checks everything, without the engine: inputs, order, money, limits, tests, sums, value, bound and quality.
    pub fn verify(&self, case: &Case, tests: &impl Tests, digest: Digest) -> Result<(), Fault> {
        if self.inputs != digest(&case.to_bytes()) {
            return Err(Fault::Inputs);
        }
        self.check_lengths(case)?;
        self.check_discipline(case)?;
        self.check_items(case)?;
        let chosen = Chosen::of(case, self.chosen.iter().copied());
        self.check_balances(case, &chosen)?;
        let mut standing = Standing::new(case);
        chosen.iter().for_each(|item| standing.add(item));
        if let Some(account) = standing.misfit(tests) {
            return Err(Fault::Short(account));
        }
        self.check_order(case, &chosen)?;
        self.check_bound(case, &chosen)?;
        if self.seal == digest(&self.to_bytes()) {
            Ok(())
        } else {
            Err(Fault::Seal)
        }
    }

    fn check_lengths(&self, case: &Case) -> Result<(), Fault> {
        let accounts = case.accounts().len();
        let lengths = [
            ("discipline", self.discipline.len()),
            ("balance before", self.before.len()),
            ("balance after", self.after.len()),
            ("multiplier", self.bound.multipliers.len()),
        ];
        let wrong = lengths.into_iter().find(|(_, length)| *length != accounts);
        wrong.map_or(Ok(()), |(part, _)| Err(Fault::Length(part)))
    }

    fn check_discipline(&self, case: &Case) -> Result<(), Fault> {
        for (account, said) in (0..case.queues()).zip(&self.discipline) {
            let allowed = allowed(case, account);
            let stricter = allowed == Discipline::Bypass && *said == Discipline::Fifo;
            if *said != allowed && !stricter {
                return Err(Fault::Discipline(account));
            }
        }
        Ok(())
    }

    fn check_items(&self, case: &Case) -> Result<(), Fault> {
        if let Some(item) = self.chosen.iter().find(|item| **item as usize >= case.items()) {
            return Err(Fault::ItemUnknown(*item));
        }
        let falls = self.chosen.windows(2).find(|pair| pair[0] >= pair[1]);
        falls.map_or(Ok(()), |pair| Err(Fault::ItemOrder(pair[1])))
    }

    fn check_balances(&self, case: &Case, chosen: &Chosen) -> Result<(), Fault> {
        let after = chosen.balances(case);
        let mut sums = vec![0i128; chosen.moved(case).len()];
        for (account, held) in (0..case.queues()).zip(case.accounts()) {
            let at = account as usize;
            if self.before[at] != held.balance {
                return Err(Fault::Before(account));
            }
            if self.after[at] != after[at] {
                return Err(Fault::After(account));
            }
            sums[usize::from(held.currency)] += after[at] - held.balance;
        }
        let wrong = sums.iter().position(|sum| *sum != 0);
        wrong.map_or(Ok(()), |currency| Err(Fault::Sum(currency as u16)))
    }

    fn check_order(&self, case: &Case, chosen: &Chosen) -> Result<(), Fault> {
        let passes = |account: u32| self.discipline[account as usize] == Discipline::Bypass;
        let passed = misordered(case, chosen, &passes);
        passed.map_or(Ok(()), |(account, item)| Err(Fault::Passed { account, item }))
    }

    fn check_bound(&self, case: &Case, chosen: &Chosen) -> Result<(), Fault> {
        if self.value != chosen.value(case) {
            return Err(Fault::Value);
        }
        if Bound::prove(case, &self.bound.multipliers) != Some(self.bound.scaled) {
            return Err(Fault::Bound);
        }
        if self.value > self.bound.value() {
            return Err(Fault::AboveBound);
        }
        if self.quality != quality(self.value, self.bound.value()) {
            return Err(Fault::Quality);
        }
        Ok(())
    }
}
