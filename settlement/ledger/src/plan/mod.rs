//! Plans of netting: of what one names, what the order of the queues, funds and limits allow settles at once.
//!
//! Nobody has to trust a plan. What waits no more falls out, what may not pass stays, and of the rest the greatest
//! set is taken that leaves no account short: prefixes of rows, of which the union of two that settle settles, too.
mod draft;
mod row;

use causeway_message::action::Phase;
use causeway_message::plan::Plan;
use causeway_message::record::Kind;
use causeway_message::{InstructionId, ParticipantId, mutated};

use crate::apply::{AHEAD, Ledger};
use crate::lifecycle::Event;
use crate::outcome::{Outcome, Planned};
use crate::queue::{Seat, Waiting};
use draft::Draft;

impl Ledger {
    /// Settles what may settle of a plan; passed over if the entry has too few steps left.
    pub(crate) fn settle_plan(&mut self, plan: &Plan, out: &mut Outcome) {
        let mut planned = Planned {
            named: plan.instructions.len() as u32,
            ..Planned::default()
        };
        if self.rules >= 3 && self.budget >= 2 * plan.instructions.len() {
            let settling = Draft::of(self, &plan.instructions).settling(self);
            out.deferred.reserve(plan.instructions.len());
            for (at, ends) in settling.items(0).enumerate() {
                if at % AHEAD == 0 {
                    self.prefetch_planned(settling.items(at));
                }
                self.settle_item(ends, &mut planned, out);
            }
            self.wake_planned(&settling.ends);
        }
        out.planned = Some(planned);
    }

    /// Moves all of an item at once, and tells of it.
    fn settle_item(&mut self, places: &[Ends], planned: &mut Planned, out: &mut Outcome) {
        let before = out.deferred.len();
        let Some(first) = places.first() else { return };
        for end in places {
            let Some(waiting) = self.queue.get(end.place) else {
                continue;
            };
            let (kind, class, amount) = (waiting.record.kind, waiting.class, waiting.amount());
            planned.add(waiting.record.currency.get(), amount);
            self.accounts
                .settle_planned(end.debtor, end.creditor, class, amount);
            if !mutated!(PlanForgetsFees) {
                self.accrue(end.debtor, kind, amount);
            }
        }
        if self.queue.get(first.place).is_some_and(Waiting::is_trade) {
            self.finish_together(first.place, Event::Settle, true, out);
        } else {
            for end in places {
                self.finish(end.place, Event::Settle, out);
            }
        }
        let effects = out.deferred.len() - before;
        self.budget = self.budget.saturating_sub(places.len().max(effects));
    }

    /// Asks for what telling of these items will read.
    fn prefetch_planned<'a>(&self, items: impl Iterator<Item = &'a [Ends]>) {
        let mut keys = [(ParticipantId(0), InstructionId([0; 16])); AHEAD];
        let waiting = items.filter_map(|ends| self.queue.get(ends.first()?.place));
        let mut count = 0;
        for (key, waiting) in keys.iter_mut().zip(waiting) {
            *key = (waiting.submitter, waiting.record.id());
            count += 1;
        }
        self.ids.prefetch::<AHEAD>(&keys[..count]);
    }

    fn wake_planned(&mut self, ends: &[Ends]) {
        if !mutated!(PlanOverdraws) {
            for end in ends {
                let left = self.accounts.get(end.debtor).available();
                assert!(left >= 0, "a plan left an account short");
            }
        }
        if mutated!(PlanWakesNobody) {
            return;
        }
        ends.iter().for_each(|end| self.wake(end.creditor));
        ends.iter().for_each(|end| self.wake(end.debtor));
    }

    /// Place of an instruction that a plan names, if it stands in a queue and may settle at all.
    fn plannable(&self, (submitter, id): (ParticipantId, InstructionId)) -> Option<u32> {
        let place = self.queue.find(submitter, id)?;
        let waiting = self.queue.get(place)?;
        let kind = Kind::from_number(waiting.record.kind)?;
        let alone = !matches!(kind, Kind::Conditional | Kind::FxPayment);
        let ready = !waiting.is_trade() || self.is_ready(&waiting.record);
        let (debtor, creditor) = (
            self.accounts.get(waiting.debtor),
            self.accounts.get(waiting.creditor),
        );
        let held = (debtor.held || creditor.held) && !mutated!(PlanIgnoresHolds);
        let stopped = debtor.suspended || creditor.refuses || held;
        let fits = waiting.seat == Seat::Queued
            && alone
            && ready
            && !stopped
            && !debtor.tested
            && self.phase(debtor.currency) != Phase::Closed
            && (!self.is_over(&waiting.record) || mutated!(NeverExpire));
        fits.then_some(place)
    }
}

/// An instruction of a plan: where it waits, and whose accounts it moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ends {
    place: u32,
    debtor: u32,
    creditor: u32,
}
