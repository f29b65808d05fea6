//! Order inside accounts: the highest class first, in it first come, first served, and nothing settles past what
//! waits.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::Status;
use causeway_message::record::{Kind, flags};

use super::Tally;
use super::seen::{Mark, Origin, Seen};
use crate::audit::fault::{Fault, Rule, hold};
use crate::audit::model::Place;

/// Behind every record of an entry: nobody knows when in the entry it came to stand where it stands.
const AMID: u16 = u16::MAX;

/// A payment that waits in a queue.
#[derive(Debug, Clone)]
pub struct Item {
    pub origin: Origin,
    pub class: u8,
    /// Since when it stands where it stands.
    since: Origin,
}

impl Item {
    /// Of two that came to stand somewhere in one entry nobody may know which was first.
    const fn is_unsure_of(&self, other: &Self) -> bool {
        self.since.0 == other.since.0 && (self.since.1 == AMID || other.since.1 == AMID)
    }
}

impl Tally {
    pub(super) fn check_order(&mut self, seen: &Seen) -> Result<(), Fault> {
        let entry = seen.entry;
        self.note_discipline(seen);
        let stood = seen.planned.then(|| self.queues());
        for mark in seen.first.iter().filter(|mark| mark.pays()) {
            match mark.status {
                Status::Queued => self.join(mark.place, mark.origin, mark.record.priority, mark.origin)?,
                status if status.is_transient() => drop(self.elsewhere.insert(mark.origin)),
                _ => {}
            }
        }
        let executed = |mark: &&Mark| mark.status == Status::Executed && mark.kind() == Some(Kind::Amend);
        let amends: Vec<&Mark> = seen.first.iter().filter(executed).collect();
        // What joins its queue in an entry that amends does so before the records of its batch; but what left it in the same
        // entry joins it again afterwards.
        let later: Vec<&Mark> = seen.later.iter().filter(|mark| mark.pays()).collect();
        let joins = |at: usize, mark: &Mark| {
            let again = later[..at].iter().any(|other| other.origin == mark.origin);
            !amends.is_empty() && mark.status == Status::Queued && !again
        };
        for (at, mark) in later.iter().enumerate() {
            if joins(at, mark) {
                self.move_on(mark, seen)?;
            }
        }
        for mark in &amends {
            self.amend(mark, entry);
        }
        for (at, mark) in later.iter().enumerate() {
            if !joins(at, mark) {
                self.move_on(mark, seen)?;
            }
        }
        if let Some(stood) = stood {
            self.check_planned(seen, &stood)?;
        }
        for mark in seen.first.iter().filter(|mark| mark.goes()) {
            // Whatever came before it into its queue has left by the end of the entry, or it was passed.
            let item = Item {
                origin: mark.origin,
                class: mark.record.priority,
                since: mark.origin,
            };
            self.check_passed(&item, mark.place, mark.origin, None)?;
        }
        // Nothing waits without being told to, and nobody is told twice.
        let origins: BTreeSet<_> = seen.first.iter().map(|mark| mark.origin).collect();
        hold(origins.len() == seen.first.len(), Rule::OneOutcome, || {
            format!("log entry {entry}: a payment is queued twice")
        })
    }

    /// Who opted in to overtaking in this entry, or out of it, counts as having opted in.
    fn note_discipline(&mut self, seen: &Seen) {
        self.overtaking_now = self.overtaking.clone();
        for mark in &seen.first {
            if mark.status == Status::Executed && mark.kind() == Some(Kind::Discipline) {
                if mark.has(flags::BYPASS) {
                    self.overtaking.insert(mark.place);
                } else {
                    self.overtaking.remove(&mark.place);
                }
                self.overtaking_now.insert(mark.place);
            }
        }
    }

    fn join(&mut self, place: Place, origin: Origin, class: u8, since: Origin) -> Result<(), Fault> {
        let item = Item { origin, class, since };
        self.account(place, since.0)?.queue.push(item);
        Ok(())
    }

    /// An amendment was executed: the payment and its chain stand elsewhere, who knows since when in the entry.
    fn amend(&mut self, mark: &Mark, entry: u64) {
        let Some(origin) = self.outcomes.origin(mark.related()) else {
            return;
        };
        if self.trades.is_open(origin) {
            self.classes.insert(origin, mark.record.priority);
        }
        let links = self.chains.get(&origin).cloned().unwrap_or_else(|| vec![origin]);
        for account in self.accounts.values_mut() {
            let moves = |item: &Item| links.contains(&item.origin);
            let (mut moved, mut rest): (Vec<Item>, Vec<Item>) = account.queue.drain(..).partition(moves);
            for item in &mut moved {
                item.class = mark.record.priority;
                item.since = (entry, AMID);
            }
            if mark.has(flags::FRONT) {
                moved.append(&mut rest);
                account.queue = moved;
            } else {
                rest.append(&mut moved);
                account.queue = rest;
            }
        }
    }

