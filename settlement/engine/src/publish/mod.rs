//! The publish thread: proves what was applied, keeps it, answers those who asked and tells those it concerns.
pub mod archive;
pub mod cards;
pub mod cold;
pub mod cuts;
pub mod feeds;
pub mod governance;
pub mod groups;
pub mod history;
pub mod prove;
pub mod receipt;
pub mod record;
pub(crate) mod scrub;
pub mod statement;
mod tell;
pub mod tree;

use std::sync::Arc;

use causeway_ledger::{Outcome, currency_code};
use causeway_message::checkpoint::{Checkpoint, origin};
use causeway_message::digest::Digest;
use causeway_message::effects::EffectsHead;
use causeway_message::entry::{EntryKind, Roots};
use causeway_message::exchange::Exchange;
use causeway_message::keys::SigningKey;
use causeway_message::leaf::Leaf;
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::wire::{AnswersMessage, LeafProof};
use causeway_message::{LedgerId, Status, mutated};
use crossbeam::channel::{Receiver, Sender};

use crate::engine::Shared;
use crate::error::EngineError;
use crate::hub::Hub;
use crate::intake::{Reply, ReplyTo};
use crate::item::{Applied, Committed, Payload};
use crate::journal::Location;
use crate::snapshot::SnapshotJob;
use crate::system::Dir;
use archive::{Archive, Mark};
use groups::{BatchSource, Scratch, Source};
use prove::{Proven, prove};

/// A signed tree head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeHead {
    /// Log index of the last entry it covers.
    pub index: u64,
    /// Leaves.
    pub size: u64,
    /// Root.
    pub root: Digest,
    /// The signed checkpoint.
    pub note: String,
}

/// Signs tree heads.
#[derive(Debug)]
pub struct Signer {
    ledger: LedgerId,
    name: String,
    key: SigningKey,
}

impl Signer {
    /// A signer of a ledger's checkpoints under a node's name.
    pub const fn new(ledger: LedgerId, name: String, key: SigningKey) -> Self {
        Self { ledger, name, key }
    }

    /// Signs the tree head over everything up to an entry.
    pub fn sign(&self, index: u64, size: u64, root: Digest) -> TreeHead {
        let note = Checkpoint {
            origin: origin(self.ledger),
            size,
            root,
        }
        .sign(&self.name, &self.key);
        TreeHead {
            index,
            size,
            root,
            note,
        }
    }
}

struct Told {
    proven: Proven,
    leaf_index: u64,
    outcome: Outcome,
    reply: Option<(ReplyTo, u64)>,
}

pub(crate) struct Publisher {
    pub applied: Receiver<Vec<Applied>>,
    pub archive: Arc<Archive>,
    pub hub: Arc<Hub>,
    pub shared: Arc<Shared>,
    pub signer: Signer,
    pub snapshots: Sender<SnapshotJob>,
    pub effects_end: u64,
    scratch: Scratch,
    /// Effects and places not written yet.
    buffer: Vec<u8>,
    places: Vec<(Location, u64)>,
    next_entry: u64,
}

impl Publisher {
    pub fn new(
        applied: Receiver<Vec<Applied>>,
        archive: Arc<Archive>,
        hub: Arc<Hub>,
        shared: Arc<Shared>,
        signer: Signer,
        snapshots: Sender<SnapshotJob>,
        mark: &Mark,
    ) -> Self {
        Self {
            applied,
            archive,
            hub,
            shared,
            signer,
            snapshots,
            effects_end: mark.effects,
            scratch: Scratch::default(),
            buffer: Vec::new(),
            places: Vec::new(),
            next_entry: mark.index + 1,
        }
    }

    /// Signs the tree as a snapshot left it.
    pub fn resume(&self, mark: &Mark) -> Result<(), EngineError> {
        if mark.index != 0 {
            let head = self
                .signer
                .sign(mark.index, mark.frontier.size(), mark.frontier.root());
            self.shared.set_published(head);
        }
        Ok(())
    }

    /// Runs until the apply thread is gone.
    pub fn run(mut self) -> Result<(), EngineError> {
        while let Ok(group) = self.applied.recv() {
            self.turn(group)?;
        }
        Ok(())
    }

    /// Publishes a group and whatever else was applied meanwhile.
    pub fn turn(&mut self, mut group: Vec<Applied>) -> Result<(), EngineError> {
        // They share a checkpoint: under load signatures are made, sent and checked less often. A snapshot belongs
        // behind its own entry, so nothing is joined to one.
        while !matches!(group.last(), Some(Applied::Snapshot { .. })) {
            let Ok(more) = self.applied.try_recv() else { break };
            group.extend(more);
        }
        self.group(group)
    }

