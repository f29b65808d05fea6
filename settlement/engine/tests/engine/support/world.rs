//! Who takes part, and how they sign.
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use causeway_engine::{Engine, EngineConfig, EngineError, clock};
use causeway_message::action::{AccountGrant, Action, KeyGrant, ParticipantGrant, right, role};
use causeway_message::batch::{BatchHead, build};
use causeway_message::checkpoint::LogKey;
use causeway_message::control::{self, Control, proposal_digest};
use causeway_message::digest::hash;
use causeway_message::genesis::{CurrencyGrant, Genesis, NodeGrant};
use causeway_message::keys::SigningKey;
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::{InstructionId, KeyId, ParticipantId, SessionId, Status, Uetr};
use tempfile::TempDir;

pub const OPERATOR: ParticipantId = ParticipantId(0);
pub const AGENT: ParticipantId = ParticipantId(1);
pub const A: ParticipantId = ParticipantId(2);
pub const B: ParticipantId = ParticipantId(3);
pub const C: ParticipantId = ParticipantId(4);
pub const D: ParticipantId = ParticipantId(5);

pub const EUR: u16 = 978;
pub const USD: u16 = 840;
pub const KWD: u16 = 414;

const NODE: &str = "node-1.test";
const SESSION: SessionId = SessionId(1);

/// The private key behind a participant's key id.
pub fn signing_key(who: ParticipantId, key: u32) -> SigningKey {
    let seed = hash(format!("key {key} of {who}").as_bytes());
    SigningKey::from_seed(seed).expect("a seed is a key")
}

/// A participant with two persons, each with a key, and an account in every currency without credit.
fn member(name: &str, id: ParticipantId, roles: u8) -> ParticipantGrant {
    let key = |person| KeyGrant {
        key: KeyId(person),
        person,
        rights: right::KNOWN,
        public: signing_key(id, person).public(),
    };
    let account = |currency| AccountGrant { currency, cap: 0 };
    let holds = roles & role::PARTICIPANT != 0;
    ParticipantGrant {
        name: name.into(),
        roles,
        keys: vec![key(1), key(2)],
        accounts: [EUR, USD, KWD]
            .map(account)
            .into_iter()
            .filter(|_| holds)
            .collect(),
    }
}

/// The world.
pub struct World {
    pub genesis: Genesis,
    pub config: EngineConfig,
    pub dir: TempDir,
    numbers: Mutex<BTreeMap<(ParticipantId, SessionId), u64>>,
    ids: AtomicU64,
}

impl World {
    /// A world whose node makes no snapshots.
    pub fn new() -> Self {
        Self::with_snapshots(0)
    }

