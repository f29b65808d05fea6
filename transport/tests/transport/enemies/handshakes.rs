//! Handshakes that do not go on.
use std::net::SocketAddr;
use std::time::Duration;

use causeway_transport::server::Bounds;
use causeway_transport::tls;
use quinn::{ConnectionError, TransportConfig};
use tokio::net::UdpSocket;
use tokio::sync::oneshot;

use crate::bystander::Bystander;
use crate::pki::NODE_NAME;
use crate::raw::{Raw, endpoint};
use crate::world::{ALFA, World, soon};

/// RFC 9000 section 20.1.
const CONNECTION_REFUSED: u64 = 0x02;
const APPLICATION_ERROR: u64 = 0x0c;

/// Carries datagrams to a node and back, but only the first one of each client, again and again: the handshake
/// begins and does not go on, while signs of life come all the time.
async fn stalling(node: SocketAddr) -> SocketAddr {
    let any = "127.0.0.1:0";
    let inner = UdpSocket::bind(any).await.expect("a socket");
    let address = inner.local_addr().expect("an address");
    tokio::spawn(async move {
        let outer = UdpSocket::bind(any).await.expect("a socket");
        outer.connect(node).await.expect("an address");
        let (mut up, mut down) = ([0; 2_048], [0; 2_048]);
        let mut first: Option<(Vec<u8>, SocketAddr)> = None;
        let mut again = tokio::time::interval(Duration::from_millis(20));
        loop {
            tokio::select! {
                Ok((len, from)) = inner.recv_from(&mut up) => {
                    first.get_or_insert_with(|| (up[..len].to_vec(), from));
                }
                Ok(len) = outer.recv(&mut down) => {
                    if let Some((_, client)) = &first {
                        let _ = inner.send_to(&down[..len], *client).await;
                    }
                }
                _ = again.tick() => {
                    if let Some((initial, _)) = &first {
                        let _ = outer.send(initial).await;
                    }
                }
            }
        }
    });
    address
}

fn connect(world: &World, address: SocketAddr) -> (quinn::Endpoint, quinn::Connecting) {
    let crypto = tls::client(&world.identity(ALFA)).expect("a good identity");
    let endpoint = endpoint(crypto, TransportConfig::default());
    let connecting = endpoint.connect(address, NODE_NAME).expect("good settings");
    (endpoint, connecting)
}

fn close_code(error: &ConnectionError) -> u64 {
    match error {
        ConnectionError::ConnectionClosed(close) => u64::from(close.error_code),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_slowloris_on_the_handshake_is_closed_with_application_error() {
    let world = World::within(Bounds {
        handshake_time: Duration::from_millis(300),
        ..Bounds::default()
    });
    let bystander = Bystander::of(&world).await;
    let (_endpoint, connecting) = connect(&world, stalling(world.address).await);
    let error = match soon(connecting).await {
        // The client's side may be done; the node has not seen its certificate.
        Ok(connection) => soon(connection.closed()).await,
        Err(error) => error,
    };
    assert_eq!(close_code(&error), APPLICATION_ERROR, "{error}");
    bystander.was_served().await;
}

#[tokio::test]
async fn handshakes_too_many_from_one_address_are_refused_until_one_ends() {
    let world = World::within(Bounds {
        handshakes_per_address: 3,
        handshake_time: Duration::from_millis(1_500),
        ..Bounds::default()
    });
    let bystander = Bystander::of(&world).await;
    let mut stalled = Vec::new();
    for _ in 0..3 {
        stalled.push(connect(&world, stalling(world.address).await));
    }
    let mut refused = None;
    for _ in 0..100 {
        match Raw::try_new(world.address, &world.identity(ALFA)).await {
            // The stalled ones are on their way.
            Ok(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            Err(error) => {
                refused = Some(error);
                break;
            }
        }
    }
    let error = refused.expect("there is a bound");
    assert_eq!(close_code(&error), CONNECTION_REFUSED, "{error}");
    bystander.goes_on().await;
    // Their time is over soon, whatever they send.
    for _ in 0..500 {
        if Raw::try_new(world.address, &world.identity(ALFA)).await.is_ok() {
            bystander.was_served().await;
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the places are never given back");
}

#[tokio::test]
async fn whoever_cannot_be_reached_is_asked_to_prove_its_address_and_holds_nothing() {
    // From the first handshake on.
    let world = World::within(Bounds {
        retry_above_handshakes: 0,
        ..Bounds::default()
    });
    let bystander = Bystander::of(&world).await;
    let (deaf, answered) = deaf(world.address).await;
    let (_endpoint, _connecting) = connect(&world, deaf);
    let (kind, len) = soon(answered).await.expect("an answer");
    // RFC 9000 section 17.2: a long header of type 3, and far shorter than what it answers.
    assert!(
        kind & 0xf0 == 0xf0 && len < 200,
        "no Retry: {kind:#x}, {len} bytes"
    );
    let reached = Raw::new(&world, ALFA).await;
    assert!(
        reached.connection.close_reason().is_none(),
        "a good client answers"
    );
    bystander.was_served().await;
}

/// Carries what clients send and gives nothing back, as a forged address does: first byte and length of what the
/// node answers.
async fn deaf(node: SocketAddr) -> (SocketAddr, oneshot::Receiver<(u8, usize)>) {
    let inner = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let address = inner.local_addr().expect("an address");
    let (told, answered) = oneshot::channel();
    tokio::spawn(async move {
        let outer = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
        outer.connect(node).await.expect("an address");
        let (mut up, mut down) = ([0; 2_048], [0; 2_048]);
        let (len, _) = inner.recv_from(&mut up).await.expect("an Initial");
        outer.send(&up[..len]).await.expect("sent");
        let len = outer.recv(&mut down).await.expect("an answer");
        let _ = told.send((down[0], len));
    });
    (address, answered)
}
