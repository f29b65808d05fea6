//! Receipts: fetched for every hundredth payment, and checked by the client against the log's pinned key.
use std::time::Duration;

use causeway_message::Status;
use causeway_message::receipt::{Receipt, ReceiptFacts};
use causeway_message::refusal::RefusalCode;
use causeway_message::wire::InstructionKey;
use causeway_transport::{Client, ClientError};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

/// Receipts that wait to be fetched, for each bank. Past it a payment goes without: a sample is enough.
const WAITING: usize = 32;
/// Wait before a receipt is asked for again whose entry is just being published.
const AGAIN: Duration = Duration::from_millis(10);
/// Times that a receipt is asked for.
const ATTEMPTS: u32 = 200;

/// A receipt to fetch, and what it must show.
#[derive(Debug, Clone, Copy)]
pub struct Ask {
    /// Of which instruction.
    pub key: InstructionKey,
    /// Minor units that moved.
    pub amount: u64,
    /// True if the payment had waited.
    pub deferred: bool,
}

/// What came of the receipts of one bank.
#[derive(Debug, Default)]
pub struct Proofs {
    /// Receipts that hold.
    pub verified: u64,
    /// Of these, of payments that had waited.
    pub deferred: u64,
    /// What did not hold.
    pub problems: Vec<String>,
}

/// Starts fetching for a bank; ends when nobody asks any more.
pub fn start(client: Client) -> (Sender<Ask>, JoinHandle<Proofs>) {
    let (asks, asked) = channel(WAITING);
    (asks, tokio::spawn(fetch(client, asked)))
}

async fn fetch(client: Client, mut asked: Receiver<Ask>) -> Proofs {
    let mut proofs = Proofs::default();
    while let Some(ask) = asked.recv().await {
        match one(&client, ask).await {
            Ok(()) => {
                proofs.verified += 1;
                proofs.deferred += u64::from(ask.deferred);
            }
            Err(why) => proofs
                .problems
                .push(format!("receipt of payment {}: {why}", ask.key.id)),
        }
    }
    proofs
}

/// The receipt of an instruction that has an outcome, once it is published.
pub async fn receipt(client: &Client, key: InstructionKey) -> Result<(Receipt, ReceiptFacts), ClientError> {
    let mut left = ATTEMPTS;
    loop {
        match client.receipt(key).await {
            Err(ClientError::Refused(refusal)) if refusal.code == RefusalCode::NotFinal && left > 0 => {
                left -= 1;
                tokio::time::sleep(AGAIN).await;
            }
            found => return found,
        }
    }
}

async fn one(client: &Client, ask: Ask) -> Result<(), String> {
    let found = receipt(client, ask.key).await;
    let (receipt, facts) = found.map_err(|error| error.to_string())?;
    let shown = (facts.status, facts.amount, facts.deferred);
    let wanted = (Status::Settled, ask.amount, ask.deferred);
    if shown != wanted || receipt.record.amount.get() != ask.amount {
        return Err(format!("it shows {shown:?}, the bank saw {wanted:?}"));
    }
    Ok(())
}
