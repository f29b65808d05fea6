//! What a batch is refused for, and whether its session goes on.
use causeway_message::batch::{BatchHead, Class};
use causeway_message::frame::{HEADER_BYTES, Template};
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::wire::write_number;
use causeway_message::{KeyId, LedgerId, SessionId};

use crate::raw::Raw;
use crate::world::{ALFA, BETA, LANE, World, batch, head, key, now, payments, seed_of, signed};

/// Sends a batch that must be refused and one behind it: the refusal is about the batch, the stream goes on.
async fn refused_alone(message: Vec<u8>, code: RefusalCode) {
    let world = World::new();
    let raw = Raw::new(&world, ALFA).await;
    let (mut stream, _) = raw.session(LANE).await;
    stream.say(message).await;
    stream.refused(code, 1).await;
    stream.say(batch(1)).await;
    stream.answered(1).await;
    assert_eq!(
        world.node.received(),
        1,
        "the refused batch never reached the node"
    );
}

fn changed(change: impl FnOnce(&mut BatchHead)) -> Vec<u8> {
    let mut head = head(LANE, 1);
    change(&mut head);
    signed(&head, &payments(2))
}

#[tokio::test]
async fn a_batch_for_another_ledger_is_refused_before_anything_else_of_it_is_judged() {
    refused_alone(
        changed(|head| head.ledger = LedgerId([8; 32])),
        RefusalCode::WrongLedger,
    )
    .await;
    let message = changed(|head| {
        head.ledger = LedgerId([8; 32]);
        head.participant = BETA;
        head.key = KeyId(77);
    });
    refused_alone(message, RefusalCode::WrongLedger).await;
}

#[tokio::test]
async fn a_batch_of_another_participant_is_refused_however_well_it_is_signed() {
    refused_alone(
        changed(|head| head.participant = BETA),
        RefusalCode::WrongParticipant,
    )
    .await;
}

#[tokio::test]
async fn a_batch_of_another_session_is_refused() {
    refused_alone(
        changed(|head| head.session = SessionId(10)),
        RefusalCode::OutOfOrder,
    )
    .await;
}

#[tokio::test]
async fn a_key_that_the_participant_does_not_have_is_refused() {
    refused_alone(changed(|head| head.key = KeyId(2)), RefusalCode::KeyUnknown).await;
}

#[tokio::test]
async fn a_signature_of_another_key_is_refused() {
    let message = causeway_message::batch::build(&head(LANE, 1), &payments(1), &[], &key(seed_of(BETA)));
    refused_alone(message.expect("a good batch"), RefusalCode::SignatureInvalid).await;
}

#[tokio::test]
async fn no_signed_field_can_be_changed() {
    let world = World::new();
    let raw = Raw::new(&world, ALFA).await;
    let (mut stream, _) = raw.session(LANE).await;
    // not_after, root and signature; the others are refused for what they are.
    for at in [60, 64, 95, 96, 159] {
        let mut message = batch(1);
        message[HEADER_BYTES + at] ^= 1;
        stream.say(message).await;
        stream.refused(RefusalCode::SignatureInvalid, 1).await;
    }
    stream.say(batch(1)).await;
    stream.answered(1).await;
}

#[tokio::test]
async fn records_that_are_not_those_of_the_signed_root_are_refused() {
    let mut message = batch(1);
    let last = message.len() - 10;
    message[last] ^= 1;
    refused_alone(message, RefusalCode::RootMismatch).await;
}

#[tokio::test]
async fn a_well_signed_batch_of_ill_form_is_refused_by_its_number() {
    let mut longer = batch(1);
    longer.push(0);
    refused_alone(longer, RefusalCode::Format).await;
    let block = head(LANE, 1).sign(Class::Instructions, 3, [1; 32], &key(seed_of(ALFA)));
    let mut message = batch(1);
    message[HEADER_BYTES..HEADER_BYTES + 160].copy_from_slice(zerocopy::IntoBytes::as_bytes(&block));
    refused_alone(message, RefusalCode::Format).await;
}

