//! What a holder sets for its own account: sender limits and reservations, counted here a second time.
//!
//! Within an entry nobody is told whether a payment that waited moved before a limit was set or after it; such a
//! limit is not judged until its account begins anew.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::Status;
use causeway_message::record::{Kind, flags};

use super::seen::{Mark, Seen};
use super::{Key, Tally};
use crate::audit::fault::{Fault, Rule, hold};
use crate::audit::model::Place;

/// A sender limit and what is used of it.
#[derive(Debug, Clone, Default)]
struct Limit {
    amount: u64,
    used: i128,
    unsure: bool,
}

/// A reservation and what is left of it.
#[derive(Debug, Clone, Copy, Default)]
struct Reserved {
    amount: u64,
    left: u64,
    unsure: bool,
}

/// Limits and reservations, and what the entry under way did under them.
#[derive(Debug, Default)]
pub struct OwnLimits {
    limits: BTreeMap<(Place, u32), Limit>,
    reserved: BTreeMap<(Place, u8), Reserved>,
    /// Normal payments whose money is set aside and counted.
    asides: BTreeMap<Key, Place>,
    /// Set in the entry under way.
    set: BTreeSet<Place>,
    /// Moved in the entry under way by what waited, or from outside.
    moved: BTreeSet<Place>,
    /// Drawn on by normal payments in the entry under way, and by others.
    drawn: BTreeSet<(Place, u32)>,
    higher: BTreeSet<Place>,
}

/// True if a payment settles, or is set aside: what is released of it later counts no more.
fn counts(mark: &Mark) -> bool {
    match mark.kind() {
        Some(Kind::Conditional) => mark.status == Status::SetAside && mark.moved == 0,
        _ => mark.goes(),
    }
}

impl OwnLimits {
    fn of(&mut self, place: Place, whom: u32) -> Option<&mut Limit> {
        let own = self.limits.contains_key(&(place, whom));
        let key = (place, if own { whom } else { place.0 });
        self.limits.get_mut(&key)
    }

    fn begin(&mut self, seen: &Seen) {
        self.set.clear();
        self.drawn.clear();
        self.higher.clear();
        let later = seen.later.iter().map(|mark| mark.place);
        let got = seen.sides.iter().map(Mark::place_got);
        let came = seen.credits.iter().map(|leg| leg.place).chain(got);
        let heard = seen.heard.iter().flat_map(super::exchanges::legs);
        let exchanged = heard.flat_map(|(from, to, currency, _)| [(from, currency), (to, currency)]);
        self.moved = later.chain(came).chain(exchanged).collect();
    }

    fn set(&mut self, mark: &Mark) {
        let (place, amount) = (mark.place, mark.amount());
        let unsure = self.moved.contains(&place);
        match mark.kind() {
            Some(Kind::Limit) => {
                let key = (place, mark.record.creditor.get());
                if mark.has(flags::DECLINE) {
                    self.limits.remove(&key);
                    // What was counted where before it was removed is not known either.
                    if let Some(rest) = self.limits.get_mut(&(place, place.0)) {
                        rest.unsure |= unsure;
                    }
                } else {
                    let limit = self.limits.entry(key).or_insert_with(|| Limit {
                        unsure,
                        ..Limit::default()
                    });
                    limit.amount = amount;
                    if let Some(rest) = self.limits.get_mut(&(place, place.0)) {
                        rest.unsure |= unsure;
                    }
                }
            }
            Some(Kind::Reservation) => {
                let own = Reserved {
                    amount,
                    left: amount,
                    unsure,
                };
                self.reserved.insert((place, mark.record.priority), own);
            }
            _ => return,
        }
        self.set.insert(place);
    }

    fn count(&mut self, mark: &Mark, class: u8) {
        let (place, amount, whom) = (mark.place, mark.spent(), mark.record.creditor.get());
        if let Some(own) = self.reserved.get_mut(&(place, class)) {
            own.left = own.left.saturating_sub(amount);
        }
        if class > 0 {
            self.higher.insert(place);
            return;
        }
        self.drawn.insert((place, whom));
        if mark.status == Status::SetAside {
            self.asides.insert(mark.key(), place);
        }
        if let Some(limit) = self.of(place, whom) {
            limit.used += i128::from(amount);
        }
    }

