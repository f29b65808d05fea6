//! Which statuses each version of the rules has.
use causeway_message::Status;

/// Statuses among the first numbers that only version 2 of the rules gives.
const OF_SECOND: [Status; 12] = [
    Status::SetAside,
    Status::Pending,
    Status::CancellationPending,
    Status::Warehoused,
    Status::ChainInvalid,
    Status::RejectedCutOff,
    Status::RejectedClose,
    Status::DuplicateSuspected,
    Status::ChainFailed,
    Status::Cancelled,
    Status::GivenBack,
    Status::NotHeld,
];

/// True if version 1 of the rules gives this status.
pub fn is_of_first(status: Status) -> bool {
    (status as u8) < 56 && !OF_SECOND.contains(&status) && !is_of_third(status)
}

/// True if version 3 of the rules gives this status first.
pub fn is_of_third(status: Status) -> bool {
    let number = status as u8;
    let since = (Status::Unmatched as u8..=Status::ExposureInvalid as u8).contains(&number);
    number == Status::ValuationInvalid as u8 || since || is_of_exchange(status)
}

/// True if only quotes, locks and FX payments lead to this status.
pub fn is_of_exchange(status: Status) -> bool {
    matches!(
        status,
        Status::AwaitingQuote
            | Status::QuoteUnknown
            | Status::QuoteMismatch
            | Status::NoQuote
            | Status::ExposureInvalid
    )
}

/// True if version 4 of the rules gives this status first.
pub fn is_of_fourth(status: Status) -> bool {
    status as u8 > Status::ExposureInvalid as u8
}
