//! Payments that leave their queue later: released by a credit, set aside, held, expired, or refused.
use causeway_message::action::Phase;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Instruction, Priority};
use causeway_message::time::Timestamp;
use causeway_message::{ParticipantId, Status, mutated};
use causeway_netting::{Book, Cascade, Step};

use crate::account::NONE;
use crate::apply::Ledger;
use crate::due::Due;
use crate::lifecycle::{Event, next, step};
use crate::outcome::{Audience, Deferred, Outcome};
use crate::queue::{Seat, Waiting};

/// The ledger as the cascade sees it.
struct Releases<'a> {
    ledger: &'a mut Ledger,
    out: &'a mut Outcome,
}

impl Book for Releases<'_> {
    fn step(&mut self, account: u32, woken: &mut Vec<u32>) -> Step {
        let state = self.ledger.accounts.get(account);
        let stopped = state.suspended || state.held || state.queued == 0;
        let closed = self.ledger.phase(state.currency) == Phase::Closed;
        let top = self
            .ledger
            .accounts
            .desk(account)
            .and_then(|desk| Some((desk.top()?, desk.bypass)));
        let Some((top, bypass)) = top.filter(|_| !stopped && !closed) else {
            return self.end_pass(account);
        };
        if !bypass {
            let head = self.ledger.accounts.desk_mut(account).queues[top as usize].head;
            return self.take_turn(head, woken);
        }
        let desk = self.ledger.accounts.desk_mut(account);
        // A pass is about one class: a higher one that waits, or a lower one that is first now, is looked at from its
        // head; and so is the same one where the account was woken since.
        if desk.pass != Some(top) || (desk.cursor == NONE && desk.again) {
            (desk.pass, desk.cursor, desk.again) = (Some(top), desk.queues[top as usize].head, false);
        }
        let place = desk.cursor;
        if place == NONE {
            return self.end_pass(account);
        }
        let step = self.take_turn(place, woken);
        if step != Step::Blocked {
            return step;
        }
        let behind = self.ledger.queue.get(place).map_or(NONE, Waiting::following);
        self.ledger.accounts.desk_mut(account).cursor = behind;
        Step::Passed
    }
}

impl Releases<'_> {
    /// A turn takes as many steps as it has effects, if those are more: a question or a lock may end with what moves.
    fn take_turn(&mut self, place: u32, woken: &mut Vec<u32>) -> Step {
        let before = self.out.deferred.len();
        match self.ledger.take_turn(place, woken, self.out) {
            Step::Moved(steps) => Step::Moved(steps.max(self.out.deferred.len() - before)),
            stays => stays,
        }
    }

    fn end_pass(&mut self, account: u32) -> Step {
        if self
            .ledger
            .accounts
            .desk(account)
            .is_some_and(|desk| desk.pass.is_some())
        {
            let desk = self.ledger.accounts.desk_mut(account);
            (desk.pass, desk.again) = (None, false);
        }
        Step::Blocked
    }
}

impl Ledger {
    /// Notes that the queue of an account may be able to move; under risk tests all of its participant's.
    pub(crate) fn wake(&mut self, account: u32) {
        if self.accounts.get(account).tested {
            for own in self.accounts.siblings(account) {
                self.wake_one(own);
            }
        } else {
            self.wake_one(account);
        }
    }

    fn wake_one(&mut self, account: u32) {
        if self.accounts.get(account).queued == 0 || mutated!(NeverRelease) {
            return;
        }
        self.look_again(account);
        self.cascade.wake(account);
    }

    /// If a pass over its queue is under way, another one follows.
    fn look_again(&mut self, account: u32) {
        if self
            .accounts
            .desk(account)
            .is_some_and(|desk| desk.pass.is_some())
        {
            self.accounts.desk_mut(account).again = true;
        }
    }

