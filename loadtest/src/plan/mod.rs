//! Scenarios: what a run does, written in TOML. No clock, no thread; a file only where one is named.
mod form;
mod place;
mod rules;
mod set;
mod shipped;

use std::fmt;
use std::path::Path;

use serde::Deserialize;
use toml::de::{DeTable, Deserializer};

pub use form::{
    Arrivals, Auditor, Checks, Days, Documents, Driver, Hot, Load, Loop, Mix, Objective, Outage, Phase, Plan,
    Ramp, Setting, Slow, World,
};
pub use shipped::Shipped;

use crate::world::CAP;
use place::Place;

/// Seconds of the closed loop that finds what `load.of_best` is a share of.
pub const BEST_SECONDS: u64 = 8;
/// Most bytes of a scenario's file.
const FILE_BYTES_MAX: u64 = 1_048_576;

/// What is wrong with a scenario, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanError {
    place: Place,
    /// The key, its tables before it, where it is known.
    key: String,
    rule: String,
}

impl PlanError {
    fn new(place: Place, key: impl Into<String>, rule: impl Into<String>) -> Self {
        Self {
            place,
            key: key.into(),
            rule: rule.into(),
        }
    }
}

impl fmt::Display for PlanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.rule)
    }
}

impl std::error::Error for PlanError {}

impl From<PlanError> for crate::error::Failure {
    fn from(error: PlanError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl Plan {
    /// All scenarios that are shipped.
    pub fn list() -> &'static [Shipped] {
        shipped::ALL
    }

    /// A shipped scenario by its name, changed by overrides of the form `key=value`.
    ///
    /// # Errors
    /// If there is none of this name, or an override breaks a rule.
    pub fn shipped(name: &str, sets: &[String]) -> Result<Self, PlanError> {
        let Some(found) = shipped::ALL.iter().find(|shipped| shipped.name == name) else {
            let names: Vec<&str> = shipped::ALL.iter().map(|shipped| shipped.name).collect();
            let rule = format!(
                "no shipped scenario and no file; shipped are {}",
                names.join(", ")
            );
            return Err(PlanError::new(Place::whole(name), "", rule));
        };
        Self::parse(&format!("scenarios/{name}.toml"), found.text, sets)
    }

    /// A scenario from a file, changed by overrides.
    ///
    /// # Errors
    /// If the file cannot be read, or breaks a rule.
    pub fn read(path: &Path, sets: &[String]) -> Result<Self, PlanError> {
        let shown = path.display().to_string();
        let failed = |rule: String| PlanError::new(Place::whole(&shown), "", rule);
        let bytes = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?;
        if bytes.len() > FILE_BYTES_MAX {
            return Err(failed(format!("is longer than {FILE_BYTES_MAX} bytes")));
        }
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        Self::parse(&shown, &text, sets)
    }

    /// What `run` is given: the name of a shipped scenario, or a file.
    ///
    /// # Errors
    /// As those of [`Plan::shipped`] and [`Plan::read`].
    pub fn find(name: &str, sets: &[String]) -> Result<Self, PlanError> {
        let is_file = name.ends_with(".toml") || name.contains(std::path::MAIN_SEPARATOR);
        if is_file {
            Self::read(Path::new(name), sets)
        } else {
            Self::shipped(name, sets)
        }
    }

    /// A scenario from its text. `shown` is what errors call it, its last part without the ending its name.
    ///
    /// # Errors
    /// With place, key and rule if the text is no scenario.
    pub fn parse(shown: &str, text: &str, sets: &[String]) -> Result<Self, PlanError> {
        let source = place::Source { shown, text, sets };
        let mut table = DeTable::parse(text).map_err(|error| {
            let place = source.at(error.span().map(|span| span.start));
            PlanError::new(place, "", place::first_line(error.message()))
        })?;
        for (number, set) in sets.iter().enumerate() {
            set::apply(table.get_mut(), set, source.offset(number)).map_err(|(key, rule)| {
                let place = source.at(Some(source.offset(number)));
                PlanError::new(place, key, rule)
            })?;
        }
        let mut plan = Self::deserialize(Deserializer::from(table.clone())).map_err(|error| {
            // What is missing in the whole file has no line.
            let start = error.span().map(|span| span.start).filter(|start| *start > 0);
            let key = start.and_then(|start| place::key_at(table.get_ref(), start));
            PlanError::new(
                source.at(start),
                key.unwrap_or_default(),
                place::first_line(error.message()),
            )
        })?;
        plan.name = Path::new(shown)
            .file_stem()
            .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
        rules::check(&plan).map_err(|broken| {
            let place = source.at(place::start_of(table.get_ref(), &broken.key));
            PlanError::new(place, broken.key, broken.rule)
        })?;
        if plan.load.kind == Loop::Ramp {
            plan.ramp.get_or_insert_default();
        }
        Ok(plan)
    }

    /// How far an account may go below zero, unless a share is given.
    pub fn cap(&self) -> &str {
        self.world.cap.as_deref().unwrap_or(CAP)
    }

    /// The node's configuration by environment: names and values.
    pub fn environment(&self) -> Vec<(String, String)> {
        let mut keys = self.node.clone();
        keys.entry("threads_transport".to_owned())
            .or_insert(Setting::Number(1));
        let variable = |key: &str| format!("CAUSEWAY_{}", key.to_ascii_uppercase());
        keys.iter()
            .map(|(key, value)| (variable(key), value.to_string()))
            .collect()
    }

    /// What the scenario itself switches off; every report names it.
    pub fn switched_off(&self) -> Vec<String> {
        let mut off = Vec::new();
        let mut note = |is_off: bool, what: &str| {
            if is_off {
                off.push(what.to_owned());
            }
        };
        note(self.driver == Driver::Core, "network, journal, publication");
        note(self.driver == Driver::Engine, "network and TLS");
        note(!self.checks.feeds, "feeds");
        note(self.checks.receipts == 0, "single receipts");
        note(self.checks.auditor == Auditor::None, "auditor behind the run");
        let is = |key: &str, value: &str| self.node.get(key).is_some_and(|set| set.to_string() == value);
        note(is("netting_mode", "off"), "netting");
        note(is("journal_direct", "off"), "writes past the page cache");
        off
    }
}
