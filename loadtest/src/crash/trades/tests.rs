//! Trades that the books of both parties tell of alike, and those that they do not.
use causeway_message::ParticipantId;
use causeway_message::event::Role;

use super::*;
use crate::crash::bank::book::{Heard, Line, Told};

/// Bank 2 pays 50 EUR and gets 70 JPY from bank 3.
const ONE: &str = "000102030405060708090a0b0c0d0e0f";
const OTHER: &str = "101112131415161718191a1b1c1d1e1f";
const TERMS: Terms = Terms {
    gets: (392, 70),
    date: 9_000,
    ends: 0,
};
const MIRRORED: Terms = Terms {
    gets: (978, 50),
    ..TERMS
};

fn intent(batch: u64, order: Order) -> Line {
    let orders = vec![order];
    Line::Intent {
        batch,
        lane: 1,
        orders,
    }
}

fn told(batch: u64, status: Status) -> Line {
    let told = vec![Told(status as u16, true, None)];
    Line::Answers { batch, told }
}

fn event(books: &Books, heard: Heard) -> Line {
    let first = books.next_event;
    let (next, heard) = (first + 1, vec![heard]);
    Line::Feed { first, next, heard }
}

/// An event about the side of bank 2 at bank 2, or at bank 3.
fn heard(role: Role, status: Status, entry: u64) -> Heard {
    let moved = if status == Status::Settled {
        (50, 70)
    } else {
        (0, 0)
    };
    let side = Side {
        entry,
        creditor: 3,
        pays: 50,
        terms: TERMS,
        got: moved.1,
    };
    Heard(
        0,
        role as u8,
        status as u16,
        2,
        ONE.into(),
        978,
        moved.0,
        Some(side),
    )
}

/// An event about the side of bank 3 at bank 3.
fn heard_other(status: Status, entry: u64) -> Heard {
    let moved = if status == Status::Settled {
        (70, 50)
    } else {
        (0, 0)
    };
    let side = Side {
        entry,
        creditor: 2,
        pays: 70,
        terms: MIRRORED,
        got: moved.1,
    };
    let role = Role::Debtor as u8;
    Heard(0, role, status as u16, 3, OTHER.into(), 392, moved.0, Some(side))
}

fn hear(books: &mut Books, heard: Heard) -> Result<(), String> {
    let line = event(books, heard);
    books.take(line)
}

fn mirror(books: &Books) -> Order {
    let id = |text| InstructionId::from_hex(text).expect("an id");
    books.alleged[&(2, id(ONE))].mirrored(2, id(ONE), id(OTHER))
}

/// Both banks, with a trade that waits: the side of bank 2 was matched by that of bank 3.
fn matched() -> (Books, Books) {
    let (mut one, mut other) = (Books::new(ParticipantId(2)), Books::new(ParticipantId(3)));
    let trade = Trade {
        terms: TERMS,
        mirrors: None,
    };
    one.take(intent(1, Order(ONE.into(), 3, 978, 50, Some(trade))))
        .expect("an intent");
    one.take(told(1, Status::Unmatched)).expect("an answer");
    hear(&mut other, heard(Role::Creditor, Status::Alleged, 5)).expect("an allegation");
    assert_eq!(other.unmirrored.len(), 1);
    let order = mirror(&other);
    other.take(intent(1, order)).expect("the mirror");
    other.take(told(1, Status::Matched)).expect("an answer");
    hear(&mut one, heard(Role::Debtor, Status::Matched, 6)).expect("a match");
    (one, other)
}

#[test]
fn a_trade_that_waited_settles_both_sides_in_one_entry() {
    let (mut one, mut other) = matched();
    assert_eq!((one.waiting(978), other.waiting(392)), (1, 1));
    assert_eq!((one.trades_waiting, other.unmirrored.len()), (1, 0));
    assert_eq!((agree(&[&one, &other]), unrest(&[&one, &other])), (Ok(()), None));
    hear(&mut one, heard(Role::Debtor, Status::Settled, 9)).expect("one side");
    hear(&mut other, heard_other(Status::Settled, 9)).expect("the other");
    assert_eq!((agree(&[&one, &other]), unrest(&[&one, &other])), (Ok(()), None));
    assert_eq!((one.balances()[&978], one.balances()[&392]), (-50, 70));
    assert_eq!((other.balances()[&978], other.balances()[&392]), (50, -70));
    assert_eq!((one.waiting(978), one.trades_waiting), (0, 0));
    let mut counts = Counts::default();
    count([&one, &other].into_iter(), &mut counts);
    assert_eq!((counts.trades_settled, counts.trades_released), (1, 1));
    assert_eq!((counts.trades_waiting, counts.trades_half_settled), (0, 0));
}

