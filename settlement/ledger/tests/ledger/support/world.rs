//! A real ledger fed with really signed batches, and the record of everything that happened to it.
use std::rc::Rc;

use causeway_ledger::{Input, Ledger, Outcome, Remembered};
use causeway_message::action::{KeyGrant, ParticipantGrant, right};
use causeway_message::batch::{self, BatchHead};
use causeway_message::control::{self, Control};
use causeway_message::digest::hash;
use causeway_message::genesis::Genesis;
use causeway_message::keys::SigningKey;
use causeway_message::plan::Plan;
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::wire::day_flags;
use causeway_message::{Digest, InstructionId, KeyId, ParticipantId, SessionId};

use super::past::LogPast;
use super::told::Told;

/// Genesis stands at 08:00 of this day.
const FIRST_DAY: u64 = 9_000;
const NANOS: u64 = 1_000_000_000;
/// Time between entries that say nothing of time.
const PACE: u64 = 1_000_000;

/// Keys that every participant has: id, person, rights.
const KEYS: [(u32, u32, u8); 5] = [
    (1, 1, right::KNOWN),
    (2, 2, right::KNOWN),
    (3, 1, right::KNOWN),
    (4, 3, right::INSTRUCT),
    (5, 4, right::CONTROL),
];

/// The private key behind a participant's key id.
pub fn signing_key(participant: ParticipantId, key: u32) -> SigningKey {
    let seed = hash(format!("key {key} of {participant}").as_bytes());
    SigningKey::from_seed(seed).expect("a seed is a key")
}

/// The instruction id behind a label.
pub fn id_of(label: &str) -> InstructionId {
    let mut id = InstructionId::default();
    id.0.copy_from_slice(&hash(label.as_bytes())[..16]);
    id
}

/// A participant with the keys that all have.
pub fn member(name: &str, id: u32, roles: u8) -> ParticipantGrant {
    let keys = KEYS.iter().map(|&(key, person, rights)| KeyGrant {
        key: KeyId(key),
        person,
        rights,
        public: signing_key(ParticipantId(id), key).public(),
    });
    ParticipantGrant {
        name: name.into(),
        roles,
        keys: keys.collect(),
        accounts: Vec::new(),
    }
}

/// What the signer of a batch chooses.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    pub participant: ParticipantId,
    pub key: u32,
    pub session: u64,
    /// The next one, unless told.
    pub number: Option<u64>,
    pub not_after: u32,
}

impl Head {
    pub fn of(participant: ParticipantId, key: u32) -> Self {
        Self {
            participant,
            key,
            session: 1,
            number: None,
            not_after: u32::MAX,
        }
    }
}

/// One entry, what it caused and the state after it.
#[derive(Debug)]
pub struct Applied {
    pub time: Timestamp,
    pub input: Entry,
    pub outcome: Outcome,
    pub digest: Digest,
    pub snapshot: Vec<u8>,
    /// Everything remembered of instructions: what a node puts back from its log.
    pub memory: Vec<(ParticipantId, InstructionId, Remembered)>,
}

/// What an entry holds.
#[derive(Debug, Clone)]
pub enum Entry {
    Genesis,
    Batch(Rc<VerifiedBatch>),
    Tick,
    Roots,
    Rules(u16),
    Plan(Rc<Plan>),
}

impl Entry {
    pub fn input(&self) -> Input<'_> {
        match self {
            Self::Genesis => Input::Genesis,
            Self::Batch(batch) => Input::Batch(batch),
            Self::Tick => Input::Tick,
            Self::Roots => Input::Roots,
            Self::Rules(version) => Input::Rules(*version),
            Self::Plan(plan) => Input::Plan(plan),
        }
    }
}

/// The ledger under test.
pub struct World {
    pub genesis: Genesis,
    pub ledger: Ledger,
    pub log: Vec<Applied>,
    now: Timestamp,
    next: Option<Timestamp>,
    told: Told,
}

