//! What a treasurer asks through the SDK: why a payment waits, the own queue page by page, the own accounts; and payments
//! with extensions, which arrive as they were sent.
use causeway_message::action::Phase;
use causeway_message::extension::{self, ExtensionType, Walk};
use causeway_message::reason::Reason;
use causeway_message::record::Priority;
use causeway_message::refusal::RefusalCode;
use causeway_message::wire::{
    AccountLine, Accounts, Explanation, InstructionKey, Kept, LimitLine, Obstacle, Projected, QueueLine,
    QueueLines, QueueQuery, account_flags,
};
use causeway_message::{InstructionId, ParticipantId, Status, Uetr};
use causeway_transport::service::Query;
use causeway_transport::{Client, ClientError};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::node::Hold;
use crate::world::{ALFA, BETA, LANE, World, payments, soon, unproven};

/// Payments that wait: three pages, the last one short.
const WAITING: u64 = 2 * QueueLines::LINES_MAX as u64 + 345;

fn queue_line(number: u64, currency: u16) -> QueueLine {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&number.to_le_bytes());
    QueueLine {
        id: InstructionId(id),
        uetr: Uetr(id),
        amount: number + 1,
        entry: 7,
        creditor: BETA,
        position: number as u32 + 1,
        currency,
        ordinal: 0,
        status: Status::Queued,
        class: Priority::High,
    }
}

/// Answers questions about the queue with these pages, and counts them.
fn pages(world: &World, page: impl Fn(QueueQuery) -> QueueLines + Send + 'static) -> Arc<AtomicU64> {
    let asked = Arc::new(AtomicU64::new(0));
    let counted = asked.clone();
    world.node.trick(|tricks| {
        tricks.query = Some(Box::new(move |query, message, _| {
            if let Query::Queue(query) = query {
                counted.fetch_add(1, Ordering::Relaxed);
                *message = page(query).write();
            }
        }));
    });
    asked
}

/// A page as a node gives it, at a position of the log that grows from page to page.
fn page(query: QueueQuery) -> QueueLines {
    let end = WAITING.min(query.first + QueueLines::LINES_MAX as u64);
    QueueLines {
        index: 50 + query.first,
        next: if end < WAITING { end } else { 0 },
        lines: (query.first..end)
            .map(|number| queue_line(number, query.currency))
            .collect(),
    }
}

#[tokio::test]
async fn a_queue_of_more_than_a_page_is_listed_whole_and_in_order() {
    let world = World::new();
    let asked = pages(&world, page);
    let client = world.client(ALFA).await;
    let (index, lines) = client.queue(392, usize::MAX).await.expect("the queue");
    assert_eq!(index, 50, "the position of the first page");
    let expected: Vec<QueueLine> = (0..WAITING).map(|number| queue_line(number, 392)).collect();
    assert_eq!(lines, expected);
    assert_eq!(asked.swap(0, Ordering::Relaxed), 3);

    // No more than was asked for, and no page for nothing.
    let (_, lines) = client.queue(978, 1_500).await.expect("the queue");
    assert_eq!((lines.len(), lines[1_499].position), (1_500, 1_500));
    assert_eq!(asked.swap(0, Ordering::Relaxed), 2);
    let query = QueueQuery {
        currency: 0,
        first: WAITING - 1,
    };
    let last = client.queue_page(query).await.expect("a page");
    assert_eq!((last.next, last.lines.len()), (0, 1));
}

#[tokio::test]
async fn pages_that_add_nothing_or_do_not_follow_each_other_are_an_error() {
    let world = World::new();
    let client = world.client(ALFA).await;
    for (lines, ahead) in [(0, 1), (0, 1_000), (1, 2), (2, 1)] {
        pages(&world, move |query| QueueLines {
            index: 50,
            // However much was asked for, there is said to be more.
            next: query.first + ahead,
            lines: (0..lines).map(|number| queue_line(number, 978)).collect(),
        });
        let asked = soon(client.queue(0, usize::MAX)).await;
        let error = asked.expect_err("no end");
        assert!(unproven(&error), "{lines}, {ahead}: {error}");
    }
    // Short pages that lead on are the node's affair; the client stops where it was told to.
    let asked = pages(&world, |query| QueueLines {
        index: 50,
        next: query.first + 1,
        lines: vec![queue_line(query.first, 978)],
    });
    let (_, lines) = soon(client.queue(0, 20)).await.expect("the queue");
    assert_eq!((lines.len(), asked.load(Ordering::Relaxed)), (20, 20));
}

async fn paid(world: &World) -> (Client, InstructionKey) {
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    let records = payments(1);
    let key = InstructionKey {
        submitter: ALFA,
        id: records[0].id(),
    };
    let sent = session.submit(records, Vec::new(), Vec::new()).await;
    soon(sent.expect("it is sent").outcome())
        .await
        .expect("it is answered");
    (client, key)
}

