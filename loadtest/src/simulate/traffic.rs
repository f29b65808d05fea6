//! What participants send: payments that settle, wait, expire or break a rule, and what staff propose and approve.
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use causeway_message::action::{AccountGrant, Action, FeeGrant, Hours, Phase, role};
use causeway_message::control::{Control, proposal_digest};
use causeway_message::document::Document;
use causeway_message::record::{Instruction, Priority, flags};
use causeway_message::{InstructionId, KeyId, LedgerId, ParticipantId, Uetr};

use super::cast::{AGENT, CURRENCIES, FIRST_BANK, OPERATOR, grant, member};
use super::credit::of_credit;
use super::defaults::Defaults;
use super::machine::Machine;
use super::members::Place;
use super::orders::{Order, Orders, spoil};
use super::quotes::{Locked, RIGHTS, market as market_of, right};
use super::trades::{Market, TESTS, of_risk};
use super::windows::Windows;
use crate::random::Random;

/// What banks of a ring owe each other, in minor units: more than they are funded with.
const RING: u64 = 100_000;

/// What is drawn from for one simulation.
#[derive(Debug)]
pub struct Traffic {
    ledger: LedgerId,
    /// Version of the rules.
    pub(super) rules: u16,
    banks: u32,
    currencies: u32,
    /// Banks often owe the next one what none of them has: only netting settles that.
    rings: bool,
    ids: u64,
    references: u64,
    /// Proposals about risk tests.
    risks: usize,
    orders: Orders,
    /// Who should be under the risk tests.
    tested: BTreeSet<ParticipantId>,
    /// Where the days of the currencies should stand, and what should be held.
    pub(super) days: BTreeMap<u16, (Phase, u16)>,
    /// The days that were proposed for a currency, as a schedule.
    pub(super) schedules: BTreeMap<u16, Vec<Hours>>,
    held: VecDeque<(ParticipantId, InstructionId)>,
    /// Proposals that wait for another person than the one who made them.
    proposed: VecDeque<(ParticipantId, usize, Control)>,
    /// Defundings proposed by the agent.
    defunds: Vec<InstructionId>,
    /// Keys beyond the first two for which a grant was proposed.
    given: Vec<(ParticipantId, KeyId)>,
    defaults: Defaults,
    windows: Windows,
}

impl Traffic {
    /// Among so many banks, in so many currencies.
    pub fn new(ledger: LedgerId, rules: u16, banks: u32, currencies: u32, rings: bool) -> Self {
        Self {
            ledger,
            rules,
            banks,
            currencies,
            rings,
            ids: 0,
            references: 0,
            risks: 0,
            orders: Orders::default(),
            tested: BTreeSet::new(),
            days: BTreeMap::new(),
            schedules: BTreeMap::new(),
            held: VecDeque::new(),
            proposed: VecDeque::new(),
            defunds: Vec::new(),
            given: Vec::new(),
            defaults: Defaults::default(),
            windows: Windows::default(),
        }
    }

    fn id(&mut self) -> InstructionId {
        self.ids += 1;
        InstructionId(Random::new(self.ids).id())
    }

    pub(super) fn bank(&self, machine: &Machine) -> ParticipantId {
        ParticipantId(FIRST_BANK + machine.below(self.banks))
    }

    /// Who gets money: a bank, and now and then one that came later or may come still.
    fn payee(&self, machine: &Machine) -> ParticipantId {
        if self.rules > 3 && machine.one_in(24) {
            return self.place(machine).newcomer(machine);
        }
        self.bank(machine)
    }

    fn currency(&self, machine: &Machine) -> u16 {
        CURRENCIES[machine.below(self.currencies) as usize % CURRENCIES.len()]
    }

    /// Payments of one bank, some of them with documents. `known` are instructions it sent before, `locks` those of
    /// quotes that live.
    pub fn payments(
        &mut self,
        machine: &Machine,
        debtor: ParticipantId,
        known: &VecDeque<Order>,
        locks: &[Locked],
    ) -> (Vec<Order>, Vec<Document>) {
        let count = match machine.below(8) {
            0..=4 if self.rules > 2 => 1 + machine.below(8),
            0..=4 => 1,
            5 | 6 => 1 + machine.below(6),
            _ => 1 + machine.below(40),
        };
        let mut documents = Vec::new();
        let mut orders = Vec::new();
        for _ in 0..count {
            orders.push(self.order(machine, debtor, known, locks));
        }
        if self.rules > 1 {
            Orders::link(machine, &mut orders);
        }
        for order in &mut orders {
            if machine.one_in(12) {
                let document = self.document();
                order.record.document_digest = document.digest();
                documents.push(document);
            }
            self.orders.note(order);
        }
        (orders, documents)
    }

