//! The pacs.002 that answers a message.

use causeway_adapter::iso::{Message, parse};
use causeway_adapter::pacs002::{Outcome, Reason, ReportError, Status, write};

const EXAMPLE: &str = include_str!("../examples/pacs008.xml");
const FIVE: &str = include_str!("fixtures/pacs008_five_currencies.xml");

fn message(text: &str) -> Message {
    parse(text.as_bytes())
        .unwrap_or_else(|findings| panic!("{findings:?}"))
        .remove(0)
}

fn outcome(message: &Message, at: usize, status: Status) -> Outcome<'_> {
    Outcome {
        transaction: &message.transactions[at],
        uetr: None,
        status,
        reason: None,
        accepted: None,
        settled_on: None,
        clearing_ref: None,
    }
}

const SETTLED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10">
  <FIToFIPmtStsRpt>
    <GrpHdr>
      <MsgId>REPORT-1</MsgId>
      <CreDtTm>2026-03-02T09:15:01Z</CreDtTm>
    </GrpHdr>
    <OrgnlGrpInfAndSts>
      <OrgnlMsgId>ALFA-20260302-000001</OrgnlMsgId>
      <OrgnlMsgNmId>pacs.008.001.08</OrgnlMsgNmId>
      <OrgnlCreDtTm>2026-03-02T09:15:00Z</OrgnlCreDtTm>
      <OrgnlNbOfTxs>1</OrgnlNbOfTxs>
      <GrpSts>ACSC</GrpSts>
    </OrgnlGrpInfAndSts>
    <TxInfAndSts>
      <OrgnlInstrId>ALFA-INSTR-1</OrgnlInstrId>
      <OrgnlEndToEndId>INVOICE-2026-0117</OrgnlEndToEndId>
      <OrgnlUETR>5f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33</OrgnlUETR>
      <TxSts>ACSC</TxSts>
      <AccptncDtTm>2026-03-02T09:15:00.5Z</AccptncDtTm>
      <FctvIntrBkSttlmDt>
        <Dt>2026-03-03</Dt>
      </FctvIntrBkSttlmDt>
      <ClrSysRef>4711</ClrSysRef>
    </TxInfAndSts>
  </FIToFIPmtStsRpt>
</Document>"#;

#[test]
fn a_settled_payment_is_reported_with_its_references() {
    let message = message(EXAMPLE);
    let settled = Outcome {
        accepted: Some("2026-03-02T09:15:00.5Z".to_owned()),
        settled_on: self::message(FIVE).transactions[0].settlement_date,
        clearing_ref: Some("4711".to_owned()),
        ..outcome(&message, 0, Status::Settled)
    };
    assert_eq!(
        write("REPORT-1", "2026-03-02T09:15:01Z", &message, &[settled]).as_deref(),
        Ok(SETTLED)
    );
}

#[test]
fn each_transaction_has_its_own_status_and_reason() {
    let message = message(FIVE);
    let reason = Reason {
        code: "AM04".to_owned(),
        text: "short of <5.00> EUR & more\u{7}".to_owned(),
    };
    let outcomes = [
        outcome(&message, 0, Status::Settled),
        outcome(&message, 1, Status::Pending),
        Outcome {
            reason: Some(reason),
            ..outcome(&message, 2, Status::Rejected)
        },
    ];
    let report = write("R", "2026-03-02T09:15:01Z", &message, &outcomes).unwrap();
    assert!(report.contains("<GrpSts>PART</GrpSts>"), "{report}");
    for expected in [
        "<OrgnlEndToEndId>E2E &amp; 1</OrgnlEndToEndId>",
        "<TxSts>ACSC</TxSts>",
        "<TxSts>PDNG</TxSts>",
        "<TxSts>RJCT</TxSts>",
        "<Cd>AM04</Cd>",
        "<AddtlInf>short of &lt;5.00&gt; EUR &amp; more </AddtlInf>",
    ] {
        assert!(report.contains(expected), "{expected} in {report}");
    }
}

#[test]
fn a_long_reason_is_cut_into_pieces_that_fit() {
    let message = message(EXAMPLE);
    let reason = Reason {
        code: "NARR".to_owned(),
        text: "é".repeat(250),
    };
    let outcomes = [Outcome {
        reason: Some(reason),
        ..outcome(&message, 0, Status::Rejected)
    }];
    let report = write("R", "2026-03-02T09:15:01Z", &message, &outcomes).unwrap();
    let pieces: Vec<_> = report
        .split("<AddtlInf>")
        .skip(1)
        .map(|rest| rest.split('<').next())
        .collect();
    let lengths: Vec<_> = pieces
        .iter()
        .flatten()
        .map(|piece| piece.chars().count())
        .collect();
    assert_eq!(lengths, [105, 105, 40]);
}

#[test]
fn a_payment_without_uetr_is_reported_under_the_derived_one() {
    let message = message(&EXAMPLE.replace("<UETR>5f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33</UETR>", ""));
    let uetr = "97ed4827-7b6f-4491-a06f-b548d5a7512d".to_owned();
    let outcomes = [Outcome {
        uetr: Some(uetr.clone()),
        ..outcome(&message, 0, Status::Settled)
    }];
    let report = write("R", "2026-03-02T09:15:01Z", &message, &outcomes).unwrap();
    assert!(
        report.contains(&format!("<OrgnlUETR>{uetr}</OrgnlUETR>")),
        "{report}"
    );
}

#[test]
fn texts_that_do_not_fit_are_refused_naming_the_element() {
    let message = message(EXAMPLE);
    let error = |id: &str, created: &str, outcome| match write(id, created, &message, &[outcome]) {
        Ok(report) => panic!("{report}"),
        Err(ReportError { element, .. }) => element,
    };
    let settled = || outcome(&message, 0, Status::Settled);
    assert_eq!(error("", "2026-03-02T09:15:01Z", settled()), "GrpHdr/MsgId");
    assert_eq!(error("R", "now", settled()), "GrpHdr/CreDtTm");
    let reason = Some(Reason {
        code: "TOOLONG".to_owned(),
        text: String::new(),
    });
    assert_eq!(
        error("R", "2026-03-02T09:15:01Z", Outcome { reason, ..settled() }),
        "TxInfAndSts/StsRsnInf/Rsn/Cd"
    );
    let clearing_ref = Some("9".repeat(36));
    assert_eq!(
        error(
            "R",
            "2026-03-02T09:15:01Z",
            Outcome {
                clearing_ref,
                ..settled()
            }
        ),
        "TxInfAndSts/ClrSysRef"
    );
}

#[test]
fn a_reference_is_reported_as_it_was_read() {
    let id = "A&amp;B&#13;&#10;&lt;C";
    let message = message(&EXAMPLE.replace("ALFA-20260302-000001", id));
    assert_eq!(message.message_id, "A&B\r\n<C");
    let outcomes = [outcome(&message, 0, Status::Settled)];
    let report = write("REPORT-1", "2026-03-02T09:15:01Z", &message, &outcomes).expect("a report");
    let report = roxmltree::Document::parse(&report).expect("it is XML");
    let read = report.descendants().find(|node| node.has_tag_name("OrgnlMsgId"));
    assert_eq!(read.and_then(|node| node.text()), Some("A&B\r\n<C"));
}
