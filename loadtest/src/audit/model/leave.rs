//! How payments leave: their money moves or is set aside, or they end without.
use causeway_message::Status;
use causeway_message::record::Kind;

use super::classes::{Obstacle, Spot, Waiting};
use super::{Caused, Model, Origin, Place};

impl Model {
    /// Moves the money of payments, or sets it aside. Returns what each becomes, and how much moved.
    pub(super) fn execute(&mut self, items: &[Waiting]) -> Vec<(Status, u64)> {
        let mut done = Vec::new();
        for item in items {
            let (place, amount) = (item.place(), item.amount());
            self.reservations.take(place, item.class, amount);
            if item.class == 0 {
                self.limits.count(place, item.creditor(), i128::from(amount));
            }
            if item.record().kind == Kind::Conditional as u8 {
                self.put_aside(item);
                done.push((Status::SetAside, 0));
            } else {
                self.move_money(place, item.creditor(), amount, item.record().kind);
                done.push((Status::Settled, amount));
            }
        }
        done
    }

    /// Money moves for an instruction of this kind.
    pub(super) fn move_money(&mut self, from: Place, creditor: u32, amount: u64, kind: u8) {
        self.post(from, creditor, amount, kind);
        self.wake((creditor, from.1));
    }

    /// The same while nobody is woken yet.
    pub(super) fn post(&mut self, from: Place, creditor: u32, amount: u64, kind: u8) {
        let to = (creditor, from.1);
        self.money.transfer(from, to, amount);
        self.credited(to);
        self.limits.receive(to, from.0, amount);
        self.fees.accrue(from, kind, amount);
    }

    /// Payments that waited settle, or their money is set aside.
    pub(super) fn settle_later(&mut self, items: &[Waiting], caused: &mut Caused) {
        for item in items {
            self.take(item.origin);
        }
        let done = self.execute(items);
        for (item, (status, amount)) in items.iter().zip(done) {
            self.tell_later(item, status, amount, caused);
        }
        self.wake_debited(items);
    }

    /// Payments that waited end without their money having moved: one was meant, and the others go with it.
    pub(super) fn end_chain(
        &mut self,
        items: &[Waiting],
        culprit: Obstacle,
        others: Status,
        caused: &mut Caused,
    ) {
        for (place, item) in items.iter().enumerate() {
            self.take(item.origin);
            if item.record().kind == Kind::Return as u8 {
                self.returns.end(item.record(), item.origin);
            }
            let status = if place == culprit.0 { culprit.1 } else { others };
            self.tell_later(item, status, 0, caused);
        }
        self.wake_debited(items);
    }

    /// The payment at this place ends, and its chain with it.
    pub(super) fn end_with_chain(
        &mut self,
        origin: Origin,
        status: Status,
        others: Status,
        caused: &mut Caused,
    ) {
        let items = self.chain_of(origin);
        if let Some(culprit) = items.iter().position(|item| item.origin == origin) {
            self.end_chain(&items, (culprit, status), others, caused);
        }
    }

    /// Payments left their queues: what stood behind them may move. The account whose turn it is goes on anyway.
    pub(super) fn wake_debited(&mut self, items: &[Waiting]) {
        let queued = items.iter().filter(|item| item.spot == Spot::Queue);
        for item in queued {
            if self.turn != Some(item.place()) {
                self.wake(item.place());
            }
        }
    }
}
