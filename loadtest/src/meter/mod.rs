//! What a run measures: latency and counts by batch, second by second, and what the machine does meanwhile.
mod flat;
mod processes;
mod scrape;
mod shares;
mod stages;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use causeway_message::Status;
use hdrhistogram::Histogram;

use crate::books::{REPEATED, REPLAYED, Told};
use crate::error::Failure;
use crate::workload::Drawn;
pub use flat::judge;
pub use processes::{Engine, Processes, resident_bytes};
pub use scrape::{Scraped, Source};
pub use shares::shares;
pub use stages::stages;

/// Longest latency that is told apart, in microseconds: an hour.
const MICROS_MAX: u64 = 3_600_000_000;

/// An empty histogram of microseconds, to three digits.
///
/// # Errors
/// Never, for these bounds.
pub fn histogram() -> Result<Histogram<u64>, Failure> {
    Histogram::new_with_bounds(1, MICROS_MAX, 3).map_err(|error| Failure::Io(error.to_string()))
}

fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros())
        .unwrap_or(u64::MAX)
        .clamp(1, MICROS_MAX)
}

/// A batch that was answered.
#[derive(Debug)]
pub struct Answered<'a> {
    /// Whose.
    pub bank: usize,
    /// When it was meant to be sent; in a closed loop, when it was.
    pub intended: Instant,
    /// When its answer was verified.
    pub at: Instant,
    /// Records.
    pub count: usize,
    /// What the answers said.
    pub told: &'a Told,
    /// What was drawn for it.
    pub drawn: Drawn,
    /// It was noted as unanswered before.
    pub given_up: bool,
}

/// What is counted in a window.
#[derive(Debug, Clone)]
pub struct Counts {
    /// From the intended time, or from sending, to the verified answer: microseconds.
    pub latency: Histogram<u64>,
    /// How far senders were behind their schedules: microseconds.
    pub late: Histogram<u64>,
    /// Settled and answered inside.
    pub settled: u64,
    /// Answered otherwise inside, by status.
    pub otherwise: BTreeMap<u16, u64>,
    /// Records answered inside.
    pub records: u64,
    /// What was drawn for them.
    pub drawn: Drawn,
    /// Batches answered inside.
    pub batches: u64,
    /// Settled inside, by bank.
    pub by_bank: BTreeMap<usize, u64>,
    /// Batches intended inside and never answered, those of `shed` among them.
    pub unanswered: u64,
    /// Payments intended inside and given up before they were sent.
    pub shed: u64,
    /// Payments intended inside.
    pub offered: u64,
}

impl Counts {
    fn new() -> Result<Self, Failure> {
        Ok(Self {
            latency: histogram()?,
            late: histogram()?,
            settled: 0,
            otherwise: BTreeMap::new(),
            records: 0,
            drawn: Drawn::default(),
            batches: 0,
            by_bank: BTreeMap::new(),
            unanswered: 0,
            shed: 0,
            offered: 0,
        })
    }

    /// Answered otherwise, by the name of the status.
    pub fn otherwise_by_name(&self) -> BTreeMap<String, u64> {
        by_name(&self.otherwise)
    }
}

/// Counts by the names of statuses.
pub fn by_name(counts: &BTreeMap<u16, u64>) -> BTreeMap<String, u64> {
    let name = |number: u16| match number {
        REPEATED => "known before",
        REPLAYED => "answered from the log",
        _ => Status::from_number(number).map_or("unknown", Status::name),
    };
    counts
        .iter()
        .map(|(number, count)| (name(*number).to_owned(), *count))
        .collect()
}

/// One second of a window, of what banks saw.
#[derive(Debug, Clone)]
pub struct Part {
    /// Settled and answered in it.
    pub settled: u64,
    /// Latency of the batches answered in it.
    pub latency: Histogram<u64>,
}

/// What became of payments in all, outside of windows too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Settled.
    pub settled: u64,
    /// Answered, whatever the answer.
    pub answered: u64,
    /// Given up before they were sent.
    pub shed: u64,
}

#[derive(Debug)]
struct State {
    /// Begin and end, and whether a batch belongs to it by its intended time.
    window: Option<(Instant, Instant, bool)>,
    counts: Counts,
    second: Part,
    totals: Totals,
    /// Batches that were sent and have no answer, by bank and time they were meant for; how many of them.
    under_way: BTreeMap<(usize, Instant), u32>,
    /// Each bank has sent, or given up, what was meant for times up to this.
    sent: BTreeMap<usize, Instant>,
}

impl State {
    fn take(&mut self, bank: usize, intended: Instant) {
        if let Some(count) = self.under_way.get_mut(&(bank, intended)) {
            *count -= 1;
            if *count == 0 {
                self.under_way.remove(&(bank, intended));
            }
        }
    }

    fn up_to(&mut self, bank: usize, intended: Instant) {
        let sent = self.sent.entry(bank).or_insert(intended);
        *sent = intended.max(*sent);
    }

    /// It took at least so long.
    fn waited(&mut self, intended: Instant, now: Instant) {
        self.counts.unanswered += 1;
        let waited = micros(now.saturating_duration_since(intended));
        self.counts.latency.saturating_record(waited);
    }
}

/// Where all banks of a run note what they see.
#[derive(Debug)]
pub struct Meter(Mutex<State>);

