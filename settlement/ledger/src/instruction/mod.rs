//! Instructions, one file for each kind, and what they share.
mod payment;
mod release;

use causeway_message::answer::{Answer, AnswerDetail, answer_flags};
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{ParticipantId, Status, extension};

use crate::apply::Ledger;
use crate::outcome::Outcome;

/// What holds for all records of a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batch {
    pub submitter: ParticipantId,
    /// The ledger's date, in days since 2000-01-01.
    pub today: u64,
}

/// Where a record ended up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed {
    pub status: Status,
    pub queue_position: u32,
}

impl Placed {
    pub const fn rejected(status: Status) -> Self {
        Self {
            status,
            queue_position: 0,
        }
    }

    pub fn answer(self) -> Answer {
        let mut answer = Answer::new(self.status);
        answer.queue_position = self.queue_position.into();
        answer
    }
}

impl Ledger {
    /// Judges one record that was not known before, rule by rule in the order of the statuses.
    pub(crate) fn place(
        &mut self,
        batch: &Batch,
        record: &Instruction,
        extensions: &[u8],
        ordinal: u16,
        out: &mut Outcome,
    ) -> Placed {
        if record.reserved.get() != 0 {
            return Placed::rejected(Status::Malformed);
        }
        let Some(kind) = Kind::from_number(record.kind) else {
            return Placed::rejected(Status::KindUnknown);
        };
        match kind {
            Kind::Payment => self.payment(batch, record, extensions, ordinal, out),
        }
    }

    /// Adds the balance after the record, where the debtor itself asked for it with an active key. A record may be
    /// refused before its debtor is looked at, so that is judged here again.
    pub(crate) fn with_balance(
        &self,
        submitter: ParticipantId,
        record: &Instruction,
        ordinal: u16,
        mut answer: Answer,
        out: &mut Outcome,
    ) -> Answer {
        if record.flags.get() & flags::WITH_BALANCE == 0 || !answer.is_first() {
            return answer;
        }
        if record.debtor.get() != submitter.0 || answer.status() == Some(Status::KeyNotActive) {
            return answer;
        }
        let book = self.accounts.book(record.currency.get());
        let Some(account) = book.and_then(|book| self.accounts.find(record.debtor.get(), book)) else {
            return answer;
        };
        out.details.push(AnswerDetail {
            record: ordinal.into(),
            origin_ordinal: ordinal.into(),
            rate_scale: 0.into(),
            origin_entry: self.index.into(),
            balance: self.accounts.get(account).balance.into(),
            rate: 0.into(),
            fee: 0.into(),
            reserved: 0.into(),
            reserved2: 0.into(),
        });
        answer.flags = (answer.flags.get() | answer_flags::DETAILED).into();
        answer
    }
}

/// True if every extension is of a known type and obeys its rule.
fn extensions_hold(extensions: &[u8]) -> bool {
    extension::each(extensions)
        .all(|ext| extension::ExtensionType::from_number(ext.kind).is_some_and(|kind| kind.admits(ext.bytes)))
}
