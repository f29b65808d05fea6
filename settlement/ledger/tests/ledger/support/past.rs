//! The log of a run as the past that its ledger reads originals from.
use causeway_ledger::{Original, Past};
use causeway_message::extension::Walk;

use super::world::{Applied, Entry};

/// Entries up to the one that is applied now.
pub struct LogPast<'a> {
    pub log: &'a [Applied],
    /// The entry that is applied now, which follows them.
    pub present: &'a Entry,
}

impl Past for LogPast<'_> {
    fn original(&self, entry: u64, ordinal: u16) -> Option<Original> {
        let at = entry.checked_sub(1)? as usize;
        assert!(at <= self.log.len(), "an original from an entry to come");
        let Entry::Batch(batch) = self.log.get(at).map_or(self.present, |applied| &applied.input) else {
            return None;
        };
        let view = batch.view()?;
        let record = *view.records.get(usize::from(ordinal))?;
        let mut walk = Walk::new(view.extensions);
        let extensions = (0..=usize::from(ordinal)).map(|at| walk.of(at)).last()?.to_vec();
        Some(Original { record, extensions })
    }
}
