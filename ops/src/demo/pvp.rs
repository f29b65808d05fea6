//! Before the traffic: two banks trade, payment versus payment. One trade waits for a cent, the other settles at once.
use std::time::Duration;

use causeway_engine::clock;
use causeway_message::reason::Reason;
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, Status};
use tokio::time::Instant;

use super::bank::Bank;
use super::prelude::{PERCENT, expect};
use super::trades::Trades;
use crate::Failure;
use crate::client::{trade, words};

/// How long a feed may take to tell what has happened.
const PATIENCE: Duration = Duration::from_secs(20);
/// Wait between two looks at it.
const PAUSE: Duration = Duration::from_millis(2);
/// So long before midnight a trade waits for the next day: it would outlive its value date.
const BEFORE_MIDNIGHT: Duration = Duration::from_secs(10);
/// Places of the two currencies among those of the demo.
const PAID: usize = 1;
const GOT: usize = 2;

fn unless(holds: bool, what: &str) -> Result<(), Failure> {
    if holds {
        Ok(())
    } else {
        Err(Failure::Refused(format!("the trade: {what}")))
    }
}

/// The business date of currencies whose first day nobody has opened.
pub async fn today() -> Result<u16, Failure> {
    let now = clock::now();
    let left = Timestamp::midnight(now.days() + 1).0.saturating_sub(now.0);
    if left < BEFORE_MIDNIGHT.as_nanos() as u64 {
        tokio::time::sleep(Duration::from_nanos(left) + PAUSE).await;
    }
    u16::try_from(clock::now().days()).map_err(|_| Failure::Io("the clock is beyond all dates".to_owned()))
}

/// Waits until a bank's feed has told something of a trade.
async fn told<T>(bank: &Bank, what: &str, look: impl Fn(&Trades) -> Option<T>) -> Result<T, Failure> {
    let until = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = bank.trades(&look) {
            return Ok(found);
        }
        unless(
            Instant::now() < until,
            &format!("{} was never told {what}", bank.name()),
        )?;
        tokio::time::sleep(PAUSE).await;
    }
}

/// Waits until both were told that their sides settled; the entry, which must be one.
pub async fn both_settled(
    one: (&Bank, InstructionId),
    other: (&Bank, InstructionId),
) -> Result<u64, Failure> {
    let mut entries = [0; 2];
    for ((bank, id), entry) in [one, other].into_iter().zip(&mut entries) {
        *entry = told(bank, "that its side settled", |trades| {
            trades.reached(id, Status::Settled)
        })
        .await?;
        let (receipt, facts) = bank.receipt(id).await?;
        let amount = receipt.record.amount.get();
        let shown = (facts.status, facts.amount, facts.cause, trade::got(&receipt));
        let wanted = (
            Status::Settled,
            amount,
            *entry,
            Some(receipt.record.counter_amount.get()),
        );
        unless(
            shown == wanted,
            "a receipt shows something else than the feed told",
        )?;
    }
    unless(entries[0] == entries[1], "its sides settled in two entries")?;
    Ok(entries[0])
}

/// The two sides of a trade in which one bank pays and gets what is given.
fn sides(
    (one, other): (&mut Bank, &mut Bank),
    pays: (u16, u64),
    gets: (u16, u64),
    date: u16,
) -> (Instruction, Instruction) {
    let own = one.trade(other.id(), pays, gets, date);
    (own, other.trade(one.id(), gets, pays, date))
}

/// Two trades between the first two banks; what happened, in sentences.
pub async fn play(banks: &mut [Bank]) -> Result<Vec<String>, Failure> {
    let [first, second, ..] = banks else {
        return Ok(Vec::new());
    };
    let date = today().await?;
    let cent = {
        let mut cent = second.payment(first.id(), PAID, 1);
        cent.amount = 1.into();
        cent
    };
    let gets = second.payment(first.id(), GOT, 50 * PERCENT);
    let gets = (gets.currency.get(), gets.amount.get());
    let (currency, balance) = (cent.currency.get(), first.balance(cent.currency.get()).await?);
    let holds =
        u64::try_from(balance).map_err(|_| Failure::Refused("the trade: nothing to pay".to_owned()))?;
    let pays = (currency, holds + 1);

    let (own, theirs) = sides((&mut *first, &mut *second), pays, gets, date);
    expect(
        "the first side of a trade",
        &first.pay_trade(own).await?,
        Status::Unmatched,
    )?;
    told(second, "that the trade is alleged", |trades| {
        trades.is_alleged(own.id()).then_some(())
    })
    .await?;
    expect(
        "the second side of a trade",
        &second.pay_trade(theirs).await?,
        Status::Matched,
    )?;
    told(first, "that the trade is matched", |trades| {
        trades.reached(own.id(), Status::Matched)
    })
    .await?;
    let why = first.explain(own.id()).await?;
    unless(
        (why.reason, why.missing) == (Reason::Funds, 1),
        "explain does not name the missing cent",
    )?;
    let why_other = second.explain(theirs.id()).await?;
    unless(
        (why_other.reason, why_other.party) == (Reason::Counterparty, first.id()),
        "explain does not name the other party's leg",
    )?;
    unless(
        first.trades(|trades| Some(trades.settled.is_empty())) == Some(true),
        "a leg moved before both could",
    )?;
    expect(
        "the payment of the missing cent",
        &second.pay(cent).await?,
        Status::Settled,
    )?;
    let entry = both_settled((&*first, own.id()), (&*second, theirs.id())).await?;

    // Back again, now that both accounts cover their legs.
    let (back, theirs_back) = sides((&mut *second, &mut *first), pays, gets, date);
    expect(
        "the first side of a trade back",
        &second.pay_trade(back).await?,
        Status::Unmatched,
    )?;
    expect(
        "the second side of a trade back",
        &first.pay_trade(theirs_back).await?,
        Status::Settled,
    )?;
    let at_once = both_settled((&*second, back.id()), (&*first, theirs_back.id())).await?;

    let (name, other) = (first.name(), second.name());
    Ok(vec![
        format!(
            "{name} sent its side: {} for {}. Unmatched; {other} was told that it is alleged.",
            trade::pays(&own),
            trade::gets(&own)
        ),
        format!("{other} sent its own. Matched; both legs waited."),
        format!(
            "explain said why: {} more were needed at {name}; at {other}: {}",
            words::money(why.missing, why.currency),
            why_other.reason.meaning()
        ),
        format!(
            "{other} paid {name} that cent: both legs settled in entry {entry}, with a receipt for each."
        ),
        format!("They traded back: matched and settled at once, in entry {at_once}."),
    ])
}
