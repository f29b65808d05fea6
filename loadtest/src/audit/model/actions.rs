//! Actions: who may propose them (PROTOCOL §7), what stands against them, what they do.
use causeway_fx::Currency;
use causeway_message::action::{AccountGrant, Action, Standing, role};
use causeway_message::{InstructionId, ParticipantId, Status};

use super::member::Member;
use super::quotes::Fixing;
use super::{Caused, Model, Place};

impl Model {
    /// Whether the version of the rules in force has such an action (PROTOCOL §22).
    pub(super) fn offers(&self, action: &Action) -> bool {
        let first = match action {
            // From version 4 on keys come with proof that they are held (PROTOCOL §28.1).
            Action::RegisterParticipant(_) | Action::AddKey { .. } if self.is_fourth() => return false,
            Action::RegisterParticipant(grant) if grant.roles & role::LIQUIDITY_PROVIDER != 0 => {
                return false;
            }
            Action::AdmitMember { .. }
            | Action::AddMemberKey { .. }
            | Action::SetMembership { .. }
            | Action::SetRoles { .. } => return self.is_fourth(),
            Action::RegisterParticipant(grant) => grant.roles & !role::KNOWN_FIRST == 0,
            Action::HoldPayment { .. }
            | Action::EndHold { .. }
            | Action::HoldParticipant { .. }
            | Action::SetFee(_)
            | Action::SetDay { .. } => false,
            Action::SetValuation(_)
            | Action::SetTests { .. }
            | Action::SetShortLimit { .. }
            | Action::SetPayIn { .. }
            | Action::SetExposure { .. }
            | Action::SetReference { .. } => return self.is_third(),
            Action::ScheduleDays { .. } | Action::ExtendDay { .. } => return self.is_fourth(),
            Action::SetCollateral { .. } | Action::SetCredit { .. } => return self.is_fourth(),
            Action::OpenWindow(_) | Action::CancelWindow { .. } => return self.is_fourth(),
            Action::DeclareDefault { .. } | Action::DecideDefault { .. } => return self.is_fourth(),
            _ => true,
        };
        first || self.is_second()
    }

    /// The normative table of who may propose what.
    pub(super) fn judge_role(&self, who: ParticipantId, action: &Action) -> Result<(), Status> {
        let member = self
            .members
            .get(who.0 as usize)
            .ok_or(Status::ParticipantUnknown)?;
        let allowed = match action {
            Action::RegisterParticipant(_)
            | Action::OpenAccount { .. }
            | Action::SetCap { .. }
            | Action::SetStanding { .. }
            | Action::OpenCurrency { .. } => member.is_operator(),
            Action::AdmitMember { .. } | Action::SetMembership { .. } | Action::SetRoles { .. } => {
                member.is_operator()
            }
            Action::AddKey { participant, .. }
            | Action::AddMemberKey { participant, .. }
            | Action::RevokeKey { participant, .. } => member.is_operator() || *participant == who,
            Action::Fund { currency, .. } | Action::Defund { currency, .. } => {
                let agent = self.money.currency(*currency).map(|currency| currency.agent);
                member.is_agent() && agent == Some(who)
            }
            Action::ConfirmDefund { .. } | Action::ReleaseDefund { .. } => member.is_agent(),
            Action::HoldPayment { .. } | Action::EndHold { .. } | Action::HoldParticipant { .. } => {
                member.is_screener() || member.is_operator()
            }
            Action::SetFee(_)
            | Action::SetDay { .. }
            | Action::SetValuation(_)
            | Action::SetTests { .. }
            | Action::SetShortLimit { .. }
            | Action::SetPayIn { .. }
            | Action::SetExposure { .. }
            | Action::SetReference { .. }
            | Action::ScheduleDays { .. }
            | Action::ExtendDay { .. } => member.is_operator(),
            Action::SetCollateral { .. } | Action::SetCredit { .. } => member.is_operator(),
            Action::DeclareDefault { .. } | Action::DecideDefault { .. } => member.is_operator(),
            Action::OpenWindow(_) | Action::CancelWindow { .. } => member.is_operator(),
        };
        if allowed { Ok(()) } else { Err(Status::RoleMissing) }
    }

