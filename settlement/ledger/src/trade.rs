//! Trades: two instructions that match settle both legs or none, and wait as one item until they can.
use causeway_message::action::Phase;
use causeway_message::record::Instruction;
use causeway_message::{InstructionId, ParticipantId, Status, mutated};
use causeway_netting::Step;
use causeway_netting::matching::{Leg, Terms};

use crate::account::{NONE, Short};
use crate::apply::Ledger;
use crate::chain::Part;
use crate::lifecycle::{Event, step};
use crate::outcome::{Audience, Deferred, Outcome};
use crate::queue::{Seat, Waiting};

/// The currencies of both legs, the one that the submitter pays first.
pub(crate) fn currencies(record: &Instruction) -> [u16; 2] {
    [record.currency.get(), record.counter_currency.get()]
}

/// What a judged record says of its trade.
pub(crate) fn terms(record: &Instruction, extensions: &[u8]) -> Terms {
    use causeway_message::extension::{ExtensionType, amount, find};
    let leg = |currency, amount| Leg { currency, amount };
    Terms {
        party: if mutated!(AnyCounterparty) {
            0
        } else {
            record.debtor.get()
        },
        counterparty: if mutated!(AnyCounterparty) {
            0
        } else {
            record.creditor.get()
        },
        value_date: record.value_date.get(),
        pays: leg(record.currency.get(), record.amount.get()),
        gets: leg(record.counter_currency.get(), record.counter_amount.get()),
        reference: if mutated!(IgnoreReference) {
            [0; 16]
        } else {
            record.related
        },
        tolerance: find(extensions, ExtensionType::Tolerance)
            .and_then(amount)
            .map(|within| within.saturating_add(u64::from(mutated!(WideTolerance)))),
    }
}

impl Ledger {
    /// True if both currencies are at the value date, and neither is closed.
    pub(crate) fn is_ready(&self, record: &Instruction) -> bool {
        let date = u64::from(record.value_date.get());
        currencies(record).into_iter().all(|currency| {
            (self.date_of(currency) == date || mutated!(SettlesBeforeValueDate))
                && self.phase(currency) != Phase::Closed
        })
    }

    /// True if a business date has passed the value date.
    fn has_passed(&self, record: &Instruction) -> bool {
        let date = u64::from(record.value_date.get());
        currencies(record)
            .into_iter()
            .any(|currency| date < self.date_of(currency))
    }

    /// True if the end of the instruction, or of a matched one either side's, is over.
    pub(crate) fn is_item_over(&self, place: u32) -> bool {
        let mut places = self.queue.together(place).into_iter();
        places.any(|place| {
            self.queue
                .get(place)
                .is_some_and(|waiting| self.is_over(&waiting.record))
        })
    }

    /// Whether both legs would settle as payments of their accounts alone, and whoever is under risk tests passes them.
    pub(crate) fn legs_fit(&self, legs: &[Part]) -> Result<(), (usize, Short)> {
        for (at, leg) in legs.iter().enumerate() {
            let counterparty = self.accounts.get(leg.creditor).participant;
            let amount = i128::from(leg.amount);
            let fits = if self.accounts.get(leg.debtor).tested {
                self.accounts
                    .within_limit(leg.debtor, leg.class, counterparty, amount)
            } else {
                self.accounts
                    .fits(leg.debtor, leg.class, counterparty, amount, amount)
            };
            fits.map_err(|short| (at, short))?;
        }
        let moves = |leg: &Part| {
            let amount = i128::from(leg.amount);
            [(leg.debtor, -amount), (leg.creditor, amount)]
        };
        let changes: Vec<(u32, i128)> = legs.iter().flat_map(moves).collect();
        for (at, leg) in legs.iter().enumerate() {
            let party = self.accounts.get(leg.debtor);
            if party.tested && !(at > 0 && mutated!(TestsOneSide)) {
                self.accounts
                    .judge_tests(party.participant, &changes)
                    .map_err(|test| (at, Short::Test(test)))?;
            }
        }
        Ok(())
    }

