//! Exchanges between words and records: FX payments, quote locks, and what the feed proves that they came to.
use causeway_fx::{Currency, format_minor};
use causeway_message::exchange::{Exchange, Hop, Reference};
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::time::Timestamp;
use causeway_message::{ParticipantId, Status};
use serde::Serialize;

use super::rate;
use super::words::{self, Names};

/// Digits behind the point in which a remainder is told, beyond those of its currency.
const REMAINDER_DIGITS: u8 = 6;

/// True for a payment that arrives in another currency.
pub const fn is_fx(record: &Instruction) -> bool {
    record.kind == Kind::FxPayment as u8
}

/// True for a lock of quotes.
pub const fn is_lock(record: &Instruction) -> bool {
    record.kind == Kind::QuoteLock as u8
}

/// True if what arrives is fixed.
pub fn is_fixed_target(record: &Instruction) -> bool {
    record.flags.get() & flags::FIXED_TARGET != 0
}

/// What a record asks for, the fixed side first.
pub fn asks(record: &Instruction) -> String {
    let paid = words::money(record.amount.get().into(), record.currency.get());
    let counter = record.counter_currency.get();
    let arrives = words::money(record.counter_amount.get().into(), counter);
    match (is_fixed_target(record), record.counter_amount.get()) {
        (true, _) => format!("{arrives} for at most {paid}"),
        (false, 0) => format!("{paid} for {}", words::code(counter)),
        (false, _) => format!("{paid} for at least {arrives}"),
    }
}

/// What an exchange came to.
#[derive(Debug, Clone, Serialize)]
pub struct ExchangeJson {
    /// `source` if what is paid was fixed, `target` if what arrives was.
    pub fixed: &'static str,
    /// What the debtor pays in all, the fee included.
    pub paid: String,
    paid_currency: String,
    /// What arrives at the creditor.
    pub received: String,
    received_currency: String,
    /// Part of what is paid that is a fee.
    pub fee: String,
    /// Number of the lock that is made or used.
    pub lock: Option<u64>,
    /// Each conversion, in order.
    pub hops: Vec<HopJson>,
}

/// One conversion.
#[derive(Debug, Clone, Serialize)]
pub struct HopJson {
    /// Who converted.
    pub provider: String,
    from_amount: String,
    from_currency: String,
    to_amount: String,
    to_currency: String,
    /// Like `1 EUR = 1.0850 USD`.
    pub rate: String,
    /// Number of the quote.
    pub quote: u64,
    /// What rounding left with the provider, rounded down to millionths of a minor unit.
    remainder: String,
    remainder_currency: String,
    /// The reference rate of the pair, if there is one.
    pub reference: Option<ReferenceJson>,
}

/// What a conversion is compared with.
#[derive(Debug, Clone, Serialize)]
pub struct ReferenceJson {
    rate: String,
    /// Who fixed it.
    pub source: String,
    /// When.
    pub time: String,
    /// What it gives more than the conversion gave, in `spread_currency`; below zero if less.
    pub spread: String,
    spread_currency: String,
    spread_millionths: Option<i64>,
    #[serde(skip)]
    less: Option<bool>,
}

/// Text with zeros behind it.
pub fn source(bytes: &[u8]) -> String {
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(text).into_owned()
}

impl ReferenceJson {
    fn new(hop: &Hop, reference: &Reference) -> Self {
        let (to, spread) = (hop.to.0, reference.spread);
        Self {
            rate: rate::sentence(&reference.priced, hop.from.0, to),
            source: source(&reference.source),
            time: Timestamp::from_seconds(reference.time).to_text(),
            spread: words::decimal(spread.into(), to),
            spread_currency: words::code(to),
            spread_millionths: hop.spread_millionths(),
            less: (spread != 0).then_some(spread > 0),
        }
    }

    /// The spread in words.
    pub fn spread_text(&self) -> String {
        let amount = self.spread.trim_start_matches('-');
        let than = match self.less {
            Some(true) => "less than at the reference rate",
            Some(false) => "more than at the reference rate",
            None => "as at the reference rate",
        };
        let millionths = self
            .spread_millionths
            .map_or_else(String::new, |share| format!(", {share} millionths"));
        format!("{amount} {} {than}{millionths}", self.spread_currency)
    }
}

