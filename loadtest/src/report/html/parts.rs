//! What only some runs have: the search for the highest rate, and overload.
use std::fmt::Write;

use super::section;
use crate::report::form::{Report, Step};
use crate::report::svg::{Chart, Line, Rule, Scale, chart, escape};
use crate::report::text;
use crate::report::words::{ms, short, tick, whole};

pub fn ramp(out: &mut String, report: &Report) {
    let Some(curve) = &report.ramp else { return };
    let mut steps: Vec<&Step> = curve.steps.iter().collect();
    steps.sort_by_key(|step| step.rate);
    let line = |name, class, value: fn(&Step) -> f64| Line {
        name,
        class,
        filled: false,
        dotted: true,
        points: steps.iter().map(|step| (step.rate as f64, value(step))).collect(),
    };
    let lines = vec![
        line("p50", "a", |step| step.latency_ms.p50),
        line("p99", "b", |step| step.latency_ms.p99),
    ];
    let bound = curve.objective.map(|objective| objective.ms);
    let times = steps
        .iter()
        .flat_map(|step| [step.latency_ms.p50, step.latency_ms.p99])
        .chain(bound);
    let picture = Chart {
        label: "Latency by offered rate",
        height: 280.0,
        x: Scale::from_zero(steps.iter().map(|step| step.rate as f64)),
        names: Vec::new(),
        x_unit: "payments offered a second",
        y: Scale::of_times(times),
        y_unit: "ms",
        lines,
        marks: curve
            .highest
            .iter()
            .map(|rate| Rule {
                at: *rate as f64,
                class: "mark",
                name: format!("{}/s holds", whole(*rate as f64)),
            })
            .collect(),
        levels: curve
            .objective
            .iter()
            .map(|objective| Rule {
                at: objective.ms,
                class: "level",
                name: format!(
                    "p{} within {} ms",
                    tick(objective.quantile * 100.0),
                    short(objective.ms)
                ),
            })
            .collect(),
        points: Vec::new(),
        told: Vec::new(),
    };
    let mut table = String::from(
        "<table><thead><tr><th>offered a second</th><th class=\"n\">settled a second</th><th class=\"n\">p50</th>\
         <th class=\"n\">p99</th><th class=\"n\">longest</th><th>holds</th></tr></thead><tbody>",
    );
    for step in &curve.steps {
        let holds = match (&step.why, step.passed) {
            (_, true) => "yes".to_owned(),
            (Some(why), false) => format!("no: {why}"),
            (None, false) => "no".to_owned(),
        };
        let _ = write!(
            table,
            "<tr><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td>{}</td></tr>",
            whole(step.rate as f64),
            whole(step.achieved),
            ms(Some(step.latency_ms.p50)),
            ms(Some(step.latency_ms.p99)),
            ms(Some(step.latency_ms.max)),
            escape(&holds)
        );
    }
    table.push_str("</tbody></table>");
    let highest = curve.highest.map_or_else(
        || "No rate held.".to_owned(),
        |rate| {
            format!(
                "The highest rate that held: {} payments a second.",
                whole(rate as f64)
            )
        },
    );
    let say = format!(
        "Rates tried one after another; a rate holds if its latency does, and if it is settled, not queued. {highest}"
    );
    section(out, "Highest rate", &say, &(chart(&picture) + &table));
}

pub fn overload(out: &mut String, report: &Report) {
    let Some(o) = &report.overload else { return };
    let recovered = o.recovered_seconds.map_or_else(
        || "not within the window".to_owned(),
        |seconds| format!("{} s", short(seconds)),
    );
    let shed = match report.figures.shed {
        0 => "nothing".to_owned(),
        _ => text::shed(report),
    };
    let rows = [
        (
            "best, closed loop just before",
            format!("{} payments a second", whole(o.best)),
        ),
        (
            "settled under overload",
            o.kept.zip(o.kept_share).map_or_else(
                || "not judged: the load was over before it had settled".to_owned(),
                |(kept, share)| format!("{} a second, {} % of the best", whole(kept), short(share * 100.0)),
            ),
        ),
        ("backlog gone after the load fell", recovered),
        ("shed when it fell", shed),
        (
            "least served bank",
            format!(
                "bank {}: {} of a fair share",
                o.least.bank,
                short(o.least.of_fair_share)
            ),
        ),
        (
            "best served bank",
            format!(
                "bank {}: {} of a fair share",
                o.most.bank,
                short(o.most.of_fair_share)
            ),
        ),
    ];
    let mut table = String::from("<table><tbody>");
    for (name, value) in rows {
        let _ = write!(table, "<tr><th>{name}</th><td>{}</td></tr>", escape(&value));
    }
    table.push_str("</tbody></table>");
    section(
        out,
        "Overload",
        "More was offered than the node can settle: what it kept settling, how it shared that, and how fast it was over.",
        &table,
    );
}
