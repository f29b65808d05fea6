//! A day to be drawn, as a TOML file describes it.
use causeway_netting::case::Priority;
use causeway_netting::day::time;
use serde::Deserialize;
use std::fmt;

use crate::currencies::{AMOUNT_MAX, TRADED, Traded};
use crate::limits::{ACCOUNTS_MAX, BANKS_MAX, ITEMS_MAX, MONEY_SHARE_MAX, MU, SIGMA_MAX};
use crate::queue::Setup;

/// A time of the day in milliseconds since midnight, written `HH:MM:SS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Clock(pub u32);

impl TryFrom<String> for Clock {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let millis = time::parse(&text);
        millis
            .map(Self)
            .ok_or_else(|| format!("`{text}` is no time of day: HH:MM:SS"))
    }
}

/// What to draw. Banks are counted by size: 1 is the largest.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, in a sentence.
    pub about: String,
    /// Banks, of sizes after Pareto.
    pub banks: u32,
    /// How many of the largest the others deal through; 0: all deal with all.
    #[serde(default)]
    pub core: u32,
    /// Payments and trades of the day.
    pub items: u32,
    /// Codes of the currencies.
    pub currencies: Vec<String>,
    /// Share of items that are trades, 0 to 1.
    pub trades: f64,
    /// Natural logarithm of the middle amount in dollars.
    pub mu: f64,
    /// Spread of the logarithms.
    pub sigma: f64,
    /// Opening balance of an account as a share of what it would pay over the day.
    pub liquidity: f64,
    /// And as a share of what it would pay more than it would get: at 1 what it holds is enough for the whole day,
    /// though not at every time of it.
    #[serde(default)]
    pub cover: f64,
    /// How far an account may go below zero, as a share of what it would pay.
    #[serde(default)]
    pub limit: f64,
    /// Share of urgent items, 0 to 1.
    #[serde(default)]
    pub urgent: f64,
    /// Share of high items, 0 to 1.
    #[serde(default)]
    pub high: f64,
    /// When the day begins.
    pub open: Clock,
    /// When it ends.
    pub close: Clock,
    /// The same seed gives the same day.
    pub seed: u64,
    /// A bank that receives but does not send for some time.
    pub outage: Option<Outage>,
    /// A bank that holds the liquidity of the others.
    pub hub: Option<Hub>,
    /// One payment far beyond what its debtor holds.
    pub giant: Option<Giant>,
    /// Much that comes shortly before the close.
    pub surge: Option<Surge>,
}

/// A bank that stops sending: what it would have sent meanwhile comes when it is back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// Which.
    pub bank: u32,
    /// When it stops.
    pub from: Clock,
    /// When it is back.
    pub until: Clock,
}

/// A bank that holds what the others would.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hub {
    /// Which.
    pub bank: u32,
    /// Share of every other bank's opening balances that it holds instead, 0 to 1.
    pub share: f64,
}

/// One payment in the first currency, for which no opening balance was made.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Giant {
    /// Who pays.
    pub debtor: u32,
    /// Who is paid.
    pub creditor: u32,
    /// When it comes.
    pub at: Clock,
    /// How much, in dollars.
    pub dollars: f64,
    /// `urgent`, `high` or `normal`.
    pub class: Class,
}

/// A share of all items that comes within the last minutes.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surge {
    /// Share of all items, 0 to 1.
    pub share: f64,
    /// Minutes before the close.
    pub minutes: u32,
}

/// Class of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Before all others.
    Urgent,
    /// Before normal ones.
    High,
    /// Last.
    Normal,
}

impl From<Class> for Priority {
    fn from(class: Class) -> Self {
        match class {
            Class::Urgent => Self::Urgent,
            Class::High => Self::High,
            Class::Normal => Self::Normal,
        }
    }
}

/// What is wrong with a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormError {
    /// Line of the file, from 1, where it is known.
    pub line: Option<usize>,
    /// The field, where it is known.
    pub field: &'static str,
    /// The rule that is broken.
    pub rule: String,
}

impl fmt::Display for FormError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if !self.field.is_empty() {
            write!(f, "{}: ", self.field)?;
        }
        f.write_str(&self.rule)
    }
}

impl std::error::Error for FormError {}

fn held(holds: bool, field: &'static str, rule: impl FnOnce() -> String) -> Result<(), FormError> {
    if holds {
        return Ok(());
    }
    Err(FormError {
        line: None,
        field,
        rule: rule(),
    })
}

fn within(value: f64, range: std::ops::RangeInclusive<f64>, field: &'static str) -> Result<(), FormError> {
    held(range.contains(&value), field, || {
        format!("must be {} to {}", range.start(), range.end())
    })
}

