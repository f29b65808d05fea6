//! The node of a run: a process of its own on this machine, or one that somebody else runs.
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use causeway_transport::ClientConfig;
use causeway_transport::client::Notes;
use causeway_transport::profile::BankProfile;
use rustix::process::{Pid, Signal, kill_process};

use super::signals;
use crate::causeway::Causeway;
use crate::error::Failure;
use crate::world::World;

/// Lines of its last words that are kept.
const LAST_WORDS: usize = 20;
/// A node that was asked to stop does so within this time.
const STOP_PATIENCE: Duration = Duration::from_secs(60);
/// A node listens within this time, its log gone over again.
const START_PATIENCE: Duration = Duration::from_secs(600);
/// One that has closed its output has ended within this time.
const END_PATIENCE: Duration = Duration::from_secs(10);
/// How often a process is looked at while one waits for its end.
const LOOK: Duration = Duration::from_millis(5);

/// Where the banks' profiles are, and the node.
#[derive(Debug, Clone)]
pub struct Profiles {
    /// Holds `banks/NAME/bank.toml`.
    pub dir: PathBuf,
    /// Where the node listens.
    pub listen: SocketAddr,
    /// All banks run in this process and are shown the same checkpoints.
    pub notes: Arc<Notes>,
}

impl Profiles {
    /// Settings of one bank's client.
    ///
    /// # Errors
    /// If its profile cannot be used.
    pub fn client(&self, bank: usize) -> Result<ClientConfig, Failure> {
        self.named(&World::name(bank), 1)
    }

    /// Settings of a participant's client, as one of its persons.
    ///
    /// # Errors
    /// If its profile cannot be used.
    pub fn named(&self, name: &str, person: u32) -> Result<ClientConfig, Failure> {
        let path = self.dir.join("banks").join(name).join("bank.toml");
        let profile = BankProfile::load(&path).map_err(|e| Failure::Io(e.to_string()))?;
        let config = profile.client_config(Some(person));
        let mut config = config.map_err(|e| Failure::Io(e.to_string()))?;
        config.checkpoint = None;
        config.addresses = vec![self.listen];
        config.notes = self.notes.clone();
        Ok(config)
    }
}

/// The data directory of a run: where the user said, or a temporary one.
#[derive(Debug)]
pub struct Place {
    /// What the node keeps.
    pub data: PathBuf,
    /// It was made for this run.
    pub fresh: bool,
    _temporary: Option<Temporary>,
}

/// A directory that is gone with its place.
#[derive(Debug)]
struct Temporary(tempfile::TempDir);

impl Drop for Temporary {
    fn drop(&mut self) {
        signals::gone(self.0.path());
    }
}

/// Writes a file that nobody has written before.
fn write_anew(path: &Path, text: &str) -> Result<(), Failure> {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::Io(format!(
            "{}: is there already, and stays as it is",
            path.display()
        )),
        _ => Failure::Io(format!("{}: {error}", path.display())),
    };
    let mut file = File::create_new(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

impl Place {
    /// Makes a ledger for a world, unless there is one already.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn make(world: &World, causeway: &Causeway, dir: Option<&Path>) -> Result<Self, Failure> {
        let (base, temporary) = match dir {
            Some(dir) => (dir.to_owned(), None),
            None => {
                let temporary = tempfile::Builder::new().prefix("causeway-run-").tempdir()?;
                signals::own_directory(temporary.path());
                (temporary.path().to_owned(), Some(Temporary(temporary)))
            }
        };
        let data = base.join("node");
        let fresh = !data.join("genesis.bin").exists();
        if fresh {
            let genesis = base.join("genesis.toml");
            let failed = |error: std::io::Error| Failure::Io(format!("{}: {error}", base.display()));
            fs::create_dir_all(&base).map_err(failed)?;
            write_anew(&genesis, &world.genesis())?;
            let mut init = causeway.command();
            init.arg("init")
                .arg("--dir")
                .arg(&data)
                .arg("--genesis")
                .arg(&genesis);
            let made = init.output()?;
            if !made.status.success() {
                // The next attempt writes its own.
                let _ = fs::remove_file(&genesis);
                let words = String::from_utf8_lossy(&made.stderr);
                return Err(Failure::Io(words.trim().to_owned()));
            }
        }
        Ok(Self {
            data,
            fresh,
            _temporary: temporary,
        })
    }
}

