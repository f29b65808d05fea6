//! Payments whose debtor ordered another currency than settles: converted by the sender, or to be converted by the ledger.
mod desk;

use causeway_adapter::iso::{AnyMessage, Message, Rule, parse, parse_any};
use causeway_message::record::{Kind, flags};
use causeway_message::{InstructionId, ParticipantId};
use desk::Desk;

const CONVERSIONS: &str = include_str!("fixtures/pacs008_conversions.xml");
const AGENTS: &str = "[agents]\nBETAFRPP = \"BETAFRPPXXX\"\n";
const MADE: &str = "<IntrBkSttlmAmt Ccy=\"USD\">1085.25</IntrBkSttlmAmt>";
const RATE: &str = "<XchgRate>1.085254</XchgRate>";
const ASKED: &str = "<InstdAmt Ccy=\"EUR\">101.00</InstdAmt>";

fn one(text: &str) -> Message {
    parse(text.as_bytes())
        .unwrap_or_else(|findings| panic!("{findings:?}"))
        .remove(0)
}

/// The fixture with one text replaced by another.
#[track_caller]
fn with(from: &str, to: &str) -> Message {
    assert!(CONVERSIONS.contains(from), "the fixture has no {from}");
    one(&CONVERSIONS.replacen(from, to, 1))
}

/// What is said against the message: the same by `check`, as a warning, and by `send`, as the reason it is refused.
#[track_caller]
fn refused(message: &Message, element: &str, code: &str) -> String {
    let [warning] = message.warnings.as_slice() else {
        panic!("{:?}", message.warnings)
    };
    assert_eq!(warning.rule, Rule::Conversion);
    assert_eq!(warning.element, format!("FIToFICstmrCdtTrf/{element}"));
    assert!(warning.line.is_some());
    let said = Desk::new(AGENTS).refused(message);
    assert_eq!(said, format!("{element}: {} ({code})", warning.message));
    warning.message.clone()
}

#[test]
fn a_payment_is_plain_where_the_sender_has_converted_and_else_an_fx_payment() {
    let message = one(CONVERSIONS);
    assert!(message.warnings.is_empty());
    let plan = Desk::new(AGENTS).plan(&message).expect("planned");
    let found: Vec<_> = plan
        .intents
        .iter()
        .map(|one| {
            let record = &one.record;
            (
                record.kind,
                (record.currency.get(), record.amount.get()),
                (record.counter_currency.get(), record.counter_amount.get()),
                record.flags.get(),
                record.quote.get(),
            )
        })
        .collect();
    let payment = Kind::Payment as u8;
    assert_eq!(
        found,
        [
            (payment, (840, 108_525), (0, 0), 0, 0),
            (
                Kind::FxPayment as u8,
                (978, 10_100),
                (840, 10_852),
                flags::FIXED_TARGET,
                0
            ),
            (payment, (840, 5_000), (0, 0), 0, 0),
        ]
    );
    assert!(plan.intents.iter().all(|one| one.charges.is_some()));
    assert_ne!(plan.intents[1].record.document_digest, [0; 32]);
}

#[test]
fn a_rate_stands_only_between_two_currencies() {
    let amount = "<InstdAmt Ccy=\"USD\">52.00</InstdAmt>";
    for to in [
        format!("{amount}<XchgRate>1</XchgRate>"),
        "<XchgRate>1</XchgRate>".to_owned(),
    ] {
        let text = refused(&with(amount, &to), "CdtTrfTxInf[3]/XchgRate", "CH17");
        assert_eq!(
            text,
            "a rate is allowed only where InstdAmt is in another currency than IntrBkSttlmAmt (USD)"
        );
    }
}

