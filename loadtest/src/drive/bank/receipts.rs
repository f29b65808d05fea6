//! Receipts, fetched and verified alone, beside the payments: nobody waits for them.
use std::sync::Arc;

use causeway_message::{InstructionId, Status};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::drive::control::Control;
use crate::drive::seat::Seat;
use crate::error::Failure;

/// Receipts that wait to be fetched.
const WAITING: usize = 1_024;

/// A receipt to fetch, and what it must say.
#[derive(Debug)]
pub struct Fetch {
    pub id: InstructionId,
    pub status: Status,
}

/// How many were fetched, and how many were not because the connection was lost or the node was busy.
pub type Fetched = (u64, u64);

/// Fetches until nobody asks for more.
pub fn fetch(
    seat: &Seat,
    control: &Arc<Control>,
) -> (mpsc::Sender<Fetch>, JoinHandle<Result<Fetched, Failure>>) {
    let (asking, mut asked) = mpsc::channel::<Fetch>(WAITING);
    let (seat, control) = (seat.clone(), control.clone());
    let task = tokio::spawn(async move {
        let (mut fetched, mut lost) = (0, 0);
        while let Some(wanted) = asked.recv().await {
            let shown = match seat.receipt(wanted.id).await {
                Ok(shown) => shown,
                Err(Failure::Lost(_)) => {
                    // A connection that was lost is made again by the next.
                    lost += 1;
                    continue;
                }
                Err(failure) => {
                    // The answer said settled: there is a receipt, and it can be read.
                    let contradiction = Failure::Check(format!("a receipt: {failure}"));
                    control.fail(contradiction.again());
                    return Err(contradiction);
                }
            };
            if shown != wanted.status {
                let text = format!(
                    "a receipt shows {} where the answer was {}",
                    shown.name(),
                    wanted.status.name()
                );
                control.fail(Failure::Check(text.clone()));
                return Err(Failure::Check(text));
            }
            fetched += 1;
        }
        Ok((fetched, lost))
    });
    (asking, task)
}
