//! A small log, and what of it must be found.
use super::*;
use causeway_message::action::{AccountGrant, KeyGrant, ParticipantGrant, right, role};
use causeway_message::batch::{BatchHead, BatchView, RECORDS_OFFSET, build};
use causeway_message::entry::{ENTRY_VERSION, EntryKind, payload_digest};
use causeway_message::genesis::{CurrencyGrant, NodeGrant};
use causeway_message::keys::SigningKey;
use causeway_message::leaf::RULES_VERSION;
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, KeyId, SessionId, Uetr};

const USD: u16 = 840;

type Entry = (EntryHeader, Vec<u8>);

/// A ledger with two banks, and what is written and told of it.
struct Run {
    genesis: Genesis,
    key: SigningKey,
    entries: Vec<Entry>,
    told: Told,
}

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32]).expect("a seed")
}

fn record(id: u8, debtor: u32, amount: u64) -> Instruction {
    let creditor = ParticipantId(if debtor == 2 { 3 } else { 2 });
    Instruction::payment(
        InstructionId([id; 16]),
        Uetr([id; 16]),
        ParticipantId(debtor),
        creditor,
        USD,
        amount,
    )
}

impl Run {
    fn new() -> Self {
        let grant = |name: &str, roles: u8, accounts: Vec<AccountGrant>| ParticipantGrant {
            name: name.into(),
            roles,
            keys: vec![KeyGrant {
                key: KeyId(1),
                person: 1,
                rights: right::INSTRUCT | right::CONTROL,
                public: key(1).public(),
            }],
            accounts,
        };
        let account = || {
            vec![AccountGrant {
                currency: USD,
                cap: 1_000,
            }]
        };
        let genesis = Genesis {
            rules: RULES_VERSION,
            name: "audit".into(),
            nonce: [0; 16],
            created: Timestamp(1),
            id_capacity: 1_000,
            queue_capacity: 1_000,
            nodes: vec![NodeGrant {
                name: "node".into(),
                public: key(9).public(),
            }],
            participants: vec![
                grant("OPERATOR", role::OPERATOR, vec![]),
                grant("AGENT", role::SETTLEMENT_AGENT, vec![]),
                grant("ONE", role::PARTICIPANT, account()),
                grant("TWO", role::PARTICIPANT, account()),
            ],
            currencies: vec![CurrencyGrant {
                currency: USD,
                agent: ParticipantId(1),
            }],
        };
        let mut run = Self {
            key: key(1),
            entries: Vec::new(),
            told: Told::default(),
            genesis,
        };
        let bytes = run.genesis.to_bytes();
        let digest = payload_digest(&bytes);
        run.push(EntryKind::Genesis, bytes, digest);
        run.batch(2, &[record(1, 2, 70), record(2, 2, 5)]);
        run.batch(3, &[record(3, 3, 30)]);
        run.balances(-45, 45);
        run
    }

    fn push(&mut self, kind: EntryKind, payload: Vec<u8>, digest: Digest) {
        let before = self.entries.last().map(|(header, _)| header.hash());
        let header = EntryHeader {
            index: (self.entries.len() as u64 + 1).into(),
            term: 1.into(),
            time: (self.entries.len() as u64 + 1).into(),
            leader: 1.into(),
            len: (payload.len() as u32).into(),
            kind: (kind as u16).into(),
            version: ENTRY_VERSION.into(),
            crc32c: crc32c::crc32c(&payload).into(),
            payload_digest: digest,
            prev_hash: before.unwrap_or(self.genesis.ledger_id().0),
        };
        self.entries.push((header, payload));
    }

    fn batch(&mut self, who: u32, records: &[Instruction]) {
        let head = BatchHead {
            ledger: self.genesis.ledger_id(),
            participant: ParticipantId(who),
            key: KeyId(1),
            session: SessionId(1),
            number: self.entries.len() as u64,
            not_after: 1_000,
        };
        let frame = build(&head, records, &[], &self.key).expect("a batch");
        let digest = BatchView::parse(&frame).expect("its form").block.input_digest();
        self.push(EntryKind::Batch, frame, digest);
        let index = self.entries.len() as u64;
        self.told.entries.insert(index, ([0; 32], records.len() as u32));
        self.told.payments += records.len() as u64;
    }

    fn balances(&mut self, one: i128, two: i128) {
        let line = |balance| BalanceLine {
            currency: USD,
            queued: 0,
            balance,
            reserved: 0,
            queued_value: 0,
            cap: 1_000,
        };
        self.told.balances = vec![
            (ParticipantId(2), vec![line(one)]),
            (ParticipantId(3), vec![line(two)]),
        ];
    }

    fn audit(&self) -> Result<u64, String> {
        let mut entries = self.entries.iter().cloned();
        let mut next = || Ok(entries.next());
        books::run(&self.genesis, &self.told, &mut next).map_err(|failure| failure.to_string())
    }

    fn finds(&self, words: &str) {
        let found = self.audit().expect_err("it must be found");
        assert!(found.contains(words), "{found}");
    }
}

#[test]
fn a_log_that_agrees_is_compared_account_by_account() {
    assert_eq!(Run::new().audit(), Ok(2));
}

#[test]
fn a_credit_that_is_missing_is_named() {
    let mut run = Run::new();
    run.balances(-45, 44);
    run.finds("participant 3, currency 840: the node says 44, the auditor 45");
}

#[test]
fn an_id_that_settles_twice_is_named() {
    let mut run = Run::new();
    run.batch(2, &[record(1, 2, 70)]);
    run.balances(-115, 115);
    run.finds("settled twice");
}

#[test]
fn an_answer_to_a_batch_that_the_log_does_not_hold_is_named() {
    let mut run = Run::new();
    run.entries.pop();
    run.balances(-75, 75);
    run.finds("banks had answers to 2 entries, the log holds 1 of them");
}

#[test]
fn a_record_that_was_changed_is_named() {
    let mut run = Run::new();
    let (_, payload) = &mut run.entries[1];
    // A byte of the first record's id.
    payload[RECORDS_OFFSET] ^= 1;
    run.finds("log entry 2: its records are not those that were signed");
}

#[test]
fn an_entry_that_does_not_follow_is_named() {
    let mut run = Run::new();
    run.entries.remove(1);
    run.finds("log entry 2: does not follow the one before");
}

#[test]
fn what_did_not_settle_at_once_leaves_sums_to_others() {
    let mut run = Run::new();
    let last = run.told.entries.get_mut(&3).expect("the last batch");
    last.1 = 0;
    assert_eq!(run.audit(), Ok(0));
}
