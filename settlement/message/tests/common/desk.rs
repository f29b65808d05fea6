//! What a treasurer looks at: one message of each template, with the fields that went into it.
use causeway_message::action::{Hours, Phase, WindowGrant};
use causeway_message::event::Role;
use causeway_message::frame::Template;
use causeway_message::reason::Reason;
use causeway_message::record::Priority;
use causeway_message::statement::DayStep;
use causeway_message::wire::{
    AccountLine, Accounts, AssetLine, CreditLine, Credits, DayLine, Days, Explanation, HistoryLine,
    HistoryLines, HistoryQuery, Kept, LimitLine, Obstacle, PositionLine, Projected, QueueLine, QueueLines,
    QueueQuery, WindowLine, WindowStage, Windows, account_flags, day_flags, write_number,
};
use causeway_message::{Status, Uetr};
use serde_json::{Value, json};
use zerocopy::IntoBytes;

use super::files::hex;
use super::parties::*;

fn int(low: u64, high: i64) -> Value {
    json!({ "low": low, "high": high })
}

pub fn explanation() -> (Template, Vec<u8>, Value) {
    let explanation = Explanation {
        class: Priority::High,
        phase: Phase::CutOff,
        currency: 978,
        ahead: 3,
        party: BETA,
        until: 845_000_000_000_000_000,
        amount: 5_000,
        missing: 4_000,
        free: 1_000,
        balance: -7,
        set_aside: 11,
        kept: 12,
        cap: 13,
        limit: 14,
        used: -15,
        obstacle: Some(Obstacle {
            id: id(0x11, 4),
            reason: Reason::Funds,
            missing: 40,
        }),
        ..Explanation::new(7, Status::Queued, Reason::QueueHead)
    };
    let fields = json!({
        "index": 7, "status": 3, "reason": 2, "class": 1, "phase": 2, "currency": 978, "ahead": 3, "party": 3,
        "until": 845_000_000_000_000_000_u64, "amount": 5_000, "missing": int(4_000, 0), "free": int(1_000, 0),
        "balance": int(u64::MAX - 6, -1), "setAside": int(11, 0), "kept": int(12, 0), "cap": 13, "limit": 14,
        "used": int(u64::MAX - 14, -1), "obstacle": hex(&id(0x11, 4).0), "obstacleReason": 3, "reserved": 0,
        "reserved2": 0, "obstacleMissing": int(40, 0), "missingCurrency": 0,
        "reserved3": 0, "reserved4": 0,
    });
    (Template::Explanation, explanation.write(), fields)
}

/// Of a trade of euros whose debtor would be short of dollars.
pub fn explanation_of_a_test() -> (Template, Vec<u8>, Value) {
    let explanation = Explanation {
        currency: 978,
        amount: 10,
        missing: 1_000,
        missing_currency: 840,
        ..Explanation::new(7, Status::Matched, Reason::ShortPosition)
    };
    let none = int(0, 0);
    let fields = json!({
        "index": 7, "status": Status::Matched as u8, "reason": Reason::ShortPosition as u16, "class": 0, "phase": 1,
        "currency": 978, "ahead": 0, "party": 0, "until": 0, "amount": 10, "missing": int(1_000, 0), "free": none,
        "balance": none, "setAside": none, "kept": none, "cap": 0, "limit": 0, "used": none, "obstacle": hex(&[0; 16]),
        "obstacleReason": 0, "reserved": 0, "reserved2": 0, "obstacleMissing": none, "missingCurrency": 840,
        "reserved3": 0, "reserved4": 0,
    });
    (Template::Explanation, explanation.write(), fields)
}

pub fn queue_query() -> (Template, Vec<u8>, Value) {
    let query = QueueQuery {
        currency: 978,
        first: 1_000,
    };
    let fields = json!({ "currency": 978, "first": 1_000 });
    (Template::QueueQuery, query.write(), fields)
}

pub fn days_query() -> (Template, Vec<u8>, Value) {
    let query = write_number(Template::DaysQuery, 840);
    (Template::DaysQuery, query, json!({ "currency": 840 }))
}

