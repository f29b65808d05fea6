//! What is not a frame, or not in its place.
use causeway_message::codec::Put;
use causeway_message::document::Document;
use causeway_message::frame::{self, Template};
use causeway_message::limits::FRAME_BYTES_MAX;
use causeway_message::refusal::RefusalCode;
use causeway_message::wire::{Hello, write_number};
use causeway_message::{SessionId, document};

use crate::raw::{Raw, Stream};
use crate::world::{ALFA, LANE, LEDGER, World, batch};

async fn pays(raw: &Raw, session: u64) {
    let (mut stream, hello) = raw.session(SessionId(session)).await;
    let mut head = crate::world::head(SessionId(session), hello.last_number + 1);
    head.not_after += 1;
    stream
        .say(crate::world::signed(&head, &crate::world::payments(1)))
        .await;
    stream.answered(hello.last_number + 1).await;
}

#[tokio::test]
async fn a_session_opens_with_ledger_last_number_and_window() {
    let world = World::new();
    let raw = Raw::new(&world, ALFA).await;
    let (mut stream, hello) = raw.session(LANE).await;
    let mut expected = Hello {
        ledger: LEDGER,
        session: LANE,
        last_number: 0,
        window: 64,
    };
    assert_eq!(hello, expected);
    stream.say(batch(1)).await;
    stream.answered(1).await;
    stream.finish();
    stream.ended().await;
    expected.last_number = 1;
    assert_eq!(raw.session(LANE).await.1, expected);
}

#[tokio::test]
async fn a_frame_longer_than_the_bound_is_refused_before_it_is_read() {
    let world = World::new();
    let raw = Raw::new(&world, ALFA).await;
    for length in [FRAME_BYTES_MAX as u32 + 1, u32::MAX] {
        let mut stream = raw.open().await;
        stream.bytes(&length.to_le_bytes()).await;
        stream.refused(RefusalCode::Format, 0).await;
        stream.ended().await;
        let (mut stream, _) = raw.session(LANE).await;
        stream.bytes(&length.to_le_bytes()).await;
        stream.refused(RefusalCode::Format, 0).await;
        stream.ended().await;
    }
    pays(&raw, 1).await;
}

/// Messages that no stream understands.
fn garbage() -> Vec<Vec<u8>> {
    let mut messages = vec![
        Vec::new(),
        vec![0],
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        vec![0xff; 4_096],
    ];
    // Every field of the header in turn is another than it should be.
    for at in [0, 2, 3, 4, 6] {
        let mut message = write_number(Template::OpenSession, 9);
        message[at] ^= 0x80;
        messages.push(message);
    }
    let mut longer = write_number(Template::OpenSession, 9);
    longer.push(0);
    messages.push(longer);
    let mut shorter = write_number(Template::Subscribe, 1);
    shorter.pop();
    messages.push(shorter);
    let mut reserved = frame::start(Template::DocumentQuery, 16);
    reserved.put_u64(1).put_u32(0).put_u32(1);
    messages.push(reserved);
    messages.push(write_number(Template::BalanceQuery, 65_536));
    messages
}

#[tokio::test]
async fn a_stream_that_begins_with_garbage_is_told_so_and_ended() {
    let world = World::new();
    let raw = Raw::new(&world, ALFA).await;
    for message in garbage() {
        let mut stream = raw.begin(message).await;
        stream.refused(RefusalCode::Format, 0).await;
        stream.ended().await;
    }
    pays(&raw, 1).await;
}

#[tokio::test]
async fn garbage_inside_a_session_ends_it_behind_the_answers_under_way() {
    let world = World::new();
    let raw = Raw::new(&world, ALFA).await;
    for (i, message) in garbage().into_iter().take(4).enumerate() {
        let (mut stream, _) = raw.session(LANE).await;
        let number = i as u64 + 1;
        stream.say(batch(number)).await;
        stream.say(message).await;
        stream.answered(number).await;
        stream.refused(RefusalCode::Format, 0).await;
        stream.ended().await;
    }
    assert_eq!(world.node.received(), 4);
}

#[tokio::test]
async fn a_stream_begins_with_a_session_a_feed_or_a_query_and_with_nothing_else() {
    let world = World::new();
    let raw = Raw::new(&world, ALFA).await;
    let documents = document::build(
        1,
        &[Document {
            salt: [1; 16],
            text: b"text".to_vec().into(),
        }],
    );
    let proof = world.node.lock().log.consistency(0).write();
    for message in [
        batch(1),
        documents.expect("good documents"),
        frame::start(Template::Balances, 0),
        proof,
    ] {
        let mut stream = raw.begin(message).await;
        stream.refused(RefusalCode::OutOfOrder, 0).await;
        stream.ended().await;
    }
    assert_eq!(world.node.received(), 0);
}

#[tokio::test]
async fn a_session_takes_batches_and_documents_and_nothing_else() {
    let world = World::new();
    let raw = Raw::new(&world, ALFA).await;
    for template in [Template::OpenSession, Template::Subscribe, Template::BalanceQuery] {
        let (mut stream, _) = raw.session(LANE).await;
        stream.say(write_number(template, 1)).await;
        stream.refused(RefusalCode::OutOfOrder, 0).await;
        stream.ended().await;
    }
}

async fn cut(stream: &mut Stream, message: &[u8], at: usize) {
    let mut bytes = (message.len() as u32).to_le_bytes().to_vec();
    bytes.extend_from_slice(message);
    stream.bytes(&bytes[..at]).await;
}

#[tokio::test]
async fn a_batch_cut_in_the_middle_never_reaches_the_node_and_those_before_it_are_answered() {
    let world = World::new();
    let raw = Raw::new(&world, ALFA).await;
    let whole = 4 + batch(1).len();
    for (i, at) in [1, 3, 4, 60, 200, whole - 1].into_iter().enumerate() {
        let (mut stream, _) = raw.session(LANE).await;
        let number = i as u64 + 1;
        stream.say(batch(number)).await;
        cut(&mut stream, &batch(number + 1), at).await;
        stream.finish();
        stream.answered(number).await;
    }
    for at in [0, 2, 100] {
        let (mut stream, _) = raw.session(LANE).await;
        cut(&mut stream, &batch(7), at).await;
        stream.reset();
    }
    pays(&raw, 1).await;
    assert_eq!(world.node.received(), 7);
}

#[tokio::test]
async fn streams_that_are_opened_and_left_alone_disturb_nobody() {
    let world = World::new();
    let raw = Raw::new(&world, ALFA).await;
    let mut idle = Vec::new();
    for i in 0..100 {
        let mut stream = raw.open().await;
        if i % 2 == 0 {
            stream.bytes(&[9, 0]).await;
        } else {
            stream.bytes(&(FRAME_BYTES_MAX as u32).to_le_bytes()).await;
        }
        idle.push(stream);
    }
    pays(&raw, 1).await;
}
