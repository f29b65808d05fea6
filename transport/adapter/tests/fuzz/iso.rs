//! XML → message → plan → status report.
use causeway_adapter::iso::limits::FINDINGS_MAX;
use causeway_adapter::iso::{
    Agent, AnyMessage, Date, Extractor, Investigation, Message, Original, Trade, Transaction, parse,
    parse_any,
};
use causeway_adapter::pacs002::{self, Outcome, Reason, Status};
use causeway_adapter::recall::{self, About};
use causeway_adapter::references::References;
use causeway_adapter::route::Routes;
use causeway_adapter::secret_id::BankSecret;
use causeway_adapter::send;
use causeway_adapter::send::dates::BusinessDates;
use causeway_adapter::send::plan::{Plan, Rules, Unplanned, plan};
use causeway_adapter::store::{Intents, Store};
use causeway_fx::parse_amount;
use causeway_message::ParticipantId;
use causeway_message::checkpoint::LogKey;
use causeway_message::keys::SigningKey;
use causeway_message::time::days_from_civil;
use causeway_message::wire::DirectoryLine;
use causeway_transport::profile::{BankProfile, PastValueDate, Source};
use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::support::{self, Input, fuzz};

static SAMPLES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    [
        include_str!("../../examples/pacs008.xml"),
        include_str!("../fixtures/pacs008_five_currencies.xml"),
        include_str!("../fixtures/pacs009_prefixed_wrapped.xml"),
        include_str!("../fixtures/two_messages.xml"),
        include_str!("../fixtures/hostile_entities.xml"),
        include_str!("../fixtures/hostile_external.xml"),
        include_str!("../../examples/pacs004.xml"),
        include_str!("../../examples/camt056.xml"),
        include_str!("../../examples/camt029.xml"),
        include_str!("../../examples/fxtr014.xml"),
        include_str!("../fixtures/fxtr014_v06.xml"),
        include_str!("../fixtures/pacs008_conversions.xml"),
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
});

/// Pieces of XML and of the messages.
const WORDS: [&str; 46] = [
    "<",
    ">",
    "/>",
    "</",
    "&amp;",
    "&#13;",
    "&#x10FFFF;",
    "&#0;",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?x ?>",
    "<!DOCTYPE a [",
    "xmlns=\"\"",
    "xmlns:a=\"urn:b\"",
    "\u{FEFF}",
    "\u{0}",
    "a:",
    "\"",
    "'",
    "-1",
    "0.005",
    "999999999999999999",
    " ",
    "\r\n",
    "USD",
    "XAU",
    "pacs.009.001.08",
    "<FICdtTrf>",
    "</Document>",
    "<CtrlSum>1</CtrlSum>",
    "<TtlIntrBkSttlmAmt Ccy=\"EUR\">1</TtlIntrBkSttlmAmt>",
    "<NbOfTxs>2</NbOfTxs>",
    "<UETR>eb6305c9-1f7f-49de-aed0-16487c27b42d</UETR>",
    "<XchgRate>1.1</XchgRate>",
    "2179-06-07",
    "2000-01-01",
    "<SplmtryData/>",
    "camt.056.001.11",
    "<PmtRtr>",
    "<TxCxlSts>ACCR</TxCxlSts>",
    "<Conf>RJCR</Conf>",
    "<OrgnlUETR>5f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33</OrgnlUETR>",
    "<GrpCxl>true</GrpCxl>",
    "é",
];

