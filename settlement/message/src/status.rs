//! Every status of an instruction, in one flat enum with fixed numbers.
//!
//! The order is the order in which rules are judged: a record that breaks several rules gets the first.

/// How final a status is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Nothing will change it.
    Final,
    /// Waits for something; another status will follow.
    Waiting,
}

macro_rules! statuses {
    ($($name:ident = $number:literal, $text:literal, $stage:ident, $iso:literal, $reason:literal, $doc:literal;)*) => {
        /// Status of an instruction. Numbers are never used again.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Status {
            $(#[doc = $doc] $name = $number,)*
        }

        impl Status {
            /// All statuses, in order of precedence.
            pub const ALL: &'static [Status] = &[$(Status::$name,)*];

            /// The status with this number.
            pub const fn from_number(number: u16) -> Option<Self> {
                match number { $($number => Some(Self::$name),)* _ => None }
            }

            /// Its name in text, JSON and metrics.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// What it means, for people.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $doc,)* }
            }

            /// Whether it can change.
            pub const fn stage(self) -> Stage {
                match self { $(Self::$name => Stage::$stage,)* }
            }

            /// ISO 20022 transaction status (`TxSts`).
            pub const fn iso_status(self) -> &'static str {
                match self { $(Self::$name => $iso,)* }
            }

            /// ISO 20022 status reason (`ExternalStatusReason1Code`); empty if none applies.
            pub const fn iso_reason(self) -> &'static str {
                match self { $(Self::$name => $reason,)* }
            }
        }
    };
}

