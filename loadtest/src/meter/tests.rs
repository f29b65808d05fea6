//! What is counted inside of a window, and what is not.
use super::*;

fn told(settled: u64) -> Told {
    Told {
        settled,
        ..Told::default()
    }
}

fn answer(meter: &Meter, intended: Instant, at: Instant, given_up: bool) {
    meter.answered(&Answered {
        bank: 0,
        intended,
        at,
        count: 10,
        told: &told(10),
        drawn: Drawn::default(),
        given_up,
    });
}

/// A window of a second, by the intended time or by that of the answer.
fn open(by_intent: bool) -> (Meter, impl Fn(u64) -> Instant) {
    let meter = Meter::new().expect("bounds");
    let origin = Instant::now();
    let at = move |ms: u64| origin + Duration::from_millis(ms);
    meter.open(at(1_000), at(2_000), by_intent).expect("bounds");
    (meter, at)
}

#[test]
fn a_late_answer_counts_from_the_intended_time_and_in_its_window() {
    let (meter, at) = open(true);
    answer(&meter, at(1_900), at(3_900), false);
    answer(&meter, at(900), at(1_100), false);
    let counts = meter.close();
    assert_eq!(counts.latency.len(), 1, "only what was intended inside");
    assert!((1_990_000..2_010_000).contains(&counts.latency.max()));
    assert_eq!(counts.settled, 10, "only what was answered inside");
    let totals = Totals {
        settled: 20,
        answered: 20,
        shed: 0,
    };
    assert_eq!(meter.totals(), totals);
}

#[test]
fn what_is_never_answered_took_at_least_as_long_as_one_waited() {
    let (meter, at) = open(true);
    answer(&meter, at(1_100), at(1_110), false);
    meter.unanswered(0, at(1_200), at(6_200));
    // It comes after all: the books take it, the latency has it already.
    answer(&meter, at(1_200), at(9_000), true);
    let counts = meter.close();
    assert_eq!((counts.unanswered, counts.latency.len()), (1, 2));
    assert!((4_990_000..5_010_000).contains(&counts.latency.max()));
}

#[test]
fn what_is_shed_waited_without_an_answer_until_it_was() {
    let (meter, at) = open(true);
    answer(&meter, at(1_100), at(1_110), false);
    // Meant before the window: in no figure of it, and yet no longer behind.
    meter.shed(0, at(900), at(1_500), 10);
    meter.shed(0, at(1_200), at(1_500), 10);
    meter.shed(0, at(1_300), at(1_500), 10);
    assert_eq!((meter.totals().shed, meter.totals().answered), (30, 10));
    let meant = [1_200, 1_300, 1_400].map(|ms| (0, at(ms)));
    let counts = meter.break_off(at(1_600), meant.into_iter());
    assert_eq!(counts.shed, 20);
    assert_eq!(
        (counts.unanswered, counts.latency.len()),
        (3, 4),
        "what was shed is not counted again when the window breaks off"
    );
    let near = |micros: u64, wanted: u64| micros.abs_diff(wanted) < wanted / 100;
    assert!(near(counts.latency.max(), 300_000), "{}", counts.latency.max());
    assert_eq!(counts.late.len(), 0, "it was never sent");
}

#[test]
fn a_window_that_breaks_off_counts_what_waits_in_an_open_loop() {
    let (meter, at) = open(true);
    for ms in [1_100, 1_200, 1_300] {
        meter.sending(0, at(ms));
    }
    answer(&meter, at(1_100), at(1_110), false);
    meter.unanswered(0, at(1_200), at(1_700));
    // The one under way, and two that were never sent; a later one was not due.
    let meant = [1_100, 1_200, 1_300, 1_400, 1_500, 1_900].map(|ms| (0, at(ms)));
    let counts = meter.break_off(at(1_800), meant.into_iter());
    assert_eq!((counts.unanswered, counts.latency.len()), (4, 5));
    let near = |micros: u64, wanted: u64| micros.abs_diff(wanted) < wanted / 100;
    assert!(near(counts.latency.max(), 500_000), "{}", counts.latency.max());
    assert_eq!(meter.close().unanswered, 4, "nothing is counted twice");
}

#[test]
fn a_window_that_breaks_off_counts_what_is_under_way_in_a_closed_loop() {
    let (meter, at) = open(false);
    meter.sending(0, at(900));
    meter.sending(1, at(1_100));
    meter.sending(1, at(1_200));
    answer(&meter, at(900), at(1_050), false);
    let counts = meter.break_off(at(1_600), std::iter::empty());
    assert_eq!((counts.unanswered, counts.latency.len()), (2, 3));
}

#[test]
fn a_closed_loop_counts_what_was_answered_inside() {
    let (meter, at) = open(false);
    answer(&meter, at(900), at(1_100), false);
    answer(&meter, at(1_900), at(2_100), false);
    let counts = meter.close();
    assert_eq!((counts.batches, counts.settled, counts.latency.len()), (1, 10, 1));
}

#[test]
fn a_second_is_taken_once() {
    let (meter, at) = open(false);
    answer(&meter, at(1_000), at(1_100), false);
    assert_eq!(meter.second().settled, 10);
    let next = meter.second();
    assert_eq!((next.settled, next.latency.len()), (0, 0));
}

#[test]
fn names_of_statuses_are_told() {
    let (meter, at) = open(false);
    let told = Told {
        settled: 0,
        otherwise: BTreeMap::from([(Status::Queued as u16, 3), (REPEATED, 2)]),
    };
    meter.answered(&Answered {
        bank: 0,
        intended: at(1_000),
        at: at(1_500),
        count: 5,
        told: &told,
        drawn: Drawn::default(),
        given_up: false,
    });
    let named = meter.close().otherwise_by_name();
    assert_eq!(
        named,
        BTreeMap::from([("known before".into(), 2), ("queued".into(), 3)])
    );
}
