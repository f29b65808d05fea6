//! From messages to instructions: who pays whom, when, with which document, and what is refused.
mod desk;

use causeway_adapter::iso::{Message, parse};
use causeway_adapter::route::Routes;
use causeway_adapter::send::dates::BusinessDates;
use causeway_adapter::send::plan::{Plan, Rules, plan};
use causeway_message::action::{Hours, Phase};
use causeway_message::charges::{Bearer, Charges};
use causeway_message::document::Document;
use causeway_message::ids::hex;
use causeway_message::record::flags;
use causeway_message::wire::{DayLine, Days, day_flags};
use causeway_transport::profile::PastValueDate;
use desk::{Desk, TODAY, directory, profile};
use std::collections::BTreeSet;

const EXAMPLE: &str = include_str!("../examples/pacs008.xml");
const FIVE: &str = include_str!("fixtures/pacs008_five_currencies.xml");
const WRAPPED: &str = include_str!("fixtures/pacs009_prefixed_wrapped.xml");
const PAIR: &str = include_str!("fixtures/two_messages.xml");

fn messages(text: &str) -> Vec<Message> {
    parse(text.as_bytes()).unwrap_or_else(|findings| panic!("{findings:?}"))
}

fn one(text: &str) -> Message {
    messages(text).remove(0)
}

/// The five payments, each to its own creditor.
fn five() -> String {
    let hop =
        |name: &str, bic: &str| format!("<{name}><FinInstnId><BICFI>{bic}</BICFI></FinInstnId></{name}>");
    FIVE.replace(&hop("InstdAgt", "HUBBCHZZ"), "")
        .replace("2026-03-03", "2026-03-02")
}

fn dated(date: &str) -> Message {
    let amount = "<IntrBkSttlmAmt Ccy=\"EUR\">1250.00</IntrBkSttlmAmt>";
    one(&EXAMPLE.replace(amount, &format!("{amount}<IntrBkSttlmDt>{date}</IntrBkSttlmDt>")))
}

