//! What one participant proposed, approved and withdrew, and what became of what it proposed.
use crate::action::Action;
use crate::codec::{Put, Reader, within};
use crate::digest::Digest;
use crate::frame::{self, Template};
use crate::limits::{CONTROL_PAYLOAD_BYTES_MAX, CONTROL_RECORDS_MAX};
use crate::time::Timestamp;
use crate::{FormatError, InstructionId, KeyId, ParticipantId, Status};

/// Asks for the control records of one participant, the newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GovernanceQuery {
    /// Whose.
    pub participant: ParticipantId,
    /// Log index before which they are wanted; zero for the newest.
    pub before: u64,
}

impl GovernanceQuery {
    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let mut out = frame::start(Template::GovernanceQuery, 24);
        out.put_u32(self.participant.0).put_u32(0).put_u64(self.before);
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let participant = ParticipantId(r.u32("governance.participant")?);
        r.zeros(4, "governance.reserved")?;
        let before = r.u64("governance.before")?;
        r.end("governance")?;
        Ok(Self { participant, before })
    }
}

/// What a control record does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Governed {
    /// Its kind or payload is not understood.
    NotUnderstood,
    /// Proposes an action.
    Proposes(Action),
    /// Approves the proposal with the digest.
    Approves,
    /// Withdraws the proposal with the digest.
    Withdraws,
}

impl Governed {
    const fn number(&self) -> u8 {
        match self {
            Self::NotUnderstood => 0,
            Self::Proposes(_) => 1,
            Self::Approves => 2,
            Self::Withdraws => 3,
        }
    }
}

/// A control record with its first answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GovernanceRecord {
    /// Log index of its entry.
    pub entry: u64,
    /// When that entry was sequenced.
    pub time: Timestamp,
    /// Its instruction id.
    pub id: InstructionId,
    /// Digest of the proposal that it makes, approves or withdraws; zeros if it is not understood.
    pub digest: Digest,
    /// The key that signed it.
    pub key: KeyId,
    /// The person who holds that key; `None` if the participant has no such key.
    pub person: Option<u32>,
    /// What it was answered.
    pub status: Status,
    /// Place in its batch.
    pub ordinal: u16,
    /// What it does.
    pub what: Governed,
}

/// A status that a proposal of the participant reached after its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GovernanceReached {
    /// Log index of the entry that gave it.
    pub entry: u64,
    /// When that entry was sequenced.
    pub time: Timestamp,
    /// Log index of the proposal's entry, and its place there.
    pub origin: (u64, u16),
    /// Minor units that moved.
    pub amount: u64,
    /// The status.
    pub status: Status,
}

/// Bytes of a record before its action, and of a status reached.
const RECORD_BYTES: usize = 80;
const REACHED_BYTES: usize = 40;

/// Control records and statuses reached; the newest entry first, within an entry in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GovernanceLines {
    /// Log index up to which nothing was passed over.
    pub index: u64,
    /// What to say as `before` to go on; zero where all was told.
    pub next: u64,
    /// Whose they are.
    pub participant: ParticipantId,
    /// Its records.
    pub records: Vec<GovernanceRecord>,
    /// What became of its proposals.
    pub reached: Vec<GovernanceReached>,
}

