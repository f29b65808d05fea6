//! An exact amount of one currency.

use crate::amount::format_minor;
use crate::currency::Currency;
use std::fmt;

/// An amount in minor units of its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units: cents for EUR, whole yen for JPY.
    pub minor: i128,
    /// The currency.
    pub currency: &'static Currency,
}

/// Why two amounts cannot be combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MoneyError {
    /// Different currencies.
    #[error("{left} and {right} cannot be combined: amounts must be in one currency")]
    CurrencyMismatch {
        /// Currency of the left side.
        left: &'static str,
        /// Currency of the right side.
        right: &'static str,
    },
    /// The result does not fit.
    #[error("the {currency} result does not fit 128 bits of minor units")]
    Overflow {
        /// Currency of both sides.
        currency: &'static str,
    },
    /// An amount below zero where the ledger carries none.
    #[error("the {currency} amount is negative: an amount that is settled is zero or more")]
    Negative {
        /// Its currency.
        currency: &'static str,
    },
    /// More minor units than the ledger carries.
    #[error(
        "the {currency} amount is too large: at most {} minor units are settled",
        u64::MAX
    )]
    TooLarge {
        /// Its currency.
        currency: &'static str,
    },
}

impl Money {
    /// An amount in minor units.
    pub const fn new(minor: i128, currency: &'static Currency) -> Money {
        Money { minor, currency }
    }

    /// The sum of two amounts of one currency.
    ///
    /// # Errors
    /// When the currencies differ or the result does not fit.
    pub fn checked_add(self, other: Money) -> Result<Money, MoneyError> {
        self.combine(other, i128::checked_add)
    }

    /// The difference of two amounts of one currency.
    ///
    /// # Errors
    /// When the currencies differ or the result does not fit.
    pub fn checked_sub(self, other: Money) -> Result<Money, MoneyError> {
        self.combine(other, i128::checked_sub)
    }

    /// The minor units as instructions and the ledger carry them.
    ///
    /// # Errors
    /// When the amount is negative or larger than 64 bits hold.
    pub fn settleable(self) -> Result<u64, MoneyError> {
        let currency = self.currency.alpha();
        if self.minor < 0 {
            return Err(MoneyError::Negative { currency });
        }
        u64::try_from(self.minor).map_err(|_| MoneyError::TooLarge { currency })
    }

    fn combine(self, other: Money, with: fn(i128, i128) -> Option<i128>) -> Result<Money, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch {
                left: self.currency.alpha(),
                right: other.currency.alpha(),
            });
        }
        let minor = with(self.minor, other.minor).ok_or(MoneyError::Overflow {
            currency: self.currency.alpha(),
        })?;
        Ok(Money {
            minor,
            currency: self.currency,
        })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}",
            format_minor(self.minor, self.currency.minor_units),
            self.currency
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: i128, code: &str) -> Money {
        Money::new(minor, Currency::from_alpha(code).unwrap())
    }

    #[test]
    fn money_is_shown_with_exactly_its_currencys_digits() {
        assert_eq!(money(123_450, "EUR").to_string(), "1234.50 EUR");
        assert_eq!(money(1_234, "JPY").to_string(), "1234 JPY");
        assert_eq!(money(-1_001, "KWD").to_string(), "-1.001 KWD");
        assert_eq!(money(1, "UYW").to_string(), "0.0001 UYW");
    }

    #[test]
    fn one_currency_adds_and_subtracts() {
        assert_eq!(money(2, "EUR").checked_add(money(3, "EUR")), Ok(money(5, "EUR")));
        assert_eq!(money(2, "EUR").checked_sub(money(3, "EUR")), Ok(money(-1, "EUR")));
    }

    #[test]
    fn two_currencies_never_combine() {
        let refused = money(2, "EUR").checked_add(money(3, "USD")).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "EUR and USD cannot be combined: amounts must be in one currency"
        );
    }

    #[test]
    fn only_what_the_ledger_carries_is_settleable() {
        let most = i128::from(u64::MAX);
        assert_eq!(money(0, "EUR").settleable(), Ok(0));
        assert_eq!(money(most, "EUR").settleable(), Ok(u64::MAX));
        let refused = |minor| money(minor, "EUR").settleable().unwrap_err();
        assert_eq!(refused(most + 1), MoneyError::TooLarge { currency: "EUR" });
        assert_eq!(refused(-1), MoneyError::Negative { currency: "EUR" });
    }

    #[test]
    fn an_overflow_is_an_error() {
        let overflow = Err(MoneyError::Overflow { currency: "EUR" });
        assert_eq!(money(i128::MAX, "EUR").checked_add(money(1, "EUR")), overflow);
        assert_eq!(money(i128::MIN, "EUR").checked_sub(money(1, "EUR")), overflow);
    }
}
