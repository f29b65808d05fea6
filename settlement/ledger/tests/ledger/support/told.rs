//! What was told of every instruction, held together over all entries.
use std::collections::BTreeMap;

use causeway_ledger::lifecycle::{self, Event};
use causeway_ledger::{Ledger, Notice, Outcome, Remembered};
use causeway_message::answer::answer_flags;
use causeway_message::batch::Class;
use causeway_message::verify::VerifiedBatch;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::world::Entry;

/// What the ledger must remember, by submitter and id: made from answers, effects and notices alone.
#[derive(Debug, Default)]
pub struct Told(BTreeMap<(ParticipantId, InstructionId), Remembered>);

impl Told {
    /// What the ledger remembers of everything that was answered; it must be what was told, and no more.
    pub fn memory(&self, ledger: &Ledger) -> Vec<(ParticipantId, InstructionId, Remembered)> {
        assert_eq!(
            ledger.ids_remembered(),
            self.0.len() as u64,
            "other ids are remembered"
        );
        let known = self.0.iter().map(|(&(who, id), told)| {
            assert_eq!(
                ledger.remembered(who, id),
                Some(*told),
                "the memory differs from what was told"
            );
            let status = ledger.status(who, id).expect("what is remembered has a status");
            assert_eq!(
                (status.status, status.cause, status.index),
                (told.status, told.cause, ledger.index())
            );
            (who, id, *told)
        });
        known.collect()
    }

    /// One answer for each record, one final status for each instruction.
    pub fn follow(&mut self, index: u64, input: &Entry, outcome: &Outcome) {
        match input {
            Entry::Batch(batch) => self.answers(index, batch, outcome),
            _ => assert!(outcome.answers.is_empty() && outcome.details.is_empty()),
        }
        for effect in &outcome.deferred {
            let key = (effect.submitter, effect.record.id());
            // Whoever asked for a lock is told what it came to.
            let asked =
                (effect.entry, effect.status) == (index, Status::SetAside) && effect.exchange.is_some();
            // Both parties of a trade are told what it moved, also the one whose answer says that it settled.
            let own = (effect.entry, effect.status) == (index, Status::Settled);
            if effect.told.submitter && !asked && !(own && effect.counter_amount != 0) {
                self.later(key, effect.status, index);
                continue;
            }
            // Others than the submitter are told what its answer says in this very entry.
            let told = self.0.get(&key).expect("what others are told of was answered");
            let status = match effect.status {
                Status::Alleged => Status::Unmatched,
                other => other,
            };
            assert_eq!((told.status, told.entry), (status, index));
        }
        for notice in &outcome.notices {
            // A missed deadline, unpaid credit and the end of a window are told of an action that took effect long ago.
            if !notice.ends_proposal() {
                continue;
            }
            assert!(notice.status.is_final(), "a proposal ends once");
            self.later((notice.proposer, notice.id), notice.status, index);
        }
    }

    fn later(&mut self, key: (ParticipantId, InstructionId), status: Status, index: u64) {
        let told = self.0.get_mut(&key).expect("what ends later was answered before");
        assert!(
            follows(told.status, status),
            "{} was told {} after {}",
            key.1,
            status.name(),
            told.status.name()
        );
        // Said again, it was given by the entry that said it first.
        if told.status != status {
            (told.status, told.cause) = (status, index);
        }
    }

    fn answers(&mut self, index: u64, batch: &VerifiedBatch, outcome: &Outcome) {
        assert_eq!(
            outcome.answers.len(),
            usize::from(batch.block().count.get()),
            "an answer for each record"
        );
        for (place, answer) in outcome.answers.iter().enumerate() {
            let status = answer.status().expect("an answer has a status");
            let refused = matches!(status, Status::IdReused | Status::CapacityExhausted);
            if refused || answer.flags.get() & answer_flags::REPLAYED != 0 {
                continue;
            }
            let id = batch.instruction_ids()[place];
            let check = batch.checks().nth(place).expect("one check a record");
            let told = Remembered {
                check,
                status,
                entry: index,
                ordinal: place as u16,
                cause: index,
            };
            let before = self.0.insert((batch.participant(), id), told);
            assert_eq!(before, None, "{id} took effect twice");
        }
        let decides = batch.class() == Class::Control;
        assert!(
            decides || outcome.notices.iter().all(expired),
            "a notice without cause"
        );
    }
}

/// True if a status may follow another: by the lifecycle of payments, or those of questions and of proposals.
fn follows(before: Status, after: Status) -> bool {
    use Status::*;
    match before {
        Proposed => after.is_final(),
        CancellationPending => matches!(
            after,
            Executed | CancellationRefused | Expired | NotWaiting | Defaulted
        ),
        // Told again: at its till-time, or when a part of it was released.
        Queued | Warehoused | Pending | SetAside if after == before => true,
        _ => {
            let step = |state, after| {
                Event::ALL
                    .iter()
                    .any(|e| lifecycle::next(state, *e) == Some(after))
            };
            // What stands beside the queue may join it and settle at once.
            let joins = matches!(before, Warehoused | Pending | AwaitingQuote | Collected)
                && matches!(after, Settled | SetAside);
            // What is matched may settle in the same entry.
            let matches = before == Unmatched && step(Matched, after);
            step(before, after) || matches || (joins && step(Queued, after))
        }
    }
}

fn expired(notice: &Notice) -> bool {
    notice.status == Status::ProposalExpired || !notice.ends_proposal()
}
