//! Temporary.
use causeway_loadtest::simulate::simulate;
#[test]
fn more() {
    for seed in 1..9 {
        match simulate(seed, 60_000, |_| {}) {
            Ok(tally) => println!("seed {seed}: {} entries {} answers", tally.entries, tally.answers),
            Err(failed) => println!("seed {seed}: {}", failed.what.chars().take(700).collect::<String>()),
        }
    }
}
