//! Days that turn by a schedule (PROTOCOL §26): what an operator entered, and what the clock makes of it.
use std::collections::BTreeMap;

use causeway_message::Status;
use causeway_message::action::{Hours, Phase};
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::statement::DayStep;
use causeway_message::time::Timestamp;

use super::sweep::Sweep;
use super::{Caused, Model};

/// Most days ahead of one currency.
const AHEAD_MAX: usize = 400;
/// Seconds between the instant of a close and the close.
const LAST_SECONDS: u32 = 5;

/// The schedule of one currency.
#[derive(Debug, Default)]
struct Schedule {
    today: Option<Hours>,
    /// Customers of today are cut off.
    customers_out: bool,
    coming: BTreeMap<u16, Hours>,
}

/// The schedules, by currency.
#[derive(Debug, Default)]
pub(super) struct Schedules(BTreeMap<u16, Schedule>);

impl Schedules {
    /// True if the days of a currency open by themselves: one does now, or lies ahead.
    pub fn opens(&self, currency: u16, now: Timestamp) -> bool {
        let own = self.0.get(&currency);
        own.is_some_and(|own| own.today.is_some() || own.coming.values().any(|day| instant(day.close) > now))
    }

    fn put_customers(&mut self, currency: u16, out: bool) {
        if let Some(own) = self.0.get_mut(&currency) {
            own.customers_out = out;
        }
    }

    fn has_customers_out(&self, currency: u16) -> bool {
        self.0.get(&currency).is_some_and(|own| own.customers_out)
    }

    /// True if a day lies ahead: this date of this currency.
    pub fn comes(&self, (currency, date): (u16, u16), now: Timestamp) -> bool {
        let day = self.0.get(&currency).and_then(|own| own.coming.get(&date));
        day.is_some_and(|day| instant(day.close) > now)
    }

    pub fn today(&self, currency: u16) -> Option<Hours> {
        self.0.get(&currency)?.today
    }

    /// The day ended; its instants say nothing any more.
    pub fn end(&mut self, currency: u16) {
        if let Some(own) = self.0.get_mut(&currency) {
            own.today = None;
        }
    }

    /// Cut off by hand, in this second.
    pub fn cut_off(&mut self, currency: u16, second: u32) {
        if let Some(today) = self.0.get_mut(&currency).and_then(|own| own.today.as_mut()) {
            today.customer_cut_off = second.min(today.customer_cut_off);
            today.interbank_cut_off = second.min(today.interbank_cut_off);
        }
        self.put_customers(currency, true);
    }
}

const fn instant(second: u32) -> Timestamp {
    Timestamp::from_seconds(second)
}

const fn end_of(hours: &Hours) -> Timestamp {
    instant(hours.close.saturating_add(LAST_SECONDS))
}

impl Model {
    /// Turns every day as far as the clock has come.
    pub(super) fn turn_days(&mut self, caused: &mut Caused) {
        let currencies: Vec<u16> = self.schedules.0.keys().copied().collect();
        for currency in currencies {
            self.pass_instants(currency, caused);
            if self.begin_scheduled(currency, caused) {
                self.pass_instants(currency, caused);
            }
        }
    }

    fn pass_instants(&mut self, currency: u16, caused: &mut Caused) {
        let Some(today) = self.schedules.today(currency) else {
            return;
        };
        if instant(today.customer_cut_off) <= self.time && !self.schedules.has_customers_out(currency) {
            self.schedules.put_customers(currency, true);
            self.step(currency, DayStep::CustomersCutOff, today.customer_cut_off, caused);
        }
        if instant(today.interbank_cut_off) <= self.time && self.days.phase(currency) == Phase::Open {
            self.days.put_phase(currency, Phase::CutOff);
            self.step(currency, DayStep::CutOff, today.interbank_cut_off, caused);
        }
        if end_of(&today) <= self.time && self.look_at_last_windows(currency, today.close, caused) {
            self.set_day(currency, Phase::Closed, today.date);
            self.step(currency, DayStep::Closed, today.close, caused);
        }
    }

    fn may_begin(&self, currency: u16) -> bool {
        let closing = |sweep: &Sweep| matches!(sweep, Sweep::Close(close) if close.currency == currency);
        !self.days.has_any(currency) || self.days.is_closed(currency) && !self.sweeps.iter().any(closing)
    }

    /// The first day ahead that is not over.
    fn coming(&self, currency: u16) -> Option<Hours> {
        let own = self.schedules.0.get(&currency)?;
        let mut rows = own.coming.values();
        rows.find(|day| instant(day.close) > self.time).copied()
    }

    fn begin_scheduled(&mut self, currency: u16, caused: &mut Caused) -> bool {
        let next = self.coming(currency).filter(|day| instant(day.open) <= self.time);
        let Some(next) = next.filter(|_| self.may_begin(currency)) else {
            return false;
        };
        if let Some(own) = self.schedules.0.get_mut(&currency) {
            own.coming.retain(|date, _| *date > next.date);
            own.today = Some(next);
            own.customers_out = false;
        }
        self.set_day(currency, Phase::Open, next.date);
        self.step(currency, DayStep::Opened, next.open, caused);
        true
    }

