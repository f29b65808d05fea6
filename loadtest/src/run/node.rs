//! The node of a run: a process of its own on this machine.
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use causeway_transport::ClientConfig;
use causeway_transport::profile::BankProfile;

use crate::error::Failure;
use crate::world::World;

/// Ids that a run may use: enough for the longest, and what memory holds.
const IDS: u64 = 100_000_000;

/// A running node.
pub struct Node {
    child: Child,
    causeway: PathBuf,
    dir: PathBuf,
    metrics: String,
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

fn sibling(name: &str) -> Result<PathBuf, Failure> {
    let own = std::env::current_exe()?;
    let path = own.with_file_name(name);
    if path.exists() {
        return Ok(path);
    }
    Err(Failure::Usage(format!(
        "{}: not found; build it with `cargo build --release --workspace` or name it with --causeway",
        path.display()
    )))
}

impl Node {
    /// Makes a data directory for the world and starts a node on it.
    pub fn start(world: &World, causeway: Option<&Path>, dir: Option<&Path>) -> Result<Self, Failure> {
        let causeway = causeway.map_or_else(|| sibling("causeway"), |path| Ok(path.to_owned()))?;
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
            let made = Command::new(&causeway)
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
        let (child, listen, metrics) = spawn(&causeway, &data)?;
        Ok(Self {
            child,
            causeway,
            dir: data,
            metrics,
            listen,
            _temporary: temporary,
        })
    }

    /// Stops the node and starts it again on the same data; how long the start took.
    pub fn restart(&mut self) -> Result<Duration, Failure> {
        terminate(&mut self.child)?;
        let started = Instant::now();
        (self.child, self.listen, self.metrics) = spawn(&self.causeway, &self.dir)?;
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

    /// The node's metrics as text; empty if they cannot be had.
    pub fn metrics(&self) -> String {
        let fetch = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(&self.metrics)?;
            stream.set_read_timeout(Some(Duration::from_secs(5)))?;
            stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
            let mut text = String::new();
            stream.read_to_string(&mut text)?;
            Ok(text)
        };
        fetch().unwrap_or_default()
    }

    /// Asks the node to stop and waits for it.
    pub fn stop(mut self) -> Result<(), Failure> {
        terminate(&mut self.child)
    }
}

/// Starts a node and waits until it listens: the process, its address, and that of its metrics.
fn spawn(causeway: &Path, data: &Path) -> Result<(Child, String, String), Failure> {
    let mut child = Command::new(causeway)
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
    let field = |name: &str| ready[name].as_str().unwrap_or_default().to_owned();
    let (listen, metrics) = (field("listen"), field("metrics"));
    Ok((child, listen, metrics))
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
