//! The node of a run: a process of its own on this machine.
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use causeway_transport::ClientConfig;
use causeway_transport::profile::BankProfile;

use crate::causeway::Causeway;
use crate::error::Failure;
use crate::world::World;

/// `USER_HZ`: what Linux shows to user space, whatever its own clock is.
const TICKS_PER_SECOND: f64 = 100.0;
/// Ids that a run may use: enough for the longest, and what memory holds.
const IDS: u64 = 100_000_000;

/// A running node.
pub struct Node {
    child: Child,
    causeway: Causeway,
    dir: PathBuf,
    listen: String,
    _temporary: Option<tempfile::TempDir>,
}

/// Where the banks' profiles are.
#[derive(Debug, Clone)]
pub struct Profiles {
    dir: PathBuf,
    listen: String,
}

impl Profiles {
    /// Settings of one bank's client.
    pub fn client(&self, bank: usize) -> Result<ClientConfig, Failure> {
        let path = self.dir.join("banks").join(World::name(bank)).join("bank.toml");
        let profile = BankProfile::load(&path).map_err(|e| Failure::Io(e.to_string()))?;
        let mut config = profile
            .client_config(Some(1))
            .map_err(|e| Failure::Io(e.to_string()))?;
        config.checkpoint = None;
        config.addresses = vec![
            self.listen
                .parse()
                .map_err(|_| Failure::Io(format!("{}: no address", self.listen)))?,
        ];
        Ok(config)
    }
}

impl Node {
    /// Makes a data directory for the world and starts a node on it.
    pub fn start(world: &World, causeway: Option<&Path>, dir: Option<&Path>) -> Result<Self, Failure> {
        let causeway = Causeway::new(causeway)?;
        let temporary = if dir.is_none() {
            Some(tempfile::tempdir()?)
        } else {
            None
        };
        let base = dir
            .map(Path::to_owned)
            .or_else(|| temporary.as_ref().map(|t| t.path().to_owned()));
        let base = base.ok_or_else(|| Failure::Io("no directory".into()))?;
        let data = base.join("node");
        if !data.join("genesis.bin").exists() {
            let genesis = base.join("genesis.toml");
            fs::create_dir_all(&base)?;
            fs::write(&genesis, world.genesis(IDS))?;
            let made = causeway
                .command()
                .arg("init")
                .arg("--dir")
                .arg(&data)
                .arg("--genesis")
                .arg(&genesis)
                .output()?;
            if !made.status.success() {
                return Err(Failure::Io(String::from_utf8_lossy(&made.stderr).into_owned()));
            }
        }
        let (child, listen) = spawn(&causeway, &data)?;
        Ok(Self {
            child,
            causeway,
            dir: data,
            listen,
            _temporary: temporary,
        })
    }

    /// Stops the node and starts it again on the same data; how long the start took.
    pub fn restart(&mut self) -> Result<Duration, Failure> {
        terminate(&mut self.child)?;
        let started = Instant::now();
        (self.child, self.listen) = spawn(&self.causeway, &self.dir)?;
        Ok(started.elapsed())
    }

    /// Where the banks' profiles are.
    pub fn profiles(&self) -> Profiles {
        Profiles {
            dir: self.dir.clone(),
            listen: self.listen.clone(),
        }
    }

    /// Resident memory of the node in bytes.
    pub fn resident_bytes(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok())
            .unwrap_or(0)
            * 1_024
    }

    /// Processor seconds of each of the node's threads so far, by the part they belong to.
    pub fn processor_seconds(&self) -> BTreeMap<String, f64> {
        threads(&self.child.id().to_string())
    }

    /// Asks the node to stop and waits for it.
    pub fn stop(mut self) -> Result<(), Failure> {
        terminate(&mut self.child)
    }
}

/// Processor seconds of this process so far, of threads that have ended too.
pub fn own_processor_seconds() -> f64 {
    seconds(&fs::read_to_string("/proc/self/stat").unwrap_or_default())
}

/// User and system time in a `stat` file (`proc_pid_stat(5)`, fields 14 and 15).
fn seconds(stat: &str) -> f64 {
    // The name in parentheses may hold spaces; what follows it does not.
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let ticks: u64 = [11, 12]
        .iter()
        .filter_map(|at| fields.get(*at)?.parse::<u64>().ok())
        .sum();
    ticks as f64 / TICKS_PER_SECOND
}

/// Processor seconds of a process' threads, those of one kind added up.
fn threads(process: &str) -> BTreeMap<String, f64> {
    let mut sums = BTreeMap::new();
    let Ok(tasks) = fs::read_dir(format!("/proc/{process}/task")) else {
        return sums;
    };
    for task in tasks.flatten() {
        let name = fs::read_to_string(task.path().join("comm")).unwrap_or_default();
        let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
        let part = name
            .trim()
            .trim_start_matches("causeway-")
            .trim_end_matches(|c: char| c == '-' || c.is_ascii_digit());
        *sums.entry(part.to_owned()).or_default() += seconds(&stat);
    }
    sums
}

/// Starts a node and waits until it listens: the process, and its address.
fn spawn(causeway: &Causeway, data: &Path) -> Result<(Child, String), Failure> {
    let mut child = causeway
        .command()
        .args(["node", "--json", "--config"])
        .arg(data.join("node.toml"))
        .env("CAUSEWAY_NODE_LISTEN", "127.0.0.1:0")
        .env("CAUSEWAY_NODE_METRICS", "127.0.0.1:0")
        .env("CAUSEWAY_THREADS_TRANSPORT", "1")
        .env("CAUSEWAY_LOG_LEVEL", "warn")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    if let Some(out) = child.stdout.take() {
        BufReader::new(out).read_line(&mut line)?;
    }
    let Ok(ready) = serde_json::from_str::<serde_json::Value>(&line) else {
        let _ = child.wait();
        return Err(Failure::Io(
            "the node did not start; its own message stands above".into(),
        ));
    };
    Ok((child, ready["listen"].as_str().unwrap_or_default().to_owned()))
}

fn terminate(child: &mut Child) -> Result<(), Failure> {
    let asked = Command::new("kill")
        .arg("-TERM")
        .arg(child.id().to_string())
        .status()?;
    if !asked.success() {
        child.kill()?;
    }
    let status = child.wait()?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::Io(format!("the node ended with {status}")))
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
