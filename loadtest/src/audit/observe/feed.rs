//! Feeds: a participant is told of everything that concerns it, in order, once, and of nothing else.
use causeway_message::ParticipantId;
use causeway_message::effects::EffectsHead;
use causeway_message::event::{self, Event};
use causeway_message::rfc6962::{leaf_hash, root_from_inclusion};
use causeway_message::wire::{FeedEntry, FeedPage};

use crate::audit::fault::{Fault, Rule, hold, same, same_digest};
use crate::audit::{Auditor, Expected, Group};

impl Auditor {
    /// A page that reached a participant, from whatever subscription.
    ///
    /// # Errors
    /// If it is not what the participant must be told.
    pub fn page(&mut self, participant: ParticipantId, page: &FeedPage) -> Result<(), Fault> {
        check_numbers(participant, page)?;
        for entry in &page.entries {
            self.feed_entry(participant, entry, &page.checkpoint)?;
        }
        Ok(())
    }

    fn feed_entry(&mut self, who: ParticipantId, found: &FeedEntry, note: &str) -> Result<(), Fault> {
        let entry = found.leaf.index;
        self.chain.must_have(entry, who, "a page of the feed")?;
        let at = format!("feed of participant {who}, log entry {entry}");
        same(Rule::FeedOwner, &who, &found.group.participant, || at.clone())?;
        same(Rule::FeedNumbers, &entry, &found.group.entry, || {
            format!("{at}: entry of the group")
        })?;
        match self.expected(entry) {
            Some(expected) => compare(expected, who, found, &at)?,
            None => {
                let root = found.effects.root();
                same_digest(Rule::Effects, Some(root), &found.leaf.effects_root, || at.clone())?;
            }
        }
        let digest = found.group.digest_of(&found.events);
        let digest = digest.map_err(|e| Fault::new(Rule::FeedEvent, format!("{at}: {e}")))?;
        let places = (u64::from(found.group_index), u64::from(found.effects.groups));
        let root = root_from_inclusion(leaf_hash(&digest), places.0, places.1, &found.group_path);
        same_digest(Rule::Proof, root, &found.effects.groups_root, || {
            format!("{at}: the group does not lead to the groups root")
        })?;
        self.proves(entry, found.leaf.hash(), &found.proof, note, &at)?;
        if let Some(unseen) = self.unseen.get_mut(&who) {
            unseen.remove(&entry);
        }
        Ok(())
    }
}

/// The numbers of a page hang together (PROTOCOL §13).
fn check_numbers(who: ParticipantId, page: &FeedPage) -> Result<(), Fault> {
    let at = || format!("feed of participant {who}, page {}..{}", page.first, page.next);
    hold(!page.entries.is_empty(), Rule::FeedNumbers, || {
        format!("{}: it is empty", at())
    })?;
    let mut next = page.first;
    for entry in &page.entries {
        same(Rule::FeedNumbers, &next, &entry.group.first, at)?;
        next = next.saturating_add(u64::from(entry.group.count));
    }
    same(Rule::FeedNumbers, &page.next, &next, at)
}

fn compare(expected: &Expected, who: ParticipantId, found: &FeedEntry, at: &str) -> Result<(), Fault> {
    let Some((place, group)) = expected.group(who) else {
        return Err(Fault::new(
            Rule::FeedCount,
            format!("{at}: the entry does not concern it"),
        ));
    };
    if group.events != found.events {
        compare_events(group, &found.events, at)?;
    }
    same(Rule::FeedCount, &group.head.count, &found.group.count, || {
        at.to_owned()
    })?;
    same(Rule::FeedNumbers, &group.head.first, &found.group.first, || {
        at.to_owned()
    })?;
    same(Rule::Effects, &place, &(found.group_index as usize), || {
        format!("{at}: place of the group")
    })?;
    compare_effects(&expected.effects, &found.effects, at)?;
    same_digest(
        Rule::Effects,
        Some(expected.leaf.hash()),
        &found.leaf.hash(),
        || format!("{at}: leaf"),
    )
}

/// Says which part of the effects differs: those of others are seen here only by their roots.
fn compare_effects(own: &EffectsHead, found: &EffectsHead, at: &str) -> Result<(), Fault> {
    let counts = |head: &EffectsHead| (head.answers, head.details, head.groups);
    same(Rule::Effects, &counts(own), &counts(found), || {
        format!("{at}: how many answers, details, groups")
    })?;
    let roots = [
        ("answers", own.answers_root, found.answers_root),
        ("details", own.details_root, found.details_root),
        ("groups", own.groups_root, found.groups_root),
    ];
    for (what, own, found) in roots {
        same_digest(Rule::Effects, Some(own), &found, || {
            format!("{at}: root of the {what}")
        })?;
    }
    Ok(())
}

/// Says how a run of events differs from the one expected.
fn compare_events(group: &Group, found: &[u8], at: &str) -> Result<(), Fault> {
    let own: Vec<Event<'_>> = event::each(&group.events).collect();
    let other: Vec<Event<'_>> = event::each(found).collect();
    let words = |event: &Event<'_>| format!("{:?} ‖ {} bytes", event.head, event.body.len());
    same(Rule::FeedCount, &own.len(), &other.len(), || {
        format!("{at}: how many events")
    })?;
    let bytes = |event: &Event<'_>| (*event.head, event.body.to_vec());
    for (number, (a, b)) in (group.head.first..).zip(own.iter().zip(&other)) {
        if bytes(a) == bytes(b) {
            continue;
        }
        let elsewhere = own.iter().any(|event| bytes(event) == bytes(b));
        let rule = if elsewhere {
            Rule::FeedOrder
        } else {
            Rule::FeedEvent
        };
        let what = format!("{at}, event {number}: expected {}, found {}", words(a), words(b));
        return Err(Fault::new(rule, what));
    }
    Err(Fault::new(
        Rule::FeedEvent,
        format!("{at}: bytes that are no events"),
    ))
}

/// One subscription: its pages follow each other without a gap.
#[derive(Debug, Clone)]
pub struct FeedReader {
    participant: ParticipantId,
    next: u64,
    begun: bool,
}

impl FeedReader {
    /// A subscription from an event's number on.
    pub const fn new(participant: ParticipantId, from: u64) -> Self {
        Self {
            participant,
            next: from,
            begun: false,
        }
    }

    /// Number of the event that it waits for.
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// Takes the next page. Only the first may begin earlier than asked: it holds whole entries.
    ///
    /// # Errors
    /// If the page does not follow.
    pub fn take(&mut self, page: &FeedPage) -> Result<(), Fault> {
        let follows = match self.begun {
            true => page.first == self.next,
            false => page.first <= self.next && page.first >= 1,
        };
        hold(follows && page.next > self.next, Rule::FeedGap, || {
            format!(
                "feed of participant {}: page {}..{} where event {} is next",
                self.participant, page.first, page.next, self.next
            )
        })?;
        self.begun = true;
        self.next = page.next;
        Ok(())
    }
}
