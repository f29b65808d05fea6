//! Recovery: what a writer does with the journal it finds.
use causeway_message::LedgerId;
use causeway_message::entry::EntryHeader;

use super::chain::Tail;
use super::config::{BLOCK_BYTES, JournalConfig};
use super::directory::{list, segment_path};
use super::error::JournalError;
use super::layout::Location;
use super::segment::SegmentFile;
use super::verdict::End;
use super::walk::{Step, Walk};

/// The rest of a torn write that was cut away. Nothing in it had been answered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TailCut {
    /// Number of the segment.
    pub segment: u32,
    /// Where the cut begins.
    pub offset: u64,
    /// Bytes that became zeros.
    pub bytes: u64,
    /// The last entry that stays.
    pub after_index: u64,
}

/// What was found in a journal on opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovered {
    /// The last entry.
    pub tail: Tail,
    /// Where it stands; `None` of an empty journal.
    pub tail_at: Option<Location>,
    /// What was cut away.
    pub cut: Option<TailCut>,
    /// Segments in use.
    pub segments: u32,
    /// Number of the last group or seal.
    pub groups: u64,
    /// Entries that were verified: all, or those after the trusted one.
    pub entries: u64,
    /// Whether the last group is sealed.
    pub sealed: bool,
}

/// The cut that an end asks for.
pub(super) fn cut_of(walk: &Walk, end: End) -> Option<TailCut> {
    let after_index = walk.tail.index;
    if let Some(segment) = end.torn_header {
        return Some(TailCut {
            segment,
            offset: 0,
            bytes: BLOCK_BYTES as u64,
            after_index,
        });
    }
    let segment = walk.open.as_ref().map_or(0, |open| open.number);
    let bytes = end.torn_to?.saturating_sub(walk.pos);
    Some(TailCut {
        segment,
        offset: walk.pos,
        bytes,
        after_index,
    })
}

/// Is shown each entry that recovery has verified, in order. Whether the journal holds is known at its end.
pub type See<'a> = dyn FnMut(&EntryHeader, &[u8], Location) + 'a;

/// Verifies the journal from the trusted entry on, cuts a torn tail, and makes what stays durable. Gives the walk
/// at the end of the journal.
pub(super) fn recover(
    config: &JournalConfig,
    ledger: LedgerId,
    trusted: Option<(Location, Tail)>,
    direct: bool,
    see: &mut See<'_>,
) -> Result<(Walk, Recovered), JournalError> {
    let listing = list(&config.dir)?;
    for path in &listing.temporary {
        let removed = config.dir.system().remove(path);
        removed.map_err(|source| JournalError::io(path, "remove the leftover", source))?;
    }
    let mut walk = match trusted.filter(|(_, tail)| tail.index > 0) {
        Some((at, tail)) => Walk::after(&config.dir, ledger, at, tail)?,
        None => Walk::start(&config.dir, ledger)?,
    };
    walk.past_cache = direct;
    let before = walk.tail.index;
    let end = loop {
        match walk.step()? {
            Step::Group(mut span) => {
                while span.at < span.end {
                    let (entry, location) = walk.entry(&mut span)?;
                    see(entry.header, entry.payload, location);
                }
            }
            Step::Seal => {}
            Step::End(end) => break end,
        }
    };
    let cut = cut_of(&walk, end);
    if let Some(cut) = cut {
        let TailCut {
            segment,
            offset,
            bytes,
            after_index,
        } = cut;
        SegmentFile::open(&config.dir, segment_path(&config.dir, segment), direct)?
            .zero(offset, offset.saturating_add(bytes))?;
        tracing::warn!(
            segment,
            offset,
            bytes,
            after_index,
            "cut the torn tail of the journal"
        );
    }
    if let Some(open) = &walk.open {
        // A crash of the process alone leaves the last group readable though perhaps not yet durable.
        SegmentFile::open(&config.dir, open.path.clone(), direct)?.sync()?;
    }
    let recovered = Recovered {
        tail: walk.tail,
        tail_at: walk.tail_at,
        cut,
        segments: walk.open.as_ref().map_or(0, |open| open.number),
        groups: walk.last.number,
        entries: walk.tail.index.saturating_sub(before),
        sealed: !walk.unsealed,
    };
    Ok((walk, recovered))
}
