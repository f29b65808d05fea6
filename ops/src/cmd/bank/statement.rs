//! `causeway bank statement` and `bank report`: what moved on an account, as text, CSV or ISO 20022.
use causeway_message::event::{Event, Role};
use causeway_message::posting::{Account, Side};
use causeway_message::refusal::RefusalCode;
use causeway_message::wire::{StatementLine, StatementLines};
use causeway_message::{Status, action::Action};
use causeway_statement::{Line, Statement, WriteError, camt, csv, text};
use causeway_transport::ClientError;
use serde::Serialize;
use std::collections::BTreeMap;

use crate::Failure;
use crate::client::words::{self, Names};
use crate::client::{BankArgs, Desk, within};
use crate::cmd::Answer;

const STATEMENT_HELP: &str = "\
Opening, lines and closing of one business day, checked: the lines lead from opening to closing to the minor unit, and both
balances are those that the verified feed tells. Without --date it is the newest statement. Each line names the log entry
that moved the money; `causeway bank receipt --id ID` (of a credit with --submitter) fetches the proof of an instruction, and
`causeway bank feed --from EVENT` shows the event of any line, proven. In csv a name or
reference that a spreadsheet would run as a formula has a single quote in front.

Examples:
  causeway bank statement --config banks/ALFADEFF/bank.toml --currency EUR
  causeway bank statement --config banks/ALFADEFF/bank.toml --currency EUR --date 2026-11-30 --format camt053
  causeway bank statement --config banks/ALFADEFF/bank.toml --currency EUR --format csv > EUR.csv

Exit codes: 0 shown, 1 there is none, or it does not hold, 2 wrong usage or configuration, 3 the node does not answer.";

const REPORT_HELP: &str = "\
What moved since the newest statement, up to now; camt052 writes it as an account report.

Examples:
  causeway bank report --config banks/ALFADEFF/bank.toml --currency EUR
  causeway bank report --config banks/ALFADEFF/bank.toml --currency EUR --format camt052

Exit codes: 0 shown, 1 refused, or it does not hold, 2 wrong usage or configuration, 3 the node does not answer.";

pub const LIABILITY_HELP: &str = "\
The settlement agent's liability in one currency: fundings and pay-outs, each under its reference in the RTGS. Without
--date it is the newest statement, with --running what moved since. `control reconcile` reads csv and camt053.
In csv a name or reference that a spreadsheet would run as a formula has a single quote in front.

Examples:
  causeway control statement --config banks/ECB-TARGET/bank.toml --currency EUR
  causeway control statement --config banks/ECB-TARGET/bank.toml --currency EUR --date 2026-11-30 --format csv

Exit codes: 0 shown, 1 there is none, or it does not hold, 2 wrong usage or configuration, 3 the node does not answer.";

/// How a statement is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For spreadsheets: opening, lines, closing.
    Csv,
    /// ISO 20022 statement of a day that ended.
    Camt053,
    /// ISO 20022 report of the running day.
    Camt052,
}

/// Arguments of `bank statement`.
#[derive(Debug, clap::Args)]
#[command(after_help = STATEMENT_HELP)]
pub struct Args {
    #[command(flatten)]
    bank: BankArgs,
    /// Currency of the account (ISO 4217).
    #[arg(long, value_name = "CODE")]
    currency: String,
    /// Business date.
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
    /// text, csv or camt053.
    #[arg(long, value_enum, default_value = "text", conflicts_with = "json")]
    format: Format,
    /// Whose account, for operators and regulators.
    #[arg(long, value_name = "NAME", requires = "date")]
    of: Option<String>,
}

/// Arguments of `bank report`.
#[derive(Debug, clap::Args)]
#[command(after_help = REPORT_HELP)]
pub struct ReportArgs {
    #[command(flatten)]
    bank: BankArgs,
    /// Currency of the account (ISO 4217).
    #[arg(long, value_name = "CODE")]
    currency: String,
    /// text, csv or camt052.
    #[arg(long, value_enum, default_value = "text", conflicts_with = "json")]
    format: Format,
    /// Whose account, for operators and regulators.
    #[arg(long, value_name = "NAME")]
    of: Option<String>,
}

