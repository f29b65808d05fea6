//! The real ledger and the real proofs on a log made here, without a node's threads; the auditor is given each entry
//! first.
use std::collections::{BTreeMap, BTreeSet};

use causeway_engine::publish::feeds::Feeds;
use causeway_engine::publish::groups::{BatchSource, Scratch, Source};
use causeway_engine::publish::prove::{Proven, prove};
use causeway_ledger::{Input, Ledger, Original, Outcome, Past, Planned};
use causeway_loadtest::audit::{Auditor, Fault};
use causeway_message::Status;
use causeway_message::action::Action;
use causeway_message::batch::BatchView;
use causeway_message::checkpoint::{Checkpoint, origin};
use causeway_message::control::{Control, ControlView, proposal_digest};
use causeway_message::digest::Digest;
use causeway_message::entry::{ENTRY_VERSION, EntryHeader, EntryKind, Roots, Rules, payload_digest};
use causeway_message::event::{EventKind, each};
use causeway_message::extension::Walk;
use causeway_message::genesis::Genesis;
use causeway_message::limits::DEFERRED_EFFECTS_MAX;
use causeway_message::plan::Plan;
use causeway_message::record::{Instruction, Kind};
use causeway_message::rfc6962::{Levels, root};
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::wire::{AnswersMessage, FeedEntry, FeedPage, LeafProof};
use causeway_message::{InstructionId, LedgerId, ParticipantId, SessionId};

use super::log::Log;
use super::world::node_key;

/// 2023-11-14 or so.
const START: u64 = 753_000_000 * 1_000_000_000;

/// What a node would publish of one entry.
#[derive(Debug, Clone)]
pub struct Told {
    pub answers: Option<(ParticipantId, AnswersMessage)>,
    pub entries: Vec<FeedEntry>,
    pub note: String,
}

impl Told {
    /// The pages that would reach each participant.
    pub fn pages(&self) -> Vec<(ParticipantId, FeedPage)> {
        let page = |entry: &FeedEntry| FeedPage {
            first: entry.group.first,
            next: entry.group.first + u64::from(entry.group.count),
            entries: vec![entry.clone()],
            checkpoint: self.note.clone(),
        };
        self.entries
            .iter()
            .map(|entry| (entry.group.participant, page(entry)))
            .collect()
    }
}

struct Applied {
    batch: Option<(ParticipantId, u64)>,
    outcome: Outcome,
    proven: Proven,
}

pub struct Rig {
    pub genesis: Genesis,
    pub ledger: Ledger,
    pub auditor: Auditor,
    /// Every id that was submitted, and by whom.
    pub ids: BTreeSet<(ParticipantId, InstructionId)>,
    /// Every instruction that settled or waited at first, and when.
    pub accepted: Vec<(Instruction, Timestamp)>,
    /// What sides of trades were answered, and those that stayed unmatched then.
    pub trades: BTreeMap<Status, u64>,
    unmatched: Vec<Instruction>,
    /// What FX payments and locks were answered, and locks with their numbers.
    pub exchanges: BTreeMap<(u8, Status), u64>,
    locks: Vec<(u64, Instruction)>,
    proposed: Vec<(ParticipantId, Digest)>,
    scratch: Scratch,
    feeds: Feeds,
    leaves: Vec<Digest>,
    hash: Digest,
    time: Timestamp,
    applied: Vec<Applied>,
    log: Payloads,
    /// What came of the last entry, in words.
    last: String,
}

/// The payload of every entry of the log, the one under way among them.
#[derive(Default)]
struct Payloads(Vec<Vec<u8>>);

impl Past for Payloads {
    fn original(&self, entry: u64, ordinal: u16) -> Option<Original> {
        let at = usize::try_from(entry.checked_sub(1)?).ok()?;
        let view = BatchView::parse(self.0.get(at)?).ok()?;
        let mut walk = Walk::new(view.extensions);
        let extensions = (0..=usize::from(ordinal)).map(|place| walk.of(place)).last()?;
        Some(Original {
            record: *view.records.get(usize::from(ordinal))?,
            extensions: extensions.to_vec(),
        })
    }
}