#[test]
fn every_amount_is_the_exact_number_of_minor_units_of_its_currency() {
    let plan = Desk::new("").plan(&one(&five())).unwrap();
    let found: Vec<_> = plan
        .intents
        .iter()
        .map(|one| {
            (
                one.record.currency.get(),
                one.record.amount.get(),
                one.record.creditor.get(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (978, 125_000, 2),
            (392, 480_000, 3),
            (414, 1_000_125, 4),
            (990, 20_001, 5),
            (978, 10_000, 2)
        ]
    );
    assert!(plan.intents.iter().all(|one| one.record.debtor.get() == 1));
    assert!(
        plan.intents
            .iter()
            .all(|one| one.record.flags.get() & flags::INTERBANK == 0)
    );
}

#[test]
fn a_payment_between_banks_says_so() {
    let desk = Desk::new("[agents]\nHUBBCHZZ = \"GAMMJPJT\"\n");
    let text = WRAPPED
        .replace("2026-03-03", "2026-03-02")
        .replacen("GAMMJPJT", "ALFADEFF", 1);
    let plan = desk.plan(&one(&text)).unwrap();
    assert!(
        plan.intents
            .iter()
            .all(|one| one.record.flags.get() == flags::INTERBANK)
    );
    let creditors: Vec<_> = plan.intents.iter().map(|one| one.record.creditor.get()).collect();
    assert_eq!(creditors, [3, 3, 4]);
}

#[test]
fn a_message_whose_payer_is_another_bank_is_refused_with_the_element() {
    let text = EXAMPLE.replacen("ALFADEFF</BICFI>", "GAMMJPJT</BICFI>", 1);
    let said = Desk::new("").refused(&one(&text));
    let expected =
        "CdtTrfTxInf[1]/InstgAgt: GAMMJPJT pays on this hop, and that is not this bank (ALFADEFF) (RC03)";
    assert_eq!(said, expected);
}

#[test]
fn an_unknown_creditor_is_refused_unless_the_bank_says_who_it_is() {
    let message = one(&EXAMPLE.replace("BETAFRPP", "ZETAFRPPABC"));
    let said = Desk::new("").refused(&message);
    assert!(
        said.starts_with("CdtTrfTxInf[1]/InstdAgt: ZETAFRPPABC is no participant"),
        "{said}"
    );
    assert!(said.ends_with("(RC04)"), "{said}");
    for table in [
        "[agents]\nZETAFRPPABC = 3\n",
        "[agents]\nZETAFRPPABC = \"GAMMJPJT\"\n",
    ] {
        let plan = Desk::new(table).plan(&message).unwrap();
        assert_eq!(plan.intents[0].record.creditor.get(), 3);
    }
    let unknown = Routes::new(&profile("[agents]\nZETAFRPPABC = \"NOBODY\"\n"), &directory()).unwrap_err();
    assert_eq!(unknown.code(), 2);
}

#[test]
fn one_wrong_transaction_refuses_the_whole_message() {
    let refusals = Desk::new("")
        .plan(&one(&five().replace("DELTKWKW", "ZETAKWKW")))
        .unwrap_err();
    assert_eq!(
        refusals.iter().map(|one| one.transaction).collect::<Vec<_>>(),
        [Some(3)]
    );
}

#[test]
fn dates_are_today_or_past_unless_the_node_has_the_day() {
    let mut desk = Desk::new("");
    let value_date = |desk: &Desk, date| {
        desk.plan(&dated(date)).unwrap().intents[0]
            .record
            .value_date
            .get()
    };
    assert_eq!(value_date(&desk, "2026-03-02"), TODAY);
    assert_eq!(value_date(&desk, "2026-03-01"), 0);
    let said = desk.refused(&dated("2026-03-03"));
    assert!(
        said.starts_with("CdtTrfTxInf[1]/IntrBkSttlmDt: 2026-03-03 lies ahead"),
        "{said}"
    );
    // The euro's business day is the one after; the day behind that is a holiday.
    let line = |date, flags| DayLine {
        currency: 978,
        phase: Phase::Closed,
        flags,
        step: None,
        hours: Hours::none(date),
    };
    desk.dates.note(&Days {
        index: 1,
        time: 1,
        lines: vec![line(TODAY + 1, 0), line(TODAY + 3, day_flags::AHEAD)],
    });
    assert_eq!(value_date(&desk, "2026-03-03"), TODAY + 1);
    assert_eq!(value_date(&desk, "2026-03-05"), TODAY + 3);
    assert_eq!(value_date(&desk, "2026-03-02"), 0);
    let said = desk.refused(&dated("2026-03-04"));
    assert!(
        said.contains("2026-03-04 lies ahead, and the node has no business day of EUR")
            && said.ends_with("(DT01)"),
        "{said}"
    );
    desk.dates = BusinessDates::default();
    desk.past = PastValueDate::Refuse;
    assert_eq!(value_date(&desk, "2026-03-02"), TODAY);
    let said = desk.refused(&dated("2026-03-01"));
    assert!(
        said.contains("2026-03-01 has passed") && said.ends_with("(DT01)"),
        "{said}"
    );
}

#[test]
fn what_only_announces_is_not_sent() {
    let said = Desk::new("").refused(&messages(PAIR)[0]);
    let expected = "GrpHdr/SttlmInf/SttlmMtd: the message announces a settlement that another message orders: it is not sent";
    assert_eq!(said, expected);
    assert!(Desk::new("").plan(&messages(PAIR)[1]).is_ok());
}

#[test]
fn a_wrong_count_of_transactions_is_refused() {
    let said = Desk::new("").refused(&one(&EXAMPLE.replace("<NbOfTxs>1<", "<NbOfTxs>2<")));
    assert!(
        said.ends_with("2 transactions are declared, 1 are in the message (AM18)"),
        "{said}"
    );
}

fn parts(plan: &Plan) -> Vec<(u32, String)> {
    let text = |document: &Document| String::from_utf8(document.text.to_vec()).unwrap();
    plan.documents
        .iter()
        .map(|(digest, document)| {
            assert_eq!(*digest, document.digest());
            let mut of = plan
                .intents
                .iter()
                .filter(|one| one.record.document_digest == *digest);
            (of.next().unwrap().record.creditor.get(), text(document))
        })
        .collect()
}

#[test]
fn each_creditor_gets_its_own_payments_and_nothing_of_the_others() {
    let source = five()
        .replace(
            "  </FIToFICstmrCdtTrf>",
            "  <SplmtryData><Envlp>for GAMMJPJT</Envlp></SplmtryData></FIToFICstmrCdtTrf>",
        )
        .replace("<GrpHdr>", "<!-- DELTKWKW --><GrpHdr><?route EPSICLRM?>");
    let message = one(&source);
    let plan = Desk::new("").plan(&message).unwrap();
    let parts = parts(&plan);
    assert_eq!(parts.len(), 4);
    let of = ["BETAFRPPXXX", "GAMMJPJT", "DELTKWKW", "EPSICLRM"];
    for (creditor, text) in &parts {
        let own: Vec<_> = message
            .transactions
            .iter()
            .zip(&plan.intents)
            .filter(|(_, intent)| intent.record.creditor.get() == *creditor)
            .map(|(one, _)| one.clone())
            .collect();
        let found = one(text);
        assert_eq!((found.message_id.as_str(), found.warnings.len()), ("MANY-008", 0));
        assert_eq!(found.transactions.len(), own.len());
        for (found, own) in found.transactions.iter().zip(own) {
            assert_eq!((&found.amount, found.uetr), (&own.amount, own.uetr));
        }
        for (id, other) in of.iter().enumerate() {
            let is_own = id as u32 + 2 == *creditor;
            // The charges of the first payment name an agent of another.
            let charged = *creditor == 2 && *other == "GAMMJPJT";
            assert!(
                is_own || charged || !text.contains(other),
                "{creditor}: {other}\n{text}"
            );
        }
        assert!(!text.contains("482352.1251") && !text.contains("SplmtryData") && !text.contains("<!--"));
    }
    let beta = parts.iter().find(|(creditor, _)| *creditor == 2).unwrap();
    assert!(beta.1.contains("<NbOfTxs>2</NbOfTxs>") && beta.1.contains("<CtrlSum>1350</CtrlSum>"));
    assert!(beta.1.contains("O&#39;Neill"), "what is kept is kept as written");
}

#[test]
fn a_part_of_a_wrapped_message_keeps_its_header() {
    let desk = Desk::new("[agents]\nHUBBCHZZ = \"BETAFRPPXXX\"\n");
    let text = WRAPPED
        .replace("2026-03-03", "2026-03-02")
        .replacen("GAMMJPJT", "ALFADEFF", 1)
        .replace("<bank:Body>", "<bank:Trace>to DELTKWKW</bank:Trace><bank:Body>");
    let plan = desk.plan(&one(&text)).unwrap();
    let parts = parts(&plan);
    assert_eq!(parts.len(), 2);
    for (_, text) in &parts {
        assert!(
            text.contains("<h:AppHdr") && !text.contains("bank:Trace"),
            "{text}"
        );
    }
    let two = parts.iter().find(|(creditor, _)| *creditor == 2).unwrap();
    assert_eq!(one(&two.1).transactions.len(), 2);
    assert!(!two.1.contains("COVER-3"));
}

#[test]
fn a_message_to_one_creditor_travels_as_it_is() {
    let plan = Desk::new("").plan(&one(EXAMPLE)).unwrap();
    assert_eq!(parts(&plan), [(2, EXAMPLE.to_owned())]);
}

#[test]
fn salts_differ_so_that_equal_documents_cannot_be_told() {
    let message = one(EXAMPLE);
    let digests: BTreeSet<_> = (0..3)
        .map(|_| {
            Desk::new("").plan(&message).unwrap().intents[0]
                .record
                .document_digest
        })
        .collect();
    assert_eq!(digests.len(), 3);
}

#[test]
fn the_same_message_is_the_same_record_and_another_amount_is_refused() {
    let mut desk = Desk::new("");
    let first = desk.plan(&dated("2026-03-02")).unwrap();
    first
        .fresh
        .iter()
        .for_each(|intent| desk.intents.stage(intent.clone()));
    desk.intents.commit().unwrap();
    // The next day the date has passed; the record stays what it was.
    for date in ["2026-03-02", "2026-03-01"] {
        let again = desk.plan(&dated(date)).unwrap();
        assert_eq!(again.intents, first.intents);
        assert!(again.fresh.is_empty() && again.documents.is_empty());
    }
    // Nor is it refused where dates that have passed are: what it became is to be told.
    desk.past = PastValueDate::Refuse;
    assert_eq!(desk.plan(&dated("2026-03-01")).unwrap().intents, first.intents);
    desk.past = PastValueDate::Today;
    let said = desk.refused(&one(&EXAMPLE.replace("1250.00", "9250.00")));
    assert!(
        said.starts_with("CdtTrfTxInf[1]/PmtId: was sent before") && said.ends_with("(DU01)"),
        "{said}"
    );
}

#[test]
fn a_clearing_reference_goes_with_the_record_if_it_is_plain() {
    let with = |reference: &str| {
        let text = EXAMPLE.replace("</UETR>", &format!("</UETR><ClrSysRef>{reference}</ClrSysRef>"));
        Desk::new("").plan(&one(&text)).unwrap().intents[0]
            .clearing_ref
            .clone()
    };
    assert_eq!(with("RTGS-1"), Some("RTGS-1".to_owned()));
    assert_eq!(with("Überweisung"), None);
}

#[test]
fn charges_go_with_the_payment_where_the_ledger_can_carry_them() {
    let bytes = |message: &Message| {
        Desk::new("").plan(message).expect("planned").intents[0]
            .charges
            .clone()
    };
    let bearer = |text: &str| one(&EXAMPLE.replace("<ChrgBr>SHAR</ChrgBr>", text));
    let agent = |id: &str| format!("<Agt><FinInstnId>{id}</FinInstnId></Agt>");
    let bic = agent("<BICFI>GAMMJPJT</BICFI>");
    let charge = |agent: &str| format!("<ChrgsInf><Amt Ccy=\"JPY\">120</Amt>{agent}</ChrgsInf>");
    for (code, expected) in [
        ("DEBT", Bearer::Debtor),
        ("SHAR", Bearer::Shared),
        ("SLEV", Bearer::ServiceLevel),
    ] {
        let none = Charges {
            bearer: expected,
            taken: Vec::new(),
        };
        let message = bearer(&format!("<ChrgBr>{code}</ChrgBr>"));
        assert_eq!(bytes(&message), Some(hex(&none.to_bytes())), "{code}");
    }
    let charged = bearer(&format!("<ChrgBr>CRED</ChrgBr>{}", charge(&bic)));
    let taken = causeway_message::charges::Charge {
        amount: 120,
        currency: 392,
        agent: *b"GAMMJPJT   ",
    };
    let expected = Charges {
        bearer: Bearer::Creditor,
        taken: vec![taken],
    };
    assert_eq!(bytes(&charged), Some(hex(&expected.to_bytes())));
    // What the ledger has no place for, the document says alone.
    let named = charge(&agent("<Nm>Gamma</Nm>"));
    assert_eq!(bytes(&bearer(&format!("<ChrgBr>CRED</ChrgBr>{named}"))), None);
    let many = charge(&bic).repeat(9);
    assert_eq!(bytes(&bearer(&format!("<ChrgBr>SHAR</ChrgBr>{many}"))), None);
    let desk = Desk::new("");
    let rules = Rules {
        charges: false,
        ..desk.rules()
    };
    let plan = plan(&rules, &desk.intents, "a.xml", &charged).expect("planned");
    assert_eq!(plan.intents[0].charges, None);
}

#[test]
fn a_creditor_that_bears_charges_without_any_is_refused_by_name() {
    let text = Desk::new("").refused(&one(&EXAMPLE.replace("SHAR", "CRED")));
    assert!(
        text.starts_with("CdtTrfTxInf[1]/ChrgsInf: ChrgBr CRED: "),
        "{text}"
    );
    assert!(text.ends_with("only where some are named (FF01)"), "{text}");
}
