//! Balances of one log entry: banks hold their books to the ledger, and the others are asked, until all that is told stands
//! after the same entry. What waits may be let go by netting or by a day still, and feeds may be behind.
use std::time::{Duration, Instant};

use super::control::{Look, Stage};
use super::director::Director;
use super::others::Held;
use super::signals;
use crate::error::Failure;

/// How long books may take to agree once nobody pays any more: for the last events, and for a reader that was slow.
const PATIENCE: Duration = Duration::from_secs(60);
/// All banks have asked for their balances within this time.
const ASKED: Duration = Duration::from_secs(60);
/// Between two looks at first; each pause is longer than the one before, up to the last.
const PAUSES: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(200)];

/// What all balances at the end have in common.
#[derive(Debug, Default)]
pub struct Agreed {
    /// The log entry after which all of them stand; none if they never stood after one.
    pub at: Option<u64>,
    /// Balances of those who do not submit; none if they were not asked.
    pub others: Option<Vec<Held>>,
}

/// The entry after which everything stands, if it is one.
fn one(mut entries: impl Iterator<Item = u64>) -> Option<u64> {
    let first = entries.next()?;
    entries.all(|entry| entry == first).then_some(first)
}

fn agree(looks: &[Look]) -> Option<u64> {
    let all = looks.iter().all(|look| look.agrees);
    all.then(|| one(looks.iter().map(|look| look.index))).flatten()
}

impl Director<'_> {
    /// Waits for the last answers, then has all banks hold their books to the ledger; `others` asks those who do not submit.
    /// Banks leave with what the last look showed, whether it agreed or not.
    ///
    /// # Errors
    /// If somebody cannot go on.
    pub async fn close(
        &mut self,
        others: impl AsyncFn() -> Result<Option<Vec<Held>>, Failure>,
    ) -> Result<Agreed, Failure> {
        self.settle().await?;
        let until = Instant::now() + PATIENCE;
        let mut pause = PAUSES[0];
        let agreed = loop {
            self.control.lead(Stage::Look);
            self.all("asking for balances", ASKED).await?;
            let looks = self.control.looks();
            let at = agree(&looks);
            let over = Instant::now() > until || looks.iter().any(|look| look.last);
            if at.is_some() || over {
                let others = signals::unless_asked(others()).await?;
                let held = others.iter().flatten().map(|(_, balances)| balances.index);
                let at = one(at.into_iter().chain(held)).filter(|_| at.is_some());
                if at.is_some() || over {
                    break Agreed { at, others };
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSES[1]);
        };
        self.control.lead(Stage::Close);
        Ok(agreed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_after_one_entry_and_agrees_is_enough() {
        let look = |index, agrees| Look {
            index,
            agrees,
            last: false,
        };
        assert_eq!(agree(&[look(7, true), look(7, true)]), Some(7));
        assert_eq!(agree(&[look(7, true), look(8, true)]), None);
        assert_eq!(agree(&[look(7, true), look(7, false)]), None);
        assert_eq!(one([].into_iter()), None);
    }
}
