//! Certificates of what netting settled: one file for each proposal, the newest kept, written by a thread of its own.
mod document;

use causeway_engine::netting::Evidence;
use causeway_engine::place::{Places, ThreadKind};
use causeway_engine::system::{Os, System};
use crossbeam::channel::Receiver;
use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::Failure;

/// Digits of a file's name: any log index.
const DIGITS: usize = 20;
/// Bytes that are kept at most, whatever the number of files: the newest one always is.
const BYTES_MAX: u64 = 512 * 1_048_576;
/// What stands behind the name of a file that is being written.
const UNFINISHED: &str = ".tmp";
/// Shortest time between two complaints in the node's log.
const QUIET: Duration = Duration::from_secs(60);

/// Starts the thread. It ends when nobody can hand over evidence any more.
///
/// # Errors
/// If there can be no thread.
pub fn start(
    dir: PathBuf,
    kept: usize,
    evidence: Receiver<Evidence>,
    places: Places,
) -> Result<JoinHandle<()>, Failure> {
    std::thread::Builder::new()
        .name("causeway-certificates".to_owned())
        .spawn(move || {
            places.enter(&Os::default(), ThreadKind::Other, 0);
            Files::new(dir, kept).run(&evidence);
        })
        .map_err(|error| Failure::Io(format!("no thread for certificates of netting: {error}")))
}

/// Bytes of each file, by its index.
type There = BTreeMap<u64, u64>;

struct Files {
    dir: PathBuf,
    kept: usize,
    /// Index and bytes of the files that are there; unknown until the directory could be read.
    there: Option<There>,
    complained: Option<Instant>,
}

impl Files {
    const fn new(dir: PathBuf, kept: usize) -> Self {
        Self {
            dir,
            kept,
            there: None,
            complained: None,
        }
    }

    fn run(mut self, evidence: &Receiver<Evidence>) {
        // Payments come first: what waits may be a million instructions.
        Os::default().go_last();
        for evidence in evidence {
            let index = evidence.plans.last().copied().unwrap_or_default();
            let state = match self.write(index, evidence) {
                Ok(()) => "written",
                Err(why) => {
                    self.complain(index, &why);
                    "failed"
                }
            };
            metrics::counter!("causeway_netting_certificates_total", "state" => state).increment(1);
            if let Err(why) = self.forget() {
                self.complain(index, &why);
            }
        }
    }

    /// The node goes on, and its log is not flooded.
    fn complain(&mut self, index: u64, why: &str) {
        if self.complained.is_none_or(|at| at.elapsed() >= QUIET) {
            self.complained = Some(Instant::now());
            tracing::warn!(
                entry = index,
                why,
                "a certificate of netting is missing, or an old one stays"
            );
        }
    }

    fn write(&mut self, index: u64, evidence: Evidence) -> Result<(), String> {
        let document = document::document(evidence).map_err(|why| why.to_string())?;
        let text = document.to_json().map_err(|why| why.to_string())?;
        let there = there(&mut self.there, &self.dir)?;
        let path = self.dir.join(name(index));
        let unfinished = self.dir.join(name(index) + UNFINISHED);
        let written = write_private(&unfinished, &text).and_then(|()| fs::rename(&unfinished, &path));
        if let Err(error) = written {
            // Half a file is nothing to anybody.
            let _ = fs::remove_file(&unfinished);
            return Err(said(&path, &error));
        }
        there.insert(index, text.len() as u64);
        Ok(())
    }

    /// Removes the oldest beyond those that are kept.
    fn forget(&mut self) -> Result<(), String> {
        let Some(there) = &mut self.there else {
            return Ok(());
        };
        let much = |there: &There| there.len() > 1 && there.values().sum::<u64>() > BYTES_MAX;
        while (there.len() > self.kept || much(there))
            && let Some(oldest) = there.keys().next().copied()
        {
            let path = self.dir.join(name(oldest));
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(said(&path, &error)),
                _ => there.remove(&oldest),
            };
        }
        Ok(())
    }
}

fn said(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}

