//! What a treasurer looks at: the own queue in order of settlement, and the own accounts with limits and reservations.
use crate::action::Phase;
use crate::codec::{Put, Reader, within};
use crate::frame::{self, Template};
use crate::record::Priority;
use crate::{FormatError, InstructionId, ParticipantId, Status, Uetr};

/// Asks for the own queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueQuery {
    /// ISO 4217 numeric code; zero for all.
    pub currency: u16,
    /// Place of the first line wanted, from 0.
    pub first: u64,
}

impl QueueQuery {
    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let mut out = frame::start(Template::QueueQuery, 16);
        out.put_u64(self.currency.into()).put_u64(self.first);
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let currency = u16::try_from(r.u64("queue.currency")?)
            .map_err(|_| FormatError::rule("queue.currency", "is not an ISO 4217 numeric code"))?;
        let first = r.u64("queue.first")?;
        r.end("queue")?;
        Ok(Self { currency, first })
    }
}

/// A payment that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueLine {
    /// Its id.
    pub id: InstructionId,
    /// Its business reference.
    pub uetr: Uetr,
    /// Minor units.
    pub amount: u64,
    /// Log index of its entry.
    pub entry: u64,
    /// Who is paid.
    pub creditor: ParticipantId,
    /// Place in its account's queue, from 1; zero beside the queue.
    pub position: u32,
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// Place of its record in its batch.
    pub ordinal: u16,
    /// Where it waits.
    pub status: Status,
    /// Its class.
    pub class: Priority,
}

const QUEUE_LINE_BYTES: usize = 64;

/// The own queue from one place on: account by account in order of settlement, at last what stands beside the queues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueLines {
    /// Log index after which it stands.
    pub index: u64,
    /// Place to ask for next; zero at the end.
    pub next: u64,
    /// The payments.
    pub lines: Vec<QueueLine>,
}

impl QueueLines {
    /// Most payments in one message.
    pub const LINES_MAX: usize = 1_000;

    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let mut out = frame::start(Template::QueueLines, 32 + self.lines.len() * QUEUE_LINE_BYTES);
        out.put_u64(self.index).put_u64(self.next);
        frame::put_group(&mut out, QUEUE_LINE_BYTES, self.lines.len());
        for line in &self.lines {
            out.put(&line.id.0).put(&line.uetr.0);
            out.put_u64(line.amount)
                .put_u64(line.entry)
                .put_u32(line.creditor.0)
                .put_u32(line.position);
            out.put_u16(line.currency)
                .put_u16(line.ordinal)
                .put_u16(u16::from(line.status as u8))
                .put_u8(line.class as u8)
                .put_u8(0);
        }
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let index = r.u64("queue.index")?;
        let next = r.u64("queue.next")?;
        let count = frame::group(&mut r, QUEUE_LINE_BYTES, "queue.lines")?;
        within(count, Self::LINES_MAX, "queue.lines")?;
        let lines = (0..count)
            .map(|_| {
                let line = QueueLine {
                    id: InstructionId(r.array("queue.id")?),
                    uetr: Uetr(r.array("queue.uetr")?),
                    amount: r.u64("queue.amount")?,
                    entry: r.u64("queue.entry")?,
                    creditor: ParticipantId(r.u32("queue.creditor")?),
                    position: r.u32("queue.position")?,
                    currency: r.u16("queue.currency")?,
                    ordinal: r.u16("queue.ordinal")?,
                    status: Status::from_number(r.u16("queue.status")?)
                        .ok_or(FormatError::rule("queue.status", "no such status"))?,
                    class: Priority::from_number(r.u8("queue.class")?)
                        .ok_or(FormatError::rule("queue.class", "no such class"))?,
                };
                r.zeros(1, "queue.reserved")?;
                Ok(line)
            })
            .collect::<Result<_, FormatError>>()?;
        r.end("queue")?;
        Ok(Self { index, next, lines })
    }
}

/// Bits of [`AccountLine::flags`].
pub mod account_flags {
    /// Payments of one class may overtake each other.
    pub const BYPASS: u8 = 1 << 0;
    /// There is a sender limit against all others.
    pub const MULTILATERAL: u8 = 1 << 1;
    /// The participant is suspended.
    pub const SUSPENDED: u8 = 1 << 2;
    /// Bits that have a meaning.
    pub const KNOWN: u8 = BYPASS | MULTILATERAL | SUSPENDED;
}

/// Liquidity kept for a class and those above it. Minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// As it was set.
    pub set: u64,
    /// What payments of the class have not taken yet.
    pub left: u64,
}

/// Payments that wait, by count and value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Projected {
    /// How many.
    pub count: u32,
    /// Minor units.
    pub value: i128,
}

/// One account of the participant that asks. Minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountLine {
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// Where the day of the currency stands.
    pub phase: Phase,
    /// Bits of [`account_flags`].
    pub flags: u8,
    /// Business date, in days since 2000-01-01; zero before the first day was opened.
    pub date: u16,
    /// Balance.
    pub balance: i128,
    /// Part of it that is set aside.
    pub set_aside: i128,
    /// Balance and cap less what is set aside.
    pub free: i128,
    /// Net debit cap.
    pub cap: u64,
    /// Sender limit against all others, if there is one.
    pub multilateral: u64,
    /// Its use.
    pub multilateral_used: i128,
    /// Kept for high and urgent payments.
    pub high: Kept,
    /// Kept for urgent payments.
    pub urgent: Kept,
    /// Fees that are not billed yet.
    pub fees: u64,
    /// Own payments in the queue, by number of their class.
    pub outgoing: [Projected; 3],
    /// Payments of others to this account that wait in their queues.
    pub incoming: Projected,
}

