//! Business days of a few currencies, so that each of their turns falls into a window of eight seconds.
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use causeway_message::action::{Action, Hours};
use causeway_message::time::Timestamp;

use super::events::{Event, Kind};
use crate::world::World;

/// Currencies that have days: of the middle, which all banks hold and not most payments are in.
const FIRST: usize = 6;
const COUNT: usize = 4;
/// Seconds from the entry of the days to the first that opens: time to have them approved.
const AHEAD: u64 = 2;
/// Seconds from a close until what waits is rejected.
const LAST_NETTING: u32 = 5;
/// A day turns with the first entry behind its instant, and what follows goes on in a few more.
const LASTS: Duration = Duration::from_millis(20);

/// One day of each.
#[derive(Debug)]
pub struct Days(Vec<(u16, Hours)>);

impl Days {
    /// Days that open soon: of every second currency a second later.
    pub fn ahead_of(now: Timestamp, world: &World) -> Self {
        let open = (now.seconds() + AHEAD) as u32;
        let date = (now.days() + 1) as u16;
        let day = |(number, (currency, _)): (usize, &(u16, Vec<u32>))| {
            let open = open + (number % 2) as u32;
            let close = open + 1;
            let hours = Hours {
                date,
                open,
                customer_cut_off: close,
                interbank_cut_off: close,
                close,
            };
            (*currency, hours)
        };
        let of = world.holders.iter().skip(FIRST).take(COUNT);
        Self(of.enumerate().map(day).collect())
    }

    /// When the first opens.
    pub fn open(&self) -> Timestamp {
        let first = self.0.iter().map(|(_, hours)| hours.open).min();
        Timestamp::from_seconds(first.unwrap_or(0))
    }

    /// What enters them.
    pub fn actions(&self) -> impl Iterator<Item = Action> {
        self.0.iter().map(|(currency, hours)| Action::ScheduleDays {
            currency: *currency,
            days: vec![*hours],
        })
    }

    /// Their turns, each instant once.
    pub fn events(&self, instant: impl Fn(Timestamp) -> Instant) -> Vec<Event> {
        let turns = self.0.iter().flat_map(|(_, hours)| {
            [
                hours.open,
                hours.customer_cut_off,
                hours.close,
                hours.close + LAST_NETTING,
            ]
        });
        let turns: BTreeSet<u32> = turns.collect();
        let event = |at: u32| {
            let begin = instant(Timestamp::from_seconds(at));
            Event {
                kind: Kind::Day,
                begin,
                end: begin + LASTS,
            }
        };
        turns.into_iter().map(event).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_turns_lie_within_eight_seconds_of_the_first_opening() {
        let now = Timestamp::from_seconds(850_000_000);
        let days = Days::ahead_of(now, &World::new(64, 600, 10_000));
        assert_eq!(days.open(), Timestamp::from_seconds(850_000_002));
        assert_eq!(days.actions().count(), COUNT);
        let start = Instant::now();
        let events = days.events(|at| start + Duration::from_nanos(at.0 - days.open().0));
        let at: Vec<u64> = events
            .iter()
            .map(|event| event.begin.duration_since(start).as_secs())
            .collect();
        assert_eq!(at, [0, 1, 2, 6, 7], "open, close and the end, each once");
    }
}
