//! A ledger for a test: a real node in a directory of its own, and adapters for its banks.
//!
//! The node is another package's program, which this one must not depend on: it is taken from the directory of
//! this package's own program, or from `CAUSEWAY_TEST_BIN_DIR`. Where it is not built the tests say that they skip.
#![allow(dead_code, reason = "each test uses its own part")]

use causeway_fx::Currency;
use causeway_transport::Client;
use causeway_transport::profile::BankProfile;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// Currencies of an account and how far below zero it may go, as written.
pub type Accounts<'a> = &'a [(&'a str, &'a str)];

/// A node's program, if it is built.
pub fn node_program() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_BIN_EXE_causeway-adapter"))
        .parent()
        .map(Path::to_owned);
    let dir = std::env::var_os("CAUSEWAY_TEST_BIN_DIR")
        .map(PathBuf::from)
        .or(beside)?;
    let program = dir.join("causeway");
    if program.is_file() {
        return Some(program);
    }
    println!("skipped: {} is not built", program.display());
    None
}

/// A running ledger.
pub struct Ledger {
    pub dir: tempfile::TempDir,
    program: PathBuf,
    node: Option<Child>,
    /// Configuration of each participant by its name.
    pub banks: BTreeMap<String, PathBuf>,
}

/// A genesis in which every currency belongs to one settlement agent.
pub fn genesis(banks: &[(String, BTreeMap<String, String>)]) -> String {
    let quoted = |text: &str| serde_json::to_string(text).expect("a text");
    let mut currencies: Vec<&str> = banks
        .iter()
        .flat_map(|(_, accounts)| accounts.keys())
        .map(String::as_str)
        .collect();
    currencies.sort_unstable();
    currencies.dedup();
    let lines: Vec<_> = currencies
        .iter()
        .map(|code| format!("{{ code = \"{code}\", agent = \"AGENT\" }}"))
        .collect();
    let mut text = format!(
        "kind = \"genesis\"\nname = \"adapter-test\"\nid_capacity = 100000\nqueue_capacity = 10000\ncurrencies = [{}]\n\
         [[nodes]]\nname = \"node-1.causeway\"\n",
        lines.join(", ")
    );
    let control = "{ person = 1, rights = [\"control\"] }, { person = 2, rights = [\"control\"] }";
    for (name, role) in [("OPERATOR", "operator"), ("AGENT", "settlement_agent")] {
        let _ = write!(
            text,
            "[[participants]]\nname = \"{name}\"\nroles = [\"{role}\"]\nkeys = [{control}]\n"
        );
    }
    for (name, accounts) in banks {
        let accounts: Vec<_> = accounts
            .iter()
            .map(|(code, cap)| format!("{{ currency = \"{code}\", cap = \"{cap}\" }}"))
            .collect();
        let _ = write!(
            text,
            "[[participants]]\nname = {}\nroles = [\"participant\"]\n\
             keys = [{{ person = 1, rights = [\"instruct\", \"control\"] }}]\naccounts = [{}]\n",
            quoted(name),
            accounts.join(", ")
        );
    }
    text
}

