//! A process of the run: started clean, killed without mercy, and never ended by anybody else unnoticed.
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::error::Failure;

const SIGKILL: i32 = 9;
/// How often a process is looked at while something of it is waited for.
pub const LOOK: Duration = Duration::from_millis(1);
/// Bytes of its last words that a report repeats.
const LAST_WORDS: usize = 2_000;

/// A command with nothing of ours in its environment.
pub fn clean(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_ours(name)) {
        command.env_remove(name);
    }
    command
}

fn is_ours(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with("CAUSEWAY_")
}

/// A running process.
#[derive(Debug)]
pub struct Child {
    name: String,
    child: std::process::Child,
    log: PathBuf,
    /// Where this life's complaints begin.
    log_from: usize,
}

impl Child {
    /// Starts a process whose complaints are appended to a file; each line of its output goes to `heard`.
    pub fn start(
        name: &str,
        command: &mut Command,
        log: &Path,
        mut heard: impl FnMut(&str) + Send + 'static,
    ) -> Result<Self, Failure> {
        let complaints = File::options().create(true).append(true).open(log)?;
        let log_from = complaints.metadata()?.len() as usize;
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(complaints)
            .spawn()
            .map_err(|error| Failure::Io(format!("{name}: cannot be started: {error}")))?;
        if let Some(out) = child.stdout.take() {
            std::thread::spawn(move || {
                BufReader::new(out)
                    .lines()
                    .map_while(Result::ok)
                    .for_each(|line| heard(&line));
            });
        }
        Ok(Self {
            name: name.to_owned(),
            child,
            log: log.to_owned(),
            log_from,
        })
    }

    /// Where it is told what to do.
    pub const fn input(&mut self) -> Option<&mut ChildStdin> {
        self.child.stdin.as_mut()
    }

    /// Kills it as a power cut would: nothing is finished.
    ///
    /// # Errors
    /// If it had ended by itself.
    pub fn kill(&mut self) -> Result<(), Failure> {
        self.still_runs()?;
        self.child.kill()?;
        let status = self.child.wait()?;
        if status.signal() == Some(SIGKILL) {
            Ok(())
        } else {
            Err(self.ended(status))
        }
    }

    /// Holds it still for a while.
    pub fn hold(&mut self, time: Duration) -> Result<(), Failure> {
        self.signal(Signal::STOP)?;
        std::thread::sleep(time);
        self.signal(Signal::CONT)
    }

    /// Asks it to end, and waits for it.
    pub fn terminate(mut self, patience: Duration) -> Result<ExitStatus, Failure> {
        self.signal(Signal::TERM)?;
        self.wait(patience)?
            .ok_or_else(|| Failure::Check(format!("{}: does not end within {patience:?}", self.name)))
    }

    /// Waits until it ends; none if it still runs after this time.
    pub fn wait(&mut self, patience: Duration) -> Result<Option<ExitStatus>, Failure> {
        let until = Instant::now() + patience;
        loop {
            match self.child.try_wait()? {
                None if Instant::now() < until => std::thread::sleep(LOOK * 5),
                ended => return Ok(ended),
            }
        }
    }

    fn signal(&mut self, signal: Signal) -> Result<(), Failure> {
        self.still_runs()?;
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        let pid = pid.ok_or_else(|| Failure::Io(format!("{}: has no process id", self.name)))?;
        kill_process(pid, signal).map_err(|errno| Failure::Io(format!("{}: {errno}", self.name)))
    }

    /// A process that ended although nobody killed it is a finding.
    ///
    /// # Errors
    /// If it ended.
    pub fn still_runs(&mut self) -> Result<(), Failure> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => Err(self.ended(status)),
        }
    }

    /// What each of its threads waits for, for people who look into a process that hangs.
    pub fn threads(&self) -> String {
        let Ok(tasks) = fs::read_dir(format!("/proc/{}/task", self.child.id())) else {
            return String::new();
        };
        let look = |path: PathBuf| fs::read_to_string(path).unwrap_or_default().trim().to_owned();
        let one = |task: PathBuf| format!("{}: {}", look(task.join("comm")), look(task.join("wchan")));
        let all: Vec<String> = tasks.flatten().map(|task| one(task.path())).collect();
        all.join(", ")
    }

    fn ended(&self, status: ExitStatus) -> Failure {
        Failure::Check(format!(
            "{}: ended by itself with {status}: {}",
            self.name,
            self.last_words()
        ))
    }

    /// The end of what it complained of in this life.
    pub fn last_words(&self) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        let from = bytes
            .len()
            .saturating_sub(LAST_WORDS)
            .max(self.log_from.min(bytes.len()));
        String::from_utf8_lossy(&bytes[from..]).trim().to_owned()
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        // Only where the run failed before it ended the process itself.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
