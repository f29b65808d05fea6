//! One bank sends all it can: what is left for the others.
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use causeway_message::limits::SESSION_WINDOW;
use serde::Serialize;

use super::bank::Plan;
use super::node::Node;
use super::{Args, Control, drive};
use crate::error::Failure;
use crate::report;
use crate::world::World;

/// The bank that floods.
const FLOODING: usize = 0;
/// Its connections, each with a session whose window is always full: more than the node takes of one bank.
const CONNECTIONS: usize = 4;
/// Time until the flood has filled everything that it can fill.
const WARM_UP: Duration = Duration::from_secs(4);
/// Least part of its fair share that every other bank must get.
const LEAST: f64 = 0.5;

/// What one bank got.
#[derive(Debug, Serialize)]
struct Share {
    bank: usize,
    payments_per_second: f64,
    of_fair_share: f64,
}

/// The result.
#[derive(Debug, Serialize)]
struct Summary {
    scenario: &'static str,
    banks: u64,
    depth: u64,
    batch_size: u64,
    flooding_connections: usize,
    flooding_depth: usize,
    /// All banks alike, nobody floods.
    alike_payments_per_second: f64,
    /// One floods.
    flooded_payments_per_second: f64,
    /// Best total, divided by the banks.
    fair_share: f64,
    flooding: Share,
    others: Vec<Share>,
    least_of_fair_share: f64,
    fair: bool,
    node_resident_mib: u64,
    switched_off: [&'static str; 2],
}

/// Runs the scenario.
///
/// # Errors
/// If the node or the network fails, or a bank gets less than half of its fair share.
pub fn run(args: &Args) -> Result<String, Failure> {
    if args.banks < 2 {
        return Err(Failure::Usage("flood needs two banks at least".into()));
    }
    let world = Arc::new(World::new(
        args.banks as usize,
        args.participants as usize,
        args.accounts,
    ));
    let (alike, _) = phase(args, &world, "alike", 0)?;
    let (flooded, resident) = phase(args, &world, "flooded", CONNECTIONS)?;
    let summary = Summary::new(args, &alike, &flooded, resident);
    if !summary.fair {
        return Err(Failure::Check(summary.to_text()));
    }
    if args.json {
        report::json(&summary)
    } else {
        Ok(summary.to_text())
    }
}

/// Payments a second of each bank, by its number, and the node's resident bytes.
type Rates = (BTreeMap<usize, f64>, u64);

/// A node of its own with all banks, of which one floods on so many connections; with none, it is as the others.
fn phase(args: &Args, world: &Arc<World>, name: &str, flooding: usize) -> Result<Rates, Failure> {
    let dir = args.dir.as_ref().map(|dir| dir.join(name));
    let node = Node::start(world, args.causeway.as_deref(), dir.as_deref())?;
    let steady = Plan {
        batch: args.batch as usize,
        depth: args.depth as usize,
        interval: None,
        receipts: 0,
        // What the flooding bank pays to the others would take their client's processor, which is this machine's, too.
        feed: false,
        seed: args.seed,
    };
    let steadily: Vec<(usize, Plan)> = (usize::from(flooding > 0)..args.banks as usize)
        .map(|bank| (bank, steady.clone()))
        .collect();
    let all_it_can: Vec<(usize, Plan)> = (0..flooding)
        .map(|n| {
            let plan = Plan {
                depth: SESSION_WINDOW,
                feed: false,
                // A session and random ids of its own.
                seed: args.seed + 1_000 * (n as u64 + 1),
                ..steady.clone()
            };
            (FLOODING, plan)
        })
        .collect();
    let control = Arc::new(Control::new(steadily.len() + all_it_can.len()));
    // A thread each for those who pay and the one who floods: it does not take the others' processor, either.
    let parts = vec![steadily, all_it_can];
    let (window, measured) = drive(args, world, &node, &control, parts, WARM_UP)?;
    let resident = node.resident_bytes();
    node.stop()?;
    measured.reconcile()?;
    let rate = |bank| measured.by_bank.get(&bank).copied().unwrap_or(0) as f64 / window;
    let rates = (0..args.banks as usize).map(|bank| (bank, rate(bank))).collect();
    Ok((rates, resident))
}

impl Summary {
    fn new(args: &Args, alike: &BTreeMap<usize, f64>, flooded: &BTreeMap<usize, f64>, resident: u64) -> Self {
        let total = |rates: &BTreeMap<usize, f64>| rates.values().sum::<f64>();
        let fair_share = total(alike).max(total(flooded)) / args.banks as f64;
        let share = |(bank, rate): (&usize, &f64)| Share {
            bank: *bank,
            payments_per_second: *rate,
            of_fair_share: rate / fair_share,
        };
        let (flooding, others): (Vec<_>, Vec<_>) = flooded
            .iter()
            .map(share)
            .partition(|share| share.bank == FLOODING);
        let least = others
            .iter()
            .map(|share| share.of_fair_share)
            .fold(f64::INFINITY, f64::min);
        Self {
            scenario: "flood",
            banks: args.banks,
            depth: args.depth,
            batch_size: args.batch,
            flooding_connections: CONNECTIONS,
            flooding_depth: CONNECTIONS * SESSION_WINDOW,
            alike_payments_per_second: total(alike),
            flooded_payments_per_second: total(flooded),
            fair_share,
            flooding: flooding.into_iter().next().unwrap_or(Share {
                bank: FLOODING,
                payments_per_second: 0.0,
                of_fair_share: 0.0,
            }),
            others,
            least_of_fair_share: least,
            // Not a number, where nothing settled at all, is not fair.
            fair: least >= LEAST,
            node_resident_mib: resident / 1_048_576,
            switched_off: ["feeds", "single receipts"],
        }
    }

    /// For people.
    fn to_text(&self) -> String {
        let mut text = String::new();
        let _ = writeln!(
            text,
            "{}: the least of the others got {:.2} of its fair share of {:.0} payments/s",
            if self.fair { "fair" } else { "not fair" },
            self.least_of_fair_share,
            self.fair_share
        );
        let _ = writeln!(
            text,
            "  in all {:.0} payments/s with {} banks alike, {:.0} with one that floods on {} connections",
            self.alike_payments_per_second,
            self.banks,
            self.flooded_payments_per_second,
            self.flooding_connections
        );
        for share in std::iter::once(&self.flooding).chain(&self.others) {
            let _ = writeln!(
                text,
                "  bank {}: {:.0} payments/s, {:.2} of its fair share{}",
                share.bank,
                share.payments_per_second,
                share.of_fair_share,
                if share.bank == FLOODING { ", flooding" } else { "" }
            );
        }
        let _ = write!(text, "  node: {} MiB resident", self.node_resident_mib);
        text
    }
}
