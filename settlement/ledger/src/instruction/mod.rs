//! Instructions, one file for each kind, and what they share.
mod amend;
mod cancel;
mod chain;
mod conditional;
mod discipline;
mod form;
mod fx_payment;
mod limit;
mod obligation;
mod pay_in;
mod payment;
mod plain;
mod pvp;
mod quote;
mod quote_lock;
mod release;
mod reservation;
mod resolve;
mod returns;

use causeway_fx::Currency;
use causeway_message::answer::{Answer, AnswerDetail, answer_flags};
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{InstructionId, ParticipantId, Status, mutated};

pub(crate) use conditional::Conditional;
pub(crate) use fx_payment::Way;
pub(crate) use resolve::Question;

use crate::apply::Ledger;
use crate::outcome::Outcome;
use crate::past::{Original, Past};

/// What holds for all records of a batch.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'a> {
    pub submitter: ParticipantId,
    /// Where originals are found.
    pub past: &'a dyn Past,
}

/// One record as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Came<'a> {
    pub record: &'a Instruction,
    pub extensions: &'a [u8],
    pub ordinal: u16,
}

/// Where a record ended up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Placed {
    pub status: Status,
    pub flags: u16,
    pub queue_position: u32,
}

impl Placed {
    pub const fn new(status: Status) -> Self {
        Self {
            status,
            flags: 0,
            queue_position: 0,
        }
    }

    pub fn answer(self) -> Answer {
        let mut answer = Answer::new(self.status);
        answer.flags = self.flags.into();
        answer.queue_position = self.queue_position.into();
        answer
    }
}

impl Ledger {
    /// Judges one record that was not known before, rule by rule in the order of the statuses, and does what it asks.
    pub(crate) fn place(&mut self, batch: &Batch<'_>, came: &Came<'_>, out: &mut Outcome) -> Placed {
        if let Some(placed) = self.settle_plain(batch, came) {
            return placed;
        }
        let kind = match self.judge_kind(came.record) {
            Ok(kind) => kind,
            Err(status) => return Placed::new(status),
        };
        let placed = match kind {
            Kind::Payment => self.payment(batch, came, out),
            Kind::Conditional => self.conditional(batch, came, out),
            Kind::Release => self.release_conditional(batch, came, out),
            Kind::Return => self.pay_back(batch, came, out),
            Kind::Cancel => self.cancel(batch, came, out),
            Kind::Resolve => self.resolve(batch, came, out),
            Kind::Amend => self.amend(batch, came, out),
            Kind::Limit => self.limit(batch, came, out),
            Kind::Reservation => self.reserve(batch, came, out),
            Kind::Discipline => self.discipline(batch, came, out),
            Kind::Pvp => self.pvp(batch, came, out),
            Kind::FxPayment => self.fx_payment(batch, came, out),
            Kind::QuoteLock => self.quote_lock(batch, came, out),
            Kind::Quote => self.quote(batch, came),
            Kind::Obligation => self.obligation(batch, came),
            Kind::PayIn => self.pay_in(batch, came),
        };
        let placed = placed.unwrap_or_else(Placed::new);
        if placed.status == Status::Executed {
            self.accrue_executed(batch.submitter, came.record.currency.get(), came.record.kind);
        }
        placed
    }

    fn judge_kind(&self, record: &Instruction) -> Result<Kind, Status> {
        if record.reserved.get() != 0 {
            return Err(Status::Malformed);
        }
        Kind::from_number(record.kind)
            .filter(|kind| kind.since() <= self.rules)
            .ok_or(Status::KindUnknown)
    }

    /// That the submitter is the party that signs this, that there is an amount, and the accounts of both parties.
    pub(super) fn judge_order(
        &self,
        batch: &Batch<'_>,
        record: &Instruction,
        signer: u32,
    ) -> Result<(u32, u32), Status> {
        if signer != batch.submitter.0 {
            return Err(Status::NotAuthorised);
        }
        if record.amount.get() == 0 {
            return Err(Status::AmountZero);
        }
        self.judge_parties(record, false)
    }

    /// Every rule of a record about an account of its submitter; the account.
    pub(super) fn judge_own(&self, batch: &Batch<'_>, kind: Kind, came: &Came<'_>) -> Result<u32, Status> {
        self.judge_form(kind, came.record, came.extensions)?;
        if came.record.debtor.get() != batch.submitter.0 {
            return Err(Status::NotAuthorised);
        }
        self.judge_parties(came.record, true).map(|(account, _)| account)
    }

    /// The accounts of debtor and creditor, if there are such. They may be one where the record is about an account.
    pub(super) fn judge_parties(&self, record: &Instruction, same: bool) -> Result<(u32, u32), Status> {
        let (debtor, creditor) = (record.debtor.get(), record.creditor.get());
        if debtor == creditor && !same {
            return Err(Status::SameParty);
        }
        let Some(book) = self.accounts.book(record.currency.get()) else {
            return Err(match Currency::from_numeric(record.currency.get()) {
                Some(_) => Status::CurrencyNotOpen,
                None => Status::CurrencyUnknown,
            });
        };
        let from = self.accounts.find(debtor, book).ok_or(Status::DebtorUnknown)?;
        let to = self
            .accounts
            .find(creditor, book)
            .ok_or(Status::CreditorUnknown)?;
        Ok((from, to))
    }

    /// That the one pays and the other is paid.
    pub(super) fn judge_standing(&self, (from, to): (u32, u32)) -> Result<(), Status> {
        if self.accounts.get(from).suspended && !mutated!(SuspendedPays) {
            return Err(Status::DebtorSuspended);
        }
        let payee = self.accounts.get(to);
        if !payee.refuses {
            return Ok(());
        }
        Err(if self.is_closed(ParticipantId(payee.participant)) {
            Status::CreditorClosed
        } else {
            Status::CreditorSuspended
        })
    }

    /// The record of an instruction of the log, by who submitted it; its present status.
    pub(super) fn original(
        &mut self,
        batch: &Batch<'_>,
        submitter: ParticipantId,
        id: InstructionId,
    ) -> Result<(Original, Status), Status> {
        let known = self.ids.get(submitter, id).ok_or(Status::OriginalUnknown)?;
        self.originals_left = self.originals_left.checked_sub(1).ok_or(Status::EntryFull)?;
        let original = batch
            .past
            .original(known.entry, known.ordinal)
            .ok_or(Status::OriginalUnknown)?;
        let leaf = original.record.leaf(&original.extensions);
        let (check, _) = leaf.split_at(8);
        assert!(
            check == known.check.to_le_bytes(),
            "the log holds another record than was remembered"
        );
        Ok((original, known.status))
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
        let own = |detail: &&mut AnswerDetail| detail.record.get() == ordinal;
        if let Some(detail) = out.details.last_mut().filter(own) {
            detail.balance = self.accounts.get(account).balance.into();
            return answer;
        }
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
