//! Signed bytes that a bank sends again: one batch is kept for some replays, each held to the answers that it had first.
use std::sync::{Arc, OnceLock};

use causeway_message::answer::Answer;
use causeway_message::digest::Digest;

use crate::drive::seat::Outcome;
use crate::error::Failure;

/// How often a batch is sent again before another one is kept: a session remembers more than that.
const TIMES: u32 = 16;

/// What a batch was answered first.
#[derive(Debug)]
struct First {
    leaf: Digest,
    answers: Vec<Answer>,
}

/// A batch whose bytes are kept; its first answers are noted once they are there.
#[derive(Debug, Clone, Default)]
pub struct Original(Arc<OnceLock<First>>);

impl Original {
    /// Notes the first answers.
    pub fn note(&self, outcome: &Outcome) {
        let (leaf, answers) = (outcome.leaf.hash(), outcome.answers.clone());
        self.0.get_or_init(|| First { leaf, answers });
    }

    /// Holds the answers to a replay to the first ones.
    ///
    /// # Errors
    /// If they differ: what happened once did not happen so.
    pub fn hold(&self, outcome: &Outcome) -> Result<(), Failure> {
        let same = |first: &First| first.leaf == outcome.leaf.hash() && first.answers == outcome.answers;
        if self.0.get().is_some_and(same) {
            return Ok(());
        }
        Err(Failure::Check(format!(
            "signed bytes that were sent again were answered otherwise than at first, as log entry {}",
            outcome.leaf.index
        )))
    }
}

/// What a batch under way is.
#[derive(Debug, Clone, Default)]
pub enum Kind {
    /// Sent once, as far as the bank knows.
    #[default]
    Plain,
    /// To be sent again.
    Kept(Original),
    /// The bytes of one that was sent.
    Again(Original),
}

/// What comes next where bytes are to be sent again.
#[derive(Debug, Default)]
pub struct Replays {
    original: Option<Original>,
    times: u32,
}

impl Replays {
    /// A batch to be kept, or one to be sent again; a plain one while the first answers are not there.
    pub fn next(&mut self) -> Kind {
        match &self.original {
            Some(original) if original.0.get().is_none() => Kind::Plain,
            Some(original) if self.times < TIMES => {
                self.times += 1;
                Kind::Again(original.clone())
            }
            _ => {
                self.times = 0;
                let original = Original::default();
                self.original = Some(original.clone());
                Kind::Kept(original)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use causeway_message::Status;
    use causeway_message::leaf::{Leaf, RULES_VERSION};
    use causeway_message::time::Timestamp;

    fn outcome(index: u64, status: Status) -> Outcome {
        Outcome {
            leaf: Leaf {
                index,
                time: Timestamp(1),
                kind: 2,
                rules_version: RULES_VERSION,
                input_digest: [0; 32],
                effects_root: [0; 32],
            },
            answers: vec![Answer::new(status)],
        }
    }

    #[test]
    fn bytes_are_sent_again_once_they_were_answered_and_not_for_ever() {
        let mut replays = Replays::default();
        let Kind::Kept(original) = replays.next() else {
            panic!("one is kept first");
        };
        assert!(matches!(replays.next(), Kind::Plain), "it is not answered yet");
        original.note(&outcome(7, Status::Settled));
        let again = (0..TIMES)
            .filter(|_| matches!(replays.next(), Kind::Again(_)))
            .count();
        assert_eq!(again, TIMES as usize);
        assert!(matches!(replays.next(), Kind::Kept(_)));
    }

    #[test]
    fn a_replay_that_is_answered_otherwise_is_said() {
        let original = Original::default();
        original.note(&outcome(7, Status::Settled));
        assert!(original.hold(&outcome(7, Status::Settled)).is_ok());
        for other in [outcome(8, Status::Settled), outcome(7, Status::Queued)] {
            let error = original.hold(&other).expect_err("it differs");
            assert!(
                error.to_string().contains("answered otherwise than at first"),
                "{error}"
            );
        }
    }
}
