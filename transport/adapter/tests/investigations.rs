//! Requests to cancel, answers and returns: what they map to, what is refused and where, and that what is written reads
//! back.

use causeway_adapter::iso::{
    Agent, Answer, AnyMessage, Finding, Investigation, Message, Rule, parse, parse_any,
};
use causeway_adapter::recall::{self, About};
use causeway_adapter::references::References;

const REQUEST: &str = include_str!("../examples/camt056.xml");
const ANSWER: &str = include_str!("../examples/camt029.xml");
const RETURN: &str = include_str!("../examples/pacs004.xml");
const UETR: &str = "5f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33";

fn investigation(text: &str) -> Investigation {
    match parse_any(text.as_bytes()).as_deref() {
        Ok([AnyMessage::Investigation(one)]) => one.clone(),
        other => panic!("{other:?}"),
    }
}

fn returned(text: &str) -> Message {
    parse(text.as_bytes())
        .unwrap_or_else(|findings| panic!("{findings:?}"))
        .remove(0)
}

fn refused(text: &str) -> Vec<Finding> {
    match parse_any(text.as_bytes()) {
        Ok(messages) => panic!("read: {messages:?}"),
        Err(findings) => findings,
    }
}

#[test]
fn a_request_names_its_payment_its_case_and_its_reason() {
    let request = investigation(REQUEST);
    assert_eq!(
        (
            request.message_id.as_str(),
            request.message_type.to_string().as_str()
        ),
        ("ALFA-CXL-000001", "camt.056.001.08")
    );
    let agents = [&request.assigner, &request.assignee].map(|one| one.as_ref().map(Agent::to_string));
    assert_eq!(agents, [Some("ALFADEFF".to_owned()), Some("BETAFRPP".to_owned())]);
    let [case] = request.cases.as_slice() else {
        panic!("{request:?}")
    };
    assert_eq!(case.original.uetr_text().as_deref(), Some(UETR));
    assert_eq!(case.original.message_id.as_deref(), Some("ALFA-20260302-000001"));
    assert_eq!(
        case.original.amount.as_ref().map(|amount| amount.minor),
        Some(125_000)
    );
    assert_eq!(case.reference.as_deref(), Some("ALFA-CXL-1"));
    assert_eq!(case.case_id.as_deref(), Some("ALFA-CASE-1"));
    assert_eq!(case.answer, None);
    let code = case.reason.as_ref().and_then(|reason| reason.code.as_deref());
    assert_eq!(code, Some("DUPL"));
}

#[test]
fn a_case_of_the_message_holds_for_each_payment_in_it() {
    let start = REQUEST.find("        <Case>").unwrap();
    let end = REQUEST.find("        <OrgnlGrpInf>").unwrap();
    let case = &REQUEST[start..end];
    let moved = REQUEST
        .replace(case, "")
        .replace("    <Undrlyg>", &format!("{case}    <Undrlyg>"));
    assert_eq!(investigation(&moved).cases, investigation(REQUEST).cases);
}

#[test]
fn an_answer_is_accepted_rejected_or_pending() {
    for (code, answer) in [
        ("CNCL", Answer::Accepted),
        ("RJCR", Answer::Rejected),
        ("PDCR", Answer::Pending),
    ] {
        let text = ANSWER.replace("<Conf>CNCL<", &format!("<Conf>{code}<"));
        assert_eq!(investigation(&text).cases[0].answer, Some(answer));
        assert_eq!(answer.code(), code);
    }
}

#[test]
fn an_answer_may_name_the_case_alone() {
    let details = ANSWER.find("    <CxlDtls>").unwrap()..ANSWER.find("  </RsltnOfInvstgtn>").unwrap();
    let agent = "<Agt><FinInstnId><BICFI>ALFADEFF</BICFI></FinInstnId></Agt>";
    let case = format!("<RslvdCase><Id>C-1</Id><Cretr>{agent}</Cretr></RslvdCase>\n    <Sts>");
    let text = ANSWER.replace(&ANSWER[details], "").replace("<Sts>", &case);
    let answer = investigation(&text);
    assert_eq!(answer.cases.len(), 1);
    assert_eq!(answer.cases[0].case_id.as_deref(), Some("C-1"));
    assert!(!answer.cases[0].original.identifies());
}

