//! What is refused, where, and by which rule.

use causeway_adapter::iso::{Finding, Rule, parse, parse_limited};

const FIVE: &str = include_str!("fixtures/pacs008_five_currencies.xml");
const PAIR: &str = include_str!("fixtures/two_messages.xml");
const EXAMPLE: &str = include_str!("../examples/pacs008.xml");

fn refused(text: &str) -> Vec<Finding> {
    match parse(text.as_bytes()) {
        Ok(messages) => panic!("read: {messages:?}"),
        Err(findings) => findings,
    }
}

/// Replaces `from` in a good message and expects one finding of `rule` at `element`.
#[track_caller]
fn check(good: &str, from: &str, to: &str, rule: Rule, element: &str) -> String {
    assert!(good.contains(from), "the fixture has no {from}");
    let findings = refused(&good.replacen(from, to, 1));
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(
        (findings[0].rule, findings[0].element.as_str()),
        (rule, element),
        "{}",
        findings[0]
    );
    findings[0].message.clone()
}

const TX2: &str = "FIToFICstmrCdtTrf/CdtTrfTxInf[2]";

#[test]
fn a_currency_without_minor_units_is_refused_at_its_attribute() {
    let place = format!("{TX2}/IntrBkSttlmAmt/@Ccy");
    let message = check(
        FIVE,
        "Ccy=\"JPY\">480000",
        "Ccy=\"XAU\">480000",
        Rule::Currency,
        &place,
    );
    assert!(
        message.starts_with("currency XAU has no minor units in ISO 4217"),
        "{message}"
    );
    let message = check(
        FIVE,
        "Ccy=\"JPY\">480000",
        "Ccy=\"DEM\">480000",
        Rule::Currency,
        &place,
    );
    assert!(message.contains("retired"), "{message}");
    check(
        FIVE,
        "Ccy=\"JPY\">480000",
        "Ccy=\"jpy\">480000",
        Rule::Currency,
        &place,
    );
    check(FIVE, " Ccy=\"JPY\">480000", ">480000", Rule::Required, &place);
}

#[test]
fn an_amount_finer_than_the_minor_unit_is_refused() {
    let place = format!("{TX2}/IntrBkSttlmAmt");
    let message = check(FIVE, ">480000<", ">480000.5<", Rule::Amount, &place);
    assert_eq!(
        message,
        "\"480000.5\" JPY: the amount has 1 digits after the point: JPY has 0 in ISO 4217"
    );
    for bad in ["-1", "1e3", "1,5", "", "1 000", "0x10"] {
        check(FIVE, ">480000<", &format!(">{bad}<"), Rule::Amount, &place);
    }
}

#[test]
fn every_transaction_that_is_wrong_is_reported_with_its_line() {
    let text = FIVE
        .replace("Ccy=\"JPY\">480000", "Ccy=\"XAG\">480000")
        .replace(">2.0001<", ">2.00001<");
    let findings = refused(&text);
    let places: Vec<_> = findings
        .iter()
        .map(|finding| (finding.element.as_str(), finding.line))
        .collect();
    let fourth = "FIToFICstmrCdtTrf/CdtTrfTxInf[4]/IntrBkSttlmAmt";
    let line = |needle: &str| {
        text.lines()
            .position(|line| line.contains(needle))
            .map(|at| at as u32 + 1)
    };
    assert_eq!(
        places,
        [
            (&*format!("{TX2}/IntrBkSttlmAmt/@Ccy"), line("XAG")),
            (fourth, line("2.00001"))
        ]
    );
}

