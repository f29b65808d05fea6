//! One place among a bounded number.
use std::sync::atomic::{AtomicUsize, Ordering};

/// A place, given back when dropped.
#[derive(Debug)]
pub(super) struct Place<'a> {
    count: &'a AtomicUsize,
    /// The gauge that shows how many are taken.
    gauge: Option<&'static str>,
}

impl<'a> Place<'a> {
    /// Takes a place, if one is left.
    pub(super) fn take(count: &'a AtomicUsize, max: usize, gauge: Option<&'static str>) -> Option<Self> {
        let taken = count.fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| {
            (n < max).then_some(n + 1)
        });
        let before = taken.ok()?;
        if let Some(gauge) = gauge {
            metrics::gauge!(gauge).set((before + 1) as f64);
        }
        Some(Self { count, gauge })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let before = self.count.fetch_sub(1, Ordering::AcqRel);
        if let Some(gauge) = self.gauge {
            metrics::gauge!(gauge).set(before.saturating_sub(1) as f64);
        }
    }
}