#[test]
fn what_settles_is_the_order_at_the_rate_however_it_was_rounded() {
    // 1,000.00 EUR at 1.085254 are 1,085.254 USD.
    for settles in ["1085.25", "1085.26"] {
        let message = with(MADE, &MADE.replace("1085.25", settles));
        assert!(message.warnings.is_empty(), "{settles}: {:?}", message.warnings);
    }
    for settles in ["1085.24", "1085.27"] {
        let message = with(MADE, &MADE.replace("1085.25", settles));
        let text = refused(&message, "CdtTrfTxInf[1]/XchgRate", "AM12");
        let expected = format!("InstdAmt 1000.00 EUR x 1.085254 must round to IntrBkSttlmAmt {settles} USD");
        assert_eq!(text, expected);
    }
    // Where nothing is left over, nothing is to be rounded.
    for (settles, fits) in [("1085.24", false), ("1085.25", true), ("1085.26", false)] {
        let message = one(&CONVERSIONS
            .replace(RATE, "<XchgRate>1.08525</XchgRate>")
            .replace(MADE, &MADE.replace("1085.25", settles)));
        assert_eq!(message.warnings.is_empty(), fits, "{settles}");
    }
    // To a currency without minor units, and from one.
    let yen = CONVERSIONS.replace(MADE, "<IntrBkSttlmAmt Ccy=\"JPY\">171470</IntrBkSttlmAmt>");
    for (rate, fits) in [
        ("171.47", true),
        ("171.4704", true),
        ("171.471", false),
        ("171.469", false),
    ] {
        let message = one(&yen.replace(RATE, &format!("<XchgRate>{rate}</XchgRate>")));
        assert_eq!(message.warnings.is_empty(), fits, "{rate}");
    }
}

#[test]
fn the_price_of_the_other_direction_is_refused_and_called_that() {
    let message = with(RATE, "<XchgRate>0.921447</XchgRate>");
    let text = refused(&message, "CdtTrfTxInf[1]/XchgRate", "AM12");
    assert!(
        text.ends_with("1085.25 USD (it is the price of the other direction)"),
        "{text}"
    );
}

#[test]
fn charges_that_are_named_may_be_what_is_missing() {
    let agent = "<Agt><FinInstnId><BICFI>ALFADEFF</BICFI></FinInstnId></Agt>";
    let charged = |settles: &str, charges: &str| {
        one(&CONVERSIONS
            .replace(MADE, &MADE.replace("1085.25", settles))
            .replacen(
                "<ChrgBr>SHAR</ChrgBr>",
                &format!("<ChrgBr>SHAR</ChrgBr>{charges}"),
                1,
            ))
    };
    let charge = |amount: &str| format!("<ChrgsInf><Amt {amount}</Amt>{agent}</ChrgsInf>");
    let two = charge("Ccy=\"USD\">5.00") + &charge("Ccy=\"EUR\">2.00");
    // 5.00 USD and 2.00 EUR, which are 2.17051 USD.
    for (settles, fits) in [
        ("1085.26", true),
        ("1078.08", true),
        ("1078.07", true),
        ("1078.06", false),
        ("1092.44", true),
    ] {
        let message = charged(settles, &two);
        assert_eq!(
            message.warnings.is_empty(),
            fits,
            "{settles}: {:?}",
            message.warnings
        );
    }
    let text = refused(&charged("1078.06", &two), "CdtTrfTxInf[1]/XchgRate", "AM12");
    assert!(
        text.ends_with("1078.06 USD, within the charges of ChrgsInf"),
        "{text}"
    );
    // What a charge in a third currency took cannot be told.
    assert!(
        !charged("1084.00", &charge("Ccy=\"GBP\">5.00"))
            .warnings
            .is_empty()
    );
}

#[test]
fn what_the_debtor_ordered_is_an_amount_of_its_currency() {
    for (amount, rule, place) in [
        ("Ccy=\"EUR\">101.001", Rule::Amount, "InstdAmt"),
        ("Ccy=\"JPY\">101.5", Rule::Amount, "InstdAmt"),
        ("Ccy=\"XAU\">101", Rule::Currency, "InstdAmt/@Ccy"),
    ] {
        let text = CONVERSIONS.replacen(ASKED, &format!("<InstdAmt {amount}</InstdAmt>"), 1);
        let findings = parse(text.as_bytes()).expect_err(amount);
        let element = format!("FIToFICstmrCdtTrf/CdtTrfTxInf[2]/{place}");
        assert_eq!((findings[0].rule, &findings[0].element), (rule, &element));
    }
    for rate in ["1.08525400001", "123456789012", "0", "-1"] {
        let text = CONVERSIONS.replacen(RATE, &format!("<XchgRate>{rate}</XchgRate>"), 1);
        let findings = parse(text.as_bytes()).expect_err(rate);
        assert_eq!(findings[0].element, "FIToFICstmrCdtTrf/CdtTrfTxInf[1]/XchgRate");
    }
}

