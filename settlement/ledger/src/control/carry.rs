//! What each action does: how it is judged when it is proposed, and how it is carried out when it is approved.
use causeway_message::action::Action;
use causeway_message::{ParticipantId, Status};

use super::Origin;
use crate::apply::Ledger;
use crate::market::Fixing;
use crate::outcome::Outcome;

impl Ledger {
    /// What can be judged when the proposal is made, so that nobody approves what cannot be.
    pub(super) fn judge(&self, who: ParticipantId, action: &Action) -> Result<(), Status> {
        match action {
            Action::RegisterParticipant(grant) => self.judge_registration(grant),
            Action::Fund {
                participant,
                currency,
                amount,
                reference,
            } => self
                .judge_fund(*participant, *currency, *amount, reference)
                .map(|_| ()),
            Action::Defund {
                participant,
                currency,
                amount,
            } => self.judge_defund(*participant, *currency, *amount).map(|_| ()),
            Action::ConfirmDefund { defund, reference } => {
                self.judge_confirm(who, *defund, reference).map(|_| ())
            }
            Action::ReleaseDefund { defund } => self.defund_in_progress(who, *defund).map(|_| ()),
            Action::HoldPayment {
                submitter,
                payment,
                reference,
            } => self.judge_hold(*submitter, *payment, reference).map(|_| ()),
            Action::EndHold {
                submitter, payment, ..
            } => self.judge_end_hold(*submitter, *payment).map(|_| ()),
            Action::HoldParticipant {
                participant,
                held,
                reference,
            } => self.judge_hold_participant(*participant, *held, reference),
            Action::SetFee(fee) => self.judge_fee(fee),
            Action::SetDay {
                currency,
                phase,
                date,
            } => self.judge_day(*currency, *phase, *date).map(|_| ()),
            Action::SetValuation(valuation) => self.judge_valuation(valuation),
            Action::SetTests {
                participant, tested, ..
            } => self.judge_set_tests(*participant, *tested),
            Action::SetShortLimit {
                participant,
                currency,
                ..
            } => self.account_of(*participant, *currency).map(|_| ()),
            Action::SetPayIn {
                participant,
                currency,
                deadline,
                ..
            } => self.judge_pay_in(*participant, *currency, *deadline),
            Action::SetExposure {
                participant,
                base,
                counter,
                ..
            } => self.judge_exposure(*participant, (*base, *counter)),
            Action::SetReference { .. } => match Fixing::of(action) {
                Some(fixing) => self.judge_reference_rate(&fixing),
                None => Err(Status::ActionInvalid),
            },
            Action::ScheduleDays { currency, days } => self.judge_schedule(*currency, days).map(|_| ()),
            Action::ExtendDay { currency, hours } => self.judge_extension(*currency, hours).map(|_| ()),
            Action::RevokeKey { participant, key } => self.judge_revocation(*participant, *key),
            Action::SetStanding { participant, .. } => self.judge_suspension(*participant),
            Action::AdmitMember { grant, .. } => self.judge_registration(grant),
            Action::SetMembership {
                participant,
                standing,
                reference,
            } => self.judge_membership(*participant, *standing, reference),
            Action::SetRoles { participant, roles } => self.judge_roles(*participant, *roles),
            Action::DeclareDefault {
                participant,
                reference,
            } => self.judge_declaration(*participant, reference),
            Action::DecideDefault { participant, .. } => self.judge_decision(*participant),
            Action::SetCollateral {
                participant,
                currency,
                asset,
                value,
                ..
            } => self
                .judge_collateral(*participant, *currency, asset, *value)
                .map(|_| ()),
            Action::SetCredit {
                participant,
                currency,
                ..
            } => self.account_of(*participant, *currency).map(|_| ()),
            Action::OpenWindow(grant) => self.judge_window(grant),
            Action::CancelWindow { window } => self.judge_cancel_window(*window),
            Action::OpenAccount { .. }
            | Action::SetCap { .. }
            | Action::AddKey { .. }
            | Action::AddMemberKey { .. }
            | Action::OpenCurrency { .. } => Ok(()),
        }
    }

