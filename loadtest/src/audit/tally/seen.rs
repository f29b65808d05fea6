//! What one entry was seen to cause: first answers, later statuses, debits and credits, actions that ended.
use causeway_message::action::Action;
use causeway_message::event::{Event, EventKind, Role, each};
use causeway_message::exchange::Exchange;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Instruction, Kind};
use causeway_message::statement::{DayTold, Statement};
use causeway_message::{InstructionId, ParticipantId, Status};

use crate::audit::Expected;
use crate::audit::fault::{Fault, Rule};
use crate::audit::input::{Input, Paper, Records};
use crate::audit::model::Place;

/// Entry and place of a record: the order in which records came.
pub type Origin = (u64, u16);

/// One side of money that moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    pub origin: Origin,
    /// The account.
    pub place: Place,
    pub amount: u64,
    pub record: Instruction,
    pub extensions: Vec<u8>,
}

/// A status that an instruction reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub origin: Origin,
    pub submitter: ParticipantId,
    pub id: InstructionId,
    /// The account that it debits.
    pub place: Place,
    pub status: Status,
    /// What moved with it.
    pub moved: u64,
    /// What came in for it, of a trade; what arrives, of an exchange.
    pub got: u64,
    pub record: Instruction,
    pub extensions: Vec<u8>,
}

impl Mark {
    pub fn key(&self) -> (ParticipantId, InstructionId) {
        (self.submitter, self.id)
    }

    pub fn amount(&self) -> u64 {
        self.record.amount.get()
    }

    pub fn kind(&self) -> Option<Kind> {
        Kind::from_number(self.record.kind)
    }

    /// True for what waits in queues, and moves money of its debtor.
    pub fn pays(&self) -> bool {
        self.is_exchange() || self.kind().is_some_and(Kind::pays)
    }

    /// True for an FX payment.
    pub fn is_exchange(&self) -> bool {
        self.kind() == Some(Kind::FxPayment)
    }

    /// What leaves the debtor's account for it.
    pub fn spent(&self) -> u64 {
        if self.is_exchange() {
            self.moved
        } else {
            self.amount()
        }
    }

    pub fn has(&self, flag: u16) -> bool {
        self.record.flags.get() & flag != 0
    }

    /// The instruction that it is about, submitted by its debtor.
    pub fn related(&self) -> (ParticipantId, InstructionId) {
        let debtor = ParticipantId(self.record.debtor.get());
        (debtor, InstructionId(self.record.related))
    }

    pub fn extension(&self, kind: ExtensionType) -> Option<&[u8]> {
        extension::find(&self.extensions, kind)
    }

    pub fn approver(&self) -> Option<u32> {
        self.extension(ExtensionType::Approver)
            .and_then(extension::number)
    }

    /// True for one side of a trade.
    pub fn is_trade(&self) -> bool {
        self.kind() == Some(Kind::Pvp)
    }

    /// True if it settles, or its money is set aside, from having waited or at once.
    pub fn goes(&self) -> bool {
        let moves = self.pays() || self.is_trade();
        moves && matches!(self.status, Status::Settled | Status::SetAside)
    }

    /// The account that a side of a trade credits.
    pub const fn place_got(&self) -> Place {
        (self.record.debtor.get(), self.record.counter_currency.get())
    }

    fn leg(&self) -> Leg {
        Leg {
            origin: self.origin,
            place: self.place,
            amount: self.moved,
            record: self.record,
            extensions: self.extensions.clone(),
        }
    }
}

/// Fees that were posted, as one side is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fee {
    pub payer: u32,
    pub collector: u32,
    pub currency: u16,
    pub date: u16,
    pub amount: u64,
}

