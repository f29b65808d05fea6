//! The lifecycle of a payment: one table of state × event. Nothing changes the state of a payment past it.
use causeway_message::Status;

/// What happens to a payment that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Its turn came, and funds and limits let it through.
    Settle,
    /// The same for a conditional payment.
    SetAside,
    /// Its from-time or its value date came, or a hold ended: it joins its queue.
    Join,
    /// A hold ended before its from-time or its value date.
    Store,
    /// It is held, or its creditor is.
    Hold,
    /// Its submitter cancels it.
    Cancel,
    /// Its own time is over.
    Expire,
    /// Its creditor is suspended.
    Suspend,
    /// The authority that held it rejects it.
    Reject,
    /// Its currency closed.
    Close,
    /// Another record of its chain ended otherwise.
    BreakChain,
    /// All that was set aside is released.
    Release,
    /// What is set aside is given back before its time.
    GiveBack,
    /// The other party's instruction came.
    Match,
    /// Another instruction takes its place.
    Replace,
    /// It is withdrawn: by its submitter before it is matched, by both after.
    Withdraw,
    /// No quote covers it.
    Await,
    /// The lock that it names is no more.
    LoseLock,
    /// What was set aside serves what it was set aside for: a lock its payment, a pay-in its netting window.
    Use,
    /// The default of a party to it was confirmed.
    Default,
    /// The day that it is dated for does not come.
    LoseDate,
}

impl Event {
    /// All events.
    pub const ALL: [Event; 21] = [
        Self::Settle,
        Self::SetAside,
        Self::Join,
        Self::Store,
        Self::Hold,
        Self::Cancel,
        Self::Expire,
        Self::Suspend,
        Self::Reject,
        Self::Close,
        Self::BreakChain,
        Self::Release,
        Self::GiveBack,
        Self::Match,
        Self::Replace,
        Self::Withdraw,
        Self::Await,
        Self::LoseLock,
        Self::Use,
        Self::Default,
        Self::LoseDate,
    ];

    /// Its name, for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Settle => "settle",
            Self::SetAside => "set aside",
            Self::Join => "join",
            Self::Store => "store",
            Self::Hold => "hold",
            Self::Cancel => "cancel",
            Self::Expire => "expire",
            Self::Suspend => "suspend",
            Self::Reject => "reject",
            Self::Close => "close",
            Self::BreakChain => "break chain",
            Self::Release => "release",
            Self::GiveBack => "give back",
            Self::Match => "match",
            Self::Replace => "replace",
            Self::Withdraw => "withdraw",
            Self::Await => "await a quote",
            Self::LoseLock => "lose the lock",
            Self::Use => "use",
            Self::Default => "default",
            Self::LoseDate => "lose the day",
        }
    }
}

/// The state after an event that can happen in this state.
///
/// # Panics
/// If it cannot: the caller has not judged it, and the node must not go on.
pub(crate) fn step(state: Status, event: Event) -> Status {
    let after = next(state, event);
    assert!(after.is_some(), "the lifecycle has no such step");
    after.unwrap_or(state)
}

/// The state after an event; `None` if it cannot happen in this state.
pub const fn next(state: Status, event: Event) -> Option<Status> {
    use Status::{AwaitingQuote, Collected, Matched, Pending, Queued, SetAside, Unmatched, Warehoused};
    let after = match (state, event) {
        (Queued | Matched, Event::Settle) | (SetAside, Event::Release) => Status::Settled,
        (Queued, Event::SetAside) => SetAside,
        (Warehoused | Pending | AwaitingQuote | Collected, Event::Join) => Queued,
        (Queued | Warehoused | AwaitingQuote | Collected, Event::Hold) => Pending,
        (Queued | Warehoused | Pending | AwaitingQuote | Collected, Event::Cancel) => Status::Cancelled,
        (Queued | Warehoused | Pending | AwaitingQuote | SetAside | Unmatched | Matched, Event::Expire) => {
            Status::Expired
        }
        (Pending | AwaitingQuote, Event::Store) => Warehoused,
        (Queued | Warehoused | Pending | AwaitingQuote | Collected, Event::Suspend) => {
            Status::CreditorSuspended
        }
        (Pending, Event::Reject) => Status::RejectedByOrder,
        (Queued | Warehoused | Pending | AwaitingQuote | Unmatched | Matched | Collected, Event::Close) => {
            Status::RejectedClose
        }
        (Queued | Warehoused | Pending, Event::BreakChain) => Status::ChainFailed,
        (SetAside, Event::GiveBack) => Status::GivenBack,
        (Unmatched, Event::Match) => Matched,
        (Queued | Warehoused | Pending, Event::Await) => AwaitingQuote,
        (Queued | Warehoused | Pending | AwaitingQuote, Event::LoseLock) => Status::QuoteUnknown,
        (SetAside, Event::Use) => Status::Executed,
        (Warehoused | Pending | AwaitingQuote, Event::LoseDate) => Status::ValueDateClosed,
        (Unmatched, Event::Replace) => Status::Amended,
        (Unmatched | Matched, Event::Withdraw) => Status::Withdrawn,
        (
            Queued | Warehoused | Pending | AwaitingQuote | SetAside | Unmatched | Matched | Collected,
            Event::Default,
        ) => Status::Defaulted,
        _ => return None,
    };
    Some(after)
}
