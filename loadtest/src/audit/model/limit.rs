//! Sender limits (PROTOCOL §22.2), and whether payments fit into funds and limits.
use std::collections::BTreeMap;

use causeway_message::Status;
use causeway_message::record::{Instruction, flags};

use super::classes::{Obstacle, Waiting};
use super::{Model, Place};

/// A sender limit.
#[derive(Debug, Clone, Default)]
struct Limit {
    amount: u64,
    /// Normal payments towards those it is against, less what they paid.
    used: i128,
}

/// All sender limits: of an account against one participant, or against itself, which is against all others.
#[derive(Debug, Default)]
pub(super) struct Limits(BTreeMap<(Place, u32), Limit>);

impl Limits {
    /// The limit that stands between an account and a participant: its own, or that against all others.
    pub fn against(&self, place: Place, whom: u32) -> Option<(Place, u32)> {
        [(place, whom), (place, place.0)]
            .into_iter()
            .find(|key| self.0.contains_key(key))
    }

    /// The limits of an account: whom each is against, and how much it leaves.
    pub fn rooms(&self, place: Place) -> Vec<(u32, i128)> {
        let own = self.0.iter().filter(|((of, _), _)| *of == place);
        own.map(|((_, against), limit)| (*against, i128::from(limit.amount) - limit.used))
            .collect()
    }

    fn of(&mut self, place: Place, whom: u32) -> Option<&mut Limit> {
        let key = self.against(place, whom)?;
        self.0.get_mut(&key)
    }

    /// Counts a normal payment that settled, or was set aside; with a negative amount, what was given back.
    pub fn count(&mut self, place: Place, whom: u32, amount: i128) {
        if let Some(limit) = self.of(place, whom) {
            limit.used += amount;
        }
    }

    /// A payment settled the other way.
    pub fn receive(&mut self, place: Place, from: u32, amount: u64) {
        if let Some(limit) = self.of(place, from) {
            limit.used -= i128::from(amount);
        }
    }

    /// An account has no limits any more.
    pub fn end(&mut self, place: Place) {
        self.0.retain(|(of, _), _| *of != place);
    }

    /// The currency of an account closed: nothing is used.
    pub fn reset(&mut self, place: Place) {
        for (_, limit) in self.0.iter_mut().filter(|((of, _), _)| *of == place) {
            limit.used = 0;
        }
    }
}

/// What records of a chain before took already.
#[derive(Default)]
struct Taken {
    spent: BTreeMap<Place, i128>,
    reserved: BTreeMap<(Place, u8), i128>,
    used: BTreeMap<(Place, u32), i128>,
}

impl Model {
    /// Sets a limit, or removes it (kind 8). True if it is set below its use.
    pub(super) fn set_limit(&mut self, record: &Instruction) -> bool {
        let place = (record.debtor.get(), record.currency.get());
        let key = (place, record.creditor.get());
        if record.flags.get() & flags::DECLINE != 0 {
            self.limits.0.remove(&key);
        } else {
            self.limits.0.entry(key).or_default().amount = record.amount.get();
        }
        self.wake(place);
        let limit = self.limits.0.get(&key);
        limit.is_some_and(|limit| i128::from(limit.amount) < limit.used)
    }

    /// Whether records fit one after the other, counting those before; else the first that does not, and why.
    pub(super) fn fit(&self, items: &[Waiting]) -> Result<(), Obstacle> {
        let mut taken = Taken::default();
        for (number, item) in items.iter().enumerate() {
            let (place, amount) = (item.place(), i128::from(item.amount()));
            let left: i128 = (item.class + 1..=2)
                .map(|class| {
                    let gone = taken.reserved.get(&(place, class)).copied().unwrap_or(0);
                    (i128::from(self.reservations.left(place, class)) - gone).max(0)
                })
                .sum();
            // Parties under risk tests pass those instead.
            let tested = item.is_trade() && self.risk.is_tested(place.0);
            if !tested && self.free_after(place, &taken.spent) - left < amount {
                return Err((number, Status::InsufficientLiquidity));
            }
            *taken.spent.entry(place).or_default() += amount;
            *taken.reserved.entry((place, item.class)).or_default() += amount;
            let limit = self
                .limits
                .against(place, item.creditor())
                .filter(|_| item.class == 0);
            if let Some(key) = limit {
                let used = taken.used.entry(key).or_default();
                *used += amount;
                let own = self
                    .limits
                    .0
                    .get(&key)
                    .map_or((0, 0), |limit| (limit.used, limit.amount));
                if own.0 + *used > i128::from(own.1) {
                    return Err((number, Status::LimitExceeded));
                }
            }
        }
        Ok(())
    }
}
