//! Every metric that any crate emits stands in the one list.
mod workspace;

use causeway_ops::metrics::{ALL, Form};
use workspace::sources;

const AREAS: &[&str] = &["settlement", "queue", "netting", "transport", "log", "process"];

/// Names of metrics that stand in texts of a source.
fn names(source: &str) -> impl Iterator<Item = &str> {
    source.match_indices("causeway_").filter_map(|(at, _)| {
        let begins = source[..at].ends_with(|c: char| !c.is_alphanumeric() && c != '_');
        let rest = &source[at..];
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let name = &rest[..end];
        // A crate's name has nothing after its area.
        let area = name.strip_prefix("causeway_")?.split_once('_')?.0;
        (begins && AREAS.contains(&area)).then_some(name)
    })
}

fn is_listed(name: &str) -> bool {
    ALL.iter().any(|metric| {
        let part = name.strip_prefix(metric.name);
        let histogram = matches!(metric.form, Form::Histogram(_));
        part == Some("") || (histogram && matches!(part, Some("_bucket" | "_sum" | "_count")))
    })
}

#[test]
fn every_metric_that_a_source_names_is_in_the_list() {
    let mut missing = Vec::new();
    for (path, text) in sources() {
        if path == "ops/tests/metric_names.rs" {
            continue;
        }
        missing.extend(
            names(&text)
                .filter(|name| !is_listed(name))
                .map(|name| format!("{path}: {name}")),
        );
    }
    assert!(
        missing.is_empty(),
        "not in ops/src/metrics.rs:\n{}",
        missing.join("\n")
    );
}

#[test]
fn a_name_is_found_in_a_text_and_a_crate_is_not() {
    let source = "use causeway_transport::x; counter!(\"causeway_transport_lost_total\"); my_causeway_log_x";
    assert_eq!(
        names(source).collect::<Vec<_>>(),
        ["causeway_transport_lost_total"]
    );
    assert!(!is_listed("causeway_transport_lost_total"));
    assert!(is_listed("causeway_log_write_seconds_bucket") && !is_listed("causeway_log_tree_size_bucket"));
}
