//! Who takes part in a simulation, and how they sign.
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use causeway_message::action::{AccountGrant, KeyGrant, ParticipantGrant, right, role};
use causeway_message::digest::hash;
use causeway_message::genesis::{CurrencyGrant, Genesis, NodeGrant};
use causeway_message::keys::SigningKey;
use causeway_message::time::Timestamp;
use causeway_message::{KeyId, ParticipantId};

use super::machine::Machine;

/// Proposes and approves what an operator may.
pub const OPERATOR: ParticipantId = ParticipantId(0);
/// Settlement agent of every currency.
pub const AGENT: ParticipantId = ParticipantId(1);
/// The first bank.
pub const FIRST_BANK: u32 = 2;
/// Name under which the node signs.
pub const NODE: &str = "node-1.simulated";
/// Two, three and no minor units.
pub const CURRENCIES: [u16; 4] = [978, 840, 414, 392];

/// The private key behind a participant's key id; `None` never happens: a seed is a key.
pub fn signing_key(who: ParticipantId, key: KeyId) -> Option<SigningKey> {
    SigningKey::from_seed(hash(format!("key {key} of {who}").as_bytes())).ok()
}

/// Private keys made once: making one costs as much as a signature.
#[derive(Debug, Default)]
pub struct Keys(BTreeMap<(ParticipantId, KeyId), SigningKey>);

impl Keys {
    /// The key of a participant.
    pub fn of(&mut self, who: ParticipantId, key: KeyId) -> Option<&SigningKey> {
        match self.0.entry((who, key)) {
            Entry::Occupied(found) => Some(found.into_mut()),
            Entry::Vacant(vacant) => Some(vacant.insert(signing_key(who, key)?)),
        }
    }
}

/// The key with which the node signs checkpoints.
pub fn node_key() -> Option<SigningKey> {
    SigningKey::from_seed([9; 32]).ok()
}

/// A key of a person.
pub fn grant(who: ParticipantId, key: KeyId, person: u32) -> Option<KeyGrant> {
    Some(KeyGrant {
        key,
        person,
        rights: right::KNOWN,
        public: signing_key(who, key)?.public(),
    })
}

/// A participant with two persons, and accounts in these currencies.
pub fn member(name: String, who: ParticipantId, roles: u8, accounts: Vec<AccountGrant>) -> ParticipantGrant {
    ParticipantGrant {
        name,
        roles,
        keys: [1, 2]
            .into_iter()
            .filter_map(|person| grant(who, KeyId(person), person))
            .collect(),
        accounts,
    }
}

/// A genesis with some banks; capacities are small, so that they are reached.
pub fn genesis(machine: &Machine, banks: u32, currencies: usize) -> Genesis {
    let currencies = &CURRENCIES[..currencies.clamp(1, CURRENCIES.len())];
    let mut participants = vec![
        member("OPERATOR".into(), OPERATOR, role::OPERATOR, Vec::new()),
        member("AGENT".into(), AGENT, role::SETTLEMENT_AGENT, Vec::new()),
    ];
    for bank in 0..banks {
        let account = |currency: &u16| AccountGrant {
            currency: *currency,
            cap: [0, 0, 50, 500][machine.below(4) as usize],
        };
        let accounts = currencies.iter().map(account).collect();
        let who = ParticipantId(FIRST_BANK + bank);
        participants.push(member(format!("BANK {bank}"), who, role::PARTICIPANT, accounts));
    }
    let nodes = node_key().map(|key| NodeGrant {
        name: NODE.into(),
        public: key.public(),
    });
    let rules = [1, 2, 3, 4, 4, 4][machine.below(6) as usize];
    let mut currencies = currencies;
    // What came with version 3 takes two currencies: few ledgers under it have one only.
    if rules > 2 && currencies.len() == 1 && machine.below(4) != 0 {
        currencies = &CURRENCIES[..2];
        for bank in participants
            .iter_mut()
            .filter(|who| who.roles == role::PARTICIPANT)
        {
            let cap = [0, 0, 50, 500][machine.below(4) as usize];
            let currency = CURRENCIES[1];
            bank.accounts.push(AccountGrant { currency, cap });
        }
    }
    // Where nothing else may wait, sides of trades do not find each other.
    let room = if rules > 2 {
        [80, 300, 2_000]
    } else {
        [8, 64, 2_000]
    };
    Genesis {
        rules,
        name: "simulated".into(),
        nonce: [7; 16],
        created: Timestamp(1),
        id_capacity: [4_000, 40_000][machine.below(2) as usize],
        queue_capacity: room[machine.below(3) as usize],
        nodes: nodes.into_iter().collect(),
        participants,
        currencies: currencies
            .iter()
            .map(|currency| CurrencyGrant {
                currency: *currency,
                agent: AGENT,
            })
            .collect(),
    }
}