#[test]
fn missing_and_repeated_elements_are_refused() {
    let tx = "FIToFICstmrCdtTrf/CdtTrfTxInf[1]";
    check(
        EXAMPLE,
        "<MsgId>ALFA-20260302-000001</MsgId>",
        "",
        Rule::Required,
        "FIToFICstmrCdtTrf/GrpHdr/MsgId",
    );
    let id = "<EndToEndId>INVOICE-2026-0117</EndToEndId>";
    check(EXAMPLE, id, "", Rule::Required, &format!("{tx}/PmtId/EndToEndId"));
    check(
        EXAMPLE,
        id,
        &id.repeat(2),
        Rule::Once,
        &format!("{tx}/PmtId/EndToEndId"),
    );
    let amount = "<IntrBkSttlmAmt Ccy=\"EUR\">1250.00</IntrBkSttlmAmt>";
    check(
        EXAMPLE,
        amount,
        "",
        Rule::Required,
        &format!("{tx}/IntrBkSttlmAmt"),
    );
    check(
        EXAMPLE,
        amount,
        &amount.repeat(2),
        Rule::Once,
        &format!("{tx}/IntrBkSttlmAmt"),
    );
    let foreign = amount.replace("IntrBkSttlmAmt Ccy", "IntrBkSttlmAmt xmlns=\"urn:other\" Ccy");
    check(
        EXAMPLE,
        amount,
        &foreign,
        Rule::Required,
        &format!("{tx}/IntrBkSttlmAmt"),
    );
    check(
        EXAMPLE,
        "<ChrgBr>SHAR</ChrgBr>",
        "",
        Rule::Required,
        &format!("{tx}/ChrgBr"),
    );
}

#[test]
fn texts_have_the_form_of_their_type() {
    let tx = "FIToFICstmrCdtTrf/CdtTrfTxInf[1]";
    let long = "x".repeat(36);
    check(
        EXAMPLE,
        "INVOICE-2026-0117",
        &long,
        Rule::Form,
        &format!("{tx}/PmtId/EndToEndId"),
    );
    check(
        EXAMPLE,
        "INVOICE-2026-0117",
        " ",
        Rule::Form,
        &format!("{tx}/PmtId/EndToEndId"),
    );
    check(
        EXAMPLE,
        "INVOICE-2026-0117",
        "a<b/>",
        Rule::Form,
        &format!("{tx}/PmtId/EndToEndId"),
    );
    check(
        EXAMPLE,
        "5f0c8a52-3b1e-4d7a",
        "5F0C8A52-3b1e-4d7a",
        Rule::Form,
        &format!("{tx}/PmtId/UETR"),
    );
    check(
        EXAMPLE,
        "2026-03-02T09:15:00Z",
        "2026-03-02",
        Rule::Form,
        "FIToFICstmrCdtTrf/GrpHdr/CreDtTm",
    );
    check(
        EXAMPLE,
        "CLRG",
        "CASH",
        Rule::Form,
        "FIToFICstmrCdtTrf/GrpHdr/SttlmInf/SttlmMtd",
    );
    check(
        FIVE,
        "2026-03-03",
        "2026-02-30",
        Rule::Form,
        "FIToFICstmrCdtTrf/GrpHdr/IntrBkSttlmDt",
    );
    check(FIVE, "0.92106", "0", Rule::Form, &format!("{tx}/XchgRate"));
    check(EXAMPLE, "<PmtId>", "stray <PmtId>", Rule::Form, tx);
}

#[test]
fn an_agent_must_be_identified_and_well_formed() {
    let tx = "FIToFICstmrCdtTrf/CdtTrfTxInf[1]";
    check(
        EXAMPLE,
        "<BICFI>ALFADEFF</BICFI>",
        "<BICFI>ALFADE</BICFI>",
        Rule::Agent,
        &format!("{tx}/InstgAgt/FinInstnId/BICFI"),
    );
    let debtor = FIVE.replace(
        "<DbtrAgt><FinInstnId><BICFI>ALFADEFF</BICFI>",
        "<DbtrAgt><FinInstnId>",
    );
    let findings = refused(&debtor);
    assert_eq!(findings.len(), 5);
    assert_eq!(
        (findings[0].rule, findings[0].element.as_str()),
        (Rule::Agent, &*format!("{tx}/DbtrAgt"))
    );
}

#[test]
fn control_totals_must_be_the_sum() {
    let sum = "FIToFICstmrCdtTrf/GrpHdr/CtrlSum";
    for wrong in ["482352.1252", "482352.12510000001", "-482352.1251", "x"] {
        check(FIVE, "482352.1251", wrong, Rule::ControlTotal, sum);
    }
    assert!(parse(FIVE.replace("482352.1251", "0482352.12510").as_bytes()).is_ok());
    let total = "message 2: FICdtTrf/GrpHdr/TtlIntrBkSttlmAmt";
    let message = check(
        PAIR,
        "KWD\">5.005</f:TtlIntr",
        "KWD\">5.004</f:TtlIntr",
        Rule::ControlTotal,
        total,
    );
    assert_eq!(
        message,
        "the total is 5.004, the settlement amounts add up to 5.005"
    );
    check(
        PAIR,
        "KWD\">5.005</f:TtlIntr",
        "BHD\">5.005</f:TtlIntr",
        Rule::ControlTotal,
        total,
    );
}

