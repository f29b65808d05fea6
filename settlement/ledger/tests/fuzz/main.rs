//! Fuzz targets of the ledger's snapshots: whatever stands in one, it is refused or it is the one form of a state
//! that holds together.
#[path = "../ledger/support/mod.rs"]
#[allow(dead_code, unused_imports, reason = "this test uses a part of it")]
mod scripts;
#[path = "../../../../fx/tests/fuzz/support.rs"]
mod support;

use causeway_ledger::Ledger;
use causeway_message::codec::Reader;
use causeway_message::genesis::Genesis;
use std::sync::LazyLock;
use support::{Input, fuzz};

/// A length field that is believed before it is checked ends the run here.
#[global_allocator]
static MEMORY: cap::Cap<std::alloc::System> = cap::Cap::new(std::alloc::System, 512 << 20);

struct Samples {
    genesis: Genesis,
    snapshots: Vec<Vec<u8>>,
}

/// A ledger in the middle of everything: queues, a cascade, proposals, defundings, revoked keys, sessions.
static SAMPLES: LazyLock<Samples> = LazyLock::new(|| {
    let world = scripts::opened(
        "
        ledger rules 4
        open A B C EUR JPY
        fund A EUR 100 ref R1
        cap B JPY 5
        defund A EUR 30 id D
        pay A B EUR 71 id 1 ref X expires 60s -> queued 1
        pay A C EUR 5 id 3 -> queued 2
        pay B C JPY 6 id 2 -> queued 1
        collateral C EUR BOND 100 50000
        credit C EUR 5
        collateral C JPY GOLD 7 0
        prove A.9 by A
        revoke A.2
        window EUR,JPY close 1d by 2d ends 3d id W
        obligation A B EUR 7 of W id 4 -> collected
        obligation B A JPY 9 of W id 5 -> collected
        payin A EUR 9 of W id 6 -> set_aside
        suspend C
        declare A
        propose P fund B EUR 5 ref R2 by AG.1 -> proposed
        propose Q fund B EUR 6 ref R3 by AG.1 -> proposed
        withdraw Q by AG.2 -> executed
        ",
    );
    let snapshots = world.log.iter().map(|entry| entry.snapshot.clone());
    Samples {
        genesis: world.genesis.clone(),
        snapshots: snapshots.collect(),
    }
});

/// Where a snapshot counts the ids and the UETRs that are remembered, which it does not hold.
const COUNTS: [std::ops::Range<usize>; 2] = [52..60, 76..92];

#[test]
fn a_snapshot_is_refused_or_is_the_one_form_of_a_sound_state() {
    let Samples { genesis, snapshots } = &*SAMPLES;
    let words = [
        "\u{1}\u{0}\u{0}\u{0}",
        "A",
        "R1",
        "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}",
    ];
    fuzz!("snapshot", snapshots, &words, |input: &Input| {
        let mut bytes = input.bytes.clone();
        if input.repair
            && let Some(own) = bytes.get_mut(..34)
        {
            own.copy_from_slice(&snapshots[0][..34]);
        }
        let mut reader = Reader::new(&bytes);
        let Ok(ledger) = Ledger::restore(genesis, 7, &mut reader) else {
            return;
        };
        assert_eq!(ledger.check(), Ok(()));
        ledger.audit();
        let mut again = Vec::new();
        ledger.write(&mut again);
        bytes.truncate(bytes.len() - reader.rest().len());
        for counts in COUNTS {
            bytes[counts.clone()].copy_from_slice(&again[counts]);
        }
        assert!(again == bytes, "one state, one form");
        look(&ledger);
    });
}

/// Asks for everything that can be asked for without the memory of ids, which the log gives back.
fn look(ledger: &Ledger) {
    ledger.next_due();
    for (currency, liability, accounts) in ledger.positions() {
        assert_eq!(
            liability + accounts,
            0,
            "currency {currency} does not sum to zero"
        );
    }
    for ((participant, session), last) in ledger.sessions().all().take(64) {
        let sessions = ledger.sessions();
        assert_eq!(sessions.last(participant, session), last);
        for number in [0, 1, last, last + 1, u64::MAX] {
            sessions.order(participant, session, number, &[0; 32], ledger.time());
        }
    }
    let told = ledger.windows(causeway_message::ParticipantId(0), 0, true);
    assert!(told.positions.len() <= 2 * ledger.waiting() as usize + told.windows.len() * 4_096);
    for participant in ledger.registry().all() {
        assert!(!participant.keys.is_empty());
    }
}
