//! A bank's durable book: what it is about to send, what it was answered, what its feed told.
//!
//! A line is eight hexadecimal digits of the CRC-32C of the rest, a space, and JSON. Intents are durable before they
//! are sent. A last line that is not whole was never acted upon: it is cut when the bank comes back.
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use causeway_message::record::{Instruction, Priority};
use causeway_message::{InstructionId, ParticipantId, Uetr};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use crate::error::Failure;

/// What both sides of a trade say alike, beside what one pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Currency and amount that the side gets.
    pub gets: (u16, u64),
    /// Value date, in days since 2000-01-01.
    pub date: u16,
    /// When it ends, in seconds since 2000-01-01; 0 if only its value date ends it.
    pub ends: u32,
}

/// What makes an order one side of a trade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trade {
    /// Its terms.
    pub terms: Terms,
    /// Id of the creditor's instruction that was alleged and is answered by this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mirrors: Option<String>,
}

/// What the bank orders: id, creditor, currency, amount; a payment, or one side of a trade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order(
    pub String,
    pub u32,
    pub u16,
    pub u64,
    #[serde(default, skip_serializing_if = "Option::is_none")] pub Option<Trade>,
);

impl Order {
    /// Its id.
    pub fn id(&self) -> Option<InstructionId> {
        InstructionId::from_hex(&self.0)
    }

    /// The record, the same each time it is sent.
    pub fn record(&self, debtor: ParticipantId) -> Option<Instruction> {
        let id = self.id()?;
        let (uetr, creditor) = (Uetr(id.0), ParticipantId(self.1));
        let mut record = match &self.4 {
            None => Instruction::payment(id, uetr, debtor, creditor, self.2, self.3),
            Some(Trade { terms, .. }) => {
                let (parties, pays) = ((debtor, creditor), (self.2, self.3));
                let side = Instruction::pvp(id, uetr, parties, pays, terms.gets, terms.date);
                Instruction {
                    expires_at: terms.ends.into(),
                    ..side
                }
            }
        };
        // A trade that may wait for long must not stand before what keeps money moving.
        let waits_behind = self.4.as_ref().is_some_and(|trade| trade.terms.ends == 0);
        if !waits_behind {
            record.priority = Priority::High as u8;
        }
        Some(record)
    }
}

/// What the bank was answered: status, whether for the first time, and entry and place of the instruction if told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told(pub u16, pub bool, pub Option<(u64, u32)>);

/// What an event about a side of a trade tells more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// Log index of the entry that caused it.
    pub entry: u64,
    /// The counterparty that the instruction names.
    pub creditor: u32,
    /// Amount that it pays, as signed.
    pub pays: u64,
    /// The rest of what was signed.
    pub terms: Terms,
    /// Minor units that it got.
    pub got: u64,
}

/// An event of the feed that moved money or told of what waits: number, role, status, debtor, id, currency, amount that
/// moved; and more of a trade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard(
    pub u64,
    pub u8,
    pub u16,
    pub u32,
    pub String,
    pub u16,
    pub u64,
    #[serde(default, skip_serializing_if = "Option::is_none")] pub Option<Side>,
);

/// A line of the book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Line {
    /// The bank came to life.
    Life(u32),
    /// Payments and sides of trades that are about to be sent in one batch.
    Intent {
        /// Number of the batch in this book.
        batch: u64,
        /// The lane that sends it.
        lane: u64,
        /// What it holds.
        orders: Vec<Order>,
    },
    /// A batch is sent once more than an answer asks for: its answers may tell nothing new.
    Again {
        /// Number of the batch in this book.
        batch: u64,
    },
    /// What a batch was answered.
    Answers {
        /// Number of the batch in this book.
        batch: u64,
        /// One for each of its records.
        told: Vec<Told>,
    },
    /// Events of the feed: the number of the first, how many, and those that moved money.
    Feed {
        /// Number of the first.
        first: u64,
        /// Number of the one after the last.
        next: u64,
        /// Those that moved money.
        heard: Vec<Heard>,
    },
}

fn line_of(line: &Line) -> Result<String, Failure> {
    let json = serde_json::to_string(line).map_err(|error| Failure::Io(error.to_string()))?;
    Ok(format!("{:08x} {json}\n", crc32c::crc32c(json.as_bytes())))
}

fn parse(line: &[u8]) -> Option<Line> {
    let text = std::str::from_utf8(line).ok()?;
    let (check, json) = text.split_once(' ')?;
    let check = u32::from_str_radix(check, 16).ok()?;
    (crc32c::crc32c(json.as_bytes()) == check).then(|| serde_json::from_str(json).ok())?
}

