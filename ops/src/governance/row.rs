//! Lines of the governance log in words: one row each, which JSON, CSV and text are made from.
use causeway_engine::governance::{Decision, Governance, Line, Proposal, Reached, Signer, Stand};
use causeway_message::ParticipantId;
use causeway_message::digest::Digest;
use causeway_message::genesis::Genesis;
use causeway_message::ids::hex;
use causeway_message::time::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::fields;
use crate::client::words::{self, Names};

/// The log index of the genesis.
const FIRST_ENTRY: u64 = 1;

/// Who signed.
#[derive(Debug, Clone, Serialize)]
pub struct ByJson {
    pub participant: String,
    pub participant_id: u32,
    pub key: u32,
    /// `null` if the participant never had such a key.
    pub person: Option<u32>,
}

/// An approval or withdrawal, whatever it was answered.
#[derive(Debug, Clone, Serialize)]
pub struct DecisionJson {
    pub what: &'static str,
    pub entry: u64,
    pub record: u16,
    pub time: String,
    pub by: ByJson,
    pub status: &'static str,
}

/// A status that a proposal reached after its answer.
#[derive(Debug, Clone, Serialize)]
pub struct ReachedJson {
    pub status: &'static str,
    pub entry: u64,
    pub time: String,
    /// Who brought it about; nobody if time did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<ByJson>,
}

/// One line.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// `genesis`, `node`, `participant`, `currency`, `rules`, `proposal`, `approve`, `withdraw` or `not_understood`.
    pub what: &'static str,
    pub entry: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<u16>,
    pub time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<ByJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<&'static str>,
    /// The whole of it in a sentence without its point.
    pub text: String,
    pub fields: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<DecisionJson>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reached: Vec<ReachedJson>,
    /// Whom it names, its signers among them.
    #[serde(skip)]
    pub named: Vec<ParticipantId>,
    /// When anything of it happened.
    #[serde(skip)]
    pub times: Vec<Timestamp>,
}

impl Row {
    fn new(what: &'static str, entry: u64, time: Timestamp, text: String) -> Self {
        Self {
            what,
            entry,
            record: None,
            time: time.to_text(),
            by: None,
            action: None,
            text,
            fields: Map::new(),
            id: None,
            digest: None,
            status: None,
            decisions: Vec::new(),
            reached: Vec::new(),
            named: Vec::new(),
            times: vec![time],
        }
    }

    fn signed(what: &'static str, at: Stand, by: Signer, names: &Names, text: String) -> Self {
        Self {
            record: Some(at.ordinal),
            by: Some(self::by(by, names)),
            named: vec![by.participant],
            ..Self::new(what, at.entry, at.time, text)
        }
    }
}

fn by(signer: Signer, names: &Names) -> ByJson {
    ByJson {
        participant: names.of(signer.participant),
        participant_id: signer.participant.0,
        key: signer.key.0,
        person: signer.person,
    }
}

const fn verb(decision: &Decision) -> &'static str {
    if decision.approves { "approve" } else { "withdraw" }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// All lines: the grants of the genesis, then what the log holds, in its order.
pub fn rows(genesis: &Genesis, governance: &Governance, names: &Names) -> Vec<Row> {
    let mut rows = of_genesis(genesis, names);
    rows.extend(lines(governance, names));
    rows
}

/// What the log holds, in its order.
pub fn lines(governance: &Governance, names: &Names) -> Vec<Row> {
    governance.lines.iter().map(|line| row(line, names)).collect()
}

fn of_genesis(genesis: &Genesis, names: &Names) -> Vec<Row> {
    let new = |what, text| Row::new(what, FIRST_ENTRY, genesis.created, text);
    let begins = format!(
        "ledger {} begins under version {} of the rules",
        genesis.name, genesis.rules
    );
    let mut rows = vec![Row {
        fields: object(json!({
            "name": genesis.name,
            "ledger": genesis.ledger_id().to_string(),
            "rules": genesis.rules,
            "id_capacity": genesis.id_capacity,
            "queue_capacity": genesis.queue_capacity,
        })),
        ..new("genesis", begins)
    }];
    rows.extend(genesis.nodes.iter().map(|node| Row {
        fields: object(json!({ "name": node.name, "public": node.public.to_string() })),
        ..new(
            "node",
            format!("node {} signs checkpoints with {}", node.name, node.public),
        )
    }));
    rows.extend(genesis.participants.iter().enumerate().map(|(id, grant)| Row {
        fields: fields::participant(grant),
        named: vec![ParticipantId(id as u32)],
        ..new(
            "participant",
            format!(
                "{} ({}) takes part with {} keys and {} accounts",
                grant.name,
                words::roles(grant.roles),
                grant.keys.len(),
                grant.accounts.len()
            ),
        )
    }));
    rows.extend(genesis.currencies.iter().map(|grant| {
        let (code, agent) = (words::code(grant.currency), names.of(grant.agent));
        Row {
            fields: object(json!({ "currency": code, "agent": agent, "agent_id": grant.agent.0 })),
            named: vec![grant.agent],
            ..new(
                "currency",
                format!("{code} is open with {agent} as its settlement agent"),
            )
        }
    }));
    rows
}

fn row(line: &Line, names: &Names) -> Row {
    match line {
        Line::Rules(at, version) => Row {
            fields: object(json!({ "rules": version })),
            ..Row::new(
                "rules",
                at.entry,
                at.time,
                format!("version {version} of the rules comes into force"),
            )
        },
        Line::Proposal(proposal) => self::proposal(proposal, names),
        Line::Stray(decision, digest) => stray(decision, digest, names),
        Line::NotUnderstood(at, signer, id, status) => Row {
            id: Some(id.to_string()),
            status: Some(status.name()),
            ..Row::signed(
                "not_understood",
                *at,
                *signer,
                names,
                "a record that is not understood".to_owned(),
            )
        },
    }
}

fn proposal(proposal: &Proposal, names: &Names) -> Row {
    let text = words::action(&proposal.action, names);
    let mut row = Row::signed("proposal", proposal.at, proposal.by, names, text);
    row.action = Some(proposal.action.name());
    row.fields = fields::of(&proposal.action, names);
    row.id = Some(proposal.id.to_string());
    row.digest = Some(hex(&proposal.digest));
    row.status = Some(proposal.status().name());
    for decision in &proposal.decisions {
        row.named.push(decision.by.participant);
        row.times.push(decision.at.time);
        row.decisions.push(DecisionJson {
            what: verb(decision),
            entry: decision.at.entry,
            record: decision.at.ordinal,
            time: decision.at.time.to_text(),
            by: by(decision.by, names),
            status: decision.status.name(),
        });
    }
    row.times
        .extend(proposal.reached.iter().map(|reached| reached.time));
    row.reached = proposal.reached.iter().map(reached).collect();
    if let (Some(first), Some(decision)) = (row.reached.first_mut(), proposal.ended_by()) {
        first.by = Some(by(decision.by, names));
    }
    row.named.extend(fields::named(&proposal.action));
    row
}

fn reached(reached: &Reached) -> ReachedJson {
    ReachedJson {
        status: reached.status.name(),
        entry: reached.entry,
        time: reached.time.to_text(),
        by: None,
    }
}

fn stray(decision: &Decision, digest: &Digest, names: &Names) -> Row {
    let text = format!("{} a proposal that nobody made", verb(decision));
    Row {
        digest: Some(hex(digest)),
        status: Some(decision.status.name()),
        ..Row::signed(verb(decision), decision.at, decision.by, names, text)
    }
}
