//! Days of arrivals: one with numbers known by hand, small random ones beside a slow replay, and files that are wrong.
use causeway_netting::case::{Leg, Priority, read_arrivals};
use causeway_netting::day::{Day, DayError, Delay, Figures, Means, Outcome, Watch, replay};
use causeway_netting::{CashOnly, Chosen, fifo, gross};

use crate::random::{Draft, MIXED, Mix, PAYMENTS, Random, draft};

const BALANCES: &str = "participant,currency,balance,limit\nA,USD,100,0\nB,USD,0,0\n";
const HEADER: &str = "time,id,debtor,creditor,currency,amount,priority,trade\n";
const ALL: [Means; 3] = [Means::Gross, Means::Fifo, Means::Bypass];

/// Lets netting look as often as it likes, up to so many times.
struct Patient(u32);

impl Watch for Patient {
    fn reached(&mut self, _at: u32) {}

    fn go_on(&mut self) -> bool {
        self.0 = self.0.saturating_sub(1);
        self.0 > 0
    }
}

fn run(day: &Day, means: Means, every: u32) -> Outcome {
    replay(day, means, every, &mut Patient(10_000)).expect("a day within bounds")
}

fn read_day(rows: &str) -> Result<Day, String> {
    let arrivals = format!("{HEADER}{rows}");
    let read = read_arrivals(
        ("b.csv", BALANCES.as_bytes()),
        ("a.csv", arrivals.as_bytes()),
        None,
    );
    let (named, times) = read.map_err(|error| error.to_string())?;
    let (open, close) = (8 * 3_600_000, 9 * 3_600_000);
    Day::new(named.case, times, open, close).map_err(|error| error.to_string())
}

const KNOWN: &str = "08:00:00,1,A,B,USD,60,normal,\n\
                     08:00:30,2,A,B,USD,70,normal,\n\
                     08:00:40,3,A,B,USD,10,normal,\n\
                     08:00:50.5,4,A,B,USD,40,urgent,\n\
                     08:05:00,5,B,A,USD,70,normal,\n\
                     08:05:10,6,B,A,USD,200,normal,\n\
                     08:05:20,7,A,B,USD,100,normal,\n";

#[test]
fn a_day_known_by_hand_settles_as_it_must() {
    let day = read_day(KNOWN).expect("a day");
    let at = |minutes: u32, seconds: u32| Some(8 * 3_600_000 + (minutes * 60 + seconds) * 1_000);
    let urgent = Some(8 * 3_600_000 + 50_500);
    let alone = run(&day, Means::Gross, 60_000);
    let expected = [at(0, 0), at(5, 0), None, urgent, at(5, 0), None, None];
    assert_eq!(alone.settled, expected);
    assert_eq!((alone.balances, alone.lowest), (vec![0, 100], vec![0, 0]));
    let together = run(&day, Means::Fifo, 60_000);
    let expected = [at(0, 0), at(5, 0), at(6, 0), urgent, at(5, 0), at(6, 0), at(6, 0)];
    assert_eq!(together.settled, expected);
    assert_eq!((together.balances, together.lowest), (vec![90, 10], vec![0, 0]));
    assert_eq!(together.netted, 3);
}

#[test]
fn the_figures_of_a_known_day_are_those_counted_by_hand() {
    let day = read_day(KNOWN).expect("a day");
    let figures = Figures::new(&day, &run(&day, Means::Gross, 60_000));
    assert_eq!(figures.items(), (7, 4));
    let dollars = figures.currencies[0];
    assert_eq!((dollars.arrived_value, dollars.settled_value), (550, 240));
    assert_eq!((dollars.liquidity, dollars.liquidity_bound), (100, 10));
    assert_eq!((dollars.turnover(), figures.turnover()), (Some(240), Some(240)));
    let [urgent, high, normal] = figures.classes;
    assert_eq!((urgent.arrived, urgent.settled, urgent.left_value), (1, 1, 0));
    let none = Delay {
        mean: 0,
        median: 0,
        p99: 0,
    };
    assert_eq!(urgent.delay, Some(none));
    assert_eq!((high.arrived, high.delay), (0, None));
    assert_eq!((normal.arrived, normal.settled, normal.left_value), (6, 3, 310));
    // 70 of 200 waited four minutes and a half.
    let expected = Delay {
        mean: 94_500,
        median: 0,
        p99: 270_000,
    };
    assert_eq!(normal.delay, Some(expected));
}

