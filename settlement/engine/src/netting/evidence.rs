//! What a proposal was drawn from and came to, for whoever keeps proof of it.
use std::sync::Arc;

use causeway_ledger::{Planned, Registry};
use causeway_message::Digest;
use causeway_message::entry::EntryHeader;
use causeway_netting::{Bound, Case, Chosen, Mode};
use crossbeam::channel::{Receiver, Sender, bounded};

use super::draw::Key;
use crate::limits::{APPLIED_RING, EVIDENCE_RING};

/// One proposal of which the ledger settled something.
#[derive(Debug)]
pub struct Evidence {
    /// Log index after which the queues stood.
    pub basis: u64,
    /// What could have settled together. Participants are numbered by their ids, currencies by ISO 4217; a balance is
    /// what the account may spend, in minor units.
    pub case: Case,
    /// Submitter and id of each leg of each item.
    pub keys: Vec<Vec<Key>>,
    /// Who takes part.
    pub registry: Arc<Registry>,
    /// How was looked.
    pub mode: Mode,
    /// What was planned; the ledger settles of that what its rules allow.
    pub planned: Chosen,
    /// What no choice exceeds.
    pub bound: Bound,
    /// Log indexes of the plans, rising.
    pub plans: Vec<u64>,
    /// Hash of the header of the last of them.
    pub hash: Digest,
    /// Instructions that the plans named.
    pub named: u64,
    /// Those of them that settled.
    pub settled: u64,
}

/// Where evidence goes. What finds no room there is dropped and counted.
pub type Evidences = Sender<Evidence>;

/// A place for evidence, and its other end.
pub fn evidence() -> (Evidences, Receiver<Evidence>) {
    bounded(EVIDENCE_RING)
}

/// Counts what became of a certificate: there is none.
pub(super) fn dropped() {
    metrics::counter!("causeway_netting_certificates_total", "state" => "dropped").increment(1);
}

/// A plan that was applied, as the ledger's thread tells of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AppliedPlan {
    pub index: u64,
    /// Of its header.
    pub hash: Digest,
    /// Of its payload: by this it is known again.
    pub payload: Digest,
    pub named: u32,
    pub settled: u32,
}

impl AppliedPlan {
    pub fn new(header: &EntryHeader, planned: &Planned) -> Self {
        Self {
            index: header.index.get(),
            hash: header.hash(),
            payload: header.payload_digest,
            named: planned.named,
            settled: planned.settled,
        }
    }
}

/// From the ledger's thread to the one that looks.
pub(crate) fn applied() -> (Sender<AppliedPlan>, Receiver<AppliedPlan>) {
    bounded(APPLIED_RING)
}

/// Plans of one proposal, as they are applied.
#[derive(Debug, Default)]
pub(super) struct Awaited {
    /// Digest of the payload of each.
    pub payloads: Vec<Digest>,
    /// Those that were applied, by place.
    pub applied: Vec<AppliedPlan>,
}

impl Awaited {
    /// Takes in what was applied; plans of others are passed over.
    pub fn take(&mut self, from: &Receiver<AppliedPlan>) {
        self.applied.extend(
            from.try_iter()
                .filter(|plan| self.payloads.contains(&plan.payload)),
        );
    }

    /// All of them, if all were applied.
    pub fn all(&self) -> Option<&[AppliedPlan]> {
        (!self.payloads.is_empty() && self.applied.len() == self.payloads.len()).then_some(&self.applied)
    }
}
