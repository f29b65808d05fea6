//! Requests to cancel and their ends, as the feed tells of them: a question to this bank becomes a camt.056, an answer to
//! its own question a camt.029.
use super::credit::amount_text;
use super::line::{Asked, Notice};
use crate::failure::Failure;
use crate::iso::{Agent, Answer};
use crate::recall::{self, About};
use crate::references::{Candidate, References};
use crate::route::Routes;
use crate::send::answers::answer_of;
use crate::store::{Intent, Question, Store, write_whole};
use causeway_message::event::{Event, Role};
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Instruction, Kind};
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, ParticipantId, Status, Uetr};
use std::collections::{BTreeMap, BTreeSet};

/// What the store knows of payments that requests are about.
#[derive(Debug, Default)]
pub struct Known {
    sent: BTreeMap<InstructionId, Intent>,
    received: BTreeMap<InstructionId, Candidate>,
    credited: BTreeSet<(ParticipantId, InstructionId)>,
}

impl Known {
    /// Reads the store once for all of them: how many others ask is not in this bank's hand.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn read(store: &Store, recalls: &[Recall]) -> Result<Known, Failure> {
        let mut known = Known::default();
        if recalls.iter().any(Recall::is_answer) {
            known.sent = store.sent()?;
        }
        let asked = recalls
            .iter()
            .filter(|one| !one.is_answer() && !one.status.is_final());
        known.received = store.received_as(&asked.map(Recall::original).collect())?;
        let questions = recalls.iter().filter(|one| !one.is_answer());
        known.credited = store.credited(&questions.map(Recall::original).collect())?;
        Ok(known)
    }
}

/// What an event says of a request to cancel.
#[derive(Debug, Clone)]
pub struct Recall {
    number: u64,
    time: Timestamp,
    role: Role,
    status: Status,
    record: Instruction,
    reason: Option<String>,
}

impl Recall {
    /// What the event says, if it is about a request to cancel.
    pub fn of(number: u64, time: Timestamp, event: &Event<'_>) -> Option<Recall> {
        let (record, extensions) = event.payment()?;
        if record.kind != Kind::Cancel as u8 {
            return None;
        }
        let reason = extension::find(extensions, ExtensionType::Reason);
        Some(Recall {
            number,
            time,
            role: event.role()?,
            status: event.status()?,
            record: *record,
            reason: reason.map(|code| String::from_utf8_lossy(code).into_owned()),
        })
    }

    /// Its number in the feed.
    pub const fn number(&self) -> u64 {
        self.number
    }

    /// When.
    pub const fn time(&self) -> Timestamp {
        self.time
    }

    /// Status of the request.
    pub const fn status(&self) -> Status {
        self.status
    }

    /// The request's record.
    pub const fn record(&self) -> &Instruction {
        &self.record
    }

    /// Whether it is about an own request.
    pub fn is_answer(&self) -> bool {
        self.role == Role::Debtor
    }

