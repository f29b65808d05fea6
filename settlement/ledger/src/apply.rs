//! `apply(entry) -> effects`: the one door through which the ledger changes.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::action::right;
use causeway_message::answer::{Answer, AnswerDetail, answer_flags};
use causeway_message::batch::Class;
use causeway_message::genesis::Genesis;
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::{InstructionId, KeyId, LedgerId, ParticipantId, Status, mutated};
use causeway_netting::Cascade;

use crate::account::Accounts;
use crate::due::{Calendar, Due};
use crate::id_memory::{IdMemory, Remembered};
use crate::instruction::{Batch, Placed};
use crate::limits::{DUE_PER_ENTRY, RELEASES_PER_ENTRY};
use crate::outcome::Outcome;
use crate::proposal::{Defund, Proposals};
use crate::queue::Queue;
use crate::registry::Registry;
use crate::session::{SessionOrder, Sessions};

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
}

/// The ledger.
#[derive(Debug)]
pub struct Ledger {
    pub(crate) id: LedgerId,
    pub(crate) index: u64,
    pub(crate) time: Timestamp,
    pub(crate) queue_capacity: u32,
    pub(crate) registry: Registry,
    pub(crate) accounts: Accounts,
    pub(crate) ids: IdMemory,
    pub(crate) sessions: Sessions,
    pub(crate) queue: Queue,
    pub(crate) cascade: Cascade,
    pub(crate) due: Calendar,
    pub(crate) proposals: Proposals,
    pub(crate) defunds: BTreeMap<(ParticipantId, InstructionId), Defund>,
    /// References of credits (false) and pay-outs (true) in the RTGS: each counts once per currency.
    pub(crate) references: BTreeSet<(u16, bool, String)>,
    /// Queued payments that may still leave their queues in this entry.
    pub(crate) budget: usize,
}

/// How many records ahead the id memory is read, so that the reads overlap.
const AHEAD: usize = 16;

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
            queue_capacity: genesis.queue_capacity,
            registry: Registry::default(),
            accounts: Accounts::default(),
            ids: IdMemory::new(genesis.id_capacity, seed),
            sessions: Sessions::default(),
            queue: Queue::default(),
            cascade: Cascade::default(),
            due: Calendar::default(),
            proposals: Proposals::default(),
            defunds: BTreeMap::new(),
            references: BTreeSet::new(),
            budget: 0,
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
        if self.cascade.is_idle() {
            self.due.next()
        } else {
            Some(self.time)
        }
    }

    /// Applies the next entry of the log and says what it caused.
    pub fn apply(&mut self, index: u64, time: Timestamp, input: Input<'_>, out: &mut Outcome) {
        out.clear();
        assert!(index == self.index + 1, "entries are applied in order");
        assert!(time > self.time, "time rises with every entry");
        self.index = index;
        self.time = time;
        self.budget = RELEASES_PER_ENTRY;
        self.expire(out);
        // What expiry freed moves before anything that arrives in this entry.
        self.release(out);
        if let Input::Batch(batch) = input {
            match batch.class() {
                Class::Instructions => self.instruct(batch, out),
                Class::Control => self.control(batch, out),
            }
        }
        self.release(out);
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

    fn instruct(&mut self, batch: &VerifiedBatch, out: &mut Outcome) {
        let gate = self.gate(batch, right::INSTRUCT);
        let Some(view) = batch.view() else { return };
        let submitter = batch.participant();
        let context = Batch {
            submitter,
            today: self.time.days(),
        };
        let mut walk = causeway_message::extension::Walk::new(view.extensions);
        out.answers.reserve(view.records.len());
        for (ordinal, (record, check)) in view.records.iter().zip(batch.checks()).enumerate() {
            if ordinal % AHEAD == 0 {
                let next = view.records.iter().skip(ordinal + AHEAD).take(AHEAD);
                std::hint::black_box(self.touch(submitter, next));
            }
            let extensions = walk.of(ordinal);
            let ordinal = ordinal as u16;
            let answer = match self.ids.look_up(submitter, record.id()) {
                Ok(known) if !mutated!(ForgetIds) => self.repeat(ordinal, check, &known, out),
                Ok(_) => self.place(&context, record, extensions, ordinal, out).answer(),
                Err(_) if self.ids.is_full() => Answer::new(Status::CapacityExhausted),
                Err(vacancy) => {
                    let placed = match gate {
                        Some(status) => Placed::rejected(status),
                        None => self.place(&context, record, extensions, ordinal, out),
                    };
                    let known = Remembered {
                        check,
                        status: placed.status,
                        entry: self.index,
                        ordinal,
                        cause: self.index,
                    };
                    self.ids.fill(vacancy, &known);
                    placed.answer()
                }
            };
            let answer = self.with_balance(submitter, record, ordinal, answer, out);
            out.answers.push(answer);
        }
    }

    /// Reads what the next records will need, so that the reads overlap.
    fn touch<'a>(&self, submitter: ParticipantId, next: impl Iterator<Item = &'a Instruction>) -> u64 {
        next.fold(0, |sum, r| {
            let accounts = self
                .accounts
                .touch(r.debtor.get(), r.creditor.get(), r.currency.get());
            sum ^ self.ids.touch(submitter, r.id()) ^ accounts
        })
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
        for _ in 0..DUE_PER_ENTRY {
            match self.due.take(self.time) {
                Some(Due::Payment { place, .. }) => self.expire_payment(place, out),
                Some(Due::Proposal(digest)) => self.expire_proposal(&digest, out),
                None => break,
            }
        }
    }
}
