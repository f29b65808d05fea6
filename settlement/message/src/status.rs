//! Every status of an instruction, in one flat enum with fixed numbers.
//!
//! The order of the list is that in which rules are judged: a record that breaks several rules gets the first. Numbers
//! do not follow it: they were given as the rules came, and are never used again.

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
    Executed = 2, "executed", Final, "ACSC", "", "It took effect.";
    Queued = 3, "queued", Waiting, "PDNG", "AM04", "Waits in the debtor's queue for liquidity.";
    Proposed = 4, "proposed", Waiting, "PDNG", "", "Waits for the approval of a second person.";
    SetAside = 5, "set_aside", Waiting, "PDNG", "", "The money is set aside until the condition is met or its time is over.";
    Pending = 6, "pending", Waiting, "PDNG", "", "Waits for a decision outside the queue.";
    CancellationPending = 7, "cancellation_pending", Waiting, "PDNG", "", "Waits for the answer of the creditor's bank.";
    Warehoused = 8, "warehoused", Waiting, "PDNG", "", "Waits for its from-time or its value date.";
    AwaitingQuote = 9, "awaiting_quote", Waiting, "PDNG", "", "Waits beside the queue for a quote within its limit, or for the other currency to open.";
    Unmatched = 72, "unmatched", Waiting, "PDNG", "", "Waits for the instruction of the other party of the trade.";
    Alleged = 73, "alleged", Waiting, "PDNG", "", "The other party says that there is this trade; it waits for your instruction.";
    Matched = 74, "matched", Waiting, "PDNG", "", "Both parties agree; waits until both legs can settle.";
    Collected = 92, "collected", Waiting, "PDNG", "", "Waits in a netting window, to settle net with all others of it.";

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
    ChainInvalid = 38, "chain_invalid", Final, "RJCT", "FF10", "It has no place in its chain, or the chain is too long or has no end.";
    ConditionInvalid = 56, "condition_invalid", Final, "RJCT", "FF01", "A conditional payment needs a condition or an approver, and an end.";
    TimeInvalid = 57, "time_invalid", Final, "RJCT", "DT01", "From-time, till-time and expiry are not in this order.";
    NotAuthorised = 20, "not_authorised", Final, "RJCT", "AG01", "The submitter may not sign this.";
    AmountZero = 21, "amount_zero", Final, "RJCT", "AM12", "The amount is zero.";
    SameParty = 22, "same_party", Final, "RJCT", "AC03", "Debtor and creditor are the same participant.";
    CurrencyUnknown = 23, "currency_unknown", Final, "RJCT", "AM03", "ISO 4217 has no active currency with this number and minor units.";
    CurrencyNotOpen = 24, "currency_not_open", Final, "RJCT", "AM03", "The ledger does not settle in this currency.";
    DebtorUnknown = 25, "debtor_unknown", Final, "RJCT", "RC01", "No such debtor, or it has no account in the currency.";
    CreditorUnknown = 26, "creditor_unknown", Final, "RJCT", "RC01", "No such creditor, or it has no account in the currency.";
    ApproverUnknown = 58, "approver_unknown", Final, "RJCT", "RC01", "No such approver.";
    DebtorSuspended = 27, "debtor_suspended", Final, "RJCT", "AG10", "The debtor is suspended.";
    CreditorSuspended = 28, "creditor_suspended", Final, "RJCT", "AG11", "The creditor is suspended.";
    CreditorClosed = 86, "creditor_closed", Final, "RJCT", "AC07", "The participant takes part no more.";
    WindowInvalid = 93, "window_invalid", Final, "RJCT", "NARR", "There is no such netting window, it is over, or it does not have this currency or these instants.";
    OriginalUnknown = 59, "original_unknown", Final, "RJCT", "NOOR", "There is no such original of this submitter, or it never settled.";
    OriginalMismatch = 60, "original_mismatch", Final, "RJCT", "NARR", "Parties, currency or amount are not those of the original.";
    NotWaiting = 63, "not_waiting", Final, "RJCT", "NOOR", "The original does not wait for this.";
    ConditionUnmet = 64, "condition_unmet", Final, "RJCT", "FF01", "The preimage is not that of the condition.";
    ReturnExceeds = 61, "return_exceeds", Final, "RJCT", "AM12", "More than what is left of the original.";
    RejectedCutOff = 35, "rejected_cut_off", Final, "RJCT", "TM01", "The currency takes no more instructions on this date.";
    ValueDateClosed = 29, "value_date_closed", Final, "RJCT", "DT01", "The value date is neither the current date nor that of a day ahead.";
    Expired = 30, "expired", Final, "RJCT", "AB03", "Its time was over before it settled; nothing settled.";
    DuplicateSuspected = 37, "duplicate_suspected", Final, "RJCT", "AM05", "The same UETR was seen before for this debtor, creditor and kind.";
    EntryFull = 71, "entry_full", Final, "RJCT", "AG11", "The entry can cause no more: send it again under another id.";
    QuoteUnknown = 80, "quote_unknown", Final, "RJCT", "", "There is no such quote or lock, it is another's, or its time is over.";
    QuoteMismatch = 81, "quote_mismatch", Final, "RJCT", "NARR", "The lock is for other currencies, another amount, or another fixed side.";
    NoQuote = 79, "no_quote", Final, "RJCT", "", "No firm quote covers it within its limit.";
    LimitExceeded = 62, "limit_exceeded", Final, "RJCT", "AM14", "A sender limit did not let it settle at once, and it was not to wait.";
    InsufficientLiquidity = 31, "insufficient_liquidity", Final, "RJCT", "AM04", "It could not settle at once and was not to wait.";
    QueueFull = 32, "queue_full", Final, "RJCT", "AG11", "The ledger holds no more waiting payments.";
    TooManyUnmatched = 77, "too_many_unmatched", Final, "RJCT", "AG11", "Too many instructions against this counterparty are unmatched.";
    ChainFailed = 39, "chain_failed", Final, "RJCT", "ED05", "Another record of its chain broke a rule.";
    Cancelled = 33, "cancelled", Final, "CANC", "", "Cancelled by its submitter before it settled.";
    GivenBack = 34, "given_back", Final, "CANC", "", "The condition was given up; what was set aside is free again.";
    Amended = 75, "amended", Final, "CANC", "", "Another instruction of its submitter took its place.";
    Withdrawn = 76, "withdrawn", Final, "CANC", "", "Withdrawn: by its submitter alone before it was matched, by both parties after.";
    RejectedClose = 36, "rejected_close", Final, "RJCT", "TM01", "The currency closed before it settled.";
    Defaulted = 90, "defaulted", Final, "RJCT", "ED05", "A party to it is in default; it ended unsettled.";
    RejectedByOrder = 66, "rejected_by_order", Final, "RJCT", "RR04", "Rejected by the authority that held it.";
    CancellationRefused = 65, "cancellation_refused", Final, "RJCT", "", "The creditor's bank does not give it back.";

    ProposalUnknown = 40, "proposal_unknown", Final, "RJCT", "", "No such proposal waits.";
    ProposalExpired = 41, "proposal_expired", Final, "RJCT", "", "Nobody approved the proposal in time.";
    ProposalWithdrawn = 42, "proposal_withdrawn", Final, "RJCT", "", "The proposal was withdrawn.";
    ProposalApproved = 83, "proposal_approved", Final, "RJCT", "", "The proposal was approved before.";
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
    NotHeld = 67, "not_held", Final, "RJCT", "", "Nothing like this is held, or is held already.";
    DayInvalid = 68, "day_invalid", Final, "RJCT", "", "The day of the currency cannot go there from where it is.";
    FeeInvalid = 69, "fee_invalid", Final, "RJCT", "", "The fee schedule breaks a rule of its form.";
    ValuationInvalid = 70, "valuation_invalid", Final, "RJCT", "", "The valuation, or what hangs on it, breaks a rule.";
    ExposureInvalid = 82, "exposure_invalid", Final, "RJCT", "", "The exposure limit or the reference rate breaks a rule of its form.";
    PossessionInvalid = 84, "possession_invalid", Final, "RJCT", "", "A key is not shown to be held by who is to have it.";
    MemberNotEmpty = 85, "member_not_empty", Final, "RJCT", "", "The participant still has what has to be given up or to end first.";
    KeyLast = 87, "key_last", Final, "RJCT", "", "No operator would be left with two persons who may decide.";
    PayInMissed = 78, "pay_in_missed", Final, "RJCT", "", "The position was still shorter than allowed at the deadline.";
    DefaultUnknown = 91, "default_unknown", Final, "RJCT", "", "No default of it waits for a decision, or there is one already.";
    CollateralInvalid = 88, "collateral_invalid", Final, "RJCT", "", "The account has no such collateral to end, or no more fits.";
    CreditUnpaid = 89, "credit_unpaid", Final, "RJCT", "", "The credit was still in use when the currency closed.";
}

