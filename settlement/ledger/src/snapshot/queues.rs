//! Payments that wait, and the desks of accounts.
use causeway_message::codec::{Put, Reader};
use causeway_message::limits::{RECORD_BYTES, RECORD_EXTENSION_BYTES_MAX};
use causeway_message::record::{Instruction, Kind, Priority};
use causeway_message::time::Timestamp;
use causeway_message::{FormatError, ParticipantId, mutated};
use zerocopy::IntoBytes;

use super::{flag, rises};
use crate::account::NONE;
use crate::apply::Ledger;
use crate::dated::waits_for_date;
use crate::desk::{Limit, Reservation};
use crate::due::Due;
use crate::queue::{Origin, Seat, Waiting};

pub(super) fn put_waiting(out: &mut Vec<u8>, waiting: &Waiting) {
    out.put(waiting.record.as_bytes()).put_var(&waiting.extensions);
    out.put_u32(waiting.submitter.0)
        .put_u64(waiting.entry)
        .put_u16(waiting.ordinal);
    out.put_u32(waiting.debtor).put_u32(waiting.creditor);
    out.put_u8(waiting.class as u8);
    let (seat, party) = match waiting.seat {
        Seat::Queued => (0, 0),
        Seat::Warehoused => (1, 0),
        Seat::Order => (2, 0),
        Seat::Party(party) => (3, party),
        Seat::Unmatched => (4, 0),
        Seat::ValueDate => (5, 0),
        Seat::Quote => (6, 0),
        Seat::Window => (7, 0),
        Seat::Date => (8, 0),
    };
    out.put_u8(seat).put_u32(party);
    put_origin(out, waiting.chain);
    out.put_u8(u8::from(waiting.reminded)).put_u64(waiting.since.0);
}

pub(super) fn put_origin(out: &mut Vec<u8>, origin: Option<Origin>) {
    let (entry, ordinal) = origin.unwrap_or_default();
    out.put_u64(entry).put_u16(ordinal);
}

/// Entries begin at 1: zero stands for none.
pub(super) fn read_origin(r: &mut Reader<'_>, field: &'static str) -> Result<Option<Origin>, FormatError> {
    let origin = (r.u64(field)?, r.u16(field)?);
    match origin.0 {
        0 if origin.1 != 0 => Err(FormatError::rule(field, "names no entry")),
        0 => Ok(None),
        _ => Ok(Some(origin)),
    }
}

pub(super) fn class(r: &mut Reader<'_>, field: &'static str) -> Result<Priority, FormatError> {
    Priority::from_number(r.u8(field)?).ok_or(FormatError::rule(field, "no such class"))
}

/// Only a payment that stands alone waits for its value date, and only one that has one.
fn check_date(waiting: &Waiting) -> Result<(), FormatError> {
    let fits =
        || waiting.record.value_date.get() != 0 && waiting.chain.is_none() && waits_for_date(&waiting.record);
    if waiting.seat == Seat::Date && !fits() {
        return Err(FormatError::rule("queue.seat", "has no value date to wait for"));
    }
    Ok(())
}

impl Ledger {
    pub(super) fn write_queues(&self, out: &mut Vec<u8>) {
        for id in 0..self.accounts.all().len() as u32 {
            let left_out = u32::from(mutated!(LoseQueue)).min(self.accounts.get(id).queued);
            out.put_u32(self.accounts.get(id).queued - left_out);
            for waiting in self.queue.of(&self.accounts, id).skip(left_out as usize) {
                put_waiting(out, waiting);
            }
            out.put_u8(u8::from(self.accounts.desk(id).is_some()));
            self.write_desk(id, out);
        }
        out.put_u32(self.queue.aside().count() as u32);
        self.queue.aside().for_each(|waiting| put_waiting(out, waiting));
        let left_out = |waiting: &&Waiting| waiting.seat == Seat::Unmatched && mutated!(LoseUnmatched);
        let trades = || self.queue.trades_aside().filter(|waiting| !left_out(waiting));
        out.put_u32(trades().count() as u32);
        trades().for_each(|waiting| put_waiting(out, waiting));
    }

