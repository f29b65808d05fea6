//! The end of the day in steps, and statements of one position (section 30).
use causeway_message::ParticipantId;
use causeway_message::action::{Action, Phase};
use causeway_message::control::{Control, proposal_digest};
use causeway_message::statement::{DayStep, Statement};
use causeway_message::time::Timestamp;

use crate::support::{Head, World, check_repeats, id_of, opened};

/// Steps told by the last entry: step, instant, count and value.
fn steps(world: &World) -> Vec<(DayStep, u32, u32, i128)> {
    let days = world.last().outcome.days.iter().map(|day| day.told);
    days.map(|told| (told.step, told.at, told.count, told.value))
        .collect()
}

/// Statements told by the last entry: to whom, of a liability or not, what.
fn statements(world: &World) -> Vec<(ParticipantId, bool, Statement)> {
    let told = world.last().outcome.statements.iter();
    told.map(|notice| (notice.whom, notice.overseer, notice.statement))
        .collect()
}

/// Carries an action out, in two entries.
fn decide(world: &mut World, proposer: u32, action: Action) {
    let id = id_of(&format!("by hand {}", world.log.len()));
    let proposer = ParticipantId(proposer);
    let digest = proposal_digest(world.ledger.id(), proposer, id, &action);
    world.control(Head::of(proposer, 1), &[(id, Control::Propose(action))]);
    let approval = id_of(&format!("approval {}", world.log.len()));
    world.control(Head::of(proposer, 2), &[(approval, Control::Approve(digest))]);
}

/// Ticks until nothing is left to do, and tells what each entry told.
fn closes(world: &mut World) -> Vec<Vec<(DayStep, u32, u32, i128)>> {
    let mut all = vec![steps(world)];
    while world.ledger.next_due().is_some_and(|due| due <= world.now()) {
        world.tick();
        all.push(steps(world));
    }
    all
}

/// Seconds after the genesis.
fn after(seconds: u64) -> Timestamp {
    Timestamp(World::start().0 + seconds * 1_000_000_000)
}

fn second(seconds: u64) -> u32 {
    after(seconds).seconds() as u32
}

/// A day from 10 to 40 with a line in use, fees, and a payment that waits; the next one begins at 100.
fn busy_day() -> World {
    opened(
        "
        ledger rules 4
        open A B C EUR USD
        fund A EUR 100
        cap B EUR 10
        collateral B EUR BOND 500 0
        credit B EUR 1000 id line ; tells B 0
        fee EUR 1 C flat 5
        schedule EUR 0d 10s 20s 30s 40s and 1d 100s 110s 120s 130s
        tick 10s
        pay A B EUR 30 -> settled
        pay B A EUR 100 -> settled
        pay A C EUR 999 id late -> queued 1
        ",
    )
}

#[test]
fn each_step_of_a_day_is_told_when_it_is_done_in_an_entry_of_its_own() {
    let mut world = busy_day();
    for (seconds, step) in [(20, DayStep::CustomersCutOff), (30, DayStep::CutOff)] {
        world.at(after(seconds));
        world.tick();
        assert_eq!(steps(&world), [(step, second(seconds), 0, 0)]);
    }
    world.at(after(45));
    world.tick();
    assert_eq!(
        closes(&mut world),
        [
            // The close and all that waited.
            vec![(DayStep::Closed, second(40), 0, 0), (DayStep::Rejected, 0, 1, 0)],
            // B owes 70, of which its cap covers 10.
            vec![(DayStep::Credit, 0, 1, 60)],
            // A pays for one payment; B has nothing without its line.
            vec![(DayStep::Fees, 0, 1, 5)],
            vec![(DayStep::Statements, 0, 3, 100)],
        ]
    );
    let days = &world.last().outcome.days;
    // The operator and the agent; nobody that takes part.
    assert_eq!(days[0].whom, [ParticipantId(0), ParticipantId(1)]);
    assert_eq!(world.ledger.next_due(), Some(after(100)));
    check_repeats(&world);
}