statuses! {
    Settled = 1, "settled", Final, "ACSC", "", "Settled: final and irrevocable.";
    Executed = 2, "executed", Final, "ACSC", "", "The control action took effect.";
    Queued = 3, "queued", Waiting, "PDNG", "AM04", "Waits in the debtor's queue for liquidity.";
    Proposed = 4, "proposed", Waiting, "PDNG", "", "Waits for the approval of a second person.";

    IdReused = 10, "id_reused", Final, "RJCT", "DU01", "The instruction id was used before with other bytes.";
    CapacityExhausted = 11, "capacity_exhausted", Final, "RJCT", "TM01", "The memory of instruction ids is full.";
    KeyNotActive = 12, "key_not_active", Final, "RJCT", "DS0H", "The signing key was not active, or lacks the right, at this position of the log.";
    BatchTooLate = 13, "batch_too_late", Final, "RJCT", "TM01", "The batch reached the log after its not_after.";
    SessionDisorder = 14, "session_disorder", Final, "RJCT", "TM01", "The batch is out of the order of its session.";
    Malformed = 15, "malformed", Final, "RJCT", "FF01", "A reserved byte is not zero or a field has no place in this kind.";
    KindUnknown = 16, "kind_unknown", Final, "RJCT", "FF03", "The kind of instruction is not offered.";
    FlagsUnknown = 17, "flags_unknown", Final, "RJCT", "FF05", "A flag without a meaning is set.";
    PriorityUnknown = 18, "priority_unknown", Final, "RJCT", "FF05", "The priority is not offered.";
    ExtensionInvalid = 19, "extension_invalid", Final, "RJCT", "FF01", "An extension is unknown or breaks its rule.";
    NotAuthorised = 20, "not_authorised", Final, "RJCT", "AG01", "The submitter may not sign this.";
    AmountZero = 21, "amount_zero", Final, "RJCT", "AM01", "The amount is zero.";
    SameParty = 22, "same_party", Final, "RJCT", "AC03", "Debtor and creditor are the same participant.";
    CurrencyUnknown = 23, "currency_unknown", Final, "RJCT", "AM03", "ISO 4217 has no active currency with this number and minor units.";
    CurrencyNotOpen = 24, "currency_not_open", Final, "RJCT", "AM03", "The ledger does not settle in this currency.";
    DebtorUnknown = 25, "debtor_unknown", Final, "RJCT", "AC02", "No such debtor, or it has no account in the currency.";
    CreditorUnknown = 26, "creditor_unknown", Final, "RJCT", "AC03", "No such creditor, or it has no account in the currency.";
    DebtorSuspended = 27, "debtor_suspended", Final, "RJCT", "AG01", "The debtor is suspended.";
    CreditorSuspended = 28, "creditor_suspended", Final, "RJCT", "AC06", "The creditor is suspended.";
    ValueDateClosed = 29, "value_date_closed", Final, "RJCT", "DT01", "The value date is not the current date.";
    Expired = 30, "expired", Final, "RJCT", "TM01", "Its time was over before it settled; nothing settled.";
    InsufficientLiquidity = 31, "insufficient_liquidity", Final, "RJCT", "AM04", "It could not settle at once and was not to wait.";
    QueueFull = 32, "queue_full", Final, "RJCT", "AG11", "The ledger holds no more waiting payments.";

    ProposalUnknown = 40, "proposal_unknown", Final, "RJCT", "", "No such proposal waits.";
    ProposalExpired = 41, "proposal_expired", Final, "RJCT", "", "Nobody approved the proposal in time.";
    ProposalWithdrawn = 42, "proposal_withdrawn", Final, "RJCT", "", "The proposal was withdrawn.";
    SamePerson = 43, "same_person", Final, "RJCT", "", "The person who proposes cannot approve.";
    RoleMissing = 44, "role_missing", Final, "RJCT", "", "The submitter lacks the role for this action.";
    TooManyProposals = 45, "too_many_proposals", Final, "RJCT", "", "Too many proposals wait already.";
    ParticipantUnknown = 46, "participant_unknown", Final, "RJCT", "", "No such participant.";
    ParticipantExists = 47, "participant_exists", Final, "RJCT", "", "The name is taken, or no more participants fit.";
    KeyInvalid = 48, "key_invalid", Final, "RJCT", "", "The key is not canonical, its id is taken, or no more keys fit.";
    AccountExists = 49, "account_exists", Final, "RJCT", "", "The account is open already.";
    AccountMissing = 50, "account_missing", Final, "RJCT", "", "There is no such account.";
    ReferenceUsed = 51, "reference_used", Final, "RJCT", "", "The credit with this reference was funded before.";
    ReferenceInvalid = 52, "reference_invalid", Final, "RJCT", "", "The reference is empty, too long or has characters outside printable ASCII.";
    DefundUnknown = 53, "defund_unknown", Final, "RJCT", "", "No such defunding is in progress.";
    DefundUncovered = 54, "defund_uncovered", Final, "RJCT", "", "The account does not hold that much available money of its own.";
    ActionInvalid = 55, "action_invalid", Final, "RJCT", "", "The action breaks a rule of its form.";
}

impl Status {
    /// True if nothing will change it.
    pub const fn is_final(self) -> bool {
        matches!(self.stage(), Stage::Final)
    }

    /// True if another status will follow.
    pub const fn is_transient(self) -> bool {
        matches!(self.stage(), Stage::Waiting)
    }

    /// True if nothing moved and nothing will.
    pub const fn is_rejected(self) -> bool {
        self.is_final() && !matches!(self, Self::Settled | Self::Executed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_with_precedence_and_names_are_unique() {
        for pair in Status::ALL.windows(2) {
            assert!((pair[0] as u8) < (pair[1] as u8));
        }
        for (i, status) in Status::ALL.iter().enumerate() {
            assert_eq!(Status::from_number(u16::from(*status as u8)), Some(*status));
            assert!(
                Status::ALL
                    .iter()
                    .skip(i + 1)
                    .all(|other| other.name() != status.name())
            );
            assert_ne!(status.is_final(), status.is_transient());
            assert_eq!(status.iso_status() == "PDNG", status.is_transient());
            assert_eq!(status.iso_status() == "RJCT", status.is_rejected());
        }
        assert_eq!(Status::from_number(0), None);
        assert_eq!(Status::from_number(999), None);
    }
}
