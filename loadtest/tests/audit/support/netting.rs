//! What netting proposes, rightly or not: all that waits, parts of it, and what does not wait. And payments and trades
//! that wait for each other, so that there is something to settle together.
use causeway_loadtest::audit::Fault;
use causeway_message::limits::PLAN_INSTRUCTIONS_MAX;
use causeway_message::plan::Plan;
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::verify::VerifiedBatch;
use causeway_message::{InstructionId, ParticipantId, Uetr, batch};

use zerocopy::little_endian::U32;

use super::log::Log;
use super::player::{Extensions, Player};
use super::world::{EUR, USD, signing_key};

impl Player {
    /// A player under version 3 of the rules whose payments and trades wait for each other, and are netted.
    pub fn netting(mut self) -> Self {
        self.nets = true;
        self.by(3)
    }

    /// An entry of a player that nets: it is told most of all to pay, and often nets.
    pub(super) fn netting_step(&mut self, log: &mut impl Log, kind: u64) -> Result<(), Fault> {
        match kind {
            0..3 => log.tick(),
            3..9 => self.plan(log),
            9..14 => {
                self.gridlock(log)?;
                self.plan(log)
            }
            14..94 => self.payments(log),
            _ => self.controls(log),
        }
    }

    /// Urgent payments in a ring that nobody has the money for, or a trade and what it is paid with, both ways.
    fn gridlock(&mut self, log: &mut impl Log) -> Result<(), Fault> {
        let (from, amount) = (3 + self.below(4) as u32, 50 + self.below(100));
        let bank = |n: u32| ParticipantId(3 + (from + n) % 4);
        let urgent = |(who, other, currency, amount): (ParticipantId, ParticipantId, u16, u64),
                      id: InstructionId| {
            let mut record = Instruction::payment(id, Uetr(id.0), who, other, currency, amount);
            record.priority = 2;
            record
        };
        if self.once_in(2) {
            let many = 2 + self.below(3) as u32;
            for n in 0..many {
                let next = bank((n + 1) % many);
                // Now and then one is short by a little.
                let short = if self.once_in(10) { 3 } else { 0 };
                let record = urgent((bank(n), next, EUR, amount - short), self.id());
                self.send(log, &[record])?;
            }
            return Ok(());
        }
        let (one, other, back) = (bank(0), bank(1), 20 + self.below(100));
        for (pays, gets, currency, amount, counter, counter_amount) in [
            (one, other, EUR, amount, USD, back),
            (other, one, USD, back, EUR, amount),
        ] {
            let mut side = urgent((pays, gets, currency, amount), self.id());
            side.kind = Kind::Pvp as u8;
            (side.counter_currency, side.counter_amount) = (counter.into(), counter_amount.into());
            side.value_date = (log.now().days() as u16).into();
            let again = urgent((gets, pays, currency, amount), self.id());
            self.send(log, &[side])?;
            self.send(log, &[again])?;
        }
        Ok(())
    }

    fn send(&mut self, log: &mut impl Log, records: &[Instruction]) -> Result<(), Fault> {
        let who = ParticipantId(records[0].debtor.get());
        let head = self.head(log, who, 1);
        let key = signing_key(who, 1);
        let frame = batch::build(&head, records, &[], &key).expect("the batch has its form");
        let batch = VerifiedBatch::verify(frame, head.ledger, &key.public()).expect("the batch is signed");
        self.sent
            .extend(records.iter().map(|record| (who, *record, Extensions::new())));
        log.batch(&batch)
    }

