//! What goes wrong with a machine, and how often it did.
use std::collections::BTreeMap;

use serde::Serialize;

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The power goes between two operations.
    PowerCut,
    /// The power goes in the middle of an operation.
    PowerCutInside,
    /// The process ends; what it wrote is still in the page cache.
    Killed,
    /// A write fails, having changed part of its range or none.
    WriteError,
    /// A sync fails, having reached the disk in part.
    SyncError,
    /// A read fails.
    ReadError,
    /// There is no room.
    Full,
    /// An operation takes long.
    Slow,
    /// A bit changes on the disk.
    BitRot,
    /// A changed page or size did not survive a power cut.
    PageLost,
    /// A changed page survived in part.
    PageTorn,
    /// A name made, changed or removed did not survive.
    NameLost,
    /// The wall clock jumps ahead, further than intake accepts.
    ClockAhead,
    /// The wall clock jumps back.
    ClockBack,
    /// A connection breaks; what was under way is lost.
    Disconnect,
    /// What a bank sent on a connection that it left arrives late.
    LateDelivery,
    /// A bank sends the same bytes again.
    Replayed,
    /// A bank sends bytes that are not what it signed.
    Forged,
    /// A bank stops for a while.
    BankStopped,
}

/// How often each kind happened.
pub type Counts = BTreeMap<FaultKind, u64>;

/// A fault of the disk that is set to strike after so many operations of its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strike {
    /// Power goes inside the n-th operation that changes anything.
    PowerCut,
    /// The n-th write fails.
    Write,
    /// The n-th sync fails.
    Sync,
    /// The n-th read fails.
    Read,
}

/// What is set to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Plan {
    /// Kind and operations left before it.
    pub strike: Option<(Strike, u32)>,
    /// True while nothing more fits on the disk.
    pub full: bool,
    /// Nanoseconds that each operation takes.
    pub slowness: u64,
}
