//! Feeds read from the log: for those who resume, or cannot keep up.
use causeway_message::limits::FEED_PAGE_BYTES;
use causeway_message::rfc6962::{Levels, leaf_hash};
use causeway_message::wire::{FeedEntry, FeedPage};
use causeway_message::{FormatError, ParticipantId};

use super::TreeHead;
use super::archive::{Archive, source_of};
use super::groups::events_of;
use super::record::EffectsRecord;
use crate::error::EngineError;
use crate::hub::Page;
use crate::limits::FEED_COLD_ENTRIES;

/// The participant's group of an entry, proven under a tree head.
///
/// # Errors
/// If the entry has no such group, or cannot be read.
pub fn feed_entry(
    archive: &Archive,
    kept: &EffectsRecord,
    participant: ParticipantId,
    head: &TreeHead,
) -> Result<FeedEntry, EngineError> {
    let index = kept.leaf.index;
    let (at, group) = kept.group(participant).ok_or_else(|| {
        let rule = FormatError::rule("feed", "the entry does not concern the participant");
        EngineError::format(format!("log entry {index}"), rule)
    })?;
    let (header, payload) = archive.entry(index)?;
    let events = events_of(&source_of(&header, &payload), &kept.outcome, participant);
    let levels = Levels::new(kept.groups.iter().map(|g| leaf_hash(&g.digest)).collect());
    Ok(FeedEntry {
        leaf: kept.leaf,
        proof: archive.prove(&kept.leaf, kept.leaf_index, head)?,
        effects: kept.effects,
        group: group.head,
        group_index: at as u32,
        group_path: levels.path(at),
        events,
    })
}

/// A page of a feed from a number on, up to `head`; `None` if there is nothing yet.
///
/// # Errors
/// If the log cannot be read.
pub fn page(
    archive: &Archive,
    participant: ParticipantId,
    from: u64,
    head: &TreeHead,
) -> Result<Option<Page>, EngineError> {
    let (anchor, next) = {
        let feeds = archive.feeds();
        (feeds.anchor(participant.0, from), feeds.next(participant.0))
    };
    // What was counted a moment ago may not be in the files yet.
    let Some(mut entry) = anchor.filter(|at| from < next && *at <= head.index) else {
        return Ok(None);
    };
    // Walk back to the group that holds the number; the notes keep the walk short.
    let mut walked: Vec<EffectsRecord> = Vec::new();
    loop {
        let kept = archive.effects(entry)?;
        let Some((_, group)) = kept.group(participant) else {
            break;
        };
        let (first, end, previous) = (
            group.head.first,
            group.head.first + u64::from(group.head.count),
            group.previous,
        );
        if end > from && kept.leaf_index < head.size {
            walked.push(kept);
        }
        if first <= from || previous == 0 {
            break;
        }
        entry = previous;
    }
    let mut page = FeedPage {
        first: 0,
        next: 0,
        entries: Vec::new(),
        checkpoint: head.note.clone(),
    };
    let mut bytes = 0;
    for kept in walked.iter().rev().take(FEED_COLD_ENTRIES) {
        let entry = feed_entry(archive, kept, participant, head)?;
        bytes += entry.events.len();
        page.first = if page.first == 0 {
            entry.group.first
        } else {
            page.first
        };
        page.next = entry.group.first + u64::from(entry.group.count);
        page.entries.push(entry);
        if bytes >= FEED_PAGE_BYTES {
            break;
        }
    }
    if page.entries.is_empty() {
        return Ok(None);
    }
    Ok(Some(Page {
        first: page.first,
        next: page.next,
        bytes: std::sync::Arc::new(page.write()),
    }))
}
