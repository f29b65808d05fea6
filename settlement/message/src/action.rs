//! Actions that need two persons: what operators, settlement agents and banks may propose.
mod day;
mod default;
mod grant;
mod member;
#[cfg(test)]
mod tests;
mod window;
mod wire;

use crate::exchange::SOURCE_BYTES_MAX;
use crate::keys::Signature;
use crate::{InstructionId, KeyId, ParticipantId};

pub use day::Hours;
pub use default::DefaultState;
pub use grant::{AccountGrant, FeeGrant, KeyGrant, ParticipantGrant, Phase, Valuation};
pub use member::{Holder, Standing, possession_bytes};
pub use window::WindowGrant;
pub use wire::source_text;

/// Roles of a participant, as bits.
pub mod role {
    /// Holds accounts and pays.
    pub const PARTICIPANT: u8 = 1;
    /// Carries the liability of a currency; funds and defunds.
    pub const SETTLEMENT_AGENT: u8 = 2;
    /// Registers participants, sets caps.
    pub const OPERATOR: u8 = 4;
    /// Reads everything, signs nothing.
    pub const REGULATOR: u8 = 8;
    /// Holds payments and participants, and lets them go or rejects them.
    pub const SCREENER: u8 = 16;
    /// Quotes prices that others convert at.
    pub const LIQUIDITY_PROVIDER: u8 = 32;
    /// Bits that have a meaning under the first version of the rules.
    pub const KNOWN_FIRST: u8 = PARTICIPANT | SETTLEMENT_AGENT | OPERATOR;
    /// Bits that have a meaning before the fourth version of the rules.
    pub const KNOWN_THIRD: u8 = KNOWN_FIRST | REGULATOR | SCREENER;
    /// Bits that have a meaning.
    pub const KNOWN: u8 = KNOWN_THIRD | LIQUIDITY_PROVIDER;
}

/// Rights of a key, as bits.
pub mod right {
    /// Signs instructions.
    pub const INSTRUCT: u8 = 1;
    /// Signs control records.
    pub const CONTROL: u8 = 2;
    /// Bits that have a meaning.
    pub const KNOWN: u8 = INSTRUCT | CONTROL;
}

