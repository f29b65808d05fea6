//! Sessions: batches numbered from 1, each number once.
use std::collections::BTreeMap;

use causeway_message::time::Timestamp;
use causeway_message::{ParticipantId, SessionId};

/// Sessions that a participant may have.
const SESSIONS: usize = 1_024;
/// Seconds after which an idle session makes room: twice the acceptance window.
const IDLE_SECONDS: u64 = 2 * 86_400;

#[derive(Debug, Clone, Copy, Default)]
struct Session {
    last: u64,
    time: Timestamp,
}

/// All sessions, and which entry moved each to which number.
#[derive(Debug, Default)]
pub struct Sessions {
    all: BTreeMap<ParticipantId, BTreeMap<SessionId, Session>>,
    history: BTreeMap<(ParticipantId, SessionId), Vec<(u64, u64)>>,
}

impl Sessions {
    /// Takes a batch if it is the next of its session; false if it is out of order.
    pub fn take(
        &mut self,
        who: ParticipantId,
        id: SessionId,
        number: u64,
        entry: u64,
        now: Timestamp,
    ) -> bool {
        let all = self.all.entry(who).or_default();
        let known = all.get(&id).copied();
        if known.map_or(0, |session| session.last) + 1 != number {
            return false;
        }
        if known.is_none() && all.len() >= SESSIONS {
            let idle = |session: &Session| session.time.seconds() + IDLE_SECONDS < now.seconds();
            if !all.values().any(idle) {
                return false;
            }
            // The one that was silent longest makes room.
            let oldest = all.iter().min_by_key(|(id, session)| (session.time, **id));
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                all.remove(&oldest);
                self.history.entry((who, oldest)).or_default().push((entry, 0));
            }
        }
        all.insert(
            id,
            Session {
                last: number,
                time: now,
            },
        );
        self.history.entry((who, id)).or_default().push((entry, number));
        true
    }

    /// Last number of a session; zero if it is unknown.
    pub fn last(&self, who: ParticipantId, id: SessionId) -> u64 {
        self.all
            .get(&who)
            .and_then(|all| all.get(&id))
            .map_or(0, |session| session.last)
    }

    /// Last number of a session as it was after an entry.
    pub fn last_at(&self, who: ParticipantId, id: SessionId, entry: u64) -> u64 {
        let Some(past) = self.history.get(&(who, id)) else {
            return 0;
        };
        let behind = past.partition_point(|(at, _)| *at <= entry);
        behind.checked_sub(1).map_or(0, |last| past[last].1)
    }

    /// Every session with its last number.
    pub fn all(&self) -> impl Iterator<Item = ((ParticipantId, SessionId), u64)> + '_ {
        self.all
            .iter()
            .flat_map(|(who, all)| all.iter().map(|(id, session)| ((*who, *id), session.last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BANK: ParticipantId = ParticipantId(1);

    #[test]
    fn numbers_are_taken_in_order_and_each_once() {
        let mut sessions = Sessions::default();
        let mut take = |number, entry| sessions.take(BANK, SessionId(7), number, entry, Timestamp(entry));
        assert!(!take(2, 1) && take(1, 2) && !take(1, 3) && !take(3, 4) && take(2, 5));
        assert_eq!(sessions.last(BANK, SessionId(7)), 2);
        let at = |entry| sessions.last_at(BANK, SessionId(7), entry);
        assert_eq!([at(1), at(2), at(4), at(5)], [0, 1, 1, 2]);
    }

    #[test]
    fn a_session_too_many_waits_until_another_is_idle() {
        let mut sessions = Sessions::default();
        for id in 0..SESSIONS as u64 {
            assert!(sessions.take(BANK, SessionId(id), 1, id + 1, Timestamp(id)));
        }
        let other = SessionId(u64::MAX);
        assert!(!sessions.take(BANK, other, 1, 2_000, Timestamp::from_seconds(172_800)));
        assert!(sessions.take(BANK, other, 1, 2_001, Timestamp::from_seconds(172_801)));
        assert_eq!(sessions.last(BANK, SessionId(0)), 0);
        assert_eq!(sessions.last(BANK, SessionId(1)), 1);
    }
}
