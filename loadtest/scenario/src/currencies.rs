//! What is traded, how much of it, and what it is worth.
use causeway_fx::Currency;
use causeway_netting::limits::CASE_WEIGHT_MAX;

/// Largest amount, in dollars.
pub const AMOUNT_MAX: f64 = 15e9;

/// What a dollar counts for in a case of several currencies ([`Traded::weight`]).
pub const MICRO_DOLLARS: u64 = 1_000_000;

/// A currency with its share of the turnover and what it is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Traded {
    /// ISO 4217, three capital letters.
    pub code: &'static str,
    /// Share of the turnover in foreign exchange, of 200, as each trade has two currencies.
    pub share: f64,
    /// Units for a dollar.
    pub rate: f64,
}

const fn traded(code: &'static str, share: f64, rate: f64) -> Traded {
    Traded { code, share, rate }
}

/// The most traded first: shares after the triennial survey of the Bank for International Settlements, 2025, those
/// below two only in their order of size; reference rates of the European Central Bank of 2026-04-13, the dinars by
/// their pegs.
pub const TRADED: [Traded; 18] = [
    traded("USD", 89.0, 1.0),
    traded("EUR", 29.0, 0.8559),
    traded("JPY", 17.0, 159.83),
    traded("GBP", 10.0, 0.7451),
    traded("CNY", 8.5, 6.832),
    traded("CHF", 6.4, 0.7910),
    traded("CAD", 6.0, 1.3845),
    traded("AUD", 6.0, 1.4216),
    traded("HKD", 3.8, 7.832),
    traded("SGD", 2.0, 1.2763),
    traded("SEK", 1.0, 9.322),
    traded("KRW", 1.0, 1_489.95),
    traded("NOK", 1.0, 9.498),
    traded("NZD", 1.0, 1.7187),
    traded("INR", 1.0, 93.33),
    traded("MXN", 1.0, 17.39),
    traded("KWD", 0.1, 0.3072),
    traded("BHD", 0.1, 0.376),
];

impl Traded {
    /// The one with this code.
    pub fn find(code: &str) -> Option<Self> {
        TRADED.iter().find(|traded| traded.code == code).copied()
    }

    /// So many, the most traded first.
    pub fn most(count: usize) -> Vec<Self> {
        TRADED.iter().take(count).copied().collect()
    }

    /// Minor units for a dollar.
    pub fn minor_per_dollar(&self) -> f64 {
        let digits = Currency::from_alpha(self.code).map_or(2, |currency| currency.minor_units);
        self.rate * (0..digits).fold(1.0, |units, _| units * 10.0)
    }

    /// Dollars in minor units, at least one.
    pub fn minor(&self, dollars: f64) -> u64 {
        (dollars * self.minor_per_dollar()).round().max(1.0) as u64
    }

    /// Millionths of a dollar that one minor unit is worth.
    pub fn weight(&self) -> u64 {
        let weight = (MICRO_DOLLARS as f64 / self.minor_per_dollar()).round() as u64;
        weight.clamp(1, CASE_WEIGHT_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_a_currency_and_weighs_what_it_is_worth() {
        for traded in TRADED {
            assert!(Currency::from_alpha(traded.code).is_ok(), "{}", traded.code);
            let dollars = 1_000_000.0;
            let value = u128::from(traded.minor(dollars)) * u128::from(traded.weight());
            let expected = 1_000_000_u128 * u128::from(MICRO_DOLLARS);
            let off = value.abs_diff(expected) * 1_000 / expected;
            assert!(off <= 1, "{}: {value}", traded.code);
        }
        let weights = ["USD", "JPY", "KWD"].map(|code| Traded::find(code).map(|traded| traded.weight()));
        assert_eq!(weights, [Some(10_000), Some(6_257), Some(3_255)]);
        assert_eq!(Traded::find("XXX"), None);
    }
}