    /// When a day turns next though nobody speaks.
    pub(super) fn next_turn(&self) -> Option<Timestamp> {
        let turns = self.schedules.0.iter().filter_map(|(currency, own)| {
            if let Some(today) = &own.today {
                let cuts = [today.customer_cut_off, today.interbank_cut_off].map(instant);
                let ahead = cuts.into_iter().filter(|at| *at > self.time);
                return ahead.chain([end_of(today)]).min();
            }
            // A close under way is gone on with in any case.
            let begins = self.days.is_closed(*currency) || !self.days.has_any(*currency);
            let next = self.coming(*currency).filter(|_| begins);
            next.map(|day| instant(day.open))
        });
        turns.min()
    }

    /// True if a record is a customer's, and customers are cut off.
    pub(super) fn is_late_customer(&self, record: &Instruction) -> bool {
        let pays = Kind::from_number(record.kind).is_some_and(|kind| kind.pays() || kind == Kind::FxPayment);
        let out = |today: Hours| instant(today.customer_cut_off) <= self.time;
        pays && record.flags.get() & flags::INTERBANK == 0
            && self.schedules.today(record.currency.get()).is_some_and(out)
    }

    pub(super) fn judge_schedule(
        &self,
        currency: u16,
        days: &[Hours],
    ) -> Result<BTreeMap<u16, Hours>, Status> {
        self.judge_currency(currency)?;
        let own = self.schedules.0.get(&currency);
        let mut coming = own.map(|own| own.coming.clone()).unwrap_or_default();
        coming.retain(|_, day| instant(day.close) > self.time);
        // A first day may be one of today.
        let first = !self.days.has_any(currency);
        let mut latest = i64::try_from(self.business_date(currency)).unwrap_or(i64::MAX) - i64::from(first);
        for day in days {
            let stands = coming.remove(&day.date);
            let untouched = stands.is_none_or(|old| instant(old.open) > self.time);
            let taken_away = [day.open, day.customer_cut_off, day.interbank_cut_off, day.close] == [0; 4];
            let good = if taken_away {
                stands.is_some()
            } else {
                coming.insert(day.date, *day);
                in_order(day) && instant(day.open) > self.time
            };
            if i64::from(day.date) <= latest || !untouched || !good {
                return Err(Status::DayInvalid);
            }
            latest = day.date.into();
        }
        let mut all: Vec<Hours> = own.and_then(|own| own.today).into_iter().collect();
        all.extend(coming.values());
        let overlaps = all.windows(2).any(|pair| pair[1].open < pair[0].close);
        if overlaps || coming.len() > AHEAD_MAX {
            return Err(Status::DayInvalid);
        }
        Ok(coming)
    }

    pub(super) fn schedule(&mut self, currency: u16, days: &[Hours]) -> Result<(), Status> {
        let coming = self.judge_schedule(currency, days)?;
        self.schedules.0.entry(currency).or_default().coming = coming;
        // A day without instants is one that is taken away.
        let away = |day: &Hours| [day.open, day.customer_cut_off, day.interbank_cut_off, day.close] == [0; 4];
        if days.iter().any(away) {
            self.begin_dates(currency);
        }
        Ok(())
    }

    pub(super) fn judge_extension(&self, currency: u16, to: &Hours) -> Result<(), Status> {
        self.judge_currency(currency)?;
        let today = self.schedules.today(currency).ok_or(Status::DayInvalid)?;
        let pairs = [
            (today.customer_cut_off, to.customer_cut_off),
            (today.interbank_cut_off, to.interbank_cut_off),
            (today.close, to.close),
        ];
        let forward = pairs.iter().all(|(old, new)| old <= new) && pairs.iter().any(|(old, new)| old < new);
        let coming = self
            .schedules
            .0
            .get(&currency)
            .and_then(|own| own.coming.values().next());
        let fits = coming.is_none_or(|next| to.close <= next.open);
        let names_it = today.date == to.date && today.open == to.open;
        if names_it && forward && fits && in_order(to) && self.time < instant(today.close) {
            Ok(())
        } else {
            Err(Status::DayInvalid)
        }
    }

    pub(super) fn extend(&mut self, currency: u16, to: &Hours, caused: &mut Caused) -> Result<(), Status> {
        self.judge_extension(currency, to)?;
        self.schedules.0.entry(currency).or_default().today = Some(*to);
        let cut_off = self.days.phase(currency) == Phase::CutOff;
        if cut_off && instant(to.interbank_cut_off) > self.time {
            self.days.put_phase(currency, Phase::Open);
            self.quotes.stirred = true;
        }
        self.schedules
            .put_customers(currency, instant(to.customer_cut_off) <= self.time);
        self.step(currency, DayStep::Extended, to.close, caused);
        Ok(())
    }
}

const fn in_order(day: &Hours) -> bool {
    day.open < day.customer_cut_off
        && day.customer_cut_off <= day.interbank_cut_off
        && day.interbank_cut_off <= day.close
}
