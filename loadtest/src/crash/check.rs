//! Holds the books of the banks to the ledger, once all is quiet.
use std::collections::BTreeMap;

use causeway_message::checkpoint::LogKey;
use causeway_message::receipt::Receipt;
use causeway_message::wire::InstructionKey;
use causeway_message::{InstructionId, SessionId, Status};
use causeway_transport::Client;

use super::banks::Teller;
use super::books::{Books, Known};
use super::place::{ACCOUNTS, FUNDED, Place};
use super::report::Counts;
use super::trades;
use crate::error::Failure;
use crate::random::Random;

/// How much of a bank's books is looked at one by one.
#[derive(Debug, Clone, Copy)]
pub struct Depth {
    /// Statuses asked for.
    pub statuses: usize,
    /// Receipts fetched and verified.
    pub receipts: usize,
    /// Orders sent again.
    pub again: usize,
}

/// Between kills.
pub const PASSING: Depth = Depth {
    statuses: 100,
    receipts: 20,
    again: 200,
};
/// At the end.
pub const FINAL: Depth = Depth {
    statuses: 500,
    receipts: 60,
    again: 2_000,
};
/// The session on which orders are sent again: none of the bank's own.
const SESSION: SessionId = SessionId(900);

fn wrong(name: &str, what: &str) -> Failure {
    Failure::Check(format!("participant {name}: {what}"))
}

/// Checks all banks that pay through the SDK.
///
/// # Errors
/// The first contradiction.
pub async fn banks(
    place: &Place,
    banks: &[Teller],
    depth: Depth,
    random: &mut Random,
    counts: &mut Counts,
) -> Result<(), Failure> {
    feeds_tell_of_every_payment_once(banks)?;
    let books: Vec<&Books> = banks.iter().map(|bank| &bank.books).collect();
    trades::agree(&books).map_err(Failure::Check)?;
    let key = place.log_key()?;
    for bank in banks {
        let client = Client::connect(place.client(&bank.party.name, 1)?).await?;
        let desk = Desk {
            place,
            client,
            key: &key,
            books: &bank.books,
            name: &bank.party.name,
        };
        desk.balances().await?;
        desk.statuses(depth.statuses, random).await?;
        desk.receipts(depth.receipts, random, counts).await?;
        desk.again(depth.again, random, counts).await?;
        desk.balances().await?;
        desk.client.check_consistency().await?;
        desk.client.save_checkpoint()?;
        desk.client.close();
    }
    Ok(())
}

/// What each was paid is what the others' books say they paid it: nothing missing, nothing twice, nothing else.
fn feeds_tell_of_every_payment_once(banks: &[Teller]) -> Result<(), Failure> {
    for bank in banks {
        let mut wanted = BTreeMap::new();
        for payer in banks {
            let paid = payer
                .books
                .settled()
                .filter(|known| known.order.1 == bank.party.id.0);
            for known in paid {
                let id = known.order.id().unwrap_or_default();
                wanted.insert((payer.party.id.0, id), (known.order.2, known.order.3));
            }
        }
        let told = &bank.books.credits;
        let name = &bank.party.name;
        for ((debtor, id), credit) in told {
            if wanted.get(&(*debtor, *id)) != Some(credit) {
                let what = format!("instruction {id}: received from {debtor}, who was told otherwise");
                return Err(wrong(name, &what));
            }
        }
        if let Some((debtor, id)) = wanted.keys().find(|key| !told.contains_key(key)) {
            let what = format!("instruction {id}: {debtor} paid it, and the feed does not tell");
            return Err(wrong(name, &what));
        }
    }
    Ok(())
}

struct Desk<'a> {
    place: &'a Place,
    client: Client,
    key: &'a LogKey,
    books: &'a Books,
    name: &'a str,
}

