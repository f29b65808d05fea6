//! A report for the terminal.
use std::fmt::Write;

use super::form::{Memory, Report};
use super::words::{NONE, list, ms, short, tick, whole};

/// The report as text, without a line break at its end.
pub fn table(report: &Report) -> String {
    let mut text = String::new();
    // Writing into a string cannot fail.
    let _ = head(&mut text, report);
    let _ = times(&mut text, report);
    let _ = found(&mut text, report);
    text.trim_end().to_owned()
}

/// What was sent, in a sentence.
pub(super) fn sentence(report: &Report) -> String {
    let f = &report.figures;
    let rate = f
        .intended_rate
        .map_or_else(String::new, |rate| format!(" at {}/s", whole(rate as f64)));
    format!(
        "{} loop{rate}, {} banks, batches of {}, {} under way each",
        f.loop_kind,
        f.banks,
        whole(f.batch_size as f64),
        f.depth
    )
}

/// Shares of the mix.
pub(super) fn mix(report: &Report) -> String {
    let parts = report.mix.iter().map(|part| {
        let (seen, asked) = (part.seen * 100.0, part.asked * 100.0);
        format!("{} {seen:.1} % ({} % asked)", part.name, tick(asked))
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// What was given up, beside what was offered and answered.
pub(super) fn shed(report: &Report) -> String {
    let f = &report.figures;
    let answered = f.settled + f.answered_otherwise.values().sum::<u64>();
    format!(
        "{} payments offered, {} answered, {} shed: not sent when the load fell, and given up",
        whole(f.offered as f64),
        whole(answered as f64),
        whole(f.shed as f64)
    )
}

fn head(text: &mut String, report: &Report) -> std::fmt::Result {
    let f = &report.figures;
    if let Some(why) = &report.partial {
        writeln!(text, "PARTIAL: {why}")?;
    }
    writeln!(
        text,
        "{} payments/s settled and answered",
        whole(f.payments_per_second)
    )?;
    writeln!(
        text,
        "  {}: {} in {:.2} s; {} in all; {}",
        report.scenario,
        whole(f.settled as f64),
        f.window_seconds,
        whole(f.settled_in_all as f64),
        sentence(report)
    )?;
    if !f.answered_otherwise.is_empty() {
        let others = f.answered_otherwise.iter();
        let others: Vec<String> = others
            .map(|(status, count)| format!("{} {status}", whole(*count as f64)))
            .collect();
        writeln!(text, "  answered otherwise: {}", others.join(", "))?;
    }
    if !report.mix.is_empty() {
        writeln!(text, "  of all records: {}", mix(report))?;
    }
    let l = &f.latency_ms;
    if report.latency.count == 0 {
        writeln!(text, "  latency of a batch: none was answered")?;
    } else {
        writeln!(
            text,
            "  latency of a batch in ms: p50 {:.2}, p90 {:.2}, p99 {:.2}, p99.9 {:.2}, max {:.2}",
            l.p50, l.p90, l.p99, l.p999, l.max
        )?;
    }
    if report.sent_late.count > 0 {
        let late = |quantile| ms(report.sent_late.ms(quantile));
        writeln!(
            text,
            "  sent behind the schedule: p50 {}, p99 {}",
            late(0.5),
            late(0.99)
        )?;
    }
    if f.unanswered > 0 {
        writeln!(
            text,
            "  {} batches were never answered",
            whole(f.unanswered as f64)
        )?;
    }
    if f.shed > 0 {
        writeln!(text, "  {}", shed(report))?;
    }
    writeln!(
        text,
        "  {} accounts of {} participants in {} currencies",
        whole(f.accounts as f64),
        whole(f.participants as f64),
        f.currencies
    )
}

fn times(text: &mut String, report: &Report) -> std::fmt::Result {
    let f = &report.figures;
    writeln!(
        text,
        "  {} feed events and {} single receipts verified; {}",
        whole(f.feed_events_verified as f64),
        whole(f.receipts_verified as f64),
        if f.reconciled {
            "reconciled"
        } else {
            "not reconciled"
        }
    )?;
    writeln!(
        text,
        "  node: {} MiB resident; {} cpus shared by node and harness",
        whole(f.node_resident_mib as f64),
        f.cpus
    )?;
    if let Some(memory) = &report.memory {
        writeln!(text, "  memory: {}", memory_in_words(memory))?;
    }
    if let Some(seconds) = f.restart_seconds {
        writeln!(text, "  started again on its data in {seconds:.2} s")?;
    }
    writeln!(text, "  with: {}", list(&report.with))?;
    writeln!(text, "  switched off: {}", list(&report.switched_off))?;
    let c = &report.conditions;
    if !c.cpu.is_empty() {
        writeln!(text, "  on: {}, {}, {}", c.cpu, c.kernel, disk(report))?;
        writeln!(
            text,
            "  built: {} {}, commit {}, {}",
            c.version, c.profile, c.commit, c.rustc
        )?;
    }
    for note in &c.notes {
        writeln!(text, "  note: {note}")?;
    }
    if f.cost_ns.is_empty() {
        return Ok(());
    }
    writeln!(text, "  processor time per payment:")?;
    // What rounds to nothing says nothing.
    for (part, ns) in f.cost_ns.iter().filter(|(_, ns)| **ns >= 0.05) {
        writeln!(text, "    {part}: {ns:.1} ns")?;
    }
    Ok(())
}

/// Whether memory stayed flat, and what was judged.
pub fn memory_in_words(memory: &Memory) -> String {
    let days = match memory.days {
        0 => String::new(),
        days => format!("; business days moved on {days} times"),
    };
    let Some(flat) = memory.flat else {
        let why = memory.why.as_deref().unwrap_or("nothing was seen");
        return format!("not judged, {why}{days}");
    };
    format!(
        "{}: {:.1} MiB a million records resident, {:+.1} without {} B an id, {:.1} at most; judged over {} s and {} records behind the first quarter{days}",
        if flat { "flat" } else { "not flat" },
        memory.slope_mib,
        memory.net_mib,
        memory.id_bytes,
        memory.most_mib,
        memory.seconds,
        whole(memory.records as f64),
    )
}

/// The disk in a few words.
pub(super) fn disk(report: &Report) -> String {
    let disk = &report.conditions.disk;
    let way = if disk.direct {
        "direct"
    } else {
        "buffered and synced"
    };
    let of = |probe: Option<super::form::Probe>| ms(probe.map(|probe| probe.p50_ms));
    format!(
        "{} on {}, {way}: 4 KiB in {}, 1 MiB in {}",
        disk.file_system,
        disk.device,
        of(disk.small),
        of(disk.large)
    )
}

fn found(text: &mut String, report: &Report) -> std::fmt::Result {
    let a = &report.audit;
    if !a.kind.is_empty() {
        writeln!(
            text,
            "  auditor ({}): {} entries, {} payments, {} balances{} in {:.1} s; {}",
            a.kind,
            whole(a.entries as f64),
            whole(a.payments as f64),
            whole(a.balances as f64),
            a.at_entry.map_or_else(String::new, |entry| format!(
                " as of entry {}",
                whole(entry as f64)
            )),
            a.seconds,
            a.difference
                .as_deref()
                .unwrap_or(if a.agrees { "all agrees" } else { "not compared" })
        )?;
        if a.settled_later > 0 {
            let later = whole(a.settled_later as f64);
            writeln!(
                text,
                "  auditor: {later} records settled behind their answers, as feeds told"
            )?;
        }
        if let Some(note) = &a.note {
            writeln!(text, "  auditor: {note}")?;
        }
    }
    if let Some(curve) = &report.ramp {
        let objective = curve.objective.map_or_else(String::new, |objective| {
            format!(
                " with p{} within {} ms",
                tick(objective.quantile * 100.0),
                short(objective.ms)
            )
        });
        let highest = curve
            .highest
            .map_or_else(|| "none".to_owned(), |rate| format!("{}/s", whole(rate as f64)));
        writeln!(text, "  highest rate{objective}: {highest}")?;
        for step in &curve.steps {
            writeln!(
                text,
                "    {:>10}/s: {:>10}/s settled, p50 {}, p99 {}{}",
                whole(step.rate as f64),
                whole(step.achieved),
                ms(Some(step.latency_ms.p50)),
                ms(Some(step.latency_ms.p99)),
                if step.passed {
                    String::new()
                } else {
                    format!(": missed, {}", step.why.as_deref().unwrap_or("the objective"))
                }
            )?;
        }
    }
    let Some(o) = &report.overload else { return Ok(()) };
    writeln!(
        text,
        "  overload: {} of {}/s at best ({}); banks got {:.2} to {:.2} of a fair share; recovered in {}",
        o.kept
            .map_or_else(|| NONE.to_owned(), |kept| format!("{}/s", whole(kept))),
        whole(o.best),
        o.kept_share.map_or_else(
            || "not judged".to_owned(),
            |share| format!("{:.0} %", share * 100.0)
        ),
        o.least.of_fair_share,
        o.most.of_fair_share,
        o.recovered_seconds
            .map_or_else(|| "no time seen".to_owned(), |seconds| format!("{seconds:.1} s"))
    )
}
