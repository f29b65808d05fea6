//! What must hold after every entry. A ledger that breaks it stops.
use crate::apply::Ledger;

/// Entries between two full audits: the audit reads every account once.
const AUDIT_ENTRIES: u64 = 1_024;
/// No balance is that large: it would take more entries than a log can have. So no sum of two overflows.
const BALANCE_MAX: u128 = 1 << 120;

impl Ledger {
    pub(crate) fn audit_sometimes(&self) {
        if self.index.is_multiple_of(AUDIT_ENTRIES) {
            self.audit();
        }
    }

    /// Checks conservation, what is set aside, and the books of the queues.
    ///
    /// # Panics
    /// If money was made or lost, or a queue miscounts: the node must not go on.
    pub fn audit(&self) {
        let found = self.check();
        assert!(found.is_ok(), "{}", found.err().unwrap_or_default());
    }

    /// The same, for a state that comes from a file and may be anything.
    ///
    /// # Errors
    /// The first invariant that does not hold.
    pub fn check(&self) -> Result<(), &'static str> {
        let mut sums: Vec<i128> = self.accounts.books().iter().map(|book| book.liability).collect();
        let mut set_aside = vec![0_i128; self.accounts.all().len()];
        for defund in self.defunds.values() {
            let account = set_aside.get_mut(defund.account as usize);
            *account.ok_or("a defunding holds money of no account")? += i128::from(defund.amount);
        }
        for conditional in self.conditionals.values() {
            let account = set_aside.get_mut(conditional.payment.debtor as usize);
            *account.ok_or("a conditional payment holds money of no account")? +=
                i128::from(conditional.left);
        }
        for kept in self.market.locks.values().flat_map(|lock| &lock.kept) {
            let account = set_aside.get_mut(kept.account as usize);
            *account.ok_or("a lock holds money of no account")? += i128::from(kept.amount);
        }
        for pay_in in self.windows.values().flat_map(|window| window.pay_ins.values()) {
            let account = set_aside.get_mut(pay_in.debtor as usize);
            *account.ok_or("a pay-in holds money of no account")? += i128::from(pay_in.amount());
        }
        let mut queued = 0u64;
        for (id, (account, set_aside)) in self.accounts.all().iter().zip(set_aside).enumerate() {
            let sum = self
                .accounts
                .book(account.currency)
                .and_then(|book| sums.get_mut(book));
            let sum = sum.ok_or("an account's currency is not open")?;
            if account.balance.unsigned_abs() > BALANCE_MAX {
                return Err("a balance is beyond all bounds");
            }
            *sum = sum
                .checked_add(account.balance)
                .ok_or("a currency's sum is beyond all bounds")?;
            if account.reserved != set_aside {
                return Err("what is set aside is not what is being defunded or waits for a condition");
            }
            let listed = self
                .accounts
                .desk(id as u32)
                .map_or(0, |desk| desk.queues.iter().map(|list| list.len).sum());
            if account.queued != listed {
                return Err("a queue miscounts");
            }
            queued += u64::from(account.queued);
            let credit = self.accounts.credit.get(&(id as u32));
            let in_force = credit.map_or(account.cap, |credit| credit.in_force(account.frozen));
            let unpaid = credit.is_some_and(|credit| account.balance < -i128::from(credit.cap));
            if account.cap != in_force || (account.frozen && !unpaid) {
                return Err("a credit line is not what collateral and limit give");
            }
        }
        if sums.iter().any(|sum| *sum != 0) {
            return Err("a currency does not sum to zero");
        }
        let aside = self.queue.aside().count() + self.queue.trades_aside().count();
        if !self.queue.dates_are_kept() {
            return Err("what waits for its value date is not found by it");
        }
        if queued + aside as u64 != u64::from(self.queue.len()) {
            return Err("the queues miscount");
        }
        Ok(())
    }
}
