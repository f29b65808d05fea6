//! Telling participants: the pages that those who listen are handed at once.
use std::sync::Arc;

use causeway_message::ParticipantId;
use causeway_message::codec::Put;
use causeway_message::limits::FEED_PAGE_BYTES;
use causeway_message::wire::{FeedEntry, FeedPage, LeafProof};

use super::prove::Proven;
use super::{Publisher, Told, TreeHead};
use crate::error::EngineError;
use crate::hub::Page;

/// Bytes to be expected of an entry beside its events: leaf, effects and two paths of some ten digests.
const ENTRY_ROOM: usize = 1_024;
/// Bytes to be expected of a page beside its entries and the checkpoint.
const PAGE_ROOM: usize = 64;

/// One participant's group: of which entry of the commit group, and at which place there.
type Place = (ParticipantId, usize, usize);

impl Publisher {
    /// Hands each participant's groups to those who listen, and notes where every feed stands.
    pub(super) fn tell_feeds(&self, told: &[Told], head: &TreeHead) -> Result<(), EngineError> {
        let mut places: Vec<Place> = Vec::new();
        for (at, entry) in told.iter().enumerate() {
            let groups = entry.proven.groups.all.iter().enumerate();
            places.extend(groups.map(|(g, group)| (group.head.participant, at, g)));
        }
        places.sort_unstable();
        let mut pages = Vec::new();
        let mut proofs: Vec<Option<LeafProof>> = vec![None; told.len()];
        for run in places.chunk_by(|a, b| a.0 == b.0) {
            let participant = run[0].0;
            if !self.hub.listens(participant) {
                pages.push((participant, bounds(told, run).1, None));
                continue;
            }
            for part in split(told, run) {
                let page = self.page(told, part, head, &mut proofs)?;
                pages.push((participant, page.next, Some(page)));
            }
        }
        self.hub.publish(pages);
        Ok(())
    }

    fn page(
        &self,
        told: &[Told],
        run: &[Place],
        head: &TreeHead,
        proofs: &mut [Option<LeafProof>],
    ) -> Result<Page, EngineError> {
        let (first, next) = bounds(told, run);
        let events: usize = run
            .iter()
            .map(|(_, at, g)| told[*at].proven.groups.all[*g].range.len())
            .sum();
        let room = events + run.len() * ENTRY_ROOM + head.note.len() + PAGE_ROOM;
        let mut bytes = FeedPage::start(first, next, run.len(), room);
        for (_, at, g) in run {
            let proven = &told[*at].proven;
            let proof = match &proofs[*at] {
                Some(proof) => proof.clone(),
                None => self
                    .archive
                    .prove(&told[*at].proven.leaf, told[*at].leaf_index, head)?,
            };
            proofs[*at] = Some(proof.clone());
            write_entry(&mut bytes, proven, *g, proof);
        }
        bytes.put_var(head.note.as_bytes());
        Ok(Page {
            first,
            next,
            bytes: Arc::new(bytes),
        })
    }
}

/// Number of the first event of a run, and of the one behind its last.
fn bounds(told: &[Told], run: &[Place]) -> (u64, u64) {
    let head = |place: &Place| told[place.1].proven.groups.all[place.2].head;
    let next = |place: &Place| head(place).first + u64::from(head(place).count);
    (
        run.first().map_or(0, |place| head(place).first),
        run.last().map_or(0, next),
    )
}

/// Cuts a run into pages: whole entries, and no more than fit a frame.
fn split<'a>(told: &'a [Told], run: &'a [Place]) -> impl Iterator<Item = &'a [Place]> {
    let mut rest = run;
    std::iter::from_fn(move || {
        let mut bytes = 0;
        let len = rest
            .iter()
            .take_while(|(_, at, g)| {
                let before = bytes;
                bytes += told[*at].proven.groups.all[*g].range.len() + ENTRY_ROOM;
                before == 0 || bytes <= FEED_PAGE_BYTES
            })
            .count();
        let (page, behind) = rest.split_at(len);
        rest = behind;
        (!page.is_empty()).then_some(page)
    })
}

fn write_entry(page: &mut Vec<u8>, proven: &Proven, g: usize, proof: LeafProof) {
    let group = &proven.groups.all[g];
    let entry = FeedEntry {
        leaf: proven.leaf,
        proof,
        effects: proven.effects,
        group: group.head,
        group_index: g as u32,
        group_path: proven.paths.path(g),
        events: Vec::new(),
    };
    entry.write_head(page);
    page.put_var(&proven.groups.events[group.range.clone()]);
}
