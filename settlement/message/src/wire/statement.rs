//! What moved on one account in one business day, or so far in the running one.
use crate::codec::{Put, Reader, within};
use crate::frame::{self, Template};
use crate::posting::{Account, Posting, Side};
use crate::time::Timestamp;
use crate::{FormatError, InstructionId, ParticipantId, Uetr};

/// Asks for the lines of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementQuery {
    /// Whose account, in which currency; or the liability of a settlement agent.
    pub account: Account,
    /// Business date in days since 2000-01-01; zero for the running day.
    pub date: u16,
    /// Event and ordinal before which the lines are wanted; zeros for the newest.
    pub before: (u64, u32),
    /// Log index of an entry that told a statement of the account, of this date or a later one: where to begin to look
    /// for it. Zero for the newest.
    pub told: u64,
}

const LIABILITY: u8 = 1;

impl StatementQuery {
    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let mut out = frame::start(Template::StatementQuery, 32);
        out.put_u16(self.account.currency)
            .put_u16(self.date)
            .put_u32(self.account.participant.0)
            .put_u64(self.before.0)
            .put_u32(self.before.1)
            .put_u8(if self.account.liability { LIABILITY } else { 0 })
            .put(&[0; 3])
            .put_u64(self.told);
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let (currency, date) = (r.u16("statement.currency")?, r.u16("statement.date")?);
        let participant = ParticipantId(r.u32("statement.participant")?);
        let before = (r.u64("statement.before")?, r.u32("statement.before_ordinal")?);
        let liability = match r.u8("statement.book")? {
            0 => false,
            LIABILITY => true,
            _ => return Err(FormatError::rule("statement.book", "must be 0 or 1")),
        };
        if before.0 == 0 && before.1 != 0 {
            return Err(FormatError::rule(
                "statement.before_ordinal",
                "must be 0 without an event",
            ));
        }
        r.zeros(3, "statement.reserved")?;
        let told = r.u64("statement.told")?;
        r.end("statement")?;
        Ok(Self {
            account: Account {
                participant,
                currency,
                liability,
            },
            date,
            before,
            told,
        })
    }
}

/// One posting of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementLine {
    /// Log index of the entry that moved it.
    pub entry: u64,
    /// When that entry was sequenced.
    pub time: Timestamp,
    /// Number of the event in the participant's feed that tells of it.
    pub event: u64,
    /// What moved.
    pub posting: Posting,
}

impl StatementLine {
    /// What tells one line of an account from all others, in the order in which they stand.
    pub const fn place(&self) -> (u64, u32) {
        (self.event, self.posting.origin.1 as u32)
    }
}

/// Bytes of a line.
const LINE_BYTES: usize = 96;

/// Lines of one account, the newest first, and the balances that they lie between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLines {
    /// Log index up to which nothing was passed over.
    pub index: u64,
    /// What to say as `before` to go on; zeros where all was told.
    pub next: (u64, u32),
    /// Balance before the first line, in minor units.
    pub opening: i128,
    /// Balance after the last line.
    pub closing: i128,
    /// Log index after which the lines begin.
    pub from: u64,
    /// Log index of the last entry that counts.
    pub to: u64,
    /// When `from` was sequenced; zero at the beginning of the log.
    pub from_time: Timestamp,
    /// When `to` was sequenced.
    pub to_time: Timestamp,
    /// Log index of the entry that told the statement: that of the day; of the running day the one before it. Zero
    /// if there is none.
    pub told: u64,
    /// Number of that event in the participant's feed.
    pub event: u64,
    /// Business date in days since 2000-01-01; zero before the first day.
    pub date: u16,
    /// The lines.
    pub lines: Vec<StatementLine>,
}

impl StatementLines {
    /// Most lines in one message.
    pub const LINES_MAX: usize = 4_096;

    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let room = self.lines.len() * LINE_BYTES;
        let mut out = frame::start(Template::StatementLines, 112 + room);
        out.put_u64(self.index)
            .put_u64(self.next.0)
            .put_i128(self.opening)
            .put_i128(self.closing)
            .put_u64(self.from)
            .put_u64(self.to)
            .put_u64(self.from_time.0)
            .put_u64(self.to_time.0)
            .put_u64(self.told)
            .put_u64(self.event)
            .put_u32(self.next.1)
            .put_u16(self.date)
            .put_u16(0);
        frame::put_group(&mut out, LINE_BYTES, self.lines.len());
        for line in &self.lines {
            let posting = &line.posting;
            out.put_u64(line.entry)
                .put_u64(line.time.0)
                .put_u64(line.event)
                .put_u64(posting.amount)
                .put_u64(posting.origin.0)
                .put(&posting.id.0)
                .put(&posting.uetr.0)
                .put_u32(posting.counterparty.0)
                .put_u16(posting.origin.1)
                .put_u8(posting.side as u8)
                .put_u8(posting.kind)
                .put(&[0; 16]);
        }
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let (index, next) = (r.u64("statement.index")?, r.u64("statement.next")?);
        let (opening, closing) = (r.i128("statement.opening")?, r.i128("statement.closing")?);
        let (from, to) = (r.u64("statement.from")?, r.u64("statement.to")?);
        let from_time = Timestamp(r.u64("statement.from_time")?);
        let to_time = Timestamp(r.u64("statement.to_time")?);
        let (told, event) = (r.u64("statement.told")?, r.u64("statement.event")?);
        let next = (next, r.u32("statement.next_ordinal")?);
        let date = r.u16("statement.date")?;
        r.zeros(2, "statement.reserved")?;
        let count = frame::group(&mut r, LINE_BYTES, "statement.lines")?;
        within(count, Self::LINES_MAX, "statement.lines")?;
        let lines = (0..count)
            .map(|_| StatementLine::read(&mut r))
            .collect::<Result<_, FormatError>>()?;
        r.end("statement")?;
        Ok(Self {
            index,
            next,
            opening,
            closing,
            from,
            to,
            from_time,
            to_time,
            told,
            event,
            date,
            lines,
        })
    }
}

impl StatementLine {
    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let entry = r.u64("line.entry")?;
        let time = Timestamp(r.u64("line.time")?);
        let event = r.u64("line.event")?;
        let amount = r.u64("line.amount")?;
        let origin = r.u64("line.origin")?;
        let id = InstructionId(r.array("line.id")?);
        let uetr = Uetr(r.array("line.uetr")?);
        let counterparty = ParticipantId(r.u32("line.counterparty")?);
        let ordinal = r.u16("line.ordinal")?;
        let side =
            Side::from_number(r.u8("line.side")?).ok_or(FormatError::rule("line.side", "must be 1 or 2"))?;
        let kind = r.u8("line.kind")?;
        r.zeros(16, "line.reserved")?;
        Ok(Self {
            entry,
            time,
            event,
            posting: Posting {
                side,
                kind,
                counterparty,
                amount,
                origin: (origin, ordinal),
                id,
                uetr,
            },
        })
    }
}
