//! Files that a command is given: certificates and keys, proposals, receipts, queues and certificates of
//! netting, statements of a central bank.
use causeway_message::action::Action;
use causeway_message::control::proposal_digest;
use causeway_message::event::control_body;
use causeway_message::{InstructionId, LedgerId, ParticipantId};
use causeway_ops::cmd::control::proposal::Proposal;
use causeway_ops::cmd::verify;
use causeway_ops::config::check;
use causeway_ops::reconcile::{Booked, Kind, Statement, compare};
use clap::Parser;
use serde_json::Value;
use std::fs;
use std::path::Path;

use crate::support::{self, Input, fuzz};

const CERTIFICATE: &[u8] = include_bytes!("../../../transport/tests/fuzz/fixtures/bank.pem");
const KEY: &[u8] = include_bytes!("../../../transport/tests/fuzz/fixtures/bank.key");
const CA: &[u8] = include_bytes!("../../../transport/tests/fuzz/fixtures/ca.pem");

/// A file in a directory, written.
fn put(dir: &Path, name: &str, bytes: &[u8]) {
    fs::write(dir.join(name), bytes).expect("it is written");
}

#[test]
fn what_a_configuration_names_is_checked_and_named() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("bank.toml");
    let log_key = "node-1.causeway.example+347853c5+AW56HN0psLeP0Tr0xVmP7/TvKpcWbjym8uT7/Rs7F7z4";
    let text = format!(
        "[bank]\nname = \"Alfa\"\nparticipant = 7\nledger = \"{}\"\nlog_key = \"{log_key}\"\n\
         [node]\naddress = \"127.0.0.1:1\"\nca = \"ca\"\n[tls]\ncert = \"cert\"\nkey = \"key\"\n\
         [[key]]\nid = 1\nperson = 1\nfile = \"signing\"\n",
        "00".repeat(32),
    );
    put(dir.path(), "bank.toml", text.as_bytes());
    let signing = b"seed = \"00\"\npublic = \"00\"\n";
    let samples = [CERTIFICATE, KEY, CA, signing].map(<[u8]>::to_vec);
    let good = [
        ("ca", CA),
        ("cert", CERTIFICATE),
        ("key", KEY),
        ("signing", &signing[..]),
    ];
    for (name, bytes) in good {
        put(dir.path(), name, bytes);
    }
    let words = [
        "-----BEGIN CERTIFICATE-----\n",
        "-----END PRIVATE KEY-----\n",
        "AAAA",
        "\n",
        "seed = ",
    ];
    fuzz!("identity_files", &samples, &words, |input: &Input| {
        // One of them at a time: the others are good.
        let (name, good) = good[input.bytes.len() % good.len()];
        put(dir.path(), name, &input.bytes);
        let checked = check::file(&file, &[]).expect("the configuration itself can be read");
        put(dir.path(), name, good);
        assert!(checked.kind.is_some());
        for problem in &checked.problems.0 {
            assert!(!problem.rule.is_empty() && !problem.key.is_empty(), "{problem:?}");
        }
    });
}

#[test]
fn a_proposal_is_the_one_that_its_digest_names_or_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let (config, file) = (dir.path().join("bank.toml"), dir.path().join("given"));
    let ledger = LedgerId([7; 32]);
    let (proposer, id) = (ParticipantId(1), InstructionId([2; 16]));
    let fund = Action::Fund {
        participant: ParticipantId(3),
        currency: 978,
        amount: 5,
        reference: "RTGS-1".into(),
    };
    let mut sample = Vec::new();
    control_body(&mut sample, proposer, id, &fund);
    let digest = proposal_digest(ledger, proposer, id, &fund);
    fuzz!("proposal", std::slice::from_ref(&sample), |input: &Input| {
        fs::write(&file, &input.bytes).expect("it is written");
        match Proposal::find(&config, Some(&file), &digest, ledger) {
            Ok(found) => assert!(found.is_some() && input.bytes == sample, "another proposal"),
            Err(failure) => assert!(failure.to_string().contains("given")),
        }
    });
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: verify::Args,
}

#[test]
fn a_receipt_from_a_file_is_told_in_words_or_refused_with_a_reason() {
    let vectors: Value = serde_json::from_str(include_str!(
        "../../../settlement/message/vectors/receipt_deferred.json"
    ))
    .expect("the vectors are JSON");
    let key = vectors["key"].as_str().expect("a key").to_owned();
    let bytes = |receipt: &Value| {
        let digits = receipt["bytes"].as_str().expect("bytes").as_bytes();
        let byte =
            |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("digits"), 16).expect("digits");
        digits.chunks(2).map(byte).collect::<Vec<u8>>()
    };
    let receipts = vectors["receipts"].as_object().expect("receipts");
    let samples: Vec<Vec<u8>> = receipts.values().map(bytes).collect();
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("x.receipt");
    let name = file.to_str().expect("text").to_owned();
    let told = |json: bool| {
        let words = ["verify", "receipt", &name, "--key", &key];
        let line = Line::parse_from(words.into_iter().chain(json.then_some("--json")));
        verify::run(&line.args).expect("the file can be read")
    };
    fuzz!("receipt_file", &samples, |input: &Input| {
        fs::write(&file, &input.bytes).expect("it is written");
        let (words, json) = (told(false), told(true));
        let json_text: Value = serde_json::from_str(&json.text).expect("JSON");
        let holds = samples.contains(&input.bytes);
        assert_eq!(json_text["holds"], holds);
        assert_eq!((words.failure.is_none(), json.failure.is_none()), (holds, holds));
        assert!(!holds || words.text.contains("The receipt holds."));
    });
}

