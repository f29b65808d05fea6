//! Firm quotes of liquidity providers, and how far each goes (PROTOCOL §24.1). A list that is searched.
use std::collections::BTreeMap;

use causeway_fx::Currency;
use causeway_fx::quotes::Tiers;
use causeway_message::exchange::SOURCE_BYTES_MAX;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Instruction, flags};
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::{Model, Origin, Place};
use crate::audit::input::Paper;

/// Live quotes of one provider in one orientation of a pair, and of all.
const QUOTES: usize = 16;
const QUOTES_IN_ALL: usize = 65_536;
/// Seconds that a quote lives at most.
const LIFE: u64 = 86_400;

/// Provider, base and counter.
pub(super) type Desk = (u32, u16, u16);

/// A quote.
#[derive(Debug, Clone)]
pub(super) struct Quote {
    pub number: u64,
    pub desk: Desk,
    id: InstructionId,
    pub tiers: Tiers,
    /// Minor units of base.
    pub left: u64,
    pub end: Timestamp,
}

/// How far a provider goes in an orientation of a pair, in minor units of base.
#[derive(Debug, Clone, Copy, Default)]
struct Exposure {
    limit: u64,
    /// Bought less sold since base last closed.
    used: i128,
}

/// A reference rate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fixing {
    pub rate: u64,
    pub scale: u8,
    pub time: u32,
    pub source: [u8; SOURCE_BYTES_MAX],
}

/// Quotes, exposures and reference rates.
#[derive(Debug, Default)]
pub(super) struct Quotes {
    live: BTreeMap<u64, Quote>,
    exposures: BTreeMap<Desk, Exposure>,
    pub fixings: BTreeMap<(u16, u16), Fixing>,
    /// Something happened for which all that await a quote are looked at.
    pub stirred: bool,
}

fn refuse(broken: bool, status: Status) -> Result<(), Status> {
    if broken { Err(status) } else { Ok(()) }
}

/// The number of a quote, or of a lock.
pub(super) fn number_of(origin: Origin) -> u64 {
    origin.0 * 8_192 + u64::from(origin.1)
}

const fn desk_of(record: &Instruction) -> Desk {
    (
        record.debtor.get(),
        record.currency.get(),
        record.counter_currency.get(),
    )
}

impl Quotes {
    /// An entry begins: what expired is no more.
    pub fn begin(&mut self, now: Timestamp) {
        self.live.retain(|_, quote| quote.end > now);
    }

    /// True if a quote of the participant lives.
    pub fn has_of(&self, who: u32) -> bool {
        self.live.values().any(|quote| quote.desk.0 == who)
    }

    /// All quotes of a participant are no more.
    pub fn withdraw_of(&mut self, who: u32) {
        self.live.retain(|_, quote| quote.desk.0 != who);
    }

    /// All that live, by number.
    pub fn live(&self) -> impl Iterator<Item = &Quote> {
        self.live.values()
    }

    /// So much base goes off a quote. One that is used up is no more.
    pub fn take(&mut self, number: u64, base: u64) {
        if let Some(quote) = self.live.get_mut(&number) {
            quote.left = quote.left.saturating_sub(base);
            if quote.left == 0 {
                self.live.remove(&number);
            }
        }
    }

    /// So much base is there again, if the quote lives still.
    pub fn restore(&mut self, number: u64, base: u64) {
        if let Some(quote) = self.live.get_mut(&number) {
            quote.left += base;
        }
    }

    /// The provider bought so much base, or with a negative amount sold it.
    pub fn expose(&mut self, desk: Desk, bought: i128) {
        self.exposures.entry(desk).or_default().used += bought;
    }

    /// True if the exposure stays within its limit, or comes nearer to zero.
    pub fn may_expose(&self, desk: Desk, bought: i128) -> bool {
        let own = self.exposures.get(&desk).copied().unwrap_or_default();
        let after = (own.used + bought).abs();
        after <= i128::from(own.limit) || after < own.used.abs()
    }

    /// Base closed.
    pub fn close(&mut self, currency: u16) {
        for (_, exposure) in self.exposures.iter_mut().filter(|(desk, _)| desk.1 == currency) {
            exposure.used = 0;
        }
    }

    /// Sets the reference rate of a pair, in one orientation.
    pub fn fix(&mut self, (base, counter): (u16, u16), fixing: Fixing) {
        self.fixings.remove(&(counter, base));
        self.fixings.insert((base, counter), fixing);
    }

    /// The live quotes of a desk: with an id that one.
    fn of(&self, desk: Desk, id: Option<InstructionId>) -> Vec<u64> {
        let own = self.live.values().filter(|quote| quote.desk == desk);
        own.filter(|quote| id.is_none_or(|id| quote.id == id))
            .map(|quote| quote.number)
            .collect()
    }
}

