//! Net debit caps, and the limits that a sender sets for itself.
use serde_json::Value;

use crate::common::town::{A, AGENT, B, C, D, OPERATOR, Sent, Town, text};

fn set_cap(town: &Town, cap: &str) {
    let words = ["set-cap", "--participant", A, "--currency", "EUR", "--cap", cap];
    town.control(OPERATOR, &words);
}

/// Sets a bilateral limit.
fn limit(town: &Town, to: &str, amount: &str) -> Sent {
    let words = [
        "limits",
        "set",
        "--currency",
        "EUR",
        "--to",
        to,
        "--amount",
        amount,
    ];
    town.send(A, &words).must_be("executed")
}

fn remove(town: &Town, to: &str) {
    let words = ["limits", "set", "--currency", "EUR", "--to", to, "--remove"];
    town.send(A, &words).must_be("executed");
}

/// Amount and use of a limit.
fn shown(limit: &Value) -> (&str, &str) {
    (text(limit, "amount"), text(limit, "used"))
}

#[test]
fn a_net_debit_cap_lets_so_much_out_and_no_more_across_a_kill() {
    let mut town = Town::open();
    set_cap(&town, "30.00");
    town.pay(A, B, "20.00", &[]).must_be("settled");
    let waits = town.pay(A, B, "20.00", &[]).must_be("queued").id;
    assert_eq!(town.why(A, &waits), ("funds".into(), "10.00".into()));

    town.cut_power();
    let account = town.account(A);
    assert_eq!(
        (
            text(&account, "balance"),
            text(&account, "cap"),
            text(&account, "headroom")
        ),
        ("-20.00", "30.00", "10.00")
    );
    set_cap(&town, "40.00");
    assert_eq!(town.status(A, &waits), "settled");
    assert_eq!(town.feed(B).of(&waits), ["credit settled 20.00"]);

    // Below what is used: nothing is taken back, and nothing more flows out.
    set_cap(&town, "10.00");
    assert_eq!(text(&town.account(A), "headroom"), "-30.00");
    let waits = town.pay(A, B, "1.00", &[]).must_be("queued").id;
    assert_eq!(town.why(A, &waits), ("funds".into(), "31.00".into()));
    let told = town.feed(A);
    let caps = told.kind("control");
    assert_eq!(caps.len(), 3, "{caps:?}");
    assert!(caps[2].contains("10.00"), "{caps:?}");
}

#[test]
fn a_bilateral_limit_binds_normal_payments_to_one_bank_across_a_kill() {
    let mut town = Town::open();
    town.fund(A, "100.00");
    limit(&town, B, "20.00");
    town.pay(A, B, "20.00", &[]).must_be("settled");
    let at_once = Town::payment(B, "5.00", &["--settle-or-reject"]);
    town.refused(A, &at_once, "limit_exceeded");
    let waits = town.pay(A, B, "5.00", &[]).must_be("queued").id;
    assert_eq!(town.why(A, &waits), ("bilateral_limit".into(), "5.00".into()));
    // Urgent payments are not bound by it, and do not use it.
    town.pay(A, B, "30.00", &["--priority", "urgent"])
        .must_be("settled");

    // Lowered below its use it takes effect, and says so.
    let lowered = limit(&town, B, "10.00");
    assert_eq!(lowered.told["below_use"], true);
    assert_eq!(town.why(A, &waits), ("bilateral_limit".into(), "15.00".into()));

    town.cut_power();
    let account = town.account(A);
    assert_eq!(shown(&account["bilateral_limits"][0]), ("10.00", "20.00"));
    assert_eq!(town.why(A, &waits), ("bilateral_limit".into(), "15.00".into()));
    // What comes back from there counts against the use.
    town.pay(B, A, "15.00", &[]).must_be("settled");
    assert_eq!(town.status(A, &waits), "settled");
    assert_eq!(town.feed(B).of(&waits), ["credit settled 5.00"]);
    assert_eq!(town.balances([A, B]), ["60.00", "40.00"]);
    let account = town.account(A);
    assert_eq!(shown(&account["bilateral_limits"][0]), ("10.00", "10.00"));

    let waits = town.pay(A, B, "1.00", &[]).must_be("queued").id;
    remove(&town, B);
    assert_eq!(town.status(A, &waits), "settled");
    assert_eq!(town.feed(A).of(&waits), ["debit settled 1.00"]);
}

#[test]
fn a_multilateral_limit_binds_all_who_have_none_of_their_own_across_a_kill() {
    let mut town = Town::open();
    town.fund(A, "100.00");
    let words = [
        "limits",
        "set",
        "--currency",
        "EUR",
        "--multilateral",
        "--amount",
        "15.00",
    ];
    town.send(A, &words).must_be("executed");
    limit(&town, B, "50.00");
    town.pay(A, B, "40.00", &[]).must_be("settled");
    town.pay(A, C, "10.00", &[]).must_be("settled");
    let waits = town.pay(A, D, "10.00", &[]).must_be("queued").id;
    assert_eq!(town.why(A, &waits), ("multilateral_limit".into(), "5.00".into()));

    town.cut_power();
    let account = town.account(A);
    assert_eq!(shown(&account["multilateral_limit"]), ("15.00", "10.00"));
    assert_eq!(shown(&account["bilateral_limits"][0]), ("50.00", "40.00"));
    // From one with a limit of its own it does not help; from another it does.
    town.pay(B, A, "5.00", &[]).must_be("settled");
    assert_eq!(town.status(A, &waits), "queued");
    town.pay(C, A, "5.00", &[]).must_be("settled");
    assert_eq!(town.status(A, &waits), "settled");
    assert_eq!(town.feed(D).of(&waits), ["credit settled 10.00"]);
    assert_eq!(town.balances([A, B, C, D]), ["50.00", "35.00", "5.00", "10.00"]);
}

#[test]
fn money_on_its_way_out_of_the_ledger_cannot_be_paid_across_a_kill() {
    let mut town = Town::open();
    town.fund(A, "50.00");
    let defund = ["defund", "--participant", A, "--currency", "EUR", "--amount"];
    let out = |amount| {
        let mut words = defund.to_vec();
        words.push(amount);
        town.control(AGENT, &words)
    };
    let (paid_out, failed) = (out("10.00"), out("30.00"));
    let waits = town.pay(A, B, "25.00", &[]).must_be("queued").id;
    assert_eq!(town.why(A, &waits), ("funds".into(), "15.00".into()));

    town.cut_power();
    let account = town.account(A);
    assert_eq!(
        (text(&account, "balance"), text(&account, "set_aside")),
        ("50.00", "40.00")
    );
    let confirm = [
        "confirm-defund",
        "--defund",
        &paid_out,
        "--reference",
        "RTGS-OUT-1",
    ];
    town.control(AGENT, &confirm);
    assert_eq!(town.why(A, &waits), ("funds".into(), "15.00".into()));
    town.control(AGENT, &["release-defund", "--defund", &failed]);
    assert_eq!(town.status(A, &waits), "settled");
    assert_eq!(town.balances([A, B]), ["15.00", "25.00"]);
}
