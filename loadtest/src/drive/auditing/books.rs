//! The auditor of long runs: hash chain, records under their signed roots, every id once, sums of the accounts.
use std::collections::BTreeMap;

use causeway_message::ParticipantId;
use causeway_message::batch::{BatchView, record_leaves};
use causeway_message::entry::{EntryKind, payload_digest};
use causeway_message::genesis::Genesis;
use causeway_message::record::{Instruction, Kind};
use causeway_message::wide;

use super::{Next, Told, compare};
use crate::error::Failure;

/// Ids that are held against one another: eight bytes each.
const IDS_MAX: usize = 200_000_000;

/// What is known of the log so far.
#[derive(Debug, Default)]
struct Sums {
    balances: BTreeMap<(ParticipantId, u16), i128>,
    ids: Vec<u64>,
    /// Something other than payments that settle at once moved money: sums by answers alone are not known.
    beyond: bool,
}

/// Goes over the log once; how many balances were compared.
pub fn run(genesis: &Genesis, told: &Told, next: &mut Next<'_>) -> Result<u64, Failure> {
    let mut sums = Sums::default();
    for participant in genesis
        .participants
        .iter()
        .zip(0..)
        .map(|(grant, id)| (ParticipantId(id), grant))
    {
        let (who, grant) = participant;
        let accounts = grant.accounts.iter().map(|account| ((who, account.currency), 0));
        sums.balances.extend(accounts);
    }
    let mut before = genesis.ledger_id().0;
    let (mut index, mut leaves, mut seen) = (0, Vec::new(), 0);
    while let Some((header, payload)) = next()? {
        index += 1;
        let wrong = |what: &str| Failure::Check(format!("log entry {index}: {what}"));
        if header.index.get() != index || header.prev_hash != before {
            return Err(wrong("does not follow the one before"));
        }
        before = header.hash();
        let kind = header.kind().map_err(|error| wrong(&error.to_string()))?;
        if kind != EntryKind::Batch {
            if kind != EntryKind::Control && header.payload_digest != payload_digest(&payload) {
                return Err(wrong("its payload is not that of its header"));
            }
            // Netting, days and what persons decide move money by rules that are not followed here.
            sums.beyond |= matches!(kind, EntryKind::Control | EntryKind::Plan);
            continue;
        }
        let view = BatchView::parse(&payload).map_err(|error| wrong(&error.to_string()))?;
        if header.payload_digest != view.block.input_digest() {
            return Err(wrong("its batch is not that of its header"));
        }
        leaves.clear();
        record_leaves(view.records, view.extensions, &mut leaves);
        if wide::root_in_place(&mut leaves) != view.block.root {
            return Err(wrong("its records are not those that were signed"));
        }
        let told = told.entries.get(&index);
        seen += usize::from(told.is_some());
        sums.batch(view.records, told.map(|(_, settled)| *settled));
    }
    if seen != told.entries.len() {
        let text = format!(
            "banks had answers to {} entries, the log holds {seen} of them",
            told.entries.len()
        );
        return Err(Failure::Check(text));
    }
    sums.once()?;
    if sums.beyond {
        return Ok(0);
    }
    let mut by_currency: BTreeMap<u16, i128> = BTreeMap::new();
    for ((_, currency), balance) in &sums.balances {
        *by_currency.entry(*currency).or_default() += balance;
    }
    if let Some((currency, sum)) = by_currency.iter().find(|(_, sum)| **sum != 0) {
        return Err(Failure::Check(format!(
            "currency {currency}: all balances add up to {sum}"
        )));
    }
    compare(told, |who, currency| sums.balances.get(&(who, currency)).copied())
}

impl Sums {
    /// Takes the records of a batch of which so many settled at once, if its bank was told.
    fn batch(&mut self, records: &[Instruction], settled: Option<u32>) {
        let plain = |record: &Instruction| record.kind == Kind::Payment as u8;
        if settled != Some(records.len() as u32) || !records.iter().all(plain) {
            self.beyond = true;
            return;
        }
        for record in records {
            if self.ids.len() < IDS_MAX {
                let [low, ..] = record.instruction_id.as_chunks::<8>().0 else {
                    continue;
                };
                self.ids.push(u64::from_le_bytes(*low));
            }
            let (amount, currency) = (i128::from(record.amount.get()), record.currency.get());
            let mut add = |who: u32, amount: i128| {
                *self.balances.entry((ParticipantId(who), currency)).or_default() += amount;
            };
            add(record.debtor.get(), -amount);
            add(record.creditor.get(), amount);
        }
    }

    /// Every record that settled stands in the log once.
    fn once(&mut self) -> Result<(), Failure> {
        self.ids.sort_unstable();
        match self.ids.windows(2).find(|two| two[0] == two[1]) {
            None => Ok(()),
            Some(two) => Err(Failure::Check(format!(
                "an id that begins with {:016x} settled twice",
                two[0].swap_bytes()
            ))),
        }
    }
}
