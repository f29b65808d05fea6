//! Instructions: known before or not, then rule by rule in the order of the statuses (PROTOCOL §18).
use causeway_fx::Currency;
use causeway_message::answer::{Answer, AnswerDetail, answer_flags};
use causeway_message::batch::Class;
use causeway_message::digest::Digest;
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, ParticipantId, Status, extension};

use super::account::Waiting;
use super::due::{Due, end_of};
use super::memory::Known;
use super::{Caused, Model, Place};
use crate::audit::input::{Batch, Paper};

/// What a record not known before became, and its place in the queue if it waits.
type Placed = (Status, u32);

impl Model {
    pub(super) fn instructions(&mut self, batch: &Batch, papers: &[Paper], caused: &mut Caused) {
        let gate = self.gate(batch, Class::Instructions);
        let who = batch.submitter();
        for (place, (paper, leaf)) in papers.iter().zip(&batch.leaves).enumerate() {
            let ordinal = place as u16;
            let id = paper.record.id();
            let mut answer = match self.before(who, id, leaf, ordinal, caused) {
                Some(answer) => answer,
                None => {
                    let (status, position) = match gate {
                        Some(status) => (status, 0),
                        None => self.pay(who, paper, ordinal, caused),
                    };
                    self.remember(who, id, leaf, ordinal, status);
                    let mut answer = Answer::new(status);
                    answer.queue_position = position.into();
                    answer
                }
            };
            self.show_balance(who, &paper.record, ordinal, &mut answer, caused);
            caused.answers.push(answer);
        }
    }

    /// The answer to an instruction that is judged by the memory alone: one known before, or one too many.
    pub(super) fn before(
        &self,
        who: ParticipantId,
        id: InstructionId,
        leaf: &Digest,
        ordinal: u16,
        caused: &mut Caused,
    ) -> Option<Answer> {
        let Some(known) = self.memory.get(who, id) else {
            return self
                .memory
                .is_full()
                .then(|| Answer::new(Status::CapacityExhausted));
        };
        if known.leaf != *leaf {
            return Some(Answer::new(Status::IdReused));
        }
        caused
            .details
            .push(detail(ordinal, (known.entry, known.ordinal), 0));
        let mut answer = Answer::new(known.now().0);
        answer.flags = (answer_flags::REPLAYED | answer_flags::DETAILED).into();
        Some(answer)
    }

    pub(super) fn remember(
        &mut self,
        who: ParticipantId,
        id: InstructionId,
        leaf: &Digest,
        ordinal: u16,
        first: Status,
    ) {
        let known = Known {
            leaf: *leaf,
            entry: self.index,
            ordinal,
            first,
            later: None,
        };
        self.memory.insert(who, id, known);
    }

    /// The balance after the record, for the debtor that asked, unless its key is not active. An id that was used
    /// before is answered before the key is judged.
    fn show_balance(
        &self,
        who: ParticipantId,
        record: &Instruction,
        ordinal: u16,
        answer: &mut Answer,
        caused: &mut Caused,
    ) {
        let asked = record.flags.get() & flags::WITH_BALANCE != 0 && record.debtor.get() == who.0;
        if !asked || !answer.is_first() || answer.status() == Some(Status::KeyNotActive) {
            return;
        }
        if let Some(account) = self.money.get((who.0, record.currency.get())) {
            caused
                .details
                .push(detail(ordinal, (self.index, ordinal), account.balance));
            answer.flags = answer_flags::DETAILED.into();
        }
    }

