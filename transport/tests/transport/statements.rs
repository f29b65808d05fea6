//! Statements through the SDK: part after part to the first line, and a node whose lines, balances or places do not hold.
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use causeway_message::posting::{Account, Posting, Side};
use causeway_message::time::Timestamp;
use causeway_message::wire::{StatementLine, StatementLines, StatementQuery};
use causeway_message::{InstructionId, ParticipantId, Uetr};
use causeway_transport::service::Query;
use causeway_transport::{Client, ClientError};

use crate::world::{ALFA, BETA, LANE, World, answered_with, payments, soon, unproven};

const fn account(participant: ParticipantId) -> Account {
    Account {
        participant,
        currency: 978,
        liability: false,
    }
}

fn line(event: u64, ordinal: u16) -> StatementLine {
    StatementLine {
        entry: event + 10,
        time: Timestamp(event),
        event,
        posting: Posting {
            side: if event.is_multiple_of(2) {
                Side::Credit
            } else {
                Side::Debit
            },
            kind: 1,
            counterparty: BETA,
            amount: event,
            origin: (event + 10, ordinal),
            id: InstructionId([6; 16]),
            uetr: Uetr([5; 16]),
        },
    }
}

/// A part of a report of the first day; all its lines come to 8 - 7 + 4 - 3 = 2.
fn page(next: (u64, u32), lines: &[(u64, u16)]) -> StatementLines {
    StatementLines {
        index: 100,
        next,
        opening: 0,
        closing: 2,
        from: 0,
        to: 100,
        from_time: Timestamp(0),
        to_time: Timestamp(100),
        told: 0,
        event: 0,
        date: 0,
        lines: lines
            .iter()
            .map(|(event, ordinal)| line(*event, *ordinal))
            .collect(),
    }
}

const ALL: [(u64, u16); 4] = [(8, 0), (7, 5), (4, 1), (3, 0)];

/// A client whose questions are answered with these parts, and how many it asked.
async fn told(
    part: impl Fn(StatementQuery) -> StatementLines + Send + 'static,
) -> (World, Client, Arc<AtomicU64>) {
    let means = |query| match query {
        Query::Statement(query) => Some(query),
        _ => None,
    };
    answered_with(means, move |query| part(query).write()).await
}

