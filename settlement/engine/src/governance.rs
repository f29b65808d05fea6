//! The governance log: who proposed, approved and withdrew what, and what became of it, read off a verified log or put
//! together from what a node told of each participant.
use std::collections::BTreeMap;

use causeway_ledger::{Ledger, Outcome};
use causeway_message::action::Action;
use causeway_message::answer::Answer;
use causeway_message::control::{Control, ControlRecord, proposal_digest};
use causeway_message::digest::Digest;
use causeway_message::genesis::Genesis;
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::wire::{GovernanceLines, GovernanceReached, GovernanceRecord, Governed};
use causeway_message::{InstructionId, KeyId, LedgerId, ParticipantId, Status};

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

/// Lines from what was told of participants, each of them whole: what only the log shows, as changes of the rules and
/// decisions of participants that were not asked about, is not among them.
pub fn of_told(told: &[GovernanceLines]) -> Governance {
    let mut records: Vec<(ParticipantId, &GovernanceRecord)> = told
        .iter()
        .flat_map(|lines| lines.records.iter().map(|record| (lines.participant, record)))
        .collect();
    records.sort_by_key(|(_, record)| (record.entry, record.ordinal));
    let mut reached: Vec<&GovernanceReached> = told.iter().flat_map(|lines| &lines.reached).collect();
    reached.sort_by_key(|reached| reached.entry);
    let mut found = Found::default();
    let mut reached = reached.into_iter().peekable();
    for (participant, record) in records {
        // An entry's records stand before what came of it.
        while let Some(reached) = reached.next_if(|reached| reached.entry < record.entry) {
            found.reached(reached);
        }
        found.record(participant, record);
    }
    reached.for_each(|reached| found.reached(reached));
    found.governance
}

/// The control records of one batch that have a first answer: what is sent again is the same record.
pub(crate) fn records<'a>(
    ledger: LedgerId,
    (entry, time): (u64, Timestamp),
    by: Signer,
    records: &'a [ControlRecord],
    answers: &'a [Answer],
) -> impl Iterator<Item = GovernanceRecord> + 'a {
    let answered = (0_u16..).zip(records.iter().zip(answers));
    answered.filter_map(move |(ordinal, (record, answer))| {
        let status = answer.status().filter(|_| answer.is_first())?;
        let id = record.instruction_id;
        let (what, digest) = match &record.control {
            None => (Governed::NotUnderstood, [0; 32]),
            Some(Control::Propose(action)) => {
                let digest = proposal_digest(ledger, by.participant, id, action);
                (Governed::Proposes(action.clone()), digest)
            }
            Some(Control::Approve(digest)) => (Governed::Approves, *digest),
            Some(Control::Withdraw(digest)) => (Governed::Withdraws, *digest),
        };
        Some(GovernanceRecord {
            entry,
            time,
            id,
            digest,
            key: by.key,
            person: by.person,
            status,
            ordinal,
            what,
        })
    })
}

/// What proposals reached by one entry, and whose they are.
pub(crate) fn reached(
    outcome: &Outcome,
    entry: u64,
    time: Timestamp,
) -> impl Iterator<Item = (ParticipantId, GovernanceReached)> + '_ {
    outcome.notices.iter().map(move |notice| {
        let reached = GovernanceReached {
            entry,
            time,
            origin: (notice.entry, notice.ordinal),
            amount: notice.amount,
            status: notice.status,
        };
        (notice.proposer, reached)
    })
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
        let (entry, time) = (step.header.index.get(), step.header.time());
        if let Some(version) = step.rules {
            let at = Stand {
                entry,
                ordinal: 0,
                time,
            };
            self.governance.lines.push(Line::Rules(at, version));
        }
        if let Some(batch) = step.batch.filter(|batch| !batch.control().is_empty()) {
            let by = signer(step.ledger, batch);
            let answers = &step.outcome.answers;
            for record in records(step.ledger.id(), (entry, time), by, batch.control(), answers) {
                self.record(by.participant, &record);
            }
        }
        for (_, reached) in reached(step.outcome, entry, time) {
            self.reached(&reached);
        }
        self.names(step.ledger);
    }

    fn record(&mut self, participant: ParticipantId, record: &GovernanceRecord) {
        let at = Stand {
            entry: record.entry,
            ordinal: record.ordinal,
            time: record.time,
        };
        let by = Signer {
            participant,
            key: record.key,
            person: record.person,
        };
        let (id, digest, status) = (record.id, record.digest, record.status);
        let place = self.governance.lines.len();
        let line = match &record.what {
            Governed::NotUnderstood => Line::NotUnderstood(at, by, id, status),
            Governed::Proposes(action) => {
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
            Governed::Approves => return self.decided(&digest, (at, by, true, status)),
            Governed::Withdraws => return self.decided(&digest, (at, by, false, status)),
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

    fn reached(&mut self, reached: &GovernanceReached) {
        let place = self.by_origin.get(&reached.origin).copied();
        if let Some(proposal) = self.proposal(place) {
            proposal.reached.push(Reached {
                status: reached.status,
                entry: reached.entry,
                time: reached.time,
            });
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
