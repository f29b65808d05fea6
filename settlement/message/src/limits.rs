//! Every bound of the formats, in one place, with the relations between them proved at compile time.

/// Most records in one batch: what keeps the count inside an SBE `u16` group size with room to spare.
pub const BATCH_RECORDS_MAX: usize = 8_190;
/// Most bytes in one batch frame, headers and extensions included.
pub const BATCH_BYTES_MAX: usize = 1_572_864;
/// Bytes of one instruction record.
pub const RECORD_BYTES: usize = 128;
/// Most bytes of all extensions of one record.
pub const RECORD_EXTENSION_BYTES_MAX: usize = 1_024;
/// Most bytes of one control record's payload.
pub const CONTROL_PAYLOAD_BYTES_MAX: usize = 4_096;
/// Most control records in one control batch.
pub const CONTROL_RECORDS_MAX: usize = 64;
/// Most bytes of a frame that carries documents.
pub const DOCUMENTS_BYTES_MAX: usize = 4 * 1_048_576;
/// Most bytes of one document (ISO 20022 text).
pub const DOCUMENT_BYTES_MAX: usize = 1_048_576;
/// Most bytes of any frame, either direction.
pub const FRAME_BYTES_MAX: usize = 6 * 1_048_576;
/// Children of a node in the wide tree over records, answers and events. Measured: at 16 a record costs
/// 0.6 hash blocks above its leaf; a binary tree costs two.
pub const WIDE_ARITY: usize = 16;
/// Answers hashed together: one disclosed chunk shows at most these neighbours, all of one submitter.
pub const ANSWERS_PER_CHUNK: usize = 128;
/// Events hashed together; all of one participant.
pub const EVENTS_PER_CHUNK: usize = 16;
/// Most deferred effects of one log entry; what is left waits for the next entry.
pub const DEFERRED_EFFECTS_MAX: usize = 16_384;
/// Most records of one chain.
pub const CHAIN_RECORDS_MAX: usize = 16;
/// Most instructions of one plan.
pub const PLAN_INSTRUCTIONS_MAX: usize = 4_096;
/// Batches a bank may have under way on one session before the node has answered the first.
pub const SESSION_WINDOW: usize = 64;
/// Participants of one ledger: ids are dense and fit 24 bits in the memory of instruction ids.
pub const PARTICIPANTS_MAX: usize = 65_536;
/// Keys of one participant.
pub const KEYS_PER_PARTICIPANT_MAX: usize = 64;
/// Longest name of a participant, a ledger or a node, in bytes.
pub const NAME_BYTES_MAX: usize = 140;
/// Longest reference of a credit in a settlement system outside (ISO 20022 Max35Text).
pub const REFERENCE_BYTES_MAX: usize = 35;
/// A proposal that nobody approves expires after this many seconds.
pub const PROPOSAL_SECONDS: u64 = 24 * 3_600;
/// Longest time between signing and acceptance that `not_after` may ask for, in seconds.
pub const ACCEPTANCE_SECONDS_MAX: u32 = 24 * 3_600;
/// Most hashes in an RFC 6962 path.
pub const PATH_HASHES_MAX: usize = 64;
/// Most bytes of a checkpoint's text.
pub const CHECKPOINT_BYTES_MAX: usize = 4_096;
/// Most bytes of events in one page of a feed (a page always holds whole entries, so one entry may pass it).
pub const FEED_PAGE_BYTES: usize = 1_048_576;

const _: () = {
    assert!(BATCH_RECORDS_MAX * RECORD_BYTES + 1_024 <= BATCH_BYTES_MAX);
    assert!(BATCH_RECORDS_MAX < u16::MAX as usize);
    assert!(BATCH_BYTES_MAX <= FRAME_BYTES_MAX && DOCUMENTS_BYTES_MAX <= FRAME_BYTES_MAX);
    assert!(DOCUMENT_BYTES_MAX + 1_024 <= DOCUMENTS_BYTES_MAX);
    assert!(CONTROL_RECORDS_MAX * (CONTROL_PAYLOAD_BYTES_MAX + 64) <= BATCH_BYTES_MAX);
    assert!(PARTICIPANTS_MAX <= 1 << 24);
};
