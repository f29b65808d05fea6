//! Requests to cancel, answers and returns as instructions: the payment is found, the parties and the amount are those
//! of it, and what does not fit is refused by field and rule.
mod desk;

use causeway_adapter::iso::{AnyMessage, Investigation, Message, parse, parse_any};
use causeway_adapter::references::References;
use causeway_adapter::send::Refusal;
use causeway_adapter::store::Question;
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{InstructionId, ParticipantId, Uetr};
use desk::Desk;

const PAYMENT: &str = include_str!("../examples/pacs008.xml");
const REQUEST: &str = include_str!("../examples/camt056.xml");
const ANSWER: &str = include_str!("../examples/camt029.xml");
const RETURN: &str = include_str!("../examples/pacs004.xml");
const UETR: &str = "5f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33";
const ID: InstructionId = InstructionId([0xA1; 16]);

fn transfer(text: &str) -> Message {
    parse(text.as_bytes())
        .unwrap_or_else(|found| panic!("{found:?}"))
        .remove(0)
}

fn investigation(text: &str) -> Investigation {
    match parse_any(text.as_bytes()).as_deref() {
        Ok([AnyMessage::Investigation(one)]) => one.clone(),
        other => panic!("{other:?}"),
    }
}

fn uetr() -> Uetr {
    Uetr(transfer(PAYMENT).transactions[0].uetr.expect("it has one"))
}

/// Alfa Bank, which sent the payment; its record.
fn payer() -> (Desk, Instruction) {
    let mut desk = Desk::new("");
    let plan = desk.plan(&transfer(PAYMENT)).expect("planned");
    let record = plan.intents[0].record;
    desk.sent(plan);
    (desk, record)
}

/// The payment as it stands in the log.
fn paid() -> Instruction {
    Instruction::payment(ID, uetr(), ParticipantId(1), ParticipantId(2), 978, 125_000)
}

/// Beta Banque, which received it, and stored it as `listen` does.
fn payee() -> Desk {
    let desk = Desk::of(2, "");
    credit(&desk, 3, &ID, "");
    desk
}

fn credit(desk: &Desk, number: u64, id: &InstructionId, more: &str) {
    credit_from(desk, 1, number, id, more);
}

fn credit_from(desk: &Desk, debtor: u32, number: u64, id: &InstructionId, more: &str) {
    let text = format!(
        "{{\"event\": \"credit\", \"debtor_id\": {debtor}, \"currency\": \"EUR\", \"amount\": 125000, \"uetr\": \"{UETR}\", \
         \"instruction_id\": \"{id}\", \"message_id\": \"ALFA-20260302-000001\"{more}}}"
    );
    std::fs::write(desk.store.credit(number), text).expect("written");
}

/// A question about it.
fn ask(desk: &Desk, id: u8, status: &str) -> InstructionId {
    let record = Instruction {
        kind: Kind::Cancel as u8,
        related: ID.0,
        instruction_id: [id; 16],
        ..paid()
    };
    let question = Question {
        number: 9,
        time: "2026-03-02T10:00:00Z".to_owned(),
        status: status.to_owned(),
        record,
        references: References {
            uetr: Some(UETR.to_owned()),
            ..References::default()
        },
    };
    desk.store.keep_question(&question).expect("kept");
    record.id()
}

fn told(refusals: Vec<Refusal>) -> String {
    let all: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    all.join("\n")
}

#[test]
fn a_request_cancels_the_payment_that_was_sent() {
    let (desk, record) = payer();
    let plan = desk.plan_recall(&investigation(REQUEST)).expect("planned");
    let [intent] = plan.intents.as_slice() else {
        panic!("{plan:?}")
    };
    let cancel = intent.record;
    assert_eq!(cancel.kind, Kind::Cancel as u8);
    assert_eq!(cancel.related, record.instruction_id);
    assert_ne!(cancel.instruction_id, record.instruction_id);
    let expected = Instruction {
        kind: cancel.kind,
        related: cancel.related,
        instruction_id: cancel.instruction_id,
        document_digest: [0; 32],
        ..record
    };
    assert_eq!(
        cancel, expected,
        "parties, currency, amount and UETR are the payment's"
    );
    assert_eq!(intent.reason.as_deref(), Some("DUPL"));
    assert_eq!(
        intent.case,
        Some(("ALFA-CASE-1".to_owned(), "ALFADEFF".to_owned()))
    );
}