    fn write_desk(&self, id: u32, out: &mut Vec<u8>) {
        let Some(desk) = self.accounts.desk(id) else {
            return;
        };
        for kept in &desk.reservations {
            out.put_u64(kept.set).put_u64(kept.left);
        }
        out.put_u8(u8::from(desk.others.is_some()));
        if let Some(limit) = &desk.others {
            out.put_u64(limit.amount).put_i128(limit.used);
        }
        out.put_u32(desk.bilateral.len() as u32);
        for (counterparty, limit) in &desk.bilateral {
            out.put_u32(*counterparty)
                .put_u64(limit.amount)
                .put_i128(limit.used);
        }
        out.put_u8(u8::from(desk.bypass));
        out.put_u8(desk.pass.map_or(u8::MAX, |class| class as u8));
        // Where the pass stands: how many of its class it has behind it.
        if let Some(class) = desk.pass {
            let mut at = desk.queues[class as usize].head;
            let mut behind = 0u32;
            while at != desk.cursor && at != NONE {
                behind += 1;
                at = self.queue.get(at).map_or(NONE, Waiting::following);
            }
            out.put_u32(behind).put_u8(u8::from(desk.again));
        }
    }

    pub(super) fn read_waiting(&self, r: &mut Reader<'_>) -> Result<Waiting, FormatError> {
        let record: Instruction = zerocopy::transmute!(r.array::<RECORD_BYTES>("queue.record")?);
        let extensions = r.var(RECORD_EXTENSION_BYTES_MAX, "queue.extensions")?;
        causeway_message::extension::check(extensions, usize::from(u16::MAX))?;
        let submitter = ParticipantId(r.u32("queue.submitter")?);
        let origin = (r.u64("queue.entry")?, r.u16("queue.ordinal")?);
        let accounts = (r.u32("queue.debtor")?, r.u32("queue.creditor")?);
        self.check_account(accounts.0)?;
        self.check_account(accounts.1)?;
        let of = |account| self.accounts.get(account).currency;
        let mut waiting = Waiting::new(&record, extensions, submitter, origin, accounts);
        let exchange = [Kind::FxPayment, Kind::QuoteLock].map(|kind| kind as u8);
        let to = if exchange.contains(&record.kind) {
            record.counter_currency
        } else {
            record.currency
        };
        if of(accounts.1) != to.get() || of(accounts.0) != record.currency.get() {
            return Err(FormatError::rule("queue.creditor", "its currency is another"));
        }
        waiting.class = class(r, "queue.class")?;
        let (seat, party) = (r.u8("queue.seat")?, r.u32("queue.party")?);
        waiting.seat = match (seat, party) {
            (0, 0) => Seat::Queued,
            (1, 0) => Seat::Warehoused,
            (2, 0) => Seat::Order,
            (3, party) => Seat::Party(party),
            (4, 0) => Seat::Unmatched,
            (5, 0) => Seat::ValueDate,
            (6, 0) => Seat::Quote,
            (7, 0) => Seat::Window,
            (8, 0) => Seat::Date,
            _ => return Err(FormatError::rule("queue.seat", "no such seat")),
        };
        waiting.chain = read_origin(r, "queue.chain")?;
        waiting.reminded = flag(r, "queue.reminded")?;
        waiting.since = Timestamp(r.u64("queue.since")?);
        Ok(waiting)
    }

    fn enter_again(&mut self, waiting: Waiting) -> Result<u32, FormatError> {
        if self.queue.find(waiting.submitter, waiting.record.id()).is_some() {
            return Err(FormatError::rule("queue.record", "an instruction waits twice"));
        }
        let place = self.queue.enter(&mut self.accounts, waiting);
        if let Some(waiting) = self.queue.get(place)
            && !mutated!(LoseDeadlines)
        {
            for (at, due) in Due::all_of(waiting, place) {
                self.due.add(at, due);
            }
        }
        Ok(place)
    }

