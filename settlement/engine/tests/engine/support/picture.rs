//! Everything a node shows that must be the same after a restart.
use std::collections::BTreeMap;

use causeway_engine::Engine;
use causeway_engine::query::Position;
use causeway_message::wire::{BalanceLine, InstructionKey};
use causeway_message::{InstructionId, ParticipantId, SessionId, Status};

use super::{Seen, Sent, World, cold};

/// Where an instruction stands: status, entry, ordinal, causing entry.
type Standing = (Status, u64, u16, u64);

/// What is shown.
#[derive(Debug, PartialEq, Eq)]
pub struct Picture {
    positions: Vec<Position>,
    balances: Vec<Vec<BalanceLine>>,
    feeds: Vec<Vec<Seen>>,
    sessions: BTreeMap<(ParticipantId, SessionId), u64>,
    known: BTreeMap<(ParticipantId, InstructionId), Option<Standing>>,
    names: Vec<String>,
}

impl Picture {
    pub fn of(world: &World, engine: &Engine, sent: &Sent) -> Self {
        let registry = engine.registry();
        let all = (0..registry.len() as u32).map(ParticipantId);
        let balances = |who| engine.asker().balances(who, 0).expect("balances").lines;
        let mut picture = Self {
            positions: engine.asker().positions().expect("positions"),
            balances: all.clone().map(balances).collect(),
            feeds: all.clone().map(|who| cold(world, engine, who, 1)).collect(),
            sessions: BTreeMap::new(),
            known: BTreeMap::new(),
            names: all
                .map(|who| registry.get(who).expect("registered").name.clone())
                .collect(),
        };
        for told in &sent.told {
            let (who, session) = (told.batch.participant(), told.batch.session());
            picture
                .sessions
                .insert((who, session), engine.last_number(who, session));
            for id in told.batch.instruction_ids() {
                let key = InstructionKey { submitter: who, id };
                let status = engine.asker().status(key).expect("an answer");
                let standing = status.map(|s| (s.status, s.entry, s.ordinal, s.cause));
                picture.known.insert((who, id), standing);
            }
        }
        picture
    }
}
