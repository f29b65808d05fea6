//! Where a bit may change so that the journal must notice, and which entry it must name.
use std::path::PathBuf;

use causeway_engine::journal::{Location, Scan};
use causeway_message::entry::ENTRY_HEADER_BYTES;

use super::node::Node;

/// A byte of an entry that something written later vouches for: file, offset, index of the entry.
///
/// The last group may be unsealed: a crash could have torn it, so that what is wrong with it is cut, not damage. The
/// entries of the last fifth are left alone, and so is a short log.
pub fn sealed_place(node: &Node) -> Option<(PathBuf, u64, u64)> {
    let mut scan = Scan::from_start(node.config().journal_dir(), node.genesis().ledger_id()).ok()?;
    let mut all: Vec<(Location, u64, usize)> = Vec::new();
    while let Ok(Some((header, payload, location))) = scan.next() {
        all.push((location, header.index.get(), payload.len()));
    }
    let sealed = all.len().checked_sub(all.len() / 5 + 70)?;
    let machine = node.machine();
    let (location, index, payload) = *all.get(machine.below(u32::try_from(sealed).ok()?) as usize)?;
    let within = machine.below((ENTRY_HEADER_BYTES + payload) as u32);
    let path = node
        .config()
        .journal_dir()
        .join(format!("{:08}.seg", location.segment));
    Some((path, u64::from(location.offset) + u64::from(within), index))
}
