//! What banks send under version 2 of the rules: every kind, flag and extension, and chains.
use std::collections::{BTreeSet, VecDeque};

use causeway_message::digest::hash;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{InstructionId, ParticipantId};

use super::cast::FIRST_BANK;
use super::machine::Machine;

/// An instruction with its extensions.
#[derive(Debug, Clone)]
pub struct Order {
    /// Who sends it.
    pub who: ParticipantId,
    /// The record.
    pub record: Instruction,
    /// Its extensions, by type.
    pub extensions: Vec<(ExtensionType, Vec<u8>)>,
}

/// Orders that others may be about: the last ones.
const KEPT: usize = 160;
/// Different preimages.
const PREIMAGES: u32 = 4;

/// What was sent lately, by anybody.
#[derive(Debug, Default)]
pub struct Orders {
    last: VecDeque<Order>,
    /// Sides of trades whose other side was sent.
    pub(super) mirrored: BTreeSet<InstructionId>,
}

fn preimage(n: u32) -> Vec<u8> {
    n.to_le_bytes().to_vec()
}

impl Order {
    /// A record without extensions.
    pub const fn plain(who: ParticipantId, record: Instruction) -> Self {
        Self {
            who,
            record,
            extensions: Vec::new(),
        }
    }

    /// Appends the extensions to the area of a batch in which it stands at this place.
    pub fn put_extensions(&self, area: &mut Vec<u8>, place: u16) {
        for (kind, bytes) in &self.extensions {
            extension::put(area, place, *kind, bytes);
        }
    }

    pub(super) fn has(&mut self, kind: ExtensionType, bytes: &[u8]) {
        self.extensions.retain(|(other, _)| *other != kind);
        self.extensions.push((kind, bytes.to_vec()));
        self.extensions.sort_by_key(|(kind, _)| *kind);
    }

    fn extension(&self, kind: ExtensionType) -> Option<&[u8]> {
        let found = self.extensions.iter().find(|(other, _)| *other == kind);
        found.map(|(_, bytes)| bytes.as_slice())
    }

    pub(super) fn flag(&mut self, flag: u16) {
        self.record.flags = (self.record.flags.get() | flag).into();
    }

    /// Makes it an order about another.
    pub(super) fn about(&mut self, kind: Kind, other: &Instruction) {
        let record = &mut self.record;
        record.kind = kind as u8;
        record.related = other.instruction_id;
        (record.debtor, record.creditor) = (other.debtor, other.creditor);
        (record.currency, record.amount) = (other.currency, other.amount);
        record.flags = 0.into();
        record.expires_at = 0.into();
    }

    /// True for one side of a trade.
    pub const fn is_trade(&self) -> bool {
        self.record.kind == Kind::Pvp as u8
    }

    /// True for what may wait.
    fn waits(&self) -> bool {
        self.is_trade() || Kind::from_number(self.record.kind).is_some_and(Kind::pays)
    }
}

/// The present second.
pub(super) fn now(machine: &Machine) -> u32 {
    u32::try_from(machine.true_seconds()).unwrap_or(u32::MAX / 2)
}

impl Orders {
    /// Notes what is sent.
    pub fn note(&mut self, order: &Order) {
        if self.last.len() == KEPT {
            self.last.pop_front();
        }
        self.last.push_back(order.clone());
    }

    /// One of the last payments, and who sent it.
    pub fn some_payment(&self, machine: &Machine) -> Option<(ParticipantId, InstructionId)> {
        let found = self.find(machine, |order| order.waits())?;
        Some((found.who, found.record.id()))
    }

    /// One of the newest that answer to this.
    pub(super) fn find(&self, machine: &Machine, fits: impl Fn(&Order) -> bool) -> Option<&Order> {
        let all: Vec<&Order> = self
            .last
            .iter()
            .rev()
            .filter(|order| fits(order))
            .take(8)
            .collect();
        all.get(machine.below(all.len() as u32) as usize).copied()
    }

