//! A currency of ISO 4217 and how to find it by its codes.

use crate::table::{ACTIVE, TABLE};
use crate::unsettled::{RETIRED, WITHOUT_MINOR_UNITS};
use std::fmt;

/// An active currency that has minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency {
    alpha: &'static str,
    /// The numeric code, 1 to 999.
    pub numeric: u16,
    /// Digits after the decimal point: 0, 2, 3 or 4.
    pub minor_units: u8,
    /// The name in the official list.
    pub name: &'static str,
}

/// Why a code names no currency that can be settled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CurrencyError {
    /// Not three capital letters.
    #[error("currency code {code:?} is malformed: ISO 4217 codes are three capital letters A to Z")]
    Malformed {
        /// The code as given, shortened.
        code: String,
    },
    /// A code of ISO 4217 without minor units.
    #[error(
        "currency {code} has no minor units in ISO 4217 (metals, funds and test codes cannot be settled)"
    )]
    NoMinorUnits {
        /// The code.
        code: &'static str,
    },
    /// A historic code.
    #[error("currency {code} is retired: withdrawn from ISO 4217 in {withdrawn}")]
    Retired {
        /// The code.
        code: &'static str,
        /// When it was withdrawn, in the words of the official list: `2002-03` or `1989 to 1990`.
        withdrawn: &'static str,
    },
    /// Not a code of ISO 4217.
    #[error("currency {code} is unknown: it is not a code of ISO 4217")]
    Unknown {
        /// The code.
        code: String,
    },
}

/// Position in [`TABLE`] plus one by numeric code; zero where no currency has the code.
static BY_NUMERIC: [u8; 1000] = index_by_numeric();

const fn index_by_numeric() -> [u8; 1000] {
    let mut index = [0_u8; 1000];
    let mut at = 0;
    while at < TABLE.len() {
        index[TABLE[at].numeric as usize] = at as u8 + 1;
        at += 1;
    }
    index
}

const _: () = assert!(TABLE.len() < u8::MAX as usize, "positions must fit one byte");

/// Longest part of a malformed code that an error repeats.
const QUOTED_CHARS_MAX: usize = 16;

impl Currency {
    /// A row of the table.
    pub(crate) const fn entry(
        alpha: &'static str,
        numeric: u16,
        minor_units: u8,
        name: &'static str,
    ) -> Currency {
        Currency {
            alpha,
            numeric,
            minor_units,
            name,
        }
    }

    /// The alphabetic code, three capital letters.
    pub const fn alpha(&self) -> &'static str {
        self.alpha
    }

    /// The currency with this numeric code.
    pub fn from_numeric(numeric: u16) -> Option<&'static Currency> {
        let position = *BY_NUMERIC.get(usize::from(numeric))?;
        ACTIVE.get(usize::from(position).checked_sub(1)?)
    }

    /// The currency with this alphabetic code.
    ///
    /// # Errors
    /// When the code is malformed, unknown, retired, or has no minor units.
    pub fn from_alpha(code: &str) -> Result<&'static Currency, CurrencyError> {
        if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(CurrencyError::Malformed {
                code: code.chars().take(QUOTED_CHARS_MAX).collect(),
            });
        }
        let active = ACTIVE.binary_search_by(|row| row.alpha.cmp(code)).ok();
        if let Some(currency) = active.and_then(|at| ACTIVE.get(at)) {
            return Ok(currency);
        }
        if let Some(code) = WITHOUT_MINOR_UNITS.iter().find(|row| **row == code) {
            return Err(CurrencyError::NoMinorUnits { code });
        }
        match RETIRED.iter().find(|(row, _)| *row == code) {
            Some(&(code, withdrawn)) => Err(CurrencyError::Retired { code, withdrawn }),
            None => Err(CurrencyError::Unknown {
                code: code.to_owned(),
            }),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.alpha)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_row_is_found_by_both_codes() {
        assert!(ACTIVE.is_sorted_by(|a, b| a.alpha < b.alpha));
        for row in ACTIVE {
            assert_eq!(Currency::from_alpha(row.alpha), Ok(row));
            assert_eq!(
                Currency::from_numeric(row.numeric),
                Some(row),
                "{row}: numeric codes are unique"
            );
            assert!([0, 2, 3, 4].contains(&row.minor_units), "{row}");
        }
    }

    #[test]
    fn minor_units_follow_the_official_list() {
        for (code, numeric, units) in [
            ("JPY", 392, 0),
            ("EUR", 978, 2),
            ("ALL", 8, 2),
            ("KWD", 414, 3),
            ("CLF", 990, 4),
        ] {
            let currency = Currency::from_alpha(code).unwrap();
            assert_eq!(
                (currency.numeric, currency.minor_units),
                (numeric, units),
                "{code}"
            );
        }
    }

    #[test]
    fn numeric_codes_without_a_currency_find_nothing() {
        for numeric in [0, 1, 959, 999, 1000, u16::MAX] {
            assert_eq!(Currency::from_numeric(numeric), None, "{numeric}");
        }
    }

    #[test]
    fn each_kind_of_unusable_code_has_its_own_reason() {
        let reason = |code| Currency::from_alpha(code).unwrap_err().to_string();
        for code in ["XAU", "XAG", "XDR", "XXX", "XTS", "XBA"] {
            let expected = format!(
                "currency {code} has no minor units in ISO 4217 (metals, funds and test codes cannot be settled)"
            );
            assert_eq!(reason(code), expected);
        }
        assert_eq!(
            reason("DEM"),
            "currency DEM is retired: withdrawn from ISO 4217 in 2002-03"
        );
        assert_eq!(
            reason("HRK"),
            "currency HRK is retired: withdrawn from ISO 4217 in 2023-01"
        );
        assert_eq!(
            reason("QQQ"),
            "currency QQQ is unknown: it is not a code of ISO 4217"
        );
        for malformed in ["", "eur", "EU", "EURO", "E1R", " EUR", "€UR"] {
            assert!(matches!(
                Currency::from_alpha(malformed),
                Err(CurrencyError::Malformed { .. })
            ));
        }
    }

    #[test]
    fn a_long_malformed_code_is_not_repeated_whole() {
        let reason = Currency::from_alpha(&"é".repeat(10_000)).unwrap_err().to_string();
        assert!(reason.len() < 200, "{reason}");
    }
}
