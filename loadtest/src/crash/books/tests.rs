//! What books take and what they refuse.
use super::*;

const ID: &str = "000102030405060708090a0b0c0d0e0f";

fn sent() -> Books {
    let mut books = Books::new(ParticipantId(2));
    let orders = vec![Order(ID.into(), 3, 978, 50, None)];
    books
        .take(Line::Intent {
            batch: 1,
            lane: 1,
            orders,
        })
        .expect("an intent");
    books
}

fn told(status: Status, first: bool) -> Line {
    Line::Answers {
        batch: 1,
        told: vec![Told(status as u16, first, Some((9, 0)))],
    }
}

fn event(role: Role, debtor: u32) -> Line {
    let heard = vec![Heard(
        1,
        role as u8,
        Status::Settled as u16,
        debtor,
        ID.into(),
        978,
        50,
        None,
    )];
    Line::Feed {
        first: 1,
        next: 2,
        heard,
    }
}

#[test]
fn a_payment_that_waited_and_was_released_is_settled_once() {
    let mut books = sent();
    books.take(told(Status::Queued, true)).expect("an answer");
    assert_eq!(books.waiting(978), 1);
    books.take(event(Role::Debtor, 2)).expect("a release");
    assert_eq!((books.waiting(978), books.balances()[&978]), (0, -50));
}

#[test]
fn what_cannot_be_is_found() {
    let mut books = sent();
    assert!(books.take(told(Status::Settled, false)).is_err(), "known at once");
    let mut books = sent();
    books.take(told(Status::Settled, true)).expect("an answer");
    assert!(
        books.clone().take(told(Status::Settled, true)).is_err(),
        "a second effect"
    );
    books.take(Line::Again { batch: 1 }).expect("again");
    assert!(
        books.clone().take(told(Status::Queued, false)).is_err(),
        "unsettled"
    );
    books.take(told(Status::Settled, false)).expect("the same again");
    books.take(event(Role::Creditor, 3)).expect("a credit");
    assert!(books.take(event(Role::Creditor, 3)).is_err(), "a repeated event");
}

#[test]
fn a_gap_in_the_feed_and_a_second_credit_are_found() {
    let later = |first| Line::Feed {
        first,
        next: first + 1,
        heard: vec![Heard(first, Role::Creditor as u8, 1, 3, ID.into(), 978, 50, None)],
    };
    let mut books = Books::new(ParticipantId(2));
    assert!(books.clone().take(later(2)).is_err(), "a gap");
    books.take(later(1)).expect("the first");
    assert!(books.take(later(2)).is_err(), "the same credit again");
}
