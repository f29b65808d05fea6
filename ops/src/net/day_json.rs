//! A day under several modes as one JSON document.
use causeway_netting::day::{ClassFigures, CurrencyFigures, time};
use serde::Serialize;
use std::collections::BTreeMap;

use super::day::{DayReport, ModeReport, Unit};

#[derive(Debug, Serialize)]
pub struct DayJson {
    day: String,
    open: String,
    close: String,
    every_seconds: u32,
    budget_ms: u64,
    accounts: usize,
    /// What values of all currencies together are in.
    unit: String,
    modes: Vec<ModeJson>,
}

#[derive(Debug, Serialize)]
struct ModeJson {
    mode: &'static str,
    together: SumsJson,
    /// Minor units, by currency.
    currencies: BTreeMap<String, SumsJson>,
    classes: BTreeMap<&'static str, ClassJson>,
    netting_runs: u64,
    settled_by_netting: u64,
    millis: f64,
}

#[derive(Debug, Serialize)]
struct SumsJson {
    arrived: CountJson,
    settled: CountJson,
    /// Of the value; none where nothing arrived.
    settled_share: Option<f64>,
    liquidity_used: u128,
    liquidity_bound: u128,
    turnover: Option<f64>,
}

#[derive(Debug, Serialize)]
struct CountJson {
    count: u64,
    value: u128,
}

#[derive(Debug, Serialize)]
struct ClassJson {
    arrived: u64,
    settled: u64,
    left: CountJson,
    delay_seconds: Option<DelayJson>,
}

#[derive(Debug, Serialize)]
struct DelayJson {
    mean: f64,
    median: f64,
    p99: f64,
}

/// The document.
pub fn day_json(report: &DayReport) -> DayJson {
    DayJson {
        day: report.title.clone(),
        open: time::text(report.hours.0),
        close: time::text(report.hours.1),
        every_seconds: report.every,
        budget_ms: report.budget_ms,
        accounts: report.accounts,
        unit: report.unit.name(),
        modes: report.modes.iter().map(|mode| one(report, mode)).collect(),
    }
}

fn one(report: &DayReport, mode: &ModeReport) -> ModeJson {
    let figures = &mode.figures;
    let unit = &report.unit;
    let (arrived, settled) = figures.items();
    let together = SumsJson {
        arrived: CountJson {
            count: arrived,
            value: unit.of(figures.arrived_value),
        },
        settled: CountJson {
            count: settled,
            value: unit.of(figures.settled_value),
        },
        settled_share: share(figures.settled_value, figures.arrived_value),
        liquidity_used: unit.of(figures.liquidity),
        liquidity_bound: unit.of(figures.liquidity_bound),
        turnover: figures.turnover().map(|hundredths| hundredths as f64 / 100.0),
    };
    let currencies = report.currencies.iter().zip(&figures.currencies);
    let classes = super::CLASSES.into_iter().zip(&figures.classes);
    ModeJson {
        mode: mode.name,
        together,
        currencies: currencies
            .map(|(code, own)| (code.clone(), currency(own)))
            .collect(),
        classes: classes.map(|(name, own)| (name, class(own, unit))).collect(),
        netting_runs: mode.runs,
        settled_by_netting: mode.netted,
        millis: mode.millis,
    }
}

fn currency(own: &CurrencyFigures) -> SumsJson {
    SumsJson {
        arrived: CountJson {
            count: own.arrived,
            value: own.arrived_value,
        },
        settled: CountJson {
            count: own.settled,
            value: own.settled_value,
        },
        settled_share: share(own.settled_value, own.arrived_value),
        liquidity_used: own.liquidity,
        liquidity_bound: own.liquidity_bound,
        turnover: own.turnover().map(|hundredths| hundredths as f64 / 100.0),
    }
}

fn class(own: &ClassFigures, unit: &Unit) -> ClassJson {
    let seconds = |millis: u32| f64::from(millis) / 1_000.0;
    ClassJson {
        arrived: own.arrived,
        settled: own.settled,
        left: CountJson {
            count: own.arrived - own.settled,
            value: unit.of(own.left_value),
        },
        delay_seconds: own.delay.map(|delay| DelayJson {
            mean: seconds(delay.mean),
            median: seconds(delay.median),
            p99: seconds(delay.p99),
        }),
    }
}

/// In ten-thousandths, as a number between 0 and 1.
fn share(part: u128, of: u128) -> Option<f64> {
    let parts = part.saturating_mul(10_000).checked_div(of)?;
    Some(parts as f64 / 10_000.0)
}
