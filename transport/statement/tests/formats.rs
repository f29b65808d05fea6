//! What statements and reports look like, and what is refused.
mod common;

use causeway_message::posting::{Side, posting_kind};
use causeway_message::time::Timestamp;
use causeway_statement::camt::{camt052, camt053};
use causeway_statement::{Statement, StatementError, WriteError, cell_text, csv, text, text_cell};
use common::{day, name, whole, year_2026};

fn statement(running: bool) -> Statement {
    Statement::new(day(false), running, &whole(), name, |line| {
        (line.posting.kind == posting_kind::FUND).then(|| "RTGS, \"7\"".to_owned())
    })
    .expect("a statement")
}

#[test]
fn csv_begins_with_the_opening_and_ends_with_the_closing_balance() {
    let csv = csv(&statement(false));
    let expected = "\
date,entry,ordinal,time,side,amount,balance,currency,counterparty,kind,reference,uetr,id\r
2026-11-30,45,,2026-11-29T16:00:00.000Z,opening,-0.05,-0.05,EUR,,,,,\r
2026-11-30,50,0,2026-11-30T08:00:00.250Z,credit,5.00,4.95,EUR,\"ECB, Frankfurt\",fund,\"RTGS, \"\"7\"\"\",,22222222222222222222222222222222\r
2026-11-30,51,138,2026-11-30T09:00:00.000Z,debit,1.39,3.56,EUR,BETAFRPP,payment,,33333333-3333-4333-8333-333333333333,22222222222222222222222222222222\r
2026-11-30,52,0,2026-11-30T17:00:00.000Z,debit,0.01,3.55,EUR,OPERATOR,fee,,,\r
2026-11-30,59,,2026-11-30T17:00:01.000Z,closing,3.55,3.55,EUR,,,,,\r
";
    assert_eq!(csv, expected);
}

#[test]
fn text_names_the_log_entry_of_each_line() {
    let text = text(&statement(true));
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 6, "{text}");
    assert_eq!(lines[0], "ALFADEFF EUR: report of the running day, 2026-11-30");
    assert_eq!(lines[1], "opening -0.05 after log entry 45");
    assert!(lines[3].contains(" 51.138 ") && lines[3].contains(" -1.39 ") && lines[3].contains(" 3.56 "));
    assert!(lines[5].starts_with("closing 3.55 at log entry 59, 2026-11-30T17:00:01.000Z: 3 lines"));
}

