//! What is drawn from a seed: sizes of banks, amounts, and places by weight.
use crate::random::Random;

impl Random {
    /// Between zero and one, neither of them.
    pub fn unit(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Of the standard normal distribution (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(self.unit())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.unit())
    }

    /// Of the lognormal distribution.
    pub fn lognormal(&mut self, mu: f64, sigma: f64) -> f64 {
        libm::exp(mu + sigma * self.normal())
    }

    /// Of the Pareto distribution with exponent 1, from one on: few are large.
    pub fn pareto(&mut self) -> f64 {
        1.0 / self.unit()
    }
}

/// Places with weights.
#[derive(Debug, Clone)]
pub struct Weights(Vec<f64>);

impl Weights {
    /// Of these weights, which are above zero.
    pub fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        let add = |weight| {
            sum += weight;
            sum
        };
        Self(weights.into_iter().map(add).collect())
    }

    /// A place, the likelier the more it weighs.
    pub fn pick(&self, random: &mut Random) -> usize {
        let all = self.0.last().copied().unwrap_or(0.0);
        self.at(random.unit() * all)
    }

    /// A place below `bound`, the likelier the more it weighs.
    pub fn pick_below(&self, bound: usize, random: &mut Random) -> usize {
        let all = bound.checked_sub(1).and_then(|last| self.0.get(last));
        let all = all.or(self.0.last()).copied().unwrap_or(0.0);
        self.at(random.unit() * all)
    }

    fn at(&self, at: f64) -> usize {
        let found = self.0.partition_point(|sum| *sum < at);
        found.min(self.0.len().saturating_sub(1))
    }

    /// Two places that are not the same; of fewer than two the first and the next.
    pub fn pair(&self, random: &mut Random) -> (usize, usize) {
        let one = self.pick(random);
        if self.0.len() < 2 {
            return (one, one + 1);
        }
        loop {
            let other = self.pick(random);
            if other != one {
                return (one, other);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_weighs_more_is_picked_more_often() {
        let weights = Weights::new([1.0, 3.0, 4.0]);
        let mut random = Random::new(1);
        let heavy = (0..10_000)
            .filter(|_| weights.pick_below(2, &mut random) == 1)
            .count();
        assert!((7_300..7_700).contains(&heavy), "{heavy}");
        let heavy = (0..10_000).filter(|_| weights.pick(&mut random) == 2).count();
        assert!((4_800..5_200).contains(&heavy), "{heavy}");
        for _ in 0..100 {
            let (one, other) = weights.pair(&mut random);
            assert_ne!(one, other);
        }
    }

    #[test]
    fn the_middle_of_a_lognormal_is_where_it_should_be() {
        let mut random = Random::new(2);
        let mut drawn: Vec<f64> = (0..10_001).map(|_| random.lognormal(8.5, 3.95)).collect();
        drawn.sort_by(f64::total_cmp);
        let ln = |at: usize| drawn[at].ln();
        assert!((8.3..8.7).contains(&ln(5_000)), "{}", ln(5_000));
        // One standard deviation above the middle.
        assert!((12.2..12.7).contains(&ln(8_413)), "{}", ln(8_413));
        let mut pareto: Vec<f64> = (0..10_001).map(|_| random.pareto()).collect();
        pareto.sort_by(f64::total_cmp);
        assert!(pareto[0] >= 1.0 && (1.9..2.1).contains(&pareto[5_000]));
    }
}
