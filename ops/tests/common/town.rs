//! A node under a later version of the rules, and banks around it: each command of theirs is a process of its own.
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::node::{Ledger, Node};
use super::{causeway, code, stderr, stdout, word};

pub const A: &str = "ALFADEFF";
pub const B: &str = "BETAFRPP";
pub const C: &str = "GAMMGB2L";
pub const D: &str = "DELTUS33";
/// The settlement agent of euros.
pub const AGENT: &str = "ECB-TARGET";
pub const OPERATOR: &str = "OPERATOR";
pub const SCREENER: &str = "SCREENER";
pub const REGULATOR: &str = "REGULATOR";

/// Longer than anything here takes, unless it never comes.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Time between two questions whether something has come.
pub const PAUSE: Duration = Duration::from_millis(100);
/// Two participants that the default genesis has not.
const AUTHORITIES: &str = r#"
[[participants]]
name = "SCREENER"
roles = ["screener"]
keys = [{ person = 1, rights = ["control"] }, { person = 2, rights = ["control"] }]

[[participants]]
name = "REGULATOR"
roles = ["regulator"]
keys = [{ person = 1, rights = ["control"] }]
"#;

/// A data directory from the default genesis, under the second version of the rules, with some changes.
pub fn second_rules(change: impl FnOnce(String) -> String) -> Ledger {
    under_rules(2, change)
}

/// The same under any version of the rules.
pub fn under_rules(version: u16, change: impl FnOnce(String) -> String) -> Ledger {
    let scratch = super::scratch();
    let genesis: PathBuf = scratch.path().join("genesis.toml");
    let text = include_str!("../../src/genesis/default.toml");
    let rules = format!("kind = \"genesis\"\nrules = {version}");
    let text = text.replacen("kind = \"genesis\"", &rules, 1);
    std::fs::write(&genesis, change(text)).expect("written");
    Ledger::with(&["--genesis", word(&genesis)])
}

/// A command of one bank that must do what it says, and its JSON.
pub fn bank(ledger: &Ledger, config: &Path, words: &[&str]) -> Value {
    let mut all = vec!["bank", words[0], "--config", word(config), "--json"];
    all.extend(&words[1..]);
    ledger.ask(&all)
}

/// A field that must be a text.
pub fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("{field} in {value}"))
}

/// An instruction, as the command that sent it told of it.
#[derive(Debug, Clone)]
pub struct Sent {
    pub id: String,
    pub status: String,
    pub told: Value,
}

impl Sent {
    fn of(told: Value) -> Self {
        Self {
            id: text(&told, "instruction_id").to_owned(),
            status: text(&told, "status").to_owned(),
            told,
        }
    }

    /// The same, which must have this status.
    #[track_caller]
    pub fn must_be(self, status: &str) -> Self {
        assert_eq!(self.status, status, "{}", self.told);
        self
    }
}

/// What a bank's feed tells.
#[derive(Debug)]
pub struct Feed(pub Vec<Value>);

impl Feed {
    /// What it tells of one instruction: kind, status and amount of each event.
    pub fn of(&self, id: &str) -> Vec<String> {
        let about = self.0.iter().filter(|event| event["instruction_id"] == id);
        about
            .map(|event| {
                format!(
                    "{} {} {}",
                    text(event, "kind"),
                    text(event, "status"),
                    event["amount"].as_str().unwrap_or("")
                )
            })
            .collect()
    }

    /// The sentences of one kind of events.
    pub fn kind(&self, kind: &str) -> Vec<&str> {
        let events = self.0.iter().filter(|event| event["kind"] == kind);
        events.map(|event| text(event, "text")).collect()
    }
}

/// Node and banks.
pub struct Town {
    pub ledger: Ledger,
    node: Option<Node>,
    credits: AtomicU32,
}

impl Town {
    /// Starts the node under the second version of the rules.
    pub fn open() -> Self {
        Self::under(2)
    }

    /// Starts the node under a version of the rules.
    pub fn under(version: u16) -> Self {
        Self::configured(version, |node| node)
    }

