//! Sides of trades, payment versus payment: every two banks draw the same trades from a seed that they share, so that each
//! side finds the other without anybody telling.
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, ParticipantId, Uetr};

use crate::random::Random;
use crate::world::{FIRST_BANK, World};

/// A bank's trades with all others.
#[derive(Debug)]
pub(super) struct Trades {
    bank: usize,
    /// The generator that is shared with each other bank.
    shared: Vec<Random>,
    turn: usize,
}

impl Trades {
    pub fn new(seed: u64, bank: usize, banks: usize) -> Self {
        let with = |other: usize| {
            let (low, high) = (bank.min(other) as u64, bank.max(other) as u64);
            Random::new(seed.rotate_left(32) ^ (low << 16 | high))
        };
        Self {
            bank,
            shared: (0..banks).map(with).collect(),
            turn: bank,
        }
    }

    /// The next side of this bank; none if there is nobody to trade with.
    pub fn next(&mut self, world: &World, random: &mut Random) -> Option<Instruction> {
        let banks = self.shared.len();
        if banks < 2 || world.plain() < 2 {
            return None;
        }
        self.turn = (self.turn + 1) % banks;
        if self.turn == self.bank {
            self.turn = (self.turn + 1) % banks;
        }
        let shared = &mut self.shared[self.turn];
        // All banks hold the first currencies.
        let whole = world.holders[..world.plain()].iter();
        let whole = whole
            .take_while(|(_, holders)| holders.len() >= world.banks)
            .count();
        let at = shared.below(whole.max(2) as u64) as usize;
        let other = (at + 1 + shared.below(whole.max(2) as u64 - 1) as usize) % whole.max(2);
        let amounts = [1 + shared.below(10_000), 1 + shared.below(10_000)];
        let mut legs = [at, other]
            .map(|place| world.holders[place].0)
            .into_iter()
            .zip(amounts);
        let (mut pays, mut gets) = (legs.next()?, legs.next()?);
        if self.bank > self.turn {
            (pays, gets) = (gets, pays);
        }
        let parties = [self.bank, self.turn].map(|bank| ParticipantId(FIRST_BANK + bank as u32));
        Some(Instruction::pvp(
            InstructionId(random.id()),
            Uetr(random.id()),
            (parties[0], parties[1]),
            pays,
            gets,
            today(),
        ))
    }
}

/// The date of trades.
fn today() -> u16 {
    let now: Timestamp = causeway_engine::clock::now();
    u16::try_from(now.days()).unwrap_or(u16::MAX)
}