#[tokio::test]
async fn a_report_of_several_parts_is_followed_to_its_first_line() {
    let (_world, client, asked) = told(|query| {
        assert_eq!((query.account, query.date), (account(ALFA), 0));
        match query.before {
            (0, 0) => page((7, 5), &ALL[..2]),
            // What moved meanwhile is not asked for.
            (7, 5) => StatementLines {
                closing: 50,
                to: 120,
                ..page((4, 1), &ALL[2..3])
            },
            (4, 1) => page((0, 0), &ALL[3..]),
            other => panic!("before {other:?}"),
        }
    })
    .await;
    let whole = soon(client.statement(account(ALFA), 0)).await.expect("a report");
    assert_eq!(whole, page((0, 0), &ALL));
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn a_report_begins_anew_where_a_day_ended_meanwhile() {
    let turn = AtomicU64::new(0);
    let (_world, client, asked) = told(move |query| {
        // The node is asked about another's account: no feed to hold it to.
        let day = |page: StatementLines| StatementLines {
            opening: 1,
            closing: -2,
            from: 12,
            told: 15,
            event: 5,
            ..page
        };
        match (query.before, turn.fetch_add(1, Ordering::Relaxed)) {
            (_, 0) => page((7, 5), &ALL[..2]),
            ((7, 5), 1) => day(page((0, 0), &[])),
            ((0, 0), 2) => day(page((0, 0), &ALL[3..])),
            other => panic!("{other:?}"),
        }
    })
    .await;
    let whole = soon(client.statement(account(BETA), 0)).await.expect("a report");
    assert_eq!((whole.opening, whole.closing, whole.lines.len()), (1, -2, 1));
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

#[tokio::test]
async fn lines_that_do_not_make_the_balance_or_stand_elsewhere_are_an_error() {
    let changed = |change: &dyn Fn(&mut StatementLines)| {
        let mut page = page((0, 0), &ALL);
        change(&mut page);
        page
    };
    let lies = [
        changed(&|page| page.closing = 3),
        changed(&|page| page.lines[1].posting.side = Side::Credit),
        changed(&|page| page.lines.truncate(3)),
        changed(&|page| page.lines.swap(1, 2)),
        changed(&|page| page.lines[1] = page.lines[0]),
        changed(&|page| page.to = 17),
        changed(&|page| page.from = 13),
        changed(&|page| (page.opening, page.closing) = (i128::MAX, i128::MAX)),
        // Of an own account: opening, beginning and event need each other.
        changed(&|page| (page.opening, page.closing) = (1, 3)),
        changed(&|page| page.from = 1),
        changed(&|page| page.event = 1),
    ];
    for lie in lies {
        let shown = format!("{lie:?}");
        let (_world, client, _) = told(move |_| lie.clone()).await;
        let error = soon(client.statement(account(ALFA), 0)).await.expect_err(&shown);
        assert!(unproven(&error), "{shown}: {error}");
    }
    // Another day than was asked for, and one that no event of the own feed tells.
    for date in [9_000, 9_001] {
        let lie = changed(&|page| page.date = 9_001);
        let (_world, client, _) = told(move |_| lie.clone()).await;
        let error = soon(client.statement(account(ALFA), date))
            .await
            .expect_err("a lie");
        assert!(unproven(&error), "{error}");
    }
}

#[tokio::test]
async fn an_event_that_is_no_statement_is_not_taken_for_one() {
    let world = World::new();
    let payer = world.client(ALFA).await;
    let session = payer.session(LANE).await.expect("a session");
    let sent = session.submit(payments(2), Vec::new(), Vec::new()).await;
    soon(sent.expect("it is sent").outcome())
        .await
        .expect("an answer");
    world.node.trick(|tricks| {
        tricks.query = Some(Box::new(|query, message, _| {
            if let Query::Statement(query) = query {
                let told = StatementLines {
                    told: 1,
                    event: 1,
                    date: query.date,
                    ..page((0, 0), &ALL)
                };
                *message = told.write();
            }
        }));
    });
    // The first event of its feed is that it was paid.
    let client = world.client(BETA).await;
    for date in [0, 9_000] {
        let error = soon(client.statement(account(BETA), date))
            .await
            .expect_err("a lie");
        assert!(error.to_string().contains("names is not its own"), "{error}");
    }
    let error = soon(client.newest_statement(account(BETA)))
        .await
        .expect_err("a lie");
    assert!(unproven(&error), "{error}");
    // Who asks about another's account has no feed to hold it to.
    let told = soon(client.statement(account(ALFA), 0)).await.expect("a report");
    assert_eq!(told.lines.len(), ALL.len());
}

#[tokio::test]
async fn parts_that_lead_nowhere_or_always_begin_elsewhere_are_given_up() {
    let (_world, client, _) = told(|query| match query.before {
        (0, 0) => page((7, 5), &ALL[..2]),
        before => page(before, &[]),
    })
    .await;
    let error = soon(client.statement(account(ALFA), 0))
        .await
        .expect_err("it stays");
    assert!(unproven(&error), "{error}");
    let from = AtomicU64::new(0);
    let (_world, client, asked) = told(move |_| StatementLines {
        from: from.fetch_add(1, Ordering::Relaxed),
        ..page((7, 5), &[])
    })
    .await;
    let error = soon(client.statement(account(BETA), 0))
        .await
        .expect_err("it moves");
    assert!(matches!(error, ClientError::Unproven(_)), "{error}");
    assert!(asked.load(Ordering::Relaxed) < 10);
}
