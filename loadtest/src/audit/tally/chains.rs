//! Chains: all records settle in one entry, or none does.
use causeway_message::Status;
use causeway_message::record::flags;

use super::Tally;
use super::seen::{Mark, Origin, Seen};
use crate::audit::fault::{Fault, Rule, hold};

impl Tally {
    pub(super) fn check_chains(&mut self, seen: &Seen, version: u16) -> Result<(), Fault> {
        if version < 2 {
            return Ok(());
        }
        let mut open: Vec<&Mark> = Vec::new();
        for mark in &seen.first {
            let follows = open.last().is_some_and(|last| last.origin.1 + 1 == mark.origin.1);
            if !follows {
                open.clear();
            }
            open.push(mark);
            if !mark.has(flags::LINKED) {
                self.begin_chain(&open, seen.entry)?;
                open.clear();
            }
        }
        for mark in seen.later.iter().filter(|mark| mark.pays()) {
            self.check_links(mark, seen)?;
        }
        Ok(())
    }

    fn begin_chain(&mut self, marks: &[&Mark], entry: u64) -> Result<(), Fault> {
        if marks.len() < 2 {
            return Ok(());
        }
        let statuses: Vec<Status> = marks.iter().map(|mark| mark.status).collect();
        let alike = statuses.windows(2).all(|pair| pair[0] == pair[1]);
        let settles = statuses
            .iter()
            .any(|status| *status == Status::Settled || status.is_transient());
        hold(alike || !settles, Rule::Chained, || {
            format!(
                "log entry {entry}: a chain from {:?} is {statuses:?}",
                marks[0].origin
            )
        })?;
        if settles {
            let origins: Vec<Origin> = marks.iter().map(|mark| mark.origin).collect();
            for origin in &origins {
                self.chains.insert(*origin, origins.clone());
            }
        }
        Ok(())
    }

    /// Whatever becomes of one of a chain that waits becomes of all in the same entry.
    fn check_links(&self, mark: &Mark, seen: &Seen) -> Result<(), Fault> {
        let Some(links) = self.chains.get(&mark.origin) else {
            return Ok(());
        };
        let settles = mark.status == Status::Settled;
        for link in links {
            let same_way = seen.later.iter().any(|other| {
                let ends = other.status.is_final() && mark.status.is_final();
                let alike =
                    other.status == mark.status || ends && !settles && other.status != Status::Settled;
                other.origin == *link && alike
            });
            hold(same_way, Rule::Chained, || {
                format!(
                    "log entry {}: {:?} is {:?}, and {link:?} of its chain is not",
                    seen.entry, mark.origin, mark.status
                )
            })?;
        }
        Ok(())
    }
}
