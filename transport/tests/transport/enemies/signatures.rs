//! Signatures that do not count.
use causeway_message::frame::HEADER_BYTES;
use causeway_message::keys::Signature;
use causeway_message::refusal::RefusalCode;
use causeway_message::{KeyId, LedgerId};

use crate::bystander::Bystander;
use crate::raw::Raw;
use crate::world::{ALFA, BETA, LANE, World, batch, head, key, payments, seed_of, signed};

/// Order of the group, RFC 8032 section 5.1.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The batch is refused with this code, the session goes on, and nobody else notices.
async fn meets(message: Vec<u8>, code: RefusalCode) {
    let world = World::new();
    let bystander = Bystander::of(&world).await;
    let raw = Raw::new(&world, ALFA).await;
    let (mut stream, _) = raw.session(LANE).await;
    stream.say(message).await;
    stream.refused(code, 1).await;
    stream.say(batch(1)).await;
    stream.answered(1).await;
    assert_eq!(
        world.node.entered(ALFA).len(),
        1,
        "only the good one entered the log"
    );
    bystander.was_served().await;
}

fn resigned(change: impl FnOnce(&mut Signature)) -> Vec<u8> {
    let mut message = batch(1);
    let place = &mut message[HEADER_BYTES + 96..HEADER_BYTES + 160];
    change(place.try_into().expect("64 bytes"));
    message
}

#[tokio::test]
async fn a_wrong_signature_meets_signature_invalid() {
    let message = causeway_message::batch::build(&head(LANE, 1), &payments(1), &[], &key(seed_of(BETA)));
    meets(message.expect("a batch"), RefusalCode::SignatureInvalid).await;
}

#[tokio::test]
async fn a_missing_signature_meets_signature_invalid() {
    meets(
        resigned(|signature| *signature = [0; 64]),
        RefusalCode::SignatureInvalid,
    )
    .await;
}

#[tokio::test]
async fn a_signature_in_its_second_form_meets_signature_invalid() {
    // S and S + L fit the same equation: whoever sees a batch could otherwise make another of the same number.
    let message = resigned(|signature| {
        let mut carry = 0;
        for (byte, add) in signature[32..].iter_mut().zip(ORDER) {
            let sum = u16::from(*byte) + u16::from(add) + carry;
            *byte = sum as u8;
            carry = sum >> 8;
        }
    });
    assert_ne!(message, batch(1));
    meets(message, RefusalCode::SignatureInvalid).await;
}

#[tokio::test]
async fn a_signature_with_an_r_of_small_order_meets_signature_invalid() {
    let message = resigned(|signature| {
        signature[..32].fill(0);
        signature[0] = 1;
    });
    meets(message, RefusalCode::SignatureInvalid).await;
}

#[tokio::test]
async fn a_key_that_is_not_there_or_no_longer_meets_key_unknown() {
    let mut head = head(LANE, 1);
    head.key = KeyId(2);
    meets(signed(&head, &payments(1)), RefusalCode::KeyUnknown).await;
}

#[tokio::test]
async fn a_batch_of_another_ledger_meets_wrong_ledger() {
    let mut head = head(LANE, 1);
    head.ledger = LedgerId([8; 32]);
    meets(signed(&head, &payments(1)), RefusalCode::WrongLedger).await;
}

#[tokio::test]
async fn a_revoked_key_meets_key_unknown_and_what_it_signed_before_is_still_answered() {
    let world = World::new();
    let raw = Raw::new(&world, ALFA).await;
    let (mut stream, _) = raw.session(LANE).await;
    let before = batch(1);
    stream.say(before.clone()).await;
    let once = stream.answered(1).await;
    world.node.trick(|tricks| tricks.revoked = true);
    stream.say(batch(2)).await;
    stream.refused(RefusalCode::KeyUnknown, 2).await;
    // Its bank lost the answer and asks again: a refusal would say that it never entered the log.
    stream.say(before).await;
    assert_eq!(stream.answered(1).await.index, once.index);
    // Under a number that was used the thief of the key gets no further.
    stream.say(batch(1)).await;
    stream.refused(RefusalCode::SessionNumberReused, 1).await;
    assert_eq!(world.node.entered(ALFA).len(), 1);
}
