//! Reservations (PROTOCOL §22.2): money kept for a class and those above it.
use std::collections::BTreeMap;

use causeway_message::record::Instruction;

use super::{Model, Place};

/// What is kept.
#[derive(Debug, Clone, Copy, Default)]
struct Reservation {
    amount: u64,
    left: u64,
}

/// Reservations by account and class.
#[derive(Debug, Default)]
pub(super) struct Reservations(BTreeMap<(Place, u8), Reservation>);

impl Reservations {
    /// What is left of the reservation for a class.
    pub fn left(&self, place: Place, class: u8) -> u64 {
        self.0.get(&(place, class)).map_or(0, |own| own.left)
    }

    /// A payment of the class settled, or its money was set aside.
    pub fn take(&mut self, place: Place, class: u8, amount: u64) {
        if let Some(own) = self.0.get_mut(&(place, class)) {
            own.left = own.left.saturating_sub(amount);
        }
    }

    /// An account has no reservations any more.
    pub fn end(&mut self, place: Place) {
        self.0.retain(|(of, _), _| *of != place);
    }

    /// The currency of an account closed: reservations are whole again.
    pub fn restore(&mut self, place: Place) {
        for (_, own) in self.0.iter_mut().filter(|((of, _), _)| *of == place) {
            own.left = own.amount;
        }
    }
}

impl Model {
    /// Sets a reservation, or ends it (kind 9). True if it is set above what is free.
    pub(super) fn set_reservation(&mut self, record: &Instruction) -> bool {
        let place = (record.debtor.get(), record.currency.get());
        let (key, amount) = ((place, record.priority), record.amount.get());
        if amount == 0 {
            self.reservations.0.remove(&key);
        } else {
            self.reservations
                .0
                .insert(key, Reservation { amount, left: amount });
        }
        self.wake(place);
        let free = self.free(place);
        // One that ends is above nothing.
        amount > 0 && i128::from(amount) > free
    }
}
