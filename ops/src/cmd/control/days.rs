//! The actions of `control propose` about business days: schedules from a calendar, and extensions.
use std::path::PathBuf;

use causeway_fx::Currency;
use causeway_fx::calendar::{BusinessDay, Calendar, Date, shipped};
use causeway_message::action::{Action, Hours};
use causeway_message::time::Timestamp;

use causeway_engine::clock;

use super::values::Prepared;
use crate::Failure;
use crate::client::words;
use crate::cmd::bank::instruct::instant;
use crate::files;

const SCHEDULE_HELP: &str = "\
Every business day of the calendar from --from to --to that has not begun is entered with its UTC instants; weekends and
holidays are not. The second person has to approve before the first of them opens: a proposal takes effect whole or not at all.
Each proposal holds 200 days at most: a longer span makes several.

Examples:
  causeway control propose --config banks/OPERATOR/bank.toml --person 1 \\
      schedule-days --currency EUR --from 2026-12-01 --to 2026-12-31
  causeway control propose --config banks/OPERATOR/bank.toml --person 1 \\
      schedule-days --currency SEK --calendar sek.toml --from 2027-01-01 --to 2027-12-31
  causeway control propose --config banks/OPERATOR/bank.toml --person 1 \\
      schedule-days --currency USD --take-away 2026-12-09
  causeway control propose --config banks/OPERATOR/bank.toml --person 1 \\
      schedule-days --currency GBP --date 2026-12-24 --open 2026-12-24T06:00:00Z --close 2026-12-24T12:00:00Z

Exit codes: 0 proposed, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

const EXTEND_HELP: &str = "\
Instants that are not given stay as they are. A cut-off that has passed may be set ahead again, before the close.

Example:
  causeway control propose --config banks/OPERATOR/bank.toml --person 1 \\
      extend-day --currency EUR --interbank-cut-off 2026-12-01T18:30:00Z --close 2026-12-01T18:30:00Z

Exit codes: 0 proposed, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

/// What can be proposed about business days.
#[derive(Debug, clap::Subcommand)]
pub enum DaysArgs {
    /// Operator: enter the business days of a currency, which then opens, cuts off and closes by itself.
    #[command(name = "schedule-days", after_help = SCHEDULE_HELP)]
    Schedule(ScheduleArgs),
    /// Operator: move the cut-offs and the close of the present day to later instants.
    #[command(name = "extend-day", after_help = EXTEND_HELP)]
    Extend(ExtendArgs),
}

/// Arguments of `schedule-days`.
#[derive(Debug, clap::Args)]
pub struct ScheduleArgs {
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    pub currency: String,
    /// Calendar of the currency, in TOML; by default the one that comes with Causeway (EUR, USD, GBP, JPY, CHF).
    #[arg(long, value_name = "FILE", conflicts_with = "take_away")]
    pub calendar: Option<PathBuf>,
    /// First date.
    #[arg(
        long,
        value_name = "YYYY-MM-DD",
        required_unless_present_any = ["take_away", "date"],
        requires = "to"
    )]
    pub from: Option<String>,
    /// Last date.
    #[arg(long, value_name = "YYYY-MM-DD", requires = "from")]
    pub to: Option<String>,
    /// A date that was entered before and on which the currency does not open after all; may be given often.
    #[arg(long, value_name = "YYYY-MM-DD", conflicts_with_all = ["from", "to"])]
    pub take_away: Vec<String>,
    /// One date whose instants are given here, in place of those of a calendar.
    #[arg(long, value_name = "YYYY-MM-DD", requires_all = ["open", "close"],
          conflicts_with_all = ["from", "to", "take_away", "calendar"])]
    pub date: Option<String>,
    /// When that day opens (RFC 3339).
    #[arg(long, value_name = "INSTANT", requires = "date")]
    pub open: Option<String>,
    /// From when on only interbank instructions are taken; by default from the interbank cut-off on.
    #[arg(long, value_name = "INSTANT", requires = "date")]
    pub customer_cut_off: Option<String>,
    /// From when on no instructions are taken; by default from the close on.
    #[arg(long, value_name = "INSTANT", requires = "date")]
    pub interbank_cut_off: Option<String>,
    /// When that day ends.
    #[arg(long, value_name = "INSTANT", requires = "date")]
    pub close: Option<String>,
}

/// Arguments of `extend-day`.
#[derive(Debug, clap::Args)]
pub struct ExtendArgs {
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    pub currency: String,
    /// From when on only interbank instructions are taken (RFC 3339).
    #[arg(long, value_name = "INSTANT")]
    pub customer_cut_off: Option<String>,
    /// From when on no instructions are taken.
    #[arg(long, value_name = "INSTANT")]
    pub interbank_cut_off: Option<String>,
    /// When the day ends.
    #[arg(long, value_name = "INSTANT")]
    pub close: Option<String>,
}

impl ScheduleArgs {
    fn read(&self) -> Result<Vec<Action>, Failure> {
        let currency = words::currency("--currency", &self.currency)?;
        let days = if let Some(text) = &self.date {
            vec![self.one_day(date("--date", text)?)?]
        } else if self.take_away.is_empty() {
            self.of_calendar(currency)?
        } else {
            let dates = self.take_away.iter().map(|text| date("--take-away", text));
            let mut dates = dates.collect::<Result<Vec<Date>, Failure>>()?;
            dates.sort_unstable();
            dates.dedup();
            dates.iter().map(|date| Hours::none(date.days())).collect()
        };
        let actions = days.chunks(Hours::DAYS_MAX).map(|days| Action::ScheduleDays {
            currency: currency.numeric,
            days: days.to_vec(),
        });
        Ok(actions.collect())
    }

