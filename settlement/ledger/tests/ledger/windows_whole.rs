//! Netting windows in the large: what is shown of them, balances against gross settlement, and the bounds of an entry.
use causeway_ledger::Sight;
use causeway_ledger::limits::{DUE_PER_ENTRY, OBLIGATIONS_PER_WINDOW};
use causeway_message::action::Phase;
use causeway_message::limits::DEFERRED_EFFECTS_MAX;
use causeway_message::reason::Reason;
use causeway_message::record::{Instruction, Kind};
use causeway_message::time::Timestamp;
use causeway_message::wire::WindowStage;
use causeway_message::{ParticipantId, Status, Uetr};

use crate::support::{Head, World, check, check_cut, id_of, opened};
use crate::windows::OPENING;

fn who(name: &str) -> ParticipantId {
    // Behind operator and two agents.
    ParticipantId(3 + u32::from(name.as_bytes()[0] - b'A'))
}

fn shown(world: &World, name: &str, all: bool) -> Vec<(u32, i128, u64, u64)> {
    let told = world.ledger.windows(who(name), 0, all);
    let lines = told.positions.iter();
    lines
        .map(|line| (line.participant.0, line.position, line.paid, line.missing))
        .collect()
}

#[test]
fn a_bank_sees_its_own_position_and_an_operator_all() {
    let world = opened(&format!("{OPENING}\npayin A EUR 12 of W id p -> set_aside"));
    let told = world.ledger.windows(who("A"), 0, false);
    let line = &told.windows[0];
    assert_eq!((line.window, line.stage), (id_of("W"), WindowStage::Collecting));
    assert_eq!((line.obligations, line.pay_ins), (3, 1));
    let [a, b, c] = ["A", "B", "C"].map(|name| who(name).0);
    assert_eq!(shown(&world, "A", false), [(a, -30, 12, 18)]);
    let all = [(a, -30, 12, 18), (b, 20, 0, 0), (c, 10, 0, 0)];
    assert_eq!(shown(&world, "A", true), all);
    assert!(world.ledger.windows(who("A"), 840, true).windows.is_empty());
}

#[test]
fn it_is_explained_what_a_window_has() {
    let world = opened(&format!("{OPENING}\npayin A EUR 12 of W id p -> set_aside"));
    for id in ["1", "p"] {
        let told = world.ledger.explain(who("A"), id_of(id), Sight::Own);
        assert_eq!(told.map(|told| told.reason), Some(Reason::Window), "{id}");
    }
}

/// A small generator: the same numbers in every run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

#[test]
fn balances_after_a_settled_window_are_those_of_gross_settlement() {
    for seed in 1..=24 {
        let mut draw = Draw(seed);
        let names = ["A", "B", "C", "D"];
        let currencies = ["EUR", "USD"];
        let mut net = [[0_i128; 4]; 2];
        let mut lines = String::from(
            "ledger rules 4\nopen A B C D EUR USD\nwindow EUR,USD close 100s by 200s ends 300s id W\n",
        );
        let mut settled = Vec::new();
        for number in 0..1 + draw.below(14) {
            let (from, currency) = (draw.below(4) as usize, draw.below(2) as usize);
            let to = (from + 1 + draw.below(3) as usize) % 4;
            let amount = 1 + draw.below(900);
            net[currency][from] -= i128::from(amount);
            net[currency][to] += i128::from(amount);
            let (from, to, code) = (names[from], names[to], currencies[currency]);
            lines += &format!("obligation {from} {to} {code} {amount} of W id o{number} -> collected\n");
            settled.push(format!("o{number} settled={amount}"));
        }
        let mut paid = Vec::new();
        for (code, row) in currencies.iter().zip(&net) {
            for (name, position) in names.iter().zip(row).filter(|(_, position)| **position < 0) {
                let debit = -position;
                lines += &format!(
                    "fund {name} {code} {debit}\npayin {name} {code} {debit} of W id p{name}{code} -> set_aside\n"
                );
                paid.push(format!("p{name}{code} executed"));
            }
        }
        let effects = [paid, settled].concat().join(" ");
        lines += &format!("at 100s\ntick ; effects {effects} ; notices W settled ; tells nobody 0\n");
        for (code, row) in currencies.iter().zip(&net) {
            for (name, position) in names.iter().zip(row) {
                lines += &format!("balance {name} {code} {}\n", position.max(&0));
            }
        }
        check(&lines);
    }
}

