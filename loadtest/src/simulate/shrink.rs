//! Makes a failing episode shorter: steps are left out as long as it goes on failing.
use super::choices::Script;
use super::run::{Failed, replay};

/// Shrinks within a number of runs; `progress` is told the steps that are left.
pub fn shrink(failed: Box<Failed>, runs: usize, mut progress: impl FnMut(usize)) -> Box<Failed> {
    // What replays otherwise than it ran cannot be shrunk; it is given back as it is.
    let Err(mut best) = replay(&failed.script) else {
        return failed;
    };
    let mut left = runs;
    let mut chunk = best.script.steps.len() / 2;
    while chunk > 0 && left > 0 {
        // The first list is the set-up and stays.
        let mut at = 1;
        while at < best.script.steps.len() && left > 0 {
            left -= 1;
            let mut steps = best.script.steps.clone();
            steps.drain(at..(at + chunk).min(steps.len()));
            let seed = best.script.seed;
            match replay(&Script { seed, steps }) {
                Err(shorter) if shorter.script.steps.len() < best.script.steps.len() => {
                    best = shorter;
                    progress(best.script.steps.len());
                }
                _ => at += chunk,
            }
        }
        chunk /= 2;
    }
    best
}
