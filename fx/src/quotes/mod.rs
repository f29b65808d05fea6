//! Firm quotes of liquidity providers, the book that keeps them, and the price of one amount.
//!
//! # The rules
//!
//! **Quote.** A [`Quote`] is two-sided: its provider buys and sells `base` against `counter` in one to eight tiers. A
//! [`Tier`] has a size, `up_to`, the largest single amount of base; a `bid`, the counter paid for one unit of base when
//! the customer sells base; and an `ask`, when he buys it. Prices are decimals above zero with at most twelve digits
//! behind the point. Sizes rise strictly from tier to tier, bids do not rise, asks do not fall, and no bid is above its
//! ask. `left` is how much base the quote still buys or sells in all; `expires` the second from which it holds no more;
//! `number` its place in time.
//!
//! **Tier of an amount.** The first whose `up_to` is at least the amount of base. Its price holds for the whole amount;
//! one provider fills a hop whole. Where the amount of base follows from the price, a quote serves by its first tier
//! that holds the amount which that tier's price makes, if it is that amount's tier. If no amount of base has the price
//! that would make it (counter that buys too much at one tier and too little for the next), the quote serves none.
//!
//! **Orientation.** A conversion from EUR to USD is filled by quotes of EUR/USD, where the customer sells base (from ×
//! bid), and by those of USD/EUR, where he buys it (from ÷ ask).
//!
//! **Rounding.** For a [fixed source](Fixed::Source) the customer gets the value rounded down; for a [fixed
//! target](Fixed::Target) he pays it rounded up. What that leaves, exactly, stays with the provider and is told with the
//! fill. A result of zero, or above 64 bits, is no fill.
//!
//! **Order.** The best price first, compared exactly between both orientations; of equal ones the quote with the smaller
//! number. A quote is passed over if it has expired, if it expires before the time until which the price is to hold, if
//! the amount of base is in none of its tiers or more than it has left, or if the caller says no
//! ([`May`]: the provider's funds, exposure and standing are his to know).
//!
//! **Bound.** For one hop at most [`QUOTES_LOOKED_MAX`](crate::limits::QUOTES_LOOKED_MAX) quotes are looked at, in the
//! order of their best prices, those of their first tiers. The fill is the best of these.
//!
//! **Route.** Direct; where the caller names a vehicle currency, through it as well, in two hops. Each hop is rounded to
//! its own currency's digits: for a fixed source forward, down at each; for a fixed target backward, up at each. Each
//! hop takes the best price for its amount. The route that is better for the customer is taken, who receives more or
//! pays less; of equal ones the direct one. The hops are of different pairs, so they never share what a quote has left.
//!
//! One more quote never makes a direct conversion worse. It may make one through a vehicle currency worse: an amount
//! between the hops that grows may need a tier of a worse price behind it.
//!
//! Nothing here reads a clock or iterates in an order that is not the rules' own. Every search costs a bounded number of
//! steps, whatever the quotes say.

mod best;
mod book;
mod error;
mod fill;
mod price;
mod tier;

pub use best::{May, Request, Route};
pub use book::Quotes;
pub use error::{QuoteError, TakeError};
pub use fill::{Fill, Fixed, spread};
pub use price::Price;
pub use tier::{Tier, Tiers};

/// A firm offer to buy and sell. [`Quotes::publish`] checks what the types leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// Unique, above zero, rising with time.
    pub number: u64,
    /// Who stands by it.
    pub provider: u32,
    /// Numeric code of the currency that is priced.
    pub base: u16,
    /// Numeric code of the currency of the prices.
    pub counter: u16,
    /// How much it still buys or sells in all, in minor units of base, above zero.
    pub left: u64,
    /// The second from which it holds no more.
    pub expires: u64,
    /// Prices by size.
    pub tiers: Tiers,
}
