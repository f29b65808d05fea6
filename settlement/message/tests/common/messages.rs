//! One message of each template, with the fields that went into it, named as in the schema.
use causeway_message::codec::Put;
use causeway_message::frame::{self, Template};
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::wire::{
    BalanceLine, Balances, Consistency, Directory, DirectoryLine, Hello, InstructionKey, StatusAnswer,
    write_document, write_number, write_refusal,
};
use causeway_message::{SessionId, Status, document, rfc6962};
use serde_json::{Value, json};

use super::files::hex;
use super::log::Log;
use super::parties::*;
use super::{desk, exposure, governance, statements};

/// The messages that are not a batch, answers, a feed page or a receipt: those have files of their own.
pub fn plain() -> Vec<(Template, Vec<u8>, Value)> {
    let log = Log::build();
    let key = InstructionKey {
        submitter: ALFA,
        id: id(0x11, 5),
    };
    let key_fields = json!({ "submitter": 2, "reserved": 0, "instructionId": hex(&key.id.0) });
    let number = |template, field: &str, value: u64| {
        let mut fields = serde_json::Map::new();
        fields.insert(field.into(), value.into());
        (template, write_number(template, value), Value::Object(fields))
    };
    vec![
        documents(),
        number(Template::OpenSession, "session", 7),
        opened(),
        number(Template::Subscribe, "fromNumber", 71),
        refused(),
        number(Template::BalanceQuery, "currency", 978),
        balances(),
        (
            Template::StatusQuery,
            key.write(Template::StatusQuery),
            key_fields.clone(),
        ),
        status(),
        (
            Template::ReceiptQuery,
            key.write(Template::ReceiptQuery),
            key_fields.clone(),
        ),
        number(Template::ConsistencyQuery, "oldSize", 3),
        consistency(&log),
        place(),
        one_document(),
        number(Template::DirectoryQuery, "first", 2),
        directory(),
        (
            Template::ExplainQuery,
            key.write(Template::ExplainQuery),
            key_fields.clone(),
        ),
        desk::explanation(),
        desk::explanation_of_a_test(),
        desk::queue_query(),
        desk::queue_lines(),
        desk::days_query(),
        desk::days(),
        number(Template::AccountQuery, "currency", 978),
        desk::accounts(),
        desk::history_query(),
        desk::history_lines(),
        statements::query(),
        statements::lines(),
        governance::query(),
        governance::lines(),
        number(Template::CreditQuery, "currency", 978),
        desk::credits(),
        exposure::query(),
        exposure::exposure(),
        number(Template::WindowsQuery, "currency", 978),
        desk::windows(),
    ]
}

fn place() -> (Template, Vec<u8>, Value) {
    let mut bytes = frame::start(Template::DocumentQuery, 16);
    bytes.put_u64(4).put_u32(5).put_u32(0);
    let fields = json!({ "entry": 4, "ordinal": 5, "reserved": 0 });
    (Template::DocumentQuery, bytes, fields)
}

fn documents() -> (Template, Vec<u8>, Value) {
    let other = document::Document {
        salt: [0x5b; 16],
        text: Vec::new().into(),
    };
    let bytes = document::build(9, &[document(), other]).expect("they fit");
    let fields = json!({
        "number": 9,
        "items": [
            { "salt": "5a".repeat(16), "text": hex(&document().text) },
            { "salt": "5b".repeat(16), "text": "" },
        ],
    });
    (Template::Documents, bytes, fields)
}

fn opened() -> (Template, Vec<u8>, Value) {
    let hello = Hello {
        ledger: ledger(),
        session: SessionId(7),
        last_number: 12,
        window: 64,
    };
    let fields = json!({
        "ledger": hex(&ledger().0), "session": 7, "lastNumber": 12, "window": 64, "reserved": 0,
    });
    (Template::SessionOpened, hello.write(), fields)
}