#[test]
fn a_netting_certificate_that_holds_says_what_a_sample_says() {
    let sample = include_bytes!("../../../netting/certificate/vectors/fifo.json").to_vec();
    let words = [
        "\"settles\":true",
        "\"bypass\"",
        "[",
        "{",
        "\"\"",
        "-1",
        "1e9",
        ",",
    ];
    let samples = [sample.clone()];
    fuzz!("netting_certificate", &samples, &words, |input: &Input| {
        match causeway_certificate::verify(&input.bytes) {
            Ok(document) => assert_eq!(document.to_json().expect("JSON"), sample),
            Err(why) => assert!(!why.is_empty()),
        }
    });
}

#[test]
fn a_statement_that_is_read_agrees_with_a_ledger_that_did_the_same() {
    let csv = b"date,reference,side,amount\n2026-11-30,,opening,0\n2026-11-30,R-1,credit,10.00\n\
                2026-11-30,R-1,debit,2.50\n2026-12-01,,closing,7.50\n";
    let camt = br#"<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt>
        <Acct><Ccy>EUR</Ccy></Acct><Ntry><NtryRef>R-1</NtryRef><Amt Ccy="EUR">3.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
        <BookgDt><Dt>2026-11-30</Dt></BookgDt><NtryDtls><TxDtls><Refs><TxId>A</TxId></Refs><Amt Ccy="EUR">1.00</Amt></TxDtls>
        <TxDtls><Refs><TxId>B</TxId></Refs><Amt Ccy="EUR">2.00</Amt></TxDtls></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>"#;
    let words = [
        "credit",
        "debit",
        "closing",
        "\"",
        ",",
        "<Ntry>",
        "</Ntry>",
        "Ccy=\"EUR\"",
        "&#1;",
        "-",
    ];
    let currency = causeway_fx::Currency::from_alpha("EUR").expect("a currency");
    let samples = [csv.to_vec(), camt.to_vec()];
    fuzz!("statement", &samples, &words, |input: &Input| {
        let statement = match Statement::read(&input.bytes, currency) {
            Ok(statement) => statement,
            Err(fault) => return assert!(fault.line > 0 && !fault.rule.is_empty(), "{fault}"),
        };
        let booked = |line: &causeway_ops::reconcile::Line| Booked {
            entry: 1,
            date: line.date,
            reference: line.references[0].clone(),
            side: line.side,
            amount: line.amount,
            participant: String::new(),
        };
        let all: Vec<Booked> = statement.lines.iter().map(booked).collect();
        let told = compare(&statement, &all);
        assert_eq!(told.agreed, all.len());
        let balances = [Kind::OpeningDiffers, Kind::ClosingDiffers, Kind::SumDiffers];
        assert!(told.differences.iter().all(|one| balances.contains(&one.kind)));
    });
}

#[test]
fn a_queue_that_is_read_nets_without_making_money() {
    let balances = b"participant,currency,balance,limit\nA,EUR,100,0\nB,USD,5,20\n";
    let queue =
        b"id,debtor,creditor,currency,amount,priority,trade\n1,A,B,EUR,40,normal,\n2,B,A,EUR,30,high,T\n\
                  3,A,B,USD,7,normal,T\n4,C,A,EUR,1,urgent,\n";
    let words = [
        "urgent",
        "high",
        "normal",
        "EUR",
        "USD",
        "A",
        "B",
        ",",
        "\"",
        "18446744073709551615",
        "-1",
    ];
    let samples = [queue.to_vec()];
    fuzz!("queue", &samples, &words, |input: &Input| {
        let read = causeway_netting::case::read(("balances", balances), ("queue", &input.bytes), None);
        let named = match read {
            Ok(named) => named,
            Err(why) => return assert!(!why.to_string().is_empty()),
        };
        assert_eq!(named.rows.len(), named.item_of.len());
        let chosen = causeway_netting::fifo(&named.case, &causeway_netting::CashOnly).chosen(&named.case);
        let mut sums = vec![0_i128; named.currencies.len()];
        for (account, after) in named.case.accounts().iter().zip(chosen.balances(&named.case)) {
            sums[account.currency as usize] += after - account.balance;
            assert!(
                after >= account.balance.min(-account.limit),
                "an account was overdrawn"
            );
        }
        assert!(sums.iter().all(|sum| *sum == 0), "money was made");
    });
}
