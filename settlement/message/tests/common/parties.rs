//! Fixed keys, participants, records and batches. Every secret here is a run of one byte.
use causeway_message::action::{AccountGrant, Action, KeyGrant, ParticipantGrant, right, role};
use causeway_message::batch::{self, BatchHead};
use causeway_message::checkpoint::LogKey;
use causeway_message::control::{self, Control, proposal_digest};
use causeway_message::document::Document;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::genesis::{CurrencyGrant, Genesis, NodeGrant};
use causeway_message::keys::SigningKey;
use causeway_message::record::{Instruction, flags};
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, KeyId, LedgerId, ParticipantId, SessionId, Uetr};

pub const OPERATOR: ParticipantId = ParticipantId(0);
pub const AGENT: ParticipantId = ParticipantId(1);
pub const ALFA: ParticipantId = ParticipantId(2);
pub const BETA: ParticipantId = ParticipantId(3);
pub const GAMA: ParticipantId = ParticipantId(4);
pub const EUR: u16 = 978;

/// Name of the node's log key.
pub const NODE: &str = "node-1.causeway.example";
/// Seconds since 2000 at which the log of the fixtures begins.
pub const BEGIN: u32 = 845_000_000;

pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32]).expect("a seed is a key")
}

/// Seed of a participant's key for one person.
pub const fn seed_of(participant: ParticipantId, person: u8) -> u8 {
    0x10 * (participant.0 as u8 + 1) + person
}

pub const NODE_SEED: u8 = 0x05;

pub fn log_key() -> LogKey {
    LogKey::new(NODE, key(NODE_SEED).public()).expect("a good name")
}

fn grant(participant: ParticipantId, person: u8, rights: u8) -> KeyGrant {
    KeyGrant {
        key: KeyId(u32::from(person)),
        person: u32::from(person),
        rights,
        public: key(seed_of(participant, person)).public(),
    }
}

fn member(id: ParticipantId, name: &str, roles: u8, accounts: &[AccountGrant]) -> ParticipantGrant {
    let rights = if roles == role::PARTICIPANT {
        right::KNOWN
    } else {
        right::CONTROL
    };
    ParticipantGrant {
        name: name.into(),
        roles,
        keys: vec![grant(id, 1, rights), grant(id, 2, rights)],
        accounts: accounts.to_vec(),
    }
}

pub fn genesis() -> Genesis {
    let account = [
        AccountGrant {
            currency: EUR,
            cap: 0,
        },
        AccountGrant {
            currency: 392,
            cap: 5_000,
        },
    ];
    Genesis {
        rules: 1,
        name: "Vectors".into(),
        nonce: [0xab; 16],
        created: Timestamp::from_seconds(BEGIN),
        id_capacity: 1_000_000,
        queue_capacity: 10_000,
        nodes: vec![NodeGrant {
            name: NODE.into(),
            public: key(NODE_SEED).public(),
        }],
        participants: vec![
            member(OPERATOR, "OPERATOR", role::OPERATOR, &[]),
            member(AGENT, "AGENTEUR", role::SETTLEMENT_AGENT, &[]),
            member(ALFA, "ALFADEFF", role::PARTICIPANT, &account),
            member(BETA, "BETAFRPP", role::PARTICIPANT, &account),
            member(GAMA, "GAMAJPJT", role::PARTICIPANT, &account),
        ],
        currencies: vec![
            CurrencyGrant {
                currency: EUR,
                agent: AGENT,
            },
            CurrencyGrant {
                currency: 392,
                agent: AGENT,
            },
        ],
    }
}

pub fn ledger() -> LedgerId {
    genesis().ledger_id()
}

pub fn head(participant: ParticipantId, person: u8, session: u64, number: u64) -> BatchHead {
    BatchHead {
        ledger: ledger(),
        participant,
        key: KeyId(u32::from(person)),
        session: SessionId(session),
        number,
        not_after: BEGIN + 3_600,
    }
}

/// An id whose first byte names the kind of thing, so that ids are told apart in a hex dump.
pub fn id(kind: u8, n: usize) -> InstructionId {
    let mut bytes = [kind; 16];
    bytes[14..].copy_from_slice(&(n as u16).to_le_bytes());
    InstructionId(bytes)
}

pub fn document() -> Document {
    Document {
        salt: [0x5a; 16],
        text: b"<Document><FIToFICstmrCdtTrf/></Document>".to_vec().into(),
    }
}

/// A payment of `n + 1` euro cents.
pub fn payment(n: usize, debtor: ParticipantId, creditor: ParticipantId) -> Instruction {
    Instruction::payment(
        id(0x11, n),
        Uetr(id(0x22, n).0),
        debtor,
        creditor,
        EUR,
        n as u64 + 1,
    )
}

/// A record in which every field differs from its neighbours. No ledger accepts it: it shows places, not rules.
pub fn full_record() -> Instruction {
    Instruction {
        instruction_id: [0xa1; 16],
        uetr: [0xa2; 16],
        related: [0xa3; 16],
        amount: 0x0102_0304_0506_0708.into(),
        counter_amount: 0x1112_1314_1516_1718.into(),
        debtor: 0x2122_2324.into(),
        creditor: 0x3132_3334.into(),
        currency: 978.into(),
        counter_currency: 392.into(),
        kind: 1,
        priority: 2,
        flags: flags::KNOWN_FIRST.into(),
        value_date: 9_780.into(),
        reserved: 0.into(),
        expires_at: 0x4142_4344.into(),
        quote: 0x5152_5354_5556_5758.into(),
        document_digest: [0xa4; 32],
    }
}

pub fn reference(ordinal: u16, text: &str) -> Vec<u8> {
    let mut area = Vec::new();
    extension::put(
        &mut area,
        ordinal,
        ExtensionType::ClearingReference,
        text.as_bytes(),
    );
    area
}

/// Three records, the second with a reference, the third with a document.
pub fn small_batch() -> (Vec<Instruction>, Vec<u8>, Vec<u8>) {
    let mut records = vec![
        payment(0, ALFA, BETA),
        payment(1, ALFA, GAMA),
        payment(2, ALFA, BETA),
    ];
    records[0].flags = flags::SETTLE_OR_REJECT.into();
    records[2].document_digest = document().digest();
    let area = reference(1, "TARGET/2026/1");
    let frame = batch::build(&head(ALFA, 1, 7, 1), &records, &area, &key(seed_of(ALFA, 1))).expect("it fits");
    (records, area, frame)
}

pub fn funding() -> Action {
    Action::Fund {
        participant: ALFA,
        currency: EUR,
        amount: 10_000,
        reference: "RTGS-2026-000001".into(),
    }
}

/// The frames of a proposal and its approval by a second person.
pub fn funding_frames() -> (Vec<u8>, Vec<u8>) {
    let proposal = [(id(0x33, 1), Control::Propose(funding()))];
    let digest = proposal_digest(ledger(), AGENT, id(0x33, 1), &funding());
    let approval = [(id(0x33, 2), Control::Approve(digest))];
    let propose = control::build(&head(AGENT, 1, 1, 1), &proposal, &key(seed_of(AGENT, 1)));
    let approve = control::build(&head(AGENT, 2, 2, 1), &approval, &key(seed_of(AGENT, 2)));
    (propose.expect("it fits"), approve.expect("it fits"))
}
