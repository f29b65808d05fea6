//! A trade instruction becomes one side of a trade, is refused by element and rule, and is never sent twice.
mod desk;

use causeway_adapter::iso::{AnyMessage, Finding, Rule, Trade, parse, parse_any};
use causeway_adapter::secret_id::{BankSecret, derive_trade};
use causeway_adapter::send::plan::Unplanned;
use causeway_adapter::send::trade::plan;
use causeway_adapter::trade::reference;
use causeway_message::ids::hex;
use causeway_message::record::Kind;
use desk::Desk;

const EXAMPLE: &str = include_str!("../examples/fxtr014.xml");
const LATER: &str = include_str!("fixtures/fxtr014_v06.xml");
const AGENTS: &str = "[agents]\nBETAFRPP = \"BETAFRPPXXX\"\n";
const BUYS: &str = "<TradgSdBuyAmt Ccy=\"USD\">1085250.00</TradgSdBuyAmt>";
const SELLS: &str = "<TradgSdSellAmt Ccy=\"EUR\">1000000.00</TradgSdSellAmt>";

fn trade(text: &str) -> Trade {
    match parse_any(text.as_bytes()) {
        Ok(found) => match found.as_slice() {
            [AnyMessage::Trade(one)] => (**one).clone(),
            other => panic!("{other:?}"),
        },
        Err(findings) => panic!("{findings:?}"),
    }
}

#[track_caller]
fn refused(from: &str, to: &str) -> Finding {
    assert!(EXAMPLE.contains(from), "the example has no {from}");
    let findings = parse_any(EXAMPLE.replacen(from, to, 1).as_bytes()).expect_err(to);
    let [finding] = findings.as_slice() else {
        panic!("{findings:?}")
    };
    assert!(finding.line.is_some(), "{finding}");
    finding.clone()
}

#[track_caller]
fn check(from: &str, to: &str, rule: Rule, element: &str) -> String {
    let finding = refused(from, to);
    let place = format!("FXTradInstr/{element}");
    assert_eq!(
        (finding.rule, finding.element.as_str()),
        (rule, place.as_str()),
        "{finding}"
    );
    finding.message
}

fn unplanned(desk: &Desk, trade: &Trade) -> String {
    match plan(&desk.rules(), &desk.intents, "a.xml", trade) {
        Ok(plan) => panic!("{:?}", plan.intents),
        Err(Unplanned::Failed(failure)) => panic!("{failure}"),
        Err(Unplanned::Refused(refusals)) => {
            let [refusal] = refusals.as_slice() else {
                panic!("{refusals:?}")
            };
            assert_eq!(refusal.code, None, "no report is due");
            refusal.to_string()
        }
    }
}

#[test]
fn a_trade_instruction_is_one_side_of_a_trade() {
    let desk = Desk::new(AGENTS);
    for version in ["03", "04"] {
        let text = EXAMPLE.replace("fxtr.014.001.04", &format!("fxtr.014.001.{version}"));
        let planned = plan(&desk.rules(), &desk.intents, "a.xml", &trade(&text)).expect("planned");
        assert!(planned.documents.is_empty());
        let record = &planned.fresh[0].record;
        assert_eq!(record.kind, Kind::Pvp as u8);
        assert_eq!((record.debtor.get(), record.creditor.get()), (1, 2));
        assert_eq!((record.currency.get(), record.amount.get()), (978, 100_000_000));
        assert_eq!(
            (record.counter_currency.get(), record.counter_amount.get()),
            (840, 108_525_000)
        );
        assert_eq!(record.value_date.get(), 9_559, "2026-03-04");
        assert_eq!(record.related, *b"DEAL-20260302-7\0");
        assert_eq!((record.flags.get(), record.document_digest), (0, [0; 32]));
    }
}

#[test]
fn the_later_version_says_the_same_with_its_own_elements() {
    let (here, there) = (trade(EXAMPLE), trade(LATER));
    assert_eq!(there.message_type.to_string(), "fxtr.014.001.06");
    let same = Trade {
        message_type: here.message_type,
        ..there
    };
    assert_eq!(same, here);
    let token = LATER.replace(
        "<Amt Ccy=\"EUR\">1000000.00</Amt>",
        "<DgtlTknAmt><Unit>5</Unit></DgtlTknAmt>",
    );
    let findings = parse_any(token.as_bytes()).expect_err("a token");
    assert_eq!(
        findings[0].element,
        "FXTradInstr/TradAmts/TradgSdSellAmt/DgtlTknAmt"
    );
    for name in ["PstTradEvt", "NDFConds"] {
        let text = LATER.replace("</FXTradInstr>", &format!("<{name}/></FXTradInstr>"));
        let findings = parse_any(text.as_bytes()).expect_err(name);
        assert_eq!(findings[0].element, format!("FXTradInstr/{name}"));
    }
}

