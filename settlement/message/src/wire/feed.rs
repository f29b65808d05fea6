//! Pages of a feed: whole entries, each with the proof that it stands in the log and that nothing was left out.
use crate::checkpoint::Checkpoint;
use crate::codec::{Put, Reader, within};
use crate::digest::Digest;
use crate::effects::EffectsHead;
use crate::event::GroupHead;
use crate::frame::{self, Template};
use crate::leaf::Leaf;
use crate::limits::{CHECKPOINT_BYTES_MAX, FRAME_BYTES_MAX, PATH_HASHES_MAX};
use crate::wire::LeafProof;
use crate::{FormatError, ParticipantId, rfc6962};

/// The participant's group of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedEntry {
    /// The entry's leaf; its effects root is that of `effects`.
    pub leaf: Leaf,
    /// Place and path of the leaf.
    pub proof: LeafProof,
    /// What the effects root is made of.
    pub effects: EffectsHead,
    /// Whose group, and the numbers of its events.
    pub group: GroupHead,
    /// Place of the group among the groups of the entry.
    pub group_index: u32,
    /// Path from the group to the groups root.
    pub group_path: Vec<Digest>,
    /// The events, one behind the other.
    pub events: Vec<u8>,
}

impl FeedEntry {
    /// True if events, group, effects, leaf and checkpoint hang together.
    pub fn holds(&self, checkpoint: &Checkpoint) -> Result<bool, FormatError> {
        let group = rfc6962::leaf_hash(&self.group.digest_of(&self.events)?);
        let root = rfc6962::root_from_inclusion(
            group,
            u64::from(self.group_index),
            u64::from(self.effects.groups),
            &self.group_path,
        );
        Ok(root == Some(self.effects.groups_root)
            && self.group.entry == self.leaf.index
            && self.effects.root() == self.leaf.effects_root
            && self.proof.holds(self.leaf.hash(), checkpoint))
    }

    /// Appends the entry to a page under way.
    pub fn write(&self, out: &mut Vec<u8>) {
        self.write_head(out);
        out.put_var(&self.events);
    }

    /// Appends everything but the events.
    pub fn write_head(&self, out: &mut Vec<u8>) {
        self.leaf.write(out);
        self.effects.write(out);
        out.put_u64(self.proof.leaf_index).put_u64(self.group.first);
        out.put_u32(self.group.participant.0)
            .put_u32(self.group.count)
            .put_u32(self.group_index)
            .put_u32(0);
        frame::put_digests(out, &self.group_path);
        frame::put_digests(out, &self.proof.path);
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let leaf = Leaf::read(r)?;
        let effects = EffectsHead::read(r)?;
        let leaf_index = r.u64("feed.leaf_index")?;
        let first = r.u64("feed.first")?;
        let participant = ParticipantId(r.u32("feed.participant")?);
        let count = r.u32("feed.count")?;
        let group_index = r.u32("feed.group_index")?;
        r.zeros(4, "feed.reserved")?;
        let group_path = frame::digests(r, PATH_HASHES_MAX, "feed.group_path")?;
        let path = frame::digests(r, PATH_HASHES_MAX, "feed.path")?;
        let events = r.var(FRAME_BYTES_MAX, "feed.events")?.to_vec();
        Ok(Self {
            leaf,
            proof: LeafProof { leaf_index, path },
            effects,
            group: GroupHead {
                participant,
                entry: leaf.index,
                first,
                count,
            },
            group_index,
            group_path,
            events,
        })
    }
}

/// Bytes of a feed entry's fixed part.
pub const FEED_ENTRY_BYTES: usize = 88 + 112 + 16 + 16;

/// A run of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedPage {
    /// Number of the first event.
    pub first: u64,
    /// Number of the event that the next page begins with.
    pub next: u64,
    /// The entries.
    pub entries: Vec<FeedEntry>,
    /// The signed checkpoint that all paths lead to.
    pub checkpoint: String,
}

impl FeedPage {
    /// Starts the message: header, block and group header. Entries and the checkpoint (`put_var`) follow.
    pub fn start(first: u64, next: u64, entries: usize, capacity: usize) -> Vec<u8> {
        let mut out = frame::start(Template::FeedPage, capacity);
        out.put_u64(first).put_u64(next).put_u64(0);
        frame::put_group(&mut out, FEED_ENTRY_BYTES, entries);
        out
    }

    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let capacity = self.entries.iter().map(|e| e.events.len() + 1_024).sum();
        let mut out = Self::start(self.first, self.next, self.entries.len(), capacity);
        self.entries.iter().for_each(|entry| entry.write(&mut out));
        out.put_var(self.checkpoint.as_bytes());
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let first = r.u64("feed.first")?;
        let next = r.u64("feed.next")?;
        r.zeros(8, "feed.reserved")?;
        let count = frame::group(&mut r, FEED_ENTRY_BYTES, "feed.entries")?;
        within(count, 16_384, "feed.entries")?;
        let entries = (0..count)
            .map(|_| FeedEntry::read(&mut r))
            .collect::<Result<_, _>>()?;
        let checkpoint = r.text(CHECKPOINT_BYTES_MAX, "feed.checkpoint")?.to_owned();
        r.end("feed")?;
        Ok(Self {
            first,
            next,
            entries,
            checkpoint,
        })
    }
}
