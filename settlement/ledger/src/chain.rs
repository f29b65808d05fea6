//! Linked chains: payments of one batch that settle whole, wait as one item, or fail whole.
use causeway_message::action::Phase;
use causeway_message::record::Priority;
use causeway_netting::Step;

use crate::account::{NONE, Short};
use crate::apply::Ledger;
use crate::desk::Against;
use crate::lifecycle::Event;
use crate::outcome::Outcome;
use crate::queue::Seat;

/// What one payment of a chain needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub debtor: u32,
    pub creditor: u32,
    pub amount: u64,
    pub class: Priority,
}

impl Ledger {
    pub(crate) fn parts_of(&self, places: &[u32]) -> Vec<Part> {
        let waiting = places.iter().filter_map(|place| self.queue.get(*place));
        waiting
            .map(|waiting| Part {
                debtor: waiting.debtor,
                creditor: waiting.creditor,
                amount: waiting.amount(),
                class: waiting.class,
            })
            .collect()
    }

    /// Whether payments would settle one after the other: the first that would not, and what it lacks.
    pub(crate) fn parts_fit(&self, parts: &[Part]) -> Result<(), (usize, Short)> {
        let against = |part: &Part| {
            let counterparty = self.accounts.get(part.creditor).participant;
            let desk = self.accounts.desk(part.debtor);
            (
                part.debtor,
                desk.map_or(Against::Others, |desk| desk.against(counterparty)),
            )
        };
        for (at, part) in parts.iter().enumerate() {
            let until = &parts[..=at];
            let same = |by: &dyn Fn(&Part) -> bool| -> i128 {
                until
                    .iter()
                    .filter(|part| by(part))
                    .map(|part| i128::from(part.amount))
                    .sum()
            };
            let total = same(&|other| other.debtor == part.debtor);
            let counted = same(&|other| against(other) == against(part));
            let counterparty = self.accounts.get(part.creditor).participant;
            self.accounts
                .fits(part.debtor, part.class, counterparty, total, counted)
                .map_err(|short| (at, short))?;
        }
        Ok(())
    }

    /// The first creditor of these payments that is held.
    pub(crate) fn held_creditor(&self, parts: &[Part]) -> Option<u32> {
        let mut payees = parts.iter().map(|part| self.accounts.get(part.creditor));
        payees.find(|payee| payee.held).map(|payee| payee.participant)
    }

    /// The first of these payments whose creditor is not paid.
    pub(crate) fn suspended_creditor(&self, parts: &[Part]) -> Option<usize> {
        parts
            .iter()
            .position(|part| self.accounts.get(part.creditor).refuses)
    }

    /// The turn of a chain came in one of the accounts it debits.
    pub(crate) fn take_turn_of_chain(
        &mut self,
        place: u32,
        over: bool,
        woken: &mut Vec<u32>,
        out: &mut Outcome,
    ) -> Step {
        let places = self.queue.together(place);
        let parts = self.parts_of(&places);
        let place_account = self.queue.get(place).map_or(NONE, |waiting| waiting.debtor);
        let suspended = self.suspended_creditor(&parts);
        if over || suspended.is_some() {
            // They expire at one instant: the first stands for all.
            let culprit = places[suspended.filter(|_| !over).unwrap_or(0)];
            let event = if over { Event::Expire } else { Event::Suspend };
            self.finish_together(culprit, event, false, out);
            self.note_others(place_account, &parts, woken);
            return Step::Moved(places.len());
        }
        if !parts.iter().all(|part| self.is_first(part, &places)) || self.parts_fit(&parts).is_err() {
            return Step::Blocked;
        }
        if let Some(party) = self.held_creditor(&parts) {
            self.seat_together(place, Seat::Party(party), out);
            self.note_others(place_account, &parts, woken);
            return Step::Moved(places.len());
        }
        places.iter().for_each(|place| self.perform(*place, out));
        parts
            .iter()
            .for_each(|part| self.note_credit(part.creditor, woken));
        self.note_others(place_account, &parts, woken);
        Step::Moved(places.len())
    }

    /// Wakes the accounts that a chain left, but the one whose turn it is.
    pub(crate) fn note_others(&mut self, own: u32, parts: &[Part], woken: &mut Vec<u32>) {
        for part in parts.iter().filter(|part| part.debtor != own) {
            self.note_credit(part.debtor, woken);
        }
    }

    /// True if nothing stands before the chain in an account that it debits.
    pub(crate) fn is_first(&self, part: &Part, places: &[u32]) -> bool {
        let state = self.accounts.get(part.debtor);
        if state.held || state.suspended || self.phase(state.currency) == Phase::Closed {
            return false;
        }
        let Some(desk) = self.accounts.desk(part.debtor) else {
            return false;
        };
        if desk.top() != Some(part.class) {
            return false;
        }
        if desk.bypass {
            return true;
        }
        let own = |place: &u32| {
            self.queue
                .get(*place)
                .is_some_and(|waiting| waiting.debtor == part.debtor)
        };
        let mut at = desk.queues[part.class as usize].head;
        for _ in places.iter().filter(|place| own(place)) {
            if at == NONE || !places.contains(&at) {
                return false;
            }
            at = self.queue.get(at).map_or(NONE, |waiting| waiting.following());
        }
        true
    }
}
