//! What is at stake with one member, and with whom: asked when it is in default, or may be.
use crate::action::DefaultState;
use crate::codec::{Put, Reader, within};
use crate::frame::{self, Template};
use crate::{FormatError, ParticipantId};

/// Asks for the exposure of a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExposureQuery {
    /// Whose.
    pub participant: ParticipantId,
    /// ISO 4217 numeric code; zero for all.
    pub currency: u16,
    /// [Key](StakeLine::key) from which on lines are wanted; zero for all.
    pub first: u64,
}

impl ExposureQuery {
    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let mut out = frame::start(Template::ExposureQuery, 16);
        out.put_u32(self.participant.0)
            .put_u16(self.currency)
            .put_u16(0)
            .put_u64(self.first);
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let participant = ParticipantId(r.u32("exposure.participant")?);
        let currency = r.u16("exposure.currency")?;
        r.zeros(2, "exposure.reserved")?;
        let first = r.u64("exposure.first")?;
        r.end("exposure")?;
        Ok(Self {
            participant,
            currency,
            first,
        })
    }
}

/// One account of the participant. Minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StakeAccount {
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// What it holds; below zero what it owes.
    pub balance: i128,
    /// Money set aside.
    pub set_aside: i128,
    /// What limit and collateral give of credit.
    pub line: u64,
    /// What counts of the collateral.
    pub collateral: i128,
    /// Fees that have accrued and are not billed.
    pub fees: u64,
}

/// One pair in which the participant may quote. Minor units of base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StakeQuotes {
    /// ISO 4217 numeric code.
    pub base: u16,
    /// ISO 4217 numeric code.
    pub counter: u16,
    /// Live quotes.
    pub quotes: u32,
    /// What is left of them.
    pub left: i128,
    /// Bought less sold since base last closed.
    pub net: i128,
}

/// What connects the participant with a counterparty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Stake {
    /// Payments of the participant that wait, in a queue or beside it.
    QueuedOut = 0,
    /// Payments to it that wait.
    QueuedIn = 1,
    /// What it pays in trades that wait, matched or not.
    TradesPay = 2,
    /// What it gets in them.
    TradesGet = 3,
    /// Conditional payments of it that are set aside.
    ConditionalOut = 4,
    /// Those to it.
    ConditionalIn = 5,
    /// What it keeps as a provider in locks of the other.
    LocksOut = 6,
    /// What the other keeps in locks of it.
    LocksIn = 7,
    /// Payments of it about whose return it asks.
    QuestionsOut = 8,
    /// Payments to it about whose return the other asks.
    QuestionsIn = 9,
}

impl Stake {
    /// All, in the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::QueuedOut,
        Self::QueuedIn,
        Self::TradesPay,
        Self::TradesGet,
        Self::ConditionalOut,
        Self::ConditionalIn,
        Self::LocksOut,
        Self::LocksIn,
        Self::QuestionsOut,
        Self::QuestionsIn,
    ];

    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::QueuedOut => "queued_out",
            Self::QueuedIn => "queued_in",
            Self::TradesPay => "trades_pay",
            Self::TradesGet => "trades_get",
            Self::ConditionalOut => "conditional_out",
            Self::ConditionalIn => "conditional_in",
            Self::LocksOut => "locks_out",
            Self::LocksIn => "locks_in",
            Self::QuestionsOut => "questions_out",
            Self::QuestionsIn => "questions_in",
        }
    }
}

/// Everything between the participant and one counterparty in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StakeLine {
    /// The counterparty.
    pub counterparty: ParticipantId,
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// How many, by number of the [`Stake`].
    pub counts: [u32; 10],
    /// How much, in minor units, by number of the [`Stake`].
    pub amounts: [i128; 10],
}

impl StakeLine {
    /// By what lines rise, and pages go on: counterparty and currency.
    pub fn key(&self) -> u64 {
        u64::from(self.counterparty.0) << 16 | u64::from(self.currency)
    }
}

const ACCOUNT_BYTES: usize = 72;
const QUOTES_BYTES: usize = 40;
const LINE_BYTES: usize = 208;

/// The exposure of a participant at one position of the log, its lines from one place on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// Log index after which it stands.
    pub index: u64,
    /// Place to ask for next; zero at the end.
    pub next: u64,
    /// Whose.
    pub participant: ParticipantId,
    /// Whether it is in default.
    pub state: DefaultState,
    /// In the order of their currencies' opening.
    pub accounts: Vec<StakeAccount>,
    /// By base, then by counter.
    pub quotes: Vec<StakeQuotes>,
    /// By counterparty, then by currency.
    pub lines: Vec<StakeLine>,
}

