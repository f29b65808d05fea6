//! Calendars of several currencies, and what they say of pairs.

use super::error::{CalendarError, DateError};
use super::{Calendar, Date, SpotDays};
use crate::Currency;
use crate::limits::CALENDARS_MAX;
use std::collections::BTreeMap;

/// One calendar a currency, and the days each pair takes to spot.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendars {
    by_code: BTreeMap<u16, Calendar>,
    spot_days: SpotDays,
}

/// Texts make no set of calendars.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CalendarsError {
    /// One of them breaks a rule of its format.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
    /// Two of them are of one currency.
    #[error("calendars {first:?} and {second:?} are both of {currency}")]
    SameCurrency {
        /// The name of the one.
        first: String,
        /// The name of the other.
        second: String,
        /// Their currency.
        currency: &'static str,
    },
    /// More than a set holds.
    #[error("a set holds at most {CALENDARS_MAX} calendars")]
    TooMany,
}

impl Calendars {
    /// A set of calendars, each read from its text.
    ///
    /// # Errors
    /// When a text is no calendar, or two are of one currency.
    pub fn parse<'a>(
        calendars: impl IntoIterator<Item = &'a str>,
        spot_days: &str,
    ) -> Result<Calendars, CalendarsError> {
        let mut set = Calendars {
            by_code: BTreeMap::new(),
            spot_days: SpotDays::parse(spot_days)?,
        };
        for text in calendars {
            set.add(Calendar::parse(text)?)?;
        }
        Ok(set)
    }

    fn add(&mut self, calendar: Calendar) -> Result<(), CalendarsError> {
        if self.by_code.len() >= CALENDARS_MAX {
            return Err(CalendarsError::TooMany);
        }
        let currency = calendar.currency();
        if let Some(first) = self.by_code.get(&currency.numeric) {
            return Err(CalendarsError::SameCurrency {
                first: first.name().to_owned(),
                second: calendar.name().to_owned(),
                currency: currency.alpha(),
            });
        }
        self.by_code.insert(currency.numeric, calendar);
        Ok(())
    }

    /// Every calendar, by the numeric code of its currency.
    pub fn iter(&self) -> impl Iterator<Item = &Calendar> {
        self.by_code.values()
    }

    /// The calendar of a currency.
    ///
    /// # Errors
    /// When the set has none.
    pub fn of(&self, currency: &Currency) -> Result<&Calendar, DateError> {
        self.by_code.get(&currency.numeric).ok_or(DateError::NoCalendar {
            currency: currency.alpha(),
        })
    }

    /// Both currencies are open on a value date.
    ///
    /// # Errors
    /// When one is closed then, with the reason, when a calendar is missing, or when the date is outside its years.
    pub fn check_value_date(&self, base: &Currency, quote: &Currency, date: Date) -> Result<(), DateError> {
        let (base, quote) = self.pair(base, quote)?;
        base.require_open(date)?;
        quote.require_open(date)
    }

    /// The spot date of a trade: the pair's number of days on which both currencies are open, counted from the day
    /// after the trade. Zero of them is the day of the trade itself, or the next on which both are open.
    ///
    /// # Errors
    /// When a calendar is missing, or the way there leaves the years of one.
    pub fn spot(&self, base: &Currency, quote: &Currency, trade: Date) -> Result<Date, DateError> {
        let mut days = self.spot_days.of(base, quote);
        let (base, quote) = self.pair(base, quote)?;
        let both = |date| Ok(base.is_business_day(date)? & quote.is_business_day(date)?);
        if both(trade)? && days == 0 {
            return Ok(trade);
        }
        days = days.max(1);
        let mut date = trade;
        while days > 0 {
            date = date.next().ok_or_else(|| base.outside(date))?;
            days -= u16::from(both(date)?);
        }
        Ok(date)
    }

    fn pair(&self, base: &Currency, quote: &Currency) -> Result<(&Calendar, &Calendar), DateError> {
        if base == quote {
            return Err(DateError::OneCurrency {
                currency: base.alpha(),
            });
        }
        Ok((self.of(base)?, self.of(quote)?))
    }
}
