//! What of a small log must be found.
mod scene;

use causeway_message::ParticipantId;
use causeway_message::action::{Action, Hours};
use causeway_message::batch::RECORDS_OFFSET;
use causeway_message::control::Control;
use causeway_message::record::Kind;

use super::*;
use crate::books::{AtOnce, Followed};
use scene::{Run, key, record};

#[test]
fn a_log_that_agrees_is_compared_account_by_account() {
    assert_eq!(Run::new().audit(), Ok(2));
}

#[test]
fn a_credit_that_is_missing_is_named() {
    let mut run = Run::new();
    run.balances(-44, 44);
    run.finds("participant 2, currency 840: the node says -44, the auditor -45");
}

#[test]
fn an_id_that_settles_twice_is_named() {
    let mut run = Run::new();
    run.batch(2, &[record(1, 2, 70)]);
    run.balances(-115, 115);
    run.finds("log entry 4: id 01010101010101010101010101010101 of participant 2 settled twice");
}

#[test]
fn an_answer_to_a_batch_that_the_log_does_not_hold_is_named() {
    let mut run = Run::new();
    run.entries.pop();
    run.balances(-75, 75);
    run.finds("banks had answers to 2 entries, the log holds 1 of them");
}

#[test]
fn a_record_that_was_changed_is_named() {
    let mut run = Run::new();
    let (_, payload) = &mut run.entries[1];
    // A byte of the first record's id.
    payload[RECORDS_OFFSET] ^= 1;
    run.finds("log entry 2: its records are not those that were signed");
}

#[test]
fn an_entry_that_does_not_follow_is_named() {
    let mut run = Run::new();
    run.entries.remove(1);
    run.finds("log entry 2: does not follow the one before");
}

#[test]
fn a_missing_account_is_named() {
    let mut run = Run::new();
    run.told.balances[1].1.clear();
    run.finds("participant 3, currency 840: the node does not tell the balance");
    run.told.balances.pop();
    run.finds("participant 3, currency 840: the node does not tell the balance");
    run.show_leaves();
    run.model_finds("participant 3, currency 840: the node does not tell the balance");
}

#[test]
fn an_account_that_is_told_twice_or_that_nobody_has_is_named() {
    let mut run = Run::new();
    let mut line = run.told.balances[0].1[0];
    run.told.balances[0].1.push(line);
    run.finds("participant 2, currency 840: the node tells two balances");
    line.currency = 978;
    run.told.balances[0].1[1] = line;
    run.show_leaves();
    run.model_finds("participant 2, currency 978: the node says -45, the auditor no account");
}

#[test]
fn balances_that_do_not_add_up_are_named_also_where_sums_are_not_followed() {
    let mut run = Run::new();
    run.balances(-45, 46);
    run.finds("currency 840: all balances that the node tells add up to 1");
    run.untold(2, &[record(9, 2, 1)]);
    // Balances of several entries are not held against one another while something moves.
    run.leaves_sums("no bank was told what became of log entry 4");
    run.told.at = Some(4);
    run.finds("add up to 1");
}

#[test]
fn what_was_rejected_or_known_before_is_followed_by_its_bit() {
    let mut run = Run::new();
    run.shown(2).settled = AtOnce::These([0b01].into());
    run.balances(-40, 40);
    assert_eq!(run.audit(), Ok(2));
}

/// The second bank's payment waits, and its feed settles it.
fn waited() -> Run {
    let mut run = Run::new();
    run.shown(3).settled = AtOnce::These([0].into());
    run.shown(3).waiting = 1;
    run.follow(|followed| followed.paid(3, 0, 30));
    run
}

#[test]
fn what_waited_is_followed_by_the_feed_and_ids_are_held() {
    let mut run = waited();
    assert_eq!(run.audit(), Ok(2));
    run.batch(2, &[record(3, 2, 70)]);
    run.batch(3, &[record(3, 3, 70)]);
    run.finds("log entry 5: id 03030303030303030303030303030303 of participant 3 settled twice");
}

