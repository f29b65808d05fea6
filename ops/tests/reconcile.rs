//! A settlement agent's liability is held to the central bank's statement: what differs is named, line by line.
mod common;

use causeway_fx::Currency;
use causeway_ops::reconcile::{Booked, Kind, Side, Statement, compare};
use common::node::Ledger;
use common::{causeway, code, stderr, stdout, word};
use serde_json::Value;

fn euro() -> &'static Currency {
    Currency::from_alpha("EUR").expect("a currency")
}

fn read(text: &str) -> Result<Statement, String> {
    Statement::read(text.as_bytes(), euro()).map_err(|fault| fault.to_string())
}

fn booked(entry: u64, reference: &str, side: Side, amount: u64) -> Booked {
    let Statement { from, .. } =
        read("date,reference,side,amount\n2026-11-30,,opening,0\n").expect("a statement");
    Booked {
        entry,
        date: from,
        reference: reference.to_owned(),
        side,
        amount,
        participant: "ALFADEFF".to_owned(),
    }
}

const LEDGER: [(&str, Side, u64); 5] = [
    ("R-1", Side::Credit, 10_000),
    ("R-2", Side::Credit, 25_050),
    ("R-3", Side::Credit, 7_000),
    ("P-1", Side::Debit, 5_000),
    ("R-4", Side::Credit, 100),
];

fn ledger() -> Vec<Booked> {
    let all = (10..).zip(LEDGER);
    all.map(|(entry, (reference, side, amount))| booked(entry, reference, side, amount))
        .collect()
}

/// Kinds of differences, and the statement's line of each.
fn differences(lines: &str) -> Vec<(Kind, Option<u64>)> {
    let text = format!("date,reference,side,amount\n{lines}");
    let told = compare(&read(&text).expect("a statement"), &ledger());
    let line = |told: &causeway_ops::reconcile::Difference| told.statement.as_ref().and_then(|told| told.at);
    told.differences.iter().map(|one| (one.kind, line(one))).collect()
}

const ALL: &str = "2026-11-30,,opening,0.00\n2026-11-30,R-1,credit,100.00\n2026-11-30,R-2,credit,250.50\n\
                   2026-11-30,R-3,credit,70\n2026-11-30,P-1,debit,50.00\n2026-11-30,R-4,credit,1.00\n\
                   2026-11-30,,closing,371.50\n";

#[test]
fn each_kind_of_difference_is_found_and_nothing_else_with_it() {
    assert_eq!(differences(ALL), []);
    let with = |from: &str, to: &str| {
        assert!(ALL.contains(from), "{from}");
        differences(&ALL.replace(from, to))
    };
    let sum = (Kind::SumDiffers, None);
    assert_eq!(
        with("250.50", "250.05"),
        [(Kind::AmountDiffers, Some(4)), sum],
        "two digits changed places"
    );
    assert_eq!(
        with("P-1,debit", "P-1,credit"),
        [(Kind::SideDiffers, Some(6)), sum]
    );
    assert_eq!(with("R-3", "R-8"), [(Kind::ReferenceDiffers, Some(5))]);
    assert_eq!(
        with("2026-11-30,R-4,credit,1.00\n", ""),
        [(Kind::NotInStatement, None), sum]
    );
    assert_eq!(
        with(
            "R-4,credit,1.00\n",
            "R-4,credit,1.00\n2026-11-30,R-1,credit,100.00\n"
        ),
        [(Kind::TwiceInStatement, Some(8)), sum]
    );
    assert_eq!(
        with(
            "R-4,credit,1.00\n",
            "R-4,credit,1.00\n2026-11-30,R-9,credit,9.00\n"
        ),
        [(Kind::NotInLedger, Some(8)), sum]
    );
    assert_eq!(
        with("opening,0.00", "opening,1.00"),
        [(Kind::OpeningDiffers, None), sum]
    );
    assert_eq!(
        with("closing,371.50", "closing,371.51"),
        [(Kind::ClosingDiffers, None), sum]
    );
    // Another day's line still finds its entry; the balance of that day is another matter.
    assert_eq!(
        differences("2026-12-01,,opening,371.50\n2026-12-02,R-4,credit,1.00\n2026-12-02,,closing,371.50\n"),
        [sum]
    );
}

