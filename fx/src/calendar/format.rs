//! Reading a calendar from TOML, strictly: an unknown key, a date twice, times out of order are errors that name the
//! calendar, the field and the rule.

use super::date::{Date, Weekday};
use super::error::{CalendarError, Rule};
use super::zone::{self, LocalTime};
use super::{Calendar, Times};
use crate::Currency;
use crate::limits::{
    CALENDAR_BYTES_MAX, CALENDAR_NAME_CHARS_MAX, CALENDAR_YEAR_MAX, CALENDAR_YEAR_MIN, CALENDAR_YEARS_MAX,
    EARLY_CLOSES_MAX, HOLIDAYS_MAX, QUOTED_CHARS_MAX,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCalendar {
    name: String,
    currency: String,
    zone: String,
    weekend: Vec<String>,
    years: RawYears,
    times: RawTimes,
    #[serde(default)]
    holidays: Vec<RawHoliday>,
    #[serde(default)]
    early_closes: Vec<RawEarlyClose>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawYears {
    first: u16,
    last: u16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTimes {
    open: String,
    #[serde(default)]
    open_day_before: bool,
    customer_cut_off: String,
    interbank_cut_off: String,
    close: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHoliday {
    date: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEarlyClose {
    date: String,
    name: String,
    customer_cut_off: String,
    interbank_cut_off: String,
    close: String,
}

/// A rule that is broken, and the field that breaks it.
type Broken = (String, Rule);

fn at<T>(field: impl Into<String>, result: Result<T, Rule>) -> Result<T, Broken> {
    result.map_err(|rule| (field.into(), rule))
}

/// Reads one calendar.
pub(super) fn read(text: &str) -> Result<Calendar, CalendarError> {
    let fail = |calendar: String| {
        move |(field, rule)| CalendarError {
            calendar,
            field,
            rule,
        }
    };
    at("text", size(text)).map_err(fail(String::new()))?;
    let raw = toml::from_str::<RawCalendar>(text)
        .map_err(|error| fail(name_in(text))(("text".to_owned(), form(text, &error))))?;
    at("name", name(&raw.name)).map_err(fail(quoted(&raw.name)))?;
    check(&raw).map_err(fail(raw.name.clone()))
}

/// The bound on a text, before it is read.
pub(super) fn size(text: &str) -> Result<(), Rule> {
    count("bytes", text.len(), CALENDAR_BYTES_MAX)
}

fn count(what: &'static str, found: usize, max: usize) -> Result<(), Rule> {
    if found > max {
        return Err(Rule::TooMany { what, max });
    }
    Ok(())
}

/// What the TOML reader says, with the line it says it of.
pub(super) fn form(text: &str, error: &toml::de::Error) -> Rule {
    let before = error.span().and_then(|span| text.get(..span.start));
    let message = error.message().lines().collect::<Vec<_>>().join("; ");
    Rule::Form(match before {
        Some(before) => format!("line {}: {message}", before.matches('\n').count() + 1),
        None => message,
    })
}

/// The name a calendar gives itself, so that an error about its other keys can say which it is.
fn name_in(text: &str) -> String {
    let table = text.parse::<toml::Table>().unwrap_or_default();
    let name = table.get("name").and_then(toml::Value::as_str);
    name.map(quoted).unwrap_or_default()
}

fn quoted(text: &str) -> String {
    text.chars().take(QUOTED_CHARS_MAX).collect()
}

fn check(raw: &RawCalendar) -> Result<Calendar, Broken> {
    let currency = at(
        "currency",
        Currency::from_alpha(&raw.currency).map_err(Rule::from),
    )?;
    let found = zone::find(&raw.zone).ok_or_else(|| Rule::Zone(quoted(&raw.zone)));
    let mut calendar = Calendar {
        name: raw.name.clone(),
        currency,
        zone: at("zone", found)?,
        weekend: weekend(&raw.weekend)?,
        years: at("years", years(&raw.years))?,
        times: times(&raw.times)?,
        holidays: BTreeMap::new(),
        early_closes: BTreeMap::new(),
    };
    holidays(&mut calendar, &raw.holidays)?;
    early_closes(&mut calendar, &raw.early_closes)?;
    Ok(calendar)
}

fn name(text: &str) -> Result<(), Rule> {
    let fits =
        (1..=CALENDAR_NAME_CHARS_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    if fits { Ok(()) } else { Err(Rule::Name) }
}

fn weekend(names: &[String]) -> Result<Vec<Weekday>, Broken> {
    let mut days = Vec::new();
    for (place, name) in names.iter().enumerate() {
        let field = format!("weekend[{place}]");
        let known = Weekday::ALL.into_iter().find(|day| day.name() == name);
        let day = at(&field, known.ok_or_else(|| Rule::Weekday(quoted(name))))?;
        if days.contains(&day) {
            return Err((field, Rule::Twice(day.to_string())));
        }
        days.push(day);
    }
    if days.len() == Weekday::ALL.len() {
        return Err(("weekend".to_owned(), Rule::NoBusinessDay));
    }
    Ok(days)
}

fn years(raw: &RawYears) -> Result<RangeInclusive<u16>, Rule> {
    let fits = CALENDAR_YEAR_MIN <= raw.first
        && raw.first <= raw.last
        && raw.last <= CALENDAR_YEAR_MAX
        && raw.last - raw.first < CALENDAR_YEARS_MAX;
    if fits {
        Ok(raw.first..=raw.last)
    } else {
        Err(Rule::Years)
    }
}

fn time(field: &str, text: &str) -> Result<LocalTime, Broken> {
    at(
        field,
        LocalTime::read(text).ok_or_else(|| Rule::Time(quoted(text))),
    )
}

fn times(raw: &RawTimes) -> Result<Times, Broken> {
    let times = Times {
        open: time("times.open", &raw.open)?,
        open_day_before: raw.open_day_before,
        customer_cut_off: time("times.customer_cut_off", &raw.customer_cut_off)?,
        interbank_cut_off: time("times.interbank_cut_off", &raw.interbank_cut_off)?,
        close: time("times.close", &raw.close)?,
    };
    order("times", &times)?;
    if times.open_day_before && times.open <= times.close {
        let (open, close) = (times.open.to_string(), times.close.to_string());
        return Err(("times.open".to_owned(), Rule::Overlap { open, close }));
    }
    Ok(times)
}

/// Open, customer cut-off, interbank cut-off, close, in this order; only the first may not be equal to the next.
fn order(field: &str, times: &Times) -> Result<(), Broken> {
    let broken = |time: LocalTime, name, other: LocalTime, other_name, equal| {
        let rule = Rule::Order {
            time: time.to_string(),
            other: other_name,
            other_time: other.to_string(),
            equal,
        };
        Err((format!("{field}.{name}"), rule))
    };
    let Times {
        open,
        open_day_before,
        customer_cut_off,
        interbank_cut_off,
        close,
    } = *times;
    if !open_day_before && customer_cut_off <= open {
        return broken(customer_cut_off, "customer_cut_off", open, "open", true);
    }
    if customer_cut_off > interbank_cut_off {
        return broken(
            customer_cut_off,
            "customer_cut_off",
            interbank_cut_off,
            "interbank_cut_off",
            false,
        );
    }
    if interbank_cut_off > close {
        return broken(interbank_cut_off, "interbank_cut_off", close, "close", false);
    }
    Ok(())
}

fn date(calendar: &Calendar, field: &str, text: &str) -> Result<Date, Broken> {
    let date: Date = at(field, text.parse().map_err(Rule::Date))?;
    if calendar.years.contains(&date.year()) {
        return Ok(date);
    }
    let (first, last) = calendar.years();
    Err((field.to_owned(), Rule::OutsideYears { date, first, last }))
}

fn holidays(calendar: &mut Calendar, raw: &[RawHoliday]) -> Result<(), Broken> {
    at("holidays", count("holidays", raw.len(), HOLIDAYS_MAX))?;
    for (place, holiday) in raw.iter().enumerate() {
        let field = format!("holidays[{place}].date");
        at(format!("holidays[{place}].name"), name(&holiday.name))?;
        let day = date(calendar, &field, &holiday.date)?;
        if calendar.holidays.insert(day, holiday.name.clone()).is_some() {
            return Err((field, Rule::Twice(day.to_string())));
        }
    }
    Ok(())
}

fn early_closes(calendar: &mut Calendar, raw: &[RawEarlyClose]) -> Result<(), Broken> {
    at("early_closes", count("early closes", raw.len(), EARLY_CLOSES_MAX))?;
    for (place, early) in raw.iter().enumerate() {
        let field = format!("early_closes[{place}]");
        let date_field = format!("{field}.date");
        at(format!("{field}.name"), name(&early.name))?;
        let day = date(calendar, &date_field, &early.date)?;
        if let Some(why) = calendar.closure(day) {
            return Err((date_field, Rule::ClosedAnyway { date: day, why }));
        }
        let cut_off = |name: &str, text| time(&format!("{field}.{name}"), text);
        let times = Times {
            customer_cut_off: cut_off("customer_cut_off", &early.customer_cut_off)?,
            interbank_cut_off: cut_off("interbank_cut_off", &early.interbank_cut_off)?,
            close: cut_off("close", &early.close)?,
            ..calendar.times
        };
        order(&field, &times)?;
        if times.close >= calendar.times.close {
            let (close, regular) = (times.close.to_string(), calendar.times.close.to_string());
            return Err((format!("{field}.close"), Rule::NotEarly { close, regular }));
        }
        if calendar.early_closes.insert(day, times).is_some() {
            return Err((date_field, Rule::Twice(day.to_string())));
        }
    }
    Ok(())
}