#[test]
fn a_feed_that_tells_another_amount_or_record_is_named() {
    let words = "log entry 3: the feed of participant 3 settles ";
    for (place, amount) in [(0, 31), (1, 30)] {
        let mut run = waited();
        run.told.followed = None;
        run.follow(|followed| followed.paid(3, place, amount));
        run.finds(words);
    }
    let mut run = waited();
    run.follow(|followed| followed.paid(3, 0, 30));
    run.finds(words);
    let mut run = waited();
    run.shown(3).settled = AtOnce::All;
    run.finds(
        "log entry 3: instruction 03030303030303030303030303030303 settled by its answer, and by the feed",
    );
}

#[test]
fn a_feed_that_keeps_silent_is_named() {
    let mut run = waited();
    run.told.followed = Some(Followed::default());
    run.finds("participant 2, currency 840: the node says -45, the auditor -75");
}

/// Each bank sends its side of a trade of dollars for dollars, and both settle by the second.
fn traded() -> Run {
    let mut run = Run::new();
    for (who, amount) in [(2, 10), (3, 4)] {
        let mut side = record(7, who, amount);
        side.kind = Kind::Pvp as u8;
        run.batch(who, &[side]);
    }
    run.shown(4).settled = AtOnce::These([0].into());
    run.shown(4).waiting = 1;
    run.balances(-51, 51);
    run
}

#[test]
fn both_sides_of_a_trade_are_told_by_their_feeds() {
    let mut run = traded();
    run.follow(|followed| {
        followed.paid(4, 0, 10);
        followed.paid(5, 0, 4);
    });
    assert_eq!(run.audit(), Ok(2));
    let mut run = traded();
    run.follow(|followed| followed.paid(4, 0, 10));
    run.finds("log entry 5: instruction 07070707070707070707070707070707 settled by its answer, and the feed does not tell it");
    traded().leaves_sums("1 records of log entry 4 waited");
}

#[test]
fn what_an_exchange_moved_stands_apart() {
    let exchanged = |amount: i128| {
        let mut run = Run::new();
        let mut payment = record(7, 2, 10);
        payment.kind = Kind::FxPayment as u8;
        run.batch(2, &[payment]);
        run.follow(|followed| {
            followed.later.entry(4).or_default().note(0, 0);
            followed.exchanged.insert((ParticipantId(2), 840), -amount);
            followed.exchanged.insert((ParticipantId(3), 840), amount);
        });
        run.balances(-54, 54);
        run
    };
    assert_eq!(exchanged(9).audit(), Ok(2));
    exchanged(10).finds("the node says -54, the auditor -55");
}

#[test]
fn quotes_of_the_set_up_move_nothing() {
    let mut run = Run::new();
    let mut quote = record(7, 2, 10);
    quote.kind = Kind::Quote as u8;
    run.untold(2, &[quote]);
    assert_eq!(run.audit(), Ok(2));
}

#[test]
fn balances_are_held_to_the_entry_they_stand_after() {
    let mut run = Run::new();
    run.batch(3, &[record(8, 3, 7)]);
    run.show_leaves();
    run.told.at = Some(3);
    assert_eq!(run.audit(), Ok(2));
    assert_eq!(model(&run.case()).map(|found| found.balances).ok(), Some(2));
    run.told.at = Some(2);
    run.finds("the node says -45, the auditor -75");
    run.model_finds("the node says -45, the auditor -75");
    run.told.at = Some(5);
    run.finds("balances were told as of log entry 5, the log ends with 4");
    run.model_finds("balances were told as of log entry 5, the log ends with 4");
}

#[test]
fn what_waits_leaves_sums_to_others_without_feeds_and_ids_are_held_still() {
    let mut run = Run::new();
    run.shown(3).settled = AtOnce::These([0].into());
    run.shown(3).waiting = 1;
    run.leaves_sums("1 records of log entry 3 waited");
    run.batch(2, &[record(1, 2, 70)]);
    run.finds("log entry 4: id 01010101010101010101010101010101 of participant 2 settled twice");
}

