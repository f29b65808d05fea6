//! Items that come and go one by one.
use super::Improver;
use crate::tests::Tests;

/// Most items that leave for one that comes.
const GONE_MAX: usize = 16;

impl<T: Tests> Improver<'_, T> {
    /// Takes what may still come, the most valuable first, until nothing may.
    pub(super) fn fill(&mut self) {
        let mut again = true;
        while again {
            again = false;
            for at in 0..self.by_value.len() {
                again |= self.try_take(self.by_value[at]);
            }
        }
    }

    /// Takes an item if order and money allow it.
    fn try_take(&mut self, item: u32) -> bool {
        if self.chosen.contains(item) || !self.order.may_come(item) {
            return false;
        }
        self.take(item);
        let fits = self.standing.fits_item(item, self.tests);
        if !fits {
            self.leave(item);
        }
        fits
    }

    /// Takes items that do not fit, where leaving out others of less value makes them fit.
    pub(super) fn exchange(&mut self, go_on: &mut dyn FnMut() -> bool) {
        for at in 0..self.by_value.len() {
            let item = self.by_value[at];
            if at % 8 == 7 && !go_on() {
                return;
            }
            if !self.chosen.contains(item) && self.order.may_come(item) {
                self.try_exchange(item);
            }
        }
    }

    fn try_exchange(&mut self, item: u32) {
        let value = self.case.value(item);
        let mut lost = 0;
        let mut gone = Vec::new();
        self.take(item);
        let mut fits = self.standing.fits_item(item, self.tests);
        while !fits && gone.len() < GONE_MAX {
            let Some((out, worth)) = self.least_harm(item, value - lost) else {
                break;
            };
            self.leave(out);
            if self.rests(out) {
                lost += worth;
                gone.push(out);
                fits = self.standing.fits_item(item, self.tests);
            } else {
                self.take(out);
                break;
            }
        }
        if fits {
            self.fill_from(&gone);
            return;
        }
        self.leave(item);
        gone.into_iter().rev().for_each(|out| self.take(out));
    }

    /// True if those who no longer get an item can still pay what they pay.
    fn rests(&self, out: u32) -> bool {
        let legs = self.case.legs(out);
        legs.iter().all(|leg| {
            self.standing
                .fits(self.case.queue_of[leg.creditor as usize], self.tests)
        })
    }

    /// Tries what had to go once more.
    fn fill_from(&mut self, gone: &[u32]) {
        for item in gone {
            self.try_take(*item);
        }
    }

    /// The smallest chosen item worth less than `most` that frees enough where an item falls short, or else the
    /// largest.
    fn least_harm(&self, item: u32, most: u128) -> Option<(u32, u128)> {
        let short = self
            .case
            .queues_of(item)
            .find(|queue| !self.standing.fits(*queue, self.tests))?;
        if !self.order.passes(short) {
            return None;
        }
        let missing = self.standing.free[short as usize]
            .checked_neg()
            .filter(|missing| *missing > 0)?;
        let mut best: Option<(bool, u128, u32)> = None;
        for entry in self.case.queue_entries(short) {
            let other = entry.item;
            if other == item || !self.chosen.contains(other) || !self.order.may_go(other) {
                continue;
            }
            let worth = self.case.value(other);
            let legs = self.case.legs(other);
            let own = legs
                .iter()
                .filter(|leg| leg.debtor == short)
                .map(|leg| i128::from(leg.amount))
                .sum::<i128>();
            let keeps = |leg: &crate::case::Leg| {
                let creditor = leg.creditor as usize;
                self.standing.debits[creditor] == 0 || self.standing.free[creditor] >= i128::from(leg.amount)
            };
            if worth >= most || !legs.iter().all(keeps) {
                continue;
            }
            let enough = own >= missing;
            let better = best.is_none_or(|(had, so_far, _)| match (enough, had) {
                (true, true) => worth < so_far,
                (false, false) => worth > so_far,
                (enough, _) => enough,
            });
            if better {
                best = Some((enough, worth, other));
            }
        }
        best.map(|(_, worth, other)| (other, worth))
    }
}
