//! Questions to the ledger, answered by the apply thread between two groups.
use std::convert::Infallible;
use std::fmt;

use causeway_ledger::{AccountNow, Ledger, Payer, Queued, Remembered, Sight};
use causeway_message::posting::Account;
use causeway_message::reason::Reason;
use causeway_message::wire::{
    Accounts, Balances, Credits, Days, Explanation, Exposure, ExposureQuery, InstructionKey, QueueLines,
    QueueQuery, StatusAnswer, Windows,
};
use causeway_message::{Digest, ParticipantId};
use crossbeam::channel::{Receiver, Sender, bounded, select};

use crate::error::EngineError;
use crate::limits::QUERY_RING;
use crate::netting::Netting;

type Ask = Box<dyn FnOnce(&Ledger) + Send>;

/// A question on its way.
pub struct Question(Ask);

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Question")
    }
}

impl Question {
    pub(crate) fn answer(self, ledger: &Ledger) {
        (self.0)(ledger);
    }
}

/// Currency (ISO 4217 numeric), liability of its agent, sum of all accounts; minor units.
pub type Position = (u16, i128, i128);

/// Asks the ledger.
#[derive(Debug, Clone)]
pub struct Asker {
    questions: Sender<Question>,
    netting: Netting,
    /// Disconnected once nobody answers any more.
    gone: Receiver<Infallible>,
}

/// The other end: takes the questions.
#[derive(Debug)]
pub(crate) struct Asked {
    pub questions: Receiver<Question>,
    /// What is left in a ring whose receiver is gone stays there, and so would who waits for its answer.
    _answering: Sender<Infallible>,
}

/// A pair of ends.
pub(crate) fn asking(netting: Netting) -> (Asker, Asked) {
    let (questions, asked) = bounded(QUERY_RING);
    let (answering, gone) = bounded(0);
    let asked = Asked {
        questions: asked,
        _answering: answering,
    };
    (
        Asker {
            questions,
            netting,
            gone,
        },
        asked,
    )
}

