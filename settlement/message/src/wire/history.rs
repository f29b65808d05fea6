//! What became of everything under one reference, as the participant's own batches and events tell it.
use zerocopy::IntoBytes;

use crate::codec::{Put, Reader, within};
use crate::event::Role;
use crate::frame::{self, Template};
use crate::limits::RECORD_BYTES;
use crate::record::Instruction;
use crate::{FormatError, ParticipantId, Status};

/// Asks for what stands under a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryQuery {
    /// A UETR, or an instruction id.
    pub reference: [u8; 16],
    /// Log index of the entry before which the search begins; zero for the newest.
    pub before: u64,
    /// Whose batches and events are searched.
    pub participant: ParticipantId,
}

impl HistoryQuery {
    /// True if a record bears the reference: as its UETR, as its id, or as the id of what it is about.
    pub fn means(&self, record: &Instruction) -> bool {
        [record.uetr, record.instruction_id, record.related].contains(&self.reference)
    }

    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let mut out = frame::start(Template::HistoryQuery, 32);
        out.put(&self.reference)
            .put_u64(self.before)
            .put_u32(self.participant.0)
            .put_u32(0);
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let query = Self {
            reference: r.array("history.reference")?,
            before: r.u64("history.before")?,
            participant: ParticipantId(r.u32("history.participant")?),
        };
        r.zeros(4, "history.reserved")?;
        r.end("history")?;
        Ok(query)
    }
}

/// A status that a record reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryLine {
    /// The record as its submitter signed it.
    pub record: Instruction,
    /// Log index of its entry.
    pub entry: u64,
    /// Log index of the entry that gave it the status.
    pub cause: u64,
    /// What moved with it, in minor units.
    pub amount: u64,
    /// Who submitted it.
    pub submitter: ParticipantId,
    /// Place of its record in its batch.
    pub ordinal: u16,
    /// The status.
    pub status: Status,
    /// How it concerns the participant.
    pub role: Role,
}

const HISTORY_LINE_BYTES: usize = RECORD_BYTES + 40;

/// What was found, the newest entry first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLines {
    /// Log index up to which there is no more than what was found.
    pub index: u64,
    /// What to say as `before` to go on; zero where the beginning is reached.
    pub next: u64,
    /// Lines of the one entry here that found no room.
    pub left_out: u32,
    /// The lines.
    pub lines: Vec<HistoryLine>,
}

impl HistoryLines {
    /// Most lines in one message.
    pub const LINES_MAX: usize = 256;

    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let room = self.lines.len() * HISTORY_LINE_BYTES;
        let mut out = frame::start(Template::HistoryLines, 32 + room);
        out.put_u64(self.index)
            .put_u64(self.next)
            .put_u32(self.left_out)
            .put_u32(0);
        frame::put_group(&mut out, HISTORY_LINE_BYTES, self.lines.len());
        for line in &self.lines {
            out.put(line.record.as_bytes())
                .put_u64(line.entry)
                .put_u64(line.cause)
                .put_u64(line.amount)
                .put_u32(line.submitter.0)
                .put_u16(line.ordinal)
                .put_u16(u16::from(line.status as u8))
                .put_u8(line.role as u8)
                .put(&[0; 7]);
        }
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let index = r.u64("history.index")?;
        let next = r.u64("history.next")?;
        let left_out = r.u32("history.left_out")?;
        r.zeros(4, "history.reserved")?;
        let count = frame::group(&mut r, HISTORY_LINE_BYTES, "history.lines")?;
        within(count, Self::LINES_MAX, "history.lines")?;
        let lines = (0..count)
            .map(|_| HistoryLine::read(&mut r))
            .collect::<Result<_, FormatError>>()?;
        r.end("history")?;
        Ok(Self {
            index,
            next,
            left_out,
            lines,
        })
    }
}

impl HistoryLine {
    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let line = Self {
            record: zerocopy::transmute!(r.array::<RECORD_BYTES>("history.record")?),
            entry: r.u64("history.entry")?,
            cause: r.u64("history.cause")?,
            amount: r.u64("history.amount")?,
            submitter: ParticipantId(r.u32("history.submitter")?),
            ordinal: r.u16("history.ordinal")?,
            status: Status::from_number(r.u16("history.status")?)
                .ok_or(FormatError::rule("history.status", "no such status"))?,
            role: Role::from_number(r.u8("history.role")?)
                .ok_or(FormatError::rule("history.role", "no such role"))?,
        };
        r.zeros(7, "history.reserved")?;
        Ok(line)
    }
}
