//! Who takes part, and with which keys.
use causeway_message::action::{AccountGrant, KeyGrant, ParticipantGrant, right, role};
use causeway_message::digest::hash;
use causeway_message::genesis::{CurrencyGrant, Genesis, NodeGrant};
use causeway_message::keys::SigningKey;
use causeway_message::time::Timestamp;
use causeway_message::{KeyId, ParticipantId};

pub const OPERATOR: ParticipantId = ParticipantId(0);
/// Settles in EUR and USD; another agent settles in JPY, and screens.
pub const AGENT: ParticipantId = ParticipantId(1);
pub const BANKS: std::ops::Range<u32> = 3..8;
pub const EUR: u16 = 978;
pub const USD: u16 = 840;
const JPY: u16 = 392;
pub const OTHER_AGENT: ParticipantId = ParticipantId(2);

/// Key id, person, rights.
const KEYS: [(u32, u32, u8); 4] = [
    (1, 1, right::KNOWN),
    (2, 2, right::KNOWN),
    (3, 1, right::INSTRUCT),
    (4, 3, right::CONTROL),
];

/// The private key behind a participant's key id.
pub fn signing_key(who: ParticipantId, key: u32) -> SigningKey {
    let seed = hash(format!("key {key} of {who}").as_bytes());
    SigningKey::from_seed(seed).expect("a seed is a key")
}

/// The key that checkpoints are signed with.
pub fn node_key() -> SigningKey {
    SigningKey::from_seed([9; 32]).expect("a seed is a key")
}

/// A participant with the keys that all have, and accounts with this cap.
pub fn member(name: &str, id: u32, roles: u8, accounts: &[u16], cap: u64) -> ParticipantGrant {
    let key = |(key, person, rights)| KeyGrant {
        key: KeyId(key),
        person,
        rights,
        public: signing_key(ParticipantId(id), key).public(),
    };
    ParticipantGrant {
        name: name.into(),
        roles,
        keys: KEYS.map(key).to_vec(),
        accounts: accounts
            .iter()
            .map(|currency| AccountGrant {
                currency: *currency,
                cap,
            })
            .collect(),
    }
}

/// A small ledger, with room for so many ids and so many payments that wait.
pub fn genesis(id_capacity: u64, queue_capacity: u32) -> Genesis {
    genesis_by(1, id_capacity, queue_capacity)
}

/// The same under a version of the rules.
pub fn genesis_by(rules: u16, id_capacity: u64, queue_capacity: u32) -> Genesis {
    // Who settles in JPY screens, too, where there is such a role.
    let screener = if rules > 1 { role::SCREENER } else { 0 };
    let other_roles = role::SETTLEMENT_AGENT | screener;
    let mut participants = vec![
        member("OPERATOR", 0, role::OPERATOR, &[], 0),
        member("AGENT", 1, role::SETTLEMENT_AGENT, &[], 0),
        member("OTHER AGENT", 2, other_roles, &[], 0),
    ];
    for id in BANKS {
        let held: &[u16] = if id == 7 { &[EUR] } else { &[EUR, JPY, USD] };
        participants.push(member(
            &format!("BANK {id}"),
            id,
            role::PARTICIPANT,
            held,
            u64::from(id - 3) * 10,
        ));
    }
    let currency = |currency, agent| CurrencyGrant { currency, agent };
    Genesis {
        rules,
        name: "audited".into(),
        nonce: [7; 16],
        created: Timestamp(1),
        id_capacity,
        queue_capacity,
        nodes: vec![NodeGrant {
            name: "node-1.test".into(),
            public: node_key().public(),
        }],
        participants,
        currencies: vec![
            currency(USD, AGENT),
            currency(EUR, AGENT),
            currency(JPY, OTHER_AGENT),
        ],
    }
}
