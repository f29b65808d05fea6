//! What the banks pay: many small amounts, few large ones, and now and then something that cannot be.
use causeway_message::record::{Instruction, flags};
use causeway_message::{InstructionId, ParticipantId, Uetr};

use super::world::{FUNDED_PAYMENTS, World};

/// A participant that nobody registered.
pub const NOBODY: ParticipantId = ParticipantId(65_000);

/// One in so many payments is of each odd kind.
const ODD: u64 = 1_000;
/// Payments remembered, so that one can be sent a second time.
const REMEMBERED: usize = 64;

/// A small generator (SplitMix64): the demo needs variety, not secrecy, and its ids need only differ.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Begins anywhere.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`; zero if there is none.
    pub const fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.next() % bound }
    }

    fn bytes(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.next().to_le_bytes());
        bytes[8..].copy_from_slice(&self.next().to_le_bytes());
        bytes
    }

    /// An instruction id.
    pub fn id(&mut self) -> InstructionId {
        InstructionId(self.bytes())
    }

    /// A reference with the form of a UUID version 4.
    pub fn uetr(&mut self) -> Uetr {
        let mut bytes = self.bytes();
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Uetr(bytes)
    }
}

/// A bank's payments.
#[derive(Debug, Clone)]
pub struct Traffic {
    dice: Dice,
    own: ParticipantId,
    others: Vec<ParticipantId>,
    /// ISO numeric code and middling payment of each currency.
    currencies: Vec<(u16, u64)>,
    sent: Vec<Instruction>,
}

impl Traffic {
    /// The payments of one bank; `seed` begins them.
    pub fn new(world: &World, own: ParticipantId, seed: u64) -> Self {
        let currencies = world.currencies.iter().zip(&world.middling);
        Self {
            dice: Dice::new(seed),
            own,
            others: world
                .banks
                .iter()
                .map(|bank| bank.id)
                .filter(|id| *id != own)
                .collect(),
            currencies: currencies
                .map(|(currency, middling)| (currency.numeric, *middling))
                .collect(),
            sent: Vec::new(),
        }
    }

    /// The same bank's payments from another beginning.
    pub fn begun_at(&self, seed: u64) -> Self {
        Self {
            dice: Dice::new(seed),
            sent: Vec::new(),
            ..self.clone()
        }
    }

    /// The bank's dice, for what is not a payment.
    pub const fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }

    /// A payment to a bank, in the n-th currency, of so many hundredths of a middling payment.
    pub fn payment(&mut self, creditor: ParticipantId, currency: usize, hundredths: u64) -> Instruction {
        let (numeric, middling) = self.currencies.get(currency).copied().unwrap_or_default();
        let amount = (middling / 100 * hundredths).max(1);
        let (id, uetr) = (self.dice.id(), self.dice.uetr());
        Instruction::payment(id, uetr, self.own, creditor, numeric, amount)
    }

    /// Six in ten payments are small, one in a hundred is large: as it is between banks.
    fn skewed(&mut self) -> u64 {
        match self.dice.below(100) {
            0..60 => 5 + self.dice.below(45),
            60..90 => 50 + self.dice.below(150),
            90..99 => 200 + self.dice.below(800),
            _ => 1_000 + self.dice.below(3_000),
        }
    }

    /// The next payment.
    pub fn next(&mut self) -> Instruction {
        let odd = self.dice.below(ODD);
        if odd == 0 && !self.sent.is_empty() {
            // A bank that is not sure sends again: the ledger must not pay twice.
            let at = self.dice.below(self.sent.len() as u64) as usize;
            if let Some(again) = self.sent.get(at) {
                return *again;
            }
        }
        let other = self.dice.below(self.others.len() as u64) as usize;
        let creditor = self.others.get(other).copied().unwrap_or(NOBODY);
        let currency = self.dice.below(self.currencies.len() as u64) as usize;
        let hundredths = self.skewed();
        let mut record = match odd {
            1 => self.payment(NOBODY, currency, hundredths),
            2 => self.payment(creditor, currency, FUNDED_PAYMENTS * 100 * 1_000),
            _ => self.payment(creditor, currency, hundredths),
        };
        if odd == 2 {
            record.flags = flags::SETTLE_OR_REJECT.into();
        }
        // Amounts end in any digit, not in zeros.
        let minor = record.amount.get() + self.dice.below(100);
        record.amount = minor.into();
        if odd > 2 && self.sent.len() < REMEMBERED {
            self.sent.push(record);
        } else if odd > ODD - 20 {
            let at = self.dice.below(REMEMBERED as u64) as usize;
            if let Some(slot) = self.sent.get_mut(at) {
                *slot = record;
            }
        }
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dice_differ_from_seed_to_seed_and_repeat_for_the_same() {
        let (mut a, mut b, mut c) = (Dice::new(1), Dice::new(1), Dice::new(2));
        assert_eq!(a.id(), b.id());
        assert_ne!(a.id(), c.id());
        assert!((0..1_000).all(|_| a.below(7) < 7));
        assert_eq!(Dice::new(9).below(0), 0);
    }
}
