//! A payment in one currency: settles at once, waits in its account's queue, or is rejected.
use causeway_fx::Currency;
use causeway_message::record::{Instruction, flags};
use causeway_message::time::Timestamp;
use causeway_message::{Status, mutated};

use super::{Batch, Placed, extensions_hold};
use crate::apply::Ledger;
use crate::due::Due;
use crate::outcome::Outcome;
use crate::queue::Waiting;

impl Ledger {
    pub(super) fn payment(
        &mut self,
        batch: &Batch,
        record: &Instruction,
        extensions: &[u8],
        ordinal: u16,
        out: &mut Outcome,
    ) -> Placed {
        let (debtor, creditor) = match self.judge_payment(batch, record, extensions) {
            Ok(accounts) => accounts,
            Err(status) => return Placed::rejected(status),
        };
        let account = self.accounts.get(debtor);
        // Entry rule: it settles at once only if nothing waits before it in that account.
        if (account.queued == 0 || mutated!(Overtake))
            && account.available() >= i128::from(record.amount.get())
        {
            self.accounts.transfer(debtor, creditor, record.amount.get());
            self.credited(creditor, out);
            return Placed {
                status: Status::Settled,
                queue_position: 0,
            };
        }
        if record.flags.get() & flags::SETTLE_OR_REJECT != 0 {
            return Placed::rejected(Status::InsufficientLiquidity);
        }
        if self.queue.len() >= self.queue_capacity {
            return Placed::rejected(Status::QueueFull);
        }
        let waiting = Waiting::new(
            record,
            extensions,
            batch.submitter,
            (self.index, ordinal),
            (debtor, creditor),
        );
        let place = self.queue.push(&mut self.accounts, waiting);
        if record.expires_at.get() != 0 {
            let due = Due::Payment {
                entry: self.index,
                ordinal,
                place,
            };
            self.due
                .add(Timestamp::from_seconds(record.expires_at.get()), due);
        }
        Placed {
            status: Status::Queued,
            queue_position: self.accounts.get(debtor).queued + u32::from(mutated!(QueuePosition)),
        }
    }

    /// Every rule but liquidity; the accounts of debtor and creditor if all hold.
    fn judge_payment(
        &self,
        batch: &Batch,
        record: &Instruction,
        extensions: &[u8],
    ) -> Result<(u32, u32), Status> {
        let counter =
            record.counter_amount.get() | record.quote.get() | u64::from(record.counter_currency.get());
        if counter != 0 || record.related != [0; 16] {
            return Err(Status::Malformed);
        }
        if record.flags.get() & !flags::KNOWN != 0 {
            return Err(Status::FlagsUnknown);
        }
        if record.priority != 0 {
            return Err(Status::PriorityUnknown);
        }
        if !extensions.is_empty() && !extensions_hold(extensions) {
            return Err(Status::ExtensionInvalid);
        }
        let (debtor, creditor) = (record.debtor.get(), record.creditor.get());
        if debtor != batch.submitter.0 {
            return Err(Status::NotAuthorised);
        }
        if record.amount.get() == 0 {
            return Err(Status::AmountZero);
        }
        if debtor == creditor {
            return Err(Status::SameParty);
        }
        let Some(book) = self.accounts.book(record.currency.get()) else {
            return Err(match Currency::from_numeric(record.currency.get()) {
                Some(_) => Status::CurrencyNotOpen,
                None => Status::CurrencyUnknown,
            });
        };
        let from = self.accounts.find(debtor, book).ok_or(Status::DebtorUnknown)?;
        let to = self
            .accounts
            .find(creditor, book)
            .ok_or(Status::CreditorUnknown)?;
        if self.accounts.get(from).suspended && !mutated!(SuspendedPays) {
            return Err(Status::DebtorSuspended);
        }
        if self.accounts.get(to).suspended {
            return Err(Status::CreditorSuspended);
        }
        let value_date = u64::from(record.value_date.get());
        if value_date != 0 && value_date != batch.today {
            return Err(Status::ValueDateClosed);
        }
        if self.is_over(record) && !mutated!(LiveOn) {
            return Err(Status::Expired);
        }
        Ok((from, to))
    }

    /// True if the record's own time is over. Judged by the time of the entry, not by the sweep.
    pub(super) fn is_over(&self, record: &Instruction) -> bool {
        let expires = record.expires_at.get();
        expires != 0 && Timestamp::from_seconds(expires) <= self.time
    }
}