/// A full window, and one obligation that finds no room; whether it is paid in.
fn full(paid: bool) -> World {
    let pay_in = if paid {
        "payin A EUR 8000 of W id p -> set_aside"
    } else {
        ""
    };
    let mut world = opened(&format!(
        "
        ledger ids 20000 queue 20000 rules 4
        open A B EUR
        fund A EUR 8000
        window EUR close 100s by 200s ends 300s id W
        {pay_in}
        "
    ));
    let record = |number: usize| {
        let id = id_of(&format!("o{number}"));
        let mut record = Instruction::payment(id, Uetr(id.0), who("A"), who("B"), 978, 1);
        record.kind = Kind::Obligation as u8;
        record.related = id_of("W").0;
        record
    };
    let records: Vec<Instruction> = (0..=OBLIGATIONS_PER_WINDOW).map(record).collect();
    let outcome = world.instruct(Head::of(who("A"), 1), &records, &[]);
    let told: Vec<Option<Status>> = outcome.answers.iter().map(|answer| answer.status()).collect();
    let (last, others) = told.split_last().expect("there are answers");
    assert_eq!(*last, Some(Status::QueueFull));
    assert!(others.iter().all(|status| *status == Some(Status::Collected)));
    world
}

fn after(seconds: u64) -> Timestamp {
    Timestamp(World::start().0 + seconds * 1_000_000_000)
}

#[test]
fn a_full_window_settles_in_one_entry() {
    let mut world = full(true);
    world.at(after(100));
    let outcome = world.tick();
    assert_eq!(outcome.deferred.len(), OBLIGATIONS_PER_WINDOW + 1);
    assert!(outcome.deferred.len() <= DEFERRED_EFFECTS_MAX);
    assert_eq!(world.ledger.waiting(), 0);
    check_cut(&world, world.log.len() - 2);
}

#[test]
fn a_full_window_that_fails_lets_go_in_bounded_steps() {
    let mut world = full(false);
    world.ledger.audit();
    // Nobody pays in, and what would be drawn is paid away first.
    let id = id_of("away");
    let away = Instruction::payment(id, Uetr(id.0), who("A"), who("B"), 978, 1);
    world.instruct(Head::of(who("A"), 1), &[away], &[]);
    world.at(after(300));
    let mut left = OBLIGATIONS_PER_WINDOW;
    for _ in 0..4 {
        let outcome = world.tick();
        assert!(outcome.deferred.len() <= DEFERRED_EFFECTS_MAX);
        left -= outcome.deferred.len();
    }
    // All but the last settled; that queues.
    assert_eq!((left, world.ledger.waiting()), (0, 1));
    check_cut(&world, world.log.len() - 4);
}

#[test]
fn a_status_of_a_window_can_change_only_while_it_waits() {
    assert!(Status::Collected.is_transient() && Status::WindowInvalid.is_rejected());
}

/// A day that closes at 1000s, and a window that ends with it.
const TO_THE_CLOSE: &str = "
    ledger rules 4
    open A B C EUR
    fund A EUR 100
    schedule EUR 0d 100s 500s 600s 1000s
    at 100s
    tick
    window EUR close 700s by 800s ends 1000s id W
    obligation A B EUR 70 of W id 1 -> collected
    obligation B C EUR 50 of W id 2 -> collected
";

#[test]
fn a_window_that_ends_by_the_close_of_its_day_settles_first_though_both_come_at_once() {
    check(&format!(
        "{TO_THE_CLOSE}
        payin A EUR 70 of W id p -> set_aside
        at 1006s
        tick ; effects p executed 1 settled 2 settled ; notices W settled ; tells nobody 0
        balance A EUR 30
        balance B EUR 20
        balance C EUR 50
        "
    ));
    check(&format!(
        "{TO_THE_CLOSE}
        payin A EUR 60 of W id p -> set_aside
        at 1006s
        tick ; effects p executed 1 settled 2 settled ; notices W pay_in_missed W settled ; tells nobody 0
        balance A EUR 30
        "
    ));
}

#[test]
fn a_window_that_cannot_settle_by_the_close_of_its_day_fails_for_its_own_reason() {
    check(&format!(
        "{TO_THE_CLOSE}
        defund A EUR 40 id d
        at 1006s
        tick ; effects 1 rejected_close 2 rejected_close ; notices W pay_in_missed W insufficient_liquidity ; tells nobody 0
        balance A EUR 100 reserved 40
        "
    ));
}