    /// True if the item may settle now, with nothing of its class or a higher one before either leg.
    pub(crate) fn may_settle_at_once(&self, record: &Instruction, legs: &[Part]) -> bool {
        self.is_ready(record)
            && legs.iter().all(|leg| self.may_enter(leg.debtor, leg.class))
            && self.legs_fit(legs).is_ok()
    }

    /// Moves both legs, that of the earlier instruction first.
    pub(crate) fn move_legs(&mut self, kind: u8, legs: &[Part]) {
        let left_out = usize::from(mutated!(OneLeg));
        for leg in legs.iter().skip(left_out) {
            self.accounts
                .settle_leg(leg.debtor, leg.creditor, leg.class, leg.amount);
            self.accrue(leg.debtor, kind, leg.amount);
        }
    }

    /// The turn of a trade came in one of the accounts it debits.
    pub(crate) fn take_turn_of_trade(&mut self, place: u32, woken: &mut Vec<u32>, out: &mut Outcome) -> Step {
        let places = self.queue.together(place);
        let legs = self.parts_of(&places);
        let Some(waiting) = self.queue.get(place) else {
            return Step::Blocked;
        };
        let (own, record) = (waiting.debtor, waiting.record);
        if self.is_item_over(place) && !mutated!(NeverExpire) {
            self.finish_together(place, Event::Expire, true, out);
            self.note_others(own, &legs, woken);
            return Step::Moved(places.len());
        }
        let first = legs.iter().all(|leg| self.is_first(leg, &places)) || mutated!(TradeOvertakes);
        if !first || !self.is_ready(&record) || self.legs_fit(&legs).is_err() {
            return Step::Blocked;
        }
        self.settle_trade(place, out);
        legs.iter().for_each(|leg| self.note_credit(leg.creditor, woken));
        self.note_others(own, &legs, woken);
        Step::Moved(places.len())
    }

    /// Settles an item that was judged.
    fn settle_trade(&mut self, place: u32, out: &mut Outcome) {
        let legs = self.parts_of(&self.queue.together(place));
        let kind = self.queue.get(place).map_or(0, |waiting| waiting.record.kind);
        self.move_legs(kind, &legs);
        self.finish_together(place, Event::Settle, true, out);
    }

    /// A matched trade that is ready leaves its place beside the queues.
    fn join_trade(&mut self, place: u32, out: &mut Outcome) {
        let places = self.queue.together(place);
        let legs = self.parts_of(&places);
        let Some(record) = self.queue.get(place).map(|waiting| waiting.record) else {
            return;
        };
        if self.may_settle_at_once(&record, &legs) {
            self.settle_trade(place, out);
            legs.iter().for_each(|leg| self.wake(leg.creditor));
        } else {
            for place in &places {
                self.queue.seat(&mut self.accounts, *place, Seat::Queued);
            }
            legs.iter().for_each(|leg| self.wake(leg.debtor));
        }
    }

    /// Looks at an instruction when a date may have changed.
    pub(crate) fn review_trade(&mut self, place: u32, out: &mut Outcome) {
        let Some(waiting) = self.queue.get(place) else {
            return;
        };
        let (record, seat) = (waiting.record, waiting.seat);
        if self.has_passed(&record) {
            self.end_at_close(place, out);
        } else if seat == Seat::ValueDate && self.is_ready(&record) {
            if self.is_item_over(place) {
                self.end(place, Event::Expire, true, out);
            } else {
                self.join_trade(place, out);
            }
        }
    }

    /// True if the close of a currency ends this instruction where it stands.
    pub(crate) fn ends_with(&self, waiting: &Waiting, currency: u16) -> bool {
        currencies(&waiting.record).contains(&currency)
            && u64::from(waiting.record.value_date.get()) <= self.date_of(currency)
    }