impl Rig {
    pub fn new(genesis: Genesis) -> Self {
        let mut rig = Self {
            ledger: Ledger::new(&genesis, 1).expect("the genesis holds"),
            auditor: Auditor::new(&genesis),
            ids: BTreeSet::new(),
            accepted: Vec::new(),
            trades: BTreeMap::new(),
            unmatched: Vec::new(),
            exchanges: BTreeMap::new(),
            locks: Vec::new(),
            proposed: Vec::new(),
            scratch: Scratch::default(),
            feeds: Feeds::default(),
            leaves: Vec::new(),
            hash: genesis.ledger_id().0,
            time: Timestamp(START),
            applied: Vec::new(),
            log: Payloads::default(),
            last: String::new(),
            genesis,
        };
        let payload = rig.genesis.to_bytes();
        rig.plain(EntryKind::Genesis, &payload)
            .expect("the auditor agrees");
        rig
    }

    /// Header of the next entry.
    pub fn header(&self, kind: EntryKind, payload: &[u8], digest: Digest) -> EntryHeader {
        EntryHeader {
            index: (self.leaves.len() as u64 + 1).into(),
            term: 1.into(),
            time: (self.time.0 + 1).into(),
            leader: 1.into(),
            len: (payload.len() as u32).into(),
            kind: (kind as u16).into(),
            version: ENTRY_VERSION.into(),
            crc32c: 0.into(),
            payload_digest: digest,
            prev_hash: self.hash,
        }
    }

    fn plain(&mut self, kind: EntryKind, payload: &[u8]) -> Result<(), Fault> {
        let header = self.header(kind, payload, payload_digest(payload));
        self.add(&header, payload, None)
    }

    fn add(
        &mut self,
        header: &EntryHeader,
        payload: &[u8],
        batch: Option<&VerifiedBatch>,
    ) -> Result<(), Fault> {
        self.log.0.push(payload.to_vec());
        self.auditor.entry(header, payload)?;
        let index = header.index.get();
        let plan = (header.kind() == Ok(EntryKind::Plan)).then(|| Plan::read(payload).expect("a plan"));
        let input = match (header.kind().expect("a kind"), batch) {
            (_, Some(batch)) => Input::Batch(batch),
            (EntryKind::Plan, _) => Input::Plan(plan.as_ref().expect("a plan")),
            (EntryKind::Genesis, _) => Input::Genesis,
            (EntryKind::Roots, _) => Input::Roots,
            (EntryKind::Rules, _) => Input::Rules(Rules::read(payload).expect("a version").0),
            _ => Input::Tick,
        };
        let mut outcome = Outcome::default();
        self.ledger
            .apply(index, header.time(), input, &self.log, &mut outcome);
        assert!(outcome.deferred.len() <= DEFERRED_EFFECTS_MAX, "too many effects");
        self.note_accepted(header.time(), payload, &outcome);
        let source = Source {
            entry: index,
            batch: batch.map(BatchSource::new),
        };
        let feeds = &mut self.feeds;
        let number = |who, count| feeds.number(who, count, index);
        let proven = prove(&mut self.scratch, &source, header, &outcome, number);
        self.note_last(payload, &outcome, &proven);
        self.leaves.push(proven.leaf.hash());
        self.hash = header.hash();
        self.time = header.time();
        self.applied.push(Applied {
            batch: batch.map(|batch| (batch.participant(), batch.number())),
            outcome,
            proven,
        });
        Ok(())
    }

    /// From here on this version of the rules is in force.
    pub fn rules(&mut self, version: u16) -> Result<(), Fault> {
        let mut payload = Vec::new();
        Rules(version).write(&mut payload);
        self.plain(EntryKind::Rules, &payload)
    }

    /// What came of the last entry's plan, if it was one, and how many sides of trades settled in the entry.
    pub fn planned(&self) -> Option<(Planned, u64)> {
        let outcome = &self.applied.last()?.outcome;
        let trades = outcome
            .deferred
            .iter()
            .filter(|effect| effect.status == Status::Settled && effect.record.kind == Kind::Pvp as u8);
        Some((outcome.planned.clone()?, trades.count() as u64))
    }

