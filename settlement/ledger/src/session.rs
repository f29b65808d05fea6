//! Sessions: numbered lines of batches, part of the ledger so that they survive restart and failover.
use std::collections::{BTreeMap, VecDeque};

use causeway_message::codec::{Put, Reader, within};
use causeway_message::limits::ACCEPTANCE_SECONDS_MAX;
use causeway_message::time::Timestamp;
use causeway_message::{Digest, FormatError, ParticipantId, SessionId, mutated};

use crate::limits::{SESSION_MEMORY, SESSIONS_PER_PARTICIPANT};
use crate::snapshot::rises;

/// How a batch stands to its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionOrder {
    /// The next one.
    Next,
    /// Sent before, with the same bytes; the log index of its entry.
    Again(u64),
    /// Its number was used with other bytes.
    Reused,
    /// Older than the session remembers.
    Forgotten,
    /// Batches before it are missing; the number expected.
    Gap(u64),
    /// The participant has too many sessions.
    Exhausted,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Session {
    last: u64,
    last_time: Timestamp,
    /// Input digest (first half) and log index of the newest batches, oldest first.
    recent: VecDeque<([u8; 16], u64)>,
}

/// All sessions. The sequencer keeps one copy of what it has sequenced, the ledger one of what it has applied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sessions {
    all: BTreeMap<ParticipantId, BTreeMap<SessionId, Session>>,
}

fn half(digest: &Digest) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&digest[..16]);
    out
}

impl Sessions {
    /// Last number of a session; zero if it is unknown.
    pub fn last(&self, participant: ParticipantId, session: SessionId) -> u64 {
        self.all
            .get(&participant)
            .and_then(|all| all.get(&session))
            .map_or(0, |s| s.last)
    }

