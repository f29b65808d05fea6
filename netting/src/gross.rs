//! Settling one by one, and two against each other, in the order of the queues.
use crate::case::{Case, Leg};
use crate::chosen::Chosen;
use crate::standing::Standing;
use crate::tests::Tests;

/// What settles one after another: an item settles when it is first in every queue that it stands in and all that it
/// debits can pay; that credits others, and so on until nothing moves. The order changes nothing: what can settle
/// still can after others have.
pub fn gross(case: &Case, tests: &impl Tests) -> Chosen {
    let mut front = Front::new(case, tests);
    front.run_gross();
    front.chosen
}

/// What settles one after another, and where that stops, two accounts whose first items face each other: of what
/// stands first in both and moves between the two alone, the most that both can pay together. Again and again, until
/// nothing moves. Never more than [`crate::fifo`], never less than [`gross`].
pub fn bilateral(case: &Case, tests: &impl Tests) -> Chosen {
    let mut front = Front::new(case, tests);
    loop {
        front.run_gross();
        if !front.run_pairs() {
            return front.chosen;
        }
    }
}

struct Front<'a, T> {
    case: &'a Case,
    tests: &'a T,
    standing: Standing<'a>,
    /// How many items of each queue settled.
    done: Vec<u32>,
    work: Vec<u32>,
    listed: Vec<bool>,
    chosen: Chosen,
}

impl<'a, T: Tests> Front<'a, T> {
    fn new(case: &'a Case, tests: &'a T) -> Self {
        Self {
            case,
            tests,
            standing: Standing::new(case),
            done: vec![0; case.accounts.len()],
            work: (0..case.queues()).rev().collect(),
            listed: vec![true; case.accounts.len()],
            chosen: Chosen::none(case.items()),
        }
    }

    fn head(&self, queue: u32) -> Option<u32> {
        let entries = self.case.queue_entries(queue);
        entries
            .get(self.done[queue as usize] as usize)
            .map(|entry| entry.item)
    }

    fn run_gross(&mut self) {
        while let Some(queue) = self.work.pop() {
            self.listed[queue as usize] = false;
            while let Some(item) = self.head(queue) {
                if !self
                    .case
                    .queues_of(item)
                    .all(|queue| self.head(queue) == Some(item))
                {
                    break;
                }
                self.standing.add(item);
                if !self.standing.fits_item(item, self.tests) {
                    self.standing.remove(item);
                    break;
                }
                self.settle(item);
            }
        }
    }

    /// Notes an item, whose movements are in the sums already, as settled.
    fn settle(&mut self, item: u32) {
        self.chosen.insert(item);
        let case = self.case;
        for queue in case.queues_of(item) {
            self.done[queue as usize] += 1;
            self.list(queue);
        }
        for leg in case.legs(item) {
            self.list(case.queue_of[leg.creditor as usize]);
        }
    }

    fn list(&mut self, queue: u32) {
        if !std::mem::replace(&mut self.listed[queue as usize], true) {
            self.work.push(queue);
        }
    }

    /// Tries every account against the one that its first item pays; true if something settled.
    fn run_pairs(&mut self) -> bool {
        let mut moved = false;
        for queue in 0..self.case.queues() {
            if let Some(leg) = self.payment(queue, 0)
                && leg.debtor < leg.creditor
                && let Some(back) = self.payment(self.case.queue_of[leg.creditor as usize], 0)
                && (back.debtor, back.creditor) == (leg.creditor, leg.debtor)
            {
                moved |= self.pair(&leg);
            }
        }
        moved
    }

    /// The payment that stands so far behind the first of a queue.
    fn payment(&self, queue: u32, behind: usize) -> Option<Leg> {
        let place = self.done[queue as usize] as usize + behind;
        let entry = self.case.queue_entries(queue).get(place)?;
        match self.case.legs(entry.item) {
            [leg] => Some(*leg),
            _ => None,
        }
    }

    /// How many of the first items of a queue are payments between the same two accounts as its first.
    fn run_length(&self, queue: u32, leg: &Leg) -> usize {
        let same = |other: &Leg| (other.debtor, other.creditor) == (leg.debtor, leg.creditor);
        (0..)
            .take_while(|behind| self.payment(queue, *behind).is_some_and(|other| same(&other)))
            .count()
    }

    /// Settles the most of two runs that face each other; true if that is anything.
    fn pair(&mut self, leg: &Leg) -> bool {
        let back = Leg {
            debtor: leg.creditor,
            creditor: leg.debtor,
            ..*leg
        };
        let sides = [leg, &back].map(|leg| {
            let queue = self.case.queue_of[leg.debtor as usize];
            let from = self.done[queue as usize] as usize;
            let length = self.run_length(queue, leg);
            let entries = &self.case.queue_entries(queue)[from..from + length];
            (
                queue,
                entries.iter().map(|entry| entry.item).collect::<Vec<u32>>(),
            )
        });
        let [(_, there), (_, here)] = &sides;
        there.iter().chain(here).for_each(|item| self.standing.add(*item));
        let mut keep = [there.len(), here.len()];
        loop {
            let short = |side: &usize| keep[*side] > 0 && !self.standing.fits(sides[*side].0, self.tests);
            let Some(side) = [0, 1].into_iter().find(short) else {
                break;
            };
            keep[side] -= 1;
            self.standing.remove(sides[side].1[keep[side]]);
        }
        for (side, keep) in sides.iter().zip(keep) {
            side.1[..keep].iter().for_each(|item| self.settle(*item));
        }
        keep != [0, 0]
    }
}
