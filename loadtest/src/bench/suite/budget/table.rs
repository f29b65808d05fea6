//! The table of all budgets: the one home of their targets.
use super::{Budget, Grows, Target};

/// Milliseconds for the greatest set of a million queued items of one currency each, in order of the queues.
pub const FIFO_MS: f64 = 20.0;
/// The same in 18 currencies, one in ten a trade.
pub const MIXED_MS: f64 = 80.0;

/// A run of full batches.
const STEADY: [&str; 2] = ["run steady", "run steady --seconds 3 --set warm_up=1"];
/// A run of ten million payments, and a start on what it leaves.
const RESTART: [&str; 2] = [
    "run steady --rate 250000 --seconds 40 --set warm_up=0 --set checks.auditor=books --restart",
    "run steady --rate 250000 --seconds 4 --set warm_up=0 --set checks.auditor=books --restart",
];
const OVERLOAD: [&str; 2] = [
    "run overload",
    "run overload --seconds 8 --set warm_up=1 --set phase.1.seconds=5 --set phase.2.seconds=3",
];
const NETTING: [&str; 2] = ["bench netting", "bench netting --seconds 1"];
const GROUPING: [&str; 2] = ["bench grouping", "bench grouping --seconds 2"];
/// Payments that a restart and the memory of a node are about.
const TEN_MILLION: f64 = 10_000_000.0;

