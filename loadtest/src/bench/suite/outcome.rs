//! What the suite came to: rows, their sum, text and JSON.
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::budget::{Budget, Measured, Target};
use crate::error::Failure;
use crate::report::form::Conditions;
use crate::report::words;

/// What is said of a quick suite wherever its figures are.
const QUICK: &str = "quick: seconds instead of minutes and fewer payments; no figure of it counts";
/// Most characters of a reason in the table.
const REASON_MAX: usize = 160;

/// How a budget stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The target is met.
    Met,
    /// It is not.
    Missed,
    /// There is no figure.
    Failed,
}

/// A budget that was measured, or not.
#[derive(Debug, Serialize)]
pub struct Row {
    /// Its name.
    pub name: &'static str,
    what: &'static str,
    unit: &'static str,
    target: Target,
    /// The figure and what belongs to it; none if the part failed.
    measured: Option<Measured>,
    verdict: Verdict,
    /// Why the part failed.
    failed: Option<String>,
    /// Measures it alone.
    command: String,
}

/// A budget that is only listed.
#[derive(Debug, Serialize)]
pub struct Listed {
    name: &'static str,
    what: &'static str,
    unit: &'static str,
    target: Target,
    command: String,
}

/// The result.
#[derive(Debug, Serialize)]
pub struct Outcome {
    part: &'static str,
    quick: bool,
    note: Option<&'static str>,
    met: usize,
    missed: usize,
    failed: usize,
    budgets: Vec<Row>,
    conditions: Conditions,
}

fn command(budget: &Budget, quick: bool) -> String {
    format!("causeway-loadtest {}", budget.words(quick))
}

impl Row {
    /// A budget, and what its command said.
    pub fn new(budget: &Budget, quick: bool, result: &Result<Value, String>) -> Self {
        let judged = match result {
            Ok(result) => budget.judge(result),
            Err(why) => Err(why.clone()),
        };
        let (measured, failed) = match judged {
            Ok(measured) => (Some(measured), None),
            Err(why) => (None, Some(why)),
        };
        let verdict = match &measured {
            None => Verdict::Failed,
            Some(measured) if measured.met => Verdict::Met,
            Some(_) => Verdict::Missed,
        };
        Self {
            name: budget.name,
            what: budget.what,
            unit: budget.unit,
            target: budget.target,
            measured,
            verdict,
            failed,
            command: command(budget, quick),
        }
    }

    fn write(&self, text: &mut String) {
        let verdict = match self.verdict {
            Verdict::Met => "met",
            Verdict::Missed => "MISSED",
            Verdict::Failed => "FAILED",
        };
        let figure = self.measured.as_ref().and_then(|measured| measured.figure);
        let figure = figure.map_or_else(|| words::NONE.to_owned(), shown);
        let _ = write!(
            text,
            "\n{verdict:<7} {:<18} {figure:>12} {:<11} {:<20} {}\n        {}",
            self.name,
            self.unit,
            asked(self.target),
            self.what,
            self.command
        );
        if let Some(why) = &self.failed {
            let line: String = words::plain(&why.replace('\n', "; "))
                .chars()
                .take(REASON_MAX)
                .collect();
            let _ = write!(text, "\n        why: {line}");
        }
        let Some(measured) = &self.measured else { return };
        if let Some(note) = &measured.note {
            let _ = write!(text, "\n        {note}");
        }
        if !measured.detail.is_empty() {
            let said =
                |(name, number): &(String, f64)| format!("{} {}", words::plain(name), words::short(*number));
            let detail: Vec<String> = measured.detail.iter().map(said).collect();
            let _ = write!(text, "\n        {}", detail.join("; "));
        }
    }
}

/// A target in words.
fn asked(target: Target) -> String {
    let side = match target {
        Target::AtLeast(_) => "at least",
        Target::AtMost(_) => "at most",
    };
    format!("{side} {}", shown(target.number()))
}

/// A number with as many digits as it takes to see on which side of a target it lies.
fn shown(number: f64) -> String {
    if number.abs() < 10.0 {
        format!("{number:.3}")
    } else {
        words::short(number)
    }
}

/// Budgets, for scripts.
pub fn listed(budgets: &[&'static Budget], quick: bool) -> Vec<Listed> {
    let listed = |budget: &&'static Budget| Listed {
        name: budget.name,
        what: budget.what,
        unit: budget.unit,
        target: budget.target,
        command: command(budget, quick),
    };
    budgets.iter().map(listed).collect()
}

/// Budgets, for people.
pub fn list(budgets: &[&'static Budget], quick: bool) -> String {
    let line = |budget: &&'static Budget| {
        format!(
            "{:<18} {:<20} {:<11} {}\n{:<18} {}",
            budget.name,
            asked(budget.target),
            budget.unit,
            budget.what,
            "",
            command(budget, quick)
        )
    };
    budgets.iter().map(line).collect::<Vec<_>>().join("\n")
}