#[test]
fn both_parties_write_the_same_reference_whatever_its_length() {
    let desk = Desk::new(AGENTS);
    let related = |common: &str| {
        let text = EXAMPLE.replace("<CmonRef>DEAL-20260302-7</CmonRef>", common);
        plan(&desk.rules(), &desk.intents, "a.xml", &trade(&text))
            .expect("planned")
            .intents[0]
            .record
            .related
    };
    assert_eq!(related(""), [0; 16], "any fits");
    assert_eq!(
        related("<CmonRef>ALFABETA20260302DEAL7</CmonRef>"),
        reference("ALFABETA20260302DEAL7")
    );
    assert_ne!(
        reference("ALFABETA20260302DEAL7"),
        reference("ALFABETA20260302DEAL8")
    );
}

#[test]
fn the_rate_leads_from_one_amount_to_the_other() {
    let wrong = |from: &str, to: &str| check(from, to, Rule::Conversion, "AgrdRate/XchgRate");
    let text = wrong(">1.08525<", ">1.08526<");
    assert_eq!(
        text,
        "1.08526 as the price of one EUR does not lead from 1000000.00 EUR to 1085250.00 USD, within one minor unit of rounding"
    );
    wrong("1085250.00", "1085250.02");
    wrong(
        "<UnitCcy>EUR</UnitCcy>\n      <QtdCcy>USD</QtdCcy>",
        "<UnitCcy>USD</UnitCcy>",
    );
    wrong(
        "<UnitCcy>EUR</UnitCcy>\n      <QtdCcy>USD</QtdCcy>",
        "<QtdCcy>EUR</QtdCcy>",
    );
    // Rounded, the amount that follows from the rate may be either neighbour of the exact one, and no other.
    for (buys, fits) in [
        ("1085.24", false),
        ("1085.25", true),
        ("1085.26", true),
        ("1085.27", false),
    ] {
        let text = EXAMPLE
            .replace(BUYS, &BUYS.replace("1085250.00", buys))
            .replace(SELLS, &SELLS.replace("1000000.00", "1000.00"))
            .replace(">1.08525<", ">1.085254<");
        assert_eq!(parse_any(text.as_bytes()).is_ok(), fits, "{buys}");
    }
    // The other amount may have been the fixed one: 1,000,000 VND at 165 for one yen are 6,060.6 yen.
    for (yen, fits) in [("6060", true), ("6061", true), ("6059", false), ("6062", false)] {
        let text = EXAMPLE
            .replace(
                BUYS,
                "<TradgSdBuyAmt Ccy=\"JPY\">SOLD</TradgSdBuyAmt>"
                    .replace("SOLD", yen)
                    .as_str(),
            )
            .replace(SELLS, "<TradgSdSellAmt Ccy=\"VND\">1000000</TradgSdSellAmt>")
            .replace(">1.08525<", ">165<")
            .replace(
                "<UnitCcy>EUR</UnitCcy>\n      <QtdCcy>USD</QtdCcy>",
                "<UnitCcy>JPY</UnitCcy>",
            );
        assert_eq!(parse_any(text.as_bytes()).is_ok(), fits, "{yen}");
    }
    // Without a currency that is priced, either may be.
    let open = EXAMPLE.replace("<UnitCcy>EUR</UnitCcy>\n      <QtdCcy>USD</QtdCcy>", "");
    for (rate, fits) in [("1.08525", true), ("0.9214466713", true), ("0.9214", false)] {
        let text = open.replace(">1.08525<", &format!(">{rate}<"));
        assert_eq!(parse_any(text.as_bytes()).is_ok(), fits, "{rate}");
    }
}

#[test]
fn what_is_no_trade_of_the_ledger_is_refused_by_element_and_rule() {
    check("<OprTp>NEWT", "<OprTp>AMND", Rule::Form, "TradInf/OprTp");
    check(">true<", ">false<", Rule::Form, "TradInf/PmtVrssPmtInd");
    check(
        "<OrgtrRef>ALFA-TRADE-7</OrgtrRef>",
        "",
        Rule::Required,
        "TradInf/OrgtrRef",
    );
    check(
        ">DEAL-20260302-7<",
        &format!(">{}<", "x".repeat(36)),
        Rule::Form,
        "TradInf/CmonRef",
    );
    check(
        "<TradDt>2026-03-02",
        "<TradDt>2026-02-30",
        Rule::Form,
        "TradInf/TradDt",
    );
    check(
        "<SttlmDt>2026-03-04</SttlmDt>",
        "",
        Rule::Required,
        "TradAmts/SttlmDt",
    );
    check(
        "1000000.00",
        "1000000.001",
        Rule::Amount,
        "TradAmts/TradgSdSellAmt",
    );
    check("1000000.00", "0", Rule::Amount, "TradAmts/TradgSdSellAmt");
    check(
        "Ccy=\"EUR\"",
        "Ccy=\"XAU\"",
        Rule::Currency,
        "TradAmts/TradgSdSellAmt/@Ccy",
    );
    check(
        "Ccy=\"EUR\"",
        "Ccy=\"USD\"",
        Rule::Currency,
        "TradAmts/TradgSdBuyAmt",
    );
    check("<UnitCcy>EUR", "<UnitCcy>GBP", Rule::Currency, "AgrdRate/UnitCcy");
    check("<QtdCcy>USD", "<QtdCcy>EUR", Rule::Currency, "AgrdRate/QtdCcy");
    check(">1.08525<", ">1.085250000001<", Rule::Form, "AgrdRate/XchgRate");
    check(
        "<AnyBIC>ALFADEFF<",
        "<AnyBIC>ALFADE<",
        Rule::Agent,
        "TradgSdId/SubmitgPty/AnyBIC/AnyBIC",
    );
    check(
        "<AnyBIC>\n          <AnyBIC>BETAFRPP</AnyBIC>\n        </AnyBIC>",
        "<PtyId/>",
        Rule::Agent,
        "CtrPtySdId/SubmitgPty",
    );
    let findings = parse(EXAMPLE.as_bytes()).expect_err("no payment");
    assert_eq!(findings[0].rule, Rule::MessageType);
    let older = EXAMPLE.replace("fxtr.014.001.04", "fxtr.014.001.02");
    assert_eq!(
        parse_any(older.as_bytes()).expect_err("older")[0].rule,
        Rule::MessageType
    );
}

