//! Participants and their keys.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::action::{DefaultState, KeyGrant, ParticipantGrant, Standing, right, role};
use causeway_message::batch::Class;
use causeway_message::keys::PublicKey;
use causeway_message::{KeyId, Status};

use super::Model;

/// Participants that a ledger may have (PROTOCOL §20).
const PARTICIPANTS: usize = 65_536;
/// Keys that a participant may have, revoked ones included (PROTOCOL §20).
const KEYS: usize = 64;

/// A participant.
#[derive(Debug, Clone)]
pub(super) struct Member {
    name: String,
    pub roles: u8,
    pub standing: Standing,
    /// Payments of and to it wait.
    pub held: bool,
    pub default: DefaultState,
    /// Each key with true once it is revoked.
    keys: BTreeMap<KeyId, (KeyGrant, bool)>,
}

impl Member {
    pub const fn is_operator(&self) -> bool {
        self.roles & role::OPERATOR != 0
    }

    pub const fn is_screener(&self) -> bool {
        self.roles & role::SCREENER != 0
    }

    pub const fn is_agent(&self) -> bool {
        self.roles & role::SETTLEMENT_AGENT != 0
    }

    /// True unless it is not active yet, or closed: then none of its keys is active.
    pub const fn signs(&self) -> bool {
        !matches!(self.standing, Standing::Admitted | Standing::Closed)
    }

    /// Persons who hold keys with the right *control* that are not revoked.
    pub fn deciders(&self) -> BTreeSet<u32> {
        let held = self.keys.values().filter(|(_, revoked)| !revoked);
        held.filter(|(grant, _)| grant.rights & right::CONTROL != 0)
            .map(|(grant, _)| grant.person)
            .collect()
    }

    /// True if the key is active and has the right that records of this class need.
    pub fn may_sign(&self, key: KeyId, class: Class) -> bool {
        let needed = match class {
            Class::Instructions => right::INSTRUCT,
            Class::Control => right::CONTROL,
        };
        let own = self.keys.get(&key).filter(|_| self.signs());
        own.is_some_and(|(grant, revoked)| !revoked && grant.rights & needed != 0)
    }

    pub fn public(&self, key: KeyId) -> Option<PublicKey> {
        self.keys.get(&key).map(|(grant, _)| grant.public)
    }

    /// The person who holds a key.
    pub fn person(&self, key: KeyId) -> u32 {
        self.keys.get(&key).map_or(0, |(grant, _)| grant.person)
    }

    pub fn add_key(&mut self, grant: &KeyGrant) -> Result<(), Status> {
        let taken = self
            .keys
            .values()
            .any(|(own, _)| own.key == grant.key || own.public == grant.public);
        if taken || self.keys.len() >= KEYS {
            return Err(Status::KeyInvalid);
        }
        self.keys.insert(grant.key, (grant.clone(), false));
        Ok(())
    }

    pub fn revoke(&mut self, key: KeyId) -> Result<(), Status> {
        match self.keys.get_mut(&key) {
            Some((_, revoked)) if !*revoked => {
                *revoked = true;
                Ok(())
            }
            _ => Err(Status::KeyInvalid),
        }
    }
}

impl Model {
    /// What stands against a registration.
    pub(super) fn judge_registration(&self, grant: &ParticipantGrant) -> Result<(), Status> {
        for account in &grant.accounts {
            self.judge_currency(account.currency)?;
        }
        if self.members.len() >= PARTICIPANTS || self.members.iter().any(|member| member.name == grant.name) {
            return Err(Status::ParticipantExists);
        }
        if grant.keys.is_empty() {
            return Err(Status::KeyInvalid);
        }
        for (i, key) in grant.keys.iter().enumerate() {
            let before = &grant.keys[..i];
            if before
                .iter()
                .any(|other| other.key == key.key || other.public == key.public)
            {
                return Err(Status::KeyInvalid);
            }
        }
        for (i, account) in grant.accounts.iter().enumerate() {
            if grant.accounts[..i]
                .iter()
                .any(|other| other.currency == account.currency)
            {
                return Err(Status::AccountExists);
            }
        }
        Ok(())
    }

    /// Takes a participant in under the next id.
    pub(super) fn admit(&mut self, grant: &ParticipantGrant) {
        let id = self.members.len() as u32;
        self.members.push(Member {
            name: grant.name.clone(),
            roles: grant.roles,
            standing: Standing::Active,
            held: false,
            default: DefaultState::None,
            keys: grant
                .keys
                .iter()
                .map(|key| (key.key, (key.clone(), false)))
                .collect(),
        });
        for account in &grant.accounts {
            self.money.open((id, account.currency), account.cap);
        }
    }

    /// True if it pays nothing.
    pub(super) fn is_suspended(&self, participant: u32) -> bool {
        self.members
            .get(participant as usize)
            .is_some_and(|member| member.standing != Standing::Active || member.default != DefaultState::None)
    }
}