    fn order(
        &mut self,
        machine: &Machine,
        debtor: ParticipantId,
        known: &VecDeque<Order>,
        locks: &[Locked],
    ) -> Order {
        if !known.is_empty() && machine.one_in(16) {
            let mut again = known[machine.below(known.len() as u32) as usize].clone();
            // The same instruction, or another under its id.
            if machine.one_in(3) {
                again.record.amount = (again.record.amount.get() ^ 1).into();
            }
            return again;
        }
        let (id, creditor, currency) = (self.id(), self.payee(machine), self.currency(machine));
        let amount = match machine.below(8) {
            0..=5 => 1 + machine.below(100),
            6 => 1 + machine.below(1_000),
            _ => 1 + machine.below(20),
        };
        let mut record = Instruction::payment(id, Uetr(id.0), debtor, creditor, currency, u64::from(amount));
        match machine.below(12) {
            0..=6 => {}
            7 => record.flags = flags::SETTLE_OR_REJECT.into(),
            8 => record.flags = flags::WITH_BALANCE.into(),
            9 | 10 => {
                let lives = machine.below(120);
                record.expires_at = u32::try_from(machine.true_seconds())
                    .map_or(1, |now| now + lives)
                    .into();
            }
            _ => spoil(machine, &mut record),
        }
        if self.rings && machine.one_in(3) {
            return self.ring(debtor, record);
        }
        let mut order = Order::plain(debtor, record);
        if self.rules > 3 && machine.one_in(6) && self.windows.join(machine, &mut order) {
            return order;
        }
        if self.rules > 2 && machine.one_in(3) {
            self.orders.exchange(machine, &mut order, self.currencies, locks);
        } else if self.trades() && machine.below(6) < if self.tested.contains(&debtor) { 4 } else { 2 } {
            let market = Market {
                banks: self.banks,
                tested: self.tested.contains(&debtor),
                currencies: &CURRENCIES[..self.currencies as usize],
            };
            self.orders.trade(machine, &mut order, &market, &self.days);
        } else if self.rules > 1 && machine.below(3) != 0 {
            let bank = self.bank(machine);
            self.orders.vary(machine, &mut order, bank);
        }
        if self.rules > 3 {
            super::dates::date(machine, &mut order, &self.schedules);
        }
        order
    }

    /// An urgent payment to the next bank, of an amount that all of them owe and few have.
    fn ring(&self, debtor: ParticipantId, mut record: Instruction) -> Order {
        let place = debtor.0.saturating_sub(FIRST_BANK);
        record.creditor = (FIRST_BANK + (place + 1) % self.banks).into();
        record.currency = CURRENCIES[0].into();
        record.amount = RING.into();
        record.priority = Priority::Urgent as u8;
        record.flags = 0.into();
        Order::plain(debtor, record)
    }

    /// True if there is what trades need.
    const fn trades(&self) -> bool {
        self.rules > 2 && self.currencies > 1
    }

    fn place(&self, machine: &Machine) -> Place {
        Place {
            ledger: self.ledger,
            banks: self.banks,
            currency: self.currency(machine),
        }
    }

    fn document(&mut self) -> Document {
        let mut salt = [0; 16];
        salt.copy_from_slice(&self.id().0);
        Document {
            text: format!("<Document>{}</Document>", self.ids).into_bytes().into(),
            salt,
        }
    }

    /// The key that a bank signs with next: one of its first two, or one that was given to it and may be revoked.
    pub fn key(&self, machine: &Machine, who: ParticipantId) -> KeyId {
        let mut given = self
            .given
            .iter()
            .rev()
            .filter(|(participant, _)| *participant == who);
        match (machine.below(8), given.next()) {
            (7, Some((_, key))) => *key,
            (at, _) => KeyId(1 + at % 2),
        }
    }

