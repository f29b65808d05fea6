//! The time of a run: when trades end, and on which date they settle.
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use causeway_message::time::Timestamp;

/// Longest time that a check of all books takes.
const CHECK: Duration = Duration::from_secs(120);
/// So long after midnight the first entries of the day have ended the trades of the day before.
const EARLY: Duration = Duration::from_secs(2);

/// The time now, in UTC.
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix_nanos(since.as_nanos())
}

/// Waits for the next day if it comes soon: what waits ends at midnight, and would change while it is looked at.
pub fn stay_clear_of_midnight() {
    if let Some(wait) = wait(now()) {
        std::thread::sleep(wait);
    }
}

fn wait(now: Timestamp) -> Option<Duration> {
    let left = Timestamp::midnight(now.days() + 1).0.saturating_sub(now.0);
    let left = Duration::from_nanos(left);
    (left < CHECK).then(|| left + EARLY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_waits_only_shortly_before_midnight() {
        let before = |seconds: u64| Timestamp(Timestamp::midnight(9_000).0 - seconds * 1_000_000_000);
        assert_eq!(wait(before(30)), Some(Duration::from_secs(32)));
        assert_eq!(wait(before(121)), None);
        assert_eq!(wait(Timestamp::midnight(9_000)), None);
    }
}