#[test]
fn a_bad_statement_names_line_column_and_rule() {
    let head = "date,reference,side,amount,currency\n";
    for (text, fault) in [
        ("", "1: head: column date is missing"),
        ("date,reference,side\n", "1: head: column amount is missing"),
        ("date,date,side,amount\n", "1: head: date: stands there twice"),
        ("date,reference,side,amount,note\n", "1: head: note: columns are"),
        ("date,reference,side,amount\n", "1: lines: there are none"),
    ] {
        let told = read(text).expect_err(text);
        assert!(told.starts_with(fault), "{text}: {told}");
    }
    for (line, fault) in [
        (
            "30.11.2026,R-1,credit,1.00,EUR",
            "2: date: 30.11.2026: must be a date",
        ),
        ("2026-02-30,R-1,credit,1.00,EUR", "2: date: "),
        ("2026-11-30,,credit,1.00,EUR", "2: reference: is missing"),
        (
            "2026-11-30,R-1,both,1.00,EUR",
            "2: side: both: must be credit, debit",
        ),
        ("2026-11-30,R-1,credit,0.00,EUR", "2: amount: must be above zero"),
        ("2026-11-30,R-1,credit,-1.00,EUR", "2: amount: -1.00: "),
        ("2026-11-30,R-1,credit,1.001,EUR", "2: amount: 1.001: "),
        (
            "2026-11-30,R-1,credit,1.00,USD",
            "2: currency: USD: the statement must be one in EUR",
        ),
        ("2026-11-30,R-1,credit", "2: columns: "),
        (
            "2026-11-30,,opening,1.00,EUR\n2026-11-30,,opening,1.00,EUR",
            "3: side: opening: stands there twice",
        ),
    ] {
        let told = read(&format!("{head}{line}\n")).expect_err(line);
        assert!(told.starts_with(fault), "{line}: {told}");
    }
    let told = Statement::read(b"date\n\xff", euro()).expect_err("no text");
    assert_eq!(told.to_string(), "2: text: is not UTF-8");
}

const CAMT: &str = r#"<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
<Acct><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-30</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">371.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-30</Dt></Dt></Bal>
<Ntry><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><DtTm>2026-11-30T09:00:00+01:00</DtTm></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>R-1</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>
<Ntry><NtryRef>BULK</NtryRef><Amt Ccy="EUR">320.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-30</Dt></BookgDt><NtryDtls>
<TxDtls><Refs><InstrId>R-2</InstrId></Refs><Amt Ccy="EUR">250.50</Amt></TxDtls>
<TxDtls><Refs><InstrId>R-3</InstrId></Refs><AmtDtls><TxAmt><Amt Ccy="EUR">70.00</Amt></TxAmt></AmtDtls></TxDtls></NtryDtls></Ntry>
<Ntry><NtryRef>P-1</NtryRef><Amt Ccy="EUR">50.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-30</Dt></BookgDt></Ntry>
<Ntry><NtryRef>X-1</NtryRef><AcctSvcrRef>R-4</AcctSvcrRef><Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-30</Dt></BookgDt></Ntry>
<Ntry><NtryRef>LATER</NtryRef><Amt Ccy="EUR">9.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>PDNG</Sts></Ntry>
</Stmt></BkToCstmrStmt></Document>"#;

#[test]
fn camt_053_says_the_same_as_csv() {
    let told = compare(&read(CAMT).expect("a statement"), &ledger());
    assert_eq!((told.agreed, told.differences.len()), (5, 0), "{told:?}");
    let wrong = CAMT.replace("250.50", "250.51").replace("320.50", "320.51");
    let told = compare(&read(&wrong).expect("a statement"), &ledger());
    let found = told
        .differences
        .first()
        .and_then(|one| one.statement.clone())
        .expect("one");
    assert_eq!(
        (told.differences[0].kind, found.at, found.reference.as_deref()),
        (Kind::AmountDiffers, Some(8), Some("R-2"))
    );
    for (from, to, fault) in [
        (
            "BkToCstmrStmt",
            "BkToCstmrDbtCdtNtfctn",
            "2: Document: there is no BkToCstmrStmt",
        ),
        ("<Ccy>EUR</Ccy>", "<Ccy>USD</Ccy>", "2: Stmt: none is in EUR"),
        (
            r#"<Amt Ccy="EUR">100.00"#,
            r#"<Amt Ccy="USD">100.00"#,
            "6: Ccy: USD: must be EUR",
        ),
        (
            "<Ntry><NtryRef>P-1</NtryRef>",
            "<Ntry>",
            "10: NtryRef: is missing",
        ),
        ("DBIT", "BOTH", "10: CdtDbtInd: BOTH: must be"),
        (
            "</Stmt>",
            "</Stmt><Stmt><Acct><Ccy>EUR</Ccy></Acct></Stmt>",
            "13: Stmt: a second one",
        ),
        ("</Stmt>", "", "13: Document: the text is not XML"),
        (
            r#"<?xml version="1.0"?>"#,
            r#"<!DOCTYPE d [<!ENTITY e "x">]>"#,
            "1: Document: the text is not XML",
        ),
    ] {
        let told = read(&CAMT.replacen(from, to, if from == "BkToCstmrStmt" { 9 } else { 1 })).expect_err(to);
        assert!(told.starts_with(fault), "{to}: {told}");
    }
}