struct Desk {
    routes: Routes,
    secret: BankSecret,
    store: Store,
    intents: Intents,
    dates: BusinessDates,
    _dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let key = SigningKey::from_seed([9; 32]).expect("a seed").public();
        let text = format!(
            "[bank]\nname = \"Alfa\"\nparticipant = 1\nledger = \"{}\"\nlog_key = \"{}\"\n\
             [node]\naddress = \"127.0.0.1:1\"\nca = \"ca\"\n[tls]\ncert = \"c\"\nkey = \"k\"\n",
            "00".repeat(32),
            LogKey::new("log", key).expect("a good name").to_text()
        );
        let profile = BankProfile::read(&Source::new("bank.toml", &text)).expect("a good profile");
        let names = [
            "OPERATOR",
            "ALFADEFF",
            "BETAFRPPXXX",
            "GAMMJPJT",
            "DELTKWKW",
            "EPSICLRM",
        ];
        let line = |(id, name): (u32, &str)| DirectoryLine {
            participant: ParticipantId(id),
            roles: 1,
            suspended: false,
            name: name.to_owned(),
        };
        let directory: Vec<DirectoryLine> = (0..).zip(names).map(line).collect();
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).expect("a store");
        Self {
            routes: Routes::new(&profile, &directory).expect("the names are clear"),
            secret: BankSecret::new(&[7; 32]).expect("long enough"),
            intents: store.intents().expect("an empty store"),
            dates: BusinessDates::default(),
            store,
            _dir: dir,
        }
    }

    fn rules(&self) -> Rules<'_> {
        Rules {
            routes: &self.routes,
            secret: &self.secret,
            store: &self.store,
            charges: true,
            past_value_date: PastValueDate::Today,
            today: 9_557,
            dates: &self.dates,
        }
    }

    fn plan(&self, message: &Message) -> Result<Plan, Unplanned> {
        plan(&self.rules(), &self.intents, "file.xml", message)
    }

    /// One side of a trade is what the message says, or nothing.
    fn trades_what_it_says(&self, trade: &Trade) {
        for amount in [&trade.sells, &trade.buys] {
            assert_eq!(parse_amount(&amount.text, amount.currency), Ok(amount.minor));
            assert!(amount.minor > 0);
        }
        assert_ne!(trade.sells.currency, trade.buys.currency);
        match send::trade::plan(&self.rules(), &self.intents, "file.xml", trade) {
            Ok(plan) => {
                let record = &plan.intents[0].record;
                assert_eq!(record.amount.get(), trade.sells.minor);
                assert_eq!(record.counter_amount.get(), trade.buys.minor);
                assert_eq!(record.value_date.get(), trade.settlement_date.days_since_2000());
                assert_ne!(record.debtor, record.creditor);
            }
            Err(Unplanned::Refused(refusals)) => assert!(!refusals.is_empty()),
            Err(Unplanned::Failed(failure)) => panic!("{failure}"),
        }
    }

    /// Whether a request or an answer is refused.
    fn recall(&self, message: &Investigation) -> bool {
        let planned = send::recall::plan(&self.rules(), &self.intents, "file.xml", message);
        matches!(planned, Err(Unplanned::Refused(refusals)) if !refusals.is_empty())
    }
}

/// What the message says, told once more by other readers.
fn says_what_it_says(message: &Message) {
    assert!(!message.transactions.is_empty());
    for (one, place) in message.transactions.iter().zip(1_usize..) {
        assert_eq!(one.index, place);
        assert_eq!(
            parse_amount(&one.amount.text, one.amount.currency),
            Ok(one.amount.minor)
        );
        if let Some(date) = one.settlement_date {
            let days = days_from_civil(u64::from(date.year), date.month.into(), date.day.into());
            assert!(days.is_none_or(|days| days == date.days_since_2000()));
            assert_eq!(Date::parse(&date.to_string()), Some(date));
        }
    }
}

/// The plan orders what the message says, and each document has the digest that its record carries.
fn orders_what_it_says(message: &Message, plan: &Plan) {
    assert_eq!(plan.intents.len(), message.transactions.len());
    let mut ids = BTreeSet::new();
    for (one, intent) in message.transactions.iter().zip(&plan.intents) {
        let record = &intent.record;
        // Of what the ledger is to convert the message fixes what arrives.
        let settles = if record.counter_currency.get() == 0 {
            (record.currency.get(), record.amount.get())
        } else {
            let ordered = one
                .instructed_amount
                .as_ref()
                .expect("an order in another currency");
            let paid = (record.currency.get(), record.amount.get());
            assert_eq!(paid, (ordered.currency.numeric, ordered.minor));
            (record.counter_currency.get(), record.counter_amount.get())
        };
        assert_eq!(settles, (one.amount.currency.numeric, one.amount.minor));
        assert_ne!(record.debtor, record.creditor);
        assert!(one.uetr.is_none_or(|uetr| uetr == record.uetr));
        assert!(ids.insert(record.id()), "one id for two transactions");
        let document = plan
            .documents
            .iter()
            .find(|(digest, _)| *digest == record.document_digest);
        let (digest, document) = document.expect("its document goes with it");
        assert_eq!(document.digest(), *digest);
        let read = parse(&document.text).expect("the receiver reads it");
        let [there] = read.as_slice() else {
            panic!("the document holds {} messages", read.len())
        };
        assert_eq!(
            (there.message_type, &there.message_id),
            (message.message_type, &message.message_id)
        );
        let same = |there: &Transaction| {
            let index = one.index;
            Transaction {
                index,
                ..there.clone()
            } == *one
        };
        assert!(
            there.transactions.iter().any(same),
            "the document is about another payment"
        );
    }
}

