//! Messages that do not have the form they claim.
use causeway_message::batch::Class;
use causeway_message::frame::HEADER_BYTES;
use causeway_message::limits::{BATCH_BYTES_MAX, FRAME_BYTES_MAX};
use causeway_message::refusal::RefusalCode;
use causeway_transport::limits::FIRST_MESSAGE_BYTES_MAX;

use crate::bystander::Bystander;
use crate::raw::{Raw, Stream};
use crate::world::{ALFA, LANE, World, batch, head, key, seed_of};

struct Scene {
    world: World,
    bystander: Bystander,
    raw: Raw,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new();
        let bystander = Bystander::of(&world).await;
        let raw = Raw::new(&world, ALFA).await;
        Self {
            world,
            bystander,
            raw,
        }
    }

    async fn session(&self) -> Stream {
        self.raw.session(LANE).await.0
    }

    /// Nothing of the enemy's entered the log, and nobody else noticed anything.
    async fn unmoved(self) {
        assert!(self.world.node.entered(ALFA).is_empty());
        self.bystander.was_served().await;
    }
}

#[tokio::test]
async fn an_oversized_frame_meets_format_before_a_byte_of_it_is_kept() {
    let scene = Scene::new().await;
    for length in [FRAME_BYTES_MAX as u32 + 1, u32::MAX] {
        let mut stream = scene.session().await;
        stream.bytes(&length.to_le_bytes()).await;
        stream.refused(RefusalCode::Format, 0).await;
        stream.ended().await;
    }
    let mut stream = scene.raw.open().await;
    stream
        .bytes(&(FIRST_MESSAGE_BYTES_MAX as u32 + 1).to_le_bytes())
        .await;
    stream.refused(RefusalCode::Format, 0).await;
    stream.ended().await;
    scene.unmoved().await;
}

#[tokio::test]
async fn an_oversized_batch_meets_format() {
    let scene = Scene::new().await;
    let mut stream = scene.session().await;
    let mut message = batch(1);
    message.resize(BATCH_BYTES_MAX + 1, 0);
    stream.say(message).await;
    stream.refused(RefusalCode::Format, 1).await;
    scene.unmoved().await;
}

#[tokio::test]
async fn trailing_bytes_meet_format() {
    let scene = Scene::new().await;
    let mut stream = scene.session().await;
    for extra in [1, 4, 1_000] {
        let mut message = batch(1);
        message.resize(message.len() + extra, 0);
        stream.say(message).await;
        stream.refused(RefusalCode::Format, 1).await;
    }
    scene.unmoved().await;
}

#[tokio::test]
async fn a_truncated_message_meets_format_wherever_it_is_cut() {
    let scene = Scene::new().await;
    let whole = batch(1);
    for cut in (0..whole.len()).step_by(13) {
        let mut stream = scene.session().await;
        stream.say(whole[..cut].to_vec()).await;
        // Without a whole block it is about the stream, otherwise about the batch.
        let number = u64::from(cut >= HEADER_BYTES + 160);
        stream.refused(RefusalCode::Format, number).await;
    }
    scene.unmoved().await;
}

#[tokio::test]
async fn a_count_that_is_not_that_of_the_records_meets_format() {
    let scene = Scene::new().await;
    let mut stream = scene.session().await;
    for count in [2, 3, 8_190] {
        let block = head(LANE, 1).sign(Class::Instructions, count, [1; 32], &key(seed_of(ALFA)));
        let mut message = batch(1);
        message[HEADER_BYTES..HEADER_BYTES + 160].copy_from_slice(zerocopy::IntoBytes::as_bytes(&block));
        stream.say(message).await;
        stream.refused(RefusalCode::Format, 1).await;
        // And the other way round: the group says more than the signed block.
        let mut message = batch(1);
        let at = HEADER_BYTES + 160 + 2;
        message[at..at + 2].copy_from_slice(&(count as u16).to_le_bytes());
        stream.say(message).await;
        stream.refused(RefusalCode::Format, 1).await;
    }
    scene.unmoved().await;
}
