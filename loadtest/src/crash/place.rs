//! Where a run happens: its ledger, its programs, and who takes part.
use std::fmt::Write;
use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::Command;

use causeway_message::ParticipantId;
use causeway_message::checkpoint::LogKey;
use causeway_transport::ClientConfig;
use causeway_transport::profile::BankProfile;

use super::child::clean;
use crate::causeway::Causeway;
use crate::error::Failure;
use crate::random::Random;

/// ISO 4217 numbers and codes of the currencies that everybody pays and trades in.
pub const CURRENCIES: [(u16, &str); 2] = [(978, "EUR"), (392, "JPY")];
/// The currency whose business days last seconds; no trades are made in it, and adapters do not pay in it.
pub const DAILY: (u16, &str) = (840, "USD");
/// All currencies of the run.
pub const ACCOUNTS: [(u16, &str); 3] = [CURRENCIES[0], CURRENCIES[1], DAILY];
/// Minor units that each bank is funded with in each currency: so little that payments wait.
pub const FUNDED: u64 = 3_000;
/// Largest payment: less than a fair share of the money, so that somebody can always pay.
pub const AMOUNT_MAX: u64 = 200;
/// Participants that pay and are paid through their adapters.
pub const ADAPTERS: [&str; 2] = ["ADAPDEFF", "ADAPFRPP"];
/// Ids that a run may use.
const IDS: u64 = 8_000_000;
/// Ports of nodes: below those that the system gives to clients, one of which could take it while the node is dead.
const PORTS: std::ops::Range<u64> = 20_000..32_000;

/// Programs of the run.
#[derive(Debug, Clone)]
pub struct Programs {
    /// `causeway`.
    pub causeway: Causeway,
    /// `causeway-adapter`.
    pub adapter: PathBuf,
    /// This one.
    pub own: PathBuf,
}

impl Programs {
    /// A command of `causeway`, with nothing of ours in its environment.
    pub fn causeway(&self) -> Command {
        let mut command = clean(self.causeway.program());
        command.args(self.causeway.words());
        command
    }
}

/// One who takes part.
#[derive(Debug, Clone)]
pub struct Party {
    /// Its id in the ledger.
    pub id: ParticipantId,
    /// Its name.
    pub name: String,
}

/// The directories of a run.
#[derive(Debug)]
pub struct Place {
    base: PathBuf,
    /// What the node keeps.
    data: PathBuf,
    /// The programs.
    pub programs: Programs,
    /// Banks that pay through the SDK.
    pub banks: Vec<Party>,
    /// Banks that pay through adapters.
    pub adapters: Vec<Party>,
}

