//! Before the traffic: a gridlock. Three banks owe each other in two currencies more than any of them has, each waits for
//! another, and netting settles all of it at once.
use std::time::Duration;

use causeway_engine::netting::Netting;
use causeway_message::reason::Reason;
use causeway_message::{InstructionId, Status};
use tokio::time::Instant;

use super::bank::Bank;
use super::prelude::expect;
use super::pvp;
use super::world::World;
use crate::Failure;
use crate::client::{trade, words};

/// How long the node may take to see it.
const PATIENCE: Duration = Duration::from_secs(20);
/// Wait between two questions.
const PAUSE: Duration = Duration::from_millis(10);
/// Places of the two currencies among those of the demo.
const FIRST: usize = 0;
const SECOND: usize = 1;

fn unless(holds: bool, what: &str) -> Result<(), Failure> {
    if holds {
        Ok(())
    } else {
        Err(Failure::Refused(format!("the gridlock: {what}")))
    }
}

/// One minor unit more than any of the banks has.
async fn beyond(banks: &[&Bank], currency: u16) -> Result<u64, Failure> {
    let mut most = 0;
    for bank in banks {
        most = most.max(bank.balance(currency).await?);
    }
    u64::try_from(most + 1)
        .map_err(|_| Failure::Refused("the gridlock: a balance beyond all amounts".to_owned()))
}

/// Waits until `explain` names the gridlock.
async fn named(bank: &Bank, id: InstructionId) -> Result<(), Failure> {
    let until = Instant::now() + PATIENCE;
    loop {
        let why = bank.explain(id).await?;
        if why.reason == Reason::Gridlock {
            return Ok(());
        }
        let seen = format!("{} is told {} instead", bank.name(), why.reason.name());
        unless(Instant::now() < until, &seen)?;
        tokio::time::sleep(PAUSE).await;
    }
}

/// What happened, in sentences, and how many instructions netting settled.
pub async fn play(world: &World, banks: &mut [Bank]) -> Result<(Vec<String>, u64), Failure> {
    let [first, second, third, ..] = banks else {
        return Ok((Vec::new(), 0));
    };
    let date = pvp::today().await?;
    let codes =
        [FIRST, SECOND].map(|place| world.currencies.get(place).map_or(0, |currency| currency.numeric));
    let owed = beyond(&[&*first, &*second, &*third], codes[0]).await?;
    let back = beyond(&[&*first, &*second, &*third], codes[1]).await?;
    let mut payments = Vec::new();
    for (from, to, currency, amount) in [(1, 2, FIRST, owed), (2, 0, FIRST, owed), (0, 1, SECOND, back)] {
        let creditor = [first.id(), second.id(), third.id()][to];
        let payer = [&mut *first, &mut *second, &mut *third][from].payment(creditor, currency, 1);
        let mut record = payer;
        record.amount = amount.into();
        payments.push((from, record));
    }
    for (from, record) in &payments {
        let payer = [&*first, &*second, &*third][*from];
        expect(
            "a payment beyond the balance",
            &payer.pay(*record).await?,
            Status::Queued,
        )?;
    }
    let own = first.trade(second.id(), (codes[0], owed), (codes[1], back), date);
    let theirs = second.trade(first.id(), (codes[1], back), (codes[0], owed), date);
    expect(
        "the first side of a trade",
        &first.pay_trade(own).await?,
        Status::Unmatched,
    )?;
    expect(
        "the second side of a trade",
        &second.pay_trade(theirs).await?,
        Status::Matched,
    )?;
    for (from, record) in &payments {
        named([&*first, &*second, &*third][*from], record.id()).await?;
    }
    named(first, own.id()).await?;

    let netting: Netting = world.node.bridge().engine().netting().clone();
    let look = tokio::task::spawn_blocking(move || netting.run_now()).await;
    let look = look.map_err(|error| Failure::Io(error.to_string()))?;
    let look = look.map_err(|error| Failure::Io(error.to_string()))?;
    let look = look.ok_or_else(|| Failure::Refused("the gridlock: netting is off".to_owned()))?;
    let entry = pvp::both_settled((&*first, own.id()), (&*second, theirs.id())).await?;
    for (from, record) in &payments {
        let (_, facts) = [&*first, &*second, &*third][*from].receipt(record.id()).await?;
        unless(
            (facts.status, facts.cause) == (Status::Settled, entry),
            "a payment did not settle in the entry of the trade",
        )?;
    }
    let names = [first.name(), second.name(), third.name()];
    let (euros, dollars) = (
        words::money(owed.into(), codes[0]),
        words::money(back.into(), codes[1]),
    );
    let sentences = vec![
        format!(
            "{} owes {} {euros}, {} owes {} {euros}, {} owes {} {dollars}: more than any of them has.",
            names[1], names[2], names[2], names[0], names[0], names[1]
        ),
        format!(
            "And {} trades {} for {} of {}. Everything waits for something else.",
            names[0],
            trade::pays(&own),
            trade::gets(&own),
            names[1]
        ),
        "explain said of each: in a gridlock; together they would settle, alone none does.".to_owned(),
        format!(
            "Netting looked ({:.1} ms), and a plan settled all five at once in entry {entry}: both currencies, no new money, a receipt for each.",
            look.took.as_secs_f64() * 1e3
        ),
    ];
    Ok((sentences, 2 + payments.len() as u64))
}
