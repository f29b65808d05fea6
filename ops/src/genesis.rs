//! What a ledger is to begin with, as people write it: a specification that becomes a genesis once every key is
//! there.
mod file;
mod rules;

use causeway_fx::Currency;
use causeway_message::action::{AccountGrant, KeyGrant, ParticipantGrant};
use causeway_message::genesis::{CurrencyGrant, Genesis, NodeGrant};
use causeway_message::keys::{PublicKey, SigningKey, random_bytes};
use causeway_message::time::Timestamp;
use causeway_message::{KeyId, ParticipantId};

use crate::Failure;
pub use rules::Broken;

/// The documented genesis that `init` uses if none is given.
pub const DEFAULT_TEXT: &str = include_str!("genesis/default.toml");
/// Instruction ids that a ledger remembers if nothing else is said.
pub const ID_CAPACITY: u64 = 20_000_000;
/// Payments that may wait at once if nothing else is said.
pub const QUEUE_CAPACITY: u32 = 1_000_000;

/// A ledger's beginning. Keys without a public part are still to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenesisSpec {
    /// Name of the ledger.
    pub name: String,
    /// Most instruction ids the ledger remembers.
    pub id_capacity: u64,
    /// Most payments that wait at once.
    pub queue_capacity: u32,
    /// Version of the rules it begins under.
    pub rules: u16,
    /// Nodes; exactly one has no key yet: the one whose data directory is made.
    pub nodes: Vec<NodeSpec>,
    /// Currencies.
    pub currencies: Vec<CurrencySpec>,
    /// Participants; their ids are their places, from 0.
    pub participants: Vec<ParticipantSpec>,
}

/// A node that may sign checkpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSpec {
    /// Name of its key.
    pub name: String,
    /// Its key, or none if it is to be made.
    pub public: Option<PublicKey>,
}

/// A currency and its settlement agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrencySpec {
    /// The currency.
    pub currency: &'static Currency,
    /// The settlement agent.
    pub agent: ParticipantId,
}

/// A participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipantSpec {
    /// Name, unique; a BIC where it has one.
    pub name: String,
    /// Bits of [`causeway_message::action::role`].
    pub roles: u8,
    /// Its keys.
    pub keys: Vec<KeySpec>,
    /// Its accounts.
    pub accounts: Vec<AccountGrant>,
}

/// A key of a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySpec {
    /// Id within the participant.
    pub id: KeyId,
    /// The person that holds it.
    pub person: u32,
    /// Bits of [`causeway_message::action::right`].
    pub rights: u8,
    /// The key, or none if it is to be made.
    pub public: Option<PublicKey>,
}

/// Keys that were made for a specification.
pub struct MadeKeys {
    /// The node's key that signs checkpoints, and its name.
    pub checkpoint: (String, SigningKey),
    /// For each participant, in order: keys that were made.
    pub participants: Vec<Vec<(KeySpec, SigningKey)>>,
}

impl GenesisSpec {
    /// Makes every missing key and completes the genesis.
    pub fn complete(&self, created: Timestamp) -> Result<(Genesis, MadeKeys), Failure> {
        if let Some(broken) = self.broken().into_iter().next() {
            return Err(Failure::Config(format!("genesis: {broken}")));
        }
        let random = |error| Failure::Io(format!("no key can be made: {error}"));
        let mut checkpoint = None;
        let mut nodes = Vec::new();
        for node in &self.nodes {
            let public = match node.public {
                Some(public) => public,
                None => {
                    let key = SigningKey::generate().map_err(random)?;
                    let public = key.public();
                    checkpoint = Some((node.name.clone(), key));
                    public
                }
            };
            nodes.push(NodeGrant {
                name: node.name.clone(),
                public,
            });
        }
        let checkpoint =
            checkpoint.ok_or_else(|| Failure::Config("genesis: no node is without a key".into()))?;
        let mut made = Vec::new();
        let mut participants = Vec::new();
        for participant in &self.participants {
            let (grant, keys) = participant.complete().map_err(random)?;
            participants.push(grant);
            made.push(keys);
        }
        let currency = |c: &CurrencySpec| CurrencyGrant {
            currency: c.currency.numeric,
            agent: c.agent,
        };
        let genesis = Genesis {
            name: self.name.clone(),
            nonce: random_bytes().map_err(random)?,
            created,
            id_capacity: self.id_capacity,
            queue_capacity: self.queue_capacity,
            nodes,
            participants,
            currencies: self.currencies.iter().map(currency).collect(),
            rules: self.rules,
        };
        // What the ledger will read is what counts.
        Genesis::from_bytes(&genesis.to_bytes()).map_err(|error| Failure::Config(error.to_string()))?;
        Ok((
            genesis,
            MadeKeys {
                checkpoint,
                participants: made,
            },
        ))
    }
}

type Made = (ParticipantGrant, Vec<(KeySpec, SigningKey)>);

impl ParticipantSpec {
    fn complete(&self) -> Result<Made, causeway_message::FormatError> {
        let (mut keys, mut made) = (Vec::new(), Vec::new());
        for spec in &self.keys {
            let public = match spec.public {
                Some(public) => public,
                None => {
                    let key = SigningKey::generate()?;
                    let public = key.public();
                    made.push((*spec, key));
                    public
                }
            };
            keys.push(KeyGrant {
                key: spec.id,
                person: spec.person,
                rights: spec.rights,
                public,
            });
        }
        let (name, accounts) = (self.name.clone(), self.accounts.clone());
        Ok((
            ParticipantGrant {
                name,
                roles: self.roles,
                keys,
                accounts,
            },
            made,
        ))
    }
}
