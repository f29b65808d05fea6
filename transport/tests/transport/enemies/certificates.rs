//! Certificates that open nothing.
use causeway_message::refusal::RefusalCode;
use causeway_transport::tls::Identity;
use quinn::ConnectionError;

use crate::admission::{crypto, turned_away};
use crate::bystander::Bystander;
use crate::pki::Authority;
use crate::raw::Raw;
use crate::world::{ALFA, LANE, World, batch};

/// TLS alerts as QUIC shows them (RFC 9001 section 4.8, RFC 8446 section 6).
const UNKNOWN_CA: u64 = 0x130;
const DECRYPT_ERROR: u64 = 0x133;
const CERTIFICATE_EXPIRED: u64 = 0x12d;
const CERTIFICATE_REQUIRED: u64 = 0x174;

/// Whoever shows this is turned away with that code, and nobody else notices.
async fn meets(identity: impl FnOnce(&World) -> Option<Identity>, code: u64) {
    let world = World::new();
    let bystander = Bystander::of(&world).await;
    let crypto = crypto(
        &world.authority.ca(),
        identity(&world).as_ref(),
        b"causeway/1",
        false,
    );
    let found = match turned_away(&world, crypto).await {
        ConnectionError::ConnectionClosed(close) => u64::from(close.error_code),
        other => panic!("{other}"),
    };
    assert_eq!(found, code, "{found:#x}");
    bystander.was_served().await;
}

#[tokio::test]
async fn an_unknown_certificate_meets_unknown_ca() {
    let stranger = Authority::named("a stranger").participant(ALFA);
    meets(|_| Some(stranger), UNKNOWN_CA).await;
    // One that calls itself as the known authority does, with another key: its signature does not fit.
    let impostor = Authority::new().participant(ALFA);
    meets(|_| Some(impostor), DECRYPT_ERROR).await;
}

#[tokio::test]
async fn an_expired_certificate_meets_certificate_expired() {
    let expired = |world: &World| world.authority.participant_between(ALFA, 2020, 2021);
    meets(|world| Some(expired(world)), CERTIFICATE_EXPIRED).await;
}

#[tokio::test]
async fn a_certificate_of_times_to_come_is_turned_away() {
    // TLS has no alert of its own for it.
    let early = |world: &World| world.authority.participant_between(ALFA, 2090, 2091);
    meets(|world| Some(early(world)), CERTIFICATE_EXPIRED).await;
}

#[tokio::test]
async fn no_certificate_meets_certificate_required() {
    meets(|_| None, CERTIFICATE_REQUIRED).await;
}

#[tokio::test]
async fn the_certificate_of_another_participant_meets_wrong_participant() {
    let world = World::new();
    let bystander = Bystander::of(&world).await;
    let thief = Raw::new(&world, causeway_message::ParticipantId(4)).await;
    let (mut stream, hello) = thief.session(LANE).await;
    assert_eq!(hello.last_number, 0);
    // Signed by ALFA itself: it may not travel under another's certificate.
    stream.say(batch(1)).await;
    stream.refused(RefusalCode::WrongParticipant, 1).await;
    assert!(world.node.entered(ALFA).is_empty());
    bystander.was_served().await;
}
