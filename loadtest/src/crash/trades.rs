//! Trades as the books of both parties tell of them: both sides settle in one entry, or neither does.
use std::collections::BTreeMap;

use causeway_message::event::each;
use causeway_message::receipt::{Effect, Receipt};
use causeway_message::record::Kind;
use causeway_message::{InstructionId, Status};

use super::bank::book::{Order, Side, Terms, Trade};
use super::books::{Books, Known};
use super::report::Counts;

/// An instruction of another bank that waits for this one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alleged {
    /// Currency and amount that the other bank pays.
    pub pays: (u16, u64),
    /// What it says beside that.
    pub terms: Terms,
    /// Whether this bank has ordered the mirror of it.
    pub answered: bool,
    /// How it ended, if not by a match.
    pub ended: Option<Status>,
}

impl Alleged {
    /// What an event tells of an instruction that pays in this currency.
    pub const fn new(currency: u16, side: &Side) -> Self {
        Self {
            pays: (currency, side.pays),
            terms: side.terms,
            answered: false,
            ended: None,
        }
    }

    /// The order that matches the instruction with this debtor and id.
    pub fn mirrored(&self, debtor: u32, id: InstructionId, own: InstructionId) -> Order {
        let terms = Terms {
            gets: self.pays,
            ..self.terms
        };
        let (currency, amount) = self.terms.gets;
        let mirrors = Some(id.to_string());
        Order(
            own.to_string(),
            debtor,
            currency,
            amount,
            Some(Trade { terms, mirrors }),
        )
    }

    /// Whether an order is the mirror of it.
    pub fn fits(&self, order: &Order) -> bool {
        let trade = order.4.as_ref();
        (order.2, order.3) == self.terms.gets
            && trade.is_some_and(|trade| {
                trade.terms
                    == Terms {
                        gets: self.pays,
                        ..self.terms
                    }
            })
    }
}

impl Known {
    /// Takes what the feed tells of an own side of a trade.
    ///
    /// # Errors
    /// What contradicts the order, or what is known already.
    pub(super) fn told_of_trade(
        &mut self,
        (currency, amount): (u16, u64),
        side: &Side,
        status: Status,
    ) -> Result<(), String> {
        let Some(trade) = &self.order.4 else {
            return Err("is told of as a trade, and was none when it was ordered".into());
        };
        let ordered = (self.order.1, (self.order.2, self.order.3), trade.terms);
        if ordered != (side.creditor, (currency, side.pays), side.terms) {
            return Err("is told of with other terms than it was ordered with".into());
        }
        let moved = match status {
            Status::Settled => (self.order.3, trade.terms.gets.1),
            Status::Matched | Status::Expired | Status::RejectedClose => (0, 0),
            other => return Err(format!("{}, which nothing here leads to", other.name())),
        };
        if (amount, side.got) != moved {
            let text = format!("{}, and paid {amount} for {}", status.name(), side.got);
            return Err(text);
        }
        if let Some(before) = self.later
            && (before.is_final() || before == status)
        {
            return Err(format!("{} after it was {}", status.name(), before.name()));
        }
        if let Some(answered) = self.answered.filter(|answered| answered.is_final())
            && status.is_final()
            && answered != status
        {
            return Err(format!("{}, but answered {}", status.name(), answered.name()));
        }
        self.waited |= status == Status::Matched;
        self.later = Some(status);
        self.cause = Some(side.entry);
        Ok(())
    }
}

/// One party's part of a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    /// Log index of the entry that settled it; 0 if it waits.
    entry: u64,
    own: u32,
    other: u32,
    paid: (u16, u64),
    got: (u16, u64),
    date: u16,
}

impl Part {
    const fn mirrored(&self) -> Self {
        Self {
            entry: self.entry,
            own: self.other,
            other: self.own,
            paid: self.got,
            got: self.paid,
            date: self.date,
        }
    }
}

/// Own sides that have a status: with the entry that settled them, or as they wait.
fn parts(books: &Books, status: Status) -> impl Iterator<Item = (Part, InstructionId)> {
    books.orders.iter().filter_map(move |(id, known)| {
        let trade = known.order.4.as_ref()?;
        let part = Part {
            // Without an event there is no entry, and so no other side.
            entry: known.cause.filter(|_| status == Status::Settled).unwrap_or(0),
            own: books.own.0,
            other: known.order.1,
            paid: (known.order.2, known.order.3),
            got: trade.terms.gets,
            date: trade.terms.date,
        };
        (known.status() == Some(status)).then_some((part, *id))
    })
}

