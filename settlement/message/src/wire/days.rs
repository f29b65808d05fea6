//! The business days of currencies: where the present one stands, and those ahead.
use crate::FormatError;
use crate::action::{Hours, Phase};
use crate::codec::{Put, Reader, within};
use crate::frame::{self, Template};
use crate::statement::DayStep;

/// Bits of [`DayLine::flags`].
pub mod day_flags {
    /// It lies ahead; its phase is told as closed.
    pub const AHEAD: u8 = 1;
    /// Its customer cut-off has passed.
    pub const CUSTOMERS_OUT: u8 = 2;
    /// Its currency closed, and the work of the close is not done.
    pub const CLOSING: u8 = 4;
    /// A schedule opened it, or will.
    pub const SCHEDULED: u8 = 8;
    /// Bits that have a meaning.
    pub const KNOWN: u8 = AHEAD | CUSTOMERS_OUT | CLOSING | SCHEDULED;
}

/// A business day of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayLine {
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// Where it stands.
    pub phase: Phase,
    /// Bits of [`day_flags`].
    pub flags: u8,
    /// The step that the present day has come to, if it is told of any.
    pub step: Option<DayStep>,
    /// Its date and instants; the instants are zero where no schedule turns it, and of a day that closed. The date is
    /// zero before the first day.
    pub hours: Hours,
}

const LINE_BYTES: usize = 24;

/// The present day of every currency, or of one, and then its days ahead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days {
    /// Log index after which they stand so.
    pub index: u64,
    /// Time of that entry, in nanoseconds since 2000-01-01T00:00Z.
    pub time: u64,
    /// The days: by currency, then by date.
    pub lines: Vec<DayLine>,
}

impl Days {
    /// Most days in one message.
    pub const LINES_MAX: usize = 1_000;

    /// The message.
    pub fn write(&self) -> Vec<u8> {
        let mut out = frame::start(Template::Days, 24 + self.lines.len() * LINE_BYTES);
        out.put_u64(self.index).put_u64(self.time);
        frame::put_group(&mut out, LINE_BYTES, self.lines.len());
        for line in &self.lines {
            out.put_u16(line.currency)
                .put_u8(line.phase as u8)
                .put_u8(line.flags)
                .put_u16(line.hours.date)
                .put_u8(line.step.map_or(0, |step| step as u8))
                .put_u8(0)
                .put_u32(line.hours.open)
                .put_u32(line.hours.customer_cut_off)
                .put_u32(line.hours.interbank_cut_off)
                .put_u32(line.hours.close);
        }
        out
    }

    /// Reads the message.
    pub fn read(mut r: Reader<'_>) -> Result<Self, FormatError> {
        let (index, time) = (r.u64("days.index")?, r.u64("days.time")?);
        let count = frame::group(&mut r, LINE_BYTES, "days.lines")?;
        within(count, Self::LINES_MAX, "days.lines")?;
        let lines = (0..count)
            .map(|_| {
                let currency = r.u16("days.currency")?;
                let phase = Phase::from_number(r.u8("days.phase")?);
                let flags = r.u8("days.flags")?;
                if flags & !day_flags::KNOWN != 0 {
                    return Err(FormatError::rule("days.flags", "has unknown bits"));
                }
                let date = r.u16("days.date")?;
                let number = r.u8("days.step")?;
                let step = DayStep::from_number(number);
                if step.is_none() && number != 0 {
                    return Err(FormatError::rule("days.step", "no such step"));
                }
                r.zeros(1, "days.reserved")?;
                Ok(DayLine {
                    currency,
                    phase: phase.ok_or(FormatError::rule("days.phase", "no such phase"))?,
                    flags,
                    step,
                    hours: Hours {
                        date,
                        open: r.u32("days.open")?,
                        customer_cut_off: r.u32("days.customer_cut_off")?,
                        interbank_cut_off: r.u32("days.interbank_cut_off")?,
                        close: r.u32("days.close")?,
                    },
                })
            })
            .collect::<Result<_, FormatError>>()?;
        r.end("days")?;
        Ok(Self { index, time, lines })
    }
}
