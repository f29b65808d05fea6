//! `apply(entry) -> effects`: the one door through which the ledger changes.
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use causeway_message::action::right;
use causeway_message::answer::{Answer, AnswerDetail, answer_flags};
use causeway_message::batch::Class;
use causeway_message::genesis::Genesis;
use causeway_message::leaf::RULES_VERSION;
use causeway_message::plan::Plan;
use causeway_message::record::{Instruction, flags};
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::{InstructionId, KeyId, LedgerId, ParticipantId, Status, mutated};
use causeway_netting::{Cascade, Matcher};

use crate::account::Accounts;
use crate::day::Days;
use crate::due::{Calendar, Due};
use crate::duplicate::{Duplicates, fingerprint};
use crate::end_of_day::EndOfDay;
use crate::ended::EndedProposals;
use crate::fees::Fees;
use crate::id_memory::{IdMemory, Remembered};
use crate::instruction::{Batch, Came, Conditional, Placed, Question};
use crate::lifecycle::Event;
use crate::limits::{DUE_PER_ENTRY, ORIGINALS_PER_ENTRY, RELEASES_PER_ENTRY};
use crate::market::Market;
use crate::outcome::Outcome;
use crate::past::Past;
use crate::proposal::{Defund, Proposals};
use crate::queue::Queue;
use crate::registry::Registry;
use crate::session::{SessionOrder, Sessions};
use crate::sweep::Sweep;
use crate::window::Window;

