//! Payments with a conversion, and the quotes that they meet.
use causeway_fx::quotes::{Tier, Tiers};
use causeway_message::ParticipantId;
use causeway_message::action::Action;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Instruction, Kind};

use crate::error::Failure;
use crate::random::Random;
use crate::world::{FIRST_BANK, World, pays};

/// Banks that quote: the first of them.
const PROVIDERS: usize = 2;
/// Quotes of each for a pair.
const EACH: usize = 5;
/// Currencies that are converted: all pairs of them are quoted.
const CURRENCIES: usize = 6;
/// Largest exposure of a provider in a pair, in minor units.
const EXPOSURE: u64 = 1 << 60;

/// Currencies that are converted.
fn converted(world: &World) -> usize {
    let whole = world.holders[..world.plain()].iter();
    let whole = whole.take_while(|(_, holders)| holders.len() >= world.banks);
    whole.count().clamp(2, CURRENCIES).min(world.holders.len())
}

/// A payment of a bank in one currency that arrives in another, at the best quote.
pub(super) fn payment(world: &World, bank: usize, random: &mut Random) -> Instruction {
    let among = converted(world) as u64;
    let from = random.below(among) as usize;
    let to = (from + 1 + random.below(among - 1) as usize) % among as usize;
    let holders = &world.holders[to].1;
    let creditor = holders[world.draw(holders.len(), random)];
    let debtor = FIRST_BANK + bank as u32;
    let amount = 1_000 + random.below(9_000);
    let mut record = pays(debtor, creditor, world.holders[from].0, amount, random);
    record.kind = Kind::FxPayment as u8;
    record.counter_currency = world.holders[to].0.into();
    record
}

/// What has to be there before the first of them.
#[derive(Debug)]
pub struct Quoted {
    /// What the operator sets.
    pub actions: Vec<Action>,
    /// What each provider publishes: records and their extensions.
    pub published: Vec<(Vec<Instruction>, Vec<u8>)>,
}

/// Rights and quotes of all pairs, which live until `expires`, in seconds since 2000.
///
/// # Errors
/// If a quote breaks a rule of its form.
pub fn quotes(world: &World, expires: u32, random: &mut Random) -> Result<Quoted, Failure> {
    let codes: Vec<u16> = world
        .holders
        .iter()
        .map(|(code, _)| *code)
        .take(converted(world))
        .collect();
    let pairs: Vec<(u16, u16)> = (0..codes.len())
        .flat_map(|at| (at + 1..codes.len()).map(move |other| (at, other)))
        .map(|(at, other)| (codes[at], codes[other]))
        .collect();
    let providers = PROVIDERS.min(world.banks);
    let mut quoted = Quoted {
        actions: Vec::new(),
        published: Vec::new(),
    };
    for provider in 0..providers {
        let own = FIRST_BANK + provider as u32;
        quoted
            .actions
            .extend(pairs.iter().map(|(base, counter)| Action::SetExposure {
                participant: ParticipantId(own),
                base: *base,
                counter: *counter,
                limit: EXPOSURE,
            }));
        let (mut records, mut area) = (Vec::new(), Vec::new());
        for (base, counter) in pairs.iter().flat_map(|pair| [pair; EACH]) {
            let bid = 1_050_000 + random.below(10_000);
            let tiers = [(1 << 40, 0), (1 << 42, 500)].map(|(up_to, off)| Tier {
                up_to,
                bid: bid - off,
                ask: bid + 20_000 + off,
            });
            let tiers = Tiers::new(6, &tiers).map_err(|e| Failure::Io(e.to_string()))?;
            let mut record = pays(own, own, *base, 1 << 50, random);
            record.kind = Kind::Quote as u8;
            record.counter_currency = (*counter).into();
            record.expires_at = expires.into();
            extension::put(
                &mut area,
                records.len() as u16,
                ExtensionType::Tiers,
                &tiers.encode(),
            );
            records.push(record);
        }
        quoted.published.push((records, area));
    }
    Ok(quoted)
}
