//! What an exchange came to, as it is stored and printed: what was paid, what arrived, and each rate on the way.
use crate::listen::amount_text;
use crate::route::Routes;
use causeway_fx::format_minor;
use causeway_message::exchange::{Exchange, Hop, Priced};
use causeway_message::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What the debtor paid and the creditor received, and how one became the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchanged {
    /// Currency that the debtor paid.
    pub paid_currency: String,
    /// Minor units that the debtor paid in all, the fee included.
    pub paid: u64,
    /// The same with the digits of its currency.
    pub paid_text: String,
    /// Currency that arrived.
    pub received_currency: String,
    /// Minor units that arrived.
    pub received: u64,
    /// The same with the digits of its currency.
    pub received_text: String,
    /// Minor units of what was paid that went to the collector of fees.
    pub fee: u64,
    /// `target` if what arrives was fixed, `source` if what is paid was.
    pub fixed: String,
    /// Number of the quote lock that was used or made, if there is one.
    pub lock: Option<u64>,
    /// One conversion for each provider, in order.
    pub hops: Vec<Conversion>,
}

/// One conversion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversion {
    /// Who converted.
    pub provider: String,
    /// Currency that the provider got.
    pub from_currency: String,
    /// Minor units that it got.
    pub from: u64,
    /// Currency that it paid.
    pub to_currency: String,
    /// Minor units that it paid.
    pub to: u64,
    /// Number of its quote.
    pub quote: u64,
    /// Its price, with its direction: `1 EUR = 1.085250 USD`.
    pub rate: String,
    /// Millionths of a minor unit that rounding left with the provider.
    pub remainder_millionths: u32,
    /// The reference rate of the pair, if there is one.
    pub reference: Option<Reference>,
}

/// The rate that a conversion is compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// With its direction, as [`Conversion::rate`].
    pub rate: String,
    /// When it was fixed.
    pub time: String,
    /// Who fixed it.
    pub source: String,
    /// What the conversion cost against it: minor units of what the provider paid.
    pub spread: i64,
}

impl Exchanged {
    /// What a block of the feed says.
    pub fn of(exchange: &Exchange, routes: &Routes) -> Exchanged {
        let currency = |hop: Option<&Hop>, of: fn(&Hop) -> u16| hop.map_or(0, of);
        let (first, last) = (exchange.hops.first(), exchange.hops.last());
        let (paid_text, paid_currency) = amount_text(exchange.paid(), currency(first, |hop| hop.from.0));
        let (received_text, received_currency) =
            amount_text(exchange.received(), currency(last, |hop| hop.to.0));
        Exchanged {
            paid_currency,
            paid: exchange.paid(),
            paid_text,
            received_currency,
            received: exchange.received(),
            received_text,
            fee: exchange.fee,
            fixed: if exchange.fixed_target { "target" } else { "source" }.to_owned(),
            lock: (exchange.lock != 0).then_some(exchange.lock),
            hops: exchange.hops.iter().map(|hop| conversion(hop, routes)).collect(),
        }
    }

    /// The rates in one line.
    pub fn rates(&self) -> String {
        let rates: Vec<&str> = self.hops.iter().map(|hop| hop.rate.as_str()).collect();
        rates.join(", ")
    }
}

fn conversion(hop: &Hop, routes: &Routes) -> Conversion {
    let (_, from_currency) = amount_text(hop.from.1, hop.from.0);
    let (_, to_currency) = amount_text(hop.to.1, hop.to.0);
    let rate = |priced: &Priced| {
        let (base, quote) = if priced.base_is_from {
            (&from_currency, &to_currency)
        } else {
            (&to_currency, &from_currency)
        };
        let number = format_minor(i128::from(priced.rate), priced.scale);
        format!("1 {base} = {number} {quote}")
    };
    let reference = hop.reference.as_ref().map(|reference| Reference {
        rate: rate(&reference.priced),
        time: Timestamp::from_seconds(reference.time).to_text(),
        source: source(&reference.source),
        spread: reference.spread,
    });
    Conversion {
        provider: routes.name(hop.provider),
        rate: rate(&hop.priced),
        from: hop.from.1,
        to: hop.to.1,
        from_currency,
        to_currency,
        quote: hop.quote,
        remainder_millionths: hop.remainder,
        reference,
    }
}

/// Text with zeros behind it.
fn source(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches('\0').to_owned()
}
