//! A node that is started on a clock far behind its log turns no day before somebody vouches for the clock.
use std::sync::Arc;
use std::time::Duration;

use causeway_engine::system::Dir;
use causeway_engine::{Engine, EngineConfig, clock};
use causeway_message::Status;
use causeway_message::action::{Action, Hours};
use causeway_message::time::Timestamp;

use super::support::{Disk, EUR, Memory, OPERATOR, World, eventually, stopped};

/// A node's disk with a day that opens 1,000 seconds after `begin`.
fn scheduled(world: &World, begin: Timestamp) -> Disk {
    let machine = Memory::new(Disk::default(), begin);
    let engine = world.start_in(&on(world, &machine, false)).expect("it starts");
    let second = begin.seconds() as u32;
    let hours = Hours {
        date: begin.days() as u16,
        open: second + 1_000,
        customer_cut_off: second + 8_000,
        interbank_cut_off: second + 8_000,
        close: second + 9_000,
    };
    let schedule = Action::ScheduleDays {
        currency: EUR,
        days: vec![hours],
    };
    let decided = world.decide(&engine, OPERATOR, schedule);
    assert_eq!(decided[1].statuses(), [Status::Executed]);
    stopped(engine);
    machine.disk()
}

fn on(world: &World, machine: &Memory, accept_clock: bool) -> EngineConfig {
    EngineConfig {
        dir: Dir::new(Arc::new(machine.clone()), "/node"),
        accept_clock,
        ..world.config.clone()
    }
}

/// Business date; zero before the first day.
fn date(engine: &Engine) -> u16 {
    let days = engine.asker().days(EUR).expect("an answer");
    days.lines[0].hours.date
}

#[test]
fn days_that_would_turn_long_after_the_last_entry_wait_for_who_vouches_for_the_clock() {
    let mut world = World::new();
    world.genesis.rules = 4;
    let begin = clock::now();
    let disk = scheduled(&world, begin);
    for (after, vouched, turns) in [(1_500, false, true), (5_100, true, true), (5_100, false, false)] {
        let later = Timestamp(begin.0 + after * 1_000_000_000);
        let machine = Memory::new(disk.clone(), later);
        let engine = world.start_in(&on(&world, &machine, vouched)).expect("it starts");
        assert_eq!(
            engine.health().clock_jumped,
            !turns,
            "{after} s, vouched for: {vouched}"
        );
        if turns {
            eventually("the day turns", || date(&engine) != 0);
        } else {
            let index = engine.health().durable;
            std::thread::sleep(Duration::from_millis(100));
            assert_eq!(engine.health().durable, index, "no entry has the time in doubt");
            assert_eq!(date(&engine), 0);
        }
        stopped(engine);
    }
}

#[test]
fn a_long_pause_in_which_no_day_turned_needs_nobody() {
    let mut world = World::new();
    world.genesis.rules = 4;
    let begin = clock::now();
    let disk = scheduled(&world, begin);
    // The day was missed whole, and none is left.
    let machine = Memory::new(disk, Timestamp(begin.0 + 12_000 * 1_000_000_000));
    let engine = world.start_in(&on(&world, &machine, true)).expect("it starts");
    eventually("nothing is left to do", || {
        engine.asker().days(EUR).is_ok_and(|days| days.lines.len() == 1)
    });
    stopped(engine);
    let machine = Memory::new(machine.disk(), Timestamp(begin.0 + 90_000 * 1_000_000_000));
    let engine = world.start_in(&on(&world, &machine, false)).expect("it starts");
    assert!(!engine.health().clock_jumped);
    stopped(engine);
}
