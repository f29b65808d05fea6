//! `causeway control default-report`: what is at stake with a member, and with whom.
use std::fmt::Write;

use causeway_message::action::DefaultState;
use causeway_message::wire::{Exposure, Stake, StakeLine};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::Failure;
use crate::client::words::{self, Names};
use crate::client::{BankArgs, Desk, within};
use crate::cmd::Answer;

const HELP: &str = "\
For operators and regulators; a settlement agent names its currency. Before a default is confirmed it shows what is at
stake and who is affected, afterwards what is left: conditional payments that are set aside, and what waits in the
queues of others. It may be asked of a member that is in no default, too.

Examples:
  causeway control default-report --config banks/OPERATOR/bank.toml EPSIJPJT
  causeway control default-report --config banks/ECB-TARGET/bank.toml EPSIJPJT --currency EUR --json

Exit codes: 0 shown, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

/// Arguments of `control default-report`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    bank: BankArgs,
    /// The participant: its name, or its id.
    #[arg(value_name = "PARTICIPANT")]
    participant: String,
    /// Only this currency (ISO 4217).
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
}

#[derive(Debug, Serialize)]
struct ReportJson {
    after_entry: u64,
    participant: String,
    participant_id: u32,
    default: &'static str,
    accounts: Vec<Value>,
    quotes: Vec<Value>,
    /// Everybody who has something with it that waits.
    affected: Vec<String>,
    counterparties: Vec<Value>,
}

/// Shows the report.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    let currency = words::currency_or_all(args.currency.as_deref())?;
    let desk = Desk::open(&args.bank, None).await?;
    let names = desk.names().await?;
    let participant = names.find("PARTICIPANT", &args.participant)?;
    let asked = within(
        args.bank.patience(),
        "the node did not answer",
        desk.client.exposure(participant, currency),
    );
    let told = asked.await??;
    desk.close().await?;
    if args.bank.json {
        return Answer::json(&report(&told, &names));
    }
    Ok(Answer::done(text(&told, &names)))
}

fn affected(told: &Exposure, names: &Names) -> Vec<String> {
    let mut all: Vec<String> = told
        .lines
        .iter()
        .map(|line| names.of(line.counterparty))
        .collect();
    all.dedup();
    all
}

fn report(told: &Exposure, names: &Names) -> ReportJson {
    let accounts = told.accounts.iter().map(|own| {
        let money = |minor: i128| words::decimal(minor, own.currency);
        json!({
            "currency": words::code(own.currency),
            "balance": money(own.balance),
            "set_aside": money(own.set_aside),
            "credit_line": money(own.line.into()),
            "collateral": money(own.collateral),
            "fees_accrued": money(own.fees.into()),
        })
    });
    let quotes = told.quotes.iter().map(|own| {
        json!({
            "base": words::code(own.base),
            "counter": words::code(own.counter),
            "quotes": own.quotes,
            "left": words::decimal(own.left, own.base),
            "exposure": words::decimal(own.net, own.base),
        })
    });
    let lines = told.lines.iter().map(|line| {
        let mut all = Map::new();
        all.insert("counterparty".into(), names.of(line.counterparty).into());
        all.insert("currency".into(), words::code(line.currency).into());
        for (stake, count, amount) in stakes(line) {
            let amount = words::decimal(amount, line.currency);
            all.insert(stake.name().into(), json!({ "count": count, "amount": amount }));
        }
        Value::Object(all)
    });
    ReportJson {
        after_entry: told.index,
        participant: names.of(told.participant),
        participant_id: told.participant.0,
        default: told.state.name(),
        accounts: accounts.collect(),
        quotes: quotes.collect(),
        affected: affected(told, names),
        counterparties: lines.collect(),
    }
}

fn stakes(line: &StakeLine) -> impl Iterator<Item = (Stake, u32, i128)> + '_ {
    let told = line.counts.iter().zip(&line.amounts);
    Stake::ALL
        .into_iter()
        .zip(told)
        .map(|(stake, (count, amount))| (stake, *count, *amount))
}

/// A stake from the side of the participant that is asked about.
const fn sentence(stake: Stake) -> &'static str {
    match stake {
        Stake::QueuedOut => "payments to it wait",
        Stake::QueuedIn => "payments from it wait",
        Stake::TradesPay => "trades wait in which it is paid",
        Stake::TradesGet => "trades wait in which it pays",
        Stake::ConditionalOut => "conditional payments to it are set aside",
        Stake::ConditionalIn => "conditional payments from it are set aside",
        Stake::LocksOut => "amounts are kept for locks of it",
        Stake::LocksIn => "amounts are kept by it for locks",
        Stake::QuestionsOut => "payments to it are asked back",
        Stake::QuestionsIn => "payments from it are asked back",
    }
}

fn text(told: &Exposure, names: &Names) -> String {
    let who = names.of(told.participant);
    let state = match told.state {
        DefaultState::None => "is in no default",
        DefaultState::Declared => "is declared in default; nothing has ended yet",
        DefaultState::Confirmed => "is in default, confirmed",
    };
    let mut out = format!("{who} {state}; after log entry {}\n", told.index);
    for own in &told.accounts {
        let money = |minor: i128| words::money(minor, own.currency);
        let _ = writeln!(
            out,
            "{}: balance {}, set aside {}, credit line {}, collateral counts {}, fees owed {}",
            words::code(own.currency),
            money(own.balance),
            money(own.set_aside),
            money(own.line.into()),
            money(own.collateral),
            money(own.fees.into())
        );
    }
    for own in &told.quotes {
        let _ = writeln!(
            out,
            "quotes {}/{}: {} live, {} left, exposure {}",
            words::code(own.base),
            words::code(own.counter),
            own.quotes,
            words::money(own.left, own.base),
            words::money(own.net, own.base)
        );
    }
    let _ = writeln!(out, "affected: {}", affected(told, names).len());
    for line in &told.lines {
        let _ = writeln!(
            out,
            "{}, {}",
            names.of(line.counterparty),
            words::code(line.currency)
        );
        for (stake, count, amount) in stakes(line).filter(|(_, count, _)| *count != 0) {
            let _ = writeln!(
                out,
                "  {count} {}: {}",
                sentence(stake),
                words::money(amount, line.currency)
            );
        }
    }
    out
}
