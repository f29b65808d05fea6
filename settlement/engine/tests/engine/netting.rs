//! Netting on a whole node: what waits for each other settles by plans, also across currencies, and nothing else changes.
use std::time::Duration;

use causeway_engine::netting::{Evidence, NettingConfig, NettingMode, Trigger, Triggers, evidence};
use causeway_engine::{Engine, EngineConfig, Sight, verify};
use causeway_message::entry::EntryKind;
use causeway_message::plan::Plan;
use causeway_message::reason::Reason;
use causeway_message::record::{Instruction, Kind};
use causeway_message::time::Timestamp;
use causeway_message::wire::InstructionKey;
use causeway_message::{Digest, ParticipantId, Status};
use causeway_netting::{Bound, Mode};

use super::support::{A, B, C, D, EUR, USD, World, each_entry, eventually, rest, state_at, stopped};

const NO_TRIGGERS: Triggers = Triggers {
    gridlock: false,
    interval: None,
    age: None,
    value: Vec::new(),
};

fn world(triggers: Triggers) -> World {
    let mut world = World::new();
    world.config = EngineConfig {
        rules: Some(3),
        netting: NettingConfig {
            mode: NettingMode::Bypass,
            look: Duration::from_millis(10),
            triggers,
            ..NettingConfig::default()
        },
        ..world.config.clone()
    };
    world
}

fn gridlock() -> Triggers {
    Triggers {
        gridlock: true,
        ..NO_TRIGGERS
    }
}

fn trade(
    world: &World,
    party: ParticipantId,
    other: ParticipantId,
    pays: (u16, u64),
    gets: (u16, u64),
) -> Instruction {
    let mut trade = world.payment(party, other, pays.0, pays.1);
    trade.kind = Kind::Pvp as u8;
    (trade.counter_currency, trade.counter_amount) = (gets.0.into(), gets.1.into());
    let days = Timestamp::from_seconds(world.seconds(0)).days();
    trade.value_date = (days as u16).into();
    trade
}

fn status(engine: &Engine, sent: &Instruction) -> Option<Status> {
    let key = InstructionKey {
        submitter: ParticipantId(sent.debtor.get()),
        id: sent.id(),
    };
    let told = engine.asker().status(key).expect("an answer");
    told.map(|told| told.status)
}

fn all_are(engine: &Engine, sent: &[Instruction], wanted: Status) -> bool {
    sent.iter().all(|sent| status(engine, sent) == Some(wanted))
}

fn send(world: &World, engine: &Engine, sent: &[Instruction]) {
    for sent in sent {
        let who = ParticipantId(sent.debtor.get());
        world.told(engine, &world.batch(who, std::slice::from_ref(sent)));
    }
}

/// What waits for each other in two currencies, by two payments in euros, one in dollars, and a trade.
fn knot(world: &World) -> Vec<Instruction> {
    vec![
        world.payment(B, C, EUR, 50),
        world.payment(C, A, EUR, 50),
        world.payment(A, B, USD, 60),
        trade(world, A, B, (EUR, 50), (USD, 60)),
        trade(world, B, A, (USD, 60), (EUR, 50)),
    ]
}

fn plans(world: &World) -> usize {
    let mut plans = 0;
    each_entry(&world.config, &world.genesis, |header, payload, _| {
        if header.kind() == Ok(EntryKind::Plan) {
            Plan::read(payload).expect("a plan");
            plans += 1;
        }
    });
    plans
}

/// Index, hash and instructions of each plan in the log.
fn entered(world: &World) -> Vec<(u64, Digest, Plan)> {
    let mut all = Vec::new();
    each_entry(&world.config, &world.genesis, |header, payload, _| {
        if header.kind() == Ok(EntryKind::Plan) {
            let plan = Plan::read(payload).expect("a plan");
            all.push((header.index.get(), header.hash(), plan));
        }
    });
    all
}

/// What evidence says of itself must be what the log holds.
fn is_what_the_log_holds(world: &World, told: &Evidence) {
    let entered = entered(world);
    let own = entered.iter().filter(|(index, ..)| told.plans.contains(index));
    let own: Vec<_> = own.collect();
    let indexes: Vec<u64> = own.iter().map(|(index, ..)| *index).collect();
    assert_eq!(told.plans, indexes);
    assert_eq!(own.last().map(|(_, hash, _)| *hash), Some(told.hash));
    assert!(own.iter().all(|(.., plan)| plan.basis == told.basis));
    let named = own.iter().flat_map(|(.., plan)| &plan.instructions);
    let mut named: Vec<_> = named.copied().collect();
    named.sort_unstable();
    let planned = told.planned.iter().flat_map(|item| &told.keys[item as usize]);
    let mut planned: Vec<_> = planned.copied().collect();
    planned.sort_unstable();
    assert_eq!(named, planned);
    let proven = Bound::prove(&told.case, &told.bound.multipliers);
    assert_eq!(proven, Some(told.bound.scaled));
    assert!(told.planned.value(&told.case) <= told.bound.value());
}

