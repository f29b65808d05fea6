//! Conditional payments (PROTOCOL §22.3): money set aside until somebody releases it, or its time is over.
use causeway_message::digest::hash;
use causeway_message::event::Role;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::time::Timestamp;
use causeway_message::{ParticipantId, Status};

use super::classes::Waiting;
use super::due::Due;
use super::tell::tell;
use super::{Caused, Key, Model, Origin, Place};
use crate::audit::input::Paper;

/// Money that is set aside.
#[derive(Debug, Clone)]
pub(super) struct Conditional {
    pub paper: Paper,
    origin: Origin,
    /// True if sender limits count it.
    normal: bool,
    /// When its currency had closed last by then.
    closed: Timestamp,
    /// What was neither released nor given back.
    pub left: u64,
}

impl Conditional {
    /// The account that it is set aside in.
    pub const fn place(&self) -> Place {
        (self.paper.record.debtor.get(), self.paper.record.currency.get())
    }

    fn end(&self) -> Timestamp {
        Timestamp::from_seconds(self.paper.record.expires_at.get())
    }
}

/// The conditional payment that a release is about.
pub(super) fn key_of(release: &Instruction) -> Key {
    (
        ParticipantId(release.debtor.get()),
        causeway_message::InstructionId(release.related),
    )
}

fn refuse(broken: bool, status: Status) -> Result<(), Status> {
    if broken { Err(status) } else { Ok(()) }
}

/// A conditional payment has a condition or an approver, and an end.
pub(super) fn judge_condition(paper: &Paper) -> Result<(), Status> {
    let has = |kind| extension::find(&paper.extensions, kind).is_some();
    let meetable = has(ExtensionType::Condition) || has(ExtensionType::Approver);
    let holds = meetable && paper.record.expires_at.get() != 0;
    refuse(
        paper.record.kind == Kind::Conditional as u8 && !holds,
        Status::ConditionInvalid,
    )
}

impl Model {
    pub(super) fn judge_approver(&self, paper: &Paper) -> Result<(), Status> {
        let approver = paper.approver();
        let unknown = approver.is_some_and(|who| !self.takes_part(who) || who == paper.record.debtor.get());
        refuse(unknown, Status::ApproverUnknown)
    }

    /// Everything about the conditional payment itself.
    pub(super) fn judge_release(&self, who: ParticipantId, paper: &Paper) -> Result<(), Status> {
        let release = &paper.record;
        self.status_of(key_of(release)).ok_or(Status::OriginalUnknown)?;
        let aside = self
            .conditionals
            .get(&key_of(release))
            .filter(|aside| !self.has_come(aside.end()))
            .ok_or(Status::NotWaiting)?;
        let signed = &aside.paper;
        let preimage = extension::find(&paper.extensions, ExtensionType::Preimage);
        let declines = release.flags.get() & flags::DECLINE != 0;
        let approves = signed.approver() == Some(who.0);
        let creditor = signed.record.creditor.get() == who.0;
        let party = creditor || signed.record.debtor.get() == who.0;
        // The debtor cannot give up what the creditor waits for.
        let may = approves
            || if declines {
                creditor
            } else {
                party && preimage.is_some()
            };
        refuse(!may, Status::NotAuthorised)?;
        let parties = |record: &Instruction| (record.creditor.get(), record.currency.get());
        refuse(
            parties(&signed.record) != parties(release),
            Status::OriginalMismatch,
        )?;
        let condition = extension::find(&signed.extensions, ExtensionType::Condition);
        let met = preimage.is_none_or(|preimage| condition == Some(hash(preimage).as_slice()));
        refuse(!met, Status::ConditionUnmet)?;
        if declines {
            return Ok(());
        }
        let in_parts = signed.record.flags.get() & flags::PARTIAL != 0;
        let amount = release.amount.get();
        refuse(
            amount > aside.left || amount < aside.left && !in_parts,
            Status::ReturnExceeds,
        )
    }

    /// Sets the money of a conditional payment aside.
    pub(super) fn put_aside(&mut self, item: &Waiting) {
        let aside = Conditional {
            paper: item.paper.clone(),
            origin: item.origin,
            normal: item.class == 0,
            closed: self.days.closed_at(item.place().1),
            left: item.amount(),
        };
        self.money.change(item.place(), |account| {
            account.reserved += i128::from(item.amount())
        });
        self.due.insert((aside.end(), Due::Conditional(item.key())));
        self.conditionals.insert(item.key(), aside);
    }

    /// Releases money that is set aside, or gives it back (kind 3).
    pub(super) fn carry_out_release(&mut self, release: &Instruction, caused: &mut Caused) {
        let key = key_of(release);
        if release.flags.get() & flags::DECLINE != 0 {
            return self.give_back(key, Status::GivenBack, caused);
        }
        let amount = release.amount.get();
        let Some(aside) = self.conditionals.get_mut(&key) else {
            return;
        };
        aside.left -= amount;
        let aside = aside.clone();
        self.money
            .change(aside.place(), |account| account.reserved -= i128::from(amount));
        self.move_money(
            aside.place(),
            aside.paper.record.creditor.get(),
            amount,
            aside.paper.record.kind,
        );
        let status = if aside.left == 0 {
            self.forget_aside(key);
            Status::Settled
        } else {
            Status::SetAside
        };
        self.tell_of_aside(key, &aside, status, amount, caused);
    }

    /// What is left of the money is its debtor's again.
    pub(super) fn give_back(&mut self, key: Key, status: Status, caused: &mut Caused) {
        let Some(aside) = self.forget_aside(key) else {
            return;
        };
        self.money.change(aside.place(), |account| {
            account.reserved -= i128::from(aside.left)
        });
        if aside.normal && aside.closed == self.days.closed_at(aside.place().1) {
            let creditor = aside.paper.record.creditor.get();
            self.limits
                .count(aside.place(), creditor, -i128::from(aside.left));
        }
        self.wake(aside.place());
        self.tell_of_aside(key, &aside, status, 0, caused);
    }

    fn forget_aside(&mut self, key: Key) -> Option<Conditional> {
        let aside = self.conditionals.remove(&key)?;
        self.due.remove(&(aside.end(), Due::Conditional(key)));
        Some(aside)
    }

    fn tell_of_aside(
        &mut self,
        key: Key,
        aside: &Conditional,
        status: Status,
        amount: u64,
        caused: &mut Caused,
    ) {
        self.memory.change(key.0, key.1, (status, amount), self.index);
        self.effects += 1;
        let (told, paper) = (&mut caused.later, &aside.paper);
        tell(told, paper, aside.origin, (Role::Debtor, key.0), status, amount);
        Self::tell_of_conditional(told, paper, aside.origin, status, amount);
    }
}
