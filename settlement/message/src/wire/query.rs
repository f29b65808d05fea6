//! Questions to the node, one a stream, and their answers.
use crate::checkpoint::Checkpoint;
use crate::codec::{Put, Reader, within};
use crate::digest::Digest;
use crate::document::{Document, SALT_BYTES};
use crate::frame::{self, Template};
use crate::limits::{CHECKPOINT_BYTES_MAX, DOCUMENT_BYTES_MAX, NAME_BYTES_MAX, PATH_HASHES_MAX};
use crate::{FormatError, InstructionId, ParticipantId, Status, rfc6962};

/// One account of the participant that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BalanceLine {
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// Payments that wait in its queue.
    pub queued: u32,
    /// Balance in minor units.
    pub balance: i128,
    /// Part of it set aside for defunding in progress.
    pub reserved: i128,
    /// Sum of the payments that wait.
    pub queued_value: i128,
    /// Net debit cap.
    pub cap: u64,
}

const BALANCE_LINE_BYTES: usize = 64;

/// The participant's accounts at one position of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balances {
    /// Log index after which they stand.
    pub index: u64,
    /// The accounts.
    pub lines: Vec<BalanceLine>,
}

impl Balances {
    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let mut out = frame::start(Template::Balances, 32 + self.lines.len() * BALANCE_LINE_BYTES);
        out.put_u64(self.index).put_u64(0);
        frame::put_group(&mut out, BALANCE_LINE_BYTES, self.lines.len());
        for line in &self.lines {
            out.put_u16(line.currency).put_u16(0).put_u32(line.queued);
            out.put_i128(line.balance)
                .put_i128(line.reserved)
                .put_i128(line.queued_value)
                .put_u64(line.cap);
        }
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let index = r.u64("balances.index")?;
        r.zeros(8, "balances.reserved")?;
        let count = frame::group(&mut r, BALANCE_LINE_BYTES, "balances.lines")?;
        let lines = (0..count)
            .map(|_| {
                let currency = r.u16("balance.currency")?;
                r.zeros(2, "balance.reserved_bytes")?;
                Ok(BalanceLine {
                    currency,
                    queued: r.u32("balance.queued")?,
                    balance: r.i128("balance.balance")?,
                    reserved: r.i128("balance.reserved")?,
                    queued_value: r.i128("balance.queued_value")?,
                    cap: r.u64("balance.cap")?,
                })
            })
            .collect::<Result<_, FormatError>>()?;
        r.end("balances")?;
        Ok(Self { index, lines })
    }
}

/// Names an instruction: who submitted it and under which id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct InstructionKey {
    /// Who submitted it.
    pub submitter: ParticipantId,
    /// Under which id.
    pub id: InstructionId,
}

impl InstructionKey {
    /// The message: `StatusQuery`, `ReceiptQuery` or `ExplainQuery`.
    pub fn write(&self, template: Template) -> Vec<u8> {
        let mut out = frame::start(template, 24);
        out.put_u32(self.submitter.0).put_u32(0).put(&self.id.0);
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let submitter = ParticipantId(r.u32("key.submitter")?);
        r.zeros(4, "key.reserved")?;
        let id = InstructionId(r.array("key.id")?);
        r.end("key")?;
        Ok(Self { submitter, id })
    }
}

/// What became of an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusAnswer {
    /// Its present status.
    pub status: Status,
    /// Place of its record in its batch.
    pub ordinal: u16,
    /// Log index of its entry.
    pub entry: u64,
    /// Log index of the entry that gave it the status.
    pub cause: u64,
    /// Log index up to which this is true.
    pub index: u64,
}

impl StatusAnswer {
    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let mut out = frame::start(Template::StatusAnswer, 40);
        out.put_u16(u16::from(self.status as u8))
            .put_u16(self.ordinal)
            .put_u32(0);
        out.put_u64(self.entry)
            .put_u64(self.cause)
            .put_u64(self.index)
            .put_u64(0);
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let status = Status::from_number(r.u16("status.status")?)
            .ok_or(FormatError::rule("status.status", "no such status"))?;
        let ordinal = r.u16("status.ordinal")?;
        r.zeros(4, "status.reserved")?;
        let entry = r.u64("status.entry")?;
        let cause = r.u64("status.cause")?;
        let index = r.u64("status.index")?;
        r.zeros(8, "status.reserved")?;
        r.end("status")?;
        Ok(Self {
            status,
            ordinal,
            entry,
            cause,
            index,
        })
    }
}

