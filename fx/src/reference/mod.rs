//! Reference rates: what a rate is compared with. Text in, structures out; the text is read by the caller.

mod day;
mod ecb;
mod error;
mod file;

pub use day::{Day, Fixed};
pub use ecb::ECB_SOURCE;
pub use error::{NoReference, ReferenceError, ReferenceRule};

use crate::currency::{Currency, CurrencyError};
use crate::exact::ExactRate;
use crate::limits::REFERENCE_COLUMNS_MAX;
use crate::rate::Rate;
use rust_decimal::Decimal;
use std::ops::Range;

/// The rates of one source, all per one unit of one base currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceRates {
    source: String,
    base: &'static Currency,
    columns: Vec<&'static Currency>,
    /// In order of their days.
    fixings: Vec<Fixing>,
    cells: Vec<Cell>,
    notes: Vec<Note>,
}

/// The rates of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fixing {
    day: Day,
    fixed: Fixed,
    /// Its cells, in order of their columns.
    cells: Range<usize>,
}

/// The price of one base in the currency of a column, above zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cell {
    column: u16,
    value: Decimal,
}

/// A currency that was passed over, because it cannot be settled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} is passed over: {reason}")]
pub struct Note {
    /// The code in the text.
    pub code: String,
    /// Why.
    #[source]
    pub reason: CurrencyError,
}

/// How a reference comes from the source's rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derived {
    /// It is one of them.
    Direct,
    /// It is the inverse of one.
    Inverse,
    /// It is the cross of two through the source's base.
    Cross,
}

/// The reference of one pair: its rate, exact, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference<'a> {
    /// The rate.
    pub rate: ExactRate,
    /// Who fixed it.
    pub source: &'a str,
    /// When it was fixed.
    pub fixed: Fixed,
    /// How it comes from the source's rates.
    pub derived: Derived,
}

impl ReferenceRates {
    /// Who fixed the rates.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The currency all rates are per one unit of.
    pub const fn base(&self) -> &'static Currency {
        self.base
    }

    /// The currencies that have rates, in the order of the text.
    pub fn currencies(&self) -> &[&'static Currency] {
        &self.columns
    }

    /// The currencies that were passed over, and why.
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The days that have rates, in order.
    pub fn days(&self) -> impl ExactSizeIterator<Item = Day> {
        self.fixings.iter().map(|fixing| fixing.day)
    }

    /// The price of one `base` in `quote` by the newest rates of that day or before.
    ///
    /// # Errors
    /// When the rates begin later, or the newest ones leave one of the currencies out.
    pub fn at(
        &self,
        day: Day,
        base: &'static Currency,
        quote: &'static Currency,
    ) -> Result<Reference<'_>, NoReference> {
        let after = self.fixings.partition_point(|fixing| fixing.day <= day);
        let Some(fixing) = after.checked_sub(1).and_then(|at| self.fixings.get(at)) else {
            let first = self.fixings.first().map_or(day, |fixing| fixing.day);
            return Err(NoReference::Earlier { day, first });
        };
        let (rate, derived) = if base == self.base {
            (self.per_base(fixing, quote)?.exact(), Derived::Direct)
        } else if quote == self.base {
            (self.per_base(fixing, base)?.inverse(), Derived::Inverse)
        } else {
            let [base, quote] = [self.per_base(fixing, base)?, self.per_base(fixing, quote)?];
            (base.cross(&quote)?, Derived::Cross)
        };
        Ok(Reference {
            rate,
            source: &self.source,
            fixed: fixing.fixed,
            derived,
        })
    }

    fn per_base(&self, fixing: &Fixing, quote: &'static Currency) -> Result<Rate, NoReference> {
        let not_quoted = NoReference::NotQuoted {
            currency: quote.alpha(),
            day: fixing.day,
        };
        if quote == self.base {
            return Ok(Rate::new(Decimal::ONE, self.base, quote)?);
        }
        let column = self.columns.iter().position(|column| *column == quote);
        let cells = self.cells.get(fixing.cells.clone()).unwrap_or_default();
        let cell = column.and_then(|column| {
            let cell = cells.binary_search_by(|cell| usize::from(cell.column).cmp(&column));
            cells.get(cell.ok()?)
        });
        let value = cell.ok_or(not_quoted)?.value;
        Ok(Rate::new(value, self.base, quote)?)
    }
}

/// The columns of a text while they are read: codes that have rates, and those that are passed over.
struct Columns {
    base: &'static Currency,
    seen: Vec<String>,
    settled: Vec<&'static Currency>,
    notes: Vec<Note>,
}

impl Columns {
    fn new(base: &'static Currency) -> Columns {
        Columns {
            base,
            seen: Vec::new(),
            settled: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Takes the next code. The number of its column, or nothing if it is passed over.
    fn take(&mut self, code: &str) -> Result<Option<u16>, ReferenceRule> {
        if self.seen.len() >= REFERENCE_COLUMNS_MAX {
            return Err(ReferenceRule::TooManyColumns);
        }
        if self.seen.iter().any(|seen| seen == code) {
            let currency = code.to_owned();
            return Err(ReferenceRule::CurrencyTwice { currency });
        }
        let column = match Currency::from_alpha(code) {
            Ok(currency) if currency == self.base => {
                let base = currency.alpha();
                return Err(ReferenceRule::Base { base });
            }
            Ok(currency) => {
                let column = u16::try_from(self.settled.len()).map_err(|_| ReferenceRule::TooManyColumns)?;
                self.settled.push(currency);
                Some(column)
            }
            Err(reason @ CurrencyError::Malformed { .. }) => return Err(ReferenceRule::Currency(reason)),
            Err(reason) => {
                let code = code.to_owned();
                self.notes.push(Note { code, reason });
                None
            }
        };
        self.seen.push(code.to_owned());
        Ok(column)
    }
}