#[test]
fn a_return_carries_amount_parties_original_reason_and_charges() {
    let message = returned(RETURN);
    let one = &message.transactions[0];
    assert_eq!((one.amount.minor, one.amount.currency.alpha()), (125_000, "EUR"));
    let hop = [one.settlement_debtor(), one.settlement_creditor()].map(Agent::to_string);
    assert_eq!(hop, ["BETAFRPP", "ALFADEFF"]);
    assert_eq!(one.instruction_ref.as_deref(), Some("BETA-RTR-1"));
    assert_eq!(
        (one.uetr_text().as_deref(), one.end_to_end_id.as_str()),
        (Some(UETR), "INVOICE-2026-0117")
    );
    assert_eq!(
        one.charge_bearer.map(|bearer| format!("{bearer:?}")).as_deref(),
        Some("Slev")
    );
    let returned = one.returned.as_ref().expect("a return");
    assert_eq!(
        returned.original.message_id.as_deref(),
        Some("ALFA-20260302-000001")
    );
    let code = returned.reason.as_ref().and_then(|reason| reason.code.as_deref());
    assert_eq!(code, Some("DUPL"));
}

#[test]
fn who_returns_to_whom_is_also_read_from_the_return_chain_and_the_original() {
    let agent =
        |name: &str, bic: &str| format!("<{name}><FinInstnId><BICFI>{bic}</BICFI></FinInstnId></{name}>");
    let start = RETURN.find("      <InstgAgt>").unwrap();
    let end = RETURN.find("      <RtrRsnInf>").unwrap();
    let without = RETURN.replace(&RETURN[start..end], "");
    let chain = format!(
        "<RtrChain><Dbtr><Pty/></Dbtr>{}{}<Cdtr><Pty/></Cdtr></RtrChain>",
        agent("DbtrAgt", "BETAFRPP"),
        agent("CdtrAgt", "ALFADEFF")
    );
    let banks = format!(
        "<RtrChain><Dbtr>{}</Dbtr><Cdtr>{}</Cdtr></RtrChain>",
        agent("Agt", "BETAFRPP"),
        agent("Agt", "ALFADEFF")
    );
    for chain in [chain, banks] {
        let text = without.replace("<RtrRsnInf>", &format!("{chain}<RtrRsnInf>"));
        let message = returned(&text);
        let hop = [
            message.transactions[0].settlement_debtor(),
            message.transactions[0].settlement_creditor(),
        ];
        assert_eq!(hop.map(Agent::to_string), ["BETAFRPP", "ALFADEFF"]);
    }
    let original = format!(
        "</RtrRsnInf><OrgnlTxRef>{}{}</OrgnlTxRef>",
        agent("DbtrAgt", "ALFADEFF"),
        agent("CdtrAgt", "BETAFRPP")
    );
    let message = returned(&without.replace("</RtrRsnInf>", &original));
    assert_eq!(
        message.transactions[0].settlement_debtor().to_string(),
        "BETAFRPP"
    );
}