const ACCOUNT_LINE_BYTES: usize = 208;

/// A sender limit against one participant. Minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitLine {
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// Against whom.
    pub participant: ParticipantId,
    /// How much.
    pub amount: u64,
    /// Its use.
    pub used: i128,
}

const LIMIT_LINE_BYTES: usize = 32;

/// The participant's accounts at one position of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accounts {
    /// Log index after which they stand.
    pub index: u64,
    /// Sender limits that found no room here.
    pub left_out: u32,
    /// The accounts.
    pub lines: Vec<AccountLine>,
    /// Sender limits against one participant each.
    pub limits: Vec<LimitLine>,
}

impl Accounts {
    /// Most sender limits in one message.
    pub const LIMITS_MAX: usize = 4_096;

    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let room = self.lines.len() * ACCOUNT_LINE_BYTES + self.limits.len() * LIMIT_LINE_BYTES;
        let mut out = frame::start(Template::Accounts, 32 + room);
        out.put_u64(self.index).put_u32(self.left_out).put_u32(0);
        frame::put_group(&mut out, ACCOUNT_LINE_BYTES, self.lines.len());
        self.lines.iter().for_each(|line| line.write(&mut out));
        frame::put_group(&mut out, LIMIT_LINE_BYTES, self.limits.len());
        for limit in &self.limits {
            out.put_u16(limit.currency)
                .put_u16(0)
                .put_u32(limit.participant.0)
                .put_u64(limit.amount)
                .put_i128(limit.used);
        }
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let index = r.u64("accounts.index")?;
        let left_out = r.u32("accounts.left_out")?;
        r.zeros(4, "accounts.reserved")?;
        let count = frame::group(&mut r, ACCOUNT_LINE_BYTES, "accounts.lines")?;
        let lines = (0..count)
            .map(|_| AccountLine::read(&mut r))
            .collect::<Result<_, FormatError>>()?;
        let count = frame::group(&mut r, LIMIT_LINE_BYTES, "accounts.limits")?;
        within(count, Self::LIMITS_MAX, "accounts.limits")?;
        let limits = (0..count)
            .map(|_| {
                let currency = r.u16("limit.currency")?;
                r.zeros(2, "limit.reserved")?;
                Ok(LimitLine {
                    currency,
                    participant: ParticipantId(r.u32("limit.participant")?),
                    amount: r.u64("limit.amount")?,
                    used: r.i128("limit.used")?,
                })
            })
            .collect::<Result<_, FormatError>>()?;
        r.end("accounts")?;
        Ok(Self {
            index,
            left_out,
            lines,
            limits,
        })
    }
}

impl AccountLine {
    fn write(&self, out: &mut Vec<u8>) {
        out.put_u16(self.currency)
            .put_u8(self.phase as u8)
            .put_u8(self.flags)
            .put_u16(self.date)
            .put_u16(0);
        out.put_i128(self.balance)
            .put_i128(self.set_aside)
            .put_i128(self.free)
            .put_u64(self.cap)
            .put_u64(self.multilateral)
            .put_i128(self.multilateral_used);
        out.put_u64(self.high.set)
            .put_u64(self.high.left)
            .put_u64(self.urgent.set)
            .put_u64(self.urgent.left)
            .put_u64(self.fees);
        for waiting in self.outgoing.iter().chain([&self.incoming]) {
            out.put_i128(waiting.value);
        }
        for waiting in self.outgoing.iter().chain([&self.incoming]) {
            out.put_u32(waiting.count);
        }
    }

    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let currency = r.u16("account.currency")?;
        let phase = Phase::from_number(r.u8("account.phase")?)
            .ok_or(FormatError::rule("account.phase", "no such phase"))?;
        let flags = r.u8("account.flags")?;
        if flags & !account_flags::KNOWN != 0 {
            return Err(FormatError::rule("account.flags", "a bit has no meaning"));
        }
        let date = r.u16("account.date")?;
        r.zeros(2, "account.reserved")?;
        let kept = |r: &mut Reader<'_>| {
            Ok::<_, FormatError>(Kept {
                set: r.u64("account.kept")?,
                left: r.u64("account.kept_left")?,
            })
        };
        let mut line = Self {
            currency,
            phase,
            flags,
            date,
            balance: r.i128("account.balance")?,
            set_aside: r.i128("account.set_aside")?,
            free: r.i128("account.free")?,
            cap: r.u64("account.cap")?,
            multilateral: r.u64("account.multilateral")?,
            multilateral_used: r.i128("account.multilateral_used")?,
            high: kept(r)?,
            urgent: kept(r)?,
            fees: r.u64("account.fees")?,
            outgoing: [Projected::default(); 3],
            incoming: Projected::default(),
        };
        for waiting in line.outgoing.iter_mut().chain([&mut line.incoming]) {
            waiting.value = r.i128("account.waiting")?;
        }
        for waiting in line.outgoing.iter_mut().chain([&mut line.incoming]) {
            waiting.count = r.u32("account.waiting_count")?;
        }
        Ok(line)
    }
}