#[tokio::test]
async fn an_explanation_says_all_that_the_node_said_and_others_get_none() {
    let world = World::new();
    let (client, key) = paid(&world).await;
    let told = Explanation {
        class: Priority::Urgent,
        phase: Phase::CutOff,
        currency: 392,
        ahead: 3,
        party: BETA,
        until: 99,
        amount: u64::MAX,
        missing: i128::MAX,
        free: -4,
        balance: i128::MIN,
        set_aside: 5,
        kept: 6,
        cap: 7,
        limit: 8,
        used: -9,
        obstacle: Some(Obstacle {
            id: InstructionId([3; 16]),
            reason: Reason::Funds,
            missing: 10,
        }),
        ..Explanation::new(12, Status::Queued, Reason::QueueHead)
    };
    world.node.trick(|tricks| {
        tricks.query = Some(Box::new(move |_, message, _| *message = told.write()));
    });
    assert_eq!(client.explain(key).await.expect("an explanation"), told);
    world.node.trick(|tricks| tricks.query = None);
    let own = client.explain(key).await.expect("an explanation");
    assert_eq!((own.status, own.reason), (Status::Settled, Reason::Nothing));
    let other = world.client(ParticipantId(9)).await.explain(key).await;
    assert!(
        matches!(&other, Err(ClientError::Refused(refusal)) if refusal.code == RefusalCode::NotFound),
        "{other:?}"
    );
}

#[tokio::test]
async fn accounts_and_their_limits_come_as_the_node_said_them() {
    let world = World::new();
    let projected = |count| Projected {
        count,
        value: i128::from(count) * 100,
    };
    let told = Accounts {
        index: 31,
        left_out: 2,
        lines: vec![AccountLine {
            currency: 978,
            phase: Phase::Closed,
            flags: account_flags::BYPASS | account_flags::MULTILATERAL,
            date: 9_000,
            balance: -1,
            set_aside: 2,
            free: -3,
            cap: 4,
            multilateral: 5,
            multilateral_used: -6,
            high: Kept { set: 7, left: 6 },
            urgent: Kept { set: 9, left: 8 },
            fees: 10,
            outgoing: [projected(1), projected(2), projected(3)],
            incoming: projected(4),
        }],
        limits: vec![LimitLine {
            currency: 978,
            participant: BETA,
            amount: u64::MAX,
            used: i128::MIN,
        }],
    };
    let answer = told.clone();
    world.node.trick(|tricks| {
        tricks.query = Some(Box::new(move |query, message, _| {
            if query == Query::Accounts(978) {
                *message = answer.write();
            }
        }));
    });
    let client = world.client(ALFA).await;
    assert_eq!(client.accounts(978).await.expect("accounts"), told);
    // A question about all currencies is another one.
    let all = client.accounts(0).await.expect("accounts");
    assert!(all.lines.is_empty() && all.limits.is_empty());
    world.node.trick(|tricks| {
        tricks.query = Some(Box::new(|_, message, _| message.truncate(message.len() - 1)));
    });
    assert!(matches!(client.accounts(978).await, Err(ClientError::Format(_))));
}

/// The approver that an instruction names.
fn approver(own: &[u8]) -> Option<u32> {
    extension::number(extension::find(own, ExtensionType::Approver)?)
}

#[tokio::test]
async fn extensions_stay_with_their_records_when_batches_are_sent_again() {
    let mut world = World::new();
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    world.node.hold(Hold::Intake);
    let mut sent = Vec::new();
    for number in 0..12u32 {
        // Two payments at a time; the second, the first or none of them names an approver: its amount.
        let mut records = payments(2);
        for (at, record) in records.iter_mut().enumerate() {
            record.amount = u64::from(100 + number * 2 + at as u32).into();
        }
        let (mut area, place) = (Vec::new(), number % 3);
        if let Some(record) = records.get(place as usize) {
            let named = record.amount.get() as u32;
            extension::put(
                &mut area,
                place as u16,
                ExtensionType::Approver,
                &named.to_le_bytes(),
            );
        }
        sent.push(session.submit(records, area, Vec::new()).await.expect("taken"));
    }
    world.crash().await;
    world.node.hold(Hold::Nothing);
    for pending in sent {
        let outcome = soon(pending.outcome()).await.expect("it is answered");
        assert_eq!(outcome.answers.len(), 2);
    }
    let node = world.node.lock();
    let (mut seen, mut named) = (0, 0);
    for entry in node.log.entries.iter().filter_map(|entry| entry.batch.as_ref()) {
        let view = entry.view().expect("a batch of instructions");
        let mut walk = Walk::new(view.extensions);
        for (at, record) in view.records.iter().enumerate() {
            let amount = record.amount.get() as u32;
            let own = approver(walk.of(at));
            let number = (amount - 100) / 2;
            let names = (amount - 100) % 2 == number % 3;
            assert_eq!(own, names.then_some(amount), "payment of {amount}");
            (seen, named) = (seen + 1, named + usize::from(own.is_some()));
        }
    }
    assert_eq!((seen, named), (24, 8));
}