impl Status {
    /// True if nothing will change it.
    pub const fn is_final(self) -> bool {
        matches!(self.stage(), Stage::Final)
    }

    /// ISO 20022 answer to a request to cancel that has this status (`Conf` of a camt.029).
    pub const fn iso_cancellation(self) -> &'static str {
        match self.stage() {
            Stage::Waiting => "PDCR",
            Stage::Final if matches!(self, Self::Executed) => "CNCL",
            Stage::Final => "RJCR",
        }
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

    /// Numbers as they were given: a changed line here is a broken format.
    const FROZEN: &str = "1 settled 2 executed 3 queued 4 proposed 5 set_aside 6 pending 7 cancellation_pending \
        8 warehoused 9 awaiting_quote 10 id_reused 11 capacity_exhausted 12 key_not_active 13 batch_too_late 14 session_disorder \
        15 malformed 16 kind_unknown 17 flags_unknown 18 priority_unknown 19 extension_invalid 20 not_authorised \
        21 amount_zero 22 same_party 23 currency_unknown 24 currency_not_open 25 debtor_unknown 26 creditor_unknown \
        27 debtor_suspended 28 creditor_suspended 29 value_date_closed 30 expired 31 insufficient_liquidity \
        32 queue_full 33 cancelled 34 given_back 35 rejected_cut_off 36 rejected_close 37 duplicate_suspected \
        38 chain_invalid 39 chain_failed 40 proposal_unknown 41 proposal_expired 42 proposal_withdrawn \
        43 same_person 44 role_missing 45 too_many_proposals 46 participant_unknown 47 participant_exists \
        48 key_invalid 49 account_exists 50 account_missing 51 reference_used 52 reference_invalid \
        53 defund_unknown 54 defund_uncovered 55 action_invalid 56 condition_invalid 57 time_invalid \
        58 approver_unknown 59 original_unknown 60 original_mismatch 61 return_exceeds 62 limit_exceeded \
        63 not_waiting 64 condition_unmet 65 cancellation_refused 66 rejected_by_order 67 not_held 68 day_invalid \
        69 fee_invalid 70 valuation_invalid 71 entry_full 72 unmatched 73 alleged 74 matched 75 amended 76 withdrawn \
        77 too_many_unmatched 78 pay_in_missed 79 no_quote 80 quote_unknown 81 quote_mismatch 82 exposure_invalid \
        83 proposal_approved \
        84 possession_invalid 85 member_not_empty 86 creditor_closed 87 key_last \
        88 collateral_invalid 89 credit_unpaid \
        90 defaulted 91 default_unknown \
        92 collected 93 window_invalid";

    #[test]
    fn numbers_are_frozen_and_names_are_unique() {
        let mut told: Vec<(u8, &str)> = Status::ALL.iter().map(|s| (*s as u8, s.name())).collect();
        told.sort_unstable();
        let told: Vec<String> = told
            .into_iter()
            .map(|(number, name)| format!("{number} {name}"))
            .collect();
        assert_eq!(told.join(" "), FROZEN);
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
            assert_eq!(
                ["RJCT", "CANC"].contains(&status.iso_status()),
                status.is_rejected()
            );
        }
        assert_eq!(Status::from_number(0), None);
        assert_eq!(Status::from_number(999), None);
    }

    #[test]
    fn a_cancel_is_answered_by_what_became_of_it() {
        for status in Status::ALL {
            let code = match status {
                Status::Executed => "CNCL",
                waiting if waiting.is_transient() => "PDCR",
                _ => "RJCR",
            };
            assert_eq!(status.iso_cancellation(), code, "{}", status.name());
        }
        assert_eq!(Status::CancellationPending.iso_cancellation(), "PDCR");
        assert_eq!(Status::CancellationRefused.iso_cancellation(), "RJCR");
    }
}
