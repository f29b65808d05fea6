//! Value dates ahead (PROTOCOL §26.4): payments that wait for a day of the schedule.
use causeway_message::Status;
use causeway_message::record::{Instruction, Kind, flags};

use super::classes::{Spot, Waiting};
use super::sweep::Sweep;
use super::{Caused, Model, Origin};

/// Payments of one submitter that may be dated, and FX payments among them.
const DATED: usize = 10_000;
const DATED_EXCHANGES: usize = 64;

/// A value date, and the record that has it: the order in which what is dated is looked at.
pub(super) type DateAndOrigin = (u16, Origin);

/// Payments, returns and FX payments, unless they never wait.
fn may_be_dated(record: &Instruction) -> bool {
    let kinds = [Kind::Payment, Kind::Return, Kind::FxPayment].map(|kind| kind as u8);
    kinds.contains(&record.kind) && record.flags.get() & flags::SETTLE_OR_REJECT == 0
}

impl Model {
    /// The value date of a record is later than the business date of its currency, which has a schedule.
    pub(super) fn lies_ahead(&self, record: &Instruction) -> bool {
        let currency = record.currency.get();
        self.is_later(record.value_date.get(), currency) && self.schedules.opens(currency, self.time)
    }

    fn is_later(&self, date: u16, currency: u16) -> bool {
        u64::from(date) > self.business_date(currency)
    }

    /// The value date lies ahead, and its currency has a day of it.
    pub(super) fn has_day(&self, record: &Instruction) -> bool {
        let day = (record.currency.get(), record.value_date.get());
        self.lies_ahead(record) && self.schedules.comes(day, self.time)
    }

    /// Of a record whose value date lies ahead: whether it is taken.
    pub(super) fn judge_ahead(&self, record: &Instruction) -> Result<(), Status> {
        if self.has_day(record) && may_be_dated(record) {
            Ok(())
        } else {
            Err(Status::ValueDateClosed)
        }
    }

    /// Its submitter may have one more that is dated.
    pub(super) fn may_date(&self, item: &Waiting) -> bool {
        let own = |other: &&Waiting| other.spot == Spot::Dated && other.submitter == item.submitter;
        let exchange = |other: &Waiting| other.record().kind == Kind::FxPayment as u8;
        let (mut all, mut exchanges) = (0, 0);
        for other in self.waits.values().filter(own) {
            all += 1;
            exchanges += usize::from(exchange(other));
        }
        all < DATED && (!exchange(item) || exchanges < DATED_EXCHANGES)
    }

    /// The value date of an FX payment in the currency that arrives.
    pub(super) fn judge_date_there(&self, record: &Instruction) -> Result<(), Status> {
        let (currency, date) = (record.counter_currency.get(), record.value_date.get());
        let today = date == 0 || u64::from(date) == self.business_date(currency);
        let comes = self.is_later(date, currency) && self.schedules.comes((currency, date), self.time);
        if today || comes && may_be_dated(record) {
            Ok(())
        } else {
            Err(Status::ValueDateClosed)
        }
    }

    /// The currency that arrives has not come to the value date of an FX payment.
    pub(super) fn is_too_early_there(&self, record: &Instruction) -> bool {
        self.is_fourth() && self.is_later(record.value_date.get(), record.counter_currency.get())
    }

    /// A currency of a trade that has a schedule has the day that is its value date.
    pub(super) fn has_day_of_trade(&self, currency: u16, date: u16) -> bool {
        u64::from(date) == self.business_date(currency)
            || !self.schedules.opens(currency, self.time)
            || self.schedules.comes((currency, date), self.time)
    }

    /// A currency opened, or a day was taken away: what is dated in it is looked at, if anything is.
    pub(super) fn begin_dates(&mut self, currency: u16) {
        let dated = |item: &Waiting| item.spot == Spot::Dated && item.place().1 == currency;
        if self.waits.values().any(dated) {
            self.sweeps.push_back(Sweep::Dates { currency, last: None });
        }
    }

    /// Looks at the next that is dated for a day which does not lie ahead.
    pub(super) fn next_dated(
        &mut self,
        currency: u16,
        last: Option<DateAndOrigin>,
        caused: &mut Caused,
    ) -> Option<Sweep> {
        let of = |item: &Waiting| (item.record().value_date.get(), item.origin);
        let dated = self.waits.values().filter(|item| {
            let here = item.spot == Spot::Dated && item.place().1 == currency;
            here && last.is_none_or(|last| of(item) > last)
        });
        let fallen = dated.filter(|item| !self.schedules.comes((currency, of(item).0), self.time));
        let next = fallen.map(of).min()?;
        let (date, origin) = next;
        if self.days.has_any(currency) && self.business_date(currency) == u64::from(date) {
            self.come_back(origin, caused);
        } else {
            self.miss_day(origin, caused);
        }
        self.spend(1);
        Some(Sweep::Dates {
            currency,
            last: Some(next),
        })
    }

    /// The day that a payment is for does not come.
    fn miss_day(&mut self, origin: Origin, caused: &mut Caused) {
        let items = self.chain_of(origin);
        let status = if self.is_over(&items) {
            Status::Expired
        } else {
            Status::ValueDateClosed
        };
        self.end_chain(&items, (0, status), Status::ChainFailed, caused);
    }

    /// A payment would join: true if its value date settles what becomes of it.
    pub(super) fn date_decides(&mut self, item: &Waiting, caused: &mut Caused) -> bool {
        let record = item.record();
        let (currency, date) = (item.place().1, record.value_date.get());
        let kinds = [Kind::Payment, Kind::Return, Kind::FxPayment].map(|kind| kind as u8);
        if !self.is_fourth() || date == 0 || !kinds.contains(&record.kind) {
            return false;
        }
        let late = self.days.has_any(currency) && u64::from(date) < self.business_date(currency);
        let early = self.is_later(date, currency);
        let items = std::slice::from_ref(item);
        if early && !self.is_over(items) && self.schedules.comes((currency, date), self.time) {
            self.put(items, Spot::Dated, caused);
        } else if early || late {
            self.miss_day(item.origin, caused);
        }
        early || late
    }
}
