//! The way of one instruction: signed, sent, answered, and looked after for a while. Every command that instructs goes it.
use causeway_engine::clock;
use causeway_message::answer::{Answer as Answered, answer_flags};
use causeway_message::record::{Instruction, Kind, Priority};
use causeway_message::wire::{InstructionKey, StatusAnswer};
use causeway_message::{InstructionId, ParticipantId, Status, Uetr};
use serde::Serialize;
use std::time::{Duration, Instant};

use crate::Failure;
use crate::client::{BankArgs, Desk, random_id, uetr_of, within, words};
use crate::cmd::Answer;

/// Longest wait between two questions about an instruction that waits.
const ASK_MAX: Duration = Duration::from_millis(250);

/// Arguments of every command that signs an instruction.
#[derive(Debug, clap::Args)]
pub struct Signing {
    #[command(flatten)]
    pub bank: BankArgs,
    /// The person whose key signs; the first key's if left out.
    #[arg(long, value_name = "N")]
    pub person: Option<u32>,
    /// Instruction id of an earlier run, to repeat it.
    #[arg(long = "id", value_name = "HEX")]
    pub repeat: Option<String>,
}

impl Signing {
    /// The instruction's id.
    pub fn id(&self) -> Result<InstructionId, Failure> {
        match &self.repeat {
            Some(text) => words::instruction_id("--id", text),
            None => random_id(),
        }
    }
}

/// The UETR that was given, or one of the instruction's own.
pub fn uetr(given: Option<&str>, id: InstructionId) -> Result<Uetr, Failure> {
    match given {
        Some(text) => Uetr::parse(text).ok_or_else(|| Failure::Config("--uetr: must be a UUID".to_owned())),
        None => Ok(uetr_of(id)),
    }
}

/// Class of a payment, in words.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum Class {
    /// Before all others.
    Urgent,
    /// Before normal ones.
    High,
    /// Bound by sender limits.
    Normal,
}

impl Class {
    /// Its number.
    pub const fn number(self) -> u8 {
        match self {
            Self::Urgent => Priority::Urgent as u8,
            Self::High => Priority::High as u8,
            Self::Normal => Priority::Normal as u8,
        }
    }
}

impl Class {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::High => "high",
            Self::Normal => "normal",
        }
    }
}

/// An instruction of a kind about an earlier one, with nothing but what all have.
pub fn about(id: InstructionId, kind: Kind, original: InstructionId, of: &Instruction) -> Instruction {
    let nobody = ParticipantId(0);
    let mut record = Instruction::payment(
        id,
        uetr_of(id),
        nobody,
        nobody,
        of.currency.get(),
        of.amount.get(),
    );
    record.kind = kind as u8;
    record.related = original.0;
    (record.debtor, record.creditor) = (of.debtor, of.creditor);
    record
}

/// An instruction about an own account.
pub fn own(id: InstructionId, kind: Kind, who: ParticipantId, currency: u16, amount: u64) -> Instruction {
    let mut record = Instruction::payment(id, uetr_of(id), who, who, currency, amount);
    record.kind = kind as u8;
    record
}

/// What became of an instruction.
pub struct Sent {
    /// Who submitted it, and its id.
    pub key: InstructionKey,
    /// The answer of its batch.
    pub answer: Answered,
    /// Where it stands now.
    pub reached: Status,
    /// The node's word on it, where it is remembered under these bytes.
    pub known: Option<StatusAnswer>,
}

/// What is said to a failure from the moment that an instruction is sent.
pub fn again(id: InstructionId) -> String {
    format!("if it is tried again, repeat it with --id {id}, which never takes effect twice")
}

/// Signs an instruction, sends it and waits: for the answer, and, so long, for a final status.
pub async fn send(
    desk: &Desk,
    bank: &BankArgs,
    record: Instruction,
    extensions: Vec<u8>,
    wait: u64,
) -> Result<Sent, Failure> {
    let sent = send_all(desk, bank, vec![record], extensions, wait).await?;
    let one = sent.into_iter().next();
    one.ok_or_else(|| unknown().and(&again(record.id())))
}

fn unknown() -> Failure {
    Failure::Refused("the node answered with a status unknown to this version".to_owned())
}

/// The same with all instructions of a batch.
pub async fn send_all(
    desk: &Desk,
    bank: &BankArgs,
    records: Vec<Instruction>,
    extensions: Vec<u8>,
    wait: u64,
) -> Result<Vec<Sent>, Failure> {
    let keys: Vec<InstructionKey> = records
        .iter()
        .map(|record| InstructionKey {
            submitter: desk.participant(),
            id: record.id(),
        })
        .collect();
    let what = "the node did not answer; whether the instruction took effect is unknown";
    let sent = within(bank.patience(), what, async {
        let session = desk.session().await?;
        let pending = session.submit(records, extensions, Vec::new()).await?;
        Ok::<_, Failure>(pending.outcome().await?.answers)
    });
    // Whatever fails from here on: without the id a second try would be a second instruction.
    let named = |failure: Failure| match keys.first() {
        Some(key) => failure.and(&again(key.id)),
        None => failure,
    };
    let answers = sent.await.and_then(|sent| sent).map_err(named)?;
    if answers.len() != keys.len() {
        return Err(named(unknown()));
    }
    let mut told = Vec::with_capacity(keys.len());
    for (key, answer) in keys.iter().zip(answers) {
        told.push(became(desk, *key, answer, wait).await.map_err(named)?);
    }
    Ok(told)
}

