//! A ledger fed with signed batches one command at a time, with a log that is kept small: snapshots are few.
use std::collections::BTreeMap;
use std::rc::Rc;

use causeway_ledger::{Ledger, Outcome, Remembered};
use causeway_message::action::{AccountGrant, Action, role};
use causeway_message::batch::{self, BatchHead};
use causeway_message::codec::Reader;
use causeway_message::control::{self, Control, proposal_digest};
use causeway_message::digest::hash;
use causeway_message::genesis::{CurrencyGrant, Genesis};
use causeway_message::keys::SigningKey;
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::{Digest, InstructionId, KeyId, ParticipantId, SessionId, Status};

use crate::support::{Applied, Entry, LogPast, World, member, signing_key};

pub const BANKS: u32 = 5;
pub const CODES: [u16; 2] = [978, 392];
pub const OPERATOR: ParticipantId = ParticipantId(0);
pub const AGENT: ParticipantId = ParticipantId(1);
/// Entries between two snapshots.
const SNAPSHOT_ENTRIES: usize = 500;

/// A bank by its number.
pub const fn bank(number: u32) -> u32 {
    2 + number % BANKS
}

pub struct Run {
    genesis: Genesis,
    pub ledger: Ledger,
    pub log: Vec<Applied>,
    pub now: Timestamp,
    keys: BTreeMap<(u32, u32), Rc<SigningKey>>,
    made: u64,
}

impl Run {
    pub fn new(queue_capacity: u32) -> Self {
        let mut participants = vec![
            member("OP", 0, role::OPERATOR),
            member("AG", 1, role::SETTLEMENT_AGENT),
        ];
        for number in 0..BANKS {
            let id = bank(number);
            let mut grant = member(&format!("bank {id}"), id, role::PARTICIPANT);
            grant.accounts = CODES
                .iter()
                .map(|code| AccountGrant {
                    currency: *code,
                    cap: 0,
                })
                .collect();
            participants.push(grant);
        }
        let genesis = Genesis {
            rules: 2,
            name: "random runs".into(),
            nonce: [8; 16],
            created: World::start(),
            id_capacity: 200_000,
            queue_capacity,
            nodes: Vec::new(),
            participants,
            currencies: CODES
                .iter()
                .map(|code| CurrencyGrant {
                    currency: *code,
                    agent: AGENT,
                })
                .collect(),
        };
        let ledger = Ledger::new(&genesis, 0).expect("the genesis holds");
        let mut run = Self {
            genesis,
            ledger,
            log: Vec::new(),
            now: World::start(),
            keys: BTreeMap::new(),
            made: 0,
        };
        run.apply(Entry::Genesis);
        run
    }

    /// An id that was never used.
    pub fn fresh(&mut self) -> InstructionId {
        self.made += 1;
        let mut id = InstructionId::default();
        id.0.copy_from_slice(&hash(&self.made.to_le_bytes())[..16]);
        id
    }

    /// Something is due before the next entry, or work was left.
    pub fn is_due(&self) -> bool {
        self.ledger
            .next_due()
            .is_some_and(|due| due.0 <= self.now.0 + 1_000_000)
    }

    pub fn pass(&mut self, seconds: u64) {
        self.now.0 += seconds * 1_000_000_000;
    }

    pub fn apply(&mut self, input: Entry) -> &Applied {
        self.now.0 += 1_000_000;
        let mut outcome = Outcome::default();
        let past = LogPast {
            log: &self.log,
            present: &input,
        };
        let index = self.log.len() as u64 + 1;
        self.ledger
            .apply(index, self.now, input.input(), &past, &mut outcome);
        self.ledger.audit();
        let (mut snapshot, mut digest) = (Vec::new(), Digest::default());
        if self.log.len().is_multiple_of(SNAPSHOT_ENTRIES) {
            self.ledger.write(&mut snapshot);
            digest = self.ledger.state_digest();
        }
        self.log.push(Applied {
            time: self.now,
            input,
            outcome,
            digest,
            snapshot,
            memory: Vec::new(),
        });
        self.log.last().expect("an entry was applied")
    }

