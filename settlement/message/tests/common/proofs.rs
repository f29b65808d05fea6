//! Answers, feed pages and receipts cut from the log of the fixtures.
use causeway_message::answer;
use causeway_message::batch::{BatchView, record_leaves};
use causeway_message::effects::EffectsHead;
use causeway_message::event::{self, chunk_leaf};
use causeway_message::limits::{ANSWERS_PER_CHUNK, EVENTS_PER_CHUNK};
use causeway_message::receipt::{Effect, Receipt};
use causeway_message::wide::WidePath;
use causeway_message::wire::{AnswersMessage, FeedEntry, FeedPage};
use causeway_message::{Digest, ParticipantId, rfc6962};

use super::log::Log;

impl Log {
    /// The answers to the batch in an entry.
    pub fn answers(&self, index: u64) -> AnswersMessage {
        let entry = self.entry(index);
        let claim = causeway_message::verify::Claim::read(&entry.payload).expect("it is a batch");
        AnswersMessage {
            number: claim.number,
            index,
            time: entry.leaf.time,
            rules_version: super::parties::genesis().rules,
            kind: entry.leaf.kind,
            groups: entry.effects.groups,
            groups_root: entry.effects.groups_root,
            input_digest: entry.leaf.input_digest,
            answers: entry.answers.clone(),
            details: entry.details.clone(),
            proof: self.proof(index),
            checkpoint: self.checkpoint(),
        }
    }

    /// The whole feed of a participant as one page.
    pub fn feed(&self, participant: ParticipantId) -> FeedPage {
        let mut entries = Vec::new();
        for entry in &self.entries {
            let Some(at) = entry
                .groups
                .iter()
                .position(|(g, _)| g.participant == participant)
            else {
                continue;
            };
            let (group, events) = &entry.groups[at];
            let leaves: Vec<Digest> = entry
                .group_digests()
                .iter()
                .map(|d| rfc6962::leaf_hash(d))
                .collect();
            entries.push(FeedEntry {
                leaf: entry.leaf,
                proof: self.proof(entry.leaf.index),
                effects: entry.effects,
                group: *group,
                group_index: at as u32,
                group_path: rfc6962::inclusion(&leaves, at),
                events: events.clone(),
            });
        }
        let next = entries
            .last()
            .map_or(1, |e| e.group.first + u64::from(e.group.count));
        FeedPage {
            first: 1,
            next,
            entries,
            checkpoint: self.checkpoint(),
        }
    }

    fn half_receipt(&self, origin: u64, ordinal: usize, effects: EffectsHead, effect: Effect) -> Receipt {
        let entry = self.entry(origin);
        let view = BatchView::parse(&entry.payload).expect("it is a batch");
        let mut leaves = Vec::new();
        record_leaves(view.records, view.extensions, &mut leaves);
        let mut walk = causeway_message::extension::Walk::new(view.extensions);
        let own = (0..=ordinal).map(|n| walk.of(n)).last().unwrap_or_default();
        Receipt {
            block: *view.block,
            record: view.records[ordinal],
            extensions: own.to_vec(),
            record_path: WidePath::cut(&leaves, ordinal as u32).expect("there is such a record"),
            origin: entry.leaf,
            origin_proof: self.proof(origin),
            effects,
            effect,
            checkpoint: self.checkpoint(),
        }
    }

    /// A receipt by the answers of the record's own entry.
    pub fn immediate(&self, origin: u64, ordinal: usize) -> Receipt {
        let entry = self.entry(origin);
        let at = ordinal / ANSWERS_PER_CHUNK;
        let chunk = entry.answers.chunks(ANSWERS_PER_CHUNK).nth(at).expect("in range");
        let path = WidePath::cut(&answer::answer_leaves(&entry.answers), at as u32).expect("in range");
        self.half_receipt(
            origin,
            ordinal,
            entry.effects,
            Effect::Answer {
                chunk: chunk.to_vec(),
                path,
            },
        )
    }

    /// A receipt by the event in the feed of `of` that entry `cause` gave rise to.
    pub fn by_event(&self, origin: u64, ordinal: usize, cause: u64, of: ParticipantId) -> Receipt {
        let entry = self.entry(cause);
        let group_index = entry
            .groups
            .iter()
            .position(|(g, _)| g.participant == of)
            .expect("it is concerned");
        let (group, events) = &entry.groups[group_index];
        let found = event::each(events)
            .position(|e| {
                e.payment().is_some()
                    && e.head.origin_entry.get() == origin
                    && usize::from(e.head.origin_ordinal.get()) == ordinal
            })
            .expect("the event is there");
        let (ranges, _) = event::chunks(events).expect("they are whole");
        let chunk = events[ranges[found / EVENTS_PER_CHUNK].clone()].to_vec();
        let leaves: Vec<Digest> = ranges
            .iter()
            .map(|range| chunk_leaf(&events[range.clone()]))
            .collect();
        let groups: Vec<Digest> = entry
            .group_digests()
            .iter()
            .map(|d| rfc6962::leaf_hash(d))
            .collect();
        let effect = Effect::Event {
            leaf: entry.leaf,
            proof: self.proof(cause),
            group: *group,
            group_index: group_index as u32,
            group_path: rfc6962::inclusion(&groups, group_index),
            chunk,
            path: WidePath::cut(&leaves, (found / EVENTS_PER_CHUNK) as u32).expect("in range"),
            position: (found % EVENTS_PER_CHUNK) as u32,
        };
        self.half_receipt(origin, ordinal, entry.effects, effect)
    }
}
