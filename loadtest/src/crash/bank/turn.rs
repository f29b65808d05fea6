//! What a bank draws in one turn: payments, and sides of trades that it begins.
use std::collections::BTreeMap;

use causeway_message::keys::random_bytes;
use causeway_message::{InstructionId, ParticipantId};

use super::book::{Order, Terms, Trade};
use crate::crash::books::Books;
use crate::crash::clock;
use crate::crash::days;
use crate::crash::place::{AMOUNT_MAX, CURRENCIES};
use crate::error::Failure;
use crate::random::Random;

/// A bank of which so many sides of trades wait begins no more of them.
const TRADES_MAX: usize = 60;
/// Largest amount of a trade: both sides need it at once, where payments leave little behind.
const TRADE_AMOUNT_MAX: u64 = 60;
/// In one of so many turns a trade pays one unit more than the account holds.
const SHORT: u64 = 3;
/// Of which so many may end only with their value date.
const ENDLESS_MAX: usize = 10;
/// One in so many trades ends only with its value date, and waits behind all payments. The others wait among these,
/// and must end before they keep money from moving.
const ENDLESS: u64 = 4;
/// Seconds until the others end: at least, and so many values from there on.
const ENDS: (u64, u64) = (2, 3);

/// One turn.
#[derive(Debug)]
pub(super) struct Turn {
    /// Currencies to pay in.
    pub(super) currencies: Vec<u16>,
    /// Share of trades in percent.
    trades: u64,
    /// Trades that may be begun.
    room: usize,
    /// Of these, trades that end only with their value date.
    endless: usize,
    /// What the accounts hold, until a trade pays a unit more than that.
    held: Option<BTreeMap<u16, i128>>,
}

impl Turn {
    /// A turn of the bank with these books.
    pub(super) fn new(currencies: Vec<u16>, trades: u64, books: &Books, random: &mut Random) -> Self {
        let room = if trades == 0 {
            0
        } else {
            TRADES_MAX.saturating_sub(books.trades_waiting)
        };
        let short = room != 0 && random.below(SHORT) == 0;
        Self {
            currencies,
            trades,
            room,
            endless: ENDLESS_MAX.saturating_sub(books.endless_waiting),
            held: short.then(|| books.balances()),
        }
    }

    /// Draws an order. Needs a currency and somebody to pay.
    pub(super) fn draw(&mut self, pays: &[ParticipantId], random: &mut Random) -> Result<Order, Failure> {
        let creditor = pays[random.below(pays.len() as u64) as usize];
        let currency = self.currencies[random.below(self.currencies.len() as u64) as usize];
        let id = fresh()?.to_string();
        if self.room == 0 || days::turns(currency) || random.below(100) >= self.trades {
            let amount = 1 + random.below(AMOUNT_MAX);
            return Ok(Order(id, creditor.0, currency, amount, None));
        }
        self.room -= 1;
        let held = self.held.take().and_then(|held| held.get(&currency).copied());
        let short = held
            .and_then(|held| u64::try_from(held).ok())
            .map(|held| held + 1);
        let amount = short.unwrap_or_else(|| 1 + random.below(TRADE_AMOUNT_MAX));
        let trade = Trade {
            terms: self.terms(currency, random),
            mirrors: None,
        };
        Ok(Order(id, creditor.0, currency, amount, Some(trade)))
    }

    fn terms(&mut self, pays: u16, random: &mut Random) -> Terms {
        let mut others = CURRENCIES.iter().map(|(currency, _)| *currency);
        let gets = others.find(|currency| *currency != pays).unwrap_or(pays);
        let now = clock::now();
        let ends = if self.endless != 0 && random.below(ENDLESS) == 0 {
            self.endless -= 1;
            0
        } else {
            now.seconds() + ENDS.0 + random.below(ENDS.1)
        };
        Terms {
            gets: (gets, 1 + random.below(TRADE_AMOUNT_MAX)),
            date: now.days() as u16,
            ends: ends as u32,
        }
    }
}

/// An id that repeats in no life of any bank: it comes from the system, all else from the seed.
pub(super) fn fresh() -> Result<InstructionId, Failure> {
    let bytes = random_bytes().map_err(|error| Failure::Io(error.to_string()))?;
    Ok(InstructionId(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EUR: u16 = 978;
    const JPY: u16 = 392;

    #[test]
    fn trades_come_in_their_share_and_one_of_a_turn_is_a_unit_short() {
        let mut random = Random::new(1);
        let mut turn = Turn {
            currencies: vec![EUR],
            trades: 100,
            room: 3,
            endless: 1,
            held: Some([(EUR, 3_000)].into()),
        };
        let mut draw = |turn: &mut Turn| turn.draw(&[ParticipantId(3)], &mut random).expect("an order");
        let orders: Vec<Order> = (0..4).map(|_| draw(&mut turn)).collect();
        let gets = |order: &Order| order.4.as_ref().map(|trade| trade.terms.gets.0);
        assert_eq!(
            orders.iter().map(gets).collect::<Vec<_>>(),
            [Some(JPY), Some(JPY), Some(JPY), None]
        );
        assert_eq!(orders[0].3, 3_001);
        assert!(
            orders[1..]
                .iter()
                .all(|order| (1..=AMOUNT_MAX).contains(&order.3))
        );
        let mut none = Turn {
            trades: 0,
            room: 3,
            ..turn
        };
        assert!((0..50).all(|_| draw(&mut none).4.is_none()));
    }
}
