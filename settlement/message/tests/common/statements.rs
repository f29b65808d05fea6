//! Statements: one message of each template, with the fields that went into it.
use causeway_message::frame::Template;
use causeway_message::posting::{Account, Posting, Side, posting_kind};
use causeway_message::time::Timestamp;
use causeway_message::wire::{StatementLine, StatementLines, StatementQuery};
use causeway_message::{InstructionId, Uetr};
use serde_json::{Value, json};

use super::files::hex;
use super::parties::*;

pub fn query() -> (Template, Vec<u8>, Value) {
    let query = StatementQuery {
        account: Account {
            participant: BETA,
            currency: 978,
            liability: true,
        },
        date: 9_780,
        before: (41, 7),
        told: 51,
    };
    let fields = json!({
        "currency": 978, "date": 9_780, "participant": 3, "before": 41, "beforeOrdinal": 7, "book": 1, "reserved": 0,
        "reserved2": 0, "told": 51,
    });
    (Template::StatementQuery, query.write(), fields)
}

pub fn lines() -> (Template, Vec<u8>, Value) {
    let line = |event, ordinal, side, kind, amount| StatementLine {
        entry: event + 10,
        time: Timestamp(845_000_000_000_000_000 + event),
        event,
        posting: Posting {
            side,
            kind,
            counterparty: GAMA,
            amount,
            origin: (4, ordinal),
            id: id(0x22, 4),
            uetr: Uetr([0x33; 16]),
        },
    };
    let lines = vec![
        line(41, 138, Side::Debit, 1, 139),
        line(40, 0, Side::Credit, posting_kind::FUND, 500),
    ];
    let fields = |line: &StatementLine| {
        json!({
            "entry": line.entry, "time": line.time.0, "event": line.event, "amount": line.posting.amount, "origin": 4,
            "id": hex(&InstructionId(id(0x22, 4).0).0), "uetr": "33".repeat(16), "counterparty": 4,
            "ordinal": line.posting.origin.1, "side": line.posting.side as u8, "kind": line.posting.kind,
            "reserved": "00".repeat(16),
        })
    };
    let fields = json!({
        "index": 60, "next": 40, "opening": { "low": u64::MAX - 4, "high": -1 }, "closing": { "low": 356, "high": 0 },
        "from": 45, "to": 59, "fromTime": 844_000_000_000_000_000_u64, "toTime": 845_000_000_000_000_099_u64,
        "told": 59, "event": 44, "nextOrdinal": 0, "date": 9_780, "reserved": 0,
        "lines": lines.iter().map(fields).collect::<Vec<_>>(),
    });
    let page = StatementLines {
        index: 60,
        next: (40, 0),
        opening: -5,
        closing: 356,
        from: 45,
        to: 59,
        from_time: Timestamp(844_000_000_000_000_000),
        to_time: Timestamp(845_000_000_000_000_099),
        told: 59,
        event: 44,
        date: 9_780,
        lines,
    };
    (Template::StatementLines, page.write(), fields)
}