    /// Every session with its last number.
    pub fn all(&self) -> impl Iterator<Item = ((ParticipantId, SessionId), u64)> + '_ {
        let of = |(who, all): (&ParticipantId, &BTreeMap<SessionId, Session>)| {
            let who = *who;
            all.iter()
                .map(move |(id, known)| ((who, *id), known.last))
                .collect::<Vec<_>>()
        };
        self.all.iter().flat_map(of)
    }

    /// How a batch with this number and digest stands to its session.
    pub fn order(
        &self,
        participant: ParticipantId,
        session: SessionId,
        number: u64,
        digest: &Digest,
        now: Timestamp,
    ) -> SessionOrder {
        let Some(known) = self.all.get(&participant).and_then(|all| all.get(&session)) else {
            return match number {
                1 if self.has_room(participant, now) => SessionOrder::Next,
                1 => SessionOrder::Exhausted,
                _ => SessionOrder::Gap(1),
            };
        };
        if number == known.last + 1 {
            return SessionOrder::Next;
        }
        if number > known.last {
            return SessionOrder::Gap(known.last + 1);
        }
        let back = (known.last - number) as usize;
        match known
            .recent
            .len()
            .checked_sub(back + 1)
            .and_then(|at| known.recent.get(at))
        {
            Some((found, _)) if *found == half(digest) && mutated!(EnterTwice) => SessionOrder::Next,
            Some((found, entry)) if *found == half(digest) => SessionOrder::Again(*entry),
            Some(_) => SessionOrder::Reused,
            None => SessionOrder::Forgotten,
        }
    }

    fn stale(known: &Session, now: Timestamp) -> bool {
        // Twice the acceptance window: no batch signed for the session can still be accepted.
        known.last_time.seconds() + 2 * u64::from(ACCEPTANCE_SECONDS_MAX) < now.seconds()
    }

    fn has_room(&self, participant: ParticipantId, now: Timestamp) -> bool {
        self.all.get(&participant).is_none_or(|all| {
            all.len() < SESSIONS_PER_PARTICIPANT || all.values().any(|known| Self::stale(known, now))
        })
    }

    /// Takes a batch that [`Sessions::order`] called the next. Gives the session that had to make room, if one did.
    pub fn advance(
        &mut self,
        participant: ParticipantId,
        session: SessionId,
        digest: &Digest,
        entry: u64,
        now: Timestamp,
    ) -> Option<SessionId> {
        let all = self.all.entry(participant).or_default();
        let full = all.len() >= SESSIONS_PER_PARTICIPANT && !all.contains_key(&session);
        let oldest = all
            .iter()
            .filter(|_| full)
            .min_by_key(|(id, known)| (known.last_time, **id))
            .map(|(id, _)| *id);
        if let Some(oldest) = oldest {
            all.remove(&oldest);
        }
        let known = all.entry(session).or_default();
        known.last += 1;
        known.last_time = now;
        if known.recent.len() == SESSION_MEMORY {
            known.recent.pop_front();
        }
        known.recent.push_back((half(digest), entry));
        oldest
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.put_u32(self.all.len() as u32);
        for (participant, all) in &self.all {
            out.put_u32(participant.0).put_u32(all.len() as u32);
            for (id, known) in all {
                out.put_u64(id.0).put_u64(known.last).put_u64(known.last_time.0);
                out.put_u32(known.recent.len() as u32);
                for (digest, entry) in &known.recent {
                    out.put(digest).put_u64(*entry);
                }
            }
        }
    }

    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let mut sessions = Self::default();
        for _ in 0..r.u32("sessions")? {
            let participant = ParticipantId(r.u32("session.participant")?);
            let count = r.u32("session.count")?;
            rises(
                sessions.all.keys().next_back(),
                &participant,
                "session.participant",
            )?;
            let all = sessions.all.entry(participant).or_default();
            for _ in 0..count {
                let id = SessionId(r.u64("session.id")?);
                let last = r.u64("session.last")?;
                let last_time = Timestamp(r.u64("session.last_time")?);
                let len = r.u32("session.recent")?;
                rises(all.keys().next_back(), &id, "session.id")?;
                within(len as usize, SESSION_MEMORY, "session.recent")?;
                if last < u64::from(len) || last == u64::MAX {
                    return Err(FormatError::rule(
                        "session.last",
                        "is not a number that batches lead to",
                    ));
                }
                let recent = (0..len)
                    .map(|_| Ok((r.array("session.digest")?, r.u64("session.entry")?)))
                    .collect::<Result<_, FormatError>>()?;
                all.insert(
                    id,
                    Session {
                        last,
                        last_time,
                        recent,
                    },
                );
            }
        }
        Ok(sessions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BANK: ParticipantId = ParticipantId(1);
    const LINE: SessionId = SessionId(7);
    const NOW: Timestamp = Timestamp(1_000_000_000);

    fn digest(n: u64) -> Digest {
        causeway_message::digest::hash(&n.to_le_bytes())
    }

    #[test]
    fn a_session_takes_batches_in_order_and_knows_them_again() {
        let mut sessions = Sessions::default();
        assert_eq!(
            sessions.order(BANK, LINE, 2, &digest(2), NOW),
            SessionOrder::Gap(1)
        );
        for n in 1..=600 {
            assert_eq!(sessions.order(BANK, LINE, n, &digest(n), NOW), SessionOrder::Next);
            sessions.advance(BANK, LINE, &digest(n), n + 10, NOW);
        }
        assert_eq!(
            sessions.order(BANK, LINE, 600, &digest(600), NOW),
            SessionOrder::Again(610)
        );
        assert_eq!(
            sessions.order(BANK, LINE, 345, &digest(345), NOW),
            SessionOrder::Again(355)
        );
        assert_eq!(
            sessions.order(BANK, LINE, 344, &digest(344), NOW),
            SessionOrder::Forgotten
        );
        assert_eq!(
            sessions.order(BANK, LINE, 600, &digest(1), NOW),
            SessionOrder::Reused
        );
        assert_eq!(
            sessions.order(BANK, LINE, 602, &digest(602), NOW),
            SessionOrder::Gap(601)
        );
        let mut bytes = Vec::new();
        sessions.write(&mut bytes);
        assert_eq!(Sessions::read(&mut Reader::new(&bytes)), Ok(sessions));
    }

    #[test]
    fn an_idle_session_makes_room_only_when_nothing_of_it_can_be_accepted() {
        let mut sessions = Sessions::default();
        for id in 0..SESSIONS_PER_PARTICIPANT as u64 {
            sessions.advance(BANK, SessionId(id), &digest(1), 1, NOW);
        }
        let other = SessionId(u64::MAX);
        assert_eq!(
            sessions.order(BANK, other, 1, &digest(1), NOW),
            SessionOrder::Exhausted
        );
        let later = Timestamp::from_seconds(3 * ACCEPTANCE_SECONDS_MAX);
        assert_eq!(
            sessions.order(BANK, other, 1, &digest(1), later),
            SessionOrder::Next
        );
        assert_eq!(
            sessions.advance(BANK, other, &digest(1), 2, later),
            Some(SessionId(0))
        );
        assert_eq!(sessions.advance(BANK, other, &digest(2), 3, later), None);
        assert_eq!(sessions.last(BANK, SessionId(0)), 0);
    }
}