#[test]
fn references_that_identify_are_used_once_in_a_message() {
    check(
        FIVE,
        "<TxId>T-2</TxId>",
        "<TxId>T-1</TxId>",
        Rule::Duplicate,
        &format!("{TX2}/PmtId/TxId"),
    );
    check(
        FIVE,
        "<InstrId>I-2</InstrId>",
        "<InstrId>I-1</InstrId>",
        Rule::Duplicate,
        &format!("{TX2}/PmtId/InstrId"),
    );
    let uetr = "a1000000-0000-4000-8000-000000000001";
    check(
        FIVE,
        "a2000000-0000-4000-8000-000000000002",
        uetr,
        Rule::Duplicate,
        &format!("{TX2}/PmtId/UETR"),
    );
    let twice = EXAMPLE
        .split_once("<Document")
        .map(|(_, rest)| format!("<Document{rest}"))
        .unwrap_or_default();
    let findings = refused(&format!("<two>{twice}{twice}</two>"));
    assert_eq!(findings[0].rule, Rule::Duplicate);
}

#[test]
fn other_messages_and_older_versions_are_refused() {
    for other in [
        "pacs.008.001.07",
        "pacs.009.001.07",
        "pacs.003.001.08",
        "pacs.008.002.08",
        "camt.053.001.08",
    ] {
        let message = check(EXAMPLE, "pacs.008.001.08", other, Rule::MessageType, "Document");
        assert!(message.contains(other), "{message}");
    }
    check(
        EXAMPLE,
        "urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08",
        "urn:x",
        Rule::MessageType,
        "Document",
    );
    check(
        EXAMPLE,
        "pacs.008.001.08",
        "pacs.009.001.08",
        Rule::Required,
        "Document",
    );
    assert_eq!(refused("<nothing/>")[0].rule, Rule::MessageType);
}

#[test]
fn one_bad_message_refuses_its_whole_file() {
    let place = "message 1: FIToFICstmrCdtTrf/CdtTrfTxInf[2]/IntrBkSttlmAmt";
    check(PAIR, "Ccy=\"JPY\">7<", "Ccy=\"JPY\">7.1<", Rule::Amount, place);
}

#[test]
fn document_types_and_entities_are_refused_unexpanded() {
    for hostile in [
        include_str!("fixtures/hostile_entities.xml"),
        include_str!("fixtures/hostile_external.xml"),
    ] {
        let findings = refused(hostile);
        assert_eq!(
            (findings.len(), findings[0].rule, findings[0].line),
            (1, Rule::NoDtd, Some(2))
        );
    }
    check(EXAMPLE, "INVOICE", "&invoice;", Rule::NoDtd, "");
    check(EXAMPLE, "Ccy=\"EUR\"", "Ccy=\"&eur;\"", Rule::WellFormed, "");
}

#[test]
fn a_namespace_that_readers_may_spell_differently_is_refused() {
    let namespace = "xmlns=\"urn:iso:std";
    for other in [
        "urn:iso&#58;std",
        "urn:iso&amp;std",
        "urn:iso\tstd",
        "urn:iso\r\nstd",
        "urn\n:iso:std",
    ] {
        let other = format!("xmlns=\"{other}");
        let message = check(EXAMPLE, namespace, &other, Rule::Form, "Document/@xmlns");
        assert!(
            message.contains("no references, tabs and line breaks"),
            "{message}"
        );
    }
    let other = "<GrpHdr xmlns:bank=\"urn:a&#13;b\">";
    check(EXAMPLE, "<GrpHdr>", other, Rule::Form, "GrpHdr/@xmlns:bank");
}

