//! Instructions: known before or not, then rule by rule in the order of the statuses (PROTOCOL §18).
use causeway_fx::Currency;
use causeway_message::answer::{Answer, AnswerDetail, answer_flags};
use causeway_message::digest::Digest;
use causeway_message::exchange::Exchange;
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, ParticipantId, Status, extension};

use super::classes::{Placed, Waiting};
use super::memory::Known;
use super::{Caused, Model};
use crate::audit::input::{Batch, Paper};

/// What a record not known before became, and true if a limit was set below its use.
type Done = (Placed, bool);

impl Model {
    /// One record outside a chain.
    pub(super) fn instruction(
        &mut self,
        batch: &Batch,
        papers: &[Paper],
        place: usize,
        gate: Option<Status>,
        caused: &mut Caused,
    ) {
        let (paper, leaf) = (&papers[place], &batch.leaves[place]);
        let (who, ordinal, id) = (batch.submitter(), place as u16, paper.record.id());
        let mut answer = match self.before(who, id, leaf, ordinal, caused) {
            Some(answer) => answer,
            None => {
                let done = match gate {
                    Some(status) => ((status, 0), false),
                    None if self.is_second() => self.act(who, paper, ordinal, caused),
                    None => (self.pay(who, paper, ordinal, caused), false),
                };
                self.release(caused);
                self.first_answer(who, paper, leaf, ordinal, done)
            }
        };
        self.show_balance(who, &paper.record, ordinal, &mut answer, caused);
        self.show_exchange(ordinal, &mut answer, caused);
        caused.answers.push(answer);
    }

    /// Remembers a record that was not known before, and answers it.
    pub(super) fn first_answer(
        &mut self,
        who: ParticipantId,
        paper: &Paper,
        leaf: &Digest,
        ordinal: u16,
        done: Done,
    ) -> Answer {
        let ((status, position), below_use) = done;
        let id = paper.record.id();
        self.remember(who, id, leaf, ordinal, status, Some(paper));
        let mut answer = Answer::new(status);
        answer.queue_position = position.into();
        if below_use {
            answer.flags = answer_flags::BELOW_USE.into();
        }
        answer
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
        paper: Option<&Paper>,
    ) {
        let known = Known {
            leaf: *leaf,
            entry: self.index,
            ordinal,
            first,
            later: Vec::new(),
            moved: match paper {
                Some(paper) if first == Status::Settled => {
                    let paid = self.dealt.as_ref().map(Exchange::paid);
                    paid.unwrap_or_else(|| paper.record.amount.get())
                }
                _ => 0,
            },
            paper: paper.cloned(),
        };
        self.memory.insert(who, id, known);
    }

    /// The balance after the record, for the debtor that asked, unless its key is not active. An id that was used
    /// before is answered before the key is judged.
    pub(super) fn show_balance(
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
            answer.flags = (answer.flags.get() | answer_flags::DETAILED).into();
        }
    }

    /// What an exchange came to at once, in the detail that goes with its answer.
    fn show_exchange(&mut self, ordinal: u16, answer: &mut Answer, caused: &mut Caused) {
        let Some(exchange) = self.dealt.take() else {
            return;
        };
        if answer.flags.get() & answer_flags::DETAILED == 0 {
            caused.details.push(detail(ordinal, (self.index, ordinal), 0));
            answer.flags = (answer.flags.get() | answer_flags::DETAILED).into();
        }
        if let Some(shown) = caused.details.last_mut() {
            if let [hop] = exchange.hops.as_slice() {
                shown.rate = hop.priced.rate.into();
                shown.rate_scale = u32::from(hop.priced.scale).into();
            }
            shown.fee = exchange.fee.into();
        }
    }

    /// A record that was not known before settles, waits, or is refused (version 1 of the rules).
    fn pay(&mut self, who: ParticipantId, paper: &Paper, ordinal: u16, caused: &mut Caused) -> Placed {
        if let Err(status) = self.judge_first(who, paper) {
            return (status, 0);
        }
        let origin = (self.index, ordinal);
        let item = Waiting::new(paper, who, origin, vec![origin]);
        let placed = self.enter(vec![item], caused);
        placed[0]
    }

    /// A record that was not known before does what it asks for, or is refused (version 2 of the rules and later ones).
    fn act(&mut self, who: ParticipantId, paper: &Paper, ordinal: u16, caused: &mut Caused) -> Done {
        let (record, origin) = (&paper.record, (self.index, ordinal));
        let kind = match self.judge(who, paper, None) {
            Ok(kind) => kind,
            Err(status) => return ((status, 0), false),
        };
        let (mut status, mut below_use) = (Status::Executed, false);
        match kind {
            Kind::Payment | Kind::Conditional | Kind::Return => {
                let item = Waiting::new(paper, who, origin, vec![origin]);
                let placed = self.enter(vec![item.clone()], caused)[0];
                self.accepted(&item, placed.0);
                return (placed, false);
            }
            Kind::Release => self.carry_out_release(record, caused),
            Kind::Cancel => status = self.carry_out_cancel(paper, origin, caused),
            Kind::Resolve => self.carry_out_resolve(record, caused),
            Kind::Amend => self.carry_out_amend(record),
            Kind::Pvp => return (self.arrive(who, paper, origin, caused), false),
            Kind::FxPayment => {
                let item = Waiting::new(paper, who, origin, vec![origin]);
                let placed = self.enter_exchange(item.clone(), caused);
                self.accepted(&item, placed.0);
                return (placed, false);
            }
            Kind::Obligation => {
                let item = Waiting::new(paper, who, origin, vec![origin]);
                let status = self.collect(item.clone());
                self.accepted(&item, status);
                return ((status, 0), false);
            }
            Kind::PayIn => status = self.pay_into(paper, origin),
            Kind::QuoteLock => status = self.carry_out_lock(who, paper, origin, caused),
            Kind::Quote => self.carry_out_quote(paper, origin),
            Kind::Limit => below_use = self.set_limit(record),
            Kind::Reservation => below_use = self.set_reservation(record),
            Kind::Discipline => self.set_discipline(record),
        }
        let place = (who.0, record.currency.get());
        if status == Status::Executed && self.money.get(place).is_some() {
            self.fees.accrue(place, record.kind, 0);
        }
        ((status, 0), below_use)
    }

    /// Notes what was accepted: it settled, or waits.
    pub(super) fn accepted(&mut self, item: &Waiting, status: Status) {
        if status.is_rejected() {
            return;
        }
        self.windows.accept(item.record());
        if item.record().kind == Kind::Return as u8 {
            self.returns.begin(item.record(), item.origin);
        }
    }

    /// Every rule but liquidity, in order (version 1 of the rules).
    fn judge_first(&self, who: ParticipantId, paper: &Paper) -> Result<(), Status> {
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
        self.judge_payee(record.creditor.get())?;
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
