//! Risk tests of participants, as netting asks them.

/// What a participant would hold in one of its accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Number of the account.
    pub account: u32,
    /// Number of the currency.
    pub currency: u16,
    /// Balance now, in minor units.
    pub before: i128,
    /// Balance after what is chosen, in minor units.
    pub after: i128,
    /// What leaves it by items of a single leg (payments, not trades), in minor units.
    pub paid_out: i128,
}

/// Says whether what is chosen may settle for a participant under risk tests.
///
/// Has to be monotone: what passes still passes with more in any account and nothing else changed. Without that the
/// greatest set would not be unique.
pub trait Tests {
    /// True if the participant passes with these positions, one for each of its accounts, in order. Only asked while
    /// something chosen debits it.
    fn passes(&self, participant: u32, positions: &[Position]) -> bool;
}

/// Tests for cases in which nobody is under tests: no account may go below zero.
#[derive(Debug, Clone, Copy, Default)]
pub struct CashOnly;

impl Tests for CashOnly {
    fn passes(&self, _participant: u32, positions: &[Position]) -> bool {
        positions.iter().all(|position| position.after >= 0)
    }
}

impl<F: Fn(u32, &[Position]) -> bool> Tests for F {
    fn passes(&self, participant: u32, positions: &[Position]) -> bool {
        self(participant, positions)
    }
}
