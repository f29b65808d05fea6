//! What an adapter must not lose: a directory of plain files, each written whole or not at all.
//!
//! | in the directory | |
//! |---|---|
//! | `intents` | every instruction before it is first sent, one line each; only appended to |
//! | `session` | the session under which instructions are sent |
//! | `documents/<digest>.xml` | documents sent and received, under the digest that the record carries |
//! | `receipts/<uetr>_<instruction id>.receipt` | finality receipts, verified before they are stored; of a credit with `_from_` and who paid behind the id |
//! | `credits/<number>.json` | incoming credits by their number in the bank's feed |
//! | `pacs002/<message id>.xml` | status reports that were made |
//! | `camt029/<message id>.xml` | answers to the bank's own requests to cancel |
//! | `camt056/<question id>.json`, `.xml` | questions of other banks whether a payment comes back, and what became of them |
//! | `camt053/<statement id>.xml` | statements of the bank's accounts, one a business day |
//! | `exchanges/<instruction id>.json` | what own payments into another currency came to, with each rate |
//! | `feed.next`, `sent.next` | where `listen` and `send` go on in the feed |
//! | `listen.checkpoint`, `send.checkpoint` | how far the log is known; a log that does not grow out of it is refused |
mod files;
mod intents;
mod received;

pub use files::{sync_dir, write_beside, write_whole};
pub use intents::{Intent, Intents};
pub use received::Question;

use crate::failure::Failure;
use causeway_message::digest::Digest;
use causeway_message::ids::hex;
use causeway_message::keys::random_bytes;
use causeway_message::record::Instruction;
use causeway_message::{InstructionId, ParticipantId, SessionId, Uetr};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// A store. The files hold what customers pay each other, so the directory is its owner's alone.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
}

/// Where one of the commands goes on in the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Of `listen`: everything before it is stored.
    Listen,
    /// Of `send`: the outcomes of everything sent come after it.
    Send,
}

impl Place {
    const fn file(self) -> &'static str {
        match self {
            Place::Listen => "feed.next",
            Place::Send => "sent.next",
        }
    }
}

const DOCUMENTS: &str = "documents";
const RECEIPTS: &str = "receipts";
const CREDITS: &str = "credits";
const REPORTS: &str = "pacs002";
const ANSWERS: &str = "camt029";
const REQUESTS: &str = "camt056";
const STATEMENTS: &str = "camt053";
const EXCHANGES: &str = "exchanges";
const ALL: [&str; 8] = [
    DOCUMENTS, RECEIPTS, CREDITS, REPORTS, ANSWERS, REQUESTS, STATEMENTS, EXCHANGES,
];

