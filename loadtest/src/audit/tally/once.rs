//! One outcome: each instruction is answered first once, ends once, and what it ended as never changes. Whoever
//! repeats it is told that very outcome, and nothing happens again.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::action::Action;
use causeway_message::digest::Digest;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::seen::{Origin, Seen};
use crate::audit::Expected;
use crate::audit::fault::{Fault, Rule, hold, same};
use crate::audit::input::{Batch, Input};

type Key = (ParticipantId, InstructionId);

/// What became of an instruction.
#[derive(Debug, Clone, Copy)]
struct Outcome {
    origin: Origin,
    leaf: Digest,
    status: Status,
}

/// What became of every instruction.
#[derive(Debug, Default)]
pub struct Outcomes {
    all: BTreeMap<Key, Outcome>,
    /// Actions that wait for a second person.
    proposed: BTreeMap<Key, Action>,
    /// Statuses reached in the entry under way.
    passed: BTreeSet<(Key, Status)>,
}

/// An answer that says the instruction was known before.
struct Repeat {
    key: Key,
    /// Status that it was told.
    told: Status,
    /// Status before the entry; of one that came in this very entry, what it was answered first.
    before: Status,
}

impl Outcomes {
    pub fn follow(&mut self, input: &Input, told: &Expected, seen: &Seen) -> Result<(), Fault> {
        let mut repeats = Vec::new();
        if let Input::Batch(batch) = input {
            for place in 0..batch.leaves.len() {
                repeats.extend(self.answer(batch, told, place)?);
            }
        }
        self.passed.clear();
        for mark in &seen.later {
            self.goes_on(mark.key(), mark.origin, mark.status, seen.entry)?;
        }
        for ended in &seen.ended {
            let key = (ended.proposer, ended.id);
            self.goes_on(key, ended.origin, ended.status, seen.entry)?;
            let proposed = self.proposed.remove(&key);
            same(Rule::Authority, &proposed.as_ref(), &Some(&ended.action), || {
                format!("log entry {}: the action of proposal {}", seen.entry, ended.id)
            })?;
        }
        for repeat in repeats {
            let after = self.all.get(&repeat.key).map(|outcome| outcome.status);
            let passed = self.passed.contains(&(repeat.key, repeat.told));
            let true_then = repeat.told == repeat.before || Some(repeat.told) == after || passed;
            hold(true_then, Rule::Idempotency, || {
                let (who, id) = repeat.key;
                format!(
                    "log entry {}: instruction {id} of participant {who} is {:?}, then {after:?}; told {:?}",
                    seen.entry, repeat.before, repeat.told
                )
            })?;
        }
        Ok(())
    }

    fn answer(&mut self, batch: &Batch, told: &Expected, place: usize) -> Result<Option<Repeat>, Fault> {
        let (Some(id), Some(answer), Some(leaf)) =
            (batch.id(place), told.answers.get(place), batch.leaves.get(place))
        else {
            return Err(Fault::new(
                Rule::AnswerCount,
                format!("log entry {}", told.leaf.index),
            ));
        };
        let key = (batch.submitter(), id);
        let at = || format!("log entry {}, record {place}, instruction {id}", told.leaf.index);
        let status = answer
            .status()
            .ok_or_else(|| Fault::new(Rule::AnswerStatus, at()))?;
        let known = self.all.get(&key).copied();
        let same_bytes = known.map(|known| known.leaf == *leaf);
        if !answer.is_first() {
            hold(same_bytes == Some(true), Rule::Idempotency, || {
                format!("{}: not known before", at())
            })?;
            let own = known.map(|known| known.origin);
            same(Rule::Idempotency, &own, &named_origin(told, place), || {
                format!("{}: origin", at())
            })?;
            return Ok(known.map(|known| Repeat {
                key,
                told: status,
                before: known.status,
            }));
        }
        match status {
            Status::IdReused => hold(same_bytes == Some(false), Rule::Idempotency, || {
                format!("{}: the id is not another's", at())
            })?,
            Status::CapacityExhausted => hold(known.is_none(), Rule::Idempotency, || {
                format!("{}: it was known", at())
            })?,
            status => {
                hold(known.is_none(), Rule::OneOutcome, || {
                    format!("{}: judged a second time", at())
                })?;
                let outcome = Outcome {
                    origin: (told.leaf.index, place as u16),
                    leaf: *leaf,
                    status,
                };
                self.all.insert(key, outcome);
                if let Some(action) = batch.proposal(place).filter(|_| status == Status::Proposed) {
                    self.proposed.insert(key, action.clone());
                }
            }
        }
        Ok(None)
    }

