//! Bounds of the ledger's state and of the work one entry may cause.

/// Due items looked at before an entry is applied; the rest wait for the next entry.
pub const DUE_PER_ENTRY: usize = 1_024;
/// Queued payments that may leave their queues in one entry, expired ones included.
pub const RELEASES_PER_ENTRY: usize = 8_192;
/// Originals that may be looked up in the log in one entry.
pub const ORIGINALS_PER_ENTRY: usize = 256;
/// Netting windows open at once.
pub const WINDOWS_MAX: usize = 16;
/// Obligations of one netting window, which settles in one entry.
pub const OBLIGATIONS_PER_WINDOW: usize = 8_000;
/// Pay-ins of one netting window.
pub const PAY_INS_PER_WINDOW: usize = 4_096;
/// Pay-ins of one account in one netting window: nobody fills it with small ones.
pub const PAY_INS_PER_MEMBER: u32 = 16;
/// Payments of one participant that may wait for a value date.
pub const DATED_PER_PARTICIPANT: u32 = 10_000;
/// FX payments among them.
pub const DATED_FX_PER_PARTICIPANT: u32 = 64;
/// Questions about settled payments that one participant may have open.
pub const QUESTIONS_PER_PARTICIPANT: usize = 4_096;
/// Unmatched instructions that one participant may have against another.
pub const UNMATCHED_PER_COUNTERPARTY: u32 = 4_096;
/// Pay-in deadlines that may lie ahead in one account.
pub const PAY_INS_PER_ACCOUNT: usize = 64;
/// Assets that may secure one account.
pub const ASSETS_PER_ACCOUNT: usize = 64;
/// Longest time for which a quote stands, in seconds.
pub const QUOTE_SECONDS_MAX: u64 = 86_400;
/// Longest time for which a lock keeps quotes, in seconds.
pub const LOCK_SECONDS_MAX: u64 = 300;
/// Locks that one participant may have live.
pub const LOCKS_PER_PARTICIPANT: usize = 256;
/// FX payments of one participant that may await a quote.
pub const AWAITING_PER_PARTICIPANT: usize = 64;
/// FX payments that may await a quote.
pub const AWAITING_MAX: usize = 1_024;
/// How long a window is in which a payment's UETR is remembered; it counts in its own and in the next one.
pub const DUPLICATE_WINDOW_SECONDS: u64 = 24 * 3_600;
/// Days ahead in the schedule of one currency.
pub const DAYS_AHEAD_MAX: usize = 400;
/// From the close on, how long what waits may still settle before it is rejected, in seconds.
pub const LAST_NETTING_SECONDS: u32 = 5;
/// Operators and regulators that are told of a step of a business day.
pub const OVERSEERS_TOLD: usize = 64;
/// Sessions a participant may have; an idle one makes room once no batch of it could still be accepted.
pub const SESSIONS_PER_PARTICIPANT: usize = 1_024;
/// Batches a session remembers, to tell a batch sent again from another under its number.
pub const SESSION_MEMORY: usize = 256;
/// Proposals that may wait for approval at once, per participant.
pub const PROPOSALS_PER_PARTICIPANT: usize = 256;
/// Proposals of one participant of which it is remembered how they ended.
pub const ENDED_PER_PARTICIPANT: usize = 1_024;
/// For how long, in seconds, that is remembered.
pub const ENDED_SECONDS: u64 = 7 * 86_400;
/// Trades beside the queues among which a survey looks for the oldest unmatched instruction.
pub const UNMATCHED_LOOKED_AT: usize = 4_096;
/// Participants whose accounts one step of a survey counts.
pub const SURVEYED_PER_STEP: u32 = 256;

const _: () = {
    assert!(DUE_PER_ENTRY + RELEASES_PER_ENTRY <= causeway_message::limits::DEFERRED_EFFECTS_MAX);
    let window =
        OBLIGATIONS_PER_WINDOW + PAY_INS_PER_WINDOW + 4 * causeway_message::limits::CHAIN_RECORDS_MAX;
    assert!(DUE_PER_ENTRY + window <= causeway_message::limits::DEFERRED_EFFECTS_MAX);
    assert!(SESSION_MEMORY >= causeway_message::limits::SESSION_WINDOW);
};
