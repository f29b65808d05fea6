//! What one entry was seen to cause: debits, credits, payments that wait or left, actions that ended.
use causeway_message::action::Action;
use causeway_message::event::{Event, EventKind, Role, each};
use causeway_message::record::Instruction;
use causeway_message::{InstructionId, ParticipantId, Status};

use crate::audit::Expected;
use crate::audit::fault::{Fault, Rule};
use crate::audit::input::{Input, Paper, Records};
use crate::audit::model::Place;

/// Entry and place of a record: the order in which records came.
pub type Origin = (u64, u16);

/// One side of a payment that settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    pub origin: Origin,
    /// The account.
    pub place: Place,
    pub amount: u64,
    /// True if it settled in its own entry, as it came.
    pub at_once: bool,
    pub record: Instruction,
    pub extensions: Vec<u8>,
}

/// A payment that waits from now on, or waited until now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waits {
    pub origin: Origin,
    pub submitter: ParticipantId,
    pub id: InstructionId,
    pub place: Place,
    pub amount: u64,
    /// What it became; `Queued` if it waits from now on.
    pub status: Status,
}

/// A proposal that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    pub proposer: ParticipantId,
    pub id: InstructionId,
    pub origin: Origin,
    pub status: Status,
    pub amount: u64,
    pub action: Action,
}

/// What was seen.
#[derive(Debug, Default)]
pub struct Seen {
    pub entry: u64,
    pub debits: Vec<Leg>,
    pub credits: Vec<Leg>,
    pub queued: Vec<Waits>,
    /// In the order in which their debtors were told.
    pub left: Vec<Waits>,
    pub ended: Vec<Ended>,
    /// The same actions as those whom they took effect on were told of them.
    pub told: Vec<(ParticipantId, Ended)>,
}

impl Seen {
    pub fn read(input: &Input, told: &Expected) -> Result<Self, Fault> {
        let mut seen = Self {
            entry: told.leaf.index,
            ..Self::default()
        };
        if let Input::Batch(batch) = input
            && let Records::Instructions(papers) = &batch.records
        {
            for (place, (paper, answer)) in papers.iter().zip(&told.answers).enumerate() {
                if answer.is_first() {
                    seen.answered(batch.submitter(), place as u16, paper, answer.status());
                }
            }
        }
        for group in &told.groups {
            for event in each(&group.events) {
                let whose = group.head.participant;
                seen.event(whose, &event).ok_or_else(|| {
                    let what = format!(
                        "log entry {}: {:?} of participant {whose}",
                        seen.entry, event.head
                    );
                    Fault::new(Rule::FeedEvent, what)
                })?;
            }
        }
        Ok(seen)
    }

    fn answered(&mut self, submitter: ParticipantId, ordinal: u16, paper: &Paper, status: Option<Status>) {
        let record = &paper.record;
        let (origin, amount) = ((self.entry, ordinal), record.amount.get());
        // The account is the submitter's own, whatever the record says.
        let place = (submitter.0, record.currency.get());
        match status {
            Some(Status::Settled) => self.debits.push(Leg {
                origin,
                place,
                amount,
                at_once: true,
                record: *record,
                extensions: paper.extensions.clone(),
            }),
            Some(Status::Queued) => self.queued.push(Waits {
                origin,
                submitter,
                id: record.id(),
                place,
                amount,
                status: Status::Queued,
            }),
            _ => {}
        }
    }

    fn event(&mut self, whose: ParticipantId, event: &Event<'_>) -> Option<()> {
        match (event.kind()?, event.role()?) {
            (EventKind::OwnBatch, Role::Submitter) => event.own_batch().map(|_| ()),
            (EventKind::Payment, role @ (Role::Debtor | Role::Creditor)) => self.payment(whose, role, event),
            (EventKind::Control, role @ (Role::Submitter | Role::Subject)) => {
                let ended = ended(event)?;
                if role == Role::Subject {
                    self.told.push((whose, ended));
                } else if ended.proposer == whose {
                    self.ended.push(ended);
                } else {
                    return None;
                }
                Some(())
            }
            _ => None,
        }
    }

    fn payment(&mut self, whose: ParticipantId, role: Role, event: &Event<'_>) -> Option<()> {
        let (record, extensions) = event.payment()?;
        let (status, origin) = (event.status()?, origin(event));
        let leg = Leg {
            origin,
            place: (whose.0, record.currency.get()),
            amount: event.head.amount.get(),
            at_once: false,
            record: *record,
            extensions: extensions.to_vec(),
        };
        if role == Role::Creditor {
            self.credits.push(leg);
            return (status == Status::Settled && record.creditor.get() == whose.0).then_some(());
        }
        self.left.push(Waits {
            origin,
            submitter: whose,
            id: record.id(),
            place: leg.place,
            amount: record.amount.get(),
            status,
        });
        if status == Status::Settled {
            self.debits.push(leg);
        }
        Some(())
    }
}

fn origin(event: &Event<'_>) -> Origin {
    (event.head.origin_entry.get(), event.head.origin_ordinal.get())
}

fn ended(event: &Event<'_>) -> Option<Ended> {
    let (proposer, id, action) = event.control()?;
    Some(Ended {
        proposer,
        id,
        origin: origin(event),
        status: event.status()?,
        amount: event.head.amount.get(),
        action,
    })
}
