//! Peers that are slow on purpose.
use std::time::Duration;

use causeway_message::frame::Template;
use causeway_message::limits::FRAME_BYTES_MAX;
use causeway_message::refusal::RefusalCode;
use causeway_message::wire::write_number;
use causeway_transport::server::Bounds;
use causeway_transport::tls;
use quinn::{TransportConfig, VarInt};

use crate::bystander::Bystander;
use crate::raw::{Raw, Stream};
use crate::world::{ALFA, LANE, World, batch, soon};

const SHORT: Duration = Duration::from_millis(250);

fn impatient() -> Bounds {
    Bounds {
        first_message_time: SHORT,
        message_time: SHORT,
        answer_time: SHORT,
        ..Bounds::default()
    }
}

/// A byte now and then, for as long as the node takes them.
async fn drip(stream: &mut Stream, bytes: &[u8]) {
    for byte in bytes.iter().cycle() {
        if stream.send.write_all(&[*byte]).await.is_err() {
            return;
        }
        tokio::time::sleep(SHORT / 20).await;
    }
}

#[tokio::test]
async fn a_stream_that_never_says_what_it_is_meets_too_slow() {
    let world = World::within(impatient());
    let bystander = Bystander::of(&world).await;
    let raw = Raw::new(&world, ALFA).await;
    for first in [&[9][..], &[9, 0], &[16, 0, 0, 0, 8]] {
        let mut stream = raw.open().await;
        stream.bytes(first).await;
        stream.refused(RefusalCode::TooSlow, 0).await;
        stream.ended().await;
    }
    bystander.was_served().await;
}

#[tokio::test]
async fn a_slowloris_on_a_new_stream_meets_too_slow() {
    let world = World::within(impatient());
    let bystander = Bystander::of(&world).await;
    let raw = Raw::new(&world, ALFA).await;
    let mut stream = raw.open().await;
    stream.bytes(&4_096u32.to_le_bytes()).await;
    soon(drip(&mut stream, &[0])).await;
    stream.refused(RefusalCode::TooSlow, 0).await;
    bystander.was_served().await;
}

#[tokio::test]
async fn a_slowloris_inside_a_session_meets_too_slow_behind_the_answers_under_way() {
    let world = World::within(impatient());
    let bystander = Bystander::of(&world).await;
    let raw = Raw::new(&world, ALFA).await;
    let (mut stream, _) = raw.session(LANE).await;
    stream.say(batch(1)).await;
    stream.bytes(&4_096u32.to_le_bytes()).await;
    soon(drip(&mut stream, &batch(2))).await;
    stream.answered(1).await;
    stream.refused(RefusalCode::TooSlow, 0).await;
    stream.ended().await;
    assert_eq!(world.node.entered(ALFA).len(), 1);
    bystander.was_served().await;
}

#[tokio::test]
async fn a_session_may_be_silent_between_two_messages() {
    let world = World::within(impatient());
    let raw = Raw::new(&world, ALFA).await;
    let (mut stream, _) = raw.session(LANE).await;
    stream.say(batch(1)).await;
    stream.answered(1).await;
    tokio::time::sleep(3 * SHORT).await;
    stream.say(batch(2)).await;
    stream.answered(2).await;
}

#[tokio::test]
async fn an_answer_that_nobody_takes_is_reset_with_code_21() {
    let world = World::within(impatient());
    let bystander = Bystander::of(&world).await;
    let mut transport = TransportConfig::default();
    transport.stream_receive_window(VarInt::from_u32(20));
    let crypto = tls::client(&world.identity(ALFA)).expect("a good identity");
    let deaf = Raw::with(world.address, crypto, transport).await;
    let deaf = deaf.expect("it connects");
    for template in [Template::BalanceQuery, Template::Batch] {
        let (mut send, mut recv) = soon(deaf.connection.open_bi()).await.expect("a stream");
        let message = write_number(template, 0);
        let mut bytes = (message.len() as u32).to_le_bytes().to_vec();
        bytes.extend(message);
        send.write_all(&bytes).await.expect("sent");
        let reset = soon(recv.received_reset()).await.expect("the stream is whole");
        assert_eq!(reset, Some(VarInt::from_u32(RefusalCode::TooSlow as u32)));
    }
    bystander.was_served().await;
}

#[tokio::test]
async fn what_one_bank_begins_and_never_ends_takes_its_own_memory_and_no_others() {
    // Room for one of the largest messages.
    let world = World::within(Bounds {
        participant_bytes: 0,
        ..impatient()
    });
    let bystander = Bystander::of(&world).await;
    let raw = Raw::new(&world, ALFA).await;
    let (mut hoarder, _) = raw.session(LANE).await;
    hoarder.bytes(&(FRAME_BYTES_MAX as u32).to_le_bytes()).await;
    let (mut lane, _) = raw.session(causeway_message::SessionId(1)).await;
    let head = crate::world::head(causeway_message::SessionId(1), 1);
    lane.say(crate::world::signed(&head, &crate::world::payments(1)))
        .await;
    bystander.goes_on().await;
    // The message behind it waits until the first one's time is over.
    hoarder.refused(RefusalCode::TooSlow, 0).await;
    lane.answered(1).await;
    bystander.was_served().await;
}