#[test]
fn evidence_of_a_proposal_is_what_the_log_holds_of_it() {
    for mode in [NettingMode::Fifo, NettingMode::Bypass] {
        let mut world = world(NO_TRIGGERS);
        let (evidences, evidence) = evidence();
        world.config.evidence = Some(evidences);
        world.config.netting.mode = mode;
        let engine = world.start();
        let knot = knot(&world);
        send(&world, &engine, &knot);
        let dead = world.payment(D, A, EUR, 7);
        send(&world, &engine, std::slice::from_ref(&dead));
        let run = || engine.netting().run_now().expect("it answers");
        let look = run().expect("netting is on");
        assert!(all_are(&engine, &knot, Status::Settled));
        // Nothing is left that settles, so there is nothing to tell.
        run();
        stopped(engine);
        let told: Vec<Evidence> = evidence.try_iter().collect();
        let [told] = told.as_slice() else {
            panic!("one proposal, not {}", told.len())
        };
        assert_eq!((told.basis, told.named, told.settled), (look.index, 5, 5));
        // The trade is one item of two instructions.
        assert_eq!((told.case.items(), told.planned.len()), (5, 4));
        let expected = if mode == NettingMode::Fifo {
            Mode::Fifo
        } else {
            Mode::Bypass
        };
        assert_eq!(told.mode, expected);
        is_what_the_log_holds(&world, told);
        let of = |sent: &Instruction| (ParticipantId(sent.debtor.get()), sent.id());
        let keys: Vec<_> = told.keys.iter().flatten().copied().collect();
        assert!(knot.iter().chain([&dead]).all(|sent| keys.contains(&of(sent))));
    }
}

#[test]
fn evidence_that_nobody_takes_stops_nothing() {
    let mut world = world(NO_TRIGGERS);
    let (evidences, evidence) = evidence();
    let places = evidences.capacity().expect("a bound");
    world.config.evidence = Some(evidences);
    let engine = world.start();
    for _ in 0..places + 2 {
        let pair = [world.payment(A, B, EUR, 5), world.payment(B, A, EUR, 5)];
        send(&world, &engine, &pair);
        engine.netting().run_now().expect("it answers");
        assert!(all_are(&engine, &pair, Status::Settled));
    }
    stopped(engine);
    let told: Vec<Evidence> = evidence.try_iter().collect();
    assert_eq!((told.len(), plans(&world)), (places, places + 2));
    told.iter().for_each(|told| is_what_the_log_holds(&world, told));
}

#[test]
fn evidence_of_several_plans_is_tied_to_the_last() {
    let mut world = world(NO_TRIGGERS);
    let (evidences, evidence) = evidence();
    world.config.evidence = Some(evidences);
    let engine = world.start();
    for (from, to) in [(A, B), (B, A)] {
        let batch: Vec<Instruction> = (0..1_500).map(|_| world.payment(from, to, EUR, 1)).collect();
        world.told(&engine, &world.batch(from, &batch));
    }
    engine.netting().run_now().expect("it answers");
    stopped(engine);
    let told = evidence.try_iter().next().expect("evidence");
    assert_eq!((told.plans.len(), told.settled), (2, 3_000));
    is_what_the_log_holds(&world, &told);
}

#[test]
fn a_gridlock_across_currencies_settles_without_any_money() {
    let world = world(gridlock());
    let engine = world.start();
    let knot = knot(&world);
    send(&world, &engine, &knot);
    eventually("everything settles", || all_are(&engine, &knot, Status::Settled));
    let last = rest(&engine);
    let digest = engine.asker().state_digest().expect("a digest");
    stopped(engine);
    assert!(plans(&world) >= 1);
    assert_eq!(digest, (last, state_at(&world.config, &world.genesis, last)));
    verify::log(&world.config, &world.genesis, |_| {}).expect("the log holds");
    let engine = world.start();
    assert!(all_are(&engine, &knot, Status::Settled));
    stopped(engine);
}

