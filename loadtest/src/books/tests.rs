//! Books of small batches, by hand.
use super::*;
use crate::workload::Line;
use causeway_message::answer::answer_flags;
use causeway_message::event::{EVENT_HEAD_BYTES, EventHead};
use causeway_message::record::Instruction;
use causeway_message::{InstructionId, ParticipantId, Uetr};

const USD: u16 = 840;
const EUR: u16 = 978;

fn books() -> Books {
    Books::new(Arc::new(World::new(2, 4, 20)), 1, true)
}

fn balance(currency: u16, balance: i128) -> BalanceLine {
    BalanceLine {
        currency,
        queued: 0,
        balance,
        reserved: 0,
        queued_value: 0,
        cap: 0,
    }
}

/// Lines for all accounts of the bank: those given, and zero in the others.
fn all(lines: &[BalanceLine]) -> Vec<BalanceLine> {
    let world = World::new(2, 4, 20);
    let line = |currency: u16| {
        let given = lines.iter().find(|line| line.currency == currency);
        given.copied().unwrap_or_else(|| balance(currency, 0))
    };
    world
        .holders
        .iter()
        .map(|(currency, _)| line(*currency))
        .collect()
}

fn differs(books: &Books, before: &[BalanceLine], after: &[BalanceLine]) -> Option<String> {
    books.difference(&all(before), &all(after))
}

fn due(lines: Vec<Line>) -> Due {
    Due {
        count: lines.len(),
        lines,
        ..Due::default()
    }
}

fn record(kind: Kind) -> Instruction {
    let mut record = Instruction::payment(
        InstructionId([1; 16]),
        Uetr([2; 16]),
        ParticipantId(3),
        ParticipantId(2),
        USD,
        50,
    );
    record.kind = kind as u8;
    record.counter_currency = EUR.into();
    record
}

fn hears(books: &mut Books, role: Role, kind: Kind, amounts: (u64, u64)) -> u64 {
    let record = record(kind);
    let mut head = EventHead::new(
        EventKind::Payment,
        role,
        Status::Settled as u16,
        128,
        (7, 0),
        amounts.0,
    );
    head.counter_amount = amounts.1.into();
    assert_eq!(size_of_val(&head), EVENT_HEAD_BYTES);
    let event = Event {
        head: &head,
        body: record.as_bytes(),
    };
    books.hear(ENTRY, &event)
}

#[test]
fn a_batch_that_settles_whole_is_booked_by_its_sums() {
    let mut books = books();
    let mut due = Due::default();
    due.settles(0, 30);
    due.settles(0, 12);
    let told = books.answers(&due, &[Answer::new(Status::Settled); 2]);
    assert_eq!(told.settled, 2);
    assert_eq!(differs(&books, &[balance(USD, 100)], &[balance(USD, 58)]), None);
    let text = differs(&books, &[balance(USD, 100)], &[balance(USD, 57)]).expect("differs");
    assert!(
        text.contains("42 paid") && text.contains("57 on the ledger"),
        "{text}"
    );
    assert_eq!(books.contradiction(), None);
}

#[test]
fn what_must_settle_and_does_not_is_said() {
    let mut books = books();
    let mut due = Due::default();
    due.settles(0, 30);
    books.answers(&due, &[Answer::new(Status::Queued)]);
    let text = books.contradiction().expect("said");
    assert!(text.contains("1 answers") && text.contains("queued"), "{text}");
}

#[test]
fn a_missing_answer_is_said() {
    let mut books = books();
    let mut due = Due::default();
    due.settles(0, 30);
    due.settles(0, 30);
    books.answers(&due, &[Answer::new(Status::Settled)]);
    assert!(books.contradiction().is_some());
}

#[test]
fn a_payment_that_waited_is_paid_when_the_feed_says_so() {
    let mut books = books();
    let told = books.answers(
        &due(vec![Line::new(0, 50, Expects::Outcome)]),
        &[Answer::new(Status::Queued)],
    );
    assert_eq!((told.settled, told.otherwise.values().sum::<u64>()), (0, 1));
    assert_eq!(differs(&books, &[balance(USD, 5)], &[balance(USD, 5)]), None);
    assert_eq!(hears(&mut books, Role::Debtor, Kind::Payment, (50, 0)), 1);
    assert_eq!(differs(&books, &[balance(USD, 5)], &[balance(USD, -45)]), None);
}

#[test]
fn a_trade_pays_in_one_currency_and_gets_in_the_other_once() {
    let mut books = books();
    let told = books.answers(
        &due(vec![Line::new(0, 0, Expects::Trade)]),
        &[Answer::new(Status::Settled)],
    );
    // The answer and the event tell of the same.
    assert_eq!(told.settled, 0);
    assert_eq!(hears(&mut books, Role::Debtor, Kind::Pvp, (50, 44)), 1);
    assert_eq!(hears(&mut books, Role::Creditor, Kind::Pvp, (50, 0)), 0);
    let after = [balance(USD, -50), balance(EUR, 44)];
    assert_eq!(differs(&books, &[], &after), None);
}

