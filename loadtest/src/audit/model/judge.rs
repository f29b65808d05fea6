//! Every rule but funds, limits and capacity, in the order of the statuses (PROTOCOL §18, §22).
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::time::Timestamp;
use causeway_message::{ParticipantId, Status};

use super::Model;
use super::chain::{Link, judge_link};
use super::conditional::judge_condition;
use super::form::judge_form;
use crate::audit::input::Paper;
use causeway_message::extension::ExtensionType;

fn refuse(broken: bool, status: Status) -> Result<(), Status> {
    if broken { Err(status) } else { Ok(()) }
}

impl Model {
    /// What stands against a record under version 2 of the rules, or a later one.
    pub(super) fn judge(
        &mut self,
        who: ParticipantId,
        paper: &Paper,
        link: Option<&Link<'_>>,
    ) -> Result<Kind, Status> {
        let record = &paper.record;
        let kind = judge_form(paper, self.rules)?;
        if let Some(link) = link {
            judge_link(paper, link)?;
            refuse(self.has_day(record), Status::ChainInvalid)?;
        }
        let third = match kind {
            Kind::Pvp => Some(self.judge_trade(who, paper)),
            Kind::FxPayment => Some(self.judge_exchange(who, paper)),
            Kind::QuoteLock => Some(self.judge_lock(who, paper)),
            Kind::Quote => Some(self.judge_quote(who, paper)),
            Kind::PayIn => Some(self.judge_paying_in(who, record)),
            _ => None,
        };
        if let Some(judged) = third {
            return judged.map(|()| kind);
        }
        judge_condition(paper)?;
        self.judge_times(paper)?;
        Self::judge_submitter(who, record, kind)?;
        let gives_back = kind == Kind::Release && record.flags.get() & flags::DECLINE != 0;
        let of_two = kind <= Kind::Resolve || kind == Kind::Obligation;
        refuse(
            of_two && !gives_back && record.amount.get() == 0,
            Status::AmountZero,
        )?;
        let exchange = || self.waiting_of(super::cancel::related(record));
        let of_exchange = kind == Kind::Cancel && exchange().is_some_and(|item| item.is_exchange());
        if !of_exchange {
            refuse(of_two && record.debtor == record.creditor, Status::SameParty)?;
            self.judge_currency(record.currency.get())?;
            let holds = |who: u32| self.money.get((who, record.currency.get())).is_some();
            refuse(!holds(record.debtor.get()), Status::DebtorUnknown)?;
            refuse(!holds(record.creditor.get()), Status::CreditorUnknown)?;
        }
        self.judge_approver(paper)?;
        if kind.pays() {
            refuse(self.is_suspended(record.debtor.get()), Status::DebtorSuspended)?;
            self.judge_payee(record.creditor.get())?;
        }
        if kind == Kind::Obligation {
            self.judge_collection(record)?;
        }
        let looked = self.judge_related(who, paper, kind, link)?;
        self.judge_cut_off(record)?;
        self.judge_value_date(record)?;
        let expires = record.expires_at.get();
        let at_once = kind == Kind::Cancel && self.ends_at_once(record);
        let over = expires != 0 && self.has_come(Timestamp::from_seconds(expires)) && !at_once;
        refuse(over, Status::Expired)?;
        self.judge_duplicate(record)?;
        if kind == Kind::Cancel && looked {
            self.judge_question(record)?;
        }
        // The others cause only what steps are counted for.
        let tells = matches!(kind, Kind::Release | Kind::Cancel | Kind::Resolve);
        let full = !looked || tells && !self.has_effects_left();
        refuse(full, Status::EntryFull)?;
        Ok(kind)
    }

    /// From-time, till-time and end rise, and what never waits does not wait for a time.
    fn judge_times(&self, paper: &Paper) -> Result<(), Status> {
        let record = &paper.record;
        let from = paper.instant(ExtensionType::FromTime);
        let till = paper.instant(ExtensionType::TillTime);
        let end = record.expires_at.get();
        let end = (end != 0).then(|| Timestamp::from_seconds(end));
        let all: Vec<Timestamp> = [from, till, end].into_iter().flatten().collect();
        refuse(!all.is_sorted_by(|a, b| a < b), Status::TimeInvalid)?;
        let never_waits = record.flags.get() & flags::SETTLE_OR_REJECT != 0;
        let ahead = from.is_some_and(|from| !self.has_come(from));
        refuse(ahead && never_waits, Status::TimeInvalid)
    }

    /// Who may sign a record of this kind.
    fn judge_submitter(who: ParticipantId, record: &Instruction, kind: Kind) -> Result<(), Status> {
        match kind {
            // Whom a release is for is judged where the payment is looked up.
            Kind::Release => Ok(()),
            Kind::Resolve => refuse(record.creditor.get() != who.0, Status::NotAuthorised),
            _ => refuse(record.debtor.get() != who.0, Status::NotAuthorised),
        }
    }

    /// What a record says about another; false if the entry may look at no more of them.
    fn judge_related(
        &mut self,
        who: ParticipantId,
        paper: &Paper,
        kind: Kind,
        link: Option<&Link<'_>>,
    ) -> Result<bool, Status> {
        let record = &paper.record;
        match kind {
            Kind::Release => self.judge_release(who, paper)?,
            Kind::Resolve => self.judge_resolve(who, record)?,
            Kind::Amend => self.judge_amend(record)?,
            Kind::Cancel => {
                let waits = self.waiting_of(super::cancel::related(record)).is_some();
                let known = self.status_of(super::cancel::related(record)).is_some();
                if known && !waits && !self.look() {
                    return Ok(false);
                }
                self.judge_cancel(record)?;
            }
            Kind::Return => {
                if self.status_of(super::returns::original_of(record)).is_some() && !self.look() {
                    return Ok(false);
                }
                self.judge_return(record)?;
                self.judge_left(record, link.map_or(&[], |link| link.before.as_slice()))?;
            }
            _ => {}
        }
        Ok(true)
    }
}
