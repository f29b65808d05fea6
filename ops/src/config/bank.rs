//! `bank.toml`: what a bank's client needs to reach the node, sign, and verify.
use causeway_message::checkpoint::LogKey;
use causeway_message::keys::SigningKey;
use causeway_message::{KeyId, LedgerId, ParticipantId};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::source::{Problems, Source};
use super::{Kind, values};
use crate::{Failure, certificates, keyfile};

/// Configuration of a bank's client, its paths resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankConfig {
    /// Name of the bank, for people.
    pub name: String,
    /// Its id in the ledger.
    pub participant: ParticipantId,
    /// The ledger.
    pub ledger: LedgerId,
    /// The pinned key of the log.
    pub log_key: LogKey,
    /// Address of the node.
    pub address: SocketAddr,
    /// Name that the node's certificate must carry.
    pub server_name: String,
    /// Certificate of the authority that signed the node's certificate.
    pub ca: PathBuf,
    /// The bank's certificate.
    pub tls_cert: PathBuf,
    /// Its key.
    pub tls_key: PathBuf,
    /// The bank's signing keys on this machine.
    pub keys: Vec<BankKey>,
    /// The bank's own secret for instruction ids that follow from a message.
    pub adapter_secret: PathBuf,
    /// Where the adapter keeps documents, receipts and its place in the feed.
    pub adapter_store: PathBuf,
}

/// A signing key: its id in the ledger, who holds it, and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankKey {
    /// Id within the participant.
    pub id: KeyId,
    /// The person that holds it.
    pub person: u32,
    /// The key file.
    pub file: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "kind")]
    _kind: Option<Kind>,
    bank: Bank,
    node: Node,
    tls: Tls,
    #[serde(default)]
    key: Vec<Key>,
    #[serde(default)]
    adapter: Adapter,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bank {
    name: String,
    participant: values::Within<0, 65_535>,
    #[serde(deserialize_with = "values::ledger")]
    ledger: LedgerId,
    #[serde(deserialize_with = "values::log_key")]
    log_key: LogKey,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Node {
    address: SocketAddr,
    #[serde(default = "node_name")]
    server_name: String,
    ca: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tls {
    cert: PathBuf,
    key: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    id: values::Within<0, { u32::MAX as u64 }>,
    person: values::Within<1, { u32::MAX as u64 }>,
    file: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Adapter {
    secret: PathBuf,
    store: PathBuf,
}

impl Default for Adapter {
    fn default() -> Self {
        Self {
            secret: PathBuf::from(crate::layout::ADAPTER_SECRET),
            store: PathBuf::from("store"),
        }
    }
}

fn node_name() -> String {
    certificates::NODE_NAME.to_owned()
}

impl BankConfig {
    /// Reads a file.
    pub fn load(path: &Path) -> Result<Self, Failure> {
        Ok(Self::read(&Source::read(path)?)?)
    }

    /// Reads a text.
    pub fn read(source: &Source) -> Result<Self, Problems> {
        let file: File = source.parse()?;
        let mut problems = Problems::default();
        for (i, key) in file.key.iter().enumerate() {
            if file.key.iter().take(i).any(|other| other.id == key.id) {
                problems
                    .0
                    .push(source.at(&format!("key[{i}].id"), "stands twice: a key's id is unique"));
            }
        }
        if !problems.0.is_empty() {
            return Err(problems);
        }
        let key = |key: &Key| BankKey {
            id: KeyId(key.id.get() as u32),
            person: key.person.get() as u32,
            file: source.resolve(&key.file),
        };
        Ok(Self {
            keys: file.key.iter().map(key).collect(),
            name: file.bank.name,
            participant: ParticipantId(file.bank.participant.get() as u32),
            ledger: file.bank.ledger,
            log_key: file.bank.log_key,
            address: file.node.address,
            server_name: file.node.server_name,
            ca: source.resolve(&file.node.ca),
            tls_cert: source.resolve(&file.tls.cert),
            tls_key: source.resolve(&file.tls.key),
            adapter_secret: source.resolve(&file.adapter.secret),
            adapter_store: source.resolve(&file.adapter.store),
        })
    }

    /// The key of a person; of the first one if none is named.
    pub fn signing_key(&self, person: Option<u32>) -> Result<(KeyId, SigningKey), Failure> {
        let found = self
            .keys
            .iter()
            .find(|key| person.is_none_or(|person| key.person == person));
        let key = found.ok_or_else(|| {
            Failure::Config(match person {
                Some(person) => format!("{}: no [[key]] of person {person} is configured", self.name),
                None => format!("{}: no [[key]] is configured", self.name),
            })
        })?;
        Ok((key.id, keyfile::read(&key.file)?))
    }
}