#[test]
fn a_gridlock_is_named_until_an_operator_lets_it_settle() {
    let world = world(NO_TRIGGERS);
    let engine = world.start();
    let knot = knot(&world);
    send(&world, &engine, &knot);
    let dead = world.payment(D, A, EUR, 7);
    send(&world, &engine, std::slice::from_ref(&dead));
    let why = |sent: &Instruction| {
        let key = InstructionKey {
            submitter: ParticipantId(sent.debtor.get()),
            id: sent.id(),
        };
        let told = engine.asker().explain(key, Sight::Own).expect("an answer");
        told.expect("it waits").reason
    };
    eventually("the gridlock is seen", || {
        knot.iter().all(|sent| why(sent) == Reason::Gridlock)
    });
    assert_eq!(why(&dead), Reason::Funds);
    assert_eq!(engine.netting().last().proposed, None);
    let look = engine
        .netting()
        .run_now()
        .expect("it answers")
        .expect("netting is on");
    assert_eq!((look.queued, look.proposed), (6, Some((Trigger::Operator, 1))));
    let euros = look
        .currencies
        .iter()
        .find(|seen| seen.currency == EUR)
        .expect("euros");
    assert_eq!(
        (euros.queued_count, euros.queued, euros.found, euros.saved),
        (4, 157, 150, 150)
    );
    assert!(all_are(&engine, &knot, Status::Settled));
    assert_eq!(status(&engine, &dead), Some(Status::Queued));
    let look = engine
        .netting()
        .run_now()
        .expect("it answers")
        .expect("netting is on");
    assert_eq!((look.queued, look.proposed), (1, None));
    stopped(engine);
}

#[test]
fn what_is_too_much_for_one_plan_settles_in_several() {
    let world = world(gridlock());
    let engine = world.start();
    let mut sent = Vec::new();
    for (from, to) in [(A, B), (B, C), (C, A)] {
        let batch: Vec<Instruction> = (0..2_000)
            .map(|n| world.payment(from, to, EUR, 1 + n % 7))
            .collect();
        world.told(&engine, &world.batch(from, &batch));
        sent.extend(batch);
    }
    eventually("everything settles", || all_are(&engine, &sent, Status::Settled));
    stopped(engine);
    assert!(plans(&world) >= 3);
    verify::log(&world.config, &world.genesis, |_| {}).expect("the log holds");
}

#[test]
fn without_a_trigger_nothing_is_proposed_and_off_is_off() {
    for (mode, answers) in [(NettingMode::Fifo, true), (NettingMode::Off, false)] {
        let mut world = world(NO_TRIGGERS);
        world.config.netting.mode = mode;
        let engine = world.start();
        let knot = knot(&world);
        send(&world, &engine, &knot);
        std::thread::sleep(Duration::from_millis(100));
        assert!(!all_are(&engine, &knot, Status::Settled));
        let told = engine.netting().run_now().expect("it answers");
        assert_eq!(told.is_some(), answers);
        assert_eq!(all_are(&engine, &knot, Status::Settled), answers);
        stopped(engine);
    }
}

#[test]
fn each_trigger_proposes_and_names_itself() {
    let cases = [
        (
            Trigger::Value,
            Triggers {
                value: vec![(EUR, 150)],
                ..NO_TRIGGERS
            },
        ),
        (
            Trigger::Age,
            Triggers {
                age: Some(Duration::ZERO),
                ..NO_TRIGGERS
            },
        ),
        (
            Trigger::Interval,
            Triggers {
                interval: Some(Duration::ZERO),
                ..NO_TRIGGERS
            },
        ),
        (Trigger::Gridlock, gridlock()),
    ];
    for (trigger, triggers) in cases {
        let world = world(triggers);
        let engine = world.start();
        let knot = knot(&world);
        send(&world, &engine, &knot);
        let mut seen = None;
        eventually("it is proposed", || {
            seen = seen.or(engine.netting().last().proposed);
            all_are(&engine, &knot, Status::Settled) && seen.is_some()
        });
        assert_eq!(seen.map(|(trigger, _)| trigger), Some(trigger));
        stopped(engine);
    }
}