    /// A payment that waited reached another status.
    fn move_on(&mut self, mark: &Mark, seen: &Seen) -> Result<(), Fault> {
        let entry = seen.entry;
        let at = || {
            format!(
                "log entry {entry}: payment {:?} of account {:?}",
                mark.origin, mark.place
            )
        };
        let queue = &mut self.account(mark.place, entry)?.queue;
        let stands = queue.iter().position(|item| item.origin == mark.origin);
        match (mark.status, stands) {
            // It is told that it waits still.
            (Status::Queued, Some(_)) => Ok(()),
            (Status::Queued, None) => {
                hold(self.elsewhere.remove(&mark.origin), Rule::OneOutcome, || {
                    format!("{} did not wait", at())
                })?;
                let class = self.classes.get(&mark.origin).copied();
                let class = class.unwrap_or(mark.record.priority);
                self.join(mark.place, mark.origin, class, (entry, AMID))
            }
            (status, None) => {
                let waited = self.elsewhere.contains(&mark.origin);
                if status.is_final() {
                    self.elsewhere.remove(&mark.origin);
                }
                hold(waited, Rule::OneOutcome, || format!("{} did not wait", at()))
            }
            (status, Some(place)) => {
                let item = queue.remove(place);
                self.classes.insert(mark.origin, item.class);
                if status.is_transient() {
                    self.elsewhere.insert(mark.origin);
                }
                // What expires, is held or is taken back leaves from wherever it stands.
                if matches!(status, Status::Settled | Status::SetAside) && !seen.planned {
                    self.check_passed(&item, mark.place, (entry, 0), Some(place))?;
                }
                Ok(())
            }
        }
    }

    fn queues(&self) -> BTreeMap<Place, Vec<Item>> {
        let accounts = self.accounts.iter();
        accounts
            .map(|(place, account)| (*place, account.queue.clone()))
            .collect()
    }

    /// What a plan settles it settles together, in the order in which it came and not in that of the queues: of what
    /// stood before it in its queue, none is left there when the entry is over.
    fn check_planned(&self, seen: &Seen, stood: &BTreeMap<Place, Vec<Item>>) -> Result<(), Fault> {
        for mark in seen.later.iter().filter(|mark| mark.pays() && mark.goes()) {
            let queue = stood.get(&mark.place).map_or(&[] as &[Item], Vec::as_slice);
            let left = self
                .accounts
                .get(&mark.place)
                .map_or(&[] as &[Item], |account| &account.queue);
            let at = queue.iter().position(|item| item.origin == mark.origin);
            // What a window collected settles with it, past all queues.
            if at.is_none() && mark.kind() == Some(Kind::Obligation) {
                continue;
            }
            let own = at.and_then(|at| queue.get(at));
            let class = own.map_or(mark.record.priority, |own| own.class);
            let overtakes = self.overtaking_now.contains(&mark.place);
            let before = queue.iter().enumerate().filter(|(place, item)| {
                let unsure = own.is_some_and(|own| own.is_unsure_of(item));
                let ahead = at.is_none_or(|at| *place < at) && !unsure && !overtakes;
                item.class > class || item.class == class && ahead
            });
            let stays = |item: &Item| {
                let same = |other: &Item| (other.origin, other.since) == (item.origin, item.since);
                left.iter().any(same)
            };
            let passed = before.map(|(_, item)| item).find(|item| stays(item));
            hold(passed.is_none(), Rule::QueueOrder, || {
                format!(
                    "log entry {}: account {:?}: {:?} settles by a plan and passes {passed:?}",
                    seen.entry, mark.place, mark.origin
                )
            })?;
        }
        Ok(())
    }

    /// Nothing that must not be passed stood there before; of the same class, what stands before a place.
    fn check_passed(
        &mut self,
        own: &Item,
        place: Place,
        by: Origin,
        stood: Option<usize>,
    ) -> Result<(), Fault> {
        let overtakes = self.overtaking_now.contains(&place);
        let queue = &self.account(place, by.0)?.queue;
        let passed = queue.iter().enumerate().find(|(at, item)| {
            let ahead = stood.is_none_or(|stood| *at < stood) && !own.is_unsure_of(item) && !overtakes;
            item.since < by && (item.class > own.class || item.class == own.class && ahead)
        });
        hold(passed.is_none(), Rule::QueueOrder, || {
            format!("log entry {}: account {place:?}: {own:?} passes {passed:?}", by.0)
        })
    }
}