    /// Publishes what commit groups caused.
    pub fn group(&mut self, group: Vec<Applied>) -> Result<(), EngineError> {
        let mut told = Vec::with_capacity(group.len());
        let mut again = Vec::new();
        let mut snapshot = None;
        for applied in group {
            match applied {
                Applied::Entry(applied) => {
                    let (entry, outcome) = *applied;
                    told.push(self.entry(entry, outcome)?);
                }
                Applied::Again { entry, number, reply } => again.push((entry, number, reply)),
                Applied::Snapshot { index, ledger } => snapshot = Some((index, ledger)),
            }
        }
        let head = self.seal()?;
        self.tell_feeds(&told, &head)?;
        self.answer(told, &head)?;
        for (entry, number, reply) in again {
            self.answer_again(entry, number, reply, &head);
        }
        if let Some((index, ledger)) = snapshot {
            self.snapshot(index, ledger)?;
        }
        Ok(())
    }

    fn entry(&mut self, entry: Committed, outcome: Outcome) -> Result<Told, EngineError> {
        let index = entry.header.index.get();
        let (batch, batch_number) = match &entry.payload {
            Payload::Batch(batch) => {
                self.archive.keep(index, batch);
                (Some(BatchSource::new(batch)), batch.number())
            }
            Payload::Bytes(bytes) => {
                self.check_roots(&entry, bytes)?;
                (None, 0)
            }
        };
        let source = Source { entry: index, batch };
        let mut feeds = self.archive.feeds();
        let number = |who, count| feeds.number(who, count, index);
        let proven = prove(&mut self.scratch, &source, &entry.header, &outcome, number);
        drop(feeds);
        let mut tree = self.archive.tree_mut();
        let leaf_index = tree.size();
        tree.push(proven.leaf.hash())?;
        drop(tree);
        if let Payload::Batch(batch) = &entry.payload {
            let cards = self.archive.cards();
            cards.keep(batch, entry.location, &proven, leaf_index, &outcome.answers);
        }
        self.places
            .push((entry.location, self.effects_end + self.buffer.len() as u64));
        let Proven {
            leaf,
            effects,
            groups,
            ..
        } = &proven;
        record::write(&mut self.buffer, leaf_index, leaf, effects, &outcome, &groups.all);
        count_outcomes(index, &outcome);
        let reply = entry.reply.map(|reply| (reply, batch_number));
        Ok(Told {
            proven,
            leaf_index,
            outcome,
            reply,
        })
    }

    /// Holds the tree to a head that the journal carries.
    fn check_roots(&self, entry: &Committed, payload: &[u8]) -> Result<(), EngineError> {
        if entry.header.kind.get() != EntryKind::Roots as u16 {
            return Ok(());
        }
        let index = entry.header.index.get();
        let Roots { size, root } =
            Roots::read(payload).map_err(|e| EngineError::format(format!("log entry {index}"), e))?;
        let tree = self.archive.tree();
        if size > tree.size() || tree.root_at(size)? != root {
            return Err(EngineError::Diverged { index, size });
        }
        Ok(())
    }

    /// Writes what the group caused and signs the tree over it.
    fn seal(&mut self) -> Result<TreeHead, EngineError> {
        self.archive
            .append(self.effects_end, &self.buffer, self.next_entry, &self.places)?;
        self.effects_end += self.buffer.len() as u64;
        self.next_entry += self.places.len() as u64;
        let grown = !self.places.is_empty();
        self.buffer.clear();
        self.places.clear();
        let (size, root) = {
            let mut tree = self.archive.tree_mut();
            tree.flush()?;
            (tree.size(), tree.root())
        };
        if !grown && let Some(head) = self.shared.tree_head() {
            return Ok((*head).clone());
        }
        let (size, root) = if mutated!(StaleProof) && size > 1 {
            (size - 1, self.archive.root_at(size - 1)?)
        } else {
            (size, root)
        };
        let head = self.signer.sign(self.next_entry - 1, size, root);
        self.shared.set_published(head.clone());
        metrics::gauge!("causeway_log_tree_size").set(size as f64);
        metrics::counter!("causeway_settlement_entries_total").absolute(self.next_entry - 1);
        Ok(head)
    }