#[tokio::test]
async fn a_batch_whose_block_cannot_be_read_ends_the_stream() {
    let world = World::new();
    let raw = Raw::new(&world, ALFA).await;
    let ill = |at: usize, byte: u8| {
        let mut message = batch(1);
        message[HEADER_BYTES + at] = byte;
        message
    };
    let short = batch(1)[..HEADER_BYTES + 100].to_vec();
    for message in [ill(48, 0), ill(56, 2), ill(57, 1), ill(58, 0), short] {
        let (mut stream, _) = raw.session(LANE).await;
        stream.say(message).await;
        stream.say(batch(1)).await;
        stream.refused(RefusalCode::Format, 0).await;
        stream.ended().await;
    }
    assert_eq!(world.node.received(), 0, "nothing behind it is trusted");
}

#[tokio::test]
async fn what_the_node_refuses_comes_in_order_and_those_behind_a_refused_one_are_a_gap() {
    let world = World::new();
    world.node.trick(|tricks| {
        let mut first = true;
        tricks.refuse = Some(Box::new(move |batch| {
            let refuse = batch.number() == 2 && std::mem::take(&mut first);
            refuse.then(|| Refusal::new(RefusalCode::TooLate, "").about(2))
        }));
    });
    let raw = Raw::new(&world, ALFA).await;
    let (mut stream, _) = raw.session(LANE).await;
    for number in 1..=4 {
        stream.say(batch(number)).await;
    }
    stream.answered(1).await;
    stream.refused(RefusalCode::TooLate, 2).await;
    for number in [3, 4] {
        let refusal = stream.refused(RefusalCode::SessionGap, number).await;
        assert_eq!(refusal.expected, 2);
    }
    stream.say(batch(2)).await;
    stream.answered(2).await;
}

#[tokio::test]
async fn a_batch_is_answered_again_by_its_bytes_and_not_by_its_number() {
    let world = World::new();
    let raw = Raw::new(&world, ALFA).await;
    let (mut stream, _) = raw.session(LANE).await;
    let mut head = head(LANE, 1);
    head.not_after = now().seconds() as u32 + 1;
    let message = signed(&head, &payments(2));
    stream.say(message.clone()).await;
    let once = stream.answered(1).await;
    stream.say(batch(2)).await;
    stream.answered(2).await;
    stream.say(batch(1)).await;
    stream.refused(RefusalCode::SessionNumberReused, 1).await;
    stream.say(message).await;
    let again = stream.answered(1).await;
    assert_eq!((again.index, &again.answers), (once.index, &once.answers));
    assert_ne!(again.checkpoint, once.checkpoint, "under a newer checkpoint");
    assert_eq!(world.node.batch_sizes(ALFA), [2, 1]);
}

#[tokio::test]
async fn a_node_that_is_not_ready_opens_no_session_and_says_so_to_batches_under_way() {
    let world = World::new();
    let raw = Raw::new(&world, ALFA).await;
    let (mut stream, _) = raw.session(LANE).await;
    world.node.trick(|tricks| tricks.not_ready = true);
    stream.say(batch(1)).await;
    stream.refused(RefusalCode::NotReady, 1).await;
    let mut other = raw.begin(write_number(Template::OpenSession, 1)).await;
    other.refused(RefusalCode::NotReady, 0).await;
    other.ended().await;
    world.node.trick(|tricks| tricks.not_ready = false);
    stream.say(batch(1)).await;
    stream.answered(1).await;
}

#[tokio::test]
async fn participants_do_not_share_sessions() {
    let world = World::new();
    let (alfa, beta) = (Raw::new(&world, ALFA).await, Raw::new(&world, BETA).await);
    let (mut stream, _) = alfa.session(LANE).await;
    stream.say(batch(1)).await;
    stream.answered(1).await;
    assert_eq!(beta.session(LANE).await.1.last_number, 0);
}
