//! Rounding, and what it leaves over.

use ethnum::U256;
use std::hash::{Hash, Hasher};

/// How a fraction becomes a whole number. All modes look at the magnitude: what they do to an amount they do to
/// its negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// Towards zero.
    Down,
    /// Away from zero.
    Up,
    /// To the nearest, a tie to the even neighbour.
    HalfEven,
    /// To the nearest, a tie away from zero.
    HalfUp,
}

impl Rounding {
    /// All modes.
    pub const ALL: [Rounding; 4] = [Rounding::Down, Rounding::Up, Rounding::HalfEven, Rounding::HalfUp];

    /// Whether the magnitude `whole` and `rest / of` goes up.
    fn goes_up(self, whole: U256, rest: u128, of: u128) -> bool {
        // `rest` is below `of`, so that this does not overflow where twice `rest` might.
        let other = of.saturating_sub(rest);
        match self {
            Rounding::Down => false,
            Rounding::Up => rest > 0,
            Rounding::HalfUp => rest >= other,
            Rounding::HalfEven => rest > other || (rest == other && whole & 1 == 1),
        }
    }
}

/// What rounding left over, in units of the last digit that was kept: the exact value is what was kept plus this.
/// Of a magnitude below one; negative if what was kept is above the exact value. Told in lowest terms, which are only
/// looked for when they are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Remainder {
    left: i128,
    of: u128,
}

impl Remainder {
    /// The number above the line, with the sign.
    pub fn numerator(&self) -> i128 {
        self.lowest().0
    }

    /// The number below the line, above zero; one if nothing is left over.
    pub fn denominator(&self) -> u128 {
        self.lowest().1
    }

    /// True if nothing was rounded.
    pub const fn is_zero(&self) -> bool {
        self.left == 0
    }

    /// True if the value lay exactly between two neighbours.
    pub fn is_tie(&self) -> bool {
        let left = self.left.unsigned_abs();
        self.of.checked_sub(left) == Some(left)
    }

    /// The magnitude in millionths, rounded down.
    pub fn millionths(&self) -> u32 {
        const MILLION: u32 = 1_000_000;
        let (left, of) = (self.left.unsigned_abs(), self.of);
        let short = left.checked_mul(u128::from(MILLION));
        // Only what has more digits than an amount and a rate together.
        let long = || {
            U256::from(left)
                .checked_mul(U256::from(MILLION))?
                .checked_div(U256::from(of))
        };
        let whole = match short {
            Some(left) => left.checked_div(of),
            None => long().and_then(|whole| u128::try_from(whole).ok()),
        };
        whole.and_then(|whole| u32::try_from(whole).ok()).unwrap_or(0)
    }

    fn lowest(&self) -> (i128, u128) {
        let common = greatest_common_divisor(self.left.unsigned_abs(), self.of).max(1);
        // A divisor of a magnitude that an `i128` has is one itself.
        let signed = i128::try_from(common).unwrap_or(1);
        (
            self.left.checked_div(signed).unwrap_or(self.left),
            self.of.checked_div(common).unwrap_or(self.of),
        )
    }
}

impl PartialEq for Remainder {
    fn eq(&self, other: &Remainder) -> bool {
        self.lowest() == other.lowest()
    }
}

impl Eq for Remainder {}

impl Hash for Remainder {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.lowest().hash(state);
    }
}

/// Divides a magnitude and gives both results their sign. Nothing if the denominator is zero or above
/// `i128::MAX`, or the result does not fit.
pub(crate) fn divide(
    numerator: U256,
    denominator: u128,
    negative: bool,
    rounding: Rounding,
) -> Option<(i128, Remainder)> {
    let (whole, rest) = quotient(numerator, denominator)?;
    let (whole, left) = if rounding.goes_up(whole, rest, denominator) {
        let above = i128::try_from(denominator.checked_sub(rest)?).ok()?;
        (whole.checked_add(U256::ONE)?, above.checked_neg()?)
    } else {
        (whole, i128::try_from(rest).ok()?)
    };
    let kept = signed(u128::try_from(whole).ok()?, negative)?;
    let remainder = Remainder {
        left: if negative { left.checked_neg()? } else { left },
        of: denominator,
    };
    Some((kept, remainder))
}