    /// The same with another configuration of the node.
    pub fn configured(version: u16, change: impl FnOnce(String) -> String) -> Self {
        let ledger = under_rules(version, |text| text + AUTHORITIES);
        let path = ledger.node_config();
        let text = std::fs::read_to_string(&path).expect("a configuration");
        std::fs::write(&path, change(text)).expect("written");
        let node = Some(ledger.start());
        Self {
            ledger,
            node,
            credits: AtomicU32::new(0),
        }
    }

    /// The node that runs.
    pub fn node(&self) -> &Node {
        self.node.as_ref().expect("a node runs")
    }

    /// Kills the node with SIGKILL, lets something happen meanwhile, and starts it again on the same directory.
    pub fn cut_power_while(&mut self, meanwhile: impl FnOnce()) {
        self.node.take().expect("a node runs").kill();
        meanwhile();
        self.node = Some(self.ledger.start());
    }

    /// Kills the node with SIGKILL and starts it again on the same directory.
    pub fn cut_power(&mut self) {
        self.cut_power_while(|| {});
    }

    /// Configuration of a participant.
    pub fn config(&self, name: &str) -> PathBuf {
        self.ledger.bank(name)
    }

    /// A command of one participant that must do what it says.
    #[track_caller]
    pub fn ask(&self, name: &str, words: &[&str]) -> Value {
        bank(&self.ledger, &self.config(name), words)
    }

    /// The same, with what an instruction answers.
    #[track_caller]
    pub fn send(&self, name: &str, words: &[&str]) -> Sent {
        Sent::of(self.ask(name, words))
    }

    /// Proposes as the operator's first person what is not taken: exit code, status and message.
    pub fn not_proposed(&self, words: &[&str]) -> (i32, String, String) {
        let config = self.config(OPERATOR);
        let mut all = vec![
            "control",
            "propose",
            "--config",
            word(&config),
            "--person",
            "1",
            "--json",
        ];
        all.extend(words);
        let output = causeway(&all);
        let told: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        let status = told["status"].as_str().unwrap_or("").to_owned();
        (code(&output), status, stderr(&output))
    }

    /// An instruction that must be refused, with this status.
    #[track_caller]
    pub fn refused(&self, name: &str, words: &[&str], status: &str) -> Value {
        let config = self.config(name);
        let mut all = vec!["bank", words[0], "--config", word(&config), "--json"];
        all.extend(&words[1..]);
        let output = causeway(&all);
        assert_eq!(
            code(&output),
            1,
            "{words:?}: {}{}",
            stdout(&output),
            stderr(&output)
        );
        let complaint = stderr(&output);
        assert!(complaint.contains(status), "{words:?}: {complaint}");
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    /// What a command prints for people.
    #[track_caller]
    pub fn say(&self, name: &str, words: &[&str]) -> String {
        let config = self.config(name);
        let mut all = vec!["bank", words[0], "--config", word(&config)];
        all.extend(&words[1..]);
        let output = causeway(&all);
        assert_eq!(code(&output), 0, "{words:?}: {}", stderr(&output));
        stdout(&output)
    }

    /// Words that pay euros.
    pub fn payment<'a>(to: &'a str, amount: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let mut words = vec!["pay", "--to", to, "--currency", "EUR", "--amount", amount];
        words.extend(more);
        words
    }

    /// Pays euros.
    #[track_caller]
    pub fn pay(&self, from: &str, to: &str, amount: &str, more: &[&str]) -> Sent {
        self.send(from, &Self::payment(to, amount, more))
    }

    /// Acts under four eyes; the id of the proposal.
    #[track_caller]
    pub fn control(&self, who: &str, words: &[&str]) -> String {
        let config = self.config(who);
        let with = |verb, person| {
            vec![
                "control",
                verb,
                "--config",
                word(&config),
                "--person",
                person,
                "--json",
            ]
        };
        let mut propose = with("propose", "1");
        propose.extend(words);
        let proposed = self.ledger.ask(&propose);
        let digest = text(&proposed, "digest");
        let mut approve = with("approve", "2");
        approve.push(digest);
        assert_eq!(self.ledger.ask(&approve)["status"], "executed", "{words:?}");
        text(&proposed, "id").to_owned()
    }