impl World {
    pub fn new(genesis: Genesis) -> Self {
        let ledger = Ledger::new(&genesis, 0).expect("the genesis holds");
        let mut world = Self {
            genesis,
            ledger,
            log: Vec::new(),
            now: Self::start(),
            next: None,
            told: Told::default(),
        };
        world.at(Self::start());
        world.apply(Entry::Genesis);
        world
    }

    /// Instant of the genesis.
    pub fn start() -> Timestamp {
        Timestamp((FIRST_DAY * 86_400 + 8 * 3_600) * NANOS)
    }

    /// Gives the next entry its instant.
    pub fn at(&mut self, time: Timestamp) {
        self.next = Some(time);
    }

    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The last entry.
    pub fn last(&self) -> &Applied {
        self.log.last().expect("the genesis is an entry")
    }

    pub fn tick(&mut self) -> &Outcome {
        self.apply(Entry::Tick)
    }

    /// Signs, verifies and applies a batch of instructions.
    pub fn instruct(&mut self, head: Head, records: &[Instruction], extensions: &[u8]) -> &Outcome {
        let key = signing_key(head.participant, head.key);
        let frame =
            batch::build(&self.head(head), records, extensions, &key).expect("the batch has its form");
        self.submit(frame, &key)
    }

    /// Signs, verifies and applies a control batch.
    pub fn control(&mut self, head: Head, records: &[(InstructionId, Control)]) -> &Outcome {
        let key = signing_key(head.participant, head.key);
        let frame = control::build(&self.head(head), records, &key).expect("the batch has its form");
        self.submit(frame, &key)
    }

    fn head(&self, head: Head) -> BatchHead {
        let session = SessionId(head.session);
        let next = self.ledger.sessions().last(head.participant, session) + 1;
        BatchHead {
            ledger: self.ledger.id(),
            participant: head.participant,
            key: KeyId(head.key),
            session,
            number: head.number.unwrap_or(next),
            not_after: head.not_after,
        }
    }

    /// Lets ticks do what is left of closes, which are done in steps from version 4 of the rules on. Returns what came
    /// of the last entry and of these, together.
    pub fn finish_closes(&mut self) -> Outcome {
        let mut all = self.last().outcome.clone();
        let closing = |ledger: &Ledger| {
            let mut lines = ledger.day_lines(0).lines.into_iter();
            lines.any(|line| line.flags & day_flags::CLOSING != 0)
        };
        while self.ledger.rules() >= 4 && closing(&self.ledger) {
            self.next = Some(Timestamp(self.now.0 + 1));
            let outcome = self.tick().clone();
            all.deferred.extend(outcome.deferred);
            all.notices.extend(outcome.notices);
            all.fees.extend(outcome.fees);
        }
        all
    }

    /// Verifies a frame and applies it.
    pub fn submit(&mut self, frame: Vec<u8>, key: &SigningKey) -> &Outcome {
        let batch =
            VerifiedBatch::verify(frame, self.ledger.id(), &key.public()).expect("the batch is signed");
        self.apply(Entry::Batch(Rc::new(batch)))
    }

    /// Applies an entry, and looks at what must hold after any.
    pub fn apply(&mut self, input: Entry) -> &Outcome {
        self.now = self.next.take().unwrap_or(Timestamp(self.now.0 + PACE));
        let mut outcome = Outcome::default();
        let past = LogPast {
            log: &self.log,
            present: &input,
        };
        self.ledger.apply(
            self.log.len() as u64 + 1,
            self.now,
            input.input(),
            &past,
            &mut outcome,
        );
        self.ledger.audit();
        for (currency, liability, accounts) in self.ledger.positions() {
            assert_eq!(
                liability + accounts,
                0,
                "currency {currency} does not sum to zero"
            );
        }
        self.told.follow(self.log.len() as u64 + 1, &input, &outcome);
        let mut snapshot = Vec::new();
        self.ledger.write(&mut snapshot);
        let memory = self.told.memory(&self.ledger);
        let digest = self.ledger.state_digest();
        self.log.push(Applied {
            time: self.now,
            input,
            outcome,
            digest,
            snapshot,
            memory,
        });
        &self.last().outcome
    }
}
