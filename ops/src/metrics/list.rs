//! The list.
use super::Unit::{Bytes, Count, Minor, Seconds};
use super::{Label, Metric, counter, gauge, histogram, labelled, process};

/// From the time of one record to that of a full batch many times over.
const APPLY_SECONDS: &[f64] = &[
    0.000_002, 0.000_01, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1,
];
/// From one signature to a full batch on a busy machine.
const VERIFY_SECONDS: &[f64] = &[
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1,
];
/// From a write into a fast drive's cache to a drive that stalls.
const WRITE_SECONDS: &[f64] = &[
    0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0,
];
/// From some payments to a million.
const LOOK_SECONDS: &[f64] = &[
    0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
];
const ENTRIES: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1_024.0];

/// From better than the reference rate, over a fraction of a basis point, to five per cent; millionths.
const SPREAD_MILLIONTHS: &[f64] = &[
    -1_000.0, -100.0, 0.0, 50.0, 100.0, 250.0, 500.0, 1_000.0, 2_500.0, 5_000.0, 10_000.0, 50_000.0,
];

/// All metrics, by area.
pub const ALL: &[Metric] = &[
    labelled(
        counter(
            "causeway_settlement_instructions_total",
            Count,
            "Instructions answered, by status.",
        ),
        &[Label::Outcome],
    ),
    counter(
        "causeway_settlement_entries_total",
        Count,
        "Log entries applied, proven and answered.",
    ),
    histogram(
        "causeway_settlement_apply_seconds",
        Seconds,
        APPLY_SECONDS,
        "Time to apply one commit group.",
    ),
    gauge(
        "causeway_settlement_durable_lag_entries",
        Count,
        "Log entries that are durable and not yet applied.",
    ),
    gauge(
        "causeway_settlement_conditional_payments",
        Count,
        "Conditional payments whose money is set aside.",
    ),
    labelled(
        gauge(
            "causeway_settlement_set_aside_minor_units",
            Minor,
            "Money set aside for conditional payments and for defunding.",
        ),
        &[Label::Currency],
    ),
    gauge("causeway_settlement_quotes", Count, "Quotes that are live."),
    gauge(
        "causeway_settlement_quote_locks",
        Count,
        "Locks of quotes that are live.",
    ),
    counter(
        "causeway_settlement_exchanges_total",
        Count,
        "FX payments settled.",
    ),
    labelled(
        histogram(
            "causeway_settlement_spread_millionths",
            Count,
            SPREAD_MILLIONTHS,
            "What a conversion gave less than the reference rate, in millionths of what that gives.",
        ),
        &[Label::From, Label::To],
    ),
    gauge(
        "causeway_settlement_open_questions",
        Count,
        "Questions whether settled payments come back that nobody has answered.",
    ),
    gauge(
        "causeway_settlement_held_participants",
        Count,
        "Participants that an order holds.",
    ),
    gauge(
        "causeway_settlement_defaulted_participants",
        Count,
        "Members in default, declared or confirmed, that are not closed.",
    ),
    labelled(
        gauge(
            "causeway_settlement_fees_minor_units",
            Minor,
            "Fees that have accrued and are not billed.",
        ),
        &[Label::Currency],
    ),
    labelled(
        gauge(
            "causeway_settlement_collateral_minor_units",
            Minor,
            "What counts of the collateral of all accounts.",
        ),
        &[Label::Currency],
    ),
    labelled(
        gauge(
            "causeway_settlement_credit_minor_units",
            Minor,
            "Intraday credit in use: what balances are below their caps.",
        ),
        &[Label::Currency],
    ),
    labelled(
        gauge(
            "causeway_settlement_credit_unpaid",
            Count,
            "Accounts whose credit was not repaid at the last close, nor since.",
        ),
        &[Label::Currency],
    ),
    labelled(
        gauge(
            "causeway_settlement_windows",
            Count,
            "Netting windows that are open.",
        ),
        &[Label::Window],
    ),
    labelled(
        gauge(
            "causeway_settlement_window_positions_minor_units",
            Minor,
            "What all net creditors of open netting windows together get.",
        ),
        &[Label::Currency],
    ),
    labelled(
        gauge(
            "causeway_settlement_day_phase",
            Count,
            "Where the business day stands: 1 open, 2 cut off, 3 closed.",
        ),
        &[Label::Currency],
    ),
    labelled(
        gauge(
            "causeway_settlement_customer_cut_off_timestamp_seconds",
            Seconds,
            "Customer cut-off of the present day in Unix time; 0 if no schedule opened it.",
        ),
        &[Label::Currency],
    ),
    labelled(
        gauge(
            "causeway_settlement_interbank_cut_off_timestamp_seconds",
            Seconds,
            "Interbank cut-off of the present day in Unix time; 0 if no schedule opened it.",
        ),
        &[Label::Currency],
    ),
    labelled(
        gauge(
            "causeway_settlement_close_timestamp_seconds",
            Seconds,
            "Close of the present day in Unix time; 0 if no schedule opened it.",
        ),
        &[Label::Currency],
    ),
    labelled(
        gauge(
            "causeway_settlement_days_ahead",
            Count,
            "Business days ahead that were entered: without any the currency does not open again.",
        ),
        &[Label::Currency],
    ),
    labelled(
        gauge(
            "causeway_settlement_limits",
            Count,
            "Caps, sender limits and reservations that are set.",
        ),
        &[Label::Currency, Label::Limit],
    ),
    labelled(
        gauge(
            "causeway_settlement_limits_below_use",
            Count,
            "Those that are less than what is in use; reservations that exceed what is free.",
        ),
        &[Label::Currency, Label::Limit],
    ),
    labelled(
        gauge(
            "causeway_queue_payments",
            Count,
            "Payments in the queues, by currency and class.",
        ),
        &[Label::Currency, Label::Class],
    ),
    labelled(
        gauge(
            "causeway_queue_value_minor_units",
            Minor,
            "Value of the payments in the queues, by currency and class.",
        ),
        &[Label::Currency, Label::Class],
    ),
    gauge("causeway_queue_chains", Count, "Chains that wait."),
    gauge(
        "causeway_queue_warehoused",
        Count,
        "Payments that wait for their from-time or their value date beside the queues.",
    ),
    labelled(
        gauge(
            "causeway_queue_dated",
            Count,
            "Payments that wait for their value date, a day ahead of their currency.",
        ),
        &[Label::Currency],
    ),
    gauge(
        "causeway_queue_awaiting_quote",
        Count,
        "FX payments that wait beside the queues for a quote within their limit.",
    ),
    gauge(
        "causeway_queue_held",
        Count,
        "Payments that wait beside the queues because of a hold.",
    ),
    gauge(
        "causeway_queue_unmatched",
        Count,
        "Instructions of trades that no other matches yet.",
    ),
    gauge(
        "causeway_queue_unmatched_age_seconds",
        Seconds,
        "How long the oldest unmatched instruction has waited.",
    ),
    gauge(
        "causeway_queue_matched_trades",
        Count,
        "Matched trades that wait, each of two instructions.",
    ),
    gauge(
        "causeway_queue_waiting",
        Count,
        "Payments that wait for liquidity.",
    ),
    counter(
        "causeway_queue_released_total",
        Count,
        "Payments that left the queue: settled, expired or rejected.",
    ),
    histogram(
        "causeway_netting_look_seconds",
        Seconds,
        LOOK_SECONDS,
        "Time of one look at the queues for what settles together.",
    ),
    gauge(
        "causeway_netting_gridlock",
        Count,
        "1 if the last look found instructions that wait for each other and would settle together, else 0.",
    ),
    gauge(
        "causeway_netting_bound_gap_ratio",
        Count,
        "Share of what could settle at most that the last look did not find.",
    ),
    labelled(
        gauge(
            "causeway_netting_liquidity_ratio",
            Count,
            "What those that wait may pay by their own means, as a share of what waits.",
        ),
        &[Label::Currency],
    ),
    labelled(
        counter(
            "causeway_netting_proposals_total",
            Count,
            "Looks whose find was proposed, by why.",
        ),
        &[Label::Trigger],
    ),
    counter("causeway_netting_plans_total", Count, "Plans entered in the log."),
    labelled(
        counter(
            "causeway_netting_plan_instructions_total",
            Count,
            "Instructions that plans named, and those of them that settled.",
        ),
        &[Label::State],
    ),
    labelled(
        counter(
            "causeway_netting_plan_value_minor_units_total",
            Minor,
            "What plans were to move, and what they moved.",
        ),
        &[Label::Currency, Label::State],
    ),
    labelled(
        counter(
            "causeway_netting_saved_minor_units_total",
            Minor,
            "What proposed plans move that nobody has to hold: it is paid out of what comes in.",
        ),
        &[Label::Currency],
    ),
    labelled(
        counter(
            "causeway_netting_certificates_total",
            Count,
            "Certificates of what netting settled: written, dropped because there was no time, or failed.",
        ),
        &[Label::Certificate],
    ),
    counter(
        "causeway_netting_unsplit_total",
        Count,
        "Instructions that settle together only with more others than a plan may name.",
    ),
    counter(
        "causeway_netting_resyncs_total",
        Count,
        "Times that the mirror of the queues was read anew because moves were lost.",
    ),
    gauge("causeway_transport_sessions", Count, "Sessions open now."),
    gauge("causeway_transport_connections", Count, "Connections open now."),
    counter(
        "causeway_transport_batches_total",
        Count,
        "Batches accepted for sequencing.",
    ),
    labelled(
        counter(
            "causeway_transport_refused_total",
            Count,
            "Frames and connections refused, by reason.",
        ),
        &[Label::Reason],
    ),
    counter(
        "causeway_transport_retries_total",
        Count,
        "Handshakes that were asked to prove their address first.",
    ),
    histogram(
        "causeway_transport_verify_seconds",
        Seconds,
        VERIFY_SECONDS,
        "Time to check signature and root of one batch.",
    ),
    counter(
        "causeway_transport_feed_pages_total",
        Count,
        "Pages of feeds sent.",
    ),
    counter("causeway_log_entries_total", Count, "Log entries made durable."),
    counter(
        "causeway_log_bytes_total",
        Bytes,
        "Bytes of the log made durable.",
    ),
    histogram(
        "causeway_log_write_seconds",
        Seconds,
        WRITE_SECONDS,
        "Time of one durable write.",
    ),
    histogram(
        "causeway_log_group_entries",
        Count,
        ENTRIES,
        "Log entries in one durable write.",
    ),
    gauge(
        "causeway_log_tree_size",
        Count,
        "Leaves under the newest signed checkpoint.",
    ),
    gauge(
        "causeway_log_snapshot_index",
        Count,
        "Log index of the newest snapshot.",
    ),
    gauge(
        process::RESIDENT_BYTES,
        Bytes,
        "Memory of the process that is resident.",
    ),
    gauge(
        process::UPTIME_SECONDS,
        Seconds,
        "Time since the process started to export metrics.",
    ),
    gauge(process::THREADS, Count, "Threads of the process."),
    gauge(
        process::OPEN_FILES,
        Count,
        "Files and sockets the process has open.",
    ),
];
