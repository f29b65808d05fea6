//! Why a payment waits, in one flat enum with fixed numbers.
use crate::numbered::numbered;

numbered! {
    /// Why an instruction waits. Numbers are never used again.
    Reason: u16 {
        Nothing = 1, "nothing", "It does not wait: its status is final.";
        QueueHead = 2, "queue_head", "Another payment stands before it in the queue.";
        Funds = 3, "funds", "Balance and cap do not cover it.";
        Reserved = 4, "reserved_for_higher_class", "The funds are there, but kept for payments of a higher class.";
        BilateralLimit = 5, "bilateral_limit", "The sender limit against its creditor stands in the way.";
        MultilateralLimit = 6, "multilateral_limit", "The sender limit against all others stands in the way.";
        Chain = 7, "chain", "A record of its chain stands in the way.";
        FromTime = 8, "warehoused", "Its from-time has not come.";
        Pending = 9, "pending", "Waits for a decision outside the queue.";
        DebtorSuspended = 10, "debtor_suspended", "The debtor is suspended, or in default.";
        CurrencyClosed = 11, "currency_closed", "The currency is closed.";
        Condition = 12, "condition", "The money is set aside; the condition is not met.";
        Answer = 13, "answer", "The creditor's bank has not answered.";
        Turn = 14, "turn", "Nothing stands in the way: its turn comes.";
        PaymentHeld = 15, "payment_held", "An order holds the payment.";
        ParticipantHeld = 16, "participant_held", "An order holds a participant, or its default is declared.";
        Approval = 17, "approval", "A second person has not approved it.";
        Unmatched = 18, "unmatched", "The other party has not sent its instruction.";
        ValueDate = 19, "value_date", "Its value date has not come.";
        Counterparty = 20, "counterparty", "The other leg of the trade cannot settle.";
        NetPositiveValue = 21, "net_positive_value", "After it, the positions of a party under risk tests would be worth less than zero.";
        ShortPosition = 22, "short_position", "After it, a party under risk tests would be shorter in a currency than its limit allows.";
        AggregateShortPosition = 23, "aggregate_short_position", "After it, all short positions of a party under risk tests would be more than its limit allows.";
        PayIn = 24, "pay_in", "A party under risk tests has missed a pay-in deadline.";
        Quote = 25, "quote", "No firm quote covers it within its limit, or the other currency is not open.";
        Lock = 26, "lock", "The providers' money is set aside; the payment has not come.";
        Gridlock = 27, "gridlock", "It and others wait for each other: together they would settle, alone none does.";
        CreditFrozen = 28, "credit_frozen", "The credit line would cover it, but was not repaid when the currency closed.";
        Window = 29, "window", "A netting window has it until it settles or fails.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lead_back_and_names_are_unique() {
        for (at, reason) in Reason::ALL.iter().enumerate() {
            assert_eq!(Reason::from_number(*reason as u16), Some(*reason));
            assert_eq!(*reason as usize, at + 1);
            let later = Reason::ALL.iter().skip(at + 1);
            assert!(later.into_iter().all(|other| other.name() != reason.name()));
        }
        assert_eq!(Reason::from_number(0), None);
    }
}
