//! `causeway bank obligation`, `pay-in` and `windows`: deferred net settlement.
use std::fmt::Write;

use causeway_message::extension::{self, ExtensionType, is_reference};
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::time::Timestamp;
use causeway_message::wire::{PositionLine, WindowLine, Windows};
use serde::Serialize;

use super::instruct::{self, Class, Signing, carry_out, with_flags};
use crate::Failure;
use crate::client::words::{self, Names};
use crate::client::{BankArgs, Desk, within};
use crate::cmd::Answer;

const OBLIGATION_HELP: &str = "\
It settles with all others of the window, net, or joins the queue with them if the window fails. Nothing is credited
before. Until the window closes it can be cancelled (`bank cancel`).

Example:
  causeway bank obligation --config banks/ALFADEFF/bank.toml --window ID --to BETAFRPP --currency EUR --amount 12.50

Exit codes: 0 collected, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

const PAY_IN_HELP: &str = "\
The money counts for this window and for no other, and comes back when the window settles or fails.

Example:
  causeway bank pay-in --config banks/ALFADEFF/bank.toml --window ID --currency EUR --amount 100.00

Exit codes: 0 set aside, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

const SHOW_HELP: &str = "\
A bank sees its own positions; operators, regulators and settlement agents those of all.

Examples:
  causeway bank windows --config banks/ALFADEFF/bank.toml
  causeway bank windows --config banks/OPERATOR/bank.toml --currency EUR --json

Exit codes: 0 shown, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

/// Arguments of `bank obligation`.
#[derive(Debug, clap::Args)]
#[command(after_help = OBLIGATION_HELP)]
pub struct ObligationArgs {
    #[command(flatten)]
    signing: Signing,
    /// Id of the window.
    #[arg(long, value_name = "ID")]
    window: String,
    /// Who is paid.
    #[arg(long, value_name = "NAME")]
    to: String,
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    currency: String,
    /// Amount.
    #[arg(long, value_name = "AMOUNT")]
    amount: String,
    /// Class in the queue, if the window fails.
    #[arg(long, value_name = "CLASS", default_value = "normal")]
    priority: Class,
    /// Business reference, a UUID; one of its own if left out.
    #[arg(long, value_name = "UUID")]
    uetr: Option<String>,
    /// Reference in a clearing system: 1 to 35 printable ASCII characters.
    #[arg(long, value_name = "TEXT")]
    reference: Option<String>,
    /// Between banks on their own account; otherwise for a customer.
    #[arg(long)]
    interbank: bool,
    /// It is meant, though one alike was sent before.
    #[arg(long)]
    duplicate: bool,
}

/// Arguments of `bank pay-in`.
#[derive(Debug, clap::Args)]
#[command(after_help = PAY_IN_HELP)]
pub struct PayInArgs {
    #[command(flatten)]
    signing: Signing,
    /// Id of the window.
    #[arg(long, value_name = "ID")]
    window: String,
    /// Currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    currency: String,
    /// Amount.
    #[arg(long, value_name = "AMOUNT")]
    amount: String,
}

/// Arguments of `bank windows`.
#[derive(Debug, clap::Args)]
#[command(after_help = SHOW_HELP)]
pub struct ShowArgs {
    #[command(flatten)]
    bank: BankArgs,
    /// Only those that have this currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
}

/// Sends an obligation.
pub async fn obligation(args: &ObligationArgs) -> Result<Answer, Failure> {
    let window = words::instruction_id("--window", &args.window)?;
    let currency = words::currency("--currency", &args.currency)?;
    let amount = words::amount("--amount", &args.amount, currency)?;
    let id = args.signing.id()?;
    let uetr = instruct::uetr(args.uetr.as_deref(), id)?;
    let mut area = Vec::new();
    if let Some(text) = &args.reference {
        if !is_reference(text.as_bytes()) {
            return Err(Failure::Config(
                "--reference: must be 1 to 35 printable ASCII characters, no blank at either end".to_owned(),
            ));
        }
        extension::put(&mut area, 0, ExtensionType::ClearingReference, text.as_bytes());
    }
    let desk = Desk::open(&args.signing.bank, args.signing.person).await?;
    let creditor = desk.names().await?.find("--to", &args.to)?;
    let mut record = Instruction::payment(id, uetr, desk.participant(), creditor, currency.numeric, amount);
    record.kind = Kind::Obligation as u8;
    record.related = window.0;
    record.priority = args.priority.number();
    let set = [
        (args.interbank, flags::INTERBANK),
        (args.duplicate, flags::DUPLICATE),
    ];
    let record = with_flags(record, &set);
    let money = words::money(amount.into(), currency.numeric);
    let what = format!("owes {} {money} in netting window {window}", args.to);
    carry_out(desk, &args.signing.bank, record, area, what).await
}