/// Arguments of `control statement`.
#[derive(Debug, clap::Args)]
#[command(after_help = LIABILITY_HELP)]
pub struct LiabilityArgs {
    #[command(flatten)]
    bank: BankArgs,
    /// Currency of the liability (ISO 4217).
    #[arg(long, value_name = "CODE")]
    currency: String,
    /// Business date.
    #[arg(long, value_name = "YYYY-MM-DD", conflicts_with = "running")]
    date: Option<String>,
    /// What moved since the newest statement.
    #[arg(long)]
    running: bool,
    /// text, csv, camt053, or with --running camt052.
    #[arg(long, value_enum, default_value = "text", conflicts_with = "json")]
    format: Format,
}

/// Shows the statement of a day.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    let day = Day::of(args.date.as_deref())?;
    let wanted = (args.currency.as_str(), args.of.as_deref(), false);
    show(&args.bank, wanted, day, args.format).await
}

/// Shows the running day.
pub async fn report(args: &ReportArgs) -> Result<Answer, Failure> {
    let wanted = (args.currency.as_str(), args.of.as_deref(), false);
    show(&args.bank, wanted, Day::Running, args.format).await
}

/// Shows the agent's liability.
pub async fn liability(args: &LiabilityArgs) -> Result<Answer, Failure> {
    let day = if args.running {
        Day::Running
    } else {
        Day::of(args.date.as_deref())?
    };
    show(&args.bank, (args.currency.as_str(), None, true), day, args.format).await
}

/// Which day is meant.
#[derive(Debug, Clone, Copy)]
enum Day {
    Running,
    Newest,
    Date(u16),
}

impl Day {
    fn of(date: Option<&str>) -> Result<Self, Failure> {
        date.map_or(Ok(Self::Newest), |text| {
            words::value_date("--date", text).map(Self::Date)
        })
    }
}

async fn show(
    bank: &BankArgs,
    (code, of, liability): (&str, Option<&str>, bool),
    day: Day,
    format: Format,
) -> Result<Answer, Failure> {
    let currency = words::currency("--currency", code)?;
    let right = match day {
        Day::Running => format != Format::Camt053,
        _ => format != Format::Camt052,
    };
    if !right {
        let rule = "a statement is a camt053, a report of the running day a camt052";
        return Err(Failure::Config(format!("--format: {rule}")));
    }
    let desk = Desk::open(bank, None).await?;
    let names = desk.names().await?;
    let participant = match of {
        Some(name) => names.find("--of", name)?,
        None => desk.participant(),
    };
    let account = Account {
        participant,
        currency: currency.numeric,
        liability,
    };
    let fetched = fetch(&desk, account, day, &names);
    let statement = within(bank.patience(), "the node did not answer", fetched).await??;
    desk.close().await?;
    if bank.json {
        return Answer::json(&Json::of(&statement));
    }
    let refused = |error: WriteError| Failure::Refused(error.to_string());
    Ok(Answer::done(match format {
        Format::Text => text(&statement),
        Format::Csv => csv(&statement),
        Format::Camt053 => camt::camt053(&statement).map_err(refused)? + "\n",
        Format::Camt052 => camt::camt052(&statement).map_err(refused)? + "\n",
    }))
}

