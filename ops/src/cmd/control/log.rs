//! `causeway control log`: who proposed, approved and withdrew what, as the node tells it.
use std::fmt::Write;

use causeway_engine::governance::of_told;
use causeway_message::ParticipantId;
use causeway_message::wire::GovernanceLines;
use serde::Serialize;

use crate::Failure;
use crate::client::words::Names;
use crate::client::{BankArgs, Desk, within};
use crate::cmd::Answer;
use crate::governance::filter::Filter;
use crate::governance::row::{Row, lines};
use crate::governance::{csv, text};

const HELP: &str = "\
Every proposal with who decided on it and what became of it, and every decision about what nobody proposed. Without
--participant that of the own participant; those of others are for operators and regulators. With --all everybody is asked,
and decisions about proposals of others stand with the proposals; else they stand alone.

It is what the node says. A copy of its log proves the same lines: `causeway verify governance`.

In CSV a name or text that a spreadsheet would run as a formula has a single quote in front.

Examples:
  causeway control log --config banks/ECB-TARGET/bank.toml --from 2026-12-01
  causeway control log --config banks/OPERATOR/bank.toml --all --status same-person
  causeway control log --config banks/OPERATOR/bank.toml --all --csv > governance.csv

Exit codes: 0 listed, 1 refused, 2 wrong usage or configuration, 3 the node does not answer.";

/// Arguments of `control log`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    #[command(flatten)]
    bank: BankArgs,
    /// Whose records: a name or an id.
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    participant: Option<String>,
    /// Those of everybody.
    #[arg(long)]
    all: bool,
    /// Only what happened on this day (UTC) or later.
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Only proposals of this action, such as set-cap.
    #[arg(long, value_name = "NAME")]
    action: Option<String>,
    /// Only what has this status, such as executed, or a decision that was answered so.
    #[arg(long, value_name = "NAME")]
    status: Option<String>,
    /// Print CSV.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

#[derive(Debug, Serialize)]
struct LogJson<'a> {
    /// Log index up to which it is complete.
    after_entry: u64,
    lines: &'a [Row],
}

/// Lists.
pub async fn run(args: &Args) -> Result<Answer, Failure> {
    let filter = Filter::read(
        args.action.as_deref(),
        args.status.as_deref(),
        args.from.as_deref(),
        None,
    )?;
    let desk = Desk::open(&args.bank, None).await?;
    let asked = within(args.bank.patience(), "the node did not answer", ask(&desk, args));
    let (told, names) = asked.await??;
    desk.close().await?;
    let (index, told) = cut(told);
    let mut rows = lines(&of_told(&told), &names);
    rows.retain(|row| filter.passes(row));
    if args.csv {
        return Ok(Answer::done(csv(&rows)?));
    }
    if args.bank.json {
        return Answer::json(&LogJson {
            after_entry: index,
            lines: &rows,
        });
    }
    let mut out = text(&rows);
    match rows.len() {
        0 => out.push_str("Nothing in it passes the filters.\n"),
        many => {
            let _ = writeln!(out, "\n{many} lines");
        }
    }
    let _ = writeln!(out, "as the node tells it after entry {index}");
    Ok(Answer::done(out))
}

/// What the node tells of whom is asked about, and everybody's name.
async fn ask(desk: &Desk, args: &Args) -> Result<(Vec<GovernanceLines>, Names), Failure> {
    let directory = desk.client.directory().await?;
    let names = Names::new(&directory);
    let whom: Vec<ParticipantId> = match &args.participant {
        _ if args.all => directory.iter().map(|line| line.participant).collect(),
        Some(name) => vec![names.find("--participant", name)?],
        None => vec![desk.participant()],
    };
    let mut told = Vec::with_capacity(whom.len());
    for participant in whom {
        told.push(desk.client.governance(participant).await?);
    }
    Ok((told, names))
}

/// The log index up to which all of it is complete, and what was told up to there: the log goes on between two questions.
fn cut(mut told: Vec<GovernanceLines>) -> (u64, Vec<GovernanceLines>) {
    let index = told.iter().map(|lines| lines.index).min().unwrap_or(0);
    for lines in &mut told {
        lines.records.retain(|record| record.entry <= index);
        lines.reached.retain(|reached| reached.entry <= index);
    }
    (index, told)
}
