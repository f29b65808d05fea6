//! The auditor agrees with the ledger on netting windows, among everything else: they are opened for seconds, filled, paid
//! in or not, cancelled, and end in every way.
use std::collections::BTreeMap;

use causeway_message::action::{Action, Hours, WindowGrant};
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{InstructionId, ParticipantId, Status};

use crate::support::{
    AGENT, EUR, Log, OPERATOR, Player, Rig, USD, approve, begin_trading, decide, genesis_by, pay, payment,
    propose, whole,
};

/// The first participant that is no operator and no agent, and how many banks there are.
const BANKS: (u64, u64) = (3, 3);

/// What the windows of one run came to.
#[derive(Default)]
struct Seen {
    answered: BTreeMap<Status, u64>,
    became: BTreeMap<Status, u64>,
}

struct Windows {
    opened: Vec<(InstructionId, WindowGrant)>,
    made: u64,
}

impl Windows {
    /// One more entry or two about windows.
    fn step(&mut self, rig: &mut Rig, player: &mut Player) {
        self.made += 1;
        let now = rig.now().seconds() as u32;
        let live = self.opened.iter().rev().take(2).cloned().collect::<Vec<_>>();
        if live.is_empty() || player.below(6) == 0 {
            return self.decide(rig, player, now);
        }
        let count = 1 + player.below(5);
        let who = (BANKS.0 + player.below(BANKS.1)) as u32;
        let records: Vec<Instruction> = (0..count)
            .map(|place| self.record(player, &live, (who, place)))
            .collect();
        pay(rig, who, &records);
    }

    fn record(
        &self,
        player: &mut Player,
        live: &[(InstructionId, WindowGrant)],
        (who, place): (u32, u64),
    ) -> Instruction {
        let (window, grant) = &live[player.below(live.len() as u64) as usize];
        let other = (BANKS.0 + player.below(BANKS.1)) as u32;
        let label = format!("window {} {place}", self.made);
        let mut record = payment(&label, who, other, 1 + player.below(40));
        record.related = window.0;
        let currencies = grant.currencies.len() as u64;
        record.currency = grant.currencies[player.below(currencies) as usize].into();
        if player.below(12) == 0 {
            record.currency = USD.into();
        }
        if player.below(3) == 0 {
            record.kind = Kind::PayIn as u8;
            record.creditor = record.debtor;
            record.amount = (1 + player.below(60)).into();
        } else {
            record.kind = Kind::Obligation as u8;
            record.priority = player.below(3) as u8;
            let flag = [0, 0, 0, flags::INTERBANK, flags::DUPLICATE][player.below(5) as usize];
            record.flags = flag.into();
        }
        record
    }

    fn decide(&mut self, rig: &mut Rig, player: &mut Player, now: u32) {
        let label = format!("window {}", self.made);
        let some = self.opened.last().map(|(window, _)| *window);
        let action = match some.filter(|_| player.below(6) == 0) {
            Some(window) => Action::CancelWindow { window },
            None => {
                let close = now + 1 + player.below(12) as u32;
                let pay_in_by = close + player.below(8) as u32;
                let mut currencies = vec![EUR];
                if player.below(3) == 0 {
                    currencies = vec![USD.min(EUR), USD.max(EUR)];
                }
                Action::OpenWindow(WindowGrant {
                    currencies,
                    close,
                    pay_in_by,
                    ends: pay_in_by + player.below(8) as u32,
                })
            }
        };
        let opened = match &action {
            Action::OpenWindow(grant) => Some(grant.clone()),
            _ => None,
        };
        let digest = propose(rig, OPERATOR, &label, action);
        approve(rig, OPERATOR, &label, digest);
        // Its id is that under which it was proposed.
        let id = payment(&label, 0, 0, 0).id();
        self.opened.extend(opened.map(|grant| (id, grant)));
    }
}

fn run(seed: u64, entries: u64, seen: &mut Seen) -> Rig {
    let mut rig = Rig::new(genesis_by(4, 100_000, 400));
    let mut player = Player::new(seed).by(4);
    begin_trading(&mut rig, seed.is_multiple_of(2));
    let mut windows = Windows {
        opened: Vec::new(),
        made: 0,
    };
    for n in 0..entries {
        let held = if player.below(3) == 0 {
            player.step(&mut rig)
        } else {
            windows.step(&mut rig, &mut player);
            rig.wait(player.below(3) * 1_000_000_000);
            note(&rig, seen);
            rig.tick()
        };
        held.and_then(|()| rig.observe())
            .unwrap_or_else(|fault| panic!("seed {seed}, step {n}: {fault}\n{}", rig.last_in_words()));
        note(&rig, seen);
        if n % 64 == 0 {
            rig.auditor
                .invariants()
                .unwrap_or_else(|fault| panic!("seed {seed}, step {n}: {fault}"));
        }
    }
    rig
}