#[test]
fn netting_runs_after_what_comes_at_its_time_and_at_the_close() {
    let swap = |time: &str| format!("08:00:00,1,A,B,USD,101,normal,\n{time},2,B,A,USD,101,normal,\n");
    let settled = |rows: &str, every: u32| run(&read_day(rows).expect("a day"), Means::Fifo, every).settled;
    let hour = 3_600_000;
    assert_eq!(settled(&swap("08:10:00"), 600_000), [Some(8 * hour + 600_000); 2]);
    assert_eq!(
        settled(&swap("08:10:00.001"), 600_000),
        [Some(8 * hour + 1_200_000); 2]
    );
    assert_eq!(settled(&swap("09:00:00"), 600_000), [Some(9 * hour); 2]);
    assert_eq!(settled(&swap("08:10:00"), u32::MAX), [Some(9 * hour); 2]);
}

#[test]
fn a_trade_settles_when_both_sides_can_pay() {
    let rows = "08:00:00,1,A,B,USD,100,normal,T\n08:00:00,2,B,A,EUR,5,normal,T\n\
                08:01:00,3,A,B,USD,1,normal,\n08:02:00,4,C,B,EUR,5,normal,\n";
    let arrivals = format!("{HEADER}{rows}");
    let balances = format!("{BALANCES}C,EUR,5,0\n");
    let (named, times) = read_arrivals(
        ("b.csv", balances.as_bytes()),
        ("a.csv", arrivals.as_bytes()),
        None,
    )
    .expect("files");
    let day = Day::new(named.case, times, 28_800_000, 32_400_000).expect("a day");
    let at = Some(28_800_000 + 120_000);
    // Behind the trade waits what could be paid alone, until the trade has taken the money.
    assert_eq!(run(&day, Means::Gross, 60_000).settled, [at, None, at]);
}

fn refused(rows: &str, expected: &str) {
    assert_eq!(read_day(rows).err().as_deref(), Some(expected), "{rows}");
}

#[test]
fn rows_that_are_wrong_name_line_column_and_rule() {
    for time in ["8:00:00", "24:00:00", "08:00", "08:00:00.0001", "noon"] {
        refused(
            &format!("{time},1,A,B,USD,5,normal,\n"),
            &format!(
                "a.csv: line 2, column 1 (time): `{time}` is no time of day: HH:MM:SS, with up to three digits of a \
                 second behind a point"
            ),
        );
    }
    refused(",1,A,B,USD,5,normal,\n", "a.csv: line 2, column 1 (time): empty");
    refused(
        "08:00:01,1,A,B,USD,5,normal,\n08:00:00.5,2,A,B,USD,5,normal,\n",
        "a.csv: line 3, column 1 (time): 08:00:00.500 is before 08:00:01, the time of the row above",
    );
    refused(
        "08:00:00,1,A,B,USD,5,normal,T\n08:00:01,2,B,A,EUR,5,normal,T\n",
        "a.csv: line 3, column 1 (time): the rows of trade `T` have one time, that of line 2",
    );
    refused(
        "08:00:00,1,A,B,USD,5,normal,\n08:00:00,1,A,B,USD,5,normal,\n",
        "a.csv: line 3, column 2 (id): `1` stands on line 2 already",
    );
    refused(
        "08:00:00,1,A,B,USD,-5,normal,\n",
        "a.csv: line 2, column 6 (amount): `-5` is below zero",
    );
    refused(
        "08:00:00,1,A,B,USD,5,normal,T\n",
        "a.csv: line 2, column 8 (trade): half a trade: in `T` A only pays or only gets",
    );
    refused(
        "08:00:00,1,A,B,USD,5,normal\n",
        "a.csv: line 2, column 7 (priority): 7 fields, not 8",
    );
    refused(
        "07:59:59,1,A,B,USD,5,normal,\n",
        "item 0 arrives at 07:59:59, outside the day",
    );
}

#[test]
fn what_is_no_day_is_refused() {
    let drafted = draft(&mut Random(7), &PAYMENTS);
    let items = drafted.items.len();
    assert!(items > 1);
    let day = |times: Vec<u32>, open, close| Day::new(drafted.build(), times, open, close).err();
    assert_eq!(day(vec![1], 0, 9), Some(DayError::Times { items, times: 1 }));
    assert_eq!(day(vec![1; items], 9, 0), Some(DayError::Hours));
    assert_eq!(day(vec![1; items], 0, 86_400_000), Some(DayError::Hours));
    let mut falling = vec![2; items];
    falling[items - 1] = 1;
    assert_eq!(day(falling, 0, 9), Some(DayError::Falls(items as u32 - 1)));
    let mut bound = drafted.clone();
    bound.tested = vec![0];
    let found = Day::new(bound.build(), vec![1; items], 0, 9).err();
    assert_eq!(found, Some(DayError::NotPlain));
}

