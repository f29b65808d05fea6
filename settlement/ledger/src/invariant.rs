//! What must hold after every entry. A ledger that breaks it stops.
use crate::apply::Ledger;

/// Entries between two full audits: the audit reads every account once.
const AUDIT_ENTRIES: u64 = 1_024;

impl Ledger {
    pub(crate) fn audit_sometimes(&self) {
        if self.index.is_multiple_of(AUDIT_ENTRIES) {
            self.audit();
        }
    }

    /// Checks conservation and the books of the queues.
    ///
    /// # Panics
    /// If money was made or lost, or a queue miscounts: the node must not go on.
    pub fn audit(&self) {
        let mut sums: Vec<i128> = self.accounts.books().iter().map(|book| book.liability).collect();
        let mut queued = 0u64;
        for account in self.accounts.all() {
            let book = self.accounts.book(account.currency);
            assert!(book.is_some(), "an account's currency is open");
            if let Some(book) = book {
                sums[book] += account.balance;
            }
            assert!(account.reserved >= 0, "a reservation is negative");
            assert!(
                (account.queued == 0) == (account.queue_head == crate::account::NONE),
                "a queue miscounts"
            );
            queued += u64::from(account.queued);
        }
        assert!(
            sums.iter().all(|sum| *sum == 0),
            "a currency does not sum to zero"
        );
        assert!(queued == u64::from(self.queue.len()), "the queues miscount");
    }
}
