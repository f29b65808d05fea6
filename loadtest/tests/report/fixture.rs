//! Reports as runs leave them.
use std::collections::BTreeMap;

use causeway_loadtest::plan::{Objective, Plan};
use causeway_loadtest::report::form::{
    Audit, Conditions, Curve, Disk, Distribution, Limit, Mark, MarkKind, Memory, MixShare, Overload, Part,
    Probe, Report, Second, Share, Stage, Step,
};

/// A number that jumps about, the same in every run.
fn jump(number: u64) -> f64 {
    let mixed = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed >> 40) as f64 / (1u64 << 24) as f64
}

/// To three decimals: these are read back to the last bit.
fn rounded(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}

/// Latencies with a long tail, in steps of a histogram.
fn distribution(samples: u64, middle: f64) -> Distribution {
    let mut counts = BTreeMap::new();
    for sample in 0..samples {
        let (a, b) = (jump(sample * 2), jump(sample * 2 + 1));
        let tail = if b > 0.99 { 40.0 * (b - 0.99) * 10.0 } else { 0.0 };
        let micros = (middle * 1_000.0 * (0.6 + 0.5 * a + 0.3 * b + tail)) as u64;
        *counts.entry(micros / 50 * 50 + 49).or_insert(0) += 1;
    }
    Distribution {
        count: samples,
        steps: counts.into_iter().collect(),
    }
}

fn second(at: u64, open: bool) -> Second {
    let burst = open && (30..36).contains(&at);
    let stall = at == 17;
    let base = 812_000.0 + 60_000.0 * jump(at) - if stall { 300_000.0 } else { 0.0 };
    let offered = if burst { 1_900_000.0 } else { 700_000.0 };
    let settled = if open { base.min(offered) } else { base };
    let slow = if stall { 6.0 } else { 1.0 } * if burst { 9.0 } else { 1.0 };
    let (p50, p99) = (
        18.0 * slow * (0.9 + 0.2 * jump(at)),
        46.0 * slow * (0.8 + 0.6 * jump(at + 99)),
    );
    let busy = [
        ("node, apply", 0.62),
        ("node, quic", 0.55),
        ("node, log", 0.06),
        ("harness", 0.68),
    ];
    Second {
        at,
        settled: settled as u64,
        answered: settled as u64,
        offered: if open { offered as u64 } else { 0 },
        shed: 0,
        p50_ms: Some(rounded(p50)),
        p99_ms: Some(rounded(p99)),
        max_ms: Some(rounded(p99 * (1.2 + jump(at + 7)))),
        backlog: if burst {
            1_000_000 * (at - 29)
        } else {
            (520_000.0 * (0.8 + 0.2 * jump(at))) as u64
        },
        queued: Some(2_000 + at * 40),
        node_mib: Some(720 + at * 5),
        harness_mib: Some(210 + at / 8),
        processor: busy.map(|(part, share)| (part.to_owned(), share)).into(),
        udp_drops: Some(u64::from(burst)),
        journal_mib: Some(at * 104),
        group_entries: Some(rounded(3.0 + jump(at))),
    }
}

fn conditions() -> Conditions {
    let probe = |bytes, writes, p50_ms, p99_ms| Probe {
        bytes,
        writes,
        p50_ms,
        p99_ms,
    };
    Conditions {
        version: "0.1.0".into(),
        commit: "8d4ccf3a91b2".into(),
        rustc: "rustc 1.95.0 (abcdef012 2026-10-12), x86_64-unknown-linux-gnu".into(),
        profile: "release".into(),
        node_sha256: Some("ab".repeat(32)),
        cpu: "AMD EPYC 7B13".into(),
        cpus: 2,
        cpu_flags: ["sha_ni", "aes", "vaes", "avx2"].map(str::to_owned).into(),
        memory_mib: 24_032,
        kernel: "Linux 6.1.0-28-amd64".into(),
        load_before: Some(0.12),
        disk: Disk {
            directory: "/tmp/.tmpA1b2C3".into(),
            file_system: "ext4".into(),
            device: "/dev/vda1".into(),
            direct: true,
            small: Some(probe(4_096, 200, 0.31, 1.9)),
            large: Some(probe(1 << 20, 50, 2.44, 6.8)),
        },
        tls: "TLS 1.3, TLS13_AES_128_GCM_SHA256, certificates at both ends".into(),
        mtu: "1,452 B on the loopback interface".into(),
        rules: 4,
        netting: "bypass".into(),
        checkpoint_checks: "each signature once in this process, its result shared by 64 banks".into(),
        events_listened: Some(0.202),
        node: BTreeMap::from([("CAUSEWAY_THREADS_TRANSPORT".into(), "1".into())]),
        notes: Vec::new(),
    }
}