#[test]
fn a_request_finds_the_payment_by_any_reference_that_identifies_it() {
    let (desk, record) = payer();
    let cut = |text: &str, name: &str| {
        let start = text.find(&format!("<{name}>")).unwrap();
        let end = text.find(&format!("</{name}>")).unwrap() + name.len() + 3;
        text.replace(&text[start..end], "")
    };
    let without_uetr = cut(REQUEST, "OrgnlUETR");
    let by_message = cut(&without_uetr, "OrgnlInstrId");
    let by_instruction = cut(&without_uetr, "OrgnlGrpInf");
    for text in [without_uetr, by_message, by_instruction] {
        let plan = desk.plan_recall(&investigation(&text)).expect("planned");
        assert_eq!(plan.intents[0].record.related, record.instruction_id);
    }
}

#[test]
fn the_same_request_is_the_same_instruction_and_another_one_is_not() {
    let (mut desk, _) = payer();
    let request = investigation(REQUEST);
    let first = desk.plan_recall(&request).expect("planned");
    let id = first.intents[0].record.id();
    desk.sent(first);
    let again = desk.plan_recall(&request).expect("planned");
    assert!(again.fresh.is_empty());
    assert_eq!(again.intents[0].record.id(), id);
    let other = investigation(&REQUEST.replace("ALFA-CXL-000001", "ALFA-CXL-000002"));
    assert_ne!(
        desk.plan_recall(&other).expect("planned").intents[0].record.id(),
        id
    );
    let changed = investigation(&REQUEST.replace("<Cd>DUPL<", "<Cd>FRAD<"));
    let told = told(desk.plan_recall(&changed).expect_err("refused"));
    assert!(
        told.contains("CxlId: was sent before under the same references"),
        "{told}"
    );
}

#[test]
fn a_request_that_does_not_fit_its_payment_is_refused_by_field() {
    let (desk, _) = payer();
    for (from, to, expected) in [
        (
            UETR,
            "6f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33",
            "Undrlyg[1]/TxInf[1]/OrgnlUETR: names no payment that this bank sent (NOOR)",
        ),
        (
            "ALFA-20260302-000001",
            "OTHER",
            "Undrlyg[1]/TxInf[1]/OrgnlUETR: names no payment that this bank sent (NOOR)",
        ),
        (
            "1250.00",
            "1250.01",
            "Undrlyg[1]/TxInf[1]/OrgnlIntrBkSttlmAmt: is not what the payment amounted to (NARR)",
        ),
        (
            "Ccy=\"EUR\"",
            "Ccy=\"USD\"",
            "Undrlyg[1]/TxInf[1]/OrgnlIntrBkSttlmAmt: is not what the payment amounted to (NARR)",
        ),
        (
            "<BICFI>BETAFRPP",
            "<BICFI>GAMMJPJT",
            "Assgnmt/Assgne: is not the other bank of the payment (BETAFRPPXXX) (NARR)",
        ),
        (
            "<BICFI>ALFADEFF",
            "<BICFI>GAMMJPJT",
            "Assgnmt/Assgnr: is not this bank (ALFADEFF) (NARR)",
        ),
    ] {
        assert!(REQUEST.contains(from), "{from}");
        let refusals = desk.plan_recall(&investigation(&REQUEST.replacen(from, to, 1)));
        assert_eq!(told(refusals.expect_err(from)), expected, "{from} -> {to}");
    }
}

#[test]
fn a_payment_that_two_others_could_be_is_not_chosen() {
    let (mut desk, _) = payer();
    let again = PAYMENT.replace("ALFA-20260302-000001", "ALFA-20260302-000002");
    let plan = desk.plan(&transfer(&again)).expect("planned");
    desk.sent(plan);
    let start = REQUEST.find("        <OrgnlGrpInf>").unwrap();
    let end = REQUEST.find("        <OrgnlInstrId>").unwrap();
    let unclear = REQUEST.replace(&REQUEST[start..end], "");
    let told = told(desk.plan_recall(&investigation(&unclear)).expect_err("refused"));
    assert!(told.contains("names more than one payment"), "{told}");
    assert!(
        desk.plan_recall(&investigation(REQUEST)).is_ok(),
        "its message tells them apart"
    );
}

#[test]
fn a_request_names_a_payment_once() {
    let (desk, _) = payer();
    let payment = REQUEST.find("      <TxInf>").unwrap()..REQUEST.find("    </Undrlyg>").unwrap();
    let twice = REQUEST.replace(&REQUEST[payment.clone()], &REQUEST[payment].repeat(2));
    let told = told(desk.plan_recall(&investigation(&twice)).expect_err("refused"));
    assert_eq!(
        told,
        "Undrlyg[1]/TxInf[2]/OrgnlUETR: is named twice in this message (NARR)"
    );
}