    /// A world whose node makes a snapshot every so many entries.
    pub fn with_snapshots(entries: u64) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut config = EngineConfig::new(dir.path().join("node"), NODE);
        config.segment_bytes = 8 * 1_048_576;
        config.snapshot_entries = entries;
        let grant = |currency| CurrencyGrant {
            currency,
            agent: AGENT,
        };
        let genesis = Genesis {
            rules: 1,
            name: "small world".into(),
            nonce: [7; 16],
            created: Timestamp(1),
            id_capacity: 1_000_000,
            queue_capacity: 100_000,
            nodes: vec![NodeGrant {
                name: NODE.into(),
                public: Self::node_key().public(),
            }],
            participants: vec![
                member("OPERATOR", OPERATOR, role::OPERATOR),
                member("AGENT", AGENT, role::SETTLEMENT_AGENT),
                member("BANK A", A, role::PARTICIPANT),
                member("BANK B", B, role::PARTICIPANT),
                member("BANK C", C, role::PARTICIPANT),
                member("BANK D", D, role::PARTICIPANT),
            ],
            currencies: [EUR, USD, KWD].map(grant).to_vec(),
        };
        Self {
            genesis,
            config,
            dir,
            numbers: Mutex::default(),
            ids: AtomicU64::new(0),
        }
    }

    /// The key with which the node signs checkpoints.
    pub fn node_key() -> SigningKey {
        SigningKey::from_seed([9; 32]).expect("a seed is a key")
    }

    /// The key that everybody has pinned.
    pub fn log_key(&self) -> LogKey {
        LogKey::new(NODE, Self::node_key().public()).expect("a good name")
    }

    /// Starts the node.
    pub fn start(&self) -> Engine {
        self.start_in(&self.config).expect("the node starts")
    }

    /// Starts a node elsewhere, or not.
    pub fn start_in(&self, config: &EngineConfig) -> Result<Engine, EngineError> {
        Engine::start(config, &self.genesis, Self::node_key())
    }

    /// The same configuration on another directory.
    pub fn beside(&self, name: &str) -> EngineConfig {
        EngineConfig {
            dir: self.dir.path().join(name).into(),
            ..self.config.clone()
        }
    }

    /// A file of the node.
    pub fn file(&self, name: &str) -> PathBuf {
        self.config.dir.join(name)
    }

    /// An instruction id that was not used before.
    pub fn id(&self) -> InstructionId {
        let n = self.ids.fetch_add(1, Ordering::Relaxed);
        let mut id = InstructionId::default();
        id.0.copy_from_slice(&hash(&n.to_le_bytes())[..16]);
        id
    }

    /// A payment.
    pub fn payment(
        &self,
        debtor: ParticipantId,
        creditor: ParticipantId,
        currency: u16,
        amount: u64,
    ) -> Instruction {
        let id = self.id();
        Instruction::payment(id, Uetr(id.0), debtor, creditor, currency, amount)
    }

    /// Seconds since 2000, so many from now.
    pub fn seconds(&self, ahead: i64) -> u32 {
        (clock::now().seconds() as i64 + ahead) as u32
    }

    /// Head of the next batch of a participant's usual session, good for an hour.
    pub fn head(&self, who: ParticipantId) -> BatchHead {
        self.head_in(who, SESSION)
    }

    /// Head of the next batch of a session.
    pub fn head_in(&self, who: ParticipantId, session: SessionId) -> BatchHead {
        let mut numbers = self.numbers.lock().expect("the numbers");
        let last = numbers.entry((who, session)).or_default();
        *last += 1;
        BatchHead {
            ledger: self.genesis.ledger_id(),
            participant: who,
            key: KeyId(1),
            session,
            number: *last,
            not_after: self.seconds(3_600),
        }
    }

    /// Signs a batch under a head and verifies it as the transport would.
    pub fn signed(&self, head: &BatchHead, records: &[Instruction], extensions: &[u8]) -> Arc<VerifiedBatch> {
        let key = signing_key(head.participant, head.key.0);
        let frame = build(head, records, extensions, &key).expect("the batch has its form");
        self.verified(frame, &key)
    }

    fn verified(&self, frame: Vec<u8>, key: &SigningKey) -> Arc<VerifiedBatch> {
        let ledger = self.genesis.ledger_id();
        Arc::new(VerifiedBatch::verify(frame, ledger, &key.public()).expect("the batch is signed"))
    }

    /// The next batch of a participant.
    pub fn batch(&self, who: ParticipantId, records: &[Instruction]) -> Arc<VerifiedBatch> {
        self.signed(&self.head(who), records, &[])
    }

    /// The next control batch of a participant, signed by one of its persons.
    pub fn control(
        &self,
        who: ParticipantId,
        person: u32,
        records: &[(InstructionId, Control)],
    ) -> Arc<VerifiedBatch> {
        let head = BatchHead {
            key: KeyId(person),
            ..self.head(who)
        };
        let key = signing_key(who, person);
        let frame = control::build(&head, records, &key).expect("the batch has its form");
        self.verified(frame, &key)
    }

    /// Proposes an action and has the second person approve it; the two batches as they were answered.
    pub fn decide(&self, engine: &Engine, who: ParticipantId, action: Action) -> [super::Told; 2] {
        let id = self.id();
        let digest = proposal_digest(self.genesis.ledger_id(), who, id, &action);
        let proposed = self.told(engine, &self.control(who, 1, &[(id, Control::Propose(action))]));
        assert_eq!(proposed.statuses(), [Status::Proposed]);
        let approved = self.told(
            engine,
            &self.control(who, 2, &[(self.id(), Control::Approve(digest))]),
        );
        assert_eq!(approved.statuses(), [Status::Executed]);
        [proposed, approved]
    }

    /// Funds an account under four eyes.
    pub fn fund(
        &self,
        engine: &Engine,
        participant: ParticipantId,
        currency: u16,
        amount: u64,
    ) -> [super::Told; 2] {
        let action = Action::Fund {
            participant,
            currency,
            amount,
            reference: format!("RTGS-{}", self.ids.load(Ordering::Relaxed)),
        };
        self.decide(engine, AGENT, action)
    }

    /// A bank that is not of the genesis, with the keys of its id.
    pub fn newcomer(&self, name: &str, id: ParticipantId) -> ParticipantGrant {
        member(name, id, role::PARTICIPANT)
    }
}
