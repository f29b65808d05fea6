//! The ledger and the model side by side: each step is done by both.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::action::{AccountGrant, Action};
use causeway_message::control::{Control, proposal_digest};
use causeway_message::record::{Instruction, flags};
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, ParticipantId, Status, Uetr};

use crate::model::{Answer, Fate, Model, Payment, Place};
use crate::support::{Head, World, id_of, opened};

/// Banks A, B, C, D.
pub const BANKS: usize = 4;
/// EUR and JPY.
pub const CODES: [u16; 2] = [978, 392];
const OPERATOR: ParticipantId = ParticipantId(0);
const AGENT: ParticipantId = ParticipantId(1);

/// A payment before it has a time: expiry counts from the entry that carries it.
#[derive(Debug, Clone)]
pub struct Wish {
    pub id: Option<usize>,
    pub creditor: usize,
    pub currency: usize,
    pub amount: u64,
    pub expires: Option<u64>,
    pub settle_or_reject: bool,
    pub show: bool,
}

#[derive(Debug, Clone)]
pub enum Step {
    Batch(usize, Vec<Wish>),
    /// One of the payments made before, once more.
    Again(usize),
    Fund(Place, u64),
    Cap(Place, u64),
    Defund(Place, u64),
    EndDefund(usize, bool),
    Standing(usize, bool),
    Tick(u64),
}

/// The ledger and the model side by side.
pub struct Pair {
    pub world: World,
    pub model: Model,
    made: Vec<Payment>,
    defunds: Vec<(InstructionId, Place, u64)>,
    /// Money that came in less money that went out, by currency.
    pub issued: [i128; CODES.len()],
    /// Per account the last payment that settled: those of one account settle in the order in which they came.
    pub settled: BTreeMap<Place, (u64, u16)>,
    pub origins: BTreeMap<u64, (u64, u16)>,
    /// Accounts that are below their cap because it was lowered.
    pub lowered: BTreeSet<Place>,
    names: u64,
}

pub fn who(bank: usize) -> ParticipantId {
    ParticipantId(3 + bank as u32)
}

fn record_of(payment: &Payment) -> Instruction {
    let id = id_of(&format!("payment {}", payment.id));
    let (debtor, creditor) = (who(payment.debtor), who(payment.creditor));
    let mut record = Instruction::payment(
        id,
        Uetr(id.0),
        debtor,
        creditor,
        CODES[payment.currency],
        payment.amount,
    );
    record.expires_at = (payment.expires.unwrap_or(0) as u32).into();
    if payment.settle_or_reject {
        record.flags = (record.flags.get() | flags::SETTLE_OR_REJECT).into();
    }
    if payment.show {
        record.flags = (record.flags.get() | flags::WITH_BALANCE).into();
    }
    record
}

impl Pair {
    pub fn new() -> Self {
        Self {
            world: opened("open A B C D EUR JPY"),
            model: Model::new(BANKS, CODES.len()),
            made: Vec::new(),
            defunds: Vec::new(),
            issued: [0; CODES.len()],
            settled: BTreeMap::new(),
            origins: BTreeMap::new(),
            lowered: BTreeSet::new(),
            names: 0,
        }
    }

    pub fn run(&mut self, step: &Step) {
        match step {
            Step::Batch(bank, wishes) => {
                let payments: Vec<Payment> = wishes.iter().map(|wish| self.wish(*bank, wish)).collect();
                self.send(&payments);
            }
            Step::Again(which) => {
                if let Some(payment) = self.made.get(*which).cloned() {
                    self.send(&[payment]);
                }
            }
            Step::Fund(place, amount) => self.fund(*place, *amount),
            Step::Cap(place, cap) => {
                let account = AccountGrant {
                    currency: CODES[place.1],
                    cap: *cap,
                };
                self.decided(
                    OPERATOR,
                    Action::SetCap {
                        participant: who(place.0),
                        account,
                    },
                );
                if i128::from(*cap) < self.model.accounts[place].cap {
                    self.lowered.insert(*place);
                }
                self.model.set_cap(*place, *cap);
                self.compare(&[]);
            }
            Step::Defund(place, amount) => self.defund(*place, *amount),
            Step::EndDefund(which, paid_out) => self.end_defund(*which, *paid_out),
            Step::Standing(bank, suspended) => {
                let action = Action::SetStanding {
                    participant: who(*bank),
                    suspended: *suspended,
                };
                self.decided(OPERATOR, action);
                self.model.set_standing(*bank, *suspended);
                self.compare(&[]);
            }
            Step::Tick(seconds) => {
                let next = (self.world.now().seconds() + seconds) as u32;
                self.world.at(Timestamp::from_seconds(next));
                self.world.tick();
                self.begin();
                self.compare(&[]);
            }
        }
    }