impl Place {
    /// Where the node's journal is.
    pub fn journal(&self) -> PathBuf {
        self.data.join("journal")
    }
}

/// What a node said last on its error output.
type Words = Arc<Mutex<VecDeque<String>>>;

/// A running node.
#[derive(Debug)]
pub struct Node {
    child: Child,
    causeway: Causeway,
    data: PathBuf,
    environment: Vec<(String, String)>,
    /// Where it listens, also in its next life.
    pub listen: SocketAddr,
    /// Its private address.
    pub metrics: Option<SocketAddr>,
    words: Words,
}

impl Node {
    /// Starts a node on its data and waits until it listens.
    ///
    /// # Errors
    /// If it does not start: its own words.
    pub fn start(
        causeway: &Causeway,
        data: &Path,
        environment: Vec<(String, String)>,
    ) -> Result<Self, Failure> {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let (child, ready, words) = spawn(causeway, data, &environment, listen)?;
        Ok(Self {
            child,
            causeway: causeway.clone(),
            data: data.to_owned(),
            environment,
            listen: ready.listen,
            metrics: ready.metrics,
            words,
        })
    }

    /// Process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it did, and what it said last.
    pub fn ended(&mut self) -> Option<String> {
        let status = self.child.try_wait().ok()??;
        // What it wrote last is read by another thread.
        std::thread::sleep(LOOK);
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        let said: Vec<&str> = words.iter().map(String::as_str).collect();
        let said = if said.is_empty() {
            "it said nothing".to_owned()
        } else {
            format!("it said:\n{}", said.join("\n"))
        };
        Some(format!("the node ended with {}; {said}", shown(status)))
    }

    /// Kills it at once.
    ///
    /// # Errors
    /// If it was gone already.
    pub fn kill(&mut self) -> Result<(), Failure> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Starts it again, where it listened before; how long that took.
    ///
    /// # Errors
    /// If it does not start: its own words.
    pub fn again(&mut self) -> Result<Duration, Failure> {
        let started = Instant::now();
        let (child, ready, words) = spawn(&self.causeway, &self.data, &self.environment, self.listen)?;
        (self.child, self.metrics, self.words) = (child, ready.metrics, words);
        Ok(started.elapsed())
    }

    /// Asks it to stop and waits for it.
    ///
    /// # Errors
    /// If it does not stop, or not as asked.
    pub fn stop(&mut self) -> Result<(), Failure> {
        if let Some(pid) = Pid::from_raw(self.child.id() as i32) {
            // One that is gone already is found below.
            let _ = kill_process(pid, Signal::TERM);
        }
        match wait(&mut self.child, STOP_PATIENCE)? {
            Some(status) if status.success() => Ok(()),
            Some(_) => Err(Failure::Io(self.ended().unwrap_or_default())),
            None => {
                self.kill()?;
                let text = format!("the node did not stop within {STOP_PATIENCE:?} and was killed");
                Err(Failure::Io(text))
            }
        }
    }
}

/// How a process ended; none if it goes on for longer than that.
fn wait(child: &mut Child, patience: Duration) -> std::io::Result<Option<ExitStatus>> {
    let until = Instant::now() + patience;
    loop {
        match child.try_wait()? {
            None if Instant::now() < until => std::thread::sleep(LOOK),
            ended => return Ok(ended),
        }
    }
}

/// Ends a process, however it does.
fn end(child: &mut Child) -> std::io::Result<ExitStatus> {
    // One that is gone already is found by waiting.
    let _ = child.kill();
    child.wait()
}

