//! A netting window, as an operator opens it.
use super::Action;
use crate::FormatError;
use crate::InstructionId;
use crate::codec::{Put, Reader};

/// In which currencies a netting window collects obligations, and its instants, in seconds since 2000-01-01T00:00Z.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowGrant {
    /// ISO 4217 numeric codes, rising.
    pub currencies: Vec<u16>,
    /// From here on it collects nothing more, and settles as soon as all net debts are paid in.
    pub close: u32,
    /// Until then net debts are to be paid in.
    pub pay_in_by: u32,
    /// Then what is missing is drawn from credit, or the window fails.
    pub ends: u32,
}

impl WindowGrant {
    /// Most currencies of one window.
    pub const CURRENCIES_MAX: usize = 8;

    /// True if its instants are in order.
    pub const fn is_in_order(&self) -> bool {
        self.close < self.pay_in_by && self.pay_in_by <= self.ends
    }

    /// Appends the window.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.put_u8(self.currencies.len() as u8);
        for currency in &self.currencies {
            out.put_u16(*currency);
        }
        out.put_u32(self.close).put_u32(self.pay_in_by).put_u32(self.ends);
    }

    /// Reads a window; whether its instants are in order is another rule.
    ///
    /// # Errors
    /// If the currencies are none, too many, or do not rise.
    pub fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let count = usize::from(r.u8("window.currencies")?);
        if !(1..=Self::CURRENCIES_MAX).contains(&count) {
            return Err(FormatError::rule("window.currencies", "must be 1 to 8"));
        }
        let currencies = (0..count)
            .map(|_| r.u16("window.currency"))
            .collect::<Result<Vec<_>, _>>()?;
        if !currencies.is_sorted_by(|a, b| a < b) {
            return Err(FormatError::rule(
                "window.currencies",
                "must rise, none standing twice",
            ));
        }
        Ok(Self {
            currencies,
            close: r.u32("window.close")?,
            pay_in_by: r.u32("window.pay_in_by")?,
            ends: r.u32("window.ends")?,
        })
    }
}

pub(super) fn read_window(r: &mut Reader<'_>) -> Result<Action, FormatError> {
    WindowGrant::read(r).map(Action::OpenWindow)
}

pub(super) fn read_cancellation(r: &mut Reader<'_>) -> Result<Action, FormatError> {
    Ok(Action::CancelWindow {
        window: InstructionId(r.array("window")?),
    })
}
