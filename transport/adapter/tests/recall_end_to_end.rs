//! Two banks and a real node: a payment is asked for, the question is answered, and the money comes back.
mod ledger;

use ledger::{Ledger, text};
use serde_json::Value;
use std::path::Path;

const PAYMENT: &str = include_str!("../examples/pacs008.xml");
const REQUEST: &str = include_str!("../examples/camt056.xml");
const ANSWER: &str = include_str!("../examples/camt029.xml");
const RETURN: &str = include_str!("../examples/pacs004.xml");
const UETR: &str = "5f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33";

fn word<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} of {value}"))
}

fn two_banks() -> Option<Ledger> {
    Ledger::start(&[("ALFADEFF", &[("EUR", "2000.00")]), ("BETAFRPP", &[("EUR", "0")])])
}

/// The text of an element.
fn element(xml: &str, name: &str) -> String {
    let document = roxmltree::Document::parse(xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
    let mut found = document
        .descendants()
        .filter(|node| node.tag_name().name() == name);
    found
        .next()
        .and_then(|node| node.text())
        .unwrap_or_default()
        .trim()
        .to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(path)).expect("the file is there")
}

/// Sends one message, and returns exit code, message and its first instruction.
fn send(ledger: &Ledger, bank: &str, name: &str, text: &str) -> (i32, Value) {
    let (code, answer) = ledger.send_json(bank, &["--timeout", "2"], &[&ledger.file(name, text)]);
    (code, answer["messages"][0].clone())
}

fn only(lines: &[Value]) -> &Value {
    let [line] = lines else { panic!("{lines:?}") };
    line
}

#[test]
fn a_settled_payment_is_asked_for_answered_and_returned() {
    let Some(ledger) = two_banks() else { return };
    let (code, paid) = send(&ledger, "ALFADEFF", "pay.xml", PAYMENT);
    assert_eq!(code, 0, "{paid}");
    let credit = only(&ledger.listen("BETAFRPP", &[])).clone();
    assert_eq!(
        (word(&credit, "event"), word(&credit, "charge_bearer")),
        ("credit", "SHAR")
    );

    // A asks: the settled payment makes it a question, which is pending.
    let (code, asked) = send(&ledger, "ALFADEFF", "ask.xml", REQUEST);
    let cancel = &asked["transactions"][0];
    assert_eq!(
        (code, word(cancel, "status"), word(cancel, "iso_status")),
        (1, "cancellation_pending", "PDCR")
    );
    let told = read(asked["camt029"][0].as_str().expect("an answer"));
    for (name, value) in [
        ("Conf", "PDCR"),
        ("OrgnlUETR", UETR),
        ("CxlStsId", "ALFA-CXL-1"),
        ("Id", "ALFA-CASE-1"),
    ] {
        assert!(told.contains(&format!("<{name}>{value}</{name}>")), "{told}");
    }

    // B is asked by a camt.056, which names the payment as its message did.
    let question = only(&ledger.listen("BETAFRPP", &[])).clone();
    assert_eq!(
        (word(&question, "event"), word(&question, "bank")),
        ("question", "ALFADEFF")
    );
    let request = read(word(&question, "message"));
    for (name, value) in [
        ("OrgnlMsgId", "ALFA-20260302-000001"),
        ("OrgnlInstrId", "ALFA-INSTR-1"),
        ("OrgnlEndToEndId", "INVOICE-2026-0117"),
        ("OrgnlUETR", UETR),
        ("OrgnlIntrBkSttlmAmt", "1250.00"),
        ("Cd", "DUPL"),
        ("CxlId", word(cancel, "instruction_id")),
    ] {
        assert_eq!(element(&request, name), value, "{name}");
    }

    // B answers that it gives the money back; the same answer again changes nothing.
    for replayed in [false, true] {
        let (code, answered) = send(&ledger, "BETAFRPP", "answer.xml", ANSWER);
        let resolve = &answered["transactions"][0];
        assert_eq!((code, word(resolve, "status")), (0, "executed"), "{answered}");
        assert_eq!(resolve["replayed"], Value::Bool(replayed));
    }
    let ended = only(&ledger.listen("BETAFRPP", &[])).clone();
    assert_eq!(
        (word(&ended, "event"), word(&ended, "status")),
        ("question", "executed")
    );
    assert_eq!(ended["message"], Value::Null);

    // A is told by a camt.029 with its own case.
    let answer = only(&ledger.listen("ALFADEFF", &[])).clone();
    assert_eq!(
        (word(&answer, "event"), word(&answer, "answer")),
        ("answer", "CNCL")
    );
    let answer = read(word(&answer, "message"));
    assert!(
        answer.contains("<Conf>CNCL</Conf>") && answer.contains("<Id>ALFA-CASE-1</Id>"),
        "{answer}"
    );
    assert_eq!(element(&answer, "OrgnlUETR"), UETR);

    // The money itself comes by a return.
    assert_eq!(ledger.balances("BETAFRPP")["EUR"], 125_000);
    let (code, returned) = send(&ledger, "BETAFRPP", "return.xml", RETURN);
    let one = &returned["transactions"][0];
    assert_eq!(
        (code, word(one, "status"), word(one, "kind")),
        (0, "settled", "return"),
        "{returned}"
    );
    let report = read(word(&returned, "pacs002"));
    assert_eq!(
        (element(&report, "OrgnlMsgNmId"), element(&report, "TxSts")),
        ("pacs.004.001.09".into(), "ACSC".into())
    );
    let back = only(&ledger.listen("ALFADEFF", &[])).clone();
    assert_eq!((word(&back, "event"), word(&back, "reason")), ("credit", "DUPL"));
    assert_eq!(
        word(&back, "original"),
        word(&paid["transactions"][0], "instruction_id")
    );
    assert_eq!(word(&back, "message_id"), "BETA-RTR-000001");
    assert_eq!(read(word(&back, "document")), RETURN);
    assert_eq!(ledger.verify(word(&back, "receipt"), &ledger.log_key()), 0);
    assert_eq!(ledger.balances("ALFADEFF")["EUR"], 0);

    // Nothing is left to return.
    let more = RETURN.replace("BETA-RTR-", "BETA-MORE-");
    let (code, refused) = send(&ledger, "BETAFRPP", "more.xml", &more);
    assert_eq!(
        (code, word(&refused["transactions"][0], "status")),
        (1, "return_exceeds")
    );
    assert_eq!(element(&read(word(&refused, "pacs002")), "Cd"), "AM12");
    // What was told once is told the same again, and its files are the same.
    let again = ledger.listen("ALFADEFF", &["--from", "1"]);
    assert!(again.iter().any(|line| line["event"] == "answer"), "{again:?}");
    assert!(
        ledger
            .listen("BETAFRPP", &["--from", "1"])
            .iter()
            .any(|line| line["event"] == "question")
    );
    let (code, unknown) = send(
        &ledger,
        "BETAFRPP",
        "late.xml",
        &ANSWER.replace("BETA-RSL-", "BETA-LATE-"),
    );
    assert_eq!(
        (code, word(&unknown["transactions"][0], "status")),
        (1, "original_unknown")
    );
}

