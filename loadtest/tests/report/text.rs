//! The report on a terminal.
use causeway_loadtest::report::{form::Report, table};

use crate::fixture;

#[test]
fn the_table_says_what_was_measured_with_what_and_what_was_off() {
    let mut report = fixture::steady(true);
    report.switched_off = vec!["feeds".into()];
    report.conditions.notes = vec!["the machine was not idle before the run: load 1.20".into()];
    report.figures.unanswered = 3;
    let text = table(&report);
    for told in [
        "payments/s settled and answered\n  burst: ",
        "open loop at 700,000/s, 64 banks, batches of 1,024, 1 under way each",
        "  sent behind the schedule: p50 ",
        "  3 batches were never answered",
        "  10,000 accounts of 600 participants in 18 currencies",
        "48,000 single receipts verified; reconciled",
        "  switched off: feeds\n",
        "ext4 on /dev/vda1, direct: 4 KiB in 0.31 ms, 1 MiB in 2.44 ms",
        "  built: 0.1.0 release, commit 8d4ccf3a91b2, rustc 1.95.0",
        "  note: the machine was not idle before the run: load 1.20",
        "    total: 1750.0 ns",
        "  of all records: duplicates 9.8 % (10 % asked), queued 10.4 % (10 % asked)\n",
        "  memory: flat: 59.5 MiB a million records resident, -1.5 without 64 B an id, 3.2 at most; judged over 45 s and 36,000,000 records",
        "  auditor (books): 6,200 entries, ",
        " 10,000 balances as of entry 6,200 in 41.2 s; all agrees\n",
        "  auditor: 12,345 records settled behind their answers",
        "all agrees",
    ] {
        assert!(text.contains(told), "{told}\n{text}");
    }
    assert!(!text.ends_with('\n') && !text.contains("PARTIAL"));
}

#[test]
fn a_partial_run_a_search_and_an_overload_are_told() {
    let mut report = fixture::ramp();
    report.partial = Some("the node ended".into());
    report.overload = fixture::overload().overload;
    let text = table(&report);
    assert!(text.starts_with("PARTIAL: the node ended\n"), "{text}");
    assert!(
        text.contains("  highest rate with p99 within 300 ms: 730,000/s\n"),
        "{text}"
    );
    assert!(
        text.contains("    760,000/s:") && text.contains("missed, only 93 % of it was settled"),
        "{text}"
    );
    assert!(text.contains("  overload: 812,000/s of 840,000/s at best (97 %); banks got 0.93 to 1.06 of a fair share; recovered in 0.8 s"), "{text}");
    let shed = "21,504,000 shed: not sent when the load fell, and given up\n";
    assert!(!text.contains(shed), "nothing was: {text}");
    let text = table(&fixture::overload());
    assert!(
        text.contains("  67,000,000 payments offered, ") && text.contains(shed),
        "{text}"
    );
}

#[test]
fn nothing_measured_is_told_without_numbers_that_are_none() {
    let text = table(&Report::default());
    assert!(
        text.contains("switched off: nothing") && !text.contains("NaN"),
        "{text}"
    );
}