impl Ledger {
    /// Starts one with these banks; none if the node is not built.
    pub fn start(banks: &[(&str, Accounts<'_>)]) -> Option<Ledger> {
        let owned: Vec<_> = banks
            .iter()
            .map(|(name, accounts)| {
                let accounts = accounts
                    .iter()
                    .map(|(code, cap)| ((*code).to_owned(), (*cap).to_owned()));
                ((*name).to_owned(), accounts.collect())
            })
            .collect();
        Self::from_genesis(&genesis(&owned))
    }

    /// Starts one from a genesis.
    pub fn from_genesis(text: &str) -> Option<Ledger> {
        let program = node_program()?;
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("genesis.toml");
        std::fs::write(&file, text).expect("written");
        let udp = UdpSocket::bind("127.0.0.1:0")
            .expect("a port")
            .local_addr()
            .expect("an address");
        let tcp = TcpListener::bind("127.0.0.1:0")
            .expect("a port")
            .local_addr()
            .expect("an address");
        let home = dir.path().join("ledger");
        let made = Command::new(&program)
            .args([
                "init",
                "--json",
                "--listen",
                &udp.to_string(),
                "--metrics",
                &tcp.to_string(),
            ])
            .arg("--dir")
            .arg(&home)
            .arg("--genesis")
            .arg(&file)
            .output()
            .expect("init runs");
        assert!(
            made.status.success(),
            "{}\n{text}",
            String::from_utf8_lossy(&made.stderr)
        );
        let made: Value = serde_json::from_slice(&made.stdout).expect("JSON");
        let bank = |one: &Value| {
            let text = |key: &str| one[key].as_str().expect("a text").to_owned();
            (text("name"), PathBuf::from(text("config")))
        };
        let banks = made["participants"]
            .as_array()
            .expect("a list")
            .iter()
            .map(bank)
            .collect();
        let mut ledger = Ledger {
            dir,
            program,
            node: None,
            banks,
        };
        ledger.start_node();
        Some(ledger)
    }

    fn home(&self) -> PathBuf {
        self.dir.path().join("ledger")
    }

    /// Starts the node and waits until it listens.
    pub fn start_node(&mut self) {
        let log = std::fs::File::create(self.dir.path().join("node.log")).expect("a file");
        let mut child = Command::new(&self.program)
            .args(["node", "--json", "--config"])
            .arg(self.home().join("node.toml"))
            // The node takes what begins with CAUSEWAY_ for its own configuration.
            .env_remove("CAUSEWAY_SAMPLES")
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the node starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("an output");
        BufReader::new(out).read_line(&mut line).expect("a line");
        assert!(line.contains("\"ready\""), "the node says {line:?}");
        self.node = Some(child);
    }

    /// Kills the node.
    pub fn kill_node(&mut self) {
        if let Some(mut node) = self.node.take() {
            let _ = node.kill();
            let _ = node.wait();
        }
    }

    /// Configuration of a bank.
    pub fn config(&self, bank: &str) -> &Path {
        &self.banks[bank]
    }

    /// Store of a bank's adapter.
    pub fn store(&self, bank: &str) -> PathBuf {
        self.config(bank).parent().expect("a directory").join("store")
    }

    /// Writes a message into a file.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    }

    /// A command of a bank's adapter.
    pub fn adapter(&self, command: &str, bank: &str, arguments: &[&str]) -> Command {
        let mut made = Command::new(env!("CARGO_BIN_EXE_causeway-adapter"));
        made.arg(command)
            .arg("--config")
            .arg(self.config(bank))
            .args(arguments);
        made
    }

    /// Runs `send`.
    pub fn send(&self, bank: &str, arguments: &[&str], files: &[&Path]) -> Output {
        self.adapter("send", bank, arguments)
            .args(files)
            .output()
            .expect("send runs")
    }

    /// Runs `send --json`, and returns exit code and answer.
    pub fn send_json(&self, bank: &str, arguments: &[&str], files: &[&Path]) -> (i32, Value) {
        let output = self.send(bank, &[&["--json"], arguments].concat(), files);
        let code = output.status.code().expect("a code");
        let answer = serde_json::from_slice(&output.stdout);
        (
            code,
            answer.unwrap_or_else(|_| panic!("{code}: {}", text(&output.stderr))),
        )
    }

    /// Runs `listen --once --json` and returns its lines.
    pub fn listen(&self, bank: &str, arguments: &[&str]) -> Vec<Value> {
        let output = self
            .adapter("listen", bank, &["--once", "--json"])
            .args(arguments)
            .output();
        let output = output.expect("listen runs");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let lines = text(&output.stdout);
        lines
            .lines()
            .map(|line| serde_json::from_str(line).expect("a line of JSON"))
            .collect()
    }

    /// Exit code of `causeway verify receipt`.
    pub fn verify(&self, receipt: &str, key: &str) -> i32 {
        let output = Command::new(&self.program)
            .args(["verify", "receipt", receipt, "--key", key])
            .output()
            .expect("verify runs");
        output.status.code().expect("a code")
    }

    /// The log's key as an argument.
    pub fn log_key(&self) -> String {
        format!("@{}", self.home().join("log.key").display())
    }

    /// A bank's balances: minor units by currency.
    pub fn balances(&self, bank: &str) -> BTreeMap<String, i128> {
        let config = BankProfile::load(self.config(bank))
            .expect("a profile")
            .client_config(None)
            .expect("keys");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async move {
            let client = Client::connect(config).await.expect("connected");
            let balances = client.balances(0).await.expect("balances");
            client.close();
            let line = |line: &causeway_message::wire::BalanceLine| {
                let currency = Currency::from_numeric(line.currency).expect("a currency");
                (currency.alpha().to_owned(), line.balance)
            };
            balances.lines.iter().map(line).collect()
        })
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        self.kill_node();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.dir.path().join("node.log")).unwrap_or_default();
            let _ = writeln!(std::io::stderr(), "--- node\n{log}");
        }
    }
}

/// Bytes as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
