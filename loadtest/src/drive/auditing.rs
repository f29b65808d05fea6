//! The auditor behind a run: the log that the node left is read again from its first entry, and held to what the banks were
//! told of it.
mod books;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use causeway_engine::journal::Scan;
use causeway_message::ParticipantId;
use causeway_message::digest::Digest;
use causeway_message::entry::EntryHeader;
use causeway_message::genesis::Genesis;
use causeway_message::ids::hex;
use causeway_message::wire::BalanceLine;

use super::bank::Kept;
use crate::audit::Auditor as Full;
use crate::error::Failure;
use crate::plan::{Auditor, Plan};
use crate::report::form::Report;
use crate::world::FIRST_BANK;

/// Payments up to which the whole model is kept: some twenty microseconds and some hundred bytes each.
const FULL_MAX: u64 = 1_000_000;
/// Entries whose predictions are kept.
const KEPT: u64 = 64;

/// What participants were told.
#[derive(Debug, Default)]
pub struct Told {
    /// Leaf of each entry that a bank submitted, and how many records were answered as settled at once.
    pub entries: BTreeMap<u64, (Digest, u32)>,
    /// Balances at the end, of those who were asked.
    pub balances: Vec<(ParticipantId, Vec<BalanceLine>)>,
    /// Not all participants were asked.
    pub some: bool,
    /// Payments answered.
    payments: u64,
}

impl Told {
    /// What banks kept.
    pub fn new(kept: &[Kept]) -> Self {
        let mut told = Self::default();
        for kept in kept {
            for seen in &kept.seen {
                told.entries.insert(seen.index, (seen.leaf, seen.settled));
                told.payments += u64::from(seen.records);
            }
            let who = ParticipantId(FIRST_BANK + kept.bank as u32);
            told.balances.push((who, kept.balances.clone()));
        }
        told
    }
}

/// Goes over the log, once nobody writes it any more. What differs stands in the report.
///
/// # Errors
/// If the log cannot be read.
pub fn run(plan: &Plan, data: &Path, told: &Told, report: &mut Report) -> Result<(), Failure> {
    let began = Instant::now();
    let audit = &mut report.audit;
    if plan.checks.auditor == Auditor::None {
        audit.kind = "none".to_owned();
        return Ok(());
    }
    let (genesis, _) =
        causeway_ops::node::identity_of(data).map_err(|error| Failure::Io(error.to_string()))?;
    let config = causeway_engine::EngineConfig::new(data, "audit");
    let mut scan = Scan::from_start(config.journal_dir(), genesis.ledger_id())
        .map_err(|error| Failure::Io(error.to_string()))?;
    let full = plan.checks.auditor == Auditor::Full && told.payments <= FULL_MAX;
    let mut entries = 0;
    let mut next = || -> Result<Option<(EntryHeader, Vec<u8>)>, Failure> {
        let found = scan
            .next()
            .map_err(|error| Failure::Check(format!("the log: {error}")))?;
        entries += u64::from(found.is_some());
        Ok(found.map(|(header, payload, _)| (header, payload)))
    };
    let found = if full {
        audit.kind = "full".to_owned();
        model(&genesis, told, &mut next)
    } else {
        audit.kind = "books".to_owned();
        if plan.checks.auditor == Auditor::Full {
            audit.note = Some(format!(
                "{} payments are more than the {FULL_MAX} that the whole model is kept for",
                told.payments
            ));
        }
        books::run(&genesis, told, &mut next)
    };
    audit.entries = entries;
    audit.payments = told.payments;
    audit.seconds = began.elapsed().as_secs_f64();
    match found {
        Ok(balances) => {
            audit.balances = balances;
            audit.agrees = true;
        }
        Err(failure @ Failure::Check(_)) => audit.difference = Some(failure.to_string()),
        Err(failure) => return Err(failure),
    }
    if told.some && audit.agrees {
        audit
            .note
            .get_or_insert_with(|| "only the balances of banks that submit were asked for".to_owned());
    }
    Ok(())
}

/// Gives the next entry.
type Next<'a> = dyn FnMut() -> Result<Option<(EntryHeader, Vec<u8>)>, Failure> + 'a;

/// A ledger of its own predicts every entry; how many balances were compared.
fn model(genesis: &Genesis, told: &Told, next: &mut Next<'_>) -> Result<u64, Failure> {
    let mut auditor = Full::new(genesis);
    let differs = |what: String| Failure::Check(what);
    // Each signature was checked by the node, and each batch was signed by this process.
    auditor.trust_signatures();
    auditor.expect_session_order();
    let mut seen = 0;
    while let Some((header, payload)) = next()? {
        auditor
            .entry(&header, &payload)
            .map_err(|fault| differs(fault.to_string()))?;
        let index = header.index.get();
        if let Some((leaf, _)) = told.entries.get(&index) {
            let expected = auditor.expected(index).map(|expected| expected.leaf.hash());
            if expected != Some(*leaf) {
                let expected = expected.map_or("none".to_owned(), |leaf| hex(&leaf));
                return Err(differs(format!(
                    "log entry {index}: its bank was shown the leaf {}, the auditor expects {expected}",
                    hex(leaf)
                )));
            }
            seen += 1;
        }
        if index % KEPT == 0 {
            auditor.forget(index.saturating_sub(KEPT));
        }
    }
    if seen != told.entries.len() {
        let text = format!(
            "banks had answers to {} entries, the log holds {seen} of them",
            told.entries.len()
        );
        return Err(differs(text));
    }
    compare(told, |who, currency| {
        auditor.line(who, currency).map(|line| line.balance)
    })
}

/// Holds the balances told at the end to those expected.
fn compare(told: &Told, expected: impl Fn(ParticipantId, u16) -> Option<i128>) -> Result<u64, Failure> {
    let mut compared = 0;
    for (who, lines) in &told.balances {
        for line in lines {
            let expects = expected(*who, line.currency);
            if expects != Some(line.balance) {
                let expects = expects.map_or("no account".to_owned(), |balance| balance.to_string());
                return Err(Failure::Check(format!(
                    "participant {who}, currency {}: the node says {}, the auditor {expects}",
                    line.currency, line.balance
                )));
            }
            compared += 1;
        }
    }
    Ok(compared)
}

#[cfg(test)]
mod tests;