/// Sides that have a status while the other sides have not: whose, and their ids.
pub fn alone<'a>(all: impl Iterator<Item = &'a Books>, status: Status) -> Vec<(u32, InstructionId)> {
    let mut left: BTreeMap<Part, Vec<InstructionId>> = BTreeMap::new();
    for (part, id) in all.flat_map(|books| parts(books, status)) {
        if left.get_mut(&part.mirrored()).and_then(Vec::pop).is_none() {
            left.entry(part).or_default().push(id);
        }
    }
    let each = left.into_iter();
    each.flat_map(|(part, ids)| ids.into_iter().map(move |id| (part.own, id)))
        .collect()
}

/// What still has to happen before trades are quiet; nothing if all are.
pub fn unrest<'a>(all: &[&'a Books]) -> Option<String> {
    let unanswered: usize = all.iter().map(|books| books.unmirrored.len()).sum();
    let about_to_end = |known: &Known| {
        let trade = known.order.4.as_ref();
        trade.is_some_and(|trade| trade.terms.ends != 0) && known.status().is_some_and(Status::is_transient)
    };
    let ending = |books: &&'a Books| books.orders.values().filter(|known| about_to_end(known)).count();
    let ending: usize = all.iter().map(ending).sum();
    let halves = [Status::Settled, Status::Matched].map(|status| alone(all.iter().copied(), status));
    let halves = halves.concat();
    let quiet = unanswered == 0 && ending == 0 && halves.is_empty();
    (!quiet).then(|| {
        let first = halves.first().map(|(own, id)| format!(", instruction {id} of {own} among them"));
        format!(
            "{unanswered} alleged instructions are not answered, {ending} sides of trades have not ended, {} stand \
             without their other side{}",
            halves.len(),
            first.unwrap_or_default()
        )
    })
}

/// Holds the books of all parties against each other, once all is quiet.
///
/// # Errors
/// The first contradiction.
pub fn agree(all: &[&Books]) -> Result<(), String> {
    for (status, what) in [
        (
            Status::Settled,
            "half a trade: it settled, and the other side did not in the same entry",
        ),
        (Status::Matched, "it is matched, and no other side is"),
    ] {
        if let Some((own, id)) = alone(all.iter().copied(), status).first() {
            return Err(format!("instruction {id} of {own}: {what}"));
        }
    }
    for (books, other) in all
        .iter()
        .flat_map(|one| all.iter().map(move |other| (one, other)))
    {
        let alleged = books.alleged.iter();
        for ((_, id), alleged) in alleged.filter(|((debtor, _), _)| *debtor == other.own.0) {
            let sent = other.orders.get(id);
            let fits = sent.is_some_and(|known| {
                let order = &known.order;
                let terms = order.4.as_ref().map(|trade| trade.terms);
                (order.1, (order.2, order.3), terms) == (books.own.0, alleged.pays, Some(alleged.terms))
            });
            if !fits {
                return Err(format!(
                    "instruction {id}: alleged to {}, sent otherwise",
                    books.own
                ));
            }
        }
        let unmatched = other
            .orders
            .iter()
            .filter(|(_, known)| known.order.1 == books.own.0 && known.answered == Some(Status::Unmatched));
        for (id, _) in unmatched {
            if !books.alleged.contains_key(&(other.own.0, *id)) {
                return Err(format!(
                    "instruction {id}: unmatched, and never alleged to {}",
                    books.own
                ));
            }
        }
    }
    Ok(())
}

/// Counts trades.
pub fn count<'a>(all: impl Iterator<Item = &'a Books> + Clone, counts: &mut Counts) {
    counts.trades_half_settled = alone(all.clone(), Status::Settled).len() as u64;
    let mut sides: BTreeMap<Status, u64> = BTreeMap::new();
    for known in all.flat_map(|books| books.orders.values()) {
        if let (Some(_), Some(status)) = (&known.order.4, known.status()) {
            *sides.entry(status).or_default() += 1;
            // Of the two sides of a trade that waited, one was told so.
            counts.trades_released += u64::from(status == Status::Settled && known.waited);
        }
    }
    let of = |status| sides.get(&status).copied().unwrap_or(0);
    counts.trades_settled = of(Status::Settled) / 2;
    counts.trades_waiting = of(Status::Matched) / 2;
    counts.trade_sides_unmatched = of(Status::Unmatched);
    counts.trade_sides_ended = of(Status::Expired) + of(Status::RejectedClose) + of(Status::ValueDateClosed);
}

/// What a receipt shows that a side of a trade got; nothing of a payment.
pub fn got(receipt: &Receipt) -> Option<u64> {
    if receipt.record.kind != Kind::Pvp as u8 {
        return None;
    }
    match &receipt.effect {
        Effect::Event { chunk, position, .. } => {
            let event = each(chunk).nth(*position as usize)?;
            Some(event.head.counter_amount.get())
        }
        // No trade of a run has a tolerance: nothing but the mirror matches.
        Effect::Answer { .. } => Some(receipt.record.counter_amount.get()),
    }
}

#[cfg(test)]
mod tests;
