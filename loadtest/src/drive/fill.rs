//! From what was measured to the report.
mod overload;

use std::collections::BTreeMap;
use std::path::Path;

use causeway_message::leaf::RULES_VERSION;
use causeway_ops::config::NodeConfig;

use super::bank::Kept;
use super::director::Ran;
use super::legs::Legs;
use crate::error::Failure;
use crate::meter::{Meter, judge, resident_bytes, shares, stages};
use crate::plan::{Driver, Loop, Plan};
use crate::report::form::{Distribution, MarkKind, Report};
use crate::report::machine;
use crate::report::memory_in_words;
use crate::world::World;

/// By so much of all records a part of the mix may miss what was asked for before it is noted.
const SHARE: f64 = 0.01;
const MIB: u64 = 1_048_576;

/// What stands fast before the run, of one over the network.
pub fn network(report: &mut Report, plan: &Plan, data: Option<&Path>) {
    common(report, plan);
    let conditions = &mut report.conditions;
    conditions.tls = "TLS 1.3 with client certificates, over QUIC".to_owned();
    conditions.checkpoint_checks =
        "signatures once in this process, shared by all banks; everything else each bank for itself"
            .to_owned();
    conditions.node = plan.environment().into_iter().collect();
    let config = data.and_then(|data| NodeConfig::load(&data.join("node.toml")).ok());
    let set = plan.node.get("netting_mode").map(ToString::to_string);
    let mode = config.map(|config| format!("{:?}", config.netting.mode).to_lowercase());
    conditions.netting = set.or(mode).unwrap_or_else(|| "unknown".to_owned());
}

/// What stands fast before any run with an engine.
pub fn common(report: &mut Report, plan: &Plan) {
    report.conditions.rules = RULES_VERSION;
    if plan.driver == Driver::Quic {
        report.switched_off.push(
            "each bank's own check of a checkpoint's signature: all banks run in this process, which checks it once"
                .to_owned(),
        );
    }
}

/// What was on and costs time, behind the run: only what it did, by what it counted.
pub fn with(report: &mut Report) {
    let (f, a) = (&report.figures, &report.audit);
    let answered = f.batches > 0;
    let over_network = report.plan.driver == Driver::Quic;
    let did = if report.plan.driver == Driver::Core {
        vec![(answered, "limits, queues and id memory on")]
    } else {
        vec![
            (
                answered && over_network,
                "QUIC with TLS 1.3 and client certificates",
            ),
            (answered, "one Ed25519 signature per batch, made in the window"),
            (answered, "durable before answered"),
            (answered, "roots, leaf and checkpoint checked for every batch"),
            (
                f.feed_events_verified > 0,
                "feeds of all submitting banks on, every page proven",
            ),
            (f.reconciled, "balances reconciled"),
            (f.receipts_verified > 0, "single receipts fetched and verified"),
            (
                a.entries > 0 && a.agrees,
                "an auditor over the whole log, behind the run",
            ),
        ]
    };
    let did = did.into_iter().filter(|(did, _)| *did);
    report.with = did.map(|(_, what)| what.to_owned()).collect();
    if report.plan.driver != Driver::Core && a.entries > 0 {
        report.switched_off.push(
            "the auditor's own check of signatures: it trusts those of what this run itself sent".to_owned(),
        );
    }
}

/// What the legs came to.
pub fn legs(report: &mut Report, plan: &Plan, world: &World, legs: &Legs, meter: &Meter) {
    ran(report, plan, world, &legs.ran, meter);
    report.figures.intended_rate = legs.rate.map(|rate| rate as u64);
    report.ramp.clone_from(&legs.curve);
    if let Some(best) = legs
        .best
        .filter(|_| plan.load.of_best.is_some_and(|share| share > 1.0))
    {
        report.overload = Some(overload::judge(plan, &legs.ran, best));
    }
}

