//! What one applied entry caused.
use causeway_message::action::Action;
use causeway_message::answer::{Answer, AnswerDetail};
use causeway_message::exchange::Exchange;
use causeway_message::record::Instruction;
use causeway_message::statement::{DayTold, Statement};
use causeway_message::{InstructionId, ParticipantId, Status};

/// Whom a later status of an instruction concerns, beside its submitter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Audience {
    /// The submitter is told; not where the record's own answer says it.
    pub submitter: bool,
    /// The creditor is told.
    pub creditor: bool,
    /// This approver is told.
    pub approver: Option<ParticipantId>,
}

/// A status that an instruction of an earlier record reached, or that others than its submitter are told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deferred {
    /// The instruction.
    pub record: Instruction,
    /// Its extensions.
    pub extensions: Box<[u8]>,
    /// Who submitted it.
    pub submitter: ParticipantId,
    /// Log index of its entry.
    pub entry: u64,
    /// Place in its batch.
    pub ordinal: u16,
    /// The status reached.
    pub status: Status,
    /// Minor units that moved.
    pub amount: u64,
    /// Of a trade or an exchange that settled, minor units that moved on the other side.
    pub counter_amount: u64,
    /// The place in [`Outcome::exchanges`] of what an exchange came to; its providers are told, too.
    pub exchange: Option<u32>,
    /// Who is told.
    pub told: Audience,
}

/// Fees of a day that were billed to one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeePosting {
    /// Who pays.
    pub payer: ParticipantId,
    /// Who is paid.
    pub collector: ParticipantId,
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// Business date that closed, in days since 2000-01-01.
    pub date: u16,
    /// Minor units that moved.
    pub amount: u64,
}

/// A step of a business day, and who is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayNotice {
    /// The step.
    pub told: DayTold,
    /// The overseers of the currency.
    pub whom: Vec<ParticipantId>,
}

/// A statement, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatementNotice {
    /// The holder of the account, or the settlement agent.
    pub whom: ParticipantId,
    /// True for the liability of the agent.
    pub overseer: bool,
    /// The statement.
    pub statement: Statement,
}

/// A control action that reached a status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Who proposed it.
    pub proposer: ParticipantId,
    /// Whom it concerns, if another.
    pub subject: Option<ParticipantId>,
    /// Id of the proposal.
    pub id: InstructionId,
    /// Log index of the proposal's entry.
    pub entry: u64,
    /// Place in its batch.
    pub ordinal: u16,
    /// The status reached.
    pub status: Status,
    /// Minor units that moved.
    pub amount: u64,
    /// The action.
    pub action: Action,
}

impl Notice {
    /// False if it tells of something that came of the action long after it was carried out: the proposal's status stays.
    pub const fn ends_proposal(&self) -> bool {
        let of_window = matches!(self.action, Action::OpenWindow(_))
            && matches!(
                self.status,
                Status::Settled | Status::InsufficientLiquidity | Status::RejectedClose | Status::Cancelled
            );
        !of_window && !matches!(self.status, Status::PayInMissed | Status::CreditUnpaid)
    }
}

/// What came of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Planned {
    /// Instructions that it named.
    pub named: u32,
    /// Those that settled.
    pub settled: u32,
    /// What they moved, in minor units, by currency (ISO 4217 numeric), rising.
    pub value: Vec<(u16, u128)>,
}

impl Planned {
    pub(crate) fn add(&mut self, currency: u16, amount: u64) {
        self.settled += 1;
        let found = self.value.binary_search_by_key(&currency, |(code, _)| *code);
        let place = found.unwrap_or_else(|place| {
            self.value.insert(place, (currency, 0));
            place
        });
        self.value[place].1 += u128::from(amount);
    }
}

/// Everything an entry caused; buffers are kept between entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// One for each record of the batch.
    pub answers: Vec<Answer>,
    /// For records that asked, and for those known before.
    pub details: Vec<AnswerDetail>,
    /// Earlier instructions that reached a status, in order.
    pub deferred: Vec<Deferred>,
    /// What exchanges among them came to.
    pub exchanges: Vec<Exchange>,
    /// Control actions that reached a status, in order.
    pub notices: Vec<Notice>,
    /// Fees that were billed, in order.
    pub fees: Vec<FeePosting>,
    /// Steps of business days that were done, in order.
    pub days: Vec<DayNotice>,
    /// Statements that were given, in order.
    pub statements: Vec<StatementNotice>,
    /// What came of the entry's plan, if it is one.
    pub planned: Option<Planned>,
    /// Version of the rules in force after the entry.
    pub rules: u16,
    /// True if participants or keys changed.
    pub registry_changed: bool,
}

impl Outcome {
    /// The deferred statuses that the answers of the entry itself do not say already: others are told of those as well.
    pub fn later(&self, entry: u64) -> impl Iterator<Item = &Deferred> {
        self.deferred.iter().filter(move |deferred| {
            let own = self.answers.get(usize::from(deferred.ordinal));
            let said = own.filter(|answer| answer.is_first()).and_then(Answer::status);
            deferred.entry != entry || said != Some(deferred.status)
        })
    }

    /// What the exchange came to that a status is of.
    pub fn exchange(&self, deferred: &Deferred) -> Option<&Exchange> {
        self.exchanges.get(deferred.exchange? as usize)
    }

    /// Adds a status of an exchange, and what that came to.
    pub(crate) fn tell_exchange(&mut self, mut deferred: Deferred, exchange: Exchange) {
        deferred.exchange = Some(self.exchanges.len() as u32);
        self.exchanges.push(exchange);
        self.deferred.push(deferred);
    }

    /// Empties it, keeping the buffers.
    pub fn clear(&mut self) {
        self.answers.clear();
        self.details.clear();
        self.deferred.clear();
        self.exchanges.clear();
        self.notices.clear();
        self.fees.clear();
        self.days.clear();
        self.statements.clear();
        self.planned = None;
        self.registry_changed = false;
    }
}
