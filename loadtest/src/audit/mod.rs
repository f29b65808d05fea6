//! The independent auditor: given the log, entry by entry as it becomes durable, it predicts everything that must be
//! seen of it, and holds to that whatever a node answers, tells, proves or says.
//!
//! Two books are kept. The **model** is a second ledger, written from the rules. The **tally** knows no rule of the
//! ledger but what must hold of any: it follows answers and events alone, and holds them to conservation, limits,
//! one outcome, order. Observations are held to the predictions byte for byte, so what the tally finds of the one it
//! finds of the other; where model and ledger err alike, the tally still says so.
//!
//! It imports the shared words and the currencies, and nothing of what it audits: `auditor_is_independent` holds.
mod chain;
mod expected;
mod fault;
mod input;
mod model;
mod observe;
mod tally;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use causeway_message::checkpoint::LogKey;
use causeway_message::digest::Digest;
use causeway_message::entry::EntryHeader;
use causeway_message::genesis::Genesis;
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, ParticipantId, SessionId};

pub use expected::{Expected, Group, Submitted};
pub use fault::{Fault, Rule};
pub use model::Line;
pub use observe::FeedReader;

use chain::Chain;
use fault::{hold, same};
use input::{Batch, Input};
use model::{Model, Place};
use observe::Notes;
use tally::Tally;

/// The auditor.
#[derive(Debug)]
pub struct Auditor {
    chain: Chain,
    model: Model,
    tally: Tally,
    /// Keys that checkpoints may be signed with.
    log_keys: Vec<LogKey>,
    /// What must be seen of each entry; those before `forgotten` only by their leaves.
    expected: VecDeque<Expected>,
    forgotten: u64,
    /// Events that each participant had so far.
    told: BTreeMap<ParticipantId, u64>,
    /// Entries with a group that its participant was not seen to get.
    unseen: BTreeMap<ParticipantId, BTreeSet<u64>>,
    /// Entries whose batch was not seen to be answered, and whose it is.
    unanswered: BTreeMap<u64, ParticipantId>,
    notes: Notes,
    check_signatures: bool,
    check_sessions: bool,
}

impl Auditor {
    /// An auditor of the ledger with this genesis. Checkpoints are held to the keys of its nodes.
    pub fn new(genesis: &Genesis) -> Self {
        let keys = genesis.nodes.iter();
        Self {
            chain: Chain::new(genesis),
            model: Model::new(genesis),
            tally: Tally::new(genesis),
            log_keys: keys
                .filter_map(|node| LogKey::new(&node.name, node.public).ok())
                .collect(),
            expected: VecDeque::new(),
            forgotten: 0,
            told: BTreeMap::new(),
            unseen: BTreeMap::new(),
            unanswered: BTreeMap::new(),
            notes: Notes::default(),
            check_signatures: true,
            check_sessions: false,
        }
    }

    /// Holds checkpoints to this key and no other.
    pub fn pin(&mut self, key: LogKey) {
        self.log_keys = vec![key];
    }

    /// Leaves out the signatures of batches: for a driver that signs each batch itself and whose log is only what it
    /// signed. One costs as much as a hundred small entries.
    pub const fn trust_signatures(&mut self) {
        self.check_signatures = false;
    }

    /// Holds the log to what a node's sequencer promises: no batch enters it out of the order of its session. A
    /// ledger that is driven without a node may be given such batches, and answers them.
    pub const fn expect_session_order(&mut self) {
        self.check_sessions = true;
    }

    /// Takes the next entry of the log.
    ///
    /// # Errors
    /// If the entry does not fit the log, or what it must cause breaks an invariant.
    pub fn entry(&mut self, header: &EntryHeader, payload: &[u8]) -> Result<(), Fault> {
        let input = self.chain.check(header, payload)?;
        if let Input::Batch(batch) = &input {
            self.check_batch(header.index.get(), batch)?;
        }
        let index = header.index.get();
        let caused = self.model.apply(index, header.time(), &input);
        let rules = self.model.rules();
        let expected = Expected::new(header, rules, &input, caused, &mut self.told);
        self.chain.push(header, rules, expected.leaf.hash());
        self.await_it(&expected);
        let tallied = self.tally.entry(&input, &expected);
        self.expected.push_back(expected);
        tallied?;
        self.explain()
    }

