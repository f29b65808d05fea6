//! The fixpoint with sender limits and participants under risk tests.
use super::{Prefixes, is_trade, places};
use crate::case::Case;
use crate::standing::Standing;
use crate::tests::Tests;

/// Starts from given lengths.
pub(super) fn run(case: &Case, tests: &impl Tests, most: Vec<u32>) -> Prefixes {
    let mut cut = Cut {
        case,
        standing: Standing::all(case),
        keep: (0..case.queues())
            .map(|queue| case.queue_entries(queue).len() as u32)
            .collect(),
        most,
        dropped: vec![false; case.trade_start.len()],
        work: (0..case.queues()).rev().collect(),
        listed: vec![true; case.accounts.len()],
    };
    while let Some(queue) = cut.work.pop() {
        cut.listed[queue as usize] = false;
        cut.shorten(queue, tests);
    }
    Prefixes { keep: cut.keep }
}

struct Cut<'a> {
    case: &'a Case,
    standing: Standing<'a>,
    keep: Vec<u32>,
    /// Most that a queue may keep.
    most: Vec<u32>,
    dropped: Vec<bool>,
    work: Vec<u32>,
    listed: Vec<bool>,
}

impl Cut<'_> {
    fn shorten(&mut self, queue: u32, tests: &impl Tests) {
        let own = queue as usize;
        while self.keep[own] > self.most[own] || !self.standing.fits(queue, tests) {
            let Some(last) = self.keep[own].checked_sub(1) else {
                return;
            };
            self.keep[own] = last;
            self.most[own] = self.most[own].min(last);
            let entry = self.case.queue_entries(queue)[last as usize];
            if is_trade(entry.creditor) {
                if std::mem::replace(&mut self.dropped[entry.amount as usize], true) {
                    continue;
                }
                for (other, place) in places(self.case, entry.amount) {
                    self.most[*other as usize] = self.most[*other as usize].min(*place);
                    self.list(*other);
                }
            }
            self.standing.remove(entry.item);
            for leg in self.case.legs(entry.item) {
                self.list(self.case.queue_of[leg.creditor as usize]);
            }
        }
    }

    fn list(&mut self, queue: u32) {
        if !std::mem::replace(&mut self.listed[queue as usize], true) {
            self.work.push(queue);
        }
    }
}
