//! Makes a data directory: genesis, keys, certificates and ready configuration for the node and every participant.
mod text;

use causeway_message::checkpoint::LogKey;
use causeway_message::genesis::Genesis;
use causeway_message::ids::hex;
use causeway_message::keys::{SigningKey, random_bytes};
use causeway_message::time::Timestamp;
use causeway_message::{LedgerId, ParticipantId};
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use self::text::BankText;
use crate::certificates::{Authority, Identity};
use crate::config::node;
use crate::files::{self, Access};
use crate::genesis::{GenesisSpec, KeySpec, MadeKeys};
use crate::{Failure, keyfile, layout};

/// What a data directory is made of, beside its genesis.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the node will listen for banks.
    pub listen: SocketAddr,
    /// Where the node will show metrics and health.
    pub metrics: SocketAddr,
    /// The text that the specification was read from, kept beside the genesis.
    pub genesis_text: Option<String>,
    /// When the ledger begins.
    pub created: Timestamp,
}

impl Options {
    /// The usual addresses, now.
    pub fn now() -> Self {
        Self {
            listen: node::LISTEN,
            metrics: node::METRICS,
            genesis_text: None,
            created: causeway_engine::clock::now(),
        }
    }
}

/// A data directory that was made.
#[derive(Debug)]
pub struct Made {
    /// Where.
    pub dir: PathBuf,
    /// What the ledger begins with.
    pub genesis: Genesis,
    /// The ledger.
    pub ledger: LedgerId,
    /// The log's verifying key.
    pub log_key: LogKey,
    /// The node's configuration.
    pub node_config: PathBuf,
    /// The participants, in order of their ids.
    pub banks: Vec<MadeBank>,
}

/// A participant's part of a data directory.
#[derive(Debug)]
pub struct MadeBank {
    /// Its id.
    pub id: ParticipantId,
    /// Its name.
    pub name: String,
    /// Its configuration.
    pub config: PathBuf,
}

/// Files that are to be written, secret ones apart.
#[derive(Default)]
struct Plan(Vec<(PathBuf, Vec<u8>, Access)>);

impl Plan {
    fn public(&mut self, path: PathBuf, text: impl Into<Vec<u8>>) {
        self.0.push((path, text.into(), Access::Public));
    }

    fn secret(&mut self, path: PathBuf, text: impl Into<Vec<u8>>) {
        self.0.push((path, text.into(), Access::Secret));
    }

    fn identity(&mut self, cert: PathBuf, key: PathBuf, identity: &Identity) {
        self.public(cert, identity.cert.as_str());
        self.secret(key, identity.key.as_str());
    }

    /// Writes everything; after a failure nothing that was written stays.
    fn write(&self, root: &Path) -> Result<(), Failure> {
        for (done, (path, bytes, access)) in self.0.iter().enumerate() {
            if let Err(failure) = write_one(path, bytes, *access) {
                self.undo(done, root);
                return Err(failure);
            }
        }
        Ok(())
    }

    /// Removes the first `done` files, and their directories under `root` where nothing else is left. What cannot
    /// be removed stays: the failure before it is the one to report.
    fn undo(&self, done: usize, root: &Path) {
        for (path, _, _) in self.0.iter().take(done) {
            let _ = fs::remove_file(path);
        }
        for (path, _, _) in self.0.iter().take(done + 1) {
            for dir in path.ancestors().skip(1).take_while(|dir| *dir != root) {
                let _ = fs::remove_dir(dir);
            }
        }
    }
}

fn write_one(path: &Path, bytes: &[u8], access: Access) -> Result<(), Failure> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|error| Failure::at(parent, "cannot be created", &error))?;
    }
    files::write_new(path, bytes, access)
}

