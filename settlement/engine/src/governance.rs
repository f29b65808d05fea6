//! The governance log: who proposed, approved and withdrew what, and what became of it, read off a verified log.
use std::collections::BTreeMap;

use causeway_ledger::{Ledger, Outcome};
use causeway_message::action::Action;
use causeway_message::control::{Control, ControlRecord, proposal_digest};
use causeway_message::digest::Digest;
use causeway_message::genesis::Genesis;
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::{InstructionId, KeyId, ParticipantId, Status};

use crate::config::EngineConfig;
use crate::error::EngineError;
use crate::verify::{LogFacts, Step, walk};

/// Who signed a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signer {
    /// The participant.
    pub participant: ParticipantId,
    /// Its key.
    pub key: KeyId,
    /// The person who holds that key; `None` if the participant never had such a key.
    pub person: Option<u32>,
}

/// Where a record stands, and when its entry was sequenced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stand {
    /// Log index of its entry.
    pub entry: u64,
    /// Place in its batch.
    pub ordinal: u16,
    /// Time of the entry.
    pub time: Timestamp,
}

/// An `approve` or `withdraw`, whatever it was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Where it stands.
    pub at: Stand,
    /// Who signed it.
    pub by: Signer,
    /// True for an approval, false for a withdrawal.
    pub approves: bool,
    /// What it was answered.
    pub status: Status,
}

/// A status that a proposal reached, and the entry that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// The status.
    pub status: Status,
    /// Log index of the entry.
    pub entry: u64,
    /// Its time.
    pub time: Timestamp,
}

/// A proposal and all that came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Where it stands.
    pub at: Stand,
    /// Who signed it.
    pub by: Signer,
    /// Its instruction id.
    pub id: InstructionId,
    /// Its digest.
    pub digest: Digest,
    /// What was proposed.
    pub action: Action,
    /// What it was answered.
    pub answered: Status,
    /// Those who decided on it, or tried to, in order.
    pub decisions: Vec<Decision>,
    /// What it reached after its answer, in order: how it ended, and what was said of it later.
    pub reached: Vec<Reached>,
}

impl Proposal {
    /// What became of it: its answer, if that was final, else how it ended, else still [`Status::Proposed`].
    pub fn status(&self) -> Status {
        self.reached
            .first()
            .map_or(self.answered, |reached| reached.status)
    }

    /// The decision that ended it; `None` if none has.
    pub fn ended_by(&self) -> Option<&Decision> {
        let ended = self.reached.first()?;
        let by_it = |decision: &&Decision| {
            let gave = if decision.approves {
                decision.status
            } else {
                Status::ProposalWithdrawn
            };
            let taken = decision.approves || decision.status == Status::Executed;
            decision.at.entry == ended.entry && taken && gave == ended.status
        };
        self.decisions.iter().find(by_it)
    }
}

/// What one line tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// From here on this version of the rules is in force.
    Rules(Stand, u16),
    /// A proposal.
    Proposal(Box<Proposal>),
    /// An approval or withdrawal of what nobody proposed.
    Stray(Decision, Digest),
    /// A record that is not understood: answered `action_invalid`.
    NotUnderstood(Stand, Signer, InstructionId, Status),
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Governance {
    /// In order of the log.
    pub lines: Vec<Line>,
    /// Participants by id, those of the genesis among them.
    pub names: Vec<String>,
}

/// Verifies a log as [`crate::verify::log`] does and reads its governance log off it. `progress` is told each entry, and
/// the root of the tree up to it.
///
/// # Errors
/// What of the log does not hold, naming the entry.
pub fn read(
    config: &EngineConfig,
    genesis: &Genesis,
    mut progress: impl FnMut(u64, &Digest),
) -> Result<(LogFacts, Governance), EngineError> {
    let mut found = Found::default();
    let facts = walk(&config.journal_dir(), genesis, |step| {
        found.entry(step);
        progress(step.header.index.get(), &step.root);
    })?;
    Ok((facts, found.governance))
}