impl HopJson {
    fn new(hop: &Hop, fixed_target: bool, names: &Names) -> Self {
        let ((from, from_amount), (to, to_amount)) = (hop.from, hop.to);
        let rounded = if fixed_target { from } else { to };
        let digits = Currency::from_numeric(rounded).map_or(0, |currency| currency.minor_units);
        Self {
            provider: names.of(hop.provider),
            from_amount: words::decimal(from_amount.into(), from),
            from_currency: words::code(from),
            to_amount: words::decimal(to_amount.into(), to),
            to_currency: words::code(to),
            rate: rate::sentence(&hop.priced, from, to),
            quote: hop.quote,
            remainder: format_minor(hop.remainder.into(), digits + REMAINDER_DIGITS),
            remainder_currency: words::code(rounded),
            reference: hop
                .reference
                .as_ref()
                .map(|reference| ReferenceJson::new(hop, reference)),
        }
    }

    /// Who pays what for what at which rate: of a payment that settled, or of a lock, by which nothing moves.
    pub fn sentence(&self) -> String {
        format!(
            "{} gets {} {} and pays {} {}, at {} (quote {})",
            self.provider,
            self.from_amount,
            self.from_currency,
            self.to_amount,
            self.to_currency,
            self.rate,
            self.quote
        )
    }
}

impl ExchangeJson {
    /// Of what an event tells.
    pub fn new(exchange: &Exchange, record: &Instruction, names: &Names) -> Self {
        let (from, to) = (record.currency.get(), record.counter_currency.get());
        let fixed_target = exchange.fixed_target;
        let hop = |hop| HopJson::new(hop, fixed_target, names);
        Self {
            fixed: if fixed_target { "target" } else { "source" },
            paid: words::decimal(exchange.paid().into(), from),
            paid_currency: words::code(from),
            received: words::decimal(exchange.received().into(), to),
            received_currency: words::code(to),
            fee: words::decimal(exchange.fee.into(), from),
            lock: (exchange.lock != 0).then_some(exchange.lock),
            hops: exchange.hops.iter().map(hop).collect(),
        }
    }

    /// What is paid in all.
    pub fn paid_text(&self) -> String {
        format!("{} {}", self.paid, self.paid_currency)
    }

    /// What arrives.
    pub fn received_text(&self) -> String {
        format!("{} {}", self.received, self.received_currency)
    }

    /// All rates, in order.
    pub fn rates(&self) -> String {
        let rates: Vec<&str> = self.hops.iter().map(|hop| hop.rate.as_str()).collect();
        rates.join(", then ")
    }

    /// What one provider of it got and paid, by its name.
    pub fn provided_text(&self, provider: &str) -> String {
        let own = self.hops.iter().filter(|hop| hop.provider == provider);
        own.map(HopJson::sentence).collect::<Vec<_>>().join("; ")
    }

    /// Lines for people: what each number is, and the number.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let mark = |fixed| if self.fixed == fixed { ", as fixed" } else { "" };
        let mut lines = vec![
            ("pays", format!("{}{}", self.paid_text(), mark("source"))),
            (
                "of it fee",
                format!("{} {}, not converted", self.fee, self.paid_currency),
            ),
        ];
        for hop in &self.hops {
            lines.push(("converts", hop.sentence()));
            if let Some(reference) = &hop.reference {
                let ReferenceJson {
                    rate, source, time, ..
                } = reference;
                lines.push(("  reference", format!("{rate}, fixed by {source} at {time}")));
                lines.push(("  spread", reference.spread_text()));
            }
            let left = format!(
                "{} {} of rounding, left with {}",
                hop.remainder, hop.remainder_currency, hop.provider
            );
            lines.push(("  remainder", left));
        }
        lines.push(("arrives", format!("{}{}", self.received_text(), mark("target"))));
        lines
    }
}

/// What a provider of an exchange paid and got over all its hops, each in minor units and ISO numeric code.
pub fn provided(exchange: &Exchange, provider: ParticipantId) -> ((u64, u16), (u64, u16)) {
    let mut own = exchange.hops.iter().filter(|hop| hop.provider == provider);
    let first = own.next();
    // Two hops of one provider meet in the vehicle currency, which stays with it.
    let last = own.next().or(first);
    let got = first.map_or((0, 0), |hop| (hop.from.1, hop.from.0));
    (last.map_or((0, 0), |hop| (hop.to.1, hop.to.0)), got)
}

/// What a lock of quotes is now.
pub fn lock_text(exchange: &Exchange, status: Option<Status>) -> String {
    let number = exchange.lock;
    match status {
        Some(Status::SetAside) => format!("quotes locked as {number}"),
        Some(Status::Executed) => format!("lock {number} used"),
        Some(Status::Expired) => format!("lock {number} expired"),
        other => format!(
            "lock {number}: {}",
            other.map_or("unknown status", Status::meaning)
        ),
    }
}
