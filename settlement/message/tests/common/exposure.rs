//! What is at stake with a member: question and answer, with the fields that went into them.
use causeway_message::ParticipantId;
use causeway_message::action::DefaultState;
use causeway_message::frame::Template;
use causeway_message::wire::{Exposure, ExposureQuery, StakeAccount, StakeLine, StakeQuotes};
use serde_json::{Map, Value, json};

const STAKES: [&str; 10] = [
    "queuedOut",
    "queuedIn",
    "tradesPay",
    "tradesGet",
    "conditionalOut",
    "conditionalIn",
    "locksOut",
    "locksIn",
    "questionsOut",
    "questionsIn",
];

fn int(low: u64, high: i64) -> Value {
    json!({ "low": low, "high": high })
}

pub fn query() -> (Template, Vec<u8>, Value) {
    let query = ExposureQuery {
        participant: ParticipantId(5),
        currency: 978,
        first: 1_000,
    };
    let fields = json!({ "participant": 5, "currency": 978, "reserved": 0, "first": 1_000 });
    (Template::ExposureQuery, query.write(), fields)
}

pub fn exposure() -> (Template, Vec<u8>, Value) {
    let account = StakeAccount {
        currency: 978,
        balance: -7,
        set_aside: 3,
        line: 90,
        collateral: 100,
        fees: 2,
    };
    let quotes = StakeQuotes {
        base: 978,
        counter: 840,
        quotes: 2,
        left: 500,
        net: -40,
    };
    let line = StakeLine {
        counterparty: ParticipantId(6),
        currency: 978,
        counts: std::array::from_fn(|at| at as u32),
        amounts: std::array::from_fn(|at| at as i128 * 100),
    };
    let mut told = Map::new();
    told.insert("counterparty".into(), 6.into());
    told.insert("currency".into(), 978.into());
    told.insert("reserved".into(), 0.into());
    for (at, stake) in STAKES.iter().enumerate() {
        told.insert(format!("{stake}Count"), at.into());
    }
    for (at, stake) in (0u64..).zip(STAKES) {
        told.insert(stake.into(), int(at * 100, 0));
    }
    let fields = json!({
        "index": 7, "next": 1, "participant": 5, "state": 1, "reserved": 0, "reserved2": 0,
        "accounts": [{
            "currency": 978, "reserved": 0, "reserved2": 0, "balance": int(u64::MAX - 6, -1),
            "setAside": int(3, 0), "line": 90, "collateral": int(100, 0), "fees": 2,
        }],
        "quotes": [{
            "base": 978, "counter": 840, "quotes": 2, "left": int(500, 0), "net": int(u64::MAX - 39, -1),
        }],
        "lines": [Value::Object(told)],
    });
    let exposure = Exposure {
        index: 7,
        next: 1,
        participant: ParticipantId(5),
        state: DefaultState::Declared,
        accounts: vec![account],
        quotes: vec![quotes],
        lines: vec![line],
    };
    (Template::Exposure, exposure.write(), fields)
}