    pub(super) fn execute(
        &mut self,
        proposed: &Origin,
        action: &Action,
        out: &mut Outcome,
    ) -> Result<(), Status> {
        let who = proposed.proposer;
        match action {
            Action::RegisterParticipant(grant) => {
                self.register(grant)?;
                out.registry_changed = true;
                Ok(())
            }
            Action::OpenAccount { participant, account } => self.open_account(*participant, account),
            Action::SetCap { participant, account } => self.set_cap(*participant, account, out),
            Action::AdmitMember { grant, .. } => {
                self.admit(grant)?;
                out.registry_changed = true;
                Ok(())
            }
            Action::SetMembership {
                participant,
                standing,
                reference,
            } => {
                self.set_membership(*participant, *standing, reference, out)?;
                out.registry_changed = true;
                Ok(())
            }
            Action::SetRoles { participant, roles } => {
                self.set_roles(*participant, *roles)?;
                out.registry_changed = true;
                Ok(())
            }
            Action::DeclareDefault {
                participant,
                reference,
            } => {
                self.declare_default(*participant, reference)?;
                out.registry_changed = true;
                Ok(())
            }
            Action::DecideDefault {
                participant,
                confirmed,
            } => {
                self.decide_default(*participant, *confirmed, out)?;
                out.registry_changed = true;
                Ok(())
            }
            Action::AddKey { participant, grant }
            | Action::AddMemberKey {
                participant, grant, ..
            } => {
                self.registry.add_key(*participant, grant)?;
                out.registry_changed = true;
                Ok(())
            }
            Action::RevokeKey { participant, key } => {
                self.revoke_key(*participant, *key)?;
                out.registry_changed = true;
                Ok(())
            }
            Action::SetStanding {
                participant,
                suspended,
            } => {
                self.set_standing(*participant, *suspended, out)?;
                out.registry_changed = true;
                Ok(())
            }
            Action::OpenCurrency { currency, agent } => self.open_currency(*currency, *agent),
            Action::Fund {
                participant,
                currency,
                amount,
                reference,
            } => self.fund(*participant, *currency, *amount, reference, out),
            Action::Defund {
                participant,
                currency,
                amount,
            } => self.defund(who, proposed.id, *participant, *currency, *amount),
            Action::ConfirmDefund { defund, reference } => self.confirm_defund(who, *defund, reference),
            Action::ReleaseDefund { defund } => self.release_defund(who, *defund, out),
            Action::HoldPayment {
                submitter,
                payment,
                reference,
            } => self.hold_payment(*submitter, *payment, reference, out),
            Action::EndHold {
                submitter,
                payment,
                release,
            } => self.end_hold(*submitter, *payment, *release, out),
            Action::HoldParticipant {
                participant,
                held,
                reference,
            } => self.hold_participant(*participant, *held, reference, out),
            Action::SetFee(fee) => self.set_fee(fee),
            Action::SetDay {
                currency,
                phase,
                date,
            } => self.set_day(*currency, *phase, *date),
            Action::SetValuation(valuation) => self.set_valuation(valuation, out),
            Action::SetTests {
                participant,
                tested,
                aggregate,
            } => self.set_tests(*participant, *tested, *aggregate, out),
            Action::SetShortLimit {
                participant,
                currency,
                limit,
            } => self.set_short_limit(*participant, *currency, *limit, out),
            Action::SetPayIn {
                participant,
                currency,
                deadline,
                allowed,
            } => self.set_pay_in((*participant, *currency, *deadline), *allowed, proposed),
            Action::SetExposure {
                participant,
                base,
                counter,
                limit,
            } => self.set_exposure(*participant, (*base, *counter), *limit),
            Action::ScheduleDays { currency, days } => self.schedule_days(*currency, days),
            Action::ExtendDay { currency, hours } => self.extend_day(*currency, hours),
            Action::SetReference { .. } => {
                self.set_reference_rate(Fixing::of(action).ok_or(Status::ActionInvalid)?)
            }
            Action::SetCollateral {
                participant,
                currency,
                asset,
                value,
                haircut,
            } => self.set_collateral((*participant, *currency), asset, (*value, *haircut), out),
            Action::SetCredit {
                participant,
                currency,
                limit,
            } => self.set_credit((*participant, *currency), *limit, proposed, out),
            Action::OpenWindow(grant) => self.open_window(grant, proposed),
            Action::CancelWindow { window } => self.cancel_window(*window),
        }
    }
}
