//! Snapshots: what they refuse. That they restore everything is shown after every script.
use causeway_ledger::{Ledger, SnapshotError};
use causeway_message::codec::Reader;

use crate::support::{World, opened};

fn busy() -> World {
    opened(
        "
        ledger rules 4
        open A B C EUR JPY
        fund A EUR 100 ref R1
        cap B JPY 5
        defund A EUR 30 id D
        pay A B EUR 71 id 1 ref X expires 60s -> queued 1
        pay B C JPY 6 id 2 -> queued 1
        suspend C
        collateral C EUR BOND 100 50000
        credit C EUR 5
        collateral C JPY GOLD 7 0
        prove A.9 by A
        revoke A.2
        propose P fund B EUR 5 ref R2 by AG.1 -> proposed
        window EUR,JPY close 1d by 2d ends 3d id W
        window JPY close 1d by 2d ends 3d id V
        obligation A B EUR 7 of W id 3 -> collected
        obligation B A JPY 7 of V id 4 -> collected
        payin A EUR 9 of W id 5 -> set_aside
        declare A
        ",
    )
}

#[test]
fn no_part_of_a_snapshot_is_a_snapshot() {
    let world = busy();
    let whole = &world.last().snapshot;
    for len in 0..whole.len() {
        let cut = Ledger::restore(&world.genesis, 0, &mut Reader::new(&whole[..len]));
        assert!(matches!(cut, Err(SnapshotError::Format(_))), "cut at {len}");
    }
}

#[test]
fn a_damaged_snapshot_never_panics() {
    let world = busy();
    let whole = &world.last().snapshot;
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << bit;
            // Some damage is another state: what reads snapshots compares the state digest.
            if let Ok(ledger) = Ledger::restore(&world.genesis, 0, &mut Reader::new(&damaged)) {
                ledger.state_digest();
            }
        }
    }
}

#[test]
fn a_snapshot_of_another_ledger_is_refused() {
    let world = busy();
    let mut other = world.genesis.clone();
    other.nonce[0] ^= 1;
    let found = Ledger::restore(&other, 0, &mut Reader::new(&world.last().snapshot));
    assert_eq!(found.err(), Some(SnapshotError::OtherLedger));
}
