//! Money that is set aside until a preimage or an approver releases it, gives it back, or its time is over.
use ring::digest::{SHA256, digest};
use std::thread::sleep;
use std::time::Duration;

use crate::common::town::{A, B, C, D, Feed, Town, text};

/// Longer than the commands before it take.
const AHEAD: Duration = Duration::from_secs(15);

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn account(town: &Town) -> [String; 3] {
    let account = town.account(A);
    ["balance", "set_aside", "headroom"].map(|field| text(&account, field).to_owned())
}

#[test]
fn a_preimage_releases_what_is_set_aside_across_a_kill() {
    let mut town = Town::open();
    town.fund(A, "50.00");
    let secret = b"open sesame";
    let condition = hex(digest(&SHA256, secret).as_ref());
    let id = town
        .pay(
            A,
            B,
            "30.00",
            &["--condition-sha256", &condition, "--expires", "+1h"],
        )
        .must_be("set_aside")
        .id;
    assert_eq!(town.why(A, &id).0, "condition");
    assert_eq!(account(&town), ["50.00", "30.00", "20.00"]);
    town.refused(B, &["release", &id, "--preimage", "00"], "condition_unmet");
    town.refused(B, &["release", &id], "not_authorised");
    // Somebody whom it does not concern has to say what it is, and is refused all the same.
    let secret = hex(secret);
    let described = [
        "release",
        &id,
        "--preimage",
        &secret,
        "--debtor",
        A,
        "--creditor",
        B,
        "--currency",
        "EUR",
        "--amount",
        "30.00",
    ];
    town.refused(C, &described, "not_authorised");

    town.cut_power();
    assert_eq!(account(&town), ["50.00", "30.00", "20.00"]);
    town.send(B, &["release", &id, "--preimage", &secret])
        .must_be("executed");
    assert_eq!(town.status(A, &id), "settled");
    assert_eq!(account(&town), ["20.00", "0.00", "20.00"]);
    assert_eq!(town.balances([B]), ["30.00"]);
    assert_eq!(town.feed(A).of(&id), ["debit settled 30.00"]);
    assert_eq!(
        town.feed(B).of(&id),
        ["notice set_aside 30.00", "credit settled 30.00"]
    );
    assert!(town.feed(C).of(&id).is_empty());
    town.refused(B, &["release", &id, "--preimage", &secret], "not_waiting");
}

#[test]
fn a_debtor_whom_no_event_tells_of_it_releases_it_across_a_kill() {
    let mut town = Town::open();
    town.fund(A, "9.00");
    let secret = b"open sesame";
    let condition = hex(digest(&SHA256, secret).as_ref());
    let secret = hex(secret);
    let id = town
        .pay(
            A,
            B,
            "9.00",
            &["--condition-sha256", &condition, "--expires", "+1h"],
        )
        .must_be("set_aside")
        .id;
    town.cut_power();
    // What is set aside at once is in the answer, not in the feed.
    assert!(town.feed(A).of(&id).is_empty());
    let alone = ["release", &id, "--preimage", &secret];
    let mut described = alone.to_vec();
    described.extend(["--debtor", A, "--creditor", B, "--currency", "EUR"]);
    described.extend(["--amount", "9.01"]);
    town.refused(A, &described, "return_exceeds");
    town.send(A, &alone).must_be("executed");
    assert_eq!(town.status(A, &id), "settled");
    assert_eq!(town.balances([A, B]), ["0.00", "9.00"]);
}

#[test]
fn an_approver_releases_in_parts_and_all_three_are_told_across_kills() {
    let mut town = Town::open();
    let words = ["--approver", C, "--partial", "--expires", "+1h"];
    let id = town.pay(A, B, "40.00", &words).must_be("queued").id;
    assert_eq!(town.why(A, &id), ("funds".into(), "40.00".into()));
    town.cut_power();
    town.fund(A, "50.00");
    assert_eq!(town.status(A, &id), "set_aside");
    town.send(C, &["release", &id, "--amount", "10.00"])
        .must_be("executed");
    town.refused(C, &["release", &id, "--amount", "31.00"], "return_exceeds");

    town.cut_power();
    assert_eq!(account(&town), ["40.00", "30.00", "10.00"]);
    assert_eq!(text(&town.ask(A, &["explain", &id]), "amount"), "30.00");
    town.send(C, &["release", &id, "--amount", "30.00"])
        .must_be("executed");
    assert_eq!(town.status(A, &id), "settled");
    assert_eq!(town.balances([A, B]), ["10.00", "40.00"]);
    let own = town.feed(A).of(&id);
    let ends = ["debit set_aside 10.00", "debit settled 30.00"];
    assert_eq!(own[own.len() - 2..], ends, "{own:?}");
    let other = town.feed(B).of(&id);
    let told = [
        "notice set_aside 40.00",
        "credit set_aside 10.00",
        "credit settled 30.00",
    ];
    assert_eq!(other, told);
    let approver = town.feed(C).of(&id);
    assert_eq!(approver.len(), 3, "{approver:?}");
    assert!(approver[2].contains("settled"), "{approver:?}");
}

#[test]
fn what_is_given_back_or_expires_while_the_node_is_down_is_free_again_and_all_are_told() {
    let mut town = Town::open();
    town.fund(A, "50.00");
    let at = format!("+{}s", AHEAD.as_secs());
    let expires = town
        .pay(A, B, "20.00", &["--approver", C, "--expires", &at])
        .must_be("set_aside")
        .id;
    let declined = town
        .pay(A, B, "30.00", &["--approver", C, "--expires", "+1h"])
        .must_be("set_aside")
        .id;
    let waits = town.pay(A, D, "25.00", &[]).must_be("queued").id;
    assert_eq!(town.why(A, &waits), ("funds".into(), "25.00".into()));

    town.cut_power_while(|| sleep(AHEAD));
    town.await_status(A, &expires, "expired");
    assert_eq!(account(&town), ["50.00", "30.00", "20.00"]);
    town.refused(C, &["release", &expires], "not_waiting");
    town.send(B, &["release", &declined, "--decline"])
        .must_be("executed");
    assert_eq!(town.status(A, &declined), "given_back");
    // What is free again lets go what waited.
    assert_eq!(town.status(A, &waits), "settled");
    assert_eq!(town.balances([A, B, D]), ["25.00", "0.00", "25.00"]);
    let status = |feed: &Feed, id: &str| {
        let told = feed.of(id);
        let last = told.last().unwrap_or_else(|| panic!("nothing of {id}"));
        last.split(' ').nth(1).expect("a status").to_owned()
    };
    for name in [A, B, C] {
        let feed = town.feed(name);
        assert_eq!(status(&feed, &expires), "expired", "{name}");
        assert_eq!(status(&feed, &declined), "given_back", "{name}");
    }
}