#[test]
fn a_payment_that_waits_is_cancelled_at_once_and_one_that_is_kept_is_refused() {
    let Some(ledger) = two_banks() else { return };
    let dear = |text: &str| text.replace("1250.00", "2250.00");
    let (code, waits) = send(&ledger, "ALFADEFF", "pay.xml", &dear(PAYMENT));
    assert_eq!((code, word(&waits["transactions"][0], "status")), (1, "queued"));
    let (code, cancelled) = send(&ledger, "ALFADEFF", "ask.xml", &dear(REQUEST));
    assert_eq!(
        (code, word(&cancelled["transactions"][0], "iso_status")),
        (0, "CNCL"),
        "{cancelled}"
    );
    let told = read(cancelled["camt029"][0].as_str().expect("an answer"));
    assert_eq!(
        (element(&told, "Conf"), element(&told, "OrgnlUETR")),
        ("CNCL".into(), UETR.into())
    );
    let outcome = only(&ledger.listen("ALFADEFF", &[])).clone();
    assert_eq!(
        (word(&outcome, "event"), word(&outcome, "status")),
        ("outcome", "cancelled")
    );
    let (_, again) = send(&ledger, "ALFADEFF", "pay.xml", &dear(PAYMENT));
    assert_eq!(word(&again["transactions"][0], "iso_status"), "CANC");
    let (code, late) = send(
        &ledger,
        "ALFADEFF",
        "late.xml",
        &dear(REQUEST).replace("ALFA-CXL-", "LATE-CXL-"),
    );
    assert_eq!(
        (code, word(&late["transactions"][0], "status")),
        (1, "not_waiting")
    );
    assert_eq!(
        element(&read(late["camt029"][0].as_str().expect("an answer")), "Conf"),
        "RJCR"
    );

    // Another payment settles, and B keeps it.
    let other = |text: &str| {
        text.replace(UETR, "6f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33")
            .replace("000001", "000009")
    };
    assert_eq!(send(&ledger, "ALFADEFF", "other.xml", &other(PAYMENT)).0, 0);
    assert_eq!(send(&ledger, "ALFADEFF", "other-ask.xml", &other(REQUEST)).0, 1);
    let events = ledger.listen("BETAFRPP", &[]);
    assert_eq!(
        events.iter().map(|line| word(line, "event")).collect::<Vec<_>>(),
        ["credit", "question"]
    );
    let refuses = other(ANSWER).replace("<Conf>CNCL<", "<Conf>RJCR<");
    assert_eq!(send(&ledger, "BETAFRPP", "refuse.xml", &refuses).0, 0);
    let answer = only(&ledger.listen("ALFADEFF", &[])).clone();
    assert_eq!(
        (word(&answer, "status"), word(&answer, "answer")),
        ("cancellation_refused", "RJCR")
    );
    assert_eq!(element(&read(word(&answer, "message")), "Conf"), "RJCR");
}

#[test]
fn people_are_told_in_lines_what_was_asked_and_answered() {
    let Some(ledger) = two_banks() else { return };
    assert_eq!(send(&ledger, "ALFADEFF", "pay.xml", PAYMENT).0, 0);
    let output = ledger.send("ALFADEFF", &[], &[&ledger.file("ask.xml", REQUEST)]);
    let lines = text(&output.stderr);
    assert!(
        lines.contains("cancellation of 1250.00 EUR from ALFADEFF to BETAFRPP  cancellation_pending (PDCR)"),
        "{lines}"
    );
    assert!(text(&output.stdout).contains("<Conf>PDCR</Conf>"));
    let listened = ledger
        .adapter("listen", "BETAFRPP", &["--once"])
        .output()
        .expect("listen runs");
    let lines = text(&listened.stdout);
    assert!(
        lines.contains("question from ALFADEFF: 1250.00 EUR, cancellation_pending"),
        "{lines}"
    );
}