/// The first line that a process says, empty if it says none.
///
/// # Errors
/// If it says nothing for too long, or somebody wants the run to end: it is ended.
fn first_line(child: &mut Child, patience: Duration) -> Result<String, Failure> {
    let Some(out) = child.stdout.take() else {
        return Ok(String::new());
    };
    let (telling, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(out).read_line(&mut line);
        // Nobody waits any more if the process was ended.
        let _ = telling.send(read.map(|_| line));
    });
    let until = Instant::now() + patience;
    loop {
        match told.recv_timeout(LOOK) {
            Ok(line) => return Ok(line?),
            Err(RecvTimeoutError::Disconnected) => return Ok(String::new()),
            Err(RecvTimeoutError::Timeout) => {}
        }
        let late = || {
            Failure::Io(format!(
                "the node did not listen within {patience:?} and was killed"
            ))
        };
        let over = (Instant::now() > until).then(late);
        if let Some(failure) = over.or_else(|| signals::asked().err()) {
            end(child)?;
            return Err(failure);
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Only where the run failed before it stopped the node itself.
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn shown(status: ExitStatus) -> String {
    match status.code() {
        Some(code) => format!("exit code {code}"),
        None => status.to_string(),
    }
}

/// What a node says once it listens.
struct Ready {
    listen: SocketAddr,
    metrics: Option<SocketAddr>,
}

fn spawn(
    causeway: &Causeway,
    data: &Path,
    environment: &[(String, String)],
    listen: SocketAddr,
) -> Result<(Child, Ready, Words), Failure> {
    let mut command = Command::new(causeway.program());
    command.args(causeway.words());
    for (name, _) in std::env::vars_os() {
        // What the user has set for another node is not for this one.
        if name.to_string_lossy().starts_with("CAUSEWAY_") {
            command.env_remove(name);
        }
    }
    let mut child = command
        .args(["node", "--json", "--config"])
        .arg(data.join("node.toml"))
        .env("CAUSEWAY_NODE_LISTEN", listen.to_string())
        .env("CAUSEWAY_NODE_METRICS", "127.0.0.1:0")
        .env("CAUSEWAY_LOG_LEVEL", "warn")
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    signals::own_node(child.id());
    let words = Words::default();
    let reader = child.stderr.take().map(|complaints| {
        let heard = words.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(complaints).lines().map_while(Result::ok) {
                let mut words = heard.lock().unwrap_or_else(PoisonError::into_inner);
                if words.len() == LAST_WORDS {
                    words.pop_front();
                }
                words.push_back(line);
            }
        })
    });
    let line = first_line(&mut child, START_PATIENCE)?;
    let said: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
    let address = |key: &str| {
        said[key]
            .as_str()
            .and_then(|text| text.parse::<SocketAddr>().ok())
    };
    let Some(listen) = address("listen") else {
        // It closed its output: it is about to end.
        let status = match wait(&mut child, END_PATIENCE)? {
            Some(status) => status,
            None => end(&mut child)?,
        };
        if let Some(reader) = reader {
            let _ = reader.join();
        }
        let words = words.lock().unwrap_or_else(PoisonError::into_inner);
        let said: Vec<&str> = words.iter().map(String::as_str).collect();
        let text = format!("the node did not start, {}: {}", shown(status), said.join("\n"));
        return Err(Failure::Io(text));
    };
    let metrics = address("metrics");
    Ok((child, Ready { listen, metrics }, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_says_nothing_is_not_waited_for_without_an_end() {
        let start = || {
            let mut command = Command::new("sleep");
            command.arg("600").stdout(Stdio::piped());
            command.spawn().expect("a process")
        };
        let mut silent = start();
        let error = first_line(&mut silent, Duration::from_millis(30)).expect_err("it says nothing");
        assert!(error.to_string().contains("did not listen within"), "{error}");
        assert!(silent.try_wait().expect("a status").is_some(), "it was ended");
        let mut other = start();
        assert_eq!(
            wait(&mut other, Duration::from_millis(30)).expect("a status"),
            None
        );
        assert!(!end(&mut other).expect("a status").success());
    }

    #[test]
    fn a_file_of_somebody_else_is_not_written_over() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("genesis.toml");
        write_anew(&path, "mine").expect("a file");
        let error = write_anew(&path, "other").expect_err("it is there");
        assert!(error.to_string().contains("is there already"), "{error}");
        assert_eq!(fs::read_to_string(&path).expect("a file"), "mine");
    }
}
