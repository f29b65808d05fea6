//! `[netting]` of a node's configuration: when netting looks for what settles together, and how.
use causeway_engine::netting::{NettingConfig, NettingMode, Triggers};
use causeway_fx::{Currency, parse_amount};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::time::Duration;

use super::values::Within;

/// The section.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Netting {
    mode: Mode,
    budget_ms: Within<1, 10_000>,
    look_ms: Within<10, 3_600_000>,
    gridlock: bool,
    interval_seconds: Within<0, 86_400>,
    age_seconds: Within<0, 86_400>,
    queued_value: Values,
    certificates: Within<0, 10_000>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mode {
    Off,
    Fifo,
    Bypass,
}

/// Amounts of money, each of another currency.
#[derive(Debug, Default)]
struct Values(Vec<(u16, u128)>);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut values = Vec::new();
        for word in text.split_whitespace() {
            let (code, amount) = word.split_once(':').ok_or_else(|| {
                D::Error::custom(format!("{word}: is not CURRENCY:AMOUNT, like EUR:1000000.00"))
            })?;
            let currency = Currency::from_alpha(code).map_err(|error| D::Error::custom(error.to_string()))?;
            let amount = parse_amount(amount, currency)
                .map_err(|error| D::Error::custom(format!("{word}: {error}")))?;
            if values.iter().any(|(known, _)| *known == currency.numeric) {
                return Err(D::Error::custom(format!("{code}: stands there twice")));
            }
            values.push((currency.numeric, u128::from(amount)));
        }
        Ok(Self(values))
    }
}

impl Default for Netting {
    fn default() -> Self {
        Self {
            mode: Mode::Bypass,
            budget_ms: Within::new(50),
            look_ms: Within::new(200),
            gridlock: true,
            interval_seconds: Within::new(0),
            age_seconds: Within::new(0),
            queued_value: Values::default(),
            certificates: Within::new(100),
        }
    }
}

impl Netting {
    /// How many certificates are kept.
    pub fn certificates(&self) -> usize {
        self.certificates.get() as usize
    }

    /// What the engine is told.
    pub fn config(&self) -> NettingConfig {
        let seconds = |seconds: u64| (seconds != 0).then(|| Duration::from_secs(seconds));
        NettingConfig {
            mode: match self.mode {
                Mode::Off => NettingMode::Off,
                Mode::Fifo => NettingMode::Fifo,
                Mode::Bypass => NettingMode::Bypass,
            },
            budget: Duration::from_millis(self.budget_ms.get()),
            look: Duration::from_millis(self.look_ms.get()),
            triggers: Triggers {
                gridlock: self.gridlock,
                interval: seconds(self.interval_seconds.get()),
                age: seconds(self.age_seconds.get()),
                value: self.queued_value.0.clone(),
            },
        }
    }
}
