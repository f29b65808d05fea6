//! A simulated machine: clock, randomness and disk, with everything that goes wrong with them.
mod content;
mod disk;
mod faults;
mod system;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::choices::Choices;
use content::{Content, Fate, PAGE};
use disk::{Disk, Inode};
pub use faults::{Counts, FaultKind, Plan, Strike};

/// Bytes that fit on the disk, unless it is full before.
const CAPACITY: u64 = 512 * 1_048_576;
/// Nanoseconds from 2000 to the day on which simulations begin.
const BEGIN: u64 = 26 * 365 * 86_400 * 1_000_000_000;

/// A machine; clones are the same one.
#[derive(Debug, Clone)]
pub struct Machine(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    choices: Choices,
    disk: Disk,
    /// Nanoseconds since the machine was made.
    elapsed: u64,
    /// What the wall clock shows beyond that.
    wall: u64,
    plan: Plan,
    /// True from a power cut until the machine is started again.
    off: bool,
    /// True once a fault struck that the engine was told of.
    struck: bool,
    counts: Counts,
}

impl Machine {
    /// A machine with an empty disk.
    pub fn new(choices: Choices) -> Self {
        Self(Arc::new(Mutex::new(State {
            choices,
            disk: Disk::default(),
            elapsed: 0,
            wall: BEGIN,
            plan: Plan::default(),
            off: false,
            struck: false,
            counts: Counts::new(),
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws a decision.
    pub fn below(&self, bound: u32) -> u32 {
        self.state().choices.below(bound)
    }

    /// True once in `times`.
    pub fn one_in(&self, times: u32) -> bool {
        self.state().choices.one_in(times)
    }

    /// Eight bytes drawn.
    pub fn word(&self) -> u64 {
        let mut state = self.state();
        u64::from(state.choices.below(u32::MAX)) << 32 | u64::from(state.choices.below(u32::MAX))
    }

    /// Begins the next step of the episode.
    pub fn begin_step(&self) {
        self.state().choices.begin_step();
    }

    /// The decisions so far.
    pub fn record(&self) -> super::choices::Record {
        self.state().choices.record().clone()
    }

    /// Counts a fault.
    pub fn count(&self, kind: FaultKind) {
        *self.state().counts.entry(kind).or_default() += 1;
    }

    /// How often each kind of fault happened.
    pub fn counts(&self) -> Counts {
        self.state().counts.clone()
    }

    /// Seconds since 2000 by a clock that is right.
    pub fn true_seconds(&self) -> u64 {
        (BEGIN + self.state().elapsed) / 1_000_000_000
    }

    /// How far the wall clock is from the right one, in nanoseconds.
    pub fn clock_error(&self) -> i64 {
        let state = self.state();
        state.wall.wrapping_sub(BEGIN + state.elapsed) as i64
    }

    /// Does something while nothing goes wrong.
    pub fn calmly<T>(&self, work: impl FnOnce() -> T) -> T {
        let plan = std::mem::take(&mut self.state().plan);
        let done = work();
        self.state().plan = plan;
        done
    }

    /// Lets time pass.
    pub fn pass(&self, nanos: u64) {
        let mut state = self.state();
        state.elapsed += nanos;
        state.wall += nanos;
    }

    /// Moves the wall clock alone.
    pub fn jump(&self, nanos: i64) {
        let mut state = self.state();
        state.wall = state.wall.saturating_add_signed(nanos);
    }

    /// Sets what goes wrong next.
    pub fn plan(&self, change: impl FnOnce(&mut Plan)) {
        change(&mut self.state().plan);
    }

    /// True if the power is off.
    pub fn is_off(&self) -> bool {
        self.state().off
    }

    /// True if the engine was told of a fault since this was last asked.
    pub fn take_struck(&self) -> bool {
        std::mem::take(&mut self.state().struck)
    }

    /// The power goes, if it has not gone: what was not durable meets its fate. It is on again on return.
    pub fn lose_power(&self) {
        let mut state = self.state();
        let State {
            choices,
            disk,
            counts,
            ..
        } = &mut *state;
        let choices = std::cell::RefCell::new(choices);
        let keep = || choices.borrow_mut().below(3) != 0;
        let lost = disk.lose_power(keep, || {
            let mut choices = choices.borrow_mut();
            let fate = match choices.below(4) {
                0 | 1 => Fate::Kept,
                2 => Fate::Lost,
                _ => Fate::Torn(choices.below(256) as u8),
            };
            let kind = match fate {
                Fate::Kept => return fate,
                Fate::Lost => FaultKind::PageLost,
                Fate::Torn(_) => FaultKind::PageTorn,
            };
            *counts.entry(kind).or_default() += 1;
            fate
        });
        *counts.entry(FaultKind::NameLost).or_default() += lost;
        state.off = false;
        state.plan.strike = None;
    }

    /// Names of all files with their sizes.
    pub fn files(&self) -> Vec<(PathBuf, u64)> {
        let state = self.state();
        let size = |inode| state.disk.content(inode).map_or(0, Content::size);
        state
            .disk
            .names()
            .map(|(path, inode)| (path.clone(), size(inode)))
            .collect()
    }

    /// Changes one bit of a file.
    pub fn flip(&self, path: &Path, at: u64, bit: u8) -> bool {
        let mut state = self.state();
        let Some(inode) = state.disk.find(path) else {
            return false;
        };
        state.disk.content_mut(inode).is_some_and(|content| {
            content.size() > at && {
                content.flip(at, bit);
                true
            }
        })
    }

    /// The system writes some of the page cache back by itself.
    pub fn write_back(&self) {
        let mut state = self.state();
        let State { choices, disk, .. } = &mut *state;
        let inodes: Vec<Inode> = disk.names().map(|(_, inode)| inode).collect();
        for inode in inodes {
            if let Some(content) = disk.content_mut(inode).filter(|content| !content.is_durable()) {
                content.sync_some(|| choices.below(2) == 1);
            }
        }
    }
}

impl State {
    /// Counts down to the strike; true if it falls here.
    fn strikes(&mut self, kinds: &[Strike]) -> Option<Strike> {
        let (kind, left) = self.plan.strike.as_mut()?;
        if !kinds.contains(kind) {
            return None;
        }
        if *left > 0 {
            *left -= 1;
            return None;
        }
        let kind = *kind;
        self.plan.strike = None;
        self.struck = true;
        Some(kind)
    }

    fn note(&mut self, kind: FaultKind) {
        *self.counts.entry(kind).or_default() += 1;
    }

    /// What comes before every operation.
    fn begin(&mut self) -> io::Result<()> {
        if self.off {
            return Err(power());
        }
        if self.plan.slowness != 0 {
            self.elapsed += self.plan.slowness;
            self.wall += self.plan.slowness;
            self.note(FaultKind::Slow);
        }
        Ok(())
    }

    /// Before an operation on names.
    fn begin_change(&mut self) -> io::Result<()> {
        self.begin()?;
        match self.strikes(&[Strike::PowerCut]) {
            Some(_) => Err(self.cut()),
            None => Ok(()),
        }
    }

    fn cut(&mut self) -> io::Error {
        self.off = true;
        self.note(FaultKind::PowerCutInside);
        power()
    }

    fn read(&mut self, inode: Inode, into: &mut [u8], at: u64) -> io::Result<()> {
        self.begin()?;
        if self.strikes(&[Strike::Read]).is_some() {
            self.note(FaultKind::ReadError);
            return Err(io::Error::other("a simulated read error"));
        }
        let content = self.disk.content(inode).ok_or(io::ErrorKind::NotFound)?;
        if content.read(into, at) {
            Ok(())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }

    fn write(&mut self, inode: Inode, bytes: &[u8], at: u64, durable: bool) -> io::Result<()> {
        self.begin()?;
        let end = at + bytes.len() as u64;
        let grows = self.disk.content(inode).ok_or(io::ErrorKind::NotFound)?.size() < end;
        if grows && (self.plan.full || self.disk.bytes() + bytes.len() as u64 > CAPACITY) {
            self.struck = true;
            self.note(FaultKind::Full);
            return Err(io::ErrorKind::StorageFull.into());
        }
        let strike = self.strikes(&[Strike::PowerCut, Strike::Write]);
        let Self { disk, choices, .. } = self;
        let Some(content) = disk.content_mut(inode) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        if strike.is_none() {
            if durable {
                content.write_through(bytes, at);
            } else {
                content.write(bytes, at);
            }
            return Ok(());
        }
        torn_write(content, choices, bytes, at, durable);
        if strike == Some(Strike::PowerCut) {
            return Err(self.cut());
        }
        self.note(FaultKind::WriteError);
        Err(io::Error::other("a simulated write error"))
    }

    fn sync(&mut self, inode: Inode) -> io::Result<()> {
        self.begin()?;
        let strike = self.strikes(&[Strike::PowerCut, Strike::Sync]);
        let Self { disk, choices, .. } = self;
        let content = disk.content_mut(inode).ok_or(io::ErrorKind::NotFound)?;
        let Some(strike) = strike else {
            content.sync();
            return Ok(());
        };
        content.sync_some(|| choices.below(2) == 1);
        if strike == Strike::PowerCut {
            return Err(self.cut());
        }
        self.note(FaultKind::SyncError);
        Err(io::Error::other("a simulated sync error"))
    }
}

/// Some sectors of a write, in no order.
fn torn_write(content: &mut Content, choices: &mut Choices, bytes: &[u8], at: u64, durable: bool) {
    // A long write is cut into runs of sectors, so that whole runs stay or go.
    let run = (bytes.len() / 16)
        .next_multiple_of(content::SECTOR)
        .max(content::SECTOR);
    debug_assert!(run <= bytes.len().max(PAGE));
    let mut done = 0;
    for part in bytes.chunks(run) {
        if choices.below(2) == 1 {
            let place = at + done as u64;
            if durable {
                content.write_through(part, place);
            } else {
                content.write(part, place);
            }
        }
        done += part.len();
    }
}

fn power() -> io::Error {
    io::Error::other("the power is off")
}