fn name(index: u64) -> String {
    format!("{index:0DIGITS$}.json")
}

/// Index of a file; nothing if it is none of these.
fn index_of(name: &str) -> Option<u64> {
    let digits = name
        .strip_suffix(".json")
        .filter(|digits| digits.len() == DIGITS)?;
    let all = digits.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| digits.parse().ok()).flatten()
}

/// Files that are there, from a directory that is made if it is not. What a crash left unfinished is removed.
fn there<'a>(known: &'a mut Option<There>, dir: &Path) -> Result<&'a mut There, String> {
    match known {
        Some(there) => Ok(there),
        None => Ok(known.insert(find(dir).map_err(|error| said(dir, &error))?)),
    }
}

fn find(dir: &Path) -> std::io::Result<There> {
    // What waits and what each may spend is no news for everybody.
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    let mut there = There::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if let Some(index) = index_of(name) {
            there.insert(index, entry.metadata()?.len());
        } else if name.strip_suffix(UNFINISHED).and_then(index_of).is_some() {
            fs::remove_file(dir.join(name))?;
        }
    }
    Ok(there)
}

/// For its owner alone. Not made durable: it can be drawn no second time, but nothing is final because of it.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path)?.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_an_index_of_twenty_digits_and_nothing_else_is() {
        assert_eq!(name(7), "00000000000000000007.json");
        assert_eq!(index_of(&name(u64::MAX)), Some(u64::MAX));
        for other in [
            "7.json",
            "00000000000000000007.json.tmp",
            "99999999999999999999.json",
            "+0000000000000000007.json",
            "",
        ] {
            assert_eq!(index_of(other), None, "{other}");
        }
    }

    #[test]
    fn the_newest_are_kept_and_other_files_are_left_alone() {
        let scratch = tempfile::tempdir().expect("a directory");
        let dir = scratch.path().join("netting");
        fs::create_dir(&dir).expect("made");
        for name in [
            name(3),
            name(20),
            name(100),
            name(4) + UNFINISHED,
            "notes.txt".to_owned(),
        ] {
            fs::write(dir.join(name), "x").expect("written");
        }
        let mut files = Files::new(dir.clone(), 2);
        there(&mut files.there, &dir).expect("it can be read");
        files.forget().expect("they can be removed");
        let names = fs::read_dir(&dir).expect("it is there");
        let mut names: Vec<String> = names
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        assert_eq!(names, [name(20), name(100), "notes.txt".to_owned()]);
    }

    #[test]
    fn long_queues_do_not_fill_the_disk() {
        let scratch = tempfile::tempdir().expect("a directory");
        let dir = scratch.path().join("netting");
        fs::create_dir(&dir).expect("made");
        let mut files = Files::new(dir.clone(), 100);
        for (index, bytes) in [(1, BYTES_MAX / 2), (2, BYTES_MAX / 2), (3, 1), (4, BYTES_MAX + 1)] {
            let file = fs::File::create(dir.join(name(index))).expect("made");
            // Holes: nothing is written.
            file.set_len(bytes).expect("long");
            files.there = None;
            there(&mut files.there, &dir).expect("it can be read");
            files.forget().expect("they can be removed");
            let left: Vec<u64> = find(&dir).expect("it can be read").into_keys().collect();
            let wanted: &[u64] = match index {
                1 => &[1],
                2 => &[1, 2],
                3 => &[2, 3],
                _ => &[4],
            };
            assert_eq!(left, wanted);
        }
    }

    #[test]
    fn a_place_that_is_no_directory_is_said_each_time_and_ends_nothing() {
        let scratch = tempfile::tempdir().expect("a directory");
        let dir = scratch.path().join("netting");
        fs::write(&dir, "in the way").expect("written");
        let mut files = Files::new(dir.clone(), 2);
        let why = there(&mut files.there, &dir).expect_err("no directory");
        assert!(why.contains("netting"), "{why}");
        fs::remove_file(&dir).expect("removed");
        there(&mut files.there, &dir).expect("it is made");
    }
}
