//! The auditor agrees with the ledger where defaults are declared, lifted and confirmed among everything else.
use std::collections::BTreeMap;

use causeway_message::action::{Action, Standing};
use causeway_message::event::each;
use causeway_message::{ParticipantId, Status};

use crate::support::{OPERATOR, Player, Rig, approve, begin_trading, genesis_by, propose, whole};

/// The first participant that is no operator and no agent.
const FIRST_BANK: u64 = 3;

fn action(player: &mut Player, rig: &Rig, n: u64) -> Action {
    let count = rig.ledger.registry().len() as u64;
    let participant = ParticipantId((FIRST_BANK + player.below(count - FIRST_BANK)) as u32);
    let reference = format!("CASE-{n}");
    match player.below(16) {
        0..5 => Action::DeclareDefault {
            participant,
            reference,
        },
        5..12 => Action::DecideDefault {
            participant,
            confirmed: false,
        },
        12 => Action::DecideDefault {
            participant,
            confirmed: true,
        },
        13 => Action::SetMembership {
            participant,
            standing: [Standing::Active, Standing::Closed][player.below(2) as usize],
            reference,
        },
        14 => Action::SetStanding {
            participant,
            suspended: false,
        },
        _ => Action::HoldParticipant {
            participant,
            held: player.below(3) == 0,
            reference,
        },
    }
}

fn run(seed: u64, entries: u64, reached: &mut BTreeMap<Status, u64>) -> Rig {
    let mut rig = Rig::new(genesis_by(4, 100_000, 400));
    let mut player = Player::new(seed).by(4);
    begin_trading(&mut rig, seed.is_multiple_of(2));
    for n in 0..entries {
        let held = player.step(&mut rig).and_then(|()| rig.observe());
        held.unwrap_or_else(|fault| panic!("seed {seed}, step {n}: {fault}\n{}", rig.last_in_words()));
        note(&rig, reached);
        if player.below(6) == 0 {
            let action = action(&mut player, &rig, n);
            let label = format!("default {n}");
            let digest = propose(&mut rig, OPERATOR, &label, action);
            note(&rig, reached);
            approve(&mut rig, OPERATOR, &label, digest);
            note(&rig, reached);
        }
        if n % 64 == 0 {
            rig.auditor
                .invariants()
                .unwrap_or_else(|fault| panic!("seed {seed}, step {n}: {fault}"));
        }
    }
    rig.observe()
        .unwrap_or_else(|fault| panic!("seed {seed}: {fault}"));
    rig
}

fn note(rig: &Rig, reached: &mut BTreeMap<Status, u64>) {
    let expected = rig.auditor.expected(rig.auditor.index()).expect("the last entry");
    let answers = expected.answers.iter().filter_map(|answer| answer.status());
    for status in answers {
        *reached.entry(status).or_default() += 1;
    }
    for event in expected.groups.iter().flat_map(|group| each(&group.events)) {
        if let Some(status) = event.status() {
            *reached.entry(status).or_default() += 1;
        }
    }
}

#[test]
fn the_auditor_agrees_with_the_ledger_on_defaults() {
    let mut reached = BTreeMap::new();
    for seed in 1..=12 {
        whole(&run(seed, 400, &mut reached));
    }
    println!("{reached:?}");
    use Status::{CreditorSuspended, DebtorSuspended, DefaultUnknown, Defaulted, Executed, Pending, Settled};
    let wanted = [
        CreditorSuspended,
        DebtorSuspended,
        DefaultUnknown,
        Defaulted,
        Executed,
        Pending,
        Settled,
    ];
    let missing: Vec<Status> = wanted
        .into_iter()
        .filter(|status| !reached.contains_key(status))
        .collect();
    assert_eq!(missing, [], "never reached");
}
