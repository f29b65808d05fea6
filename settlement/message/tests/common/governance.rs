//! The governance log of a participant: question and answer, with the fields that went into them.
use causeway_message::action::Action;
use causeway_message::control::proposal_digest;
use causeway_message::frame::Template;
use causeway_message::time::Timestamp;
use causeway_message::wire::{
    GovernanceLines, GovernanceQuery, GovernanceReached, GovernanceRecord, Governed,
};
use causeway_message::{KeyId, LedgerId, Status};
use serde_json::{Value, json};

use super::files::hex;
use super::parties::*;

pub fn query() -> (Template, Vec<u8>, Value) {
    let query = GovernanceQuery {
        participant: AGENT,
        before: 41,
    };
    let fields = json!({ "participant": 1, "reserved": 0, "before": 41 });
    (Template::GovernanceQuery, query.write(), fields)
}

fn record(place: (u64, u16), person: Option<u32>, status: Status, what: Governed) -> GovernanceRecord {
    let action = Action::SetStanding {
        participant: ALFA,
        suspended: true,
    };
    let digest = match what {
        Governed::NotUnderstood => [0; 32],
        _ => proposal_digest(LedgerId([0x77; 32]), AGENT, id(0x44, 1), &action),
    };
    GovernanceRecord {
        entry: place.0,
        time: Timestamp(845_000_000_000_000_000 + place.0),
        id: id(0x44, usize::from(place.1) + 1),
        digest,
        key: KeyId(2),
        person,
        status,
        ordinal: place.1,
        what,
    }
}

pub fn lines() -> (Template, Vec<u8>, Value) {
    let action = Action::SetStanding {
        participant: ALFA,
        suspended: true,
    };
    let mut payload = Vec::new();
    action.write(&mut payload);
    let proposes = Governed::Proposes(action);
    let records = vec![
        record((40, 0), Some(2), Status::ProposalUnknown, Governed::Withdraws),
        record((39, 0), Some(7), Status::SamePerson, Governed::Approves),
        record((38, 0), Some(0), Status::Proposed, proposes),
        record((38, 1), None, Status::ActionInvalid, Governed::NotUnderstood),
    ];
    let reached = GovernanceReached {
        entry: 40,
        time: Timestamp(845_000_000_000_000_040),
        origin: (38, 1),
        amount: 500,
        status: Status::ProposalExpired,
    };
    let told = |record: &GovernanceRecord| {
        let (what, action) = match &record.what {
            Governed::NotUnderstood => (0, String::new()),
            Governed::Proposes(_) => (1, hex(&payload)),
            Governed::Approves => (2, String::new()),
            Governed::Withdraws => (3, String::new()),
        };
        json!({
            "entry": record.entry, "time": record.time.0, "id": hex(&record.id.0), "digest": hex(&record.digest), "key": 2,
            "person": record.person.unwrap_or(0), "status": record.status as u16, "ordinal": record.ordinal, "what": what,
            "known": u8::from(record.person.is_some()), "reserved": 0, "action": action,
        })
    };
    let fields = json!({
        "index": 60, "next": 38, "participant": 1, "reserved": 0,
        "records": records.iter().map(told).collect::<Vec<_>>(),
        "reached": [{
            "entry": 40, "time": 845_000_000_000_000_040_u64, "origin": 38, "amount": 500, "ordinal": 1,
            "status": Status::ProposalExpired as u16, "reserved": 0,
        }],
    });
    let page = GovernanceLines {
        index: 60,
        next: 38,
        participant: AGENT,
        records,
        reached: vec![reached],
    };
    (Template::GovernanceLines, page.write(), fields)
}
