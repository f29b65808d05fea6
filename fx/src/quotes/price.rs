//! Prices of quotes, in exact order, and what they are worth to the customer.

use crate::amount::format_minor;
use crate::limits::QUOTE_SCALE_MAX;
use std::cmp::Ordering;
use std::fmt;

/// A decimal above zero: units of the counter currency for one unit of base. Prices of one value are equal, however
/// many zeros they end in.
#[derive(Debug, Clone, Copy)]
pub struct Price {
    mantissa: u64,
    scale: u8,
}

impl Price {
    /// `mantissa` with the last `scale` digits behind the point. Nothing for zero, or for more than
    /// [`QUOTE_SCALE_MAX`] digits.
    pub const fn new(mantissa: u64, scale: u8) -> Option<Price> {
        if mantissa == 0 || scale > QUOTE_SCALE_MAX {
            return None;
        }
        Some(Price { mantissa, scale })
    }

    /// The digits, above zero.
    pub const fn mantissa(self) -> u64 {
        self.mantissa
    }

    /// How many of them stand behind the point, at most [`QUOTE_SCALE_MAX`].
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// What the mantissa of a price of one would be.
    pub(super) const fn one(self) -> u64 {
        10_u64.pow(self.scale as u32)
    }
}

const _: () = assert!(10_u64.checked_pow(QUOTE_SCALE_MAX as u32).is_some());

impl Ord for Price {
    fn cmp(&self, other: &Price) -> Ordering {
        product(self.mantissa, other.one()).cmp(&product(other.mantissa, self.one()))
    }
}

impl PartialOrd for Price {
    fn partial_cmp(&self, other: &Price) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Price {
    fn eq(&self, other: &Price) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Price {}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_minor(i128::from(self.mantissa), self.scale))
    }
}

/// What the customer receives for one unit of what he gives: a bid, or one over an ask. The greater the better. Both
/// terms have 64 bits, so that fractions are compared exactly on 128.
#[derive(Debug, Clone, Copy)]
pub(super) struct Worth {
    up: u64,
    down: u64,
}

impl Worth {
    /// Of a bid when the customer sells base, else of an ask.
    pub(super) const fn of(price: Price, base_is_from: bool) -> Worth {
        let (up, down) = if base_is_from {
            (price.mantissa, price.one())
        } else {
            (price.one(), price.mantissa)
        };
        Worth { up, down }
    }
}

impl Ord for Worth {
    fn cmp(&self, other: &Worth) -> Ordering {
        product(self.up, other.down).cmp(&product(other.up, self.down))
    }
}

impl PartialOrd for Worth {
    fn partial_cmp(&self, other: &Worth) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Worth {
    fn eq(&self, other: &Worth) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Worth {}

const fn product(a: u64, b: u64) -> u128 {
    // The product of two numbers of 64 bits has 128.
    (a as u128).wrapping_mul(b as u128)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn price(mantissa: u64, scale: u8) -> Price {
        Price::new(mantissa, scale).unwrap()
    }

    #[test]
    fn prices_are_ordered_by_value_and_not_by_digits() {
        assert_eq!(price(11, 1), price(1_100, 3));
        assert!(price(11, 1) < price(1_101, 3));
        assert!(price(u64::MAX, 12) < price(18_446_745, 0));
        assert!(price(u64::MAX, 12) > price(18_446_744, 0));
        assert!(price(u64::MAX, 0) > price(u64::MAX - 1, 0));
        assert_eq!(price(10_857, 4).to_string(), "1.0857");
    }

    #[test]
    fn zero_and_too_many_digits_are_no_price() {
        assert!(Price::new(0, 0).is_none());
        assert!(Price::new(1, QUOTE_SCALE_MAX).is_some());
        assert!(Price::new(1, QUOTE_SCALE_MAX + 1).is_none());
    }

    #[test]
    fn a_bid_and_an_ask_of_the_other_orientation_are_compared_exactly() {
        // One over 3 against its nearest decimals.
        let third = Worth::of(price(3, 0), false);
        assert!(Worth::of(price(333_333_333_333, 12), true) < third);
        assert!(Worth::of(price(333_333_333_334, 12), true) > third);
        assert_eq!(Worth::of(price(125, 3), true), Worth::of(price(8, 0), false));
    }
}
