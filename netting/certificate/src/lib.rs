//! Certificates of netting runs as files: JSON text with everything that is needed to check one alone, without the
//! ledger, the solver or the files that were netted. The form is described in `netting/CERTIFICATE.md`.
//!
//! Pure: no clock, no thread, no I/O.
#![forbid(unsafe_code)]

mod digest;
mod form;
pub mod limits;
mod read;
mod verify;
mod write;

use causeway_netting::case::Named;
use causeway_netting::{Bound, Certificate, Chosen, Mode};

pub use digest::sha256;
pub use read::ReadError;
pub use verify::{Broken, verify};

/// Says what a file is.
pub const FORMAT: &str = "causeway/netting-certificate";
/// Version of the form that is written and read here.
pub const VERSION: u64 = 1;

/// The entry of a log with which netting took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogEntry {
    /// Index of the entry.
    pub entry: u64,
    /// Digest of the entry.
    pub digest: [u8; 32],
}

/// A certificate, the case that it is about, and the names in it.
#[derive(Debug, Clone)]
pub struct Document {
    named: Named,
    certificate: Certificate,
    log: Option<LogEntry>,
    /// As stated: digest of the names.
    names: [u8; 32],
    /// As stated: digest of everything.
    seal: [u8; 32],
}

/// Why something cannot be written down as a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// Risk tests are not part of this version.
    #[error("participant {0} is under risk tests: version {VERSION} of the form has none")]
    UnderTests(String),
    /// Names or ids that do not fit the case, or do not tell its parts apart.
    #[error("{at}: {rule}")]
    Names {
        /// Which name.
        at: String,
        /// The rule that is broken.
        rule: String,
    },
}

impl Document {
    /// Writes down what was chosen of a case. Takes a bound of that case ([`causeway_netting::bound`]).
    ///
    /// # Errors
    /// If a participant is under risk tests, or the names do not fit the case.
    pub fn new(
        named: Named,
        mode: Mode,
        chosen: &Chosen,
        bound: Bound,
        log: Option<LogEntry>,
    ) -> Result<Self, Unsupported> {
        if let Some(participant) = named.case.under_tests().next() {
            let name = named.participants.get(participant as usize);
            return Err(Unsupported::UnderTests(name.cloned().unwrap_or_default()));
        }
        let named = by_item(named);
        read::check_names(&named).map_err(|(at, rule)| Unsupported::Names { at, rule })?;
        let certificate = Certificate::new(&named.case, mode, chosen, bound, sha256);
        let names = digest::names(&named);
        let seal = digest::seal(&certificate, &names, log.as_ref());
        Ok(Self {
            named,
            certificate,
            log,
            names,
            seal,
        })
    }

    /// The case and its names; the rows in order of the items.
    pub const fn named(&self) -> &Named {
        &self.named
    }

    /// What is certified.
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The entry of the log that it is tied to. Whether that log has such an entry is not checked here.
    pub const fn log(&self) -> Option<&LogEntry> {
        self.log.as_ref()
    }

    /// True if it is about this case with these names, whatever the order of rows within the file.
    pub fn is_about(&self, named: &Named) -> bool {
        let other = by_item(named.clone());
        let same = self.named.case.to_bytes() == other.case.to_bytes();
        same && digest::names(&self.named) == digest::names(&other)
    }

    /// What settles.
    pub fn chosen(&self) -> Chosen {
        Chosen::of(&self.named.case, self.certificate.chosen.iter().copied())
    }
}

/// The rows in order of their items; those of one item stay in order.
fn by_item(named: Named) -> Named {
    let mut rows: Vec<(u32, String)> = named.item_of.into_iter().zip(named.rows).collect();
    rows.sort_by_key(|(item, _)| *item);
    let (item_of, rows) = rows.into_iter().unzip();
    Named {
        item_of,
        rows,
        ..named
    }
}
