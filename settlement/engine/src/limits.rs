//! Bounds of the engine: every ring and every batch of work has one.
use causeway_message::limits::{BATCH_BYTES_MAX, SESSION_WINDOW};

/// Batches of one participant that wait to be sequenced.
pub const INTAKE_RING: usize = 4 * SESSION_WINDOW;
/// Participants with batches waiting, and resends, that the log thread has been told of.
pub const INTAKE_ACTIVE: usize = 65_536;
/// Bytes of one participant's batches between intake and answer: enough to keep every stage busy when it is alone, and
/// little enough that others find room in the stages when it is not.
pub const UNDER_WAY_MAX: usize = 2 * GROUP_BYTES_MAX;
/// What a batch counts for beside its bytes: small ones have their cost, too.
pub const UNDER_WAY_EACH: usize = 16 * 1_024;
/// Log entries in one commit group.
pub const GROUP_ENTRIES_MAX: usize = 1_024;
/// Payload bytes in one commit group: some milliseconds of disk, shared by all its entries.
pub const GROUP_BYTES_MAX: usize = 4 * 1_048_576;
/// Least bytes of a journal segment: one commit group and the largest batch behind it fit.
pub const SEGMENT_BYTES_MIN: u64 = 8 * 1_048_576;
/// Payload bytes of entries between two snapshots, at most, of a ledger in which little waits: what a start applies again,
/// two million payments in full batches, takes it some two seconds.
pub const SNAPSHOT_BYTES: u64 = 256 * 1_048_576;
/// Payload bytes between two snapshots for each byte of the one before, where that is more: payments wait while one is made.
pub const SNAPSHOT_SHARE: u64 = 8;
/// Commit groups between two stages.
pub const STAGE_RING: usize = 4;
/// Questions waiting for the apply thread.
pub const QUERY_RING: usize = 1_024;
/// Questions answered between two groups, so that they cannot starve payments.
pub const QUERIES_PER_GROUP: usize = 64;
/// Pages waiting for one subscriber before it must read the log instead.
pub const FEED_RING: usize = 64;
/// Bytes of pages waiting for one subscriber.
pub const FEED_RING_BYTES: usize = 16 * 1_048_576;
/// Entries of one page read from the log.
pub const FEED_COLD_ENTRIES: usize = 256;
/// Entries read for one question about a history.
pub const HISTORY_ENTRIES: usize = 2_048;
/// Bytes read for one question about a history, beyond which no further entry is read.
pub const HISTORY_BYTES: usize = 64 * 1_048_576;
/// Milliseconds that a question about a history waits for entries that are being published.
pub const HISTORY_WAIT_MS: u32 = 5_000;
/// Groups of a participant between two notes of where its feed stands.
pub const FEED_SAMPLE: u64 = 64;
/// Documents waiting to be stored.
pub const DOCUMENT_RING: usize = 1_024;
/// Bytes of documents in one write: what the processor's caches hold.
pub const DOCUMENT_PIECE_BYTES: usize = 1_048_576;
/// Bytes of documents beyond which no further ones share a sync.
pub const DOCUMENT_TURN_BYTES: usize = 64 * 1_048_576;
/// Newest batches kept with the trees over their records.
pub const RECENT_BATCHES: usize = 64;
/// Bytes of their frames, above which fewer are kept: full ones take 1 MiB each, and their trees a quarter of that.
pub const RECENT_BYTES: usize = 64 * 1_048_576;
/// Nodes of each level of the log's tree kept in memory.
pub const TREE_TAIL: usize = 8_192;
/// Entries after which tree heads are journalled, at the latest when the node is idle.
pub const ROOTS_ENTRIES: u64 = 256;
/// Milliseconds without work after which a group is sealed and tree heads are journalled.
pub const IDLE_MS: u64 = 20;
/// Milliseconds between the end of one survey of the ledger and the begin of the next.
pub const WATCH_MS: u64 = 500;
/// Groups whose moves wait for the mirror of the queues before it has to be read again.
pub const MIRROR_RING: usize = 1_024;
/// Places of the queues, or accounts, that one question of the mirror reads.
pub const MIRROR_CHUNK: usize = 1_024;
/// Instructions of a plan, if what was found can be split so: a plan stands between two groups of payments.
pub const PLAN_INSTRUCTIONS: usize = 2_048;
/// Proposals whose evidence waits for whoever keeps it: each may hold a whole case.
pub const EVIDENCE_RING: usize = 4;
/// Plans applied that wait until netting has taken note; more only if it does nothing else than propose.
pub const APPLIED_RING: usize = 1_024;
/// Plans that wait for the log.
pub const PLAN_RING: usize = 64;
/// Milliseconds that netting waits for moves before it looks at the time.
pub const NETTING_TURN_MS: u64 = 20;
/// What netting rests after a look, as a multiple of what the look took: others need the processor, too.
pub const NETTING_REST: u32 = 9;
/// Milliseconds that netting waits for its plans to be applied.
pub const PLAN_WAIT_MS: u64 = 5_000;
/// Milliseconds before netting proposes again what the ledger settled nothing of.
pub const REFUSED_MS: u64 = 10_000;
/// Seconds that the clock may run ahead of the last entry while the node is up, before intake stops.
pub const CLOCK_JUMP_SECONDS: u64 = 3_600;
/// Seconds after which an idle node to which something is due writes a tick, so that a start knows since when it was down.
pub const SIGN_OF_LIFE_SECONDS: u64 = 1_800;
/// Most entries of a log that are reckoned with: the memory of ids holds no larger index.
pub const LOG_ENTRIES_MAX: u64 = (1 << 40) - 1;

const _: () = {
    assert!(GROUP_BYTES_MAX >= BATCH_BYTES_MAX);
    // Payloads, entry headers, and the blocks of segment and group.
    let group = GROUP_BYTES_MAX + BATCH_BYTES_MAX + GROUP_ENTRIES_MAX * 128 + 3 * 4_096;
    assert!(group as u64 <= SEGMENT_BYTES_MIN);
};
