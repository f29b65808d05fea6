//! A budget: what is asked for, how it is measured, and whether a figure meets it.
mod table;

use serde::Serialize;
use serde_json::Value;

pub use table::{BUDGETS, FIFO_MS, MIXED_MS};

/// On which side of its target a figure has to lie.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// As much, or more.
    AtLeast(f64),
    /// As much, or less.
    AtMost(f64),
}

impl Target {
    /// Whether a figure meets it. What is no number meets nothing.
    pub fn met(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(target) => figure >= target,
            Self::AtMost(target) => figure <= target,
        }
    }

    /// The number.
    pub const fn number(self) -> f64 {
        match self {
            Self::AtLeast(target) | Self::AtMost(target) => target,
        }
    }
}

/// A figure that grows with payments, of a run that had fewer than the budget is about.
#[derive(Debug, Clone, Copy)]
pub struct Grows {
    /// Where the result says how many they were.
    pub payments: &'static str,
    /// How many the budget is about.
    pub of: f64,
    /// The figure is in proportion to them, so that it can be scaled; another is told as it is.
    pub scaled: bool,
}

/// A budget.
#[derive(Debug, Clone, Copy)]
pub struct Budget {
    /// What `--only` calls it.
    pub name: &'static str,
    /// What is measured.
    pub what: &'static str,
    /// Unit of target and figure.
    pub unit: &'static str,
    /// What is asked for.
    pub target: Target,
    /// Words behind `causeway-loadtest` that measure it alone. Budgets with the same words share one run.
    pub command: &'static str,
    /// Instead, where seconds have to do.
    pub quick: &'static str,
    /// Where its figure stands in the JSON of the command: keys, separated by `/`.
    pub figure: &'static str,
    /// Where figures stand that tell more of it.
    pub detail: &'static [&'static str],
    /// It is about more payments than a quick run has.
    pub grows: Option<Grows>,
    /// What it means that the result says `null` instead of the figure: a target that is missed. Without, no figure.
    pub null: Option<&'static str>,
}

/// What one budget came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measured {
    /// The figure, in the budget's unit; none where there is none because the target was missed.
    pub figure: Option<f64>,
    /// It meets the target.
    pub met: bool,
    /// How it came about, where it is not simply what the command said.
    pub note: Option<String>,
    /// More figures, by their names.
    pub detail: Vec<(String, f64)>,
}

/// A number in a result.
fn number(result: &Value, keys: &str) -> Option<f64> {
    result.pointer(&format!("/{keys}"))?.as_f64()
}

impl Budget {
    /// The words that measure it.
    pub const fn words(&self, quick: bool) -> &'static str {
        if quick { self.quick } else { self.command }
    }

    /// Judges the JSON of its command.
    ///
    /// # Errors
    /// If its figure is not in there.
    pub fn judge(&self, result: &Value) -> Result<Measured, String> {
        if let (Some(why), Some(Value::Null)) = (self.null, result.pointer(&format!("/{}", self.figure))) {
            return Ok(Measured {
                figure: None,
                met: false,
                note: Some(why.to_owned()),
                detail: Vec::new(),
            });
        }
        let said = number(result, self.figure).ok_or_else(|| {
            format!(
                "no figure: `{}` is not a number in the result of `{}`",
                self.figure, self.command
            )
        })?;
        let (mut figure, mut note) = (said, None);
        if let Some(grows) = self.grows {
            let payments = number(result, grows.payments)
                .filter(|payments| *payments > 0.0)
                .ok_or_else(|| format!("no figure: the result does not say `{}`", grows.payments))?;
            // A run at a fixed rate ends with a batch more or less.
            if payments < grows.of * 0.99 {
                if grows.scaled {
                    figure = said * grows.of / payments;
                    note = Some(format!(
                        "scaled from {said:.2} {} after {payments:.0} payments",
                        self.unit
                    ));
                } else {
                    note = Some(format!("after {payments:.0} payments only, not scaled"));
                }
            }
        }
        let mut detail = Vec::new();
        for keys in self.detail {
            match result.pointer(&format!("/{keys}")) {
                Some(Value::Object(table)) => {
                    let numbers = table
                        .iter()
                        .filter_map(|(key, value)| Some((key, value.as_f64()?)));
                    detail.extend(numbers.map(|(key, number)| (key.clone(), number)));
                }
                Some(value) => detail.extend(value.as_f64().map(|number| (keys.replace('/', " "), number))),
                None => {}
            }
        }
        Ok(Measured {
            figure: Some(figure),
            met: self.target.met(figure),
            note,
            detail,
        })
    }
}

#[cfg(test)]
mod tests;
