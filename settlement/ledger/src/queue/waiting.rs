//! One payment that waits: where, for what, and in which list.
use causeway_message::record::{Instruction, Kind, Priority};
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, ParticipantId, Status};

use crate::account::NONE;

/// Where a payment waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seat {
    /// In its account's queue.
    Queued,
    /// For its from-time.
    Warehoused,
    /// For the end of a hold on it.
    Order,
    /// For the end of the hold on this participant, its creditor.
    Party(u32),
    /// One side of a trade: for the other party's.
    Unmatched,
    /// A side of a matched trade: for its value date.
    ValueDate,
    /// For a quote.
    Quote,
    /// For a netting window to settle.
    Window,
    /// For its value date, which lies ahead.
    Date,
}

impl Seat {
    /// True beside the queues because of a hold.
    pub const fn is_held(self) -> bool {
        matches!(self, Self::Order | Self::Party(_))
    }

    pub const fn status(self) -> Status {
        match self {
            Self::Queued => Status::Queued,
            Self::Warehoused | Self::Date => Status::Warehoused,
            Self::Order | Self::Party(_) => Status::Pending,
            Self::Unmatched => Status::Unmatched,
            Self::ValueDate => Status::Matched,
            Self::Quote => Status::AwaitingQuote,
            Self::Window => Status::Collected,
        }
    }
}

/// Entry and place of a record, by which things that came are ordered; of a chain, those of its first record.
pub(crate) type Origin = (u64, u16);

/// A payment that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub record: Instruction,
    pub extensions: Box<[u8]>,
    pub submitter: ParticipantId,
    pub entry: u64,
    pub ordinal: u16,
    pub debtor: u32,
    pub creditor: u32,
    pub class: Priority,
    pub seat: Seat,
    pub chain: Option<Origin>,
    /// Its submitter was told that it waited still at its till-time.
    pub reminded: bool,
    /// Of one side of a trade, when it came.
    pub since: Timestamp,
    /// Where it stands in its list: before all with a higher one. Given anew by every start.
    pub rank: i64,
    pub(super) next: u32,
    pub(super) prev: u32,
}

impl Waiting {
    pub fn new(
        record: &Instruction,
        extensions: &[u8],
        submitter: ParticipantId,
        origin: Origin,
        accounts: (u32, u32),
    ) -> Self {
        Self {
            record: *record,
            extensions: extensions.into(),
            submitter,
            entry: origin.0,
            ordinal: origin.1,
            debtor: accounts.0,
            creditor: accounts.1,
            class: Priority::from_number(record.priority).unwrap_or(Priority::Normal),
            seat: Seat::Queued,
            chain: None,
            reminded: false,
            since: Timestamp(0),
            rank: 0,
            next: NONE,
            prev: NONE,
        }
    }

    /// The same at another seat.
    pub const fn seated(mut self, seat: Seat) -> Self {
        self.seat = seat;
        self
    }

    /// The same as a part of a chain.
    pub const fn chained(mut self, chain: Origin) -> Self {
        self.chain = Some(chain);
        self
    }

    pub const fn origin(&self) -> Origin {
        (self.entry, self.ordinal)
    }

    pub const fn amount(&self) -> u64 {
        self.record.amount.get()
    }

    pub fn is_conditional(&self) -> bool {
        self.record.kind == Kind::Conditional as u8
    }

    /// True for one side of a trade.
    pub const fn is_trade(&self) -> bool {
        self.record.kind == Kind::Pvp as u8
    }

    /// True for a payment that arrives in another currency.
    pub const fn is_fx(&self) -> bool {
        self.record.kind == Kind::FxPayment as u8
    }

    /// The netting window that an obligation names.
    pub const fn window(&self) -> InstructionId {
        InstructionId(self.record.related)
    }

    /// What its creditor can count on when it settles: of an FX payment the least that arrives.
    pub const fn expected(&self) -> u64 {
        if self.is_fx() {
            self.record.counter_amount.get()
        } else {
            self.record.amount.get()
        }
    }

    /// Its status where it waits.
    pub fn status(&self) -> Status {
        match self.seat {
            Seat::Queued if self.is_trade() => Status::Matched,
            seat => seat.status(),
        }
    }

    /// What stands behind it in its list.
    pub const fn following(&self) -> u32 {
        self.next
    }
}
