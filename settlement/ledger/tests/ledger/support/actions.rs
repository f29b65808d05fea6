//! Control actions as a script writes them.
use std::collections::BTreeMap;

use causeway_message::action::{AccountGrant, Action, KeyGrant, right, role};
use causeway_message::{InstructionId, KeyId, ParticipantId};

use super::text::Words;
use super::world::{member, signing_key};

/// Participants by name. A name not known may be written as `#7`.
#[derive(Debug, Clone, Default)]
pub struct Names(BTreeMap<String, ParticipantId>);

impl Names {
    pub fn add(&mut self, name: &str) -> ParticipantId {
        let id = ParticipantId(self.0.len() as u32);
        self.0.insert(name.to_owned(), id);
        id
    }

    pub fn of(&self, word: &str) -> ParticipantId {
        if let Some(number) = word.strip_prefix('#') {
            return ParticipantId(number.parse().expect("a number follows #"));
        }
        *self
            .0
            .get(word)
            .unwrap_or_else(|| panic!("nobody is called `{word}`"))
    }

    pub fn next_id(&self) -> u32 {
        self.0.len() as u32
    }

    /// `A.2`: participant and key.
    pub fn key(&self, word: &str) -> (ParticipantId, u32) {
        let (name, key) = word.split_once('.').unwrap_or((word, "1"));
        (self.of(name), key.parse().expect("a key is a number"))
    }
}

/// An action, and who proposes it unless told.
pub struct Spoken {
    pub action: Action,
    pub by: &'static str,
}

/// True if the word begins an action.
pub fn is_action(word: &str) -> bool {
    const ALL: [&str; 12] = [
        "fund",
        "defund",
        "confirm",
        "release",
        "cap",
        "account",
        "register",
        "currency",
        "suspend",
        "reinstate",
        "revoke",
        "grant",
    ];
    ALL.contains(&word)
}

/// Reads an action from its words; what follows it is left. `auto` makes references that nobody chose.
pub fn read(
    words: &mut Words<'_>,
    names: &Names,
    auto: &str,
    proposal: impl Fn(&str) -> InstructionId,
) -> Spoken {
    let name = words.word();
    let action = match name {
        "fund" => Action::Fund {
            participant: names.of(words.word()),
            currency: words.currency(),
            amount: words.number(),
            reference: reference(words, auto),
        },
        "defund" => Action::Defund {
            participant: names.of(words.word()),
            currency: words.currency(),
            amount: words.number(),
        },
        "confirm" => Action::ConfirmDefund {
            defund: proposal(words.word()),
            reference: reference(words, auto),
        },
        "release" => Action::ReleaseDefund {
            defund: proposal(words.word()),
        },
        "cap" => Action::SetCap {
            participant: names.of(words.word()),
            account: account(words),
        },
        "account" => Action::OpenAccount {
            participant: names.of(words.word()),
            account: account(words),
        },
        "register" => register(words, names),
        "currency" => Action::OpenCurrency {
            currency: words.currency(),
            agent: names.of(words.word()),
        },
        "suspend" => Action::SetStanding {
            participant: names.of(words.word()),
            suspended: true,
        },
        "reinstate" => Action::SetStanding {
            participant: names.of(words.word()),
            suspended: false,
        },
        "revoke" => {
            let (participant, key) = names.key(words.word());
            Action::RevokeKey {
                participant,
                key: KeyId(key),
            }
        }
        "grant" => grant(words, names),
        other => panic!("`{other}` is no action"),
    };
    let by = match action {
        Action::Fund { .. }
        | Action::Defund { .. }
        | Action::ConfirmDefund { .. }
        | Action::ReleaseDefund { .. } => "AG",
        _ => "OP",
    };
    Spoken { action, by }
}

fn account(words: &mut Words<'_>) -> AccountGrant {
    AccountGrant {
        currency: words.currency(),
        cap: words.number(),
    }
}

/// `ref TEXT`, where `''` is the empty one.
fn reference(words: &mut Words<'_>, auto: &str) -> String {
    if words.peek() != Some("ref") {
        return auto.to_owned();
    }
    words.word();
    match words.word() {
        "''" => String::new(),
        text => text.to_owned(),
    }
}

/// `register D EUR KWD end`: a bank with accounts and the keys that all have. `twin` gives it one key twice, under
/// two persons; `none` no key at all; `same` the first key's id twice.
fn register(words: &mut Words<'_>, names: &Names) -> Action {
    let name = words.word();
    let mut grant = member(name, names.next_id(), role::PARTICIPANT);
    while let Some(word) = words.next().filter(|word| *word != "end") {
        match word {
            "twin" => grant.keys[1].public = grant.keys[0].public,
            "none" => grant.keys.clear(),
            "same" => grant.keys[1].key = grant.keys[0].key,
            word => {
                grant.accounts.push(AccountGrant {
                    currency: super::text::currency(word),
                    cap: 0,
                });
            }
        }
    }
    Action::RegisterParticipant(grant)
}

/// `grant A.6 person 7 rights 3 like A.1`: a key; its bytes are its own unless `like` another's.
fn grant(words: &mut Words<'_>, names: &Names) -> Action {
    let (participant, key) = names.key(words.word());
    let mut grant = KeyGrant {
        key: KeyId(key),
        person: key,
        rights: right::KNOWN,
        public: signing_key(participant, key).public(),
    };
    while let Some(word) = words.peek() {
        match word {
            "person" => {
                words.word();
                grant.person = words.number() as u32;
            }
            "rights" => {
                words.word();
                grant.rights = words.number() as u8;
            }
            "like" => {
                words.word();
                let (other, key) = names.key(words.word());
                grant.public = signing_key(other, key).public();
            }
            _ => break,
        }
    }
    Action::AddKey { participant, grant }
}
