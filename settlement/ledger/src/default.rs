//! What ends when the default of a member is confirmed, kind by kind, some in each entry.
use std::ops::Bound;

use causeway_message::action::DefaultState;
use causeway_message::{InstructionId, ParticipantId, Status, mutated};

use crate::apply::Ledger;
use crate::desk::Reservation;
use crate::lifecycle::Event;
use crate::outcome::Outcome;
use crate::queue::{Origin, Waiting};
use crate::sweep::Sweep;

/// What is looked at, and what of it was looked at last. In this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Its queues: the currency that is looked at next, in order of opening.
    Queues { book: u32 },
    /// Trades of it and against it.
    Trades { last: Option<Origin> },
    /// What it pays or is paid and stands beside the queues.
    Aside { last: Option<Origin> },
    /// Locks that it asked for or provides for, by number.
    Locks { last: Option<u64> },
    /// Its quotes.
    Quotes,
    /// Questions that it asked, or that were put to it.
    Questions {
        last: Option<(ParticipantId, InstructionId)>,
    },
    /// What its accounts keep and allow.
    Accounts { book: u32 },
}

/// What comes behind the last one, or from the begin on.
fn behind<K>(last: Option<K>) -> (Bound<K>, Bound<K>) {
    (last.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded)
}

impl Ledger {
    /// The next step of a confirmed default: what it took, and where it stands then.
    pub(crate) fn default_one(
        &mut self,
        participant: u32,
        stage: Ending,
        out: &mut Outcome,
    ) -> (usize, Option<Sweep>) {
        let (steps, next) = match stage {
            Ending::Queues { book } => self.end_own_queue(participant, book, out),
            Ending::Trades { last } => self.end_own_trade(participant, last, out),
            Ending::Aside { last } => self.end_own_aside(participant, last, out),
            Ending::Locks { last } => self.end_own_lock(participant, last, out),
            Ending::Quotes => self.end_own_quotes(participant),
            Ending::Questions { last } => self.end_own_question(participant, last, out),
            Ending::Accounts { book } => self.clear_account(participant, book),
        };
        (steps, next.map(|stage| Sweep::Default { participant, stage }))
    }

    fn end_own_queue(&mut self, participant: u32, book: u32, out: &mut Outcome) -> (usize, Option<Ending>) {
        if book as usize >= self.accounts.books().len() {
            return (0, Some(Ending::Trades { last: None }));
        }
        let next = Some(Ending::Queues { book: book + 1 });
        let Some(account) = self.accounts.find(participant, book as usize) else {
            return (0, next);
        };
        let desk = self.accounts.desk(account).filter(|_| !mutated!(KeepsDefaulted));
        match desk.and_then(|desk| Some(desk.queues[desk.top()? as usize].head)) {
            Some(head) => (
                self.end(head, Event::Default, true, out),
                Some(Ending::Queues { book }),
            ),
            None => (1, next),
        }
    }

    fn end_own_trade(
        &mut self,
        participant: u32,
        last: Option<Origin>,
        out: &mut Outcome,
    ) -> (usize, Option<Ending>) {
        let place = self.queue.trade_after(last);
        let Some((place, waiting)) = place.and_then(|place| Some((place, self.queue.get(place)?))) else {
            return (0, Some(Ending::Aside { last: None }));
        };
        let last = Some(waiting.origin());
        let steps = if names(waiting, participant) && !mutated!(KeepsDefaulted) {
            self.end(place, Event::Default, true, out)
        } else {
            1
        };
        (steps, Some(Ending::Trades { last }))
    }

    fn end_own_aside(
        &mut self,
        participant: u32,
        last: Option<Origin>,
        out: &mut Outcome,
    ) -> (usize, Option<Ending>) {
        let place = self.queue.aside_after(last);
        let Some((place, waiting)) = place.and_then(|place| Some((place, self.queue.get(place)?))) else {
            return (0, Some(Ending::Locks { last: None }));
        };
        let last = Some(waiting.origin());
        let chain = self.queue.together(place).into_iter();
        let mut chain = chain.filter_map(|place| self.queue.get(place));
        let steps = if chain.any(|waiting| names(waiting, participant)) {
            self.end(place, Event::Default, true, out)
        } else {
            1
        };
        (steps, Some(Ending::Aside { last }))
    }

    fn end_own_lock(
        &mut self,
        participant: u32,
        last: Option<u64>,
        out: &mut Outcome,
    ) -> (usize, Option<Ending>) {
        let Some((number, lock)) = self.market.locks.range(behind(last)).next() else {
            return (0, Some(Ending::Quotes));
        };
        let number = *number;
        let provides = lock.kept.iter().any(|kept| kept.provider == participant);
        if provides || lock.asked.submitter.0 == participant {
            self.give_up_lock(number, Event::Default, out);
        }
        (1, Some(Ending::Locks { last: Some(number) }))
    }

    fn end_own_quotes(&mut self, participant: u32) -> (usize, Option<Ending>) {
        let (first, last) = (InstructionId([0; 16]), InstructionId([u8::MAX; 16]));
        let own = self
            .market
            .by_id
            .range((participant, first)..=(participant, last));
        let numbers: Vec<u64> = own.map(|(_, number)| *number).collect();
        for number in numbers {
            if let Some(quote) = self.market.quotes.withdraw(number) {
                self.forget_quote(number, participant, (quote.base, quote.counter));
            }
        }
        (1, Some(Ending::Questions { last: None }))
    }

    fn end_own_question(
        &mut self,
        participant: u32,
        last: Option<(ParticipantId, InstructionId)>,
        out: &mut Outcome,
    ) -> (usize, Option<Ending>) {
        let Some((key, question)) = self.questions.range(behind(last)).next() else {
            return (0, Some(Ending::Accounts { book: 0 }));
        };
        let key = *key;
        if names(&question.asked, participant) {
            self.end_question(key, Status::Defaulted, out);
        }
        (1, Some(Ending::Questions { last: Some(key) }))
    }

    fn clear_account(&mut self, participant: u32, book: u32) -> (usize, Option<Ending>) {
        if book as usize >= self.accounts.books().len() {
            return (0, None);
        }
        let next = Some(Ending::Accounts { book: book + 1 });
        let Some(account) = self.accounts.find(participant, book as usize) else {
            return (0, next);
        };
        if self.accounts.desk(account).is_some() {
            let desk = self.accounts.desk_mut(account);
            desk.reservations = [Reservation::default(); 2];
            desk.others = None;
            desk.bilateral.clear();
        }
        if self.accounts.credit.contains_key(&account) {
            self.accounts.change_credit(account, |credit| credit.limit = 0);
        }
        (1, next)
    }

    /// True if the default of one of those who pay these is confirmed.
    pub(crate) fn are_of_defaulted(&self, places: &[u32]) -> bool {
        let waiting = places.iter().filter_map(|place| self.queue.get(*place));
        let mut payers = waiting.map(|waiting| self.accounts.get(waiting.debtor));
        payers.any(|payer| {
            payer.suspended && self.default_of(ParticipantId(payer.participant)) == DefaultState::Confirmed
        })
    }
}

/// True if a participant pays it or is paid.
fn names(waiting: &Waiting, participant: u32) -> bool {
    waiting.record.debtor.get() == participant || waiting.record.creditor.get() == participant
}
