//! Feeds that begin anywhere while money moves: read from the log first, then live, without gap or repetition.
mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::node::Ledger;
use common::teller::{Dice, Teller};

/// How long feeds are begun and left again.
const TIME: Duration = Duration::from_secs(3);

#[test]
fn a_feed_begun_while_money_moves_has_no_gap() {
    let ledger = Ledger::new();
    let _node = ledger.start();
    for bank in ["ALFADEFF", "BETAFRPP"] {
        ledger.fund("ECB-TARGET", bank, "EUR", "50.00", bank);
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(follow_again_and_again(&ledger));
}

async fn follow_again_and_again(ledger: &Ledger) {
    let a = Arc::new(Teller::open(ledger, "ALFADEFF").await);
    let b = Arc::new(Teller::open(ledger, "BETAFRPP").await);
    let stop = Arc::new(AtomicBool::new(false));
    let mut lanes = a.pay(vec![b.id], &[978], 400, 1, &stop);
    lanes.extend(b.pay(vec![a.id], &[978], 400, 2, &stop));
    let (mut dice, mut begun, started) = (Dice(7), 0, Instant::now());
    while started.elapsed() < TIME {
        let next = a.notes.lock().expect("notes").next_event;
        let from = next.saturating_sub(dice.below(40)).max(1);
        let mut feed = a.client.feed(from);
        let mut expected = from;
        // Until it is live, and a little on.
        while expected < next + 40 {
            let entry = feed.next().await.expect("the feed goes on");
            for (number, _) in entry.events() {
                assert_eq!(number, expected, "of the feed from {from}");
                expected += 1;
            }
        }
        begun += 1;
    }
    stop.store(true, Ordering::Release);
    for lane in lanes {
        lane.await.expect("a lane ends by itself");
    }
    println!("{begun} feeds");
    for bank in [a, b] {
        assert!(bank.notes.lock().expect("notes").faults.is_empty());
        bank.leave();
    }
}