    pub(super) fn read_queues(&mut self, r: &mut Reader<'_>) -> Result<(), FormatError> {
        for id in 0..self.accounts.all().len() as u32 {
            for _ in 0..r.u32("queue.len")? {
                let waiting = self.read_waiting(r)?;
                if waiting.debtor != id || waiting.seat != Seat::Queued {
                    return Err(FormatError::rule("queue.debtor", "it stands in another's queue"));
                }
                // Written the highest class first: what is entered later stands behind.
                let last = self.accounts.desk(id).and_then(|desk| {
                    Priority::ALL
                        .into_iter()
                        .find(|class| desk.queues[*class as usize].len != 0)
                });
                if last.is_some_and(|last| last < waiting.class) {
                    return Err(FormatError::rule(
                        "queue.class",
                        "a higher class stands behind a lower one",
                    ));
                }
                self.enter_again(waiting)?;
            }
            if flag(r, "desk")? {
                self.read_desk(id, r)?;
            } else if self.accounts.desk(id).is_some() {
                return Err(FormatError::rule("desk", "a queue without a desk"));
            }
        }
        let mut last = None;
        for _ in 0..r.u32("queue.aside")? {
            let waiting = self.read_waiting(r)?;
            if waiting.seat == Seat::Queued || waiting.is_trade() {
                return Err(FormatError::rule("queue.seat", "it stands in no queue"));
            }
            check_date(&waiting)?;
            rises(last.as_ref(), &waiting.origin(), "queue.aside")?;
            last = Some(waiting.origin());
            self.enter_again(waiting)?;
        }
        self.read_trades(r)?;
        // Chains are listed in the order of their records, wherever those stand.
        self.queue.sort_chains();
        Ok(())
    }

    /// Sides of trades that stand in no queue; those that are unmatched are looked for again.
    fn read_trades(&mut self, r: &mut Reader<'_>) -> Result<(), FormatError> {
        let mut last = None;
        for _ in 0..r.u32("queue.trades")? {
            let waiting = self.read_waiting(r)?;
            let matched = match waiting.seat {
                Seat::Unmatched => false,
                Seat::ValueDate => true,
                _ => return Err(FormatError::rule("queue.seat", "is no trade's")),
            };
            if !waiting.is_trade() || matched != waiting.chain.is_some() {
                return Err(FormatError::rule("queue.chain", "a matched trade has two sides"));
            }
            rises(last.as_ref(), &waiting.origin(), "queue.trades")?;
            last = Some(waiting.origin());
            let place = self.enter_again(waiting)?;
            if !matched {
                self.keep_unmatched(place);
            }
        }
        Ok(())
    }

    fn read_desk(&mut self, id: u32, r: &mut Reader<'_>) -> Result<(), FormatError> {
        let mut reservations = [Reservation::default(); 2];
        for kept in &mut reservations {
            *kept = Reservation {
                set: r.u64("reservation.set")?,
                left: r.u64("reservation.left")?,
            };
            if kept.left > kept.set {
                return Err(FormatError::rule("reservation.left", "is more than was set"));
            }
        }
        let limit = |r: &mut Reader<'_>| {
            Ok::<_, FormatError>(Limit {
                amount: r.u64("limit.amount")?,
                used: r.i128("limit.used")?,
            })
        };
        let others = if flag(r, "limit.others")? {
            Some(limit(r)?)
        } else {
            None
        };
        let mut bilateral = std::collections::BTreeMap::new();
        for _ in 0..r.u32("limits")? {
            let counterparty = r.u32("limit.counterparty")?;
            rises(bilateral.keys().next_back(), &counterparty, "limit.counterparty")?;
            bilateral.insert(counterparty, limit(r)?);
        }
        let bypass = flag(r, "desk.bypass")?;
        let pass = match r.u8("desk.pass")? {
            u8::MAX => None,
            number => {
                Some(Priority::from_number(number).ok_or(FormatError::rule("desk.pass", "no such class"))?)
            }
        };
        let (mut cursor, mut again) = (0, false);
        if let Some(class) = pass {
            let behind = r.u32("desk.cursor")?;
            again = flag(r, "desk.again")?;
            cursor = self.accounts.desk_mut(id).queues[class as usize].head;
            for _ in 0..behind {
                cursor = self
                    .queue
                    .get(cursor)
                    .map(Waiting::following)
                    .ok_or(FormatError::rule("desk.cursor", "is beyond the queue"))?;
            }
        }
        let desk = self.accounts.desk_mut(id);
        (desk.reservations, desk.others, desk.bilateral) = (reservations, others, bilateral);
        (desk.bypass, desk.pass, desk.cursor, desk.again) = (bypass, pass, cursor, again);
        Ok(())
    }
}