#[test]
fn an_answer_resolves_the_question_that_was_asked() {
    let desk = payee();
    let asked = ask(&desk, 0xC1, "cancellation_pending");
    for (code, declines) in [("CNCL", 0), ("RJCR", flags::DECLINE)] {
        let text = ANSWER.replace("<Conf>CNCL<", &format!("<Conf>{code}<"));
        let plan = desk.plan_recall(&investigation(&text)).expect("planned");
        let record = plan.intents[0].record;
        assert_eq!((record.kind, record.related), (Kind::Resolve as u8, asked.0));
        assert_eq!((record.debtor.get(), record.creditor.get()), (1, 2));
        assert_eq!((record.amount.get(), record.currency.get()), (125_000, 978));
        assert_eq!(record.flags.get(), declines, "{code}");
    }
    let pending = ANSWER.replace("<Conf>CNCL<", "<Conf>PDCR<");
    let refusals = desk
        .plan_recall(&investigation(&pending))
        .expect_err("nothing to send");
    assert_eq!(
        (refusals[0].code, refusals[0].element.as_str()),
        (None, "Sts/Conf")
    );
}

#[test]
fn of_two_questions_the_case_tells_which_is_answered() {
    let desk = payee();
    let (first, second) = (
        ask(&desk, 0xC1, "cancellation_pending"),
        ask(&desk, 0xC2, "cancellation_pending"),
    );
    let unclear = told(desk.plan_recall(&investigation(ANSWER)).expect_err("refused"));
    assert!(unclear.contains("names more than one question"), "{unclear}");
    for id in [first, second] {
        let agent = "<Agt><FinInstnId><BICFI>ALFADEFF</BICFI></FinInstnId></Agt>";
        let case = format!("<RslvdCase><Id>{id}</Id><Cretr>{agent}</Cretr></RslvdCase><OrgnlGrpInf>");
        let text = ANSWER.replace("<OrgnlGrpInf>", &case);
        let plan = desk.plan_recall(&investigation(&text)).expect("planned");
        assert_eq!(plan.intents[0].record.related, id.0);
        let other = text.replace(UETR, "6f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33");
        let told = told(desk.plan_recall(&investigation(&other)).expect_err("refused"));
        assert!(
            told.contains("RslvdCase/Id: the case is about another payment"),
            "{told}"
        );
    }
}

#[test]
fn of_the_questions_about_a_payment_the_open_one_is_answered() {
    let desk = payee();
    ask(&desk, 0xC1, "expired");
    let open = ask(&desk, 0xC2, "cancellation_pending");
    ask(&desk, 0xC3, "cancellation_refused");
    let plan = desk.plan_recall(&investigation(ANSWER)).expect("planned");
    assert_eq!(plan.intents[0].record.related, open.0);
}

#[test]
fn a_payment_of_another_bank_under_the_same_references_stands_in_no_way() {
    let mut desk = payee();
    credit_from(&desk, 3, 4, &InstructionId([0xB4; 16]), "");
    let plan = desk.plan(&transfer(RETURN)).expect("planned");
    assert_eq!(plan.intents[0].record.related, ID.0);
    assert_eq!(plan.intents[0].record.creditor.get(), 1);
    let sent = plan.intents.clone();
    desk.sent(plan);
    // Nor does one of the same bank that came later, where the return was sent before.
    credit(&desk, 5, &InstructionId([0xB5; 16]), "");
    let again = desk.plan(&transfer(RETURN)).expect("planned");
    assert_eq!((again.intents, again.fresh.len()), (sent, 0));
}

#[test]
fn a_payment_that_came_in_parts_is_returned_as_one() {
    let desk = Desk::of(2, "");
    for (number, amount) in [(3, 100_000), (4, 25_000)] {
        let text = format!(
            "{{\"event\": \"credit\", \"debtor_id\": 1, \"currency\": \"EUR\", \"amount\": {amount}, \
             \"payment_amount\": 125000, \"uetr\": \"{UETR}\", \"instruction_id\": \"{ID}\", \"message_id\": null}}"
        );
        std::fs::write(desk.store.credit(number), text).expect("written");
    }
    let plan = desk.plan(&transfer(RETURN)).expect("planned");
    assert_eq!(plan.intents[0].record.related, ID.0);
    assert_eq!(plan.intents[0].record.amount.get(), 125_000);
}

