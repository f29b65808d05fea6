//! The figures that are compared, and which way each is better.
use serde::Serialize;

use crate::report::form::Report;

/// Which way a figure is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Better {
    Higher,
    Lower,
}

/// A figure.
#[derive(Debug)]
pub(super) struct Kind {
    name: &'static str,
    unit: &'static str,
    better: Better,
    /// A count of many, or of few with a fraction.
    whole: bool,
    /// None where a run has none.
    of: fn(&Report) -> Option<f64>,
}

const fn kind(
    name: &'static str,
    unit: &'static str,
    better: Better,
    whole: bool,
    of: fn(&Report) -> Option<f64>,
) -> Kind {
    Kind {
        name,
        unit,
        better,
        whole,
        of,
    }
}

/// Figures that are judged if nothing else is said.
pub(super) const JUDGED: [&str; 3] = ["payments_per_second", "p99_ms", "highest_rate"];

/// All figures, in the order in which they are told.
pub(super) const METRICS: &[Kind] = &[
    kind("payments_per_second", "", Better::Higher, true, |r| {
        Some(r.figures.payments_per_second)
    }),
    kind("highest_rate", "", Better::Higher, true, |r| {
        r.ramp.as_ref()?.highest.map(|rate| rate as f64)
    }),
    kind("p50_ms", "", Better::Lower, false, |r| {
        answered(r, r.figures.latency_ms.p50)
    }),
    kind("p90_ms", "", Better::Lower, false, |r| {
        answered(r, r.figures.latency_ms.p90)
    }),
    kind("p99_ms", "", Better::Lower, false, |r| {
        answered(r, r.figures.latency_ms.p99)
    }),
    kind("p999_ms", "", Better::Lower, false, |r| {
        answered(r, r.figures.latency_ms.p999)
    }),
    kind("max_ms", "", Better::Lower, false, |r| {
        answered(r, r.figures.latency_ms.max)
    }),
    kind("sent_late_p99_ms", "", Better::Lower, false, |r| {
        r.sent_late.ms(0.99)
    }),
    kind("unanswered", "batches", Better::Lower, true, |r| {
        Some(r.figures.unanswered as f64).filter(|_| r.figures.loop_kind != "closed")
    }),
    kind("shed", "payments", Better::Lower, true, |r| {
        Some(r.figures.shed as f64).filter(|_| r.plan.load.shed)
    }),
    kind("node_resident_mib", "", Better::Lower, true, |r| {
        Some(r.figures.node_resident_mib as f64)
    }),
    kind("restart_seconds", "", Better::Lower, false, |r| {
        r.figures.restart_seconds
    }),
    kind("cost_ns", "total", Better::Lower, true, |r| {
        r.figures.cost_ns.get("total").copied()
    }),
    kind("cost_node_ns", "node", Better::Lower, true, |r| {
        let node = r
            .figures
            .cost_ns
            .iter()
            .filter(|(part, _)| part.starts_with("node"));
        node.map(|(_, ns)| *ns).reduce(|sum, ns| sum + ns)
    }),
    kind("overload_kept_share", "", Better::Higher, false, |r| {
        r.overload.as_ref()?.kept_share
    }),
    kind("overload_least_fair_share", "", Better::Higher, false, |r| {
        Some(r.overload.as_ref()?.least.of_fair_share)
    }),
    kind("overload_recovered_seconds", "", Better::Lower, false, |r| {
        r.overload.as_ref()?.recovered_seconds
    }),
];

/// A latency, if there is one at all: a run without answers is not the fastest.
fn answered(report: &Report, ms: f64) -> Option<f64> {
    (report.latency.count > 0).then_some(ms)
}

/// The name of a figure, as the command line has it.
pub(super) fn name(text: &str) -> Result<&'static str, String> {
    let known = METRICS.iter().map(|kind| kind.name);
    let found = known.clone().find(|name| *name == text);
    found.ok_or_else(|| format!("`{text}` is none of {}", known.collect::<Vec<_>>().join(", ")))
}

/// The value of a figure in a run, by the figure's name.
pub(super) fn value(name: &str, report: &Report) -> Option<f64> {
    let kind = METRICS.iter().find(|kind| kind.name == name)?;
    (kind.of)(report).filter(|value| value.is_finite())
}

/// A figure of both runs.
#[derive(Debug, Serialize)]
pub(super) struct Metric {
    pub name: &'static str,
    pub unit: &'static str,
    pub better: Better,
    pub a: f64,
    pub b: f64,
    /// The second by the first; none if that is zero.
    pub ratio: Option<f64>,
    #[serde(skip)]
    pub whole: bool,
}

/// Figures closer than this are the same.
const SAME: f64 = 0.01;

impl Metric {
    /// None if neither run has it, or one of them does not.
    pub fn of(kind: &Kind, a: &Report, b: &Report) -> Option<Self> {
        let (a, b) = (value(kind.name, a)?, value(kind.name, b)?);
        Some(Self {
            name: kind.name,
            unit: kind.unit,
            better: kind.better,
            a,
            b,
            ratio: (a != 0.0).then(|| b / a),
            whole: kind.whole,
        })
    }

    /// How much worse the second is, in percent of the first; below zero if it is better.
    fn worse(&self) -> f64 {
        let more = if self.b == self.a {
            0.0
        } else {
            // From nothing to something is beyond every bound.
            self.ratio.map_or(f64::INFINITY, |ratio| (ratio - 1.0) * 100.0)
        };
        match self.better {
            Better::Lower => more,
            Better::Higher => -more,
        }
    }

    /// What to say if it is worse than allowed.
    pub fn worse_than(&self, allowed: f64) -> Option<String> {
        let worse = self.worse();
        (worse > allowed).then(|| format!("{} is {worse:.1} % worse, more than {allowed} %", self.name))
    }

    /// A word for the table.
    pub fn verdict(&self) -> &'static str {
        match self.worse() / 100.0 {
            worse if worse > SAME => "worse",
            worse if worse < -SAME => "better",
            _ => "",
        }
    }
}
