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
    paper: Paper,
    origin: Origin,
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
        let unknown = approver
            .is_some_and(|who| who as usize >= self.members.len() || who == paper.record.debtor.get());
        refuse(unknown, Status::ApproverUnknown)
    }

    /// The conditional payment as it was signed, if there ever was one.
    fn conditional_paper(&self, release: &Instruction) -> Option<&Paper> {
        let (who, id) = key_of(release);
        let paper = self.memory.get(who, id)?.paper.as_ref()?;
        (paper.record.kind == Kind::Conditional as u8).then_some(paper)
    }

    /// Who may sign a release: whom the payment concerns. The debtor cannot give up what the creditor waits for.
    pub(super) fn judge_releaser(&self, who: ParticipantId, release: &Instruction) -> Result<(), Status> {
        let Some(paper) = self.conditional_paper(release) else {
            return Ok(());
        };
        let (record, approver) = (&paper.record, paper.approver() == Some(who.0));
        let creditor = record.creditor.get() == who.0;
        let debtor = record.debtor.get() == who.0 && release.flags.get() & flags::DECLINE == 0;
        refuse(!(approver || creditor || debtor), Status::NotAuthorised)
    }

    /// Everything about the conditional payment itself.
    pub(super) fn judge_release(&self, who: ParticipantId, paper: &Paper) -> Result<(), Status> {
        let release = &paper.record;
        let signed = self.conditional_paper(release).ok_or(Status::OriginalUnknown)?;
        let parties = |record: &Instruction| (record.creditor.get(), record.currency.get());
        refuse(
            parties(&signed.record) != parties(release),
            Status::OriginalMismatch,
        )?;
        let aside = self
            .conditionals
            .get(&key_of(release))
            .filter(|aside| !self.has_come(aside.end()))
            .ok_or(Status::NotWaiting)?;
        if release.flags.get() & flags::DECLINE != 0 {
            return Ok(());
        }
        let condition = extension::find(&signed.extensions, ExtensionType::Condition);
        let met = match extension::find(&paper.extensions, ExtensionType::Preimage) {
            Some(preimage) => condition == Some(hash(preimage).as_slice()),
            None => signed.approver() == Some(who.0),
        };
        refuse(!met, Status::ConditionUnmet)?;
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
            left: item.amount(),
        };
        self.money
            .change(item.place(), |account| account.reserved += i128::from(item.amount()));
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
        self.move_money(aside.place(), aside.paper.record.creditor.get(), amount, aside.paper.record.kind);
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
        self.money
            .change(aside.place(), |account| account.reserved -= i128::from(aside.left));
        self.limits.uncount(aside.place(), key, aside.left);
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
        let (told, paper) = (&mut caused.later, &aside.paper);
        tell(told, paper, aside.origin, (Role::Debtor, key.0), status, amount);
        Self::tell_of_conditional(told, paper, aside.origin, status, amount);
    }
}
