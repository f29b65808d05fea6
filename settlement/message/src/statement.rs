//! What a participant is told when a business day ends: the statement of an account, and the steps of the day itself.
use crate::FormatError;
use crate::codec::{Put, Reader};
use crate::event::{Event, EventKind, Role};
use crate::posting::Account;

/// Bytes of the body of an event that is a statement.
pub const STATEMENT_BODY_BYTES: usize = 64;
/// Bytes of the body of an event about a step of a day.
pub const DAY_BODY_BYTES: usize = 32;

/// Statement of an account, or of an agent's liability, for one business day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Statement {
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// Business date, in days since 2000-01-01.
    pub date: u16,
    /// Balance at `from`, in minor units: the closing balance of the statement before.
    pub opening: i128,
    /// Balance at `to`, in minor units.
    pub closing: i128,
    /// Log position up to which the statement before goes; zero if there is none.
    pub from: u64,
    /// Log position up to which this one goes: its entries stand at positions after `from`, up to `to`.
    pub to: u64,
    /// Log index of the entry that told the statement before; zero if there is none.
    pub before: u64,
}

impl Statement {
    /// The body of its event.
    pub fn body(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(STATEMENT_BODY_BYTES);
        body.put_u16(self.currency).put_u16(self.date).put_u32(0);
        body.put_i128(self.opening).put_i128(self.closing);
        body.put_u64(self.from).put_u64(self.to).put_u64(self.before);
        body
    }

    /// Reads the body of its event.
    ///
    /// # Errors
    /// If the bytes do not have their form.
    pub fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let (currency, date) = (r.u16("event.currency")?, r.u16("event.date")?);
        r.zeros(4, "event.reserved")?;
        Ok(Self {
            currency,
            date,
            opening: r.i128("event.opening")?,
            closing: r.i128("event.closing")?,
            from: r.u64("event.from")?,
            to: r.u64("event.to")?,
            before: r.u64("event.before")?,
        })
    }
}

/// A step of a business day. Numbers are frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum DayStep {
    /// The currency opened on its business date.
    Opened = 1,
    /// Instructions of customers are taken no more.
    CustomersCutOff = 2,
    /// No instruction is taken any more.
    CutOff = 3,
    /// The last netting is over: the currency closed.
    Closed = 4,
    /// What still waited was rejected.
    Rejected = 5,
    /// Intraday credit that was not repaid was escalated.
    Credit = 6,
    /// Fees were billed.
    Fees = 7,
    /// Every account got its statement: the end of the day is done.
    Statements = 8,
    /// The cut-offs or the close were moved.
    Extended = 9,
}

impl DayStep {
    /// All steps, in order of their numbers.
    pub const ALL: [Self; 9] = [
        Self::Opened,
        Self::CustomersCutOff,
        Self::CutOff,
        Self::Closed,
        Self::Rejected,
        Self::Credit,
        Self::Fees,
        Self::Statements,
        Self::Extended,
    ];

    /// The step with this number.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|step| *step as u8 == number)
    }

    /// What to call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::CustomersCutOff => "customers_cut_off",
            Self::CutOff => "cut_off",
            Self::Closed => "closed",
            Self::Rejected => "rejected",
            Self::Credit => "credit",
            Self::Fees => "fees",
            Self::Statements => "statements",
            Self::Extended => "extended",
        }
    }
}

/// That a step of a business day was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayTold {
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// Business date, in days since 2000-01-01.
    pub date: u16,
    /// The step.
    pub step: DayStep,
    /// The instant of the schedule that it belongs to, in seconds since 2000-01-01T00:00Z; zero if it has none, or was done by hand.
    pub at: u32,
    /// What it came to: instructions that were rejected, accounts whose credit was escalated, postings of fees, statements.
    pub count: u32,
    /// Minor units: credit in use, fees, or the liability that the statements sum up to.
    pub value: i128,
}