impl Place {
    /// Makes a ledger in `base`, which must be free.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn make(base: &Path, programs: Programs, banks: usize, random: &mut Random) -> Result<Self, Failure> {
        let party = |(at, name): (usize, String)| Party {
            id: ParticipantId(2 + at as u32),
            name,
        };
        let names = (0..banks).map(|n| format!("BANK{n:04}"));
        let names = names.chain(ADAPTERS.map(str::to_owned));
        let mut parties: Vec<Party> = names.enumerate().map(party).collect();
        let adapters = parties.split_off(banks);
        let place = Self {
            base: base.to_owned(),
            data: base.join("ledger"),
            programs,
            banks: parties,
            adapters,
        };
        fs::create_dir_all(base.join("logs"))?;
        let genesis = base.join("genesis.toml");
        fs::write(&genesis, place.genesis())?;
        let mut init = place.programs.causeway();
        init.args(["init", "--metrics", "127.0.0.1:0", "--listen"])
            .arg(format!("127.0.0.1:{}", free_port(random)?));
        succeed(init.arg("--dir").arg(&place.data).arg("--genesis").arg(&genesis))?;
        Ok(place)
    }

    /// Everybody who pays.
    pub fn parties(&self) -> impl Iterator<Item = &Party> {
        self.banks.iter().chain(&self.adapters)
    }

    fn genesis(&self) -> String {
        let mut text = format!("kind = \"genesis\"\nname = \"crash loop\"\nid_capacity = {IDS}\n");
        for (_, code) in ACCOUNTS {
            let _ = write!(text, "\n[[currencies]]\ncode = \"{code}\"\nagent = \"AGENT\"\n");
        }
        text.push_str("\n[[nodes]]\nname = \"node-1.causeway\"\n");
        let persons = "[{ person = 1, rights = [\"control\"] }, { person = 2, rights = [\"control\"] }]";
        for (name, role) in [("OPERATOR", "operator"), ("AGENT", "settlement_agent")] {
            let _ = write!(
                text,
                "\n[[participants]]\nname = \"{name}\"\nroles = [\"{role}\"]\nkeys = {persons}\n"
            );
        }
        for party in self.parties() {
            let _ = write!(
                text,
                "\n[[participants]]\nname = \"{}\"\nroles = [\"participant\"]\n\
                 keys = [{{ person = 1, rights = [\"instruct\"] }}]\naccounts = [",
                party.name
            );
            for (_, code) in ACCOUNTS {
                let _ = write!(text, "{{ currency = \"{code}\" }}, ");
            }
            text.push_str("]\n");
        }
        text
    }

    /// Puts the node's data elsewhere; configuration and banks stay.
    ///
    /// # Errors
    /// If a file cannot be moved.
    pub fn move_data(&mut self, to: &Path) -> Result<(), Failure> {
        for name in ["genesis.bin", "checkpoint.key", "log.key"] {
            let from = self.data.join(name);
            fs::copy(&from, to.join(name))?;
            fs::remove_file(&from)?;
        }
        self.data = to.to_owned();
        Ok(())
    }

    /// What the node keeps.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The node's configuration.
    pub fn node_config(&self) -> PathBuf {
        self.base.join("ledger/node.toml")
    }

    /// Where a process complains.
    pub fn log(&self, name: &str) -> PathBuf {
        self.base.join("logs").join(format!("{name}.log"))
    }

    /// Configuration of a participant.
    pub fn config(&self, name: &str) -> PathBuf {
        self.base.join("ledger/banks").join(name).join("bank.toml")
    }

    /// Store of a participant's adapter.
    pub fn store(&self, name: &str) -> PathBuf {
        self.base.join("ledger/banks").join(name).join("store")
    }

    /// A directory of its own for one process.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn own(&self, name: &str) -> Result<PathBuf, Failure> {
        let dir = self.base.join(name);
        fs::create_dir_all(&dir)?;
        Ok(dir)
    }

    /// Settings of a client of a participant, signing as a person; it remembers what it has seen of the log.
    ///
    /// # Errors
    /// If a file cannot be used.
    pub fn client(&self, name: &str, person: u32) -> Result<ClientConfig, Failure> {
        let mut config = client_config(&self.config(name), person)?;
        config.checkpoint = Some(self.own("checks")?.join(format!("{name}-{person}.checkpoint")));
        Ok(config)
    }

    /// The log's key, as pinned out of band.
    ///
    /// # Errors
    /// If its file cannot be used.
    pub fn log_key(&self) -> Result<LogKey, Failure> {
        let text = fs::read_to_string(self.data.join("log.key"))?;
        LogKey::parse(text.trim()).map_err(|error| Failure::Io(format!("log.key: {error}")))
    }

    /// Re-reads the whole log with `causeway verify log`.
    ///
    /// # Errors
    /// If it does not hold.
    pub fn verify_log(&self) -> Result<(), Failure> {
        let mut verify = self.programs.causeway();
        succeed(verify.args(["verify", "log"]).arg(&self.data).arg("--json")).map(drop)
    }

    /// Verifies a receipt as a stranger does.
    ///
    /// # Errors
    /// If it does not hold.
    pub fn verify_receipt(&self, receipt: &Path) -> Result<(), Failure> {
        let mut key = std::ffi::OsString::from("@");
        key.push(self.data.join("log.key"));
        let mut verify = self.programs.causeway();
        succeed(verify.args(["verify", "receipt", "--key"]).arg(key).arg(receipt)).map(drop)
    }
}

/// Settings of a client, out of a bank's profile.
///
/// # Errors
/// If a file cannot be used.
pub fn client_config(path: &Path, person: u32) -> Result<ClientConfig, Failure> {
    let failed = |error: causeway_transport::profile::ProfileError| Failure::Io(error.to_string());
    BankProfile::load(path)
        .map_err(failed)?
        .client_config(Some(person))
        .map_err(failed)
}

/// Runs a command that must do what it says.
pub(super) fn succeed(command: &mut Command) -> Result<Vec<u8>, Failure> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
    let complaint = String::from_utf8_lossy(&output.stderr);
    let text = format!(
        "{} ended with {}: {}",
        words.join(" "),
        output.status,
        complaint.trim()
    );
    Err(if output.status.code() == Some(1) {
        Failure::Check(text)
    } else {
        Failure::Io(text)
    })
}

fn free_port(random: &mut Random) -> Result<u16, Failure> {
    // Beside other runs with the same seed.
    let mut random = Random::new(random.next() ^ u64::from(std::process::id()));
    for _ in 0..1_000 {
        let port = (PORTS.start + random.below(PORTS.end - PORTS.start)) as u16;
        if UdpSocket::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(Failure::Io("no port is free for the node".into()))
}