#[derive(Default)]
struct Found {
    governance: Governance,
    /// Place of each proposal's line, by digest and by entry and ordinal.
    by_digest: BTreeMap<Digest, usize>,
    by_origin: BTreeMap<(u64, u16), usize>,
}

impl Found {
    fn entry(&mut self, step: &Step<'_>) {
        let at = |ordinal| Stand {
            entry: step.header.index.get(),
            ordinal,
            time: step.header.time(),
        };
        if let Some(version) = step.rules {
            self.governance.lines.push(Line::Rules(at(0), version));
        }
        if let Some(batch) = step.batch.filter(|batch| !batch.control().is_empty()) {
            let by = signer(step.ledger, batch);
            for (ordinal, record) in batch.control().iter().enumerate() {
                let answer = step.outcome.answers.get(ordinal);
                // What is sent again is the same record.
                let status = answer
                    .filter(|answer| answer.is_first())
                    .and_then(|answer| answer.status());
                if let Some(status) = status {
                    self.record(step.ledger, at(ordinal as u16), by, record, status);
                }
            }
        }
        self.reached(step.outcome, at(0));
        self.names(step.ledger);
    }

    fn record(&mut self, ledger: &Ledger, at: Stand, by: Signer, record: &ControlRecord, status: Status) {
        let id = record.instruction_id;
        let place = self.governance.lines.len();
        let line = match &record.control {
            None => Line::NotUnderstood(at, by, id, status),
            Some(Control::Propose(action)) => {
                let digest = proposal_digest(ledger.id(), by.participant, id, action);
                if status == Status::Proposed {
                    self.by_digest.insert(digest, place);
                    self.by_origin.insert((at.entry, at.ordinal), place);
                }
                Line::Proposal(Box::new(Proposal {
                    at,
                    by,
                    id,
                    digest,
                    action: action.clone(),
                    answered: status,
                    decisions: Vec::new(),
                    reached: Vec::new(),
                }))
            }
            Some(Control::Approve(digest)) => return self.decided(digest, (at, by, true, status)),
            Some(Control::Withdraw(digest)) => return self.decided(digest, (at, by, false, status)),
        };
        self.governance.lines.push(line);
    }

    fn decided(&mut self, digest: &Digest, (at, by, approves, status): (Stand, Signer, bool, Status)) {
        let decision = Decision {
            at,
            by,
            approves,
            status,
        };
        let place = self.by_digest.get(digest).copied();
        match self.proposal(place) {
            Some(proposal) => proposal.decisions.push(decision),
            None => self.governance.lines.push(Line::Stray(decision, *digest)),
        }
    }

    fn proposal(&mut self, place: Option<usize>) -> Option<&mut Proposal> {
        match self.governance.lines.get_mut(place?)? {
            Line::Proposal(proposal) => Some(proposal),
            _ => None,
        }
    }

    fn reached(&mut self, outcome: &Outcome, at: Stand) {
        for notice in &outcome.notices {
            let place = self.by_origin.get(&(notice.entry, notice.ordinal)).copied();
            if let Some(proposal) = self.proposal(place) {
                proposal.reached.push(Reached {
                    status: notice.status,
                    entry: at.entry,
                    time: at.time,
                });
            }
        }
    }

    /// Names never change, and participants come one after the other.
    fn names(&mut self, ledger: &Ledger) {
        let names = &mut self.governance.names;
        while let Some(member) = ledger.registry().get(ParticipantId(names.len() as u32)) {
            names.push(member.name.clone());
        }
    }
}

fn signer(ledger: &Ledger, batch: &VerifiedBatch) -> Signer {
    let (participant, key) = (batch.participant(), KeyId(batch.block().key.get()));
    // A key keeps its id and its person when it is revoked.
    let held = ledger
        .registry()
        .get(participant)
        .and_then(|member| member.keys.get(&key));
    Signer {
        participant,
        key,
        person: held.map(|state| state.grant.person),
    }
}
