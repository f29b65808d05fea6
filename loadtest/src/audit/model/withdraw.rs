//! How trades are withdrawn (PROTOCOL §23.1): before they are matched by one side alone, after by both.
use causeway_message::Status;
use causeway_message::record::Instruction;

use super::cancel::related;
use super::classes::{Spot, Waiting};
use super::{Caused, Key, Model, Origin};

impl Model {
    /// True if a cancel of this record's form ends what it names, without a question.
    pub(super) fn ends_at_once(&self, record: &Instruction) -> bool {
        let waits = self.waiting_of(related(record));
        waits.is_some_and(|item| {
            !item.is_trade() || item.spot == Spot::Unmatched || self.asked_by_other(item.origin).is_some()
        })
    }

    /// The open question of the other side of a trade, whether it is withdrawn.
    fn asked_by_other(&self, origin: Origin) -> Option<Key> {
        let items = self.chain_of(origin);
        let other = items.iter().find(|item| item.origin != origin)?.key();
        let open = self.questions.iter().find(|(_, question)| {
            question.about == other && question.end().is_none_or(|end| !self.has_come(end))
        });
        open.map(|(key, _)| *key)
    }

    /// Withdraws a side that is unmatched, or a trade whose other side asked for it; false if that has to be asked.
    pub(super) fn withdraw_trade(&mut self, origin: Origin, caused: &mut Caused) -> bool {
        let unmatched = self
            .waits
            .get(&origin)
            .is_some_and(|item| item.spot == Spot::Unmatched);
        let asked = self.asked_by_other(origin);
        if let Some(asked) = asked {
            self.end_question(asked, Status::Executed, caused);
        }
        if unmatched || asked.is_some() {
            self.end_trade(origin, Status::Withdrawn, caused);
        }
        unmatched || asked.is_some()
    }

    /// The other side agrees to a question: if it is about a trade, that is withdrawn.
    pub(super) fn withdraw_by_answer(&mut self, about: Key, caused: &mut Caused) {
        if self.is_trade(about)
            && let Some(origin) = self.waiting_of(about).map(|item| item.origin)
        {
            self.end_trade(origin, Status::Withdrawn, caused);
        }
    }

    /// A trade settles or ends: nobody has to be asked any more.
    pub(super) fn end_questions_about(&mut self, items: &[Waiting], caused: &mut Caused) {
        for item in items {
            let about = item.key();
            let open: Vec<Key> = self
                .questions
                .iter()
                .filter(|(_, question)| question.about == about)
                .map(|(key, _)| *key)
                .collect();
            for key in open {
                self.end_question(key, Status::NotWaiting, caused);
            }
        }
    }
}
