//! What participants were told, from the first answer to the last balance.
use std::collections::BTreeMap;

use causeway_message::ParticipantId;
use causeway_message::wire::BalanceLine;

use super::differs;
use crate::drive::bank::{Kept, Seen};
use crate::error::Failure;
use crate::world::FIRST_BANK;

/// What participants were told.
#[derive(Debug, Default)]
pub struct Told {
    /// What its bank was shown of each entry that one submitted.
    pub entries: BTreeMap<u64, Seen>,
    /// Balances at the end, of those who were asked.
    pub balances: Vec<(ParticipantId, Vec<BalanceLine>)>,
    /// Not all participants were asked.
    pub some: bool,
    /// Payments answered.
    pub(super) payments: u64,
    /// Records that were answered as waiting.
    pub(super) waiting: u64,
    /// An entry that two answers name.
    pub(super) twice: Option<u64>,
}

impl Told {
    /// What banks kept.
    pub fn new(kept: &[Kept]) -> Self {
        let mut told = Self::default();
        for kept in kept {
            kept.seen.iter().for_each(|seen| told.see(seen.clone()));
            let who = ParticipantId(FIRST_BANK + kept.bank as u32);
            told.balances.push((who, kept.balances.clone()));
        }
        told
    }

    /// Takes what a bank was shown of a batch.
    pub(super) fn see(&mut self, seen: Seen) {
        self.payments += u64::from(seen.records);
        self.waiting += u64::from(seen.waiting);
        let index = seen.index;
        if self.entries.insert(index, seen).is_some() {
            self.twice.get_or_insert(index);
        }
    }

    /// An entry holds one batch, and the log holds every batch that was answered.
    pub(super) fn is_whole(&self, found: usize) -> Result<(), Failure> {
        if let Some(index) = self.twice {
            return Err(differs(format!(
                "log entry {index}: two batches were answered as this entry"
            )));
        }
        if found == self.entries.len() {
            return Ok(());
        }
        Err(differs(format!(
            "banks had answers to {} entries, the log holds {found} of them",
            self.entries.len()
        )))
    }
}
