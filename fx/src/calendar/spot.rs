//! How many business days each pair takes from trade to spot.

use super::error::{CalendarError, Rule};
use super::format::{form, size};
use crate::Currency;
use crate::limits::{SPOT_DAYS_MAX, SPOT_PAIRS_MAX};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Business days from trade to spot: a default, and the pairs that differ from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpotDays {
    default: u16,
    pairs: BTreeMap<(&'static str, &'static str), u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSpot {
    default_days: u16,
    #[serde(default)]
    pairs: Vec<RawPair>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPair {
    base: String,
    quote: String,
    days: u16,
}

/// What errors call the text.
const NAME: &str = "spot days";

impl SpotDays {
    /// Reads `default_days` and `[[pairs]]` with `base`, `quote` and `days`. The order within a pair does not matter.
    ///
    /// # Errors
    /// When the text breaks a rule of the format; the error names field and rule.
    pub fn parse(text: &str) -> Result<SpotDays, CalendarError> {
        let fail = |field: String, rule| CalendarError {
            calendar: NAME.to_owned(),
            field,
            rule,
        };
        size(text).map_err(|rule| fail("text".to_owned(), rule))?;
        let raw: RawSpot =
            toml::from_str(text).map_err(|error| fail("text".to_owned(), form(text, &error)))?;
        let days = |days| match days {
            0..=SPOT_DAYS_MAX => Ok(days),
            _ => Err(Rule::SpotDays(days)),
        };
        let default = days(raw.default_days).map_err(|rule| fail("default_days".to_owned(), rule))?;
        let max = SPOT_PAIRS_MAX;
        if raw.pairs.len() > max {
            return Err(fail("pairs".to_owned(), Rule::TooMany { what: "pairs", max }));
        }
        let mut pairs = BTreeMap::new();
        for (at, pair) in raw.pairs.iter().enumerate() {
            let here = |field: &str, rule| fail(format!("pairs[{at}]{field}"), rule);
            let [base, quote] = [("base", &pair.base), ("quote", &pair.quote)].map(|(field, code)| {
                Currency::from_alpha(code).map_err(|error| here(&format!(".{field}"), error.into()))
            });
            let (base, quote) = (base?.alpha(), quote?.alpha());
            if base == quote {
                return Err(here("", Rule::OneCurrency(base)));
            }
            let own = days(pair.days).map_err(|rule| here(".days", rule))?;
            if pairs.insert(key(base, quote), own).is_some() {
                return Err(here("", Rule::Twice(format!("{base}/{quote}"))));
            }
        }
        Ok(SpotDays { default, pairs })
    }

    /// Business days from trade to spot for a pair, in either order.
    pub fn of(&self, base: &Currency, quote: &Currency) -> u16 {
        let own = self.pairs.get(&key(base.alpha(), quote.alpha()));
        own.copied().unwrap_or(self.default)
    }
}

fn key<'a>(base: &'a str, quote: &'a str) -> (&'a str, &'a str) {
    if base <= quote {
        (base, quote)
    } else {
        (quote, base)
    }
}
