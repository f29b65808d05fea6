//! `causeway verify log`: re-reads a whole log and says what holds.
use causeway_engine::EngineConfig;
use causeway_engine::verify::{self, LogFacts};
use causeway_message::LedgerId;
use causeway_message::ids::hex;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Duration;

use crate::Failure;
use crate::cmd::Answer;
use crate::node::identity_of;

const HELP: &str = "\
Reads the journal from its first entry and trusts nothing but the genesis: the chain of entries, every checksum,
every bank's signature, and that applying the rules again gives every tree head that the node noted at the time.
Nothing is written. A node may be running; then everything up to a moment ago is checked.

Examples:
  causeway verify log ledger
  causeway verify log ledger --ledger 0a1b…  --json

Exit codes: 0 it holds, 1 it does not, 2 wrong usage or no genesis, 3 a file cannot be read.";

/// Entries between two looks at the progress bar.
const STEP: u64 = 256;

/// Arguments of `verify log`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// Data directory of a node.
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// The ledger that it must be, in hexadecimal, as bank.toml pins it.
    #[arg(long, value_name = "HEX")]
    ledger: Option<String>,
    /// Print one JSON document.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct HoldsJson {
    holds: bool,
    ledger: String,
    entries: u64,
    signatures: u64,
    instructions: u64,
    settled: u64,
    heads: u64,
    tree_size: u64,
    root: String,
    state: String,
    torn_bytes: u64,
}

#[derive(Debug, Serialize)]
struct RefusedJson {
    holds: bool,
    reason: String,
}

/// Verifies a log.
pub fn run(args: &Args) -> Result<Answer, Failure> {
    let wanted = match &args.ledger {
        Some(text) => Some(
            LedgerId::from_hex(text)
                .ok_or_else(|| Failure::Config("--ledger: must be 64 hexadecimal digits".to_owned()))?,
        ),
        None => None,
    };
    let (genesis, log_key) = identity_of(&args.dir)?;
    let ledger = genesis.ledger_id();
    if wanted.is_some_and(|wanted| wanted != ledger) {
        return refused(args, format!("the genesis is that of ledger {ledger}"));
    }
    let bar = bar();
    let config = EngineConfig::new(&args.dir, log_key.name());
    let checked = verify::log(&config, &genesis, |entry| {
        if entry.is_multiple_of(STEP) {
            bar.set_position(entry);
        }
    });
    bar.finish_and_clear();
    match checked {
        Ok(facts) if args.json => Answer::json(&HoldsJson {
            holds: true,
            ledger: ledger.to_string(),
            entries: facts.entries,
            signatures: facts.signatures,
            instructions: facts.instructions,
            settled: facts.settled,
            heads: facts.heads,
            tree_size: facts.tree_size,
            root: hex(&facts.root),
            state: hex(&facts.state),
            torn_bytes: facts.torn_bytes,
        }),
        Ok(facts) => Ok(Answer::done(text(&facts, ledger))),
        Err(error) => refused(args, error.to_string()),
    }
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

/// Shown on a terminal only.
pub(super) fn bar() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} entries checked, {per_sec}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn text(facts: &LogFacts, ledger: LedgerId) -> String {
    let mut out = format!(
        "The log holds.\n\n\
         \x20 {} entries, each undamaged and chained to the one before, back to the genesis of ledger\n\
         \x20 {ledger}\n\
         \x20 {} batches carry the signature of the bank they name\n\
         \x20 {} instructions were answered; {} of them settled\n\
         \x20 the rules, applied again, give all {} tree heads that were journalled at the time\n\
         \x20 tree of {} leaves, root {}\n\
         \x20 state of the ledger at the end {}\n",
        facts.entries,
        facts.signatures,
        facts.instructions,
        facts.settled,
        facts.heads,
        facts.tree_size,
        hex(&facts.root),
        hex(&facts.state),
    );
    if facts.torn_bytes != 0 {
        out.push_str(&format!(
            "  {} bytes at the end are of a write that was never finished: nobody was answered from them\n",
            facts.torn_bytes
        ));
    }
    out
}