impl Desk<'_> {
    fn wrong(&self, id: InstructionId, what: &str) -> Failure {
        wrong(self.name, &format!("instruction {id}: {what}"))
    }

    async fn balances(&self) -> Result<(), Failure> {
        let wanted = self.books.balances();
        let balances = self.client.balances(0).await?;
        for (currency, code) in ACCOUNTS {
            if self.books.funded.get(&currency) != Some(&i128::from(FUNDED)) {
                return Err(wrong(
                    self.name,
                    &format!("{code}: the feed told of another funding"),
                ));
            }
            let line = balances.lines.iter().find(|line| line.currency == currency);
            let line = line.ok_or_else(|| wrong(self.name, &format!("{code}: the account is gone")))?;
            let (sum, waiting) = (wanted[&currency], self.books.waiting(currency));
            if line.balance != sum || line.queued as usize != waiting || line.balance < 0 {
                return Err(wrong(
                    self.name,
                    &format!(
                        "{code}: the ledger holds {} with {} waiting, the books say {sum} with {waiting}",
                        line.balance, line.queued
                    ),
                ));
            }
        }
        Ok(())
    }

    /// Some of the orders, those that waited and those that are likely to be forgotten among them.
    fn some(&self, count: usize, random: &mut Random) -> Vec<(InstructionId, &Known)> {
        let all: Vec<(InstructionId, &Known)> = self.books.orders.iter().map(|(id, k)| (*id, k)).collect();
        if all.is_empty() {
            return all;
        }
        let waited = all
            .iter()
            .filter(|(_, known)| known.later.is_some())
            .take(count / 4);
        let mut some: Vec<_> = waited.copied().collect();
        while some.len() < count.min(all.len()) {
            some.push(all[random.below(all.len() as u64) as usize]);
        }
        some
    }

    const fn key(&self, id: InstructionId) -> InstructionKey {
        InstructionKey {
            submitter: self.books.own,
            id,
        }
    }

    async fn statuses(&self, count: usize, random: &mut Random) -> Result<(), Failure> {
        for (id, known) in self.some(count, random) {
            let told = self.client.status(self.key(id)).await?;
            if Some(told.status) != known.status() {
                let what = format!("is {}, the book says {:?}", told.status.name(), known.status());
                return Err(self.wrong(id, &what));
            }
            if known
                .origin
                .is_some_and(|origin| origin != (told.entry, told.ordinal.into()))
            {
                return Err(self.wrong(id, "stands elsewhere in the log than it was answered"));
            }
            if known.cause.is_some_and(|cause| cause != told.cause) {
                return Err(self.wrong(id, "got its status in another entry than the feed told"));
            }
        }
        Ok(())
    }

    async fn receipts(&self, count: usize, random: &mut Random, counts: &mut Counts) -> Result<(), Failure> {
        let some = self.some(count, random);
        let settled = some
            .iter()
            .filter(|(_, known)| known.status() == Some(Status::Settled));
        for (at, (id, known)) in settled.enumerate() {
            let (receipt, _) = self.client.receipt(self.key(*id)).await?;
            // Offline: from its bytes, and with the key that was pinned out of band.
            let bytes = receipt.write();
            let facts = Receipt::read(&bytes)
                .map_err(|error| error.to_string())
                .and_then(|read| read.verify(self.key).map_err(|error| error.to_string()))
                .map_err(|error| self.wrong(*id, &error))?;
            let ordered = known.order.record(self.books.own);
            if Some(receipt.record) != ordered
                || facts.status != Status::Settled
                || facts.amount != known.order.3
                || known.origin.is_some_and(|origin| origin != facts.origin)
                || facts.deferred && known.later.is_none()
                || known.cause.is_some_and(|cause| cause != facts.cause)
                || trades::got(&receipt) != known.order.4.as_ref().map(|trade| trade.terms.gets.1)
            {
                return Err(self.wrong(*id, "its receipt contradicts the book"));
            }
            counts.receipts += 1;
            if at == 0 {
                let file = self.place.own("checks")?.join(format!("{}.receipt", self.name));
                std::fs::write(&file, &bytes)?;
                self.place.verify_receipt(&file)?;
            }
        }
        Ok(())
    }

    /// Sends orders again under another session: each is known, and nothing moves.
    async fn again(&self, count: usize, random: &mut Random, counts: &mut Counts) -> Result<(), Failure> {
        let some = self.some(count, random);
        let mut seen = std::collections::BTreeSet::new();
        let some: Vec<_> = some.into_iter().filter(|(id, _)| seen.insert(*id)).collect();
        let records: Vec<_> = some
            .iter()
            .filter_map(|(_, known)| known.order.record(self.books.own))
            .collect();
        if records.is_empty() {
            return Ok(());
        }
        let session = self.client.session(SESSION).await?;
        let sent = session.submit(records, Vec::new(), Vec::new()).await?;
        let outcome = sent.outcome().await?;
        for ((id, known), answer) in some.iter().zip(&outcome.answers) {
            if answer.is_first() {
                return Err(self.wrong(*id, "was acknowledged and is taken for new"));
            }
            if answer.status() != known.status() {
                let what = format!(
                    "is answered {:?}, the book says {:?}",
                    answer.status(),
                    known.status()
                );
                return Err(self.wrong(*id, &what));
            }
            counts.replays_answered += 1;
        }
        Ok(())
    }
}
