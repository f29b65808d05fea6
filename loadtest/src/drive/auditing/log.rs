//! The log as an auditor reads it: from its first entry, as often as is needed.
use std::cell::Cell;

use causeway_engine::journal::Scan;
use causeway_engine::system::Dir;
use causeway_message::LedgerId;
use causeway_message::batch::BatchView;
use causeway_message::entry::{EntryHeader, EntryKind};

use super::differs;
use crate::error::Failure;

/// An entry: header and payload.
pub type Entry = (EntryHeader, Vec<u8>);
/// Entries in their order.
pub type Entries<'a> = Box<dyn Iterator<Item = Result<Entry, Failure>> + 'a>;

/// A log that is at rest.
pub trait Log {
    /// From its first entry.
    ///
    /// # Errors
    /// If it cannot be opened.
    fn entries(&self) -> Result<Entries<'_>, Failure>;
}

/// The journal that a node left.
#[derive(Debug)]
pub struct Journal {
    dir: Dir,
    ledger: LedgerId,
    read: Cell<u64>,
}

impl Journal {
    /// In this directory.
    pub const fn new(dir: Dir, ledger: LedgerId) -> Self {
        let read = Cell::new(0);
        Self { dir, ledger, read }
    }

    /// Entries that were read, up to the last that was reached.
    pub const fn read(&self) -> u64 {
        self.read.get()
    }
}

impl Log for Journal {
    fn entries(&self) -> Result<Entries<'_>, Failure> {
        let mut scan =
            Scan::from_start(&self.dir, self.ledger).map_err(|error| Failure::Io(error.to_string()))?;
        let mut at = 0;
        Ok(Box::new(std::iter::from_fn(move || {
            let found = scan.next().transpose()?;
            at += 1;
            self.read.set(self.read.get().max(at));
            Some(
                found
                    .map(|(header, payload, _)| (header, payload))
                    .map_err(|error| differs(format!("the log: {error}"))),
            )
        })))
    }
}

/// Records in the batches of the log, counted until they are more than `enough`. What cannot be read, the audit names.
///
/// # Errors
/// If the log cannot be opened.
pub fn records(log: &dyn Log, enough: u64) -> Result<u64, Failure> {
    let mut records = 0;
    for entry in log.entries()? {
        let Ok((header, payload)) = entry else { break };
        if header.kind() == Ok(EntryKind::Batch)
            && let Ok(view) = BatchView::parse(&payload)
        {
            records += view.records.len() as u64;
        }
        if records > enough {
            break;
        }
    }
    Ok(records)
}
