//! What the player plays on: a log that takes entries.
use causeway_loadtest::audit::Fault;
use causeway_message::action::Action;
use causeway_message::digest::Digest;
use causeway_message::plan::Plan;
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::{InstructionId, LedgerId, ParticipantId, SessionId};

pub trait Log {
    fn ledger(&self) -> LedgerId;
    /// Last number of a session.
    fn last(&self, who: ParticipantId, session: SessionId) -> u64;
    fn now(&self) -> Timestamp;
    /// Time passes before the next entry.
    fn wait(&mut self, nanos: u64);
    fn tick(&mut self) -> Result<(), Fault>;
    fn roots(&mut self) -> Result<(), Fault>;
    /// Takes a plan, where the log is the player's own.
    fn plan(&mut self, _plan: &Plan) -> Result<(), Fault> {
        Ok(())
    }
    /// Log index of the last entry, and what waits after it, where that is known.
    fn waits(&self) -> (u64, Vec<(ParticipantId, InstructionId)>) {
        (0, Vec::new())
    }
    /// Takes a batch, or refuses it.
    fn batch(&mut self, batch: &VerifiedBatch) -> Result<(), Fault>;
    /// Actions that took effect in the last entry, where that is known.
    fn executed(&self) -> Vec<Action> {
        Vec::new()
    }
    /// Proposals that waited when they were made, the last ones, where that is known.
    fn proposed(&self, _who: ParticipantId) -> Vec<Digest> {
        Vec::new()
    }
    /// Locks that were made, with their numbers, the last ones, where that is known.
    fn locks(&self) -> &[(u64, Instruction)] {
        &[]
    }
    /// Sides of trades that stayed unmatched when they came, the last ones, where that is known.
    fn unmatched(&self) -> &[Instruction] {
        &[]
    }
}