    /// Makes something else of a payment, now and then; `bank` is some bank.
    pub fn vary(&self, machine: &Machine, order: &mut Order, bank: ParticipantId) {
        match machine.below(28) {
            0..=9 => self.dress(machine, order),
            10..=12 => self.conditional(machine, order, bank),
            13..=15 => self.release(machine, order),
            16 | 17 => self.returned(machine, order),
            18..=20 => self.cancel(machine, order),
            21 | 22 => self.resolve(machine, order),
            23 | 24 => self.amend(machine, order),
            25 => limit(machine, order),
            26 => {
                let record = &mut order.record;
                record.kind = Kind::Reservation as u8;
                record.creditor = record.debtor;
                record.priority = 1 + machine.below(2) as u8;
                record.amount = u64::from(machine.below(60)).into();
                record.flags = 0.into();
                record.expires_at = 0.into();
            }
            _ => {
                let record = &mut order.record;
                record.kind = Kind::Discipline as u8;
                record.creditor = record.debtor;
                record.amount = 0.into();
                record.expires_at = 0.into();
                record.flags = [flags::BYPASS, flags::BYPASS, 0][machine.below(3) as usize].into();
            }
        }
    }

    /// Class, times and business reference of a payment.
    fn dress(&self, machine: &Machine, order: &mut Order) {
        order.record.priority = [0, 0, 0, 1, 1, 2][machine.below(6) as usize];
        if order.record.kind == Kind::Payment as u8 && machine.one_in(5) {
            let from = now(machine) + machine.below(60);
            order.has(ExtensionType::FromTime, &from.to_le_bytes());
        }
        if order.record.kind == Kind::Payment as u8 && machine.one_in(5) {
            let till = now(machine) + machine.below(90);
            order.has(ExtensionType::TillTime, &till.to_le_bytes());
        }
        if machine.one_in(8) {
            let debtor = order.record.debtor;
            let Some(other) = self.find(machine, |other| other.record.debtor == debtor) else {
                return;
            };
            order.record.uetr = other.record.uetr;
            order.record.creditor = other.record.creditor;
            if machine.one_in(3) {
                order.flag(flags::DUPLICATE);
            }
        }
    }

    fn conditional(&self, machine: &Machine, order: &mut Order, bank: ParticipantId) {
        self.dress(machine, order);
        order.extensions.clear();
        order.record.kind = Kind::Conditional as u8;
        order.record.expires_at = (now(machine) + machine.below(200)).into();
        let form = machine.below(3);
        if form < 2 {
            let condition = hash(&preimage(machine.below(PREIMAGES)));
            order.has(ExtensionType::Condition, &condition);
        }
        if form > 0 {
            order.has(ExtensionType::Approver, &bank.0.to_le_bytes());
        }
        if machine.one_in(3) {
            order.flag(flags::PARTIAL);
        }
    }

    fn release(&self, machine: &Machine, order: &mut Order) {
        let who = order.who.0;
        let concerns = |other: &Order| {
            let approves = other.extension(ExtensionType::Approver) == Some(&who.to_le_bytes());
            let party = [other.record.debtor.get(), other.record.creditor.get()].contains(&who);
            other.record.kind == Kind::Conditional as u8 && (approves || party || machine.one_in(12))
        };
        let Some(conditional) = self.find(machine, concerns) else {
            return;
        };
        order.about(Kind::Release, &conditional.record);
        let amount = conditional.record.amount.get();
        if conditional.record.flags.get() & flags::PARTIAL != 0 && machine.below(2) == 0 {
            order.record.amount = (1 + amount / 3).into();
        }
        match machine.below(8) {
            0 => {
                order.flag(flags::DECLINE);
                order.record.amount = 0.into();
            }
            1 => order.has(ExtensionType::Preimage, &preimage(machine.below(PREIMAGES))),
            _ => {
                let condition = conditional.extension(ExtensionType::Condition);
                let right = (0..PREIMAGES).find(|n| condition == Some(hash(&preimage(*n)).as_slice()));
                if let Some(n) = right {
                    order.has(ExtensionType::Preimage, &preimage(n));
                }
            }
        }
    }

    fn returned(&self, machine: &Machine, order: &mut Order) {
        let who = order.who.0;
        // What was returned in part is returned again: in time it is too much.
        let before = |other: &Order| other.record.kind == Kind::Return as u8 && other.who.0 == who;
        let before = self.find(machine, before).filter(|_| machine.below(2) == 0);
        if let Some(before) = before {
            let related = before.record.related;
            order.about(Kind::Return, &before.record);
            order.record.related = related;
        } else {
            let received = |other: &Order| other.record.kind <= 2 && other.record.creditor.get() == who;
            let Some(original) = self.find(machine, received) else {
                return;
            };
            order.about(Kind::Return, &original.record);
            let record = &mut order.record;
            (record.debtor, record.creditor) = (record.creditor, record.debtor);
        }
        let record = &mut order.record;
        if machine.below(2) == 0 {
            record.amount = (1 + record.amount.get() / 2).into();
        }
        record.priority = machine.below(3) as u8;
        if machine.one_in(3) {
            record.expires_at = (now(machine) + machine.below(60)).into();
        }
        if machine.one_in(4) {
            order.has(ExtensionType::Reason, b"FOCR");
        }
    }

