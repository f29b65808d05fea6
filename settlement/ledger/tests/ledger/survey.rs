//! What a survey counts, held to what each participant is told of its own accounts and queue.
use causeway_ledger::{Bound, Bounds, CurrencyStanding, Ledger, Standing, Survey};
use causeway_message::action::{AccountGrant, role};
use causeway_message::genesis::{CurrencyGrant, Genesis};
use causeway_message::wire::day_flags;
use causeway_message::wire::{AccountLine, account_flags};
use causeway_message::{ParticipantId, Status};

use crate::support::{World, member, opened};

/// Counts to the end: the whole, and in how many steps.
fn surveyed(ledger: &Ledger) -> (Standing, u32) {
    let mut survey = Survey::default();
    for steps in 1..1_000 {
        if let Some(standing) = survey.step(ledger) {
            return (standing, steps);
        }
    }
    panic!("the survey has no end");
}

fn count(standing: &mut CurrencyStanding, bound: Bound, below_use: bool) {
    let Bounds {
        set,
        below_use: below,
    } = &mut standing.bounds[bound as usize];
    (*set, *below) = (*set + 1, *below + u64::from(below_use));
}

fn add_account(standing: &mut CurrencyStanding, line: &AccountLine) {
    for (all, own) in standing.queued.iter_mut().zip(line.outgoing) {
        *all = (all.0 + u64::from(own.count), all.1 + own.value);
    }
    standing.set_aside += line.set_aside;
    standing.fees += i128::from(line.fees);
    if line.cap > 0 || line.free < 0 {
        count(standing, Bound::Cap, line.free < 0);
    }
    if line.flags & account_flags::MULTILATERAL != 0 {
        let below = line.multilateral_used > i128::from(line.multilateral);
        count(standing, Bound::Multilateral, below);
    }
    for kept in [line.high, line.urgent] {
        if kept.set > 0 {
            count(standing, Bound::Reservation, i128::from(kept.left) > line.free);
        }
    }
}

/// Payments of a participant that stand beside the queues: for their from-time, and because of a hold.
fn beside(ledger: &Ledger, participant: ParticipantId) -> [u64; 2] {
    let (mut found, mut first) = ([0; 2], 0);
    loop {
        let page = ledger.queue_lines(participant, 0, first);
        for line in &page.lines {
            found[0] += u64::from(line.status == Status::Warehoused);
            found[1] += u64::from(line.status == Status::Pending);
        }
        if page.next == 0 {
            return found;
        }
        first = page.next;
    }
}

/// Holds a survey to what every participant is told.
pub fn agrees(ledger: &Ledger) {
    let (told, _) = surveyed(ledger);
    let numbers = ledger.positions().into_iter().map(|(currency, ..)| currency);
    let numbers: Vec<u16> = numbers.collect();
    assert_eq!(told.currencies.len(), numbers.len());
    let empty = |(told, number): (&CurrencyStanding, &u16)| {
        let days = ledger.day_lines(*number).lines;
        let scheduled = days[0].flags & day_flags::SCHEDULED != 0;
        CurrencyStanding {
            code: told.code,
            queued: Default::default(),
            set_aside: 0,
            fees: 0,
            bounds: Default::default(),
            collateral: 0,
            credit_in_use: 0,
            window_positions: 0,
            credit_frozen: 0,
            phase: days[0].phase,
            hours: scheduled.then_some(days[0].hours),
            days_ahead: days.len() as u64 - 1,
            dated: 0,
        }
    };
    let mut sums: Vec<CurrencyStanding> = told.currencies.iter().zip(&numbers).map(empty).collect();
    let (mut aside, mut held) = ([0; 2], 0);
    for (id, participant) in (0..).map(ParticipantId).zip(ledger.registry().all()) {
        held += u64::from(participant.held);
        let own = beside(ledger, id);
        aside = [aside[0] + own[0], aside[1] + own[1]];
        let accounts = ledger.treasury(id, 0);
        let place = |currency| numbers.iter().position(|known| *known == currency);
        for line in &accounts.lines {
            add_account(&mut sums[place(line.currency).expect("it is open")], line);
        }
        for limit in &accounts.limits {
            let sum = &mut sums[place(limit.currency).expect("it is open")];
            count(sum, Bound::Bilateral, limit.used > i128::from(limit.amount));
        }
    }
    assert_eq!(told.currencies, sums);
    assert_eq!([told.warehoused, told.held_payments], aside);
    assert_eq!(told.held_participants, held);
}