    fn wish(&mut self, debtor: usize, wish: &Wish) -> Payment {
        let fresh = self.made.len() as u64;
        let payment = Payment {
            id: wish.id.map_or(fresh, |id| id as u64),
            debtor,
            creditor: wish.creditor,
            currency: wish.currency,
            amount: wish.amount,
            expires: wish.expires.map(|after| self.world.now().seconds() + after),
            settle_or_reject: wish.settle_or_reject,
            show: wish.show,
        };
        self.made.push(payment.clone());
        payment
    }

    fn begin(&mut self) {
        self.model.begin(self.world.now().seconds());
    }

    fn send(&mut self, payments: &[Payment]) {
        let records: Vec<Instruction> = payments.iter().map(record_of).collect();
        self.world
            .instruct(Head::of(who(payments[0].debtor), 1), &records, &[]);
        self.begin();
        let answers: Vec<Answer> = payments.iter().map(|payment| self.model.pay(payment)).collect();
        let entry = self.world.ledger.index();
        for (ordinal, (payment, answer)) in payments.iter().zip(&answers).enumerate() {
            if !answer.replayed && answer.fate != Fate::IdReused {
                self.origins
                    .insert(key(payment.debtor, payment.id), (entry, ordinal as u16));
            }
            if answer.fate == Fate::Settled && !answer.replayed {
                self.in_order(payment);
            }
        }
        self.compare(&answers);
    }

    /// Proposes; the model sees time pass. Then approves, and leaves the rest of the entry to the caller.
    fn decided(&mut self, by: ParticipantId, action: Action) -> (InstructionId, Status) {
        self.names += 1;
        let id = id_of(&format!("proposal {}", self.names));
        let digest = proposal_digest(self.world.ledger.id(), by, id, &action);
        let status = |world: &World| world.last().outcome.answers[0].status().expect("a status");
        self.world
            .control(Head::of(by, 1), &[(id, Control::Propose(action))]);
        self.begin();
        if status(&self.world) != Status::Proposed {
            return (id, status(&self.world));
        }
        self.compare(&[]);
        let approval = id_of(&format!("approval {}", self.names));
        self.world
            .control(Head::of(by, 2), &[(approval, Control::Approve(digest))]);
        self.begin();
        (id, status(&self.world))
    }

    fn fund(&mut self, place: Place, amount: u64) {
        let reference = format!("R{}", self.names);
        let participant = who(place.0);
        let (_, status) = self.decided(
            AGENT,
            Action::Fund {
                participant,
                currency: CODES[place.1],
                amount,
                reference,
            },
        );
        if amount == 0 {
            assert_eq!(status, Status::AmountZero);
        } else {
            assert_eq!(status, Status::Executed);
            self.issued[place.1] += i128::from(amount);
            self.model.fund(place, amount);
        }
        self.compare(&[]);
    }

    fn defund(&mut self, place: Place, amount: u64) {
        let action = Action::Defund {
            participant: who(place.0),
            currency: CODES[place.1],
            amount,
        };
        let (id, status) = self.decided(AGENT, action);
        assert_eq!(status == Status::Executed, self.model.may_defund(place, amount));
        if status == Status::Executed {
            self.model.defund(place, amount);
            self.defunds.push((id, place, amount));
        }
        self.compare(&[]);
    }

    fn end_defund(&mut self, which: usize, paid_out: bool) {
        if which >= self.defunds.len() {
            return;
        }
        let (defund, place, amount) = self.defunds.remove(which);
        let action = match paid_out {
            true => Action::ConfirmDefund {
                defund,
                reference: format!("OUT{}", self.names),
            },
            false => Action::ReleaseDefund { defund },
        };
        assert_eq!(self.decided(AGENT, action).1, Status::Executed);
        if paid_out {
            self.issued[place.1] -= i128::from(amount);
        }
        self.model.end_defund(place, amount, paid_out);
        self.compare(&[]);
    }
}

pub fn key(debtor: usize, id: u64) -> u64 {
    id * BANKS as u64 + debtor as u64
}