    /// Whether it is about a trade and not about a payment, as far as the store knows what it is about.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn is_about_trade(&self, store: &Store, known: &Known) -> Result<Option<bool>, Failure> {
        if self.is_answer() {
            // Only of payments this adapter asks.
            if known.sent.contains_key(&self.record.id()) {
                return Ok(Some(false));
            }
            let original = known.sent.get(&self.original());
            return Ok(original.map(|sent| sent.record.kind == Kind::Pvp as u8));
        }
        let is_payment = store.question(self.record.id())?.is_some()
            || known.credited.contains(&(self.other(), self.original()));
        Ok(is_payment.then_some(false))
    }

    /// The payment that it is about.
    pub const fn original(&self) -> InstructionId {
        InstructionId(self.record.related)
    }

    /// Stores what it brings, durably but for the name in its directory.
    ///
    /// # Errors
    /// When the store fails.
    pub fn store(&self, store: &Store, routes: &Routes, known: &Known) -> Result<Notice, Failure> {
        let (path, uetr) = if self.is_answer() {
            let path = self.store_answer(store, routes, &known.sent)?;
            (Some(path), self.uetr(None))
        } else {
            let (path, references) = self.store_question(store, routes, &known.received)?;
            (path, self.uetr(Some(&references)))
        };
        let (amount_text, currency) = self.amount();
        Ok(Notice::Asked(Asked {
            event: if self.is_answer() { "answer" } else { "question" },
            number: self.number,
            time: self.time.to_text(),
            status: self.status.name(),
            meaning: self.status.meaning(),
            answer: answer_of(Some(self.status)).code(),
            bank: routes.name(self.other()),
            currency,
            amount: self.record.amount.get(),
            amount_text,
            uetr,
            instruction_id: self.record.id().to_string(),
            original: self.original().to_string(),
            reason: self.reason.clone(),
            message: path,
        }))
    }

    /// The other bank.
    pub fn other(&self) -> ParticipantId {
        ParticipantId(if self.is_answer() {
            self.record.creditor.get()
        } else {
            self.record.debtor.get()
        })
    }

    /// The UETR of the payment. That of a question is the asker's word, which the ledger does not compare with the
    /// payment: where the payment is known its own is told.
    fn uetr(&self, payment: Option<&References>) -> String {
        payment
            .and_then(|known| known.uetr.clone())
            .unwrap_or_else(|| Uetr(self.record.uetr).to_string())
    }

    fn amount(&self) -> (String, String) {
        amount_text(self.record.amount.get(), self.record.currency.get())
    }

    /// A question, or what became of one: the path of the request where it is one, and how the payment is named.
    fn store_question(
        &self,
        store: &Store,
        routes: &Routes,
        received: &BTreeMap<InstructionId, Candidate>,
    ) -> Result<(Option<String>, References), Failure> {
        let id = self.record.id();
        let before = store.question(id)?;
        let credit = received
            .get(&self.original())
            .map(|credit| credit.references.clone());
        let kept = before.as_ref().map(|known| known.references.clone());
        let references = credit.or(kept).unwrap_or_else(|| self.by_id());
        let question = Question {
            number: self.number,
            time: self.time.to_text(),
            status: self.status.name().to_owned(),
            record: self.record,
            references,
        };
        // Read again from before its end, the feed must not open it again.
        if before.is_none_or(|known| known.number <= self.number) {
            store.keep_question(&question)?;
        }
        if self.status.is_final() {
            return Ok((None, question.references));
        }
        let path = store.request(id);
        write_whole(&path, self.request(&question, routes)?.as_bytes())?;
        Ok((Some(path.display().to_string()), question.references))
    }

    /// The request as the bank's own systems read it. Its case is the question's id, which the answer repeats.
    fn request(&self, question: &Question, routes: &Routes) -> Result<String, Failure> {
        let id = self.record.id().to_string();
        let asker = Agent::named(&routes.name(self.other()));
        let own = Agent::named(&routes.name(routes.own()));
        let (amount, currency) = self.amount();
        let about = About {
            message_id: &format!("Q{id}"),
            created: &self.time.to_text(),
            assigner: &asker,
            assignee: &own,
            reference: Some(&id),
            case: Some((&id, &asker)),
            original: &question.references,
            amount: (&amount, &currency),
            reason: self.reason.as_deref().map(|code| (code, "")),
        };
        recall::request(&about).map_err(|error| Failure::Io(error.to_string()))
    }

    /// The answer to a request of this bank; returns its path.
    fn store_answer(
        &self,
        store: &Store,
        routes: &Routes,
        sent: &BTreeMap<InstructionId, Intent>,
    ) -> Result<String, Failure> {
        let id = self.record.id();
        let message_id = format!("A{id}");
        let own = Agent::named(&routes.name(routes.own()));
        let other = Agent::named(&routes.name(self.other()));
        let request = sent.get(&id);
        let original = sent.get(&self.original()).map(|paid| paid.candidate().references);
        let references = request.map(|request| request.references.clone());
        let references = references.or(original).unwrap_or_else(|| self.by_id());
        let case = request.and_then(|request| request.case.as_ref());
        let creator = case.map(|(_, creator)| Agent::named(creator));
        let answer = answer_of(Some(self.status));
        let (amount, currency) = self.amount();
        let about = About {
            message_id: &message_id,
            created: &self.time.to_text(),
            assigner: &other,
            assignee: &own,
            reference: Some(&id.to_string()),
            case: case
                .zip(creator.as_ref())
                .map(|((id, _), creator)| (id.as_str(), creator)),
            original: &references,
            amount: (&amount, &currency),
            reason: (answer != Answer::Accepted).then(|| ("NARR", self.status.meaning())),
        };
        let text = recall::answer(&about, answer).map_err(|error| Failure::Io(error.to_string()))?;
        let path = store.answer(&message_id);
        write_whole(&path, text.as_bytes())?;
        Ok(path.display().to_string())
    }

    /// The references of a payment whose message is not at hand: its instruction id, which fits a `TxId`.
    fn by_id(&self) -> References {
        References {
            transaction_id: Some(self.original().to_string()),
            ..References::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_under_another_uetr_is_told_under_that_of_the_payment() {
        let (id, forged) = (InstructionId([1; 16]), Uetr([2; 16]));
        let recall = Recall {
            number: 1,
            time: Timestamp(0),
            role: Role::Creditor,
            status: Status::CancellationPending,
            record: Instruction::payment(id, forged, ParticipantId(1), ParticipantId(2), 978, 1),
            reason: None,
        };
        let payment = References {
            uetr: Some("5f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33".to_owned()),
            ..References::default()
        };
        assert_eq!(Some(recall.uetr(Some(&payment))), payment.uetr);
        assert_eq!(recall.uetr(Some(&recall.by_id())), forged.to_string());
        assert_eq!(recall.uetr(None), forged.to_string());
    }
}