#[test]
fn a_statement_is_a_camt053_and_a_report_a_camt052() {
    let (day, report) = (statement(false), statement(true));
    let (xml, other) = (
        camt053(&day).expect("written"),
        camt052(&report).expect("written"),
    );
    for (text, parts) in [
        (
            &xml,
            [
                "camt.053.001.08",
                "<BkToCstmrStmt>",
                "<Id>EUR20261130-3</Id>",
                "<Cd>CLBD</Cd>",
            ],
        ),
        (
            &other,
            [
                "camt.052.001.08",
                "<BkToCstmrAcctRpt>",
                "<Id>EUR20261130-3-59</Id>",
                "<Cd>ITBD</Cd>",
            ],
        ),
    ] {
        for part in parts {
            assert!(text.contains(part), "{part}: {text}");
        }
        for part in [
            "<NtryRef>41.138</NtryRef>",
            "<AcctSvcrRef>51</AcctSvcrRef>",
            "<Amt Ccy=\"EUR\">0.05</Amt>",
            "<EndToEndId>RTGS, &quot;7&quot;</EndToEndId>",
            "<BICFI>BETAFRPP</BICFI>",
            "<Nm>ECB, Frankfurt</Nm>",
            "<UETR>33333333-3333-4333-8333-333333333333</UETR>",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    assert!(matches!(camt053(&report), Err(WriteError::Other(_))));
    assert!(matches!(camt052(&day), Err(WriteError::Other(_))));
}

#[test]
fn an_amount_that_iso_20022_cannot_write_is_refused_and_csv_writes_it() {
    let mut whole = whole();
    whole.opening += 10_i128.pow(20);
    whole.closing += 10_i128.pow(20);
    let huge = Statement::new(day(false), false, &whole, name, |_| None).expect("a statement");
    let error = camt053(&huge).expect_err("too many digits");
    assert_eq!(
        error.to_string(),
        "Bal: 999999999999999999.95 has more than 18 digits"
    );
    assert!(csv(&huge).contains(",1000000000000000003.55,"));
}

#[test]
fn before_the_first_business_day_bookings_bear_the_date_of_their_entry() {
    let mut whole = whole();
    (whole.date, whole.from, whole.told, whole.event) = (0, 0, 0, 0);
    whole.from_time = Timestamp(0);
    let report = Statement::new(day(false), true, &whole, name, |_| None).expect("a report");
    assert!(
        csv(&report)
            .lines()
            .nth(1)
            .expect("opening")
            .starts_with("2026-11-30,0,,2026-11-30T08:00:00.250Z,")
    );
    whole.lines[0].time = Timestamp(year_2026().0 + 40 * 86_400_000_000_000);
    whole.to_time = whole.lines[0].time;
    let report = Statement::new(day(true), true, &whole, name, |_| None).expect("a report");
    assert!(csv(&report).contains("\r\n2027-01-09,52,"), "{}", csv(&report));
    assert_eq!(report.id(), "EUR20270109-3L-59");
}

#[test]
fn lines_that_do_not_come_to_the_closing_balance_are_no_statement() {
    let made = |change: &dyn Fn(&mut causeway_message::wire::StatementLines)| {
        let mut whole = whole();
        change(&mut whole);
        Statement::new(day(false), false, &whole, name, |_| None).map(drop)
    };
    assert_eq!(made(&|_| {}), Ok(()));
    let sum = StatementError::Sum {
        opening: -5,
        sum: 355,
        closing: 356,
        lines: 3,
    };
    assert_eq!(made(&|whole| whole.closing += 1), Err(sum));
    assert!(matches!(
        made(&|whole| whole.lines[0].posting.side = Side::Credit),
        Err(StatementError::Sum { .. })
    ));
    assert_eq!(
        made(&|whole| whole.lines[1] = whole.lines[0]),
        Err(StatementError::Order {
            event: 42,
            ordinal: 0
        })
    );
    assert!(matches!(
        made(&|whole| whole.to = 51),
        Err(StatementError::Outside {
            entry: 52,
            from: 45,
            to: 51
        })
    ));
    assert!(matches!(
        made(&|whole| whole.from = 50),
        Err(StatementError::Outside { entry: 50, .. })
    ));
    assert_eq!(
        made(&|whole| whole.next = (40, 0)),
        Err(StatementError::Unfinished)
    );
    assert_eq!(
        made(&|whole| whole.lines[0].posting.amount = 0),
        Err(StatementError::Amount { event: 42 })
    );
    assert!(matches!(
        made(&|whole| whole.opening = i128::MAX),
        Err(StatementError::Amount { .. })
    ));
}

#[test]
fn a_text_that_a_spreadsheet_would_run_is_quoted_and_reads_back() {
    for text in [
        "=1+1", "+49 69", "-5", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''=1", "'quoted'", "'", "", "RTGS-1",
    ] {
        let cell = text_cell(text);
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{text:?}");
        assert_eq!(cell_text(&cell), text, "{text:?}");
    }
    assert_eq!(text_cell("RTGS-1"), "RTGS-1");
    let steering = Statement::new(
        day(false),
        false,
        &whole(),
        |_| "@BANK".to_owned(),
        |_| Some("=HYPERLINK(A1)".to_owned()),
    );
    let text = csv(&steering.expect("a statement"));
    assert!(text.contains(",4.95,EUR,'@BANK,fund,'=HYPERLINK(A1),"), "{text}");
    assert!(text.contains(",-0.05,-0.05,EUR,"), "amounts are numbers: {text}");
}
