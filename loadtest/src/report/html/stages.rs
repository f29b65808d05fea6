//! Where the time of a payment goes, beside what the machine allows.
use std::fmt::Write;

use super::section;
use crate::report::form::{Part, Report, Stage};
use crate::report::svg::{Bar, Segment, bars, escape};
use crate::report::words::{ms, short, whole};

/// Colours of the node's stages, in turn. The harness is grey.
const COLOURS: [&str; 7] = ["a", "c", "b", "d", "e", "f", "i"];

pub fn stages(out: &mut String, report: &Report) {
    let stages = known(report);
    let total: f64 = stages.iter().filter_map(cost).sum();
    let mut colours = COLOURS.iter().cycle();
    let segments: Vec<Segment> = stages
        .iter()
        .filter_map(|stage| {
            let value = cost(stage)?;
            let colour = match stage.part {
                Part::Harness => "g",
                Part::Node => colours.next().copied().unwrap_or("a"),
            };
            Some(Segment {
                name: format!("{} {}", stage.name, whole(value)),
                value,
                class: format!("bar {colour}"),
            })
        })
        .collect();
    let mut drawn = vec![Bar {
        name: "this run".to_owned(),
        end: format!("{} ns", whole(total)),
        height: 40.0,
        segments,
    }];
    drawn.extend(
        report
            .limits
            .iter()
            .filter(|limit| limit.ns.is_finite())
            .map(|limit| Bar {
                name: limit.name.clone(),
                end: format!("{} ns", short(limit.ns)),
                height: 15.0,
                segments: vec![Segment {
                    name: limit.how.clone(),
                    value: limit.ns,
                    class: "bar limit".to_owned(),
                }],
            }),
    );
    let mut inner = if total > 0.0 || drawn.len() > 1 {
        bars(
            "Processor time of a payment by stage",
            "nanoseconds a payment",
            &drawn,
        )
    } else {
        String::new()
    };
    inner.push_str(&table(report, &stages, total));
    section(
        out,
        "Where the time goes",
        "Processor time of one payment at both ends together, by the threads that spend it. Below it the least that a \
         payment takes if nothing but this one thing were to do, measured on this machine just before.",
        &inner,
    );
}

fn cost(stage: &Stage) -> Option<f64> {
    stage.processor_ns.filter(|ns| ns.is_finite() && *ns > 0.0)
}

/// The report's stages; if it has none, what each part of both processes spent.
fn known(report: &Report) -> Vec<Stage> {
    if !report.stages.is_empty() {
        return report.stages.clone();
    }
    let parts = report.figures.cost_ns.iter().filter(|(name, _)| *name != "total");
    let mut stages: Vec<Stage> = parts
        .map(|(name, ns)| {
            let (part, name) = match name.strip_prefix("node, ") {
                Some(name) => (Part::Node, name),
                None => (Part::Harness, name.as_str()),
            };
            Stage {
                name: name.to_owned(),
                part,
                processor_ns: Some(*ns),
                ..Stage::default()
            }
        })
        .collect();
    stages.sort_by_key(|stage| stage.part == Part::Harness);
    stages
}

fn table(report: &Report, stages: &[Stage], total: f64) -> String {
    let mut table = String::from(
        "<table><thead><tr><th>stage</th><th class=\"n\">ns a payment</th><th class=\"n\">share</th>\
         <th class=\"n\">turn, p50</th><th class=\"n\">turn, p99</th></tr></thead><tbody>",
    );
    for stage in stages {
        let part = match stage.part {
            Part::Node => "node",
            Part::Harness => "harness",
        };
        let share = cost(stage).map_or(f64::NAN, |ns| 100.0 * ns / total);
        let _ = write!(
            table,
            "<tr><td>{part}, {}</td><td class=\"n\">{}</td><td class=\"n\">{} %</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td></tr>",
            escape(&stage.name),
            short(stage.processor_ns.unwrap_or(f64::NAN)),
            short(share),
            ms(stage.p50_ms),
            ms(stage.p99_ms)
        );
    }
    for limit in &report.limits {
        let _ = write!(
            table,
            "<tr><td>limit: {}</td><td class=\"n\">{}</td><td colspan=\"3\">{}</td></tr>",
            escape(&limit.name),
            short(limit.ns),
            escape(&limit.how)
        );
    }
    table.push_str("</tbody></table>");
    table
}