#[test]
fn xml_that_costs_more_than_it_says_is_refused() {
    let deep = format!(
        "<Document>{}{}</Document>",
        "<a>".repeat(300_000),
        "</a>".repeat(300_000)
    );
    let told = read(&deep).expect_err("deep");
    assert_eq!(told, "1: Document: more than 100 elements inside each other");
    let many: String = (0..30_000).map(|n| format!(" a{n}=\"\"")).collect();
    let told = read(&format!("\n<Document{many}/>")).expect_err("many attributes");
    assert_eq!(told, "2: Document: a tag of more than 16384 bytes");
    let comments = CAMT.replace("<Ntry>", &format!("<!--{}--><Ntry>", "<a>".repeat(300)));
    assert!(read(&comments).is_ok(), "what stands in comments is no element");
}

#[test]
fn nothing_of_a_statement_is_passed_over_in_silence() {
    for (from, to, fault) in [
        ("<Sts>BOOK</Sts>", "<Sts>Book</Sts>", "7: Sts: Book: must be BOOK"),
        (">1.00<", ">1.00<!-- -->99<", "11: Amt: must be one number"),
        (">1.00<", ">1.00<x/><", "11: Amt: must be one number"),
        (
            "</BkToCstmrStmt>",
            "</BkToCstmrStmt><BkToCstmrStmt/>",
            "13: BkToCstmrStmt: a second one",
        ),
        (
            "<Acct>",
            "<FrToDt><FrDtTm>2026-12-01</FrDtTm><ToDtTm>2026-12-01</ToDtTm></FrToDt><Acct>",
            "6: BookgDt: lies outside the days",
        ),
    ] {
        assert!(CAMT.contains(from), "{from}");
        let told = read(&CAMT.replacen(from, to, 1)).expect_err(to);
        assert!(told.starts_with(fault), "{to}: {told}");
    }
    // The evening before, as many banks date it.
    let evening = "<Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-11-";
    let before = CAMT.replace(&format!("{evening}30"), &format!("{evening}29"));
    assert_ne!(before, CAMT);
    let told = compare(&read(&before).expect("a statement"), &ledger());
    assert_eq!((told.agreed, told.differences.len()), (5, 0), "{told:?}");
    // A part on the other side makes one line of the entry.
    let part = "<InstrId>R-2</InstrId></Refs>";
    let other = CAMT.replace(part, &format!("{part}<CdtDbtInd>DBIT</CdtDbtInd>"));
    let told = compare(&read(&other).expect("a statement"), &ledger());
    assert!(
        told.differences.iter().any(|one| one.kind == Kind::AmountDiffers),
        "{told:?}"
    );
    let text = "reference,date,side,amount\n\n#R-9,2026-11-30,credit,1.00\n\n\nR-1,2026-11-30,credit,0\n";
    assert_eq!(read(text).expect_err("zero"), "6: amount: must be above zero");
    let told = compare(
        &read(&text.replace("credit,0", "credit,100.00")).expect("a statement"),
        &ledger(),
    );
    assert_eq!(
        told.differences[0].statement.as_ref().and_then(|one| one.at),
        Some(3)
    );
}

#[test]
fn a_long_statement_is_read_in_its_length() {
    let entry = CAMT.lines().find(|line| line.contains("P-1")).expect("an entry");
    let many = format!("{entry}\n").repeat(100_000);
    let long = CAMT.replace("</Stmt>", &format!("{many}</Stmt>"));
    assert_eq!(read(&long).expect("a statement").lines.len(), 100_005);
}

