//! The node's file system is full, again and again, at another place each time.
use std::time::Duration;

use super::Faults;
use super::disk::Disk;
use crate::crash::check;
use crate::crash::node::Node;
use crate::crash::stage::Stage;
use crate::error::Failure;
use crate::random::Random;

/// What the system says.
const ERROR: &str = "No space left on device";
/// Longest time until somebody needs the room that is not there.
const STOPS_WITHIN: Duration = Duration::from_secs(120);
/// A node that starts without room may live until it needs some.
const LINGERS: Duration = Duration::from_secs(3);
const KIB: u64 = 1_024;

/// What is likely to need room first.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// Effects, places, tree: written with every group.
    Derived,
    /// A snapshot: several blocks at once.
    Snapshot,
    /// Documents: only adapters pay.
    Documents,
    /// The segment after the next: room for all others, and not for eight mebibytes.
    Journal,
}

impl Part {
    /// Bytes that are left.
    fn left(self, random: &mut Random) -> u64 {
        match self {
            Self::Derived | Self::Documents => random.below(3) * 4 * KIB,
            Self::Snapshot => (12 + random.below(36)) * KIB,
            Self::Journal => (6 * KIB + random.below(KIB)) * KIB,
        }
    }
}

/// Fills it so many times.
///
/// # Errors
/// What was found.
pub fn run(
    stage: &mut Stage,
    disk: &Disk,
    rounds: u64,
    faults: &mut Faults,
    random: &mut Random,
) -> Result<(), Failure> {
    stage.answered_again()?;
    while faults.faults < rounds {
        let part = match random.below(10) {
            0..4 => Part::Derived,
            4..6 => Part::Snapshot,
            6..9 => Part::Documents,
            _ => Part::Journal,
        };
        once(stage, disk, part, faults, random)
            .map_err(|failure| super::super::in_round(faults.faults + 1, &format!("{part:?}"), failure))?;
        if faults.check_due() && faults.faults < rounds {
            stage.check(check::PASSING, random)?;
            stage.resume()?;
        }
    }
    Ok(())
}

fn once(
    stage: &mut Stage,
    disk: &Disk,
    part: Part,
    faults: &mut Faults,
    random: &mut Random,
) -> Result<(), Failure> {
    std::thread::sleep(Duration::from_millis(200 + random.below(600)));
    stage.sound()?;
    let quiet = matches!(part, Part::Documents);
    if quiet {
        stage.pause_banks()?;
    }
    disk.fill(part.left(random))?;
    let words = stage.stopped(STOPS_WITHIN, ERROR)?;
    let words = words.ok_or_else(|| {
        let threads = stage.node.child.threads();
        Failure::Check(format!(
            "the node does not stop within {STOPS_WITHIN:?} although there is no room ({threads})"
        ))
    })?;
    faults.count(&words, false);
    // It may start without room, or refuse; in no case may it damage what is there.
    stage.node = Node::start(&stage.place, &[])?;
    match stage.stopped(LINGERS, ERROR)? {
        Some(_) => faults.starts_refused += 1,
        None => stage.node.child.kill()?,
    }
    disk.empty()?;
    stage.node = Node::start(&stage.place, &[])?;
    stage.node_ready()?;
    if quiet {
        stage.resume()?;
    }
    stage.answered_again()
}