    fn note_accepted(&mut self, at: Timestamp, payload: &[u8], outcome: &Outcome) {
        let Ok(view) = BatchView::parse(payload) else {
            return self.note_proposed(payload, outcome);
        };
        let entry = self.log.0.len() as u64;
        for (place, (record, answer)) in view.records.iter().zip(&outcome.answers).enumerate() {
            if record.kind > Kind::Pvp as u8
                && answer.is_first()
                && let Some(status) = answer.status()
            {
                *self.exchanges.entry((record.kind, status)).or_default() += 1;
                if status == Status::SetAside {
                    self.locks.push((entry * 8_192 + place as u64, *record));
                }
            }
            let accepted = answer.status().is_some_and(|status| !Status::is_rejected(status));
            if record.kind == Kind::Pvp as u8
                && answer.is_first()
                && let Some(status) = answer.status()
            {
                *self.trades.entry(status).or_default() += 1;
                if status == Status::Unmatched {
                    self.unmatched.push(*record);
                }
            }
            if accepted && answer.is_first() {
                self.accepted.push((*record, at));
            }
        }
    }

    fn note_proposed(&mut self, payload: &[u8], outcome: &Outcome) {
        let Ok(view) = ControlView::parse(payload) else {
            return;
        };
        let who = ParticipantId(view.block.participant.get());
        for (record, answer) in view.records.iter().zip(&outcome.answers) {
            if let Some(Control::Propose(action)) = &record.control
                && answer.status() == Some(Status::Proposed)
            {
                let id = record.instruction_id;
                let digest = proposal_digest(self.genesis.ledger_id(), who, id, action);
                self.proposed.push((who, digest));
            }
        }
    }

    /// The last entry and what came of it, as the ledger says and as the auditor does.
    pub fn last_in_words(&self) -> String {
        let own = self.auditor.expected(self.auditor.index());
        let (Some(own), Some(payload)) = (own, self.log.0.last()) else {
            return String::new();
        };
        let mut text = format!("log entry {} at {}\n", own.leaf.index, own.leaf.time.seconds());
        text += &super::words::answers(payload, &own.answers);
        for group in &own.groups {
            text += &format!("  participant {}\n", group.head.participant);
            text += &super::words::events(&group.events);
        }
        text + "as the ledger says:\n" + &self.last
    }

    fn note_last(&mut self, payload: &[u8], outcome: &Outcome, proven: &Proven) {
        self.last = super::words::answers(payload, &outcome.answers);
        for group in &proven.groups.all {
            self.last += &format!("  participant {}\n", group.head.participant);
            self.last += &super::words::events(&proven.groups.events[group.range.clone()]);
        }
    }

    /// What a node would publish of everything applied since the last time, under one checkpoint.
    pub fn publish(&mut self) -> Vec<Told> {
        let levels = Levels::new(self.leaves.clone());
        let note = Checkpoint {
            origin: origin(self.genesis.ledger_id()),
            size: self.leaves.len() as u64,
            root: root(&self.leaves),
        }
        .sign("node-1.test", &node_key());
        let applied = std::mem::take(&mut self.applied);
        applied
            .into_iter()
            .map(|applied| told(applied, &levels, &note))
            .collect()
    }

    /// Shows the auditor everything that a node would publish, and what it would say when asked.
    pub fn observe(&mut self) -> Result<(), Fault> {
        for told in self.publish() {
            if let Some((who, message)) = &told.answers {
                self.auditor.answers(*who, message)?;
            }
            for (who, page) in told.pages() {
                self.auditor.page(who, &page)?;
            }
        }
        for who in (0..self.ledger.registry().len() as u32).map(ParticipantId) {
            self.auditor.balances(who, 0, &self.ledger.balances(who, 0))?;
        }
        Ok(())
    }
}

impl Log for Rig {
    fn ledger(&self) -> LedgerId {
        self.genesis.ledger_id()
    }

    fn last(&self, who: ParticipantId, session: SessionId) -> u64 {
        self.ledger.sessions().last(who, session)
    }

    fn now(&self) -> Timestamp {
        self.time
    }

    fn wait(&mut self, nanos: u64) {
        self.time.0 += nanos;
    }

    fn tick(&mut self) -> Result<(), Fault> {
        self.plain(EntryKind::Tick, &[])
    }