impl Asker {
    fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Ledger) -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        let (answer, answered) = bounded(1);
        let ask: Ask = Box::new(move |ledger| {
            // Nobody waits any more if this fails.
            let _ = answer.send(question(ledger));
        });
        self.questions
            .send(Question(ask))
            .map_err(|_| EngineError::Stopped("apply"))?;
        let answer = select! {
            recv(answered) -> answer => answer.ok(),
            // Both may have come at once.
            recv(self.gone) -> _ => answered.try_recv().ok(),
        };
        answer.ok_or(EngineError::Stopped("apply"))
    }

    /// Balances of a participant, of one currency or all (zero).
    ///
    /// # Errors
    /// If the engine stopped.
    pub fn balances(&self, participant: ParticipantId, currency: u16) -> Result<Balances, EngineError> {
        self.ask(move |ledger| ledger.balances(participant, currency))
    }

    /// Instruction ids remembered, and the bytes that their memory takes.
    ///
    /// # Errors
    /// If the engine stopped.
    pub fn ids(&self) -> Result<(u64, u64), EngineError> {
        self.ask(|ledger| (ledger.ids_remembered(), ledger.id_bytes()))
    }

    /// Present status of an instruction.
    ///
    /// # Errors
    /// If the engine stopped.
    pub fn status(&self, key: InstructionKey) -> Result<Option<StatusAnswer>, EngineError> {
        self.ask(move |ledger| ledger.status(key.submitter, key.id))
    }

    /// Why an instruction waits.
    ///
    /// # Errors
    /// If the engine stopped.
    pub fn explain(&self, key: InstructionKey, sight: Sight) -> Result<Option<Explanation>, EngineError> {
        let mut told = self.ask(move |ledger| ledger.explain(key.submitter, key.id, sight))?;
        if let Some(told) = &mut told
            && may_be_gridlock(told.reason)
            && self.netting.is_in_gridlock(key.submitter, key.id)
        {
            told.reason = Reason::Gridlock;
        }
        Ok(told)
    }

    /// How many places the queues have had.
    pub(crate) fn queue_places(&self) -> Result<u32, EngineError> {
        self.ask(Ledger::queue_places)
    }

    /// What stands in the queues at so many places, and after which entry.
    pub(crate) fn queue_chunk(
        &self,
        from: u32,
        most: usize,
    ) -> Result<(u64, Vec<Option<Queued>>), EngineError> {
        self.ask(move |ledger| {
            let places = from..from.saturating_add(most as u32);
            let queued = places.map(|place| ledger.queued_at(place));
            (ledger.index(), queued.collect())
        })
    }

    /// Version of the rules in force, and what accounts may pay, from one on.
    pub(crate) fn payers(&self, from: u32, most: usize) -> Result<(u16, Vec<Payer>), EngineError> {
        self.ask(move |ledger| (ledger.rules(), ledger.payers(from, most)))
    }

    /// What waits of a participant.
    ///
    /// # Errors
    /// If the engine stopped.
    pub fn queue(&self, participant: ParticipantId, query: QueueQuery) -> Result<QueueLines, EngineError> {
        self.ask(move |ledger| ledger.queue_lines(participant, query.currency, query.first))
    }

    /// Accounts of a participant with limits and reservations, of one currency or all (zero).
    ///
    /// # Errors
    /// If the engine stopped.
    pub fn accounts(&self, participant: ParticipantId, currency: u16) -> Result<Accounts, EngineError> {
        self.ask(move |ledger| ledger.treasury(participant, currency))
    }

    /// Where the present business day of every currency stands (zero), or that of one and all its days ahead.
    ///
    /// # Errors
    /// If the engine stopped.
    pub fn days(&self, currency: u16) -> Result<Days, EngineError> {
        self.ask(move |ledger| ledger.day_lines(currency))
    }

    /// Credit of a participant, of one currency or all (zero).
    ///
    /// # Errors
    /// If the engine stopped.
    pub fn credits(&self, participant: ParticipantId, currency: u16) -> Result<Credits, EngineError> {
        self.ask(move |ledger| ledger.credits(participant, currency))
    }

    /// Where an account stands, or the liability of a settlement agent.
    ///
    /// # Errors
    /// If the engine stopped.
    pub fn account_now(&self, account: Account) -> Result<Option<AccountNow>, EngineError> {
        self.ask(move |ledger| ledger.account_now(&account))
    }

    /// What is at stake with a participant, if there is one such.
    ///
    /// # Errors
    /// If the engine stopped.
    pub fn exposure(&self, query: ExposureQuery) -> Result<Option<Exposure>, EngineError> {
        self.ask(move |ledger| ledger.exposure(query))
    }

    /// The settlement agent of a currency, if it is open.
    ///
    /// # Errors
    /// If the engine stopped.
    pub fn agent_of(&self, currency: u16) -> Result<Option<ParticipantId>, EngineError> {
        self.ask(move |ledger| ledger.agent_of(currency))
    }

    /// The netting windows that are open, of one currency or all (zero); with positions of a participant, or of all.
    ///
    /// # Errors
    /// If the engine stopped.
    pub fn windows(
        &self,
        participant: ParticipantId,
        currency: u16,
        all: bool,
    ) -> Result<Windows, EngineError> {
        self.ask(move |ledger| ledger.windows(participant, currency, all))
    }

    /// What is remembered of an instruction.
    ///
    /// # Errors
    /// If the engine stopped.
    pub fn remembered(&self, key: InstructionKey) -> Result<Option<Remembered>, EngineError> {
        self.ask(move |ledger| ledger.remembered(key.submitter, key.id))
    }

    /// Position of every currency.
    ///
    /// # Errors
    /// If the engine stopped.
    pub fn positions(&self) -> Result<Vec<Position>, EngineError> {
        self.ask(Ledger::positions)
    }

    /// Digest of the ledger's state, and the entry after which it stands.
    ///
    /// # Errors
    /// If the engine stopped.
    pub fn state_digest(&self) -> Result<(u64, Digest), EngineError> {
        self.ask(|ledger| (ledger.index(), ledger.state_digest()))
    }
}

/// True of what keeps one instruction from settling alone, and may not keep many from settling together.
const fn may_be_gridlock(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::QueueHead
            | Reason::Funds
            | Reason::Reserved
            | Reason::BilateralLimit
            | Reason::MultilateralLimit
            | Reason::Chain
            | Reason::Counterparty
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use arc_swap::ArcSwap;

    use super::*;
    use crate::netting::Look;

    #[test]
    fn a_question_that_nobody_will_answer_is_given_up() {
        let last = Arc::new(ArcSwap::from_pointee(Look::default()));
        let (asker, asked) = asking(Netting::new(last, None));
        let (outcome, told) = bounded(1);
        std::thread::spawn(move || {
            let _ = outcome.send(asker.ask(|_| ()).is_err());
            // Kept until the end: the ring is not gone with the one who answers.
            outcome.send(asker.ask(|_| ()).is_err())
        });
        while asked.questions.is_empty() {
            std::thread::yield_now();
        }
        drop(asked);
        for _ in 0..2 {
            assert_eq!(told.recv_timeout(Duration::from_secs(60)), Ok(true));
        }
    }
}
