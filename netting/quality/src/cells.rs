//! The cells of the table: how many banks and payments, how far amounts spread, how much money there is.
use causeway_netting::Case;
use causeway_netting::case::CaseError;
use causeway_scenario::{Setup, Source};

/// One cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// Banks, of Pareto sizes.
    pub banks: usize,
    /// Payments in all.
    pub items: usize,
    /// Spread of the logarithms of the amounts.
    pub sigma: f64,
    /// Balance of an account in percent of what it would pay.
    pub percent: u32,
}

impl Cell {
    /// All of them, in order of the table.
    pub fn all() -> Vec<Self> {
        let mut cells = Vec::new();
        for (banks, items) in [(60, 3_000), (200, 10_000)] {
            for sigma in [1.5, 3.03, 3.95] {
                for percent in [2, 10] {
                    cells.push(Self {
                        banks,
                        items,
                        sigma,
                        percent,
                    });
                }
            }
        }
        cells
    }

    /// As `--cells` calls it: banks, σ, percent.
    pub fn name(&self) -> String {
        format!("{}/{}/{}", self.banks, self.sigma, self.percent)
    }

    /// Percent of the best of HiGHS that should be reached; none where amounts spread very far.
    pub fn target(&self) -> Option<f64> {
        (self.sigma < 3.5).then_some(if self.percent >= 10 { 97.0 } else { 85.0 })
    }

    /// The queue of a seed: payments in one currency, all of normal class, all accounts opted in to bypass.
    ///
    /// # Errors
    /// If it is more than a case may hold.
    pub fn case(&self, seed: u64) -> Result<Case, CaseError> {
        Source::new(Setup {
            sigma: self.sigma,
            liquidity: f64::from(self.percent) / 100.0,
            seed,
            ..Setup::plain(self.banks, self.items)
        })
        .case()
    }
}
