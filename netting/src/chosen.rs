//! A set of items of a case, and what it comes to.
use crate::case::{Builder, Case, CaseError, SenderLimit};

/// Items that settle together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    bits: Vec<u64>,
    len: usize,
}

impl Chosen {
    /// None of so many items.
    pub fn none(items: usize) -> Self {
        Self {
            bits: vec![0; items.div_ceil(64)],
            len: 0,
        }
    }

    /// These items of a case; numbers that no item has are left out.
    pub fn of(case: &Case, items: impl IntoIterator<Item = u32>) -> Self {
        let mut chosen = Self::none(case.items());
        items
            .into_iter()
            .filter(|item| (*item as usize) < case.items())
            .for_each(|item| {
                chosen.insert(item);
            });
        chosen
    }

    /// Adds an item; false if it was in already, or is too large a number.
    pub(crate) fn insert(&mut self, item: u32) -> bool {
        let bit = 1u64 << (item % 64);
        let Some(word) = self.bits.get_mut(item as usize / 64) else {
            return false;
        };
        let fresh = *word & bit == 0;
        *word |= bit;
        self.len += usize::from(fresh);
        fresh
    }

    pub(crate) fn remove(&mut self, item: u32) -> bool {
        let bit = 1u64 << (item % 64);
        let Some(word) = self.bits.get_mut(item as usize / 64) else {
            return false;
        };
        let was = *word & bit != 0;
        *word &= !bit;
        self.len -= usize::from(was);
        was
    }

    /// True if the item is chosen.
    pub fn contains(&self, item: u32) -> bool {
        self.bits
            .get(item as usize / 64)
            .is_some_and(|word| word & (1 << (item % 64)) != 0)
    }

    /// How many items.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// True if nothing is chosen.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Items, in order of arrival.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        let bits = |(at, word): (usize, &u64)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                left &= left.wrapping_sub(1);
                (bit < 64).then_some(at as u32 * 64 + bit)
            })
        };
        self.bits.iter().enumerate().flat_map(bits)
    }

    /// Sum of the values of the items ([`Case::value`]).
    pub fn value(&self, case: &Case) -> u128 {
        self.iter().map(|item| case.value(item)).sum()
    }

    /// What moves in each currency, in minor units, by number of the currency up to the largest.
    pub fn moved(&self, case: &Case) -> Vec<u128> {
        let currencies = case
            .accounts
            .iter()
            .map(|account| usize::from(account.currency) + 1)
            .max();
        let mut moved = vec![0; currencies.unwrap_or(0)];
        for leg in self.iter().flat_map(|item| case.legs(item)) {
            moved[usize::from(case.accounts[leg.debtor as usize].currency)] += u128::from(leg.amount);
        }
        moved
    }

    /// Balances after the items have settled, by account, in minor units.
    pub fn balances(&self, case: &Case) -> Vec<i128> {
        let mut balances: Vec<i128> = case.accounts.iter().map(|account| account.balance).collect();
        for leg in self.iter().flat_map(|item| case.legs(item)) {
            balances[leg.debtor as usize] -= i128::from(leg.amount);
            balances[leg.creditor as usize] += i128::from(leg.amount);
        }
        balances
    }
}

impl Case {
    /// The case that is left when items have settled: balances and rooms of sender limits after them, and the other
    /// items in the same order. Fails where a balance would be beyond what a case may hold.
    pub fn rest(&self, settled: &Chosen) -> Result<Self, CaseError> {
        let left = (0..self.items() as u32).filter(|item| !settled.contains(*item));
        self.after(settled, left)
    }

    /// The case of some items, rising, when others have settled.
    ///
    /// # Errors
    /// Where a balance would be beyond what a case may hold.
    pub fn after(&self, settled: &Chosen, items: impl IntoIterator<Item = u32>) -> Result<Self, CaseError> {
        let mut builder =
            self.same_accounts(&settled.balances(self), &crate::standing::uses(self, settled))?;
        items
            .into_iter()
            .map(|item| self.legs(item))
            .try_for_each(|legs| builder.item(legs).map(|_| ()))?;
        Ok(builder.build())
    }

    /// The case of these items only, in the same order, with all accounts as they are.
    pub fn only(&self, items: &Chosen) -> Result<Self, CaseError> {
        let balances: Vec<i128> = self.accounts.iter().map(|account| account.balance).collect();
        let mut builder = self.same_accounts(&balances, &vec![0; self.limits.len()])?;
        items
            .iter()
            .map(|item| self.legs(item))
            .try_for_each(|legs| builder.item(legs).map(|_| ()))?;
        Ok(builder.build())
    }

    fn same_accounts(&self, balances: &[i128], uses: &[i128]) -> Result<Builder, CaseError> {
        let mut builder = Builder::new();
        for (account, balance) in self.accounts.iter().zip(balances) {
            builder.account(crate::case::Account {
                balance: *balance,
                ..*account
            })?;
        }
        for (limit, used) in self.limits.iter().zip(uses) {
            builder.sender_limit(SenderLimit {
                room: limit.room - used,
                ..*limit
            })?;
        }
        self.under_tests()
            .for_each(|participant| builder.under_tests(participant));
        for (currency, weight) in self.weights.iter().enumerate() {
            builder.weight(currency as u16, *weight)?;
        }
        Ok(builder)
    }
}
