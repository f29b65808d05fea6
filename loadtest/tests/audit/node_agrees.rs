//! The auditor agrees with a real node: answers, feeds read from the log, balances, statuses, receipts, a restart.
use causeway_message::ParticipantId;
use causeway_message::wire::InstructionKey;

use crate::support::{Node, Player, genesis};

#[test]
fn the_auditor_agrees_with_a_node_and_all_its_receipts_across_a_restart() {
    let mut node = Node::new(genesis(100_000, 120));
    let mut player = Player::new(11);
    for n in 0..240 {
        let context = |fault| panic!("step {n}: {fault}");
        player.step(&mut node).unwrap_or_else(context);
        if n % 40 == 39 {
            node.look().unwrap_or_else(context);
        }
        if n == 119 {
            node.restart();
        }
    }
    node.look().expect("the auditor agrees");
    let all: Vec<ParticipantId> = (0..node.auditor.participants() as u32)
        .map(ParticipantId)
        .collect();
    let last = node.auditor.index();
    node.auditor.complete(last, &all).expect("every event was seen");
    node.auditor
        .answered(last, &all)
        .expect("every batch was answered");
    node.auditor.invariants().expect("the books hold");
    assert!(
        node.answered > 100 && node.refused > 5,
        "{} and {}",
        node.answered,
        node.refused
    );
    receipts(&mut node, &player);
}

/// Every instruction's status, and its receipt for everybody who may have one.
fn receipts(node: &mut Node, player: &Player) {
    let (mut cut, mut waiting) = (0, 0);
    for (submitter, id) in player.sent() {
        let key = InstructionKey { submitter, id };
        let Some(told) = node.engine().asker().status(key).expect("an answer") else {
            node.auditor
                .unknown(key, node.auditor.index())
                .expect("it never entered the log");
            continue;
        };
        node.rest().expect("the auditor agrees");
        node.auditor.status(key, &told).expect("the auditor agrees");
        let holders = (3..8).map(ParticipantId);
        let receipts: Vec<_> = holders.filter_map(|holder| node.receipt(key, holder)).collect();
        node.rest().expect("the auditor agrees");
        for receipt in &receipts {
            node.auditor.receipt(receipt).expect("the auditor agrees");
        }
        cut += receipts.len();
        waiting += usize::from(receipts.is_empty());
    }
    assert!(cut > 200 && waiting > 5, "{cut} receipts, {waiting} without");
}
