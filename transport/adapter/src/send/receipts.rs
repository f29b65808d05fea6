//! Receipts of what was sent.
use super::submit::Payment;
use crate::failure::Failure;
use crate::proof::{Patience, keep};
use crate::store::Store;
use causeway_message::Status;
use causeway_transport::Client;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Receipts fetched at once.
const AT_ONCE: usize = 16;
/// Receipts are waited for at least so long: they follow their outcome within moments.
const RECEIPTS_WITHIN: Duration = Duration::from_secs(10);

/// Fetches, verifies and stores the receipts of all final payments.
///
/// # Errors
/// When one does not hold, does not come, or the store fails. The others are stored all the same.
pub async fn fetch(
    client: &Client,
    store: &Arc<Store>,
    payments: &mut [Payment],
    deadline: Instant,
) -> Result<(), Failure> {
    let soonest = Instant::now().checked_add(RECEIPTS_WITHIN).unwrap_or(deadline);
    let deadline = deadline.max(soonest);
    let mut todo: Vec<usize> = (0..payments.len())
        .filter(|at| {
            payments
                .get(*at)
                .is_some_and(|one| one.status.is_some_and(is_remembered))
        })
        .collect();
    let mut running = JoinSet::new();
    let mut failed = Ok(());
    loop {
        while running.len() < AT_ONCE
            && let Some(at) = todo.pop()
        {
            let Some(record) = payments.get(at).map(|one| *one.record()) else {
                continue;
            };
            let (client, store) = (client.clone(), store.clone());
            running.spawn(async move {
                let submitter = client.config().participant;
                let mut patience = Patience::until(Some(deadline));
                (at, keep(&client, &store, submitter, &record, &mut patience).await)
            });
        }
        match running.join_next().await {
            None => break,
            Some(Err(error)) => failed = Err(Failure::Io(format!("a receipt: {error}"))),
            Some(Ok((at, Ok(kept)))) => {
                if let Some(payment) = payments.get_mut(at) {
                    payment.receipt = kept;
                }
            }
            Some(Ok((_, Err(failure)))) => failed = Err(failure),
        }
    }
    store.sync()?;
    let missing = payments
        .iter()
        // Of what was converted later than it came the node has none; what it came to is in the feed.
        .find(|one| one.status == Some(Status::Settled) && one.receipt.is_none() && !one.intent.converts());
    match missing {
        Some(one) if failed.is_ok() => Err(Failure::Io(format!(
            "{}: settled, but the node has no receipt of it",
            one.record().id()
        ))),
        _ => failed,
    }
}

/// Whether the node keeps the outcome under this id, so that a receipt of it can be cut.
const fn is_remembered(status: Status) -> bool {
    // These are answers about the batch or about another record under the same id.
    status.is_final()
        && !matches!(
            status,
            Status::IdReused
                | Status::CapacityExhausted
                | Status::KeyNotActive
                | Status::BatchTooLate
                | Status::SessionDisorder
        )
}
