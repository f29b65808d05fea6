//! A node that lies in its answers is never believed.
use causeway_message::Status;
use causeway_message::answer::{Answer, AnswerDetail};
use causeway_message::checkpoint::{Checkpoint, origin};
use causeway_message::digest::ZERO;
use causeway_message::rfc6962;
use causeway_message::wire::AnswersMessage;
use causeway_message::{FormatError, LedgerId};
use causeway_transport::ClientError;

use crate::node::Log;
use crate::world::{ALFA, LANE, LEDGER, LOG_NAME, World, key, payment, payments, soon, unproven};

/// Two batches are answered truly; the third with a lie. What the client makes of it.
async fn lied_to(lie: impl FnMut(&mut AnswersMessage, &mut Log) + Send + 'static) -> ClientError {
    let world = World::new();
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    for _ in 0..2 {
        let sent = session.submit(payments(3), Vec::new(), Vec::new()).await;
        soon(sent.expect("it is sent").outcome())
            .await
            .expect("it is answered");
    }
    world.node.trick(|tricks| tricks.answers = Some(Box::new(lie)));
    let sent = session.submit(payments(3), Vec::new(), Vec::new()).await;
    let error = soon(sent.expect("it is sent").outcome())
        .await
        .expect_err("a lie is an error");
    // Who has lied once is not asked again.
    assert!(soon(session.pay(payment(ALFA, ALFA, 1))).await.is_err());
    error
}

async fn is_unproven(what: &str, lie: impl FnMut(&mut AnswersMessage, &mut Log) + Send + 'static) {
    let error = lied_to(lie).await;
    assert!(unproven(&error), "{what}: {error}");
}

#[tokio::test]
async fn an_answer_cannot_be_changed() {
    is_unproven("status", |m, _| m.answers[1] = Answer::new(Status::Queued)).await;
    is_unproven("flags", |m, _| m.answers[2].flags = 1.into()).await;
    is_unproven("queue position", |m, _| m.answers[0].queue_position = 1.into()).await;
    is_unproven("order", |m, _| {
        m.answers[0] = Answer::new(Status::AmountZero);
        m.answers.swap(0, 1);
    })
    .await;
}

#[tokio::test]
async fn an_answer_cannot_be_left_out_or_added() {
    is_unproven("one less", |m, _| m.answers.truncate(2)).await;
    is_unproven("none", |m, _| m.answers.clear()).await;
    is_unproven("one more", |m, _| m.answers.push(Answer::new(Status::Settled))).await;
}

#[tokio::test]
async fn a_detail_cannot_be_made_up() {
    is_unproven("detail", |m, _| {
        let detail: AnswerDetail = zerocopy::FromZeros::new_zeroed();
        m.details.push(detail);
    })
    .await;
}

#[tokio::test]
async fn what_is_said_of_the_entry_is_proven_too() {
    is_unproven("index", |m, _| m.index += 1).await;
    is_unproven("time", |m, _| m.time.0 -= 1).await;
    is_unproven("kind", |m, _| m.kind = 3).await;
    is_unproven("rules", |m, _| m.rules_version += 1).await;
    is_unproven("groups", |m, _| m.groups += 1).await;
    is_unproven("groups root", |m, _| m.groups_root = ZERO).await;
}

#[tokio::test]
async fn answers_of_another_batch_are_not_taken_for_these() {
    is_unproven("as they are", |m, log| *m = log.answers(1)).await;
    is_unproven("under this number", |m, log| {
        let number = m.number;
        *m = log.answers(1);
        m.number = number;
    })
    .await;
    is_unproven("under this number and digest", |m, log| {
        let (number, digest) = (m.number, m.input_digest);
        *m = log.answers(1);
        (m.number, m.input_digest) = (number, digest);
    })
    .await;
    is_unproven("under a number to come", |m, _| m.number += 1).await;
}

#[tokio::test]
async fn a_leaf_that_is_not_under_the_checkpoint_is_refused() {
    is_unproven("another path", |m, _| m.proof.path[0][7] ^= 1).await;
    is_unproven("a longer path", |m, _| m.proof.path.push(ZERO)).await;
    is_unproven("no path", |m, _| m.proof.path.clear()).await;
    is_unproven("another place", |m, _| m.proof.leaf_index -= 1).await;
    is_unproven("a place outside", |m, _| m.proof.leaf_index = 1 << 40).await;
    is_unproven("a head from before", |m, log| {
        m.checkpoint = log.sign(3, rfc6962::root(&log.hashes[..3]));
    })
    .await;
}

#[tokio::test]
async fn only_the_pinned_key_and_ledger_count() {
    let head = |log: &Log, ledger: LedgerId| Checkpoint {
        origin: origin(ledger),
        size: log.hashes.len() as u64,
        root: rfc6962::root(&log.hashes),
    };
    is_unproven("another key under the same name", move |m, log| {
        m.checkpoint = head(log, LEDGER).sign(LOG_NAME, &key(66));
    })
    .await;
    is_unproven("the key under another name", move |m, log| {
        m.checkpoint = head(log, LEDGER).sign("node-2.example", &log.key);
    })
    .await;
    is_unproven("another ledger", move |m, log| {
        m.checkpoint = head(log, LedgerId([8; 32])).sign(LOG_NAME, &log.key);
    })
    .await;
    is_unproven("a size that was not signed", |m, _| {
        m.checkpoint = m.checkpoint.replacen("\n4\n", "\n5\n", 1);
    })
    .await;
    is_unproven("no checkpoint", |m, _| m.checkpoint.clear()).await;
}

#[tokio::test]
async fn two_trees_of_one_size_are_a_fork() {
    let error = lied_to(|m, log| {
        // A tree as large as the one seen before, in which this batch stands in another's place: signed and proven.
        let last = log.hashes.pop().expect("a leaf");
        let at = log.hashes.len() - 1;
        log.hashes[at] = last;
        m.proof = log.proof(at);
        m.checkpoint = log.checkpoint();
    })
    .await;
    assert!(matches!(error, ClientError::Forked(_)), "{error}");
}

#[tokio::test]
async fn a_message_of_ill_form_is_an_error_and_no_panic() {
    let error = lied_to(|m, _| m.proof.path = vec![ZERO; 65]).await;
    assert!(
        matches!(error, ClientError::Format(FormatError::OverLimit { .. })),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_session_that_has_more_batches_than_there_can_be_is_not_believed() {
    let world = World::new();
    let client = world.client(ALFA).await;
    for last in [u64::MAX, u64::MAX - 1] {
        world.node.trick(|tricks| tricks.last = Some(last));
        let error = soon(client.session(LANE)).await.expect_err("a lie");
        assert!(unproven(&error), "{error}");
    }
}
