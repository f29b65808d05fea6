//! The node's clock: the only place where the engine reads one.
use std::time::{SystemTime, UNIX_EPOCH};

use causeway_message::time::Timestamp;

/// The time now, in UTC.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix_nanos(since.as_nanos())
}
