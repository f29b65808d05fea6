//! Scenarios that are shipped.

/// A shipped scenario.
#[derive(Debug, Clone, Copy)]
pub struct Shipped {
    /// What `run` calls it.
    pub name: &'static str,
    /// Its TOML.
    pub text: &'static str,
}

macro_rules! shipped {
    ($($name:literal)*) => {
        &[$(Shipped {
            name: $name,
            text: include_str!(concat!("../../scenarios/", $name, ".toml")),
        }),*]
    };
}

/// All of them, the plain ones first.
pub(super) const ALL: &[Shipped] = shipped![
    "steady"
    "single"
    "one-bank"
    "latency"
    "ramp"
    "burst"
    "hot-bank"
    "gridlock"
    "pvp-heavy"
    "fx-corridor"
    "duplicates"
    "mix"
    "documents"
    "slow-reader"
    "quarter-end"
    "outage"
    "overload"
    "soak"
];

impl Shipped {
    /// What it shows, in a sentence.
    pub fn about(&self) -> String {
        super::Plan::parse(self.name, self.text, &[])
            .map_or_else(|error| error.to_string(), |plan| plan.about)
    }
}
