//! Readers that never read.
use std::time::Duration;

use bytes::Bytes;
use causeway_message::SessionId;
use causeway_message::frame::Template;
use causeway_message::limits::BATCH_RECORDS_MAX;
use causeway_message::record::flags;
use causeway_message::wire::write_number;
use causeway_transport::framing::write;
use causeway_transport::limits::{CONNECTION_WINDOW, FEEDS_PER_PARTICIPANT, PARTICIPANT_BYTES};
use quinn::{TransportConfig, VarInt};

use crate::raw::Bank;
use crate::{EUR, Scene};

/// What allocators, stages and the journal take beside.
const REST: u64 = 256 * 1_048_576;

/// The client's own windows let almost nothing in.
fn deaf() -> TransportConfig {
    let mut transport = TransportConfig::default();
    transport.stream_receive_window(VarInt::from_u32(1_500));
    transport
}

#[tokio::test]
async fn a_bank_that_never_reads_its_answers_is_stopped_within_its_memory() {
    let scene = Scene::new().await;
    let before = scene.node.resident_bytes();
    let raw = scene.alfa.connect_with(deaf()).await;
    let mut lanes = Vec::new();
    for lane in 0..6 {
        let (stream, _) = raw.session(lane).await;
        // Rejected, and answered with a balance each: the largest answers there are.
        let records: Vec<_> = (0..BATCH_RECORDS_MAX)
            .map(|_| {
                let mut record = scene.alfa.payment(scene.beta, EUR, 0);
                record.flags = flags::WITH_BALANCE.into();
                record
            })
            .collect();
        let batch = |number| Bytes::from(scene.alfa.batch(lane, number, &records));
        // The same records again and again: what counts is the size of the answers.
        let batches: Vec<_> = (1..=50).map(batch).collect();
        lanes.push((stream, batches));
    }
    let mut sent = 0;
    for (stream, batches) in &mut lanes {
        for batch in batches.iter() {
            let writing = write(&mut stream.send, batch.clone());
            match tokio::time::timeout(Duration::from_millis(500), writing).await {
                Ok(written) => written.expect("the stream is whole"),
                Err(_) => break,
            }
            sent += batch.len();
        }
    }
    scene.bystander.goes_on().await;
    let grown = scene.node.resident_bytes().saturating_sub(before);
    println!("{} MiB sent, {} MiB more", sent >> 20, grown >> 20);
    let bound = PARTICIPANT_BYTES + CONNECTION_WINDOW as usize;
    assert!(sent < bound + 8 * 1_048_576, "{} MiB were taken", sent >> 20);
    assert!(sent > PARTICIPANT_BYTES / 2, "what it may take is used");
    assert!(grown < bound as u64 + REST, "{} MiB more", grown >> 20);
    scene.unmoved().await;
}

#[tokio::test]
async fn feeds_that_nobody_reads_hold_a_bounded_number_of_pages() {
    let scene = Scene::new().await;
    let beta = Bank::load(&scene.ledger, "BETAFRPP");
    let raw = beta.connect_with(deaf()).await;
    let mut feeds = Vec::new();
    for _ in 0..FEEDS_PER_PARTICIPANT {
        feeds.push(raw.begin(write_number(Template::Subscribe, 1)).await);
    }
    scene.bystander.goes_on().await;
    let before = scene.node.resident_bytes();
    // Events for the deaf bank, 20 MB of them.
    let client = causeway_transport::Client::connect(scene.alfa.config.clone()).await;
    let client = client.expect("it connects");
    let session = client.session(SessionId(1)).await.expect("a session");
    for _ in 0..12 {
        let records = (0..8_000)
            .map(|_| scene.alfa.payment(beta.config.participant, EUR, 1))
            .collect();
        let pending = session
            .submit(records, Vec::new(), Vec::new())
            .await
            .expect("sent");
        pending.outcome().await.expect("answered");
    }
    client.close();
    let grown = scene.node.resident_bytes().saturating_sub(before);
    println!("{} MiB more", grown >> 20);
    assert!(grown < REST, "{} MiB more", grown >> 20);
    scene.unmoved().await;
}
