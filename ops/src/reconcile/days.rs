//! Under which date a booking counts: the business date of its currency, where the ledger tells of days; else that of UTC.
use causeway_message::event::{Event, Role};
use causeway_message::statement::DayStep;

use super::Date;

/// What a settlement agent's feed tells of the days of one currency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Days {
    /// Statements of the liability: log index of the last entry of each, rising, and its business date.
    ended: Vec<(u64, u16)>,
    /// Business date of the day that opened last.
    opened: Option<u16>,
}

impl Days {
    /// Takes note of an event, if it is about a day of the currency.
    pub fn take(&mut self, event: &Event<'_>, currency: u16) {
        if event.role() != Some(Role::Overseer) {
            return;
        }
        if let Some(told) = event.statement().filter(|told| told.currency == currency) {
            self.ended.push((told.to, told.date));
        }
        let opened = event
            .day()
            .filter(|told| told.currency == currency && told.step == DayStep::Opened);
        if let Some(told) = opened {
            self.opened = Some(told.date);
        }
    }

    /// The date of a booking at this log index; `utc` is that of its entry by the clock.
    pub fn of(&self, entry: u64, utc: Date) -> Date {
        let behind = self.ended.partition_point(|(to, _)| *to < entry);
        if let Some((_, date)) = self.ended.get(behind) {
            return Date(*date);
        }
        let last = self.ended.last().map(|(_, date)| *date);
        match (last, self.opened) {
            (last, Some(opened)) if last.is_none_or(|last| opened > last) => Date(opened),
            // It is of the next day, which has not opened.
            (Some(last), _) => utc.max(Date(last.saturating_add(1))),
            (None, _) => utc,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bookings_count_under_the_day_whose_statement_has_them() {
        let utc = Date(9_000);
        let mut days = Days::default();
        assert_eq!(days.of(5, utc), utc);
        days.opened = Some(100);
        assert_eq!(days.of(5, utc), Date(100), "the first day is not over");
        days.ended = vec![(10, 100), (20, 103)];
        for (entry, date) in [(1, 100), (10, 100), (11, 103), (20, 103)] {
            assert_eq!(days.of(entry, utc), Date(date), "entry {entry}");
        }
        days.opened = Some(103);
        assert_eq!(days.of(21, utc), utc, "the next day has not opened");
        assert_eq!(days.of(21, Date(103)), Date(104));
        days.opened = Some(104);
        assert_eq!(days.of(21, utc), Date(104));
    }
}