#[test]
fn a_rate_that_was_agreed_is_not_converted_at_another_one() {
    let agreed = "<AgrdRate><PreAgrdXchgRate>1.08</PreAgrdXchgRate></AgrdRate>";
    let message = with(ASKED, &format!("{ASKED}{agreed}"));
    let text = refused(&message, "CdtTrfTxInf[2]/AgrdRate", "CH17");
    assert!(text.ends_with("no rate can be agreed"), "{text}");
    assert!(with(RATE, &format!("{RATE}{agreed}")).warnings.is_empty());
}

#[test]
fn one_wrong_rate_refuses_the_whole_message() {
    let message = with(RATE, "<XchgRate>2</XchgRate>");
    let refusals = Desk::new(AGENTS).plan(&message).expect_err("refused");
    let [refusal] = refusals.as_slice() else {
        panic!("{refusals:?}")
    };
    assert_eq!(refusal.transaction, Some(1));
}

#[test]
fn an_fx_payment_is_sent_once_and_under_its_references_nothing_else() {
    let mut desk = Desk::new(AGENTS);
    let plan = desk.plan(&one(CONVERSIONS)).expect("planned");
    let first = plan.intents.clone();
    desk.sent(plan);
    let again = desk.plan(&one(CONVERSIONS)).expect("planned");
    assert_eq!(again.intents, first);
    assert!(again.fresh.is_empty() && again.documents.is_empty());
    for (from, to) in [
        ("101.00", "102.00"),
        ("108.52", "108.53"),
        ("Ccy=\"EUR\">101.00", "Ccy=\"GBP\">101.00"),
    ] {
        let said = desk.refused(&with(from, to));
        assert!(
            said.starts_with("CdtTrfTxInf[2]/PmtId: was sent before"),
            "{to}: {said}"
        );
    }
    let said = desk.refused(&with(ASKED, ""));
    assert!(
        said.starts_with("CdtTrfTxInf[2]/PmtId: was sent before"),
        "{said}"
    );
}

#[test]
fn what_was_sent_before_it_could_be_converted_stays_what_it_was() {
    let mut desk = Desk::new(AGENTS);
    let mut plan = desk.plan(&with(ASKED, "")).expect("planned");
    plan.fresh.retain(|intent| intent.transaction == 2);
    let sent = plan.fresh.clone();
    desk.sent(plan);
    let again = desk.plan(&one(CONVERSIONS)).expect("planned");
    assert_eq!(again.intents[1], sent[0]);
}

const REQUEST: &str = include_str!("../examples/camt056.xml");

/// A request for the second payment, under the amount that it settles.
fn request(amount: &str) -> String {
    let uetr = "5f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33";
    REQUEST
        .replace(uetr, "b2000000-0000-4000-8000-000000000002")
        .replace("ALFA-20260302-000001", "ALFA-FX-000001")
        .replace("INVOICE-2026-0117", "FX-ASKED")
        .replace("Ccy=\"EUR\">1250.00", amount)
}

#[test]
fn an_fx_payment_is_asked_back_by_what_arrives_and_the_ledger_is_told_its_record() {
    let mut desk = Desk::new(AGENTS);
    let plan = desk.plan(&one(CONVERSIONS)).expect("planned");
    let id = plan.intents[1].record.id();
    desk.sent(plan);
    let read = |text: &str| match parse_any(text.as_bytes()).expect("read").remove(0) {
        AnyMessage::Investigation(message) => message,
        other => panic!("{other:?}"),
    };
    let text = request("Ccy=\"USD\">108.52");
    assert!(text.contains("USD"), "{text}");
    let plan = desk.plan_recall(&read(&text)).expect("planned");
    let record = &plan.intents[0].record;
    assert_eq!(record.kind, Kind::Cancel as u8);
    assert_eq!(InstructionId(record.related), id);
    assert_eq!(ParticipantId(record.creditor.get()), ParticipantId(2));
    assert_eq!((record.currency.get(), record.amount.get()), (978, 10_100));
    assert_eq!(
        (record.counter_currency.get(), record.counter_amount.get()),
        (0, 0)
    );
    assert_eq!(
        plan.intents[0].about,
        Some((840, 10_852)),
        "the answer names what arrives"
    );
    let refusals = desk
        .plan_recall(&read(&request("Ccy=\"EUR\">101.00")))
        .expect_err("refused");
    assert!(
        refusals[0].element.ends_with("OrgnlIntrBkSttlmAmt"),
        "{refusals:?}"
    );
}
