//! The auditor of long runs: hash chain, records under their signed roots, every id once, sums of the accounts by what
//! answers settled, and what feeds settled behind them.
use std::collections::BTreeMap;

use causeway_message::ParticipantId;
use causeway_message::action::Action;
use causeway_message::batch::{BatchBlock, BatchView, record_leaves};
use causeway_message::control::{Control, ControlView};
use causeway_message::digest::Digest;
use causeway_message::entry::{EntryHeader, EntryKind, payload_digest};
use causeway_message::record::{Instruction, Kind};
use causeway_message::wide;

use super::accounts::{Lines, compare, conserved};
use super::ids::{Ids, When, settled};
use super::{Case, Found, differs};
use crate::drive::bank::Seen;
use crate::error::Failure;

/// Ids that are held against one another: eight bytes each.
pub const IDS_MAX: usize = 200_000_000;

/// What is known of the log so far.
#[derive(Debug)]
struct Sums {
    balances: BTreeMap<(ParticipantId, u16), i128>,
    ids: Ids,
    /// Why sums are not known: the first thing that moves money, or may, without that anybody here was told.
    beyond: Option<String>,
    /// Persons did more than schedule days: they may bring money in.
    control: bool,
}

/// Goes over the log once, and keeps `ids` ids.
///
/// # Errors
/// What does not agree; if the log cannot be read.
pub fn run(case: &Case<'_>, ids: usize) -> Result<Found, Failure> {
    let mut sums = Sums {
        balances: BTreeMap::new(),
        ids: Ids::new(ids),
        beyond: None,
        control: false,
    };
    for (who, grant) in (0..).map(ParticipantId).zip(&case.genesis.participants) {
        let accounts = grant.accounts.iter().map(|account| ((who, account.currency), 0));
        sums.balances.extend(accounts);
    }
    if let Some(followed) = &case.told.followed {
        for (account, amount) in &followed.exchanged {
            *sums.balances.entry(*account).or_default() += amount;
        }
    }
    let lines = case.accounts.lines(case.told)?;
    let mut compared = None;
    let mut before = case.genesis.ledger_id().0;
    let (mut index, mut leaves, mut seen) = (0, Vec::new(), 0);
    for entry in case.log.entries()? {
        let (header, payload) = entry?;
        index += 1;
        if header.index.get() != index || header.prev_hash != before {
            return Err(wrong(index, "does not follow the one before"));
        }
        before = header.hash();
        let kind = header.kind().map_err(|error| wrong(index, &error.to_string()))?;
        match kind {
            EntryKind::Batch => {
                let shown = case.told.entries.get(&index);
                seen += usize::from(shown.is_some());
                let records = batch(case, &header, &payload, shown, &mut leaves)?;
                sums.batch(case, index, records, shown)?;
            }
            EntryKind::Control => {
                if !control(case, &header, &payload)? {
                    sums.control = true;
                    sums.beyond(|| format!("log entry {index} is what persons decided"));
                }
            }
            // What a plan of netting or a tick lets go, feeds tell: only what waits here can move by them.
            _ => {
                if header.payload_digest != payload_digest(&payload) {
                    return Err(wrong(index, "its payload is not that of its header"));
                }
            }
        }
        if case.told.at == Some(index) {
            compared = Some(sums.compare(case, &lines)?);
        }
    }
    case.told.is_whole(seen)?;
    case.told.is_reached(index)?;
    sums.ids.once(case.told, case.log)?;
    let notes = (sums.ids.left_out > 0).then(|| {
        format!(
            "ids of {} records were not held against the others: {ids} are kept",
            sums.ids.left_out
        )
    });
    let (balances, beyond) = match compared {
        Some(compared) => compared,
        None => sums.compare(case, &lines)?,
    };
    Ok(Found {
        balances,
        beyond,
        notes: notes.into_iter().collect(),
    })
}

fn wrong(index: u64, what: &str) -> Failure {
    differs(format!("log entry {index}: {what}"))
}

/// Holds a batch to its header, its root, and what its bank was shown of it; its records.
fn batch<'a>(
    case: &Case<'_>,
    header: &EntryHeader,
    payload: &'a [u8],
    shown: Option<&Seen>,
    leaves: &mut Vec<Digest>,
) -> Result<&'a [Instruction], Failure> {
    let index = header.index.get();
    let view = BatchView::parse(payload).map_err(|error| wrong(index, &error.to_string()))?;
    record_leaves(view.records, view.extensions, leaves);
    signed(index, header, view.block, wide::root_in_place(leaves))?;
    match shown {
        None => case.keys.verify(index, view.block)?,
        Some(seen) => {
            let who = ParticipantId(view.block.participant.get());
            let (shown, records) = (seen.records as usize, view.records.len());
            if (seen.input, seen.who, shown) != (header.payload_digest, who, records) {
                return Err(wrong(
                    index,
                    &format!(
                        "it holds {records} records of participant {who}; participant {} was shown another batch, of {shown}",
                        seen.who
                    ),
                ));
            }
        }
    }
    Ok(view.records)
}

