//! The auditor agrees with the ledger and its proofs over long random runs.
use std::collections::BTreeMap;

use causeway_message::{ParticipantId, Status};

use crate::support::{Player, Rig, genesis};

/// Statuses that were answered, and how many entries released or ended something later.
type Variety = BTreeMap<Status, u64>;

fn run(seed: u64, entries: u64, ids: u64, variety: &mut Variety) -> Rig {
    let mut rig = Rig::new(genesis(ids));
    let mut player = Player::new(seed);
    for n in 0..entries {
        let context = |fault| panic!("seed {seed}, step {n}: {fault}");
        player.step(&mut rig).unwrap_or_else(context);
        if player.below(4) == 0 {
            rig.observe().unwrap_or_else(context);
        }
        if n % 64 == 0 {
            rig.auditor.invariants().unwrap_or_else(context);
        }
        let expected = rig.auditor.expected(rig.auditor.index()).expect("the last entry");
        for answer in &expected.answers {
            *variety.entry(answer.status().expect("a status")).or_default() += 1;
        }
    }
    rig.observe()
        .unwrap_or_else(|fault| panic!("seed {seed}: {fault}"));
    rig
}

#[test]
fn the_auditor_agrees_with_the_ledger_over_random_runs() {
    let mut variety = Variety::new();
    for seed in 1..=6 {
        let rig = run(seed, 700, 100_000, &mut variety);
        let all: Vec<ParticipantId> = (0..rig.auditor.participants() as u32)
            .map(ParticipantId)
            .collect();
        let last = rig.auditor.index();
        rig.auditor.complete(last, &all).expect("every event was seen");
        rig.auditor
            .answered(last, &all)
            .expect("every batch was answered");
        rig.auditor.invariants().expect("the books hold");
        assert_eq!(rig.auditor.waiting(), rig.ledger.waiting());
        assert_eq!(rig.auditor.ids_remembered(), rig.ledger.ids_remembered());
        assert_eq!(rig.auditor.next_due(), rig.ledger.next_due());
        let sessions: BTreeMap<_, _> = rig.auditor.sessions().collect();
        assert_eq!(sessions, rig.ledger.sessions().all().collect());
    }
    run(7, 400, 500, &mut variety);
    // A run that agreed because nothing happened would say nothing.
    let rare = [Status::ProposalExpired, Status::ProposalWithdrawn];
    let missing: Vec<_> = Status::ALL
        .iter()
        .filter(|status| !rare.contains(status) && !variety.contains_key(status))
        .collect();
    println!("{variety:?}");
    assert!(missing.is_empty(), "never answered: {missing:?}");
}