async fn fetch(desk: &Desk, account: Account, day: Day, names: &Names) -> Result<Statement, Failure> {
    let code = words::code(account.currency);
    let none = || {
        Failure::Refused(match day {
            Day::Running => format!("there is no account in {code} to report on"),
            Day::Newest => format!("there is no statement in {code} yet"),
            Day::Date(date) => format!("there is no statement in {code} of {}", words::date(date)),
        })
    };
    let date = match day {
        Day::Running => 0,
        Day::Date(date) => date,
        Day::Newest => match desk.client.newest_statement(account).await {
            Ok(newest) => newest.ok_or_else(none)?.date,
            Err(error) => return Err(missing(error, none)),
        },
    };
    let whole = desk.client.statement(account, date).await;
    let whole = whole.map_err(|error| missing(error, none))?;
    let references = if account.participant == desk.participant() {
        references(desk, &whole).await?
    } else {
        BTreeMap::new()
    };
    let name = |who| names.of(who);
    let reference = |line: &StatementLine| references.get(&line.event).cloned();
    Statement::new(account, date == 0, &whole, name, reference)
        .map_err(|error| Failure::Refused(error.to_string()))
}

fn missing(error: ClientError, none: impl FnOnce() -> Failure) -> Failure {
    match error {
        ClientError::Refused(refusal) if refusal.code == RefusalCode::NotFound => none(),
        error => error.into(),
    }
}

/// Under which references of the central bank the own feed tells of fundings and pay-outs, by number of the event.
async fn references(desk: &Desk, whole: &StatementLines) -> Result<BTreeMap<u64, String>, Failure> {
    let lines = whole.lines.iter().filter(|line| line.posting.is_central());
    let mut found = BTreeMap::new();
    desk.client
        .events_of_lines(lines.map(|line| line.event), |number, event| {
            found.extend(reference(event).map(|reference| (number, reference)));
        })
        .await?;
    Ok(found)
}

fn reference(event: &Event<'_>) -> Option<String> {
    let told = matches!(event.role(), Some(Role::Submitter | Role::Subject));
    let executed = event.status() == Some(Status::Executed);
    match event.control().filter(|_| told && executed)?.2 {
        Action::Fund { reference, .. } | Action::ConfirmDefund { reference, .. } => Some(reference),
        _ => None,
    }
}

/// A statement as JSON. Amounts are decimals, as text.
#[derive(Debug, Serialize)]
struct Json {
    account: String,
    currency: &'static str,
    liability: bool,
    running: bool,
    /// None before the first business day.
    date: Option<String>,
    opening: String,
    closing: String,
    after_entry: u64,
    up_to_entry: u64,
    up_to_time: String,
    lines: Vec<LineJson>,
}

#[derive(Debug, Serialize)]
struct LineJson {
    entry: u64,
    event: u64,
    origin_entry: u64,
    ordinal: u16,
    time: String,
    side: &'static str,
    amount: String,
    balance: String,
    counterparty: String,
    kind: &'static str,
    reference: Option<String>,
    uetr: Option<String>,
    id: Option<String>,
}

impl Json {
    fn of(statement: &Statement) -> Self {
        let line = |line: &Line| {
            let (told, posting) = (&line.told, &line.told.posting);
            let some = |text: String| Some(text).filter(|text| !text.is_empty());
            LineJson {
                entry: told.entry,
                event: told.event,
                origin_entry: posting.origin.0,
                ordinal: posting.origin.1,
                time: told.time.to_text(),
                side: match posting.side {
                    Side::Credit => "credit",
                    Side::Debit => "debit",
                },
                amount: statement.money(posting.amount.into()),
                balance: statement.money(line.balance),
                counterparty: line.counterparty.clone(),
                kind: line.kind(),
                reference: some(line.reference.clone()),
                uetr: some(line.uetr()),
                id: some(line.id()),
            }
        };
        Self {
            account: statement.holder.name.clone(),
            currency: statement.currency.alpha(),
            liability: statement.holder.account.liability,
            running: statement.running,
            date: (statement.date != 0).then(|| words::date(statement.date)),
            opening: statement.money(statement.opening),
            closing: statement.money(statement.closing),
            after_entry: statement.from,
            up_to_entry: statement.to,
            up_to_time: statement.to_time.to_text(),
            lines: statement.lines.iter().map(line).collect(),
        }
    }
}
