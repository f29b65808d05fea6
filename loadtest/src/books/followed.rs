//! What a feed settled behind the answers: one bit for each record, by the entry it was sent in, and what exchanges moved.
use std::collections::BTreeMap;

use causeway_message::ParticipantId;
use causeway_message::exchange::Exchange;
use causeway_message::record::Instruction;

/// Bits of a word.
const BITS: usize = u64::BITS as usize;

/// Records of one entry.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Later {
    words: Vec<u64>,
    /// How many were told.
    pub count: u32,
    /// Minor units of payments and sides of trades among them, all currencies added up.
    pub moved: u128,
}

impl Later {
    /// Notes that the record at this place settled; `moved` is zero for an exchange.
    pub fn note(&mut self, place: usize, moved: u64) {
        let word = place / BITS;
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (place % BITS);
        self.count += 1;
        self.moved += u128::from(moved);
    }

    /// Whether the record at this place settled.
    pub fn holds(&self, place: usize) -> bool {
        let word = self.words.get(place / BITS);
        word.is_some_and(|word| word >> (place % BITS) & 1 == 1)
    }
}

/// All that a bank's feed told of its own records.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Followed {
    /// By log index of the entry that a record was sent in.
    pub later: BTreeMap<u64, Later>,
    /// What its exchanges moved: minor units by account, of all who take part.
    pub exchanged: BTreeMap<(ParticipantId, u16), i128>,
}

impl Followed {
    /// Notes a payment or a side of a trade.
    pub fn paid(&mut self, entry: u64, place: u16, moved: u64) {
        self.later.entry(entry).or_default().note(place.into(), moved);
    }

    /// Notes an exchange, as its debtor was told it.
    pub fn exchanged(&mut self, (entry, place): (u64, u16), exchange: &Exchange, record: &Instruction) {
        self.later.entry(entry).or_default().note(place.into(), 0);
        let mut add = |who: u32, currency: u16, amount: i128| {
            *self.exchanged.entry((ParticipantId(who), currency)).or_default() += amount;
        };
        add(
            record.debtor.get(),
            record.currency.get(),
            -i128::from(exchange.paid()),
        );
        for hop in &exchange.hops {
            add(hop.provider.0, hop.from.0, i128::from(hop.from.1));
            add(hop.provider.0, hop.to.0, -i128::from(hop.to.1));
        }
        add(
            record.creditor.get(),
            record.counter_currency.get(),
            i128::from(exchange.received()),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_record_has_its_own_bit_and_sums_are_kept() {
        let mut later = Later::default();
        assert!(!later.holds(0));
        later.note(0, 5);
        later.note(130, 7);
        assert!(later.holds(0) && later.holds(130));
        assert!(!later.holds(64) && !later.holds(131) && !later.holds(4_000));
        assert_eq!((later.count, later.moved), (2, 12));
    }
}
