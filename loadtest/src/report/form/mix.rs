//! What was sent beside plain payments.
use serde::{Deserialize, Serialize};

use crate::report::number;

/// A part of the mix, as shares of all records answered inside the window.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MixShare {
    /// Its key in `[mix]`.
    pub name: String,
    /// What the scenario asks for, 0 to 1.
    #[serde(with = "number")]
    pub asked: f64,
    /// What the answers said; of trades, conversions and chains, what was sent.
    #[serde(with = "number")]
    pub seen: f64,
}