#[test]
fn a_close_waits_until_the_windows_that_end_by_it_were_looked_at() {
    let mut world = opened(
        "
        ledger ids 20000 queue 20000 rules 4
        open A B EUR
        fund A EUR 5000
        schedule EUR 0d 100s 500s 600s 1000s
        at 100s
        tick
        window EUR close 700s by 800s ends 1000s id V
        window EUR close 700s by 800s ends 1000s id W
        ",
    );
    for window in ["V", "W"] {
        let record = |number: usize| {
            let id = id_of(&format!("{window} {number}"));
            let mut record = Instruction::payment(id, Uetr(id.0), who("A"), who("B"), 978, 1);
            record.kind = Kind::Obligation as u8;
            record.related = id_of(window).0;
            record
        };
        let records: Vec<Instruction> = (0..DUE_PER_ENTRY).map(record).collect();
        world.instruct(Head::of(who("A"), 1), &records, &[]);
    }
    world.at(after(1_006));
    for (left, phase) in [(1, Phase::CutOff), (0, Phase::Closed)] {
        let settled = world.tick().deferred.len();
        assert_eq!(settled, DUE_PER_ENTRY);
        assert_eq!(world.ledger.windows(who("A"), 978, true).windows.len(), left);
        assert_eq!(world.ledger.day_lines(978).lines[0].phase, phase);
    }
    check_cut(&world, world.log.len() - 2);
}

/// A window whose net debit is covered, with one more obligation that stands in the way of all others.
const BLOCKED: &str = "
    ledger rules 4
    open A B C D EUR
    fund A EUR 100
    window EUR close 100s by 200s ends 300s id W
    obligation A B EUR 30 of W id 1 -> collected
    payin A EUR 31 of W id p -> set_aside
";

#[test]
fn one_obligation_to_or_of_a_member_that_may_not_settle_stops_a_window_until_it_is_withdrawn() {
    for (stops, obligation, withdraw, becomes) in [
        ("hold_party D", "A D EUR 1", "cancel A D EUR 1 of x", "pending"),
        ("hold_party D", "D A EUR 1", "cancel D A EUR 1 of x", "queued"),
        ("member D taking", "A D EUR 1", "cancel A D EUR 1 of x", "settled"),
    ] {
        // It is taken all the same; after the close nobody can take it back, and the window fails whole.
        check(&format!(
            "{BLOCKED}
            fund D EUR 1
            payin D EUR 1 of W id y -> set_aside
            {stops}
            obligation {obligation} of W id x -> collected
            at 100s
            {withdraw} -> not_waiting
            drop_window W -> window_invalid
            at 200s
            tick
            at 300s
            tick ; effects p given_back y given_back 1 settled x {becomes} ; notices W insufficient_liquidity ; tells nobody 0
            "
        ));
        check(&format!(
            "{BLOCKED}
            {stops}
            obligation {obligation} of W id x -> collected
            {withdraw} -> executed ; effects x cancelled
            at 100s
            tick ; effects p executed 1 settled ; notices W settled ; tells nobody 0
            "
        ));
        check(&format!(
            "{BLOCKED}
            {stops}
            obligation {obligation} of W id x -> collected
            drop_window W ; effects p given_back 1 cancelled x cancelled ; notices W cancelled ; tells nobody 0
            "
        ));
    }
}

#[test]
fn one_account_can_fill_a_window_and_what_it_withdraws_makes_room() {
    let mut world = full(false);
    let one = |name: &str, from: &str, to: &str| {
        let id = id_of(name);
        let mut record = Instruction::payment(id, Uetr(id.0), who(from), who(to), 978, 1);
        record.kind = Kind::Obligation as u8;
        record.related = id_of("W").0;
        record
    };
    let outcome = world.instruct(Head::of(who("B"), 1), &[one("late", "B", "A")], &[]);
    assert_eq!(outcome.answers[0].status(), Some(Status::QueueFull));
    // One that is withdrawn makes room.
    let mut cancel = one("q", "A", "B");
    cancel.kind = Kind::Cancel as u8;
    cancel.related = id_of("o0").0;
    let outcome = world.instruct(Head::of(who("A"), 1), &[cancel], &[]);
    assert_eq!(outcome.answers[0].status(), Some(Status::Executed));
    let outcome = world.instruct(Head::of(who("B"), 1), &[one("again", "B", "A")], &[]);
    assert_eq!(outcome.answers[0].status(), Some(Status::Collected));
}