    /// What a person of the operator or of the agent does next.
    pub fn staff(
        &mut self,
        machine: &Machine,
        who: ParticipantId,
        person: usize,
    ) -> Vec<(InstructionId, Control)> {
        // There is more to set under version 3.
        let count = if self.rules > 2 { 2 + machine.below(7) } else { 1 };
        (0..count).map(|_| self.control(machine, who, person)).collect()
    }

    fn control(&mut self, machine: &Machine, who: ParticipantId, person: usize) -> (InstructionId, Control) {
        // Now and then who proposed approves.
        let alone = machine.one_in(8);
        let waiting = self
            .proposed
            .iter()
            .position(|(proposer, other, _)| *proposer == who && (*other == person) == alone);
        let control = match waiting.filter(|_| machine.below(4) != 0) {
            Some(at) => self.proposed.remove(at),
            None => None,
        };
        // What gets there before the proposal says nothing: under version 3 some is said again.
        if let Some(again) = control
            .as_ref()
            .filter(|_| self.rules > 2 && machine.below(2) == 0)
        {
            self.proposed.push_back(again.clone());
        }
        let control = control.map(|(_, _, control)| control);
        let id = self.id();
        let control = control.unwrap_or_else(|| {
            let (action, answer) = self.propose(machine, who, id);
            self.proposed.push_back((who, person, answer));
            Control::Propose(action)
        });
        (id, control)
    }

    fn propose(&mut self, machine: &Machine, who: ParticipantId, id: InstructionId) -> (Action, Control) {
        let first = self.currencies as usize + TESTS;
        let begun = self.risks >= first + RIGHTS;
        let action = if who == OPERATOR && self.trades() && !self.rings && (!begun || machine.below(5) < 2) {
            self.risks += 1;
            let before = self.risks - 1;
            if (first..first + RIGHTS).contains(&before) {
                right(machine, before - first)
            } else {
                // Half of all concerns the first bank: what is set for one bank has to come together.
                let participant = [ParticipantId(FIRST_BANK), self.bank(machine)][machine.below(2) as usize];
                of_risk(
                    machine,
                    participant,
                    &CURRENCIES[..self.currencies as usize],
                    before,
                )
            }
        } else if who == OPERATOR && self.rules > 3 && machine.one_in(5) {
            self.place(machine).action(machine, &mut self.given)
        } else if who == OPERATOR && self.rules > 3 && machine.below(5) == 0 {
            of_credit(machine, self.bank(machine), self.currency(machine))
        } else if who == OPERATOR && self.rules > 3 && self.defaults.are_due(machine) {
            let (place, bank) = (self.place(machine), self.bank(machine));
            self.defaults.action(machine, &place, bank)
        } else if who == OPERATOR && self.rules > 3 && machine.one_in(6) {
            let currencies = &CURRENCIES[..self.currencies as usize];
            self.windows.action(machine, id, currencies)
        } else if who == OPERATOR && self.rings && machine.below(3) == 0 {
            self.of_ring(machine)
        } else if who == OPERATOR && self.rules > 1 && machine.below(3) != 0 {
            self.of_authority(machine)
        } else if who == OPERATOR {
            self.of_operator(machine)
        } else {
            self.of_agent(machine)
        };
        match action {
            Action::Defund { .. } => self.defunds.push(id),
            Action::SetTests {
                participant,
                tested: true,
                ..
            } => drop(self.tested.insert(participant)),
            Action::SetTests { participant, .. } => drop(self.tested.remove(&participant)),
            _ => {}
        }
        let digest = proposal_digest(self.ledger, who, id, &action);
        let answer = if machine.one_in(20) {
            Control::Withdraw(digest)
        } else {
            Control::Approve(digest)
        };
        (action, answer)
    }

    fn of_agent(&mut self, machine: &Machine) -> Action {
        let (participant, currency) = (self.payee(machine), self.currency(machine));
        let some_defund = match self.defunds.len() {
            0 => None,
            many => self.defunds.get(machine.below(many as u32) as usize).copied(),
        };
        // Who has little goes short.
        let most = match self.rules {
            0..=2 => 500,
            _ if self.tested.contains(&participant) => 60,
            _ => 1_000,
        };
        self.references += u64::from(machine.below(8) != 0);
        let reference = format!("RTGS-{}", self.references);
        match (machine.below(8), some_defund) {
            (5, _) => Action::Defund {
                participant,
                currency,
                amount: u64::from(1 + machine.below(100)),
            },
            (6, Some(defund)) => Action::ConfirmDefund { defund, reference },
            (7, Some(defund)) => Action::ReleaseDefund { defund },
            _ => Action::Fund {
                participant,
                currency,
                amount: u64::from(1 + machine.below(most)),
                reference,
            },
        }
    }