/// What became of an instruction that was answered.
async fn became(desk: &Desk, key: InstructionKey, answer: Answered, wait: u64) -> Result<Sent, Failure> {
    let known = match answer.status() {
        // These are not remembered, or not under these bytes.
        Some(Status::IdReused | Status::CapacityExhausted | Status::KeyNotActive | Status::BatchTooLate)
        | None => None,
        Some(_) => Some(settled(desk, key, wait).await?),
    };
    let reached = known.map(|known| known.status).or(answer.status());
    Ok(Sent {
        key,
        answer,
        reached: reached.ok_or_else(unknown)?,
        known,
    })
}

/// The status of an instruction; waits for its final one for a while.
async fn settled(desk: &Desk, key: InstructionKey, seconds: u64) -> Result<StatusAnswer, Failure> {
    let until = Instant::now() + Duration::from_secs(seconds);
    let mut pause = Duration::from_millis(5);
    loop {
        let known = desk.client.status(key).await?;
        if known.status.is_final() || Instant::now() >= until {
            return Ok(known);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(ASK_MAX);
    }
}

#[derive(Debug, Serialize)]
struct DoneJson {
    status: &'static str,
    meaning: &'static str,
    r#final: bool,
    replayed: bool,
    below_use: bool,
    instruction_id: String,
    uetr: String,
    what: String,
    entry: u64,
    cause: u64,
}

impl Sent {
    /// The failure that a command ends with, if the instruction was rejected.
    pub fn failure(&self) -> Option<Failure> {
        self.reached
            .is_rejected()
            .then(|| Failure::Refused(format!("{}: {}", self.reached.name(), self.reached.meaning())))
    }

    /// What to print of an instruction that does `what`.
    pub fn tell(&self, bank: &BankArgs, record: &Instruction, what: String) -> Result<Answer, Failure> {
        let done = DoneJson {
            status: self.reached.name(),
            meaning: self.reached.meaning(),
            r#final: self.reached.is_final(),
            replayed: !self.answer.is_first(),
            below_use: self.answer.flags.get() & answer_flags::BELOW_USE != 0,
            instruction_id: record.id().to_string(),
            uetr: Uetr(record.uetr).to_string(),
            what,
            entry: self.known.map_or(0, |known| known.entry),
            cause: self.known.map_or(0, |known| known.cause),
        };
        let failure = self.failure();
        if bank.json {
            return Ok(Answer::json(&done)?.but(failure));
        }
        let not = if failure.is_some() { "Not done: " } else { "" };
        let mut out = format!(
            "{not}{}.\n  status      {}: {}\n  instruction {}\n",
            done.what, done.status, done.meaning, done.instruction_id
        );
        if done.below_use {
            out.push_str(
                "  note        less than what is in use: nothing flows out under it until use falls\n",
            );
        }
        if done.replayed {
            out.push_str("  repeated    this instruction was sent before; nothing happened now\n");
        }
        Ok(Answer::done(out).but(failure))
    }
}

/// Signs, sends and tells; the connection is closed.
pub async fn carry_out(
    desk: Desk,
    bank: &BankArgs,
    record: Instruction,
    extensions: Vec<u8>,
    what: String,
) -> Result<Answer, Failure> {
    let sent = send(&desk, bank, record, extensions, 0).await?;
    desk.close()
        .await
        .map_err(|failure| failure.and(&again(record.id())))?;
    sent.tell(bank, &record, what)
}

/// Sets flags of a record.
pub fn with_flags(mut record: Instruction, set: &[(bool, u16)]) -> Instruction {
    let bits = set
        .iter()
        .fold(0, |all, (on, bit)| if *on { all | bit } else { all });
    record.flags = (record.flags.get() | bits).into();
    record
}

/// An instant: `2026-11-25T14:00:00Z`, or from now on, as `+90s`, `+10m`, `+2h`, `+1d`.
pub fn instant(option: &str, text: &str) -> Result<u32, Failure> {
    let wrong = || {
        Failure::Config(format!(
            "{option}: must be an instant like 2026-11-25T14:00:00Z, or a time from now on like +90s, +10m, +2h, +1d"
        ))
    };
    let seconds = match text.strip_prefix('+') {
        Some(ahead) => clock::now().seconds().checked_add(span(ahead).ok_or_else(wrong)?),
        None => utc(text),
    };
    let seconds = seconds
        .and_then(|at| u32::try_from(at).ok())
        .filter(|at| *at != 0);
    seconds.ok_or_else(wrong)
}

fn span(text: &str) -> Option<u64> {
    let unit = text.chars().last()?;
    let each = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    let digits = text.get(..text.len() - 1)?;
    digits.parse::<u64>().ok()?.checked_mul(each)
}

/// Seconds since 2000 of `YYYY-MM-DDThh:mm:ssZ`.
fn utc(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let part = |part: &str, len: usize| (part.len() == len).then(|| part.parse::<u64>().ok()).flatten();
    let mut time = time.split(':');
    let (hour, minute, second) = (
        part(time.next()?, 2)?,
        part(time.next()?, 2)?,
        part(time.next()?, 2)?,
    );
    if time.next().is_some() || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some(words::days(date)? * 86_400 + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_and_an_instant_are_read_as_they_are_written() {
        for days_since in [0, 59, 60, 365, 366, 9_825, 60_000] {
            let (year, month, day) = causeway_message::time::civil(days_since);
            assert_eq!(
                words::days(&format!("{year:04}-{month:02}-{day:02}")),
                Some(days_since)
            );
        }
        assert_eq!(utc("2000-01-02T00:00:01Z"), Some(86_401));
        assert_eq!(span("2h"), Some(7_200));
        for wrong in [
            "2000-02-30T00:00:00Z",
            "2000-01-01 00:00:00Z",
            "2000-01-01T24:00:00Z",
            "tomorrow",
        ] {
            assert_eq!(utc(wrong), None, "{wrong}");
        }
    }
}