/// Pays in.
pub async fn pay_in(args: &PayInArgs) -> Result<Answer, Failure> {
    let window = words::instruction_id("--window", &args.window)?;
    let currency = words::currency("--currency", &args.currency)?;
    let amount = words::amount("--amount", &args.amount, currency)?;
    let id = args.signing.id()?;
    let desk = Desk::open(&args.signing.bank, args.signing.person).await?;
    let mut record = instruct::own(id, Kind::PayIn, desk.participant(), currency.numeric, amount);
    record.related = window.0;
    let money = words::money(amount.into(), currency.numeric);
    let what = format!("sets {money} aside for netting window {window}");
    carry_out(desk, &args.signing.bank, record, Vec::new(), what).await
}

#[derive(Debug, Serialize)]
struct WindowsJson {
    after_entry: u64,
    time: String,
    windows: Vec<WindowJson>,
}

#[derive(Debug, Serialize)]
struct WindowJson {
    window: String,
    currencies: Vec<String>,
    stage: &'static str,
    close: String,
    pay_in_by: String,
    ends: String,
    obligations: u32,
    pay_ins: u32,
    positions: Vec<PositionJson>,
}

#[derive(Debug, Serialize)]
struct PositionJson {
    participant: String,
    currency: String,
    /// Below zero it is to be paid in.
    position: String,
    paid_in: String,
    missing: String,
}

impl WindowJson {
    fn of(line: &WindowLine, positions: Vec<PositionJson>) -> Self {
        let at = |seconds| Timestamp::from_seconds(seconds).to_text();
        let grant = &line.grant;
        Self {
            window: line.window.to_string(),
            currencies: grant.currencies.iter().map(|code| words::code(*code)).collect(),
            stage: line.stage.name(),
            close: at(grant.close),
            pay_in_by: at(grant.pay_in_by),
            ends: at(grant.ends),
            obligations: line.obligations,
            pay_ins: line.pay_ins,
            positions,
        }
    }
}

fn position(line: &PositionLine, names: &Names) -> PositionJson {
    let money = |minor: i128| words::decimal(minor, line.currency);
    PositionJson {
        participant: names.of(line.participant),
        currency: words::code(line.currency),
        position: money(line.position),
        paid_in: money(line.paid.into()),
        missing: money(line.missing.into()),
    }
}

fn all(told: &Windows, names: &Names) -> Vec<WindowJson> {
    let lines = (0_u16..).zip(&told.windows);
    lines
        .map(|(place, line)| {
            let own = told.positions.iter().filter(|one| one.window == place);
            WindowJson::of(line, own.map(|one| position(one, names)).collect())
        })
        .collect()
}

/// Shows the windows.
pub async fn show(args: &ShowArgs) -> Result<Answer, Failure> {
    let currency = words::currency_or_all(args.currency.as_deref())?;
    let desk = Desk::open(&args.bank, None).await?;
    let names = desk.names().await?;
    let asked = within(
        args.bank.patience(),
        "the node did not answer",
        desk.client.windows(currency),
    );
    let told = asked.await??;
    desk.close().await?;
    let time = Timestamp(told.time).to_text();
    let windows = all(&told, &names);
    if args.bank.json {
        return Answer::json(&WindowsJson {
            after_entry: told.index,
            time,
            windows,
        });
    }
    let mut out = format!(
        "after log entry {}, {time}: {} netting windows are open\n",
        told.index,
        windows.len()
    );
    for window in &windows {
        let _ = writeln!(
            out,
            "{}  {}  {}; close {}, pay in by {}, ends {}; {} obligations, {} pay-ins",
            window.window,
            window.currencies.join(" "),
            window.stage,
            window.close,
            window.pay_in_by,
            window.ends,
            window.obligations,
            window.pay_ins
        );
        for one in &window.positions {
            let _ = writeln!(
                out,
                "  {:<12} {} {:>20}, paid in {}, missing {}",
                one.participant, one.currency, one.position, one.paid_in, one.missing
            );
        }
    }
    Ok(Answer::done(out))
}