/// What a window came to, also one that broke.
pub fn ran(report: &mut Report, plan: &Plan, world: &World, ran: &Ran, meter: &Meter) {
    let counts = &ran.counts;
    let figures = &mut report.figures;
    figures.window_seconds = ran.window;
    figures.settled = counts.settled;
    figures.payments_per_second = counts.settled as f64 / ran.window.max(1e-9);
    figures.settled_in_all = meter.totals().settled;
    figures.answered_otherwise = counts.otherwise_by_name();
    figures.batches = counts.batches;
    figures.batch_size = plan.load.batch;
    figures.unanswered = counts.unanswered;
    figures.shed = counts.shed;
    figures.offered = counts.offered;
    figures.banks = world.banks;
    figures.participants = world.participants;
    figures.accounts = world.accounts();
    figures.currencies = world.holders.len();
    figures.loop_kind = match plan.load.kind {
        Loop::Closed => "closed",
        Loop::Open => "open",
        Loop::Ramp => "ramp",
    }
    .to_owned();
    figures.depth = plan.load.depth;
    figures.threads = plan.load.threads;
    figures.cpus = std::thread::available_parallelism().map_or(0, usize::from);
    figures.cost_ns = costs(&ran.processor, counts.settled);
    report.mix = shares(&plan.mix, counts.records, &counts.drawn, &counts.otherwise);
    report.latency = Distribution::from(&counts.latency);
    report.figures.latency_ms = report.latency.short();
    report.sent_late = Distribution::from(&counts.late);
    report.series.clone_from(&ran.series);
    report.memory = plan.checks.memory.then(|| judge(&ran.series, &ran.marks));
    report.marks.clone_from(&ran.marks);
    let looks = ran.looks.as_ref().map(|(first, last)| (first, last));
    report.stages = stages(&report.figures.cost_ns, looks);
    report.limits = machine::limits(&report.conditions.disk, plan.load.batch);
    let late = report.sent_late.ms(0.99).unwrap_or(0.0);
    let away = plan.outage.is_some();
    if late > 1.0 && report.latency.ms(0.5).is_some_and(|p50| late > p50) && !away {
        let text = format!(
            "senders were {late:.1} ms behind their schedules at p99: the generator or a full window was the limit"
        );
        report.conditions.notes.push(text);
    }
    if counts.shed > 0 {
        let text = format!(
            "{} payments were shed: their banks had not sent them when the load fell; each batch counts in the latency, unanswered for as long as it waited until then",
            counts.shed
        );
        report.conditions.notes.push(text);
    }
    for part in report
        .mix
        .iter()
        .filter(|part| (part.seen - part.asked).abs() > SHARE)
    {
        let (asked, seen) = (part.asked * 100.0, part.seen * 100.0);
        let text = format!(
            "mix.{}: {asked:.1} % of all records were asked for, {seen:.1} % seen",
            part.name
        );
        report.conditions.notes.push(text);
    }
    let snapshot = ran.marks.iter().any(|mark| mark.kind == MarkKind::Snapshot);
    if ran.looks.is_some() && !snapshot {
        let text = "snapshots: none was due in the window";
        report.switched_off.push(text.to_owned());
    }
    let drops: u64 = ran.series.iter().filter_map(|second| second.udp_drops).sum();
    if drops > 0 {
        let text = format!("the kernel dropped {drops} datagrams at full sockets in the window");
        report.conditions.notes.push(text);
    }
}

/// Processor nanoseconds a payment, part by part; what both ends need together stands last.
fn costs(processor: &BTreeMap<String, f64>, payments: u64) -> BTreeMap<String, f64> {
    let each = |seconds: f64| seconds * 1e9 / payments.max(1) as f64;
    let name = |part: &str| match part {
        "harness" => "harness, all banks".to_owned(),
        node => node.to_owned(),
    };
    let mut costs: BTreeMap<String, f64> = processor
        .iter()
        .map(|(part, seconds)| (name(part), each(*seconds)))
        .collect();
    costs.insert("total".to_owned(), each(processor.values().sum()));
    costs
}

/// Resident memory of the node now.
pub fn resident(report: &mut Report, node: u32) {
    let bytes = resident_bytes(&node.to_string());
    report.figures.node_resident_mib = bytes.map_or(0, |bytes| bytes / MIB);
}

/// What banks leave behind: what they read and fetched.
pub fn kept(report: &mut Report, plan: &Plan, kept: &[Kept]) {
    let figures = &mut report.figures;
    figures.feed_events_verified = kept.iter().map(|kept| kept.events).sum();
    figures.receipts_verified = kept.iter().map(|kept| kept.receipts).sum();
    let answered: u64 = kept
        .iter()
        .flat_map(|kept| &kept.seen)
        .map(|seen| u64::from(seen.records))
        .sum();
    if plan.checks.feeds && answered > 0 {
        // Each payment is told to its creditor, each batch to its submitter: only banks that submit listen.
        let told = figures.settled_in_all.max(1) as f64;
        report.conditions.events_listened = Some((figures.feed_events_verified as f64 / told).min(1.0));
    }
    let missed: u64 = kept.iter().map(|kept| kept.receipts_missed).sum();
    if missed > 0 {
        let text = format!("{missed} receipts that were due were not fetched: too many waited");
        report.switched_off.push(text);
    }
    let lost: u64 = kept.iter().map(|kept| kept.receipts_lost).sum();
    if lost > 0 {
        let text = format!(
            "{lost} receipts that were due were not fetched: a connection was lost or the node was busy"
        );
        report.switched_off.push(text);
    }
}

/// Whether all agrees.
///
/// # Errors
/// The first difference.
pub fn verdict(report: &mut Report, kept: &[Kept]) -> Result<(), Failure> {
    if let Some(difference) = kept.iter().find_map(|kept| kept.difference.clone()) {
        report.audit.agrees = false;
        return Err(Failure::Check(difference));
    }
    if let Some(difference) = report.audit.difference.clone() {
        return Err(Failure::Check(difference));
    }
    // Without feeds nobody knows what came in.
    report.figures.reconciled = report.plan.checks.feeds;
    match &report.memory {
        Some(memory) if memory.flat == Some(false) => {
            Err(Failure::Check(format!("memory: {}", memory_in_words(memory))))
        }
        _ => Ok(()),
    }
}
