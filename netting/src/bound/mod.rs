//! A bound that no choice can exceed, with the numbers that prove it.
//!
//! Give each account a multiplier y ≥ 0, what one minor unit there is worth. Whoever settles within the money of all
//! accounts reaches at most Σ max(0, value − y of what is debited + y of what is credited) over all items, and
//! Σ y × (what the account may spend) over all accounts: order, sender limits and tests only take away from that. So
//! any multipliers prove a bound, and it takes one pass over the case to check them.
use crate::case::Case;
use crate::improve::{Arc, Network};

/// Bits behind the point of a multiplier.
pub const MULTIPLIER_BITS: u32 = 16;

/// An upper bound of the value of any choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// For each account, in 2^−16 ([`MULTIPLIER_BITS`]) of value per minor unit.
    pub multipliers: Vec<u64>,
    /// What they prove, in 2^−16 of value; see [`Bound::value`].
    pub scaled: u128,
}

impl Bound {
    /// The bound in whole value: what is chosen counts in whole, so the rest is cut off.
    pub const fn value(&self) -> u128 {
        self.scaled >> MULTIPLIER_BITS
    }

    /// What multipliers prove, in 2^−16 of value. None if there are not as many as accounts, if one of a participant
    /// under tests, whom money does not bound, is not 0, or if a sum leaves 127 bits.
    pub fn prove(case: &Case, multipliers: &[u64]) -> Option<u128> {
        if multipliers.len() != case.accounts.len() {
            return None;
        }
        let y = |account: u32| i128::from(multipliers[account as usize]);
        let mut sum = 0i128;
        for account in 0..case.queues() {
            if y(account) == 0 {
                continue;
            }
            if case.tests_of(case.queue_of[account as usize]).is_some() {
                return None;
            }
            sum = sum.checked_add(y(account).checked_mul(spendable(case, account))?)?;
        }
        for item in 0..case.items() as u32 {
            sum = sum.checked_add(gain(case, item, &y)?.max(0))?;
        }
        u128::try_from(sum).ok()
    }
}

/// What an account may spend before anything comes in. One that begins below its limit pays nothing before that is
/// made good, which for the bound is no more than nothing.
fn spendable(case: &Case, account: u32) -> i128 {
    let account = &case.accounts[account as usize];
    (account.balance + account.limit).max(0)
}

fn gain(case: &Case, item: u32, y: &impl Fn(u32) -> i128) -> Option<i128> {
    let mut gain = 0i128;
    for leg in case.legs(item) {
        let weight = case.weight(case.accounts[leg.debtor as usize].currency);
        let unit = (i128::from(weight) << MULTIPLIER_BITS) - y(leg.debtor) + y(leg.creditor);
        gain = gain.checked_add(unit.checked_mul(i128::from(leg.amount))?)?;
    }
    Some(gain)
}

/// A good bound. Where there are only payments that money bounds it is the best there is of its kind, the optimum of
/// all flows in part; trades add steps that come closer. Once `go_on` says no, the best so far is returned.
pub fn bound(case: &Case, go_on: &mut dyn FnMut() -> bool) -> Bound {
    let nothing = vec![0; case.accounts.len()];
    // Without multipliers it is the value of everything, which the limits of a case leave room for.
    let scaled = Bound::prove(case, &nothing).unwrap_or(u128::MAX);
    let mut best = Bound {
        multipliers: nothing,
        scaled,
    };
    let whole = flows(case, &mut best, go_on);
    if !whole {
        descend(case, &mut best, go_on);
    }
    best
}

fn improve(case: &Case, best: &mut Bound, multipliers: &[u64]) -> bool {
    let Some(scaled) = Bound::prove(case, multipliers).filter(|scaled| *scaled < best.scaled) else {
        return false;
    };
    *best = Bound {
        multipliers: multipliers.to_vec(),
        scaled,
    };
    true
}

/// Takes the prices of the best flow of all payments; true if there is nothing else in the case.
fn flows(case: &Case, best: &mut Bound, go_on: &mut dyn FnMut() -> bool) -> bool {
    let tested = |account: u32| case.tests_of(case.queue_of[account as usize]).is_some();
    let mut arcs = Vec::new();
    for item in 0..case.items() as u32 {
        if let [leg] = case.legs(item)
            && !tested(leg.debtor)
            && !tested(leg.creditor)
        {
            let weight = case.weight(case.accounts[leg.debtor as usize].currency);
            arcs.push(Arc {
                from: leg.debtor,
                to: leg.creditor,
                amount: leg.amount,
                weight,
                full: false,
            });
        }
    }
    let spendable: Vec<i128> = (0..case.queues())
        .map(|account| spendable(case, account))
        .collect();
    let mut net = Network::new(&spendable, &arcs);
    // Stopped early the prices prove less, but still something.
    let solved = net.solve(go_on).is_ok();
    let scaled = |price: &i64| {
        u64::try_from(*price)
            .unwrap_or(0)
            .checked_shl(MULTIPLIER_BITS)
            .unwrap_or(0)
    };
    let multipliers: Vec<u64> = net.prices().iter().map(scaled).collect();
    improve(case, best, &multipliers);
    solved && arcs.len() == case.items()
}

/// Rounds of the descent.
const ROUNDS: u32 = 300;

/// Moves multipliers against what the choice that they suggest leaves over: dearer where it overspends, cheaper where
/// money is left. The steps get smaller.
fn descend(case: &Case, best: &mut Bound, go_on: &mut dyn FnMut() -> bool) {
    let mut multipliers = best.multipliers.clone();
    let weight = |account: u32| i128::from(case.weight(case.accounts[account as usize].currency));
    for round in 0..ROUNDS {
        if !go_on() {
            return;
        }
        let y = |account: u32| i128::from(multipliers[account as usize]);
        let mut left: Vec<i128> = (0..case.queues())
            .map(|account| spendable(case, account))
            .collect();
        for item in 0..case.items() as u32 {
            if gain(case, item, &y).is_some_and(|gain| gain > 0) {
                for leg in case.legs(item) {
                    left[leg.debtor as usize] -= i128::from(leg.amount);
                    left[leg.creditor as usize] += i128::from(leg.amount);
                }
            }
        }
        let most = left.iter().map(|left| left.unsigned_abs()).max().unwrap_or(0);
        // A step of at most one unit of value, and ever less.
        let shift = 128 - most.leading_zeros();
        let down = shift.saturating_sub(40);
        let most = ((most >> down) as i128).max(1);
        for account in 0..case.queues() {
            let at = account as usize;
            if case.tests_of(case.queue_of[at]).is_some() {
                continue;
            }
            let step = (weight(account) << MULTIPLIER_BITS) / i128::from(round + 4);
            let change = step * (left[at] >> down) / most;
            let next = i128::from(multipliers[at]) - change;
            multipliers[at] = u64::try_from(next.max(0)).unwrap_or(u64::MAX >> 2);
        }
        if !improve(case, best, &multipliers) && round % 25 == 24 {
            multipliers.clone_from(&best.multipliers);
        }
    }
}
