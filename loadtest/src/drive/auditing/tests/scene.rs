//! A ledger with two banks, its log, and what was told of it.
use crate::books::{AtOnce, Followed};
use crate::drive::auditing::log::{Entries, Entry};
use crate::drive::auditing::*;
use causeway_message::action::{AccountGrant, KeyGrant, ParticipantGrant, right, role};
use causeway_message::batch::{BatchHead, BatchView, build};
use causeway_message::control::{self, Control, ControlView};
use causeway_message::digest::Digest;
use causeway_message::entry::{ENTRY_VERSION, EntryHeader, EntryKind, payload_digest};
use causeway_message::genesis::{CurrencyGrant, NodeGrant};
use causeway_message::keys::SigningKey;
use causeway_message::leaf::RULES_VERSION;
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::wire::BalanceLine;
use causeway_message::{InstructionId, KeyId, ParticipantId, SessionId, Uetr};

const USD: u16 = 840;

/// A ledger with two banks, and what is written and told of it.
pub struct Run {
    pub genesis: Genesis,
    pub key: SigningKey,
    pub entries: Vec<Entry>,
    pub told: Told,
    pub ids: usize,
}

impl Log for Vec<Entry> {
    fn entries(&self) -> Result<Entries<'_>, Failure> {
        Ok(Box::new(self.iter().cloned().map(Ok)))
    }
}

pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32]).expect("a seed")
}

pub fn record(id: u8, debtor: u32, amount: u64) -> Instruction {
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
    pub fn new() -> Self {
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
            ids: 100,
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

    /// A batch that its bank was told of: all settled.
    pub fn batch(&mut self, who: u32, records: &[Instruction]) {
        self.untold(who, records);
        let (header, _) = self.entries.last().expect("the batch");
        self.told.see(Seen {
            index: header.index.get(),
            leaf: [0; 32],
            input: header.payload_digest,
            who: ParticipantId(who),
            records: records.len() as u32,
            settled: AtOnce::All,
            waiting: 0,
        });
    }

    /// A batch that no bank was told of.
    pub fn untold(&mut self, who: u32, records: &[Instruction]) {
        let of = |entry: &&Entry| {
            let view = BatchView::parse(&entry.1);
            view.is_ok_and(|view| view.block.participant.get() == who)
        };
        let head = BatchHead {
            ledger: self.genesis.ledger_id(),
            participant: ParticipantId(who),
            key: KeyId(1),
            session: SessionId(1),
            number: self.entries.iter().filter(of).count() as u64 + 1,
            not_after: 1_000,
        };
        let frame = build(&head, records, &[], &self.key).expect("a batch");
        let digest = BatchView::parse(&frame).expect("its form").block.input_digest();
        self.push(EntryKind::Batch, frame, digest);
    }

    /// What a person of the operator does.
    pub fn control(&mut self, control: Control) {
        let head = BatchHead {
            ledger: self.genesis.ledger_id(),
            participant: ParticipantId(0),
            key: KeyId(1),
            session: SessionId(1),
            number: self.entries.len() as u64,
            not_after: 1_000,
        };
        let records = [(InstructionId([self.entries.len() as u8; 16]), control)];
        let frame = control::build(&head, &records, &self.key).expect("a batch");
        let digest = ControlView::parse(&frame).expect("its form").block.input_digest();
        self.push(EntryKind::Control, frame, digest);
    }

    /// What feeds tell.
    pub fn follow(&mut self, tell: impl FnOnce(&mut Followed)) {
        tell(self.told.followed.get_or_insert_default());
    }

    /// Shows the banks what the model predicts.
    pub fn show_leaves(&mut self) {
        let mut auditor = Full::new(&self.genesis);
        for (header, payload) in &self.entries {
            auditor.trust_signatures();
            auditor.entry(header, payload).expect("it fits the log");
            let index = header.index.get();
            if let Some(seen) = self.told.entries.get_mut(&index) {
                seen.leaf = auditor.expected(index).expect("predicted").leaf.hash();
            }
        }
    }

    pub fn shown(&mut self, index: u64) -> &mut Seen {
        self.told.entries.get_mut(&index).expect("an entry that was told")
    }

    pub fn balances(&mut self, one: i128, two: i128) {
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

    pub fn case(&self) -> Case<'_> {
        Case::new(&self.genesis, &self.told, &self.entries, 2)
    }

    pub fn found(&self) -> Result<Found, String> {
        books::run(&self.case(), self.ids).map_err(|failure| failure.to_string())
    }

    pub fn audit(&self) -> Result<u64, String> {
        self.found().map(|found| found.balances)
    }

    pub fn finds(&self, words: &str) {
        let found = self.audit().expect_err("it must be found");
        assert!(found.contains(words), "{found}");
    }

    pub fn model_finds(&self, words: &str) {
        let found = model(&self.case()).expect_err("it must be found").to_string();
        assert!(found.contains(words), "{found}");
    }

    /// Agrees, and says that sums were not followed because of this.
    pub fn leaves_sums(&self, words: &str) {
        let found = self.found().expect("the chain holds");
        assert_eq!(found.balances, 0);
        let why = found.beyond.clone().expect("why not");
        assert!(why.contains(words), "{why}");
        let mut audit = Audit {
            kind: "books".into(),
            ..Audit::default()
        };
        assert!(say(&mut audit, found).is_some());
        assert_eq!((audit.kind.as_str(), audit.agrees), ("chain", false));
        assert!(audit.note.expect("a note").contains(words));
    }
}
