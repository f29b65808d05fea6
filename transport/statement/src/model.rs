//! What a statement says, and that it comes to what it says.
use causeway_fx::{Currency, format_minor};
use causeway_message::ParticipantId;
use causeway_message::posting::{Account, kind_name};
use causeway_message::time::{Timestamp, civil};
use causeway_message::wire::{StatementLine, StatementLines};

/// Whose statement it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The account, or the liability.
    pub account: Account,
    /// Name of its holder.
    pub name: String,
}

/// One posting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// As the node told it.
    pub told: StatementLine,
    /// Balance behind it, in minor units.
    pub balance: i128,
    /// Name of who was at the other end.
    pub counterparty: String,
    /// Reference of the central bank's payment, of a funding or a pay-out; empty otherwise.
    pub reference: String,
}

impl Line {
    /// Name of its kind.
    pub fn kind(&self) -> &'static str {
        kind_name(self.told.posting.kind)
    }

    /// UETR in its usual form; empty where there is none.
    pub fn uetr(&self) -> String {
        let uetr = self.told.posting.uetr;
        if uetr.0 == [0; 16] {
            String::new()
        } else {
            uetr.to_string()
        }
    }

    /// Id of the instruction or proposal in hexadecimal digits; empty where there is none.
    pub fn id(&self) -> String {
        let id = self.told.posting.id;
        if id.0 == [0; 16] {
            String::new()
        } else {
            id.to_string()
        }
    }
}

/// A statement of a day that ended, or a report of the running one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Whose.
    pub holder: Holder,
    /// Currency of the account.
    pub currency: &'static Currency,
    /// It is a report of the running day.
    pub running: bool,
    /// Business date in days since 2000-01-01; zero before the first day.
    pub date: u16,
    /// Balance before the first line, in minor units.
    pub opening: i128,
    /// Balance behind the last line.
    pub closing: i128,
    /// Log index after which the lines begin.
    pub from: u64,
    /// Log index of the last entry that counts.
    pub to: u64,
    /// When `from` was sequenced; zero at the beginning of the log.
    pub from_time: Timestamp,
    /// When `to` was sequenced.
    pub to_time: Timestamp,
    /// Log index of the entry that told the statement, or of a report the statement before; zero if there is none.
    pub told: u64,
    /// Number of that event in the holder's feed.
    pub event: u64,
    /// The oldest first.
    pub lines: Vec<Line>,
}

/// Why lines are no statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// Opening and lines do not come to closing.
    #[error("{lines} lines lead from {opening} to {sum}, and the closing balance is {closing} (minor units)")]
    Sum {
        /// Opening balance.
        opening: i128,
        /// What opening and lines come to.
        sum: i128,
        /// Closing balance.
        closing: i128,
        /// How many lines.
        lines: usize,
    },
    /// A line stands outside the entries that the statement covers.
    #[error("a line of log entry {entry} is outside the entries after {from} up to {to}")]
    Outside {
        /// Its entry.
        entry: u64,
        /// Log index after which the lines begin.
        from: u64,
        /// Log index of the last entry that counts.
        to: u64,
    },
    /// A line stands there twice, or not in order.
    #[error("event {event}, ordinal {ordinal}: stands there twice, or out of order")]
    Order {
        /// Event of the line.
        event: u64,
        /// Ordinal of the line.
        ordinal: u32,
    },
    /// A line moves nothing, or balances are beyond what can be added.
    #[error("event {event}: its amount cannot be")]
    Amount {
        /// Event of the line.
        event: u64,
    },
    /// Something is still to come.
    #[error("lines are missing: the pages did not come to an end")]
    Unfinished,
    /// The currency is none.
    #[error("currency {0}: is not an ISO 4217 numeric code")]
    Currency(u16),
}

/// Holds all lines of a statement, the newest first, to its balances.
///
/// # Errors
/// What does not hold.
pub fn check(whole: &StatementLines) -> Result<(), StatementError> {
    if whole.next != (0, 0) {
        return Err(StatementError::Unfinished);
    }
    let mut later = (u64::MAX, u32::MAX);
    let mut sum = whole.opening;
    for line in &whole.lines {
        let (event, ordinal) = line.place();
        if (event, ordinal) >= later {
            return Err(StatementError::Order { event, ordinal });
        }
        later = (event, ordinal);
        if line.entry <= whole.from || line.entry > whole.to {
            return Err(StatementError::Outside {
                entry: line.entry,
                from: whole.from,
                to: whole.to,
            });
        }
        let next = sum.checked_add(line.posting.signed());
        sum = next
            .filter(|_| line.posting.amount != 0)
            .ok_or(StatementError::Amount { event })?;
    }
    if sum != whole.closing {
        return Err(StatementError::Sum {
            opening: whole.opening,
            sum,
            closing: whole.closing,
            lines: whole.lines.len(),
        });
    }
    Ok(())
}

impl Statement {
    /// From all that the node told, the newest line first.
    ///
    /// `name` says who a participant is, `reference` under which reference of the central bank a line was paid, if any.
    ///
    /// # Errors
    /// If lines and balances do not hold together.
    pub fn new(
        account: Account,
        running: bool,
        whole: &StatementLines,
        name: impl Fn(ParticipantId) -> String,
        reference: impl Fn(&StatementLine) -> Option<String>,
    ) -> Result<Self, StatementError> {
        check(whole)?;
        let currency =
            Currency::from_numeric(account.currency).ok_or(StatementError::Currency(account.currency))?;
        let mut balance = whole.opening;
        let lines = whole.lines.iter().rev().map(|told| {
            balance += told.posting.signed();
            Line {
                told: *told,
                balance,
                counterparty: name(told.posting.counterparty),
                reference: reference(told).unwrap_or_default(),
            }
        });
        Ok(Self {
            lines: lines.collect(),
            holder: Holder {
                account,
                name: name(account.participant),
            },
            currency,
            running,
            date: whole.date,
            opening: whole.opening,
            closing: whole.closing,
            from: whole.from,
            to: whole.to,
            from_time: whole.from_time,
            to_time: whole.to_time,
            told: whole.told,
            event: whole.event,
        })
    }

    /// An amount of the account's currency, exact.
    pub fn money(&self, minor: i128) -> String {
        format_minor(minor, self.currency.minor_units)
    }

    /// The date under which an instant is booked: the business date; before the first day that of the instant in UTC.
    pub fn day(&self, time: Timestamp) -> String {
        let days = if self.date == 0 {
            time.days()
        } else {
            self.date.into()
        };
        let (year, month, day) = civil(days);
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// When the lines begin: at the beginning of the log, with the first line.
    pub fn begins(&self) -> Timestamp {
        if self.from == 0 {
            self.lines.first().map_or(self.to_time, |line| line.told.time)
        } else {
            self.from_time
        }
    }

    /// Its name among all statements of the ledger: of a report also up to where it goes.
    pub fn id(&self) -> String {
        let book = if self.holder.account.liability { "L" } else { "" };
        let up_to = if self.running {
            format!("-{}", self.to)
        } else {
            String::new()
        };
        let day = self.day(self.to_time).replace('-', "");
        let (code, whose) = (self.currency.alpha(), self.holder.account.participant);
        format!("{code}{day}-{whose}{book}{up_to}")
    }
}
