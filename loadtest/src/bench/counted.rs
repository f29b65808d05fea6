//! The ledger's work on a fixed number of payments, for whoever counts its instructions: the clock decides nothing here.
use std::time::{Duration, Instant};

use causeway_ledger::{Input, Ledger, NoPast, Outcome};
use causeway_message::Status;
use causeway_message::answer::Answer;
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;

use super::{Bench, Figures, figures};
use crate::error::Failure;

/// Payments whose work is counted.
pub const PAYMENTS: usize = 200_000;
/// Of a mixed run every so manieth batch waits, and every so manieth record of the others was sent before.
const ONE_IN: usize = 10;
/// The bank whose payments wait, in a mixed run.
const WAITING: usize = 63;
/// Seconds since 2000: some instant, the same in every run.
const NOW: u64 = 849_000_000;

/// What a counter is told to count: never melted into its caller.
#[inline(never)]
pub fn counted_apply(
    ledger: &mut Ledger,
    index: u64,
    at: Timestamp,
    batch: &VerifiedBatch,
    out: &mut Outcome,
) {
    ledger.apply(index, at, Input::Batch(batch), &NoPast, out);
}

/// Applies the payments, all of which settle, or in a `mixed` run nine of ten batches.
///
/// # Errors
/// If something else became of them.
pub fn run(batch: usize, mixed: bool) -> Result<Figures, Failure> {
    let mut bench = Bench::new()?;
    bench.now = Timestamp(NOW * 1_000_000_000);
    let mut ledger = Ledger::new(&bench.genesis, 42)
        .map_err(|(status, what)| Failure::Io(format!("{what}: {}", status.name())))?;
    let mut before: Vec<Vec<Instruction>> = vec![Vec::new(); bench.world.banks];
    let (mut out, mut took) = (Outcome::default(), Duration::ZERO);
    let (mut index, mut payments) = (0, 0);
    while payments < PAYMENTS {
        let waits = mixed && index as usize % ONE_IN == ONE_IN - 1;
        let bank = if waits { WAITING } else { index as usize % WAITING };
        let mut records = Vec::new();
        bench.world.payments(
            bank,
            batch.min(PAYMENTS - payments),
            &mut bench.random,
            &mut records,
        );
        let mut again = 0;
        if waits {
            // More than anybody has, in every currency: what comes behind waits as well.
            for record in &mut records {
                record.amount = (u64::MAX >> 2).into();
            }
        } else if mixed {
            let known = before[bank].iter().copied();
            for (record, known) in records.iter_mut().step_by(ONE_IN).zip(known) {
                *record = known;
                again += 1;
            }
        }
        let signed = bench.sign(bank, &records, &[])?;
        index += 1;
        let at = Timestamp(bench.now.0 + index);
        let started = Instant::now();
        counted_apply(&mut ledger, index, at, &signed, &mut out);
        took += started.elapsed();
        let expected = if waits { Status::Queued } else { Status::Settled };
        let is = |answer: &&Answer| answer.status() == Some(expected);
        let replayed = out.answers.iter().filter(|answer| !answer.is_first()).count();
        if out.answers.iter().filter(is).count() != records.len() || replayed != again {
            return Err(Failure::Check(format!(
                "entry {index}: not all are {}",
                expected.name()
            )));
        }
        payments += records.len();
        before[bank] = records;
    }
    ledger.audit();
    let name = if mixed { "counted-mixed" } else { "counted-plain" };
    Ok(figures(name, payments as u64, took, vec![]))
}
