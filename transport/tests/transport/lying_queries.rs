//! A node that lies in its answers to questions.
use causeway_message::document::Document;
use causeway_message::frame::{self, Template};
use causeway_message::receipt::{Effect, Receipt};
use causeway_message::refusal::RefusalCode;
use causeway_message::wire::{
    Directory, DirectoryLine, InstructionKey, StatusAnswer, read_document, write_document,
};
use causeway_message::{ParticipantId, Status};
use causeway_transport::service::Query;
use causeway_transport::{Client, ClientError};

use crate::node::Log;
use crate::world::{ALFA, BETA, LANE, World, key, payments, soon, unproven};

fn document() -> Document {
    Document {
        salt: [4; 16],
        text: b"<Document/>".to_vec().into(),
    }
}

/// A batch of three payments, the first with a document; the client of ALFA and their keys.
async fn paid() -> (World, Client, Vec<InstructionKey>) {
    let world = World::new();
    let client = world.client(ALFA).await;
    let session = client.session(LANE).await.expect("a session");
    let mut records = payments(3);
    records[0].document_digest = document().digest();
    let keys = records.iter().map(|record| InstructionKey {
        submitter: ALFA,
        id: record.id(),
    });
    let keys = keys.collect();
    let sent = session.submit(records, Vec::new(), vec![document()]).await;
    soon(sent.expect("it is sent").outcome())
        .await
        .expect("it is answered");
    (world, client, keys)
}

fn lie(world: &World, mut lie: impl FnMut(&mut Vec<u8>, &mut Log) + Send + 'static) {
    world.node.trick(|tricks| {
        tricks.query = Some(Box::new(move |query, message, log| {
            if !matches!(query, Query::Consistency(_)) {
                lie(message, log);
            }
        }));
    });
}

#[tokio::test]
async fn every_question_is_answered() {
    let (world, client, keys) = paid().await;
    let balances = client.balances(0).await.expect("balances");
    assert_eq!(balances.lines[0].balance, i128::from(ALFA.0));
    let status = client.status(keys[1]).await.expect("a status");
    assert_eq!(
        (status.status, status.ordinal, status.entry),
        (Status::Settled, 1, 2)
    );
    let (receipt, facts) = client.receipt(keys[2]).await.expect("a receipt");
    assert_eq!((facts.status, facts.origin), (Status::Settled, (2, 2)));
    assert_eq!(receipt.record.id(), keys[2].id);
    let found = client.document(2, 0, &document().digest()).await;
    assert_eq!(found.expect("a document"), document());
    let names = client.directory().await.expect("the directory");
    let ids: Vec<u32> = names.iter().map(|line| line.participant.0).collect();
    assert_eq!(ids, [0, 1, 2, 3, 4], "page by page");
    let other = world.client(ParticipantId(9)).await;
    for answer in [
        other.status(keys[0]).await.map(drop),
        other.receipt(keys[0]).await.map(drop),
    ] {
        assert!(
            matches!(answer, Err(ClientError::Refused(refusal)) if refusal.code == RefusalCode::NotFound)
        );
    }
    assert!(world.client(BETA).await.receipt(keys[0]).await.is_ok());
}

async fn receipt_is_refused(what: &str, change: impl Fn(&mut Receipt, &mut Log) + Send + 'static) {
    let (world, client, keys) = paid().await;
    lie(&world, move |message, log| {
        let mut receipt = Receipt::read(message).expect("a receipt");
        change(&mut receipt, log);
        *message = receipt.write();
    });
    let error = client.receipt(keys[1]).await.expect_err("a lie");
    assert!(unproven(&error), "{what}: {error}");
}

#[tokio::test]
async fn a_receipt_of_another_instruction_is_refused_though_it_holds() {
    receipt_is_refused("another place", |receipt, log| {
        *receipt = log.receipt(1, 0).expect("a receipt");
    })
    .await;
}

#[tokio::test]
async fn a_receipt_that_was_changed_is_refused() {
    receipt_is_refused("record", |receipt, _| receipt.record.amount = 9.into()).await;
    receipt_is_refused("leaf", |receipt, _| receipt.origin.time.0 += 1).await;
    receipt_is_refused("answer", |receipt, _| {
        if let Effect::Answer { chunk, .. } = &mut receipt.effect {
            chunk[1].status = u16::from(Status::AmountZero as u8).into();
        }
    })
    .await;
    receipt_is_refused("key", |receipt, log| {
        log.key = key(66);
        receipt.checkpoint = log.checkpoint();
    })
    .await;
}

#[tokio::test]
async fn a_receipt_under_another_tree_of_the_same_size_is_a_fork() {
    let (world, client, keys) = paid().await;
    lie(&world, |message, log| {
        log.rewrite(0);
        *message = log.receipt(1, 1).expect("a receipt").write();
    });
    let answer = client.receipt(keys[1]).await;
    assert!(matches!(answer, Err(ClientError::Forked(_))), "{answer:?}");
}

#[tokio::test]
async fn a_document_with_another_digest_is_refused() {
    let (world, client, _) = paid().await;
    for change in [
        |d: &mut Document| d.text = b"<Dobument/>".to_vec().into(),
        |d: &mut Document| d.salt[0] ^= 1,
    ] {
        lie(&world, move |message, _| {
            let reader = frame::expect(message, Template::Document).expect("a document");
            let mut document = read_document(reader).expect("a whole document");
            change(&mut document);
            *message = write_document(&document);
        });
        let error = client.document(2, 0, &document().digest()).await;
        assert!(unproven(&error.expect_err("another document")));
    }
}

#[tokio::test]
async fn an_answer_to_another_question_or_of_ill_form_is_an_error() {
    let (world, client, keys) = paid().await;
    let status = StatusAnswer {
        status: Status::Settled,
        ordinal: 0,
        entry: 2,
        cause: 2,
        index: 2,
    };
    for message in [status.write(), Vec::new(), vec![0; 100]] {
        lie(&world, move |answer, _| answer.clone_from(&message));
        assert!(matches!(client.balances(0).await, Err(ClientError::Format(_))));
        assert!(matches!(
            client.receipt(keys[0]).await,
            Err(ClientError::Format(_))
        ));
        assert!(matches!(client.directory().await, Err(ClientError::Format(_))));
    }
    lie(&world, |answer, _| answer.truncate(answer.len() - 1));
    assert!(matches!(
        client.status(keys[0]).await,
        Err(ClientError::Format(_))
    ));
}

#[tokio::test]
async fn a_directory_without_end_is_an_error() {
    let (world, client, _) = paid().await;
    let mut next = 0;
    lie(&world, move |message, _| {
        next += 1;
        let line = DirectoryLine {
            participant: ParticipantId(1),
            roles: 1,
            suspended: false,
            name: "A".to_owned(),
        };
        let lines = vec![line; Directory::LINES_MAX];
        *message = Directory { next, lines }.write();
    });
    let error = soon(client.directory()).await.expect_err("no end");
    assert!(unproven(&error), "{error}");
}
