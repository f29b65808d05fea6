//! The schedules in a snapshot.
use causeway_message::action::Hours;
use causeway_message::codec::{Put, Reader};
use causeway_message::{FormatError, mutated};

use super::{flag, rises};
use crate::apply::Ledger;
use crate::day::Day;

impl Ledger {
    pub(super) fn write_days(&self, out: &mut Vec<u8>) {
        let told: Vec<_> = self.days.of.iter().filter(|_| !mutated!(LoseHours)).collect();
        out.put_u32(told.len() as u32);
        for (currency, day) in told {
            out.put_u16(*currency).put_u8(u8::from(day.hours.is_some()));
            if let Some(hours) = &day.hours {
                hours.write(out);
            }
            out.put_u32(day.ahead.len() as u32);
            day.ahead.values().for_each(|hours| hours.write(out));
        }
    }

    pub(super) fn read_days(&mut self, r: &mut Reader<'_>) -> Result<(), FormatError> {
        for _ in 0..r.u32("days")? {
            let currency = r.u16("day.currency")?;
            rises(self.days.of.keys().next_back(), &currency, "day.currency")?;
            let book = self.accounts.book(currency);
            let book = book.ok_or(FormatError::rule("day.currency", "is not open"))?;
            let hours = flag(r, "day.present")?.then(|| Hours::read(r)).transpose()?;
            let mut day = Day {
                hours,
                ..Day::default()
            };
            let date = self.accounts.books()[book].date;
            if day.hours.is_some_and(|hours| hours.date != date) {
                return Err(FormatError::rule("day.date", "is not the business date"));
            }
            for _ in 0..r.u32("day.ahead")? {
                let hours = Hours::read(r)?;
                let last = day.ahead.keys().next_back().copied().unwrap_or(date);
                rises(Some(&last), &hours.date, "day.date")?;
                day.ahead.insert(hours.date, hours);
            }
            self.days.of.insert(currency, day);
        }
        self.plan_days();
        Ok(())
    }
}
