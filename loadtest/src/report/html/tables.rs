//! What was checked, where and with what it was measured, and what was asked for.
use std::fmt::Write;

use super::section;
use crate::plan::Driver;
use crate::report::form::{Probe, Report};
use crate::report::svg::escape;
use crate::report::text::mix;
use crate::report::words::{NONE, list, ms, short, whole};

fn rows(rows: &[(&str, String)]) -> String {
    let mut table = String::from("<table><tbody>");
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = write!(table, "<tr><th>{name}</th><td>{}</td></tr>", escape(value));
    }
    table.push_str("</tbody></table>");
    table
}

pub fn audit(out: &mut String, report: &Report) {
    let (f, a) = (&report.figures, &report.audit);
    let others = f.answered_otherwise.iter();
    let others: Vec<String> = others
        .map(|(status, count)| format!("{} {status}", whole(*count as f64)))
        .collect();
    let found = a.difference.clone().unwrap_or_else(|| {
        if a.agrees {
            "all agrees"
        } else {
            "nothing was compared"
        }
        .to_owned()
    });
    let inner = rows(&[
        (
            "auditor",
            if a.kind.is_empty() {
                "none".to_owned()
            } else {
                a.kind.clone()
            },
        ),
        ("what it found", found),
        (
            "what it read",
            format!(
                "{} entries of the log, {} payments, {} balances, in {} s",
                whole(a.entries as f64),
                whole(a.payments as f64),
                whole(a.balances as f64),
                short(a.seconds)
            ),
        ),
        (
            "balances as of",
            a.at_entry
                .map_or_else(String::new, |entry| format!("log entry {}", whole(entry as f64))),
        ),
        (
            "settled behind their answers",
            match a.settled_later {
                0 => String::new(),
                later => format!("{} records, as feeds told", whole(later as f64)),
            },
        ),
        ("its note", a.note.clone().unwrap_or_default()),
        ("feed events proven", whole(f.feed_events_verified as f64)),
        ("receipts verified alone", whole(f.receipts_verified as f64)),
        (
            "answered otherwise",
            if others.is_empty() {
                String::new()
            } else {
                others.join(", ")
            },
        ),
        ("of all records", mix(report)),
        (
            "settled in all",
            format!("{}, warm-up and end included", whole(f.settled_in_all as f64)),
        ),
    ]);
    let answers = match report.plan.driver {
        _ if f.batches == 0 => "No answer came that could be checked",
        Driver::Core => {
            "The accounts of the ledger were held to what it had answered and told; there is no proof"
        }
        _ => "Root, leaf and checkpoint of every answer that counts were verified by the bank that asked",
    };
    let log = if report.plan.driver == Driver::Core {
        "and no log that an auditor could go over."
    } else if a.entries > 0 {
        "behind the run the log was gone over by somebody who shares no code with the ledger."
    } else {
        "nobody went over the log behind the run."
    };
    section(out, "What was checked", &format!("{answers}; {log}"), &inner);
}

fn probe(probe: Option<Probe>) -> String {
    probe.map_or_else(
        || NONE.to_owned(),
        |probe| {
            format!(
                "p50 {}, p99 {}, {} writes, each durable before the next",
                ms(Some(probe.p50_ms)),
                ms(Some(probe.p99_ms)),
                probe.writes
            )
        },
    )
}

pub fn conditions(out: &mut String, report: &Report) {
    let (f, c) = (&report.figures, &report.conditions);
    let d = &c.disk;
    let way = if d.direct {
        "past the page cache (O_DIRECT)"
    } else {
        "through the page cache, then synced"
    };
    let settings: Vec<String> = c
        .node
        .iter()
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    let inner = rows(&[
        (
            "processor",
            format!("{}, {} cpus for node and harness together", c.cpu, c.cpus),
        ),
        ("its instructions", c.cpu_flags.join(", ")),
        ("memory", format!("{} MiB", whole(c.memory_mib as f64))),
        ("kernel", c.kernel.clone()),
        (
            "load before the run",
            c.load_before
                .map_or_else(|| NONE.to_owned(), |load| format!("{load:.2}")),
        ),
        (
            "data directory",
            format!("{}: {} on {}, {way}", d.directory, d.file_system, d.device),
        ),
        ("durable write of 4 KiB", probe(d.small)),
        ("durable write of 1 MiB", probe(d.large)),
        (
            "build",
            format!("{}, {}, commit {}, {}", c.version, c.profile, c.commit, c.rustc),
        ),
        (
            "program of the node",
            c.node_sha256
                .as_ref()
                .map_or_else(String::new, |sum| format!("SHA-256 {sum}")),
        ),
        ("TLS", c.tls.clone()),
        ("datagrams", c.mtu.clone()),
        (
            "signatures",
            format!("one Ed25519 signature a batch of {}", whole(f.batch_size as f64)),
        ),
        ("checkpoints", c.checkpoint_checks.clone()),
        (
            "rules of the ledger",
            if c.rules == 0 {
                String::new()
            } else {
                format!("version {}", c.rules)
            },
        ),
        ("netting", c.netting.clone()),
        (
            "events with a live reader",
            c.events_listened
                .map_or_else(String::new, |share| format!("{} %", short(share * 100.0))),
        ),
        (
            "accounts",
            format!(
                "{} of {} participants in {} currencies; {} banks submit",
                whole(f.accounts as f64),
                whole(f.participants as f64),
                f.currencies,
                f.banks
            ),
        ),
        ("settings of the node", settings.join(", ")),
        (
            "notes",
            if c.notes.is_empty() {
                String::new()
            } else {
                list(&c.notes)
            },
        ),
    ]);
    section(
        out,
        "Conditions",
        "A figure counts for these and no others; compare tells where two runs differ.",
        &inner,
    );
}

pub fn plan(out: &mut String, report: &Report) {
    let text = toml::to_string(&report.plan).unwrap_or_default();
    let _ = writeln!(
        out,
        "<section>\n<details>\n<summary>The scenario, in full</summary>\n<pre>{}</pre>\n</details>\n</section>",
        escape(&text)
    );
}
