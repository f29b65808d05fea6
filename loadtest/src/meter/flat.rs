//! Judges whether a node's memory stays flat: the slope of what is resident over the records that were answered, without
//! what ids take.
use crate::report::form::{Mark, MarkKind, Memory, Second};

/// Bytes that the ledger takes at the most to remember one id: record and index, and the print of its payment's UETR.
const ID_BYTES: u64 = 56 + 16;
/// MiB that caches, of which the largest holds what receipts of the newest batches are cut from, and tables that grow in
/// steps may move the memory by, however long a run is.
const STEPS_MIB: f64 = 112.0;
/// MiB a million records that may be left over in any run.
const LEFT_MIB: f64 = 2.0;
/// Seconds that are needed for a slope.
const SECONDS_MIN: usize = 20;
const MIB: f64 = 1_048_576.0;
const MILLION: f64 = 1e6;

/// Slope of a line through points, by least squares; none if they all lie above one another.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    let both: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    (spread > 0.0).then(|| both / spread)
}

/// Judges a window second by second.
pub fn judge(series: &[Second], marks: &[Mark]) -> Memory {
    let days = marks.iter().filter(|mark| mark.kind == MarkKind::Day).count() as u64;
    let unknown = |why: &str| Memory {
        why: Some(why.to_owned()),
        id_bytes: ID_BYTES,
        days,
        ..Memory::default()
    };
    let behind = &series[series.len() / 4..];
    let mut records = 0;
    let points: Vec<(f64, f64)> = behind
        .iter()
        .filter_map(|second| {
            records += second.answered;
            Some((records as f64 / MILLION, second.node_mib? as f64))
        })
        .collect();
    if points.is_empty() {
        return unknown("the node's memory was not seen");
    }
    if points.len() < SECONDS_MIN {
        return unknown(&format!(
            "too short: {} seconds behind the first quarter, {SECONDS_MIN} are needed",
            points.len()
        ));
    }
    let Some(slope_mib) = slope(&points) else {
        return unknown("nothing was answered");
    };
    let ids = ID_BYTES as f64 * MILLION / MIB;
    let most_mib = LEFT_MIB + STEPS_MIB / (records as f64 / MILLION);
    let net_mib = slope_mib - ids;
    Memory {
        flat: Some(net_mib <= most_mib),
        why: None,
        seconds: points.len() as u64,
        records,
        days,
        slope_mib,
        id_bytes: ID_BYTES,
        net_mib,
        most_mib,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seconds of a million records each, after which so much more is resident.
    fn grows(seconds: u64, mib: u64) -> Vec<Second> {
        let second = |at| Second {
            at,
            answered: 1_000_000,
            node_mib: Some(700 + at * mib),
            ..Second::default()
        };
        (0..seconds).map(second).collect()
    }

    #[test]
    fn what_ids_take_is_flat_and_more_is_not() {
        let flat = judge(&grows(60, 60), &[]);
        assert_eq!(
            (flat.flat, flat.seconds, flat.records),
            (Some(true), 45, 45_000_000)
        );
        assert!((flat.slope_mib - 60.0).abs() < 1e-6, "{flat:?}");
        let leaks = judge(&grows(60, 80), &[]);
        assert_eq!(leaks.flat, Some(false));
        assert!(
            (leaks.net_mib - (80.0 - 68.664_550_781_25)).abs() < 1e-6,
            "{leaks:?}"
        );
    }

    #[test]
    fn a_longer_run_is_held_to_less() {
        let short = judge(&grows(40, 62), &[]);
        let long = judge(&grows(1_800, 62), &[]);
        assert!(long.most_mib < short.most_mib && long.most_mib > LEFT_MIB);
    }

    #[test]
    fn what_cannot_be_judged_is_said() {
        let short = judge(&grows(10, 60), &[]);
        assert!(short.flat.is_none() && short.why.is_some_and(|why| why.contains("too short")));
        let mut unseen = grows(60, 60);
        unseen.iter_mut().for_each(|second| second.node_mib = None);
        assert!(
            judge(&unseen, &[])
                .why
                .is_some_and(|why| why.contains("not seen"))
        );
        let mut idle = grows(60, 60);
        idle.iter_mut().for_each(|second| second.answered = 0);
        assert!(
            judge(&idle, &[])
                .why
                .is_some_and(|why| why.contains("nothing was answered"))
        );
        assert!(judge(&[], &[]).flat.is_none());
    }
}
