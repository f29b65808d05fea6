//! A transparency log in memory: real leaves, a real tree, really signed.
use std::collections::BTreeMap;
use std::sync::Arc;

use causeway_message::answer::{Answer, AnswerDetail, answer_leaves};
use causeway_message::batch::Class;
use causeway_message::checkpoint::{Checkpoint, LogKey, origin};
use causeway_message::digest::ZERO;
use causeway_message::effects::EffectsHead;
use causeway_message::entry::EntryKind;
use causeway_message::event::{EventHead, EventKind, GroupHead, Role, own_batch_body};
use causeway_message::keys::SigningKey;
use causeway_message::leaf::{Leaf, RULES_VERSION};
use causeway_message::limits::ANSWERS_PER_CHUNK;
use causeway_message::receipt::{Effect, Receipt};
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::wide::WidePath;
use causeway_message::wire::{AnswersMessage, Consistency, FeedEntry, FeedPage, LeafProof};
use causeway_message::{Digest, LedgerId, ParticipantId, Status, rfc6962};
use zerocopy::IntoBytes;

use crate::world::{LOG_NAME, key, now};

/// Entries in one page.
const PAGE_ENTRIES: usize = 3;

pub struct Group {
    pub head: GroupHead,
    pub digest: Digest,
    pub events: Vec<u8>,
}

pub struct Entry {
    pub leaf: Leaf,
    pub effects: EffectsHead,
    pub answers: Vec<Answer>,
    pub details: Vec<AnswerDetail>,
    pub groups: Vec<Group>,
    /// Nothing for the entry that stands for genesis.
    pub batch: Option<Arc<VerifiedBatch>>,
}

pub struct Log {
    pub ledger: LedgerId,
    pub key: SigningKey,
    pub entries: Vec<Entry>,
    /// Hashes of the leaves: what the tree is made of.
    pub hashes: Vec<Digest>,
    next_event: BTreeMap<ParticipantId, u64>,
}

fn put_event(out: &mut Vec<u8>, kind: EventKind, role: Role, place: (u64, u16), amount: u64, body: &[u8]) {
    let status = if kind == EventKind::Payment {
        u16::from(Status::Settled as u8)
    } else {
        0
    };
    let head = EventHead {
        kind: kind as u8,
        role: role as u8,
        status: status.into(),
        body_len: (body.len() as u16).into(),
        origin_ordinal: place.1.into(),
        origin_entry: place.0.into(),
        amount: amount.into(),
        counter_amount: 0.into(),
    };
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(body);
}

impl Log {
    /// A log with one entry that nobody is told of.
    pub fn new(ledger: LedgerId) -> Self {
        let leaf = Leaf {
            index: 1,
            time: Timestamp::from_seconds(1),
            kind: EntryKind::Genesis as u16,
            rules_version: RULES_VERSION,
            input_digest: ledger.0,
            effects_root: EffectsHead::NONE.root(),
        };
        let genesis = Entry {
            leaf,
            effects: EffectsHead::NONE,
            answers: Vec::new(),
            details: Vec::new(),
            groups: Vec::new(),
            batch: None,
        };
        Self {
            ledger,
            key: key(200),
            hashes: vec![leaf.hash()],
            entries: vec![genesis],
            next_event: BTreeMap::new(),
        }
    }

    pub fn log_key(&self) -> LogKey {
        LogKey::new(LOG_NAME, self.key.public()).expect("a good name")
    }

    /// Signs a head of this log, be it true or not.
    pub fn sign(&self, size: u64, root: Digest) -> String {
        let checkpoint = Checkpoint {
            origin: origin(self.ledger),
            size,
            root,
        };
        checkpoint.sign(LOG_NAME, &self.key)
    }

    pub fn checkpoint(&self) -> String {
        self.sign(self.hashes.len() as u64, rfc6962::root(&self.hashes))
    }

    pub fn proof(&self, at: usize) -> LeafProof {
        LeafProof {
            leaf_index: at as u64,
            path: rfc6962::inclusion(&self.hashes, at),
        }
    }

    fn number_events(&mut self, participant: ParticipantId, count: u32) -> u64 {
        let next = self.next_event.entry(participant).or_insert(1);
        let first = *next;
        *next += u64::from(count);
        first
    }

    /// Who is told what of a batch at log index `index`.
    fn groups(&mut self, batch: &VerifiedBatch, answers: &[Answer], index: u64) -> Vec<Group> {
        let mut told: BTreeMap<ParticipantId, (u32, Vec<u8>)> = BTreeMap::new();
        let own = told.entry(batch.participant()).or_default();
        let body = own_batch_body(batch.session(), batch.number(), answers.len() as u32);
        put_event(
            &mut own.1,
            EventKind::OwnBatch,
            Role::Submitter,
            (index, 0),
            0,
            &body,
        );
        own.0 += 1;
        let records = batch.view().map_or(&[][..], |view| view.records);
        for (i, (record, answer)) in records.iter().zip(answers).enumerate() {
            if answer.is_first() {
                let (count, events) = told.entry(ParticipantId(record.creditor.get())).or_default();
                let place = (index, i as u16);
                let (kind, role) = (EventKind::Payment, Role::Creditor);
                put_event(events, kind, role, place, record.amount.get(), record.as_bytes());
                *count += 1;
            }
        }
        let group = |(participant, (count, events)): (ParticipantId, (u32, Vec<u8>))| {
            let head = GroupHead {
                participant,
                entry: index,
                first: self.number_events(participant, count),
                count,
            };
            let digest = head.digest_of(&events).expect("whole events");
            Group { head, digest, events }
        };
        told.into_iter().map(group).collect()
    }