impl Store {
    /// Opens a store, which is made where there is none.
    ///
    /// # Errors
    /// When the directories cannot be made.
    pub fn open(dir: &Path) -> Result<Store, Failure> {
        for sub in [""].iter().chain(&ALL) {
            let path = dir.join(sub);
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&path)
                .map_err(|error| Failure::at(&path, "cannot be made", &error))?;
        }
        sync_dir(dir)?;
        Ok(Store { dir: dir.to_owned() })
    }

    /// Keeps others from running the same command on this store, for as long as the file lives.
    ///
    /// # Errors
    /// When another runs.
    pub fn lock(&self, command: &str) -> Result<File, Failure> {
        let path = self.dir.join(format!("{command}.lock"));
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| Failure::at(&path, "cannot be opened", &error))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => {
                let dir = self.dir.display();
                Err(Failure::Io(format!(
                    "{dir}: another `{command}` runs on this store"
                )))
            }
            Err(fs::TryLockError::Error(error)) => Err(Failure::at(&path, "cannot be locked", &error)),
        }
    }

    /// The session under which this store's instructions are sent; chosen once.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn session(&self) -> Result<SessionId, Failure> {
        let path = self.dir.join("session");
        if let Some(number) = files::read_number(&path)? {
            return Ok(SessionId(number));
        }
        let number = u64::from_le_bytes(random()?);
        write_whole(&path, format!("{number}\n").as_bytes())?;
        sync_dir(&self.dir)?;
        Ok(SessionId(number))
    }

    /// The number in the feed to go on from; the first if none is known.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn place(&self, place: Place) -> Result<u64, Failure> {
        Ok(files::read_number(&self.dir.join(place.file()))?.unwrap_or(1))
    }

    /// Notes a place in the feed. It never goes back.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn advance(&self, place: Place, next: u64) -> Result<(), Failure> {
        if self.place(place)? >= next {
            return Ok(());
        }
        write_whole(&self.dir.join(place.file()), format!("{next}\n").as_bytes())?;
        sync_dir(&self.dir)
    }

    /// Where a command keeps how far it knows the log.
    pub fn checkpoint(&self, command: &str) -> PathBuf {
        self.dir.join(format!("{command}.checkpoint"))
    }

    /// The instructions sent before.
    ///
    /// # Errors
    /// When the file cannot be read or is damaged before its end.
    pub fn intents(&self) -> Result<Intents, Failure> {
        Intents::open(&self.dir.join("intents"))
    }

    /// What was sent before, by id, for a command that sends nothing: another may just be adding to it.
    ///
    /// # Errors
    /// As [`Store::intents`].
    pub fn sent(&self) -> Result<BTreeMap<InstructionId, Intent>, Failure> {
        intents::read(&self.dir.join("intents"))
    }

    /// Where the document with this digest is.
    pub fn document(&self, digest: &Digest) -> PathBuf {
        self.dir.join(DOCUMENTS).join(format!("{}.xml", hex(digest)))
    }

    /// Where the receipt of an instruction is. A UETR stays the same from bank to bank, so it does not suffice; and
    /// another bank chooses the ids of what it pays, so they must not name a receipt of this bank's own.
    pub fn receipt(&self, record: &Instruction, payer: Option<ParticipantId>) -> PathBuf {
        let from = payer.map_or_else(String::new, |payer| format!("_from_{}", payer.0));
        let name = format!("{}_{}{from}.receipt", Uetr(record.uetr), record.id());
        self.dir.join(RECEIPTS).join(name)
    }

    /// Where the credit with this number in the feed is.
    pub fn credit(&self, number: u64) -> PathBuf {
        self.dir.join(CREDITS).join(format!("{number:012}.json"))
    }

    /// Where the status report with this message id is.
    pub fn report(&self, message_id: &str) -> PathBuf {
        self.dir.join(REPORTS).join(format!("{message_id}.xml"))
    }

    /// Where the answer with this message id is.
    pub fn answer(&self, message_id: &str) -> PathBuf {
        self.dir.join(ANSWERS).join(format!("{message_id}.xml"))
    }

    /// Where the statement with this id is.
    pub fn statement(&self, id: &str) -> PathBuf {
        self.dir.join(STATEMENTS).join(format!("{id}.xml"))
    }

    /// Where the request that this question came as is.
    pub fn request(&self, question: InstructionId) -> PathBuf {
        let name = format!("{}.xml", hex(&question.0));
        self.dir.join(REQUESTS).join(name)
    }

    /// Makes all new names durable.
    ///
    /// # Errors
    /// When the file system fails.
    pub fn sync(&self) -> Result<(), Failure> {
        ALL.iter().try_for_each(|sub| sync_dir(&self.dir.join(sub)))
    }
}

/// Random bytes of the system.
///
/// # Errors
/// When it gives none.
pub fn random<const N: usize>() -> Result<[u8; N], Failure> {
    random_bytes().map_err(|error| Failure::Io(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_bank_pays_under_an_own_id_has_a_receipt_of_its_own() {
        let store = Store {
            dir: PathBuf::from("store"),
        };
        let (id, uetr) = (InstructionId([1; 16]), Uetr([2; 16]));
        let record = Instruction::payment(id, uetr, ParticipantId(1), ParticipantId(2), 978, 1);
        let own = store.receipt(&record, None);
        let others = [3, 4].map(|payer| store.receipt(&record, Some(ParticipantId(payer))));
        assert!(!others.contains(&own), "{own:?}");
        assert_ne!(others[0], others[1]);
    }
}