    fn cancel(&self, machine: &Machine, order: &mut Order) {
        let who = order.who;
        let Some(original) = self.find(machine, |other| other.who == who && other.waits()) else {
            return;
        };
        order.about(Kind::Cancel, &original.record);
        if machine.one_in(3) {
            order.record.expires_at = (now(machine) + machine.below(200)).into();
        }
    }

    fn resolve(&self, machine: &Machine, order: &mut Order) {
        let who = order.who.0;
        let asked =
            |other: &Order| other.record.kind == Kind::Cancel as u8 && other.record.creditor.get() == who;
        let Some(cancel) = self.find(machine, asked) else {
            return;
        };
        order.about(Kind::Resolve, &cancel.record);
        if machine.below(2) == 0 {
            order.flag(flags::DECLINE);
        }
    }

    fn amend(&self, machine: &Machine, order: &mut Order) {
        let who = order.who;
        let Some(original) = self.find(machine, |other| other.who == who && other.waits()) else {
            return;
        };
        order.about(Kind::Amend, &original.record);
        let record = &mut order.record;
        record.creditor = record.debtor;
        record.amount = 0.into();
        record.priority = machine.below(3) as u8;
        record.flags = [0, flags::FRONT, flags::BACK][machine.below(3) as usize].into();
    }

    /// Makes a chain of the first records of a batch, now and then.
    pub fn link(machine: &Machine, orders: &mut [Order]) {
        if orders.len() < 2 || !machine.one_in(3) {
            return;
        }
        let last = 1 + machine.below(orders.len().min(18) as u32 - 1) as usize;
        let first = orders[0].record;
        for (place, order) in orders.iter_mut().enumerate().take(last + 1) {
            if ![1, 4].contains(&order.record.kind) && !machine.one_in(20) {
                let record = &mut order.record;
                record.kind = Kind::Payment as u8;
                record.related = [0; 16];
                record.counter_amount = 0.into();
                record.counter_currency = 0.into();
                record.quote = 0.into();
                record.value_date = 0.into();
                record.amount = record.amount.get().max(1).into();
                order.extensions.clear();
            }
            if !machine.one_in(30) {
                let record = &mut order.record;
                record.priority = first.priority.min(2);
                if record.value_date.get() > 1 {
                    // What is dated stands in no chain.
                    record.value_date = 0.into();
                }
                record.expires_at = first.expires_at;
                let never_waits = first.flags.get() & flags::SETTLE_OR_REJECT;
                let others = flags::WITH_BALANCE | flags::DUPLICATE;
                record.flags = (record.flags.get() & others | never_waits).into();
                order
                    .extensions
                    .retain(|(kind, _)| *kind > ExtensionType::TillTime || *kind < ExtensionType::FromTime);
            }
            if place < last || machine.one_in(40) {
                order.flag(flags::LINKED);
            }
        }
    }
}

fn limit(machine: &Machine, order: &mut Order) {
    let record = &mut order.record;
    record.kind = Kind::Limit as u8;
    record.flags = 0.into();
    record.expires_at = 0.into();
    record.amount = u64::from(machine.below(300)).into();
    if machine.one_in(3) {
        record.creditor = record.debtor;
    }
    if machine.one_in(3) {
        record.flags = flags::DECLINE.into();
        record.amount = 0.into();
    }
}

/// Breaks one rule or several.
pub fn spoil(machine: &Machine, record: &mut Instruction) {
    for _ in 0..=machine.below(2) {
        match machine.below(12) {
            0 => record.amount = 0.into(),
            1 => record.creditor = record.debtor,
            2 => record.currency = 997.into(),
            3 => record.currency = 36.into(),
            4 => record.creditor = 9_999.into(),
            5 => record.debtor = (FIRST_BANK + machine.below(9)).into(),
            6 => record.flags = 0x8000.into(),
            7 => record.priority = 9,
            8 => record.kind = 77,
            9 => record.value_date = 1.into(),
            10 => record.reserved = 1.into(),
            _ => record.quote = 5.into(),
        }
    }
}
