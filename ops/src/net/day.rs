//! A day under several modes side by side, as a treasurer reads it.
use causeway_netting::day::{ClassFigures, CurrencyFigures, Delay, Figures, time};
use causeway_scenario::MICRO_DOLLARS;
use std::fmt::Write;

use super::table::{columns, percent};
use crate::client::words::grouped;

/// What the values of all currencies together are told in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// Dollars; a unit of value is so many millionths of one.
    Dollars(u64),
    /// Minor units of the only currency.
    Minor(String),
    /// Minor units of all currencies, one like another.
    Mixed,
}

impl Unit {
    /// A value in this unit, in whole dollars if it is dollars.
    pub fn of(&self, value: u128) -> u128 {
        match self {
            Self::Dollars(micros) => value.saturating_mul(u128::from(*micros)) / u128::from(MICRO_DOLLARS),
            Self::Minor(_) | Self::Mixed => value,
        }
    }

    /// Its name.
    pub fn name(&self) -> String {
        match self {
            Self::Dollars(_) => "dollars".to_owned(),
            Self::Minor(currency) => format!("minor units of {currency}"),
            Self::Mixed => "minor units, those of one currency counted like those of another".to_owned(),
        }
    }
}

/// One mode of a day.
#[derive(Debug, Clone, PartialEq)]
pub struct ModeReport {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it came to.
    pub figures: Figures,
    /// Netting runs that looked for something.
    pub runs: u64,
    /// Items that settled by netting.
    pub netted: u64,
    /// Milliseconds that the replay took.
    pub millis: f64,
}

/// A day.
#[derive(Debug, Clone, PartialEq)]
pub struct DayReport {
    /// Where it comes from.
    pub title: String,
    /// When it begins and ends, in milliseconds since midnight.
    pub hours: (u32, u32),
    /// Seconds between netting runs.
    pub every: u32,
    /// Milliseconds of each bypass run.
    pub budget_ms: u64,
    /// How many accounts there are.
    pub accounts: usize,
    /// Codes, by number.
    pub currencies: Vec<String>,
    /// Of values that are told together.
    pub unit: Unit,
    /// At least one.
    pub modes: Vec<ModeReport>,
}

/// Rows of a table with one column for each mode.
struct Table<'a> {
    modes: &'a [ModeReport],
    rows: Vec<Vec<String>>,
}

impl<'a> Table<'a> {
    fn new(modes: &'a [ModeReport]) -> Self {
        let mut head = vec![String::new()];
        head.extend(modes.iter().map(|mode| mode.name.to_owned()));
        Self {
            modes,
            rows: vec![head],
        }
    }

    fn row(&mut self, label: &str, cell: impl Fn(&ModeReport) -> String) {
        let mut row = vec![label.to_owned()];
        row.extend(self.modes.iter().map(cell));
        self.rows.push(row);
    }

    fn print(self, out: &mut String) {
        columns(out, &self.rows, 1);
    }
}

/// A number that may be as large as any.
fn large(value: u128) -> String {
    grouped(i128::try_from(value).unwrap_or(i128::MAX))
}

/// Hundredths as a number with two digits.
fn hundredths(number: Option<u128>) -> String {
    number.map_or_else(
        || "-".to_owned(),
        |number| format!("{}.{:02}", large(number / 100), number % 100),
    )
}

/// Milliseconds as hours, minutes and seconds, to the nearest second.
fn waited(millis: u32) -> String {
    let seconds = millis.saturating_add(500) / 1_000;
    format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

/// The day in words.
pub fn day_table(report: &DayReport) -> String {
    let (open, close) = report.hours;
    let items = report.modes.first().map_or(0, |mode| mode.figures.items().0);
    let mut out = format!(
        "{}\n\n{} payments and trades from {} to {}, {} accounts; netting every {} s and at the close.\n",
        report.title,
        grouped(items),
        time::text(open),
        time::text(close),
        grouped(report.accounts as i128),
        report.every,
    );
    together(&mut out, report);
    if report.currencies.len() > 1 {
        let currencies = report.currencies.iter().enumerate();
        currencies.for_each(|(number, code)| currency(&mut out, report, number, code));
    }
    delays(&mut out, report);
    out
}

fn together(out: &mut String, report: &DayReport) {
    let unit = &report.unit;
    let _ = writeln!(out, "\nTogether, values in {}:\n", unit.name());
    let mut table = Table::new(&report.modes);
    table.row("items settled", |mode| grouped(mode.figures.items().1));
    table.row("share of items", |mode| {
        let (arrived, settled) = mode.figures.items();
        percent(settled.into(), arrived.into())
    });
    table.row("value settled", |mode| large(unit.of(mode.figures.settled_value)));
    table.row("share of value", |mode| {
        percent(mode.figures.settled_value, mode.figures.arrived_value)
    });
    table.row("liquidity used", |mode| large(unit.of(mode.figures.liquidity)));
    table.row("value for each unit of it", |mode| {
        hundredths(mode.figures.turnover())
    });
    table.row("least that settles all", |mode| {
        large(unit.of(mode.figures.liquidity_bound))
    });
    table.row("settled by netting", |mode| grouped(mode.netted));
    table.row("netting runs", |mode| grouped(mode.runs));
    table.print(out);
}

fn currency(out: &mut String, report: &DayReport, number: usize, code: &str) {
    let of = |mode: &ModeReport| -> CurrencyFigures {
        mode.figures.currencies.get(number).copied().unwrap_or_default()
    };
    let _ = writeln!(out, "\n{code}, in minor units:\n");
    let mut table = Table::new(&report.modes);
    table.row("payments and legs settled", |mode| grouped(of(mode).settled));
    table.row("value settled", |mode| large(of(mode).settled_value));
    table.row("share of value", |mode| {
        percent(of(mode).settled_value, of(mode).arrived_value)
    });
    table.row("liquidity used", |mode| large(of(mode).liquidity));
    table.row("value for each unit of it", |mode| {
        hundredths(of(mode).turnover())
    });
    table.row("least that settles all", |mode| large(of(mode).liquidity_bound));
    table.print(out);
}

fn delays(out: &mut String, report: &DayReport) {
    for (at, name) in super::CLASSES.into_iter().enumerate() {
        let of =
            |mode: &ModeReport| -> ClassFigures { mode.figures.classes.get(at).copied().unwrap_or_default() };
        let arrived = report.modes.first().map_or(0, |mode| of(mode).arrived);
        if arrived == 0 {
            continue;
        }
        let _ = writeln!(out, "\nDelay of {} {name} items, h:mm:ss:\n", grouped(arrived));
        let delay = |mode: &ModeReport, part: fn(&Delay) -> u32| {
            let delay = of(mode).delay;
            delay.map_or_else(|| "-".to_owned(), |delay| waited(part(&delay)))
        };
        let mut table = Table::new(&report.modes);
        table.row("mean, by value", |mode| delay(mode, |delay| delay.mean));
        table.row("half wait no longer than", |mode| {
            delay(mode, |delay| delay.median)
        });
        table.row("99 of 100 no longer than", |mode| delay(mode, |delay| delay.p99));
        table.row("left at the close", |mode| {
            grouped(of(mode).arrived - of(mode).settled)
        });
        table.row("value left", |mode| large(report.unit.of(of(mode).left_value)));
        table.print(out);
    }
}
