//! One bank sends all it can: what is left for the others.
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;

use causeway_message::limits::SESSION_WINDOW;
use serde::Serialize;

use super::Args;
use crate::causeway::Causeway;
use crate::drive::control::Pace;
use crate::drive::director::{Director, Order, Ran};
use crate::drive::fleet::{Fleet, Member, Place as Sits};
use crate::drive::node::{Node, Place, Profiles};
use crate::drive::{Task, signals, world_of};
use crate::error::Failure;
use crate::plan::{Driver, Loop, Plan};
use crate::report;
use crate::workload::{Waiting, Workload};
use crate::world::World;

/// The bank that floods.
const FLOODING: usize = 0;
/// Its connections, each with a session whose window is always full: more than the node takes of one bank.
const CONNECTIONS: usize = 4;
/// Seconds until the flood has filled everything that it can fill.
const WARM_UP: u64 = 4;
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
    let plan = Plan::shipped("steady", &args.sets())?;
    if plan.world.banks < 2 || plan.load.kind != Loop::Closed {
        return Err(Failure::Usage(
            "flood needs two banks at least, and a closed loop".into(),
        ));
    }
    if plan.driver != Driver::Quic {
        return Err(Failure::Usage(
            "flood has a node of its own: only the driver \"quic\"".into(),
        ));
    }
    let world = Arc::new(world_of(&plan)?);
    signals::listen()?;
    let (alike, _) = phase(args, &plan, &world, "alike", 0)?;
    let (flooded, resident) = phase(args, &plan, &world, "flooded", CONNECTIONS)?;
    let summary = Summary::new(&plan, &alike, &flooded, resident);
    let text = if args.json {
        report::json(&summary)?
    } else {
        summary.to_text()
    };
    if summary.fair {
        return Ok(text);
    }
    // The result goes where it always goes; only why it fails goes to the other stream.
    let _ = writeln!(std::io::stdout(), "{text}");
    Err(Failure::Check(format!(
        "not fair: the least of the others got {:.2} of its fair share, less than {LEAST}",
        summary.least_of_fair_share
    )))
}

/// Payments a second of each bank, by its number, and the node's resident MiB.
type Rates = (BTreeMap<usize, f64>, u64);

/// A node of its own with all banks, of which one floods on so many connections; with none, it is as the others.
fn phase(
    args: &Args,
    plan: &Plan,
    world: &Arc<World>,
    name: &str,
    flooding: usize,
) -> Result<Rates, Failure> {
    let dir = args.dir.as_ref().map(|dir| dir.join(name));
    let causeway = Causeway::new(args.causeway.as_deref())?;
    let place = Place::make(world, &causeway, dir.as_deref())?;
    let mut node = Node::start(&causeway, &place.data, plan.environment())?;
    let profiles = Profiles {
        dir: place.data.clone(),
        listen: node.listen,
        notes: Arc::default(),
    };
    let waiting = Waiting::new(plan.world.banks);
    let member = |bank: usize, seed: u64, depth: Option<usize>| {
        Ok(Member {
            task: Task {
                bank,
                batch: plan.load.batch,
                receipts: 0,
                // What the flooding bank pays to the others would take their client's processor, which is this machine's.
                feed: false,
                slow: None,
                replays: false,
                depth,
            },
            workload: Workload::new(plan, world.clone(), bank, seed, &waiting),
            place: Sits::Network(Box::new(profiles.client(bank)?), seed),
        })
    };
    let first = usize::from(flooding > 0);
    let steadily = (first..world.banks).map(|bank| member(bank, plan.seed, None));
    // A session and random ids of its own for each connection.
    let all_it_can = (0..flooding as u64)
        .map(|number| member(FLOODING, plan.seed + 1_000 * (number + 1), Some(SESSION_WINDOW)));
    // A thread each for those who pay and the one who floods: it does not take the others' processor, either.
    let parts = vec![
        steadily.collect::<Result<Vec<_>, Failure>>()?,
        all_it_can.collect::<Result<Vec<_>, Failure>>()?,
    ];
    let fleet = Fleet::launch(world, parts)?;
    let (control, meter) = (fleet.control.clone(), fleet.meter.clone());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let led = runtime.block_on(async {
        let bar = indicatif::ProgressBar::hidden();
        let mut director = Director::new(&control, &meter, fleet.banks, Some(&mut node), bar);
        director.ready().await?;
        let order = Order {
            pace: Pace::Closed(plan.load.depth),
            batch: plan.load.batch,
            warm_up: WARM_UP,
            seconds: plan.seconds,
            outage: None,
        };
        let ran = director.leg(&order).await?;
        director.close(async || Ok(None)).await?;
        Ok::<Ran, Failure>(ran)
    });
    let ran = match led {
        Ok(ran) => ran,
        Err(failure) => {
            fleet.stop();
            return Err(failure);
        }
    };
    let kept = fleet.join()?;
    let resident = ran.series.last().and_then(|second| second.node_mib).unwrap_or(0);
    node.stop()?;
    if let Some(difference) = kept.into_iter().find_map(|kept| kept.difference) {
        return Err(Failure::Check(difference));
    }
    let rate = |bank: usize| ran.counts.by_bank.get(&bank).copied().unwrap_or(0) as f64 / ran.window;
    Ok((
        (0..world.banks).map(|bank| (bank, rate(bank))).collect(),
        resident,
    ))
}

impl Summary {
    fn new(plan: &Plan, alike: &BTreeMap<usize, f64>, flooded: &BTreeMap<usize, f64>, resident: u64) -> Self {
        let total = |rates: &BTreeMap<usize, f64>| rates.values().sum::<f64>();
        let fair_share = total(alike).max(total(flooded)) / plan.world.banks as f64;
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
            banks: plan.world.banks as u64,
            depth: plan.load.depth as u64,
            batch_size: plan.load.batch as u64,
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
            node_resident_mib: resident,
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
