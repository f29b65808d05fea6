//! Value dates of payments, under version 4 of the rules: of days ahead, of the present one, and of none.
use std::collections::BTreeMap;

use causeway_message::action::Hours;
use causeway_message::record::Kind;

use super::machine::Machine;
use super::orders::{Order, now};

/// The days that were proposed, by currency.
type Schedules = BTreeMap<u16, Vec<Hours>>;

/// Gives a payment a value date now and then, mostly that of a day ahead of its currency, if one is known.
pub(super) fn date(machine: &Machine, order: &mut Order, schedules: &Schedules) {
    let record = &mut order.record;
    let kind = Kind::from_number(record.kind);
    if !kind.is_some_and(|kind| kind.pays() || kind == Kind::FxPayment) || machine.below(3) != 0 {
        return;
    }
    let Some(days) = schedules
        .get(&record.currency.get())
        .filter(|days| !days.is_empty())
    else {
        return;
    };
    let at = now(machine);
    let ahead: Vec<u16> = days
        .iter()
        .filter(|day| day.open > at)
        .map(|day| day.date)
        .collect();
    let other = schedules
        .get(&record.counter_currency.get())
        .and_then(|days| days.last());
    let last = days.last().map_or(0, |day| day.date);
    let some = ahead
        .get(machine.below(ahead.len().max(1) as u32) as usize)
        .copied();
    let date = match (machine.below(12), some) {
        (0..=8, Some(date)) => date,
        (9, _) => last + 1,
        (10, _) => other.map_or(last, |day| day.date),
        _ => days[machine.below(days.len() as u32) as usize].date,
    };
    record.value_date = date.into();
    if record.kind == Kind::Conditional as u8 && !machine.one_in(8) {
        record.value_date = 0.into();
    }
}