    fn roots(&mut self) -> Result<(), Fault> {
        let mut payload = Vec::new();
        let (size, root) = (self.leaves.len() as u64, root(&self.leaves));
        Roots { size, root }.write(&mut payload);
        self.plain(EntryKind::Roots, &payload)
    }

    fn plan(&mut self, plan: &Plan) -> Result<(), Fault> {
        let mut payload = Vec::new();
        plan.write(&mut payload);
        self.plain(EntryKind::Plan, &payload)
    }

    fn waits(&self) -> (u64, Vec<(ParticipantId, InstructionId)>) {
        (self.auditor.index(), self.auditor.waits().collect())
    }

    fn proposed(&self, who: ParticipantId) -> Vec<Digest> {
        let own = self.proposed.iter().rev().filter(|(owner, _)| *owner == who);
        own.take(12).map(|(_, digest)| *digest).collect()
    }

    fn locks(&self) -> &[(u64, Instruction)] {
        &self.locks
    }

    fn unmatched(&self) -> &[Instruction] {
        &self.unmatched[self.unmatched.len().saturating_sub(40)..]
    }

    fn executed(&self) -> Vec<Action> {
        let last = self.auditor.expected(self.auditor.index());
        let events = last.iter().flat_map(|last| &last.groups);
        let executed = events.flat_map(|group| each(&group.events)).filter(|event| {
            event.kind() == Some(EventKind::Control) && event.status() == Some(Status::Executed)
        });
        executed
            .filter_map(|event| event.control().map(|(.., action)| action))
            .collect()
    }

    fn batch(&mut self, batch: &VerifiedBatch) -> Result<(), Fault> {
        let ids = batch.instruction_ids().into_iter();
        self.ids.extend(ids.map(|id| (batch.participant(), id)));
        let kind = match batch.class() {
            causeway_message::batch::Class::Instructions => EntryKind::Batch,
            causeway_message::batch::Class::Control => EntryKind::Control,
        };
        let header = self.header(kind, batch.frame(), *batch.input_digest());
        self.add(&header, batch.frame(), Some(batch))
    }
}

fn told(applied: Applied, levels: &Levels, note: &str) -> Told {
    let Applied {
        batch,
        outcome,
        proven,
    } = applied;
    let (leaf, effects) = (proven.leaf, proven.effects);
    let at = leaf.index as usize - 1;
    let proof = LeafProof {
        leaf_index: at as u64,
        path: levels.path(at),
    };
    let answers = batch.map(|(who, number)| {
        let message = AnswersMessage {
            number,
            index: leaf.index,
            time: leaf.time,
            rules_version: leaf.rules_version,
            kind: leaf.kind,
            groups: effects.groups,
            groups_root: effects.groups_root,
            input_digest: leaf.input_digest,
            answers: outcome.answers.clone(),
            details: outcome.details.clone(),
            proof: proof.clone(),
            checkpoint: note.to_owned(),
        };
        (who, message)
    });
    let entry = |(place, group): (usize, &causeway_engine::publish::groups::Group)| FeedEntry {
        leaf,
        proof: proof.clone(),
        effects,
        group: group.head,
        group_index: place as u32,
        group_path: proven.paths.path(place),
        events: proven.groups.events[group.range.clone()].to_vec(),
    };
    Told {
        answers,
        entries: proven.groups.all.iter().enumerate().map(entry).collect(),
        note: note.to_owned(),
    }
}

/// Everything was seen, and nothing differs.
pub fn whole(rig: &Rig) {
    let all: Vec<ParticipantId> = (0..rig.auditor.participants() as u32)
        .map(ParticipantId)
        .collect();
    let last = rig.auditor.index();
    rig.auditor.complete(last, &all).expect("every event was seen");
    rig.auditor
        .answered(last, &all)
        .expect("every batch was answered");
    rig.auditor.invariants().expect("the books hold");
    assert_eq!(rig.auditor.waiting(), rig.ledger.waiting());
    assert_eq!(rig.auditor.ids_remembered(), rig.ledger.ids_remembered());
    assert_eq!(rig.auditor.next_due(), rig.ledger.next_due());
    let sessions: BTreeMap<_, _> = rig.auditor.sessions().collect();
    assert_eq!(sessions, rig.ledger.sessions().all().collect());
}