    /// Enters a batch with its answers; returns the place of its entry.
    pub fn append(
        &mut self,
        batch: &Arc<VerifiedBatch>,
        answers: Vec<Answer>,
        details: Vec<AnswerDetail>,
    ) -> usize {
        let index = self.entries.len() as u64 + 1;
        let groups = self.groups(batch, &answers, index);
        let digests: Vec<Digest> = groups.iter().map(|group| group.digest).collect();
        let effects = EffectsHead::new(&answers, &details, &digests);
        let kind = match batch.class() {
            Class::Instructions => EntryKind::Batch,
            Class::Control => EntryKind::Control,
        };
        let leaf = Leaf {
            index,
            time: Timestamp(now().0 + index),
            kind: kind as u16,
            rules_version: RULES_VERSION,
            input_digest: *batch.input_digest(),
            effects_root: effects.root(),
        };
        self.hashes.push(leaf.hash());
        self.entries.push(Entry {
            leaf,
            effects,
            answers,
            details,
            groups,
            batch: Some(batch.clone()),
        });
        self.entries.len() - 1
    }

    /// Answers of one entry under the newest checkpoint.
    pub fn answers(&self, at: usize) -> AnswersMessage {
        let entry = &self.entries[at];
        let batch = entry.batch.as_ref().expect("an entry of a batch");
        AnswersMessage {
            number: batch.number(),
            index: entry.leaf.index,
            time: entry.leaf.time,
            rules_version: entry.leaf.rules_version,
            kind: entry.leaf.kind,
            groups: entry.effects.groups,
            groups_root: entry.effects.groups_root,
            input_digest: entry.leaf.input_digest,
            answers: entry.answers.clone(),
            details: entry.details.clone(),
            proof: self.proof(at),
            checkpoint: self.checkpoint(),
        }
    }

    fn feed_entry(&self, at: usize, place: usize) -> FeedEntry {
        let entry = &self.entries[at];
        let leaves: Vec<Digest> = entry
            .groups
            .iter()
            .map(|group| rfc6962::leaf_hash(&group.digest))
            .collect();
        FeedEntry {
            leaf: entry.leaf,
            proof: self.proof(at),
            effects: entry.effects,
            group: entry.groups[place].head,
            group_index: place as u32,
            group_path: rfc6962::inclusion(&leaves, place),
            events: entry.groups[place].events.clone(),
        }
    }

    /// The next page of a participant's feed, if there is anything from this number on.
    pub fn page(&self, participant: ParticipantId, from: u64) -> Option<FeedPage> {
        let mut entries = Vec::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let place = entry
                .groups
                .iter()
                .position(|g| g.head.participant == participant);
            let Some(place) = place else { continue };
            let head = entry.groups[place].head;
            if head.first + u64::from(head.count) > from && entries.len() < PAGE_ENTRIES {
                entries.push(self.feed_entry(at, place));
            }
        }
        let (first, last) = (entries.first()?.group, entries.last()?.group);
        Some(FeedPage {
            first: first.first,
            next: last.first + u64::from(last.count),
            entries,
            checkpoint: self.checkpoint(),
        })
    }

    pub fn consistency(&self, old: u64) -> Consistency {
        let path = usize::try_from(old).map_or_else(
            |_| Vec::new(),
            |old| rfc6962::consistency(&self.hashes, old.min(self.hashes.len())),
        );
        Consistency {
            old_size: old,
            path,
            checkpoint: self.checkpoint(),
        }
    }

    /// Receipt of the record at this place, by answer.
    pub fn receipt(&self, at: usize, ordinal: usize) -> Option<Receipt> {
        let entry = &self.entries[at];
        let batch = entry.batch.as_ref()?;
        let chunk = ordinal / ANSWERS_PER_CHUNK;
        Some(Receipt {
            block: *batch.block(),
            record: *batch.view()?.records.get(ordinal)?,
            extensions: Vec::new(),
            record_path: batch.tree().path(ordinal as u32)?,
            origin: entry.leaf,
            origin_proof: self.proof(at),
            effects: entry.effects,
            effect: Effect::Answer {
                chunk: entry.answers.chunks(ANSWERS_PER_CHUNK).nth(chunk)?.to_vec(),
                path: WidePath::cut(&answer_leaves(&entry.answers), chunk as u32)?,
            },
            checkpoint: self.checkpoint(),
        })
    }

    /// Rewrites history: the leaf at this place is another one from now on.
    pub fn rewrite(&mut self, at: usize) {
        assert_ne!(self.hashes[at], ZERO, "an entry is there");
        self.hashes[at] = ZERO;
    }
}
