//! Who takes part: participants, their roles, their keys and the persons who hold them.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::action::{KeyGrant, ParticipantGrant, right};
use causeway_message::codec::{Put, Reader};
use causeway_message::keys::PublicKey;
use causeway_message::limits::{KEYS_PER_PARTICIPANT_MAX, PARTICIPANTS_MAX};
use causeway_message::{FormatError, KeyId, ParticipantId, Status, mutated};

use crate::snapshot::flag;

/// A key and its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyState {
    /// The key, its person and rights.
    pub grant: KeyGrant,
    /// True once it is revoked; its id stays taken.
    pub revoked: bool,
}

/// A participant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Its name, unique.
    pub name: String,
    /// Bits of [`causeway_message::action::role`].
    pub roles: u8,
    /// True while it is suspended.
    pub suspended: bool,
    /// True while what it pays and is paid waits for a decision.
    pub held: bool,
    /// Its keys by id.
    pub keys: BTreeMap<KeyId, KeyState>,
}

impl Participant {
    /// The key, if it is active and has the right.
    pub fn active(&self, key: KeyId, right: u8) -> Option<&KeyGrant> {
        self.keys
            .get(&key)
            .filter(|k| (!k.revoked || mutated!(RevokedSigns)) && k.grant.rights & right != 0)
            .map(|k| &k.grant)
    }
}

/// All participants, by id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registry {
    all: Vec<Participant>,
    names: BTreeSet<String>,
}

impl Registry {
    /// The participant with this id.
    #[inline]
    pub fn get(&self, id: ParticipantId) -> Option<&Participant> {
        self.all.get(id.0 as usize)
    }

    /// How many take part.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// True if nobody takes part.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// All participants in order of their ids.
    pub fn all(&self) -> &[Participant] {
        &self.all
    }

    /// The public key that a batch of this participant is verified with.
    pub fn verifying_key(&self, participant: ParticipantId, key: KeyId) -> Option<PublicKey> {
        self.get(participant)?
            .active(key, right::KNOWN)
            .map(|grant| grant.public)
    }

    /// The public key that a participant's revoked key was.
    pub fn revoked_key(&self, participant: ParticipantId, key: KeyId) -> Option<PublicKey> {
        let state = self.get(participant)?.keys.get(&key)?;
        state.revoked.then_some(state.grant.public)
    }

    pub(crate) fn get_mut(&mut self, id: ParticipantId) -> Option<&mut Participant> {
        self.all.get_mut(id.0 as usize)
    }

    /// Checks a registration without making it.
    pub(crate) fn check(&self, grant: &ParticipantGrant) -> Result<(), Status> {
        if self.names.contains(&grant.name) || self.all.len() >= PARTICIPANTS_MAX {
            return Err(Status::ParticipantExists);
        }
        // As in `add_key`: no id twice, and no key twice, or one holder could pass for two persons.
        let (mut ids, mut keys) = (BTreeSet::new(), BTreeSet::new());
        let fits = |key: &KeyGrant| ids.insert(key.key) && keys.insert(key.public);
        if grant.keys.is_empty() || !grant.keys.iter().all(fits) {
            return Err(Status::KeyInvalid);
        }
        Ok(())
    }

    pub(crate) fn register(&mut self, grant: &ParticipantGrant) -> Result<ParticipantId, Status> {
        self.check(grant)?;
        let id = ParticipantId(self.all.len() as u32);
        let keys = grant
            .keys
            .iter()
            .map(|k| {
                (
                    k.key,
                    KeyState {
                        grant: k.clone(),
                        revoked: false,
                    },
                )
            })
            .collect();
        self.names.insert(grant.name.clone());
        self.all.push(Participant {
            name: grant.name.clone(),
            roles: grant.roles,
            suspended: false,
            held: false,
            keys,
        });
        Ok(id)
    }

    pub(crate) fn add_key(&mut self, participant: ParticipantId, grant: &KeyGrant) -> Result<(), Status> {
        let owner = self.get_mut(participant).ok_or(Status::ParticipantUnknown)?;
        let known = owner.keys.contains_key(&grant.key)
            || owner.keys.values().any(|k| k.grant.public == grant.public);
        if known || owner.keys.len() >= KEYS_PER_PARTICIPANT_MAX {
            return Err(Status::KeyInvalid);
        }
        owner.keys.insert(
            grant.key,
            KeyState {
                grant: grant.clone(),
                revoked: false,
            },
        );
        Ok(())
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.put_u32(self.all.len() as u32);
        for participant in &self.all {
            let grant = ParticipantGrant {
                name: participant.name.clone(),
                roles: participant.roles,
                keys: participant.keys.values().map(|k| k.grant.clone()).collect(),
                accounts: Vec::new(),
            };
            grant.write(out);
            out.put_u8(u8::from(participant.suspended))
                .put_u8(u8::from(participant.held));
            participant.keys.values().for_each(|k| {
                out.put_u8(u8::from(k.revoked));
            });
        }
    }

    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let mut registry = Self::default();
        for _ in 0..r.u32("participants")? {
            let grant = ParticipantGrant::read(r)?;
            if !grant.accounts.is_empty() || !grant.keys.is_sorted_by(|a, b| a.key < b.key) {
                return Err(FormatError::rule(
                    "participants",
                    "keys rise, and accounts stand elsewhere",
                ));
            }
            let id = registry
                .register(&grant)
                .map_err(|_| FormatError::rule("participants", "a participant stands twice"))?;
            let suspended = flag(r, "participant.suspended")?;
            let held = flag(r, "participant.held")?;
            if let Some(participant) = registry.get_mut(id) {
                (participant.suspended, participant.held) = (suspended, held);
                for key in participant.keys.values_mut() {
                    key.revoked = flag(r, "key.revoked")?;
                }
            }
        }
        Ok(registry)
    }
}
