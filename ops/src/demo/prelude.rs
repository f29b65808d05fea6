//! Before the traffic: what can happen to a payment, each once and on purpose.
use causeway_message::Status;
use causeway_message::answer::Answer;
use causeway_message::record::flags;

use super::bank::Bank;
use super::traffic::NOBODY;
use super::world::FUNDED_PAYMENTS;
use crate::Failure;

/// Hundredths of a middling payment in a hundredth of what a bank was funded with.
pub const PERCENT: u64 = FUNDED_PAYMENTS;

/// That an answer is what it must be.
pub fn expect(what: &str, answer: &Answer, wanted: Status) -> Result<(), Failure> {
    let status = answer.status();
    if status == Some(wanted) {
        return Ok(());
    }
    let name = status.map_or("unknown", Status::name);
    Err(Failure::Refused(format!(
        "{what} ended as {name}, not {}",
        wanted.name()
    )))
}

/// The first bank runs short and waits, is refused what cannot be, and is released by money that comes in.
pub async fn play(banks: &mut [Bank]) -> Result<(), Failure> {
    let third = banks.get(2).or_else(|| banks.get(1)).map_or(NOBODY, Bank::id);
    let [first, second, ..] = banks else { return Ok(()) };
    let paid = first.payment(second.id(), 0, 90 * PERCENT);
    expect(
        "a payment that the account covers",
        &first.pay(paid).await?,
        Status::Settled,
    )?;

    let waits = first.payment(third, 0, 50 * PERCENT);
    expect(
        "a payment that it does not cover",
        &first.pay(waits).await?,
        Status::Queued,
    )?;

    let mut at_once = first.payment(third, 0, 50 * PERCENT);
    at_once.flags = flags::SETTLE_OR_REJECT.into();
    expect(
        "one that must not wait",
        &first.pay(at_once).await?,
        Status::InsufficientLiquidity,
    )?;

    let nobody = first.payment(NOBODY, 0, 100);
    expect(
        "a payment to nobody",
        &first.pay(nobody).await?,
        Status::CreditorUnknown,
    )?;

    let again = first.pay(paid).await?;
    expect("a payment sent twice", &again, Status::Settled)?;
    if again.is_first() {
        return Err(Failure::Refused(
            "a payment sent twice moved money twice".to_owned(),
        ));
    }

    let back = second.payment(first.id(), 0, 60 * PERCENT);
    expect(
        "the credit that releases the queue",
        &second.pay(back).await?,
        Status::Settled,
    )
}
