//! The business days of the year: what is scheduled when, and where each cut-off is probed.
use std::collections::{BTreeMap, VecDeque};

use causeway_fx::Currency;
use causeway_fx::calendar::{BusinessDay, Date, shipped};
use causeway_message::action::{Action, Hours};
use causeway_message::time::Timestamp;

use super::town::Town;
use crate::error::Failure;

const CODES: [&str; 5] = ["EUR", "USD", "GBP", "JPY", "CHF"];
/// Seconds from 1970 to 2000.
const UNIX_SECONDS_AT_2000: u64 = 946_684_800;
/// Days ahead for which an operator has hours entered, and how many it enters at once.
const AHEAD_DAYS: u64 = 60;
const ENTERED_DAYS: u16 = 30;
const NANOS: u64 = 1_000_000_000;

/// A payment at an instant, and whether it must be taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Probe {
    pub at: Timestamp,
    pub currency: u16,
    pub interbank: bool,
    pub taken: bool,
}

/// The calendars as far as the year needs them.
pub(super) struct Calendars {
    days: BTreeMap<u16, Vec<Hours>>,
    /// How many days of each were entered.
    entered: BTreeMap<u16, usize>,
    probes: VecDeque<Probe>,
    begin: Timestamp,
}

fn seconds(unix: u64) -> Result<u32, Failure> {
    let since = unix
        .checked_sub(UNIX_SECONDS_AT_2000)
        .and_then(|own| u32::try_from(own).ok());
    since.ok_or_else(|| Failure::Usage("the year has to be later than 2000".into()))
}

fn hours(day: &BusinessDay) -> Result<Hours, Failure> {
    Ok(Hours {
        date: day.date.days(),
        open: seconds(day.open)?,
        customer_cut_off: seconds(day.customer_cut_off)?,
        interbank_cut_off: seconds(day.interbank_cut_off)?,
        close: seconds(day.close)?,
    })
}

impl Calendars {
    /// The business days of a year.
    pub fn of(year: u16) -> Result<Self, Failure> {
        let wrong = |error: String| Failure::Usage(format!("calendars of {year}: {error}"));
        let all = shipped().map_err(|error| wrong(error.to_string()))?;
        let date = |year, month, day| {
            Date::from_civil(year, month, day).ok_or_else(|| wrong("there is no such year".into()))
        };
        let (first, last) = (date(year, 1, 1)?, date(year, 12, 31)?);
        let begin = Timestamp::from_seconds(u32::from(first.days()) * 86_400 - 2 * 86_400);
        let mut days = BTreeMap::new();
        let mut probes = Vec::new();
        for code in CODES {
            let currency = Currency::from_alpha(code).map_err(|error| wrong(error.to_string()))?;
            let calendar = all.of(currency).map_err(|error| wrong(error.to_string()))?;
            let mut own = Vec::new();
            for day in first.days()..=last.days() {
                let date = Date::from_days(day);
                if calendar
                    .is_business_day(date)
                    .map_err(|error| wrong(error.to_string()))?
                {
                    let day = calendar.day(date).map_err(|error| wrong(error.to_string()))?;
                    own.push(hours(&day)?);
                }
            }
            for day in &own {
                probes.extend(probes_of(currency.numeric, day));
            }
            days.insert(currency.numeric, own);
        }
        probes.sort_by_key(|probe| (probe.at, probe.currency, probe.interbank));
        Ok(Self {
            entered: days.keys().map(|currency| (*currency, 0)).collect(),
            days,
            probes: probes.into(),
            begin,
        })
    }

    pub fn currencies(&self) -> Vec<u16> {
        self.days.keys().copied().collect()
    }

    /// Two days before the year.
    pub const fn begin(&self) -> Timestamp {
        self.begin
    }

    /// A day behind the last close.
    pub fn ends(&self) -> Timestamp {
        let last = self
            .days
            .values()
            .filter_map(|own| own.last())
            .map(|day| day.close)
            .max();
        Timestamp::from_seconds(last.unwrap_or(0).saturating_add(86_400))
    }

    /// Business days of each currency.
    pub fn counts(&self) -> impl Iterator<Item = (u16, u32)> + '_ {
        let all = self.days.iter();
        all.map(|(currency, own)| (*currency, own.len() as u32))
    }

    pub fn total(&self) -> usize {
        self.days.values().map(Vec::len).sum()
    }

    /// When the next payment is due.
    pub fn next_probe(&self) -> Option<Timestamp> {
        self.probes.front().map(|probe| probe.at)
    }

    /// Those of an instant.
    pub fn take_probes(&mut self, at: Timestamp) -> Vec<Probe> {
        let count = self.probes.iter().take_while(|probe| probe.at == at).count();
        self.probes.drain(..count).collect()
    }

    /// Enters days where fewer than enough lie ahead, as an operator would.
    pub fn schedule(&mut self, town: &mut Town) -> Result<(), Failure> {
        let until = town.time().seconds() + AHEAD_DAYS * 86_400;
        for (currency, own) in &self.days {
            let entered = self.entered.entry(*currency).or_default();
            let next = own.get(*entered).filter(|day| u64::from(day.open) < until);
            if next.is_none() {
                continue;
            }
            let rest = &own[*entered..];
            let days = rest[..rest.len().min(ENTERED_DAYS.into())].to_vec();
            *entered += days.len();
            town.operate(Action::ScheduleDays {
                currency: *currency,
                days,
            })?;
        }
        Ok(())
    }
}

/// A nanosecond before each cut-off, and at it.
fn probes_of(currency: u16, day: &Hours) -> Vec<Probe> {
    let mut all = Vec::new();
    for (cut_off, interbank) in [(day.customer_cut_off, false), (day.interbank_cut_off, true)] {
        for (before, taken) in [(1, true), (0, false)] {
            all.push(Probe {
                at: Timestamp(u64::from(cut_off) * NANOS - before),
                currency,
                interbank,
                taken,
            });
        }
    }
    all
}
