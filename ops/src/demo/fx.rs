//! Before the traffic: a corridor. A customer's euros arrive as dollars, then as yen through dollars at a lock, each at firm
//! quotes of other banks, with every leg in one entry.
use std::time::Duration;

use causeway_engine::clock;
use causeway_fx::quotes::{Tier, Tiers};
use causeway_message::action::{Action, FeeGrant};
use causeway_message::event::Role;
use causeway_message::exchange::SOURCE_BYTES_MAX;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Instruction, Kind};
use causeway_message::{InstructionId, ParticipantId, Status};
use tokio::time::Instant;

use super::bank::Bank;
use super::exchanges::Told;
use super::funding;
use super::prelude::expect;
use super::world::World;
use crate::Failure;
use crate::client::exchange::ExchangeJson;
use crate::client::trade;
use crate::client::words::{self, Names};

/// How long a feed may take to tell what has happened.
const PATIENCE: Duration = Duration::from_secs(20);
/// Wait between two looks at it.
const PAUSE: Duration = Duration::from_millis(2);
const EUR: u16 = 978;
const USD: u16 = 840;
const JPY: u16 = 392;
/// What the customer pays each time, in minor units of euros.
const PAID: u64 = 100_000;
/// Millionths of it that are a fee.
const FEE_PER_MILLION: u32 = 500;
/// Most of the first currency of a pair that a provider buys or sells, in minor units.
const EXPOSURE: u64 = 10_000_000;
/// How long quotes and the lock hold, in seconds.
const HOLDS: u32 = 240;
/// Who fixed the reference rates.
const SOURCE: &[u8; SOURCE_BYTES_MAX] = b"the demo\0\0\0\0\0\0\0\0";

/// A pair with its prices.
struct Priced {
    pair: (u16, u16),
    bid: u64,
    ask: u64,
    reference: u64,
    scale: u8,
}

const EURUSD: Priced = Priced {
    pair: (EUR, USD),
    bid: 10_850,
    ask: 10_870,
    reference: 10_860,
    scale: 4,
};
const USDJPY: Priced = Priced {
    pair: (USD, JPY),
    bid: 15_025,
    ask: 15_075,
    reference: 15_050,
    scale: 2,
};

fn unless(holds: bool, what: &str) -> Result<(), Failure> {
    if holds {
        Ok(())
    } else {
        Err(Failure::Refused(format!("the corridor: {what}")))
    }
}

fn until(seconds: u32) -> u32 {
    u32::try_from(clock::now().seconds())
        .unwrap_or(u32::MAX)
        .saturating_add(seconds)
}

/// Who plays which part; of two banks one plays several.
struct Cast {
    debtor: usize,
    creditor: usize,
    providers: [usize; 2],
}

impl Cast {
    fn of(banks: usize) -> Self {
        let at = |place: usize| place.min(banks.saturating_sub(1));
        Self {
            debtor: at(0),
            creditor: at(1),
            providers: [at(2), at(3)],
        }
    }
}

fn part(banks: &mut [Bank], at: usize) -> Result<&mut Bank, Failure> {
    let none = || Failure::Refused("the corridor: a bank is missing".to_owned());
    banks.get_mut(at).ok_or_else(none)
}

/// What the operator has to say before anything can be quoted and compared.
fn actions(priced: &Priced, provider: ParticipantId) -> [Action; 2] {
    let (base, counter) = priced.pair;
    [
        Action::SetExposure {
            participant: provider,
            base,
            counter,
            limit: EXPOSURE,
        },
        Action::SetReference {
            base,
            counter,
            rate: priced.reference,
            scale: priced.scale,
            time: until(0),
            source: *SOURCE,
        },
    ]
}

async fn quote(provider: &mut Bank, priced: &Priced) -> Result<(), Failure> {
    let tier = Tier {
        up_to: EXPOSURE,
        bid: priced.bid,
        ask: priced.ask,
    };
    let tiers = Tiers::new(priced.scale, &[tier]).map_err(|error| Failure::Refused(error.to_string()))?;
    let mut area = Vec::new();
    extension::put(&mut area, 0, ExtensionType::Tiers, &tiers.encode());
    let own = provider.id();
    let (base, counter) = priced.pair;
    let mut record = provider.exchange(Kind::Quote, own, (base, EXPOSURE), (counter, 0));
    record.expires_at = until(HOLDS).into();
    expect("a quote", &provider.send(record, area).await?, Status::Executed)
}

/// Waits until a bank's feed has told of an exchange.
async fn told(bank: &Bank, id: InstructionId, role: Role, status: Status) -> Result<Told, Failure> {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = bank.exchanged(id, role, status) {
            return Ok(found);
        }
        unless(
            Instant::now() < until,
            &format!("{} was never told of it", bank.name()),
        )?;
        tokio::time::sleep(PAUSE).await;
    }
}