/// Quotient and rest. Most amounts are short: division of 64 bits is many times faster than that of 256.
fn quotient(numerator: U256, denominator: u128) -> Option<(U256, u128)> {
    if let (Ok(numerator), Ok(denominator)) = (u64::try_from(numerator), u64::try_from(denominator)) {
        let whole = numerator.checked_div(denominator)?;
        let rest = numerator.checked_rem(denominator)?;
        return Some((U256::from(whole), u128::from(rest)));
    }
    if let Ok(numerator) = u128::try_from(numerator) {
        let whole = numerator.checked_div(denominator)?;
        let rest = numerator.checked_rem(denominator)?;
        return Some((U256::from(whole), rest));
    }
    let of = U256::from(denominator);
    let whole = numerator.checked_div(of)?;
    let rest = numerator.checked_rem(of)?;
    Some((whole, u128::try_from(rest).ok()?))
}

fn signed(magnitude: u128, negative: bool) -> Option<i128> {
    if negative {
        0_i128.checked_sub_unsigned(magnitude)
    } else {
        i128::try_from(magnitude).ok()
    }
}

/// Of zero and a number it is that number.
pub(crate) const fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        // Most rates are short: division of 64 bits is several times faster.
        if a >> 64 == 0 && b >> 64 == 0 {
            return short_divisor(a as u64, b as u64) as u128;
        }
        (a, b) = (b, a % b);
    }
    a
}

/// By halving and subtracting: no division at all.
const fn short_divisor(mut a: u64, mut b: u64) -> u64 {
    if a == 0 || b == 0 {
        return a | b;
    }
    let twos = (a | b).trailing_zeros();
    a >>= a.trailing_zeros();
    loop {
        b >>= b.trailing_zeros();
        if a > b {
            (a, b) = (b, a);
        }
        b -= a;
        if b == 0 {
            return a << twos;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Rounding::*;

    fn tenths(numerator: u128, negative: bool, rounding: Rounding) -> (i128, i128, u128) {
        let (kept, left) = divide(U256::from(numerator), 10, negative, rounding).unwrap();
        (kept, left.numerator(), left.denominator())
    }

    #[test]
    fn every_mode_rounds_the_magnitude_and_says_what_is_left() {
        for (numerator, rounding, expected) in [
            (19, Down, (1, 9, 10)),
            (11, Up, (2, -9, 10)),
            (20, Up, (2, 0, 1)),
            (14, HalfUp, (1, 2, 5)),
            (15, HalfUp, (2, -1, 2)),
            (15, HalfEven, (2, -1, 2)),
            (25, HalfEven, (2, 1, 2)),
            (26, HalfEven, (3, -2, 5)),
            (0, HalfUp, (0, 0, 1)),
        ] {
            let (kept, left, of) = expected;
            assert_eq!(
                tenths(numerator, false, rounding),
                expected,
                "{numerator} {rounding:?}"
            );
            assert_eq!(
                tenths(numerator, true, rounding),
                (-kept, -left, of),
                "-{numerator} {rounding:?}"
            );
        }
    }

    #[test]
    fn a_result_that_does_not_fit_is_none() {
        let most = U256::from(i128::MAX.unsigned_abs());
        assert!(divide(most, 1, false, Down).is_some());
        assert_eq!(divide(most + 1, 1, false, Down), None);
        assert_eq!(divide(most + 1, 1, true, Down).unwrap().0, i128::MIN);
        assert_eq!(divide(most + 2, 1, true, Down), None);
        assert_eq!(divide(most * 2 + 1, 2, false, Up), None);
        assert_eq!(divide(U256::MAX, 1, false, Down), None);
        assert_eq!(divide(most, 0, false, Down), None);
    }

    #[test]
    fn the_greatest_common_divisor_is_found_for_short_and_long_numbers() {
        assert_eq!(greatest_common_divisor(12, 18), 6);
        assert_eq!(greatest_common_divisor(0, 7), 7);
        assert_eq!(greatest_common_divisor(3 << 100, 9 << 90), 3 << 90);
        assert_eq!(greatest_common_divisor(u128::MAX, u128::MAX - 1), 1);
    }
}
