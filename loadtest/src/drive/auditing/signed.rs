//! Signatures of what no bank of the run was told of: set-up, and what stood in the log before.
use std::collections::BTreeMap;

use causeway_message::batch::{BatchBlock, BatchView};
use causeway_message::control::ControlView;
use causeway_message::entry::{EntryHeader, EntryKind};
use causeway_message::genesis::Genesis;
use causeway_message::keys::PublicKey;
use causeway_message::{KeyId, ParticipantId};

use super::differs;
use crate::error::Failure;

/// Keys of the genesis: no run gives others.
#[derive(Debug)]
pub struct Keys(BTreeMap<(ParticipantId, KeyId), PublicKey>);

impl Keys {
    /// Of a genesis.
    pub fn new(genesis: &Genesis) -> Self {
        let participants = (0..).map(ParticipantId).zip(&genesis.participants);
        let keys = participants.flat_map(|(who, grant)| {
            let keys = grant.keys.iter();
            keys.map(move |grant| ((who, grant.key), grant.public))
        });
        Self(keys.collect())
    }

    /// Holds a block to its signature.
    ///
    /// # Errors
    /// If its key did not sign it.
    pub fn verify(&self, index: u64, block: &BatchBlock) -> Result<(), Failure> {
        let who = ParticipantId(block.participant.get());
        let key = KeyId(block.key.get());
        let signed = self
            .0
            .get(&(who, key))
            .is_some_and(|public| public.verifies(&block.signed_bytes(), &block.signature));
        if signed {
            return Ok(());
        }
        Err(differs(format!(
            "log entry {index}: no bank was told of it, and it is not signed with key {key} of participant {who} in the genesis"
        )))
    }

    /// Holds an entry to its signature, if it is of a kind that has one.
    ///
    /// # Errors
    /// If its key did not sign it, or it cannot be read.
    pub fn check(&self, header: &EntryHeader, payload: &[u8]) -> Result<(), Failure> {
        let index = header.index.get();
        let form = |error| differs(format!("log entry {index}: {error}"));
        match header.kind() {
            Ok(EntryKind::Batch) => self.verify(index, BatchView::parse(payload).map_err(form)?.block),
            Ok(EntryKind::Control) => self.verify(index, ControlView::parse(payload).map_err(form)?.block),
            _ => Ok(()),
        }
    }
}
