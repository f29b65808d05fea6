//! Ten thousand of everything from one certificate.
use std::sync::Arc;

use causeway_message::frame::{self, Template};
use causeway_message::refusal::RefusalCode;
use causeway_message::wire::{read_refusal, write_number};
use causeway_transport::close::Close;
use causeway_transport::limits::{CONNECTIONS_PER_PARTICIPANT, SESSIONS_PER_PARTICIPANT, STREAMS_MAX};
use quinn::{ConnectionError, TransportConfig};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::common::{causeway, code, stderr, word};
use crate::{Scene, soon};

const MANY: usize = 10_000;
/// What the enemy has under way at once: the machine is the bystander's, too.
const AT_ONCE: usize = 40;
/// What the node may take for all of it.
const GROWTH_MAX: u64 = 256 * 1_048_576;

#[tokio::test]
async fn ten_thousand_connections_of_one_certificate_meet_close_code_2() {
    let scene = Scene::new().await;
    let before = scene.node.resident_bytes();
    let endpoint = scene.alfa.endpoint("127.0.0.1:0", TransportConfig::default());
    let (address, name) = (scene.alfa.config.addresses[0], &scene.alfa.config.server_name);
    let (at_once, mut tasks) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    let enough = Arc::new(Semaphore::new(0));
    for _ in 0..MANY {
        let turn = at_once.clone().acquire_owned().await.expect("it is open");
        let connecting = endpoint.connect(address, name).expect("good settings");
        let enough = enough.clone();
        tasks.spawn(async move {
            let connection = soon(connecting).await?;
            // Those that are let in stay until all have tried.
            tokio::select! {
                error = connection.closed() => Err(error),
                _ = async {
                    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
                    drop(turn);
                    enough.acquire().await.map(drop)
                } => Ok(connection),
            }
        });
    }
    // All others are over: one turn for each of them is free again.
    let rest = soon(at_once.acquire_many(AT_ONCE as u32)).await;
    assert!(rest.is_ok());
    scene.bystander.goes_on().await;
    let grown = scene.node.resident_bytes().saturating_sub(before);
    enough.add_permits(MANY);
    let (mut let_in, mut closed) = (0, 0);
    while let Some(task) = tasks.join_next().await {
        match task.expect("it ran") {
            Ok(_) => let_in += 1,
            Err(ConnectionError::ApplicationClosed(close))
                if close.error_code == Close::Connections.code() =>
            {
                closed += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!(
        (let_in, closed),
        (CONNECTIONS_PER_PARTICIPANT, MANY - CONNECTIONS_PER_PARTICIPANT)
    );
    assert!(grown < GROWTH_MAX, "{} MiB more", grown / 1_048_576);
    println!("{let_in} of {MANY} connections, {} MiB more", grown / 1_048_576);
    scene.unmoved().await;
}

#[tokio::test]
async fn ten_thousand_streams_of_one_certificate_meet_busy() {
    let scene = Scene::new().await;
    let before = scene.node.resident_bytes();
    let (mut raws, mut opened, mut refused) = (Vec::new(), Vec::new(), 0);
    for _ in 0..4 {
        raws.push(scene.alfa.connect().await);
    }
    for n in 0..MANY {
        // Sessions that are open hold streams of their connection: they are spread.
        let mut stream = raws[n % 4]
            .begin(write_number(Template::OpenSession, n as u64))
            .await;
        let message = stream.next().await;
        match frame::expect(&message, Template::Refused) {
            Ok(reader) => {
                let refusal = read_refusal(reader).expect("a whole refusal");
                assert_eq!(refusal.code, RefusalCode::Busy, "{refusal}");
                refused += 1;
            }
            Err(_) => opened.push(stream),
        }
    }
    assert_eq!(
        (opened.len(), refused),
        (SESSIONS_PER_PARTICIPANT, MANY - SESSIONS_PER_PARTICIPANT)
    );
    let grown = scene.node.resident_bytes().saturating_sub(before);
    assert!(grown < GROWTH_MAX, "{} MiB more", grown / 1_048_576);
    println!(
        "{} of {MANY} sessions, {} MiB more",
        opened.len(),
        grown / 1_048_576
    );
    scene.unmoved().await;
}

#[tokio::test]
async fn streams_left_open_on_all_connections_are_bounded_and_end_too_slow() {
    let scene = Scene::new().await;
    let before = scene.node.resident_bytes();
    let (mut raws, mut streams) = (Vec::new(), Vec::new());
    for _ in 0..CONNECTIONS_PER_PARTICIPANT {
        raws.push(scene.alfa.connect().await);
    }
    for raw in &raws {
        for _ in 0..STREAMS_MAX {
            let (mut send, recv) = soon(raw.connection.open_bi()).await.expect("a stream");
            // Says that eight thousand bytes follow.
            send.write_all(&[0x40, 0x1f, 0, 0, 1]).await.expect("sent");
            streams.push((send, recv));
        }
    }
    scene.bystander.goes_on().await;
    let grown = scene.node.resident_bytes().saturating_sub(before);
    assert!(grown < GROWTH_MAX, "{} MiB more", grown / 1_048_576);
    println!("{} streams, {} MiB more", streams.len(), grown / 1_048_576);
    for (_, recv) in &mut streams {
        let refusal = soon(recv.read_to_end(1_024)).await.expect("a refusal");
        let reader = frame::expect(&refusal[4..], Template::Refused).expect("a refusal");
        let refusal = read_refusal(reader).expect("a whole refusal");
        assert_eq!(refusal.code, RefusalCode::TooSlow, "{refusal}");
    }
    scene.unmoved().await;
}

/// No enemy, but a busy bank: what it runs one after the other takes one place at a time.
#[tokio::test]
async fn commands_give_their_connections_back_whatever_comes_of_them() {
    let scene = Scene::new().await;
    let config = scene.ledger.bank("ALFADEFF");
    let nothing = "1".repeat(32);
    for _ in 0..6 {
        let balance = causeway(&["bank", "balance", "--config", word(&config)]);
        assert_eq!(code(&balance), 0, "{}", stderr(&balance));
        let status = causeway(&["bank", "status", "--config", word(&config), "--id", &nothing]);
        assert_eq!(code(&status), 1, "{}", stderr(&status));
    }
    // Idle ones would be there for twenty seconds.
    let open = scene.node.metric("causeway_transport_connections", "");
    assert!(open <= 3.0, "{open} connections are open");
    scene.unmoved().await;
}
