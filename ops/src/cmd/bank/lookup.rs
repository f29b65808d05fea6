//! Finds the record that an instruction is about: in the own queue, in a receipt, in the own feed, in the node's histories.
use causeway_message::event::{Event, EventKind, Role};
use causeway_message::record::{Instruction, Kind};
use causeway_message::refusal::RefusalCode;
use causeway_message::wire::{HistoryLine, HistoryQuery, InstructionKey, QueueLine};
use causeway_message::{InstructionId, ParticipantId, Status, Uetr};
use causeway_transport::ClientError;
use causeway_transport::client::VerifiedEntry;
use std::time::Duration;

use crate::Failure;
use crate::client::{Desk, exchange, trade, within};

/// Silence after which everything there is counts as seen.
pub const SILENCE: Duration = Duration::from_millis(1_500);
/// Payments of the own queue that are looked at.
const QUEUE_MAX: usize = 100_000;
/// Lines of a history that are looked at.
const LINES_MAX: usize = 100_000;

/// Shows every event of the own feed up to now.
pub async fn scan(desk: &Desk, mut look: impl FnMut(u64, &VerifiedEntry, &Event<'_>)) -> Result<(), Failure> {
    // What comes while this reads would never end.
    let now = desk.client.balances(0).await?.index;
    let mut feed = desk.client.feed(1);
    while let Ok(entry) = tokio::time::timeout(SILENCE, feed.next()).await {
        let entry = entry?;
        if entry.leaf.index > now {
            break;
        }
        for (number, event) in entry.events() {
            look(number, &entry, &event);
        }
    }
    Ok(())
}

/// An own payment as the node shows it: in the queue if it waits, in its receipt if its outcome is final, else where its
/// entry tells of it.
pub async fn own(desk: &Desk, patience: Duration, id: InstructionId) -> Result<Option<Instruction>, Failure> {
    let asked = within(
        patience,
        "the node did not answer",
        desk.client.queue(0, QUEUE_MAX),
    );
    let (_, lines) = asked.await??;
    let key = InstructionKey {
        submitter: desk.participant(),
        id,
    };
    if let Some(line) = lines.into_iter().find(|line| line.id == id) {
        let entered = entered(desk, patience, key).await?;
        return match line.status {
            // Of a trade the line tells one leg only.
            Status::Matched | Status::Unmatched => Ok(entered),
            // Its class may have been amended since.
            _ => Ok(Some(entered.map_or_else(
                || waiting(desk, &line),
                |record| Instruction {
                    priority: line.class as u8,
                    ..record
                },
            ))),
        };
    }
    match within(patience, "the node did not answer", desk.client.receipt(key)).await? {
        Ok((receipt, _)) => Ok(Some(receipt.record)),
        Err(ClientError::Refused(refusal))
            if matches!(refusal.code, RefusalCode::NotFound | RefusalCode::NotFinal) =>
        {
            entered(desk, patience, key).await
        }
        Err(error) => Err(error.into()),
    }
}

/// An own instruction as it entered the log, if the ledger remembers it.
async fn entered(
    desk: &Desk,
    patience: Duration,
    key: InstructionKey,
) -> Result<Option<Instruction>, Failure> {
    let known = match within(patience, "the node did not answer", desk.client.status(key)).await? {
        Ok(known) => known,
        Err(ClientError::Refused(refusal)) if refusal.code == RefusalCode::NotFound => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let query = HistoryQuery {
        reference: key.id.0,
        before: known.entry.saturating_add(1),
        participant: key.submitter,
    };
    let asked = desk.client.history_page(query);
    let page = within(patience, "the node did not answer", asked).await??;
    let own = |line: &&HistoryLine| {
        let record = &line.record;
        (line.entry, line.submitter, record.id()) == (known.entry, key.submitter, key.id)
    };
    Ok(page.lines.iter().find(own).map(|line| line.record))
}

/// What became of everything under a UETR that concerns a participant, the newest first.
pub async fn history(
    desk: &Desk,
    patience: Duration,
    uetr: Uetr,
    participant: ParticipantId,
) -> Result<Vec<HistoryLine>, Failure> {
    let query = HistoryQuery {
        reference: uetr.0,
        before: 0,
        participant,
    };
    let asked = desk.client.history(query, LINES_MAX);
    let (_, mut lines) = within(patience, "the node did not answer", asked).await??;
    lines.retain(|line| line.record.uetr == uetr.0);
    Ok(lines)
}

/// Payments and trades under a UETR, the newest first: those that took effect, else those that were refused on entry.
pub fn payments(lines: &[HistoryLine]) -> Vec<Instruction> {
    let pays = |line: &&HistoryLine| {
        let record = &line.record;
        let pays = Kind::from_number(record.kind).is_some_and(Kind::pays);
        pays || trade::is_trade(record) || exchange::is_fx(record)
    };
    let refused = |line: &&HistoryLine| {
        let entered = line.role == Role::Submitter && line.cause == line.entry;
        entered && line.status.is_final() && line.status != Status::Settled
    };
    let collect = |kept: &dyn Fn(&&HistoryLine) -> bool| {
        let mut records: Vec<Instruction> = Vec::new();
        for line in lines.iter().filter(pays).filter(kept) {
            if !records.contains(&line.record) {
                records.push(line.record);
            }
        }
        records
    };
    let effective = collect(&|line| !refused(line));
    if effective.is_empty() {
        collect(&|_| true)
    } else {
        effective
    }
}

/// Id of the one payment that a name means among those of a participant that are `meant`.
pub async fn named(
    desk: &Desk,
    patience: Duration,
    name: Name,
    participant: ParticipantId,
    meant: impl Fn(&HistoryLine) -> bool,
) -> Result<InstructionId, Failure> {
    let uetr = match name {
        Name::Id(id) => return Ok(id),
        Name::Uetr(uetr) => uetr,
    };
    let mut lines = history(desk, patience, uetr, participant).await?;
    lines.retain(meant);
    match payments(&lines)[..] {
        [] => Err(Failure::Refused(format!(
            "no such payment is known under the UETR {uetr}"
        ))),
        [record] => Ok(record.id()),
        [..] => {
            let ids: Vec<String> = payments(&lines).iter().map(|r| r.id().to_string()).collect();
            Err(Failure::Refused(format!(
                "several payments have the UETR {uetr}; say which by its id: {}",
                ids.join(", ")
            )))
        }
    }
}

/// The record behind a line of the own queue, as far as the line tells it.
fn waiting(desk: &Desk, line: &QueueLine) -> Instruction {
    let debtor = desk.participant();
    let mut record = Instruction::payment(
        line.id,
        line.uetr,
        debtor,
        line.creditor,
        line.currency,
        line.amount,
    );
    record.priority = line.class as u8;
    record
}

/// The newest record of the own feed that is meant.
pub async fn told(desk: &Desk, meant: impl Fn(&Instruction) -> bool) -> Result<Option<Instruction>, Failure> {
    let mut found = None;
    scan(desk, |_, _, event| {
        let exchanged = || event.exchange().map(|(_, record, _)| record);
        let record = event.payment().map(|(record, _)| record).or_else(exchanged);
        if let Some(record) = record.filter(|record| meant(record)) {
            found = Some(*record);
        }
    })
    .await?;
    Ok(found)
}

/// A question of another bank about a payment to this one or its side of a trade, by its own id or that of what it is
/// about; and whether that is a trade.
pub async fn question(desk: &Desk, id: InstructionId) -> Result<Option<(Instruction, bool)>, Failure> {
    let (mut found, mut paid) = (None, Vec::new());
    scan(desk, |_, _, event| {
        let Some((record, _)) = event
            .payment()
            .filter(|_| event.kind() == Some(EventKind::Payment) && event.role() == Some(Role::Creditor))
        else {
            return;
        };
        if record.kind == Kind::Cancel as u8 && (record.id() == id || record.related == id.0) {
            found = Some(*record);
        } else if event.status() == Some(Status::Settled) {
            paid.push(record.instruction_id);
        }
    })
    .await?;
    // Of each payment that settled its creditor was told; of the other side of a trade never.
    Ok(found.map(|asked| (asked, !paid.contains(&asked.related))))
}

/// What names a payment: an instruction id, or a UETR.
#[derive(Debug, Clone, Copy)]
pub enum Name {
    /// Instruction id.
    Id(InstructionId),
    /// Business reference.
    Uetr(Uetr),
}

impl Name {
    /// Reads the word.
    pub fn read(text: &str) -> Result<Self, Failure> {
        // Both are 32 digits; only a UETR is written with dashes.
        let name = if text.contains('-') {
            Uetr::parse(text).map(Self::Uetr)
        } else {
            InstructionId::from_hex(text).map(Self::Id)
        };
        name.ok_or_else(|| Failure::Config("ID: must be an instruction id or a UETR".to_owned()))
    }

    /// True if a record is the payment, or about it.
    pub fn is(self, record: &Instruction) -> bool {
        match self {
            Self::Id(id) => record.id() == id || record.related == id.0 || record.uetr == id.0,
            Self::Uetr(uetr) => record.uetr == uetr.0,
        }
    }
}

/// The failure where nothing is found.
pub fn unknown(id: InstructionId, options: &str) -> Failure {
    Failure::Refused(format!("neither node nor feed of this bank know {id}; {options}"))
}

/// Who submitted a record.
pub fn submitter(record: &Instruction) -> ParticipantId {
    if record.kind == Kind::Resolve as u8 {
        return ParticipantId(record.creditor.get());
    }
    ParticipantId(record.debtor.get())
}
