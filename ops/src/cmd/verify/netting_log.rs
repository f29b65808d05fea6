//! Holds a certificate of netting to the log that it says it is tied to.
use causeway_certificate::{Document, LogEntry};
use causeway_engine::EngineConfig;
use causeway_engine::journal::Scan;
use causeway_message::entry::{EntryHeader, EntryKind, payload_digest};
use causeway_message::ids::hex;
use causeway_message::plan::Plan;
use std::path::Path;

use crate::Failure;
use crate::node::identity_of;

/// Compares: the entry is there, is a plan, and has the digest; all plans of its proposal together name what settles.
/// The inner error says what of that does not hold.
///
/// # Errors
/// If there is no log that can be read.
pub(super) fn compare(document: &Document, dir: &Path) -> Result<Result<(), String>, Failure> {
    let Some(log) = document.log() else {
        return Ok(Err("log: it is tied to none".to_owned()));
    };
    let mut last = None;
    let mut entries = 0;
    plans(dir, log.entry, |header, plan| {
        entries = header.index.get();
        if entries == log.entry {
            last = Some((header.hash(), plan.map(|plan| plan.basis)));
        }
    })?;
    let basis = match at_entry(log, last, entries) {
        Ok(basis) => basis,
        Err(why) => return Ok(Err(why)),
    };
    let mut named = Vec::new();
    plans(dir, log.entry, |_, plan| {
        if let Some(plan) = plan.filter(|plan| plan.basis == basis) {
            named.extend(plan.instructions.iter().map(|(_, id)| id.to_string()));
        }
    })?;
    named.sort_unstable();
    let settles = settling_ids(document);
    let same = named.iter().map(String::as_str).eq(settles);
    Ok(if same {
        Ok(())
    } else {
        let why = "log: the plans of this proposal do not name the rows that settle here";
        Err(why.to_owned())
    })
}

/// Basis of the plan at the entry.
fn at_entry(log: &LogEntry, found: Option<([u8; 32], Option<u64>)>, entries: u64) -> Result<u64, String> {
    let LogEntry { entry, digest } = log;
    match found {
        None => Err(format!("log: no entry {entry}: the log ends at {entries}")),
        Some((_, None)) => Err(format!("log: entry {entry} is no plan")),
        Some((hash, _)) if hash != *digest => Err(format!(
            "log: entry {entry} has the digest {}, not {}",
            hex(&hash),
            hex(digest)
        )),
        Some((_, Some(basis))) => Ok(basis),
    }
}

/// Ids of the instructions that settle, in order, without the names of those who submitted them.
fn settling_ids(document: &Document) -> Vec<&str> {
    let (named, chosen) = (document.named(), document.chosen());
    let rows = named.rows.iter().zip(&named.item_of);
    let settling = rows.filter(|(_, item)| chosen.contains(**item));
    let mut ids: Vec<&str> = settling.filter_map(|(row, _)| row.rsplit('/').next()).collect();
    ids.sort_unstable();
    ids
}

/// Tells of each entry up to one, and of the plan that it holds.
fn plans(dir: &Path, to: u64, mut each: impl FnMut(&EntryHeader, Option<Plan>)) -> Result<(), Failure> {
    let refused = |why: String| Failure::Refused(format!("{}: the log does not hold: {why}", dir.display()));
    let (genesis, _) = identity_of(dir)?;
    let mut scan = Scan::from_start(
        EngineConfig::new(dir, "verify").journal_dir(),
        genesis.ledger_id(),
    )
    .map_err(|error| refused(error.to_string()))?;
    while let Some((header, payload, _)) = scan.next().map_err(|error| refused(error.to_string()))? {
        let index = header.index.get();
        let plan = match header.kind() {
            Ok(EntryKind::Plan) if header.payload_digest != payload_digest(&payload) => {
                return Err(refused(format!("entry {index} has another payload")));
            }
            Ok(EntryKind::Plan) => {
                Some(Plan::read(&payload).map_err(|error| refused(format!("entry {index}: {error}")))?)
            }
            _ => None,
        };
        each(&header, plan);
        if index >= to {
            break;
        }
    }
    Ok(())
}
