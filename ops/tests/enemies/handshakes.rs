//! A flood of handshakes that nobody means to finish.
use std::collections::BTreeMap;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use causeway_message::SessionId;
use causeway_transport::Client;
use quinn::TransportConfig;

use crate::raw::Bank;
use crate::{EUR, Scene, soon};

/// Handshakes begun.
const FLOOD: usize = 5_000;
/// Sockets that listen for what the node answers.
const LISTENING: usize = 200;
/// What the node may take for all of it.
const GROWTH_MAX: u64 = 256 * 1_048_576;

/// First packets of as many handshakes, each of its own, made by a good client that speaks to nobody.
async fn initials(bank: &Bank) -> Vec<Vec<u8>> {
    let nobody = tokio::net::UdpSocket::bind("127.0.0.1:0")
        .await
        .expect("a socket");
    let address = nobody.local_addr().expect("an address");
    let endpoint = bank.endpoint("127.0.0.1:0", TransportConfig::default());
    let mut packets = BTreeMap::new();
    let mut bytes = [0; 2_048];
    while packets.len() < FLOOD {
        let connecting: Vec<_> = (0..50)
            .map(|_| {
                endpoint
                    .connect(address, &bank.config.server_name)
                    .expect("good settings")
            })
            .collect();
        for _ in &connecting {
            let (len, _) = soon(nobody.recv_from(&mut bytes)).await.expect("an Initial");
            // RFC 9000 section 17.2: the id that the client chose for the node; what comes later has the same.
            packets
                .entry(bytes[6..14].to_vec())
                .or_insert_with(|| bytes[..len].to_vec());
        }
    }
    packets.into_values().collect()
}

/// Sends them all, each from a port of its own, and counts the Retry packets among some of the answers.
fn flood(node: SocketAddr, initials: &[Vec<u8>]) -> usize {
    let mut sockets = Vec::new();
    for (i, initial) in initials.iter().enumerate() {
        let socket = UdpSocket::bind("127.0.0.2:0").expect("a port");
        socket.set_nonblocking(true).expect("set");
        socket.send_to(initial, node).expect("sent");
        if i % (initials.len() / LISTENING) == 0 {
            sockets.push(socket);
        }
        if i % 50 == 0 {
            // As fast as the node's socket buffer takes them, not faster.
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    std::thread::sleep(Duration::from_millis(200));
    let mut bytes = [0; 2_048];
    let retried = sockets.iter().filter(|socket| {
        let answer = socket.recv(&mut bytes);
        answer.is_ok() && bytes[0] & 0xf0 == 0xf0
    });
    retried.count()
}

#[tokio::test]
async fn a_flood_of_handshakes_meets_retry_and_banks_come_in_all_the_while() {
    let scene = Scene::new().await;
    let packets = initials(&scene.alfa).await;
    let before = scene.node.resident_bytes();
    let node = scene.alfa.config.addresses[0];
    let began = Instant::now();
    let flooding = tokio::task::spawn_blocking(move || flood(node, &packets));
    let mut came_in = 0;
    while !flooding.is_finished() {
        let client = soon(Client::connect(scene.alfa.config.clone())).await;
        let client = client.expect("a bank connects through the flood");
        let session = soon(client.session(SessionId(1))).await.expect("a session");
        let paid = soon(session.pay(scene.alfa.payment(scene.beta, EUR, 1))).await;
        paid.expect("and pays");
        client.close();
        came_in += 1;
    }
    let retried = flooding.await.expect("it ends");
    let grown = scene.node.resident_bytes().saturating_sub(before);
    println!(
        "{FLOOD} handshakes in {:?}: {retried} of {LISTENING} met Retry, {came_in} banks came in, {} MiB more",
        began.elapsed(),
        grown >> 20
    );
    assert!(came_in > 0);
    assert!(retried > LISTENING / 2, "{retried} of {LISTENING} met Retry");
    assert!(scene.node.metric("causeway_transport_retries_total", "") > FLOOD as f64 / 2.0);
    assert!(grown < GROWTH_MAX, "{} MiB more", grown >> 20);
    scene.unmoved().await;
}
