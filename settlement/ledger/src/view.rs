//! What the ledger shows to those who ask. Reading changes nothing.
use causeway_message::record::{Instruction, Kind};
use causeway_message::time::Timestamp;
use causeway_message::wire::{BalanceLine, Balances, StatusAnswer};
use causeway_message::{InstructionId, ParticipantId, Status, mutated};

use crate::apply::{AHEAD, Ledger};
use crate::duplicate::fingerprint;
use crate::id_memory::Remembered;

impl Ledger {
    /// Balances of a participant, of one currency or of all (zero).
    pub fn balances(&self, participant: ParticipantId, currency: u16) -> Balances {
        let lines = self
            .accounts
            .of(participant.0)
            .filter(|id| currency == 0 || self.accounts.get(*id).currency == currency)
            .map(|id| {
                let account = self.accounts.get(id);
                let waiting = self.queue.of(&self.accounts, id);
                BalanceLine {
                    currency: account.currency,
                    queued: account.queued,
                    balance: account.balance + i128::from(mutated!(WrongBalance)),
                    reserved: account.reserved,
                    queued_value: waiting.map(|w| i128::from(w.record.amount.get())).sum(),
                    cap: self.accounts.granted_cap(id),
                }
            })
            .collect();
        Balances {
            index: self.index,
            lines,
        }
    }

    /// What is remembered of an instruction.
    pub fn remembered(&self, submitter: ParticipantId, id: InstructionId) -> Option<Remembered> {
        self.ids.get(submitter, id)
    }

    /// Present status of an instruction.
    pub fn status(&self, submitter: ParticipantId, id: InstructionId) -> Option<StatusAnswer> {
        let known = self.remembered(submitter, id)?;
        Some(StatusAnswer {
            status: known.status,
            ordinal: known.ordinal,
            entry: known.entry,
            cause: known.cause,
            index: self.index,
        })
    }

    /// Each currency with its agent's liability in minor units and the sum of all accounts.
    pub fn positions(&self) -> Vec<(u16, i128, i128)> {
        self.accounts
            .books()
            .iter()
            .map(|book| {
                let accounts = self.accounts.all().iter().filter(|a| a.currency == book.currency);
                (book.currency, book.liability, accounts.map(|a| a.balance).sum())
            })
            .collect()
    }

    /// Payments that wait.
    pub const fn waiting(&self) -> u32 {
        self.queue.len()
    }

    /// Instruction ids remembered.
    pub const fn ids_remembered(&self) -> u64 {
        self.ids.len()
    }

    /// Bytes that the memory of instruction ids takes.
    pub fn id_bytes(&self) -> u64 {
        self.ids.bytes()
    }

    /// Puts back what was remembered, when a node starts from a snapshot. Later calls for the same instruction
    /// give it a later status.
    pub fn remember(&mut self, submitter: ParticipantId, id: InstructionId, known: &Remembered) {
        match self.ids.look_up(submitter, id) {
            Ok(_) => {
                self.ids.settle(submitter, id, known.status, known.cause);
            }
            Err(vacancy) => self.ids.fill(vacancy, known),
        }
    }

    /// Reads what remembering the next records of a batch will need, so that the reads overlap. To be told of each record
    /// in turn.
    #[inline]
    pub fn remember_soon(&self, submitter: ParticipantId, records: &[Instruction], ordinal: usize) {
        if ordinal.is_multiple_of(AHEAD) {
            let next = records.get(ordinal + AHEAD..).unwrap_or_default();
            self.prefetch_ids(submitter, &next[..next.len().min(AHEAD)]);
        }
    }

    /// Puts back the UETR of a payment that was accepted, settled or waiting at first, in an entry of this time.
    pub fn remember_payment(&mut self, record: &Instruction, at: Timestamp) {
        if Kind::from_number(record.kind).is_some_and(Kind::has_uetr) {
            self.duplicates.restore(fingerprint(record), at);
        }
    }

    /// Gives a remembered instruction a later status; false if it is not remembered.
    pub fn remember_later(
        &mut self,
        who: ParticipantId,
        id: InstructionId,
        status: Status,
        cause: u64,
    ) -> bool {
        self.ids.settle(who, id, status, cause)
    }
}
