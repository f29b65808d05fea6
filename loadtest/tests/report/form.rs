//! The form of a report: there and back, and the keys that scripts read.
use std::collections::BTreeMap;

use causeway_loadtest::report::form::{Distribution, FORM, Report};
use causeway_loadtest::report::json;
use hdrhistogram::Histogram;

use crate::fixture;

#[test]
fn a_report_is_read_as_it_was_written() {
    for mut report in [
        fixture::steady(true),
        fixture::ramp(),
        fixture::overload(),
        fixture::hostile(),
    ] {
        // The name of a scenario stands at the top alone.
        report.plan.name = String::new();
        let text = json(&report).expect("a document");
        let again: Report = serde_json::from_str(&text).expect("a report");
        assert_eq!(again, report);
    }
}

#[test]
fn what_scripts_read_stands_flat() {
    let text = json(&fixture::steady(false)).expect("a document");
    let value: serde_json::Value = serde_json::from_str(&text).expect("a document");
    for key in [
        "scenario",
        "payments_per_second",
        "settled",
        "window_seconds",
        "batches",
        "reconciled",
        "receipts_verified",
        "feed_events_verified",
        "node_resident_mib",
        "cost_ns",
        "cpus",
        "switched_off",
        "loop_kind",
    ] {
        assert!(value.get(key).is_some_and(|value| !value.is_null()), "{key}");
    }
    assert!(value["latency_ms"]["p99"].is_f64() && value["cost_ns"]["total"].is_f64());
    assert_eq!(value["form"], FORM);
    assert!(value["partial"].is_null());
}

#[test]
fn what_is_no_number_is_null_and_back() {
    let mut report = Report::default();
    report.figures.payments_per_second = f64::NAN;
    report.figures.latency_ms.p99 = f64::INFINITY;
    report.figures.cost_ns = BTreeMap::from([("total".to_owned(), 5.0)]);
    let text = json(&report).expect("a document");
    let again: Report = serde_json::from_str(&text).expect("a report");
    assert!(again.figures.payments_per_second.is_nan() && again.figures.latency_ms.p99.is_nan());
    assert_eq!(again.figures.cost_ns["total"], 5.0);
}

#[test]
fn fields_of_later_do_not_stand_in_the_way() {
    let text = "{\"form\": 1, \"settled\": 7, \"of_later\": {\"a\": 1}, \"latency_ms\": {\"p50\": 2.5}}";
    let report: Report = serde_json::from_str(text).expect("a report");
    assert_eq!((report.figures.settled, report.figures.latency_ms.p50), (7, 2.5));
}

#[test]
fn a_distribution_has_the_quantiles_of_its_histogram() {
    let mut histogram = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3).expect("a histogram");
    for value in 1..=10_000u64 {
        histogram
            .record(value * value % 77_777 + 1)
            .expect("a value in range");
    }
    let distribution = Distribution::from(&histogram);
    assert_eq!(distribution.count, 10_000);
    for quantile in [0.0, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0] {
        let expected = histogram.value_at_quantile(quantile) as f64 / 1_000.0;
        assert_eq!(distribution.ms(quantile), Some(expected), "{quantile}");
    }
    assert_eq!(Distribution::default().ms(0.5), None);
    let short = distribution.short();
    assert!(short.p50 <= short.p90 && short.p90 <= short.p99 && short.p999 <= short.max);
}
