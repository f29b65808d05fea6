//! Why a quote is not taken in, and why nothing is taken of it.

use crate::limits::{QUOTE_SCALE_MAX, QUOTE_TIERS_MAX, QUOTES_MAX, QUOTES_PER_PAIR_MAX};

/// Which rule a quote breaks, and where. Tiers are counted from zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QuoteError {
    /// Too few bytes, or too many.
    #[error("tiers: {found} bytes are there where {needed} are needed")]
    Length {
        /// Bytes given.
        found: usize,
        /// Bytes that the head and its count ask for.
        needed: usize,
    },
    /// Bytes that mean nothing and are not zero.
    #[error("tiers: the six bytes behind the count must be zero")]
    Padding,
    /// More digits than a price has.
    #[error("scale: {found} digits behind the point are too many, at most {QUOTE_SCALE_MAX} are carried")]
    Scale {
        /// Digits given.
        found: u8,
    },
    /// No tier, or too many.
    #[error("tiers: there are {found}, a quote has 1 to {QUOTE_TIERS_MAX}")]
    TierCount {
        /// Tiers given.
        found: usize,
    },
    /// A size that is no larger than the one before, or zero.
    #[error("tiers[{at}].up_to: it must be above zero and rise from tier to tier")]
    UpTo {
        /// The tier.
        at: usize,
    },
    /// A bid of zero. An ask of zero is below its bid.
    #[error("tiers[{at}].bid: it must be above zero")]
    NoBid {
        /// The tier.
        at: usize,
    },
    /// A bid above its ask.
    #[error("tiers[{at}].ask: it must not be below the bid")]
    Crossed {
        /// The tier.
        at: usize,
    },
    /// A larger size with a higher bid.
    #[error("tiers[{at}].bid: it must not rise from tier to tier")]
    BidRises {
        /// The tier.
        at: usize,
    },
    /// A larger size with a lower ask.
    #[error("tiers[{at}].ask: it must not fall from tier to tier")]
    AskFalls {
        /// The tier.
        at: usize,
    },
    /// The number that stands for no quote.
    #[error("number: it must be above zero")]
    NumberZero,
    /// A number that a live quote has.
    #[error("number: quote {number} is there already, each has its own")]
    NumberTwice {
        /// The number.
        number: u64,
    },
    /// No currency that can be settled.
    #[error("{field}: {numeric} is not the numeric code of an active currency with minor units")]
    Currency {
        /// `base` or `counter`.
        field: &'static str,
        /// The code given.
        numeric: u16,
    },
    /// One currency against itself.
    #[error("counter: it must not be the base")]
    SameCurrency,
    /// Nothing to buy or sell.
    #[error("left: it must be above zero")]
    NothingLeft,
    /// As many quotes of one provider for one pair as there may be.
    #[error("provider: it has {QUOTES_PER_PAIR_MAX} live quotes of the pair, and may have no more")]
    TooManyOfPair,
    /// As many quotes as there may be.
    #[error("quotes: {QUOTES_MAX} are live, and there may be no more")]
    TooMany,
}

/// Why nothing is taken of a quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TakeError {
    /// It is used up, withdrawn, expired, or never was.
    #[error("number: quote {number} is not there")]
    Gone {
        /// The number.
        number: u64,
    },
    /// More than is left.
    #[error("base_amount: {asked} is more than the {left} that quote {number} has left")]
    TooMuch {
        /// The number.
        number: u64,
        /// Minor units of base that are asked for.
        asked: u64,
        /// Minor units of base that are left.
        left: u64,
    },
}