fn stages() -> Vec<Stage> {
    let stage = |name: &str, part, ns: f64, times: Option<(f64, f64)>| Stage {
        name: name.into(),
        part,
        processor_ns: Some(ns),
        p50_ms: times.map(|times| times.0),
        p99_ms: times.map(|times| times.1),
    };
    vec![
        stage("quic and verification", Part::Node, 512.0, Some((1.1, 2.9))),
        stage("log", Part::Node, 51.0, Some((2.4, 6.9))),
        stage("apply", Part::Node, 268.0, Some((2.2, 3.6))),
        stage("publish", Part::Node, 231.0, Some((3.0, 7.7))),
        stage("all banks", Part::Harness, 688.0, None),
    ]
}

fn limits() -> Vec<Limit> {
    let limit = |name: &str, ns, how: &str| Limit {
        name: name.into(),
        ns,
        how: how.into(),
    };
    vec![
        limit("disk", 298.0, "128.1 B, durable writes of 1 MiB in 2.44 ms"),
        limit(
            "SHA-256",
            430.0,
            "11.5 blocks at both ends, 37 ns each, one after another",
        ),
        limit("AES-256-GCM", 88.0, "175 B sealed and opened, 0.50 ns each"),
        limit("Ed25519", 9.2, "a batch signed and verified in 75 µs"),
        limit(
            "UDP",
            61.0,
            "175 B over loopback, 10 packets a call, 0.35 ns each",
        ),
    ]
}

/// A run as one would like it: a closed loop, or an open one with a burst.
pub fn steady(open: bool) -> Report {
    let plan = Plan::shipped(if open { "burst" } else { "steady" }, &[]).expect("a plan");
    let series: Vec<Second> = (0..60).map(|at| second(at, open)).collect();
    let settled = series.iter().map(|second| second.settled).sum::<u64>();
    let mut report = Report::of(&plan);
    report.began = "2026-11-30T16:05:09.123Z".into();
    report.latency = distribution(6_000, 21.0);
    if open {
        report.sent_late = distribution(6_000, 0.2);
    }
    let f = &mut report.figures;
    f.payments_per_second = rounded(settled as f64 / 60.0);
    (f.settled, f.window_seconds, f.settled_in_all) = (settled, 60.0, settled + 3_000_000);
    (f.batches, f.batch_size, f.depth, f.threads) = (settled / 8_190, plan.load.batch, 1, 1);
    f.latency_ms = report.latency.short();
    (f.feed_events_verified, f.receipts_verified, f.reconciled) = (settled * 2 / 5, 48_000, true);
    (f.banks, f.participants, f.accounts, f.currencies) = (64, 600, 10_000, 18);
    f.loop_kind = if open { "open" } else { "closed" }.into();
    f.intended_rate = open.then_some(700_000);
    (f.node_resident_mib, f.cpus) = (1_012, 2);
    f.cost_ns = stages()
        .iter()
        .map(|stage| {
            let part = if stage.part == Part::Node {
                "node"
            } else {
                "harness"
            };
            (
                format!("{part}, {}", stage.name),
                stage.processor_ns.unwrap_or(0.0),
            )
        })
        .chain([("total".to_owned(), 1_750.0)])
        .collect();
    report.with = [
        "QUIC with TLS 1.3 and client certificates",
        "one Ed25519 signature a batch, made in the window",
        "durable before answered",
        "roots, leaf and checkpoint checked for every batch",
        "feeds of all submitting banks, every page proven",
        "one receipt in 1,000 fetched and verified alone",
    ]
    .map(str::to_owned)
    .into();
    report.series = series;
    let mark = |at, kind, text: &str| Mark {
        at,
        kind,
        text: text.into(),
    };
    report.marks = vec![
        mark(17.2, MarkKind::Snapshot, "snapshot"),
        mark(24.0, MarkKind::Segment, "segment 3"),
        mark(48.5, MarkKind::Day, "EUR day turns"),
    ];
    if open {
        report.marks.push(mark(30.0, MarkKind::Load, "burst"));
    }
    (report.stages, report.limits, report.conditions) = (stages(), limits(), conditions());
    let share = |name: &str, asked, seen| MixShare {
        name: name.into(),
        asked,
        seen,
    };
    report.mix = vec![share("duplicates", 0.1, 0.098), share("queued", 0.1, 0.104)];
    report.memory = Some(Memory {
        flat: Some(true),
        why: None,
        seconds: 45,
        records: 36_000_000,
        days: 3,
        slope_mib: 59.5,
        id_bytes: 64,
        net_mib: -1.5,
        most_mib: 3.25,
    });
    report.audit = Audit {
        kind: "books".into(),
        note: Some("49 million payments are more than the full auditor holds".into()),
        entries: 6_200,
        payments: settled + 3_000_000,
        balances: 10_000,
        at_entry: Some(6_200),
        settled_later: 12_345,
        seconds: 41.2,
        agrees: true,
        difference: None,
    };
    report
}

