//! Which processors each kind of thread runs on, where somebody says so. No outcome depends on it.
mod list;

use std::io;

use thiserror::Error;

use crate::system::System;

pub use list::{PROCESSORS_MAX, Processors, ProcessorsError};

/// What is said of a processor that no thread of this process can run on.
const NOT_HERE: &str = "this machine does not have it, or this process may not use it";

/// A kind of thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThreadKind {
    /// Sequences, and makes durable.
    Log,
    /// Owns the ledger.
    Apply,
    /// Proves, keeps and answers.
    Publish,
    /// Serves connections.
    Transport,
    /// All the rest.
    Other,
}

impl ThreadKind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Log,
        Self::Apply,
        Self::Publish,
        Self::Transport,
        Self::Other,
    ];

    /// Its word in configurations.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Apply => "apply",
            Self::Publish => "publish",
            Self::Transport => "transport",
            Self::Other => "other",
        }
    }
}

/// The processors that somebody names for each kind of thread; none leaves it to the system.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Placement {
    /// For the thread that sequences and makes durable.
    pub log: Processors,
    /// For the thread that owns the ledger.
    pub apply: Processors,
    /// For the thread that proves, keeps and answers.
    pub publish: Processors,
    /// For the threads that serve connections: one each, in turn.
    pub transport: Processors,
    /// For all other threads.
    pub other: Processors,
}

/// Processors that are named and cannot be used.
#[derive(Debug, PartialEq, Eq, Error)]
#[error("{why}")]
pub struct Unusable {
    /// The kind of thread they are named for.
    pub kind: ThreadKind,
    /// Which, and the reason.
    pub why: String,
}

impl Placement {
    /// What is named for a kind.
    pub const fn of(&self, kind: ThreadKind) -> &Processors {
        match kind {
            ThreadKind::Log => &self.log,
            ThreadKind::Apply => &self.apply,
            ThreadKind::Publish => &self.publish,
            ThreadKind::Transport => &self.transport,
            ThreadKind::Other => &self.other,
        }
    }

    /// The first kind for which processors are named.
    pub fn first(&self) -> Option<ThreadKind> {
        ThreadKind::ALL
            .into_iter()
            .find(|kind| !self.of(*kind).is_empty())
    }

    /// The same, after the calling thread has run on each processor that is named: what a process starts with
    /// does not tell, since isolated processors are not among it.
    ///
    /// # Errors
    /// The first that the machine does not have or the process may not use.
    pub fn check(self, system: &dyn System) -> Result<Places, Unusable> {
        let Some(first) = self.first() else {
            return Ok(Places::default());
        };
        let failed = |doing: &str, error: io::Error| Unusable {
            kind: first,
            why: format!("{doing}: {error}"),
        };
        let all = system
            .runs_on()
            .map_err(|error| failed("where this process may run", error))?;
        let tried = self.each_alone(system);
        let back = system
            .run_on(&all)
            .map_err(|error| failed("to run again where the process began", error));
        tried.and(back)?;
        Ok(Places { named: self, all })
    }

    fn each_alone(&self, system: &dyn System) -> Result<(), Unusable> {
        for kind in ThreadKind::ALL {
            for processor in self.of(kind).iter() {
                let Err(error) = system.run_on(&Processors::of([processor])) else {
                    continue;
                };
                let why = match error.kind() {
                    io::ErrorKind::InvalidInput => NOT_HERE.to_owned(),
                    _ => error.to_string(),
                };
                return Err(Unusable {
                    kind,
                    why: format!("processor {processor}: {why}"),
                });
            }
        }
        Ok(())
    }
}

/// Where each kind of thread runs: a placement that was checked. The default leaves everything to the system.
#[derive(Debug, Clone, Default)]
pub struct Places {
    named: Placement,
    /// What threads run on for which nothing is named: they would inherit the place of the one that starts them.
    all: Processors,
}

impl Places {
    /// True if everything is left to the system.
    pub fn is_empty(&self) -> bool {
        self.named.first().is_none()
    }

    /// What threads of a kind run on, all together; empty if everything is left to the system.
    pub fn of(&self, kind: ThreadKind) -> &Processors {
        match self.named.of(kind) {
            none if none.is_empty() => &self.all,
            named => named,
        }
    }

    /// Moves the calling thread, the one of this number of its kind. If that fails it says so, and works on.
    pub fn enter(&self, system: &dyn System, kind: ThreadKind, number: usize) {
        if self.is_empty() {
            return;
        }
        let entered = match &self.named.transport {
            named if kind == ThreadKind::Transport && !named.is_empty() => system.run_on(&named.turn(number)),
            _ => system.run_on(self.of(kind)),
        };
        if let Err(error) = entered {
            tracing::warn!(kind = kind.name(), %error, "a thread cannot run on the processors named for it");
        }
    }
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Os;

    /// What the system lets the calling thread run on, in its own words.
    fn allowed() -> String {
        let status = std::fs::read_to_string("/proc/thread-self/status").expect("of this thread");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("Cpus_allowed_list:"));
        line.expect("a list").trim().to_owned()
    }

    #[test]
    fn a_thread_enters_its_place_and_those_it_starts_leave_it() {
        let before = allowed();
        let mine = Os::default().runs_on().expect("told");
        assert_eq!(mine.to_string(), before);
        let one = mine.turn(0);
        let placement = Placement {
            log: one.clone(),
            transport: mine.clone(),
            ..Placement::default()
        };
        let places = placement.check(&Os::default()).expect("usable");
        assert_eq!(allowed(), before, "the check leaves no trace");
        let enter = |kind, number| {
            places.enter(&Os::default(), kind, number);
            allowed()
        };
        std::thread::scope(|scope| {
            let placed = scope.spawn(|| {
                let log = enter(ThreadKind::Log, 0);
                let inherited = std::thread::scope(|scope| scope.spawn(allowed).join().expect("ends"));
                let other = enter(ThreadKind::Other, 0);
                let transport = enter(ThreadKind::Transport, mine.iter().count());
                (log, inherited, other, transport)
            });
            let one = one.to_string();
            let expected = (one.clone(), one.clone(), before, one);
            assert_eq!(placed.join().expect("ends"), expected);
        });
    }

    #[test]
    fn a_processor_that_is_not_there_is_refused_without_a_trace() {
        let before = allowed();
        let mine = Os::default().runs_on().expect("told");
        let placement = Placement {
            log: mine.turn(0),
            publish: Processors::of([PROCESSORS_MAX - 1]),
            ..Placement::default()
        };
        let error = placement.check(&Os::default()).expect_err("no machine has it");
        assert_eq!(error.kind, ThreadKind::Publish);
        assert_eq!(error.why, format!("processor 1023: {NOT_HERE}"));
        assert_eq!(allowed(), before);
    }
}
