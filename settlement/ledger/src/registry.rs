//! Who takes part: participants, their roles, their keys and the persons who hold them.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::action::{DefaultState, KeyGrant, ParticipantGrant, Standing, right, role};
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
    /// Where it stands.
    pub standing: Standing,
    /// True while what it pays and is paid waits for a decision.
    pub held: bool,
    /// Whether it is in default.
    pub default: DefaultState,
    /// Its keys by id.
    pub keys: BTreeMap<KeyId, KeyState>,
}

impl Participant {
    /// The key, if it is active and has the right.
    pub fn active(&self, key: KeyId, right: u8) -> Option<&KeyGrant> {
        self.keys
            .get(&key)
            .filter(|k| (!k.revoked || mutated!(RevokedSigns)) && k.grant.rights & right != 0)
            .filter(|_| self.signs())
            .map(|k| &k.grant)
    }

    /// True unless it is not active yet, or takes part no more: then none of its keys is active.
    pub const fn signs(&self) -> bool {
        !matches!(self.standing, Standing::Admitted | Standing::Closed)
    }

    /// True if it pays nothing.
    pub fn is_stopped(&self) -> bool {
        !matches!(self.standing, Standing::Active) || self.is_declared() || self.is_defaulted()
    }

    /// True if it is not paid.
    pub fn refuses(&self) -> bool {
        !matches!(self.standing, Standing::Active | Standing::Taking) || self.is_defaulted()
    }

    /// True if what it pays and is paid waits for a decision: it is held, or its default is declared.
    pub fn is_held(&self) -> bool {
        self.held || self.is_declared()
    }

    fn is_declared(&self) -> bool {
        matches!(self.default, DefaultState::Declared) && !mutated!(PaysInDefault)
    }

    /// True if its default is confirmed.
    pub const fn is_defaulted(&self) -> bool {
        matches!(self.default, DefaultState::Confirmed)
    }

    /// True if it is an operator in which two persons may decide.
    fn operates(&self) -> bool {
        let deciding = self
            .keys
            .values()
            .filter(|k| !k.revoked && k.grant.rights & right::CONTROL != 0);
        let persons: BTreeSet<u32> = deciding.map(|k| k.grant.person).collect();
        self.roles & role::OPERATOR != 0 && self.signs() && persons.len() >= 2
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

    /// The public key of a participant that is not active any more: it was revoked, or the participant is closed.
    pub fn revoked_key(&self, participant: ParticipantId, key: KeyId) -> Option<PublicKey> {
        let owner = self.get(participant)?;
        let state = owner.keys.get(&key)?;
        (state.revoked || owner.standing == Standing::Closed).then_some(state.grant.public)
    }

    /// Whether a change takes the last operator away in which two persons may decide. Where there is none, nothing
    /// is taken away.
    pub(crate) fn locks_out(&self, who: ParticipantId, change: impl FnOnce(&mut Participant)) -> bool {
        let Some(mut after) = self.get(who).filter(|own| own.operates()).cloned() else {
            return false;
        };
        change(&mut after);
        let mut others = (0..).zip(&self.all).filter(|(id, _)| *id != who.0);
        !after.operates() && !others.any(|(_, other)| other.operates())
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
            standing: Standing::Active,
            held: false,
            default: DefaultState::None,
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
            out.put_u8(participant.standing as u8)
                .put_u8(u8::from(participant.held))
                .put_u8(participant.default as u8);
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
            let standing = Standing::from_number(r.u8("participant.standing")?)
                .ok_or(FormatError::rule("participant.standing", "no such standing"))?;
            let held = flag(r, "participant.held")?;
            let default = DefaultState::from_number(r.u8("participant.default")?)
                .ok_or(FormatError::rule("participant.default", "no such state"))?;
            if let Some(participant) = registry.get_mut(id) {
                (participant.standing, participant.held) = (standing, held);
                participant.default = default;
                for key in participant.keys.values_mut() {
                    key.revoked = flag(r, "key.revoked")?;
                }
            }
        }
        Ok(registry)
    }
}
