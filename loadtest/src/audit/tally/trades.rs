//! Trades: both legs of each settle in one entry, by two signed instructions that agree, on their value date.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::Status;
use causeway_message::action::Action;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::time::Timestamp;

use super::seen::{Mark, Origin, Seen};
use super::{Key, Tally};
use crate::audit::fault::{Fault, Rule, hold, same};

/// What is known of trades.
#[derive(Debug, Default)]
pub struct Trades {
    /// Whose other side did not come yet.
    pub unmatched: BTreeSet<Origin>,
    /// Those that wait to settle.
    pub matched: BTreeSet<Origin>,
    /// Open questions, and the side of a trade that each is about.
    pub asked: BTreeMap<Key, Key>,
    /// Business dates of the currencies that had a day.
    dates: BTreeMap<u16, u16>,
}

/// Debtor, creditor, currencies and amounts that moved.
type Moved = (u32, u32, u16, u16, u64, u64);

fn moved(side: &Mark) -> Moved {
    let record = &side.record;
    (
        record.debtor.get(),
        record.creditor.get(),
        record.currency.get(),
        record.counter_currency.get(),
        side.moved,
        side.got,
    )
}

fn mirrored((debtor, creditor, pays, gets, paid, got): Moved) -> Moved {
    (creditor, debtor, gets, pays, got, paid)
}

/// How far what a side gets may differ from what it says.
fn tolerance(side: &Mark) -> Option<u64> {
    side.extension(ExtensionType::Tolerance)
        .and_then(extension::amount)
}

/// True if what two sides signed is one trade.
fn agree(one: &Mark, other: &Mark) -> bool {
    let (left, right) = (&one.record, &other.record);
    let parties = (left.debtor, left.creditor) == (right.creditor, right.debtor);
    let currencies = (left.currency, left.counter_currency) == (right.counter_currency, right.currency);
    let none = [0; 16];
    let named = [left.related, right.related].iter().all(|name| *name != none);
    let references = !named || left.related == right.related;
    let off = [
        left.amount.get().abs_diff(right.counter_amount.get()),
        right.amount.get().abs_diff(left.counter_amount.get()),
    ];
    let amounts = match (tolerance(other), tolerance(one)) {
        (Some(theirs), Some(own)) => off[0] <= theirs && off[1] <= own,
        _ => off == [0, 0],
    };
    parties && currencies && references && amounts && left.value_date == right.value_date
}

/// Finds another side for `one`, moving those found before if need be.
fn pair_up(
    one: usize,
    left: &[&Mark],
    right: &[&Mark],
    found: &mut [Option<usize>],
    tried: &mut [bool],
) -> bool {
    for other in 0..right.len() {
        if tried[other] || !agree(left[one], right[other]) {
            continue;
        }
        tried[other] = true;
        let free = found[other].is_none_or(|before| pair_up(before, left, right, found, tried));
        if free {
            found[other] = Some(one);
            return true;
        }
    }
    false
}

impl Trades {
    /// True if a side of a trade waits.
    pub fn is_open(&self, origin: Origin) -> bool {
        self.unmatched.contains(&origin) || self.matched.contains(&origin)
    }
}

impl Tally {
    pub(super) fn check_trades(&mut self, seen: &Seen, time: Timestamp) -> Result<(), Fault> {
        let entry = seen.entry;
        let settled = |mark: &&Mark| mark.is_trade() && mark.status == Status::Settled;
        for mark in seen.first.iter().chain(&seen.later).filter(settled) {
            let told = seen.sides.iter().filter(|side| side.origin == mark.origin);
            same(Rule::TradeWhole, &1, &told.count(), || {
                format!("log entry {entry}: {:?} is told to have settled", mark.origin)
            })?;
        }
        let mut all: BTreeMap<Moved, Vec<&Mark>> = BTreeMap::new();
        for side in &seen.sides {
            let at = || format!("log entry {entry}: {:?}", side.origin);
            same(Rule::TradeWhole, &side.amount(), &side.moved, at)?;
            let own = (side.record.debtor.get(), side.record.currency.get());
            same(Rule::Authority, &own, &side.place, at)?;
            all.entry(moved(side)).or_default().push(side);
        }
        for (moved, sides) in &all {
            let others = all.get(&mirrored(*moved)).map_or(&[] as &[&Mark], Vec::as_slice);
            same(Rule::TradeWhole, &sides.len(), &others.len(), || {
                format!("log entry {entry}: sides that move {moved:?}, and others")
            })?;
            let mut found = vec![None; others.len()];
            for one in 0..sides.len() {
                let mut tried = vec![false; others.len()];
                let paired = pair_up(one, sides, others, &mut found, &mut tried);
                hold(paired, Rule::TradeAgreed, || {
                    format!(
                        "log entry {entry}: {:?} settles with nothing that agrees",
                        sides[one].origin
                    )
                })?;
            }
        }
        self.check_dates(seen, time)
    }

    /// Trades settle on their value date; in an entry that moves the date of a currency, on either.
    fn check_dates(&mut self, seen: &Seen, time: Timestamp) -> Result<(), Fault> {
        let mut changed = BTreeSet::new();
        for ended in seen.ended.iter().filter(|ended| ended.status == Status::Executed) {
            if let Action::SetDay { currency, date, .. } = ended.action {
                self.trades.dates.insert(currency, date);
                changed.insert(currency);
            }
        }
        for side in &seen.sides {
            let record = &side.record;
            for currency in [record.currency.get(), record.counter_currency.get()] {
                let today = self.trades.dates.get(&currency).map(|date| u64::from(*date));
                let today = today.unwrap_or_else(|| time.days());
                let own = u64::from(record.value_date.get());
                hold(
                    own == today || changed.contains(&currency),
                    Rule::TradeDate,
                    || {
                        format!(
                            "log entry {}: {:?} settles for day {own} on day {today} of currency {currency}",
                            seen.entry, side.origin
                        )
                    },
                )?;
            }
        }
        Ok(())
    }
}
