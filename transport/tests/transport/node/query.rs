//! Questions to the node in memory.
use causeway_message::action::DefaultState;
use causeway_message::reason::Reason;
use causeway_message::record::Priority;
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::time::Timestamp;
use causeway_message::wire::{
    Accounts, BalanceLine, Balances, Credits, Days, Directory, DirectoryLine, Explanation, Exposure,
    GovernanceLines, HistoryLines, InstructionKey, QueueLine, QueueLines, StatementLines, StatusAnswer,
    Windows, write_document,
};
use causeway_message::{InstructionId, ParticipantId, Status, Uetr};
use causeway_transport::service::Query;

use super::Inner;

fn not_found() -> Refusal {
    Refusal::new(RefusalCode::NotFound, "")
}

/// The one payment that waits of everybody.
fn queue_line(currency: u16) -> QueueLine {
    QueueLine {
        id: InstructionId([7; 16]),
        uetr: Uetr([8; 16]),
        amount: 9,
        entry: 1,
        creditor: ParticipantId(2),
        position: 1,
        currency,
        ordinal: 0,
        status: Status::Queued,
        class: Priority::Normal,
    }
}

impl Inner {
    fn find(&self, asker: ParticipantId, key: InstructionKey) -> Result<(usize, u16), Refusal> {
        let found = self.known.get(&(key.submitter, key.id));
        let (at, ordinal) = *found.ok_or_else(not_found)?;
        let batch = self.log.entries[at].batch.as_ref().ok_or_else(not_found)?;
        let view = batch.view().ok_or_else(not_found)?;
        let record = &view.records[usize::from(ordinal)];
        if asker == key.submitter || record.creditor.get() == asker.0 {
            return Ok((at, ordinal));
        }
        Err(not_found())
    }

    pub fn ask(&mut self, asker: ParticipantId, query: Query) -> Result<Vec<u8>, Refusal> {
        let index = self.log.entries.len() as u64;
        Ok(match query {
            Query::Balances(currency) => {
                let line = BalanceLine {
                    currency: if currency == 0 { 978 } else { currency },
                    queued: 0,
                    balance: i128::from(asker.0),
                    reserved: 0,
                    queued_value: 0,
                    cap: 0,
                };
                let lines = vec![line];
                Balances { index, lines }.write()
            }
            Query::Status(key) => {
                let (at, ordinal) = self.find(asker, key)?;
                let entry = &self.log.entries[at];
                let status = entry.answers[usize::from(ordinal)].status();
                StatusAnswer {
                    status: status.ok_or_else(not_found)?,
                    ordinal,
                    entry: entry.leaf.index,
                    cause: entry.leaf.index,
                    index,
                }
                .write()
            }
            Query::Receipt(key) => {
                let (at, ordinal) = self.find(asker, key)?;
                let receipt = self.log.receipt(at, usize::from(ordinal));
                receipt.ok_or_else(not_found)?.write()
            }
            Query::Explain(key) => {
                let (at, _) = self.find(asker, key)?;
                let index = self.log.entries[at].leaf.index;
                Explanation::new(index, Status::Settled, Reason::Nothing).write()
            }
            Query::Queue(query) => QueueLines {
                index,
                next: 0,
                lines: (query.first..1).map(|_| queue_line(query.currency)).collect(),
            }
            .write(),
            Query::Accounts(_) => Accounts {
                index,
                left_out: 0,
                lines: Vec::new(),
                limits: Vec::new(),
            }
            .write(),
            Query::Days(_) => Days {
                index,
                time: 0,
                lines: Vec::new(),
            }
            .write(),
            Query::Credits(_) => Credits {
                index,
                lines: Vec::new(),
                assets: Vec::new(),
            }
            .write(),
            Query::Exposure(query) => Exposure {
                index,
                next: 0,
                participant: query.participant,
                state: DefaultState::None,
                accounts: Vec::new(),
                quotes: Vec::new(),
                lines: Vec::new(),
            }
            .write(),
            Query::Windows(_) => Windows {
                index,
                time: 0,
                windows: Vec::new(),
                positions: Vec::new(),
            }
            .write(),
            Query::History(_) => HistoryLines {
                index,
                next: 0,
                left_out: 0,
                lines: Vec::new(),
            }
            .write(),
            Query::Statement(query) => StatementLines {
                index,
                next: (0, 0),
                opening: 0,
                closing: 0,
                from: 0,
                to: index,
                from_time: Timestamp(0),
                to_time: Timestamp(0),
                told: 0,
                event: 0,
                date: query.date,
                lines: Vec::new(),
            }
            .write(),
            Query::Governance(query) => GovernanceLines {
                index,
                next: 0,
                participant: query.participant,
                records: Vec::new(),
                reached: Vec::new(),
            }
            .write(),
            Query::Consistency(old) => self.log.consistency(old).write(),
            Query::Document(entry, ordinal) => {
                let at = usize::try_from(entry).unwrap_or(usize::MAX).saturating_sub(1);
                let batch = self.log.entries.get(at).and_then(|e| e.batch.as_ref());
                let view = batch.and_then(|batch| batch.view()).ok_or_else(not_found)?;
                let record = view.records.get(ordinal as usize).ok_or_else(not_found)?;
                let document = self.documents.get(&record.document_digest);
                write_document(document.ok_or_else(not_found)?)
            }
            Query::Directory(from) => {
                let line = |id: u64| DirectoryLine {
                    participant: ParticipantId(id as u32),
                    roles: 1,
                    suspended: false,
                    name: format!("Bank {id}"),
                };
                let lines: Vec<_> = (from..5).take(2).map(line).collect();
                let end = from + lines.len() as u64;
                let next = if end < 5 { end } else { 0 };
                Directory { next, lines }.write()
            }
        })
    }
}
