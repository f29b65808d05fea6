//! The banks of a run: who takes part, in which currencies, and the payments they send.
use causeway_fx::Currency;
use causeway_message::record::Instruction;
use causeway_message::{InstructionId, ParticipantId, Uetr};

use crate::random::Random;

/// Currencies of a run: the most traded ones, and those with none and with three minor units.
pub const CURRENCIES: [&str; 18] = [
    "USD", "EUR", "JPY", "GBP", "CNY", "AUD", "CAD", "CHF", "HKD", "SGD", "SEK", "KRW", "NOK", "NZD", "INR",
    "MXN", "KWD", "BHD",
];

/// Who holds an account in what.
#[derive(Debug, Clone)]
pub struct World {
    /// Banks that submit and subscribe: the first participants.
    pub banks: usize,
    /// Participants that hold accounts.
    pub participants: usize,
    /// For each currency: its ISO 4217 number, and the participants that hold an account in it.
    pub holders: Vec<(u16, Vec<u32>)>,
}

/// First participant id of a bank in the genesis: the operator and the settlement agent come before.
pub const FIRST_BANK: u32 = 2;

impl World {
    /// Banks submit; `accounts` accounts are spread over all participants and currencies.
    pub fn new(banks: usize, participants: usize, accounts: usize) -> Self {
        let participants = participants.max(banks);
        let numeric = |code: &str| Currency::from_alpha(code).map_or(0, |currency| currency.numeric);
        let mut holders: Vec<(u16, Vec<u32>)> = CURRENCIES.iter().map(|c| (numeric(c), Vec::new())).collect();
        let mut left = accounts.clamp(participants, participants * CURRENCIES.len());
        for (_, holders) in &mut holders {
            for bank in 0..participants.min(left) {
                holders.push(FIRST_BANK + bank as u32);
            }
            left = left.saturating_sub(participants);
        }
        holders.retain(|(_, holders)| holders.len() > 1);
        Self {
            banks,
            participants,
            holders,
        }
    }

    /// Accounts in all.
    pub fn accounts(&self) -> usize {
        self.holders.iter().map(|(_, holders)| holders.len()).sum()
    }

    /// Name of a bank.
    pub fn name(bank: usize) -> String {
        format!("BANK{bank:04}")
    }

    /// The genesis as text. Caps are wide: a steady run measures settling, not waiting.
    pub fn genesis(&self, ids: u64) -> String {
        use std::fmt::Write;
        let mut text = format!("kind = \"genesis\"\nname = \"load test\"\nid_capacity = {ids}\n");
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
            for (currency, _) in self.holders.iter().filter(|(_, holders)| holders.contains(&id)) {
                let code = Currency::from_numeric(*currency).map_or("", Currency::alpha);
                let _ = write!(text, "{{ currency = \"{code}\", cap = \"10000000000\" }}, ");
            }
            text.push_str("]\n");
        }
        text
    }

    /// Fills `records` with payments of one bank: random ids, skewed currencies and creditors.
    pub fn payments(&self, bank: usize, count: usize, random: &mut Random, records: &mut Vec<Instruction>) {
        let debtor = FIRST_BANK + bank as u32;
        records.clear();
        records.reserve(count);
        while records.len() < count {
            let (currency, holders) = &self.holders[random.skewed(self.holders.len())];
            let creditor = holders[random.skewed(holders.len())];
            if creditor == debtor {
                continue;
            }
            let amount = 1 + random.below(10_000);
            let (id, uetr) = (InstructionId(random.id()), Uetr(random.id()));
            let (debtor, creditor) = (ParticipantId(debtor), ParticipantId(creditor));
            records.push(Instruction::payment(
                id, uetr, debtor, creditor, *currency, amount,
            ));
        }
    }
}
