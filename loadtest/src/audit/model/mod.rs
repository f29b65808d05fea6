//! The model: a ledger written from the rules as plainly as they read, which says what each entry must cause.
//!
//! Lists and maps that are searched, nothing shared with the ledger but the words of the messages.
mod account;
mod actions;
mod control;
mod due;
mod funding;
mod member;
mod memory;
mod payment;
mod release;
mod session;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use causeway_message::answer::{Answer, AnswerDetail};
use causeway_message::batch::Class;
use causeway_message::digest::Digest;
use causeway_message::genesis::Genesis;
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, LedgerId, ParticipantId, Status};

use super::input::{Batch, Input, Records};
use account::Money;
use control::Proposal;
use due::Due;
use funding::Defund;
use member::Member;
use memory::Memory;
use session::Sessions;

pub use account::Line;
pub use control::Notice;
pub use release::Left;

/// An account: participant and currency.
pub type Place = (u32, u16);

/// Due items that one entry looks at (ARCHITECTURE, Determinism).
const DUE_PER_ENTRY: usize = 1_024;
/// Queued payments that one entry may release (ARCHITECTURE, Determinism).
const RELEASES_PER_ENTRY: usize = 8_192;

/// What an entry must cause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caused {
    /// One for each record of the batch.
    pub answers: Vec<Answer>,
    /// Of those that asked, and of those known before.
    pub details: Vec<AnswerDetail>,
    /// Payments that left their queues, in order.
    pub left: Vec<Left>,
    /// Proposals that ended, in order.
    pub notices: Vec<Notice>,
}

/// The model.
#[derive(Debug)]
pub struct Model {
    ledger: LedgerId,
    index: u64,
    time: Timestamp,
    queue_capacity: u32,
    members: Vec<Member>,
    money: Money,
    memory: Memory,
    pub(super) sessions: Sessions,
    due: BTreeSet<(Timestamp, Due)>,
    /// Accounts that were told of a change, first told first.
    told: VecDeque<Place>,
    /// How many may still be released in this entry.
    budget: usize,
    proposals: BTreeMap<Digest, Proposal>,
    defunds: BTreeMap<(ParticipantId, InstructionId), Defund>,
    /// Currency, true if paid out, reference.
    references: BTreeSet<(u16, bool, String)>,
}

impl Model {
    pub fn new(genesis: &Genesis) -> Self {
        let mut model = Self {
            ledger: genesis.ledger_id(),
            index: 0,
            time: Timestamp(0),
            queue_capacity: genesis.queue_capacity,
            members: Vec::new(),
            money: Money::default(),
            memory: Memory::new(genesis.id_capacity),
            sessions: Sessions::default(),
            due: BTreeSet::new(),
            told: VecDeque::new(),
            budget: 0,
            proposals: BTreeMap::new(),
            defunds: BTreeMap::new(),
            references: BTreeSet::new(),
        };
        for currency in &genesis.currencies {
            model.money.open_currency(currency.currency, currency.agent);
        }
        for grant in &genesis.participants {
            model.admit(grant);
        }
        model
    }

    /// What the next entry of the log must cause.
    pub fn apply(&mut self, index: u64, time: Timestamp, input: &Input) -> Caused {
        let mut caused = Caused::default();
        self.index = index;
        self.time = time;
        self.budget = RELEASES_PER_ENTRY;
        self.sweep(&mut caused);
        // What expiry freed moves before anything that arrives in this entry.
        self.release(&mut caused);
        if let Input::Batch(batch) = input {
            self.batch(batch, &mut caused);
        }
        self.release(&mut caused);
        self.money.note(index);
        caused
    }

    fn batch(&mut self, batch: &Batch, caused: &mut Caused) {
        match &batch.records {
            Records::Instructions(papers) => self.instructions(batch, papers, caused),
            Records::Control(records) => self.controls(batch, records, caused),
        }
    }

    /// What is judged once for all records: key, time, session. The session moves on whatever the key is.
    fn gate(&mut self, batch: &Batch, class: Class) -> Option<Status> {
        let who = batch.submitter();
        let in_order = self
            .sessions
            .take(who, batch.session(), batch.number(), self.index, self.time);
        let member = self.members.get(who.0 as usize);
        if !member.is_some_and(|member| member.may_sign(batch.key(), class)) {
            return Some(Status::KeyNotActive);
        }
        if self.time.seconds() > u64::from(batch.block.not_after.get()) {
            return Some(Status::BatchTooLate);
        }
        if in_order {
            None
        } else {
            Some(Status::SessionDisorder)
        }
    }

    /// The public key behind a key id, revoked or not.
    pub fn key(
        &self,
        who: ParticipantId,
        key: causeway_message::KeyId,
    ) -> Option<causeway_message::keys::PublicKey> {
        self.members.get(who.0 as usize)?.public(key)
    }

    pub fn members(&self) -> usize {
        self.members.len()
    }

    pub const fn money(&self) -> &Money {
        &self.money
    }

    pub fn money_mut(&mut self) -> &mut Money {
        &mut self.money
    }

    pub const fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Payments that wait.
    pub fn waiting(&self) -> u32 {
        self.money.waiting()
    }

    /// The next instant at which something is due; the present one if work was left.
    pub fn next_due(&self) -> Option<Timestamp> {
        if self.told.is_empty() {
            self.due.first().map(|(at, _)| *at)
        } else {
            Some(self.time)
        }
    }

    /// What the defundings in progress hold of each account.
    pub fn set_aside(&self) -> BTreeMap<Place, i128> {
        let mut all = BTreeMap::new();
        for defund in self.defunds.values() {
            *all.entry(defund.place).or_insert(0) += i128::from(defund.amount);
        }
        all
    }
}