/// A request or an answer names a payment, and what is written about it reads back as the same.
fn asks_what_it_asks(message: &Investigation) {
    assert!(!message.cases.is_empty());
    for (case, place) in message.cases.iter().zip(1_usize..) {
        assert_eq!(case.index, place);
        assert!(case.original.identifies() || (case.answer.is_some() && case.case_id.is_some()));
        let original = &case.original;
        let references = References {
            message_id: original.message_id.clone(),
            message_type: original.message_type.clone(),
            created: original.created.clone(),
            instruction_ref: original.instruction_ref.clone(),
            end_to_end_id: original.end_to_end_id.clone(),
            transaction_id: original.transaction_id.clone(),
            uetr: original.uetr_text(),
        };
        let agent = Agent::named("ALFADEFF");
        let amount = original.amount.as_ref();
        let about = About {
            message_id: &message.message_id,
            created: &message.created,
            assigner: message.assigner.as_ref().unwrap_or(&agent),
            assignee: message.assignee.as_ref().unwrap_or(&agent),
            reference: case.reference.as_deref(),
            case: case.case_id.as_deref().map(|id| (id, &agent)),
            original: &references,
            amount: amount.map_or(("", ""), |amount| (&amount.text, amount.currency.alpha())),
            reason: None,
        };
        let written = match case.answer {
            Some(answer) => recall::answer(&about, answer),
            None => recall::request(&about),
        };
        let written = written.expect("what was read has its form");
        match parse_any(written.as_bytes()).as_deref() {
            Ok([AnyMessage::Investigation(read)]) => {
                assert_eq!(read.message_id, message.message_id);
                let [there] = read.cases.as_slice() else {
                    panic!("{read:?}")
                };
                assert_eq!((there.answer, &there.case_id), (case.answer, &case.case_id));
                let dated = |one: &Original| Original {
                    settlement_date: None,
                    ..one.clone()
                };
                assert_eq!(dated(&there.original), dated(original));
            }
            other => panic!("{other:?}: {written}"),
        }
    }
}

/// The report is XML, and names the message by its own id.
fn is_reported(message: &Message) {
    let outcome = |(at, transaction)| Outcome {
        transaction,
        uetr: None,
        status: if at == 0 {
            Status::Settled
        } else {
            Status::Rejected
        },
        reason: Some(Reason {
            code: "AM04".to_owned(),
            text: message.message_id.repeat(8),
        }),
        accepted: Some(message.created.clone()),
        settled_on: Date::parse("2026-03-02"),
        clearing_ref: Some("4-5".to_owned()),
    };
    let outcomes: Vec<Outcome<'_>> = message.transactions.iter().enumerate().map(outcome).collect();
    let report = pacs002::write("CW1", "2026-03-02T12:00:00Z", message, &outcomes).expect("it has its form");
    let report = roxmltree::Document::parse(&report).expect("it is XML");
    let text = |name: &str| {
        let mut nodes = report
            .descendants()
            .filter(|node| node.has_tag_name((pacs002::NAMESPACE, name)));
        nodes
            .next()
            .and_then(|node| node.text())
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(text("OrgnlMsgId"), message.message_id);
    assert_eq!(text("OrgnlEndToEndId"), message.transactions[0].end_to_end_id);
}

#[test]
fn a_file_is_mapped_exactly_or_refused_whole() {
    let desk = std::panic::AssertUnwindSafe(Desk::new());
    fuzz!("iso", &SAMPLES, &WORDS, |input: &Input| {
        let messages = match parse_any(&input.bytes) {
            Ok(messages) => messages,
            Err(findings) => {
                assert!((1..=FINDINGS_MAX).contains(&findings.len()));
                assert!(findings.iter().all(|finding| finding.to_string().len() < 4_096));
                return;
            }
        };
        assert!(!messages.is_empty());
        for message in &messages {
            let message = match message {
                AnyMessage::Transfer(message) => message,
                AnyMessage::Investigation(message) => {
                    asks_what_it_asks(message);
                    let refused = desk.recall(message);
                    assert!(refused, "nothing was sent and nothing was asked");
                    continue;
                }
                AnyMessage::Trade(trade) => {
                    desk.trades_what_it_says(trade);
                    continue;
                }
            };
            says_what_it_says(message);
            is_reported(message);
            if let Ok(extractor) = Extractor::new(message) {
                let _ = extractor.part(&BTreeSet::from([1]));
            }
            if let Ok(plan) = desk.plan(message) {
                orders_what_it_says(message, &plan);
            }
        }
    });
}

#[test]
fn a_date_is_one_of_the_calendar_or_none() {
    let samples = [
        "2024-02-29",
        "2100-03-01Z",
        "2101-01-01+01:00",
        "2179-06-06",
        "2000-01-01-14:59",
    ]
    .map(|text| text.as_bytes().to_vec());
    fuzz!(
        "date",
        &samples,
        &["-", "+", ":", "Z", "é", "29", "2100", "２"],
        |input: &Input| {
            let text = input.text();
            let Some(date) = Date::parse(&text) else { return };
            assert!(text.starts_with(&date.to_string()));
            let days = days_from_civil(u64::from(date.year), date.month.into(), date.day.into());
            assert!(days.is_none_or(|days| days == date.days_since_2000()));
        }
    );
}
