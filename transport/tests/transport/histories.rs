//! Histories through the SDK: part after part to the end, and a node that tells of something else or never ends.
use causeway_message::event::Role;
use causeway_message::record::Instruction;
use causeway_message::wire::{HistoryLine, HistoryLines, HistoryQuery};
use causeway_message::{InstructionId, Status, Uetr};
use causeway_transport::service::Query;
use causeway_transport::{Client, ClientError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::world::{ALFA, BETA, World, answered_with, soon, unproven};

const UETR: Uetr = Uetr([5; 16]);

fn line(cause: u64) -> HistoryLine {
    HistoryLine {
        record: Instruction::payment(InstructionId([6; 16]), UETR, ALFA, BETA, 978, 7),
        entry: 3,
        cause,
        amount: cause,
        submitter: ALFA,
        ordinal: 2,
        status: Status::Settled,
        role: Role::Debtor,
    }
}

fn page(next: u64, causes: &[u64]) -> HistoryLines {
    HistoryLines {
        index: 100,
        next,
        left_out: 0,
        lines: causes.iter().map(|cause| line(*cause)).collect(),
    }
}

fn query(before: u64) -> HistoryQuery {
    HistoryQuery {
        reference: UETR.0,
        before,
        participant: ALFA,
    }
}

/// A client whose questions are answered with these parts, and how many it asked.
async fn told(
    part: impl Fn(HistoryQuery) -> HistoryLines + Send + 'static,
) -> (World, Client, Arc<AtomicU64>) {
    let means = |query| match query {
        Query::History(query) => Some(query),
        _ => None,
    };
    answered_with(means, move |query| part(query).write()).await
}

#[tokio::test]
async fn a_history_of_several_parts_is_followed_to_its_beginning() {
    let (_world, client, asked) = told(|query| {
        assert_eq!((query.reference, query.participant), (UETR.0, ALFA));
        match query.before {
            0 => page(60, &[100, 77, 77, 60]),
            60 => page(40, &[]),
            40 => page(0, &[39, 1]),
            other => panic!("before {other}"),
        }
    })
    .await;
    let (index, lines) = soon(client.history(query(0), 1_000)).await.expect("a history");
    assert_eq!(index, 100);
    assert_eq!(lines, [100, 77, 77, 60, 39, 1].map(line));
    assert_eq!(asked.swap(0, Ordering::Relaxed), 3);
    // No more than was asked for, and no question for nothing.
    let (_, lines) = soon(client.history(query(0), 3)).await.expect("a history");
    assert_eq!(lines, [100, 77, 77].map(line));
    assert_eq!(asked.swap(0, Ordering::Relaxed), 1);
    let (_, lines) = soon(client.history(query(40), 9)).await.expect("a history");
    assert_eq!(lines, [39, 1].map(line));
}

#[tokio::test]
async fn an_honest_node_answers_a_stranger_to_the_reference_with_nothing() {
    let world = World::new();
    let client = world.client(ALFA).await;
    let (_, lines) = soon(client.history(query(0), 9)).await.expect("a history");
    assert!(lines.is_empty());
}

#[tokio::test]
async fn parts_that_are_out_of_order_or_about_something_else_are_an_error() {
    let other = || {
        let mut part = page(0, &[9]);
        part.lines[0].record.uetr = [1; 16];
        part
    };
    let lies: [(u64, HistoryLines); 8] = [
        (0, page(0, &[7, 8])),
        (0, page(0, &[101])),
        (50, page(0, &[50])),
        (50, page(30, &[29])),
        (50, page(50, &[])),
        (50, page(51, &[])),
        (0, page(101, &[])),
        (0, other()),
    ];
    for (before, lie) in lies {
        let shown = format!("{lie:?}");
        let (_world, client, _) = told(move |_| lie.clone()).await;
        let asked = soon(client.history(query(before), 9)).await;
        let error = asked.expect_err(&shown);
        assert!(unproven(&error), "{shown}: {error}");
    }
}

#[tokio::test]
async fn a_node_that_always_has_more_is_given_up() {
    // It goes back by one entry with every question, from the last that can be said.
    let (_world, client, asked) = told(|query| HistoryLines {
        index: u64::MAX,
        ..page(
            match query.before {
                0 => u64::MAX - 1,
                before => before - 1,
            },
            &[],
        )
    })
    .await;
    let error = client.history(query(0), 9).await.expect_err("no end");
    assert!(matches!(error, ClientError::Unproven(_)), "{error}");
    assert_eq!(asked.load(Ordering::Relaxed), 16_384);
}
