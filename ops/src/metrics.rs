//! Every metric of the node: the one list of names, with form, unit and help.
//!
//! Other crates emit them through the `metrics` facade under these names; a test holds their literals to this list.
mod exporter;
mod list;
mod process;

use causeway_engine::Bound;
use causeway_engine::netting::Trigger;
use causeway_fx::{ACTIVE, Currency};
use causeway_message::record::Priority;
use causeway_message::refusal::RefusalCode;
use causeway_message::status::Status;
use causeway_message::wire::WindowStage;

pub use exporter::Exporter;
pub use list::ALL;

/// What a metric counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// Minor units of a currency.
    Minor,
}

/// How a metric moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Form {
    /// Only rises.
    Counter,
    /// Rises and falls.
    Gauge,
    /// Spread over buckets with these upper bounds.
    Histogram(&'static [f64]),
}

/// Why a connection is refused before it can carry a frame.
const CONNECTION_REASONS: &[&str] = &[
    "connections",
    "certificate",
    "handshake",
    "handshakes",
    "handshake_time",
];

/// A label with a closed set of values. Series of a counter with one label are all there from the start; those of gauges
/// once what they are about is counted. No label names a participant: there may be too many, and it would tell too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    /// `outcome`: names of [`Status`].
    Outcome,
    /// `reason`: names of [`RefusalCode`], and why connections are refused.
    Reason,
    /// `currency`: codes of ISO 4217.
    Currency,
    /// `class`: names of [`Priority`].
    Class,
    /// `limit`: names of [`Bound`].
    Limit,
    /// `from`: what a conversion takes, by codes of ISO 4217.
    From,
    /// `to`: what it gives.
    To,
    /// `trigger`: why netting proposed, names of [`Trigger`].
    Trigger,
    /// `state`: of plans, what was proposed and what was applied.
    State,
    /// `state`: of certificates of netting.
    Certificate,
    /// `stage`: of netting windows, names of [`WindowStage`].
    Window,
}

impl Label {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Outcome => "outcome",
            Self::Reason => "reason",
            Self::Currency => "currency",
            Self::Class => "class",
            Self::Limit => "limit",
            Self::From => "from",
            Self::To => "to",
            Self::Trigger => "trigger",
            Self::State | Self::Certificate => "state",
            Self::Window => "stage",
        }
    }

    /// Its values.
    pub fn values(self) -> Vec<&'static str> {
        match self {
            Self::Outcome => Status::ALL.iter().map(|status| status.name()).collect(),
            Self::Reason => {
                let codes = RefusalCode::ALL.iter().map(|code| code.name());
                codes.chain(CONNECTION_REASONS.iter().copied()).collect()
            }
            Self::Currency | Self::From | Self::To => ACTIVE.iter().map(Currency::alpha).collect(),
            Self::Class => Priority::ALL.iter().map(|class| class.name()).collect(),
            Self::Limit => Bound::ALL.iter().map(|bound| bound.name()).collect(),
            Self::Trigger => Trigger::ALL.iter().map(|trigger| trigger.name()).collect(),
            Self::State => vec!["proposed", "applied"],
            Self::Certificate => vec!["written", "dropped", "failed"],
            Self::Window => WindowStage::ALL.iter().map(|stage| stage.name()).collect(),
        }
    }
}

/// A metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metric {
    /// `causeway_<area>_<what>_<unit>`, with `_total` at the end of counters.
    pub name: &'static str,
    /// How it moves.
    pub form: Form,
    /// What it counts in.
    pub unit: Unit,
    /// Its labels.
    pub labels: &'static [Label],
    /// What it says.
    pub help: &'static str,
}

const fn counter(name: &'static str, unit: Unit, help: &'static str) -> Metric {
    Metric {
        name,
        form: Form::Counter,
        unit,
        labels: &[],
        help,
    }
}

const fn gauge(name: &'static str, unit: Unit, help: &'static str) -> Metric {
    Metric {
        name,
        form: Form::Gauge,
        unit,
        labels: &[],
        help,
    }
}

const fn histogram(name: &'static str, unit: Unit, buckets: &'static [f64], help: &'static str) -> Metric {
    Metric {
        name,
        form: Form::Histogram(buckets),
        unit,
        labels: &[],
        help,
    }
}

const fn labelled(metric: Metric, labels: &'static [Label]) -> Metric {
    Metric { labels, ..metric }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_name_says_area_and_unit_and_stands_once() {
        let mut names = BTreeSet::new();
        for metric in ALL {
            let name = metric.name;
            assert!(names.insert(name), "{name} stands twice");
            let mut words = name.split('_');
            assert_eq!(words.next(), Some("causeway"), "{name}");
            let area = words.next().unwrap_or_default();
            assert!(
                ["settlement", "queue", "netting", "transport", "log", "process"].contains(&area),
                "{name}"
            );
            assert_eq!(name.ends_with("_total"), metric.form == Form::Counter, "{name}");
            let stem = name.trim_end_matches("_total");
            assert_eq!(stem.ends_with("_seconds"), metric.unit == Unit::Seconds, "{name}");
            assert_eq!(stem.ends_with("_bytes"), metric.unit == Unit::Bytes, "{name}");
            assert_eq!(
                stem.ends_with("_minor_units"),
                metric.unit == Unit::Minor,
                "{name}"
            );
            assert!(metric.help.ends_with('.'), "{name}");
        }
    }

    #[test]
    fn buckets_rise() {
        for metric in ALL {
            if let Form::Histogram(buckets) = metric.form {
                assert!(
                    buckets.windows(2).all(|pair| pair[0] < pair[1]),
                    "{}",
                    metric.name
                );
            }
        }
    }
}
