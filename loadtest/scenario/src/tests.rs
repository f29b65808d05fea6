//! Days as they are drawn, and scenarios that are wrong.
use causeway_netting::case::{Leg, Priority, read_arrivals};
use causeway_netting::day::{Day, Means, Outcome, Watch, replay};

use crate::form::{Clock, Giant, Hub, Outage, Scenario, Surge};
use crate::{Class, DrawnDay, SHIPPED, shipped};

const SMALL: &str = "about = \"A small day\"\nbanks = 12\ncore = 3\nitems = 400\ncurrencies = [\"USD\", \"JPY\"]\n\
                     trades = 0.2\nmu = 8.5\nsigma = 2.0\nliquidity = 0.2\nlimit = 0.1\nurgent = 0.1\nhigh = 0.2\n\
                     open = \"08:00:00\"\nclose = \"12:00:00\"\nseed = 5\n";

struct Never;

impl Watch for Never {
    fn reached(&mut self, _at: u32) {}

    fn go_on(&mut self) -> bool {
        false
    }
}

fn small() -> Scenario {
    Scenario::parse(SMALL).expect("a scenario")
}

fn drawn(scenario: &Scenario) -> DrawnDay {
    scenario.draw().expect("a day within bounds")
}

fn run(day: &Day, means: Means) -> Outcome {
    replay(day, means, 60_000, &mut Never).expect("within bounds")
}

/// FNV-1a (Fowler, Noll, Vo), of 64 bits.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[test]
fn a_seed_draws_the_same_day_everywhere() {
    let day = drawn(&small());
    let found = [day.balances_csv(), day.arrivals_csv()].map(|text| digest(&text));
    assert_eq!(
        found,
        [17724057219598771106, 9914058659651857076],
        "{}",
        day.arrivals_csv()
    );
    let other = drawn(&Scenario { seed: 6, ..small() });
    assert_ne!(day.arrivals_csv(), other.arrivals_csv());
}

#[test]
fn each_shipped_day_is_drawn_and_is_not_easy() {
    assert_eq!(SHIPPED.len(), 5);
    for (name, _) in SHIPPED {
        let scenario = shipped(name).expect("it is there").expect("it is right");
        let small = Scenario {
            items: 1_500,
            ..scenario
        };
        let day = drawn(&small).day;
        let settled = |means| run(&day, means).settled.iter().flatten().count();
        let (alone, together) = (settled(Means::Gross), settled(Means::Fifo));
        assert!(alone > 0 && alone < day.case().items(), "{name}: {alone}");
        assert!(together > 0, "{name}");
    }
    assert_eq!(shipped("none"), None);
}

#[test]
fn what_is_written_is_what_was_drawn() {
    let day = drawn(&Scenario {
        currencies: vec!["CHF".to_owned()],
        ..small()
    });
    let (balances, arrivals) = (day.balances_csv(), day.arrivals_csv());
    let read = read_arrivals(
        ("b.csv", balances.as_bytes()),
        ("a.csv", arrivals.as_bytes()),
        None,
    );
    let (named, times) = read.expect("files that are right");
    assert_eq!(named.case.to_bytes(), day.day.case().to_bytes());
    assert_eq!(times, day.day.times());
    let mixed = drawn(&small());
    let (balances, arrivals) = (mixed.balances_csv(), mixed.arrivals_csv());
    let read = read_arrivals(
        ("b.csv", balances.as_bytes()),
        ("a.csv", arrivals.as_bytes()),
        None,
    );
    let (named, times) = read.expect("files that are right");
    let (open, close) = mixed.day.hours();
    let again = Day::new(named.case, times, open, close).expect("a day");
    assert_eq!(run(&again, Means::Fifo), run(&mixed.day, Means::Fifo));
}

#[test]
fn a_day_has_its_peaks_and_its_classes() {
    let day = drawn(&Scenario {
        items: 20_000,
        ..small()
    })
    .day;
    let (open, close) = day.hours();
    let hour = |from: u32| {
        let range = open + from..open + from + (close - open) / 10;
        day.times().iter().filter(|at| range.contains(at)).count()
    };
    let part = |tenth: u32| hour((close - open) / 10 * tenth);
    let (morning, noon, late) = (part(1), part(5), part(8));
    assert!(morning > 2 * noon && late > 2 * noon, "{morning} {noon} {late}");
    assert!(day.times().windows(2).all(|pair| pair[0] <= pair[1]));
    let class = |class: Priority| {
        let items = 0..day.case().items() as u32;
        items
            .filter(|item| day.case().legs(*item).first().map(|leg| leg.priority) == Some(class))
            .count()
    };
    let [urgent, high, normal] = Priority::ALL.map(class);
    assert!((1_850..2_150).contains(&urgent), "{urgent}");
    assert!((3_750..4_250).contains(&high), "{high}");
    assert_eq!(urgent + high + normal, 20_000);
}

fn sends(day: &Day, bank: u32, leg: &Leg) -> bool {
    day.case().accounts()[leg.debtor as usize].participant == bank
}

#[test]
fn a_bank_that_stops_sending_sends_the_same_when_it_is_back() {
    let (from, until) = (Clock(9 * 3_600_000), Clock(11 * 3_600_000));
    let outage = Some(Outage { bank: 2, from, until });
    let hard = drawn(&Scenario { outage, ..small() }).day;
    let easy = drawn(&small()).day;
    let sent = |day: &Day, range: std::ops::Range<u32>| {
        let items = (0_u32..).zip(day.times());
        let within = items.filter(|(_, at)| range.contains(at)).map(|(item, _)| item);
        within
            .filter(|item| day.case().legs(*item).iter().any(|leg| sends(day, 1, leg)))
            .count()
    };
    let meanwhile = sent(&easy, from.0..until.0);
    assert!(meanwhile > 5, "{meanwhile}");
    assert_eq!(sent(&hard, from.0..until.0), 0);
    assert!(sent(&hard, until.0..until.0 + 1) >= meanwhile);
    let value = |day: &Day| -> u128 {
        (0..day.case().items() as u32)
            .map(|item| day.case().value(item))
            .sum()
    };
    assert_eq!(value(&hard), value(&easy));
}