/// Waits until all whom a payment that settled concerns were told the same of it; what that is.
async fn all_told(
    banks: &mut [Bank],
    cast: &Cast,
    record: &Instruction,
    hops: usize,
) -> Result<Told, Failure> {
    let id = record.id();
    let debtor = part(banks, cast.debtor)?;
    let own = told(debtor, id, Role::Debtor, Status::Settled).await?;
    let (receipt, facts) = debtor.receipt(id).await?;
    let shown = (facts.status, facts.amount, facts.cause, trade::got(&receipt));
    let wanted = (
        Status::Settled,
        own.exchange.paid(),
        own.entry,
        Some(own.exchange.received()),
    );
    unless(
        shown == wanted,
        "the receipt shows something else than the feed told",
    )?;
    unless(own.exchange.hops.len() == hops, "it went another way")?;
    let mut others = vec![(cast.creditor, Role::Creditor)];
    others.extend(cast.providers.iter().take(hops).map(|at| (*at, Role::Provider)));
    for (at, role) in others {
        let other = told(part(banks, at)?, id, role, Status::Settled).await?;
        unless(
            (other.entry, &other.exchange) == (own.entry, &own.exchange),
            "two parties were told different things",
        )?;
    }
    Ok(own)
}

fn story(told: &Told, record: &Instruction, names: &Names, out: &mut Vec<String>) {
    let json = ExchangeJson::new(&told.exchange, record, names);
    out.extend(
        json.lines()
            .iter()
            .map(|(what, value)| format!("  {what:<14}{value}")),
    );
}

/// Two payments along the corridor; what happened, in sentences.
pub async fn play(world: &World, banks: &mut [Bank]) -> Result<Vec<String>, Failure> {
    let cast = Cast::of(banks.len());
    let mut decided = Vec::new();
    for (at, priced) in cast.providers.iter().zip([&EURUSD, &USDJPY]) {
        decided.extend(actions(priced, part(banks, *at)?.id()));
    }
    let creditor = part(banks, cast.creditor)?;
    let (to, payee) = (creditor.id(), creditor.name().to_owned());
    let collector = part(banks, cast.providers[1])?.id();
    decided.push(Action::SetFee(FeeGrant {
        currency: EUR,
        kind: Kind::FxPayment as u8,
        collector,
        flat: 0,
        per_million: FEE_PER_MILLION,
        min: 0,
        max: 0,
    }));
    funding::decide(world, &world.operator, decided).await?;
    for (at, priced) in cast.providers.iter().zip([&EURUSD, &USDJPY]) {
        quote(part(banks, *at)?, priced).await?;
    }

    let debtor = part(banks, cast.debtor)?;
    let (names, payer) = (debtor.names().await?, debtor.name().to_owned());
    let paid = words::money(PAID.into(), EUR);
    let first = debtor.exchange(Kind::FxPayment, to, (EUR, PAID), (USD, 0));
    expect(
        "a payment that arrives in dollars",
        &debtor.send(first, Vec::new()).await?,
        Status::Settled,
    )?;
    let came = all_told(banks, &cast, &first, 1).await?;
    let mut out = vec![format!(
        "A customer of {payer} paid {paid}, and one of {payee} got dollars, all legs in entry {}:",
        came.entry
    )];
    story(&came, &first, &names, &mut out);

    let debtor = part(banks, cast.debtor)?;
    let own = debtor.id();
    let mut lock = debtor.exchange(Kind::QuoteLock, own, (EUR, PAID), (JPY, 0));
    lock.expires_at = until(HOLDS).into();
    let mut via = Vec::new();
    extension::put(&mut via, 0, ExtensionType::Via, &USD.to_le_bytes());
    expect("a lock", &debtor.send(lock, via).await?, Status::SetAside)?;
    let locked = told(debtor, lock.id(), Role::Debtor, Status::SetAside).await?;
    let with = |debtor: &mut Bank| Instruction {
        quote: locked.exchange.lock.into(),
        ..debtor.exchange(Kind::FxPayment, to, (EUR, PAID), (JPY, 0))
    };
    let second = with(debtor);
    expect(
        "a payment at a lock",
        &debtor.send(second, Vec::new()).await?,
        Status::Settled,
    )?;
    let twice = with(debtor);
    expect(
        "a second payment at the same lock",
        &debtor.send(twice, Vec::new()).await?,
        Status::QuoteUnknown,
    )?;
    told(debtor, lock.id(), Role::Debtor, Status::Executed).await?;
    let came = all_told(banks, &cast, &second, 2).await?;
    unless(
        (came.exchange.hops == locked.exchange.hops) && came.exchange.fee == locked.exchange.fee,
        "the lock was not held to",
    )?;
    out.push(format!(
        "Then it locked both quotes as {} and paid {paid} into yen through dollars, in entry {}. The lock was of use once:",
        locked.exchange.lock, came.entry
    ));
    story(&came, &second, &names, &mut out);
    Ok(out)
}
