//! Every instruction before it is first sent: after a crash the same one is sent again, byte for byte.
//!
//! A line is what was appended at once: sixteen hexadecimal digits of the SHA-256 of the rest, a space, and a JSON
//! list. A last line that is not whole was never acted upon, because sending begins only after the line is durable:
//! it is cut off.
use crate::failure::Failure;
use crate::references::{Candidate, References};
use causeway_message::digest::hash;
use causeway_message::ids::{hex, parse_hex};
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{InstructionId, ParticipantId, Uetr};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zerocopy::{FromBytes, IntoBytes};

/// An instruction as it is sent, and the transaction it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The record.
    #[serde(with = "record_text")]
    pub record: Instruction,
    /// Salt of the document; the text is the file of the record's digest. Of no meaning where there is none.
    pub salt: String,
    /// The clearing reference that goes with it.
    pub clearing_ref: Option<String>,
    /// The bytes of the charges that go with it, as hexadecimal digits.
    #[serde(default)]
    pub charges: Option<String>,
    /// The reason code that goes with it.
    #[serde(default)]
    pub reason: Option<String>,
    /// The file it was read from.
    pub file: String,
    /// The message definition.
    pub message_type: String,
    /// The message.
    pub message_id: String,
    /// Place in the message, from 1.
    pub transaction: usize,
    /// How the payment is named: this one, or the one that it is about.
    #[serde(default)]
    pub references: References,
    /// The case that a request belongs to, and who opened it.
    #[serde(default)]
    pub case: Option<(String, String)>,
    /// Of a request about a payment into another currency: what arrives, ISO 4217 number and minor units.
    #[serde(default)]
    pub about: Option<(u16, u64)>,
}

/// A record as hexadecimal digits.
pub(super) mod record_text {
    use super::*;

    pub(in crate::store) fn serialize<S: Serializer>(record: &Instruction, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&hex(record.as_bytes()))
    }

    pub(in crate::store) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Instruction, D::Error> {
        let text = String::deserialize(from)?;
        let bytes: Option<[u8; size_of::<Instruction>()]> = parse_hex(&text);
        bytes
            .and_then(|bytes| Instruction::read_from_bytes(&bytes).ok())
            .ok_or_else(|| de::Error::custom("is not a record"))
    }
}

impl Intent {
    /// Whether another instruction orders the same: it may differ in its value date and its document. Charges and
    /// reasons that are not known on both sides differ from nothing.
    pub fn orders_the_same(&self, other: &Intent) -> bool {
        let same = Instruction {
            value_date: self.record.value_date,
            document_digest: self.record.document_digest,
            ..other.record
        };
        let kept =
            |own: &Option<String>, other: &Option<String>| own.is_none() || other.is_none() || own == other;
        same == self.record
            && other.clearing_ref == self.clearing_ref
            && kept(&self.charges, &other.charges)
            && kept(&self.reason, &other.reason)
    }

    /// The payment, as a later message may mean it.
    pub fn candidate(&self) -> Candidate {
        Candidate {
            id: self.record.id(),
            party: ParticipantId(self.record.creditor.get()),
            currency: self.record.currency.get(),
            amount: self.record.amount.get(),
            uetr: self.record.uetr,
            interbank: self.record.flags.get() & flags::INTERBANK != 0,
            arrives: self.arrives(),
            references: References {
                message_id: Some(self.message_id.clone()),
                message_type: Some(self.message_type.clone()),
                uetr: Some(Uetr(self.record.uetr).to_string()),
                ..self.references.clone()
            },
        }
    }

    /// Whether it moves money by itself: the two sides of a trade do so together.
    pub fn pays(&self) -> bool {
        Kind::from_number(self.record.kind).is_some_and(|kind| kind.pays() || kind == Kind::FxPayment)
    }

    /// Whether it is paid in one currency and arrives in another.
    pub const fn converts(&self) -> bool {
        self.record.kind == Kind::FxPayment as u8
    }

    /// What arrives, if that is in another currency than what is paid.
    fn arrives(&self) -> Option<(u16, u64)> {
        let arrives = (
            self.record.counter_currency.get(),
            self.record.counter_amount.get(),
        );
        self.converts().then_some(arrives)
    }
}

/// The instructions sent, by their id.
#[derive(Debug)]
pub struct Intents {
    path: PathBuf,
    file: File,
    known: BTreeMap<InstructionId, Intent>,
    staged: Vec<Intent>,
}

/// Hexadecimal digits of the check in front of a line.
const CHECK: usize = 16;

fn check_of(json: &str) -> String {
    let mut digits = hex(&hash(json.as_bytes()));
    digits.truncate(CHECK);
    digits
}

fn read_line(line: &str) -> Option<Vec<Intent>> {
    let (check, json) = line.split_once(' ')?;
    (check == check_of(json)).then(|| serde_json::from_str(json).ok())?
}

impl Intents {
    pub(super) fn open(path: &Path) -> Result<Intents, Failure> {
        let failed = |doing: &'static str| move |error: std::io::Error| Failure::at(path, doing, &error);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .mode(0o600)
            .open(path)
            .map_err(failed("cannot be opened"))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(failed("cannot be read"))?;
        let (known, end) = read_all(&bytes).map_err(|line| damaged(path, line))?;
        if end < bytes.len() {
            let end = u64::try_from(end).unwrap_or(u64::MAX);
            file.set_len(end).map_err(failed("cannot be cut"))?;
            file.seek(SeekFrom::End(0)).map_err(failed("cannot be read"))?;
        }
        Ok(Intents {
            path: path.to_owned(),
            file,
            known,
            staged: Vec::new(),
        })
    }

