//! Commit groups that grow by themselves: requests of one payment each, of 64 banks, at rising rates and then as fast as
//! they are answered. What a node says of its groups, and how long a request took from its intended time.
use std::fmt::Write as _;
use std::sync::Arc;

use indicatif::ProgressBar;
use serde::Serialize;

use crate::causeway::Causeway;
use crate::drive::control::Pace;
use crate::drive::director::{Director, Order, Ran};
use crate::drive::fleet::{Fleet, Member, Place as Sits, spread};
use crate::drive::node::{Node, Place, Profiles};
use crate::drive::schedule::Open;
use crate::drive::{Task, signals, world_of};
use crate::error::Failure;
use crate::meter::Scraped;
use crate::plan::{Arrivals, Plan};
use crate::report;
use crate::report::form::Distribution;
use crate::workload::{Waiting, Workload};

/// Requests a second that are intended, one step after another; a closed loop comes last.
const RATES: [u64; 4] = [100, 1_000, 2_000, 4_000];
/// Seconds before the window of a step.
const SETTLING: u64 = 1;
/// The node's histogram of entries in a durable write.
const GROUPS: &str = "causeway_log_group_entries";

/// Arguments of `bench grouping`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: causeway-loadtest bench grouping --seconds 10 --json")]
pub struct Args {
    /// Seconds of each step.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
    /// Banks that send.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u64).range(2..=600))]
    banks: u64,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What one rate came to.
#[derive(Debug, Clone, Serialize)]
struct Step {
    /// Requests a second that were intended; none in the closed loop.
    rate: Option<u64>,
    /// Requests intended in the window; none in the closed loop.
    offered: Option<u64>,
    answered: u64,
    answered_per_second: f64,
    unanswered: u64,
    /// Durable writes, and what they held on average. Among the entries are the tree heads that a node writes down.
    groups: Option<u64>,
    entries_per_group: Option<f64>,
    /// No more than so many in 99 of 100 groups: the upper bound of a bucket.
    entries_per_group_p99: Option<f64>,
    p50_ms: f64,
    p99_ms: f64,
}

#[derive(Debug, Serialize)]
struct Figures {
    part: &'static str,
    banks: u64,
    seconds: u64,
    steps: Vec<Step>,
    /// The lowest rate.
    alone_entries_per_group: Option<f64>,
    alone_p50_ms: f64,
    alone_p99_ms: f64,
    /// The closed loop.
    shared_entries_per_group: Option<f64>,
    shared_per_second: f64,
    shared_p50_ms: f64,
    shared_p99_ms: f64,
}

/// Runs all steps on one node.
///
/// # Errors
/// If the node or the network fails, or a bank's books do not agree with the ledger.
pub fn run(args: &Args) -> Result<String, Failure> {
    let sets = [
        format!("world.banks={}", args.banks),
        format!("seconds={}", args.seconds),
    ];
    let plan = Plan::shipped("single", &sets)?;
    signals::listen()?;
    let steps = measure(&plan)?;
    let [Some(alone), Some(shared)] = [steps.first(), steps.last()].map(|step| step.cloned()) else {
        return Err(Failure::Check("no step was measured".into()));
    };
    let figures = Figures {
        part: "grouping",
        banks: args.banks,
        seconds: args.seconds,
        steps,
        alone_entries_per_group: alone.entries_per_group,
        alone_p50_ms: alone.p50_ms,
        alone_p99_ms: alone.p99_ms,
        shared_entries_per_group: shared.entries_per_group,
        shared_per_second: shared.answered_per_second,
        shared_p50_ms: shared.p50_ms,
        shared_p99_ms: shared.p99_ms,
    };
    if args.json {
        report::json(&figures)
    } else {
        Ok(figures.to_text())
    }
}

/// A node of its own, its banks, and all steps.
fn measure(plan: &Plan) -> Result<Vec<Step>, Failure> {
    let world = Arc::new(world_of(plan)?);
    let causeway = Causeway::new(None)?;
    let place = Place::make(&world, &causeway, None)?;
    let mut node = Node::start(&causeway, &place.data, plan.environment())?;
    let profiles = Profiles {
        dir: place.data.clone(),
        listen: node.listen,
        notes: Arc::default(),
    };
    let waiting = Waiting::new(world.banks);
    let member = |bank: usize| {
        Ok(Member {
            task: Task {
                bank,
                batch: 1,
                receipts: 0,
                feed: plan.checks.feeds,
                slow: None,
                replays: false,
                depth: None,
            },
            workload: Workload::new(plan, world.clone(), bank, plan.seed, &waiting),
            place: Sits::Network(Box::new(profiles.client(bank)?), plan.seed),
        })
    };
    let members = (0..world.banks)
        .map(member)
        .collect::<Result<Vec<_>, Failure>>()?;
    let fleet = Fleet::launch(&world, spread(members, plan.load.threads))?;
    let (control, meter) = (fleet.control.clone(), fleet.meter.clone());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let bar = ProgressBar::new((RATES.len() as u64 + 1) * plan.seconds);
    let led = runtime.block_on(async {
        let mut director = Director::new(&control, &meter, fleet.banks, Some(&mut node), bar);
        director.ready().await?;
        let mut steps = Vec::new();
        for rate in RATES.map(Some).into_iter().chain([None]) {
            let order = Order {
                pace: pace(plan, rate),
                batch: 1,
                warm_up: SETTLING,
                seconds: plan.seconds,
                outage: None,
            };
            steps.push(Step::new(rate, &director.leg(&order).await?));
        }
        director.close(async || Ok(None)).await?;
        director.progress.finish_and_clear();
        Ok::<_, Failure>(steps)
    });
    let steps = match led {
        Ok(steps) => steps,
        Err(failure) => {
            fleet.stop();
            return Err(failure);
        }
    };
    let kept = fleet.join()?;
    node.stop()?;
    match kept.into_iter().find_map(|kept| kept.difference) {
        Some(difference) => Err(Failure::Check(difference)),
        None => Ok(steps),
    }
}

fn pace(plan: &Plan, rate: Option<u64>) -> Pace {
    rate.map_or(Pace::Closed(1), |rate| {
        Pace::Open(Open {
            rate: rate as f64,
            batch: 1,
            banks: plan.world.banks,
            arrivals: Arrivals::Poisson,
            phases: Arc::default(),
            shed: false,
            seed: plan.seed,
        })
    })
}

impl Step {
    fn new(rate: Option<u64>, ran: &Ran) -> Self {
        let counts = &ran.counts;
        let latency = Distribution::from(&counts.latency).short();
        let looks = ran.looks.as_ref();
        let rose = |(before, after): &(Scraped, Scraped), what: &str| after.rose(before, what);
        let groups = looks.and_then(|looks| rose(looks, &format!("{GROUPS}_count")));
        let entries = looks.and_then(|looks| rose(looks, &format!("{GROUPS}_sum")));
        Self {
            rate,
            offered: rate.map(|_| counts.offered),
            answered: counts.batches,
            answered_per_second: counts.batches as f64 / ran.window.max(1e-9),
            unanswered: counts.unanswered,
            groups: groups.map(|groups| groups as u64),
            entries_per_group: groups
                .zip(entries)
                .filter(|(groups, _)| *groups > 0.0)
                .map(|(groups, entries)| entries / groups),
            entries_per_group_p99: looks.and_then(|(before, after)| after.within(before, GROUPS, 0.99)),
            p50_ms: latency.p50,
            p99_ms: latency.p99,
        }
    }
}

impl Figures {
    fn to_text(&self) -> String {
        let mut text = format!(
            "grouping: requests of one payment each, {} banks, {} s a step\n  \
             {:>9} {:>9} {:>9} {:>9} {:>14} {:>8} {:>9} {:>9}",
            self.banks,
            self.seconds,
            "offered/s",
            "answered",
            "per s",
            "groups",
            "entries/group",
            "p99 ≤",
            "p50 ms",
            "p99 ms"
        );
        let shown = |number: Option<f64>, digits: usize| {
            number.map_or_else(|| "–".to_owned(), |number| format!("{number:.digits$}"))
        };
        for step in &self.steps {
            let _ = write!(
                text,
                "\n  {:>9} {:>9} {:>9.0} {:>9} {:>14} {:>8} {:>9.2} {:>9.2}",
                step.rate
                    .map_or_else(|| "closed".to_owned(), |rate| rate.to_string()),
                step.answered,
                step.answered_per_second,
                shown(step.groups.map(|groups| groups as f64), 0),
                shown(step.entries_per_group, 2),
                shown(step.entries_per_group_p99, 0),
                step.p50_ms,
                step.p99_ms
            );
            if step.unanswered > 0 {
                let _ = write!(text, "  {} never answered", step.unanswered);
            }
        }
        text.push_str(
            "\n  a group is one durable write; nothing waits for others to join it: what arrives while one is written is the \
             next\n  in the closed loop each bank has one request under way: entries of a group are of as many banks",
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_row_for_each_step_and_says_what_was_never_answered() {
        let step = Step {
            rate: Some(100),
            offered: Some(500),
            answered: 499,
            answered_per_second: 99.8,
            unanswered: 1,
            groups: Some(498),
            entries_per_group: Some(1.004),
            entries_per_group_p99: Some(1.0),
            p50_ms: 0.5,
            p99_ms: 1.25,
        };
        let closed = Step {
            rate: None,
            offered: None,
            unanswered: 0,
            groups: None,
            entries_per_group: None,
            ..step.clone()
        };
        let figures = Figures {
            part: "grouping",
            banks: 64,
            seconds: 5,
            alone_entries_per_group: step.entries_per_group,
            alone_p50_ms: 0.5,
            alone_p99_ms: 1.25,
            shared_entries_per_group: None,
            shared_per_second: 99.8,
            shared_p50_ms: 0.5,
            shared_p99_ms: 1.25,
            steps: vec![step, closed],
        };
        let text = figures.to_text();
        let rows: Vec<&str> = text.lines().skip(2).take(2).collect();
        assert!(
            rows[0].contains(" 1.00 ") && rows[0].ends_with("1 never answered"),
            "{text}"
        );
        assert!(rows[1].contains("closed") && rows[1].contains('–'), "{text}");
        let json = serde_json::to_value(&figures).expect("JSON");
        assert_eq!(json["steps"][0]["rate"], 100);
        assert!(json["shared_entries_per_group"].is_null());
    }
}
