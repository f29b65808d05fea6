//! Where a payment's time goes: processor time by thread, and the node's own histograms of its turns.
use std::collections::BTreeMap;

use super::Scraped;
use crate::report::form::{Part, Stage};

/// Histograms of the node, and the thread whose turns they time.
const TIMED: [(&str, &str); 3] = [
    ("quic", "causeway_transport_verify_seconds"),
    ("log", "causeway_log_write_seconds"),
    ("apply", "causeway_settlement_apply_seconds"),
];

/// Stages in the order in which a payment passes them.
const ORDER: [&str; 5] = ["harness", "quic", "log", "apply", "publish"];

/// Stages from processor nanoseconds a payment by part (`node, apply`, `harness`), and two looks at the metrics.
pub fn stages(costs: &BTreeMap<String, f64>, looks: Option<(&Scraped, &Scraped)>) -> Vec<Stage> {
    let stage = |(part, ns): (&String, &f64)| {
        let (name, whose) = match part.strip_prefix("node, ") {
            Some(name) => (name, Part::Node),
            None => ("harness", Part::Harness),
        };
        let metric = TIMED
            .iter()
            .find(|(thread, _)| *thread == name)
            .map(|(_, metric)| *metric);
        let within = |share: f64| {
            let (before, after) = looks?;
            Some(after.within(before, metric?, share)? * 1e3)
        };
        Stage {
            name: name.to_owned(),
            part: whose,
            processor_ns: Some(*ns),
            p50_ms: within(0.5),
            p99_ms: within(0.99),
        }
    };
    let parts = costs.iter().filter(|(part, _)| *part != "total");
    let mut stages: Vec<Stage> = parts.map(stage).collect();
    let place = |stage: &Stage| {
        ORDER
            .iter()
            .position(|name| *name == stage.name)
            .unwrap_or(ORDER.len())
    };
    stages.sort_by_key(place);
    stages
}
