//! The best choice of few items, by trying: the most valuable first, each made and left out.
use super::Improver;
use super::order::misordered;
use crate::chosen::Chosen;
use crate::tests::Tests;

/// Most items that are searched.
const ITEMS_MAX: usize = 24;

/// Most choices that are looked at.
const CHOICES_MAX: u32 = 300_000;

impl<T: Tests> Improver<'_, T> {
    /// Searches all choices of a small case, as long as nothing stops it.
    pub(super) fn exact(&mut self, go_on: &mut dyn FnMut() -> bool) {
        if self.case.items() > ITEMS_MAX {
            return;
        }
        let values: Vec<u128> = self.by_value.iter().map(|item| self.case.value(*item)).collect();
        let mut rest: u128 = values.iter().sum();
        let (mut best, mut most) = (None, self.value());
        let before: Vec<u32> = self.chosen.iter().collect();
        before.iter().for_each(|item| self.standing.remove(*item));
        let mut chosen = Chosen::none(self.case.items());
        let (mut at, mut value) = (0, 0);
        for choice in 1..CHOICES_MAX {
            if choice % 1_024 == 0 && !go_on() {
                break;
            }
            if value + rest > most && at < values.len() {
                chosen.insert(self.by_value[at]);
                self.standing.add(self.by_value[at]);
                value += values[at];
                rest -= values[at];
                at += 1;
                continue;
            }
            if value > most && at == values.len() && self.allowed(&chosen) {
                (best, most) = (Some(chosen.clone()), value);
            }
            // Back to the last one that was made, which is left out now.
            let last = (0..at).rev().find(|at| chosen.contains(self.by_value[*at]));
            let Some(last) = last else {
                break;
            };
            rest += values[last + 1..at].iter().sum::<u128>();
            value -= values[last];
            chosen.remove(self.by_value[last]);
            self.standing.remove(self.by_value[last]);
            at = last + 1;
        }
        chosen.iter().for_each(|item| self.standing.remove(item));
        before.iter().for_each(|item| self.standing.add(*item));
        if let Some(best) = best {
            before.into_iter().for_each(|item| self.leave(item));
            best.iter().for_each(|item| self.take(item));
        }
    }

    fn allowed(&self, chosen: &Chosen) -> bool {
        let passes = |account: u32| self.order.passes(account);
        self.standing.misfit(self.tests).is_none() && misordered(self.case, chosen, &passes).is_none()
    }
}
