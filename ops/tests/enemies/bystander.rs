//! Another bank, which pays all the while: each of its payments is answered and settled.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

use causeway_message::{ParticipantId, SessionId, Status};
use causeway_transport::Client;

use crate::raw::Bank;
use crate::{EUR, soon, until};

/// Payments that must be answered after an enemy is done, too.
const MORE: u64 = 5;

/// A bank on a thread of its own.
pub struct Bystander {
    stop: Arc<AtomicBool>,
    paid: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

async fn pay(bank: Bank, to: ParticipantId, stop: Arc<AtomicBool>, paid: Arc<AtomicU64>) {
    let client = soon(Client::connect(bank.config.clone()))
        .await
        .expect("it connects");
    let session = soon(client.session(SessionId(1))).await.expect("a session");
    while !stop.load(Ordering::Acquire) {
        let answer = soon(session.pay(bank.payment(to, EUR, 1))).await;
        let answer = answer.expect("every payment is answered");
        assert_eq!(answer.status(), Some(Status::Settled), "and settled");
        paid.fetch_add(1, Ordering::AcqRel);
    }
    client.close();
}

impl Bystander {
    /// Pays from now on; returns when the first payments are answered.
    pub async fn new(bank: Bank, to: ParticipantId) -> Self {
        let (stop, paid) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let task = pay(bank, to, stop.clone(), paid.clone());
        let thread = std::thread::spawn(move || {
            let mut runtime = tokio::runtime::Builder::new_current_thread();
            runtime.enable_all().build().expect("a runtime").block_on(task);
        });
        let bystander = Self {
            stop,
            paid,
            thread: Some(thread),
        };
        bystander.goes_on().await;
        bystander
    }

    /// Waits for a few payments that are answered after this.
    pub async fn goes_on(&self) {
        let before = self.paid.load(Ordering::Acquire);
        let thread = self.thread.as_ref();
        until("the bystander goes on", || {
            assert!(thread.is_some_and(|thread| !thread.is_finished()), "it stopped");
            self.paid.load(Ordering::Acquire) >= before + MORE
        })
        .await;
    }

    /// It was served all the while, and still is.
    pub async fn was_served(mut self) {
        self.goes_on().await;
        self.stop.store(true, Ordering::Release);
        let thread = self.thread.take().expect("it runs");
        let ended = tokio::task::spawn_blocking(move || thread.join()).await;
        ended.expect("it is joined").expect("nothing of it failed");
    }
}

impl Drop for Bystander {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
    }
}