    /// Ends the questions about the sides of an item, which reaches its end otherwise.
    pub(crate) fn end_questions_about(&mut self, places: &[u32], out: &mut Outcome) {
        if self.questions.is_empty() || mutated!(QuestionStays) {
            return;
        }
        for place in places {
            let Some(waiting) = self.queue.get(*place) else {
                continue;
            };
            let (submitter, id) = (waiting.submitter, waiting.record.id());
            if let Some(question) = self.question_about(submitter, id) {
                self.end_question((submitter, question), Status::NotWaiting, out);
            }
        }
    }

    /// Id of the cancel by which a participant asked to withdraw its side, its time over or not.
    pub(crate) fn question_about(&self, who: ParticipantId, id: InstructionId) -> Option<InstructionId> {
        let found = self.questions_of(who).find(|question| question.original == id);
        found.map(|question| question.asked.record.id())
    }

    /// The end of an unmatched instruction, or of both sides of a trade, before which open questions about it end.
    pub(crate) fn finish_item(&mut self, places: &[u32], event: Event, out: &mut Outcome) -> Vec<Waiting> {
        self.end_questions_about(places, out);
        let gone: Vec<Waiting> = places.iter().filter_map(|place| self.take_out(*place)).collect();
        for (at, side) in gone.iter().enumerate() {
            let other = gone.get(1 - at.min(1)).map_or(0, Waiting::amount);
            self.finish_trade(side, event, other, out);
        }
        gone
    }

    /// The end of one side that was taken out of its place.
    pub(crate) fn finish_trade(&mut self, gone: &Waiting, event: Event, other: u64, out: &mut Outcome) {
        let status = step(gone.status(), event);
        let settled = status == Status::Settled;
        let told = Audience {
            submitter: true,
            creditor: gone.seat == Seat::Unmatched,
            approver: None,
        };
        self.tell(gone, status, if settled { gone.amount() } else { 0 }, told, out);
        if let (true, Some(deferred)) = (settled, out.deferred.last_mut()) {
            deferred.counter_amount = other;
        }
    }

    /// Tells the counterparty that there is an instruction against it.
    pub(crate) fn allege(&self, waiting: &Waiting, out: &mut Outcome) {
        if mutated!(NeverAlleged) {
            return;
        }
        let creditor = true;
        out.deferred.push(Deferred {
            status: Status::Alleged,
            told: Audience {
                creditor,
                ..Audience::default()
            },
            ..deferred_of(waiting)
        });
    }

    /// Keeps an unmatched instruction where its match will be looked for.
    pub(crate) fn keep_unmatched(&mut self, place: u32) {
        if let Some(waiting) = self.queue.get(place) {
            let pair = (waiting.submitter.0, waiting.record.creditor.get());
            self.matcher
                .keep(place, &terms(&waiting.record, &waiting.extensions));
            *self.unmatched.entry(pair).or_insert(0) += 1;
        }
    }

    /// An unmatched instruction is no longer looked for.
    pub(crate) fn forget_unmatched(&mut self, place: u32, waiting: &Waiting) {
        let known = self.matcher.withdraw(place);
        assert!(known, "an unmatched instruction is kept by the matcher");
        let pair = (waiting.submitter.0, waiting.record.creditor.get());
        let left = self
            .unmatched
            .get(&pair)
            .map_or(0, |count| count.saturating_sub(1));
        if left == 0 {
            self.unmatched.remove(&pair);
        } else {
            self.unmatched.insert(pair, left);
        }
    }
}

/// What is told of an instruction, before it is said what and whom.
pub(crate) fn deferred_of(waiting: &Waiting) -> Deferred {
    Deferred {
        record: waiting.record,
        extensions: waiting.extensions.clone(),
        submitter: waiting.submitter,
        entry: waiting.entry,
        ordinal: waiting.ordinal,
        status: waiting.status(),
        amount: 0,
        counter_amount: 0,
        exchange: None,
        told: Audience::default(),
    }
}

/// The other side of a matched item.
pub(crate) fn other_of(places: &[u32], place: u32) -> u32 {
    places
        .iter()
        .copied()
        .find(|other| *other != place)
        .unwrap_or(NONE)
}
