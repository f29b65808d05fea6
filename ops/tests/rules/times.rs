//! From-time, till-time and expiry, all of which come while the node is down.
use std::thread::sleep;
use std::time::Duration;

use crate::common::town::{A, B, C, Town};

/// Longer than the commands before it take.
const AHEAD: Duration = Duration::from_secs(15);

#[test]
fn times_that_come_while_the_node_is_down_take_effect_when_it_is_back() {
    let mut town = Town::open();
    town.fund(A, "10.00");
    let at = format!("+{}s", AHEAD.as_secs());
    let from = town
        .pay(A, B, "10.00", &["--from-time", &at])
        .must_be("warehoused")
        .id;
    assert_eq!(town.why(A, &from).0, "warehoused");
    let expires = town.pay(C, B, "3.00", &["--expires", &at]).must_be("queued").id;
    let till = town.pay(C, B, "4.00", &["--till-time", &at]).must_be("queued").id;
    assert_eq!(town.why(C, &expires), ("funds".into(), "3.00".into()));
    assert!(town.ask(C, &["explain", &expires])["until"].is_string());
    // They must rise.
    let disordered = Town::payment(B, "1.00", &["--from-time", "+2h", "--expires", "+1h"]);
    town.refused(A, &disordered, "time_invalid");

    town.cut_power_while(|| sleep(AHEAD));
    town.await_status(A, &from, "settled");
    town.await_status(C, &expires, "expired");
    assert_eq!(town.status(C, &till), "queued");
    assert_eq!(town.queue(C), [&*till]);
    assert_eq!(town.balances([A, B, C]), ["0.00", "10.00", "0.00"]);
    let (own, other, debtor) = (town.feed(A), town.feed(B), town.feed(C));
    assert_eq!(own.of(&from), ["debit settled 10.00"]);
    assert_eq!(other.of(&from), ["credit settled 10.00"]);
    assert_eq!(debtor.of(&expires), ["not_paid expired 3.00"]);
    assert_eq!(debtor.of(&till), ["waits queued 4.00"]);
    // What only waited is nothing to its creditor.
    assert!(other.of(&expires).is_empty() && other.of(&till).is_empty());
    town.fund(C, "4.00");
    assert_eq!(town.status(C, &till), "settled");
}
