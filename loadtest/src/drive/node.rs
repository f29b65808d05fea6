//! The node of a run: a process of its own on this machine, or one that somebody else runs.
use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use causeway_transport::ClientConfig;
use causeway_transport::client::Notes;
use causeway_transport::profile::BankProfile;
use rustix::process::{Pid, Signal, kill_process};

use crate::causeway::Causeway;
use crate::error::Failure;
use crate::world::World;

/// Ids that a run may use: enough for the longest, and what memory holds.
const IDS: u64 = 100_000_000;
/// Lines of its last words that are kept.
const LAST_WORDS: usize = 20;
/// A node that was asked to stop does so within this time.
const STOP_PATIENCE: Duration = Duration::from_secs(60);
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
    _temporary: Option<tempfile::TempDir>,
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
                (temporary.path().to_owned(), Some(temporary))
            }
        };
        let data = base.join("node");
        let fresh = !data.join("genesis.bin").exists();
        if fresh {
            let genesis = base.join("genesis.toml");
            let failed = |error: std::io::Error| Failure::Io(format!("{}: {error}", base.display()));
            fs::create_dir_all(&base).map_err(failed)?;
            fs::write(&genesis, world.genesis(IDS)).map_err(failed)?;
            let mut init = causeway.command();
            init.arg("init")
                .arg("--dir")
                .arg(&data)
                .arg("--genesis")
                .arg(&genesis);
            let made = init.output()?;
            if !made.status.success() {
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
        let until = Instant::now() + STOP_PATIENCE;
        loop {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(_) => return Err(Failure::Io(self.ended().unwrap_or_default())),
                None if Instant::now() > until => {
                    self.kill()?;
                    let text = format!("the node did not stop within {STOP_PATIENCE:?} and was killed");
                    return Err(Failure::Io(text));
                }
                None => std::thread::sleep(LOOK),
            }
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
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        BufReader::new(out).read_line(&mut line)?;
    }
    let said: serde_json::Value = serde_json::from_str(&line).unwrap_or_default();
    let address = |key: &str| {
        said[key]
            .as_str()
            .and_then(|text| text.parse::<SocketAddr>().ok())
    };
    let Some(listen) = address("listen") else {
        // It closed its output: it is about to end.
        let status = child.wait()?;
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
