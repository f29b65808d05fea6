//! Drivers: what carries the workload of a scenario, and what is measured of it.
pub mod agree;
mod auditing;
mod bank;
mod beside;
pub mod control;
mod core;
pub mod director;
mod engine;
mod fill;
pub mod fleet;
mod govern;
mod legs;
mod line;
mod marks;
mod network;
pub mod node;
pub mod others;
mod proof;
mod ramp;
pub mod schedule;
mod seat;
pub mod signals;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use crate::error::Failure;
use crate::plan::{Driver, Loop, Plan};
use crate::report::form::Report;
use crate::world::{Cap, World};

pub use bank::Task;

/// What a run is told beside its scenario.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The `causeway` binary; this program if none.
    pub causeway: Option<PathBuf>,
    /// Where the node keeps its data; a temporary directory if none.
    pub dir: Option<PathBuf>,
    /// A node that somebody else runs.
    pub node: Option<SocketAddr>,
    /// Profiles of its banks.
    pub profiles: Option<PathBuf>,
    /// Stops the node afterwards and starts it again.
    pub restart: bool,
}

/// Payments a second that a closed loop is taken to reach where caps hang on it.
const SUPPOSED_RATE: f64 = 200_000.0;

/// Runs a scenario. The report holds what was measured, also where the run failed.
pub fn run(plan: &Plan, options: &Options) -> (Report, Result<(), Failure>) {
    let mut report = Report::of(plan);
    report.began = crate::report::now();
    let result = match plan.driver {
        Driver::Quic => network::run(plan, options, &mut report),
        Driver::Engine => engine::run(plan, options, &mut report),
        Driver::Core => self::core::run(plan, &mut report),
    };
    if let Err(failure) = &result {
        report.figures.reconciled = false;
        match failure {
            Failure::Check(text) => {
                report.audit.agrees = false;
                report.audit.difference.get_or_insert_with(|| text.clone());
            }
            other => report.partial = Some(other.to_string()),
        }
    }
    fill::with(&mut report);
    (report, result)
}

/// The banks of a scenario.
///
/// # Errors
/// If a part of the mix finds no place in them.
pub fn world_of(plan: &Plan) -> Result<World, Failure> {
    let of = &plan.world;
    let mut world = World::in_currencies(of.banks, of.participants, of.accounts, of.currencies);
    world.skew = of.skew;
    if world.holders.is_empty() {
        return Err(Failure::Usage(
            "world: no currency has two accounts, nobody could pay".into(),
        ));
    }
    world.cap = match of.cap_share {
        Some(share) => {
            let rate = match plan.load.kind {
                Loop::Open => plan.load.rate.map_or(SUPPOSED_RATE, |rate| rate as f64),
                Loop::Closed | Loop::Ramp => SUPPOSED_RATE,
            };
            let payments = rate * (plan.seconds + plan.warm_up) as f64 / of.banks as f64;
            Cap::Share { share, payments }
        }
        None => Cap::Whole(plan.cap().to_owned()),
    };
    if plan.mix.queued > 0.0 && !world.keep_one_for_waiting() {
        return Err(Failure::Usage(
            "mix.queued: needs two currencies that all banks hold: what waits has one for itself".into(),
        ));
    }
    Ok(world)
}

/// What each bank of a scenario does.
fn tasks(plan: &Plan) -> Vec<Task> {
    let slow = |bank: usize| {
        let slow = plan.slow.as_ref().filter(|slow| slow.banks.contains(&(bank + 1)));
        slow.map(|slow| slow.bytes_per_second)
    };
    let task = |bank| Task {
        bank,
        batch: plan.load.batch,
        receipts: plan.checks.receipts,
        feed: plan.checks.feeds,
        slow: slow(bank),
        replays: plan.mix.replays > 0.0,
        depth: None,
    };
    (0..plan.world.banks).map(task).collect()
}

/// A bar over so many seconds.
fn progress(seconds: u64) -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::new(seconds);
    let style = indicatif::ProgressStyle::with_template("{elapsed_precise} {bar:30} {msg}");
    bar.set_style(style.unwrap_or_else(|_| indicatif::ProgressStyle::default_bar()));
    bar
}

/// The world, shared.
type Shared = Arc<World>;