    /// All of them, in order of their ids.
    pub fn all(&self) -> impl Iterator<Item = &Intent> {
        self.known.values()
    }

    /// The instruction that a place of a message became.
    pub fn of_message(&self, message_type: &str, message_id: &str, place: usize) -> Option<&Intent> {
        self.known.values().find(|one| {
            one.transaction == place && one.message_id == message_id && one.message_type == message_type
        })
    }

    /// The instruction with this id.
    pub fn get(&self, id: InstructionId) -> Option<&Intent> {
        self.known.get(&id)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Adds an instruction, which may be sent only after [`Intents::commit`].
    pub fn stage(&mut self, intent: Intent) {
        self.staged.push(intent.clone());
        self.known.insert(intent.record.id(), intent);
    }

    /// Makes all that was staged durable.
    ///
    /// # Errors
    /// When the file system fails; then none of it may be sent.
    pub fn commit(&mut self) -> Result<(), Failure> {
        if self.staged.is_empty() {
            return Ok(());
        }
        let json = serde_json::to_string(&self.staged).map_err(|error| Failure::Io(error.to_string()))?;
        let line = format!("{} {json}\n", check_of(&json));
        self.file
            .write_all(line.as_bytes())
            .and_then(|()| self.file.sync_all())
            .map_err(|error| Failure::at(&self.path, "cannot be written", &error))?;
        self.staged.clear();
        Ok(())
    }
}

/// Everything that is whole in the file; what is not may just be written by another command.
pub(super) fn read(path: &Path) -> Result<BTreeMap<InstructionId, Intent>, Failure> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(Failure::at(path, "cannot be read", &error)),
    };
    let (known, _) = read_all(&bytes).map_err(|line| damaged(path, line))?;
    Ok(known)
}

fn damaged(path: &Path, line: usize) -> Failure {
    Failure::Io(format!("{}:{line}: the line is damaged", path.display()))
}

/// Every whole line, and where the last of them ends; or the number of a damaged line that others follow.
fn read_all(bytes: &[u8]) -> Result<(BTreeMap<InstructionId, Intent>, usize), usize> {
    let mut known = BTreeMap::new();
    let mut end = 0;
    for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        let next = line.len().saturating_add(end);
        let whole = line
            .strip_suffix(b"\n")
            .and_then(|line| std::str::from_utf8(line).ok());
        match whole.and_then(read_line) {
            Some(intents) => known.extend(intents.into_iter().map(|intent| (intent.record.id(), intent))),
            None if next == bytes.len() => return Ok((known, end)),
            None => return Err(number.saturating_add(1)),
        };
        end = next;
    }
    Ok((known, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    fn intent(n: u8) -> Intent {
        let (id, uetr) = (InstructionId([n; 16]), Uetr([n; 16]));
        Intent {
            record: Instruction::payment(id, uetr, ParticipantId(1), ParticipantId(2), 978, u64::from(n)),
            salt: hex(&[n; 16]),
            clearing_ref: Some("REF\n\"1\"".to_owned()),
            charges: None,
            reason: Some("DUPL".to_owned()),
            file: "a file.xml".to_owned(),
            message_type: "pacs.008.001.08".to_owned(),
            message_id: "M".to_owned(),
            transaction: usize::from(n),
            references: References::default(),
            case: None,
            about: None,
        }
    }

    fn append(path: &Path, intents: &[Intent]) {
        let mut file = Intents::open(path).unwrap();
        intents.iter().for_each(|intent| file.stage(intent.clone()));
        file.commit().unwrap();
    }

    fn path(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("causeway-intents-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        dir.join("intents")
    }

    #[test]
    fn a_tail_cut_at_any_byte_loses_only_what_was_not_durable() {
        let path = path("tail");
        append(&path, &[intent(1)]);
        let whole_one = std::fs::metadata(&path).unwrap().len() as usize;
        append(&path, &[intent(2)]);
        let bytes = std::fs::read(&path).unwrap();
        for len in whole_one..=bytes.len() {
            std::fs::write(&path, &bytes[..len]).unwrap();
            let intents = Intents::open(&path).unwrap();
            let expected = if len == bytes.len() { 2 } else { 1 };
            assert_eq!(intents.len(), expected, "cut at {len}");
            assert_eq!(intents.get(InstructionId([1; 16])), Some(&intent(1)));
            // What is appended behind the cut is whole again.
            append(&path, &[intent(3)]);
            let again = Intents::open(&path).unwrap();
            assert_eq!(again.len(), expected + 1, "cut at {len}");
            assert_eq!(again.get(InstructionId([3; 16])), Some(&intent(3)));
        }
    }

    #[test]
    fn damage_before_the_end_is_an_error_and_not_a_loss() {
        let path = path("damage");
        append(&path, &[intent(1), intent(2)]);
        append(&path, &[intent(3)]);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[40] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        let error = Intents::open(&path).unwrap_err().to_string();
        assert!(error.ends_with("intents:1: the line is damaged"), "{error}");
    }
}