pub fn days() -> (Template, Vec<u8>, Value) {
    let hours = Hours {
        date: 9_563,
        open: 826_156_800,
        customer_cut_off: 826_232_400,
        interbank_cut_off: 826_236_000,
        close: 826_237_800,
    };
    let line = |phase, flags, hours| DayLine {
        currency: 840,
        phase,
        flags,
        step: (flags & day_flags::AHEAD == 0).then_some(DayStep::CustomersCutOff),
        hours,
    };
    let days = Days {
        index: 7,
        time: 826_233_000_000_000_000,
        lines: vec![
            line(
                Phase::Open,
                day_flags::CUSTOMERS_OUT | day_flags::SCHEDULED,
                hours,
            ),
            line(
                Phase::Closed,
                day_flags::AHEAD | day_flags::SCHEDULED,
                Hours { date: 9_566, ..hours },
            ),
        ],
    };
    let fields = |phase: u8, flags: u8, date: u16, step: u8| {
        json!({
            "currency": 840, "phase": phase, "flags": flags, "date": date, "step": step, "reserved": 0, "open": 826_156_800,
            "customerCutOff": 826_232_400, "interbankCutOff": 826_236_000, "close": 826_237_800,
        })
    };
    let fields = json!({
        "index": 7, "time": 826_233_000_000_000_000_u64, "lines": [fields(1, 10, 9_563, 2), fields(3, 9, 9_566, 0)],
    });
    (Template::Days, days.write(), fields)
}

pub fn queue_lines() -> (Template, Vec<u8>, Value) {
    let line = |n: usize, position, status, class| QueueLine {
        id: id(0x11, n),
        uetr: Uetr(id(0x22, n).0),
        amount: n as u64 + 1,
        entry: 4,
        creditor: GAMA,
        position,
        currency: 978,
        ordinal: n as u16,
        status,
        class,
    };
    let lines = vec![
        line(138, 1, Status::Queued, Priority::Urgent),
        line(139, 0, Status::Warehoused, Priority::Normal),
    ];
    let fields = |n: usize, position: u64, status: u64, class: u64| {
        json!({
            "instructionId": hex(&id(0x11, n).0), "uetr": hex(&id(0x22, n).0), "amount": n + 1, "entry": 4,
            "creditor": 4, "position": position, "currency": 978, "ordinal": n, "status": status, "class": class,
            "reserved": 0,
        })
    };
    let fields = json!({ "index": 7, "next": 1_000, "lines": [fields(138, 1, 3, 2), fields(139, 0, 8, 0)] });
    (
        Template::QueueLines,
        QueueLines {
            index: 7,
            next: 1_000,
            lines,
        }
        .write(),
        fields,
    )
}

pub fn accounts() -> (Template, Vec<u8>, Value) {
    let waiting = |count, value| Projected { count, value };
    let line = AccountLine {
        currency: 978,
        phase: Phase::Open,
        flags: account_flags::BYPASS | account_flags::MULTILATERAL,
        date: 9_780,
        balance: -5,
        set_aside: 3,
        free: 6,
        cap: 14,
        multilateral: 100,
        multilateral_used: -20,
        high: Kept { set: 30, left: 25 },
        urgent: Kept { set: 40, left: 35 },
        fees: 9,
        outgoing: [waiting(1, 101), waiting(2, 102), waiting(3, 103)],
        incoming: waiting(4, 104),
    };
    let limit = LimitLine {
        currency: 978,
        participant: BETA,
        amount: 55,
        used: -6,
    };
    let fields = json!({
        "index": 7, "leftOut": 2, "reserved": 0,
        "lines": [{
            "currency": 978, "phase": 1, "flags": 3, "date": 9_780, "reserved": 0, "balance": int(u64::MAX - 4, -1),
            "setAside": int(3, 0), "free": int(6, 0), "cap": 14, "multilateral": 100,
            "multilateralUsed": int(u64::MAX - 19, -1), "highSet": 30, "highLeft": 25, "urgentSet": 40,
            "urgentLeft": 35, "fees": 9, "normalValue": int(101, 0), "highValue": int(102, 0),
            "urgentValue": int(103, 0), "incomingValue": int(104, 0), "normalCount": 1, "highCount": 2,
            "urgentCount": 3, "incomingCount": 4,
        }],
        "limits": [{
            "currency": 978, "reserved": 0, "participant": 3, "amount": 55, "used": int(u64::MAX - 5, -1),
        }],
    });
    let accounts = Accounts {
        index: 7,
        left_out: 2,
        lines: vec![line],
        limits: vec![limit],
    };
    (Template::Accounts, accounts.write(), fields)
}

