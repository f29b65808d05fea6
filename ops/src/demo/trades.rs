//! Trades as the banks' own verified feeds tell of them, and whether any settled by half.
use std::collections::BTreeMap;

use causeway_message::event::{Event, Role};
use causeway_message::record::Instruction;
use causeway_message::{InstructionId, Status};

/// An own side of a trade that settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Side {
    /// Log index of the entry that settled it.
    pub entry: u64,
    /// Whose side it is.
    pub own: u32,
    /// The other party.
    pub other: u32,
    /// ISO numeric code and minor units of what was paid.
    pub paid: (u16, u64),
    /// ISO numeric code and minor units of what was got.
    pub got: (u16, u64),
}

impl Side {
    /// The other party's side of the same trade.
    const fn mirrored(&self) -> Self {
        Self {
            entry: self.entry,
            own: self.other,
            other: self.own,
            paid: self.got,
            got: self.paid,
        }
    }
}

/// What one bank was told of trades.
#[derive(Debug, Default)]
pub struct Trades {
    /// Own instructions, with each status they reached later than their answer says, and the entry.
    own: BTreeMap<InstructionId, Vec<(Status, u64)>>,
    /// Instructions of others that were alleged.
    alleged: Vec<InstructionId>,
    /// Own sides that settled.
    pub settled: Vec<Side>,
}

impl Trades {
    /// Enters an event about one side of a trade; the side, if it is an own one that settled.
    pub fn event(&mut self, entry: u64, event: &Event<'_>, record: &Instruction) -> Option<Side> {
        let status = event.status()?;
        if event.role() == Some(Role::Creditor) {
            if status == Status::Alleged {
                self.alleged.push(record.id());
            }
            return None;
        }
        self.own.entry(record.id()).or_default().push((status, entry));
        if status != Status::Settled {
            return None;
        }
        let side = Side {
            entry,
            own: record.debtor.get(),
            other: record.creditor.get(),
            paid: (record.currency.get(), event.head.amount.get()),
            got: (record.counter_currency.get(), event.head.counter_amount.get()),
        };
        self.settled.push(side);
        Some(side)
    }

    /// The entry in which an own instruction reached a status, once the feed has told it.
    pub fn reached(&self, id: InstructionId, status: Status) -> Option<u64> {
        let told = self.own.get(&id)?;
        told.iter()
            .find(|(known, _)| *known == status)
            .map(|(_, entry)| *entry)
    }

    /// True once the feed has told that another's instruction is alleged.
    pub fn is_alleged(&self, id: InstructionId) -> bool {
        self.alleged.contains(&id)
    }
}

/// How many trades settled both sides in one entry, and how many only one side there; from the sides of all banks.
pub fn count(sides: &[Side]) -> (u64, u64) {
    let mut left: BTreeMap<Side, u64> = BTreeMap::new();
    let (mut whole, mut half) = (0, 0);
    for side in sides {
        let mirrored = side.mirrored();
        if let Some(count) = left.get_mut(&mirrored).filter(|count| **count != 0) {
            *count -= 1;
            whole += 1;
        } else {
            *left.entry(*side).or_default() += 1;
        }
    }
    // Sides that settled in different entries belong to one trade, which is told once.
    let mut alone: BTreeMap<Side, u64> = BTreeMap::new();
    for (side, count) in left {
        let anywhere = Side { entry: 0, ..side };
        let other = alone.entry(anywhere.mirrored()).or_default();
        let met = count.min(*other);
        *other -= met;
        half += count - met;
        *alone.entry(anywhere).or_default() += count - met;
    }
    (whole, half)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(entry: u64, own: u32, other: u32) -> Side {
        let (usd, eur) = ((840, 110), (978, 100));
        let (paid, got) = if own < other { (usd, eur) } else { (eur, usd) };
        Side {
            entry,
            own,
            other,
            paid,
            got,
        }
    }

    #[test]
    fn a_trade_is_whole_if_both_sides_settled_in_one_entry() {
        assert_eq!(count(&[]), (0, 0));
        assert_eq!(count(&[side(5, 1, 2), side(5, 2, 1)]), (1, 0));
        // The same trade twice in one entry, its sides in any order.
        let twice = [side(5, 1, 2), side(5, 1, 2), side(5, 2, 1), side(5, 2, 1)];
        assert_eq!(count(&twice), (2, 0));
    }

    #[test]
    fn a_side_alone_or_in_another_entry_or_of_another_amount_is_half_a_trade() {
        assert_eq!(count(&[side(5, 1, 2)]), (0, 1));
        assert_eq!(count(&[side(5, 1, 2), side(6, 2, 1)]), (0, 1));
        assert_eq!(count(&[side(6, 1, 2), side(5, 2, 1), side(7, 1, 2)]), (0, 2));
        assert_eq!(count(&[side(5, 1, 2), side(5, 1, 2), side(5, 2, 1)]), (1, 1));
        let less = Side {
            got: (840, 109),
            ..side(5, 2, 1)
        };
        assert_eq!(count(&[side(5, 1, 2), less]), (0, 2));
        assert_eq!(count(&[side(5, 1, 2), side(5, 3, 1)]), (0, 2));
    }
}
