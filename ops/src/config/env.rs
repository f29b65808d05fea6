//! The environment's say in a node's configuration: `CAUSEWAY_<SECTION>_<KEY>`.
use serde::de::DeserializeOwned;

use super::source::{Problem, Problems, Source};

const PREFIX: &str = "CAUSEWAY_";
/// Words after the prefix that belong to other programs and to the tests of this project.
const OTHERS: &[&str] = &[
    "BANK", "ADAPTER", "LOADTEST", "SAMPLES", "TEST", "PYTHON", "WRITE",
];

/// One override.
#[derive(Debug)]
pub struct Override {
    /// The variable.
    pub variable: String,
    /// Its key in the file: `section.key`.
    pub key: String,
    section: String,
    name: String,
    value: toml::Value,
}

/// Reads every override, checking each as `T` alone would; names no more problems than are told of a file.
pub fn read<T: DeserializeOwned>(environment: &[(String, String)]) -> Result<Vec<Override>, Vec<Problem>> {
    let (mut found, mut problems) = (Vec::new(), Vec::new());
    for (variable, value) in environment {
        let Some(rest) = variable.strip_prefix(PREFIX) else {
            continue;
        };
        let (section, name) = rest.split_once('_').unwrap_or((rest, ""));
        if OTHERS.contains(&section) {
            continue;
        }
        let (section, name) = (section.to_ascii_lowercase(), name.to_ascii_lowercase());
        match typed::<T>(&section, &name, value) {
            Ok(value) => {
                let key = format!("{section}.{name}");
                found.push(Override {
                    variable: variable.clone(),
                    key,
                    section,
                    name,
                    value,
                });
            }
            Err(_) if problems.len() >= Problems::MAX => break,
            Err(rule) => {
                let key = if name.is_empty() {
                    section
                } else {
                    format!("{section}.{name}")
                };
                problems.push(Problem {
                    place: format!("environment {variable}"),
                    key,
                    rule,
                });
            }
        }
    }
    if problems.is_empty() {
        Ok(found)
    } else {
        Err(problems)
    }
}

/// The value as the key wants it: text first, then number or truth.
fn typed<T: DeserializeOwned>(section: &str, name: &str, value: &str) -> Result<toml::Value, String> {
    let bare = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !bare(section) || !bare(name) {
        return Err("names no key: the form is CAUSEWAY_<SECTION>_<KEY>".to_owned());
    }
    let fits = |value: &toml::Value| {
        let text = format!("[{section}]\n{name} = {value}\n");
        Source::new("environment", &text)
            .parse::<T>()
            .map(|_| ())
            .map_err(|problem| problem.rule)
    };
    let text = toml::Value::String(value.to_owned());
    let Err(rule) = fits(&text) else { return Ok(text) };
    let number = value.parse().map(toml::Value::Integer).ok();
    let plain = number.or_else(|| value.parse().map(toml::Value::Boolean).ok());
    match plain {
        Some(plain) => fits(&plain).map(|()| plain),
        None => Err(rule),
    }
}

/// Puts the overrides over what the file says.
pub fn apply(table: &mut toml::Table, overrides: &[Override]) {
    for one in overrides {
        let section = table
            .entry(one.section.clone())
            .or_insert_with(|| toml::Value::Table(toml::Table::new()));
        if let Some(section) = section.as_table_mut() {
            section.insert(one.name.clone(), one.value.clone());
        }
    }
}
