//! The model: a ledger written from the rules as plainly as they read, which says what each entry must cause.
//!
//! Lists and maps that are searched, nothing shared with the ledger but the words of the messages. One file for each
//! group of rules (PROTOCOL §22 to §33).
mod account;
mod actions;
mod amend;
mod cancel;
mod chain;
mod classes;
mod conditional;
mod control;
mod credit;
mod dated;
mod day;
mod default;
mod due;
mod duplicate;
mod ended;
mod exchange;
mod fees;
mod form;
mod funding;
mod hold;
mod judge;
mod leave;
mod limit;
mod lock;
mod matching;
mod member;
mod memory;
mod pay_in;
mod payment;
mod plan;
mod price;
mod quotes;
mod release;
mod reserve;
mod returns;
mod review;
mod risk;
mod route;
mod schedule;
mod session;
mod standing;
mod steps;
mod sweep;
mod tell;
mod trade;
mod valuation;
mod window;
mod withdraw;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use causeway_message::answer::{Answer, AnswerDetail};
use causeway_message::batch::Class;
use causeway_message::digest::Digest;
use causeway_message::exchange::Exchange;
use causeway_message::genesis::Genesis;
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, LedgerId, ParticipantId, Status};

use super::input::{Batch, Input, Records};
use account::Money;
use cancel::Question;
use classes::Waiting;
use conditional::Conditional;
use control::Proposal;
use credit::Credits;
use day::Days;
use due::Due;
use duplicate::Windows;
use ended::Ended;
use fees::Fees;
use funding::Defund;
use limit::Limits;
use lock::Lock;
use matching::Unmatched;
use member::Member;
use memory::Memory;
use pay_in::PayIns;
use quotes::Quotes;
use release::Turn;
use reserve::Reservations;
use returns::Returns;
use risk::Risk;
use schedule::Schedules;
use session::Sessions;
use steps::Statements;
use sweep::Sweep;
use window::Window;

pub use account::Line;
pub use control::Notice;
pub use fees::Billed;
pub use steps::{Given, Step};
pub use tell::Told;

/// An account: participant and currency.
pub type Place = (u32, u16);
/// Entry and place of a record: the order in which records came.
pub type Origin = (u64, u16);
/// Submitter and instruction id.
pub type Key = (ParticipantId, InstructionId);

/// Due items that one entry looks at (PROTOCOL §22.10).
const DUE_PER_ENTRY: usize = 1_024;
/// Queued payments that one entry may release, and steps of sweeps (PROTOCOL §22.10).
const STEPS_PER_ENTRY: usize = 8_192;
/// Later statuses that one entry may give (PROTOCOL §20), and how many of them stay free for the record under way.
const EFFECTS_PER_ENTRY: usize = 16_384;
const EFFECTS_OF_RECORD: usize = 64;

/// What an entry must cause.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Caused {
    /// One for each record of the batch.
    pub answers: Vec<Answer>,
    /// Of those that asked, and of those known before.
    pub details: Vec<AnswerDetail>,
    /// What others are told of the batch's own records, in order.
    pub own: Vec<Told>,
    /// Statuses that came later than the answer, in order.
    pub later: Vec<Told>,
    /// Proposals that ended, in order.
    pub notices: Vec<Notice>,
    /// Fees that were billed, in order.
    pub billed: Vec<Billed>,
    /// Steps of days that were done, in order.
    pub steps: Vec<Step>,
    /// Statements that were given, in order.
    pub statements: Vec<Given>,
}

/// The model.
#[derive(Debug)]
pub struct Model {
    ledger: LedgerId,
    index: u64,
    time: Timestamp,
    /// Version of the rules in force.
    rules: u16,
    queue_capacity: u32,
    members: Vec<Member>,
    money: Money,
    memory: Memory,
    pub(super) sessions: Sessions,
    due: BTreeSet<(Timestamp, Due)>,
    /// Payments that wait, in a queue or outside.
    waits: BTreeMap<Origin, Waiting>,
    /// Accounts that were woken, the first woken first.
    woken: VecDeque<Turn>,
    /// The account whose turn it is.
    turn: Option<Place>,
    /// Steps left in this entry.
    budget: usize,
    sweeps: VecDeque<Sweep>,
    proposals: BTreeMap<Digest, Proposal>,
    /// What became of those that ended.
    ended: BTreeMap<Digest, Ended>,
    defunds: BTreeMap<Key, Defund>,
    /// Currency, true if paid out, reference.
    references: BTreeSet<(u16, bool, String)>,
    /// Accounts in which payments of one class may overtake each other.
    bypass: BTreeSet<Place>,
    limits: Limits,
    reservations: Reservations,
    conditionals: BTreeMap<Key, Conditional>,
    questions: BTreeMap<Key, Question>,
    returns: Returns,
    /// Originals looked at in this entry.
    looks: usize,
    /// Later statuses in this entry, each counted once however many are told.
    effects: usize,
    /// Due items that this entry looked at.
    looked_at: usize,
    windows: Windows,
    fees: Fees,
    days: Days,
    schedules: Schedules,
    statements: Statements,
    /// No sweep goes on in this entry.
    halted: bool,
    unmatched: Unmatched,
    risk: Risk,
    pay_ins: PayIns,
    credits: Credits,
    quotes: Quotes,
    /// Live locks, by number.
    locks: BTreeMap<u64, Lock>,
    /// Netting windows that are open.
    net_windows: BTreeMap<InstructionId, Window>,
    /// What the record under way came to, if it is an exchange.
    dealt: Option<Exchange>,
}