    /// An entry with a plan. What it names is drawn apart, so that it changes nothing of what the player does then.
    pub(super) fn plan(&mut self, log: &mut impl Log) -> Result<(), Fault> {
        let (index, waits) = log.waits();
        let mut draw = Self::new(index << 32 | self.sent.len() as u64);
        let mut named = match draw.below(8) {
            0..3 => waits.clone(),
            3..5 => draw.part_of(&waits, 8),
            5 => draw.part_of(&waits, 2),
            _ if waits.is_empty() => Vec::new(),
            6 => vec![draw.one_of(&waits)],
            _ => {
                let begin = draw.below(waits.len() as u64) as usize;
                waits[begin..].to_vec()
            }
        };
        if draw.once_in(4) {
            // What was sent some time; mostly it waits no more.
            let sent: Vec<_> = self.sent().collect();
            let last = sent.len().saturating_sub(40);
            named.extend(draw.part_of(&sent[last..], 3));
        }
        if named.is_empty() || draw.once_in(12) {
            named.push((ParticipantId(5), InstructionId([6; 16])));
            named.push((ParticipantId(99), InstructionId([6; 16])));
        }
        named.sort_unstable();
        named.dedup();
        named.truncate(PLAN_INSTRUCTIONS_MAX);
        let back = if draw.once_in(6) { draw.below(40) } else { 0 };
        log.plan(&Plan {
            basis: index.saturating_sub(back),
            instructions: named,
        })
    }

    /// Of these, all but one in so many.
    fn part_of<T: Copy>(&mut self, all: &[T], many: u64) -> Vec<T> {
        all.iter().copied().filter(|_| !self.once_in(many)).collect()
    }

    /// An end that comes after some entries.
    fn soon(&mut self, log: &impl Log) -> U32 {
        (log.now().seconds() as u32 + 20 + self.below(60) as u32).into()
    }

    /// A trade of a player that nets: of two currencies alone, and of amounts as its payments have.
    pub(super) fn entangle(&mut self, log: &impl Log, record: &mut Instruction) {
        if !self.nets || self.once_in(12) {
            return;
        }
        let (pays, gets) = self.one_of(&[(EUR, USD), (USD, EUR)]);
        (record.currency, record.counter_currency) = (pays.into(), gets.into());
        record.amount = self.one_of(&[10, 10, 10, 12, 15]).into();
        record.counter_amount = self.one_of(&[10, 10, 10, 12, 15]).into();
        if self.once_in(2) {
            record.expires_at = self.soon(log);
        }
    }

    /// A payment among four banks that have next to nothing, of amounts that fall into each other, or what changes how
    /// such payments stand.
    pub(super) fn entangled(&mut self, log: &impl Log, who: ParticipantId) -> (Instruction, Extensions) {
        let mut record = self.plain(who);
        record.currency = self.one_of(&[EUR, EUR, EUR, USD]).into();
        // Most pay their neighbour in a ring.
        let next = if who.0 == 6 { 3 } else { who.0 + 1 };
        let creditor = if self.once_in(3) {
            3 + self.below(4) as u32
        } else {
            next
        };
        record.creditor = if creditor == who.0 { next } else { creditor }.into();
        record.amount = self.one_of(&[10, 10, 10, 10, 12, 15]).into();
        record.priority = self.one_of(&[0, 0, 0, 0, 0, 1, 2]);
        if self.once_in(2) {
            record.expires_at = self.soon(log);
        }
        let plain = record;
        record.expires_at = 0.into();
        match self.below(40) {
            0 | 1 => {
                record.kind = Kind::Limit as u8;
                record.amount = (20 + self.below(100)).into();
                record.priority = 0;
                if !self.once_in(4) {
                    record.creditor = record.debtor;
                }
                if self.once_in(2) {
                    record.flags = flags::DECLINE.into();
                    record.amount = 0.into();
                }
            }
            2 => {
                record.kind = Kind::Reservation as u8;
                record.creditor = record.debtor;
                record.priority = 1 + self.below(2) as u8;
                record.amount = self.below(20).into();
            }
            3 => {
                record.kind = Kind::Discipline as u8;
                record.creditor = record.debtor;
                record.amount = 0.into();
                record.priority = 0;
                record.flags = self.one_of(&[flags::BYPASS, 0]).into();
            }
            _ => record = plain,
        }
        (record, Extensions::new())
    }
}
