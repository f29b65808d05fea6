//! Pictures over time, and of latency.
use std::ops::Range;

use super::{columns, happened, marks, seconds, section};
use crate::plan::Driver;
use crate::report::form::{Report, Second};
use crate::report::svg::{Chart, Line, Row, Scale, Strip, chart, strip};
use crate::report::text::memory_in_words;
use crate::report::words::{ms, tick, whole};

/// Marks that are told in words.
const TOLD: usize = 12;

/// A line over time: one point a column.
fn over_time(report: &Report, value: impl Fn(&[Second]) -> Option<f64>) -> Vec<(f64, f64)> {
    let point = |column: Range<usize>| {
        let seconds = report.series.get(column)?;
        let (first, last) = (seconds.first()?.at as f64, seconds.last()?.at as f64);
        Some(((first + last + 1.0) / 2.0, value(seconds).unwrap_or(f64::NAN)))
    };
    columns(report).into_iter().filter_map(point).collect()
}

fn mean(seconds: &[Second], value: impl Fn(&Second) -> Option<f64>) -> Option<f64> {
    let values: Vec<f64> = seconds
        .iter()
        .filter_map(value)
        .filter(|v| v.is_finite())
        .collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn most(seconds: &[Second], value: impl Fn(&Second) -> Option<f64>) -> Option<f64> {
    let values = seconds.iter().filter_map(value).filter(|v| v.is_finite());
    values.reduce(f64::max)
}

/// What is told of each column.
fn told(report: &Report, tell: impl Fn(&[Second]) -> String) -> Vec<(f64, f64, String)> {
    let told = |column: Range<usize>| {
        let seconds = report.series.get(column)?;
        let (first, last) = (seconds.first()?.at, seconds.last()?.at);
        let when = if first == last {
            format!("second {first}")
        } else {
            format!("seconds {first} to {last}")
        };
        Some((
            first as f64,
            last as f64 + 1.0,
            format!("{when}: {}", tell(seconds)),
        ))
    };
    columns(report).into_iter().filter_map(told).collect()
}

fn timeline<'a>(report: &Report, label: &'a str, unit: &'a str, lines: Vec<Line<'a>>) -> Chart<'a> {
    let values = lines
        .iter()
        .flat_map(|line| &line.points)
        .map(|(_, value)| *value);
    Chart {
        label,
        height: 250.0,
        x: Scale::Linear(0.0, seconds(report)),
        names: Vec::new(),
        x_unit: "seconds",
        y: Scale::from_zero(values),
        y_unit: unit,
        lines,
        marks: marks(report),
        levels: Vec::new(),
        points: Vec::new(),
        told: Vec::new(),
    }
}

fn solid<'a>(name: &'a str, class: &'a str, points: Vec<(f64, f64)>) -> Line<'a> {
    Line {
        name,
        class,
        filled: false,
        dotted: false,
        points,
    }
}

pub fn throughput(out: &mut String, report: &Report) {
    let settled = over_time(report, |seconds| {
        mean(seconds, |second| Some(second.settled as f64))
    });
    let mut lines = vec![Line {
        filled: true,
        ..solid("settled a second", "a", settled)
    }];
    if report.series.iter().any(|second| second.offered > 0) {
        let offered = over_time(report, |seconds| {
            mean(seconds, |second| Some(second.offered as f64))
        });
        lines.push(solid("offered a second", "b dash", offered));
    }
    let mut picture = timeline(report, "Payments settled in each second", "a second", lines);
    picture.told = told(report, |seconds| {
        let settled = mean(seconds, |second| Some(second.settled as f64));
        format!("{} settled a second", whole(settled.unwrap_or(f64::NAN)))
    });
    let say = match report.plan.driver {
        _ if report.figures.batches == 0 => "Nothing was answered in the window.",
        Driver::Core => {
            "Payments settled in each second that the ledger alone took: nothing was stored, proven or sent."
        }
        _ => {
            "Payments settled, durable and answered in each second of the window; what counts was verified by the bank that asked."
        }
    };
    section(out, "Throughput", say, &chart(&picture));
}

