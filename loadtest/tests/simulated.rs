//! The simulation itself: one seed is one course of events, and nothing is found in it.
use causeway_loadtest::simulate::simulate;

const STEPS: u64 = 12_000;

#[test]
fn the_same_seed_gives_the_same_logs_faults_and_answers() {
    let run = |seed| {
        let mut last = 0;
        let tally = simulate(seed, STEPS, |tally| last = tally.steps).map_err(|failed| failed.what);
        assert_eq!(last, STEPS, "seed {seed} ended early");
        tally.expect("nothing is found")
    };
    let (first, again, other) = (run(3), run(3), run(4));
    assert_eq!(first, again);
    assert_ne!(
        first.fingerprint, other.fingerprint,
        "another seed is another course"
    );
    assert!(
        first.entries > 100 && first.answers > 100 && first.pages > 50,
        "{first:?}"
    );
    assert!(first.lines > 100, "{first:?}");
    assert!(first.faults.len() > 4, "{:?}", first.faults);
}
