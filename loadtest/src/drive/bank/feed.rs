//! The feed of a bank, every page proven, into its books.
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinHandle;

use super::Bank;
use super::settler::lock;
use crate::books::Books;

/// Follows the feed until the task is ended. What entries up to `before` told is in the balances that the books began with.
pub fn follow(bank: &Bank, books: &Arc<Mutex<Books>>, before: u64) -> JoinHandle<()> {
    let (books, meter, control) = (books.clone(), bank.meter.clone(), bank.control.clone());
    let (mut feed, slow, number) = (bank.seat.feed(), bank.task.slow, bank.task.bank);
    tokio::spawn(async move {
        loop {
            let entry = match feed.next().await {
                Ok(entry) => entry,
                Err(failure) => {
                    let text = format!("bank {number}: feed: {failure}");
                    lock(&books).failure = Some(failure.to_string());
                    control.fail(crate::error::Failure::Check(text));
                    return;
                }
            };
            let mut released = 0;
            let bytes = {
                let mut books = lock(&books);
                if entry.index() > before {
                    let index = entry.index();
                    entry.each(|event| released += books.hear(index, event))
                } else {
                    0
                }
            };
            meter.released(number, released);
            if let Some(slow) = slow.filter(|_| control.slow()) {
                let pause = Duration::from_secs_f64(bytes as f64 / slow.max(1) as f64);
                // In short steps: once the run is over it reads on at once.
                let until = tokio::time::Instant::now() + pause;
                while control.slow() && tokio::time::Instant::now() < until {
                    tokio::time::sleep(Duration::from_millis(50).min(pause)).await;
                }
            }
        }
    })
}