/// One after another, everything looked at again until nothing moves.
fn slowly(drafted: &Draft, times: &[u32]) -> (Vec<Option<u32>>, Vec<i128>) {
    let mut balances: Vec<i128> = drafted.accounts.iter().map(|account| account.balance).collect();
    let mut settled = vec![None; drafted.items.len()];
    for arrived in 0..drafted.items.len() {
        let mut moved = true;
        while moved {
            moved = false;
            for item in 0..=arrived {
                if settled[item].is_none() && is_first(drafted, &settled[..=arrived], item) {
                    let after = with(&balances, &drafted.items[item]);
                    let has = |leg: &Leg| {
                        let at = leg.debtor as usize;
                        after[at] >= -drafted.accounts[at].limit
                    };
                    if drafted.items[item].iter().all(has) {
                        (balances, settled[item], moved) = (after, Some(times[arrived]), true);
                    }
                }
            }
        }
    }
    (settled, balances)
}

fn with(balances: &[i128], legs: &[Leg]) -> Vec<i128> {
    let mut after = balances.to_vec();
    for leg in legs {
        after[leg.debtor as usize] -= i128::from(leg.amount);
        after[leg.creditor as usize] += i128::from(leg.amount);
    }
    after
}

/// Class of an item in the queue of an account that it debits.
fn class(legs: &[Leg], account: u32) -> Option<Priority> {
    let own = legs.iter().filter(|leg| leg.debtor == account);
    own.map(|leg| leg.priority).min()
}

fn is_first(drafted: &Draft, settled: &[Option<u32>], item: usize) -> bool {
    let legs = &drafted.items[item];
    legs.iter().all(|leg| {
        let own = (class(legs, leg.debtor), item);
        let waits = (0..settled.len()).filter(|other| settled[*other].is_none());
        let mut places = waits.map(|other| (class(&drafted.items[other], leg.debtor), other));
        places.all(|other| other.0.is_none() || other >= own)
    })
}

fn random_days(seed: u64, mut check: impl FnMut(&Draft, &Day)) {
    let mut random = Random(seed);
    for round in 0..1_500 {
        let mix = Mix {
            items: 14,
            limits: 0,
            ..if round % 3 == 0 { PAYMENTS } else { MIXED }
        };
        let drafted = draft(&mut random, &mix);
        let mut times: Vec<u32> = drafted.items.iter().map(|_| random.below(100) as u32).collect();
        times.sort_unstable();
        let day = Day::new(drafted.build(), times, 0, 100).expect("a day");
        check(&drafted, &day);
    }
}

#[test]
fn alone_each_day_settles_as_in_a_slow_replay() {
    let mut waited = 0;
    random_days(11, |drafted, day| {
        let found = run(day, Means::Gross, 10);
        let (settled, balances) = slowly(drafted, day.times());
        assert_eq!(
            (&found.settled, &found.balances),
            (&settled, &balances),
            "{drafted:?}"
        );
        let late = |(settled, at): (&Option<u32>, &u32)| settled.is_some_and(|settled| settled > *at);
        waited += settled.iter().zip(day.times()).filter(|pair| late(*pair)).count();
    });
    assert!(waited > 300, "{waited}");
}

#[test]
fn money_is_neither_made_nor_lost_and_nobody_goes_beyond_the_limit() {
    let mut netted = 0;
    random_days(12, |drafted, day| {
        for means in ALL {
            let found = run(day, means, 10);
            netted += found.netted;
            let mut expected: Vec<i128> = drafted.accounts.iter().map(|account| account.balance).collect();
            for (item, settled) in drafted.items.iter().zip(&found.settled) {
                if settled.is_some() {
                    expected = with(&expected, item);
                }
            }
            assert_eq!(found.balances, expected, "{means:?} {drafted:?}");
            for (account, lowest) in drafted.accounts.iter().zip(&found.lowest) {
                assert!(
                    *lowest >= account.balance.min(-account.limit),
                    "{means:?} {drafted:?}"
                );
            }
            for (settled, at) in found.settled.iter().zip(day.times()) {
                assert!(settled.is_none_or(|settled| (*at..=100).contains(&settled)));
            }
            assert_nothing_is_left_that_could_settle(day, &found, means);
        }
    });
    assert!(netted > 300, "{netted}");
}

/// At the close even what could only settle together has settled, unless nothing but gross was asked for.
fn assert_nothing_is_left_that_could_settle(day: &Day, found: &Outcome, means: Means) {
    let settled = (0_u32..).zip(&found.settled);
    let settled = settled.filter_map(|(item, at)| at.is_some().then_some(item));
    let rest = day.case().rest(&Chosen::of(day.case(), settled)).expect("a case");
    assert!(gross(&rest, &CashOnly).is_empty(), "{means:?}");
    if means != Means::Gross {
        assert!(fifo(&rest, &CashOnly).chosen(&rest).is_empty(), "{means:?}");
    }
}
