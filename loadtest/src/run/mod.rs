//! `run`: a scenario against a node, an engine or a ledger.
mod flood;
mod world;

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use crate::drive::{self, Options, signals};
use crate::error::Failure;
use crate::plan::{Driver, Plan};
use crate::report;

pub use world::{Args as WorldArgs, run as world};

const HELP: &str = "\
Examples:
  causeway-loadtest run steady
  causeway-loadtest run steady --seconds 10 --rate 200000 --json
  causeway-loadtest run latency --set load.rate=500000
  causeway-loadtest run ./mine.toml --set driver=engine
  causeway-loadtest run single --banks 1 --seconds 5
  causeway-loadtest run soak --seconds 60 --set days.seconds=20
  causeway-loadtest run flood --banks 8 --depth 4 --seconds 10
  causeway-loadtest run --list

A scenario is one that is shipped, or a file. The node is a process of its own, this program under another word, on a
temporary directory, and ends with the run. In a closed loop a bank sends once an earlier batch is answered. In an open
one batches have intended times, and latency counts from these to the verified answer, whatever is late. A report is
written into a directory as JSON and as a page, also of a run that failed.

`flood` measures the banks alone first, then beside one that sends all it can on many connections: each other bank must
get half of its fair share, the best total divided by the banks; feeds are off.

With --node the banks of --profiles drive a node that somebody else runs; `causeway-loadtest world` writes its genesis.

Exit codes: 0 done and reconciled, 1 the result does not reconcile, 2 wrong usage, 3 the node or the network failed.";

/// Words of `flood`, which is no scenario: two runs that are compared.
const FLOOD: &str = "flood";

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// A shipped scenario, the file of one, or `flood`.
    #[arg(required_unless_present = "list")]
    scenario: Option<String>,
    /// Lists the shipped scenarios.
    #[arg(long)]
    list: bool,
    /// Sets a key of the scenario, as `load.rate=700000`.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// Seconds of the window: `seconds`.
    #[arg(long, overrides_with = "seconds")]
    seconds: Option<u64>,
    /// Banks that submit and subscribe: `world.banks`.
    #[arg(long, overrides_with = "banks")]
    banks: Option<u64>,
    /// Participants in all: `world.participants`.
    #[arg(long, overrides_with = "participants")]
    participants: Option<u64>,
    /// Accounts in all: `world.accounts`.
    #[arg(long, overrides_with = "accounts")]
    accounts: Option<u64>,
    /// Payments in a batch: `load.batch`.
    #[arg(long, overrides_with = "batch")]
    batch: Option<u64>,
    /// Batches each bank has under way: `load.depth`.
    #[arg(long, overrides_with = "depth")]
    depth: Option<u64>,
    /// Payments a second that are intended: an open loop, `load.rate`.
    #[arg(long, overrides_with = "rate")]
    rate: Option<u64>,
    /// Threads of the harness: `load.threads`.
    #[arg(long, overrides_with = "threads")]
    threads: Option<u64>,
    /// One receipt in so many payments is fetched and checked alone, 0 for none: `checks.receipts`.
    #[arg(long, overrides_with = "receipts")]
    receipts: Option<u64>,
    /// Leaves the banks' feeds off (the result says so): `checks.feeds`.
    #[arg(long)]
    no_feed: bool,
    /// Seed of the payments: `seed`.
    #[arg(long, overrides_with = "seed")]
    seed: Option<u64>,
    /// The `causeway` binary; by default this program, which holds it.
    #[arg(long, value_name = "FILE")]
    causeway: Option<PathBuf>,
    /// Where the node keeps its data; by default a temporary directory that is removed.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// A node that runs already.
    #[arg(long, value_name = "ADDR", requires = "profiles", conflicts_with_all = ["dir", "causeway", "restart"])]
    node: Option<SocketAddr>,
    /// Directory of the node of --node that holds `banks/NAME/bank.toml`.
    #[arg(long, value_name = "DIR", requires = "node")]
    profiles: Option<PathBuf>,
    /// Stops the node afterwards, starts it again on its data, and says how long that took.
    #[arg(long)]
    restart: bool,
    /// Where the report goes; by default `loadtest-report`.
    #[arg(long, value_name = "DIR")]
    report: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Args {
    /// Options in short as keys of the scenario; those that were spelled out come behind, and count.
    fn sets(&self) -> Vec<String> {
        let mut sets = Vec::new();
        let numbers = [
            ("seconds", self.seconds),
            ("world.banks", self.banks),
            ("world.participants", self.participants),
            ("world.accounts", self.accounts),
            ("load.batch", self.batch),
            ("load.depth", self.depth),
            ("load.threads", self.threads),
            ("checks.receipts", self.receipts),
            ("seed", self.seed),
        ];
        for (key, value) in numbers {
            sets.extend(value.map(|value| format!("{key}={value}")));
        }
        if let Some(rate) = self.rate {
            sets.push("load.loop=open".to_owned());
            sets.push(format!("load.rate={rate}"));
        }
        if self.no_feed {
            sets.push("checks.feeds=false".to_owned());
        }
        sets.extend(self.set.iter().cloned());
        sets
    }

    /// Options that would have no effect are wrong.
    fn refuse(what: &str, options: &[(&str, bool)]) -> Result<(), Failure> {
        match options.iter().find(|(_, given)| *given) {
            Some((option, _)) => Err(Failure::Usage(format!("{option}: has no effect on {what}"))),
            None => Ok(()),
        }
    }
}