/// Proof that the log only grew from an older size to that of a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consistency {
    /// The older size.
    pub old_size: u64,
    /// The path.
    pub path: Vec<Digest>,
    /// The newer checkpoint, signed.
    pub checkpoint: String,
}

impl Consistency {
    /// True if `old` grew into `checkpoint`.
    pub fn holds(&self, old: &Checkpoint, checkpoint: &Checkpoint) -> bool {
        self.old_size == old.size
            && rfc6962::consistent(old.size, &old.root, checkpoint.size, &checkpoint.root, &self.path)
    }

    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let mut out = frame::start(Template::Consistency, 512);
        out.put_u64(self.old_size);
        frame::put_digests(&mut out, &self.path);
        out.put_var(self.checkpoint.as_bytes());
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let old_size = r.u64("consistency.old_size")?;
        let path = frame::digests(&mut r, 2 * PATH_HASHES_MAX, "consistency.path")?;
        let checkpoint = r.text(CHECKPOINT_BYTES_MAX, "consistency.checkpoint")?.to_owned();
        r.end("consistency")?;
        Ok(Self {
            old_size,
            path,
            checkpoint,
        })
    }
}

/// A participant as others see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryLine {
    /// Its id.
    pub participant: ParticipantId,
    /// Its roles, as bits.
    pub roles: u8,
    /// True while it is suspended.
    pub suspended: bool,
    /// Its name.
    pub name: String,
}

/// Who takes part, from one id on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// Id to ask for next; zero at the end.
    pub next: u64,
    /// The participants.
    pub lines: Vec<DirectoryLine>,
}

impl Directory {
    /// Most participants in one message.
    pub const LINES_MAX: usize = 1_024;

    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let mut out = frame::start(Template::Directory, 64 * self.lines.len());
        out.put_u64(self.next);
        frame::put_group(&mut out, 8, self.lines.len());
        for line in &self.lines {
            out.put_u32(line.participant.0)
                .put_u8(line.roles)
                .put_u8(u8::from(line.suspended))
                .put_u16(0);
            out.put_var(line.name.as_bytes());
        }
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let next = r.u64("directory.next")?;
        let count = frame::group(&mut r, 8, "directory.lines")?;
        within(count, Self::LINES_MAX, "directory.lines")?;
        let lines = (0..count)
            .map(|_| {
                let participant = ParticipantId(r.u32("directory.participant")?);
                let roles = r.u8("directory.roles")?;
                let suspended = match r.u8("directory.suspended")? {
                    0 => false,
                    1 => true,
                    _ => return Err(FormatError::rule("directory.suspended", "must be 0 or 1")),
                };
                r.zeros(2, "directory.reserved")?;
                let name = r.text(NAME_BYTES_MAX, "directory.name")?.to_owned();
                Ok(DirectoryLine {
                    participant,
                    roles,
                    suspended,
                    name,
                })
            })
            .collect::<Result<_, FormatError>>()?;
        r.end("directory")?;
        Ok(Self { next, lines })
    }
}

/// The message that carries one document.
pub fn write_document(document: &Document) -> Vec<u8> {
    let mut out = frame::start(Template::Document, 64 + document.text.len());
    out.put(&document.salt).put(&[0; 16]).put_var(&document.text);
    out
}

/// Reads one document.
pub fn read_document(mut r: Reader<'_>) -> Result<Document, FormatError> {
    let salt = r.array::<SALT_BYTES>("document.salt")?;
    r.zeros(16, "document.reserved")?;
    let text = r.var(DOCUMENT_BYTES_MAX, "document.text")?.to_vec().into();
    r.end("document")?;
    Ok(Document { salt, text })
}
