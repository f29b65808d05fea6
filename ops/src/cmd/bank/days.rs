//! `causeway bank days`: where the business day of a currency stands, and the days ahead.
use std::fmt::Write;

use causeway_message::statement::DayStep;
use causeway_message::time::Timestamp;
use causeway_message::wire::{DayLine, Days, day_flags};
use serde::Serialize;

use crate::Failure;
use crate::client::{BankArgs, Desk, days, within, words};
use crate::cmd::Answer;

const HELP: &str = "\
Without --currency the present day of every currency is shown; with it also the days ahead. Instants are UTC.

Examples:
  causeway bank days --config banks/ALFADEFF/bank.toml
  causeway bank days --config banks/ALFADEFF/bank.toml --currency EUR --json

Exit codes: 0 shown, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

/// Arguments of `bank days`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    bank: BankArgs,
    /// Only this currency (ISO 4217), with its days ahead.
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
}

#[derive(Debug, Serialize)]
struct DaysJson {
    after_entry: u64,
    time: String,
    days: Vec<DayJson>,
}

#[derive(Debug, Serialize)]
struct DayJson {
    currency: String,
    /// None before the first day.
    date: Option<String>,
    /// `ahead`, or the phase of the present day.
    state: &'static str,
    customers_cut_off: bool,
    closing: bool,
    /// What of the day is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<&'static str>,
    scheduled: bool,
    open: Option<String>,
    customer_cut_off: Option<String>,
    interbank_cut_off: Option<String>,
    close: Option<String>,
}

impl DayJson {
    fn of(line: &DayLine) -> Self {
        let is = |bit: u8| line.flags & bit != 0;
        let at = |second: u32| (second != 0).then(|| Timestamp::from_seconds(second).to_text());
        Self {
            currency: words::code(line.currency),
            date: (line.hours.date != 0).then(|| words::date(line.hours.date)),
            state: if is(day_flags::AHEAD) {
                "ahead"
            } else {
                line.phase.name()
            },
            customers_cut_off: is(day_flags::CUSTOMERS_OUT),
            closing: is(day_flags::CLOSING),
            step: line.step.map(DayStep::name),
            scheduled: is(day_flags::SCHEDULED),
            open: at(line.hours.open),
            customer_cut_off: at(line.hours.customer_cut_off),
            interbank_cut_off: at(line.hours.interbank_cut_off),
            close: at(line.hours.close),
        }
    }
}

/// Shows the days.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    let currency = words::currency_or_all(args.currency.as_deref())?;
    let desk = Desk::open(&args.bank, None).await?;
    let asked = within(
        args.bank.patience(),
        "the node did not answer",
        desk.client.days(currency),
    );
    let told = asked.await??;
    desk.close().await?;
    if args.bank.json {
        return Answer::json(&DaysJson {
            after_entry: told.index,
            time: Timestamp(told.time).to_text(),
            days: told.lines.iter().map(DayJson::of).collect(),
        });
    }
    Ok(Answer::done(text(&told)))
}

fn text(told: &Days) -> String {
    let mut out = format!(
        "after log entry {}, {}\n",
        told.index,
        Timestamp(told.time).to_text()
    );
    for line in &told.lines {
        let day = DayJson::of(line);
        let date = day.date.as_deref().unwrap_or("no day yet");
        let state = match (day.state, day.customers_cut_off, day.closing) {
            ("open", true, _) => "open to banks, customers are cut off",
            ("closed", _, true) => "closed, its close is under way",
            ("cut_off", ..) => "cut off",
            (state, ..) => state,
        };
        let _ = write!(out, "{}  {date:10}  {state}", day.currency);
        if let Some(step) = line.step.filter(|step| *step >= DayStep::Closed) {
            let _ = write!(out, " (done: {})", step.name());
        }
        if line.hours.close != 0 {
            let _ = write!(out, "; {}", days::hours(&line.hours));
        }
        out.push('\n');
    }
    out
}
