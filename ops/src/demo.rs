//! `causeway demo`: a node and a dozen banks on this machine, over real QUIC, with real keys and a real log; then a
//! check of everything that was promised, made from what the banks saw and not from what the node says.
mod bank;
mod books;
mod desk;
mod exchanges;
mod funding;
mod fx;
mod gridlock;
mod live;
mod page;
mod prelude;
mod proofs;
mod pvp;
mod report;
mod trades;
mod traffic;
mod world;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use causeway_engine::verify;
use causeway_fx::Currency;
use causeway_message::ids::hex;

use crate::Failure;
use crate::client::words;
use crate::node::{engine_config, identity_of};
use bank::Bank;
use desk::Pace;
use world::World;

pub use live::Live;
pub use report::{LatencyMs, LogJson, Report};

/// How long the banks' books may take to agree with the node after the last payment.
const SETTLING: Duration = Duration::from_secs(20);
/// Wait between two comparisons.
const COMPARE: Duration = Duration::from_millis(50);
/// Payments a second that all banks together aim at.
const RATE: u64 = 40_000;
/// Payments that one demo makes at most: the memory of instruction ids is sized for them.
const PAYMENTS_MAX: u64 = 16_000_000;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long the banks pay.
    pub seconds: u32,
    /// How many banks.
    pub banks: u32,
    /// Keep the data directory here; otherwise it is a temporary one.
    pub keep: Option<PathBuf>,
}

/// Runs the demo and reports what happened. Whether the checks held is in the report.
///
/// # Errors
/// If the node or a bank fails.
pub fn run(options: &Options, live: &Live) -> Result<Report, Failure> {
    live.say("making keys and certificates");
    let world = World::make(options)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("causeway-banks")
        .enable_all()
        .build()
        .map_err(|error| Failure::Io(error.to_string()))?;
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = settle(options, &world, live) => outcome,
            why = died(&world) => Err(Failure::Io(format!("the engine stopped: {why}"))),
        }
    });
    // Connections end before the node does, so that nobody tries to reconnect to it.
    runtime.shutdown_timeout(Duration::from_secs(1));
    let World {
        node, dir, config, ..
    } = world;
    node.stop()?;
    let mut report = outcome?;
    live.say("reading the log again");
    let (genesis, log_key) = identity_of(dir.path())?;
    let engine = engine_config(&config, log_key.name());
    match verify::log(&engine, &genesis, |entry| live.verified(entry)) {
        Ok(facts) => {
            report.log_verified = true;
            report.log = LogJson {
                ledger: genesis.ledger_id().to_string(),
                entries: facts.entries,
                signatures: facts.signatures,
                heads: facts.heads,
                root: hex(&facts.root),
            };
            // The log must tell of as many settled payments, sides of trades and FX payments as the banks do.
            let counted = report.settled + report.sides_settled() + report.fx_settled;
            if facts.settled != counted {
                report.problems.push(format!(
                    "the log holds {} settled instructions, the banks counted {counted}",
                    facts.settled
                ));
            }
        }
        Err(error) => report.problems.push(format!("the log does not hold: {error}")),
    }
    report.kept = options.keep.as_ref().map(|dir| dir.display().to_string());
    live.end();
    Ok(report)
}

/// Waits for the node to fail: banks that reconnect for ever would not tell.
async fn died(world: &World) -> String {
    loop {
        tokio::time::sleep(COMPARE).await;
        if let Some(why) = world.node.failure() {
            return why;
        }
    }
}

/// Funds the banks, lets them pay, and compares their books with the node.
async fn settle(options: &Options, world: &World, live: &Live) -> Result<Report, Failure> {
    live.say("settlement agents fund the banks, two persons each");
    let funded = funding::fund(world).await?;
    let stop = Arc::new(AtomicBool::new(false));
    let rate = RATE.min(PAYMENTS_MAX / u64::from(options.seconds));
    let pace = Pace::of(rate, u64::from(options.banks));
    let mut banks = Vec::new();
    for home in &world.banks {
        banks.push(Bank::open(world, home, live.counters(), stop.clone()).await?);
    }
    live.say("three banks show what can happen to a payment");
    prelude::play(&mut banks).await?;
    live.say("two banks trade, payment versus payment");
    let story = pvp::play(&mut banks).await?;
    live.say("a customer's euros arrive as dollars, and as yen");
    let fx_story = fx::play(world, &mut banks).await?;
    live.say("three banks wait for each other, and netting settles it");
    let (netting_story, netted) = gridlock::play(world, &mut banks).await?;
    let started = Instant::now();
    for bank in &mut banks {
        bank.start(pace);
    }
    let until = started + Duration::from_secs(u64::from(options.seconds));
    live.follow(started, until).await;
    stop.store(true, Ordering::Release);
    for bank in &mut banks {
        bank.finish().await?;
    }
    let duration = started.elapsed();
    live.say("comparing the banks' books with their balances");
    let mut report = Report::over(duration);
    (report.trade_story, report.fx_story) = (story, fx_story);
    (report.netting_story, report.netted) = (netting_story, netted);
    let deadline = Instant::now() + SETTLING;
    let mut differences = compare(&banks).await?;
    while !differences.is_empty() && Instant::now() < deadline {
        tokio::time::sleep(COMPARE).await;
        differences = compare(&banks).await?;
    }
    report.conservation_ok = differences.is_empty();
    report.problems.append(&mut differences);
    for bank in banks {
        bank.close(&mut report).await?;
    }
    world_sums(&mut report, &funded, world);
    report.complete(world);
    Ok(report)
}

/// Where a bank's own books differ from what the node says, in words.
async fn compare(banks: &[Bank]) -> Result<Vec<String>, Failure> {
    let mut differences = Vec::new();
    for bank in banks {
        differences.extend(bank.compare().await?);
    }
    Ok(differences)
}

/// Money neither appears nor vanishes: what all banks hold is what was funded, in every currency.
fn world_sums(report: &mut Report, funded: &[i128], world: &World) {
    for (at, currency) in world.currencies.iter().enumerate() {
        let held = report.holdings(currency.numeric);
        let put_in = funded.get(at).copied().unwrap_or_default();
        if held != put_in {
            report.conservation_ok = false;
            report.problems.push(format!(
                "all banks hold {}, but {} were funded",
                money(held, currency),
                money(put_in, currency)
            ));
        }
    }
    if report.credits != report.settled {
        report.conservation_ok = false;
        report.problems.push(format!(
            "debtors count {} settled payments, creditors {}",
            report.settled, report.credits
        ));
    }
}

fn money(minor: i128, currency: &Currency) -> String {
    words::money(minor, currency.numeric)
}
