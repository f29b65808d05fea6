//! Documents travel with the batch that refers to them, or not at all.
use causeway_message::digest::ZERO;
use causeway_message::document::{self, Document};
use causeway_message::limits::DOCUMENT_BYTES_MAX;
use causeway_message::refusal::RefusalCode;
use causeway_transport::limits::DOCUMENTS_PENDING_MAX;

use crate::raw::{Raw, Stream};
use crate::world::{ALFA, LANE, World, batch, head, payments, signed, soon};

fn text(of: u8) -> Document {
    Document {
        salt: [of; 16],
        text: vec![of; 100 + usize::from(of)].into(),
    }
}

/// A batch whose records refer to these documents.
fn refers(number: u64, documents: &[Document]) -> Vec<u8> {
    let mut records = payments(documents.len() + 1);
    for (record, document) in records.iter_mut().zip(documents) {
        record.document_digest = document.digest();
    }
    signed(&head(LANE, number), &records)
}

fn carry(number: u64, documents: &[Document]) -> Vec<u8> {
    document::build(number, documents).expect("good documents")
}

async fn opened(world: &World) -> (Raw, Stream) {
    let raw = Raw::new(world, ALFA).await;
    let (stream, _) = raw.session(LANE).await;
    (raw, stream)
}

#[tokio::test]
async fn documents_come_in_any_order_in_several_messages_and_are_stored_before_the_answer() {
    let world = World::new();
    let (_raw, mut stream) = opened(&world).await;
    let all = [text(1), text(2), text(3)];
    stream.say(carry(1, &all[2..])).await;
    stream.say(carry(1, &all[..2])).await;
    stream.say(refers(1, &all)).await;
    stream.answered(1).await;
    assert_eq!(world.node.lock().documents.len(), 3);
}

#[tokio::test]
async fn a_document_that_the_node_holds_need_not_travel_again() {
    let world = World::new();
    let (_raw, mut stream) = opened(&world).await;
    stream.say(carry(1, &[text(1)])).await;
    stream.say(refers(1, &[text(1)])).await;
    stream.answered(1).await;
    stream.say(refers(2, &[text(1)])).await;
    stream.answered(2).await;
}

#[tokio::test]
async fn a_batch_whose_document_is_missing_is_refused_alone_and_names_it() {
    let world = World::new();
    let (_raw, mut stream) = opened(&world).await;
    stream.say(carry(1, &[text(1)])).await;
    stream.say(refers(1, &[text(1), text(2)])).await;
    let refusal = stream.refused(RefusalCode::DocumentMissing, 1).await;
    assert_eq!(refusal.text, causeway_message::ids::hex(&text(2).digest()));
    stream.say(carry(1, &[text(1), text(2)])).await;
    stream.say(refers(1, &[text(1), text(2)])).await;
    stream.answered(1).await;
}

#[tokio::test]
async fn a_document_that_no_record_refers_to_is_refused_with_its_batch() {
    let world = World::new();
    let (_raw, mut stream) = opened(&world).await;
    stream.say(carry(1, &[text(1), text(2)])).await;
    stream.say(refers(1, &[text(1)])).await;
    stream.refused(RefusalCode::DocumentMismatch, 1).await;
    stream.say(carry(1, &[text(1)])).await;
    stream.say(batch(1)).await;
    stream.refused(RefusalCode::DocumentMismatch, 1).await;
    assert!(world.node.lock().documents.is_empty(), "nothing of them is kept");
    stream.say(batch(1)).await;
    stream.answered(1).await;
}

#[tokio::test]
async fn a_document_for_another_batch_is_refused() {
    let world = World::new();
    let (_raw, mut stream) = opened(&world).await;
    stream.say(carry(2, &[text(1)])).await;
    stream.say(refers(1, &[text(1)])).await;
    stream.refused(RefusalCode::DocumentMismatch, 1).await;
    stream.say(carry(1, &[text(1)])).await;
    stream.say(refers(1, &[text(1)])).await;
    stream.answered(1).await;
}

#[tokio::test]
async fn a_zero_digest_refers_to_no_document() {
    let world = World::new();
    let (_raw, mut stream) = opened(&world).await;
    let records = payments(1);
    assert_eq!(records[0].document_digest, ZERO);
    stream.say(signed(&head(LANE, 1), &records)).await;
    stream.answered(1).await;
}

#[tokio::test]
async fn documents_that_cannot_be_stored_are_no_fault_of_the_bank() {
    let world = World::new();
    world.node.trick(|tricks| tricks.no_documents = true);
    let (_raw, mut stream) = opened(&world).await;
    stream.say(carry(1, &[text(1)])).await;
    stream.say(refers(1, &[text(1)])).await;
    let refusal = stream.refused(RefusalCode::Internal, 1).await;
    assert!(refusal.code.may_retry());
    world.node.trick(|tricks| tricks.no_documents = false);
    stream.say(carry(1, &[text(1)])).await;
    stream.say(refers(1, &[text(1)])).await;
    stream.answered(1).await;
}

#[tokio::test]
async fn documents_without_end_before_their_batch_end_the_session() {
    let world = World::new();
    let (raw, mut stream) = opened(&world).await;
    let large = Document {
        salt: [9; 16],
        text: vec![b'x'; DOCUMENT_BYTES_MAX].into(),
    };
    let message = carry(1, &[large.clone(), large.clone(), large]);
    for _ in 0..=DOCUMENTS_PENDING_MAX / message.len() {
        // The node may have stopped listening before the last of them.
        let bytes = bytes::Bytes::from(message.clone());
        if soon(causeway_transport::framing::write(&mut stream.send, bytes))
            .await
            .is_err()
        {
            break;
        }
    }
    stream.refused(RefusalCode::Format, 0).await;
    stream.ended().await;
    let (mut stream, _) = raw.session(LANE).await;
    stream.say(batch(1)).await;
    stream.answered(1).await;
}