    /// Funds a bank with euros.
    #[track_caller]
    pub fn fund(&self, name: &str, amount: &str) {
        self.fund_in(AGENT, "EUR", name, amount);
    }

    /// Funds a bank with a currency, by its settlement agent.
    #[track_caller]
    pub fn fund_in(&self, agent: &str, currency: &str, name: &str, amount: &str) {
        let reference = format!("RTGS-{}", self.credits.fetch_add(1, Ordering::Relaxed));
        self.ledger.fund(agent, name, currency, amount, &reference);
    }

    /// Opens, cuts off or closes the day in euros.
    #[track_caller]
    pub fn day(&self, phase: &str, date: &str) {
        self.day_in("EUR", phase, date);
    }

    /// Opens, cuts off or closes the day of a currency.
    #[track_caller]
    pub fn day_in(&self, currency: &str, phase: &str, date: &str) {
        let words = [
            "set-day",
            "--currency",
            currency,
            "--phase",
            phase,
            "--date",
            date,
        ];
        self.control(OPERATOR, &words);
    }

    /// Where an own instruction stands.
    #[track_caller]
    pub fn status(&self, name: &str, id: &str) -> String {
        text(&self.ask(name, &["status", "--id", id]), "status").to_owned()
    }

    /// Waits until an own instruction has a status.
    #[track_caller]
    pub fn await_status(&self, name: &str, id: &str, status: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let now = self.status(name, id);
            if now == status {
                return;
            }
            assert!(Instant::now() < until, "{id} is {now} and never became {status}");
            std::thread::sleep(PAUSE);
        }
    }

    /// Why an own instruction waits: the reason, and how much is missing.
    #[track_caller]
    pub fn why(&self, name: &str, id: &str) -> (String, String) {
        let told = self.ask(name, &["explain", id]);
        (
            text(&told, "reason").to_owned(),
            text(&told, "missing").to_owned(),
        )
    }

    /// Waits until an own instruction waits for a reason.
    #[track_caller]
    pub fn await_reason(&self, name: &str, id: &str, reason: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let now = self.why(name, id).0;
            if now == reason {
                return;
            }
            assert!(
                Instant::now() < until,
                "{id} waits for {now} and never for {reason}"
            );
            std::thread::sleep(PAUSE);
        }
    }

    /// The node's private address.
    pub fn metrics(&self) -> String {
        text(&self.node().ready, "metrics").to_owned()
    }

    /// Why somebody else's instruction waits, to one who may see it.
    #[track_caller]
    pub fn why_of(&self, who: &str, submitter: &str, id: &str) -> String {
        let told = self.ask(who, &["explain", "--submitter", submitter, id]);
        text(&told, "reason").to_owned()
    }

    /// Ids of what waits in euros, in order of settlement.
    #[track_caller]
    pub fn queue(&self, name: &str) -> Vec<String> {
        let told = self.ask(name, &["queue", "--currency", "EUR"]);
        let lines = told["payments"].as_array().expect("lines");
        lines
            .iter()
            .map(|line| text(line, "instruction_id").to_owned())
            .collect()
    }

    /// The account in euros, as `limits` shows it.
    #[track_caller]
    pub fn account(&self, name: &str) -> Value {
        self.ask(name, &["limits", "--currency", "EUR"])["accounts"][0].clone()
    }

    /// Balances in euros.
    #[track_caller]
    pub fn balances<const N: usize>(&self, names: [&str; N]) -> [String; N] {
        names.map(|name| self.ledger.balance(name, "EUR"))
    }

    /// All that a bank was told.
    #[track_caller]
    pub fn feed(&self, name: &str) -> Feed {
        let config = self.config(name);
        let output = causeway(&["bank", "feed", "--config", word(&config), "--json"]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let lines = stdout(&output);
        let events = lines
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"));
        Feed(events.collect())
    }
}
