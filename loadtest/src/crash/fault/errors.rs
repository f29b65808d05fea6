//! One write, sync or rename of the node fails, another each time, sometimes half done or done after all.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::Faults;
use crate::crash::check;
use crate::crash::node::Node;
use crate::crash::stage::Stage;
use crate::error::Failure;
use crate::random::Random;

/// What the system says.
const ERROR: &str = "Input/output error";
/// Longest time until a call that is counted comes.
const COMES_WITHIN: Duration = Duration::from_secs(20);
/// A failure while a segment is made ahead is met when it is to be used.
const MET_WITHIN: Duration = Duration::from_secs(30);
/// Longest time from the failure to the end of the process.
const STOPS_WITHIN: Duration = Duration::from_secs(60);
/// What it says when it goes on without a snapshot.
const PASSED_OVER: &str = "snapshot passed over";
const SOURCE: &str = include_str!("shim.c");

/// A call that fails.
#[derive(Debug, Clone, Copy)]
struct Call {
    /// Only those about files of this part of the data directory count.
    part: &'static str,
    /// Which of them, counted from the start of the node.
    at: u64,
    /// How it fails.
    kind: &'static str,
}

impl Call {
    fn draw(random: &mut Random) -> Self {
        // Parts are written at different rates. Small numbers hit the recovery, large ones the load behind it.
        let (part, bits) = [
            ("journal", 9),
            ("derived", 12),
            ("documents", 5),
            ("snapshots", 5),
        ][random.below(4) as usize];
        let most = 1 << random.below(bits);
        Self {
            part,
            at: 1 + random.below(most),
            kind: ["before", "after", "half"][random.below(3) as usize],
        }
    }
}

/// The shim, compiled.
#[derive(Debug)]
pub struct Shim {
    library: PathBuf,
    note: PathBuf,
    data: PathBuf,
}

impl Shim {
    /// Compiles it; a text if this machine cannot.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn make(dir: &Path, data: &Path) -> Result<Result<Self, String>, Failure> {
        let (source, library) = (dir.join("shim.c"), dir.join("shim.so"));
        fs::write(&source, SOURCE)?;
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O2", "-o"])
            .args([&library, &source])
            .arg("-ldl")
            .output();
        Ok(match compiled {
            Ok(output) if output.status.success() => Ok(Self {
                library,
                note: dir.join("fault"),
                data: data.to_owned(),
            }),
            Ok(output) => Err(format!("cc: {}", String::from_utf8_lossy(&output.stderr).trim())),
            Err(error) => Err(format!("cc: {error}")),
        })
    }

    /// Starts the node so that a call about a file of this part fails.
    fn start(&self, stage: &Stage, Call { part, at, kind }: Call) -> Result<Node, Failure> {
        let _ = fs::remove_file(&self.note);
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let (library, note, data) = (text(&self.library), text(&self.note), text(&self.data.join(part)));
        Node::start(
            &stage.place,
            &[
                ("LD_PRELOAD", &library),
                ("FAULT_DIR", &data),
                ("FAULT_NOTE", &note),
                ("FAULT_AT", &at.to_string()),
                ("FAULT_KIND", kind),
            ],
        )
    }

    /// The call that failed, once it has.
    fn fired(&self) -> Option<String> {
        fs::read_to_string(&self.note)
            .ok()
            .filter(|text| !text.is_empty())
    }
}

/// Lets so many calls fail.
///
/// # Errors
/// What was found.
pub fn run(
    stage: &mut Stage,
    shim: &Shim,
    rounds: u64,
    faults: &mut Faults,
    random: &mut Random,
) -> Result<(), Failure> {
    stage.answered_again()?;
    while faults.faults + faults.made_anew < rounds {
        let call = Call::draw(random);
        once(stage, shim, call, faults).map_err(|failure| {
            super::super::in_round(
                faults.faults + faults.made_anew + 1,
                &format!("{call:?}"),
                failure,
            )
        })?;
        if faults.check_due() && faults.faults < rounds {
            stage.check(check::PASSING, random)?;
            stage.resume()?;
        }
    }
    Ok(())
}

fn once(stage: &mut Stage, shim: &Shim, call: Call, faults: &mut Faults) -> Result<(), Failure> {
    stage.node.child.kill()?;
    stage.node = shim.start(stage, call)?;
    let stopped = stage.stopped_or(COMES_WITHIN, || shim.fired().is_some(), ERROR)?;
    match (stopped, shim.fired()) {
        (Some(_), Some(call)) => faults.count(&call, !stage.node.listens()),
        (Some(words), None) => {
            let text = format!("the node stopped although no call failed: {words}");
            return Err(Failure::Check(text));
        }
        (None, Some(call)) => met(stage, call.trim_end(), faults)?,
        (None, None) => {
            faults.out_of_reach += 1;
            stage.node.child.kill()?;
        }
    }
    let _ = fs::remove_file(&shim.note);
    stage.node = Node::start(&stage.place, &[])?;
    stage.node_ready()?;
    stage.answered_again()
}

/// What the node makes of a call that has failed.
fn met(stage: &mut Stage, call: &str, faults: &mut Faults) -> Result<(), Failure> {
    let ahead = call.ends_with(".seg.tmp");
    let until = Instant::now() + if ahead { MET_WITHIN } else { STOPS_WITHIN };
    let anew = |stage: &Stage| stage.node.child.last_words().contains(PASSED_OVER);
    while Instant::now() < until && !anew(stage) {
        let recovering = !stage.node.listens();
        if stage.stopped(Duration::from_millis(50), ERROR)?.is_some() {
            faults.count(call, recovering);
            return Ok(());
        }
    }
    if anew(stage) {
        // A snapshot that cannot be opened is not trusted: what follows from the journal is made anew.
        stage.node_ready()?;
        faults.made_anew += 1;
    } else if !ahead {
        let threads = stage.node.child.threads();
        let text = format!("the node does not stop within {STOPS_WITHIN:?} after {call} failed ({threads})");
        return Err(Failure::Check(text));
    } else {
        faults.out_of_reach += 1;
    }
    stage.node.child.kill()
}