/// Reads a book from where it was read to before.
#[derive(Debug)]
pub struct BookReader {
    path: PathBuf,
    end: u64,
}

impl BookReader {
    /// Of a file, which need not be there yet.
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            end: 0,
        }
    }

    /// The whole lines that were added since.
    ///
    /// # Errors
    /// If one of them is damaged.
    pub fn read(&mut self) -> Result<Vec<Line>, Failure> {
        let mut file = match File::open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        file.seek(SeekFrom::Start(self.end))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let mut lines = Vec::new();
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let Some(whole) = line.strip_suffix(b"\n") else {
                break;
            };
            lines.push(parse(whole).ok_or_else(|| {
                Failure::Check(format!("{}: damaged at byte {}", self.path.display(), self.end))
            })?);
            self.end += line.len() as u64;
        }
        Ok(lines)
    }
}

type Job = (String, Option<oneshot::Sender<()>>);

/// The writing end, used by all tasks of the bank. Lines that wait share one sync.
#[derive(Debug, Clone)]
pub struct Book(mpsc::Sender<Job>);

impl Book {
    /// Opens the book behind its last whole line.
    ///
    /// # Errors
    /// If it cannot be read or is damaged.
    pub fn open(path: &Path) -> Result<(Self, Vec<Line>), Failure> {
        let mut reader = BookReader::new(path);
        let lines = reader.read()?;
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(path)?;
        file.set_len(reader.end)?;
        file.seek(SeekFrom::End(0))?;
        let (send, jobs) = mpsc::channel();
        std::thread::spawn(move || {
            if let Err(error) = write(&mut file, &jobs) {
                // A bank that cannot keep its book must not go on.
                eprintln!("the book cannot be written: {error}");
                std::process::exit(3);
            }
        });
        Ok((Self(send), lines))
    }

    /// Adds a line, durable soon.
    ///
    /// # Errors
    /// If the book is closed.
    pub fn note(&self, line: &Line) -> Result<(), Failure> {
        self.send(line, None)
    }

    /// Adds a line, durable on return.
    ///
    /// # Errors
    /// If the book is closed.
    pub async fn keep(&self, line: &Line) -> Result<(), Failure> {
        let (done, kept) = oneshot::channel();
        self.send(line, Some(done))?;
        kept.await.map_err(|_| Failure::Io("the book is closed".into()))
    }

    fn send(&self, line: &Line, done: Option<oneshot::Sender<()>>) -> Result<(), Failure> {
        let closed = |_| Failure::Io("the book is closed".into());
        self.0.send((line_of(line)?, done)).map_err(closed)
    }
}

fn write(file: &mut File, jobs: &mpsc::Receiver<Job>) -> std::io::Result<()> {
    while let Ok((mut text, done)) = jobs.recv() {
        let mut waiting = vec![done];
        for (more, done) in jobs.try_iter() {
            text.push_str(&more);
            waiting.push(done);
        }
        file.write_all(text.as_bytes())?;
        file.sync_data()?;
        for done in waiting.into_iter().flatten() {
            let _ = done.send(());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payments_and_sides_of_trades_read_back_and_make_their_records() {
        let terms = Terms {
            gets: (392, 70),
            date: 9_000,
            ends: 5,
        };
        let trade = Some(Trade { terms, mirrors: None });
        let orders = [None, trade].map(|trade| Order("00".repeat(16), 3, 978, 50, trade));
        let line = Line::Intent {
            batch: 1,
            lane: 0,
            orders: orders.to_vec(),
        };
        let text = line_of(&line).expect("text");
        assert_eq!(parse(text.trim_end().as_bytes()), Some(line), "{text}");
        let [payment, side] = orders.map(|order| order.record(ParticipantId(2)).expect("a record"));
        assert_eq!((payment.counter_amount.get(), payment.expires_at.get()), (0, 0));
        assert_eq!((side.amount.get(), side.counter_amount.get()), (50, 70));
        assert_eq!((side.value_date.get(), side.expires_at.get()), (9_000, 5));
    }

    #[test]
    fn a_torn_line_is_cut_and_a_damaged_one_is_refused() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("book");
        let lines = [Line::Life(1), Line::Again { batch: 7 }];
        let text: String = lines.iter().map(|line| line_of(line).expect("text")).collect();
        std::fs::write(&path, format!("{text}0bad")).expect("written");
        let (book, read) = Book::open(&path).expect("a torn line is no damage");
        assert_eq!(read, lines);
        drop(book);
        assert_eq!(std::fs::read_to_string(&path).expect("readable"), text);
        std::fs::write(
            &path,
            text.replacen("Life", "Lite", 1).replacen("life", "lite", 1),
        )
        .expect("written");
        assert!(Book::open(&path).is_err());
    }
}