/// An action that takes effect when a second person approves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Operator: registers a participant; it gets the next id.
    RegisterParticipant(ParticipantGrant),
    /// Operator: opens an account.
    OpenAccount {
        /// Whose.
        participant: ParticipantId,
        /// Currency and cap.
        account: AccountGrant,
    },
    /// Operator: sets a net debit cap. Below current use it stops outflow, no more.
    SetCap {
        /// Whose.
        participant: ParticipantId,
        /// Currency and cap.
        account: AccountGrant,
    },
    /// Operator, or the participant for itself: adds a key.
    AddKey {
        /// Whose.
        participant: ParticipantId,
        /// The key.
        grant: KeyGrant,
    },
    /// Operator, or the participant for itself: revokes a key from this position on.
    RevokeKey {
        /// Whose.
        participant: ParticipantId,
        /// Which.
        key: KeyId,
    },
    /// Operator: suspends a participant or reinstates it.
    SetStanding {
        /// Whose.
        participant: ParticipantId,
        /// True to suspend.
        suspended: bool,
    },
    /// Operator: opens a currency with its settlement agent.
    OpenCurrency {
        /// ISO 4217 numeric code.
        currency: u16,
        /// Who carries the liability.
        agent: ParticipantId,
    },
    /// Settlement agent: funds an account against a confirmed credit in the RTGS, once per reference.
    Fund {
        /// Whose account.
        participant: ParticipantId,
        /// ISO 4217 numeric code.
        currency: u16,
        /// Minor units.
        amount: u64,
        /// Reference of the credit in the RTGS.
        reference: String,
    },
    /// Settlement agent: sets money aside to be paid out in the RTGS.
    Defund {
        /// Whose account.
        participant: ParticipantId,
        /// ISO 4217 numeric code.
        currency: u16,
        /// Minor units.
        amount: u64,
    },
    /// Settlement agent: the pay-out happened; the money leaves the ledger.
    ConfirmDefund {
        /// Instruction id of the `Defund` proposal.
        defund: InstructionId,
        /// Reference of the pay-out in the RTGS.
        reference: String,
    },
    /// Settlement agent: the pay-out failed; the money is free again.
    ReleaseDefund {
        /// Instruction id of the `Defund` proposal.
        defund: InstructionId,
    },
    /// Screener: holds a payment that waits. Nobody else is told.
    HoldPayment {
        /// Who submitted it.
        submitter: ParticipantId,
        /// Its instruction id.
        payment: InstructionId,
        /// File number of the order or of the screening case.
        reference: String,
    },
    /// Screener: lets a held payment go on, or rejects it.
    EndHold {
        /// Who submitted it.
        submitter: ParticipantId,
        /// Its instruction id.
        payment: InstructionId,
        /// True to let it go on, false to reject it.
        release: bool,
    },
    /// Screener: from here on payments of and to a participant wait, or go on. Nobody else is told.
    HoldParticipant {
        /// Whose.
        participant: ParticipantId,
        /// True to hold.
        held: bool,
        /// File number of the order or of the screening case.
        reference: String,
    },
    /// Operator: what an instruction of a kind costs in a currency.
    SetFee(FeeGrant),
    /// Operator: opens, cuts off or closes a currency.
    SetDay {
        /// ISO 4217 numeric code.
        currency: u16,
        /// Where its day goes.
        phase: Phase,
        /// Business date, in days since 2000-01-01.
        date: u16,
    },
    /// Operator: what a currency is worth to the risk tests.
    SetValuation(Valuation),
    /// Operator: puts a participant under the risk tests, or ends that.
    SetTests {
        /// Who.
        participant: ParticipantId,
        /// True to put it under them.
        tested: bool,
        /// Most that all its short positions may be worth together, in minor units of the unit of account.
        aggregate: u64,
    },
    /// Operator: how short a participant under the tests may be in a currency.
    SetShortLimit {
        /// Whose.
        participant: ParticipantId,
        /// ISO 4217 numeric code.
        currency: u16,
        /// Minor units.
        limit: u64,
    },
    /// Operator: how short a position may still be at a deadline.
    SetPayIn {
        /// Whose.
        participant: ParticipantId,
        /// ISO 4217 numeric code.
        currency: u16,
        /// Seconds since 2000-01-01T00:00Z.
        deadline: u32,
        /// Minor units.
        allowed: u64,
    },
    /// Operator: lets a participant quote a pair, and bounds what it takes on there.
    SetExposure {
        /// The liquidity provider.
        participant: ParticipantId,
        /// What it quotes (ISO 4217 numeric).
        base: u16,
        /// What it quotes it in.
        counter: u16,
        /// Minor units of `base`; zero takes the right away.
        limit: u64,
    },
    /// Operator: the reference rate that exchanges are compared with.
    SetReference {
        /// What is priced (ISO 4217 numeric).
        base: u16,
        /// What it is priced in.
        counter: u16,
        /// Counter units for one of base, with `scale` decimal places.
        rate: u64,
        /// Decimal places of `rate`.
        scale: u8,
        /// When it was fixed, in seconds since 2000-01-01T00:00Z.
        time: u32,
        /// Who fixed it: text with zeros behind it.
        source: [u8; SOURCE_BYTES_MAX],
    },
    /// Operator: enters business days of a currency, which then opens, cuts off and closes by itself.
    ScheduleDays {
        /// ISO 4217 numeric code.
        currency: u16,
        /// By rising date; one without instants takes its date away.
        days: Vec<Hours>,
    },
    /// Operator: moves the cut-offs and the close of the present day to later instants.
    ExtendDay {
        /// ISO 4217 numeric code.
        currency: u16,
        /// The present date, its opening, and its instants from here on.
        hours: Hours,
    },
    /// Operator: what secures what an account may owe within the day.
    SetCollateral {
        /// Whose account.
        participant: ParticipantId,
        /// ISO 4217 numeric code of what is lent against it.
        currency: u16,
        /// Its name.
        asset: String,
        /// Minor units of the currency; zero ends it.
        value: u64,
        /// Millionths of the value that do not count, at most [`Valuation::HAIRCUT_MAX`].
        haircut: u32,
    },
    /// Operator: the most that is lent to an account within the day, whatever its collateral.
    SetCredit {
        /// Whose account.
        participant: ParticipantId,
        /// ISO 4217 numeric code.
        currency: u16,
        /// Minor units.
        limit: u64,
    },
    /// Operator: admits a participant whose keys are shown to be held; it gets the next id, and is not active yet.
    AdmitMember {
        /// What it is to be.
        grant: ParticipantGrant,
        /// For each key in order its signature over [`possession_bytes`].
        proofs: Vec<Signature>,
    },
    /// Operator, or the participant for itself: adds a key that is shown to be held.
    AddMemberKey {
        /// Whose.
        participant: ParticipantId,
        /// The key.
        grant: KeyGrant,
        /// Its signature over [`possession_bytes`].
        proof: Signature,
    },
    /// Operator: activates, suspends, reinstates or closes a participant.
    SetMembership {
        /// Whose.
        participant: ParticipantId,
        /// Where it stands from here on; never [`Standing::Admitted`].
        standing: Standing,
        /// File number of the decision.
        reference: String,
    },
    /// Operator: gives a participant other roles.
    SetRoles {
        /// Whose.
        participant: ParticipantId,
        /// Bits of [`role`].
        roles: u8,
    },
    /// Operator: a participant does not pay any more. Nothing leaves it, and nothing ends yet.
    DeclareDefault {
        /// Whose.
        participant: ParticipantId,
        /// File number of the case.
        reference: String,
    },
    /// Operator: a declared default is lifted, or confirmed for good: then what waits for it ends.
    DecideDefault {
        /// Whose.
        participant: ParticipantId,
        /// True confirms it, false lifts it.
        confirmed: bool,
    },
    /// Operator: opens a netting window; its id is that of the proposal.
    OpenWindow(WindowGrant),
    /// Operator: ends a netting window before it closes; what it collected is cancelled.
    CancelWindow {
        /// Instruction id of the `OpenWindow` proposal.
        window: InstructionId,
    },
}

