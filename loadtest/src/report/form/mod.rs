//! The form of a report. What reads one of another number refuses it; fields are only ever added to a number.
mod conditions;
mod figures;
mod memory;
mod mix;
mod series;

use serde::{Deserialize, Serialize};

use crate::plan::Plan;

pub use conditions::{Conditions, Disk, Probe};
pub use figures::{Audit, Curve, Distribution, Figures, Latency, Limit, Overload, Part, Share, Stage, Step};
pub use memory::Memory;
pub use mix::MixShare;
pub use series::{Mark, MarkKind, Second};

/// Number of the form.
pub const FORM: u32 = 1;

/// All that a run tells. What scripts read most stands flat at the top.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// [`FORM`].
    pub form: u32,
    /// Name of the scenario.
    pub scenario: String,
    /// When the window began: UTC, `2026-11-30T16:05:09Z`.
    pub began: String,
    /// Why the run ended before its time; what stands here is what was measured until then.
    pub partial: Option<String>,
    /// What was measured.
    #[serde(flatten)]
    pub figures: Figures,
    /// What was sent beside plain payments: the shares asked for, and those seen.
    pub mix: Vec<MixShare>,
    /// What was on that costs time, in words.
    pub with: Vec<String>,
    /// What a node in service would do and this run did not; empty is said as "nothing".
    pub switched_off: Vec<String>,
    /// The scenario, overrides in it.
    pub plan: Plan,
    /// Where and with what it was measured.
    pub conditions: Conditions,
    /// Latency of batches: from intended time (open loop) or from sending, to the verified answer.
    pub latency: Distribution,
    /// How far the sender was behind its schedule; empty for a closed loop.
    pub sent_late: Distribution,
    /// Second by second.
    pub series: Vec<Second>,
    /// What happened at which time of the window.
    pub marks: Vec<Mark>,
    /// Where a payment's time goes.
    pub stages: Vec<Stage>,
    /// What the machine allows, beside it.
    pub limits: Vec<Limit>,
    /// What the auditor found.
    pub audit: Audit,
    /// The search for the highest rate.
    pub ramp: Option<Curve>,
    /// How it took more than it can do.
    pub overload: Option<Overload>,
    /// Whether the node's memory stayed flat, where the scenario asks for it.
    pub memory: Option<Memory>,
}

impl Report {
    /// An empty report of a scenario.
    pub fn of(plan: &Plan) -> Self {
        Self {
            form: FORM,
            scenario: plan.name.clone(),
            plan: plan.clone(),
            switched_off: plan.switched_off(),
            ..Self::default()
        }
    }
}