    fn of_operator(&mut self, machine: &Machine) -> Action {
        let (participant, currency) = (self.bank(machine), self.currency(machine));
        let account = AccountGrant {
            currency,
            cap: u64::from(machine.below(300)),
        };
        let another = KeyId(3 + machine.below(3));
        let given = self
            .given
            .get(machine.below(self.given.len() as u32) as usize)
            .copied();
        match machine.below(8) {
            0 | 1 => Action::SetCap { participant, account },
            // Under version 3 fewer are suspended: a trade takes two.
            2 => Action::SetStanding {
                participant,
                suspended: self.rules < 3 || machine.below(3) == 0,
            },
            3 | 4 => Action::SetStanding {
                participant,
                suspended: false,
            },
            5 if self.rules > 3 => self.place(machine).key(machine, &mut self.given),
            7 if self.rules > 3 => self.place(machine).admission(machine),
            5 => match grant(participant, another, 3) {
                Some(grant) => {
                    self.given.push((participant, another));
                    Action::AddKey { participant, grant }
                }
                None => Action::SetCap { participant, account },
            },
            6 => {
                let (participant, key) = given.unwrap_or((participant, another));
                Action::RevokeKey { participant, key }
            }
            _ => {
                let newcomer = ParticipantId(FIRST_BANK + self.banks + machine.below(4));
                let name = format!("BANK {}", newcomer.0);
                Action::RegisterParticipant(member(name, newcomer, role::PARTICIPANT, vec![account]))
            }
        }
    }

    /// Holds, fees and days.
    fn of_authority(&mut self, machine: &Machine) -> Action {
        let (participant, currency) = (self.bank(machine), self.currency(machine));
        let reference = format!("CASE-{}", machine.below(1_000));
        let ends = |phase: Phase| phase == Phase::Closed || (self.rules > 2 && phase == Phase::CutOff);
        let closed = self.days.iter().find(|(_, (phase, _))| ends(*phase));
        if let Some(closed) = closed
            .map(|(currency, _)| *currency)
            .filter(|_| machine.below(2) == 0)
        {
            return self.next_day(machine, closed);
        }
        let market = self.rules > 2 && machine.one_in(3);
        if let Some(action) = market.then(|| market_of(machine, self.currencies)).flatten() {
            return action;
        }
        match machine.below(if self.rules > 2 { 24 } else { 14 }) {
            0..=3 => match self.orders.some_payment(machine) {
                Some((submitter, payment)) => {
                    self.held.push_back((submitter, payment));
                    Action::HoldPayment {
                        submitter,
                        payment,
                        reference,
                    }
                }
                None => self.next_day(machine, currency),
            },
            4 | 5 => match self.held.pop_front() {
                Some((submitter, payment)) => Action::EndHold {
                    submitter,
                    payment,
                    release: machine.below(3) != 0,
                },
                None => self.next_day(machine, currency),
            },
            6 | 7 => Action::HoldParticipant {
                participant,
                held: machine.one_in(3),
                reference,
            },
            8 | 9 | 20.. => {
                let min = u64::from(machine.below(4));
                let max = u64::from(machine.below(12));
                let kinds = if self.rules > 2 {
                    [1, 1, 1, 12, 12, machine.below(15) as u8]
                } else {
                    [1, 1, 1, 2, 4, machine.below(11) as u8]
                };
                Action::SetFee(FeeGrant {
                    currency,
                    kind: kinds[machine.below(6) as usize],
                    collector: participant,
                    flat: u64::from(machine.below(4)),
                    per_million: machine.below(50_000),
                    min,
                    max: if machine.below(4) == 0 { max } else { min + max },
                })
            }
            _ => self.next_day(machine, currency),
        }
    }

    /// Which participants are staff.
    pub const STAFF: [ParticipantId; 2] = [OPERATOR, AGENT];
}
