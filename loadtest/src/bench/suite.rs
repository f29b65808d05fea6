//! Every budget beside its target: each command is run as a process of its own, as anybody would run it, and its JSON
//! held to the table.
mod budget;
mod child;
mod outcome;

use std::io::Write;

use indicatif::{ProgressBar, ProgressStyle};

use crate::drive::signals;
use crate::error::Failure;
use crate::report;
use crate::report::machine;

use budget::{BUDGETS, Budget};
pub use budget::{FIFO_MS, MIXED_MS};
use outcome::{Outcome, Row};

const HELP: &str = "\
Examples:
  causeway-loadtest bench all                          # some minutes; on a machine that does nothing else
  causeway-loadtest bench all --quick --json           # a few seconds each, for a check that all parts work
  causeway-loadtest bench all --only end-to-end,latency
  causeway-loadtest bench all --strict                 # a missed budget fails
  causeway-loadtest bench all --list

Each row says what is asked for, what was measured, and the command that measures it alone. A part that fails is a row
that says why; the others go on.

Exit codes: 0 all parts were measured, 1 a part failed, or with --strict a budget was missed, 2 wrong usage, 3 the suite
itself could not run.";

/// Arguments of `bench all`.
#[derive(Debug, clap::Args)]
#[command(after_help = HELP)]
pub struct Args {
    /// A few seconds each, and fewer payments: whether all parts work, not what they reach.
    #[arg(long)]
    quick: bool,
    /// Only these budgets, separated by commas.
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    only: Vec<String>,
    /// Lists the budgets, and measures nothing.
    #[arg(long)]
    list: bool,
    /// A missed budget fails.
    #[arg(long)]
    strict: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Measures the budgets.
///
/// # Errors
/// If a name is not known, a part fails, or with `--strict` a budget is missed.
pub fn run(args: &Args) -> Result<String, Failure> {
    let budgets = chosen(&args.only)?;
    if args.list {
        return if args.json {
            report::json(&outcome::listed(&budgets, args.quick))
        } else {
            Ok(outcome::list(&budgets, args.quick))
        };
    }
    signals::listen()?;
    let program = std::env::current_exe()?;
    let conditions = machine::conditions(&std::env::temp_dir(), Some(program.as_path()));
    let mut rows: Vec<Row> = Vec::new();
    let bar = progress(&budgets, args.quick);
    let mut ended = Ok(());
    for words in commands(&budgets, args.quick) {
        ended = signals::asked();
        if ended.is_err() {
            break;
        }
        bar.set_message(words.to_owned());
        let result = child::run(&program, words);
        let of = budgets.iter().filter(|budget| budget.words(args.quick) == words);
        rows.extend(of.map(|budget| Row::new(budget, args.quick, &result)));
        bar.inc(1);
    }
    bar.finish_and_clear();
    let place = |row: &Row| BUDGETS.iter().position(|budget| budget.name == row.name);
    rows.sort_by_key(place);
    let outcome = Outcome::new(rows, args.quick, conditions);
    let text = if args.json {
        report::json(&outcome)?
    } else {
        outcome.to_text()
    };
    let verdict = ended.and_then(|()| outcome.verdict(args.strict));
    if let Err(failure) = verdict {
        // What was measured goes where it always goes; only why it fails goes to the other stream.
        let _ = writeln!(std::io::stdout(), "{text}");
        return Err(failure);
    }
    Ok(text)
}

/// The budgets of these names; all if none is named.
fn chosen(only: &[String]) -> Result<Vec<&'static Budget>, Failure> {
    let names = || {
        BUDGETS
            .iter()
            .map(|budget| budget.name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let unknown = only
        .iter()
        .find(|name| BUDGETS.iter().all(|budget| budget.name != **name));
    if let Some(name) = unknown {
        return Err(Failure::Usage(format!(
            "--only {name}: is no budget; there are {}",
            names()
        )));
    }
    let wanted = |budget: &&Budget| only.is_empty() || only.iter().any(|name| name == budget.name);
    Ok(BUDGETS.iter().filter(wanted).collect())
}

/// Each command once, in the order of the budgets.
fn commands(budgets: &[&'static Budget], quick: bool) -> Vec<&'static str> {
    let mut commands = Vec::new();
    for budget in budgets {
        let words = budget.words(quick);
        if !commands.contains(&words) {
            commands.push(words);
        }
    }
    commands
}

fn progress(budgets: &[&'static Budget], quick: bool) -> ProgressBar {
    let bar = ProgressBar::new(commands(budgets, quick).len() as u64);
    let style = ProgressStyle::with_template("{elapsed_precise} {pos}/{len} {bar:20} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(std::time::Duration::from_millis(500));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn budgets_of_one_command_share_its_run() {
        let all: Vec<&Budget> = BUDGETS.iter().collect();
        for quick in [false, true] {
            let commands = commands(&all, quick);
            assert!(commands.len() < BUDGETS.len());
            let of = |words: &&str| all.iter().any(|budget| budget.words(quick) == *words);
            assert!(commands.iter().all(of));
        }
    }

    #[test]
    fn only_what_is_named_is_measured_and_a_wrong_name_is_told() {
        let names = |only: &[&str]| {
            let only: Vec<String> = only.iter().map(|name| (*name).to_owned()).collect();
            chosen(&only).map(|budgets| budgets.iter().map(|budget| budget.name).collect::<Vec<_>>())
        };
        assert_eq!(names(&["engine", "core"]).expect("known"), ["core", "engine"]);
        assert_eq!(names(&[]).expect("all").len(), BUDGETS.len());
        let error = names(&["core", "speed"]).expect_err("no budget");
        assert!(
            error
                .to_string()
                .starts_with("--only speed: is no budget; there are end-to-end, ")
        );
        assert_eq!(error.code(), 2);
    }
}
