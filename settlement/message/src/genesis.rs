//! Genesis: what the ledger begins with. Its digest is the ledger id.
use crate::action::ParticipantGrant;
use crate::codec::{Put, Reader, within};
use crate::digest::tagged;
use crate::keys::PublicKey;
use crate::leaf::RULES_VERSION;
use crate::limits::{NAME_BYTES_MAX, PARTICIPANTS_MAX};
use crate::time::Timestamp;
use crate::{FormatError, LedgerId, ParticipantId, tags};

/// The first encoding: a ledger under the first version of the rules.
const FIRST: u16 = 1;
/// The encoding that ends in the version of the rules.
const WITH_RULES: u16 = 2;

/// A currency of the ledger and who carries its liability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrencyGrant {
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// Its settlement agent.
    pub agent: ParticipantId,
}

/// A node that may sign checkpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeGrant {
    /// Name of its key, as in the signed note.
    pub name: String,
    /// The key.
    pub public: PublicKey,
}

/// Everything the ledger begins with. Participants get ids from 0 in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genesis {
    /// Name of the ledger.
    pub name: String,
    /// Random: no two ledgers are the same.
    pub nonce: [u8; 16],
    /// When it was made.
    pub created: Timestamp,
    /// Most instruction ids the ledger remembers; beyond them `capacity_exhausted`.
    pub id_capacity: u64,
    /// Most payments that wait at once.
    pub queue_capacity: u32,
    /// Nodes.
    pub nodes: Vec<NodeGrant>,
    /// Participants.
    pub participants: Vec<ParticipantGrant>,
    /// Currencies.
    pub currencies: Vec<CurrencyGrant>,
    /// Version of the rules it begins under: 1 to [`RULES_VERSION`].
    pub rules: u16,
}

impl Genesis {
    /// The canonical bytes: payload of the first log entry.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let version = if self.rules == 1 { FIRST } else { WITH_RULES };
        out.put_u16(version)
            .put_var(self.name.as_bytes())
            .put(&self.nonce)
            .put_u64(self.created.0);
        out.put_u64(self.id_capacity).put_u32(self.queue_capacity);
        out.put_u16(self.nodes.len() as u16);
        for node in &self.nodes {
            out.put_var(node.name.as_bytes()).put(node.public.bytes());
        }
        out.put_u32(self.participants.len() as u32);
        self.participants.iter().for_each(|p| p.write(&mut out));
        out.put_u16(self.currencies.len() as u16);
        for currency in &self.currencies {
            out.put_u16(currency.currency).put_u32(currency.agent.0);
        }
        if version == WITH_RULES {
            out.put_u16(self.rules);
        }
        out
    }

    /// Reads the canonical bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut r = Reader::new(bytes);
        let version = r.u16("genesis.version")?;
        if !(FIRST..=WITH_RULES).contains(&version) {
            return Err(FormatError::rule(
                "genesis.version",
                "this build reads versions 1 and 2",
            ));
        }
        let name = r.text(NAME_BYTES_MAX, "genesis.name")?.to_owned();
        let nonce = r.array("genesis.nonce")?;
        let created = Timestamp(r.u64("genesis.created")?);
        let id_capacity = r.u64("genesis.id_capacity")?;
        let queue_capacity = r.u32("genesis.queue_capacity")?;
        let count = r.u16("genesis.nodes")?;
        let nodes = (0..count)
            .map(|_| {
                let name = r.text(NAME_BYTES_MAX, "node.name")?.to_owned();
                Ok(NodeGrant {
                    name,
                    public: PublicKey::new(r.array("node.public")?)?,
                })
            })
            .collect::<Result<_, FormatError>>()?;
        let count = r.u32("genesis.participants")? as usize;
        within(count, PARTICIPANTS_MAX, "genesis.participants")?;
        let participants = (0..count)
            .map(|_| ParticipantGrant::read(&mut r))
            .collect::<Result<_, _>>()?;
        let count = r.u16("genesis.currencies")?;
        let currencies = (0..count)
            .map(|_| {
                let currency = r.u16("currency")?;
                Ok(CurrencyGrant {
                    currency,
                    agent: ParticipantId(r.u32("currency.agent")?),
                })
            })
            .collect::<Result<_, FormatError>>()?;
        let rules = if version == FIRST {
            1
        } else {
            r.u16("genesis.rules")?
        };
        // One genesis has one encoding: rules 1 stand in the first.
        if version == WITH_RULES && !(2..=RULES_VERSION).contains(&rules) {
            return Err(FormatError::rule("genesis.rules", "no such version of the rules"));
        }
        r.end("genesis")?;
        Ok(Self {
            name,
            nonce,
            created,
            id_capacity,
            queue_capacity,
            nodes,
            participants,
            currencies,
            rules,
        })
    }

    /// The ledger id.
    pub fn ledger_id(&self) -> LedgerId {
        LedgerId(tagged(tags::GENESIS, &[&self.to_bytes()]))
    }
}
