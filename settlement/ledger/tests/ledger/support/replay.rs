//! The same run again: from the start with another seed, and from a snapshot of every entry.
use causeway_ledger::{Ledger, NoPast, Outcome};
use causeway_message::codec::Reader;

use super::world::{Applied, World};

/// Repeats the whole run in every way there is.
pub fn repeats(world: &World) {
    let other_seed = Ledger::new(&world.genesis, 0x5eed).expect("the genesis holds");
    goes_on(other_seed, &world.log, "with another seed");
    for cut in 0..world.log.len() {
        from_cut(world, cut);
    }
}

/// Restores the state after the entry at place `cut` and applies what followed.
pub fn from_cut(world: &World, cut: usize) {
    let at = &world.log[cut];
    let what = format!("from a snapshot of entry {}", cut + 1);
    let mut reader = Reader::new(&at.snapshot);
    let mut ledger =
        Ledger::restore(&world.genesis, 77 + cut as u64, &mut reader).expect("a snapshot restores");
    reader.end("snapshot").expect("a snapshot has no more bytes");
    for (submitter, id, known) in &at.memory {
        ledger.remember(*submitter, *id, known);
    }
    ledger.audit();
    assert!(
        ledger.state_digest() == at.digest,
        "{what}: the state differs at once"
    );
    goes_on(ledger, &world.log[cut + 1..], &what);
}

fn goes_on(mut ledger: Ledger, log: &[Applied], what: &str) {
    let mut outcome = Outcome::default();
    for entry in log {
        let index = ledger.index() + 1;
        ledger.apply(index, entry.time, entry.input.input(), &NoPast, &mut outcome);
        assert_eq!(
            outcome, entry.outcome,
            "{what}: the outcome of entry {index} differs"
        );
        assert!(
            ledger.state_digest() == entry.digest,
            "{what}: the state after entry {index} differs"
        );
    }
}
