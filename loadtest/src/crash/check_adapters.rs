//! Holds the adapters' stores to the ledger and to each other, once all is quiet.
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use causeway_message::checkpoint::LogKey;
use causeway_message::receipt::Receipt;
use causeway_message::{InstructionId, Status, Uetr};
use causeway_transport::Client;
use serde::Deserialize;

use super::adapters::{Adapter, Sent};
use super::place::{CURRENCIES, FUNDED, Place};
use super::report::Counts;
use crate::error::Failure;

/// A credit as `listen` stores it, as far as it is read here.
#[derive(Debug, Deserialize)]
struct Credit {
    number: u64,
    uetr: String,
    instruction_id: String,
    amount: u64,
    message_id: Option<String>,
    document: Option<String>,
    receipt: Option<String>,
}

fn wrong(name: &str, what: &str) -> Failure {
    Failure::Check(format!("adapter of {name}: {what}"))
}

/// Waits until `listen` has stored every credit, and checks both stores and both accounts.
///
/// # Errors
/// The first contradiction.
pub fn wait_for_credits(place: &Place, adapters: &mut [Adapter], patience: Duration) -> Result<(), Failure> {
    let until = Instant::now() + patience;
    let settled: Vec<usize> = adapters
        .iter()
        .map(|one| one.desk().sent.values().filter(|sent| sent.settled).count())
        .collect();
    for (at, wanted) in settled.iter().enumerate() {
        let Some(adapter) = adapters.get_mut(1 - at) else {
            continue;
        };
        let dir = place.store(&adapter.party.name).join("credits");
        loop {
            let found = names(&dir)?.len();
            if found == *wanted {
                break;
            }
            adapter.sound()?;
            if Instant::now() > until {
                let what = format!("{wanted} credits are due, {found} are stored");
                return Err(wrong(&adapter.party.name, &what));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    Ok(())
}

/// Whole files in a directory of the store; what a killed process left unfinished has another name.
fn names(dir: &Path) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    for file in fs::read_dir(dir)? {
        let name = file?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".json") {
            names.push(name);
        }
    }
    Ok(names)
}

/// Checks the stores and the accounts of both.
///
/// # Errors
/// The first contradiction.
pub async fn stores(place: &Place, adapters: &[Adapter], counts: &mut Counts) -> Result<(), Failure> {
    let key = place.log_key()?;
    for (at, adapter) in adapters.iter().enumerate() {
        let Some(other) = adapters.get(1 - at) else {
            continue;
        };
        let paid: BTreeMap<Uetr, Sent> = other.desk().sent.clone();
        credits(place, &adapter.party.name, &paid, &key, counts)?;
        balances(place, adapter, &paid).await?;
    }
    Ok(())
}

/// Every payment that settled is stored once, with its document and a receipt that verifies.
fn credits(
    place: &Place,
    name: &str,
    paid: &BTreeMap<Uetr, Sent>,
    key: &LogKey,
    counts: &mut Counts,
) -> Result<(), Failure> {
    let dir = place.store(name).join("credits");
    let mut seen = BTreeSet::new();
    for file in names(&dir)? {
        let fail = |what: &str| wrong(name, &format!("credit {file}: {what}"));
        let credit: Credit =
            serde_json::from_slice(&fs::read(dir.join(&file))?).map_err(|error| fail(&error.to_string()))?;
        let uetr = Uetr::parse(&credit.uetr).unwrap_or_default();
        let sent = paid.get(&uetr).ok_or_else(|| fail("nobody sent it"))?;
        if !seen.insert(uetr) {
            return Err(fail(&format!("{uetr} is stored twice")));
        }
        if !file.contains(&format!("{:012}", credit.number))
            || InstructionId::from_hex(&credit.instruction_id) != Some(sent.id)
            || credit.amount != sent.transfer.amount
            || !sent.settled
            || credit.message_id.is_none()
        {
            return Err(fail("is not what was sent"));
        }
        let document = credit.document.ok_or_else(|| fail("has no document"))?;
        if !fs::read_to_string(document)?.contains(&credit.uetr) {
            return Err(fail("comes with another document"));
        }
        let receipt = credit.receipt.ok_or_else(|| fail("has no receipt"))?;
        verified(Path::new(&receipt), sent, key).map_err(|what| fail(&what))?;
        counts.receipts += 1;
    }
    let missing = paid
        .values()
        .find(|sent| sent.settled && !seen.contains(&sent.transfer.uetr));
    missing.map_or(Ok(()), |sent| {
        Err(wrong(
            name,
            &format!("{} settled and is not stored", sent.transfer.uetr),
        ))
    })
}

fn verified(path: &Path, sent: &Sent, key: &LogKey) -> Result<(), String> {
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    let receipt = Receipt::read(&bytes).map_err(|error| error.to_string())?;
    let facts = receipt.verify(key).map_err(|error| error.to_string())?;
    let fits = receipt.record.id() == sent.id
        && receipt.record.uetr == sent.transfer.uetr.0
        && facts.status == Status::Settled
        && facts.amount == sent.transfer.amount;
    fits.then_some(())
        .ok_or_else(|| "the receipt is that of another payment".into())
}

async fn balances(place: &Place, adapter: &Adapter, received: &BTreeMap<Uetr, Sent>) -> Result<(), Failure> {
    let name = &adapter.party.name;
    let client = Client::connect(place.client(name, 1)?).await?;
    let lines = client.balances(0).await?.lines;
    client.close();
    let sent = adapter.desk().sent.clone();
    for (currency, code) in CURRENCIES {
        let sum = |of: &BTreeMap<Uetr, Sent>| -> i128 {
            let settled = of
                .values()
                .filter(|one| one.settled && one.transfer.currency == currency);
            settled.map(|one| i128::from(one.transfer.amount)).sum()
        };
        let wanted = i128::from(FUNDED) + sum(received) - sum(&sent);
        let waiting = sent
            .values()
            .filter(|one| !one.settled && one.transfer.currency == currency);
        let waiting = waiting.count();
        let line = lines.iter().find(|line| line.currency == currency);
        let found = line.map(|line| (line.balance, line.queued as usize));
        if found != Some((wanted, waiting)) {
            let what = format!(
                "{code}: the ledger holds {found:?}, the stores say {:?}",
                (wanted, waiting)
            );
            return Err(wrong(name, &what));
        }
    }
    Ok(())
}
