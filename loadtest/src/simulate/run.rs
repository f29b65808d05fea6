//! Episodes one after the other, and one again from what was decided in it.
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::choices::{Choices, Record, Script};
use super::client::Wrong;
use super::episode::{Episode, Tally};
use crate::random::Random;

/// Most steps of one episode: short enough that a failing one can be looked at, long enough for old entries to matter.
pub const EPISODE_STEPS: u64 = 10_000;

/// An episode that failed.
#[derive(Debug, Clone)]
pub struct Failed {
    /// What was found.
    pub what: String,
    /// How to see it again.
    pub script: Script,
}

/// Runs episodes until so many steps were taken. The first has the given seed, so that a failing one can be named by
/// its own.
///
/// # Errors
/// The first episode that fails.
pub fn simulate(seed: u64, steps: u64, mut progress: impl FnMut(&Tally)) -> Result<Tally, Box<Failed>> {
    let mut total = Tally::default();
    let mut seeds = Random::new(seed);
    let mut own = seed;
    while total.steps < steps {
        let most = EPISODE_STEPS.min(steps - total.steps);
        let tally = episode(own, Choices::seeded(own), most)?;
        total.add(&tally);
        progress(&total);
        own = seeds.next();
    }
    Ok(total)
}

/// Runs one episode from what was decided in it.
///
/// # Errors
/// If it fails.
pub fn replay(script: &Script) -> Result<Tally, Box<Failed>> {
    let steps = script.steps.len().saturating_sub(1) as u64;
    episode(script.seed, Choices::replay(script.steps.clone()), steps)
}

fn episode(seed: u64, choices: Choices, steps: u64) -> Result<Tally, Box<Failed>> {
    let mut under_way: Option<Episode> = None;
    let mut record = Record::new();
    let outcome = catch_unwind(AssertUnwindSafe(|| -> Result<Tally, Wrong> {
        let episode = under_way.insert(Episode::begin(choices)?);
        for _ in 0..steps {
            episode.step()?;
        }
        // What follows is no choice of the episode's: a replay ends where the steps end.
        record = episode.record();
        episode.finish()?;
        Ok(episode.tally())
    }));
    let what = match outcome {
        Ok(Ok(tally)) => return Ok(tally),
        Ok(Err(wrong)) => wrong.to_string(),
        Err(panic) => format!("an invariant broke: {}", message(&*panic)),
    };
    if record.is_empty() {
        record = under_way.as_ref().map(Episode::record).unwrap_or_default();
    }
    Err(Box::new(Failed {
        what,
        script: Script { seed, steps: record },
    }))
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fault(fault) => fault.fmt(f),
            Self::Form(error) => error.fmt(f),
            Self::Unexpected(what) => f.write_str(what),
        }
    }
}