impl Action {
    /// Its name, for people and logs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RegisterParticipant(_) => "register_participant",
            Self::OpenAccount { .. } => "open_account",
            Self::SetCap { .. } => "set_cap",
            Self::AddKey { .. } => "add_key",
            Self::RevokeKey { .. } => "revoke_key",
            Self::SetStanding { .. } => "set_standing",
            Self::OpenCurrency { .. } => "open_currency",
            Self::Fund { .. } => "fund",
            Self::Defund { .. } => "defund",
            Self::ConfirmDefund { .. } => "confirm_defund",
            Self::ReleaseDefund { .. } => "release_defund",
            Self::HoldPayment { .. } => "hold_payment",
            Self::EndHold { .. } => "end_hold",
            Self::HoldParticipant { .. } => "hold_participant",
            Self::SetFee(_) => "set_fee",
            Self::SetDay { .. } => "set_day",
            Self::SetValuation(_) => "set_valuation",
            Self::SetTests { .. } => "set_tests",
            Self::SetShortLimit { .. } => "set_short_limit",
            Self::SetPayIn { .. } => "set_pay_in",
            Self::SetExposure { .. } => "set_exposure",
            Self::SetReference { .. } => "set_reference",
            Self::ScheduleDays { .. } => "schedule_days",
            Self::ExtendDay { .. } => "extend_day",
            Self::SetCollateral { .. } => "set_collateral",
            Self::SetCredit { .. } => "set_credit",
            Self::AdmitMember { .. } => "admit_member",
            Self::AddMemberKey { .. } => "add_member_key",
            Self::SetMembership { .. } => "set_membership",
            Self::SetRoles { .. } => "set_roles",
            Self::DeclareDefault { .. } => "declare_default",
            Self::DecideDefault { .. } => "decide_default",
            Self::OpenWindow(_) => "open_window",
            Self::CancelWindow { .. } => "cancel_window",
        }
    }

    /// True if a version of the rules offers it: from the fourth on, nothing that brings keys which nobody is shown to hold.
    pub const fn is_offered(&self, rules: u16) -> bool {
        let unproven = matches!(self, Self::RegisterParticipant(_) | Self::AddKey { .. });
        self.since() <= rules && !(unproven && rules >= 4)
    }

    /// The version of the rules that offers it first.
    pub const fn since(&self) -> u16 {
        match self {
            // Never, then: it is not offered there any more.
            Self::RegisterParticipant(grant) if grant.roles & !role::KNOWN_THIRD != 0 => 4,
            Self::RegisterParticipant(grant) if grant.roles & !role::KNOWN_FIRST != 0 => 2,
            Self::AdmitMember { .. }
            | Self::AddMemberKey { .. }
            | Self::SetMembership { .. }
            | Self::SetRoles { .. } => 4,
            Self::HoldPayment { .. }
            | Self::EndHold { .. }
            | Self::HoldParticipant { .. }
            | Self::SetFee(_)
            | Self::SetDay { .. } => 2,
            Self::SetValuation(_)
            | Self::SetTests { .. }
            | Self::SetShortLimit { .. }
            | Self::SetPayIn { .. }
            | Self::SetExposure { .. }
            | Self::SetReference { .. } => 3,
            Self::ScheduleDays { .. } | Self::ExtendDay { .. } => 4,
            Self::SetCollateral { .. } | Self::SetCredit { .. } => 4,
            Self::DeclareDefault { .. } | Self::DecideDefault { .. } => 4,
            Self::OpenWindow(_) | Self::CancelWindow { .. } => 4,
            _ => 1,
        }
    }
}
