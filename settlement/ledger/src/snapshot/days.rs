//! The schedules in a snapshot.
use causeway_message::action::Hours;
use causeway_message::codec::{Put, Reader};
use causeway_message::{FormatError, mutated};

use super::rises;
use crate::apply::Ledger;
use crate::day::Day;

fn put_hours(out: &mut Vec<u8>, hours: &Hours) {
    out.put_u16(hours.date)
        .put_u32(hours.open)
        .put_u32(hours.customer_cut_off)
        .put_u32(hours.interbank_cut_off)
        .put_u32(hours.close);
}

fn read_hours(r: &mut Reader<'_>) -> Result<Hours, FormatError> {
    Ok(Hours {
        date: r.u16("day.date")?,
        open: r.u32("day.open")?,
        customer_cut_off: r.u32("day.customer_cut_off")?,
        interbank_cut_off: r.u32("day.interbank_cut_off")?,
        close: r.u32("day.close")?,
    })
}

impl Ledger {
    pub(super) fn write_days(&self, out: &mut Vec<u8>) {
        let told: Vec<_> = self.days.of.iter().filter(|_| !mutated!(LoseHours)).collect();
        out.put_u32(told.len() as u32);
        for (currency, day) in told {
            out.put_u16(*currency).put_u8(u8::from(day.hours.is_some()));
            if let Some(hours) = &day.hours {
                put_hours(out, hours);
            }
            out.put_u32(day.ahead.len() as u32);
            day.ahead.values().for_each(|hours| put_hours(out, hours));
        }
    }

    pub(super) fn read_days(&mut self, r: &mut Reader<'_>) -> Result<(), FormatError> {
        for _ in 0..r.u32("days")? {
            let currency = r.u16("day.currency")?;
            rises(self.days.of.keys().next_back(), &currency, "day.currency")?;
            let book = self.accounts.book(currency);
            let book = book.ok_or(FormatError::rule("day.currency", "is not open"))?;
            let hours = match r.u8("day.present")? {
                0 => None,
                1 => Some(read_hours(r)?),
                _ => return Err(FormatError::rule("day.present", "must be 0 or 1")),
            };
            let mut day = Day {
                hours,
                ..Day::default()
            };
            let date = self.accounts.books()[book].date;
            if day.hours.is_some_and(|hours| hours.date != date) {
                return Err(FormatError::rule("day.date", "is not the business date"));
            }
            for _ in 0..r.u32("day.ahead")? {
                let hours = read_hours(r)?;
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
