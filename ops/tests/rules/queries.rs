//! What is asked: own account with what is projected, own queue, why, history; by whom, and in JSON or in words.
use causeway_message::SessionId;

use crate::common::teller::Teller;
use crate::common::town::{A, B, C, D, REGULATOR, SCREENER, Town, text};

#[test]
fn account_queue_reasons_and_histories_agree_on_both_sides_across_a_kill() {
    let mut town = Town::open();
    town.fund(A, "10.00");
    let paid = town.pay(A, B, "4.00", &[]).must_be("settled");
    let urgent = town
        .pay(A, B, "9.00", &["--priority", "urgent"])
        .must_be("queued");
    let normal = town.pay(A, C, "3.00", &[]).must_be("queued").id;
    let words = [
        "limits",
        "reserve",
        "--currency",
        "EUR",
        "--class",
        "high",
        "--amount",
        "5.00",
    ];
    town.send(A, &words).must_be("executed");
    town.cut_power();

    let account = town.account(A);
    let shown = ["balance", "headroom", "set_aside"].map(|field| text(&account, field));
    assert_eq!(shown, ["6.00", "6.00", "0.00"]);
    assert_eq!(text(&account["reserved_high"], "left"), "5.00");
    for (class, count, value) in [("urgent", 1, "9.00"), ("high", 0, "0.00"), ("normal", 1, "3.00")] {
        let waits = &account[format!("queued_out_{class}")];
        assert_eq!((&waits["count"], text(waits, "value")), (&count.into(), value));
    }
    for (name, value) in [(B, "9.00"), (C, "3.00")] {
        assert_eq!(text(&town.account(name)["queued_in"], "value"), value);
    }
    let queue = town.ask(A, &["queue", "--currency", "EUR"]);
    let line = &queue["payments"][1];
    assert_eq!((&line["position"], text(line, "class")), (&2.into(), "normal"));
    assert_eq!(text(line, "instruction_id"), normal);
    let entry = queue["after_entry"].as_u64().expect("a position");
    let why = town.ask(A, &["explain", &urgent.id]);
    assert!(why["after_entry"].as_u64().expect("a position") >= entry);
    assert_eq!(
        text(&why, "text"),
        "waits: 3.00 EUR more are needed. Balance 6.00, cap 0.00, set aside 0.00; first in its queue."
    );
    assert_eq!(
        town.say(A, &["explain", &urgent.id]),
        format!("{}\n", text(&why, "text"))
    );
    let listed = town.say(A, &["queue"]);
    assert!(
        listed.contains(&urgent.id) && listed.contains(&normal),
        "{listed}"
    );

    // Who may ask: its submitter and the authorities.
    for authority in [REGULATOR, SCREENER] {
        assert_eq!(town.why_of(authority, A, &urgent.id), "funds");
    }
    for other in [B, C] {
        town.refused(other, &["explain", "--submitter", A, &urgent.id], "not_found");
    }

    let uetr = text(&paid.told, "uetr").to_owned();
    for (name, what) in [(A, &paid.id), (B, &paid.id), (B, &uetr)] {
        let history = town.ask(name, &["history", what]);
        assert_eq!(text(&history, "status"), "settled");
        assert_eq!(text(&history, "instruction_id"), paid.id);
        assert_eq!((text(&history, "debtor"), text(&history, "creditor")), (A, B));
    }
    let waiting = town.ask(A, &["history", text(&urgent.told, "uetr")]);
    assert_eq!(
        (text(&waiting, "status"), text(&waiting, "instruction_id")),
        ("queued", &*urgent.id)
    );
    town.refused(C, &["history", &uetr], "nothing is known");
}

/// Payments that wait: more than a message holds.
const WAITING: u64 = 1_100;

/// Pays euros to a bank, a cent and more, in one batch through the client library.
async fn pay_many(town: &Town) {
    let (own, other) = (
        Teller::open(&town.ledger, A).await,
        Teller::open(&town.ledger, B).await,
    );
    let records = (1..=WAITING).map(|cents| own.payment(other.id, 978, cents));
    let session = own.client.session(SessionId(77)).await.expect("a session");
    let sent = session.submit(records.collect(), Vec::new(), Vec::new()).await;
    let outcome = sent.expect("sent").outcome().await.expect("an outcome");
    assert_eq!(outcome.answers.len() as u64, WAITING);
    own.leave();
    other.leave();
}

