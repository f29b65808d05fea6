//! The straight way of the commonest record: a payment that carries nothing special, between accounts of which nothing
//! special is known. It only ever says yes: all else is judged rule by rule, which finds the first rule broken.
use causeway_message::Status;
use causeway_message::action::Phase;
use causeway_message::record::{Instruction, Kind, Priority, flags};

use super::{Batch, Came, Placed};
use crate::account::{Account, NONE};
use crate::apply::Ledger;
use crate::duplicate::fingerprint;

/// The version of the rules from which on this way and the rules agree: versions before it knew other forms.
const SINCE: u16 = 2;

/// True of a record in which nothing is set but parties, currency, amount, references, and flags that change nothing
/// about one that settles at once.
#[inline]
fn carries_nothing_special(record: &Instruction) -> bool {
    let zero = record.counter_amount.get() | record.quote.get() | u64::from(record.expires_at.get());
    let none = record.counter_currency.get() | record.value_date.get() | record.reserved.get();
    record.kind == Kind::Payment as u8
        && record.priority == Priority::Normal as u8
        && record.flags.get() & !flags::KNOWN_FIRST == 0
        && zero | u64::from(none) == 0
        && record.related == [0; 16]
}

/// True of an account that waits for nothing and has no limits, reservations, tests or holds.
#[inline]
fn is_unhindered(account: &Account) -> bool {
    account.queued == 0 && !account.held && !account.tested
}

impl Ledger {
    /// Settles a record if it is such a payment and nothing keeps it; otherwise nothing was changed.
    #[inline]
    pub(super) fn settle_plain(&mut self, batch: &Batch<'_>, came: &Came<'_>) -> Option<Placed> {
        let (debtor, creditor) = self.judge_plain(batch, came)?;
        // In what is shipped the first record of a batch speaks for the others: asking for each costs more than the way saves.
        if cfg!(debug_assertions) || came.ordinal == 0 {
            let rules = self.judge_by_rules(batch, came);
            assert!(
                rules == Ok((debtor, creditor)),
                "the straight way settles what the rules do not"
            );
        }
        self.accounts
            .settle(debtor, creditor, Priority::Normal, came.record.amount.get());
        self.accept(came.record);
        Some(Placed::new(Status::Settled))
    }

    /// The accounts of both parties, where the record settles at once.
    #[inline]
    fn judge_plain(&self, batch: &Batch<'_>, came: &Came<'_>) -> Option<(u32, u32)> {
        let record = came.record;
        let general = self.rules < SINCE || !self.fees.schedule.is_empty() || !came.extensions.is_empty();
        if general || !carries_nothing_special(record) || record.debtor.get() != batch.submitter.0 {
            return None;
        }
        let place = self.accounts.book(record.currency.get())?;
        let book = self.accounts.books().get(place)?;
        if book.phase != Phase::Open || book.customers_out {
            return None;
        }
        let debtor = self.accounts.find(record.debtor.get(), place)?;
        let creditor = self.accounts.find(record.creditor.get(), place)?;
        let (payer, payee) = (self.accounts.get(debtor), self.accounts.get(creditor));
        let amount = record.amount.get();
        let may = debtor != creditor
            && amount != 0
            && is_unhindered(payer)
            && is_unhindered(payee)
            && payer.desk == NONE
            && !payer.suspended
            && !payee.refuses
            && payer.available() >= i128::from(amount);
        let print = fingerprint(record);
        let alike = self.duplicates.seen(print) || self.queue.is_dated_alike(print);
        (may && !alike).then_some((debtor, creditor))
    }

    /// What the rules say of a payment that would settle at once: the same accounts, or why it does not.
    fn judge_by_rules(&self, batch: &Batch<'_>, came: &Came<'_>) -> Result<(u32, u32), Status> {
        let kind = self.judge_kind(came.record)?;
        let accounts = self.judge_payment(batch, kind, came)?;
        self.judge_day_of(came.record)?;
        let class = super::payment::class_of(came.record);
        let held = self.on_entry(accounts, class, came.record.amount.get())?;
        let waits = held.is_some() || self.is_dated(came.record) || self.is_early(came.extensions);
        if waits { Err(Status::Queued) } else { Ok(accounts) }
    }
}
