//! What is wrong with a case, and where in which file.
use std::fmt;

use crate::limits::{
    CASE_ACCOUNTS_MAX, CASE_LEGS_MAX, CASE_MONEY_MAX, CASE_WEIGHT_MAX, CSV_LINE_BYTES_MAX, TRADE_LEGS_MAX,
};

/// Why accounts, limits or items do not make a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CaseError {
    /// Too many accounts.
    #[error("more than {CASE_ACCOUNTS_MAX} accounts")]
    TooManyAccounts,
    /// Too many payments and legs of trades.
    #[error("more than {CASE_LEGS_MAX} payments and legs of trades")]
    TooManyLegs,
    /// An item with more legs than a trade may have.
    #[error("a trade of more than {TRADE_LEGS_MAX} legs")]
    TooManyTradeLegs,
    /// An item that moves nothing.
    #[error("an item without legs")]
    NoLegs,
    /// An account number that was not given out.
    #[error("account {0} is unknown")]
    AccountUnknown(u32),
    /// A second account of one participant in one currency.
    #[error("participant {participant} has an account in currency {currency} already")]
    AccountTwice {
        /// Number of the participant.
        participant: u32,
        /// Number of the currency.
        currency: u16,
    },
    /// A balance, limit or room outside ± [`CASE_MONEY_MAX`].
    #[error("beyond {CASE_MONEY_MAX} minor units")]
    MoneyTooLarge,
    /// A limit below zero.
    #[error("a limit below zero")]
    LimitNegative,
    /// A leg of nothing.
    #[error("an amount of zero")]
    AmountZero,
    /// A leg from an account to itself.
    #[error("debtor and creditor are the same")]
    SameParty,
    /// A leg between accounts of different currencies.
    #[error("accounts of different currencies")]
    CurrenciesDiffer,
    /// Two sender limits of an account against the same.
    #[error("account {0} has this sender limit already")]
    LimitTwice(u32),
    /// A sender limit of an account against its own holder.
    #[error("account {0} has a sender limit against its own holder")]
    LimitAgainstSelf(u32),
    /// A weight of a currency that is 0 or too large.
    #[error("a weight outside 1 to {CASE_WEIGHT_MAX}")]
    WeightInvalid,
}

/// What is wrong with a line of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// The first line is not the header.
    #[error("expected the header `{0}`")]
    Header(&'static str),
    /// The file is not UTF-8 here.
    #[error("not UTF-8")]
    Encoding,
    /// The line is too long.
    #[error("longer than {CSV_LINE_BYTES_MAX} bytes")]
    LineTooLong,
    /// A quote where none may stand.
    #[error("a stray quote: a field is quoted whole, and a quote in it doubled")]
    StrayQuote,
    /// A quoted field without its end.
    #[error("a quoted field that does not end")]
    OpenQuote,
    /// Another number of fields than the header has.
    #[error("{found} fields, not {expected}")]
    Fields {
        /// As in the header.
        expected: usize,
        /// On this line.
        found: usize,
    },
    /// A field that must say something is empty.
    #[error("empty")]
    Empty,
    /// A name with a control character, such as a tab or the end of a line.
    #[error("has a control character")]
    ControlCharacter,
    /// A name that begins or ends with white space.
    #[error("begins or ends with a space")]
    OuterSpace,
    /// Not a whole number.
    #[error("`{0}` is not a whole number of minor units")]
    NotANumber(String),
    /// A number below zero.
    #[error("`{0}` is below zero")]
    Negative(String),
    /// A number that is too large.
    #[error("`{0}` is too large")]
    Overflow(String),
    /// The same id on an earlier line.
    #[error("`{id}` stands on line {first} already")]
    Duplicate {
        /// The id, or participant and currency.
        id: String,
        /// Line on which it stands first.
        first: u64,
    },
    /// A participant that is not on the roster.
    #[error("participant `{0}` is unknown")]
    ParticipantUnknown(String),
    /// A priority that is none.
    #[error("`{0}` is none of urgent, high, normal")]
    PriorityUnknown(String),
    /// Not a time of day.
    #[error("`{0}` is no time of day: HH:MM:SS, with up to three digits of a second behind a point")]
    NotATime(String),
    /// A row that arrives before the one above it.
    #[error("{time} is before {above}, the time of the row above")]
    TimeFalls {
        /// Its time.
        time: String,
        /// That of the row above.
        above: String,
    },
    /// Rows of a trade that arrive at different times.
    #[error("the rows of trade `{trade}` have one time, that of line {first}")]
    TradeTimes {
        /// Name of the trade.
        trade: String,
        /// Line of its first row.
        first: u64,
    },
    /// A trade in which somebody only pays or only gets.
    #[error("half a trade: in `{trade}` {participant} only pays or only gets")]
    HalfTrade {
        /// Name of the trade.
        trade: String,
        /// Name of the participant.
        participant: String,
    },
    /// Too many currencies.
    #[error("more than {} currencies", u16::MAX)]
    TooManyCurrencies,
    /// A rule of the case itself.
    #[error(transparent)]
    Case(CaseError),
}

/// Where a file is wrong. Lines and columns count from 1; column 0 is the line as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// What the caller calls the file.
    pub file: String,
    /// Line on which the row begins.
    pub line: u64,
    /// Column of the header, from 1.
    pub column: usize,
    /// Name of that column; empty for the line as a whole.
    pub field: &'static str,
    /// The rule that is broken.
    pub wrong: Wrong,
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: line {}", self.file, self.line)?;
        if self.column > 0 {
            write!(f, ", column {}", self.column)?;
        }
        if !self.field.is_empty() {
            write!(f, " ({})", self.field)?;
        }
        write!(f, ": {}", self.wrong)
    }
}

impl std::error::Error for FileError {}
