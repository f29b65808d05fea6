//! The governance log through the SDK: part after part to the end, and a node that tells of another or never ends.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use causeway_message::action::Action;
use causeway_message::control::proposal_digest;
use causeway_message::time::Timestamp;
use causeway_message::wire::{
    GovernanceLines, GovernanceQuery, GovernanceReached, GovernanceRecord, Governed,
};
use causeway_message::{InstructionId, KeyId, Status};
use causeway_transport::service::Query;
use causeway_transport::{Client, ClientError};

use crate::world::{ALFA, BETA, LEDGER, World, answered_with, soon, unproven};

fn record(entry: u64, ordinal: u16) -> GovernanceRecord {
    let action = Action::RevokeKey {
        participant: ALFA,
        key: KeyId(entry as u32),
    };
    let id = InstructionId([6; 16]);
    GovernanceRecord {
        entry,
        time: Timestamp(entry),
        id,
        digest: proposal_digest(LEDGER, ALFA, id, &action),
        key: KeyId(1),
        person: Some(1),
        status: Status::Proposed,
        ordinal,
        what: Governed::Proposes(action),
    }
}

fn reached(entry: u64) -> GovernanceReached {
    GovernanceReached {
        entry,
        time: Timestamp(entry),
        origin: (1, 0),
        amount: 0,
        status: Status::ProposalExpired,
    }
}

fn page(next: u64, records: &[(u64, u16)], later: &[u64]) -> GovernanceLines {
    GovernanceLines {
        index: 100,
        next,
        participant: ALFA,
        records: records
            .iter()
            .map(|(entry, ordinal)| record(*entry, *ordinal))
            .collect(),
        reached: later.iter().map(|entry| reached(*entry)).collect(),
    }
}

/// A client whose questions are answered with these parts, and how many it asked.
async fn told(
    part: impl Fn(GovernanceQuery) -> GovernanceLines + Send + 'static,
) -> (World, Client, Arc<AtomicU64>) {
    let means = |query| match query {
        Query::Governance(query) => Some(query),
        _ => None,
    };
    answered_with(means, move |query| part(query).write()).await
}

#[tokio::test]
async fn a_log_of_several_parts_is_followed_to_its_beginning() {
    let (_world, client, asked) = told(|query| {
        assert_eq!(query.participant, ALFA);
        match query.before {
            0 => page(60, &[(100, 0), (100, 3), (60, 0)], &[77, 77]),
            60 => page(40, &[], &[]),
            40 => page(0, &[(39, 1)], &[39, 1]),
            other => panic!("before {other}"),
        }
    })
    .await;
    let whole = soon(client.governance(ALFA)).await.expect("a log");
    assert_eq!(
        whole,
        page(0, &[(100, 0), (100, 3), (60, 0), (39, 1)], &[77, 77, 39, 1])
    );
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn an_honest_node_tells_of_who_did_nothing_nothing() {
    let world = World::new();
    let client = world.client(ALFA).await;
    let whole = soon(client.governance(ALFA)).await.expect("a log");
    assert!(whole.records.is_empty() && whole.reached.is_empty());
}

#[tokio::test]
async fn parts_that_are_out_of_order_or_about_something_else_are_an_error() {
    let changed = |change: &dyn Fn(&mut GovernanceLines)| {
        let mut page = page(0, &[(9, 0)], &[]);
        change(&mut page);
        page
    };
    let lies = [
        (0, page(0, &[(7, 0), (8, 0)], &[])),
        (0, page(0, &[(8, 1), (8, 0)], &[])),
        (0, page(0, &[(8, 1), (8, 1)], &[])),
        (0, page(0, &[], &[7, 8])),
        (0, page(0, &[(101, 0)], &[])),
        (0, page(0, &[], &[101])),
        (50, page(0, &[(50, 0)], &[])),
        (50, page(30, &[(29, 0)], &[])),
        (50, page(30, &[], &[29])),
        (50, page(50, &[], &[])),
        (50, page(51, &[], &[])),
        (0, page(101, &[], &[])),
        (0, changed(&|page| page.participant = BETA)),
        (0, changed(&|page| page.records[0].digest[31] ^= 1)),
        (0, changed(&|page| page.records[0].id.0[0] ^= 1)),
    ];
    for (before, lie) in lies {
        let shown = format!("{before}: {lie:?}");
        let (_world, client, _) = told(move |_| lie.clone()).await;
        let query = GovernanceQuery {
            participant: ALFA,
            before,
        };
        let error = soon(client.governance_page(query)).await.expect_err(&shown);
        assert!(unproven(&error), "{shown}: {error}");
    }
}

#[tokio::test]
async fn a_node_that_always_has_more_is_given_up() {
    // It goes back by one entry with every question, from the last that can be said.
    let (_world, client, asked) = told(|query| GovernanceLines {
        index: u64::MAX,
        ..page(
            match query.before {
                0 => u64::MAX - 1,
                before => before - 1,
            },
            &[],
            &[],
        )
    })
    .await;
    let error = client.governance(ALFA).await.expect_err("no end");
    assert!(matches!(error, ClientError::Unproven(_)), "{error}");
    assert!(asked.load(Ordering::Relaxed) < 20_000);
}
