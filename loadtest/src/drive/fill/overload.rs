//! How a node took more than it can do.
use crate::drive::director::Ran;
use crate::plan::Plan;
use crate::report::form::{Overload, Share};

/// Seconds behind a change of the load that are not judged.
const SETTLING: usize = 2;

/// Judges the seconds of the highest load, which is that of the first phase, and what was left behind when it fell.
pub(super) fn judge(plan: &Plan, ran: &Ran, best: f64) -> Overload {
    let first = plan.phases.first().map_or(plan.seconds, |phase| phase.seconds);
    let loaded = ran.series.iter().take(first as usize).skip(SETTLING);
    let seconds = loaded.clone().count();
    let settled = loaded.map(|second| second.settled).sum::<u64>() as f64;
    let kept = (seconds > 0).then(|| settled / seconds as f64);
    let usual = (plan.load.batch * plan.world.banks) as u64;
    let fair = ran.counts.settled as f64 / plan.world.banks.max(1) as f64;
    let share = |bank: usize| {
        let settled = ran.counts.by_bank.get(&bank).copied().unwrap_or(0) as f64;
        Share {
            bank: bank + 1,
            payments_per_second: settled / ran.window.max(1e-9),
            of_fair_share: settled / fair.max(1.0),
        }
    };
    let shares: Vec<Share> = (0..plan.world.banks).map(share).collect();
    let order = |a: &&Share, b: &&Share| a.of_fair_share.total_cmp(&b.of_fair_share);
    Overload {
        best,
        kept,
        kept_share: kept.map(|kept| kept / best.max(1.0)),
        recovered_seconds: recovered(&ran.behind, first as f64, usual),
        least: shares.iter().min_by(order).cloned().unwrap_or_default(),
        most: shares.iter().max_by(order).cloned().unwrap_or_default(),
    }
}

/// Seconds from the fall of the load until no more is behind than usual, of looks at what is behind; none if that was
/// not seen.
fn recovered(behind: &[(f64, u64)], fell: f64, usual: u64) -> Option<f64> {
    let mut behind = behind.iter().filter(|(at, _)| *at >= fell);
    behind
        .find(|(_, payments)| *payments <= usual)
        .map(|(at, _)| at - fell)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::meter::Meter;
    use crate::report::form::Second;

    /// Two banks, batches of ten: twenty under way are usual.
    fn plan() -> Plan {
        let sets = [
            "seconds=6",
            "load.batch=10",
            "world.banks=2",
            "phase.1.seconds=4",
            "phase.2.seconds=2",
        ];
        Plan::shipped("overload", &sets.map(str::to_owned)).expect("a plan")
    }

    /// Settles so many in each second, and has so many behind ten times in each.
    fn ran(settled: [u64; 6], behind: impl Fn(u64) -> u64) -> Ran {
        let mut counts = Meter::new().expect("bounds").close();
        counts.settled = settled.iter().sum();
        counts.by_bank = BTreeMap::from([(0, counts.settled / 4), (1, counts.settled * 3 / 4)]);
        let second = |(at, settled)| Second {
            at,
            settled,
            ..Second::default()
        };
        Ran {
            counts,
            window: 6.0,
            series: (0..).zip(settled).map(second).collect(),
            marks: Vec::new(),
            looks: None,
            processor: BTreeMap::new(),
            backlog: 0,
            behind: (0..60).map(|look| (look as f64 / 10.0, behind(look))).collect(),
        }
    }

    #[test]
    fn what_is_kept_is_judged_under_the_highest_load_behind_its_beginning() {
        let judged = judge(&plan(), &ran([10, 10, 80, 100, 40, 40], |_| 0), 100.0);
        assert_eq!((judged.kept, judged.kept_share), (Some(90.0), Some(0.9)));
        assert_eq!((judged.least.bank, judged.least.of_fair_share), (1, 0.5));
        assert_eq!((judged.most.bank, judged.most.of_fair_share), (2, 1.5));
    }

    #[test]
    fn it_has_recovered_when_no_more_is_behind_than_usual_after_the_fall() {
        let seen = |behind: fn(u64) -> u64| {
            let judged = judge(&plan(), &ran([100; 6], behind), 100.0);
            judged.recovered_seconds.map(|seconds| (seconds * 10.0).round())
        };
        // Rises until the load falls at look 40; then what is under way is worked off.
        let worked_off = |look: u64| match look {
            0..40 => look * 10,
            _ => 400_u64.saturating_sub((look - 40) * 80),
        };
        assert_eq!(seen(worked_off), Some(5.0), "20 at look 45, not at 44 with 80");
        assert_eq!(seen(|_| 0), Some(0.0), "nothing was ever behind");
        assert_eq!(
            seen(|look| if look < 40 { 0 } else { 21 }),
            None,
            "what was before the fall is no recovery"
        );
    }
}
