//! Which records of a batch settled by its answers, and which may settle behind them.
use causeway_message::Status;
use causeway_message::answer::Answer;

/// Bits of a word.
const BITS: usize = u64::BITS as usize;

/// True if the record settled by this answer, for the first time.
pub fn settles(answer: &Answer) -> bool {
    answer.is_first() && answer.status() == Some(Status::Settled)
}

/// True if the record waits: another status follows, and it may be that it settled.
pub fn waits(answer: &Answer) -> bool {
    answer.is_first() && answer.status().is_some_and(Status::is_transient)
}

/// The records of a batch that its answers settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AtOnce {
    /// Every one.
    All,
    /// One bit for each.
    These(Box<[u64]>),
}

impl AtOnce {
    /// By the answers.
    pub fn of(answers: &[Answer]) -> Self {
        if answers.iter().all(settles) {
            return Self::All;
        }
        let word = |answers: &[Answer]| {
            let bits = answers.iter().enumerate();
            bits.fold(0, |word, (at, answer)| word | u64::from(settles(answer)) << at)
        };
        Self::These(answers.chunks(BITS).map(word).collect())
    }

    /// Whether the record at this place settled.
    pub fn holds(&self, place: usize) -> bool {
        match self {
            Self::All => true,
            Self::These(words) => words
                .get(place / BITS)
                .is_some_and(|word| word >> (place % BITS) & 1 == 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use causeway_message::answer::answer_flags;

    #[test]
    fn each_record_has_its_own_bit() {
        let mut answers = vec![Answer::new(Status::Settled); 130];
        assert_eq!(AtOnce::of(&answers), AtOnce::All);
        answers[0] = Answer::new(Status::Queued);
        answers[64].flags = answer_flags::REPLAYED.into();
        answers[129] = Answer::new(Status::InsufficientLiquidity);
        let settled = AtOnce::of(&answers);
        let not: Vec<usize> = (0..130).filter(|place| !settled.holds(*place)).collect();
        assert_eq!(not, [0, 64, 129]);
        assert!(!settled.holds(200));
    }

    #[test]
    fn only_what_is_not_decided_waits() {
        let waiting = [
            Status::Queued,
            Status::Unmatched,
            Status::Matched,
            Status::AwaitingQuote,
        ];
        assert!(waiting.iter().all(|status| waits(&Answer::new(*status))));
        assert!(!waits(&Answer::new(Status::Settled)) && !waits(&Answer::new(Status::NoQuote)));
        let mut again = Answer::new(Status::Queued);
        again.flags = answer_flags::REPLAYED.into();
        assert!(!waits(&again));
    }
}
