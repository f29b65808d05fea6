//! Plans that what was found makes: each of them settles by itself, once those before it have.
use causeway_message::limits::PLAN_INSTRUCTIONS_MAX;
use causeway_netting::{CashOnly, Chosen, fifo};

use super::draw::Drawn;
use crate::limits::PLAN_INSTRUCTIONS;

/// Items of each plan, and how many instructions were left out because no part of them that fits into one plan settles
/// by itself.
pub(super) fn split(drawn: &Drawn, chosen: &Chosen) -> (Vec<Vec<u32>>, usize) {
    let size = |items: &[u32]| -> usize {
        let lengths = items.iter().filter_map(|item| drawn.keys.get(*item as usize));
        lengths.map(Vec::len).sum()
    };
    let class = |item: u32| drawn.case.legs(item).iter().map(|leg| leg.priority).max();
    let mut left: Vec<u32> = chosen.iter().collect();
    // In this order what comes first is also first in its queue.
    left.sort_by_key(|item| (class(*item), *item));
    let mut plans = Vec::new();
    let mut settled = Chosen::none(drawn.case.items());
    let mut window = PLAN_INSTRUCTIONS;
    while !left.is_empty() {
        let whole = size(&left) <= window;
        let part = if whole {
            left.clone()
        } else {
            first(&left, window, &size)
        };
        let found = settles(drawn, &settled, &part);
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
    (plans, size(&left))
}

/// The first items with so many instructions at most; at least one.
fn first(items: &[u32], most: usize, size: &impl Fn(&[u32]) -> usize) -> Vec<u32> {
    let mut sum = 0;
    let fits = |item: &&u32| {
        sum += size(std::slice::from_ref(*item));
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
