//! Who may propose which action, and whom it concerns.
use causeway_message::action::{Action, role};
use causeway_message::{ParticipantId, Status};

use crate::apply::Ledger;

impl Ledger {
    /// The normative table of who may propose what (`transport/PROTOCOL.md`).
    pub(super) fn may_propose(&self, who: ParticipantId, action: &Action) -> Result<(), Status> {
        let participant = self.registry.get(who).ok_or(Status::ParticipantUnknown)?;
        let has = |role: u8| participant.roles & role != 0;
        let allowed = match action {
            Action::AddKey { participant, .. }
            | Action::AddMemberKey { participant, .. }
            | Action::RevokeKey { participant, .. } => has(role::OPERATOR) || *participant == who,
            Action::RegisterParticipant(_)
            | Action::OpenAccount { .. }
            | Action::SetCap { .. }
            | Action::SetStanding { .. }
            | Action::OpenCurrency { .. }
            | Action::SetFee(_)
            | Action::SetDay { .. }
            | Action::SetValuation(_)
            | Action::SetTests { .. }
            | Action::SetShortLimit { .. }
            | Action::SetPayIn { .. }
            | Action::SetExposure { .. }
            | Action::SetReference { .. }
            | Action::ScheduleDays { .. }
            | Action::ExtendDay { .. } => has(role::OPERATOR),
            Action::AdmitMember { .. } | Action::SetMembership { .. } | Action::SetRoles { .. } => {
                has(role::OPERATOR)
            }
            Action::SetCollateral { .. } | Action::SetCredit { .. } => has(role::OPERATOR),
            Action::DeclareDefault { .. } | Action::DecideDefault { .. } => has(role::OPERATOR),
            Action::OpenWindow(_) | Action::CancelWindow { .. } => has(role::OPERATOR),
            Action::HoldPayment { .. } | Action::EndHold { .. } | Action::HoldParticipant { .. } => {
                has(role::SCREENER) || has(role::OPERATOR)
            }
            Action::Fund { currency, .. } | Action::Defund { currency, .. } => {
                has(role::SETTLEMENT_AGENT) && self.is_agent(who, *currency)
            }
            Action::ConfirmDefund { .. } | Action::ReleaseDefund { .. } => has(role::SETTLEMENT_AGENT),
        };
        if allowed { Ok(()) } else { Err(Status::RoleMissing) }
    }

    fn is_agent(&self, who: ParticipantId, currency: u16) -> bool {
        self.accounts
            .book(currency)
            .is_some_and(|book| self.accounts.books()[book].agent == who)
    }

    /// Whom an action concerns, and how much it moves.
    pub(super) fn concerns(&self, who: ParticipantId, action: &Action) -> (Option<ParticipantId>, u64) {
        match action {
            // Nobody but the proposer is told of a hold.
            Action::HoldPayment { .. } | Action::EndHold { .. } | Action::HoldParticipant { .. } => (None, 0),
            Action::RegisterParticipant(_)
            | Action::SetDay { .. }
            | Action::SetValuation(_)
            | Action::SetReference { .. }
            | Action::ScheduleDays { .. }
            | Action::ExtendDay { .. } => (None, 0),
            Action::AdmitMember { .. } => (None, 0),
            Action::OpenWindow(_) | Action::CancelWindow { .. } => (None, 0),
            Action::AddMemberKey { participant, .. }
            | Action::SetMembership { participant, .. }
            | Action::SetRoles { participant, .. } => (Some(*participant), 0),
            Action::SetFee(fee) => (Some(fee.collector), 0),
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
                self.defund_concerns(who, *defund)
            }
        }
    }
}