/// A search for the highest rate.
pub fn ramp() -> Report {
    let mut report = steady(false);
    report.scenario = "ramp".into();
    report.figures.loop_kind = "ramp".into();
    let rates = [100, 150, 225, 338, 506, 640, 760, 700, 730, 715].map(|thousand| thousand * 1_000);
    let step = |rate: u64| {
        let near = rate as f64 / 780_000.0;
        let p50 = rounded(4.0 + 6.0 / (1.02 - near));
        let p99 = rounded(p50 * (1.4 + near * near * near));
        let mut latency_ms = distribution(1_000, p50).short();
        (latency_ms.p50, latency_ms.p99) = (p50, p99);
        let passed = p99 <= 300.0;
        Step {
            rate,
            achieved: (rate as f64 * if passed { 0.999 } else { 0.93 }).round(),
            latency_ms,
            at_quantile_ms: Some(p99),
            passed,
            why: (!passed).then(|| "only 93 % of it was settled".to_owned()),
        }
    };
    report.ramp = Some(Curve {
        objective: Some(Objective {
            quantile: 0.99,
            ms: 300.0,
        }),
        highest: Some(730_000),
        steps: rates.map(step).into(),
    });
    report
}

/// Twice what the node can do.
pub fn overload() -> Report {
    let mut report = steady(true);
    report.scenario = "overload".into();
    let share = |bank, of_fair_share| Share {
        bank,
        payments_per_second: rounded(12_700.0 * of_fair_share),
        of_fair_share,
    };
    report.figures.offered = 67_000_000;
    report.figures.shed = 21_504_000;
    report.series[45].shed = 21_504_000;
    report.overload = Some(Overload {
        best: 840_000.0,
        kept: Some(812_000.0),
        kept_share: Some(0.967),
        recovered_seconds: Some(0.8),
        least: share(41, 0.93),
        most: share(2, 1.06),
    });
    report
}

/// A run that ended early, of somebody who writes markup into every name.
pub fn hostile() -> Report {
    let evil = "</title></style></svg><script>alert('x')</script>&\"\u{0}\u{1b}[31m\u{ffff}";
    let mut report = steady(true);
    let set = |text: &mut String| *text = evil.to_owned();
    set(&mut report.scenario);
    set(&mut report.began);
    set(&mut report.plan.about);
    report.plan.world.cap = Some(evil.to_owned());
    report.partial = Some(evil.to_owned());
    report.with = vec![evil.to_owned()];
    report.switched_off = vec![evil.to_owned(), evil.to_owned()];
    let f = &mut report.figures;
    set(&mut f.loop_kind);
    f.answered_otherwise = BTreeMap::from([(evil.to_owned(), 7)]);
    let c = &mut report.conditions;
    for text in [
        &mut c.version,
        &mut c.commit,
        &mut c.rustc,
        &mut c.profile,
        &mut c.cpu,
        &mut c.kernel,
        &mut c.tls,
        &mut c.mtu,
        &mut c.netting,
        &mut c.checkpoint_checks,
        &mut c.disk.directory,
        &mut c.disk.file_system,
        &mut c.disk.device,
    ] {
        set(text);
    }
    (c.node_sha256, c.cpu_flags, c.notes) = (
        Some(evil.to_owned()),
        vec![evil.to_owned()],
        vec![evil.to_owned()],
    );
    c.node = BTreeMap::from([(evil.to_owned(), evil.to_owned())]);
    report.stages.iter_mut().for_each(|stage| set(&mut stage.name));
    for limit in &mut report.limits {
        set(&mut limit.name);
        set(&mut limit.how);
    }
    report.marks.iter_mut().for_each(|mark| set(&mut mark.text));
    report.mix.iter_mut().for_each(|part| set(&mut part.name));
    report.memory = Some(Memory {
        why: Some(evil.to_owned()),
        ..Memory::default()
    });
    report.audit.kind = evil.to_owned();
    (report.audit.note, report.audit.difference) = (Some(evil.to_owned()), Some(evil.to_owned()));
    report.ramp = ramp().ramp;
    if let Some(curve) = &mut report.ramp {
        curve
            .steps
            .iter_mut()
            .for_each(|step| step.why = Some(evil.to_owned()));
        curve.steps.iter_mut().for_each(|step| step.passed = false);
    }
    report
}
