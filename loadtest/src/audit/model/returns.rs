//! Returns (PROTOCOL §22.4): a payment back, of no more than what is left of the original.
use std::collections::BTreeMap;

use causeway_message::record::{Instruction, Kind};
use causeway_message::{InstructionId, ParticipantId, Status};

use super::{Key, Model, Origin};

/// Returns that settled or wait, by their originals.
#[derive(Debug, Default)]
pub(super) struct Returns(BTreeMap<Key, BTreeMap<Origin, u64>>);

/// The payment that a return is about: its submitter is paid back.
pub(super) fn original_of(record: &Instruction) -> Key {
    (
        ParticipantId(record.creditor.get()),
        InstructionId(record.related),
    )
}

impl Returns {
    pub fn begin(&mut self, record: &Instruction, origin: Origin) {
        let all = self.0.entry(original_of(record)).or_default();
        all.insert(origin, record.amount.get());
    }

    /// A return ended without having settled.
    pub fn end(&mut self, record: &Instruction, origin: Origin) {
        if let Some(all) = self.0.get_mut(&original_of(record)) {
            all.remove(&origin);
        }
    }

    fn sum(&self, original: Key) -> u128 {
        let all = self.0.get(&original).into_iter().flat_map(BTreeMap::values);
        all.map(|amount| u128::from(*amount)).sum()
    }
}

impl Model {
    /// The original is a settled payment whose parties change places.
    pub(super) fn judge_return(&self, record: &Instruction) -> Result<(), Status> {
        let key = original_of(record);
        let known = self.memory.get(key.0, key.1).ok_or(Status::OriginalUnknown)?;
        let original = known.paper.as_ref().ok_or(Status::OriginalUnknown)?.record;
        let kinds = [Kind::Payment, Kind::Conditional, Kind::Obligation].map(|kind| kind as u8);
        if !kinds.contains(&original.kind) || known.now().0 != Status::Settled {
            return Err(Status::OriginalUnknown);
        }
        let parties = (
            original.creditor.get(),
            original.debtor.get(),
            original.currency.get(),
        );
        if parties == (record.debtor.get(), record.creditor.get(), record.currency.get()) {
            Ok(())
        } else {
            Err(Status::OriginalMismatch)
        }
    }

    /// `before` are the records of the same chain that stand before it.
    pub(super) fn judge_left(&self, record: &Instruction, before: &[&Instruction]) -> Result<(), Status> {
        let key = original_of(record);
        let original = self
            .memory
            .get(key.0, key.1)
            .and_then(|known| known.paper.as_ref());
        let whole = original.map_or(0, |paper| paper.record.amount.get());
        let of_chain = before
            .iter()
            .filter(|other| other.kind == Kind::Return as u8 && original_of(other) == key)
            .map(|other| u128::from(other.amount.get()));
        let taken = self.returns.sum(key) + of_chain.sum::<u128>();
        if taken + u128::from(record.amount.get()) > u128::from(whole) {
            Err(Status::ReturnExceeds)
        } else {
            Ok(())
        }
    }
}