#[test]
fn a_return_pays_the_payment_that_was_received_back_to_who_paid() {
    let desk = payee();
    let plan = desk.plan(&transfer(RETURN)).expect("planned");
    let record = plan.intents[0].record;
    assert_eq!((record.kind, record.related), (Kind::Return as u8, ID.0));
    assert_eq!((record.debtor.get(), record.creditor.get()), (2, 1));
    assert_eq!((record.amount.get(), record.currency.get()), (125_000, 978));
    assert_eq!((record.uetr, record.flags.get()), (uetr().0, flags::DUPLICATE));
    assert_eq!(plan.intents[0].reason.as_deref(), Some("DUPL"));
    assert!(plan.intents[0].charges.is_some());
    assert_eq!(plan.documents[0].1.text[..], *RETURN.as_bytes());
    let part = RETURN.replace("Ccy=\"EUR\">1250.00</RtrdIntr", "Ccy=\"EUR\">0.01</RtrdIntr");
    let part = part.replace(
        "<TtlRtrdIntrBkSttlmAmt Ccy=\"EUR\">1250.00",
        "<TtlRtrdIntrBkSttlmAmt Ccy=\"EUR\">0.01",
    );
    let plan = desk.plan(&transfer(&part)).expect("planned");
    assert_eq!(plan.intents[0].record.amount.get(), 1);
}

#[test]
fn a_return_that_does_not_fit_its_payment_is_refused_by_field_and_rule() {
    let total = "<TtlRtrdIntrBkSttlmAmt Ccy=\"EUR\">1250.00</TtlRtrdIntrBkSttlmAmt>";
    let plain = RETURN.replace(total, "");
    let desk = payee();
    for (from, to, expected) in [
        (
            UETR,
            "6f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33",
            "TxInf[1]/OrgnlUETR: names no payment that this bank received (`listen` stores them) (NOOR)",
        ),
        (
            "<BICFI>BETAFRPP",
            "<BICFI>GAMMJPJT",
            "TxInf[1]/InstgAgt: GAMMJPJT pays on this hop, and that is not this bank (BETAFRPPXXX) (RC03)",
        ),
        (
            "<BICFI>ALFADEFF",
            "<BICFI>GAMMJPJT",
            "TxInf[1]/InstdAgt: a return goes back to who paid, and that is ALFADEFF (NARR)",
        ),
        (
            "<BICFI>ALFADEFF",
            "<BICFI>ZETAFRPP",
            "TxInf[1]/InstdAgt: ZETAFRPP is no participant: neither a name in the directory nor in [agents] as \"ZETAFRPP\" (RC04)",
        ),
        (
            "<RtrdIntrBkSttlmAmt Ccy=\"EUR\"",
            "<RtrdIntrBkSttlmAmt Ccy=\"USD\"",
            "TxInf[1]/RtrdIntrBkSttlmAmt/@Ccy: a return is in the currency of its payment (NARR)",
        ),
        (
            "<RtrdIntrBkSttlmAmt Ccy=\"EUR\">1250.00",
            "<RtrdIntrBkSttlmAmt Ccy=\"EUR\">1250.01",
            "TxInf[1]/RtrdIntrBkSttlmAmt: a return is never more than its payment (AM12)",
        ),
        (
            "<OrgnlIntrBkSttlmAmt Ccy=\"EUR\">1250.00",
            "<OrgnlIntrBkSttlmAmt Ccy=\"EUR\">1250.01",
            "TxInf[1]/OrgnlIntrBkSttlmAmt: is not what the payment amounted to (NARR)",
        ),
    ] {
        assert!(plain.contains(from), "{from}");
        let told = desk.refused(&transfer(&plain.replacen(from, to, 1)));
        assert_eq!(told, expected, "{from} -> {to}");
    }
}

#[test]
fn what_was_itself_a_return_is_not_returned_and_a_second_copy_of_a_credit_is_the_same() {
    let desk = payee();
    credit(&desk, 8, &ID, "");
    credit(
        &desk,
        9,
        &InstructionId([0xB2; 16]),
        &format!(", \"original\": \"{ID}\""),
    );
    let plan = desk.plan(&transfer(RETURN)).expect("planned");
    assert_eq!(plan.intents[0].record.related, ID.0);
    credit(&desk, 10, &InstructionId([0xB3; 16]), "");
    let told = desk.refused(&transfer(RETURN));
    assert!(
        told.contains("names more than one payment that this bank received"),
        "{told}"
    );
}

#[test]
fn the_same_return_is_the_same_instruction_and_a_changed_one_is_not_sent() {
    let mut desk = payee();
    let plan = desk.plan(&transfer(RETURN)).expect("planned");
    let id = plan.intents[0].record.id();
    desk.sent(plan);
    let again = desk.plan(&transfer(RETURN)).expect("planned");
    assert_eq!((again.intents[0].record.id(), again.fresh.len()), (id, 0));
    let told = desk.refused(&transfer(&RETURN.replace("<Cd>DUPL<", "<Cd>AC04<")));
    assert!(
        told.starts_with("TxInf[1]/RtrId: was sent before under the same references"),
        "{told}"
    );
}