    fn check_batch(&self, index: u64, batch: &Batch) -> Result<(), Fault> {
        let who = batch.submitter();
        if self.check_signatures {
            let key = self.model.key(who, batch.key());
            let block = &batch.block;
            let signed = key.is_some_and(|key| key.verifies(&block.signed_bytes(), &block.signature));
            hold(signed, Rule::LogSignature, || {
                format!("log entry {index}: key {} of participant {who}", batch.key())
            })?;
        }
        if self.check_sessions {
            let next = self.last_number(who, batch.session()) + 1;
            same(Rule::LogSession, &next, &batch.number(), || {
                format!(
                    "log entry {index}: session {} of participant {who}",
                    batch.session()
                )
            })?;
        }
        Ok(())
    }

    /// Notes who must see something of the entry.
    fn await_it(&mut self, expected: &Expected) {
        let index = expected.leaf.index;
        if let Some(batch) = &expected.batch {
            self.unanswered.insert(index, batch.who);
        }
        for group in &expected.groups {
            self.unseen
                .entry(group.head.participant)
                .or_default()
                .insert(index);
        }
    }

    /// Both books must say the same of every account that the entry touched.
    fn explain(&self) -> Result<(), Fault> {
        for place in self.model.money().touched() {
            self.explain_one(*place, self.chain.index)?;
        }
        Ok(())
    }

    fn explain_one(&self, place: Place, entry: u64) -> Result<(), Fault> {
        let mut line = self.line(ParticipantId(place.0), place.1).unwrap_or_default();
        // Whether a trade that is matched stands in a queue, nobody is told.
        line.queued -= self.model.sides_queued(place) as u32;
        self.tally.explains(place, &line, entry)
    }

    /// Log index of the last entry given.
    pub const fn index(&self) -> u64 {
        self.chain.index
    }

    /// Time of the last entry given.
    pub const fn time(&self) -> Timestamp {
        self.chain.time
    }

    /// Hash of the last header given; of none, the ledger id.
    pub const fn hash(&self) -> Digest {
        self.chain.hash
    }

    /// Head of the log's tree over its first `size` leaves.
    pub fn root_at(&self, size: u64) -> Option<Digest> {
        self.chain.root_at(size)
    }

    /// What must be seen of an entry; `None` if it was not given or is forgotten.
    pub fn expected(&self, entry: u64) -> Option<&Expected> {
        let at = entry.checked_sub(self.forgotten + 1)?;
        self.expected.get(usize::try_from(at).ok()?)
    }

    /// An account as it stands, in minor units.
    pub fn line(&self, who: ParticipantId, currency: u16) -> Option<Line> {
        self.model.money().line_at((who.0, currency), self.chain.index)
    }

    /// Quote locks that live: number and record.
    pub fn locks(&self) -> Vec<(u64, Instruction)> {
        self.model.live_locks().collect()
    }

    /// Payments that wait.
    pub fn waiting(&self) -> u32 {
        self.model.waiting()
    }

    /// Instructions that wait, in queues or outside: submitter and id, in the order in which they came.
    pub fn waits(&self) -> impl Iterator<Item = (ParticipantId, InstructionId)> + '_ {
        self.model.waits()
    }

    /// Instruction ids remembered.
    pub fn ids_remembered(&self) -> u64 {
        self.model.memory().len()
    }

    /// How many take part.
    pub fn participants(&self) -> usize {
        self.model.members()
    }

    /// Last number of a session; zero if it is unknown.
    pub fn last_number(&self, who: ParticipantId, session: SessionId) -> u64 {
        self.model.sessions.last(who, session)
    }

    /// Every session with its last number.
    pub fn sessions(&self) -> impl Iterator<Item = ((ParticipantId, SessionId), u64)> + '_ {
        self.model.sessions.all()
    }

    /// Number of the next event of a participant.
    pub fn next_event(&self, who: ParticipantId) -> u64 {
        self.told.get(&who).map_or(1, |told| told + 1)
    }

    /// The next instant at which a tick is due; one that is past if an entry left work.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.model.next_due()
    }

    /// Lets go of what is only needed to say how an entry up to this one differs; that it differs is still found,
    /// by its leaf. Balances before it can no longer be judged.
    pub fn forget(&mut self, upto: u64) {
        let upto = upto.min(self.chain.index);
        while self.forgotten < upto && self.expected.pop_front().is_some() {
            self.forgotten += 1;
        }
        self.model.money_mut().forget(upto);
    }
}
