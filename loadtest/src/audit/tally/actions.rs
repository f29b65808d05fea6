//! What executed actions do to accounts, as their events tell it.
use causeway_message::action::{AccountGrant, Action, ParticipantGrant};
use causeway_message::{InstructionId, ParticipantId, Status};

use super::seen::{Ended, Seen};
use super::{Account, Tally};
use crate::audit::fault::{Fault, Rule, hold, same};
use crate::audit::model::Place;

/// A defunding in progress.
#[derive(Debug, Clone, Copy)]
pub struct Defund {
    pub place: Place,
    pub amount: u64,
}

impl Tally {
    pub(super) fn admit(&mut self, grant: &ParticipantGrant) {
        let id = self.participants;
        self.participants += 1;
        grant.accounts.iter().for_each(|account| self.open(id, account));
    }

    fn open(&mut self, who: u32, grant: &AccountGrant) {
        let place = (who, grant.currency);
        self.touched.insert(place);
        let account = Account {
            cap: grant.cap,
            widest_cap: grant.cap,
            ..Account::default()
        };
        self.accounts.insert(place, account);
    }

    pub(super) fn carry_out(&mut self, seen: &Seen) -> Result<(), Fault> {
        for ended in seen.ended.iter().filter(|ended| ended.status == Status::Executed) {
            self.executed(ended, seen.entry)?;
        }
        // Whom an action took effect on is told what its proposer is told.
        for (whom, told) in &seen.told {
            let own = seen.ended.iter().find(|ended| ended.origin == told.origin);
            same(Rule::FeedEvent, &own, &Some(told), || {
                format!("log entry {}: participant {whom} as subject", seen.entry)
            })?;
            hold(told.status == Status::Executed, Rule::FeedEvent, || {
                format!(
                    "log entry {}: participant {whom} is told of what took no effect",
                    seen.entry
                )
            })?;
        }
        Ok(())
    }

    fn executed(&mut self, ended: &Ended, entry: u64) -> Result<(), Fault> {
        match &ended.action {
            Action::RegisterParticipant(grant) | Action::AdmitMember { grant, .. } => self.admit(grant),
            Action::OpenAccount { participant, account } => {
                let place = (participant.0, account.currency);
                hold(!self.accounts.contains_key(&place), Rule::Authority, || {
                    format!("log entry {entry}: account {place:?} is opened a second time")
                })?;
                self.open(participant.0, account);
            }
            Action::SetCap { participant, account } => {
                let own = self.account((participant.0, account.currency), entry)?;
                own.fed |= account.cap > own.cap;
                own.cap = account.cap;
                own.widest_cap = own.widest_cap.max(account.cap);
            }
            Action::Fund {
                participant,
                currency,
                amount,
                ..
            } => {
                moved(ended, *amount, entry)?;
                self.issue((participant.0, *currency), i128::from(*amount), entry)?;
            }
            Action::Defund {
                participant,
                currency,
                amount,
            } => {
                moved(ended, *amount, entry)?;
                let place = (participant.0, *currency);
                let own = self.account(place, entry)?;
                own.reserved += i128::from(*amount);
                own.drawn = true;
                own.paid_out = true;
                let defund = Defund {
                    place,
                    amount: *amount,
                };
                self.defunds.insert((ended.proposer, ended.id), defund);
            }
            Action::ConfirmDefund { defund, .. } => {
                let own = self.end_defund(ended, *defund, entry)?;
                self.issue(own.place, -i128::from(own.amount), entry)?;
            }
            Action::ReleaseDefund { defund } => {
                self.end_defund(ended, *defund, entry)?;
            }
            Action::AddKey { .. }
            | Action::RevokeKey { .. }
            | Action::SetStanding { .. }
            | Action::OpenCurrency { .. }
            | Action::HoldPayment { .. }
            | Action::EndHold { .. }
            | Action::HoldParticipant { .. }
            | Action::SetFee(_)
            | Action::SetDay { .. }
            | Action::SetValuation(_)
            | Action::SetTests { .. }
            | Action::SetShortLimit { .. }
            | Action::SetPayIn { .. }
            | Action::SetExposure { .. }
            | Action::SetReference { .. }
            | Action::ScheduleDays { .. }
            | Action::ExtendDay { .. }
            | Action::AddMemberKey { .. }
            | Action::SetMembership { .. }
            | Action::SetRoles { .. }
            | Action::OpenWindow(_)
            | Action::CancelWindow { .. }
            | Action::DeclareDefault { .. }
            | Action::DecideDefault { .. } => {}
            Action::SetCollateral { .. } | Action::SetCredit { .. } => self.credits.executed(ended),
        }
        Ok(())
    }

    fn issue(&mut self, place: Place, amount: i128, entry: u64) -> Result<(), Fault> {
        let account = self.account(place, entry)?;
        account.balance += amount;
        account.fed |= amount > 0;
        *self.issued.entry(place.1).or_insert(0) += amount;
        *self.posted.entry(place.1).or_insert(0) += amount;
        Ok(())
    }

    fn end_defund(&mut self, ended: &Ended, id: InstructionId, entry: u64) -> Result<Defund, Fault> {
        let defund = self.defunds.remove(&(ended.proposer, id)).ok_or_else(|| {
            let ParticipantId(who) = ended.proposer;
            let what =
                format!("log entry {entry}: participant {who} ends a defunding that is not in progress");
            Fault::new(Rule::Reservations, what)
        })?;
        moved(ended, defund.amount, entry)?;
        self.account(defund.place, entry)?.reserved -= i128::from(defund.amount);
        Ok(defund)
    }
}

/// The amount that the event tells is the one that moved.
fn moved(ended: &Ended, amount: u64, entry: u64) -> Result<(), Fault> {
    same(Rule::FeedEvent, &amount, &ended.amount, || {
        format!("log entry {entry}: {} of {:?}", ended.action.name(), ended.origin)
    })
}
