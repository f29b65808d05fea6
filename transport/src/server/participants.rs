//! What the server holds for each participant that is connected, on whatever connections and threads.
use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use causeway_message::ParticipantId;
use causeway_message::limits::FRAME_BYTES_MAX;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use super::Bounds;
use crate::limits::QUESTIONS_PER_PARTICIPANT;

/// Bytes that are counted as one.
const UNIT: usize = 1_024;

/// One participant's part of the server.
#[derive(Debug)]
pub(super) struct Participant {
    pub id: ParticipantId,
    pub connections: AtomicUsize,
    pub sessions: AtomicUsize,
    pub feeds: AtomicUsize,
    memory: Arc<Semaphore>,
    questions: Semaphore,
    /// One for each thread of the server.
    turns: Vec<Semaphore>,
}

/// Memory that a participant's messages take, given back when dropped.
pub(super) type Share = OwnedSemaphorePermit;

impl Participant {
    fn new(id: ParticipantId, bounds: &Bounds, threads: usize) -> Self {
        let memory = bounds.participant_bytes.max(FRAME_BYTES_MAX).div_ceil(UNIT);
        Self {
            id,
            connections: AtomicUsize::new(0),
            sessions: AtomicUsize::new(0),
            feeds: AtomicUsize::new(0),
            memory: Arc::new(Semaphore::new(memory)),
            questions: Semaphore::new(QUESTIONS_PER_PARTICIPANT),
            turns: (0..threads).map(|_| Semaphore::new(1)).collect(),
        }
    }

    /// Waits until a message of this length fits beside the participant's others. Meanwhile its stream is not read,
    /// and flow control stops the bank.
    pub async fn share(&self, length: usize) -> Option<Share> {
        let units = u32::try_from(length.div_ceil(UNIT)).ok()?;
        // Nobody closes it: `None` does not happen.
        self.memory.clone().acquire_many_owned(units).await.ok()
    }

    /// Waits for the participant's turn to have the thread check something large. Others' streams come in between,
    /// so that a bank with many sessions has no more turns than a bank with one.
    pub async fn turn(&self, thread: usize) -> Option<SemaphorePermit<'_>> {
        self.turns.get(thread)?.acquire().await.ok()
    }

    /// Waits until one more of its questions may be read for.
    pub async fn question(&self) -> Option<SemaphorePermit<'_>> {
        self.questions.acquire().await.ok()
    }
}

/// All participants that are connected.
#[derive(Debug)]
pub(super) struct Participants {
    all: Mutex<HashMap<ParticipantId, Weak<Participant>>>,
    bounds: Bounds,
    threads: usize,
}

impl Participants {
    pub fn new(bounds: &Bounds, threads: usize) -> Self {
        Self {
            all: Mutex::default(),
            bounds: bounds.clone(),
            threads,
        }
    }

    /// What is held for this participant.
    pub fn of(&self, id: ParticipantId) -> Arc<Participant> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(&id).and_then(Weak::upgrade) {
            return known;
        }
        // Those that have left make room: there are no more than connections.
        all.retain(|_, known| known.strong_count() > 0);
        let fresh = Arc::new(Participant::new(id, &self.bounds, self.threads));
        all.insert(id, Arc::downgrade(&fresh));
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BANK: ParticipantId = ParticipantId(2);

    #[test]
    fn a_participant_is_one_on_all_its_connections_and_forgotten_with_the_last() {
        let all = Participants::new(&Bounds::default(), 1);
        let (first, second) = (all.of(BANK), all.of(BANK));
        assert!(Arc::ptr_eq(&first, &second));
        assert!(!Arc::ptr_eq(&first, &all.of(ParticipantId(3))));
        drop((first, second));
        all.of(ParticipantId(3));
        assert_eq!(all.all.lock().expect("unbroken").len(), 1);
    }

    #[tokio::test]
    async fn a_message_waits_until_the_participants_others_are_done() {
        let bounds = Bounds {
            participant_bytes: 0,
            ..Bounds::default()
        };
        let bank = Participants::new(&bounds, 1).of(BANK);
        // However small the bound, the largest message fits alone.
        let share = bank.share(FRAME_BYTES_MAX).await;
        assert!(share.is_some());
        let mut more = std::pin::pin!(bank.share(1));
        tokio::select! {
            biased;
            _ = &mut more => panic!("there is no room"),
            () = std::future::ready(()) => drop(share),
        }
        assert!(more.await.is_some());
    }
}
