//! Every decision of a simulation, drawn from one stream: from a seed, or replayed step by step.
use serde::{Deserialize, Serialize};

use crate::random::Random;

/// The decisions of one episode, one list for each step; the first is its set-up.
pub type Record = Vec<Vec<u32>>;

/// Where decisions come from, and what was decided.
#[derive(Debug)]
pub struct Choices {
    source: Source,
    record: Record,
}

#[derive(Debug)]
enum Source {
    Seed(Random),
    /// Steps to replay; what a step lacks is zero, what it does not ask for is passed over.
    Replay {
        steps: Record,
        at: usize,
    },
}

/// How to make an episode again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Script {
    /// The seed it was found with.
    pub seed: u64,
    /// Its decisions.
    pub steps: Record,
}

impl Choices {
    /// Drawn from a seed.
    pub fn seeded(seed: u64) -> Self {
        Self {
            source: Source::Seed(Random::new(seed)),
            record: vec![Vec::new()],
        }
    }

    /// As they were recorded.
    pub fn replay(steps: Record) -> Self {
        Self {
            source: Source::Replay { steps, at: 0 },
            record: vec![Vec::new()],
        }
    }

    /// Begins the next step.
    pub fn begin_step(&mut self) {
        self.record.push(Vec::new());
        if let Source::Replay { at, .. } = &mut self.source {
            *at += 1;
        }
    }

    /// A number below `bound`; zero, of no bound.
    pub fn below(&mut self, bound: u32) -> u32 {
        let Some(step) = self.record.last_mut() else {
            return 0;
        };
        let drawn = match &mut self.source {
            Source::Seed(random) => random.below(u64::from(bound.max(1))) as u32,
            Source::Replay { steps, at } => {
                let recorded = steps.get(*at).and_then(|list| list.get(step.len()));
                recorded.map_or(0, |value| value % bound.max(1))
            }
        };
        step.push(drawn);
        drawn
    }

    /// True once in `times`. Zero, to which a shrunken step falls back, is the rare case's opposite.
    pub fn one_in(&mut self, times: u32) -> bool {
        self.below(times) + 1 == times
    }

    /// The decisions so far.
    pub fn record(&self) -> &Record {
        &self.record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replay_decides_as_the_seed_did_and_zero_where_nothing_was_decided() {
        let mut seeded = Choices::seeded(7);
        let draw = |choices: &mut Choices| {
            let mut all = vec![choices.below(10), choices.below(1_000)];
            choices.begin_step();
            all.push(choices.below(50));
            all
        };
        let first = draw(&mut seeded);
        let mut replayed = Choices::replay(seeded.record().clone());
        assert_eq!(draw(&mut replayed), first);
        assert_eq!(replayed.record(), seeded.record());
        replayed.begin_step();
        assert_eq!(replayed.below(9), 0);
    }
}