impl Exposure {
    /// Most lines in one message.
    pub const LINES_MAX: usize = 1_000;
    /// Most pairs in one message.
    pub const QUOTES_MAX: usize = 10_000;

    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let mut out = frame::start(Template::Exposure, 64 + self.lines.len() * LINE_BYTES);
        out.put_u64(self.index)
            .put_u64(self.next)
            .put_u32(self.participant.0)
            .put_u8(self.state as u8)
            .put(&[0; 3]);
        frame::put_group(&mut out, ACCOUNT_BYTES, self.accounts.len());
        for own in &self.accounts {
            out.put_u16(own.currency).put(&[0; 6]);
            out.put_i128(own.balance).put_i128(own.set_aside);
            out.put_u64(own.line).put_i128(own.collateral).put_u64(own.fees);
        }
        frame::put_group(&mut out, QUOTES_BYTES, self.quotes.len());
        for own in &self.quotes {
            out.put_u16(own.base).put_u16(own.counter).put_u32(own.quotes);
            out.put_i128(own.left).put_i128(own.net);
        }
        frame::put_group(&mut out, LINE_BYTES, self.lines.len());
        for line in &self.lines {
            out.put_u32(line.counterparty.0).put_u16(line.currency).put_u16(0);
            line.counts.iter().for_each(|count| {
                out.put_u32(*count);
            });
            line.amounts.iter().for_each(|amount| {
                out.put_i128(*amount);
            });
        }
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let (index, next) = (r.u64("exposure.index")?, r.u64("exposure.next")?);
        let participant = ParticipantId(r.u32("exposure.participant")?);
        let state = DefaultState::from_number(r.u8("exposure.state")?)
            .ok_or(FormatError::rule("exposure.state", "no such state"))?;
        r.zeros(3, "exposure.reserved")?;
        let count = frame::group(&mut r, ACCOUNT_BYTES, "exposure.accounts")?;
        let accounts = (0..count)
            .map(|_| read_account(&mut r))
            .collect::<Result<_, FormatError>>()?;
        let count = frame::group(&mut r, QUOTES_BYTES, "exposure.quotes")?;
        within(count, Self::QUOTES_MAX, "exposure.quotes")?;
        let quotes = (0..count)
            .map(|_| {
                Ok(StakeQuotes {
                    base: r.u16("quotes.base")?,
                    counter: r.u16("quotes.counter")?,
                    quotes: r.u32("quotes.count")?,
                    left: r.i128("quotes.left")?,
                    net: r.i128("quotes.net")?,
                })
            })
            .collect::<Result<_, FormatError>>()?;
        let count = frame::group(&mut r, LINE_BYTES, "exposure.lines")?;
        within(count, Self::LINES_MAX, "exposure.lines")?;
        let lines = (0..count)
            .map(|_| read_line(&mut r))
            .collect::<Result<_, FormatError>>()?;
        r.end("exposure")?;
        Ok(Self {
            index,
            next,
            participant,
            state,
            accounts,
            quotes,
            lines,
        })
    }
}

fn read_account(r: &mut Reader<'_>) -> Result<StakeAccount, FormatError> {
    let currency = r.u16("account.currency")?;
    r.zeros(6, "account.reserved")?;
    Ok(StakeAccount {
        currency,
        balance: r.i128("account.balance")?,
        set_aside: r.i128("account.set_aside")?,
        line: r.u64("account.line")?,
        collateral: r.i128("account.collateral")?,
        fees: r.u64("account.fees")?,
    })
}

fn read_line(r: &mut Reader<'_>) -> Result<StakeLine, FormatError> {
    let (counterparty, currency) = (r.u32("line.counterparty")?, r.u16("line.currency")?);
    r.zeros(2, "line.reserved")?;
    let mut line = StakeLine {
        counterparty: ParticipantId(counterparty),
        currency,
        counts: [0; 10],
        amounts: [0; 10],
    };
    for count in &mut line.counts {
        *count = r.u32("line.count")?;
    }
    for amount in &mut line.amounts {
        *amount = r.i128("line.amount")?;
    }
    Ok(line)
}