#[test]
fn a_survey_counts_what_each_rule_keeps() {
    let world = opened(
        "
        ledger rules 2
        open A B C D EUR JPY
        cap A EUR 5
        fund A EUR 100
        fund B EUR 50
        fee EUR 1 C flat 2
        limit A B EUR 10 -> executed
        pay A B EUR 9 -> settled
        limit A B EUR 8 -> executed below
        limit A A EUR 7 -> executed
        reserve A EUR 20 urgent -> executed
        reserve A EUR 500 high -> executed below
        pay A B EUR 3 id 1 -> queued 1
        pay B C EUR 90 urgent id 2 -> queued 1
        batch B {
          pay B C EUR 4 high linked -> queued 2
          pay B D EUR 5 high -> queued 3
        }
        pay D A JPY 6 from 10s id 3 -> warehoused
        pay D A JPY 7 id 4 -> queued 1
        hold D 4 by OP.1 ; effects 4 pending
        conditional A C EUR 12 urgent id c approver B expires 60s -> set_aside ; effects c set_aside=0@C,B
        ",
    );
    let (told, steps) = surveyed(&world.ledger);
    assert_eq!(steps, 1);
    let euro = &told.currencies[0];
    assert_eq!(euro.code, "EUR");
    assert_eq!(euro.queued, [(1, 3), (2, 9), (1, 90)]);
    assert_eq!((euro.set_aside, euro.fees), (12, 2));
    let bounds = |bound: Bound| {
        (
            euro.bounds[bound as usize].set,
            euro.bounds[bound as usize].below_use,
        )
    };
    assert_eq!(Bound::ALL.map(bounds), [(1, 0), (1, 1), (1, 0), (2, 1)]);
    assert_eq!(told.currencies[1].queued, [(0, 0); 3]);
    assert_eq!((told.warehoused, told.held_payments), (1, 1));
    assert_eq!((told.chains, told.conditionals, told.questions), (1, 1, 0));
    agrees(&world.ledger);
}

#[test]
fn a_survey_counts_quotes_locks_and_payments_that_await_a_quote() {
    let world = opened(
        "
        ledger rules 3
        open A B P EUR USD
        exposure P EUR USD 1000000
        fund P USD 1000000
        fund A EUR 100000
        quote P EUR 50000 USD expires 9h tiers 90000:109:112 -> executed
        quote P EUR 50000 USD expires 60s tiers 90000:108:112 -> executed
        lock A EUR 6000 USD 0 expires 60s id l -> set_aside at 109 ; effects l set_aside
        fx A B EUR 100 USD 999999 id 1 -> awaiting_quote
        fx A B EUR 200 USD 999999 id 2 -> awaiting_quote
        fx A B EUR 300 USD 0 id 3 -> settled at 109 ; effects 3 settled
        ",
    );
    let (told, _) = surveyed(&world.ledger);
    assert_eq!((told.quotes, told.locks, told.awaiting_quote), (2, 1, 2));
    // What the provider set aside for the lock.
    let dollars = told.currencies.iter().find(|currency| currency.code == "USD");
    assert_eq!(dollars.expect("dollars are open").set_aside, 6_540);
    agrees(&world.ledger);
}

#[test]
fn many_participants_are_counted_in_several_steps_and_the_next_survey_begins_anew() {
    const BANKS: u32 = 600;
    let bank = |id: u32| {
        let mut grant = member(&format!("bank {id}"), id, role::PARTICIPANT);
        grant.accounts.push(AccountGrant {
            currency: 978,
            cap: u64::from(id),
        });
        grant
    };
    let mut participants = vec![member("AG", 0, role::SETTLEMENT_AGENT | role::OPERATOR)];
    participants.extend((1..BANKS).map(bank));
    let genesis = Genesis {
        rules: 2,
        name: "many".into(),
        nonce: [8; 16],
        created: World::start(),
        id_capacity: 10,
        queue_capacity: 10,
        nodes: Vec::new(),
        participants,
        currencies: vec![CurrencyGrant {
            currency: 978,
            agent: ParticipantId(0),
        }],
    };
    let ledger = Ledger::new(&genesis, 0).expect("the genesis holds");
    let mut survey = Survey::default();
    for _ in 0..2 {
        assert_eq!(survey.step(&ledger), None);
        assert_eq!(survey.step(&ledger), None);
        let told = survey.step(&ledger).expect("all were counted");
        let caps = told.currencies[0].bounds[Bound::Cap as usize];
        assert_eq!((caps.set, caps.below_use), (u64::from(BANKS) - 1, 0));
    }
}
