//! What the server needs of the node behind it.
use std::fmt::Debug;
use std::sync::Arc;

use causeway_message::digest::Digest;
use causeway_message::document::Document;
use causeway_message::keys::PublicKey;
use causeway_message::refusal::Refusal;
use causeway_message::verify::VerifiedBatch;
use causeway_message::wire::{
    ExposureQuery, GovernanceQuery, HistoryQuery, InstructionKey, QueueQuery, StatementQuery,
};
use causeway_message::{KeyId, LedgerId, ParticipantId, SessionId};

/// Where the answers to a batch go: the message, or why it was refused. Called once.
pub type ReplyFn = Box<dyn FnOnce(Result<Vec<u8>, Refusal>) + Send>;
/// Called when documents are durable, or with the reason why not.
pub type StoredFn = Box<dyn FnOnce(Result<(), String>) + Send>;
/// Wakes a feed's writer.
pub type WakeFn = Box<dyn Fn() + Send + Sync>;

/// A question of a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Query {
    /// Its balances, of one currency or all (zero).
    Balances(u16),
    /// What became of an instruction.
    Status(InstructionKey),
    /// The receipt of an instruction.
    Receipt(InstructionKey),
    /// Proof that the log only grew since it had this size.
    Consistency(u64),
    /// The document of the record at this entry and place.
    Document(u64, u32),
    /// Who takes part, from this id on.
    Directory(u64),
    /// Why an instruction waits.
    Explain(InstructionKey),
    /// What waits of the participant.
    Queue(QueueQuery),
    /// Its accounts with limits and reservations, of one currency or all (zero).
    Accounts(u16),
    /// The business days of a currency, or where all stand (zero).
    Days(u16),
    /// Its credit lines and collateral, of one currency or all (zero).
    Credits(u16),
    /// What is at stake with a participant.
    Exposure(ExposureQuery),
    /// The netting windows that are open, of one currency or all (zero).
    Windows(u16),
    /// What became of everything under a reference.
    History(HistoryQuery),
    /// What moved on an account in a business day.
    Statement(StatementQuery),
    /// What a participant proposed, approved and withdrew.
    Governance(GovernanceQuery),
}

/// A thread of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thread {
    /// The one of this number among those that serve connections.
    Connections(usize),
    /// Asks the node for answers, and feeds for what is in the log.
    Questions,
}

/// What a feed gives when it is asked.
#[derive(Debug)]
pub enum FeedNext {
    /// The next page.
    Page(Arc<Vec<u8>>),
    /// Nothing yet: the writer will be woken.
    Wait,
    /// The log must be read.
    Behind,
}

/// One subscription.
pub trait Feed: Send + Sync + Debug {
    /// Takes what comes next; does not block.
    fn take(&self) -> FeedNext;
    /// Reads the next page from the log; may block. `None` if the feed has caught up.
    ///
    /// # Errors
    /// If the log cannot be read.
    fn read_log(&self) -> Result<Option<Arc<Vec<u8>>>, Refusal>;
}

/// The node behind the server.
pub trait Node: Send + Sync + Debug + 'static {
    /// The ledger.
    fn ledger(&self) -> LedgerId;
    /// Whether it takes instructions.
    ///
    /// # Errors
    /// Why it does not.
    fn ready(&self) -> Result<(), Refusal>;
    /// The active public key of a participant.
    fn verifying_key(&self, participant: ParticipantId, key: KeyId) -> Option<PublicKey>;
    /// The public key of a participant that was revoked: what entered the log under it is still answered.
    fn revoked_key(&self, participant: ParticipantId, key: KeyId) -> Option<PublicKey>;
    /// Last number sequenced in a session.
    fn last_number(&self, participant: ParticipantId, session: SessionId) -> u64;
    /// Takes a batch, or gives it back if there is no room.
    ///
    /// # Errors
    /// Batch and reply, unchanged.
    fn submit(&self, batch: Arc<VerifiedBatch>, reply: ReplyFn) -> Result<(), (Arc<VerifiedBatch>, ReplyFn)>;
    /// An empty buffer of a batch that is no longer needed, for a large frame of so many bytes: one that is not much
    /// larger.
    fn spare_buffer(&self, _length: usize) -> Option<Vec<u8>> {
        None
    }
    /// Stores documents; false if it cannot.
    fn store_documents(&self, documents: Vec<(Digest, Document)>, stored: StoredFn) -> bool;
    /// True if a document is stored.
    fn holds_document(&self, digest: &Digest) -> bool;
    /// Subscribes to a participant's feed from a number on.
    fn subscribe(&self, participant: ParticipantId, from: u64, wake: WakeFn) -> Arc<dyn Feed>;
    /// Called on each thread of the server as it starts.
    fn thread_starts(&self, _thread: Thread) {}
    /// Answers a question with a message; may block.
    ///
    /// # Errors
    /// Why it is not answered.
    fn query(&self, participant: ParticipantId, query: Query) -> Result<Vec<u8>, Refusal>;
}