    /// Notes a credit and releases what it can.
    #[inline]
    pub(crate) fn credited(&mut self, account: u32, out: &mut Outcome) {
        let state = self.accounts.get(account);
        if state.queued != 0 || state.tested {
            self.wake(account);
            self.release(out);
        }
    }

    /// Releases queued payments while the entry's budget lasts; what is left goes on with the next entry.
    pub(crate) fn release(&mut self, out: &mut Outcome) {
        if self.cascade.is_idle() {
            return;
        }
        let mut cascade: Cascade = std::mem::take(&mut self.cascade);
        let budget = self.budget;
        let steps = cascade.run(&mut Releases { ledger: self, out }, budget);
        self.budget = budget.saturating_sub(steps);
        self.cascade = cascade;
    }

    /// The turn of a queued payment, or of its whole chain: settles it if it can.
    fn take_turn(&mut self, place: u32, woken: &mut Vec<u32>, out: &mut Outcome) -> Step {
        let Some(waiting) = self.queue.get(place) else {
            return Step::Blocked;
        };
        let over = self.is_over(&waiting.record) && !mutated!(NeverExpire);
        if waiting.is_trade() {
            return self.take_turn_of_trade(place, woken, out);
        }
        if waiting.chain.is_some() {
            return self.take_turn_of_chain(place, over, woken, out);
        }
        if over {
            self.finish(place, Event::Expire, out);
            return Step::Moved(1);
        }
        let (debtor, creditor, amount, class) =
            (waiting.debtor, waiting.creditor, waiting.amount(), waiting.class);
        let (credits, fx) = (!waiting.is_conditional(), waiting.is_fx());
        let payee = self.accounts.get(creditor);
        if payee.refuses {
            self.finish(place, Event::Suspend, out);
            return Step::Moved(1);
        }
        if fx {
            return self.take_turn_of_fx(place, woken, out);
        }
        let (counterparty, held) = (payee.participant, payee.held);
        let needed = i128::from(amount) - i128::from(mutated!(ReleaseShort));
        if self
            .accounts
            .fits(debtor, class, counterparty, needed, needed)
            .is_err()
        {
            return Step::Blocked;
        }
        if held {
            return Step::Moved(self.seat_together(place, Seat::Party(counterparty), out));
        }
        self.perform(place, out);
        // What is set aside credits nobody yet.
        if credits {
            self.note_credit(creditor, woken);
        }
        Step::Moved(1)
    }

    /// Adds an account to those woken, if something waits there.
    pub(crate) fn note_credit(&mut self, account: u32, woken: &mut Vec<u32>) {
        if self.accounts.get(account).tested {
            for own in self.accounts.siblings(account) {
                self.note_one(own, woken);
            }
        } else {
            self.note_one(account, woken);
        }
    }

    fn note_one(&mut self, account: u32, woken: &mut Vec<u32>) {
        if self.accounts.get(account).queued != 0 && !mutated!(NeverRelease) {
            self.look_again(account);
            woken.push(account);
        }
    }

    /// Settles a payment whose turn came, or sets its amount aside.
    pub(crate) fn perform(&mut self, place: u32, out: &mut Outcome) {
        let Some(waiting) = self.queue.get(place) else {
            return;
        };
        let (debtor, creditor, amount, class) =
            (waiting.debtor, waiting.creditor, waiting.amount(), waiting.class);
        if waiting.is_conditional() {
            self.set_aside_waiting(place, out);
            return;
        }
        let kind = waiting.record.kind;
        self.accounts.settle(debtor, creditor, class, amount);
        self.accrue(debtor, kind, amount);
        self.finish(place, Event::Settle, out);
    }

