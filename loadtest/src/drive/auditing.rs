//! The auditor behind a run: the log that the node left is read again from its first entry, and held to what the banks were
//! told of it.
mod accounts;
mod books;
mod ids;
mod log;
mod signed;
mod told;

use std::path::Path;
use std::time::Instant;

use causeway_message::genesis::Genesis;
use causeway_message::ids::hex;

use crate::audit::Auditor as Full;
use crate::drive::bank::Seen;
use crate::error::Failure;
use crate::plan::{Auditor, Plan};
use crate::report::form::{Audit, Report};
use accounts::{Accounts, compare};
use log::{Journal, Log};
use signed::Keys;
pub use told::Told;

/// Records of the log up to which the whole model is kept: some twenty microseconds and some hundred bytes each.
const FULL_MAX: u64 = 1_000_000;
/// Entries whose predictions are kept.
const KEPT: u64 = 64;

/// What is held against what.
struct Case<'a> {
    genesis: &'a Genesis,
    told: &'a Told,
    log: &'a dyn Log,
    accounts: Accounts,
    keys: Keys,
}

impl<'a> Case<'a> {
    /// Balances of the first so many banks were asked for.
    fn new(genesis: &'a Genesis, told: &'a Told, log: &'a dyn Log, banks: usize) -> Self {
        Self {
            accounts: Accounts::of(genesis, banks),
            keys: Keys::new(genesis),
            genesis,
            told,
            log,
        }
    }
}

/// What an auditor found to agree.
#[derive(Debug, Default, PartialEq, Eq)]
struct Found {
    /// Balances that were compared.
    balances: u64,
    /// Why none were: only the chain, what hangs on it, and ids were checked.
    beyond: Option<String>,
    notes: Vec<String>,
}

fn differs(what: String) -> Failure {
    Failure::Check(what)
}

/// Goes over the log, once nobody writes it any more. What differs stands in the report.
///
/// # Errors
/// If the log cannot be read.
pub fn run(plan: &Plan, data: &Path, told: &Told, report: &mut Report) -> Result<(), Failure> {
    let began = Instant::now();
    if plan.checks.auditor == Auditor::None {
        report.audit.kind = "none".to_owned();
        return Ok(());
    }
    let (genesis, _) =
        causeway_ops::node::identity_of(data).map_err(|error| Failure::Io(error.to_string()))?;
    let config = causeway_engine::EngineConfig::new(data, "audit");
    let journal = Journal::new(config.journal_dir(), genesis.ledger_id());
    let banks = if told.some {
        plan.world.banks
    } else {
        plan.world.banks.max(plan.world.participants)
    };
    let case = Case::new(&genesis, told, &journal, banks);
    let wants_all = plan.checks.auditor == Auditor::Full;
    let full = wants_all && log::records(&journal, FULL_MAX)? <= FULL_MAX;
    let mut found = if full {
        model(&case)
    } else {
        books::run(&case, books::IDS_MAX)
    };
    if let (Ok(found), true) = (&mut found, wants_all && !full) {
        found.notes.push(format!(
            "the log holds more than the {FULL_MAX} records that the whole model is kept for"
        ));
    }
    if let (Ok(found), None) = (&mut found, told.at) {
        found
            .notes
            .push("balances were told as of several log entries: what moved last may differ".to_owned());
    }
    if let (Ok(found), false) = (&mut found, case.accounts.all) {
        found
            .notes
            .push("only the balances of banks that submit were asked for".to_owned());
    }
    let audit = &mut report.audit;
    audit.kind = if full { "full" } else { "books" }.to_owned();
    audit.entries = journal.read();
    audit.payments = told.payments;
    audit.at_entry = told.at;
    audit.settled_later = told.settled_later();
    audit.seconds = began.elapsed().as_secs_f64();
    match found {
        Ok(found) => report.switched_off.extend(say(audit, found)),
        Err(failure @ Failure::Check(_)) => audit.difference = Some(failure.to_string()),
        Err(failure) => return Err(failure),
    }
    Ok(())
}

/// Writes what was found; what was not looked at, in words.
fn say(audit: &mut Audit, mut found: Found) -> Option<String> {
    audit.balances = found.balances;
    audit.agrees = found.beyond.is_none();
    let off = found.beyond.map(|why| {
        audit.kind = "chain".to_owned();
        found.notes.insert(
            0,
            format!(
                "the chain, what was signed, what banks were shown and the ids that settled at once hold; balances were not compared with the log: {why}"
            ),
        );
        "the auditor's own sums of all accounts".to_owned()
    });
    audit.note = (!found.notes.is_empty()).then(|| found.notes.join("; "));
    off
}

/// A ledger of its own predicts every entry.
fn model(case: &Case<'_>) -> Result<Found, Failure> {
    let mut auditor = Full::new(case.genesis);
    // What a bank was shown is under a leaf that holds the signature, and this process signed it. All else is verified here.
    auditor.trust_signatures();
    auditor.expect_session_order();
    let lines = case.accounts.lines(case.told)?;
    let hold = |auditor: &Full| {
        compare(&lines, |who, currency| {
            auditor.line(who, currency).map(|line| line.balance)
        })
    };
    let (mut seen, mut last, mut balances) = (0, 0, None);
    for entry in case.log.entries()? {
        let (header, payload) = entry?;
        auditor
            .entry(&header, &payload)
            .map_err(|fault| differs(fault.to_string()))?;
        let index = header.index.get();
        match case.told.entries.get(&index) {
            None => case.keys.check(&header, &payload)?,
            Some(shown) => {
                predicted(&auditor, shown)?;
                seen += 1;
            }
        }
        if index % KEPT == 0 {
            auditor.forget(index.saturating_sub(KEPT));
        }
        if case.told.at == Some(index) {
            balances = Some(hold(&auditor)?);
        }
        last = index;
    }
    case.told.is_whole(seen)?;
    case.told.is_reached(last)?;
    let balances = match balances {
        Some(balances) => balances,
        None => hold(&auditor)?,
    };
    Ok(Found {
        balances,
        ..Found::default()
    })
}

/// Holds what a bank was shown of an entry to what was predicted.
fn predicted(auditor: &Full, shown: &Seen) -> Result<(), Failure> {
    let index = shown.index;
    let expected = auditor.expected(index);
    let leaf = expected.map(|expected| expected.leaf.hash());
    if leaf != Some(shown.leaf) {
        let leaf = leaf.map_or("none".to_owned(), |leaf| hex(&leaf));
        return Err(differs(format!(
            "log entry {index}: its bank was shown the leaf {}, the auditor expects {leaf}",
            hex(&shown.leaf)
        )));
    }
    let batch = expected.and_then(|expected| expected.batch.as_ref());
    if batch.is_none_or(|batch| batch.who != shown.who) {
        return Err(differs(format!(
            "log entry {index}: participant {} was shown it, and did not submit it",
            shown.who
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
