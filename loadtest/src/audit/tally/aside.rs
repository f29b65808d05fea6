//! Conditional payments: their money is set aside, and each unit of it is released or given back, once.
use causeway_message::Status;
use causeway_message::digest::hash;
use causeway_message::extension::ExtensionType;
use causeway_message::record::{Kind, flags};

use super::Tally;
use super::seen::{Mark, Seen};
use crate::audit::fault::{Fault, Rule, hold, same};
use crate::audit::model::Place;

/// Money that is set aside.
#[derive(Debug, Clone)]
pub struct Aside {
    pub place: Place,
    pub left: u64,
    signed: Mark,
}

impl Aside {
    /// True for a pay-in for this window.
    pub fn is_for(&self, window: causeway_message::InstructionId) -> bool {
        self.signed.kind() == Some(Kind::PayIn) && self.signed.record.related == window.0
    }
}

impl Tally {
    pub(super) fn follow_asides(&mut self, seen: &Seen) -> Result<(), Fault> {
        self.gone_back.clear();
        let marks = || seen.first.iter().chain(&seen.later);
        let aside = [Some(Kind::Conditional), Some(Kind::PayIn)];
        for mark in marks().filter(|mark| aside.contains(&mark.kind())) {
            self.follow_aside(mark, seen.entry)?;
        }
        let released = |mark: &&Mark| {
            let executed = mark.status == Status::Executed && mark.kind() == Some(Kind::Release);
            executed && !mark.has(flags::DECLINE)
        };
        for mark in seen.first.iter().filter(released) {
            self.check_condition(mark, seen.entry)?;
        }
        Ok(())
    }

    fn follow_aside(&mut self, mark: &Mark, entry: u64) -> Result<(), Fault> {
        let at = || format!("log entry {entry}: conditional payment {:?}", mark.origin);
        let known = self.asides.get_mut(&mark.key()).filter(|aside| aside.left > 0);
        let Some(aside) = known else {
            if mark.status == Status::SetAside {
                let aside = Aside {
                    place: mark.place,
                    left: mark.amount(),
                    signed: mark.clone(),
                };
                same(Rule::SetAsideOnce, &0, &mark.moved, at)?;
                self.asides.insert(mark.key(), aside);
                let account = self.account(mark.place, entry)?;
                account.reserved += i128::from(mark.amount());
                account.drawn = true;
                account.paid_out = true;
            } else {
                same(Rule::SetAsideOnce, &0, &mark.moved, at)?;
            }
            return Ok(());
        };
        let goes = match mark.status {
            Status::SetAside => {
                let part = mark.moved > 0 && mark.moved < aside.left;
                hold(part, Rule::SetAsideOnce, || {
                    format!("{}: {} of {} moves", at(), mark.moved, aside.left)
                })?;
                mark.moved
            }
            Status::Settled => {
                same(Rule::SetAsideOnce, &aside.left, &mark.moved, at)?;
                aside.left
            }
            _ => {
                same(Rule::SetAsideOnce, &0, &mark.moved, at)?;
                aside.left
            }
        };
        aside.left -= goes;
        let place = aside.place;
        if !matches!(mark.status, Status::SetAside | Status::Settled) {
            self.gone_back.push((mark.clone(), goes));
        }
        self.account(place, entry)?.reserved -= i128::from(goes);
        Ok(())
    }

    /// A release is its approver's, or brings the preimage.
    fn check_condition(&self, release: &Mark, entry: u64) -> Result<(), Fault> {
        let Some(aside) = self.asides.get(&release.related()) else {
            let what = format!(
                "log entry {entry}: {:?} releases what was never set aside",
                release.origin
            );
            return Err(Fault::new(Rule::SetAsideOnce, what));
        };
        let signed = &aside.signed;
        let met = match release.extension(ExtensionType::Preimage) {
            Some(preimage) => signed.extension(ExtensionType::Condition) == Some(hash(preimage).as_slice()),
            None => signed.approver() == Some(release.submitter.0),
        };
        hold(met, Rule::Condition, || {
            format!(
                "log entry {entry}: {:?} releases {:?}",
                release.origin, signed.origin
            )
        })
    }
}
