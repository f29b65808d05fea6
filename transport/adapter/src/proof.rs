//! Receipts: fetched, verified with the pinned key, kept.
use crate::failure::Failure;
use crate::store::{Store, write_beside};
use causeway_message::ParticipantId;
use causeway_message::checkpoint::LogKey;
use causeway_message::receipt::{Receipt, ReceiptFacts};
use causeway_message::record::Instruction;
use causeway_message::refusal::RefusalCode;
use causeway_message::time::Timestamp;
use causeway_message::wire::InstructionKey;
use causeway_transport::{Client, ClientError};
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;

/// A receipt that is stored.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Where.
    pub path: PathBuf,
    /// What it proves.
    pub facts: ReceiptFacts,
    /// When the instruction itself entered the log.
    pub accepted: Timestamp,
}

/// Waits between attempts: longer each time, up to two seconds.
#[derive(Debug)]
pub struct Patience {
    next: Duration,
    deadline: Option<Instant>,
}

impl Patience {
    /// Until a deadline; without one for ever.
    pub const fn until(deadline: Option<Instant>) -> Patience {
        Patience {
            next: Duration::from_millis(5),
            deadline,
        }
    }

    /// For so long from now; for ever if none.
    pub fn within(time: Option<Duration>) -> Patience {
        Patience::until(time.and_then(|time| Instant::now().checked_add(time)))
    }

    /// Waits; false if the deadline leaves no time for it.
    pub async fn wait(&mut self) -> bool {
        let until = Instant::now().checked_add(self.next);
        if let (Some(deadline), Some(until)) = (self.deadline, until)
            && until > deadline
        {
            return false;
        }
        tokio::time::sleep(self.next).await;
        self.next = self.next.saturating_mul(2).min(Duration::from_secs(2));
        true
    }
}

/// Whether asking again later may succeed.
pub fn is_passing(error: &ClientError) -> bool {
    match error {
        ClientError::Refused(refusal) => refusal.code.may_retry(),
        other => other.is_connection(),
    }
}

/// Whether the node says that there is no such thing, or not any more.
pub fn is_not_found(error: &ClientError) -> bool {
    matches!(error, ClientError::Refused(refusal) if refusal.code == RefusalCode::NotFound)
}

/// Gets the receipt of an instruction into the store; none if the node has none.
///
/// A receipt that is there already stays as it is, if it still proves what it should.
///
/// # Errors
/// When the receipt does not hold, time is over, or the store fails.
pub async fn keep(
    client: &Client,
    store: &Store,
    submitter: ParticipantId,
    record: &Instruction,
    patience: &mut Patience,
) -> Result<Option<Kept>, Failure> {
    let payer = (submitter != client.config().participant).then_some(submitter);
    let path = store.receipt(record, payer);
    if let Some(kept) = stored(&path, record, &client.config().log_key) {
        return Ok(Some(kept));
    }
    let key = InstructionKey {
        submitter,
        id: record.id(),
    };
    loop {
        match client.receipt(key).await {
            Ok((receipt, _)) if receipt.record != *record => {
                let text = "the receipt is that of another record under the same id";
                return Err(Failure::Io(format!("{}: {text}", record.id())));
            }
            Ok((receipt, facts)) => {
                write_beside(path.clone(), receipt.write()).await?;
                let accepted = receipt.origin.time;
                return Ok(Some(Kept {
                    path,
                    facts,
                    accepted,
                }));
            }
            Err(error) if is_not_found(&error) => return Ok(None),
            Err(error) if is_passing(&error) && patience.wait().await => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// The receipt in a file, if it is one of this record and holds.
fn stored(path: &std::path::Path, record: &Instruction, key: &LogKey) -> Option<Kept> {
    let receipt = Receipt::read(&std::fs::read(path).ok()?).ok()?;
    let facts = receipt.verify(key).ok()?;
    (receipt.record == *record).then(|| Kept {
        path: path.to_owned(),
        facts,
        accepted: receipt.origin.time,
    })
}