    fn back(&mut self, mark: &Mark, left: u64) {
        if self.asides.remove(&mark.key()).is_none() {
            return;
        }
        if let Some(limit) = self.of(mark.place, mark.record.creditor.get()) {
            limit.used -= i128::from(left);
        }
    }

    /// Nothing of an account is judged until it begins anew.
    fn doubt(&mut self, place: Place) {
        let limits = self.limits.iter_mut().filter(|((of, _), _)| *of == place);
        limits.for_each(|(_, limit)| limit.unsure = true);
        let reserved = self.reserved.iter_mut().filter(|((of, _), _)| *of == place);
        reserved.for_each(|(_, own)| own.unsure = true);
    }

    fn reset(&mut self, currency: u16) {
        let limits = self
            .limits
            .iter_mut()
            .filter(|((place, _), _)| place.1 == currency);
        for (_, limit) in limits {
            limit.used = 0;
            limit.unsure = false;
        }
        self.asides.retain(|_, place| place.1 != currency);
        let reserved = self
            .reserved
            .iter_mut()
            .filter(|((place, _), _)| place.1 == currency);
        for (_, own) in reserved {
            own.left = own.amount;
            own.unsure = false;
        }
    }
}

impl Tally {
    /// Counts what the entry did under limits and reservations, and looks at those that were drawn on.
    pub(super) fn check_own_limits(&mut self, seen: &Seen, closed: &[u16]) -> Result<(), Fault> {
        let own = &mut self.own;
        own.begin(seen);
        for mark in &seen.first {
            if mark.status == Status::Executed {
                own.set(mark);
            } else if counts(mark) {
                own.count(mark, mark.record.priority);
            }
        }
        for mark in seen.later.iter().filter(|mark| counts(mark)) {
            let class = self.classes.get(&mark.origin).copied();
            own.count(mark, class.unwrap_or(mark.record.priority));
        }
        for (mark, left) in &self.gone_back {
            own.back(mark, *left);
        }
        for leg in &seen.credits {
            if let Some(limit) = own.of(leg.place, leg.record.debtor.get()) {
                limit.used -= i128::from(leg.amount);
            }
        }
        for side in &seen.sides {
            if let Some(limit) = own.of(side.place_got(), side.record.creditor.get()) {
                limit.used -= i128::from(side.got);
            }
        }
        // Nobody is told whether it settled in its window, which counts nowhere, or as a payment does.
        let netted = |mark: &&Mark| mark.kind() == Some(Kind::Obligation) && mark.status == Status::Settled;
        for mark in seen.later.iter().filter(netted) {
            own.doubt(mark.place);
            own.doubt((mark.record.creditor.get(), mark.place.1));
        }
        closed.iter().for_each(|currency| own.reset(*currency));
        if seen.ended.is_empty() && seen.paid.is_empty() {
            self.check_used(seen.entry)?;
        }
        Ok(())
    }

    fn check_used(&self, entry: u64) -> Result<(), Fault> {
        let own = &self.own;
        for (place, whom) in own.drawn.iter().filter(|(place, _)| !own.set.contains(place)) {
            let bilateral = own.limits.get(&(*place, *whom));
            let limit = bilateral.or_else(|| own.limits.get(&(*place, place.0)));
            let within = limit.is_none_or(|own| own.unsure || own.used <= i128::from(own.amount));
            hold(within, Rule::SenderLimit, || {
                format!("log entry {entry}: account {place:?} towards {whom}: {limit:?}")
            })?;
            if own.higher.contains(place) || self.risk.was_tested(place.0) {
                continue;
            }
            let kept = |class| own.reserved.get(&(*place, class)).copied().unwrap_or_default();
            let (high, urgent) = (kept(1), kept(2));
            let line = i128::from(self.credits.widest(*place));
            let free = self.accounts.get(place).map_or(0, |account| {
                account.balance + i128::from(account.widest_cap) + line - account.reserved
            });
            let whole = free >= i128::from(high.left) + i128::from(urgent.left);
            hold(whole || high.unsure || urgent.unsure, Rule::ClassReserved, || {
                format!("log entry {entry}: account {place:?} has {free} free of {high:?}, {urgent:?}")
            })?;
        }
        Ok(())
    }
}