const fn budget(
    [name, what, unit]: [&'static str; 3],
    target: Target,
    [command, quick]: [&'static str; 2],
    figure: &'static str,
    detail: &'static [&'static str],
) -> Budget {
    Budget {
        name,
        what,
        unit,
        target,
        command,
        quick,
        figure,
        detail,
        grows: None,
        null: None,
    }
}

const fn grows(budget: Budget, scaled: bool) -> Budget {
    Budget {
        grows: Some(Grows {
            payments: "settled_in_all",
            of: TEN_MILLION,
            scaled,
        }),
        ..budget
    }
}

/// All of them, in the order in which they are measured.
pub const BUDGETS: &[Budget] = &[
    budget(
        ["end-to-end", "end to end, full batches of 64 banks", "payments/s"],
        Target::AtLeast(1_000_000.0),
        STEADY,
        "payments_per_second",
        &["latency_ms/p50", "latency_ms/p99", "node_resident_mib"],
    ),
    budget(
        // Two processors have 2,000 ns for each payment if a million are to settle in a second.
        ["stages", "processor time of a payment, both ends", "ns"],
        Target::AtMost(2_000.0),
        STEADY,
        "cost_ns/total",
        &["cost_ns"],
    ),
    budget(
        ["documents", "a document of 3 KiB with each payment", "payments/s"],
        Target::AtLeast(100_000.0),
        ["run documents", "run documents --seconds 3 --set warm_up=1"],
        "payments_per_second",
        &["latency_ms/p50", "latency_ms/p99"],
    ),
    budget(
        [
            "latency",
            "p99 of a batch, open loop at 70 % of the highest rate",
            "ms",
        ],
        Target::AtMost(25.0),
        ["run latency", "run latency --seconds 3 --set warm_up=1"],
        "latency_ms/p99",
        &[
            "intended_rate",
            "latency_ms/p50",
            "latency_ms/p999",
            "latency_ms/max",
        ],
    ),
    budget(
        ["mix", "cost of a tenth duplicates and a tenth that waits", "of 1"],
        Target::AtMost(0.25),
        ["bench mix", "bench mix --seconds 3"],
        "cost",
        &[
            "steady_per_second",
            "mix_per_second",
            "mix_answered_per_second",
            "duplicates",
            "queued",
        ],
    ),
    budget(
        ["one-bank", "p50 of one payment a request, one bank", "ms"],
        Target::AtMost(0.6),
        ["run one-bank", "run one-bank --seconds 3 --set warm_up=1"],
        "latency_ms/p50",
        &["payments_per_second", "latency_ms/p99"],
    ),
    budget(
        ["single", "one payment a request, 64 banks", "payments/s"],
        Target::AtLeast(10_000.0),
        ["run single", "run single --seconds 3 --set warm_up=1"],
        "payments_per_second",
        &["latency_ms/p50", "latency_ms/p99"],
    ),
    budget(
        ["core", "the ledger alone, one thread", "payments/s"],
        Target::AtLeast(5_000_000.0),
        ["bench core", "bench core --seconds 2"],
        "payments_per_second",
        &["nanoseconds_per_payment"],
    ),
    budget(
        ["engine", "the engine without network", "payments/s"],
        Target::AtLeast(2_000_000.0),
        ["bench engine", "bench engine --seconds 2"],
        "payments_per_second",
        &["nanoseconds_per_payment"],
    ),
    budget(
        [
            "netting-fifo",
            "FIFO fixpoint of a million queued, 10,000 banks",
            "ms",
        ],
        Target::AtMost(FIFO_MS),
        NETTING,
        "plain_median_ms",
        &[
            "cells/plain_2_percent/median_ms",
            "cells/plain_20_percent/median_ms",
        ],
    ),
    budget(
        ["netting-mixed", "the same in 18 currencies with trades", "ms"],
        Target::AtMost(MIXED_MS),
        NETTING,
        "mixed_median_ms",
        &[
            "cells/mixed_2_percent/median_ms",
            "cells/mixed_20_percent/median_ms",
        ],
    ),
    grows(
        budget(
            ["restart", "start on the log of 10 million payments", "s"],
            Target::AtMost(5.0),
            RESTART,
            "restart_seconds",
            &["settled_in_all", "restart_seconds"],
        ),
        true,
    ),
    grows(
        budget(
            [
                "memory",
                "resident memory of the node after 10 million payments",
                "MiB",
            ],
            Target::AtMost(2_048.0),
            RESTART,
            "node_resident_mib",
            &["settled_in_all"],
        ),
        false,
    ),
    budget(
        ["ids", "memory of the ledger for each id remembered", "bytes"],
        Target::AtMost(64.0),
        ["bench ids", "bench ids --payments 2000000"],
        "bytes_per_payment",
        &["payments"],
    ),
    budget(
        [
            "overload",
            "share of its best that a node keeps at twice that",
            "of 1",
        ],
        Target::AtLeast(0.9),
        OVERLOAD,
        "overload/kept_share",
        &["overload/best", "overload/kept", "node_resident_mib"],
    ),
    Budget {
        null: Some("what was left behind was never done"),
        ..budget(
            [
                "overload-recovery",
                "seconds until nothing is left behind, once the load falls",
                "s",
            ],
            Target::AtMost(1.0),
            OVERLOAD,
            "overload/recovered_seconds",
            &[],
        )
    },
    budget(
        [
            "overload-fair",
            "part of its fair share that the least served bank gets",
            "of 1",
        ],
        Target::AtLeast(0.5),
        OVERLOAD,
        "overload/least/of_fair_share",
        &["overload/most/of_fair_share"],
    ),
    budget(
        [
            "grouping-alone",
            "entries in a commit group at little load",
            "entries",
        ],
        Target::AtMost(1.1),
        GROUPING,
        "alone_entries_per_group",
        &["alone_p50_ms", "alone_p99_ms"],
    ),
    budget(
        [
            "grouping-shared",
            "entries in a commit group, 64 banks in a closed loop",
            "entries",
        ],
        Target::AtLeast(2.0),
        GROUPING,
        "shared_entries_per_group",
        &["shared_per_second", "shared_p50_ms", "shared_p99_ms"],
    ),
    budget(
        [
            "tails",
            "p99 beside snapshots, segments, days and plans, to that without",
            "times",
        ],
        // §11 asks for "flat": the bound is that of the bench of the solver.
        Target::AtMost(1.2),
        ["bench tails", "bench tails --seconds 8"],
        "worst_p99_ratio",
        &["offered_per_second", "without/p99_ms", "ratios"],
    ),
];