    /// A record that was not known before settles, waits, or is refused.
    fn pay(&mut self, who: ParticipantId, paper: &Paper, ordinal: u16, caused: &mut Caused) -> Placed {
        let record = &paper.record;
        if let Err(status) = self.judge(who, paper) {
            return (status, 0);
        }
        let amount = record.amount.get();
        let from: Place = (record.debtor.get(), record.currency.get());
        let to: Place = (record.creditor.get(), record.currency.get());
        let at_once = self
            .money
            .get(from)
            .is_some_and(|account| account.queue.is_empty() && account.available() >= i128::from(amount));
        if at_once {
            self.money.transfer(from, to, amount);
            self.freed(to, caused);
            return (Status::Settled, 0);
        }
        if record.flags.get() & flags::SETTLE_OR_REJECT != 0 {
            return (Status::InsufficientLiquidity, 0);
        }
        if self.money.waiting() >= self.queue_capacity {
            return (Status::QueueFull, 0);
        }
        let origin = (self.index, ordinal);
        let waiting = Waiting {
            paper: paper.clone(),
            submitter: who,
            origin,
        };
        if let Some(end) = end_of(&waiting) {
            self.due.insert((end, Due::Payment { origin, place: from }));
        }
        (Status::Queued, self.money.enqueue(from, waiting))
    }

    /// Every rule but liquidity, in order.
    fn judge(&self, who: ParticipantId, paper: &Paper) -> Result<(), Status> {
        let record = &paper.record;
        let refuse = |broken: bool, status: Status| if broken { Err(status) } else { Ok(()) };
        refuse(record.reserved.get() != 0, Status::Malformed)?;
        refuse(record.kind != Kind::Payment as u8, Status::KindUnknown)?;
        refuse(record.counter_amount.get() != 0, Status::Malformed)?;
        refuse(record.counter_currency.get() != 0, Status::Malformed)?;
        refuse(record.quote.get() != 0, Status::Malformed)?;
        refuse(record.related != [0; 16], Status::Malformed)?;
        refuse(record.flags.get() > 7, Status::FlagsUnknown)?;
        refuse(record.priority != 0, Status::PriorityUnknown)?;
        refuse(!extensions_hold(&paper.extensions), Status::ExtensionInvalid)?;
        refuse(record.debtor.get() != who.0, Status::NotAuthorised)?;
        refuse(record.amount.get() == 0, Status::AmountZero)?;
        refuse(record.debtor.get() == record.creditor.get(), Status::SameParty)?;
        self.judge_currency(record.currency.get())?;
        let holds = |who: u32| self.money.get((who, record.currency.get())).is_some();
        refuse(!holds(record.debtor.get()), Status::DebtorUnknown)?;
        refuse(!holds(record.creditor.get()), Status::CreditorUnknown)?;
        refuse(self.is_suspended(record.debtor.get()), Status::DebtorSuspended)?;
        refuse(
            self.is_suspended(record.creditor.get()),
            Status::CreditorSuspended,
        )?;
        let date = u64::from(record.value_date.get());
        refuse(date != 0 && date != self.time.days(), Status::ValueDateClosed)?;
        let expires = record.expires_at.get();
        refuse(
            expires != 0 && Timestamp::from_seconds(expires) <= self.time,
            Status::Expired,
        )
    }

    pub(super) fn judge_currency(&self, code: u16) -> Result<(), Status> {
        if self.money.currency(code).is_some() {
            Ok(())
        } else if Currency::from_numeric(code).is_some() {
            Err(Status::CurrencyNotOpen)
        } else {
            Err(Status::CurrencyUnknown)
        }
    }
}

fn detail(record: u16, origin: (u64, u16), balance: i128) -> AnswerDetail {
    AnswerDetail {
        record: record.into(),
        origin_ordinal: origin.1.into(),
        rate_scale: 0.into(),
        origin_entry: origin.0.into(),
        balance: balance.into(),
        rate: 0.into(),
        fee: 0.into(),
        reserved: 0.into(),
        reserved2: 0.into(),
    }
}

/// One type is known, and it holds a reference (PROTOCOL §5.2).
fn extensions_hold(extensions: &[u8]) -> bool {
    extension::each(extensions).all(|found| found.kind == 1 && is_reference(found.bytes))
}

/// 1 to 35 printable ASCII bytes, no blank at either end (PROTOCOL §6).
pub(super) fn is_reference(bytes: &[u8]) -> bool {
    let printable = bytes.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ');
    let trimmed = bytes.trim_ascii() == bytes;
    !bytes.is_empty() && bytes.len() <= 35 && printable && trimmed
}
