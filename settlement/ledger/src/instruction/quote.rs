//! A firm two-sided quote of a liquidity provider: published, in place of another, or withdrawn.
use causeway_fx::quotes::{Quote, Tiers};
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{InstructionId, Status, mutated};

use super::{Batch, Came, Placed};
use crate::apply::Ledger;
use crate::limits::QUOTE_SECONDS_MAX;
use crate::market::{Pair, number_of, pair_of};

impl Ledger {
    pub(super) fn quote(&mut self, batch: &Batch<'_>, came: &Came<'_>) -> Result<Placed, Status> {
        let record = came.record;
        let tiers = self.judge_quote(batch, came)?;
        let (pair, provider) = (pair_of(record), batch.submitter.0);
        let named = InstructionId(record.related);
        let replaced = if named == NONE {
            None
        } else {
            Some(self.own_quote(provider, pair, named)?)
        };
        let Some(tiers) = tiers else {
            self.withdraw_quotes(provider, pair, replaced)?;
            return Ok(Placed::new(Status::Executed));
        };
        let before = replaced.and_then(|number| self.market.quotes.withdraw(number));
        let quote = Quote {
            number: number_of(self.index, came.ordinal),
            provider,
            base: pair.0,
            counter: pair.1,
            left: record.amount.get(),
            expires: u64::from(record.expires_at.get()),
            tiers,
        };
        if self.market.quotes.publish(quote).is_err() {
            // Its form was judged: only the bounds are left.
            if let Some(before) = before {
                let again = self.market.quotes.publish(before);
                assert!(again.is_ok(), "what was live fits");
            }
            return Err(Status::QueueFull);
        }
        if let Some(before) = before {
            self.forget_quote(before.number, provider, pair);
        }
        self.market.by_id.insert((provider, record.id()), quote.number);
        self.market.ids.insert(quote.number, record.id());
        self.count_quote(provider, pair, true);
        self.market.stirred = true;
        Ok(Placed::new(Status::Executed))
    }

    /// Every rule of the record but what it replaces and bounds; its tiers, unless it withdraws.
    fn judge_quote(&self, batch: &Batch<'_>, came: &Came<'_>) -> Result<Option<Tiers>, Status> {
        let record = came.record;
        self.judge_form(Kind::Quote, record, came.extensions)?;
        let tiers = extension::find(came.extensions, ExtensionType::Tiers);
        let withdraws = record.flags.get() & flags::DECLINE != 0;
        self.judge_horizon(record, QUOTE_SECONDS_MAX, withdraws)?;
        let exposure = self.market.exposures.get(&(batch.submitter.0, pair_of(record)));
        if !withdraws && exposure.is_none_or(|exposure| exposure.limit == 0) && !mutated!(AnyoneQuotes) {
            return Err(Status::NotAuthorised);
        }
        self.judge_own_pair(batch, record)?;
        tiers.map_or(Ok(None), |bytes| {
            Tiers::decode(bytes)
                .map(Some)
                .map_err(|_| Status::ExtensionInvalid)
        })
    }

    /// That the end of a record lies ahead, and not too far.
    pub(super) fn judge_horizon(&self, record: &Instruction, most: u64, none: bool) -> Result<(), Status> {
        if none {
            return Ok(());
        }
        let ahead = u64::from(record.expires_at.get()).saturating_sub(self.time.seconds());
        if ahead > most {
            return Err(Status::TimeInvalid);
        }
        Ok(())
    }

    /// That the record is about accounts of its submitter, which has one in each currency; its accounts.
    pub(super) fn judge_own_pair(
        &self,
        batch: &Batch<'_>,
        record: &Instruction,
    ) -> Result<(u32, u32), Status> {
        if record.debtor.get() != batch.submitter.0 {
            return Err(Status::NotAuthorised);
        }
        let (base, counter) = pair_of(record);
        let declines = record.flags.get() & flags::DECLINE != 0;
        if record.amount.get() == 0 && !declines {
            return Err(Status::AmountZero);
        }
        self.judge_currency(base)?;
        self.judge_currency(counter)?;
        let of = |currency| {
            let book = self.accounts.book(currency)?;
            self.accounts.find(batch.submitter.0, book)
        };
        let own = of(base).zip(of(counter)).ok_or(Status::DebtorUnknown)?;
        if self.accounts.get(own.0).suspended {
            return Err(Status::DebtorSuspended);
        }
        if !declines && self.is_over(record) {
            return Err(Status::Expired);
        }
        Ok(own)
    }

    /// Number of an own live quote of this orientation.
    fn own_quote(&self, provider: u32, pair: Pair, id: InstructionId) -> Result<u64, Status> {
        let number = self.market.by_id.get(&(provider, id)).copied();
        let quote = number.and_then(|number| self.market.quotes.get(number));
        let now = self.time.seconds();
        quote
            .filter(|quote| (quote.base, quote.counter) == pair && quote.expires > now)
            .map(|quote| quote.number)
            .ok_or(Status::QuoteUnknown)
    }

    fn withdraw_quotes(&mut self, provider: u32, pair: Pair, one: Option<u64>) -> Result<(), Status> {
        let now = self.time.seconds();
        let gone = match one {
            Some(number) => self.market.quotes.withdraw(number).into_iter().collect(),
            None => self.market.quotes.withdraw_all(provider, pair.0, pair.1),
        };
        let live = gone.iter().any(|quote| quote.expires > now);
        for quote in gone {
            self.forget_quote(quote.number, provider, pair);
        }
        if live { Ok(()) } else { Err(Status::QuoteUnknown) }
    }
}

const NONE: InstructionId = InstructionId([0; 16]);