impl Meter {
    /// An empty one.
    ///
    /// # Errors
    /// Never, for the bounds of its histograms.
    pub fn new() -> Result<Self, Failure> {
        Ok(Self(Mutex::new(State {
            window: None,
            counts: Counts::new()?,
            second: Part {
                settled: 0,
                latency: histogram()?,
            },
            totals: Totals::default(),
            under_way: BTreeMap::new(),
            sent: BTreeMap::new(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a window that lies ahead. In an open loop a batch belongs to it by its intended time.
    ///
    /// # Errors
    /// Never, for the bounds of its histograms.
    pub fn open(&self, begin: Instant, end: Instant, by_intent: bool) -> Result<(), Failure> {
        let counts = Counts::new()?;
        let mut state = self.state();
        state.window = Some((begin, end, by_intent));
        state.counts = counts;
        state.sent.clear();
        state.second.settled = 0;
        state.second.latency.reset();
        Ok(())
    }

    /// Ends the window.
    pub fn close(&self) -> Counts {
        let mut state = self.state();
        state.window = None;
        state.counts.clone()
    }

    /// Ends a window that breaks off. What is under way, and what banks were meant to send until now and have not, took
    /// at least until now: a run that stood still before it broke must not look faster for it.
    pub fn break_off(&self, now: Instant, meant: impl Iterator<Item = (usize, Instant)>) -> Counts {
        let mut guard = self.state();
        let state = &mut *guard;
        if let Some((begin, end, by_intent)) = state.window.take() {
            let never_sent: Vec<Instant> = meant
                .filter(|(bank, at)| *at <= now && state.sent.get(bank).is_none_or(|sent| at > sent))
                .map(|(_, at)| at)
                .collect();
            let under_way = std::mem::take(&mut state.under_way);
            let under_way = under_way
                .iter()
                .flat_map(|((_, at), count)| (0..*count).map(|_| *at));
            for intended in under_way.chain(never_sent) {
                // A closed loop counts what is answered inside: these would have been at the earliest now.
                let from = if by_intent { intended } else { now };
                if begin <= from && intended < end {
                    state.waited(intended, now);
                }
            }
        }
        state.counts.clone()
    }

    /// Takes what was seen since the last call.
    pub fn second(&self) -> Part {
        let mut state = self.state();
        let part = state.second.clone();
        state.second.settled = 0;
        state.second.latency.reset();
        part
    }

    /// What became of payments in all.
    pub fn totals(&self) -> Totals {
        self.state().totals
    }

    /// Notes an answered batch.
    pub fn answered(&self, batch: &Answered<'_>) {
        let mut guard = self.state();
        let state = &mut *guard;
        state.totals.settled += batch.told.settled;
        state.totals.answered += batch.count as u64;
        if !batch.given_up {
            state.take(batch.bank, batch.intended);
        }
        let Some((begin, end, by_intent)) = state.window else {
            return;
        };
        let within = |at: Instant| begin <= at && at < end;
        let took = micros(batch.at.saturating_duration_since(batch.intended));
        let inside = within(batch.at);
        if inside {
            let counts = &mut state.counts;
            counts.batches += 1;
            counts.records += batch.count as u64;
            counts.drawn.add(&batch.drawn);
            counts.settled += batch.told.settled;
            *counts.by_bank.entry(batch.bank).or_default() += batch.told.settled;
            for (status, count) in &batch.told.otherwise {
                *counts.otherwise.entry(*status).or_default() += count;
            }
        }
        if begin <= batch.at {
            state.second.settled += batch.told.settled;
            state.second.latency.saturating_record(took);
        }
        if (if by_intent { within(batch.intended) } else { inside }) && !batch.given_up {
            state.counts.latency.saturating_record(took);
        }
    }

    /// Notes a batch that was meant to be sent inside of the window and has no answer yet, however long one waited: it
    /// took at least that.
    pub fn unanswered(&self, bank: usize, intended: Instant, now: Instant) {
        let mut guard = self.state();
        let state = &mut *guard;
        state.take(bank, intended);
        state.up_to(bank, intended);
        if state
            .window
            .is_some_and(|(begin, end, _)| begin <= intended && intended < end)
        {
            state.waited(intended, now);
        }
    }

    /// Notes a batch of so many payments that was meant to be sent and is given up instead. Whoever waited for it was not
    /// answered: it counts as what is never answered does.
    pub fn shed(&self, bank: usize, intended: Instant, now: Instant, payments: u64) {
        let mut guard = self.state();
        let state = &mut *guard;
        state.totals.shed += payments;
        state.up_to(bank, intended);
        if state
            .window
            .is_some_and(|(begin, end, _)| begin <= intended && intended < end)
        {
            state.counts.shed += payments;
            state.waited(intended, now);
        }
    }

    /// Notes that a batch is sent.
    pub fn sending(&self, bank: usize, intended: Instant) {
        let mut guard = self.state();
        *guard.under_way.entry((bank, intended)).or_default() += 1;
        guard.up_to(bank, intended);
    }

    /// Notes that a batch is about to be sent, so long after it was meant to be.
    pub fn sent(&self, intended: Instant, late: Duration) {
        let mut guard = self.state();
        let state = &mut *guard;
        if state
            .window
            .is_some_and(|(begin, end, _)| begin <= intended && intended < end)
        {
            state.counts.late.saturating_record(micros(late));
        }
    }

    /// Notes payments that the feed of a bank told as settled.
    pub fn released(&self, bank: usize, count: u64) {
        if count == 0 {
            return;
        }
        let now = Instant::now();
        let mut guard = self.state();
        let state = &mut *guard;
        state.totals.settled += count;
        if let Some((begin, end, _)) = state.window
            && begin <= now
        {
            state.second.settled += count;
            if now < end {
                state.counts.settled += count;
                *state.counts.by_bank.entry(bank).or_default() += count;
            }
        }
    }
}

#[cfg(test)]
mod tests;
