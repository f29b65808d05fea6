//! A report as files: JSON for scripts and `compare`, a page for people.
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use causeway_message::time::Timestamp;

use super::form::Report;
use super::{html, json};
use crate::error::Failure;

/// Where reports go if nothing else is said.
pub const DIRECTORY: &str = "loadtest-report";
/// Reports of one scenario that began in the same second.
const SAME_MAX: u32 = 1_000;

/// The files of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// For scripts.
    pub json: PathBuf,
    /// For people.
    pub html: PathBuf,
}

/// Now, as a report says when it began.
pub fn now() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix_nanos(since.as_nanos()).to_text()
}

/// Makes the directory, and holds that a file can be written into it: before a run, not behind it.
///
/// # Errors
/// If not.
pub fn room(directory: &Path) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::Io(format!("{}: {error}", directory.display()));
    fs::create_dir_all(directory).map_err(failed)?;
    tempfile::tempfile_in(directory).map(drop).map_err(failed)
}

/// Writes both files, `SCENARIO-UTC.json` and `.html`, into a directory that is made if it is not there. None that is
/// there is overwritten: the name goes on with `-2`.
///
/// # Errors
/// If the directory or a file cannot be written.
pub fn keep(report: &Report, directory: &Path) -> Result<Kept, Failure> {
    let failed = |path: &Path, error: &std::io::Error| Failure::Io(format!("{}: {error}", path.display()));
    fs::create_dir_all(directory).map_err(|error| failed(directory, &error))?;
    let (document, page) = (json(report)?, html::page(report));
    let stem = stem(report);
    for number in 1..=SAME_MAX {
        let name = if number == 1 {
            stem.clone()
        } else {
            format!("{stem}-{number}")
        };
        let kept = Kept {
            json: directory.join(format!("{name}.json")),
            html: directory.join(format!("{name}.html")),
        };
        if kept.html.exists() {
            continue;
        }
        match write(&kept.json, &document) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(failed(&kept.json, &error)),
        }
        write(&kept.html, &page).map_err(|error| failed(&kept.html, &error))?;
        return Ok(kept);
    }
    let shown = directory.display();
    Err(Failure::Io(format!("{shown}: holds {SAME_MAX} reports `{stem}`")))
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())?;
    file.write_all(b"\n")
}

/// Scenario and time, in characters that every file system takes.
fn stem(report: &Report) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let name: String = report
        .scenario
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .take(64)
        .collect();
    let began = if report.began.is_empty() {
        now()
    } else {
        report.began.clone()
    };
    // To the second, without the signs between: 20261130T160509Z.
    let whole = began.split(['.', 'Z']).next().unwrap_or_default();
    let digits = |c: &char| c.is_ascii_digit() || *c == 'T';
    let time: String = whole.chars().filter(digits).take(15).collect();
    let name = if name.is_empty() { "run".to_owned() } else { name };
    format!("{name}-{time}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_of_the_same_second_stand_beside_one_another() {
        let dir = tempfile::tempdir().expect("a directory");
        let report = Report {
            scenario: "../a b".into(),
            began: "2026-11-30T16:05:09.123Z".into(),
            ..Report::default()
        };
        let into = dir.path().join("deep/er");
        let kept: Vec<Kept> = (0..3).map(|_| keep(&report, &into).expect("files")).collect();
        let names = |path: &PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
        let stems = [
            "___a_b-20261130T160509Z",
            "___a_b-20261130T160509Z-2",
            "___a_b-20261130T160509Z-3",
        ];
        for (kept, stem) in kept.iter().zip(stems) {
            assert_eq!(names(&kept.json), format!("{stem}.json"));
            assert_eq!(names(&kept.html), format!("{stem}.html"));
        }
        let text = fs::read_to_string(&kept[1].json).expect("a file");
        let again: Report = serde_json::from_str(&text).expect("a report");
        assert_eq!(again.scenario, "../a b");
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_named() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("file");
        fs::write(&file, "").expect("a file");
        let kept = keep(&Report::default(), &file).map(|_| ());
        for error in [kept, room(&file)] {
            let error = error.expect_err("no directory");
            assert!(
                error.to_string().starts_with(&file.display().to_string()),
                "{error}"
            );
        }
    }

    #[test]
    fn a_report_without_a_time_takes_the_present_one() {
        let stem = stem(&Report::default());
        assert_eq!(
            (stem.len(), stem.starts_with("run-20")),
            ("run-20261130T160509Z".len(), true)
        );
    }
}