impl Outcome {
    /// Counts the rows.
    pub fn new(budgets: Vec<Row>, quick: bool, conditions: Conditions) -> Self {
        let count = |verdict: Verdict| budgets.iter().filter(|row| row.verdict == verdict).count();
        Self {
            part: "all",
            quick,
            note: quick.then_some(QUICK),
            met: count(Verdict::Met),
            missed: count(Verdict::Missed),
            failed: count(Verdict::Failed),
            budgets,
            conditions,
        }
    }

    /// For people.
    pub fn to_text(&self) -> String {
        let c = &self.conditions;
        let mut text = format!(
            "budgets: {} met, {} missed, {} failed",
            self.met, self.missed, self.failed
        );
        for row in &self.budgets {
            row.write(&mut text);
        }
        let _ = write!(
            text,
            "\non {} processors ({}), {}, {} build of {}",
            c.cpus, c.cpu, c.disk.file_system, c.profile, c.commit
        );
        let notes = self.note.into_iter().chain(c.notes.iter().map(String::as_str));
        notes.for_each(|note| {
            let _ = write!(text, "\n{note}");
        });
        text
    }

    /// Whether all was measured and, if that is asked for, met.
    ///
    /// # Errors
    /// The names of those that failed, or were missed.
    pub fn verdict(&self, strict: bool) -> Result<(), Failure> {
        let names = |verdict: Verdict| {
            let of = self.budgets.iter().filter(|row| row.verdict == verdict);
            of.map(|row| row.name).collect::<Vec<_>>().join(", ")
        };
        if self.failed > 0 {
            return Err(Failure::Check(format!(
                "not measured: {}",
                names(Verdict::Failed)
            )));
        }
        if strict && self.missed > 0 {
            return Err(Failure::Check(format!("missed: {}", names(Verdict::Missed))));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::budget::BUDGETS;
    use super::*;

    fn row(name: &str, result: Result<Value, String>) -> Row {
        let budget = BUDGETS.iter().find(|budget| budget.name == name);
        Row::new(budget.unwrap_or_else(|| panic!("{name}")), true, &result)
    }

    fn core(per_second: f64) -> Row {
        row("core", Ok(json!({"payments_per_second": per_second})))
    }

    fn outcome(rows: Vec<Row>) -> Outcome {
        Outcome::new(rows, true, Conditions::default())
    }

    #[test]
    fn a_missed_budget_is_a_failure_only_if_that_is_asked_for() {
        let met = outcome(vec![core(5_000_001.0)]);
        assert!(met.verdict(false).is_ok() && met.verdict(true).is_ok());
        let missed = outcome(vec![core(4_999_999.0)]);
        assert_eq!((missed.met, missed.missed, missed.failed), (0, 1, 0));
        assert!(missed.verdict(false).is_ok());
        let error = missed.verdict(true).expect_err("strict");
        assert_eq!((error.to_string().as_str(), error.code()), ("missed: core", 1));
    }

    #[test]
    fn a_part_that_fails_is_a_row_that_says_why_and_fails_the_suite() {
        let failed = outcome(vec![core(6e6), row("engine", Err("a batch was refused".into()))]);
        let error = failed.verdict(false).expect_err("a part failed");
        assert_eq!(
            (error.to_string().as_str(), error.code()),
            ("not measured: engine", 1)
        );
        let text = failed.to_text();
        assert!(text.starts_with("budgets: 1 met, 0 missed, 1 failed\n"), "{text}");
        assert!(text.contains("why: a batch was refused"), "{text}");
        assert!(text.contains("no figure of it counts"), "{text}");
    }

    #[test]
    fn json_has_target_figure_verdict_and_command_of_each_row() {
        let outcome = outcome(vec![core(4e6), row("engine", Err("gone".into()))]);
        let json = serde_json::to_value(&outcome).expect("JSON");
        assert_eq!((&json["part"], &json["quick"]), (&json!("all"), &json!(true)));
        assert_eq!((&json["missed"], &json["failed"]), (&json!(1), &json!(1)));
        let [first, second] = [0, 1].map(|at| &json["budgets"][at]);
        assert_eq!(first["target"], json!({"at_least": 5e6}));
        assert_eq!(
            (
                &first["measured"]["figure"],
                &first["measured"]["met"],
                &first["verdict"]
            ),
            (&json!(4e6), &json!(false), &json!("missed"))
        );
        assert_eq!(first["command"], "causeway-loadtest bench core --seconds 2");
        assert_eq!(
            (&second["measured"], &second["failed"], &second["verdict"]),
            (&Value::Null, &json!("gone"), &json!("failed"))
        );
        let all: Vec<&Budget> = BUDGETS.iter().collect();
        let listed = serde_json::to_value(listed(&all, false)).expect("JSON");
        assert_eq!(listed.as_array().map(Vec::len), Some(BUDGETS.len()));
        assert_eq!(listed[0]["command"], "causeway-loadtest run steady");
    }
}
