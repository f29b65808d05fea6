//! Every record that settled stands in the log once. Prints of eight bytes are kept; where two are equal, the log is read
//! again for whole ids.
use std::collections::BTreeSet;

use causeway_message::batch::BatchView;
use causeway_message::entry::EntryKind;
use causeway_message::record::Instruction;
use causeway_message::{InstructionId, ParticipantId};

use super::log::Log;
use super::{Told, differs};
use crate::books::Later;
use crate::drive::bank::Seen;
use crate::error::Failure;

/// Prints of ids.
#[derive(Debug)]
pub struct Ids {
    prints: Vec<u64>,
    max: usize,
    /// Ids that found no place.
    pub left_out: u64,
}

fn print(record: &Instruction) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = record.instruction_id;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// When a record settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct When {
    /// By its answer.
    pub at_once: bool,
    /// By the feed.
    pub later: bool,
}

/// Records of a batch that settled, by its answers or by the feed.
pub fn settled<'a>(
    records: &'a [Instruction],
    seen: &'a Seen,
    later: Option<&'a Later>,
) -> impl Iterator<Item = (&'a Instruction, When)> {
    let when = move |place| When {
        at_once: seen.settled.holds(place),
        later: later.is_some_and(|later| later.holds(place)),
    };
    let records = records.iter().enumerate();
    let records = records.map(move |(place, record)| (record, when(place)));
    records.filter(|(_, when)| when.at_once || when.later)
}

impl Ids {
    /// At most so many.
    pub const fn new(max: usize) -> Self {
        Self {
            prints: Vec::new(),
            max,
            left_out: 0,
        }
    }

    /// Takes the id of a record that settled.
    pub fn push(&mut self, record: &Instruction) {
        if self.prints.len() < self.max {
            self.prints.push(print(record));
        } else {
            self.left_out += 1;
        }
    }

    /// Whether all differ.
    ///
    /// # Errors
    /// The first that does not, by submitter and whole id; if the log cannot be read.
    pub fn once(&mut self, told: &Told, log: &dyn Log) -> Result<(), Failure> {
        self.prints.sort_unstable();
        let equal = self.prints.windows(2).filter(|two| two[0] == two[1]);
        let suspects: BTreeSet<u64> = equal.map(|two| two[0]).collect();
        if suspects.is_empty() {
            return Ok(());
        }
        let mut whole: BTreeSet<(ParticipantId, InstructionId)> = BTreeSet::new();
        for entry in log.entries()? {
            let (header, payload) = entry?;
            let index = header.index.get();
            let Some(seen) = told.entries.get(&index) else {
                continue;
            };
            if header.kind() != Ok(EntryKind::Batch) {
                continue;
            }
            let view =
                BatchView::parse(&payload).map_err(|error| differs(format!("log entry {index}: {error}")))?;
            let settled = settled(view.records, seen, told.later(index));
            for (record, _) in settled.filter(|(record, _)| suspects.contains(&print(record))) {
                let id = record.id();
                if !whole.insert((seen.who, id)) {
                    return Err(differs(format!(
                        "log entry {index}: id {id} of participant {} settled twice",
                        seen.who
                    )));
                }
            }
        }
        Ok(())
    }
}
