//! Where two runs were not measured alike.
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use crate::report::form::{Conditions, Report};
use crate::report::machine::IDLE_LOAD;
use crate::report::words::{list, ms};

/// A condition in which they differ.
#[derive(Debug, Serialize)]
pub(super) struct Difference {
    /// What it is called.
    pub key: String,
    /// In the first run.
    pub a: String,
    /// In the second.
    pub b: String,
}

/// Measured conditions are never the same twice: from this factor on they differ.
const FACTOR: f64 = 1.25;
const ABSENT: &str = "none";

/// All of them: what was switched off, the scenario, then machine and build.
pub(super) fn differences(a: &Report, b: &Report) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut note = |key: &str, a: String, b: String| {
        if a != b {
            found.push(Difference {
                key: key.to_owned(),
                a,
                b,
            });
        }
    };
    note("switched off", list(&a.switched_off), list(&b.switched_off));
    note("scenario", a.scenario.clone(), b.scenario.clone());
    each(&flat(&a.plan), &flat(&b.plan), |key, a, b| {
        if key != "about" {
            note(key, a, b);
        }
    });
    let (left, right) = (&a.conditions, &b.conditions);
    each(&flat(&fixed(left)), &flat(&fixed(right)), &mut note);
    for (key, a, b) in [
        ("disk, 4 KiB", left.disk.small, right.disk.small),
        ("disk, 1 MiB", left.disk.large, right.disk.large),
    ] {
        let (a, b) = (a.map(|probe| probe.p50_ms), b.map(|probe| probe.p50_ms));
        let alike = match (a, b) {
            (Some(a), Some(b)) => a <= b * FACTOR && b <= a * FACTOR,
            (a, b) => a.is_none() && b.is_none(),
        };
        if !alike {
            note(key, ms(a), ms(b));
        }
    }
    let busy = |load: Option<f64>| load.map_or_else(|| ABSENT.to_owned(), |load| format!("{load:.2}"));
    let most = left
        .load_before
        .into_iter()
        .chain(right.load_before)
        .fold(0.0, f64::max);
    if most > IDLE_LOAD {
        note(
            "load before the run",
            busy(left.load_before),
            busy(right.load_before),
        );
    }
    found
}

/// Conditions without what is measured or named anew in every run.
fn fixed(conditions: &Conditions) -> Conditions {
    let mut fixed = conditions.clone();
    fixed.load_before = None;
    fixed.notes.clear();
    fixed.disk.directory.clear();
    (fixed.disk.small, fixed.disk.large) = (None, None);
    fixed
}

/// All values with the path to each.
fn flat(value: &impl Serialize) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    if let Ok(value) = serde_json::to_value(value) {
        spread("", &value, &mut all);
    }
    all
}

fn spread(path: &str, value: &Value, all: &mut BTreeMap<String, String>) {
    let inner = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(key, value)| spread(&inner(key), value, all)),
        Value::Array(items) if items.iter().any(Value::is_object) => {
            for (item, number) in items.iter().zip(1..) {
                spread(&inner(&format!("{number}")), item, all);
            }
        }
        Value::Array(items) => {
            let words: Vec<String> = items.iter().map(shown).collect();
            all.insert(path.to_owned(), list(&words));
        }
        Value::Null => {}
        plain => {
            all.insert(path.to_owned(), shown(plain));
        }
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn each(
    a: &BTreeMap<String, String>,
    b: &BTreeMap<String, String>,
    mut tell: impl FnMut(&str, String, String),
) {
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    for key in keys {
        let value =
            |side: &BTreeMap<String, String>| side.get(key).cloned().unwrap_or_else(|| ABSENT.to_owned());
        tell(key, value(a), value(b));
    }
}