    fn head(&mut self, who: ParticipantId, key: u32) -> (BatchHead, Rc<SigningKey>) {
        let signing = Rc::clone(
            self.keys
                .entry((who.0, key))
                .or_insert_with(|| Rc::new(signing_key(who, key))),
        );
        let session = SessionId(1);
        let head = BatchHead {
            ledger: self.ledger.id(),
            participant: who,
            key: KeyId(key),
            session,
            number: self.ledger.sessions().last(who, session) + 1,
            not_after: u32::MAX,
        };
        (head, signing)
    }

    pub fn instruct(&mut self, who: u32, records: &[Instruction], extensions: &[u8]) -> &Applied {
        let (head, key) = self.head(ParticipantId(who), 1);
        let frame = batch::build(&head, records, extensions, &key).expect("the batch has its form");
        self.submit(frame, &key)
    }

    fn submit(&mut self, frame: Vec<u8>, key: &SigningKey) -> &Applied {
        let batch =
            VerifiedBatch::verify(frame, self.ledger.id(), &key.public()).expect("the batch is signed");
        self.apply(Entry::Batch(Rc::new(batch)))
    }

    pub fn control(&mut self, who: ParticipantId, key: u32, id: InstructionId, control: Control) -> &Applied {
        let (head, key) = self.head(who, key);
        let frame = control::build(&head, &[(id, control)], &key).expect("the batch has its form");
        self.submit(frame, &key)
    }

    /// Proposes an action; its id, and the digest that approves it.
    pub fn propose(&mut self, who: ParticipantId, action: &Action) -> (InstructionId, Digest) {
        let id = self.fresh();
        let digest = proposal_digest(self.ledger.id(), who, id, action);
        self.control(who, 1, id, Control::Propose(action.clone()));
        (id, digest)
    }

    /// From each snapshot to the next the run repeats: every outcome, and the state at its end.
    pub fn repeats(&self) {
        let cuts: Vec<usize> = (0..self.log.len())
            .filter(|at| !self.log[*at].snapshot.is_empty())
            .collect();
        for (place, cut) in cuts.iter().enumerate() {
            let mut reader = Reader::new(&self.log[*cut].snapshot);
            let mut ledger =
                Ledger::restore(&self.genesis, 99 + *cut as u64, &mut reader).expect("a snapshot restores");
            reader.end("snapshot").expect("a snapshot has no more bytes");
            self.log[..=*cut]
                .iter()
                .zip(1..)
                .for_each(|(entry, index)| remember(&mut ledger, index, entry));
            assert!(
                ledger.state_digest() == self.log[*cut].digest,
                "another state at once"
            );
            let until = cuts.get(place + 1).map_or(self.log.len(), |next| next + 1);
            let mut outcome = Outcome::default();
            for at in cut + 1..until {
                let entry = &self.log[at];
                let past = LogPast {
                    log: &self.log[..at],
                    present: &entry.input,
                };
                ledger.apply(
                    at as u64 + 1,
                    entry.time,
                    entry.input.input(),
                    &past,
                    &mut outcome,
                );
                assert_eq!(
                    outcome, entry.outcome,
                    "from entry {cut} the outcome of {at} differs"
                );
            }
            let last = &self.log[until - 1];
            let same = last.snapshot.is_empty() || ledger.state_digest() == last.digest;
            assert!(same, "from entry {cut} the state differs");
        }
    }
}

/// Puts back what an entry says of instructions, as a node does that starts from a snapshot.
fn remember(ledger: &mut Ledger, index: u64, entry: &Applied) {
    if let Entry::Batch(batch) = &entry.input {
        let ids = batch.instruction_ids();
        let records = batch.view().map_or(&[][..], |view| view.records);
        let answers = entry.outcome.answers.iter().zip(batch.checks()).zip(ids);
        for (ordinal, ((answer, check), id)) in answers.enumerate() {
            let status = answer.status().expect("an answer has a status");
            if !answer.is_first() || matches!(status, Status::IdReused | Status::CapacityExhausted) {
                continue;
            }
            let known = Remembered {
                check,
                status,
                entry: index,
                ordinal: ordinal as u16,
                cause: index,
            };
            ledger.remember(batch.participant(), id, &known);
            if let Some(record) = records.get(ordinal).filter(|_| !status.is_rejected()) {
                ledger.remember_payment(record, entry.time);
            }
        }
    }
    for d in &entry.outcome.deferred {
        ledger.remember_later(d.submitter, d.record.id(), d.status, index);
    }
    for n in &entry.outcome.notices {
        ledger.remember_later(n.proposer, n.id, n.status, index);
    }
}
