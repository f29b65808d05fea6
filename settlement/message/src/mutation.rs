//! Faults put into the product on purpose, one at a time, to show that the checks around it find them.
//!
//! Only a build with the feature `mutations` holds them, and only the test that chooses one builds so. Everywhere else
//! [`mutated!`](crate::mutated) is the word `false`.

/// True while this mutation is chosen on this thread.
#[cfg(not(feature = "mutations"))]
#[macro_export]
macro_rules! mutated {
    ($name:ident) => {
        false
    };
}

/// True while this mutation is chosen on this thread.
#[cfg(feature = "mutations")]
#[macro_export]
macro_rules! mutated {
    ($name:ident) => {
        $crate::mutation::Mutation::$name.is_chosen()
    };
}

#[cfg(feature = "mutations")]
pub use chosen::{Mutation, choose};

#[cfg(feature = "mutations")]
mod chosen {
    use std::cell::Cell;

    thread_local! {
        static CHOSEN: Cell<Option<Mutation>> = const { Cell::new(None) };
    }

    macro_rules! mutations {
        ($($name:ident, $text:literal;)*) => {
            /// Every mutation.
            #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
            pub enum Mutation {
                $(#[doc = $text] $name,)*
            }

            impl Mutation {
                /// All of them.
                pub const ALL: &'static [Mutation] = &[$(Mutation::$name,)*];

                /// What goes wrong.
                pub const fn text(self) -> &'static str {
                    match self { $(Self::$name => $text,)* }
                }
            }
        };
    }