/// Holds what persons decided to its header, its root and its signature; whether it can only concern days and what may be
/// quoted, which move nothing that does not wait.
fn control(case: &Case<'_>, header: &EntryHeader, payload: &[u8]) -> Result<bool, Failure> {
    let index = header.index.get();
    let view = ControlView::parse(payload).map_err(|error| wrong(index, &error.to_string()))?;
    signed(index, header, view.block, wide::root(&view.leaves))?;
    case.keys.verify(index, view.block)?;
    // What is approved was proposed in an entry before.
    Ok(view.records.iter().all(|record| {
        matches!(
            record.control,
            Some(
                Control::Propose(Action::ScheduleDays { .. } | Action::SetExposure { .. })
                    | Control::Approve(_)
                    | Control::Withdraw(_)
            )
        )
    }))
}

fn signed(index: u64, header: &EntryHeader, block: &BatchBlock, root: Digest) -> Result<(), Failure> {
    if header.payload_digest != block.input_digest() {
        return Err(wrong(index, "its batch is not that of its header"));
    }
    if root != block.root {
        return Err(wrong(index, "its records are not those that were signed"));
    }
    Ok(())
}

impl Sums {
    fn beyond(&mut self, why: impl FnOnce() -> String) {
        self.beyond.get_or_insert_with(why);
    }

    /// Takes the records of a batch, by what its bank was shown and what its feed told behind that.
    fn batch(
        &mut self,
        case: &Case<'_>,
        index: u64,
        records: &[Instruction],
        shown: Option<&Seen>,
    ) -> Result<(), Failure> {
        let Some(seen) = shown else {
            // A quote moves nothing before it is met.
            if records.iter().any(|record| record.kind != Kind::Quote as u8) {
                self.beyond(|| format!("no bank was told what became of log entry {index}"));
            }
            return Ok(());
        };
        let follows = case.told.followed.is_some();
        if seen.waiting > 0 && !follows {
            self.beyond(|| format!("{} records of log entry {index} waited", seen.waiting));
        }
        let later = case.told.later(index);
        let (mut count, mut moved) = (0, 0);
        for (record, when) in settled(records, seen, later) {
            self.ids.push(record);
            let apart = self.kind(index, record, when, follows)?;
            let amount = record.amount.get();
            if when.later {
                count += 1;
                moved += if apart { 0 } else { u128::from(amount) };
            }
            if !apart {
                self.moves(record, amount.into());
            }
        }
        match later {
            Some(later) if (later.count, later.moved) != (count, moved) => Err(wrong(
                index,
                &format!(
                    "the feed of participant {} settles {} records of it, {} in all; by the log these are {count}, {moved} in all",
                    seen.who, later.count, later.moved
                ),
            )),
            _ => Ok(()),
        }
    }

    /// Holds the way in which a record settled to its kind; whether what it moved stands apart.
    fn kind(&mut self, index: u64, record: &Instruction, when: When, follows: bool) -> Result<bool, Failure> {
        let id = record.id();
        let exchange = record.kind == Kind::FxPayment as u8;
        if record.kind == Kind::Payment as u8 {
            if when.at_once && when.later {
                let what = format!("instruction {id} settled by its answer, and by the feed once more");
                return Err(wrong(index, &what));
            }
        } else if !exchange && record.kind != Kind::Pvp as u8 {
            self.beyond(|| format!("log entry {index} settles what the harness does not send"));
        } else if !when.later && follows {
            let what = format!("instruction {id} settled by its answer, and the feed does not tell it");
            return Err(wrong(index, &what));
        } else if !follows {
            self.beyond(|| format!("log entry {index} settles what only feeds tell whole"));
        }
        Ok(exchange)
    }

    fn moves(&mut self, record: &Instruction, amount: i128) {
        let currency = record.currency.get();
        let mut add = |who: u32, amount: i128| {
            *self.balances.entry((ParticipantId(who), currency)).or_default() += amount;
        };
        add(record.debtor.get(), -amount);
        add(record.creditor.get(), amount);
    }

    /// Holds the balances told to the sums so far: how many they are, or why sums are not known.
    fn compare(&self, case: &Case<'_>, lines: &Lines) -> Result<(u64, Option<String>), Failure> {
        // Balances of several entries need not add up while something moves.
        let still = case.told.at.is_some() || self.beyond.is_none();
        if case.accounts.all && !self.control && still {
            conserved(lines)?;
        }
        let balances = match &self.beyond {
            Some(_) => 0,
            None => compare(lines, |who, currency| {
                self.balances.get(&(who, currency)).copied()
            })?,
        };
        Ok((balances, self.beyond.clone()))
    }
}