/// The quote that a record of kind 14 is about.
fn named(record: &Instruction) -> Option<InstructionId> {
    (record.related != [0; 16]).then_some(InstructionId(record.related))
}

impl Model {
    /// What stands against a record of kind 14 whose form holds.
    pub(super) fn judge_quote(&self, who: ParticipantId, paper: &Paper) -> Result<(), Status> {
        let record = &paper.record;
        let desk = desk_of(record);
        let withdraws = record.flags.get() & flags::DECLINE != 0;
        let end = Timestamp::from_seconds(record.expires_at.get());
        let far = u64::from(record.expires_at.get()) * 1_000_000_000 > self.time.0 + LIFE * 1_000_000_000;
        refuse(!withdraws && far, Status::TimeInvalid)?;
        refuse(record.debtor.get() != who.0, Status::NotAuthorised)?;
        let limit = self.quotes.exposures.get(&desk).map_or(0, |own| own.limit);
        refuse(!withdraws && limit == 0, Status::NotAuthorised)?;
        refuse(!withdraws && record.amount.get() == 0, Status::AmountZero)?;
        self.judge_two_accounts(record)?;
        refuse(self.is_suspended(record.debtor.get()), Status::DebtorSuspended)?;
        refuse(!withdraws && self.has_come(end), Status::Expired)?;
        let meant = self.quotes.of(desk, named(record));
        let named = named(record).is_some();
        refuse((withdraws || named) && meant.is_empty(), Status::QuoteUnknown)?;
        if withdraws {
            return Ok(());
        }
        let gone = usize::from(named);
        let full = self.quotes.of(desk, None).len() - gone >= QUOTES;
        refuse(
            full || self.quotes.live.len() - gone >= QUOTES_IN_ALL,
            Status::QueueFull,
        )
    }

    /// Both currencies are open, and the debtor has an account in each.
    pub(super) fn judge_two_accounts(&self, record: &Instruction) -> Result<(), Status> {
        let currencies = [record.currency.get(), record.counter_currency.get()];
        for currency in currencies {
            self.judge_currency(currency)?;
        }
        let lacks = |currency: &u16| self.money.get((record.debtor.get(), *currency)).is_none();
        refuse(currencies.iter().any(lacks), Status::DebtorUnknown)
    }

    /// Publishes a quote, or withdraws what is named (kind 14).
    pub(super) fn carry_out_quote(&mut self, paper: &Paper, origin: Origin) {
        let record = &paper.record;
        let desk = desk_of(record);
        let withdraws = record.flags.get() & flags::DECLINE != 0;
        if withdraws || named(record).is_some() {
            for number in self.quotes.of(desk, named(record)) {
                self.quotes.live.remove(&number);
            }
        }
        let bytes = extension::find(&paper.extensions, ExtensionType::Tiers);
        let tiers = bytes.and_then(|bytes| Tiers::decode(bytes).ok());
        let Some(tiers) = tiers.filter(|_| !withdraws) else {
            return;
        };
        let number = number_of(origin);
        let quote = Quote {
            number,
            desk,
            id: record.id(),
            tiers,
            left: record.amount.get(),
            end: Timestamp::from_seconds(record.expires_at.get()),
        };
        self.quotes.live.insert(number, quote);
        self.quotes.stirred = true;
    }

    pub(super) fn judge_exposure(
        &self,
        participant: ParticipantId,
        base: u16,
        counter: u16,
    ) -> Result<(), Status> {
        self.judge_account((participant.0, base))?;
        self.judge_account((participant.0, counter))?;
        refuse(base == counter, Status::ExposureInvalid)
    }

    pub(super) fn judge_fixing(base: u16, counter: u16, rate: u64) -> Result<(), Status> {
        let active = |currency| Currency::from_numeric(currency).is_some();
        let holds = base != counter && active(base) && active(counter) && rate != 0;
        refuse(!holds, Status::ExposureInvalid)
    }

    /// Sets how far a provider goes. Who goes nowhere has no quotes.
    pub(super) fn set_exposure(&mut self, desk: Desk, limit: u64) {
        self.quotes.exposures.entry(desk).or_default().limit = limit;
        if limit == 0 {
            self.quotes.live.retain(|_, quote| quote.desk != desk);
        }
        self.quotes.stirred = true;
    }

    /// An account got money: if its holder quotes what it pays from there, payments may have a quote now.
    pub(super) fn credited(&mut self, place: Place) {
        let pays = |quote: &Quote| {
            let (who, base, counter) = quote.desk;
            who == place.0 && (base == place.1 || counter == place.1)
        };
        if self.quotes.live().any(pays) {
            self.quotes.stirred = true;
        }
    }
}
