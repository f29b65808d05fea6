//! Looks at what is dated, in a snapshot. What is dated is found anew by where it waits.
use causeway_message::FormatError;
use causeway_message::codec::{Put, Reader};

use super::queues::{put_origin, read_origin};
use crate::queue::DatedAt;
use crate::sweep::Sweep;

/// Number 5, currency, and how far it came: 0 and none at its begin.
pub(super) fn put_dates(out: &mut Vec<u8>, currency: u16, last: Option<DatedAt>) {
    let (date, origin) = last.map_or((0, None), |(date, origin)| (date, Some(origin)));
    out.put_u8(5).put_u16(currency).put_u16(date);
    put_origin(out, origin);
}

/// What stands behind the number.
pub(super) fn read_dates(r: &mut Reader<'_>) -> Result<Sweep, FormatError> {
    let currency = r.u16("sweep.currency")?;
    let date = r.u16("sweep.date")?;
    let last = match (date, read_origin(r, "sweep.last")?) {
        (0, None) => None,
        (1.., Some(origin)) => Some((date, origin)),
        _ => {
            return Err(FormatError::rule(
                "sweep.date",
                "a date and what came with it go together",
            ));
        }
    };
    Ok(Sweep::Dates { currency, last })
}