/// What a log entry holds for the ledger.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// The genesis: the ledger was made from it.
    Genesis,
    /// A bank's batch.
    Batch(&'a VerifiedBatch),
    /// Time passes.
    Tick,
    /// A tree head over earlier leaves; the engine checks it.
    Roots,
    /// From here on this version of the rules is in force.
    Rules(u16),
    /// What netting proposes to settle together.
    Plan(&'a Plan),
}

/// The ledger.
#[derive(Debug)]
pub struct Ledger {
    pub(crate) id: LedgerId,
    pub(crate) index: u64,
    pub(crate) time: Timestamp,
    /// Version of the rules in force.
    pub(crate) rules: u16,
    pub(crate) queue_capacity: u32,
    pub(crate) registry: Registry,
    pub(crate) accounts: Accounts,
    pub(crate) ids: IdMemory,
    pub(crate) sessions: Sessions,
    pub(crate) queue: Queue,
    pub(crate) cascade: Cascade,
    pub(crate) due: Calendar,
    pub(crate) proposals: Proposals,
    pub(crate) ended: EndedProposals,
    pub(crate) defunds: BTreeMap<(ParticipantId, InstructionId), Defund>,
    /// References of credits (false) and pay-outs (true) in the RTGS: each counts once per currency.
    pub(crate) references: BTreeSet<(u16, bool, String)>,
    /// Money set aside until a condition is met, by submitter and id.
    pub(crate) conditionals: BTreeMap<(ParticipantId, InstructionId), Conditional>,
    /// Questions about settled payments, by who asks and the id of the cancellation.
    pub(crate) questions: BTreeMap<(ParticipantId, InstructionId), Question>,
    /// How much of a payment was returned, or waits to be: by submitter and id of the original.
    pub(crate) returned: BTreeMap<(ParticipantId, InstructionId), u64>,
    pub(crate) duplicates: Duplicates,
    /// Unmatched instructions, by what they say of their trade.
    pub(crate) matcher: Matcher,
    /// How many a participant has against another.
    pub(crate) unmatched: BTreeMap<(u32, u32), u32>,
    pub(crate) market: Market,
    pub(crate) fees: Fees,
    pub(crate) days: Days,
    pub(crate) end_of_day: EndOfDay,
    /// Netting windows that are open.
    pub(crate) windows: BTreeMap<InstructionId, Window>,
    pub(crate) sweeps: VecDeque<Sweep>,
    /// Steps of retries and sweeps that are left to this entry.
    pub(crate) budget: usize,
    /// Due things that are left to this entry.
    pub(crate) due_left: usize,
    /// Originals that may still be looked up in this entry.
    pub(crate) originals_left: usize,
}

/// How many records ahead the id memory is read, so that the reads overlap.
pub(crate) const AHEAD: usize = 16;

impl Ledger {
    /// The ledger as its genesis describes it, before the first entry. `seed` only scatters the id memory.
    ///
    /// # Errors
    /// The status of the first rule that the genesis breaks, with what breaks it.
    pub fn new(genesis: &Genesis, seed: u64) -> Result<Self, (Status, String)> {
        let mut ledger = Self::empty(genesis, seed);
        for currency in &genesis.currencies {
            if currency.agent.0 as usize >= genesis.participants.len() {
                return Err((
                    Status::ParticipantUnknown,
                    format!("agent of currency {}", currency.currency),
                ));
            }
            if !ledger.accounts.open_book(currency.currency, currency.agent) {
                return Err((Status::CurrencyUnknown, format!("currency {}", currency.currency)));
            }
        }
        for grant in &genesis.participants {
            ledger
                .register(grant)
                .map_err(|status| (status, grant.name.clone()))?;
        }
        Ok(ledger)
    }

    /// Nobody, nothing, at no position.
    pub(crate) fn empty(genesis: &Genesis, seed: u64) -> Self {
        Self {
            id: genesis.ledger_id(),
            index: 0,
            time: Timestamp(0),
            rules: genesis.rules,
            queue_capacity: genesis.queue_capacity,
            registry: Registry::default(),
            accounts: Accounts::default(),
            ids: IdMemory::new(genesis.id_capacity, seed),
            sessions: Sessions::default(),
            queue: Queue::new(seed),
            cascade: Cascade::default(),
            due: Calendar::default(),
            proposals: Proposals::default(),
            ended: EndedProposals::default(),
            defunds: BTreeMap::new(),
            references: BTreeSet::new(),
            conditionals: BTreeMap::new(),
            questions: BTreeMap::new(),
            returned: BTreeMap::new(),
            duplicates: Duplicates::default(),
            matcher: Matcher::new(seed),
            unmatched: BTreeMap::new(),
            market: Market::default(),
            fees: Fees::default(),
            days: Days::default(),
            end_of_day: EndOfDay::default(),
            windows: BTreeMap::new(),
            sweeps: VecDeque::new(),
            budget: 0,
            due_left: 0,
            originals_left: 0,
        }
    }

    /// The ledger's id.
    pub const fn id(&self) -> LedgerId {
        self.id
    }

    /// Log index of the last entry applied.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// Version of the rules in force.
    pub const fn rules(&self) -> u16 {
        self.rules
    }

    /// Time of the last entry applied.
    pub const fn time(&self) -> Timestamp {
        self.time
    }

    /// Who takes part.
    pub const fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The sessions as applied.
    pub const fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// The next instant at which an entry is due though nobody speaks; an instant in the past if work was left.
    pub fn next_due(&self) -> Option<Timestamp> {
        if self.cascade.is_idle() && self.sweeps.is_empty() {
            let midnight = Timestamp::midnight(self.time.days() + 1);
            let midnight = self.midnight_matters().then_some(midnight);
            let due = self.due.next().into_iter();
            due.chain(midnight).chain(self.days.next()).min()
        } else {
            Some(self.time)
        }
    }

    /// Applies the next entry of the log and says what it caused. `past` reads what earlier entries hold.
    pub fn apply(
        &mut self,
        index: u64,
        time: Timestamp,
        input: Input<'_>,
        past: &dyn Past,
        out: &mut Outcome,
    ) {
        out.clear();
        assert!(index == self.index + 1, "entries are applied in order");
        assert!(time > self.time, "time rises with every entry");
        self.index = index;
        let days = self.time.days();
        self.time = time;
        self.budget = RELEASES_PER_ENTRY;
        self.due_left = DUE_PER_ENTRY;
        self.originals_left = ORIGINALS_PER_ENTRY;
        if let Input::Rules(version) = input {
            self.rules = self.rules.max(version.min(RULES_VERSION));
        }
        if self.rules >= 2 {
            self.duplicates.turn(time);
        }
        self.turn_days(out);
        if days != time.days() && self.midnight_matters() {
            self.look_at_trades();
        }
        self.end_quotes();
        self.expire(out);
        // What was freed moves before anything that arrives in this entry.
        self.sweep(out);
        self.release(out);
        match input {
            Input::Batch(batch) => match batch.class() {
                Class::Instructions => self.instruct(batch, past, out),
                Class::Control => self.control(batch, out),
            },
            Input::Plan(plan) => self.settle_plan(plan, out),
            Input::Genesis | Input::Tick | Input::Roots | Input::Rules(_) => {}
        }
        self.sweep(out);
        self.release(out);
        self.look_for_quotes(out);
        self.end_entry(out);
        out.rules = self.rules;
        if mutated!(SwapAnswers) && out.answers.len() > 1 {
            out.answers.swap(0, 1);
        }
        self.audit_sometimes();
    }

    /// What holds for every record of a batch: its key, its time, its session.
    pub(crate) fn gate(&mut self, batch: &VerifiedBatch, needed: u8) -> Option<Status> {
        let (participant, session) = (batch.participant(), batch.session());
        let order = self.sessions.order(
            participant,
            session,
            batch.number(),
            batch.input_digest(),
            self.time,
        );
        if order == SessionOrder::Next {
            self.sessions
                .advance(participant, session, batch.input_digest(), self.index, self.time);
        }
        let key = KeyId(batch.block().key.get());
        let active = self.registry.get(participant).and_then(|p| p.active(key, needed));
        if active.is_none() {
            return Some(Status::KeyNotActive);
        }
        if u64::from(batch.block().not_after.get()) < self.time.seconds() {
            return Some(Status::BatchTooLate);
        }
        (order != SessionOrder::Next).then_some(Status::SessionDisorder)
    }

    fn instruct(&mut self, batch: &VerifiedBatch, past: &dyn Past, out: &mut Outcome) {
        let gate = self.gate(batch, right::INSTRUCT);
        let Some(view) = batch.view() else { return };
        let submitter = batch.participant();
        let context = Batch { submitter, past };
        let mut walk = causeway_message::extension::Walk::new(view.extensions);
        let mut checks = batch.checks();
        out.answers.reserve(view.records.len());
        let mut ordinal = 0;
        while let Some(record) = view.records.get(ordinal) {
            if ordinal % AHEAD == 0 {
                let next = view.records.get(ordinal + AHEAD..).unwrap_or_default();
                self.prefetch(submitter, &next[..next.len().min(AHEAD)]);
            }
            if self.rules >= 2 && record.flags.get() & flags::LINKED != 0 {
                let linked = |record: &&Instruction| record.flags.get() & flags::LINKED != 0;
                let rest = &view.records[ordinal..];
                let count = (rest.iter().take_while(linked).count() + 1).min(rest.len());
                let chain: Vec<Came<'_>> = (ordinal..ordinal + count)
                    .map(|at| Came {
                        record: &view.records[at],
                        extensions: walk.of(at),
                        ordinal: at as u16,
                    })
                    .collect();
                let checks: Vec<u64> = checks.by_ref().take(count).collect();
                self.instruct_chain(&context, gate, &chain, &checks, out);
                ordinal += count;
                continue;
            }
            let came = Came {
                record,
                extensions: walk.of(ordinal),
                ordinal: ordinal as u16,
            };
            let check = checks.next().unwrap_or_default();
            let answer = match self.ids.look_up(submitter, record.id()) {
                Ok(known) if !mutated!(ForgetIds) => self.repeat(came.ordinal, check, &known, out),
                Ok(_) => self.place(&context, &came, out).answer(),
                Err(_) if self.ids.is_full() => Answer::new(Status::CapacityExhausted),
                Err(vacancy) => {
                    let placed = match gate {
                        Some(status) => Placed::new(status),
                        None => self.place(&context, &came, out),
                    };
                    self.ids
                        .fill(vacancy, &self.first_known(check, placed.status, came.ordinal));
                    placed.answer()
                }
            };
            let answer = self.with_balance(submitter, record, came.ordinal, answer, out);
            out.answers.push(answer);
            ordinal += 1;
        }
    }

    /// What is remembered of an instruction of this entry.
    const fn first_known(&self, check: u64, status: Status, ordinal: u16) -> Remembered {
        Remembered {
            check,
            status,
            entry: self.index,
            ordinal,
            cause: self.index,
        }
    }

    /// Answers the records of a chain. If one is known, it is answered as ever, and the others are no chain any more.
    fn instruct_chain(
        &mut self,
        batch: &Batch<'_>,
        gate: Option<Status>,
        chain: &[Came<'_>],
        checks: &[u64],
        out: &mut Outcome,
    ) {
        let submitter = batch.submitter;
        let mut unknown: BTreeSet<_> = chain.iter().map(|came| came.record.id()).collect();
        unknown.retain(|id| self.ids.get(submitter, *id).is_none());
        // One that stands twice in the chain is known when its turn comes again.
        let broken = unknown.len() < chain.len();
        let room = self.ids.room() >= unknown.len() as u64;
        let placed = match gate {
            Some(status) => vec![Placed::new(status); chain.len()],
            None if !room => vec![Placed::new(Status::CapacityExhausted); chain.len()],
            None if broken => vec![Placed::new(Status::ChainFailed); chain.len()],
            None => self.place_chain(batch, chain, out),
        };
        for ((came, check), placed) in chain.iter().zip(checks).zip(placed) {
            let answer = match self.ids.look_up(submitter, came.record.id()) {
                Ok(known) => self.repeat(came.ordinal, *check, &known, out),
                Err(_) if self.ids.is_full() || placed.status == Status::CapacityExhausted => {
                    Answer::new(Status::CapacityExhausted)
                }
                Err(vacancy) => {
                    self.ids
                        .fill(vacancy, &self.first_known(*check, placed.status, came.ordinal));
                    placed.answer()
                }
            };
            let answer = self.with_balance(submitter, came.record, came.ordinal, answer, out);
            out.answers.push(answer);
        }
    }

    /// Asks for where the next records, [`AHEAD`] at most, are remembered or will be.
    pub(crate) fn prefetch_ids(&self, submitter: ParticipantId, next: &[Instruction]) {
        let mut keys = [(submitter, InstructionId([0; 16])); AHEAD];
        for (key, record) in keys.iter_mut().zip(next) {
            key.1 = record.id();
            if self.rules >= 2 {
                self.duplicates.prefetch(fingerprint(record));
            }
        }
        self.ids.prefetch::<AHEAD>(&keys[..next.len().min(AHEAD)]);
    }

    /// Asks for what the next records will read.
    fn prefetch(&self, submitter: ParticipantId, next: &[Instruction]) {
        self.prefetch_ids(submitter, next);
        for record in next {
            for currency in [record.currency.get(), record.counter_currency.get()] {
                // None has the number zero: that of no counter-currency.
                if currency != 0 {
                    self.accounts.prefetch(record.debtor.get(), currency);
                    self.accounts.prefetch(record.creditor.get(), currency);
                }
            }
        }
    }

    /// Answers an instruction id that was used before.
    pub(crate) fn repeat(&self, ordinal: u16, check: u64, known: &Remembered, out: &mut Outcome) -> Answer {
        if known.check != check && !mutated!(SameIdOtherBytes) {
            return Answer::new(Status::IdReused);
        }
        out.details.push(AnswerDetail {
            record: ordinal.into(),
            origin_ordinal: known.ordinal.into(),
            rate_scale: 0.into(),
            origin_entry: known.entry.into(),
            balance: 0.into(),
            rate: 0.into(),
            fee: 0.into(),
            reserved: 0.into(),
            reserved2: 0.into(),
        });
        let mut answer = Answer::new(known.status);
        answer.flags = (answer_flags::REPLAYED | answer_flags::DETAILED).into();
        answer
    }

    fn expire(&mut self, out: &mut Outcome) {
        while self.due_left > 0 {
            let Some(due) = self.due.take(self.time) else {
                return;
            };
            let items = match due {
                Due::Payment { place, .. } => self.expire_payment(place, out),
                Due::Proposal(digest) => {
                    self.expire_proposal(&digest, out);
                    1
                }
                Due::From(_, place) => self.join(place, out),
                Due::Till(_, place) => {
                    self.pass_till(place, out);
                    1
                }
                Due::Conditional(who, id) => {
                    self.give_back((who, id), Event::Expire, out);
                    1
                }
                Due::Question(who, id) => {
                    self.end_question((who, id), Status::Expired, out);
                    1
                }
                Due::Lock(number) => {
                    self.give_up_lock(number, Event::Expire, out);
                    1
                }
                Due::PayIn(deadline) => {
                    self.judge_deadline(deadline, out);
                    1
                }
                Due::Ended(digest) => {
                    self.ended.forget(&digest);
                    1
                }
                Due::Window(id) => self.look_at_window(id, out),
            };
            self.due_left = self.due_left.saturating_sub(items.max(1));
        }
    }
}
