//! What a watcher sees while the demo runs.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::books::Counters;

/// Time between two looks.
const STEP: Duration = Duration::from_millis(200);
/// Entries between two looks at the log that is read again.
const ENTRIES: u64 = 256;

/// A line on a terminal; nothing where there is none.
#[derive(Debug)]
pub struct Live {
    bar: ProgressBar,
    counters: Arc<Counters>,
}

impl Live {
    /// On standard error, if that is a terminal and `shown`.
    pub fn new(shown: bool) -> Self {
        let target = if shown {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(STEP);
        Self {
            bar,
            counters: Arc::default(),
        }
    }

    /// What all banks count together.
    pub(super) fn counters(&self) -> Arc<Counters> {
        self.counters.clone()
    }

    /// What is being done.
    pub fn say(&self, what: &str) {
        self.bar.set_message(what.to_owned());
    }

    /// How far the log was read again.
    pub(super) fn verified(&self, entry: u64) {
        if entry.is_multiple_of(ENTRIES) {
            self.bar
                .set_message(format!("reading the log again: {entry} entries"));
        }
    }

    /// Nothing more to see.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// Shows the banks paying until the time is over, or somebody has seen enough and interrupts.
    pub(super) async fn follow(&self, started: Instant, until: Instant) {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let (mut last, mut at) = (read(&self.counters.settled), started);
        while Instant::now() < until {
            tokio::select! {
                () = tokio::time::sleep(STEP.min(until.saturating_duration_since(Instant::now()))) => {}
                _ = tokio::signal::ctrl_c() => return,
            }
            let (settled, now) = (read(&self.counters.settled), Instant::now());
            let rate = (settled - last) as f64 / now.duration_since(at).as_secs_f64().max(0.001);
            (last, at) = (settled, now);
            let waiting = read(&self.counters.queued).saturating_sub(read(&self.counters.released));
            self.bar.set_message(format!(
                "{:>3.0} s  {settled} settled  {rate:>7.0} per second  {waiting} waiting  {} rejected",
                started.elapsed().as_secs_f64(),
                read(&self.counters.rejected),
            ));
        }
    }
}
