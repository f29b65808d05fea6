//! Why a payment waits, judged at one position of the log.
use crate::action::Phase;
use crate::codec::{Put, Reader};
use crate::frame::{self, Template};
use crate::reason::Reason;
use crate::record::Priority;
use crate::{FormatError, InstructionId, ParticipantId, Status};

/// Another payment that stands in the way: the head of the queue, or the record of the chain that is short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Obstacle {
    /// Its id; the submitter is the same.
    pub id: InstructionId,
    /// Why it waits itself.
    pub reason: Reason,
    /// Minor units that it lacks.
    pub missing: i128,
}

/// Why an instruction waits. Minor units of its currency; zero where nothing is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explanation {
    /// Log index at which this is judged.
    pub index: u64,
    /// Its present status.
    pub status: Status,
    /// Why it waits.
    pub reason: Reason,
    /// Its class in the queue.
    pub class: Priority,
    /// Where the day of its currency stands.
    pub phase: Phase,
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// Payments that stand before it in its queue.
    pub ahead: u32,
    /// Whom the reason is about: the creditor of a bilateral limit, who must answer, who is held.
    pub party: ParticipantId,
    /// Nanoseconds since 2000-01-01: until when it waits at the longest; zero if that has no end.
    pub until: u64,
    /// Its amount; of one that is set aside, what is left.
    pub amount: u64,
    /// How much more is needed.
    pub missing: i128,
    /// ISO 4217 numeric code of what is missing, where that is another currency; else zero.
    pub missing_currency: u16,
    /// What may flow out of the account for its class now.
    pub free: i128,
    /// Balance of the account.
    pub balance: i128,
    /// Part of it that is set aside.
    pub set_aside: i128,
    /// What is kept for higher classes.
    pub kept: i128,
    /// Net debit cap of the account.
    pub cap: u64,
    /// Amount of the sender limit that applies.
    pub limit: u64,
    /// Use of that limit.
    pub used: i128,
    /// What stands in the way.
    pub obstacle: Option<Obstacle>,
}

impl Explanation {
    /// One that says nothing but this.
    pub const fn new(index: u64, status: Status, reason: Reason) -> Self {
        Self {
            index,
            status,
            reason,
            class: Priority::Normal,
            phase: Phase::Open,
            currency: 0,
            ahead: 0,
            party: ParticipantId(0),
            until: 0,
            amount: 0,
            missing: 0,
            missing_currency: 0,
            free: 0,
            balance: 0,
            set_aside: 0,
            kept: 0,
            cap: 0,
            limit: 0,
            used: 0,
            obstacle: None,
        }
    }

    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let mut out = frame::start(Template::Explanation, 208);
        out.put_u64(self.index)
            .put_u16(u16::from(self.status as u8))
            .put_u16(self.reason as u16)
            .put_u8(self.class as u8)
            .put_u8(self.phase as u8)
            .put_u16(self.currency);
        out.put_u32(self.ahead)
            .put_u32(self.party.0)
            .put_u64(self.until)
            .put_u64(self.amount);
        out.put_i128(self.missing)
            .put_i128(self.free)
            .put_i128(self.balance)
            .put_i128(self.set_aside)
            .put_i128(self.kept);
        out.put_u64(self.cap).put_u64(self.limit).put_i128(self.used);
        let obstacle = self.obstacle;
        out.put(&obstacle.map_or([0; 16], |other| other.id.0))
            .put_u16(obstacle.map_or(0, |other| other.reason as u16))
            .put(&[0; 6])
            .put_i128(obstacle.map_or(0, |other| other.missing))
            .put_u16(self.missing_currency)
            .put(&[0; 6]);
        out
    }

    /// Reads the message.
    pub fn read(mut reader: Reader<'_>) -> Result<Self, FormatError> {
        let r = &mut reader;
        let index = r.u64("explanation.index")?;
        let status = Status::from_number(r.u16("explanation.status")?)
            .ok_or(FormatError::rule("explanation.status", "no such status"))?;
        let reason = reason(r.u16("explanation.reason")?)?;
        let class = Priority::from_number(r.u8("explanation.class")?)
            .ok_or(FormatError::rule("explanation.class", "no such class"))?;
        let phase = Phase::from_number(r.u8("explanation.phase")?)
            .ok_or(FormatError::rule("explanation.phase", "no such phase"))?;
        let mut explanation = Self {
            class,
            phase,
            currency: r.u16("explanation.currency")?,
            ahead: r.u32("explanation.ahead")?,
            party: ParticipantId(r.u32("explanation.party")?),
            until: r.u64("explanation.until")?,
            amount: r.u64("explanation.amount")?,
            missing: r.i128("explanation.missing")?,
            free: r.i128("explanation.free")?,
            balance: r.i128("explanation.balance")?,
            set_aside: r.i128("explanation.set_aside")?,
            kept: r.i128("explanation.kept")?,
            cap: r.u64("explanation.cap")?,
            limit: r.u64("explanation.limit")?,
            used: r.i128("explanation.used")?,
            obstacle: obstacle(r)?,
            ..Self::new(index, status, reason)
        };
        explanation.missing_currency = r.u16("explanation.missing_currency")?;
        r.zeros(6, "explanation.reserved")?;
        reader.end("explanation")?;
        Ok(explanation)
    }
}

fn reason(number: u16) -> Result<Reason, FormatError> {
    Reason::from_number(number).ok_or(FormatError::rule("explanation.reason", "no such reason"))
}

fn obstacle(r: &mut Reader<'_>) -> Result<Option<Obstacle>, FormatError> {
    let id = InstructionId(r.array("explanation.obstacle")?);
    let number = r.u16("explanation.obstacle_reason")?;
    r.zeros(6, "explanation.reserved")?;
    let missing = r.i128("explanation.obstacle_missing")?;
    if number == 0 {
        if id != InstructionId([0; 16]) || missing != 0 {
            return Err(FormatError::rule(
                "explanation.obstacle",
                "without a reason it is zero",
            ));
        }
        return Ok(None);
    }
    Ok(Some(Obstacle {
        id,
        reason: reason(number)?,
        missing,
    }))
}
