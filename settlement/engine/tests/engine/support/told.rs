//! Submitting, and what comes back.
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use causeway_engine::{Engine, Reply, ReplyTo, Submission};
use causeway_message::Status;
use causeway_message::checkpoint::{Checkpoint, origin};
use causeway_message::entry::{EntryKind, Roots};
use causeway_message::frame::{Template, expect};
use causeway_message::refusal::Refusal;
use causeway_message::verify::VerifiedBatch;
use causeway_message::wire::AnswersMessage;

use super::World;

const PATIENCE: Duration = Duration::from_secs(20);

/// Answers whose proof holds.
#[derive(Debug, Clone)]
pub struct Told {
    pub batch: Arc<VerifiedBatch>,
    pub message: AnswersMessage,
    pub checkpoint: Checkpoint,
}

impl Told {
    pub fn statuses(&self) -> Vec<Status> {
        let status = |answer: &causeway_message::answer::Answer| answer.status().expect("a status");
        self.message.answers.iter().map(status).collect()
    }

    /// Holds if both say the same of the same entry; the proof may differ.
    pub fn same_outcome(&self, other: &Self) {
        let bare = |told: &Self| {
            let mut message = told.message.clone();
            message.proof.path.clear();
            message.checkpoint.clear();
            message
        };
        assert_eq!(bare(self), bare(other));
    }
}

/// Submits a batch; a full ring is tried again.
pub fn send(engine: &Engine, batch: &Arc<VerifiedBatch>) -> Receiver<Reply> {
    let (sender, replies) = channel();
    let reply = ReplyTo::new(move |reply| {
        let _ = sender.send(reply);
    });
    let mut submission = Submission {
        batch: batch.clone(),
        reply,
    };
    while let Err(back) = engine.submit(submission) {
        submission = back;
        std::thread::sleep(Duration::from_micros(100));
    }
    replies
}

/// Submits a batch and waits for the reply.
pub fn ask(engine: &Engine, batch: &Arc<VerifiedBatch>) -> Reply {
    send(engine, batch).recv_timeout(PATIENCE).expect("a reply")
}

/// Submits a batch that must be refused.
pub fn refused(engine: &Engine, batch: &Arc<VerifiedBatch>) -> Refusal {
    match ask(engine, batch) {
        Reply::Refused(refusal) => refusal,
        Reply::Answers(_) => panic!("the batch was answered"),
    }
}

impl World {
    /// Submits a batch that must be answered, and checks the proof of its answers.
    pub fn told(&self, engine: &Engine, batch: &Arc<VerifiedBatch>) -> Told {
        self.proven(batch, ask(engine, batch))
    }

    /// Checks a reply as the bank would: its own batch, leaf, path, checkpoint, pinned key.
    pub fn proven(&self, batch: &Arc<VerifiedBatch>, reply: Reply) -> Told {
        let Reply::Answers(bytes) = reply else {
            panic!("refused: {reply:?}")
        };
        let reader = expect(&bytes, Template::Answers).expect("answers");
        let message = AnswersMessage::read(reader).expect("the answers have their form");
        assert_eq!(message.write(), bytes, "the message reads back");
        assert_eq!(message.number, batch.number());
        assert_eq!(
            message.input_digest,
            *batch.input_digest(),
            "answers to this batch"
        );
        assert_eq!(message.answers.len(), usize::from(batch.block().count.get()));
        let origin = origin(self.genesis.ledger_id());
        let checkpoint =
            Checkpoint::verify(&message.checkpoint, &origin, &self.log_key()).expect("the pinned key signed");
        assert!(
            message.proof.holds(message.leaf().hash(), &checkpoint),
            "the leaf stands in the log"
        );
        Told {
            batch: batch.clone(),
            message,
            checkpoint,
        }
    }
}

/// Waits until something holds.
pub fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < PATIENCE, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Waits until the log ends with a tree head over everything before; returns the last index.
pub fn rest(engine: &Engine) -> u64 {
    let mut last = 0;
    eventually("the log comes to rest", || {
        let health = engine.health();
        assert_eq!(health.failure, None);
        last = health.published;
        if last != health.durable {
            return false;
        }
        let (header, payload) = engine.archive().entry(last).expect("the last entry");
        header.kind().expect("a kind") == EntryKind::Roots
            && Roots::read(&payload).expect("a tree head").size == last - 1
    });
    last
}

/// Stops a node that has not failed.
pub fn stopped(engine: Engine) {
    assert_eq!(engine.stop(), None);
}