    /// What stands against an action already when it is proposed.
    pub(super) fn judge_action(&self, who: ParticipantId, action: &Action) -> Result<(), Status> {
        match action {
            Action::RegisterParticipant(grant) => self.judge_registration(grant),
            Action::Fund {
                participant,
                currency,
                amount,
                reference,
            } => self.judge_fund((participant.0, *currency), *amount, reference),
            Action::Defund {
                participant,
                currency,
                amount,
            } => self.judge_defund((participant.0, *currency), *amount),
            Action::ConfirmDefund { defund, reference } => {
                self.judge_confirm(who, *defund, reference).map(|_| ())
            }
            Action::ReleaseDefund { defund } => self.defund(who, *defund).map(|_| ()),
            Action::HoldPayment {
                submitter,
                payment,
                reference,
            } => self.judge_hold(*submitter, *payment, reference).map(|_| ()),
            Action::EndHold {
                submitter, payment, ..
            } => self.judge_end_of_hold(*submitter, *payment).map(|_| ()),
            Action::HoldParticipant {
                participant,
                held,
                reference,
            } => self.judge_hold_of(*participant, *held, reference),
            Action::SetFee(grant) => self.judge_fee(grant),
            Action::SetDay {
                currency,
                phase,
                date,
            } => self.judge_day(*currency, *phase, *date),
            Action::SetValuation(valuation) => self.judge_valuation(valuation),
            Action::SetTests {
                participant, tested, ..
            } => self.judge_tests(*participant, *tested),
            Action::SetShortLimit {
                participant,
                currency,
                ..
            } => self.judge_account((participant.0, *currency)),
            Action::SetPayIn {
                participant,
                currency,
                deadline,
                ..
            } => self.judge_deadline((participant.0, *currency), *deadline),
            Action::SetExposure {
                participant,
                base,
                counter,
                ..
            } => self.judge_exposure(*participant, *base, *counter),
            Action::SetReference {
                base, counter, rate, ..
            } => Self::judge_fixing(*base, *counter, *rate),
            Action::ScheduleDays { currency, days } => self.judge_schedule(*currency, days).map(|_| ()),
            Action::ExtendDay { currency, hours } => self.judge_extension(*currency, hours),
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
            } => self.judge_collateral((participant.0, *currency), asset, *value),
            Action::SetCredit {
                participant,
                currency,
                ..
            } => self.judge_account((participant.0, *currency)),
            Action::OpenWindow(grant) => self.judge_open_window(grant),
            Action::CancelWindow { window } => self.judge_cancel_window(*window),
            Action::OpenAccount { .. }
            | Action::SetCap { .. }
            | Action::AddKey { .. }
            | Action::AddMemberKey { .. }
            | Action::OpenCurrency { .. } => Ok(()),
        }
    }

    /// Carries an approved action out, or says what stands against it by now.
    pub(super) fn carry_out(
        &mut self,
        who: ParticipantId,
        id: InstructionId,
        action: &Action,
        caused: &mut Caused,
    ) -> Result<(), Status> {
        self.judge_action(who, action)?;
        match action {
            Action::RegisterParticipant(grant) => self.admit(grant),
            Action::OpenAccount { participant, account } => self.open_account(*participant, account)?,
            Action::SetCap { participant, account } => {
                let place = (participant.0, account.currency);
                self.judge_account(place)?;
                self.money.change(place, |own| own.cap = account.cap);
                self.freed(place, caused);
            }
            Action::AdmitMember { grant, .. } => {
                let id = self.members.len() as u32;
                self.admit(grant);
                self.member(ParticipantId(id))?.standing = Standing::Admitted;
            }
            Action::SetMembership {
                participant,
                standing,
                ..
            } => self.stand(*participant, *standing, caused)?,
            Action::SetRoles { participant, roles } => self.member(*participant)?.roles = *roles,
            Action::DeclareDefault { participant, .. } => self.declare_default(*participant)?,
            Action::DecideDefault {
                participant,
                confirmed,
            } => self.decide_default(*participant, *confirmed, caused)?,
            Action::AddKey { participant, grant }
            | Action::AddMemberKey {
                participant, grant, ..
            } => self.member(*participant)?.add_key(grant)?,
            Action::RevokeKey { participant, key } => self.member(*participant)?.revoke(*key)?,
            Action::SetStanding {
                participant,
                suspended,
            } => {
                let standing = if *suspended {
                    Standing::Suspended
                } else {
                    Standing::Active
                };
                self.stand(*participant, standing, caused)?;
            }
            Action::OpenCurrency { currency, agent } => self.open_currency(*currency, *agent)?,
            Action::Fund {
                participant,
                currency,
                amount,
                reference,
            } => self.fund((participant.0, *currency), *amount, reference, caused),
            Action::Defund {
                participant,
                currency,
                amount,
            } => self.set_money_aside(who, id, (participant.0, *currency), *amount),
            Action::ConfirmDefund { defund, reference } => self.pay_out(who, *defund, reference)?,
            Action::ReleaseDefund { defund } => self.release_defund(who, *defund, caused)?,
            Action::HoldPayment {
                submitter,
                payment,
                reference,
            } => {
                let origin = self.judge_hold(*submitter, *payment, reference)?;
                self.hold(origin, caused);
            }
            Action::EndHold {
                submitter,
                payment,
                release,
            } => {
                let origin = self.judge_end_of_hold(*submitter, *payment)?;
                self.end_hold(origin, *release, caused);
            }
            Action::HoldParticipant {
                participant, held, ..
            } => self.hold_participant(*participant, *held, caused),
            Action::SetFee(grant) => self.fees.set(*grant),
            Action::SetDay {
                currency,
                phase,
                date,
            } => self.set_day_by_hand(*currency, *phase, *date, caused),
            Action::SetValuation(valuation) => self.set_valuation(*valuation),
            Action::SetTests {
                participant,
                tested,
                aggregate,
            } => self.set_tests(participant.0, tested.then_some(*aggregate)),
            Action::SetShortLimit {
                participant,
                currency,
                limit,
            } => self.set_short_limit((participant.0, *currency), *limit),
            Action::SetPayIn {
                participant,
                currency,
                deadline,
                allowed,
            } => self.set_pay_in((who, id), (participant.0, *currency), *deadline, *allowed, action),
            Action::SetExposure {
                participant,
                base,
                counter,
                limit,
            } => self.set_exposure((participant.0, *base, *counter), *limit),
            Action::ScheduleDays { currency, days } => self.schedule(*currency, days)?,
            Action::ExtendDay { currency, hours } => self.extend(*currency, hours, caused)?,
            Action::SetReference {
                base,
                counter,
                rate,
                scale,
                time,
                source,
            } => {
                let (pair, rate, scale) = ((*base, *counter), *rate, *scale);
                let (time, source) = (*time, *source);
                let fixing = Fixing {
                    rate,
                    scale,
                    time,
                    source,
                };
                self.quotes.fix(pair, fixing);
            }
            Action::SetCollateral {
                participant,
                currency,
                asset,
                value,
                haircut,
            } => self.set_collateral((participant.0, *currency), asset, (*value, *haircut), caused),
            Action::SetCredit {
                participant,
                currency,
                limit,
            } => self.set_credit((who, id), (participant.0, *currency), *limit, action, caused),
            Action::OpenWindow(grant) => self.open_window((who, id), grant)?,
            Action::CancelWindow { window } => self.cancel_window(*window)?,
        }
        Ok(())
    }

    pub(super) fn member(&mut self, who: ParticipantId) -> Result<&mut Member, Status> {
        self.members
            .get_mut(who.0 as usize)
            .ok_or(Status::ParticipantUnknown)
    }

    /// The currency is open, the participant exists, and it has the account.
    pub(super) fn judge_account(&self, place: Place) -> Result<(), Status> {
        self.judge_currency(place.1)?;
        if place.0 as usize >= self.members.len() {
            return Err(Status::ParticipantUnknown);
        }
        self.money.get(place).map(|_| ()).ok_or(Status::AccountMissing)
    }

    fn open_account(&mut self, who: ParticipantId, account: &AccountGrant) -> Result<(), Status> {
        let place = (who.0, account.currency);
        match self.judge_account(place) {
            Err(Status::AccountMissing) => {
                self.money.open(place, account.cap);
                Ok(())
            }
            Err(status) => Err(status),
            Ok(()) => Err(Status::AccountExists),
        }
    }

    fn open_currency(&mut self, code: u16, agent: ParticipantId) -> Result<(), Status> {
        if Currency::from_numeric(code).is_none() {
            return Err(Status::CurrencyUnknown);
        }
        self.member(agent)?;
        if self.money.currency(code).is_some() {
            return Err(Status::AccountExists);
        }
        self.money.open_currency(code, agent);
        Ok(())
    }

    /// Whom an action takes effect on, and how much it moves.
    pub(super) fn concerned(&self, who: ParticipantId, action: &Action) -> (Option<ParticipantId>, u64) {
        match action {
            Action::RegisterParticipant(_)
            | Action::HoldPayment { .. }
            | Action::EndHold { .. }
            | Action::HoldParticipant { .. }
            | Action::SetDay { .. }
            | Action::SetValuation(_)
            | Action::SetReference { .. }
            | Action::ScheduleDays { .. }
            | Action::ExtendDay { .. }
            | Action::AdmitMember { .. } => (None, 0),
            Action::OpenWindow(_) | Action::CancelWindow { .. } => (None, 0),
            Action::AddMemberKey { participant, .. }
            | Action::SetMembership { participant, .. }
            | Action::SetRoles { participant, .. } => (Some(*participant), 0),
            Action::SetFee(grant) => (Some(grant.collector), 0),
            Action::OpenAccount { participant, .. }
            | Action::SetCap { participant, .. }
            | Action::AddKey { participant, .. }
            | Action::RevokeKey { participant, .. }
            | Action::SetStanding { participant, .. }
            | Action::SetTests { participant, .. }
            | Action::SetShortLimit { participant, .. }
            | Action::SetPayIn { participant, .. }
            | Action::SetExposure { participant, .. } => (Some(*participant), 0),
            Action::SetCollateral { participant, .. } | Action::SetCredit { participant, .. } => {
                (Some(*participant), 0)
            }
            Action::DeclareDefault { participant, .. } | Action::DecideDefault { participant, .. } => {
                (Some(*participant), 0)
            }
            Action::OpenCurrency { agent, .. } => (Some(*agent), 0),
            Action::Fund {
                participant, amount, ..
            }
            | Action::Defund {
                participant, amount, ..
            } => (Some(*participant), *amount),
            Action::ConfirmDefund { defund, .. } | Action::ReleaseDefund { defund } => {
                match self.defund(who, *defund) {
                    Ok(own) => (Some(ParticipantId(own.place.0)), own.amount),
                    Err(_) => (None, 0),
                }
            }
        }
    }
}