impl Model {
    pub fn new(genesis: &Genesis) -> Self {
        let mut model = Self {
            ledger: genesis.ledger_id(),
            index: 0,
            time: Timestamp(0),
            rules: genesis.rules,
            queue_capacity: genesis.queue_capacity,
            members: Vec::new(),
            money: Money::default(),
            memory: Memory::new(genesis.id_capacity),
            sessions: Sessions::default(),
            due: BTreeSet::new(),
            waits: BTreeMap::new(),
            woken: VecDeque::new(),
            turn: None,
            budget: 0,
            sweeps: VecDeque::new(),
            proposals: BTreeMap::new(),
            ended: BTreeMap::new(),
            defunds: BTreeMap::new(),
            references: BTreeSet::new(),
            bypass: BTreeSet::new(),
            limits: Limits::default(),
            reservations: Reservations::default(),
            conditionals: BTreeMap::new(),
            questions: BTreeMap::new(),
            returns: Returns::default(),
            looks: 0,
            effects: 0,
            looked_at: 0,
            windows: Windows::default(),
            fees: Fees::default(),
            days: Days::default(),
            schedules: Schedules::default(),
            statements: Statements::default(),
            halted: false,
            unmatched: Unmatched::default(),
            risk: Risk::default(),
            pay_ins: PayIns::default(),
            credits: Credits::default(),
            quotes: Quotes::default(),
            locks: BTreeMap::new(),
            net_windows: BTreeMap::new(),
            dealt: None,
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
        let before = std::mem::replace(&mut self.time, time);
        if let Input::Rules(version) = input {
            self.rules = *version;
        }
        self.budget = STEPS_PER_ENTRY;
        self.looks = 0;
        self.effects = 0;
        self.looked_at = 0;
        if self.is_second() {
            self.windows.begin(time);
        }
        self.quotes.begin(time);
        self.halted = false;
        self.turn_days(&mut caused);
        self.begin_day(before);
        self.end_due(&mut caused);
        self.sweep(&mut caused);
        // What expiry freed moves before anything that arrives in this entry.
        self.release(&mut caused);
        match input {
            Input::Batch(batch) => self.batch(batch, &mut caused),
            Input::Plan(plan) => self.settle_plan(plan, &mut caused),
            Input::Time | Input::Rules(_) => {}
        }
        self.sweep(&mut caused);
        self.release(&mut caused);
        if self.begin_looks() {
            self.sweep(&mut caused);
            self.release(&mut caused);
        }
        self.note_closings();
        self.money.note(index);
        caused
    }

    /// True under version 2 of the rules, and later ones.
    const fn is_second(&self) -> bool {
        self.rules >= 2
    }

    /// True under version 3 of the rules, and later ones.
    const fn is_third(&self) -> bool {
        self.rules >= 3
    }

    /// True under version 4 of the rules.
    const fn is_fourth(&self) -> bool {
        self.rules >= 4
    }

    /// True if the entry has room for what a record tells others, beside all that its steps may still tell.
    const fn has_effects_left(&self) -> bool {
        self.effects + self.budget + EFFECTS_OF_RECORD <= EFFECTS_PER_ENTRY
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

    /// Version of the rules in force after the last entry.
    pub const fn rules(&self) -> u16 {
        self.rules
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
        self.waits.len() as u32
    }

    /// The next instant at which something is due; the present one if work was left.
    pub fn next_due(&self) -> Option<Timestamp> {
        if self.woken.is_empty() && self.sweeps.is_empty() {
            let due = self.due.first().map(|(at, _)| *at);
            due.into_iter()
                .chain(self.next_day())
                .chain(self.next_turn())
                .min()
        } else {
            Some(self.time)
        }
    }

    /// What the defundings in progress, the conditional payments, the quote locks and the windows hold of each account.
    pub fn set_aside(&self) -> BTreeMap<Place, i128> {
        let mut all = BTreeMap::new();
        for defund in self.defunds.values() {
            *all.entry(defund.place).or_insert(0) += i128::from(defund.amount);
        }
        for conditional in self.conditionals.values() {
            *all.entry(conditional.place()).or_insert(0) += i128::from(conditional.left);
        }
        for (place, amount) in self.locks.values().flat_map(Lock::aside) {
            *all.entry(place).or_insert(0) += i128::from(amount);
        }
        for (place, paid) in self.net_windows.values().flat_map(Window::paid) {
            *all.entry(place).or_insert(0) += paid;
        }
        all
    }
}
