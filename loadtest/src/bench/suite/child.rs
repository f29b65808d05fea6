//! One command of the suite, as a process of its own: nothing that it leaves in memory weighs on the next.
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::drive::signals;

/// How often one looks whether it has ended.
const LOOK: Duration = Duration::from_millis(20);
/// A command that was asked to stop has ended within this time.
const STOPS: Duration = Duration::from_secs(60);
/// Most bytes that are kept of what a command says.
const SAID_MAX: u64 = 256 * 1_048_576;
/// Most characters of a reason.
const REASON_MAX: usize = 600;

/// What a command printed as JSON.
///
/// # Errors
/// Why there is nothing: its own words, or how it ended.
pub fn run(program: &Path, words: &str) -> Result<Value, String> {
    let failed = |error: std::io::Error| format!("could not be run: {error}");
    let reports = tempfile::Builder::new()
        .prefix("causeway-suite-")
        .tempdir()
        .map_err(failed)?;
    let (out, complaints) = (
        tempfile::tempfile().map_err(failed)?,
        tempfile::tempfile().map_err(failed)?,
    );
    let mut command = Command::new(program);
    command.args(words.split_whitespace()).arg("--json");
    if words.starts_with("run ") {
        command.arg("--report").arg(reports.path());
    }
    command
        .stdin(Stdio::null())
        .stdout(out.try_clone().map_err(failed)?)
        .stderr(complaints.try_clone().map_err(failed)?);
    let mut child = command.spawn().map_err(failed)?;
    let ended = end_of(&mut child).map_err(failed)?;
    let said = read(out).map_err(failed)?;
    if ended.success() {
        return serde_json::from_slice(&said).map_err(|error| format!("said no JSON: {error}"));
    }
    Err(reason(
        ended,
        &String::from_utf8_lossy(&read(complaints).map_err(failed)?),
    ))
}

/// Waits for the end, and asks for it once somebody wants all to end.
fn end_of(child: &mut Child) -> std::io::Result<ExitStatus> {
    let mut asked: Option<Instant> = None;
    loop {
        if let Some(ended) = child.try_wait()? {
            return Ok(ended);
        }
        match asked {
            None if signals::asked().is_err() => {
                asked = Some(Instant::now());
                if let Some(pid) = Pid::from_raw(child.id() as i32) {
                    // One that is gone already is found by waiting.
                    let _ = kill_process(pid, Signal::TERM);
                }
            }
            Some(at) if at.elapsed() > STOPS => {
                child.kill()?;
                return child.wait();
            }
            _ => std::thread::sleep(LOOK),
        }
    }
}

fn read(mut file: File) -> std::io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::new();
    file.take(SAID_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Why a command failed: from its name on, what it complained of; its notes about files come before.
fn reason(ended: ExitStatus, complaints: &str) -> String {
    const NAME: &str = "causeway-loadtest: ";
    let own = complaints.rfind(NAME).map(|at| &complaints[at + NAME.len()..]);
    let text = own.unwrap_or(complaints).trim();
    if text.is_empty() {
        return format!("ended with {ended} and said nothing");
    }
    text.chars().take(REASON_MAX).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    #[test]
    fn a_reason_is_what_the_command_said_of_itself() {
        let failed = ExitStatus::from_raw(3 << 8);
        let said = "report: a.html\n        a.json\ncauseway-loadtest: the node ended with exit code 3\n";
        assert_eq!(reason(failed, said), "the node ended with exit code 3");
        assert_eq!(
            reason(failed, "error: unexpected argument\n"),
            "error: unexpected argument"
        );
        assert_eq!(
            reason(failed, " \n"),
            "ended with exit status: 3 and said nothing"
        );
        assert_eq!(
            reason(ExitStatus::from_raw(9), &"x".repeat(5_000)).len(),
            REASON_MAX
        );
    }

    #[test]
    fn a_program_that_is_not_there_is_a_reason() {
        let error = run(Path::new("/nowhere/at/all"), "bench core").expect_err("no program");
        assert!(error.starts_with("could not be run: "), "{error}");
    }

    #[test]
    fn what_a_command_prints_is_read_and_its_failure_told() {
        let said = run(Path::new("/bin/echo"), "[1] #").expect_err("echoes words that are no JSON");
        assert!(said.starts_with("said no JSON"), "{said}");
        let failed = run(Path::new("/bin/false"), "bench core").expect_err("fails");
        assert!(failed.starts_with("ended with exit status: 1"), "{failed}");
    }
}