pub fn history_query() -> (Template, Vec<u8>, Value) {
    let query = HistoryQuery {
        reference: id(0x22, 4).0,
        before: 9,
        participant: BETA,
    };
    let fields = json!({ "reference": hex(&id(0x22, 4).0), "before": 9, "participant": 3, "reserved": 0 });
    (Template::HistoryQuery, query.write(), fields)
}

pub fn history_lines() -> (Template, Vec<u8>, Value) {
    let line = |n: usize, cause, amount, status, role| HistoryLine {
        record: payment(n, BETA, GAMA),
        entry: 4,
        cause,
        amount,
        submitter: BETA,
        ordinal: n as u16,
        status,
        role,
    };
    let lines = vec![
        line(138, 7, 139, Status::Settled, Role::Debtor),
        line(138, 4, 0, Status::Queued, Role::Submitter),
    ];
    let fields = |line: &HistoryLine, status: u64, role: u64| {
        json!({
            "record": hex(line.record.as_bytes()), "entry": 4, "cause": line.cause, "amount": line.amount,
            "submitter": 3, "ordinal": 138, "status": status, "role": role, "reserved": 0, "reserved2": 0, "reserved3": 0,
        })
    };
    let fields = json!({
        "index": 7, "next": 3, "leftOut": 2, "reserved": 0,
        "lines": [fields(&lines[0], 1, 1), fields(&lines[1], 3, 3)],
    });
    let history = HistoryLines {
        index: 7,
        next: 3,
        left_out: 2,
        lines,
    };
    (Template::HistoryLines, history.write(), fields)
}

pub fn credits() -> (Template, Vec<u8>, Value) {
    let line = CreditLine {
        currency: 978,
        frozen: true,
        cap: 14,
        limit: 500,
        line: 90,
        collateral: 90,
        in_use: 60,
    };
    let asset = AssetLine {
        currency: 978,
        haircut: 100_000,
        value: 100,
        counts: 90,
        asset: "DE0001102580".into(),
    };
    let fields = json!({
        "index": 7, "reserved": 0,
        "lines": [{
            "currency": 978, "frozen": 1, "reserved": 0, "reserved2": 0, "cap": 14, "limit": 500, "line": 90,
            "collateral": int(90, 0), "inUse": int(60, 0),
        }],
        "assets": [{
            "currency": 978, "reserved": 0, "haircut": 100_000, "value": 100, "counts": 90,
            "asset": hex(b"DE0001102580"),
        }],
    });
    let credits = Credits {
        index: 7,
        lines: vec![line],
        assets: vec![asset],
    };
    (Template::Credits, credits.write(), fields)
}

pub fn windows() -> (Template, Vec<u8>, Value) {
    let window = WindowLine {
        window: id(0x55, 1),
        grant: WindowGrant {
            currencies: vec![840, 978],
            close: 10,
            pay_in_by: 20,
            ends: 30,
        },
        stage: WindowStage::Grace,
        obligations: 3,
        pay_ins: 1,
    };
    let position = PositionLine {
        window: 0,
        currency: 978,
        participant: ALFA,
        position: -90,
        paid: 60,
        missing: 30,
    };
    let fields = json!({
        "index": 7, "time": 8,
        "windows": [{
            "windowId": hex(&window.window.0), "close": 10, "payInBy": 20, "ends": 30, "currency1": 840,
            "currency2": 978, "currency3": 0, "currency4": 0, "currency5": 0, "currency6": 0, "currency7": 0,
            "currency8": 0, "stage": 3, "reserved": 0, "reserved2": 0, "obligations": 3, "payIns": 1,
        }],
        "positions": [{
            "window": 0, "currency": 978, "participant": 2, "position": int(90_u64.wrapping_neg(), -1), "paid": 60, "missing": 30,
        }],
    });
    let windows = Windows {
        index: 7,
        time: 8,
        windows: vec![window],
        positions: vec![position],
    };
    (Template::Windows, windows.write(), fields)
}