    /// An instruction that waited reaches its next status.
    fn goes_on(&mut self, key: Key, origin: Origin, to: Status, entry: u64) -> Result<(), Fault> {
        let at = || {
            format!(
                "log entry {entry}, instruction {} of participant {}",
                key.1, key.0
            )
        };
        let Some(outcome) = self.all.get_mut(&key) else {
            return Err(Fault::new(
                Rule::OneOutcome,
                format!("{}: becomes {to:?} and never began", at()),
            ));
        };
        same(Rule::OneOutcome, &origin, &outcome.origin, || {
            format!("{}: becomes {to:?}", at())
        })?;
        hold(may_follow(outcome.status, to), Rule::OneOutcome, || {
            format!("{}: becomes {to:?} after {:?}", at(), outcome.status)
        })?;
        outcome.status = to;
        self.passed.insert((key, to));
        Ok(())
    }

    /// Leaf of the record that was signed under an id.
    pub fn leaf(&self, key: Key) -> Option<Digest> {
        self.all.get(&key).map(|outcome| outcome.leaf)
    }

    /// Where an instruction stands in the log.
    pub fn origin(&self, key: Key) -> Option<Origin> {
        self.all.get(&key).map(|outcome| outcome.origin)
    }
}

/// What may become of an instruction that waits; a time that came is told with the status as it is.
fn may_follow(from: Status, to: Status) -> bool {
    use Status::{
        Amended, AwaitingQuote, Cancelled, ChainFailed, CreditorSuspended, Defaulted, Executed, Expired,
        Matched, Pending, Queued, QuoteUnknown, RejectedByOrder, RejectedClose, SetAside, Settled,
        ValueDateClosed, Warehoused, Withdrawn,
    };
    let ends = [
        Settled,
        Expired,
        Cancelled,
        CreditorSuspended,
        ChainFailed,
        RejectedClose,
        QuoteUnknown,
        Defaulted,
    ];
    match from {
        Queued => ends.contains(&to) || [Queued, Pending, SetAside, AwaitingQuote].contains(&to),
        AwaitingQuote => ends.contains(&to) || [Queued, Pending, Warehoused, ValueDateClosed].contains(&to),
        Warehoused => {
            let goes_on = [
                Queued,
                Pending,
                SetAside,
                Warehoused,
                AwaitingQuote,
                ValueDateClosed,
            ];
            ends.contains(&to) || goes_on.contains(&to)
        }
        Pending => {
            let goes_on = [Queued, Pending, SetAside, Warehoused, AwaitingQuote];
            ends.contains(&to) || goes_on.contains(&to) || [RejectedByOrder, ValueDateClosed].contains(&to)
        }
        SetAside => [SetAside, Settled, Executed, Expired, Status::GivenBack, Defaulted].contains(&to),
        Status::Unmatched => [
            Matched,
            Settled,
            Expired,
            RejectedClose,
            Amended,
            Withdrawn,
            Defaulted,
        ]
        .contains(&to),
        Matched => [Settled, Expired, RejectedClose, Withdrawn, Defaulted].contains(&to),
        Status::CancellationPending => {
            let of_trade = Status::NotWaiting;
            [
                Executed,
                Status::CancellationRefused,
                Expired,
                of_trade,
                Defaulted,
            ]
            .contains(&to)
        }
        Status::Proposed => to.is_final(),
        Status::Collected => ends.contains(&to) || [Queued, Pending].contains(&to),
        _ => false,
    }
}

/// Origin that the detail of a repeated record names.
fn named_origin(told: &Expected, place: usize) -> Option<Origin> {
    let detail = told
        .details
        .iter()
        .find(|detail| usize::from(detail.record.get()) == place)?;
    Some((detail.origin_entry.get(), detail.origin_ordinal.get()))
}