#[test]
fn ids_are_compared_whole_and_by_submitter() {
    let mut run = Run::new();
    let mut like = record(1, 2, 70);
    like.instruction_id[15] = 7;
    run.batch(2, &[like]);
    run.batch(3, &[record(1, 3, 70)]);
    assert_eq!(run.audit(), Ok(2));
}

#[test]
fn ids_that_found_no_place_are_said() {
    let mut run = Run::new();
    run.ids = 2;
    let found = run.found().expect("the rest agrees");
    assert!(
        found.notes[0].contains("ids of 1 records were not held"),
        "{:?}",
        found.notes
    );
}

#[test]
fn another_batch_than_its_bank_was_shown_is_named() {
    let change: [fn(&mut Seen); 3] = [
        |seen| seen.input[0] ^= 1,
        |seen| seen.who = ParticipantId(3),
        |seen| seen.records = 3,
    ];
    for change in change {
        let mut run = Run::new();
        change(run.shown(2));
        run.finds("log entry 2: it holds 2 records of participant 2; participant ");
    }
}

#[test]
fn two_answers_of_one_entry_are_named() {
    let mut run = Run::new();
    let seen = run.shown(2).clone();
    run.told.see(seen);
    run.finds("log entry 2: two batches were answered as this entry");
}

#[test]
fn a_batch_that_nobody_signed_and_nobody_was_told_of_is_named() {
    let mut run = Run::new();
    run.key = key(5);
    run.untold(2, &[record(9, 2, 1)]);
    run.show_leaves();
    let words = "log entry 4: no bank was told of it, and it is not signed with key 1 of participant 2";
    run.finds(words);
    run.model_finds(words);
}

#[test]
fn the_model_agrees_with_what_it_predicts_and_names_what_differs() {
    let mut run = Run::new();
    run.untold(2, &[record(9, 2, 1)]);
    run.balances(-46, 46);
    run.show_leaves();
    let found = model(&run.case()).map_err(|failure| failure.to_string());
    assert_eq!(found.map(|found| found.balances), Ok(2));
    run.shown(3).who = ParticipantId(2);
    run.model_finds("log entry 3: participant 2 was shown it, and did not submit it");
    run.shown(3).leaf = [1; 32];
    run.model_finds("log entry 3: its bank was shown the leaf 0101");
}

#[test]
fn records_of_the_whole_log_are_counted_up_to_what_is_enough() {
    let mut run = Run::new();
    run.untold(2, &[record(9, 2, 1)]);
    let count = |enough| log::records(&run.entries, enough).map_err(|failure| failure.to_string());
    assert_eq!(count(100), Ok(4));
    assert_eq!(count(1), Ok(2));
}

#[test]
fn accounts_of_those_who_are_not_asked_are_known_to_be_left_out() {
    let run = Run::new();
    assert!(Accounts::of(&run.genesis, 2).all);
    assert!(!Accounts::of(&run.genesis, 1).all);
}

#[test]
fn days_and_exposures_leave_sums_as_they_are_and_all_else_that_persons_do_does_not() {
    let mut run = Run::new();
    let day = Hours {
        date: 10,
        open: 100,
        customer_cut_off: 200,
        interbank_cut_off: 200,
        close: 300,
    };
    run.control(Control::Propose(Action::ScheduleDays {
        currency: 840,
        days: vec![day],
    }));
    run.control(Control::Propose(Action::SetExposure {
        participant: ParticipantId(2),
        base: 840,
        counter: 978,
        limit: 1,
    }));
    run.control(Control::Approve([3; 32]));
    assert_eq!(run.audit(), Ok(2));
    run.control(Control::Propose(Action::Fund {
        participant: ParticipantId(2),
        currency: 840,
        amount: 1,
        reference: "R".into(),
    }));
    run.leaves_sums("log entry 7 is what persons decided");
    run.key = key(5);
    run.control(Control::Approve([3; 32]));
    run.finds("log entry 8: no bank was told of it, and it is not signed with key 1 of participant 0");
}