/// What somebody is told of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub whom: ParticipantId,
    pub role: Role,
    pub mark: Mark,
    pub exchange: Exchange,
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
    /// True if it holds a plan: what settles may do so together with what stood before it.
    pub planned: bool,
    /// What the records of the batch were answered that were not known before.
    pub first: Vec<Mark>,
    /// In the order in which their debtors were told.
    pub later: Vec<Mark>,
    /// Sides of trades that settled, as their parties were told, at once or later.
    pub sides: Vec<Mark>,
    pub debits: Vec<Leg>,
    pub credits: Vec<Leg>,
    /// What creditors and approvers were told of.
    pub others: Vec<(ParticipantId, Mark)>,
    /// What submitters, creditors and providers are told of exchanges.
    pub heard: Vec<Heard>,
    /// Fees as payers are told of them, and as collectors are.
    pub paid: Vec<Fee>,
    pub collected: Vec<Fee>,
    pub ended: Vec<Ended>,
    /// Pay-in deadlines that were missed, as their proposers are told, and as whom they are about.
    pub missed: Vec<Ended>,
    pub missing: Vec<(ParticipantId, Ended)>,
    /// Credit that was not repaid at a close, as its proposers are told, and as whom it is about.
    pub unpaid: Vec<Ended>,
    pub unpaid_by: Vec<(ParticipantId, Ended)>,
    /// Steps of days that were done.
    pub steps: Vec<DayTold>,
    /// Statements: who is told, of a liability or not, and what.
    pub statements: Vec<(ParticipantId, bool, Statement)>,
    /// What became of netting windows, and who had not paid in, as it was told to those who opened them and to others.
    pub windows: Vec<Ended>,
    pub owing: Vec<(ParticipantId, Ended)>,
    /// The same actions as those whom they took effect on were told of them.
    pub told: Vec<(ParticipantId, Ended)>,
}

