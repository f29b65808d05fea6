//! Trades (PROTOCOL §23.1): an instruction of kind 11 is judged, finds its other side or waits for it, and both legs
//! move, or none.
use causeway_message::action::Phase;
use causeway_message::event::Role;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::Kind;
use causeway_message::time::Timestamp;
use causeway_message::{ParticipantId, Status};

use super::classes::{Placed, Spot, Waiting};
use super::tell::{Told, tell};
use super::{Caused, Key, Model, Origin};
use crate::audit::input::Paper;

/// Instructions of one participant against another that may stay unmatched.
const UNMATCHED: usize = 4_096;

fn refuse(broken: bool, status: Status) -> Result<(), Status> {
    if broken { Err(status) } else { Ok(()) }
}

/// The own instruction that a record takes the place of.
fn replaced(who: ParticipantId, paper: &Paper) -> Option<Key> {
    let named = extension::find(&paper.extensions, ExtensionType::Replaces).and_then(extension::id)?;
    Some((who, named))
}

impl Model {
    /// What stands against an instruction of kind 11 whose form holds.
    pub(super) fn judge_trade(&self, who: ParticipantId, paper: &Paper) -> Result<(), Status> {
        let record = &paper.record;
        let (debtor, creditor) = (record.debtor.get(), record.creditor.get());
        let currencies = [record.currency.get(), record.counter_currency.get()];
        refuse(debtor != who.0, Status::NotAuthorised)?;
        let amounts = [record.amount.get(), record.counter_amount.get()];
        refuse(amounts.contains(&0), Status::AmountZero)?;
        refuse(debtor == creditor, Status::SameParty)?;
        for currency in currencies {
            self.judge_currency(currency)?;
        }
        let lacks = |who: u32| {
            currencies
                .iter()
                .any(|currency| self.money.get((who, *currency)).is_none())
        };
        refuse(lacks(debtor), Status::DebtorUnknown)?;
        refuse(lacks(creditor), Status::CreditorUnknown)?;
        refuse(self.is_suspended(debtor), Status::DebtorSuspended)?;
        self.judge_payee(creditor)?;
        let before = replaced(who, paper);
        if let Some(own) = before {
            self.judge_replaced(own, creditor)?;
        }
        let date = u64::from(record.value_date.get());
        let late = |currency: &u16| {
            self.business_date(*currency) == date && self.days.phase(*currency) != Phase::Open
        };
        refuse(currencies.iter().any(late), Status::RejectedCutOff)?;
        let over = |currency: &u16| date < self.business_date(*currency);
        refuse(currencies.iter().any(over), Status::ValueDateClosed)?;
        let days = |currency: &u16| self.has_day_of_trade(*currency, record.value_date.get());
        refuse(!currencies.iter().all(days), Status::ValueDateClosed)?;
        let end = record.expires_at.get();
        let ended = end != 0 && self.has_come(Timestamp::from_seconds(end));
        refuse(ended, Status::Expired)?;
        refuse(!self.has_effects_left(), Status::EntryFull)?;
        // What it takes the place of leaves, and makes room.
        let leaves = usize::from(before.is_some());
        refuse(!self.has_place_for(1 - leaves), Status::QueueFull)?;
        let full = self.unmatched.count(debtor, creditor) - leaves >= UNMATCHED;
        let stays = || {
            let item = Waiting::new(paper, who, (self.index, 0), Vec::new());
            self.counterpart(&item).is_none()
        };
        refuse(full && stays(), Status::TooManyUnmatched)
    }

    /// The instruction that another takes the place of is unmatched, and against the same participant.
    fn judge_replaced(&self, own: Key, creditor: u32) -> Result<(), Status> {
        refuse(self.status_of(own).is_none(), Status::OriginalUnknown)?;
        let waits = self.waiting_of(own);
        let alike = waits.is_none_or(|item| item.is_trade() && item.creditor() == creditor);
        refuse(!alike, Status::OriginalMismatch)?;
        let open = waits.is_some_and(|item| {
            item.spot == Spot::Unmatched && item.end().is_none_or(|end| !self.has_come(end))
        });
        refuse(!open, Status::NotWaiting)
    }