pub fn distribution(out: &mut String, report: &Report) {
    /// Named percentiles, as far as there are samples.
    const NAMED: [(f64, &str); 7] = [
        (0.0, "0 %"),
        (0.5, "50 %"),
        (0.9, "90 %"),
        (0.99, "99 %"),
        (0.999, "99.9 %"),
        (0.9999, "99.99 %"),
        (0.99999, "99.999 %"),
    ];
    let samples = report.latency.count.max(10) as f64;
    let end = samples.log10().min(5.0);
    let place = |quantile: f64| -(1.0 - quantile).log10();
    let line = |distribution: &crate::report::form::Distribution| {
        let steps = (0..=200u32).map(|step| end * f64::from(step) / 200.0);
        steps
            .filter_map(|at| Some((at, distribution.ms(1.0 - 10f64.powf(-at))?)))
            .collect::<Vec<_>>()
    };
    let mut lines = vec![solid("latency", "a", line(&report.latency))];
    if report.sent_late.count > 0 {
        lines.push(solid(
            "of that, sent behind the schedule",
            "g dash",
            line(&report.sent_late),
        ));
    }
    let measured = lines.first().map_or_else(Vec::new, |line| line.points.clone());
    let picture = Chart {
        label: "Latency by percentile",
        height: 260.0,
        x: Scale::Linear(0.0, end),
        names: NAMED
            .iter()
            .map(|(quantile, name)| (place(*quantile), (*name).to_owned()))
            .filter(|(at, _)| *at <= end + 1e-9)
            .collect(),
        x_unit: "of all batches",
        y: Scale::of_times(measured.iter().map(|(_, value)| *value)),
        y_unit: "ms",
        points: NAMED
            .iter()
            .skip(1)
            .map(|(quantile, _)| (place(*quantile), *quantile))
            .filter(|(at, _)| *at <= end + 1e-9)
            .filter_map(|(at, quantile)| {
                let value = report.latency.ms(quantile)?;
                Some((at, value, ms(Some(value))))
            })
            .collect(),
        told: measured
            .windows(2)
            .map(|pair| {
                let (from, to) = (pair[0], pair[1]);
                let percent = 100.0 * (1.0 - 10f64.powf(-from.0));
                (
                    from.0,
                    to.0,
                    format!("{percent:.3} % within {}", ms(Some(from.1))),
                )
            })
            .collect(),
        lines,
        marks: Vec::new(),
        levels: Vec::new(),
    };
    let from = if report.plan.driver == Driver::Core {
        "from handing a batch to the ledger to its outcome, on one thread"
    } else if report.figures.loop_kind == "closed" {
        "from sending a batch to its verified answer. A closed loop sends no faster than it is answered: for latency under a given load see an open one"
    } else {
        "from the time a batch was meant to be sent to its verified answer, however late it was sent"
    };
    let say = format!(
        "Measured {from}. {} batches; the axis widens towards the slowest.",
        whole(report.latency.count as f64)
    );
    section(out, "Latency", &say, &chart(&picture));
}

pub fn heat(out: &mut String, report: &Report) {
    let row = |name: &'static str, value: fn(&Second) -> Option<f64>| Row {
        name,
        cells: columns(report)
            .into_iter()
            .filter_map(|column| {
                let seconds = report.series.get(column)?;
                let (first, last) = (seconds.first()?.at, seconds.last()?.at);
                Some((first as f64, last as f64 + 1.0, most(seconds, value)))
            })
            .collect(),
    };
    let picture = Strip {
        label: "Latency in each second",
        rows: vec![
            row("p50", |second| second.p50_ms),
            row("p99", |second| second.p99_ms),
            row("max", |second| second.max_ms),
        ],
        seconds: seconds(report),
        marks: marks(report),
    };
    let all = happened(report);
    let mut told: Vec<String> = all
        .iter()
        .take(TOLD)
        .map(|mark| format!("{} s {}", tick(mark.at), mark.text))
        .collect();
    if all.len() > TOLD {
        told.push(format!("and {} more", all.len() - TOLD));
    }
    let marked = if told.is_empty() {
        "Nothing was marked in the window.".to_owned()
    } else {
        format!("Marked: {}.", told.join(", "))
    };
    let say = format!("Batches answered in each second, shaded by time. {marked}");
    section(out, "Latency over time", &say, &strip(&picture));
}

pub fn queues(out: &mut String, report: &Report) {
    let backlog = over_time(report, |seconds| {
        most(seconds, |second| Some(second.backlog as f64))
    });
    let mut lines = vec![Line {
        filled: true,
        ..solid("sent or due, not yet answered", "c", backlog)
    }];
    if report.series.iter().any(|second| second.queued.is_some()) {
        let queued = over_time(report, |seconds| {
            most(seconds, |second| Some(second.queued? as f64))
        });
        lines.push(solid("waiting in the ledger", "e", queued));
    }
    let mut picture = timeline(report, "Queue depth", "payments", lines);
    picture.height = 210.0;
    picture.told = told(report, |seconds| {
        let most = most(seconds, |second| Some(second.backlog as f64));
        let shed = match seconds.iter().map(|second| second.shed).sum::<u64>() {
            0 => String::new(),
            shed => format!(", {} shed", whole(shed as f64)),
        };
        format!(
            "{} payments not yet answered{shed}",
            whole(most.unwrap_or(f64::NAN))
        )
    });
    section(
        out,
        "Queue depth",
        "Payments between the bank that meant to send them and its verified answer, and those that wait in the ledger for money.",
        &chart(&picture),
    );
}

pub fn memory(out: &mut String, report: &Report) {
    let mut lines = Vec::new();
    let mut add = |name, class, value: fn(&Second) -> Option<u64>| {
        if report.series.iter().any(|second| value(second).is_some()) {
            let points = over_time(report, |seconds| {
                most(seconds, |second| Some(value(second)? as f64))
            });
            lines.push(solid(name, class, points));
        }
    };
    add("node", "a", |second| second.node_mib);
    add("harness", "g", |second| second.harness_mib);
    if lines.is_empty() {
        return;
    }
    let drops = report.series.iter().filter_map(|second| second.udp_drops);
    let drops = drops.reduce(u64::wrapping_add);
    let drops = drops.map_or_else(String::new, |drops| {
        format!(
            " Datagrams that this machine dropped meanwhile because a socket was full: {}.",
            whole(drops as f64)
        )
    });
    let mut picture = timeline(report, "Resident memory", "MiB", lines);
    picture.height = 200.0;
    let judged = report.memory.as_ref().map_or_else(String::new, |memory| {
        format!(" Judged: {}.", memory_in_words(memory))
    });
    let say = format!("Resident memory of both processes.{judged}{drops}");
    section(out, "Memory", &say, &chart(&picture));
}