#[test]
fn a_repeated_record_pays_nothing() {
    let mut books = books();
    let mut again = Answer::new(Status::Settled);
    again.flags = answer_flags::REPLAYED.into();
    let told = books.answers(&due(vec![Line::new(0, 50, Expects::Again)]), &[again]);
    assert_eq!((told.settled, told.otherwise.get(&REPEATED)), (0, Some(&1)));
    assert_eq!(differs(&books, &[], &[balance(USD, 0)]), None);
}

#[test]
fn a_balance_that_is_not_told_is_said() {
    let books = books();
    let mut after = all(&[]);
    let gone = after.pop().expect("a line").currency;
    let text = books.difference(&all(&[]), &after).expect("said");
    let words = format!("currency {gone}: the ledger tells 0 balances of one account");
    assert!(text.contains(&words), "{text}");
    assert!(books.difference(&[], &[]).is_some());
    after.extend([balance(gone, 0), balance(gone, 0)]);
    let text = books.difference(&[], &after).expect("said");
    assert!(text.contains("tells 2 balances"), "{text}");
}

#[test]
fn money_in_a_currency_that_nobody_pays_in_is_said() {
    let books = books();
    let strange = |amount| {
        let mut lines = all(&[]);
        lines.push(balance(752, amount));
        lines
    };
    assert_eq!(books.difference(&strange(3), &strange(3)), None);
    let text = books.difference(&strange(3), &strange(4)).expect("said");
    assert!(text.contains("currency 752: 3 before, 4 on the ledger"), "{text}");
}

/// Hears of the entry that [`hears`] names.
const ENTRY: u64 = 7;

#[test]
fn the_feed_settles_only_what_answers_left_open() {
    let waits = |answers: &[Answer]| {
        let mut books = books();
        let lines = answers.iter().map(|_| Line::new(0, 50, Expects::Outcome));
        books.answered(ENTRY, &due(lines.collect()), answers);
        books
    };
    let (queued, settled) = (Answer::new(Status::Queued), Answer::new(Status::Settled));
    let mut books = waits(&[queued, settled]);
    hears(&mut books, Role::Debtor, Kind::Payment, (50, 0));
    assert_eq!(books.contradiction(), None);
    hears(&mut books, Role::Debtor, Kind::Payment, (50, 0));
    let text = books.contradiction().expect("said");
    assert!(
        text.contains("the feed settles 1 records of log entry 7"),
        "{text}"
    );
    let mut books = waits(&[settled, Answer::new(Status::InsufficientLiquidity)]);
    hears(&mut books, Role::Debtor, Kind::Payment, (50, 0));
    assert!(books.contradiction().is_some());
}

#[test]
fn an_event_may_come_before_its_answer_and_from_an_earlier_run() {
    let mut books = books();
    hears(&mut books, Role::Debtor, Kind::Payment, (50, 0));
    books.answered(
        ENTRY,
        &due(vec![Line::new(0, 50, Expects::Outcome)]),
        &[Answer::new(Status::Queued)],
    );
    assert_eq!(books.contradiction(), None);
    let mut books = self::books();
    books.answered(ENTRY + 1, &Due::default(), &[]);
    hears(&mut books, Role::Debtor, Kind::Payment, (50, 0));
    assert_eq!(books.contradiction(), None);
}

#[test]
fn a_trade_that_its_answer_settles_is_told_by_one_event() {
    let mut books = books();
    let trade = due(vec![Line::new(0, 0, Expects::Trade)]);
    books.answered(ENTRY, &trade, &[Answer::new(Status::Settled)]);
    hears(&mut books, Role::Debtor, Kind::Pvp, (50, 44));
    assert_eq!(books.contradiction(), None);
    hears(&mut books, Role::Debtor, Kind::Pvp, (50, 44));
    assert!(books.contradiction().is_some());
}

#[test]
fn what_later_entries_tell_waits_for_the_next_look() {
    let mut books = books();
    books.answered(
        ENTRY,
        &due(vec![Line::new(0, 50, Expects::Outcome)]),
        &[Answer::new(Status::Queued)],
    );
    assert_eq!(books.as_of(ENTRY - 1), 0);
    assert_eq!(hears(&mut books, Role::Debtor, Kind::Payment, (50, 0)), 0);
    assert_eq!(differs(&books, &[balance(USD, 5)], &[balance(USD, 5)]), None);
    assert_eq!(books.as_of(ENTRY), 1, "the event is of that entry");
    assert_eq!(differs(&books, &[balance(USD, 5)], &[balance(USD, -45)]), None);
    assert_eq!(
        (books.ahead_of(ENTRY), books.ahead_of(ENTRY - 1)),
        (None, Some(ENTRY))
    );
}

#[test]
fn what_the_feed_settles_is_kept_by_entry_and_place() {
    let mut books = books();
    hears(&mut books, Role::Debtor, Kind::Payment, (50, 0));
    hears(&mut books, Role::Creditor, Kind::Payment, (50, 0));
    let followed = books.take_followed().expect("it follows");
    let later = &followed.later[&ENTRY];
    assert!(later.holds(0) && !later.holds(1));
    assert_eq!((later.count, later.moved, followed.later.len()), (1, 50, 1));
}