#[test]
fn a_plan_from_outside_settles_what_the_rules_allow_and_no_more() {
    let mut world = world(NO_TRIGGERS);
    world.config.netting.mode = NettingMode::Off;
    let engine = world.start();
    let ring = [
        world.payment(A, B, EUR, 5),
        world.payment(B, C, EUR, 5),
        world.payment(C, A, EUR, 5),
    ];
    let behind = world.payment(A, D, EUR, 1);
    send(&world, &engine, &ring);
    send(&world, &engine, std::slice::from_ref(&behind));
    let plan = |sent: &[Instruction]| {
        let key = |sent: &Instruction| (ParticipantId(sent.debtor.get()), sent.id());
        let mut instructions: Vec<_> = sent.iter().map(key).collect();
        instructions.sort_unstable();
        Plan {
            basis: 1,
            instructions,
        }
    };
    assert!(engine.propose(&plan(&ring[..2])));
    assert!(engine.propose(&plan(std::slice::from_ref(&behind))));
    rest(&engine);
    assert!(all_are(&engine, &ring, Status::Queued));
    assert!(engine.propose(&plan(&[ring.as_slice(), &[behind]].concat())));
    eventually("the ring settles", || all_are(&engine, &ring, Status::Settled));
    assert_eq!(status(&engine, &behind), Some(Status::Queued));
    stopped(engine);
    assert_eq!(plans(&world), 3);
    verify::log(&world.config, &world.genesis, |_| {}).expect("the log holds");
}

#[test]
fn a_gridlock_that_no_plan_holds_stops_no_other() {
    let world = world(NO_TRIGGERS);
    let engine = world.start();
    // One payment against more than a plan may name: none of them settles without all.
    let small: Vec<Instruction> = (0..4_112).map(|_| world.payment(A, B, EUR, 1)).collect();
    world.told(&engine, &world.batch(A, &small));
    let large = world.payment(B, A, EUR, 4_112);
    let pair = [world.payment(C, D, USD, 5), world.payment(D, C, USD, 5)];
    send(&world, &engine, std::slice::from_ref(&large));
    send(&world, &engine, &pair);
    let look = engine
        .netting()
        .run_now()
        .expect("it answers")
        .expect("netting is on");
    assert_eq!(
        (look.unsplit, look.proposed),
        (4_113, Some((Trigger::Operator, 1)))
    );
    assert_eq!(look.found.len(), 4_113);
    assert!(all_are(&engine, &pair, Status::Settled));
    assert_eq!(status(&engine, &large), Some(Status::Queued));
    let look = engine
        .netting()
        .run_now()
        .expect("it answers")
        .expect("netting is on");
    assert_eq!((look.unsplit, look.proposed), (4_113, None));
    assert_eq!(
        (
            engine.netting().tally().named,
            engine.netting().tally().proposed_value
        ),
        (2, 10)
    );
    stopped(engine);
}

#[test]
fn money_that_comes_in_and_time_that_passes_are_seen_though_no_queue_moves() {
    let world = world(gridlock());
    let engine = world.start();
    let pair = [world.payment(A, B, EUR, 100), world.payment(B, A, EUR, 90)];
    send(&world, &engine, &pair);
    std::thread::sleep(Duration::from_millis(100));
    assert!(all_are(&engine, &pair, Status::Queued));
    world.fund(&engine, A, EUR, 10);
    eventually("the pair settles", || all_are(&engine, &pair, Status::Settled));
    stopped(engine);

    let world = self::world(Triggers {
        age: Some(Duration::from_millis(300)),
        ..NO_TRIGGERS
    });
    let engine = world.start();
    let knot = knot(&world);
    send(&world, &engine, &knot);
    eventually("what is old settles", || all_are(&engine, &knot, Status::Settled));
    stopped(engine);
}

#[test]
fn urgent_payments_take_what_is_reserved_for_them() {
    let world = world(NO_TRIGGERS);
    let engine = world.start();
    world.fund(&engine, A, EUR, 50);
    let mut reserve = world.payment(A, A, EUR, 50);
    (reserve.kind, reserve.priority) = (Kind::Reservation as u8, 2);
    reserve.uetr = [0; 16];
    let told = world.told(&engine, &world.batch(A, &[reserve]));
    assert_eq!(told.statuses(), [Status::Executed]);
    let mut pair = [world.payment(A, B, EUR, 100), world.payment(B, A, EUR, 50)];
    pair.iter_mut().for_each(|payment| payment.priority = 2);
    send(&world, &engine, &pair);
    assert!(all_are(&engine, &pair, Status::Queued));
    engine
        .netting()
        .run_now()
        .expect("it answers")
        .expect("netting is on");
    assert!(all_are(&engine, &pair, Status::Settled));
    stopped(engine);
}