    fn one_day(&self, date: Date) -> Result<Hours, Failure> {
        let given = |option: &str, text: &Option<String>| text.as_deref().map(|text| instant(option, text));
        let needed = |option: &str| Failure::Config(format!("{option}: is missing"));
        let open = given("--open", &self.open).ok_or_else(|| needed("--open"))??;
        let close = given("--close", &self.close).ok_or_else(|| needed("--close"))??;
        let interbank = given("--interbank-cut-off", &self.interbank_cut_off).unwrap_or(Ok(close))?;
        let customer = given("--customer-cut-off", &self.customer_cut_off).unwrap_or(Ok(interbank))?;
        let hours = Hours {
            date: date.days(),
            open,
            customer_cut_off: customer,
            interbank_cut_off: interbank,
            close,
        };
        if hours.is_in_order() {
            Ok(hours)
        } else {
            Err(Failure::Config(
                "--open, --customer-cut-off, --interbank-cut-off, --close: must come in this order"
                    .to_owned(),
            ))
        }
    }

    fn of_calendar(&self, currency: &'static Currency) -> Result<Vec<Hours>, Failure> {
        let calendar = self.calendar(currency)?;
        let first = date("--from", self.from.as_deref().unwrap_or_default())?;
        let last = date("--to", self.to.as_deref().unwrap_or_default())?;
        let wrong = |error: &dyn std::fmt::Display| Failure::Config(format!("--from, --to: {error}"));
        let mut days = Vec::new();
        for number in first.days()..=last.days() {
            let date = Date::from_days(number);
            if calendar.is_business_day(date).map_err(|error| wrong(&error))? {
                let day = calendar.day(date).map_err(|error| wrong(&error))?;
                days.push(
                    hours(&day).ok_or_else(|| wrong(&format!("{date}: its instants are out of range")))?,
                );
            }
        }
        // A day that has begun is entered no more, and would take the others with it.
        let now = clock::now().seconds();
        days.retain(|day| u64::from(day.open) > now);
        if days.is_empty() {
            return Err(Failure::Config(format!(
                "--from, --to: calendar {} has no business day from {first} to {last} that has not begun",
                calendar.name()
            )));
        }
        Ok(days)
    }

    fn calendar(&self, currency: &'static Currency) -> Result<Calendar, Failure> {
        let Some(file) = &self.calendar else {
            let all = shipped().map_err(|error| Failure::Config(error.to_string()))?;
            return all.of(currency).cloned().map_err(|error| {
                Failure::Config(format!("--currency: {error}; give the calendar with --calendar"))
            });
        };
        let wrong = |rule: String| Failure::Config(format!("--calendar: {}: {rule}", file.display()));
        let calendar = Calendar::parse(&files::read_text(file)?).map_err(|error| wrong(error.to_string()))?;
        if calendar.currency() != currency {
            return Err(wrong(format!(
                "is of {}, not of {}",
                words::code(calendar.currency().numeric),
                words::code(currency.numeric)
            )));
        }
        Ok(calendar)
    }
}

fn date(option: &str, text: &str) -> Result<Date, Failure> {
    text.parse()
        .map_err(|error| Failure::Config(format!("{option}: {error}")))
}

/// The instants of a business day as the ledger counts them.
fn hours(day: &BusinessDay) -> Option<Hours> {
    let second = |unix: u64| {
        let at = Timestamp::from_unix_nanos(u128::from(unix) * 1_000_000_000);
        u32::try_from(at.seconds()).ok()
    };
    Some(Hours {
        date: day.date.days(),
        open: second(day.open)?,
        customer_cut_off: second(day.customer_cut_off)?,
        interbank_cut_off: second(day.interbank_cut_off)?,
        close: second(day.close)?,
    })
}

impl ExtendArgs {
    fn read(&self) -> Result<Extension, Failure> {
        let at = |option: &str, text: &Option<String>| {
            text.as_deref().map(|text| instant(option, text)).transpose()
        };
        let told = Extension {
            currency: words::currency("--currency", &self.currency)?,
            customer_cut_off: at("--customer-cut-off", &self.customer_cut_off)?,
            interbank_cut_off: at("--interbank-cut-off", &self.interbank_cut_off)?,
            close: at("--close", &self.close)?,
        };
        if (told.customer_cut_off, told.interbank_cut_off, told.close) == (None, None, None) {
            return Err(Failure::Config(
                "extend-day: give --customer-cut-off, --interbank-cut-off or --close".to_owned(),
            ));
        }
        Ok(told)
    }
}

/// Later instants of the present day, as far as they were given.
#[derive(Debug, Clone, Copy)]
pub struct Extension {
    pub currency: &'static Currency,
    customer_cut_off: Option<u32>,
    interbank_cut_off: Option<u32>,
    close: Option<u32>,
}

impl Extension {
    /// The action, once the present instants are known.
    pub fn of(self, now: Option<&Hours>) -> Result<Action, Failure> {
        let now = now.ok_or_else(|| {
            Failure::Config(format!(
                "--currency: {} has no present day that a schedule opened: nothing to extend",
                words::code(self.currency.numeric)
            ))
        })?;
        Ok(Action::ExtendDay {
            currency: self.currency.numeric,
            hours: Hours {
                date: now.date,
                open: now.open,
                customer_cut_off: self.customer_cut_off.unwrap_or(now.customer_cut_off),
                interbank_cut_off: self.interbank_cut_off.unwrap_or(now.interbank_cut_off),
                close: self.close.unwrap_or(now.close),
            },
        })
    }
}

impl DaysArgs {
    /// Checks everything that can be checked without the node.
    pub fn prepare(&self) -> Result<Prepared<'_>, Failure> {
        Ok(match self {
            Self::Schedule(args) => Prepared::All(args.read()?),
            Self::Extend(args) => Prepared::Extension(args.read()?),
        })
    }
}