#[test]
fn parties_are_named_as_the_schema_allows() {
    let bic = "<AnyBIC>\n          <AnyBIC>BETAFRPP</AnyBIC>\n        </AnyBIC>";
    for (party, shown) in [
        (
            "<PtyId><PtyNm>x</PtyNm><AnyBIC><AnyBIC>BETAFRPP</AnyBIC></AnyBIC></PtyId>",
            "BETAFRPP",
        ),
        (
            "<PtyId><PtyNm>x</PtyNm><LglNttyIdr>529900T8BM49AURSDO55</LglNttyIdr></PtyId>",
            "LEI:529900T8BM49AURSDO55",
        ),
        ("<PtyId><PtyNm>Beta</PtyNm></PtyId>", "NAME:Beta"),
        ("<NmAndAdr><Nm>Beta</Nm></NmAndAdr>", "NAME:Beta"),
    ] {
        assert!(EXAMPLE.contains(bic));
        let found = trade(&EXAMPLE.replace(bic, party));
        assert_eq!(found.counterparty_side.to_string(), shown);
    }
}

#[test]
fn a_trade_of_others_or_with_nobody_is_not_sent() {
    let desk = Desk::new(AGENTS);
    let said = unplanned(&desk, &trade(&EXAMPLE.replace("ALFADEFF", "GAMMJPJT")));
    assert!(
        said.starts_with("TradgSdId/SubmitgPty: GAMMJPJT is not this bank (ALFADEFF)"),
        "{said}"
    );
    let said = unplanned(&desk, &trade(&EXAMPLE.replace("BETAFRPP", "ZETAFRPP")));
    assert!(
        said.starts_with("CtrPtySdId/SubmitgPty: ZETAFRPP is no participant"),
        "{said}"
    );
    let said = unplanned(&desk, &trade(&EXAMPLE.replace("BETAFRPP", "ALFADEFF")));
    assert!(
        said.starts_with("CtrPtySdId/SubmitgPty: ALFADEFF is this bank itself"),
        "{said}"
    );
}

#[test]
fn the_same_trade_is_the_same_record_and_another_under_its_reference_is_refused() {
    let mut desk = Desk::new(AGENTS);
    let first = plan(&desk.rules(), &desk.intents, "a.xml", &trade(EXAMPLE)).expect("planned");
    let sent = first.intents.clone();
    desk.sent(first);
    for text in [EXAMPLE, LATER] {
        let again = plan(&desk.rules(), &desk.intents, "b.xml", &trade(text)).expect("planned");
        assert_eq!(again.intents, sent);
        assert!(again.fresh.is_empty());
    }
    let dearer = EXAMPLE
        .replace("1085250.00", "1085251.00")
        .replace(">1.08525<", ">1.085251<");
    let changes = [
        ("2026-03-04", "2026-03-05"),
        ("DEAL-20260302-7", "DEAL-20260302-8"),
        ("BETAFRPP", "GAMMJPJT"),
    ];
    let changed = changes.map(|(from, to)| EXAMPLE.replace(from, to));
    for text in changed.iter().chain([&dearer]) {
        let said = unplanned(&desk, &trade(text));
        assert!(said.starts_with("TradInf/OrgtrRef: was sent before"), "{said}");
    }
    let other = trade(&EXAMPLE.replace("ALFA-TRADE-7", "ALFA-TRADE-8"));
    assert_eq!(
        plan(&desk.rules(), &desk.intents, "a.xml", &other)
            .expect("planned")
            .fresh
            .len(),
        1
    );
}

/// The expected values were computed apart from this program, with another HMAC.
#[test]
fn the_derivation_never_changes() {
    let ids = derive_trade(&BankSecret::new(&[7; 32]).expect("long enough"), &trade(EXAMPLE));
    assert_eq!(hex(&ids.instruction_id), "8e7a4aa7357b2e533b5f3b893cb50354");
    assert_eq!(hex(&ids.uetr), "bedc162ce63445978c5359260a9bbf5c");
}