#[test]
fn a_message_that_inherits_more_declarations_than_a_tag_holds_is_refused() {
    let long = "x".repeat(5_000);
    let outer = PAIR.replacen("<Batch ", &format!("<Batch xmlns:x=\"{long}\" "), 1);
    assert!(parse(outer.as_bytes()).is_ok());
    // Its own tag, and each of those around it, is short enough; cut out, it would carry what all of them declare.
    let both = outer.replace("<Item>", &format!("<Item xmlns:y=\"{long}\">"));
    let places: Vec<_> = refused(&both)
        .into_iter()
        .map(|found| (found.rule, found.element, found.line))
        .collect();
    let place = |message: &str, line| (Rule::Limit, format!("{message}: Document"), Some(line));
    assert_eq!(places, [place("message 1", 4), place("message 2", 12)]);
}

#[test]
fn what_is_not_well_formed_is_refused_with_its_line() {
    for (from, to) in [
        ("</GrpHdr>", "</GrpHd>"),
        ("</Document>", ""),
        ("</Document>", "</Document><x/>"),
        ("</Document>", "</Document>text"),
        ("<MsgId>", "<p:MsgId>"),
        ("Ccy=\"EUR\"", "Ccy=\"EUR\" Ccy=\"USD\""),
        ("Ccy=\"EUR\"", "Ccy=EUR"),
        ("Ccy=\"EUR\"", "Ccy=\"<\""),
        ("INVOICE", "&#0;"),
        ("INVOICE", "&#x1b;"),
        ("INVOICE", "\u{1}"),
        ("INVOICE", "]]>"),
        ("<!-- One", "<!-- -- One"),
        ("<?xml", " <?xml"),
        ("version=\"1.0\"", "version=\"1.1\""),
        ("<PmtId>", "<1PmtId>"),
    ] {
        assert!(EXAMPLE.contains(from), "{from}");
        let findings = refused(&EXAMPLE.replacen(from, to, 1));
        assert_eq!(
            (findings[0].rule, findings[0].line.is_some()),
            (Rule::WellFormed, true),
            "{to}: {findings:?}"
        );
    }
    assert_eq!(refused("")[0].rule, Rule::WellFormed);
}

#[test]
fn what_a_finding_repeats_of_the_file_is_short() {
    let long = "x".repeat(5_000);
    for text in [
        format!("<{long}>"),
        format!("<a></{long}>"),
        format!("<{long} xmlns=\"&amp;\"/>"),
        format!("<{long} xmlns=\"urn:pacs.008.001.08\"/>"),
        EXAMPLE.replace("INVOICE", &format!("<{long}/>")),
    ] {
        let findings = refused(&text);
        assert!(findings[0].to_string().len() < 1_500, "{}", findings[0]);
    }
}

#[test]
fn other_encodings_are_refused() {
    check(EXAMPLE, "UTF-8", "ISO-8859-1", Rule::Encoding, "");
    let latin = EXAMPLE
        .as_bytes()
        .iter()
        .map(|byte| if *byte == b'Z' { 0xE9 } else { *byte })
        .collect::<Vec<_>>();
    assert_eq!(parse(&latin).unwrap_err()[0].rule, Rule::Encoding);
    let wide: Vec<u8> = EXAMPLE.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(parse(&wide).is_err());
    let marked = format!("\u{FEFF}{EXAMPLE}");
    assert!(parse(marked.as_bytes()).is_ok());
}

#[test]
fn size_depth_and_work_are_limited() {
    let limit = |findings: Vec<Finding>| assert_eq!(findings[0].rule, Rule::Limit, "{findings:?}");
    limit(parse_limited(EXAMPLE.as_bytes(), EXAMPLE.len() - 1).unwrap_err());
    limit(refused(&"<a>".repeat(1_000_000)));
    // Every message keeps the declarations around it: many of both would take gigabytes.
    let declared: String = (0..250).map(|n| format!(" xmlns:p{n}=\"u\"")).collect();
    let messages = "<FICdtTrf xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.009.001.08\"/>".repeat(40_000);
    limit(refused(&format!("<a{declared}>{messages}</a>")));
    limit(refused(&format!("<a>{}</a>", "<b/>".repeat(300_000))));
    let attributes: String = (0..200_000).map(|at| format!(" a{at}=''")).collect();
    limit(refused(&format!("<a{attributes}/>")));
    let declarations: String = (0..300).map(|at| format!(" xmlns:a{at}='u'")).collect();
    limit(refused(&format!("<a{declarations}/>")));
    limit(parse(&vec![b' '; 5 * 1024 * 1024]).unwrap_err());
}