impl Seen {
    pub fn read(input: &Input, told: &Expected) -> Result<Self, Fault> {
        let mut seen = Self {
            entry: told.leaf.index,
            planned: matches!(input, Input::Plan(_)) && told.leaf.rules_version > 2,
            ..Self::default()
        };
        if let Input::Batch(batch) = input
            && let Records::Instructions(papers) = &batch.records
        {
            for (place, (paper, answer)) in papers.iter().zip(&told.answers).enumerate() {
                // Under an id that was used with other bytes, nothing is said of what it was used for.
                let own = answer.is_first() && answer.status() != Some(Status::IdReused);
                if let Some(status) = answer.status().filter(|_| own) {
                    seen.answered(batch.submitter(), place as u16, paper, status);
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

    fn answered(&mut self, submitter: ParticipantId, ordinal: u16, paper: &Paper, status: Status) {
        let record = &paper.record;
        let settled = status == Status::Settled;
        let mark = Mark {
            origin: (self.entry, ordinal),
            submitter,
            id: record.id(),
            // The account is the submitter's own, whatever the record says.
            place: (submitter.0, record.currency.get()),
            status,
            moved: if settled { record.amount.get() } else { 0 },
            got: 0,
            record: *record,
            extensions: paper.extensions.clone(),
        };
        // What a trade moved its parties are told by events.
        let alone = settled && !mark.is_trade() && !mark.is_exchange();
        self.debits.extend(alone.then(|| mark.leg()));
        self.first.push(mark);
    }

    fn event(&mut self, whose: ParticipantId, event: &Event<'_>) -> Option<()> {
        match (event.kind()?, event.role()?) {
            (EventKind::OwnBatch, Role::Submitter) => event.own_batch().map(|_| ()),
            (EventKind::Payment, role @ (Role::Debtor | Role::Creditor | Role::Approver)) => {
                self.payment(whose, role, event)
            }
            (EventKind::Exchange, role @ (Role::Debtor | Role::Creditor | Role::Provider)) => {
                self.exchange(whose, role, event)
            }
            (EventKind::Control, role @ (Role::Submitter | Role::Subject)) => {
                let ended = ended(event)?;
                if matches!(ended.action, Action::OpenWindow(_)) && is_of_window(ended.status) {
                    if role == Role::Subject {
                        self.owing.push((whose, ended));
                        return Some(());
                    }
                    let own = ended.proposer == whose;
                    self.windows.push(ended);
                    return own.then_some(());
                }
                if ended.status == Status::PayInMissed {
                    return self.miss(whose, role, ended);
                }
                if ended.status == Status::CreditUnpaid {
                    let own = ended.proposer == whose;
                    if role == Role::Subject {
                        self.unpaid_by.push((whose, ended));
                        return Some(());
                    }
                    self.unpaid.push(ended);
                    return own.then_some(());
                }
                if role == Role::Subject {
                    self.told.push((whose, ended));
                } else if ended.proposer == whose {
                    self.ended.push(ended);
                } else {
                    return None;
                }
                Some(())
            }
            (EventKind::Fee, role @ (Role::Debtor | Role::Creditor)) => self.fee(whose, role, event),
            (EventKind::Day, Role::Overseer) => {
                let step = event.day()?;
                // Every overseer is told the same.
                if !self.steps.contains(&step) {
                    self.steps.push(step);
                }
                Some(())
            }
            (EventKind::Statement, role @ (Role::Subject | Role::Overseer)) => {
                self.statements
                    .push((whose, role == Role::Overseer, event.statement()?));
                Some(())
            }
            _ => None,
        }
    }

    fn payment(&mut self, whose: ParticipantId, role: Role, event: &Event<'_>) -> Option<()> {
        let (record, extensions) = event.payment()?;
        let submitter = match role {
            Role::Debtor => whose,
            _ => ParticipantId(record.debtor.get()),
        };
        let mut mark = Mark {
            origin: (event.head.origin_entry.get(), event.head.origin_ordinal.get()),
            submitter,
            id: record.id(),
            place: (whose.0, record.currency.get()),
            status: event.status()?,
            moved: event.head.amount.get(),
            got: event.head.counter_amount.get(),
            record: *record,
            extensions: extensions.to_vec(),
        };
        let moves = mark.pays() && (mark.moved > 0 || mark.status == Status::Settled);
        let settles = mark.is_trade() && mark.status == Status::Settled;
        if mark.got > 0 && !(settles && role == Role::Debtor) {
            return None;
        }
        if settles && role == Role::Debtor {
            self.sides.push(mark.clone());
            let at_once = |own: &Mark| own.origin == mark.origin && own.status == Status::Settled;
            if self.first.iter().any(at_once) {
                return Some(());
            }
        }
        if role == Role::Debtor {
            self.debits.extend(moves.then(|| mark.leg()));
            self.later.push(mark);
            return Some(());
        }
        if role == Role::Creditor {
            self.credits.extend(moves.then(|| mark.leg()));
        }
        let concerned = match role {
            Role::Creditor => Some(record.creditor.get()),
            _ => mark.approver(),
        };
        mark.place = (submitter.0, record.currency.get());
        self.others.push((whose, mark));
        (concerned == Some(whose.0)).then_some(())
    }

    fn exchange(&mut self, whose: ParticipantId, role: Role, event: &Event<'_>) -> Option<()> {
        let (exchange, record, extensions) = event.exchange()?;
        let submitter = ParticipantId(record.debtor.get());
        let mark = Mark {
            origin: (event.head.origin_entry.get(), event.head.origin_ordinal.get()),
            submitter,
            id: record.id(),
            place: (submitter.0, record.currency.get()),
            status: event.status()?,
            moved: event.head.amount.get(),
            got: event.head.counter_amount.get(),
            record: *record,
            extensions: extensions.to_vec(),
        };
        let kind = mark.kind();
        if !matches!(kind, Some(Kind::FxPayment | Kind::QuoteLock)) {
            return None;
        }
        if role == Role::Debtor {
            let at_once = |own: &&mut Mark| own.origin == mark.origin && own.status == mark.status;
            match self.first.iter_mut().find(at_once) {
                Some(own) => (own.moved, own.got) = (mark.moved, mark.got),
                None => self.later.push(mark.clone()),
            }
        }
        self.heard.push(Heard {
            whom: whose,
            role,
            mark,
            exchange,
        });
        Some(())
    }

    /// A pay-in deadline was missed.
    fn miss(&mut self, whose: ParticipantId, role: Role, ended: Ended) -> Option<()> {
        let own = ended.proposer == whose;
        if role == Role::Subject {
            self.missing.push((whose, ended));
            return Some(());
        }
        self.missed.push(ended);
        own.then_some(())
    }

    fn fee(&mut self, whose: ParticipantId, role: Role, event: &Event<'_>) -> Option<()> {
        let (payer, collector, currency, date) = event.fee()?;
        let fee = Fee {
            payer: payer.0,
            collector: collector.0,
            currency,
            date,
            amount: event.head.amount.get(),
        };
        let (side, concerned) = match role {
            Role::Debtor => (&mut self.paid, payer),
            _ => (&mut self.collected, collector),
        };
        side.push(fee);
        (concerned == whose && event.status() == Some(Status::Executed)).then_some(())
    }
}

fn ended(event: &Event<'_>) -> Option<Ended> {
    let (proposer, id, action) = event.control()?;
    Some(Ended {
        proposer,
        id,
        origin: (event.head.origin_entry.get(), event.head.origin_ordinal.get()),
        status: event.status()?,
        amount: event.head.amount.get(),
        action,
    })
}

/// True for what is told of a window after it was opened.
const fn is_of_window(status: Status) -> bool {
    matches!(
        status,
        Status::Settled
            | Status::InsufficientLiquidity
            | Status::RejectedClose
            | Status::Cancelled
            | Status::PayInMissed
    )
}
