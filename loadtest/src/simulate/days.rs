//! The days of currencies: by hand, and under version 4 of the rules by schedules of a few seconds each.
use causeway_message::action::{Action, FeeGrant, Hours, Phase};

use super::cast::CURRENCIES;
use super::machine::Machine;
use super::traffic::Traffic;

/// Seconds after its close in which somebody may still try to extend a day.
const LINGERS: u32 = 8;
/// Most days that are kept of a schedule.
const KEPT: usize = 8;

impl Traffic {
    /// Fees and days of the currency in which banks of a ring owe each other: what netting settles is charged, and billed.
    pub(super) fn of_ring(&mut self, machine: &Machine) -> Action {
        if machine.below(3) == 0 {
            return self.next_day(machine, CURRENCIES[0]);
        }
        Action::SetFee(FeeGrant {
            currency: CURRENCIES[0],
            kind: 1,
            collector: self.bank(machine),
            flat: 1 + u64::from(machine.below(4)),
            per_million: 0,
            min: 0,
            max: 0,
        })
    }

    /// The next phase of a currency's day, as far as one knows.
    pub(super) fn next_day(&mut self, machine: &Machine, currency: u16) -> Action {
        if self.rules > 3 && machine.below(2) == 0 {
            return self.of_schedule(machine, currency);
        }
        let today = (machine.true_seconds() / 86_400) as u16;
        let known = self.days.get(&currency).copied();
        let (phase, date) = match known {
            Some((Phase::Open, date)) if machine.one_in(2) => (Phase::CutOff, date),
            Some((Phase::Open | Phase::CutOff, date)) => (Phase::Closed, date),
            Some((Phase::Closed, date)) => (Phase::Open, today.max(date + 1)),
            None => (Phase::Open, today),
        };
        // Now and then it is not approved, or comes at a wrong time: what one knows is put right by trying.
        self.days.insert(currency, (phase, date));
        let phase = if machine.one_in(10) { Phase::Open } else { phase };
        Action::SetDay {
            currency,
            phase,
            date,
        }
    }

    /// Enters days that begin soon, moves or takes one away, extends the present one, or ends it by hand.
    fn of_schedule(&mut self, machine: &Machine, currency: u16) -> Action {
        let now = u32::try_from(machine.true_seconds()).unwrap_or(u32::MAX);
        let known = self.schedules.get(&currency).map_or(&[][..], Vec::as_slice);
        let present = known
            .iter()
            .find(|day| day.open <= now && now <= day.close + LINGERS)
            .copied();
        let ahead = known.iter().rfind(|day| day.open > now).copied();
        match (machine.below(8), present, ahead) {
            (0..=2, Some(day), _) => Action::ExtendDay {
                currency,
                hours: Hours {
                    customer_cut_off: day.customer_cut_off + machine.below(8),
                    interbank_cut_off: day.interbank_cut_off + 3 + machine.below(6),
                    close: day.close + 3 + machine.below(8),
                    ..day
                },
            },
            (3, Some(day), _) => Action::SetDay {
                currency,
                phase: [Phase::CutOff, Phase::Closed, Phase::Open][machine.below(3) as usize],
                date: day.date,
            },
            (4, _, Some(day)) => Action::ScheduleDays {
                currency,
                days: vec![Hours::none(day.date)],
            },
            (5, _, Some(day)) => Action::ScheduleDays {
                currency,
                days: vec![some_day(machine, day.date, now + machine.below(4))],
            },
            _ => self.next_days(machine, currency, now),
        }
    }

    fn next_days(&mut self, machine: &Machine, currency: u16, now: u32) -> Action {
        let today = (now / 86_400) as u16;
        let known = self.schedules.entry(currency).or_default();
        let by_hand = self.days.get(&currency).map_or(0, |(_, date)| date + 1);
        let (mut date, mut from) = match known.last() {
            Some(last) => (by_hand.max(last.date + 1), now.max(last.close)),
            None => (by_hand.max(today), now),
        };
        let mut days = Vec::new();
        for _ in 0..=machine.below(3) {
            let day = some_day(machine, date, from);
            // Room for an extension in front of some days.
            (date, from) = (date + 1, day.close + [0, 2, 20, 40][machine.below(4) as usize]);
            days.push(day);
        }
        known.extend(&days);
        let many = known.len().saturating_sub(KEPT);
        known.drain(..many);
        self.days.insert(currency, (Phase::Closed, date - 1));
        Action::ScheduleDays { currency, days }
    }
}

/// A day of a few seconds that opens after an instant.
fn some_day(machine: &Machine, date: u16, from: u32) -> Hours {
    let open = from + machine.below(5);
    let customer_cut_off = open + 1 + machine.below(12);
    let interbank_cut_off = customer_cut_off + machine.below(8);
    Hours {
        date,
        open,
        customer_cut_off,
        interbank_cut_off,
        close: interbank_cut_off + machine.below(3),
    }
}