impl Scenario {
    /// Reads a scenario; a field that is not known is an error.
    pub fn parse(text: &str) -> Result<Self, FormError> {
        let scenario: Self = toml::from_str(text).map_err(|error: toml::de::Error| {
            // What is missing in the whole file has no line.
            let missing = error.message().starts_with("missing field");
            let span = error.span().filter(|span| !(missing && span.start == 0));
            let before = span.and_then(|span| text.get(..span.start));
            FormError {
                line: before.map(|before| before.matches('\n').count() + 1),
                field: "",
                rule: error.message().to_owned(),
            }
        })?;
        scenario.check()?;
        Ok(scenario)
    }

    fn check(&self) -> Result<(), FormError> {
        held((2..=BANKS_MAX).contains(&self.banks), "banks", || {
            format!("must be 2 to {BANKS_MAX}")
        })?;
        held(self.core <= self.banks, "core", || {
            "must be no more than `banks`".to_owned()
        })?;
        held((1..=ITEMS_MAX).contains(&self.items), "items", || {
            format!("must be 1 to {ITEMS_MAX}")
        })?;
        self.check_currencies()?;
        within(self.trades, 0.0..=1.0, "trades")?;
        within(self.mu, MU, "mu")?;
        within(self.sigma, 0.0..=SIGMA_MAX, "sigma")?;
        within(self.liquidity, 0.0..=MONEY_SHARE_MAX, "liquidity")?;
        within(self.cover, 0.0..=MONEY_SHARE_MAX, "cover")?;
        within(self.limit, 0.0..=MONEY_SHARE_MAX, "limit")?;
        within(self.urgent, 0.0..=1.0, "urgent")?;
        within(self.high, 0.0..=1.0, "high")?;
        held(self.urgent + self.high <= 1.0, "high", || {
            "must be no more than 1 together with `urgent`".to_owned()
        })?;
        held(self.open < self.close, "close", || {
            "must be after `open`".to_owned()
        })?;
        self.check_hard()
    }

    fn check_currencies(&self) -> Result<(), FormError> {
        held(!self.currencies.is_empty(), "currencies", || {
            "must name at least one".to_owned()
        })?;
        for (at, code) in self.currencies.iter().enumerate() {
            held(Traded::find(code).is_some(), "currencies", || {
                let known: Vec<&str> = TRADED.iter().map(|traded| traded.code).collect();
                format!("`{code}` is none of {}", known.join(", "))
            })?;
            held(!self.currencies[..at].contains(code), "currencies", || {
                format!("`{code}` stands there twice")
            })?;
        }
        let accounts = self.currencies.len() * self.banks as usize;
        held(accounts <= ACCOUNTS_MAX, "banks", || {
            format!("must be no more than {ACCOUNTS_MAX} accounts, one for each currency")
        })
    }

    fn check_hard(&self) -> Result<(), FormError> {
        let bank = |bank: u32, field| {
            held((1..=self.banks).contains(&bank), field, || {
                format!("must be 1 to {}, as there are `banks`", self.banks)
            })
        };
        let open = |at: Clock, field| {
            held((self.open..=self.close).contains(&at), field, || {
                "must be between `open` and `close`".to_owned()
            })
        };
        if let Some(outage) = &self.outage {
            bank(outage.bank, "outage.bank")?;
            open(outage.from, "outage.from")?;
            open(outage.until, "outage.until")?;
            held(outage.from < outage.until, "outage.until", || {
                "must be after `from`".to_owned()
            })?;
        }
        if let Some(hub) = &self.hub {
            bank(hub.bank, "hub.bank")?;
            within(hub.share, 0.0..=1.0, "hub.share")?;
        }
        if let Some(giant) = &self.giant {
            bank(giant.debtor, "giant.debtor")?;
            bank(giant.creditor, "giant.creditor")?;
            held(giant.debtor != giant.creditor, "giant.creditor", || {
                "must be another bank than `debtor`".to_owned()
            })?;
            open(giant.at, "giant.at")?;
            within(giant.dollars, 0.01..=AMOUNT_MAX, "giant.dollars")?;
        }
        if let Some(surge) = &self.surge {
            within(surge.share, 0.0..=1.0, "surge.share")?;
            let day = (self.close.0 - self.open.0) / 60_000;
            held((1..=day).contains(&surge.minutes), "surge.minutes", || {
                format!("must be 1 to {day}, the minutes of the day")
            })?;
        }
        Ok(())
    }

    /// What its items and money are drawn from.
    pub fn setup(&self) -> Setup {
        Setup {
            banks: self.banks as usize,
            core: self.core as usize,
            items: self.items as usize,
            currencies: self
                .currencies
                .iter()
                .filter_map(|code| Traded::find(code))
                .collect(),
            trades: self.trades,
            mu: self.mu,
            sigma: self.sigma,
            liquidity: self.liquidity,
            seed: self.seed,
        }
    }
}