impl DayTold {
    /// The body of its event.
    pub fn body(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(DAY_BODY_BYTES);
        body.put_u16(self.currency).put_u16(self.date);
        body.put_u32(u32::from(self.step as u8));
        body.put_u32(self.at).put_u32(self.count).put_i128(self.value);
        body
    }

    /// Reads the body of its event.
    ///
    /// # Errors
    /// If the bytes do not have their form, or name a step that this version does not know.
    pub fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let (currency, date) = (r.u16("event.currency")?, r.u16("event.date")?);
        let step = DayStep::from_number(r.u8("event.step")?);
        r.zeros(3, "event.reserved")?;
        Ok(Self {
            currency,
            date,
            step: step.ok_or(FormatError::rule("event.step", "no such step"))?,
            at: r.u32("event.at")?,
            count: r.u32("event.count")?,
            value: r.i128("event.value")?,
        })
    }
}

impl Event<'_> {
    /// The statement, if the event is one.
    pub fn statement(&self) -> Option<Statement> {
        (self.kind() == Some(EventKind::Statement)).then_some(())?;
        let mut r = Reader::new(self.body);
        let statement = Statement::read(&mut r).ok()?;
        r.end("event.body").ok()?;
        Some(statement)
    }

    /// The statement, if the event is one of this account.
    pub fn statement_of(&self, account: &Account) -> Option<Statement> {
        let role = if account.liability {
            Role::Overseer
        } else {
            Role::Subject
        };
        let statement = self.statement().filter(|_| self.role() == Some(role))?;
        (statement.currency == account.currency).then_some(statement)
    }

    /// The step of a day, if the event is about one that this version knows.
    pub fn day(&self) -> Option<DayTold> {
        (self.kind() == Some(EventKind::Day)).then_some(())?;
        let mut r = Reader::new(self.body);
        let told = DayTold::read(&mut r).ok()?;
        r.end("event.body").ok()?;
        Some(told)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;
    use crate::event::{EventHead, each};
    use zerocopy::IntoBytes;

    fn run(kind: EventKind, role: Role, body: &[u8]) -> Vec<u8> {
        let head = EventHead::new(kind, role, Status::Executed as u16, body.len(), (1, 0), 0);
        [head.as_bytes(), body].concat()
    }

    #[test]
    fn a_statement_reads_back_and_nothing_else_reads_as_one() {
        let statement = Statement {
            currency: 978,
            date: 9_780,
            opening: -5,
            closing: i128::from(u64::MAX) * 3,
            from: 7,
            to: 9,
            before: 8,
        };
        assert_eq!(statement.body().len(), STATEMENT_BODY_BYTES);
        let bytes = run(EventKind::Statement, Role::Subject, &statement.body());
        let event = each(&bytes).next().expect("it is there");
        assert_eq!((event.statement(), event.day()), (Some(statement), None));
        let mut other = statement.body();
        other[4] = 1;
        let bytes = run(EventKind::Statement, Role::Overseer, &other);
        assert_eq!(each(&bytes).next().and_then(|event| event.statement()), None);
        let bytes = run(EventKind::Statement, Role::Overseer, &other[..63]);
        assert_eq!(each(&bytes).next().and_then(|event| event.statement()), None);
    }

    #[test]
    fn every_step_of_a_day_reads_back() {
        for (number, step) in (1..).zip(DayStep::ALL) {
            assert_eq!((step as u8, DayStep::from_number(number)), (number, Some(step)));
            let told = DayTold {
                currency: 840,
                date: 9_781,
                step,
                at: 5,
                count: 6,
                value: -7,
            };
            assert_eq!(told.body().len(), DAY_BODY_BYTES);
            let bytes = run(EventKind::Day, Role::Overseer, &told.body());
            let event = each(&bytes).next().expect("it is there");
            assert_eq!((event.day(), event.statement()), (Some(told), None));
        }
        assert_eq!((DayStep::from_number(0), DayStep::from_number(10)), (None, None));
    }
}