    /// An instruction that broke no rule arrives: it waits for its other side, or makes the trade.
    pub(super) fn arrive(
        &mut self,
        who: ParticipantId,
        paper: &Paper,
        origin: Origin,
        caused: &mut Caused,
    ) -> Placed {
        let before = replaced(who, paper).and_then(|own| self.waiting_of(own).map(|item| item.origin));
        if let Some(before) = before {
            self.end_trade(before, Status::Amended, caused);
        }
        let mut item = Waiting::new(paper, who, origin, vec![origin]);
        item.spot = Spot::Unmatched;
        let Some(other) = self.counterpart(&item) else {
            let whom = (Role::Creditor, paper.creditor());
            tell(&mut caused.later, paper, origin, whom, Status::Alleged, 0);
            self.effects += 1;
            self.unmatched.insert(&item);
            self.due.extend(item.dues());
            return self.wait(item, Spot::Unmatched, false);
        };
        let Some(mut first) = self.lift(other) else {
            return (Status::Unmatched, 0);
        };
        self.unmatched.remove(&first);
        first.links = vec![other, origin];
        item.links.clone_from(&first.links);
        let items = [first, item];
        if self.may_enter(&items) {
            for due in items[0].dues() {
                self.due.remove(&due);
            }
            self.settle_trade(&items, caused);
            return (Status::Settled, 0);
        }
        let spot = if self.is_ready(&items[0]) {
            Spot::Queue
        } else {
            Spot::Beside
        };
        let [first, item] = items;
        self.tell_side(&first, Status::Matched, (0, 0), caused);
        self.due.extend(item.dues());
        self.wait(first, spot, false);
        self.wait(item, spot, false);
        (Status::Matched, 0)
    }

    /// The value date has come in both currencies, and neither is closed.
    pub(super) fn is_ready(&self, item: &Waiting) -> bool {
        let record = item.record();
        let date = u64::from(record.value_date.get());
        [record.currency.get(), record.counter_currency.get()]
            .into_iter()
            .all(|currency| self.business_date(currency) == date && !self.days.is_closed(currency))
    }

    /// Both legs settle on entry, or as a trade that becomes ready.
    pub(super) fn may_enter(&self, items: &[Waiting]) -> bool {
        self.is_ready(&items[0]) && self.way(items).is_ok() && self.tests_pass(items)
    }

    /// A trade is tried in the turn of one of its accounts: it ends, settles, or stays (false).
    pub(super) fn trade_may_move(&mut self, items: &[Waiting], caused: &mut Caused) -> bool {
        if self.is_over(items) {
            self.end_trade(items[0].origin, Status::Expired, caused);
            return true;
        }
        let first_in_both = items.iter().all(|item| self.is_its_turn(item));
        let settles =
            first_in_both && self.is_ready(&items[0]) && self.fit(items).is_ok() && self.tests_pass(items);
        if settles {
            self.settle_trade(items, caused);
        }
        settles
    }

    /// The end of one of these has come.
    pub(super) fn is_over(&self, items: &[Waiting]) -> bool {
        items
            .iter()
            .any(|item| item.end().is_some_and(|end| self.has_come(end)))
    }

    /// Both legs move, the earlier one's first.
    pub(super) fn settle_trade(&mut self, items: &[Waiting], caused: &mut Caused) {
        self.end_questions_about(items, caused);
        for item in items {
            self.take(item.origin);
        }
        self.execute(items);
        self.wake_debited(items);
        for (item, other) in items.iter().zip(items.iter().rev()) {
            let moved = (item.amount(), other.amount());
            self.tell_side(item, Status::Settled, moved, caused);
        }
    }

    /// An instruction ends without having settled, and with it the other side of its trade, if there is one.
    pub(super) fn end_trade(&mut self, origin: Origin, status: Status, caused: &mut Caused) {
        let items = self.chain_of(origin);
        if status != Status::Withdrawn {
            self.end_questions_about(&items, caused);
        }
        for item in &items {
            self.take(item.origin);
            self.tell_side(item, status, (0, 0), caused);
            if item.spot == Spot::Unmatched {
                self.unmatched.remove(item);
                let whom = (Role::Creditor, ParticipantId(item.creditor()));
                tell(&mut caused.later, &item.paper, item.origin, whom, status, 0);
            }
        }
        self.wake_debited(&items);
    }

    /// A party is told what became of its own side, what it paid and what it got.
    pub(super) fn tell_side(
        &mut self,
        item: &Waiting,
        status: Status,
        moved: (u64, u64),
        caused: &mut Caused,
    ) {
        let (who, id) = item.key();
        self.memory.change(who, id, (status, moved.0), self.index);
        self.effects += 1;
        caused.later.push(Told {
            whom: who,
            role: Role::Debtor,
            paper: item.paper.clone(),
            origin: item.origin,
            status,
            amount: moved.0,
            counter: moved.1,
            exchange: None,
        });
    }

    /// True if this names a side of a trade that waits.
    pub(super) fn is_trade(&self, key: Key) -> bool {
        self.waiting_of(key)
            .is_some_and(|item| item.record().kind == Kind::Pvp as u8)
    }
}