    mutations! {
        SkipCap, "A payment settles whatever the account holds.";
        DropCredit, "A transfer debits and does not credit.";
        DebitTwice, "A transfer debits twice.";
        ForgetIds, "An instruction that is known is taken for another one.";
        SameIdOtherBytes, "An id used with other bytes is answered as if the bytes were the same.";
        Overtake, "A payment settles on entry though others wait in its account.";
        NeverRelease, "A credit releases nothing.";
        ReleaseShort, "The head of a queue is released with one unit missing.";
        NeverExpire, "A waiting payment outlives its time.";
        LiveOn, "A payment whose time is over settles when it arrives.";
        SuspendedPays, "A suspended participant pays.";
        OnePerson, "The person who proposes approves.";
        ReferenceTwice, "A credit in the RTGS is funded as often as it is named.";
        ReserveNothing, "A defunding in progress sets nothing aside.";
        AdmitsUnproven, "A key is taken that nobody is shown to hold.";
        ClosesNonEmpty, "A participant is closed that has money still.";
        RevokedSigns, "A revoked key still signs.";
        QueuePosition, "A queued payment is told a wrong position.";
        WrongBalance, "A balance is told one unit too high.";
        SwapAnswers, "The first two answers of a batch change places.";
        SkipSignature, "A batch is taken whatever its signature.";
        SkipRoot, "The records of a batch are not held to the signed root.";
        AnswerBeforeDurable, "A group is applied and answered before it is written.";
        SkipSync, "The journal's writes are not durable when they return.";
        CutDamage, "Damage in the journal is cut as if a crash had torn it.";
        LoseSessions, "A start forgets where sessions stand.";
        EnterTwice, "A batch sent again enters the log again.";
        LoseQueue, "A snapshot leaves the first waiting payment of each account out.";
        LoseDeadlines, "A start from a snapshot forgets what expires.";
        ForgetEvent, "The creditor is not told of a payment that is released.";
        ForgetPage, "Every fifth page is not handed to those who listen.";
        RepeatPage, "A page is handed out twice.";
        StaleProof, "A checkpoint is signed over one leaf less.";
        LoseDocument, "Documents are answered for before they are durable.";
        IgnoreClasses, "A payment settles on entry though one of a higher class waits.";
        EatReserved, "A lower class takes what is reserved for a higher one.";
        SkipLimit, "A sender limit stops nothing.";
        UseStays, "What comes back does not lower the use of a sender limit.";
        AnyPreimage, "Any preimage releases a conditional payment.";
        AnyoneReleases, "Anyone releases a conditional payment.";
        ReturnMore, "More is returned than the original moved.";
        ReturnUnsettled, "A payment that never settled is returned.";
        AskOfAnything, "A cancellation asks about a payment that never settled.";
        ChainInPart, "The first payment of a chain is told that it settled, and moves nothing.";
        SettlesWhenClosed, "A payment settles in a currency that is closed.";
        NeverSuspected, "A payment sent twice under two ids settles twice.";
        HeldIsPaid, "A participant that is held is paid.";
        SettlesEarly, "A payment settles before its from-time.";
        BilledTwice, "A fee that was billed is owed still.";
        LoseReturns, "A snapshot leaves out what was returned.";
        ClockAsItIs, "Entries get the clock's time even if it ran back.";
        OneLeg, "A trade that settles moves one of its legs only.";
        AnyCounterparty, "A trade matches whoever offers the other side.";
        IgnoreReference, "Trades with other references match.";
        WideTolerance, "Trades match that differ by one unit more than they tolerate.";
        SettlesBeforeValueDate, "A trade settles before its value date.";
        TradesAfterCutOff, "A trade is taken after the cut-off of its value date.";
        TradeOvertakes, "A trade settles though something stands before one of its legs.";
        NeverAlleged, "A counterparty is not told of an unmatched instruction.";
        KeepsReplaced, "What an instruction takes the place of stays.";
        WithdrawAlone, "One party alone withdraws a matched trade.";
        QuestionStays, "A question about a trade stays open when the trade has ended.";
        SkipRiskTests, "A trade settles whatever the risk tests say.";
        TestsOneSide, "Only the earlier party of a trade is tested.";
        WorthLess, "A trade settles though its party is worth less than nothing.";
        NoHaircut, "Positions are valued without their haircuts.";
        SkipShortLimit, "A trade settles beyond a short position limit.";
        PayOutBeyondValue, "Cash leaves though what is left does not cover what is owed.";
        LoseUnmatched, "A start from a snapshot forgets what is unmatched.";
        HalfExchange, "What a customer paid for does not arrive.";
        IgnoreQuoteLimit, "An exchange settles beyond the limit of its customer.";
        WorseQuote, "The quotes of every other provider are passed over.";
        GiveRemainder, "Where something was rounded, a provider pays one unit more.";
        WrongSpread, "A spread is told one unit too high.";
        AnyoneQuotes, "A quote is taken of who may not quote.";
        HeldProvides, "A provider that is held or suspended is traded with.";
        SkipExposure, "A provider takes on more than its exposure allows.";
        ExposureStays, "An expired lock is counted in exposures still.";
        ExposureOutlives, "Exposures do not begin anew when their currency closed.";
        LoseExposures, "A snapshot leaves out what providers took on.";
        UseQuoteTwice, "What is used of a quote stays on offer.";
        QuoteOutlives, "A quote is not taken away when its time is over.";
        NeverLooks, "What awaits a quote is never looked at again.";
        PaysWhenClosed, "An exchange settles into a currency that is closed.";
        ForgetFee, "An exchange costs no fee.";
        LockForAll, "Anybody uses a lock.";
        LockForMore, "A lock serves a payment of another amount.";
        LockNothing, "A lock sets nothing aside.";
        LoseRestore, "What an expired lock held is not on offer again.";
        LoseLocks, "A start from a snapshot forgets when locks end.";
        PlanBypasses, "What a plan names passes what stands before it.";
        PlanOverdraws, "A plan spends more than an account has.";
        PlanHalvesTrades, "A plan that names one side of a trade settles that alone.";
        PlanIgnoresHolds, "A plan settles for whoever is held.";
        PlanForgetsFees, "What settles by a plan is charged nothing.";
        LineBeyondCollateral, "A credit line is its limit, whatever the collateral.";
        PlanWakesNobody, "What a plan credits looks at nothing that waits.";
        TakesLateCustomers, "Customer instructions are taken up to the interbank cut-off.";
        LoseHours, "A start from a snapshot forgets the schedules.";
        StatementForgetsTrades, "A statement has what a trade paid, and not what it got.";
        SettlesBeforeDate, "A payment settles before its value date.";
        CloseEndsDated, "A close ends what is dated for a later day.";
        ForgetEnded, "What became of a proposal is forgotten.";
        ClosingShifted, "A statement closes one minor unit too high.";
        LoseStatements, "A start from a snapshot forgets how far statements go.";
        PaysInDefault, "A member whose default is declared pays still.";
        LiftsConfirmed, "A default that was confirmed is lifted.";
        KeepsDefaulted, "What waits in the queues of a defaulted member stays there.";
        SettlesWithoutPayIn, "A window settles though a net debtor has not paid in.";
        ForgetsObligation, "A window that settles leaves its last obligation out of the positions.";
    }

    /// Chooses a mutation for this thread, or none.
    pub fn choose(mutation: Option<Mutation>) {
        CHOSEN.set(mutation);
    }

    impl Mutation {
        /// True while it is chosen.
        pub fn is_chosen(self) -> bool {
            CHOSEN.get() == Some(self)
        }
    }
}
