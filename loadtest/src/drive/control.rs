//! How a run is led: what all banks do now, who has done it, and what went wrong first.
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::watch;

use super::schedule::Open;
use crate::error::Failure;

/// How batches follow one another.
#[derive(Debug, Clone)]
pub enum Pace {
    /// Each bank has so many under way.
    Closed(usize),
    /// At intended times.
    Open(Open),
}

/// A time of sending: warm-up, window, and what is waited for behind it.
#[derive(Debug, Clone)]
pub struct Leg {
    /// When sending begins.
    pub start: Instant,
    /// When the window begins.
    pub begin: Instant,
    /// When it ends, and sending with it.
    pub end: Instant,
    /// Until when answers are waited for.
    pub deadline: Instant,
    /// How batches follow one another.
    pub pace: Pace,
}

/// What all banks do.
#[derive(Debug, Clone)]
pub enum Stage {
    /// Wait for the others.
    Wait,
    /// Send.
    Send(Leg),
    /// Wait for the last answers: nobody sends any more.
    Settle,
    /// Hold the own books to the ledger.
    Look,
    /// Leave with what the last look showed.
    Close,
    /// End at once.
    Stop,
}

/// What a bank saw when it held its books to the ledger.
#[derive(Debug, Clone)]
pub struct Look {
    /// The log entry after which its balances stand.
    pub index: u64,
    /// They are what its books say.
    pub agrees: bool,
    /// No later look can agree.
    pub last: bool,
}

/// Shared by all of a run.
#[derive(Debug)]
pub struct Control {
    stage: watch::Sender<Stage>,
    done: AtomicUsize,
    slow: AtomicBool,
    looks: Mutex<Vec<Look>>,
    failure: Mutex<Option<Failure>>,
}

impl Control {
    /// At the beginning.
    pub fn new() -> Self {
        Self {
            stage: watch::channel(Stage::Wait).0,
            done: AtomicUsize::new(0),
            slow: AtomicBool::new(true),
            looks: Mutex::default(),
            failure: Mutex::new(None),
        }
    }

    /// Hears of every stage that follows.
    pub fn stages(&self) -> watch::Receiver<Stage> {
        self.stage.subscribe()
    }

    /// Lets all banks do something.
    pub fn lead(&self, stage: Stage) {
        self.done.store(0, Ordering::Release);
        self.stage.send_replace(stage);
    }

    /// One bank has done what all were to do.
    pub fn done(&self) {
        self.done.fetch_add(1, Ordering::AcqRel);
    }

    /// How many have.
    pub fn done_by(&self) -> usize {
        self.done.load(Ordering::Acquire)
    }

    /// One bank has held its books to the ledger.
    pub fn looked(&self, look: Look) {
        let mut looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        looks.push(look);
    }

    /// What banks saw since this was asked last.
    pub fn looks(&self) -> Vec<Look> {
        std::mem::take(&mut *self.looks.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Slow readers read on as fast as they can.
    pub fn hurry(&self) {
        self.slow.store(false, Ordering::Release);
    }

    /// Whether slow readers are slow.
    pub fn slow(&self) -> bool {
        self.slow.load(Ordering::Acquire)
    }

    /// Somebody cannot go on. The first reason counts: others follow from it.
    pub fn fail(&self, failure: Failure) {
        let mut first = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(failure);
    }

    /// Why somebody cannot go on; takes it.
    pub fn failed(&self) -> Option<Failure> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
