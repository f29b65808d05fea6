//! What was netted, and proof of how good it is: checked from the case and the certificate alone.
mod verify;

use crate::bound::Bound;
use crate::case::Case;
use crate::chosen::Chosen;

pub use verify::Fault;

/// How the queue of an account was to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discipline {
    /// What settled is a prefix of its queue.
    Fifo,
    /// Later items of a class may have passed earlier ones; no class passed a higher one.
    Bypass,
    /// The participant is under tests: what settled is a prefix of one queue for all its accounts.
    Tests,
}

/// A digest of bytes, such as SHA-256.
pub type Digest = fn(&[u8]) -> [u8; 32];

/// What a netting run chose, from what, and how much more there could have been.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Digest of the case ([`Case::to_bytes`]).
    pub inputs: [u8; 32],
    /// By account.
    pub discipline: Vec<Discipline>,
    /// Items that settle, rising.
    pub chosen: Vec<u32>,
    /// Balance of each account before, in minor units.
    pub before: Vec<i128>,
    /// Balance of each account after, in minor units.
    pub after: Vec<i128>,
    /// Value of what is chosen ([`Chosen::value`]).
    pub value: u128,
    /// No choice has more value than this.
    pub bound: Bound,
    /// Millionths of the bound that were reached, rounded down; a million where the bound is 0.
    pub quality: u32,
    /// Digest of everything above ([`Certificate::to_bytes`]).
    pub seal: [u8; 32],
}

/// How netting was run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// No account lets anything pass.
    Fifo,
    /// Accounts that opted in do.
    Bypass,
}

impl Certificate {
    /// Writes down what was chosen. Whether that was right is for [`Certificate::verify`] to say.
    pub fn new(case: &Case, mode: Mode, chosen: &Chosen, bound: Bound, digest: Digest) -> Self {
        let discipline = |account: u32| match allowed(case, account) {
            Discipline::Bypass if mode == Mode::Fifo => Discipline::Fifo,
            other => other,
        };
        let value = chosen.value(case);
        let mut certificate = Self {
            inputs: digest(&case.to_bytes()),
            discipline: (0..case.queues()).map(discipline).collect(),
            chosen: chosen.iter().collect(),
            before: case.accounts().iter().map(|account| account.balance).collect(),
            after: chosen.balances(case),
            value,
            quality: quality(value, bound.value()),
            bound,
            seal: [0; 32],
        };
        certificate.seal = digest(&certificate.to_bytes());
        certificate
    }

    /// Tag, counts, and every number in little endian, without the seal.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = b"causeway/netting-certificate/v1\0".to_vec();
        out.extend_from_slice(&self.inputs);
        let mut number = |number: u128| out.extend_from_slice(&number.to_le_bytes());
        number(self.discipline.len() as u128);
        self.discipline
            .iter()
            .for_each(|discipline| number(*discipline as u128));
        number(self.chosen.len() as u128);
        self.chosen.iter().for_each(|item| number(u128::from(*item)));
        for balances in [&self.before, &self.after] {
            number(balances.len() as u128);
            balances
                .iter()
                .for_each(|balance| number(balance.cast_unsigned()));
        }
        number(self.value);
        number(self.bound.multipliers.len() as u128);
        self.bound
            .multipliers
            .iter()
            .for_each(|multiplier| number(u128::from(*multiplier)));
        number(self.bound.scaled);
        number(u128::from(self.quality));
        out
    }
}

/// The freest discipline that the case gives an account.
fn allowed(case: &Case, account: u32) -> Discipline {
    if case.tests_of(case.queue_of[account as usize]).is_some() {
        Discipline::Tests
    } else if case.accounts[account as usize].bypass {
        Discipline::Bypass
    } else {
        Discipline::Fifo
    }
}

/// Millionths of a bound that a value reaches, rounded down; a million where the bound is 0.
pub fn quality(value: u128, bound: u128) -> u32 {
    if bound == 0 {
        return 1_000_000;
    }
    // Below 2^108 the product has room; above, both lose the same bits, of which a millionth does not depend.
    let shift = (128 - bound.max(value).leading_zeros()).saturating_sub(107);
    let reached = (value >> shift) * 1_000_000 / (bound >> shift).max(1);
    u32::try_from(reached).unwrap_or(u32::MAX)
}
