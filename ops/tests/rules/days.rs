//! The day of a currency: open, cut off, closed.
use crate::common::town::{A, B, C, OPERATOR, Town, text};
use crate::common::{causeway, code, stderr, word};

#[test]
fn cut_off_and_close_have_their_statuses_and_the_next_day_begins_anew_across_kills() {
    let mut town = Town::open();
    town.day("open", "2030-01-07");
    town.fund(A, "20.00");
    let limit = [
        "limits",
        "set",
        "--currency",
        "EUR",
        "--to",
        B,
        "--amount",
        "10.00",
    ];
    town.send(A, &limit).must_be("executed");
    town.pay(A, B, "8.00", &[]).must_be("settled");
    let settles = town.pay(C, B, "5.00", &[]).must_be("queued").id;
    let ends = town.pay(A, B, "9.00", &[]).must_be("queued").id;
    let aside = town
        .pay(
            A,
            C,
            "2.00",
            &["--approver", B, "--expires", "+1h", "--priority", "urgent"],
        )
        .must_be("set_aside")
        .id;

    town.day("cut-off", "2030-01-07");
    town.cut_power();
    assert_eq!(town.account(A)["phase"], "cut_off");
    town.refused(A, &Town::payment(B, "1.00", &[]), "rejected_cut_off");
    // What waited before may still settle.
    town.fund(C, "5.00");
    assert_eq!(town.status(C, &settles), "settled");

    town.day("closed", "2030-01-07");
    town.cut_power();
    assert_eq!(town.status(A, &ends), "rejected_close");
    assert!(town.queue(A).is_empty());
    assert_eq!(town.feed(A).of(&ends), ["not_paid rejected_close 9.00"]);
    town.refused(A, &Town::payment(B, "1.00", &[]), "rejected_cut_off");
    // Money that is set aside outlives the close, but does not move before the next day.
    assert_eq!(town.status(A, &aside), "set_aside");
    town.refused(B, &["release", &aside], "rejected_cut_off");

    town.day("open", "2030-01-08");
    let account = town.account(A);
    assert_eq!(
        (text(&account, "phase"), text(&account, "business_date")),
        ("open", "2030-01-08")
    );
    assert_eq!(text(&account["bilateral_limits"][0], "used"), "0.00");
    town.pay(A, B, "9.00", &[]).must_be("settled");
    town.send(B, &["release", &aside]).must_be("executed");
    assert_eq!(town.balances([A, B, C]), ["1.00", "22.00", "2.00"]);
}

#[test]
fn a_day_goes_only_where_it_may_go() {
    let town = Town::open();
    let config = town.config(OPERATOR);
    let refused = |phase, date| {
        let words = ["control", "propose", "--config", word(&config), "--person", "1"];
        let mut words = words.to_vec();
        words.extend(["set-day", "--currency", "EUR", "--phase", phase, "--date", date]);
        let output = causeway(&words);
        assert_eq!(code(&output), 1, "{phase} {date}");
        assert!(stderr(&output).contains("day_invalid"), "{}", stderr(&output));
    };
    refused("closed", "2030-01-07");
    town.day("open", "2030-01-07");
    refused("open", "2030-01-08");
    refused("cut-off", "2030-01-08");
    town.day("closed", "2030-01-07");
    refused("open", "2030-01-07");
    town.day("open", "2030-01-08");
}
