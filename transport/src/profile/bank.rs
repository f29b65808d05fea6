//! `bank.toml`: what a bank's client needs to reach the node, sign, and verify.
use causeway_message::checkpoint::LogKey;
use causeway_message::keys::SigningKey;
use causeway_message::{KeyId, LedgerId, ParticipantId};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::source::{Problems, Source};
use super::{ADAPTER_SECRET, ADAPTER_STORE, NODE_NAME, ProfileError, files, keyfile, values};
use crate::client::ClientConfig;
use crate::limits::ACCEPTANCE_SECONDS;
use crate::tls::Identity;

/// Configuration of a bank's client, its paths resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankProfile {
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
    /// What the adapter does with a settlement date that has passed.
    pub past_value_date: PastValueDate,
    /// Whether the adapter sends charges with payments: a ledger under the first version of its rules takes none.
    pub charges: bool,
    /// Participants by the agent that messages name: for agents whose name in messages is not the participant's.
    pub agents: BTreeMap<String, AgentParticipant>,
}

/// A participant as `[agents]` names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AgentParticipant {
    /// By its id.
    Id(ParticipantId),
    /// By its name in the directory.
    Name(String),
}

impl<'de> Deserialize<'de> for AgentParticipant {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(IdOrName)
    }
}

struct IdOrName;

impl Visitor<'_> for IdOrName {
    type Value = AgentParticipant;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a participant's id or its name")
    }

    fn visit_i64<E: de::Error>(self, id: i64) -> Result<AgentParticipant, E> {
        let id = u32::try_from(id).map_err(|_| E::custom(format!("{id} is no participant's id")))?;
        Ok(AgentParticipant::Id(ParticipantId(id)))
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<AgentParticipant, E> {
        Ok(AgentParticipant::Name(name.to_owned()))
    }
}

/// What to do with a settlement date that has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum PastValueDate {
    /// Settle today.
    #[default]
    Today,
    /// Do not send.
    Refuse,
}

/// The word that a file may begin with.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Bank,
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
    #[serde(default)]
    agents: BTreeMap<String, AgentParticipant>,
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
    past_value_date: PastValueDate,
    charges: bool,
}

impl Default for Adapter {
    fn default() -> Self {
        Self {
            secret: PathBuf::from(ADAPTER_SECRET),
            store: PathBuf::from(ADAPTER_STORE),
            past_value_date: PastValueDate::default(),
            charges: true,
        }
    }
}

fn node_name() -> String {
    NODE_NAME.to_owned()
}

impl BankProfile {
    /// Reads a file.
    ///
    /// # Errors
    /// Everything wrong with it.
    pub fn load(path: &Path) -> Result<Self, ProfileError> {
        Ok(Self::read(&Source::read(path)?)?)
    }

    /// Reads a text.
    ///
    /// # Errors
    /// Everything wrong with it.
    pub fn read(source: &Source) -> Result<Self, Problems> {
        let file: File = source.parse()?;
        let mut problems = Problems::default();
        for (i, key) in file.key.iter().enumerate() {
            if problems.0.len() == Problems::MAX {
                break;
            }
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
            past_value_date: file.adapter.past_value_date,
            charges: file.adapter.charges,
            agents: file.agents,
        })
    }

    /// The key of a person; of the first one if none is named.
    ///
    /// # Errors
    /// If there is no such key, or its file cannot be read.
    pub fn signing_key(&self, person: Option<u32>) -> Result<(KeyId, SigningKey), ProfileError> {
        let found = self
            .keys
            .iter()
            .find(|key| person.is_none_or(|person| key.person == person));
        let key = found.ok_or_else(|| {
            ProfileError::Config(match person {
                Some(person) => format!("{}: no [[key]] of person {person} is configured", self.name),
                None => format!("{}: no [[key]] is configured", self.name),
            })
        })?;
        Ok((key.id, keyfile::read(&key.file)?))
    }

    /// What a client of this bank is told, signing with the key of a person; of the first one if none is named.
    ///
    /// # Errors
    /// If a file that the profile names cannot be used.
    pub fn client_config(&self, person: Option<u32>) -> Result<ClientConfig, ProfileError> {
        let (key, signing_key) = self.signing_key(person)?;
        let pem = |path: &Path| files::read(path, files::TEXT_BYTES_MAX);
        Ok(ClientConfig {
            addresses: vec![self.address],
            server_name: self.server_name.clone(),
            identity: Identity {
                ca: pem(&self.ca)?,
                certificate: pem(&self.tls_cert)?,
                key: pem(&self.tls_key)?,
            },
            ledger: self.ledger,
            log_key: self.log_key.clone(),
            participant: self.participant,
            key,
            signing_key: Arc::new(signing_key),
            checkpoint: None,
            acceptance_seconds: ACCEPTANCE_SECONDS,
            notes: Arc::default(),
        })
    }
}