#[test]
fn a_hub_holds_what_the_others_would() {
    let hub = Some(Hub { bank: 1, share: 1.0 });
    let hard = drawn(&Scenario { hub, ..small() }).day;
    let easy = drawn(&small()).day;
    let sum = |day: &Day| -> i128 { day.case().accounts().iter().map(|account| account.balance).sum() };
    assert_eq!(sum(&hard), sum(&easy));
    let others = hard
        .case()
        .accounts()
        .iter()
        .filter(|account| account.participant != 0);
    assert!(others.clone().all(|account| account.balance == 0));
    assert!(others.clone().any(|account| account.limit > 0));
}

#[test]
fn a_giant_payment_comes_on_top_without_money_for_it() {
    let giant = Some(Giant {
        debtor: 2,
        creditor: 1,
        at: Clock(9 * 3_600_000),
        dollars: 15e9,
        class: Class::High,
    });
    let hard = drawn(&Scenario { giant, ..small() }).day;
    let easy = drawn(&small()).day;
    assert_eq!(hard.case().accounts(), easy.case().accounts());
    assert_eq!(hard.case().items(), easy.case().items() + 1);
    let largest = (0..hard.case().items() as u32)
        .flat_map(|item| hard.case().legs(item))
        .max_by_key(|leg| leg.amount * u64::from(sends(&hard, 1, leg)));
    let largest = largest.expect("a payment");
    assert_eq!(
        (largest.amount, largest.priority),
        (1_500_000_000_000, Priority::High)
    );
}

#[test]
fn a_surge_comes_in_the_last_minutes() {
    let surge = Some(Surge {
        share: 0.5,
        minutes: 10,
    });
    let late = |scenario: &Scenario| {
        let day = drawn(scenario).day;
        let from = day.hours().1 - 600_000;
        day.times().iter().filter(|at| **at >= from).count()
    };
    let (hard, easy) = (late(&Scenario { surge, ..small() }), late(&small()));
    assert!(easy < 60 && (160..280).contains(&hard), "{easy} {hard}");
}

#[test]
fn a_scenario_that_is_wrong_names_field_and_rule() {
    let error = |text: &str| Scenario::parse(text).expect_err("wrong").to_string();
    let unknown = error(&format!("{SMALL}weather = 1\n"));
    assert!(
        unknown.starts_with("line 16: unknown field `weather`"),
        "{unknown}"
    );
    let unknown = error(&format!("{SMALL}[hub]\nbank = 1\nshare = 1.0\nname = 1\n"));
    assert!(unknown.starts_with("line 19: unknown field `name`"), "{unknown}");
    for (from, to, expected) in [
        ("banks = 12\n", "", "missing field `banks`"),
        ("banks = 12", "banks = 1", "banks: must be 2 to 100000"),
        ("core = 3", "core = 13", "core: must be no more than `banks`"),
        ("items = 400", "items = 0", "items: must be 1 to 2000000"),
        ("trades = 0.2", "trades = 1.5", "trades: must be 0 to 1"),
        ("trades = 0.2", "trades = nan", "trades: must be 0 to 1"),
        ("mu = 8.5", "mu = 30.0", "mu: must be -5 to 20"),
        ("sigma = 2.0", "sigma = -1.0", "sigma: must be 0 to 10"),
        (
            "liquidity = 0.2",
            "liquidity = inf",
            "liquidity: must be 0 to 100",
        ),
        (
            "high = 0.2",
            "high = 0.95",
            "high: must be no more than 1 together with `urgent`",
        ),
        ("close = \"12", "close = \"08", "close: must be after `open`"),
        ("\"JPY\"", "\"USD\"", "currencies: `USD` stands there twice"),
        ("[\"USD\", \"JPY\"]", "[]", "currencies: must name at least one"),
        (
            "open = \"08:00:00\"",
            "open = \"8\"",
            "line 13: `8` is no time of day: HH:MM:SS",
        ),
        (
            "seed = 5",
            "seed = 5\n[hub]\nbank = 13\nshare = 1.0",
            "hub.bank: must be 1 to 12, as there are `banks`",
        ),
        (
            "seed = 5",
            "seed = 5\n[outage]\nbank = 1\nfrom = \"09:00:00\"\nuntil = \"09:00:00\"",
            "outage.until: must be after `from`",
        ),
        (
            "seed = 5",
            "seed = 5\n[giant]\ndebtor = 1\ncreditor = 1\nat = \"09:00:00\"\ndollars = 1e9\nclass = \"high\"",
            "giant.creditor: must be another bank than `debtor`",
        ),
        (
            "seed = 5",
            "seed = 5\n[surge]\nshare = 0.5\nminutes = 241",
            "surge.minutes: must be 1 to 240, the minutes of the day",
        ),
    ] {
        let text = SMALL.replace(from, to);
        assert_ne!(text, SMALL, "{from}");
        let found = error(&text);
        assert!(found.starts_with(expected), "{to}: {found}");
    }
    let strange = error(&SMALL.replace("JPY", "XXX"));
    assert!(
        strange.starts_with("currencies: `XXX` is none of USD, EUR, JPY,"),
        "{strange}"
    );
}