/// What the last entry answered, and what became of obligations and pay-ins.
fn note(rig: &Rig, seen: &mut Seen) {
    let expected = rig.auditor.expected(rig.auditor.index()).expect("the last entry");
    for answer in &expected.answers {
        let status = answer.status().expect("a status");
        *seen.answered.entry(status).or_default() += 1;
    }
    for group in &expected.groups {
        for event in causeway_message::event::each(&group.events) {
            if let (Some((_, _, Action::OpenWindow(_))), Some(status)) = (event.control(), event.status()) {
                *seen.became.entry(status).or_default() += 1;
            }
        }
    }
}

#[test]
fn the_auditor_agrees_with_the_ledger_on_windows() {
    let mut seen = Seen::default();
    for seed in 1..=16 {
        whole(&run(seed, 400, &mut seen));
    }
    println!("{:?} {:?}", seen.answered, seen.became);
    let answered = [
        Status::Collected,
        Status::SetAside,
        Status::WindowInvalid,
        Status::RejectedCutOff,
        Status::InsufficientLiquidity,
    ];
    let missing: Vec<Status> = answered
        .into_iter()
        .filter(|status| !seen.answered.contains_key(status))
        .collect();
    assert_eq!(missing, [], "never answered");
    let became = [
        Status::Settled,
        Status::InsufficientLiquidity,
        Status::Cancelled,
        Status::PayInMissed,
    ];
    let missing: Vec<Status> = became
        .into_iter()
        .filter(|status| !seen.became.contains_key(status))
        .collect();
    assert_eq!(missing, [], "never became of a window");
}

/// A day, two windows that end with it, and an entry that comes only when the day is over. Into each of them one bank
/// pays `paid`, of so many obligations of an amount.
fn closes_with_its_windows(paid: u64, obligations: u64, amount: u64) -> Seen {
    let mut rig = Rig::new(genesis_by(4, 100_000, 4_000));
    begin_trading(&mut rig, false);
    let fund = Action::Fund {
        participant: ParticipantId(4),
        currency: EUR,
        amount: 3_000,
        reference: "R".into(),
    };
    decide(&mut rig, AGENT, "fund", fund);
    let now = rig.now().seconds() as u32;
    let day = Hours {
        date: rig.now().days() as u16,
        open: now + 10,
        customer_cut_off: now + 50,
        interbank_cut_off: now + 60,
        close: now + 100,
    };
    let days = vec![day];
    decide(
        &mut rig,
        OPERATOR,
        "days",
        Action::ScheduleDays { currency: EUR, days },
    );
    rig.wait(10_000_000_000);
    rig.tick().expect("the auditor agrees");
    for label in ["first", "second"] {
        let grant = WindowGrant {
            currencies: vec![EUR],
            close: now + 70,
            pay_in_by: now + 80,
            ends: now + 100,
        };
        decide(&mut rig, OPERATOR, label, Action::OpenWindow(grant));
        let window = payment(label, 0, 0, 0).id();
        let mut records: Vec<Instruction> = (0..obligations)
            .map(|n| payment(&format!("{label} {n}"), 4, 5, amount))
            .collect();
        let paid = payment(&format!("{label} paid"), 4, 4, paid);
        records.extend(Some(paid).filter(|paid| paid.amount.get() > 0));
        for record in &mut records {
            let pays_in = record.debtor == record.creditor;
            record.related = window.0;
            record.kind = if pays_in { Kind::PayIn } else { Kind::Obligation } as u8;
        }
        pay(&mut rig, 4, &records);
    }
    rig.wait(200_000_000_000);
    let mut seen = Seen::default();
    for _ in 0..3 {
        rig.tick().expect("the auditor agrees");
        note(&rig, &mut seen);
    }
    rig.observe().expect("the auditor agrees");
    whole(&rig);
    seen
}

#[test]
fn the_auditor_agrees_where_windows_end_with_the_close_of_their_day() {
    for (paid, obligations, amount, status, missed) in [
        (40, 4, 10, Status::Settled, 0),
        (30, 4, 10, Status::Settled, 2),
        (1_600, 2, 1_000, Status::InsufficientLiquidity, 2),
        // More than one entry looks at: the day closes an entry later.
        (1_030, 1_030, 1, Status::Settled, 0),
    ] {
        let seen = closes_with_its_windows(paid, obligations, amount);
        let told = |status| seen.became.get(&status).copied().unwrap_or_default();
        let counts = (
            told(status),
            told(Status::PayInMissed),
            told(Status::RejectedClose),
        );
        assert_eq!(counts, (2, missed * 2, 0), "{paid} {obligations} {amount}");
    }
}