impl GovernanceLines {
    /// Most records in one message.
    pub const RECORDS_MAX: usize = 4_096;
    /// Most statuses reached in one message: those of any one entry fit.
    pub const REACHED_MAX: usize = 32_768;
    /// Most bytes of actions in one message.
    pub const ACTION_BYTES_MAX: usize = 1_048_576;

    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let room = self.records.len() * (RECORD_BYTES + 64) + self.reached.len() * REACHED_BYTES;
        let mut out = frame::start(Template::GovernanceLines, 40 + room);
        out.put_u64(self.index)
            .put_u64(self.next)
            .put_u32(self.participant.0)
            .put_u32(0);
        frame::put_group(&mut out, RECORD_BYTES, self.records.len());
        let mut action = Vec::new();
        for record in &self.records {
            out.put_u64(record.entry)
                .put_u64(record.time.0)
                .put(&record.id.0)
                .put(&record.digest)
                .put_u32(record.key.0)
                .put_u32(record.person.unwrap_or(0))
                .put_u16(record.status as u16)
                .put_u16(record.ordinal)
                .put_u8(record.what.number())
                .put_u8(u8::from(record.person.is_some()))
                .put_u16(0);
            action.clear();
            if let Governed::Proposes(proposed) = &record.what {
                proposed.write(&mut action);
            }
            out.put_var(&action);
        }
        frame::put_group(&mut out, REACHED_BYTES, self.reached.len());
        for reached in &self.reached {
            out.put_u64(reached.entry)
                .put_u64(reached.time.0)
                .put_u64(reached.origin.0)
                .put_u64(reached.amount)
                .put_u16(reached.origin.1)
                .put_u16(reached.status as u16)
                .put_u32(0);
        }
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let (index, next) = (r.u64("governance.index")?, r.u64("governance.next")?);
        let participant = ParticipantId(r.u32("governance.participant")?);
        r.zeros(4, "governance.reserved")?;
        let count = frame::group(&mut r, RECORD_BYTES, "governance.records")?;
        within(count, Self::RECORDS_MAX, "governance.records")?;
        let records = (0..count)
            .map(|_| GovernanceRecord::read(&mut r))
            .collect::<Result<_, FormatError>>()?;
        let count = frame::group(&mut r, REACHED_BYTES, "governance.reached")?;
        within(count, Self::REACHED_MAX, "governance.reached")?;
        let reached = (0..count)
            .map(|_| GovernanceReached::read(&mut r))
            .collect::<Result<_, FormatError>>()?;
        r.end("governance")?;
        Ok(Self {
            index,
            next,
            participant,
            records,
            reached,
        })
    }
}

const _: () = assert!(
    GovernanceLines::RECORDS_MAX >= CONTROL_RECORDS_MAX
        && GovernanceLines::ACTION_BYTES_MAX >= CONTROL_RECORDS_MAX * CONTROL_PAYLOAD_BYTES_MAX
);

fn status(r: &mut Reader<'_>, field: &'static str) -> Result<Status, FormatError> {
    Status::from_number(r.u16(field)?).ok_or(FormatError::rule(field, "no such status"))
}

impl GovernanceRecord {
    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let entry = r.u64("governed.entry")?;
        let time = Timestamp(r.u64("governed.time")?);
        let id = InstructionId(r.array("governed.id")?);
        let digest: Digest = r.array("governed.digest")?;
        let key = KeyId(r.u32("governed.key")?);
        let person = r.u32("governed.person")?;
        let status = status(r, "governed.status")?;
        let ordinal = r.u16("governed.ordinal")?;
        let what = r.u8("governed.what")?;
        let known = r.u8("governed.known")?;
        r.zeros(2, "governed.reserved")?;
        let action = r.var(CONTROL_PAYLOAD_BYTES_MAX, "governed.action")?;
        let person = match (known, person) {
            (0, 0) => None,
            (1, person) => Some(person),
            _ => {
                return Err(FormatError::rule(
                    "governed.known",
                    "must be 1, or 0 with person 0",
                ));
            }
        };
        let what = match what {
            0 if digest != [0; 32] => {
                return Err(FormatError::rule(
                    "governed.digest",
                    "must be zero of what is not understood",
                ));
            }
            0 => Governed::NotUnderstood,
            1 => Governed::Proposes(Action::read(action)?),
            2 => Governed::Approves,
            3 => Governed::Withdraws,
            _ => return Err(FormatError::rule("governed.what", "must be 0 to 3")),
        };
        if !action.is_empty() && !matches!(what, Governed::Proposes(_)) {
            return Err(FormatError::rule(
                "governed.action",
                "must be empty but of a proposal",
            ));
        }
        Ok(Self {
            entry,
            time,
            id,
            digest,
            key,
            person,
            status,
            ordinal,
            what,
        })
    }
}

impl GovernanceReached {
    fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let entry = r.u64("reached.entry")?;
        let time = Timestamp(r.u64("reached.time")?);
        let origin = r.u64("reached.origin")?;
        let amount = r.u64("reached.amount")?;
        let ordinal = r.u16("reached.ordinal")?;
        let status = status(r, "reached.status")?;
        r.zeros(4, "reached.reserved")?;
        Ok(Self {
            entry,
            time,
            origin: (origin, ordinal),
            amount,
            status,
        })
    }
}
