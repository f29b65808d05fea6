//! A node as a process of its own, as an operator runs it.
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use tempfile::TempDir;

use super::{causeway, code, stderr, word};

/// A data directory whose node listens on a port of its own, and its banks.
pub struct Ledger {
    _scratch: TempDir,
    pub dir: PathBuf,
}

/// A port that is free now; the same for every start of a node.
fn free_port() -> u16 {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    socket.local_addr().expect("an address").port()
}

impl Ledger {
    /// With the default genesis.
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// With more words for `init`.
    pub fn with(more: &[&str]) -> Self {
        let scratch = super::scratch();
        let dir = scratch.path().join("ledger");
        let listen = format!("127.0.0.1:{}", free_port());
        let mut words = vec![
            "init",
            "--dir",
            word(&dir),
            "--listen",
            listen.as_str(),
            "--metrics",
            "127.0.0.1:0",
        ];
        words.extend(more);
        let output = causeway(&words);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        Self {
            _scratch: scratch,
            dir,
        }
    }

    /// A file beside the data directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.dir.with_file_name(name)
    }

    /// Configuration of the node.
    pub fn node_config(&self) -> PathBuf {
        self.dir.join("node.toml")
    }

    /// Configuration of a participant.
    pub fn bank(&self, name: &str) -> PathBuf {
        self.dir.join("banks").join(name).join("bank.toml")
    }

    /// Starts the node.
    pub fn start(&self) -> Node {
        Node::start(&self.node_config(), &[])
    }

    /// Funds an account under four eyes, as its settlement agent's two persons do.
    pub fn fund(&self, agent: &str, bank: &str, currency: &str, amount: &str, reference: &str) {
        let config = self.bank(agent);
        let proposed = causeway(&[
            "control",
            "propose",
            "--config",
            word(&config),
            "--person",
            "1",
            "--json",
            "fund",
            "--participant",
            bank,
            "--currency",
            currency,
            "--amount",
            amount,
            "--reference",
            reference,
        ]);
        assert_eq!(code(&proposed), 0, "{}", stderr(&proposed));
        let json: serde_json::Value = serde_json::from_slice(&proposed.stdout).expect("JSON");
        assert_eq!(json["status"], "proposed");
        let digest = json["digest"].as_str().expect("a digest");
        let approved = causeway(&[
            "control",
            "approve",
            "--config",
            word(&config),
            "--person",
            "2",
            "--json",
            digest,
        ]);
        assert_eq!(code(&approved), 0, "{}", stderr(&approved));
    }

    /// A bank's balance in a currency, as `bank balance` tells it.
    pub fn balance(&self, bank: &str, currency: &str) -> String {
        let json = self.ask(&[
            "bank",
            "balance",
            "--config",
            word(&self.bank(bank)),
            "--currency",
            currency,
            "--json",
        ]);
        json["accounts"][0]["balance"]
            .as_str()
            .expect("a balance")
            .to_owned()
    }

    /// Runs a command that must do what it says, and reads its JSON.
    pub fn ask(&self, words: &[&str]) -> serde_json::Value {
        let output = causeway(words);
        assert_eq!(code(&output), 0, "{words:?}: {}", stderr(&output));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }
}

/// A running node; killed when dropped.
pub struct Node {
    child: Child,
    /// What it announced.
    pub ready: serde_json::Value,
}

impl Node {
    /// Starts and waits until it listens.
    pub fn start(config: &Path, environment: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_causeway"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CAUSEWAY_")) {
            command.env_remove(name);
        }
        let mut child = command
            .args(["node", "--json", "--config", word(config)])
            .env("CAUSEWAY_LOG_LEVEL", "warn")
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the node starts");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let Ok(ready) = serde_json::from_str(&line) else {
            let status = child.wait().expect("it ended");
            panic!("the node did not start: {status}");
        };
        Self { child, ready }
    }

    /// Resident memory, in bytes.
    pub fn resident_bytes(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        kib.expect("a size") * 1_024
    }

    /// The sum of a metric's series that hold a text.
    pub fn metric(&self, name: &str, with: &str) -> f64 {
        let address = self.ready["metrics"].as_str().expect("an address");
        let mut stream = std::net::TcpStream::connect(address).expect("it listens");
        let request = "GET /metrics HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).expect("asked");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("answered");
        let series = text
            .lines()
            .filter(|line| line.starts_with(name) && line.contains(with));
        series
            .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
            .sum()
    }

    /// Kills it as a power cut would: nothing is finished.
    pub fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// Asks it to stop, as a service manager does.
    pub fn terminate(mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .expect("kill is there");
        assert!(sent.success());
        self.child.wait().expect("it ends")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // A node that has ended already needs no killing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
