//! Runs in which the node's file system fails it: it is full, or a write fails. The node must stop and say so,
//! acknowledge nothing that is not durable, and go on once the fault is gone, with nothing lost.
mod disk;
mod errors;
mod full;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::banks::Load;
use super::place::{Place, Programs};
use super::report::Summary;
use super::stage::Stage;
use super::{Args, check};
use crate::error::Failure;
use crate::random::Random;

/// What fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Fault {
    /// The node's file system is full (needs root, to mount a small one).
    Full,
    /// One write, sync or rename fails (needs a C compiler, for a shim that is preloaded).
    WriteErrors,
}

/// What a run with faults counted.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Faults {
    /// How they were made.
    pub method: String,
    /// Faults that stopped the node.
    pub faults: u64,
    /// Of these, while it recovered.
    pub faults_in_recovery: u64,
    /// Of these, by the part of the data directory that was hit.
    pub hit: BTreeMap<String, u64>,
    /// Starts refused while there was no room.
    pub starts_refused: u64,
    /// Faults in a start that passed a snapshot over and made what follows from the journal anew.
    pub made_anew: u64,
    /// Rounds that ended with a kill, because the fault lay ahead.
    pub out_of_reach: u64,
}

/// Exit code of a node that failed.
const FAILED: i32 = 3;
/// Faults between two checks of all books.
const CHECK_EVERY: u64 = 10;
/// Records in the largest batch.
const BATCH: u64 = 150;

/// Runs faults; a text instead if this machine cannot make them.
///
/// # Errors
/// What was found.
pub fn run(
    fault: Fault,
    args: &Args,
    seed: u64,
    programs: Programs,
    dir: &Path,
) -> Result<Result<Summary, String>, Failure> {
    let started = Instant::now();
    let mut random = Random::new(seed);
    let mut place = Place::make(dir, programs, args.banks as usize, &mut random)?;
    let mut faults = Faults::default();
    let load = Load {
        batch: BATCH,
        trades: args.trades,
        days: false,
    };
    let summary = match fault {
        Fault::Full => {
            let disk = match disk::Disk::make(&dir.join("disk"))? {
                Ok(disk) => disk,
                Err(why) => return Ok(Err(why)),
            };
            place.move_data(disk.dir())?;
            faults.method = disk.method().to_owned();
            let mut stage = Stage::open(place, load, &mut random)?;
            let outcome = full::run(&mut stage, &disk, args.faults, &mut faults, &mut random);
            // The node must be gone before its file system is.
            finish(stage, outcome, &mut random)
        }
        Fault::WriteErrors => {
            let shim = match errors::Shim::make(dir, place.data())? {
                Ok(shim) => shim,
                Err(why) => return Ok(Err(why)),
            };
            faults.method = "preloaded shim".to_owned();
            let mut stage = Stage::open(place, load, &mut random)?;
            let outcome = errors::run(&mut stage, &shim, args.faults, &mut faults, &mut random);
            finish(stage, outcome, &mut random)
        }
    }?;
    let scenario = match fault {
        Fault::Full => "full",
        Fault::WriteErrors => "write_errors",
    };
    Ok(Ok(Summary {
        scenario,
        seed,
        seconds: started.elapsed().as_secs_f64(),
        faults: Some(faults),
        ..summary
    }))
}

fn finish(mut stage: Stage, outcome: Result<(), Failure>, random: &mut Random) -> Result<Summary, Failure> {
    outcome?;
    stage.check(check::FINAL, random)?;
    stage.end()
}

impl Stage {
    /// Waits for the node to stop because of a fault: with its exit code, and with words that name what happened and
    /// where. Returns the words; none if it still runs after this time.
    fn stopped(&mut self, patience: Duration, error: &str) -> Result<Option<String>, Failure> {
        self.stopped_or(patience, || false, error)
    }

    /// The same, but none as soon as something else happened.
    fn stopped_or(
        &mut self,
        patience: Duration,
        other: impl Fn() -> bool,
        error: &str,
    ) -> Result<Option<String>, Failure> {
        let until = Instant::now() + patience;
        let status = loop {
            if let Some(status) = self.node.child.wait(Duration::from_millis(20))? {
                break status;
            }
            self.all_but_the_node_sound()?;
            if other() || Instant::now() > until {
                return Ok(None);
            }
        };
        let words = self.node.child.last_words();
        if status.code() != Some(FAILED) || !words.contains(error) {
            return Err(Failure::Check(format!(
                "the node ended with {status} and not with exit code {FAILED} and \"{error}\": {words}"
            )));
        }
        Ok(Some(words))
    }
}

impl Faults {
    /// Counts a fault that stopped the node, by what its words or its place name.
    fn count(&mut self, place: &str, recovering: bool) {
        const PARTS: [&str; 5] = ["snapshots", "derived", "documents", "journal", "lock"];
        // The last name that stands in it: directories come before files.
        let part = PARTS.iter().find(|part| place.contains(&format!("/{part}")));
        *self
            .hit
            .entry(part.map_or("other", |part| part).to_owned())
            .or_default() += 1;
        self.faults += 1;
        self.faults_in_recovery += u64::from(recovering);
    }

    /// Whether all books are due to be looked at.
    const fn check_due(&self) -> bool {
        self.faults.is_multiple_of(CHECK_EVERY)
    }
}
