//! When netting looks for settlement, and how.
use std::time::Duration;

/// How what settles together is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NettingMode {
    /// Nothing is looked for.
    Off,
    /// The greatest set of which all that stands before it settles as well.
    Fifo,
    /// Where accounts opted in, later instructions of a class may pass earlier ones.
    Bypass,
}

impl NettingMode {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Fifo => "fifo",
            Self::Bypass => "bypass",
        }
    }
}

/// What makes netting propose what it found. Any one is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Triggers {
    /// Anything settles together that does not alone.
    pub gridlock: bool,
    /// So long since the last proposal.
    pub interval: Option<Duration>,
    /// Something has waited so long.
    pub age: Option<Duration>,
    /// So much waits in a currency (ISO 4217 numeric; minor units).
    pub value: Vec<(u16, u128)>,
}

/// Settings of netting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NettingConfig {
    /// How.
    pub mode: NettingMode,
    /// How long `Bypass` may look for more, and as long again for a bound of what there could be.
    pub budget: Duration,
    /// Time from one look at the queues to the next, at least.
    pub look: Duration,
    /// What makes it propose; an operator always can.
    pub triggers: Triggers,
}

impl NettingConfig {
    /// No netting.
    pub fn off() -> Self {
        Self {
            mode: NettingMode::Off,
            ..Self::default()
        }
    }
}

impl Default for NettingConfig {
    fn default() -> Self {
        Self {
            mode: NettingMode::Bypass,
            budget: Duration::from_millis(50),
            look: Duration::from_millis(200),
            triggers: Triggers {
                gridlock: true,
                interval: None,
                age: None,
                value: Vec::new(),
            },
        }
    }
}