#[test]
fn statements_are_of_one_position_and_follow_each_other() {
    let mut world = busy_day();
    let [a, b, c, agent] = [3, 4, 5, 1].map(ParticipantId);
    world.at(after(45));
    world.tick();
    while steps(&world) != [(DayStep::Fees, 0, 1, 5)] {
        world.tick();
    }
    let to = world.ledger.index();
    // What comes after is of the next day, though it comes before the statement is told.
    let fund = Action::Fund {
        participant: c,
        currency: 978,
        amount: 7,
        reference: "late".into(),
    };
    let id = id_of("late");
    let digest = proposal_digest(world.ledger.id(), agent, id, &fund);
    world.control(Head::of(agent, 1), &[(id, Control::Propose(fund))]);
    world.control(
        Head::of(agent, 2),
        &[(id_of("late too"), Control::Approve(digest))],
    );
    let told = world
        .log
        .iter()
        .rposition(|entry| !entry.outcome.statements.is_empty());
    let told = told.expect("statements were told") as u64 + 1;
    let given = &world.log[told as usize - 1].outcome.statements;
    let date = given[0].statement.date;
    let first = |closing| Statement {
        currency: 978,
        date,
        opening: 0,
        closing,
        from: 0,
        to,
        before: 0,
    };
    let given: Vec<_> = given
        .iter()
        .map(|own| (own.whom, own.overseer, own.statement))
        .collect();
    assert_eq!(
        given,
        [
            (a, false, first(165)),
            (b, false, first(-70)),
            (c, false, first(5)),
            (agent, true, first(100)),
        ]
    );
    let last = world.ledger.last_statement(c, 978).expect("it was told");
    assert_eq!((last.closing, last.to, last.told, last.date), (5, to, told, date));
    assert_eq!(world.ledger.last_statement(c, 840), None);
    world.at(after(100));
    world.tick();
    world.at(after(135));
    world.tick();
    while steps(&world).iter().all(|step| step.0 != DayStep::Statements) {
        world.tick();
    }
    let next = statements(&world);
    let end = next[0].2.to;
    assert!(end > told);
    let (whom, overseer, statement) = next[2];
    assert_eq!((whom, overseer), (c, false));
    let expected = Statement {
        currency: 978,
        date: date + 1,
        opening: 5,
        closing: 12,
        from: to,
        to: end,
        before: told,
    };
    assert_eq!(statement, expected);
    assert_eq!(next[3].2.closing, 107);
    check_repeats(&world);
}

#[test]
fn a_node_that_was_away_tells_all_steps_of_the_hours_at_once() {
    let mut world = busy_day();
    world.at(after(60));
    world.tick();
    let told: Vec<DayStep> = steps(&world).iter().map(|step| step.0).collect();
    assert_eq!(
        told,
        [
            DayStep::CustomersCutOff,
            DayStep::CutOff,
            DayStep::Closed,
            DayStep::Rejected
        ]
    );
}

#[test]
fn days_by_hand_end_in_the_same_steps_and_earlier_rules_tell_none() {
    // Opened twice, closed, and the four steps of a close; a statement of the account and of the liability.
    for (rules, expected) in [(3, (0, 0)), (4, (7, 2))] {
        let world = opened(&format!(
            "
            ledger rules {rules}
            open A EUR
            day EUR open 0d
            day EUR closed 0d
            day EUR open 1d
            "
        ));
        let told: usize = world.log.iter().map(|entry| entry.outcome.days.len()).sum();
        let given: usize = world.log.iter().map(|entry| entry.outcome.statements.len()).sum();
        assert_eq!((told, given), expected);
    }
}

#[test]
fn an_extension_is_told_and_a_cut_off_by_hand_too() {
    let mut world = opened(
        "
        ledger rules 4
        open A EUR
        schedule EUR 0d 10s 20s 30s 40s
        tick 10s
        extend EUR 0d 10s 25s 35s 50s
        ",
    );
    assert_eq!(steps(&world), [(DayStep::Extended, second(50), 0, 0)]);
    let cut_off = Action::SetDay {
        currency: 978,
        phase: Phase::CutOff,
        date: world.now().days() as u16,
    };
    decide(&mut world, 0, cut_off);
    assert_eq!(steps(&world), [(DayStep::CutOff, 0, 0, 0)]);
}

#[test]
fn nothing_of_a_day_that_is_not_done_lets_the_next_one_open() {
    let mut world = busy_day();
    world.at(after(105));
    world.tick();
    let mut opened_at = None;
    for _ in 0..8 {
        if steps(&world).iter().any(|step| step.0 == DayStep::Opened) {
            opened_at.get_or_insert(world.ledger.index());
        }
        world.tick();
    }
    let statements = world
        .log
        .iter()
        .position(|entry| !entry.outcome.statements.is_empty());
    let statements = statements.expect("they were told") as u64 + 1;
    assert_eq!(opened_at, Some(statements + 1));
}