fn refused() -> (Template, Vec<u8>, Value) {
    let refusal = Refusal {
        code: RefusalCode::SessionGap,
        number: 15,
        expected: 13,
        retry_after_ms: 250,
        text: "batch.number: 13 comes next".into(),
    };
    let fields = json!({
        "code": 9, "reserved": 0, "retryAfterMs": 250, "number": 15, "expected": 13,
        "text": hex(refusal.text.as_bytes()),
    });
    (Template::Refused, write_refusal(&refusal), fields)
}

fn balances() -> (Template, Vec<u8>, Value) {
    let line = |currency, queued, balance, reserved, queued_value, cap| BalanceLine {
        currency,
        queued,
        balance,
        reserved,
        queued_value,
        cap,
    };
    let lines = vec![
        line(978, 2, -5, 3, 278, 11),
        line(392, 0, 1 << 70, 0, 0, u64::MAX),
    ];
    let int = |low: u64, high: i64| json!({ "low": low, "high": high });
    let fields = json!({
        "index": 6,
        "reserved": 0,
        "lines": [
            {
                "currency": 978, "reserved": 0, "queued": 2, "balance": int(u64::MAX - 4, -1),
                "reservedAmount": int(3, 0), "queuedValue": int(278, 0), "cap": 11,
            },
            {
                "currency": 392, "reserved": 0, "queued": 0, "balance": int(0, 64),
                "reservedAmount": int(0, 0), "queuedValue": int(0, 0), "cap": u64::MAX,
            },
        ],
    });
    (Template::Balances, Balances { index: 6, lines }.write(), fields)
}

fn status() -> (Template, Vec<u8>, Value) {
    let answer = StatusAnswer {
        status: Status::Settled,
        ordinal: 138,
        entry: 4,
        cause: 6,
        index: 7,
    };
    let fields = json!({
        "status": 1, "ordinal": 138, "reserved": 0, "entry": 4, "cause": 6, "index": 7, "reserved2": 0,
    });
    (Template::StatusAnswer, answer.write(), fields)
}

fn consistency(log: &Log) -> (Template, Vec<u8>, Value) {
    let path = rfc6962::consistency(&log.leaf_hashes(), 3);
    let digests: Vec<Value> = path.iter().map(|d| json!({ "digest": hex(d) })).collect();
    let checkpoint = log.checkpoint();
    let fields = json!({ "oldSize": 3, "path": digests, "checkpoint": hex(checkpoint.as_bytes()) });
    (
        Template::Consistency,
        Consistency {
            old_size: 3,
            path,
            checkpoint,
        }
        .write(),
        fields,
    )
}

fn one_document() -> (Template, Vec<u8>, Value) {
    let fields = json!({
        "salt": "5a".repeat(16), "reserved": "00".repeat(16), "text": hex(&document().text),
    });
    (Template::Document, write_document(&document()), fields)
}

fn directory() -> (Template, Vec<u8>, Value) {
    let line = |participant, roles, suspended, name: &str| DirectoryLine {
        participant,
        roles,
        suspended,
        name: name.into(),
    };
    let lines = vec![line(ALFA, 1, false, "ALFADEFF"), line(BETA, 3, true, "BETAFRPP")];
    let fields = json!({
        "next": 4,
        "lines": [
            { "participant": 2, "roles": 1, "suspended": 0, "reserved": 0, "name": hex(b"ALFADEFF") },
            { "participant": 3, "roles": 3, "suspended": 1, "reserved": 0, "name": hex(b"BETAFRPP") },
        ],
    });
    (Template::Directory, Directory { next: 4, lines }.write(), fields)
}

/// Every message there is: the plain ones and those with files of their own.
pub fn all() -> Vec<(Template, Vec<u8>)> {
    let log = Log::build();
    let (propose, _) = funding_frames();
    let mut all: Vec<(Template, Vec<u8>)> = plain().into_iter().map(|(t, bytes, _)| (t, bytes)).collect();
    all.push((Template::Batch, small_batch().2));
    all.push((Template::ControlBatch, propose));
    all.push((Template::Answers, log.answers(4).write()));
    all.push((Template::FeedPage, log.feed(ALFA).write()));
    all.push((Template::Receipt, log.immediate(4, 5).write()));
    all.push((Template::Receipt, log.by_event(4, 138, 6, ALFA).write()));
    all
}
