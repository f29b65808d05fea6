//! What must come of a batch: kept between its sending and its answers, one short line a record where that is needed.
use causeway_message::Status;
use causeway_message::answer::Answer;

use crate::world::PLACES;

/// What an answer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expects {
    /// Settled, now.
    Settles,
    /// Any outcome of a payment.
    Outcome,
    /// What became of the same record before.
    Again,
    /// That the id was used for another record.
    Reused,
    /// A side of a trade: unmatched, or settled with the other side.
    Trade,
    /// A payment with a conversion.
    Exchange,
}

/// What a record moves if it settles at once, and what is expected of it.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// Minor units.
    pub amount: u64,
    /// Place of the currency.
    pub place: u8,
    /// What the answer may be.
    pub expects: Expects,
}

impl Line {
    /// A line.
    pub const fn new(place: usize, amount: u64, expects: Expects) -> Self {
        Self {
            amount,
            place: place as u8,
            expects,
        }
    }

    /// Minor units that the submitter has paid by this answer; none if it may not be this answer. What trades and
    /// exchanges move, the feed tells.
    pub fn paid(&self, answer: &Answer) -> Option<u64> {
        let status = answer.status()?;
        let first = answer.is_first();
        let settled = first && status == Status::Settled;
        let may = match self.expects {
            Expects::Settles => settled,
            Expects::Outcome => settled || first && (status == Status::Queued || loses(status)),
            Expects::Again => !first,
            Expects::Reused => status == Status::IdReused,
            Expects::Trade => {
                settled || first && (matches!(status, Status::Unmatched | Status::Matched) || loses(status))
            }
            Expects::Exchange => {
                settled
                    || first && (matches!(status, Status::Queued | Status::AwaitingQuote) || loses(status))
            }
        };
        may.then_some(if settled { self.amount } else { 0 })
    }
}

/// Rejections that a scenario may lead to: by its days, its liquidity, its quotes and what stands unmatched.
const fn loses(status: Status) -> bool {
    matches!(
        status,
        Status::RejectedCutOff
            | Status::ValueDateClosed
            | Status::InsufficientLiquidity
            | Status::QueueFull
            | Status::ChainFailed
            | Status::NoQuote
            | Status::TooManyUnmatched
    )
}

/// What was drawn for the records of a batch beside plain payments, where answers do not tell.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// Sent again whole, in another batch.
    pub repeated: u64,
    /// Sides of trades.
    pub trades: u64,
    /// Payments with a conversion.
    pub exchanges: u64,
    /// Records of chains.
    pub linked: u64,
}

impl Drawn {
    /// Adds another.
    pub const fn add(&mut self, other: &Self) {
        self.repeated += other.repeated;
        self.trades += other.trades;
        self.exchanges += other.exchanges;
        self.linked += other.linked;
    }
}

/// What must come of a batch.
#[derive(Debug, Default, Clone)]
pub struct Due {
    /// Records.
    pub count: usize,
    /// What those that must settle come to, by place of the currency.
    pub sums: [i128; PLACES],
    /// One for each record; none if all must settle.
    pub lines: Vec<Line>,
    /// What was drawn for them.
    pub drawn: Drawn,
}

impl Due {
    /// Empties it, and keeps its memory.
    pub fn clear(&mut self) {
        self.count = 0;
        self.sums = [0; PLACES];
        self.lines.clear();
        self.drawn = Drawn::default();
    }

    /// One more that must settle, in a batch of only such.
    #[inline]
    pub fn settles(&mut self, place: usize, amount: u64) {
        self.count += 1;
        self.sums[place] += i128::from(amount);
    }

    /// One more.
    pub fn line(&mut self, line: Line) {
        self.count += 1;
        self.lines.push(line);
    }

    /// So many that expect the same and move nothing.
    pub fn all(&mut self, count: usize, expects: Expects) {
        self.count = count;
        self.lines.resize(count, Line::new(0, 0, expects));
    }
}
