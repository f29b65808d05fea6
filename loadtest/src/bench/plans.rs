//! Plans of netting in the ledger: payments that nobody can make alone settle, so many at once.
use std::time::{Duration, Instant};

use causeway_ledger::{Input, Ledger, NoPast, Outcome};
use causeway_message::plan::Plan;
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, ParticipantId};
use serde::Serialize;

use super::{Bench, within_ms};
use crate::error::Failure;
use crate::report;

/// Instructions that wait in each round, and those of one plan.
const QUEUED: usize = 100_000;
const IN_A_PLAN: usize = causeway_engine::limits::PLAN_INSTRUCTIONS;
/// What is asked for: a round, and its longest plan.
const ROUND_MS: f64 = 20.0;
const PLAN_MS: f64 = 5.0;

#[derive(Debug, Serialize)]
struct Figures {
    part: &'static str,
    rounds: usize,
    instructions_settled: u64,
    milliseconds_per_100000: f64,
    nanoseconds_per_instruction: f64,
    plan_p50_ms: f64,
    plan_p99_ms: f64,
    plan_max_ms: f64,
    instructions_per_plan: usize,
    met: bool,
}

/// Queues payments in rings of all banks, one amount and currency each, without any money; then settles them by plans.
///
/// # Errors
/// If something did not settle.
pub fn run(seconds: u64, json: bool) -> Result<String, Failure> {
    let mut bench = Bench::with_cap(0)?;
    let mut ledger = Ledger::new(&bench.genesis, 42)
        .map_err(|(status, what)| Failure::Io(format!("{what}: {}", status.name())))?;
    let mut outcome = Outcome::default();
    let (mut index, mut settled) = (0, 0u64);
    let (mut rounds, mut plans): (Vec<Duration>, Vec<Duration>) = (Vec::new(), Vec::new());
    while rounds.iter().sum::<Duration>() < Duration::from_secs(seconds) && rounds.len() < 50 {
        let rings = queue(&mut bench, &mut ledger, &mut index, &mut outcome)?;
        let mut round = Duration::ZERO;
        for part in rings.chunks(IN_A_PLAN) {
            let mut instructions = part.to_vec();
            instructions.sort_unstable();
            let plan = Plan {
                basis: index,
                instructions,
            };
            index += 1;
            let at = Timestamp(bench.now.0 + index);
            let started = Instant::now();
            ledger.apply(index, at, Input::Plan(&plan), &NoPast, &mut outcome);
            let took = started.elapsed();
            (round, settled) = (round + took, settled + part.len() as u64);
            plans.push(took);
            let done = outcome.planned.as_ref().map_or(0, |planned| planned.settled);
            if done as usize != part.len() {
                return Err(Failure::Check(format!("{done} of {} settled", part.len())));
            }
        }
        rounds.push(round);
    }
    ledger.audit();
    let figures = figures(&rounds, plans, settled);
    if json {
        return report::json(&figures);
    }
    let said = if figures.met { "met" } else { "missed" };
    Ok(format!(
        "plans: {:.1} ms for 100,000 instructions ({:.0} ns each; {ROUND_MS} ms asked for: {said})\n  \
         a plan of {IN_A_PLAN}: half within {:.2} ms, 99 of 100 within {:.2} ms, all within {:.2} ms ({PLAN_MS} ms asked for)",
        figures.milliseconds_per_100000,
        figures.nanoseconds_per_instruction,
        figures.plan_p50_ms,
        figures.plan_p99_ms,
        figures.plan_max_ms
    ))
}

fn figures(rounds: &[Duration], mut plans: Vec<Duration>, settled: u64) -> Figures {
    plans.sort_unstable();
    let at = |share| within_ms(&plans, share);
    let each = rounds.iter().sum::<Duration>().as_secs_f64() * 1e9 / settled.max(1) as f64;
    let (whole, longest) = (each / 10.0, at(1.0));
    Figures {
        part: "plans",
        rounds: rounds.len(),
        instructions_settled: settled,
        milliseconds_per_100000: whole,
        nanoseconds_per_instruction: each,
        plan_p50_ms: at(0.5),
        plan_p99_ms: at(0.99),
        plan_max_ms: longest,
        instructions_per_plan: IN_A_PLAN,
        met: whole <= ROUND_MS && longest <= PLAN_MS,
    }
}

/// Queues a round of payments; in order of the rings, so that each part of them settles after those before it.
fn queue(
    bench: &mut Bench,
    ledger: &mut Ledger,
    index: &mut u64,
    outcome: &mut Outcome,
) -> Result<Vec<(ParticipantId, InstructionId)>, Failure> {
    let banks = bench.world.banks;
    let of = bench.rings(0, banks, QUEUED / banks);
    let keys = (0..QUEUED / banks).flat_map(|ring| of.iter().map(move |records| &records[ring]));
    let keys = keys
        .map(|record| (ParticipantId(record.debtor.get()), record.id()))
        .collect();
    for (bank, records) in of.iter().enumerate() {
        let batch = bench.sign(bank, records, &[])?;
        *index += 1;
        let at = Timestamp(bench.now.0 + *index);
        ledger.apply(*index, at, Input::Batch(&batch), &NoPast, outcome);
        let waits = Some(causeway_message::Status::Queued);
        if let Some(answer) = outcome.answers.iter().find(|answer| answer.status() != waits) {
            return Err(Failure::Check(format!("{:?} instead of queued", answer.status())));
        }
    }
    Ok(keys)
}
