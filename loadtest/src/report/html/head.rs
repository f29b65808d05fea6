//! What a page says first: the figure, whether it counts, and what was switched off.
use std::fmt::Write;

use crate::report::form::Report;
use crate::report::svg::escape;
use crate::report::text::sentence;
use crate::report::words::{NONE, list, short, tick, whole};

pub fn head(out: &mut String, report: &Report) {
    let c = &report.conditions;
    let _ = writeln!(
        out,
        "<header><span><b>Causeway load test</b> · {}</span><span>{}</span></header>",
        escape(&report.scenario),
        escape(&report.began)
    );
    alarms(out, report);
    let f = &report.figures;
    out.push_str("<section>\n");
    // What a search looks for is a rate that holds, not what all its rates together settled.
    let held = report
        .ramp
        .as_ref()
        .and_then(|curve| Some((curve.highest?, curve.objective?)));
    let (figure, words) = match held {
        Some((rate, objective)) => (
            whole(rate as f64),
            format!(
                "payments a second: the highest rate with p{} within {} ms",
                tick(objective.quantile * 100.0),
                short(objective.ms)
            ),
        ),
        None => (
            whole(f.payments_per_second),
            "payments a second, settled and answered".to_owned(),
        ),
    };
    let _ = writeln!(out, "<h1>{figure} <small>{}</small></h1>", escape(&words));
    let driver = match report.plan.driver {
        crate::plan::Driver::Core => "ledger alone",
        crate::plan::Driver::Engine => "engine in this process",
        crate::plan::Driver::Quic => "node over QUIC",
    };
    let _ = writeln!(
        out,
        "<p class=\"about\">{}. {}; {driver}, {}; {} s window.</p>",
        escape(report.plan.about.trim_end_matches('.')),
        escape(&c.cpu),
        escape(&sentence(report)),
        tick(f.window_seconds)
    );
    tiles(out, report);
    let none = report.switched_off.is_empty();
    let _ = writeln!(
        out,
        "<p class=\"off{}\"><b>Switched off:</b> {}</p>",
        if none { " none" } else { "" },
        escape(&list(&report.switched_off))
    );
    if !report.with.is_empty() {
        let _ = writeln!(
            out,
            "<p class=\"on\">On: {}.</p>",
            escape(&report.with.join("; "))
        );
    }
    out.push_str("</section>\n");
}

/// What makes the figure count for less, before the figure.
fn alarms(out: &mut String, report: &Report) {
    let mut alarm = |title: &str, words: &str| {
        let _ = writeln!(
            out,
            "<section class=\"alarm\"><b>{}</b> {}</section>",
            escape(title),
            escape(words)
        );
    };
    if let Some(why) = &report.partial {
        alarm("The run ended before its time:", why);
    }
    if let Some(difference) = &report.audit.difference {
        alarm("The result does not reconcile:", difference);
    } else if !report.figures.reconciled {
        alarm(
            "Not reconciled:",
            "nobody compared what banks and auditor know with what the ledger says.",
        );
    }
}

fn tiles(out: &mut String, report: &Report) {
    let (f, l) = (&report.figures, &report.figures.latency_ms);
    let time = |ms: f64| match report.latency.count {
        0 => NONE.to_owned(),
        _ => format!("{} ms", short(ms)),
    };
    let mut tiles = vec![
        ("median latency", time(l.p50)),
        ("99th percentile", time(l.p99)),
        ("99.9th", time(l.p999)),
        ("longest", time(l.max)),
        ("settled", whole(f.settled as f64)),
        (
            "node memory",
            format!("{} MiB", whole(f.node_resident_mib as f64)),
        ),
    ];
    if f.unanswered > 0 {
        tiles.push(("never answered", whole(f.unanswered as f64)));
    }
    if f.shed > 0 {
        tiles.push(("offered", whole(f.offered as f64)));
        tiles.push(("shed", whole(f.shed as f64)));
    }
    if let Some(seconds) = f.restart_seconds {
        tiles.push(("restart", format!("{} s", short(seconds))));
    }
    out.push_str("<div class=\"tiles\">");
    for (name, value) in tiles {
        let _ = write!(out, "<div><span>{name}</span><b>{}</b></div>", escape(&value));
    }
    let (class, word) = if f.reconciled {
        ("good", "yes")
    } else {
        ("bad", "no")
    };
    let _ = writeln!(
        out,
        "<div><span>reconciled</span><b class=\"{class}\">{word}</b></div></div>"
    );
}
