//! What is sent again, and what is sent out of order.
use causeway_message::Status;
use causeway_message::answer::answer_flags;
use causeway_message::refusal::RefusalCode;

use crate::{EUR, Scene};

#[tokio::test]
async fn a_replayed_batch_is_answered_again_and_moves_nothing() {
    let scene = Scene::new().await;
    let raw = scene.alfa.connect().await;
    let (mut stream, _) = raw.session(7).await;
    let record = scene.alfa.payment(scene.beta, EUR, 1_000);
    let batch = scene.alfa.batch(7, 1, &[record]);
    stream.say(batch.clone()).await;
    let once = stream.answered(1, &[Status::Settled]).await;
    for _ in 0..20 {
        stream.say(batch.clone()).await;
        let again = stream.answered(1, &[Status::Settled]).await;
        assert_eq!((again.index, &again.answers), (once.index, &once.answers));
    }
    // In another session it is another batch's number, and another batch's signature.
    let (mut other, _) = raw.session(8).await;
    other.say(batch).await;
    other.refused(RefusalCode::OutOfOrder, 1).await;
    // The same record in another batch is known by its id.
    other.say(scene.alfa.batch(8, 1, &[record])).await;
    let again = other.answered(1, &[Status::Settled]).await;
    assert!(again.answers[0].flags.get() & answer_flags::REPLAYED != 0);
    assert_eq!(scene.ledger.balance("ALFADEFF", "EUR"), "990.00");
    scene.unmoved().await;
}

#[tokio::test]
async fn the_same_number_with_other_bytes_meets_session_number_reused() {
    let scene = Scene::new().await;
    let raw = scene.alfa.connect().await;
    let (mut stream, _) = raw.session(7).await;
    let batch = |amount| {
        scene
            .alfa
            .batch(7, 1, &[scene.alfa.payment(scene.beta, EUR, amount)])
    };
    stream.say(batch(1_000)).await;
    stream.answered(1, &[Status::Settled]).await;
    stream.say(batch(2_000)).await;
    stream.refused(RefusalCode::SessionNumberReused, 1).await;
    assert_eq!(scene.ledger.balance("ALFADEFF", "EUR"), "990.00");
    scene.unmoved().await;
}

#[tokio::test]
async fn the_same_id_with_other_bytes_meets_id_reused() {
    let scene = Scene::new().await;
    let raw = scene.alfa.connect().await;
    let (mut stream, _) = raw.session(7).await;
    let record = scene.alfa.payment(scene.beta, EUR, 1_000);
    let mut other = record;
    other.amount = 2_000.into();
    stream.say(scene.alfa.batch(7, 1, &[record, other])).await;
    stream.answered(1, &[Status::Settled, Status::IdReused]).await;
    stream.say(scene.alfa.batch(7, 2, &[other])).await;
    stream.answered(2, &[Status::IdReused]).await;
    assert_eq!(scene.ledger.balance("ALFADEFF", "EUR"), "990.00");
    scene.unmoved().await;
}

#[tokio::test]
async fn numbers_out_of_order_meet_session_gap_with_the_number_that_is_due() {
    let scene = Scene::new().await;
    let raw = scene.alfa.connect().await;
    let (mut stream, _) = raw.session(7).await;
    let batch = |number| {
        scene
            .alfa
            .batch(7, number, &[scene.alfa.payment(scene.beta, EUR, 1_000)])
    };
    for number in [2, 9, u64::MAX] {
        stream.say(batch(number)).await;
        let refusal = stream.refused(RefusalCode::SessionGap, number).await;
        assert_eq!(refusal.expected, 1);
    }
    stream.say(batch(1)).await;
    stream.answered(1, &[Status::Settled]).await;
    stream.say(batch(3)).await;
    assert_eq!(stream.refused(RefusalCode::SessionGap, 3).await.expected, 2);
    stream.say(batch(2)).await;
    stream.answered(2, &[Status::Settled]).await;
    assert_eq!(scene.ledger.balance("ALFADEFF", "EUR"), "980.00");
    scene.unmoved().await;
}
