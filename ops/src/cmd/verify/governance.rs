//! `causeway verify governance`: who proposed, approved and withdrew what, and what became of it.
use causeway_engine::EngineConfig;
use causeway_engine::governance;
use causeway_message::LedgerId;
use causeway_message::digest::Digest;
use causeway_message::ids::{hex, parse_hex};
use serde::Serialize;
use std::fmt::Write;
use std::path::PathBuf;

use super::log::bar;
use crate::Failure;
use crate::client::words::Names;
use crate::cmd::Answer;
use crate::governance::filter::Filter;
use crate::governance::row::{Row, rows};
use crate::governance::{csv, text};
use crate::node::identity_of;

const HELP: &str = "\
Checks the whole log first, as `causeway verify log` does, and lists nothing of a log that does not hold. Then it lists what
the genesis grants, every change of the version of the rules, and every proposal: who proposed it (participant, person,
key), what it is, who approved or withdrew it or tried to, and what became of it. A node may be running.

With filters a line is listed if it passes all of them: --participant if it is signed by the participant or names it,
--from and --to if anything of it happened on those days (UTC).

Each run prints size and root of the log's tree. Keep them: with --head the next run proves that the log grew out of
that one, so that nothing that was listed then is gone or changed.

In CSV a name or text that a spreadsheet would run as a formula has a single quote in front.

Examples:
  causeway verify governance ledger
  causeway verify governance ledger --participant ECB-TARGET --action fund --from 2026-12-01 --to 2026-12-31
  causeway verify governance ledger --csv > governance.csv
  causeway verify governance ledger --ledger 0a1b… --head 4711:5c6d… --json

Exit codes: 0 the log holds, 1 it does not, or there is no such participant, 2 wrong usage or no genesis, 3 a file cannot be
read.";

/// Entries between two looks at the progress bar.
const STEP: u64 = 256;

/// Arguments of `verify governance`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Data directory of a node.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// The ledger that it must be, in hexadecimal, as bank.toml pins it.
    #[arg(long, value_name = "HEX")]
    ledger: Option<String>,
    /// The tree that the log must have grown out of: its size and its root in hexadecimal, as an earlier run printed them.
    #[arg(long, value_name = "SIZE:ROOT")]
    head: Option<String>,
    /// Only what this participant signed, or what names it: its name or its id.
    #[arg(long, value_name = "NAME")]
    participant: Option<String>,
    /// Only proposals of this action, such as set-cap.
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// Only what happened on this day (UTC) or later.
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Only what happened on this day (UTC) or earlier.
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    /// Print one JSON document.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print CSV.
    #[arg(long)]
    csv: bool,
}

#[derive(Debug, Serialize)]
struct HoldsJson<'a> {
    holds: bool,
    ledger: String,
    entries: u64,
    tree_size: u64,
    root: String,
    lines: &'a [Row],
}

#[derive(Debug, Serialize)]
struct RefusedJson {
    holds: bool,
    reason: String,
}

/// Lists.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    let mut filter = Filter::read(
        args.action.as_deref(),
        None,
        args.from.as_deref(),
        args.to.as_deref(),
    )?;
    let wanted = args.ledger.as_deref().map(|text| {
        LedgerId::from_hex(text)
            .ok_or_else(|| Failure::Config("--ledger: must be 64 hexadecimal digits".to_owned()))
    });
    let wanted = wanted.transpose()?;
    let head = args.head.as_deref().map(head).transpose()?;
    let mut met = None;
    let (genesis, log_key) = identity_of(&args.dir)?;
    let ledger = genesis.ledger_id();
    if wanted.is_some_and(|wanted| wanted != ledger) {
        return refused(args, format!("the genesis is that of ledger {ledger}"));
    }
    let bar = bar();
    let config = EngineConfig::new(&args.dir, log_key.name());
    let read = governance::read(&config, &genesis, |entry, root| {
        if head.is_some_and(|(size, _)| size == entry) {
            met = Some(*root);
        }
        if entry.is_multiple_of(STEP) {
            bar.set_position(entry);
        }
    });
    bar.finish_and_clear();
    let (facts, governance) = match read {
        Ok(read) => read,
        Err(error) => return refused(args, error.to_string()),
    };
    if let Some((size, root)) = head
        && met != Some(root)
    {
        let found = met.map_or_else(
            || format!("it ends at {} leaves", facts.tree_size),
            |met| format!("its tree of {size} leaves has the root {}", hex(&met)),
        );
        return refused(args, format!("it did not grow out of --head: {found}"));
    }
    let names = Names::in_order(&governance.names);
    if let Some(name) = &args.participant {
        filter.participant = Some(names.find("--participant", name)?);
    }
    let mut lines = rows(&genesis, &governance, &names);
    lines.retain(|row| filter.passes(row));
    if args.csv {
        return Ok(Answer::done(csv(&lines)?));
    }
    if args.json {
        return Answer::json(&HoldsJson {
            holds: true,
            ledger: ledger.to_string(),
            entries: facts.entries,
            tree_size: facts.tree_size,
            root: hex(&facts.root),
            lines: &lines,
        });
    }
    let mut out = format!(
        "The log of ledger {ledger} holds: {} entries, tree of {} leaves, root {}\n\n",
        facts.entries,
        facts.tree_size,
        hex(&facts.root)
    );
    out.push_str(&text(&lines));
    match lines.len() {
        0 => out.push_str("Nothing in it passes the filters.\n"),
        many => {
            let _ = writeln!(out, "\n{many} lines");
        }
    }
    Ok(Answer::done(out))
}

/// Size and root of a tree.
fn head(text: &str) -> Result<(u64, Digest), Failure> {
    let wrong = || {
        let rule = "must be a size, a colon and a root of 64 hexadecimal digits";
        Failure::Config(format!("--head: {rule}"))
    };
    let (size, root) = text.split_once(':').ok_or_else(wrong)?;
    let size = size.parse().map_err(|_| wrong())?;
    Ok((size, parse_hex(root).ok_or_else(wrong)?))
}

fn refused(args: &Args, reason: String) -> Result<Answer, Failure> {
    let failure = Failure::Refused(format!("{}: the log does not hold: {reason}", args.dir.display()));
    let answer = if args.json {
        Answer::json(&RefusedJson { holds: false, reason })?
    } else {
        Answer::done(String::new())
    };
    Ok(answer.but(Some(failure)))
}
