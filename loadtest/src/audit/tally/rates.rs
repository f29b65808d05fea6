//! Conversion: each hop is the exact value, rounded in favour of its provider and told with what was left over.
use causeway_fx::Currency;
use causeway_message::exchange::{Hop, Priced};
use ethnum::{I256, U256};

use super::seen::Heard;
use crate::audit::fault::{Fault, Rule, hold, same};

fn ten_to(count: u32) -> U256 {
    (0..count).fold(U256::ONE, |all, _| all * U256::from(10_u32))
}

fn digits(currency: u16) -> u32 {
    Currency::from_numeric(currency).map_or(0, |found| found.minor_units.into())
}

/// An amount `f` of minor units of `from` and `t` of `to` are worth the same if `f` times the first is `t` times the
/// second.
fn factors(priced: &Priced, from: u16, to: u16) -> (U256, U256) {
    let rate = U256::from(priced.rate);
    let point = ten_to(priced.scale.into());
    let (finer_to, finer_from) = (ten_to(digits(to)), ten_to(digits(from)));
    if priced.base_is_from {
        (rate * finer_to, point * finer_from)
    } else {
        (point * finer_to, rate * finer_from)
    }
}

/// Holds the hops to their rates, and their spreads to the references that they name.
pub fn check(told: &Heard, entry: u64) -> Result<(), Fault> {
    for hop in &told.exchange.hops {
        let at = || format!("log entry {entry}: exchange {:?}: {hop:?}", told.mark.origin);
        let (f, t) = factors(&hop.priced, hop.from.0, hop.to.0);
        let (got, paid) = (U256::from(hop.from.1) * f, U256::from(hop.to.1) * t);
        // The provider gets no less than it pays, and less than one minor unit more.
        let unit = if told.exchange.fixed_target { f } else { t };
        let exact = hop.priced.rate > 0 && got >= paid && got - paid < unit;
        hold(exact && hop.from.1 > 0 && hop.to.1 > 0, Rule::Conversion, at)?;
        let left = (got - paid) * U256::from(1_000_000_u32) / unit;
        same(Rule::Conversion, &left, &U256::from(hop.remainder), at)?;
        check_spread(hop, at)?;
    }
    Ok(())
}

fn check_spread(hop: &Hop, at: impl Fn() -> String) -> Result<(), Fault> {
    let Some(reference) = &hop.reference else {
        return Ok(());
    };
    let (f, t) = factors(&reference.priced, hop.from.0, hop.to.0);
    // Twice as much as it is off must be no more than one unit; of two halves the even one.
    let worth = (U256::from(hop.from.1) * f).as_i256();
    let told = I256::from(hop.to.1) + I256::from(reference.spread);
    let fits = worth / t.as_i256() - I256::from(hop.to.1) < I256::from(i64::MAX);
    let off = (worth - told * t.as_i256()) * I256::from(2);
    let (unit, even) = (t.as_i256(), told % I256::from(2) == I256::ZERO);
    let nearest = off < unit && off > -unit || even && (off == unit || off == -unit);
    hold(!fits || nearest, Rule::Conversion, || format!("{}: spread", at()))
}
