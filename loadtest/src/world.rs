//! The banks of a run: who takes part, in which currencies, and the payments they send.
use causeway_fx::{Currency, format_minor};
use causeway_message::record::Instruction;
use causeway_message::{InstructionId, ParticipantId, Uetr};

use crate::random::Random;

/// Currencies of a run: the most traded ones, and those with none and with three minor units.
pub const CURRENCIES: [&str; 18] = [
    "USD", "EUR", "JPY", "GBP", "CNY", "AUD", "CAD", "CHF", "HKD", "SGD", "SEK", "KRW", "NOK", "NZD", "INR",
    "MXN", "KWD", "BHD",
];
/// Places of currencies: sums of a bank are kept in an array of so many.
pub const PLACES: usize = CURRENCIES.len();
/// First participant id of a bank in the genesis: the operator and the settlement agent come before.
pub const FIRST_BANK: u32 = 2;
/// How far an account may go below zero, in whole units: a steady run measures settling, not waiting.
pub const CAP: &str = "10000000000";
/// Ids that the ledger of a run remembers: enough for the longest, and what memory holds.
const IDS: u64 = 100_000_000;
/// Largest payment in minor units.
const AMOUNT_MAX: u64 = 10_000;
/// ISO 4217 numbers have three digits.
const NUMBERS: usize = 1_000;
/// The place of a currency that is not among those of the run.
const NOWHERE: u8 = u8::MAX;

/// How far the accounts of a world may go below zero.
#[derive(Debug, Clone, PartialEq)]
pub enum Cap {
    /// All so many whole units.
    Whole(String),
    /// Each this part of what it pays while so many payments are sent by every bank.
    Share {
        /// The part.
        share: f64,
        /// Payments of one bank.
        payments: f64,
    },
}

/// Who holds an account in what.
#[derive(Debug, Clone)]
pub struct World {
    /// Banks that submit and subscribe: the first participants.
    pub banks: usize,
    /// Participants that hold accounts.
    pub participants: usize,
    /// For each currency: its ISO 4217 number, and the participants that hold an account in it.
    pub holders: Vec<(u16, Vec<u32>)>,
    /// Creditors and currencies are the smallest of so many draws.
    pub skew: usize,
    /// How far accounts may go below zero.
    pub cap: Cap,
    /// The last currency is for payments that wait: every second bank has nothing in it.
    pub waits: bool,
    places: Box<[u8; NUMBERS]>,
}

impl World {
    /// Banks submit; `accounts` accounts are spread over all participants and currencies.
    pub fn new(banks: usize, participants: usize, accounts: usize) -> Self {
        Self::in_currencies(banks, participants, accounts, PLACES)
    }

    /// The same in fewer currencies.
    pub fn in_currencies(banks: usize, participants: usize, accounts: usize, currencies: usize) -> Self {
        let participants = participants.max(banks);
        let currencies = &CURRENCIES[..currencies.clamp(1, PLACES)];
        let numeric = |code: &str| Currency::from_alpha(code).map_or(0, |currency| currency.numeric);
        let mut holders: Vec<(u16, Vec<u32>)> = currencies.iter().map(|c| (numeric(c), Vec::new())).collect();
        let mut left = accounts.clamp(participants, participants * currencies.len());
        let all = holders.len();
        for (place, (_, holders)) in holders.iter_mut().enumerate() {
            // What is not enough for everybody is spread over the currencies that are left, two accounts at least.
            let share = if left >= participants {
                participants
            } else {
                left.div_ceil(all - place).max(2).min(left)
            };
            holders.extend((0..share).map(|bank| FIRST_BANK + bank as u32));
            left -= share;
        }
        holders.retain(|(_, holders)| holders.len() > 1);
        let mut world = Self {
            banks,
            participants,
            holders,
            skew: 2,
            cap: Cap::Whole(CAP.into()),
            waits: false,
            places: Box::new([NOWHERE; NUMBERS]),
        };
        world.place_currencies();
        world
    }

    fn place_currencies(&mut self) {
        self.places.fill(NOWHERE);
        for ((currency, _), place) in self.holders.iter().zip(0..) {
            if let Some(of) = self.places.get_mut(usize::from(*currency)) {
                *of = place;
            }
        }
    }

    /// Currencies that all banks hold: the first ones.
    pub fn held_by_all(&self) -> usize {
        let whole = self.holders.iter();
        whole
            .take_while(|(_, holders)| holders.len() >= self.banks)
            .count()
    }

    /// Keeps the last currency that all banks hold for payments that wait. False if no other would be left.
    pub fn keep_one_for_waiting(&mut self) -> bool {
        let whole = self.held_by_all();
        if whole < 2 {
            return false;
        }
        self.holders.truncate(whole);
        self.place_currencies();
        self.waits = true;
        true
    }

    /// Place of a currency, by its ISO 4217 number.
    #[inline]
    pub fn place(&self, currency: u16) -> Option<usize> {
        let place = *self.places.get(usize::from(currency))?;
        (place != NOWHERE).then_some(usize::from(place))
    }

    /// Currencies that plain payments are in.
    pub fn plain(&self) -> usize {
        self.holders.len() - usize::from(self.waits)
    }

