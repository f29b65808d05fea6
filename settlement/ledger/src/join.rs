//! Payments that change their seat: to beside the queues, and from there into them, settled at once, or ended.
use causeway_message::action::Phase;
use causeway_message::time::Timestamp;
use causeway_message::{Status, mutated};

use crate::apply::Ledger;
use crate::due::Due;
use crate::lifecycle::{Event, step};
use crate::outcome::{Audience, Outcome};
use crate::queue::{Seat, Waiting};

impl Ledger {
    /// Gives a payment, and its chain, another seat. Returns how many.
    pub(crate) fn seat_together(&mut self, place: u32, seat: Seat, out: &mut Outcome) -> usize {
        let places = self.queue.together(place);
        for place in &places {
            self.move_to(*place, seat, out);
        }
        places.len()
    }

    /// Gives a payment another seat, and tells its submitter if its status is another now.
    pub(crate) fn move_to(&mut self, place: u32, seat: Seat, out: &mut Outcome) {
        let Some(waiting) = self.queue.get(place) else {
            return;
        };
        let before = waiting.status();
        let event = match seat {
            Seat::Queued => Event::Join,
            Seat::Warehoused | Seat::Date => Event::Store,
            Seat::Order | Seat::Party(_) => Event::Hold,
            Seat::Quote => Event::Await,
            // Sides of trades move together, and their status stays.
            Seat::Unmatched | Seat::ValueDate => return,
            // Nothing goes back into a window.
            Seat::Window => return,
        };
        let collected = (waiting.seat == Seat::Window).then(|| waiting.clone());
        let held_otherwise = before == seat.status();
        assert!(
            held_otherwise || step(before, event) == seat.status(),
            "a seat of another status"
        );
        let from = |due: &(Timestamp, Due)| matches!(due.1, Due::From(..));
        if let Some((at, due)) = Due::all_of(waiting, place).find(from) {
            self.due.remove(at, due);
        }
        self.queue.seat(&mut self.accounts, place, seat);
        if let Some(collected) = collected {
            self.leave_window(&collected);
        }
        if let Some((at, due)) = self
            .queue
            .get(place)
            .and_then(|waiting| Due::all_of(waiting, place).find(from))
        {
            self.due.add(at, due);
        }
        if before != seat.status() {
            self.tell_seat(place, seat.status(), out);
        }
    }

    /// Tells the submitter where its payment waits.
    pub(crate) fn tell_seat(&mut self, place: u32, status: Status, out: &mut Outcome) {
        let Some(waiting) = self.queue.get(place).cloned() else {
            return;
        };
        let told = Audience {
            submitter: true,
            ..Audience::default()
        };
        self.tell(&waiting, status, 0, told, out);
    }

    /// A payment that stood beside the queue goes on: settles as on entry, or joins the end of its class.
    pub(crate) fn join(&mut self, place: u32, out: &mut Outcome) -> usize {
        if let Some(done) = self.judge_date_of_joining(place, out) {
            return done;
        }
        let places = self.queue.together(place);
        let currencies = places.iter().filter_map(|place| self.queue.get(*place));
        let mut currencies = currencies.map(|waiting| waiting.record.currency.get());
        if currencies.any(|currency| self.phase(currency) == Phase::Closed) {
            return self.end_at_close(place, out);
        }
        // From-time and end may lie in one late entry; its time is judged by the entry, not by the sweep.
        if self
            .queue
            .get(place)
            .is_some_and(|waiting| self.is_over(&waiting.record))
        {
            let first = places.first().copied().unwrap_or(place);
            return self.end(first, Event::Expire, false, out);
        }
        // What a defaulted member pays ends, though its turn in the sweep may not have come.
        if self.are_of_defaulted(&places) {
            return self.end(place, Event::Default, true, out);
        }
        // Only what stands alone has a from-time.
        if self
            .queue
            .get(place)
            .is_some_and(|waiting| self.is_early(&waiting.extensions))
        {
            self.move_to(place, Seat::Warehoused, out);
            return 1;
        }
        if self.queue.get(place).is_some_and(Waiting::is_fx) {
            return self.join_fx(place, out);
        }
        let parts = self.parts_of(&places);
        let may_settle = parts.iter().all(|part| self.may_enter(part.debtor, part.class))
            && self.parts_fit(&parts).is_ok();
        if !may_settle {
            self.seat_together(place, Seat::Queued, out);
            parts.iter().for_each(|part| self.wake(part.debtor));
            return places.len();
        }
        if let Some(at) = self.suspended_creditor(&parts) {
            return self.end(places[at], Event::Suspend, false, out);
        }
        if let Some(party) = self.held_creditor(&parts) {
            return self.seat_together(place, Seat::Party(party), out);
        }
        // What is set aside credits nobody yet.
        let credits = self
            .queue
            .get(place)
            .is_some_and(|waiting| !waiting.is_conditional());
        places.iter().for_each(|place| self.perform(*place, out));
        if credits {
            parts.iter().for_each(|part| self.wake(part.creditor));
        }
        places.len()
    }

    /// Expires a payment whose time is over; the queue behind it may move now. Returns how many left.
    pub(crate) fn expire_payment(&mut self, place: u32, out: &mut Outcome) -> usize {
        if self.queue.get(place).is_none() || mutated!(NeverExpire) {
            return 0;
        }
        self.end(place, Event::Expire, false, out)
    }

    /// Ends a payment because its currency closed; one whose own time is over has expired.
    pub(crate) fn end_at_close(&mut self, place: u32, out: &mut Outcome) -> usize {
        let trade = self.queue.get(place).is_some_and(Waiting::is_trade);
        let over = match self.queue.get(place) {
            Some(_) if trade => self.is_item_over(place),
            Some(waiting) => self.is_over(&waiting.record),
            None => false,
        };
        self.end(place, if over { Event::Expire } else { Event::Close }, true, out)
    }

    /// Tells the submitter of a payment that still waits at its till-time.
    pub(crate) fn pass_till(&mut self, place: u32, out: &mut Outcome) {
        let Some(waiting) = self.queue.get(place) else {
            return;
        };
        let status = waiting.status();
        self.queue.remind(place);
        self.tell_seat(place, status, out);
    }
}