#[test]
fn a_queue_of_more_than_a_message_is_listed_and_searched_whole_across_a_kill() {
    let mut town = Town::open();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(pay_many(&town));
    town.cut_power();
    let told = town.ask(A, &["queue"]);
    let lines = told["payments"].as_array().expect("lines");
    let positions = lines.iter().map(|line| line["position"].as_u64());
    assert!(positions.eq((1..=WAITING).map(Some)), "in order, without gaps");
    assert_eq!(text(&lines[WAITING as usize - 1], "amount"), "11.00");
    let some = town.ask(A, &["queue", "--most", "1050"]);
    assert_eq!(some["payments"].as_array().expect("lines").len(), 1_050);
    // What stands on the second page is found by the commands that look for a payment.
    let last = text(&lines[WAITING as usize - 1], "instruction_id").to_owned();
    town.send(A, &["amend", &last, "--front"]).must_be("executed");
    assert_eq!(town.queue(A)[0], last);
    town.fund(A, "11.00");
    assert_eq!(town.status(A, &last), "settled");
    let waits = &town.account(A)["queued_out_normal"];
    assert_eq!(waits["count"], WAITING - 1);
}

#[test]
fn a_payment_that_settled_at_once_is_found_by_its_uetr_on_both_sides_across_a_kill() {
    let mut town = Town::open();
    town.fund(A, "10.00");
    let paid = town.pay(A, B, "4.00", &[]).must_be("settled");
    let uetr = text(&paid.told, "uetr").to_owned();
    // The bank in the middle passes it on under the reference that it came with.
    let onward = town.pay(B, C, "3.00", &["--uetr", &uetr]).must_be("settled").id;
    town.cut_power();
    let by_id = town.ask(A, &["history", &paid.id]);
    let by_uetr = town.ask(A, &["history", &uetr]);
    assert_eq!(by_uetr, by_id);
    assert_eq!((text(&by_id, "status"), text(&by_id, "debtor")), ("settled", A));
    assert_eq!(
        town.say(A, &["history", &uetr]),
        town.say(A, &["history", &paid.id])
    );
    let middle = town.ask(B, &["history", &uetr]);
    let kinds = middle["events"].as_array().expect("events").iter();
    assert!(kinds.map(|event| text(event, "kind")).eq(["credit", "own_batch"]));
    assert_eq!(text(&town.ask(C, &["history", &uetr]), "instruction_id"), onward);
    town.refused(D, &["history", &uetr], "nothing is known");

    let why = town.ask(A, &["explain", &uetr]);
    assert_eq!(
        (text(&why, "reason"), text(&why, "instruction_id")),
        ("nothing", &*paid.id)
    );
    let why = town.ask(REGULATOR, &["explain", "--submitter", B, &uetr]);
    assert_eq!(text(&why, "instruction_id"), onward);
    town.refused(C, &["explain", "--submitter", A, &uetr], "not_found");
    // Its debtor asks for it, its creditor pays it back, each meaning its own.
    town.send(A, &["cancel", &uetr]).must_be("cancellation_pending");
    town.refused(C, &["cancel", &uetr], "no such payment");
    town.send(C, &["return", &uetr]).must_be("settled");
    town.send(B, &["return", &uetr]).must_be("settled");
    assert_eq!(town.balances([A, B, C]), ["10.00", "0.00", "0.00"]);
    // A second one under the reference must be named by its id.
    town.pay(A, B, "1.00", &["--uetr", &uetr, "--duplicate"])
        .must_be("settled");
    town.refused(A, &["cancel", &uetr], "several payments");
}

#[test]
fn what_was_set_aside_on_entry_is_found_by_its_uetr_and_cancelled_or_not_by_the_ledger() {
    let mut town = Town::open();
    town.fund(A, "10.00");
    let more = ["--approver", C, "--expires", "+1h"];
    let paid = town.pay(A, B, "10.00", &more).must_be("set_aside");
    let uetr = text(&paid.told, "uetr").to_owned();
    town.cut_power();
    let history = town.ask(A, &["history", &uetr]);
    assert_eq!(
        (text(&history, "status"), text(&history, "creditor")),
        ("set_aside", B)
    );
    assert_eq!(history, town.ask(A, &["history", &paid.id]));
    for name in [&paid.id, &uetr] {
        town.refused(A, &["cancel", name], "not_waiting");
    }
    town.send(C, &["release", &uetr]).must_be("executed");
    assert_eq!(town.status(A, &paid.id), "settled");
}
