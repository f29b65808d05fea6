//! Conversion done the long way: by integers of any size, with nothing reduced and nothing bounded.

use causeway_fx::{Converted, Currency, Money, Rate, Rounding};
use num_bigint::{BigInt, BigUint, Sign};

/// A price as a fraction.
pub struct Fraction {
    pub base: &'static Currency,
    pub quote: &'static Currency,
    pub numerator: BigUint,
    pub denominator: BigUint,
}

/// The fraction of a rate's decimal, as it is written.
pub fn exact_rate(rate: &Rate) -> Fraction {
    Fraction {
        base: rate.base(),
        quote: rate.quote(),
        numerator: rate.value().mantissa().unsigned_abs().into(),
        denominator: BigUint::from(10_u8).pow(rate.value().scale()),
    }
}

/// The price of the first's quote in the second's quote; both have one base.
pub fn cross(first: &Fraction, second: &Fraction) -> Fraction {
    assert_eq!(first.base, second.base);
    Fraction {
        base: first.quote,
        quote: second.quote,
        numerator: &second.numerator * &first.denominator,
        denominator: &second.denominator * &first.numerator,
    }
}

pub struct Oracle {
    powers: Vec<BigUint>,
}

/// What a conversion must give.
pub struct Expected {
    money: BigInt,
    /// The exact value.
    numerator: BigInt,
    denominator: BigUint,
}

impl Oracle {
    pub fn new() -> Oracle {
        Oracle {
            powers: (0..=4).map(|digits| BigUint::from(10_u8).pow(digits)).collect(),
        }
    }

    fn power(&self, currency: &Currency) -> &BigUint {
        &self.powers[usize::from(currency.minor_units)]
    }

    pub fn convert(&self, amount: Money, rate: &Fraction, rounding: Rounding) -> Expected {
        let (to, up, down) = if amount.currency == rate.base {
            (rate.quote, &rate.numerator, &rate.denominator)
        } else {
            assert_eq!(amount.currency, rate.quote);
            (rate.base, &rate.denominator, &rate.numerator)
        };
        let numerator = BigUint::from(amount.minor.unsigned_abs()) * up * self.power(to);
        let denominator = down * self.power(amount.currency);
        // Floor of the value plus what a mode adds to it, instead of a look at the rest.
        let twice = &denominator * 2_u8;
        let whole = match rounding {
            Rounding::Down => &numerator / &denominator,
            Rounding::Up => (&numerator + &denominator - 1_u8) / &denominator,
            Rounding::HalfUp => (&numerator * 2_u8 + &denominator) / &twice,
            Rounding::HalfEven => {
                let above = &numerator * 2_u8 + &denominator;
                let whole = &above / &twice;
                let tie = &whole * &twice == above;
                if tie && whole.bit(0) { whole - 1_u8 } else { whole }
            }
        };
        let sign = if amount.minor < 0 { Sign::Minus } else { Sign::Plus };
        Expected {
            money: BigInt::from_biguint(sign, whole),
            numerator: BigInt::from_biguint(sign, numerator),
            denominator,
        }
    }
}

impl Expected {
    /// Whether the money carries the result.
    pub fn fits(&self) -> bool {
        i128::try_from(&self.money).is_ok()
    }

    /// The amount is the expected one, and with the remainder it is the exact value.
    #[track_caller]
    pub fn check(&self, converted: &Converted, what: &str) {
        let Converted { money, remainder } = converted;
        assert_eq!(BigInt::from(money.minor), self.money, "{what}");
        let below = BigInt::from(remainder.denominator());
        let kept = BigInt::from(money.minor) * &below + remainder.numerator();
        let denominator = BigInt::from_biguint(Sign::Plus, self.denominator.clone());
        assert_eq!(
            kept * denominator,
            &self.numerator * below,
            "{what}: {remainder:?}"
        );
    }
}