/// Message, what is replaced in it by what, and the rule that is then named.
type Bad = (&'static str, &'static str, &'static str, Rule);

const UETR_ELEMENT: &str = "<OrgnlUETR>5f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33</OrgnlUETR>";

#[test]
fn each_broken_rule_is_named_with_its_element() {
    let request = "FIToFIPmtCxlReq";
    let case = "FIToFIPmtCxlReq/Undrlyg[1]/TxInf[1]";
    let answer = "RsltnOfInvstgtn";
    let answered = "RsltnOfInvstgtn/CxlDtls[1]/TxInfAndSts[1]";
    let pay = "PmtRtr/TxInf[1]";
    let at = |parent: &str, element: &str| format!("{parent}/{element}");
    let table: &[(Bad, String)] = &[
        (
            (REQUEST, "<Id>ALFA-CXL-000001</Id>", "", Rule::Required),
            at(request, "Assgnmt/Id"),
        ),
        (
            (REQUEST, "2026-03-02T10:00:00Z", "today", Rule::Form),
            at(request, "Assgnmt/CreDtTm"),
        ),
        (
            (REQUEST, "<BICFI>ALFADEFF", "<BICFI>alfa", Rule::Agent),
            at(request, "Assgnmt/Assgnr/Agt/FinInstnId/BICFI"),
        ),
        (
            (REQUEST, "DUPL", "dupl", Rule::Form),
            at(case, "CxlRsnInf[1]/Rsn/Cd"),
        ),
        (
            (REQUEST, "DUPL", "DUPLI", Rule::Form),
            at(case, "CxlRsnInf[1]/Rsn/Cd"),
        ),
        (
            (REQUEST, "Ccy=\"EUR\"", "Ccy=\"XAU\"", Rule::Currency),
            at(case, "OrgnlIntrBkSttlmAmt/@Ccy"),
        ),
        (
            (REQUEST, "1250.00", "1250.001", Rule::Amount),
            at(case, "OrgnlIntrBkSttlmAmt"),
        ),
        (
            (REQUEST, "5f0c8a52-3b1e", "5F0c8a52-3b1e", Rule::Form),
            at(case, "OrgnlUETR"),
        ),
        (
            (REQUEST, "<Id>ALFA-CASE-1</Id>", "", Rule::Required),
            at(case, "Case/Id"),
        ),
        (
            (
                REQUEST,
                "<OrgnlMsgId>ALFA-20260302-000001</OrgnlMsgId>",
                "",
                Rule::Required,
            ),
            at(case, "OrgnlGrpInf/OrgnlMsgId"),
        ),
        (
            (ANSWER, "<Conf>CNCL</Conf>", "<Conf>MODI</Conf>", Rule::Form),
            at(answer, "Sts/Conf"),
        ),
        (
            (
                ANSWER,
                "<Conf>CNCL</Conf>",
                "<AssgnmtCxlConf>true</AssgnmtCxlConf>",
                Rule::Required,
            ),
            at(answer, "Sts/Conf"),
        ),
        (
            (
                ANSWER,
                "<OrgnlIntrBk",
                "<TxCxlSts>RJCR</TxCxlSts><OrgnlIntrBk",
                Rule::Form,
            ),
            at(answered, "TxCxlSts"),
        ),
        (
            (RETURN, "<NbOfTxs>1</NbOfTxs>", "", Rule::Required),
            at("PmtRtr", "GrpHdr/NbOfTxs"),
        ),
        (
            (
                RETURN,
                "<RtrdIntrBkSttlmAmt Ccy=\"EUR\">1250.00</RtrdIntrBkSttlmAmt>",
                "",
                Rule::Required,
            ),
            at(pay, "RtrdIntrBkSttlmAmt"),
        ),
        (
            (
                RETURN,
                "<TtlRtrdIntrBkSttlmAmt Ccy=\"EUR\">1250.00",
                "<TtlRtrdIntrBkSttlmAmt Ccy=\"EUR\">1250.01",
                Rule::ControlTotal,
            ),
            at("PmtRtr", "GrpHdr/TtlRtrdIntrBkSttlmAmt"),
        ),
        ((RETURN, "SLEV", "NONE", Rule::Form), at(pay, "ChrgBr")),
        ((RETURN, UETR_ELEMENT, "", Rule::Required), at(pay, "OrgnlUETR")),
        (
            (RETURN, "pacs.004.001.09", "pacs.004.001.08", Rule::MessageType),
            "Document".to_owned(),
        ),
        (
            (ANSWER, "camt.029.001.09", "camt.029.001.08", Rule::MessageType),
            "Document".to_owned(),
        ),
    ];
    for ((good, from, to, rule), element) in table {
        assert!(good.contains(from), "no {from}");
        let mut text = good.replacen(from, to, 1);
        if *from == UETR_ELEMENT {
            // Message id and end-to-end id identify as well.
            text = text.replace("<OrgnlEndToEndId>INVOICE-2026-0117</OrgnlEndToEndId>", "");
        }
        let findings = refused(&text);
        let found: Vec<_> = findings
            .iter()
            .map(|one| (one.rule, one.element.as_str()))
            .collect();
        assert_eq!(
            found,
            [(*rule, element.as_str())],
            "{from} -> {to}: {}",
            findings[0]
        );
    }
}

#[test]
fn a_whole_group_is_neither_cancelled_nor_answered_at_once() {
    let group = "<OrgnlGrpInfAndCxl><OrgnlMsgId>M</OrgnlMsgId><OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId>\
                 <GrpCxl>true</GrpCxl></OrgnlGrpInfAndCxl>";
    for text in [REQUEST.replace("<Undrlyg>", &format!("<Undrlyg>{group}")), {
        let payment = REQUEST.find("      <TxInf>").unwrap()..REQUEST.find("    </Undrlyg>").unwrap();
        REQUEST.replace(&REQUEST[payment], "")
    }] {
        let findings = refused(&text);
        assert_eq!(findings[0].rule, Rule::Required, "{}", findings[0]);
        assert_eq!(findings[0].element, "FIToFIPmtCxlReq/Undrlyg[1]/TxInf");
    }
}

#[test]
fn a_message_returns_a_payment_once() {
    let payment = RETURN.find("    <TxInf>").unwrap()..RETURN.find("  </PmtRtr>").unwrap();
    let twice = RETURN[payment.clone()].repeat(2);
    let text = RETURN
        .replace(&RETURN[payment], &twice)
        .replace("<NbOfTxs>1<", "<NbOfTxs>2<")
        .replace(
            "<TtlRtrdIntrBkSttlmAmt Ccy=\"EUR\">1250",
            "<TtlRtrdIntrBkSttlmAmt Ccy=\"EUR\">2500",
        );
    let places: Vec<_> = refused(&text)
        .into_iter()
        .map(|one| (one.rule, one.element))
        .collect();
    let at = |name: &str| (Rule::Duplicate, format!("PmtRtr/TxInf[2]/{name}"));
    assert_eq!(places, [at("OrgnlUETR"), at("RtrId")]);
}

#[test]
fn where_money_is_expected_a_request_is_refused() {
    let findings = parse(REQUEST.as_bytes()).expect_err("refused");
    assert_eq!(
        (findings[0].rule, findings[0].element.as_str()),
        (Rule::MessageType, "FIToFIPmtCxlReq")
    );
}

fn references() -> References {
    let text = |text: &str| Some(text.to_owned());
    References {
        message_id: text("M & 1"),
        message_type: text("pacs.008.001.08"),
        created: text("2026-03-02T09:15:00Z"),
        instruction_ref: text("I<1>"),
        end_to_end_id: text("E\r1"),
        transaction_id: text("T1"),
        uetr: text(UETR),
    }
}

#[test]
fn what_is_written_reads_back() {
    let (alfa, member) = (Agent::named("ALFADEFF"), Agent::named("USABA:021040078"));
    let references = references();
    let about = About {
        message_id: "MSG-1",
        created: "2026-03-02T12:00:00Z",
        assigner: &alfa,
        assignee: &member,
        reference: Some("R-1"),
        case: Some(("CASE-1", &alfa)),
        original: &references,
        amount: ("1250.00", "EUR"),
        reason: Some(("DUPL", "sent <twice> & more")),
    };
    let answers = [Answer::Accepted, Answer::Rejected, Answer::Pending];
    let written = answers.map(|answer| (recall::answer(&about, answer).unwrap(), Some(answer)));
    let request = (recall::request(&about).unwrap(), None);
    for (text, answer) in written.into_iter().chain([request]) {
        let read = investigation(&text);
        assert_eq!(read.message_id, "MSG-1");
        assert_eq!(
            (read.assigner.as_ref(), read.assignee.as_ref()),
            (Some(&alfa), Some(&member))
        );
        let case = &read.cases[0];
        assert_eq!((case.answer, case.reference.as_deref()), (answer, Some("R-1")));
        assert_eq!(
            (case.case_id.as_deref(), case.case_creator.as_ref()),
            (Some("CASE-1"), Some(&alfa))
        );
        assert!(references.are_meant_by(&case.original), "{text}");
        assert_eq!(case.original.end_to_end_id.as_deref(), Some("E\r1"));
        assert_eq!(
            case.original.amount.as_ref().map(|amount| amount.minor),
            Some(125_000)
        );
        let code = case.reason.as_ref().and_then(|reason| reason.code.as_deref());
        assert_eq!(code, Some("DUPL"));
    }
}

#[test]
fn texts_that_do_not_fit_are_refused_naming_the_element() {
    let agent = Agent::named("ALFADEFF");
    let references = references();
    let about = About {
        message_id: "MSG-1",
        created: "2026-03-02T12:00:00Z",
        assigner: &agent,
        assignee: &agent,
        reference: None,
        case: None,
        original: &references,
        amount: ("", ""),
        reason: None,
    };
    let long = "x".repeat(36);
    let broken = References {
        end_to_end_id: Some(long.clone()),
        ..references.clone()
    };
    for (about, element) in [
        (
            About {
                message_id: "",
                ..about.clone()
            },
            "Assgnmt/Id",
        ),
        (
            About {
                created: "now",
                ..about.clone()
            },
            "Assgnmt/CreDtTm",
        ),
        (
            About {
                reference: Some(&long),
                ..about.clone()
            },
            "CxlId",
        ),
        (
            About {
                case: Some((&long, &agent)),
                ..about.clone()
            },
            "Case/Id",
        ),
        (
            About {
                reason: Some(("DUPLI", "")),
                ..about.clone()
            },
            "Rsn/Cd",
        ),
        (
            About {
                original: &broken,
                ..about.clone()
            },
            "OrgnlEndToEndId",
        ),
    ] {
        let error = recall::request(&about).expect_err(element);
        assert_eq!((error.message, error.element), ("camt.056", element));
        let error = recall::answer(&about, Answer::Pending).expect_err(element);
        assert_eq!((error.message, error.element), ("camt.029", element));
    }
}
