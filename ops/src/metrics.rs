//! Every metric of the node: the one list of names, with form, unit and help.
//!
//! Other crates emit them through the `metrics` facade under these names; a test holds their literals to this list.
mod exporter;
mod process;

use causeway_engine::Bound;
use causeway_fx::{ACTIVE, Currency};
use causeway_message::record::Priority;
use causeway_message::refusal::RefusalCode;
use causeway_message::status::Status;

pub use exporter::Exporter;

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

/// From the time of one record to that of a full batch many times over.
const APPLY_SECONDS: &[f64] = &[
    0.000_002, 0.000_01, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1,
];
/// From one signature to a full batch on a busy machine.
const VERIFY_SECONDS: &[f64] = &[
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1,
];
/// From a write into a fast drive's cache to a drive that stalls.
const WRITE_SECONDS: &[f64] = &[
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0,
];
const ENTRIES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1_024.0];

/// From better than the reference rate, over a fraction of a basis point, to five per cent; millionths.
const SPREAD_MILLIONTHS: &[f64] = &[
    -1_000.0, -100.0, 0.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0, 5_000.0, 10_000.0, 50_000.0,
];

use Unit::{Bytes, Count, Minor, Seconds};

/// All metrics, by area.
pub const ALL: &[Metric] = &[
    labelled(
        counter(
            "causeway_settlement_instructions_total",
            Count,
            "Instructions answered, by status.",
        ),
        &[Label::Outcome],
    ),
    counter(
        "causeway_settlement_entries_total",
        Count,
        "Log entries applied, proven and answered.",
    ),
    histogram(
        "causeway_settlement_apply_seconds",
        Seconds,
        APPLY_SECONDS,
        "Time to apply one commit group.",
    ),
    gauge(
        "causeway_settlement_durable_lag_entries",
        Count,
        "Log entries that are durable and not yet applied.",
    ),
    gauge(
        "causeway_settlement_conditional_payments",
        Count,
        "Conditional payments whose money is set aside.",
    ),
    labelled(
        gauge(
            "causeway_settlement_set_aside_minor_units",
            Minor,
            "Money set aside for conditional payments and for defunding.",
        ),
        &[Label::Currency],
    ),
    gauge("causeway_settlement_quotes", Count, "Quotes that are live."),
    gauge(
        "causeway_settlement_quote_locks",
        Count,
        "Locks of quotes that are live.",
    ),
    counter(
        "causeway_settlement_exchanges_total",
        Count,
        "FX payments settled.",
    ),
    labelled(
        histogram(
            "causeway_settlement_spread_millionths",
            Count,
            SPREAD_MILLIONTHS,
            "What a conversion gave less than the reference rate, in millionths of what that gives.",
        ),
        &[Label::From, Label::To],
    ),
    gauge(
        "causeway_settlement_open_questions",
        Count,
        "Questions whether settled payments come back that nobody has answered.",
    ),
    gauge(
        "causeway_settlement_held_participants",
        Count,
        "Participants that an order holds.",
    ),
    labelled(
        gauge(
            "causeway_settlement_fees_minor_units",
            Minor,
            "Fees that have accrued and are not billed.",
        ),
        &[Label::Currency],
    ),
    labelled(
        gauge(
            "causeway_settlement_limits",
            Count,
            "Caps, sender limits and reservations that are set.",
        ),
        &[Label::Currency, Label::Limit],
    ),
    labelled(
        gauge(
            "causeway_settlement_limits_below_use",
            Count,
            "Those that are less than what is in use; reservations that exceed what is free.",
        ),
        &[Label::Currency, Label::Limit],
    ),
    labelled(
        gauge(
            "causeway_queue_payments",
            Count,
            "Payments in the queues, by currency and class.",
        ),
        &[Label::Currency, Label::Class],
    ),
    labelled(
        gauge(
            "causeway_queue_value_minor_units",
            Minor,
            "Value of the payments in the queues, by currency and class.",
        ),
        &[Label::Currency, Label::Class],
    ),
    gauge("causeway_queue_chains", Count, "Chains that wait."),
    gauge(
        "causeway_queue_warehoused",
        Count,
        "Payments that wait for their from-time beside the queues.",
    ),
    gauge(
        "causeway_queue_awaiting_quote",
        Count,
        "FX payments that wait beside the queues for a quote within their limit.",
    ),
    gauge(
        "causeway_queue_held",
        Count,
        "Payments that wait beside the queues because of a hold.",
    ),
    gauge(
        "causeway_queue_unmatched",
        Count,
        "Instructions of trades that no other matches yet.",
    ),
    gauge(
        "causeway_queue_unmatched_age_seconds",
        Seconds,
        "How long the oldest unmatched instruction has waited.",
    ),
    gauge(
        "causeway_queue_matched_trades",
        Count,
        "Matched trades that wait, each of two instructions.",
    ),
    gauge(
        "causeway_queue_waiting",
        Count,
        "Payments that wait for liquidity.",
    ),
    counter(
        "causeway_queue_released_total",
        Count,
        "Payments that left the queue: settled, expired or rejected.",
    ),
    gauge("causeway_transport_sessions", Count, "Sessions open now."),
    gauge("causeway_transport_connections", Count, "Connections open now."),
    counter(
        "causeway_transport_batches_total",
        Count,
        "Batches accepted for sequencing.",
    ),
    labelled(
        counter(
            "causeway_transport_refused_total",
            Count,
            "Frames and connections refused, by reason.",
        ),
        &[Label::Reason],
    ),
    counter(
        "causeway_transport_retries_total",
        Count,
        "Handshakes that were asked to prove their address first.",
    ),
    histogram(
        "causeway_transport_verify_seconds",
        Seconds,
        VERIFY_SECONDS,
        "Time to check signature and root of one batch.",
    ),
    counter(
        "causeway_transport_feed_pages_total",
        Count,
        "Pages of feeds sent.",
    ),
    counter("causeway_log_entries_total", Count, "Log entries made durable."),
    counter(
        "causeway_log_bytes_total",
        Bytes,
        "Bytes of the log made durable.",
    ),
    histogram(
        "causeway_log_write_seconds",
        Seconds,
        WRITE_SECONDS,
        "Time of one durable write.",
    ),
    histogram(
        "causeway_log_group_entries",
        Count,
        ENTRIES,
        "Log entries in one durable write.",
    ),
    gauge(
        "causeway_log_tree_size",
        Count,
        "Leaves under the newest signed checkpoint.",
    ),
    gauge(
        "causeway_log_snapshot_index",
        Count,
        "Log index of the newest snapshot.",
    ),
    gauge(
        process::RESIDENT_BYTES,
        Bytes,
        "Memory of the process that is resident.",
    ),
    gauge(
        process::UPTIME_SECONDS,
        Seconds,
        "Time since the process started to export metrics.",
    ),
    gauge(process::THREADS, Count, "Threads of the process."),
    gauge(
        process::OPEN_FILES,
        Count,
        "Files and sockets the process has open.",
    ),
];

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
                ["settlement", "queue", "transport", "log", "process"].contains(&area),
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