/// Runs a scenario.
///
/// # Errors
/// If the scenario breaks a rule, the node or the network fails, or the result does not reconcile.
pub fn run(args: &Args) -> Result<String, Failure> {
    if args.list {
        return Ok(list());
    }
    let name = args.scenario.as_deref().unwrap_or_default();
    if name == FLOOD {
        Args::refuse(
            FLOOD,
            &[
                ("--node", args.node.is_some()),
                ("--report", args.report.is_some()),
                ("--restart", args.restart),
            ],
        )?;
        return flood::run(args);
    }
    let plan = Plan::find(name, &args.sets())?;
    if plan.driver == Driver::Core {
        Args::refuse(
            "the driver \"core\"",
            &[
                ("--node", args.node.is_some()),
                ("--dir", args.dir.is_some()),
                ("--restart", args.restart),
                ("--causeway", args.causeway.is_some()),
            ],
        )?;
    }
    let options = Options {
        causeway: args.causeway.clone(),
        dir: args.dir.clone(),
        node: args.node,
        profiles: args.profiles.clone(),
        restart: args.restart,
    };
    let directory = args.report.as_deref().unwrap_or(Path::new(report::DIRECTORY));
    report::room(directory)?;
    signals::listen()?;
    let (report, result) = drive::run(&plan, &options);
    if let Err(failure @ Failure::Usage(_)) = result {
        return Err(failure);
    }
    let text = if args.json {
        report::json(&report)?
    } else {
        report::table(&report)
    };
    let (kept, result) = match report::keep(&report, directory) {
        Ok(kept) => {
            let kept = format!("report: {}\n        {}", kept.html.display(), kept.json.display());
            (kept, result)
        }
        Err(failure) => {
            let why = format!("no report was written: {failure}");
            (why.clone(), result.and(Err(Failure::Io(why))))
        }
    };
    let Err(failure) = result else {
        if args.json {
            let _ = writeln!(std::io::stderr(), "{kept}");
            return Ok(text);
        }
        return Ok(format!("{text}\n{kept}"));
    };
    // What was measured until then is worth its place on the output; the reason goes where errors go.
    let _ = writeln!(std::io::stdout(), "{text}");
    let _ = writeln!(std::io::stderr(), "{kept}");
    Err(failure)
}

fn list() -> String {
    let mut text = String::new();
    for shipped in Plan::list() {
        let about =
            Plan::shipped(shipped.name, &[]).map_or_else(|error| error.to_string(), |plan| plan.about);
        let _ = writeln!(text, "{:<14} {about}", shipped.name);
    }
    let _ = write!(
        text,
        "{FLOOD:<14} One bank sends all it can: what is left for the others"
    );
    text
}