/// Makes a data directory. A directory that holds anything is left as it is.
pub fn create(dir: &Path, spec: &GenesisSpec, options: &Options) -> Result<Made, Failure> {
    if !files::is_free(dir)? {
        return Err(Failure::Refused(format!(
            "{}: is not empty; init never overwrites",
            dir.display()
        )));
    }
    let (genesis, keys) = spec.complete(options.created)?;
    let ledger = genesis.ledger_id();
    let (node_name, checkpoint) = &keys.checkpoint;
    let log_key =
        LogKey::new(node_name, checkpoint.public()).map_err(|error| Failure::Config(error.to_string()))?;
    let authority = Authority::new(
        &format!("{} development authority", genesis.name),
        options.created,
    )?;
    let tls = dir.join(layout::TLS);
    let mut plan = Plan::default();
    plan.secret(dir.join(layout::CHECKPOINT_KEY), keyfile::to_text(checkpoint));
    plan.public(dir.join(layout::LOG_KEY), format!("{}\n", log_key.to_text()));
    plan.identity(
        tls.join(layout::CA_CERT),
        tls.join(layout::CA_KEY),
        authority.identity(),
    );
    plan.identity(
        tls.join(layout::NODE_CERT),
        tls.join(layout::NODE_KEY),
        &authority.node()?,
    );
    let node_config = dir.join(layout::NODE_CONFIG);
    plan.public(node_config.clone(), text::node(options));
    if let Some(text) = &options.genesis_text {
        plan.public(dir.join(layout::GENESIS_TEXT), text.as_str());
    }
    let banks = plan_banks(&mut plan, dir, &genesis, &keys, &log_key, &authority, options)?;
    // Last: a directory without it is no data directory.
    plan.public(dir.join(layout::GENESIS), genesis.to_bytes());
    plan.write(dir)?;
    files::sync_dir(dir)?;
    Ok(Made {
        dir: dir.to_owned(),
        genesis,
        ledger,
        log_key,
        node_config,
        banks,
    })
}

fn plan_banks(
    plan: &mut Plan,
    dir: &Path,
    genesis: &Genesis,
    keys: &MadeKeys,
    log_key: &LogKey,
    authority: &Authority,
    options: &Options,
) -> Result<Vec<MadeBank>, Failure> {
    let ledger = genesis.ledger_id();
    let mut banks = Vec::new();
    for (i, (participant, keys)) in genesis.participants.iter().zip(&keys.participants).enumerate() {
        let id = ParticipantId(i as u32);
        let home = dir
            .join(layout::BANKS)
            .join(layout::directory_name(&participant.name, id));
        let client = authority.client(id)?;
        plan.identity(
            home.join(layout::CLIENT_CERT),
            home.join(layout::CLIENT_KEY),
            &client,
        );
        let secret: [u8; 32] = random_bytes().map_err(|error| Failure::Io(error.to_string()))?;
        plan.secret(home.join(layout::ADAPTER_SECRET), format!("{}\n", hex(&secret)));
        let files = key_files(keys);
        for ((_, key), (_, file)) in keys.iter().zip(&files) {
            plan.secret(home.join(file), keyfile::to_text(key));
        }
        let config = home.join(layout::BANK_CONFIG);
        let name = &participant.name;
        let bank = BankText {
            id,
            name,
            ledger,
            log_key,
            address: options.listen,
            keys: &files,
        };
        plan.public(config.clone(), bank.to_text());
        banks.push(MadeBank {
            id,
            name: participant.name.clone(),
            config,
        });
    }
    Ok(banks)
}

/// Names of the files of a participant's keys: by person, and by key id from a person's second key on.
fn key_files(keys: &[(KeySpec, SigningKey)]) -> Vec<(KeySpec, String)> {
    let mut out: Vec<(KeySpec, String)> = Vec::new();
    for (spec, _) in keys {
        let again = out.iter().any(|(other, _)| other.person == spec.person);
        let name = if again {
            format!("person-{}-key-{}.key", spec.person, spec.id)
        } else {
            format!("person-{}.key", spec.person)
        };
        out.push((*spec, name));
    }
    out
}