/// Real statements: none makes the reader fail but with a fault that is named, and their lines come to their balances.
#[test]
fn statements_of_real_banks_add_up() {
    let Some(samples) = std::env::var_os("CAUSEWAY_SAMPLES") else {
        println!("skipped: CAUSEWAY_SAMPLES is not set");
        return;
    };
    let (mut read, mut sums, mut faults) = (0, 0, 0);
    let mut folders = vec![std::path::PathBuf::from(samples).join("iso20022")];
    while let Some(folder) = folders.pop() {
        for file in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = file.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).expect("a file");
            if !String::from_utf8_lossy(&bytes).contains("camt.053.001") {
                continue;
            }
            for code in ["EUR", "CHF", "SEK", "GBP", "USD"] {
                let currency = Currency::from_alpha(code).expect("a currency");
                match Statement::read(&bytes, currency) {
                    Ok(statement) => {
                        read += 1;
                        let told = compare(&statement, &[]);
                        let whole = statement.opening.is_some() && statement.closing.is_some();
                        let differs = told.differences.iter().any(|one| one.kind == Kind::SumDiffers);
                        sums += usize::from(whole && !differs);
                    }
                    Err(fault) => {
                        faults += usize::from(!fault.to_string().contains("Stmt: none is in"));
                    }
                }
            }
        }
    }
    println!("{read} statements read, {sums} of them add up; {faults} refused");
    assert!(read >= 20 && sums >= 5, "{read} read, {sums} add up");
}

#[test]
fn a_wrong_line_of_a_statement_is_found() {
    let ledger = Ledger::new();
    let node = ledger.start();
    for (bank, amount, reference) in [
        ("ALFADEFF", "1000.00", "RTGS-1"),
        ("BETAFRPP", "250.50", "RTGS-2"),
        ("GAMMGB2L", "75.25", "RTGS-3"),
    ] {
        ledger.fund("ECB-TARGET", bank, "EUR", amount, reference);
    }
    // Another currency's agent, and other money, are another matter.
    ledger.fund("BOJ-NET", "ALFADEFF", "JPY", "5000", "RTGS-1");
    // A test may run over midnight.
    let [before, today, after] = [-1, 0, 1].map(from_today);
    let file = ledger.file("statement.csv");
    let text = format!(
        "date,reference,side,amount\n{before},,opening,0.00\n{today},RTGS-1,credit,1000.00\n\
         {today},RTGS-2,credit,250.05\n{today},RTGS-3,credit,75.25\n{after},,closing,1325.30\n"
    );
    std::fs::write(&file, &text).expect("written");
    let config = ledger.bank("ECB-TARGET");
    let reconcile = |more: &[&str]| {
        let words = [
            "control",
            "reconcile",
            "--config",
            word(&config),
            "--currency",
            "EUR",
            "--statement",
        ];
        causeway(&[&words[..], &[word(&file)], more].concat())
    };
    let told = reconcile(&[]);
    assert_eq!(code(&told), 1, "{}", stderr(&told));
    let line = "line 4: the amounts differ: the statement says credit of 250.05 EUR under RTGS-2";
    assert!(stdout(&told).starts_with(line), "{}", stdout(&told));
    assert!(
        stdout(&told).contains("for BETAFRPP in entry"),
        "{}",
        stdout(&told)
    );
    assert!(
        stdout(&told).contains("2 of 3 lines agree, 2 differences. Liability now 1325.75 EUR"),
        "{}",
        stdout(&told)
    );
    let json: Value = serde_json::from_slice(&reconcile(&["--json"]).stdout).expect("JSON");
    assert_eq!((&json["holds"], &json["agreed"]), (&false.into(), &2.into()));
    assert_eq!(json["differences"][0]["kind"], "amount_differs");
    assert_eq!(json["differences"][1]["kind"], "closing_differs");

    std::fs::write(
        &file,
        text.replace("250.05", "250.50").replace("1325.30", "1325.75"),
    )
    .expect("written");
    let told = reconcile(&[]);
    assert_eq!(code(&told), 0, "{}{}", stdout(&told), stderr(&told));

    std::fs::write(&file, text.replace("credit,1000.00", "credit,1000.001")).expect("written");
    let told = reconcile(&[]);
    assert_eq!(code(&told), 2);
    assert!(
        stderr(&told).contains("statement.csv:3: amount: 1000.001: "),
        "{}",
        stderr(&told)
    );

    let bank = ledger.bank("ALFADEFF");
    let words = [
        "control",
        "reconcile",
        "--config",
        word(&bank),
        "--currency",
        "EUR",
        "--statement",
    ];
    std::fs::write(&file, &text).expect("written");
    let told = causeway(&[&words[..], &[word(&file)]].concat());
    assert_eq!(code(&told), 2);
    assert!(
        stderr(&told).contains("ALFADEFF carries no liability"),
        "{}",
        stderr(&told)
    );
    drop(node);
}

/// A UTC date so many days from today.
fn from_today(days: i64) -> String {
    let time = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("a clock");
    let today = (time.as_secs() / 86_400) as i64 - 10_957;
    causeway_ops::client::words::date((today + days) as u16)
}
