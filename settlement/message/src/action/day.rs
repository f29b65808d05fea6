//! The business days of a currency, as an operator enters them: dates and instants, no zones.
use crate::FormatError;
use crate::codec::{Put, Reader, within};

/// When the day of a currency opens, cuts off and closes. Instants in seconds since 2000-01-01T00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hours {
    /// Business date, in days since 2000-01-01.
    pub date: u16,
    /// From here on instructions are taken and settle.
    pub open: u32,
    /// From here on only interbank instructions are taken.
    pub customer_cut_off: u32,
    /// From here on no instructions are taken; what waits may still settle.
    pub interbank_cut_off: u32,
    /// From here on the end of the day runs.
    pub close: u32,
}

impl Hours {
    /// Most days that one action enters.
    pub const DAYS_MAX: usize = 200;

    /// A date on which the currency does not open.
    pub const fn none(date: u16) -> Self {
        Self {
            date,
            open: 0,
            customer_cut_off: 0,
            interbank_cut_off: 0,
            close: 0,
        }
    }

    /// True if it takes a date away.
    pub fn is_none(&self) -> bool {
        *self == Self::none(self.date)
    }

    /// True if its instants are in order.
    pub const fn is_in_order(&self) -> bool {
        self.open < self.customer_cut_off
            && self.customer_cut_off <= self.interbank_cut_off
            && self.interbank_cut_off <= self.close
    }

    /// Appends the day.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.put_u16(self.date)
            .put_u32(self.open)
            .put_u32(self.customer_cut_off)
            .put_u32(self.interbank_cut_off)
            .put_u32(self.close);
    }

    /// Reads a day; whether its instants are in order is another rule.
    pub fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        Ok(Self {
            date: r.u16("day.date")?,
            open: r.u32("day.open")?,
            customer_cut_off: r.u32("day.customer_cut_off")?,
            interbank_cut_off: r.u32("day.interbank_cut_off")?,
            close: r.u32("day.close")?,
        })
    }
}

/// Reads the days of a schedule: a count, then that many.
pub(super) fn read_days(r: &mut Reader<'_>) -> Result<Vec<Hours>, FormatError> {
    let count = usize::from(r.u16("days")?);
    if count == 0 {
        return Err(FormatError::rule("days", "must be at least one"));
    }
    within(count, Hours::DAYS_MAX, "days")?;
    (0..count).map(|_| Hours::read(r)).collect()
}
