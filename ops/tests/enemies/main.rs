//! Enemies of a node as an operator runs it, with its default limits: each meets a named status, refusal or close
//! code, while another bank pays as if nothing were.
#[path = "../common/mod.rs"]
mod common;

mod bystander;
mod deaf;
mod handshakes;
mod keys;
mod many;
mod raw;
mod repeats;

use std::time::{Duration, Instant};

use causeway_message::ParticipantId;
use common::node::{Ledger, Node};

use bystander::Bystander;
use raw::Bank;

/// Longer than anything here takes, unless it never comes.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// ISO 4217.
pub const EUR: u16 = 978;

/// A node, an enemy with some money, and a bystander with more.
pub(crate) struct Scene {
    pub ledger: Ledger,
    pub node: Node,
    pub alfa: Bank,
    pub beta: ParticipantId,
    pub bystander: Bystander,
}

impl Scene {
    pub async fn new() -> Self {
        let ledger = Ledger::new();
        let node = ledger.start();
        ledger.fund("ECB-TARGET", "ALFADEFF", "EUR", "1000.00", "ALFA");
        ledger.fund("ECB-TARGET", "GAMMGB2L", "EUR", "1000000.00", "GAMMA");
        let (alfa, gamma) = (Bank::load(&ledger, "ALFADEFF"), Bank::load(&ledger, "GAMMGB2L"));
        let beta = Bank::load(&ledger, "BETAFRPP").config.participant;
        let bystander = Bystander::new(gamma, beta).await;
        Self {
            ledger,
            node,
            alfa,
            beta,
            bystander,
        }
    }

    /// Everything else went on, and the node ends as it should.
    pub async fn unmoved(self) {
        self.bystander.was_served().await;
        assert_eq!(self.node.terminate().code(), Some(0));
    }
}

/// Waits for what must come.
pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what)
        .await
        .expect("it comes in time")
}

/// Waits until something is so.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