    /// Takes a payment out of its seat: the end of it, but for what is set aside.
    pub(crate) fn finish(&mut self, place: u32, event: Event, out: &mut Outcome) -> Option<Waiting> {
        let gone = self.take_out(place)?;
        // What is beside the queue joins it before its turn comes.
        let seat = gone.status();
        let joined = if event == Event::Settle {
            next(seat, Event::Join).unwrap_or(seat)
        } else {
            seat
        };
        let status = step(joined, event);
        if status.is_rejected() {
            self.forget_return(&gone.record);
        }
        let settled = status == Status::Settled;
        self.tell(
            &gone,
            status,
            if settled { gone.amount() } else { 0 },
            Audience {
                submitter: true,
                creditor: settled,
                approver: None,
            },
            out,
        );
        Some(gone)
    }

    /// Takes a payment out of queue and calendar.
    pub(crate) fn take_out(&mut self, place: u32) -> Option<Waiting> {
        let gone = self.queue.remove(&mut self.accounts, place)?;
        if gone.seat == Seat::Unmatched {
            self.forget_unmatched(place, &gone);
        }
        if gone.seat == Seat::Window {
            self.leave_window(&gone);
        }
        for (at, due) in Due::all_of(&gone, place) {
            self.due.remove(at, due);
        }
        Some(gone)
    }

    /// Gives an instruction its later status and tells whom it concerns.
    pub(crate) fn tell(
        &mut self,
        waiting: &Waiting,
        status: Status,
        amount: u64,
        told: Audience,
        out: &mut Outcome,
    ) {
        let id = waiting.record.id();
        if told.submitter {
            let known = self.ids.settle(waiting.submitter, id, status, self.index);
            assert!(known, "an instruction that waits is remembered");
        }
        out.deferred.push(Deferred {
            record: waiting.record,
            extensions: waiting.extensions.clone(),
            submitter: waiting.submitter,
            entry: waiting.entry,
            ordinal: waiting.ordinal,
            status,
            amount,
            counter_amount: 0,
            exchange: None,
            told,
        });
    }

    /// Ends a payment, and with it its chain: the others of it break, or, for `all`, end the same way. Returns what
    /// ended.
    pub(crate) fn finish_together(
        &mut self,
        place: u32,
        event: Event,
        all: bool,
        out: &mut Outcome,
    ) -> Vec<Waiting> {
        let places = self.queue.together(place);
        let trade = self.queue.get(place).is_some_and(Waiting::is_trade);
        if trade {
            return self.finish_item(&places, event, out);
        }
        let ended = places.into_iter().filter_map(|other| {
            let own = all || other == place;
            self.finish(other, if own { event } else { Event::BreakChain }, out)
        });
        ended.collect()
    }

    /// The same, and the queues that they left may move. Returns how many ended.
    pub(crate) fn end(&mut self, place: u32, event: Event, all: bool, out: &mut Outcome) -> usize {
        let ended = self.finish_together(place, event, all, out);
        self.wake_left(&ended);
        ended.len()
    }

    /// Wakes the accounts in whose queues these payments stood.
    pub(crate) fn wake_left(&mut self, gone: &[Waiting]) {
        // What stood beside its queue stood before nobody.
        for waiting in gone.iter().filter(|gone| gone.seat == Seat::Queued) {
            self.wake(waiting.debtor);
        }
    }

    /// True if the account's outflow is not stopped and nothing stands before a payment of a class.
    pub(crate) fn may_enter(&self, account: u32, class: Priority) -> bool {
        let state = self.accounts.get(account);
        if state.held || state.suspended {
            return false;
        }
        state.queued == 0
            || mutated!(Overtake)
            || self
                .accounts
                .desk(account)
                .is_none_or(|desk| !desk.stands_before(class))
    }

    /// Approver of a conditional payment.
    pub(crate) fn approver(extensions: &[u8]) -> Option<ParticipantId> {
        let bytes = extension::find(extensions, ExtensionType::Approver)?;
        extension::number(bytes).map(ParticipantId)
    }

    /// Instant of a record's expiry; `None` if it has none.
    pub(crate) fn expiry(record: &Instruction) -> Option<Timestamp> {
        let expires = record.expires_at.get();
        (expires != 0).then(|| Timestamp::from_seconds(expires))
    }
}
