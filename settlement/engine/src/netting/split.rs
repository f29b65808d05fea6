//! Plans that what was found makes: each of them settles by itself, once those before it have.
use std::collections::BTreeMap;

use causeway_message::limits::PLAN_INSTRUCTIONS_MAX;
use causeway_netting::{CashOnly, Chosen, fifo};

use super::draw::Drawn;
use crate::limits::PLAN_INSTRUCTIONS;

/// Items of each plan, and how many instructions were left out because no part of them that fits into one plan settles
/// by itself.
pub(super) fn split(drawn: &Drawn, chosen: &Chosen) -> (Vec<Vec<u32>>, usize) {
    let mut plans: Vec<Vec<u32>> = Vec::new();
    let mut left_out = 0;
    // What shares no account with the rest settles without it; several such parts make one plan if they fit.
    let mut open: Vec<u32> = Vec::new();
    for part in parts(drawn, chosen) {
        if size(drawn, &part) > PLAN_INSTRUCTIONS {
            left_out += split_part(drawn, part, &mut plans);
            continue;
        }
        if size(drawn, &open) + size(drawn, &part) > PLAN_INSTRUCTIONS {
            plans.push(std::mem::take(&mut open));
        }
        open.extend(part);
    }
    if !open.is_empty() {
        plans.push(open);
    }
    (plans, left_out)
}

fn size(drawn: &Drawn, items: &[u32]) -> usize {
    let lengths = items.iter().filter_map(|item| drawn.keys.get(*item as usize));
    lengths.map(Vec::len).sum()
}

/// What is chosen, in parts that have no account in common.
fn parts(drawn: &Drawn, chosen: &Chosen) -> Vec<Vec<u32>> {
    let mut root: Vec<u32> = (0..drawn.case.accounts().len() as u32).collect();
    let find = |root: &mut Vec<u32>, mut account: u32| {
        while root[account as usize] != account {
            root[account as usize] = root[root[account as usize] as usize];
            account = root[account as usize];
        }
        account
    };
    for item in chosen.iter() {
        let legs = drawn.case.legs(item);
        let Some(first) = legs.first() else { continue };
        for account in legs.iter().flat_map(|leg| [leg.debtor, leg.creditor]) {
            let (one, other) = (find(&mut root, first.debtor), find(&mut root, account));
            root[one.max(other) as usize] = one.min(other);
        }
    }
    let mut parts: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for item in chosen.iter() {
        if let Some(first) = drawn.case.legs(item).first() {
            parts.entry(find(&mut root, first.debtor)).or_default().push(item);
        }
    }
    parts.into_values().collect()
}

/// Plans of a part that is too much for one; how many instructions of it are in none.
fn split_part(drawn: &Drawn, part: Vec<u32>, plans: &mut Vec<Vec<u32>>) -> usize {
    let class = |item: u32| drawn.case.legs(item).iter().map(|leg| leg.priority).max();
    let mut left = part;
    // In this order what comes first is also first in its queue.
    left.sort_by_key(|item| (class(*item), *item));
    let mut settled = Chosen::none(drawn.case.items());
    let mut window = PLAN_INSTRUCTIONS;
    while !left.is_empty() {
        let whole = size(drawn, &left) <= window;
        let next = if whole {
            left.clone()
        } else {
            first(drawn, &left, window)
        };
        let found = settles(drawn, &settled, &next);
        if found.is_empty() {
            if whole || window >= PLAN_INSTRUCTIONS_MAX {
                break;
            }
            window = (window * 2).min(PLAN_INSTRUCTIONS_MAX);
            continue;
        }
        window = PLAN_INSTRUCTIONS;
        left.retain(|item| found.binary_search(item).is_err());
        settled = Chosen::of(&drawn.case, settled.iter().chain(found.iter().copied()));
        plans.push(found);
    }
    size(drawn, &left)
}

/// The first items with so many instructions at most; at least one.
fn first(drawn: &Drawn, items: &[u32], most: usize) -> Vec<u32> {
    let mut sum = 0;
    let fits = |item: &&u32| {
        sum += size(drawn, std::slice::from_ref(*item));
        sum <= most
    };
    items.iter().take_while(fits).copied().collect()
}

/// What of a part settles by itself after what has settled, rising.
fn settles(drawn: &Drawn, settled: &Chosen, part: &[u32]) -> Vec<u32> {
    let mut order = part.to_vec();
    order.sort_unstable();
    let Ok(rest) = drawn.case.after(settled, order.iter().copied()) else {
        return Vec::new();
    };
    let found = fifo(&rest, &CashOnly).chosen(&rest);
    found
        .iter()
        .filter_map(|at| order.get(at as usize).copied())
        .collect()
}
