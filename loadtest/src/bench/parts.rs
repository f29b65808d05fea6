//! The ledger, the engine and the formats alone.
use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use causeway_engine::{Engine, EngineConfig, Reply, ReplyTo, Submission};
use causeway_ledger::{Input, Ledger, NoPast, Outcome};
use causeway_message::batch::{BatchView, record_leaves};
use causeway_message::keys::SigningKey;
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::wide;

use super::{Batches, Bench, Figures, figures};
use crate::error::Failure;

/// `apply` on one thread.
///
/// # Errors
/// If a payment did not settle.
pub(super) fn core(args: &Batches) -> Result<Figures, Failure> {
    let mut bench = Bench::new()?;
    let mut ledger = Ledger::new(&bench.genesis, 42)
        .map_err(|(status, what)| Failure::Io(format!("{what}: {}", status.name())))?;
    let id = ledger.id();
    let mut outcome = Outcome::default();
    let (mut index, mut payments, mut took) = (0, 0u64, Duration::ZERO);
    while took < Duration::from_secs(args.timed.seconds) {
        let bank = bench.random.below(bench.world.banks as u64) as usize;
        let batch = bench.batch(bank, args.batch, id)?;
        index += 1;
        let at = Timestamp(bench.now.0 + index);
        let started = Instant::now();
        ledger.apply(index, at, Input::Batch(&batch), &NoPast, &mut outcome);
        took += started.elapsed();
        payments += settled(&outcome, args.batch)?;
    }
    ledger.audit();
    Ok(figures("core", payments, took, vec![]))
}

/// How many settled.
///
/// # Errors
/// If not as many as expected.
pub(super) fn settled(outcome: &Outcome, expected: usize) -> Result<u64, Failure> {
    let settled = outcome
        .answers
        .iter()
        .filter(|a| a.status() == Some(causeway_message::Status::Settled))
        .count();
    if settled == expected {
        Ok(settled as u64)
    } else {
        Err(Failure::Check(format!("{settled} of {expected} settled")))
    }
}

/// Order, journal, apply, prove; no network.
///
/// # Errors
/// If the engine cannot run, or a batch was refused.
pub(super) fn engine(args: &Batches) -> Result<Figures, Failure> {
    let mut bench = Bench::new()?;
    let dir = tempfile::tempdir()?;
    let config = EngineConfig::new(dir.path(), "bench");
    let node = SigningKey::from_seed(*bench.node.seed()).map_err(|e| Failure::Io(e.to_string()))?;
    let engine = Engine::start(&config, &bench.genesis, node).map_err(|e| Failure::Io(e.to_string()))?;
    let (done, answers) = mpsc::channel();
    let (mut payments, mut took) = (0u64, Duration::ZERO);
    // Rounds: batches are prepared outside the clock, then all submitted at once.
    let round = (4_000_000 / args.batch.max(1)).clamp(1, 400);
    while took < Duration::from_secs(args.timed.seconds) {
        let mut batches = Vec::with_capacity(round);
        for n in 0..round {
            batches.push(Arc::new(bench.batch(
                n % bench.world.banks,
                args.batch,
                engine.ledger(),
            )?));
        }
        let started = Instant::now();
        for batch in batches {
            let done = done.clone();
            let reply = ReplyTo::new(move |reply| {
                let _ = done.send(matches!(reply, Reply::Answers(_)));
            });
            let mut submission = Submission { batch, reply };
            while let Err(back) = engine.submit(submission) {
                submission = back;
                std::thread::sleep(Duration::from_micros(50));
            }
        }
        for _ in 0..round {
            if !answers.recv().unwrap_or(false) {
                return Err(Failure::Check("a batch was refused".into()));
            }
        }
        took += started.elapsed();
        payments += (round * args.batch) as u64;
    }
    Ok(figures("engine", payments, took, vec![]))
}

/// Making, hashing, signing and verifying batches.
///
/// # Errors
/// If one does not hold.
pub(super) fn formats(args: &Batches) -> Result<Figures, Failure> {
    let mut bench = Bench::new()?;
    let ledger = bench.genesis.ledger_id();
    let mut stages = [
        ("make, hash and sign", Duration::ZERO),
        ("leaves", Duration::ZERO),
        ("tree", Duration::ZERO),
        ("verify", Duration::ZERO),
    ];
    let (mut payments, started) = (0u64, Instant::now());
    while started.elapsed() < Duration::from_secs(args.timed.seconds) {
        let at = Instant::now();
        let frame = bench.frame(0, args.batch)?;
        stages[0].1 += at.elapsed();
        let view = BatchView::parse(&frame).map_err(|e| Failure::Io(e.to_string()))?;
        let mut leaves = Vec::new();
        let at = Instant::now();
        record_leaves(view.records, view.extensions, &mut leaves);
        stages[1].1 += at.elapsed();
        let at = Instant::now();
        std::hint::black_box(wide::root_in_place(&mut leaves));
        stages[2].1 += at.elapsed();
        let at = Instant::now();
        VerifiedBatch::verify(frame, ledger, &bench.keys[0].public())
            .map_err(|e| Failure::Io(e.to_string()))?;
        stages[3].1 += at.elapsed();
        payments += args.batch as u64;
    }
    let detail = stages
        .iter()
        .map(|(what, took)| ((*what).to_owned(), took.as_secs_f64() * 1e9 / payments as f64))
        .collect();
    Ok(figures("formats", payments, started.elapsed(), detail))
}
