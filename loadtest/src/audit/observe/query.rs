//! What a node says without proof: balances, statuses, where sessions stand.
use causeway_message::wire::{BalanceLine, Balances, InstructionKey, StatusAnswer};
use causeway_message::{ParticipantId, SessionId};

use crate::audit::Auditor;
use crate::audit::fault::{Fault, Rule, hold, same};

impl Auditor {
    /// Balances told to a participant that asked for a currency, or for all (zero).
    ///
    /// # Errors
    /// If they are not as they stood after the entry that the answer names.
    pub fn balances(&mut self, who: ParticipantId, currency: u16, told: &Balances) -> Result<(), Fault> {
        self.must_reach(told.index, "balances")?;
        let money = self.model.money();
        let asked = money
            .of(who.0)
            .into_iter()
            .filter(|place| currency == 0 || place.1 == currency);
        let line = |place: (u32, u16)| {
            let line = money.line_at(place, told.index)?;
            Some(BalanceLine {
                currency: place.1,
                queued: line.queued,
                balance: line.balance,
                reserved: line.reserved,
                queued_value: line.queued_value,
                cap: line.cap,
            })
        };
        let own: Vec<BalanceLine> = asked.filter_map(line).collect();
        same(Rule::Balance, &own, &told.lines, || {
            format!("balances of participant {who} after log entry {}", told.index)
        })
    }

    /// What a node says became of an instruction.
    ///
    /// # Errors
    /// If it is not as it stood after the entry that the answer names.
    pub fn status(&self, key: InstructionKey, told: &StatusAnswer) -> Result<(), Fault> {
        self.chain.must_have(told.index, key.submitter, "a status")?;
        let known = self.model.memory().get(key.submitter, key.id);
        let own = known.and_then(|known| {
            let (status, cause) = known.at(told.index)?;
            Some(StatusAnswer {
                status,
                ordinal: known.ordinal,
                entry: known.entry,
                cause,
                index: told.index,
            })
        });
        same(Rule::StatusTold, &own.as_ref(), &Some(told), || {
            format!("instruction {} of participant {}", key.id, key.submitter)
        })
    }

    /// A node that had applied `entry` did not know an instruction.
    ///
    /// # Errors
    /// If the log has it up to that entry.
    pub fn unknown(&self, key: InstructionKey, entry: u64) -> Result<(), Fault> {
        let known = self
            .model
            .memory()
            .get(key.submitter, key.id)
            .and_then(|known| known.at(entry));
        same(Rule::StatusTold, &None, &known, || {
            format!(
                "instruction {} of participant {} after log entry {entry}",
                key.id, key.submitter
            )
        })
    }

    /// The number that a node named when a session was opened, having sequenced the log up to `sequenced`.
    ///
    /// # Errors
    /// If it is not the last one, or the auditor was not given the log that far.
    pub fn session(
        &self,
        who: ParticipantId,
        session: SessionId,
        told: u64,
        sequenced: u64,
    ) -> Result<(), Fault> {
        hold(sequenced <= self.chain.index, Rule::OutOfReach, || {
            format!(
                "log entry {sequenced} was not given; the last is {}",
                self.chain.index
            )
        })?;
        let own = self.model.sessions.last_at(who, session, sequenced);
        same(Rule::SessionNumber, &own, &told, || {
            format!("session {session} of participant {who} after log entry {sequenced}")
        })
    }

    fn must_reach(&self, entry: u64, what: &str) -> Result<(), Fault> {
        hold(entry <= self.chain.index, Rule::BeforeDurable, || {
            format!(
                "{what} after log entry {entry}; durable up to {}",
                self.chain.index
            )
        })?;
        hold(entry >= self.forgotten, Rule::OutOfReach, || {
            format!(
                "{what} after log entry {entry}; forgotten up to {}",
                self.forgotten
            )
        })
    }
}
