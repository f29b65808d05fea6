//! Axes: where a value stands, and which values are named.

/// An axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// Equal steps.
    Linear(f64, f64),
    /// Equal factors.
    Log(f64, f64),
}

/// Distance of named values, at most so many of them.
const NAMED: f64 = 6.0;
/// Beyond this nothing is told apart, and sums run over.
const MOST: f64 = 1e300;

impl Scale {
    /// From zero to a round number that holds all values.
    pub fn from_zero(values: impl Iterator<Item = f64>) -> Self {
        let most = values
            .filter(|value| value.is_finite())
            .fold(0.0, f64::max)
            .min(MOST);
        let step = step(most);
        Self::Linear(0.0, (most / step).ceil().max(1.0) * step)
    }

    /// Factors of ten around all values above zero; equal steps if these lie close together.
    pub fn of_times(values: impl Iterator<Item = f64> + Clone) -> Self {
        // The other end of what is told apart.
        let above = values
            .clone()
            .filter(|value| *value <= MOST && *value >= 1.0 / MOST);
        let (least, most) = above.fold((f64::INFINITY, 0.0), |(least, most): (f64, f64), value| {
            (least.min(value), most.max(value))
        });
        if most <= least * 30.0 {
            return Self::from_zero(values);
        }
        let (low, high) = (least.log10().floor(), most.log10().ceil());
        Self::Log(10f64.powf(low), 10f64.powf(high.max(low + 1.0)))
    }

    /// Where a value stands, from 0 to 1; beyond the ends it stands there.
    pub fn place(self, value: f64) -> f64 {
        let place = match self {
            Self::Linear(low, high) => (value - low) / (high - low),
            Self::Log(low, high) => (value.max(low) / low).log10() / (high / low).log10(),
        };
        if place.is_finite() {
            place.clamp(0.0, 1.0)
        } else {
            0.0
        }
    }

    /// Values that are named.
    pub fn named(self) -> Vec<f64> {
        match self {
            Self::Linear(low, high) => {
                let step = step(high - low);
                let count = ((high - low) / step + 1e-9).floor().min(2.0 * NAMED) as u32;
                let first = (low / step).ceil() * step;
                (0..=count)
                    .map(|number| first + f64::from(number) * step)
                    .filter(|value| *value <= high + step * 1e-6)
                    .collect()
            }
            Self::Log(low, high) => {
                let decades = (high / low).log10().round().max(1.0);
                let apart = (decades / NAMED).ceil().max(1.0);
                let count = (decades / apart).floor() as u32;
                let each = |number| 10f64.powf(low.log10() + apart * f64::from(number));
                (0..=count).map(each).collect()
            }
        }
    }
}

/// A round distance for a range: 1, 2 or 5 of a power of ten.
fn step(range: f64) -> f64 {
    if !range.is_finite() || range <= 0.0 {
        return 1.0;
    }
    let rough = range / NAMED;
    let power = 10f64.powf(rough.log10().floor());
    let factor = rough / power;
    let round = [1.0, 2.0, 5.0].into_iter().find(|round| factor <= *round);
    round.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::Scale;

    #[test]
    fn an_axis_ends_at_a_round_number_and_names_round_ones() {
        let scale = Scale::from_zero([3.0, f64::NAN, 1_040_000.0].into_iter());
        assert_eq!(scale, Scale::Linear(0.0, 1_200_000.0));
        assert_eq!(scale.named(), [0.0, 2e5, 4e5, 6e5, 8e5, 1e6, 1.2e6]);
        assert_eq!(
            (scale.place(600_000.0), scale.place(9e9), scale.place(f64::NAN)),
            (0.5, 1.0, 0.0)
        );
    }

    #[test]
    fn nothing_to_show_is_an_axis_all_the_same() {
        for values in [vec![], vec![0.0], vec![f64::NAN, f64::INFINITY], vec![-3.0]] {
            let scale = Scale::from_zero(values.iter().copied());
            assert_eq!(scale, Scale::Linear(0.0, 1.0));
            assert_eq!(Scale::of_times(values.iter().copied()), scale);
        }
    }

    #[test]
    fn times_far_apart_stand_on_factors_of_ten() {
        let scale = Scale::of_times([0.4, 12.0, 350.0].into_iter());
        assert!(matches!(scale, Scale::Log(..)));
        let named = scale.named();
        assert_eq!(named.len(), 5);
        assert!((scale.place(10.0) - 0.5).abs() < 1e-9, "{}", scale.place(10.0));
        assert!(matches!(
            Scale::of_times([2.0, 9.0].into_iter()),
            Scale::Linear(..)
        ));
    }
}