    /// Accounts in all.
    pub fn accounts(&self) -> usize {
        self.holders.iter().map(|(_, holders)| holders.len()).sum()
    }

    /// Name of a bank.
    pub fn name(bank: usize) -> String {
        format!("BANK{bank:04}")
    }

    /// A place below `bound`, the first ones likelier.
    #[inline]
    pub fn draw(&self, bound: usize, random: &mut Random) -> usize {
        if self.skew == 2 {
            return random.skewed(bound);
        }
        let draws = (0..self.skew).map(|_| random.below(bound as u64));
        draws.min().unwrap_or(0) as usize
    }

    /// The cap of a bank's account, in whole units with decimals.
    fn cap_of(&self, bank: usize, place: usize) -> String {
        let currency = Currency::from_numeric(self.holders[place].0);
        let digits = currency.map_or(2, |currency| currency.minor_units);
        if self.waits && place + 1 == self.holders.len() && bank.is_multiple_of(2) {
            return "0".into();
        }
        match &self.cap {
            Cap::Whole(text) => text.clone(),
            Cap::Share { share, payments } => {
                let (at, all) = (place as f64, self.plain() as f64);
                let beyond = |place: f64| ((all - place).max(0.0) / all).powi(self.skew as i32);
                let paid = payments * (beyond(at) - beyond(at + 1.0)) * (AMOUNT_MAX as f64 / 2.0);
                format_minor((paid * share) as i128, digits)
            }
        }
    }

    /// The genesis as text.
    pub fn genesis(&self) -> String {
        use std::fmt::Write;
        let mut text = format!("kind = \"genesis\"\nname = \"load test\"\nid_capacity = {IDS}\n");
        for (currency, _) in &self.holders {
            let code = Currency::from_numeric(*currency).map_or("", Currency::alpha);
            let _ = write!(text, "\n[[currencies]]\ncode = \"{code}\"\nagent = \"AGENT\"\n");
        }
        text.push_str("\n[[nodes]]\nname = \"node-1.causeway\"\n");
        let persons = "[{ person = 1, rights = [\"control\"] }, { person = 2, rights = [\"control\"] }]";
        let _ = write!(
            text,
            "\n[[participants]]\nname = \"OPERATOR\"\nroles = [\"operator\"]\nkeys = {persons}\n"
        );
        let _ = write!(
            text,
            "\n[[participants]]\nname = \"AGENT\"\nroles = [\"settlement_agent\"]\nkeys = {persons}\n"
        );
        for bank in 0..self.participants {
            let id = FIRST_BANK + bank as u32;
            let _ = write!(
                text,
                "\n[[participants]]\nname = \"{}\"\nroles = [\"participant\"]\nkeys = [{{ person = 1, rights = [\"instruct\"] }}]\naccounts = [",
                Self::name(bank)
            );
            for (place, (currency, holders)) in self.holders.iter().enumerate() {
                if !holders.contains(&id) {
                    continue;
                }
                let code = Currency::from_numeric(*currency).map_or("", Currency::alpha);
                let cap = self.cap_of(bank, place);
                let _ = write!(text, "{{ currency = \"{code}\", cap = \"{cap}\" }}, ");
            }
            text.push_str("]\n");
        }
        text
    }

    /// One payment of a bank, and the place of its currency: a random id, a skewed currency and creditor.
    #[inline]
    pub fn payment(&self, bank: usize, random: &mut Random) -> (Instruction, usize) {
        let debtor = FIRST_BANK + bank as u32;
        loop {
            let place = self.draw(self.plain(), random);
            let (currency, holders) = &self.holders[place];
            // All hold the first currency; only the first participants hold the last ones.
            if bank >= holders.len() {
                continue;
            }
            let creditor = holders[self.draw(holders.len(), random)];
            if creditor != debtor {
                let amount = 1 + random.below(AMOUNT_MAX);
                return (pays(debtor, creditor, *currency, amount, random), place);
            }
        }
    }

    /// Fills `records` with payments of one bank.
    pub fn payments(&self, bank: usize, count: usize, random: &mut Random, records: &mut Vec<Instruction>) {
        records.clear();
        records.extend((0..count).map(|_| self.payment(bank, random).0));
    }
}

/// A payment with random ids.
#[inline]
pub fn pays(debtor: u32, creditor: u32, currency: u16, amount: u64, random: &mut Random) -> Instruction {
    let (id, uetr) = (InstructionId(random.id()), Uetr(random.id()));
    let (debtor, creditor) = (ParticipantId(debtor), ParticipantId(creditor));
    Instruction::payment(id, uetr, debtor, creditor, currency, amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banks_pay_only_in_what_they_hold_and_to_whom_holds_it() {
        for (banks, participants, accounts) in [(400, 600, 10_000), (64, 600, 1_000), (2, 2, 3)] {
            let world = World::new(banks, participants, accounts);
            let mut random = Random::new(7);
            for bank in [0, banks / 2, banks - 1] {
                for _ in 0..2_000 {
                    let (record, place) = world.payment(bank, &mut random);
                    let holders = &world.holders[place].1;
                    let both = [record.debtor.get(), record.creditor.get()];
                    assert!(
                        both.iter().all(|party| holders.contains(party)),
                        "{both:?}, {place}"
                    );
                }
            }
        }
    }
}