    fn answer(&mut self, told: Vec<Told>, head: &TreeHead) -> Result<(), EngineError> {
        for entry in told {
            self.scratch.take_back(entry.proven.groups);
            let Some((reply, number)) = entry.reply else {
                continue;
            };
            let proof = self.archive.prove(&entry.proven.leaf, entry.leaf_index, head)?;
            let message = message(
                &entry.proven.leaf,
                &entry.proven.effects,
                entry.outcome,
                number,
                proof,
                head,
            );
            reply.send(Reply::Answers(message.write()));
        }
        Ok(())
    }

    /// Answers a batch that was sent again: as it was answered before, under the newest checkpoint.
    fn answer_again(&self, entry: u64, number: u64, reply: ReplyTo, head: &TreeHead) {
        let answers = self.archive.effects(entry).and_then(|kept| {
            let proof = self.archive.prove(&kept.leaf, kept.leaf_index, head)?;
            Ok(message(
                &kept.leaf,
                &kept.effects,
                kept.outcome,
                number,
                proof,
                head,
            ))
        });
        reply.send(match answers {
            Ok(message) => Reply::Answers(message.write()),
            Err(error) => {
                tracing::error!(%error, entry, "answers of an earlier batch cannot be read");
                Reply::Refused(Refusal::new(RefusalCode::Internal, "").about(number))
            }
        });
    }

    /// Where the derived files stand now.
    pub fn mark(&self) -> Mark {
        Mark {
            index: self.next_entry - 1,
            effects: self.effects_end,
            frontier: self.archive.tree().frontier().clone(),
            feeds: self.archive.feeds().clone(),
        }
    }

    fn snapshot(&self, index: u64, ledger: Vec<u8>) -> Result<(), EngineError> {
        let mark = self.mark();
        debug_assert_eq!(mark.index, index);
        let job = SnapshotJob {
            ledger,
            mark,
            files: self.archive.files(),
        };
        // A snapshot still being written is soon enough: the next one comes.
        if self.snapshots.try_send(job).is_err() {
            tracing::warn!(
                index,
                "the snapshot before is still being written; this one is left out"
            );
        }
        Ok(())
    }
}

fn message(
    leaf: &Leaf,
    effects: &EffectsHead,
    outcome: Outcome,
    number: u64,
    proof: LeafProof,
    head: &TreeHead,
) -> AnswersMessage {
    AnswersMessage {
        number,
        index: leaf.index,
        time: leaf.time,
        rules_version: leaf.rules_version,
        kind: leaf.kind,
        groups: effects.groups,
        groups_root: effects.groups_root,
        input_digest: leaf.input_digest,
        answers: outcome.answers,
        details: outcome.details,
        proof,
        checkpoint: head.note.clone(),
    }
}

fn count_outcomes(entry: u64, outcome: &Outcome) {
    let mut counts = [0u64; 256];
    for answer in outcome.answers.iter().filter(|answer| answer.is_first()) {
        counts[usize::from(answer.status.get().to_le_bytes()[0])] += 1;
    }
    let mut released = 0;
    for deferred in outcome.later(entry) {
        counts[deferred.status as usize] += 1;
        released += u64::from(deferred.status.is_final());
    }
    for status in causeway_message::Status::ALL {
        let count = counts[*status as usize];
        if count != 0 {
            metrics::counter!("causeway_settlement_instructions_total", "outcome" => status.name())
                .increment(count);
        }
    }
    for deferred in outcome
        .deferred
        .iter()
        .filter(|told| told.status == Status::Settled)
    {
        outcome.exchange(deferred).into_iter().for_each(count_exchange);
    }
    if released != 0 {
        metrics::counter!("causeway_queue_released_total").increment(released);
    }
}

/// Counts an FX payment that settled, and how far each of its conversions lies from the reference rate.
fn count_exchange(exchange: &Exchange) {
    metrics::counter!("causeway_settlement_exchanges_total").increment(1);
    for hop in &exchange.hops {
        if let Some(share) = hop.spread_millionths() {
            let (from, to) = (currency_code(hop.from.0), currency_code(hop.to.0));
            metrics::histogram!("causeway_settlement_spread_millionths", "from" => from, "to" => to)
                .record(share as f64);
        }
    }
}

/// Removes the derived files: they are made again.
pub(crate) fn reset(dir: &Dir) -> Result<(), EngineError> {
    match dir.system().remove_dir(dir.path()) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(EngineError::file(dir.path(), e)),
        _ => Ok(()),
    }
}
