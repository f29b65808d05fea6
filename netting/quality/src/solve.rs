//! The same queue, by each way.
use causeway_netting::{Case, CashOnly, Chosen, bypass, fifo};
use highs::{ColProblem, HighsModelStatus, Sense};
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

/// What one way chose.
#[derive(Debug, Clone, Copy)]
pub struct Result {
    /// Minor units.
    pub value: u128,
    /// Items.
    pub count: usize,
    /// How long it took.
    pub seconds: f64,
}

fn result(case: &Case, chosen: &Chosen, since: Instant) -> Result {
    let seconds = since.elapsed().as_secs_f64();
    Result {
        value: chosen.value(case),
        count: chosen.len(),
        seconds,
    }
}

/// The greatest set that passes nothing.
pub fn by_fifo(case: &Case) -> Result {
    let started = Instant::now();
    let chosen = fifo(case, &CashOnly).chosen(case);
    result(case, &chosen, started)
}

/// Processor time of this thread, as Linux counts it; none where it is not told.
fn worked() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// Ours. The budget is of processor time where that is known: what others do on the machine takes nothing away.
pub fn by_bypass(case: &Case, budget: Duration) -> Result {
    let (started, before) = (Instant::now(), worked());
    let chosen = bypass(case, &CashOnly, &mut || {
        let spent = || worked()?.checked_sub(before?);
        started.elapsed() < budget || spent().is_some_and(|spent| spent < budget)
    });
    result(case, &chosen, started)
}

/// The largest first, each as soon as its account can pay it, until nothing more can be paid.
pub fn by_greed(case: &Case) -> Result {
    let started = Instant::now();
    let mut free: Vec<i128> = case
        .accounts()
        .iter()
        .map(|held| held.balance + held.limit)
        .collect();
    let mut left: Vec<u32> = (0..case.items() as u32).collect();
    left.sort_by_key(|item| std::cmp::Reverse(case.value(*item)));
    let mut settled = Vec::new();
    loop {
        let before = settled.len();
        left.retain(|item| {
            let legs = case.legs(*item);
            let pays = legs
                .iter()
                .all(|leg| free[leg.debtor as usize] >= i128::from(leg.amount));
            if pays {
                for leg in legs {
                    free[leg.debtor as usize] -= i128::from(leg.amount);
                    free[leg.creditor as usize] += i128::from(leg.amount);
                }
                settled.push(*item);
            }
            !pays
        });
        if settled.len() == before {
            break;
        }
    }
    let chosen = Chosen::of(case, settled);
    result(case, &chosen, started)
}

/// What HiGHS came to.
#[derive(Debug, Clone, Copy)]
pub struct Solved {
    /// Its best choice, counted in whole minor units.
    pub best: Result,
    /// What it proves that no choice exceeds, in minor units.
    pub bound: f64,
    /// True if it says that this is the optimum.
    pub optimal: bool,
    /// Most minor units by which its best overspends an account, as it allows a little.
    pub overspent: u128,
}

/// Minor units of one unit of the program: a million, so that its tolerances are small beside most amounts.
const UNIT: f64 = 1e6;

/// The 0/1 program: each payment whole or not at all, the most value, and from each account goes no more than it has
/// and gets.
pub fn by_highs(case: &Case, seconds: f64) -> Solved {
    let started = Instant::now();
    let mut program = ColProblem::default();
    let accounts = case.accounts().iter();
    let rows: Vec<_> = accounts
        .map(|held| program.add_row(..=((held.balance + held.limit) as f64 / UNIT)))
        .collect();
    for item in 0..case.items() as u32 {
        let mut factors = Vec::new();
        for leg in case.legs(item) {
            let amount = leg.amount as f64 / UNIT;
            factors.push((rows[leg.debtor as usize], amount));
            factors.push((rows[leg.creditor as usize], -amount));
        }
        program.add_integer_column(case.value(item) as f64 / UNIT, 0..=1, factors);
    }
    let mut model = program.optimise(Sense::Maximise);
    model.make_quiet();
    model.set_threads(NonZeroU32::MIN);
    model.set_option("time_limit", seconds);
    model.set_option("mip_rel_gap", 1e-4);
    let solved = model.solve();
    let bound = solved
        .double_info_value(c"mip_dual_bound")
        .unwrap_or(f64::INFINITY)
        * UNIT;
    let columns = solved.get_solution();
    let taken = (0..).zip(columns.columns()).filter(|(_, taken)| **taken > 0.5);
    let chosen = Chosen::of(case, taken.map(|(item, _)| item));
    let overspent = chosen
        .balances(case)
        .iter()
        .zip(case.accounts())
        .map(|(after, held)| (-held.limit - after).max(0).unsigned_abs())
        .max();
    Solved {
        best: result(case, &chosen, started),
        bound,
        optimal: solved.status() == HighsModelStatus::Optimal,
        overspent: overspent.unwrap_or(0),
    }
}
