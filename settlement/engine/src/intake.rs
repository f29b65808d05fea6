//! Intake: a bounded ring per participant, taken in fair turns.
mod listing;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use causeway_message::ParticipantId;
use causeway_message::refusal::Refusal;
use causeway_message::verify::VerifiedBatch;
use crossbeam::channel::{Receiver, Sender, bounded};
use crossbeam::queue::ArrayQueue;
use dashmap::DashMap;

use listing::Listing;

use crate::limits::{INTAKE_ACTIVE, INTAKE_RING, UNDER_WAY_EACH, UNDER_WAY_MAX};

mod atomics {
    pub use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
}

/// What a submitter is told.
#[derive(Debug)]
pub enum Reply {
    /// The message with the answers and their proof.
    Answers(Vec<u8>),
    /// Nothing entered the log.
    Refused(Refusal),
}

/// Where the reply goes; called once, from a thread of the engine, and must not block.
pub struct ReplyTo(Box<dyn FnOnce(Reply) + Send>);

impl ReplyTo {
    /// A reply that calls `call`.
    pub fn new(call: impl FnOnce(Reply) + Send + 'static) -> Self {
        Self(Box::new(call))
    }

    /// Sends the reply.
    pub fn send(self, reply: Reply) {
        (self.0)(reply);
    }
}

impl fmt::Debug for ReplyTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyTo")
    }
}

/// A verified batch on its way to the sequencer.
#[derive(Debug)]
pub struct Submission {
    /// The batch.
    pub batch: Arc<VerifiedBatch>,
    /// Where its answers go.
    pub reply: ReplyTo,
}

#[derive(Debug)]
struct Ring {
    queue: ArrayQueue<Submission>,
    listing: Listing,
}

impl Ring {
    fn waits(&self) -> bool {
        !self.queue.is_empty()
    }
}

/// A submission in the stages behind; over when it is answered or given up.
struct UnderWay {
    ring: Arc<Ring>,
    active: Sender<Arc<Ring>>,
    cost: usize,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let Self { ring, active, cost } = self;
        ring.listing.end(*cost, || ring.waits(), || tell(ring, active));
    }
}

/// The transport's end: submits.
#[derive(Debug, Clone)]
pub struct Intake {
    rings: Arc<DashMap<ParticipantId, Arc<Ring>>>,
    active: Sender<Arc<Ring>>,
}

/// The log thread's end: takes.
#[derive(Debug)]
pub struct Outlet {
    active: Receiver<Arc<Ring>>,
    again: Sender<Arc<Ring>>,
}

/// A pair of ends.
pub fn intake() -> (Intake, Outlet) {
    let (active, taken) = bounded(INTAKE_ACTIVE);
    let again = active.clone();
    (
        Intake {
            rings: Arc::default(),
            active,
        },
        Outlet { active: taken, again },
    )
}

fn tell(ring: &Arc<Ring>, active: &Sender<Arc<Ring>>) {
    // One place for each participant: the ring of active rings cannot be full.
    let _ = active.try_send(ring.clone());
}

impl Intake {
    /// Submits a batch, or gives it back if the participant's ring is full.
    ///
    /// # Errors
    /// The submission, unchanged.
    pub fn submit(&self, submission: Submission) -> Result<(), Submission> {
        let ring = self.ring(submission.batch.participant());
        ring.queue.push(submission)?;
        ring.listing.list(|| tell(&ring, &self.active));
        Ok(())
    }

    fn ring(&self, participant: ParticipantId) -> Arc<Ring> {
        if let Some(ring) = self.rings.get(&participant) {
            return ring.clone();
        }
        let fresh = || {
            Arc::new(Ring {
                queue: ArrayQueue::new(INTAKE_RING),
                listing: Listing::new(),
            })
        };
        self.rings.entry(participant).or_insert_with(fresh).clone()
    }
}

impl Outlet {
    /// Takes one submission from the participant whose turn it is.
    pub fn take(&self) -> Option<Submission> {
        while let Ok(ring) = self.active.try_recv() {
            if let Some(submission) = self.turn(&ring) {
                return Some(submission);
            }
        }
        None
    }

    /// Waits so long for a submission.
    pub fn wait(&self, patience: Duration) -> Option<Submission> {
        loop {
            let ring = self.active.recv_timeout(patience).ok()?;
            if let Some(submission) = self.turn(&ring) {
                return Some(submission);
            }
        }
    }

    fn turn(&self, ring: &Arc<Ring>) -> Option<Submission> {
        let take = || {
            let submission = ring.queue.pop()?;
            let cost = submission.batch.frame().len() + UNDER_WAY_EACH;
            Some((self.under_way(submission, ring, cost), cost))
        };
        // The stages behind take things in the order in which they came: fair turns are worth nothing there if one
        // participant fills them before the others come.
        let again = || tell(ring, &self.again);
        ring.listing.turn(UNDER_WAY_MAX, || ring.waits(), take, again)
    }

    /// Has a submission count among those under way until it is answered.
    fn under_way(&self, submission: Submission, ring: &Arc<Ring>, cost: usize) -> Submission {
        let under_way = UnderWay {
            ring: ring.clone(),
            active: self.again.clone(),
            cost,
        };
        let reply = submission.reply;
        Submission {
            batch: submission.batch,
            reply: ReplyTo::new(move |answer| {
                drop(under_way);
                reply.send(answer);
            }),
        }
    }
}