#[test]
fn half_a_trade_is_found() {
    let (mut one, mut other) = matched();
    hear(&mut one, heard(Role::Debtor, Status::Settled, 9)).expect("one side");
    assert!(agree(&[&one, &other]).is_err(), "one side alone");
    assert!(unrest(&[&one, &other]).is_some());
    let mut counts = Counts::default();
    count([&one, &other].into_iter(), &mut counts);
    assert_eq!(counts.trades_half_settled, 1);
    let mut ended = other.clone();
    hear(&mut ended, heard_other(Status::RejectedClose, 9)).expect("an end");
    assert!(agree(&[&one, &ended]).is_err(), "the other side ended");
    hear(&mut other, heard_other(Status::Settled, 10)).expect("the other");
    assert!(agree(&[&one, &other]).is_err(), "in two entries");
}

#[test]
fn a_side_that_is_matched_alone_or_alleged_otherwise_is_found() {
    let (one, other) = matched();
    let mut alone = Books::new(ParticipantId(2));
    alone
        .take(intent(
            1,
            one.orders.values().next().expect("an order").order.clone(),
        ))
        .expect("an intent");
    alone.take(told(1, Status::Unmatched)).expect("an answer");
    assert!(agree(&[&alone, &other]).is_err(), "matched with nothing");
    assert!(
        agree(&[&alone, &Books::new(ParticipantId(3))]).is_err(),
        "never alleged"
    );
    let mut less = other.clone();
    less.alleged.values_mut().for_each(|alleged| alleged.pays.1 -= 1);
    assert!(agree(&[&one, &less]).is_err(), "alleged with another amount");
    assert!(
        agree(&[&Books::new(ParticipantId(2)), &other]).is_err(),
        "sent by nobody"
    );
}

#[test]
fn what_cannot_be_told_of_a_side_is_found() {
    let (one, _) = matched();
    let refused = |heard: Heard| hear(&mut one.clone(), heard).is_err();
    let settled = || heard(Role::Debtor, Status::Settled, 9);
    let with = |change: fn(&mut Heard, Side) -> Side| {
        let mut heard = settled();
        heard.7 = heard.7.map(|side| change(&mut heard, side));
        heard
    };
    assert!(!refused(settled()));
    assert!(
        refused(with(|_, side| Side { got: 69, ..side })),
        "another counter amount"
    );
    assert!(
        refused(with(|_, side| Side { creditor: 4, ..side })),
        "another party"
    );
    assert!(
        refused(with(|_, side| Side { pays: 51, ..side })),
        "another amount signed"
    );
    assert!(
        refused(with(|heard, side| {
            heard.6 = 51;
            side
        })),
        "another amount moved"
    );
    assert!(
        refused(with(|heard, side| {
            heard.2 = Status::Expired as u16;
            side
        })),
        "an end that moved money"
    );
    assert!(refused(heard(Role::Debtor, Status::Matched, 9)), "matched twice");
    assert!(
        refused(heard(Role::Debtor, Status::Withdrawn, 9)),
        "a status that nothing leads to"
    );
    assert!(
        refused(heard(Role::Creditor, Status::Settled, 9)),
        "an other's side"
    );
    let mut settled_once = one.clone();
    hear(&mut settled_once, settled()).expect("once");
    assert!(hear(&mut settled_once, settled()).is_err(), "settled twice");
    // A kill between the event and the answer: what happened is told again, and must be the same.
    let mut again = one;
    hear(&mut again, settled()).expect("once");
    again.take(Line::Again { batch: 1 }).expect("sent again");
    let answer = |status: Status| {
        let told = vec![Told(status as u16, false, None)];
        Line::Answers { batch: 1, told }
    };
    assert!(
        again.clone().take(answer(Status::Expired)).is_err(),
        "settled and expired"
    );
    assert!(again.take(answer(Status::Settled)).is_ok());
}

#[test]
fn what_is_alleged_is_answered_once_in_whatever_life() {
    let mut books = Books::new(ParticipantId(3));
    hear(&mut books, heard(Role::Creditor, Status::Alleged, 5)).expect("an allegation");
    assert!(
        hear(&mut books.clone(), heard(Role::Creditor, Status::Alleged, 6)).is_err(),
        "twice"
    );
    let order = mirror(&books);
    let mut other = order.clone();
    other.3 += 1;
    assert!(books.clone().take(intent(1, other)).is_err(), "another amount");
    books.take(intent(1, order.clone())).expect("the mirror");
    books.take(Line::Life(2)).expect("the next life");
    assert!(books.unmirrored.is_empty());
    let second = Order(
        "202122232425262728292a2b2c2d2e2f".into(),
        order.1,
        order.2,
        order.3,
        order.4,
    );
    assert!(books.take(intent(2, second)).is_err(), "answered twice");
    let mut ended = Books::new(ParticipantId(3));
    hear(&mut ended, heard(Role::Creditor, Status::Alleged, 5)).expect("an allegation");
    hear(&mut ended, heard(Role::Creditor, Status::Expired, 6)).expect("an end");
    assert!(ended.unmirrored.is_empty(), "nothing is left to answer");
}
