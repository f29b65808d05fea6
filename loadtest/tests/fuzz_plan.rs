//! Fuzz target of the scenario reader: what reads is written back to the same, what does not names its place.
#[path = "../../fx/tests/fuzz/support.rs"]
mod support;

use causeway_loadtest::plan::Plan;
use support::{Input, fuzz};

/// Words that scenarios are made of.
const WORDS: [&str; 18] = [
    "\n[world]\n",
    "\n[[phase]]\n",
    "seconds = 1\n",
    "factor = 0.0\n",
    "[mix]\n",
    "banks",
    "loop = \"open\"\n",
    "\"ramp\"",
    "rate = ",
    "nan",
    "inf",
    "-1",
    "1e309",
    "18446744073709551616",
    "0.5",
    "= { quantile = 0.99, ms = 1.0 }",
    "\"\"\"",
    "\u{0}",
];

/// Overrides are made of the text behind this.
const SET: &str = "--set ";

#[test]
fn scenario() {
    let mut samples: Vec<Vec<u8>> = Plan::list()
        .iter()
        .map(|shipped| shipped.text.as_bytes().to_vec())
        .collect();
    samples.push(format!("about = \"a\"\n{SET}load.batch=7\n{SET}node.log_level=debug").into_bytes());
    samples.push(
        format!("about = \"a\"\n[[phase]]\nseconds = 1\nfactor = 1\n{SET}phase.1.factor=2").into_bytes(),
    );
    fuzz!("scenario", &samples, &WORDS, |input: &Input| {
        let text = input.text();
        let mut parts = text.split(SET);
        let document = parts.next().unwrap_or_default();
        let sets: Vec<String> = parts.map(|set| set.trim_end().to_owned()).collect();
        match Plan::parse("x.toml", document, &sets) {
            Ok(plan) => {
                let written = toml::to_string(&plan).expect("a plan is TOML");
                let again = Plan::parse("x.toml", &written, &[]);
                assert_eq!(again.as_ref(), Ok(&plan), "{written}");
            }
            Err(error) => {
                let told = error.to_string();
                let lines = document.lines().count() + 1;
                let line = told
                    .strip_prefix("x.toml:")
                    .and_then(|rest| rest.split(':').next());
                let line = line.and_then(|line| line.parse::<usize>().ok());
                assert!(line.is_none_or(|line| (1..=lines).contains(&line)), "{told}");
                assert!(told.starts_with("x.toml:") || told.starts_with(SET), "{told}");
                assert!(
                    !told.contains('\n') || sets.iter().any(|set| set.contains('\n')),
                    "{told}"
                );
            }
        }
    });
}
