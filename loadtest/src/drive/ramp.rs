//! The search for the highest rate that meets an objective.
use crate::plan::Ramp;

/// Rates lie so close in the end.
const NEAR: f64 = 1.03;
/// Most rates that are tried.
const STEPS_MAX: usize = 64;
/// Least part of the offered payments that must be settled.
const ACHIEVED: f64 = 0.98;

/// What one rate came to.
#[derive(Debug, Clone, Copy)]
pub struct Tried {
    /// Payments a second that were intended.
    pub rate: f64,
    /// That were settled.
    pub achieved: f64,
    /// Milliseconds at the objective's quantile.
    pub ms: f64,
    /// Payments intended and not answered when the window ended.
    pub backlog: u64,
    /// Payments of one batch of each bank: as much is always under way.
    pub usual: u64,
}

impl Tried {
    /// Why a rate does not meet the objective.
    pub fn why(&self, ramp: &Ramp) -> Option<String> {
        let objective = ramp.objective;
        if self.ms > objective.ms {
            let part = objective.quantile * 100.0;
            return Some(format!(
                "p{part} {:.1} ms is more than {} ms",
                self.ms, objective.ms
            ));
        }
        if self.achieved < self.rate * ACHIEVED {
            return Some(format!(
                "{:.0}/s settled of {:.0}/s offered",
                self.achieved, self.rate
            ));
        }
        // In the time of the objective so much is under way without anything piling up.
        let under_way = self.usual + (self.rate * objective.ms / 1e3) as u64;
        (self.backlog > under_way).then(|| format!("{} payments piled up", self.backlog))
    }
}

/// Where the search stands.
#[derive(Debug)]
pub struct Search {
    step: f64,
    next: f64,
    passed: Option<f64>,
    failed: Option<f64>,
    tried: usize,
}

impl Search {
    /// At the first rate.
    pub fn new(ramp: &Ramp) -> Self {
        Self {
            step: ramp.step,
            next: ramp.from as f64,
            passed: None,
            failed: None,
            tried: 0,
        }
    }

    /// The rate to try next; none once the highest is known closely enough.
    pub fn next(&self) -> Option<f64> {
        let near = self
            .passed
            .zip(self.failed)
            .is_some_and(|(passed, failed)| failed < passed * NEAR);
        let nothing = self.passed.is_none() && self.next < 1.0;
        (!near && !nothing && self.tried < STEPS_MAX).then_some(self.next)
    }

    /// Notes whether the rate met the objective.
    pub fn note(&mut self, met: bool) {
        self.tried += 1;
        if met {
            self.passed = Some(self.next);
        } else {
            self.failed = Some(self.next);
        }
        self.next = match (self.passed, self.failed) {
            (Some(passed), Some(failed)) => (passed * failed).sqrt(),
            (Some(passed), None) => passed * self.step,
            // The first was too high already.
            (None, _) => self.next / self.step,
        };
    }

    /// The highest rate that met it.
    pub const fn highest(&self) -> Option<f64> {
        self.passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(highest: f64, from: u64) -> (Option<f64>, usize) {
        let ramp = Ramp {
            from,
            ..Ramp::default()
        };
        let mut search = Search::new(&ramp);
        let mut steps = 0;
        while let Some(rate) = search.next() {
            search.note(rate <= highest);
            steps += 1;
        }
        (search.highest(), steps)
    }

    #[test]
    fn the_highest_rate_is_found_from_below_and_from_above() {
        for from in [100_000, 900_000] {
            let (found, steps) = find(437_000.0, from);
            let found = found.expect("a rate meets it");
            assert!((437_000.0 / NEAR..=437_000.0).contains(&found), "{found}");
            assert!(steps < 25, "{steps}");
        }
        assert_eq!(find(0.0, 1_000).0, None, "no rate meets it");
    }

    #[test]
    fn a_rate_must_be_met_in_latency_in_throughput_and_without_piling_up() {
        let ramp = Ramp::default();
        let good = Tried {
            rate: 100_000.0,
            achieved: 99_000.0,
            ms: 20.0,
            backlog: 2_000,
            usual: 1_024,
        };
        assert_eq!(good.why(&ramp), None);
        let bad = [
            Tried { ms: 25.1, ..good },
            Tried {
                achieved: 97_000.0,
                ..good
            },
            Tried {
                backlog: 50_000,
                ..good
            },
        ];
        assert!(bad.iter().all(|tried| tried.why(&ramp).is_some()));
    }
}
