//! Who gets in: only a certificate of the node's authority that names exactly one participant.
use std::sync::Arc;

use causeway_message::frame::Template;
use causeway_message::wire::{Balances, write_number};
use causeway_message::{ParticipantId, frame};
use causeway_transport::tls::Identity;
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{ConnectionError, TransportConfig, VarInt};
use rustls::RootCertStore;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::pki::{Authority, NODE_NAME};
use crate::raw::{Raw, endpoint};
use crate::world::{ALFA, World, soon};

/// TLS settings of a client that trusts `ca`, with the identity it shows, if any.
pub fn crypto(ca: &[u8], identity: Option<&Identity>, alpn: &[u8], early: bool) -> QuicClientConfig {
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_slice(ca).expect("a certificate");
    roots.add(ca).expect("an authority");
    let builder = rustls::ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_root_certificates(roots);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(identity) => {
            let chain = vec![CertificateDer::from_pem_slice(&identity.certificate).expect("a certificate")];
            let key = PrivateKeyDer::from_pem_slice(&identity.key).expect("a key");
            builder.with_client_auth_cert(chain, key).expect("they fit")
        }
    };
    config.alpn_protocols = vec![alpn.to_vec()];
    config.enable_early_data = early;
    QuicClientConfig::try_from(config).expect("good for QUIC")
}

/// How the node turns away a client with these settings.
pub async fn turned_away(world: &World, crypto: QuicClientConfig) -> ConnectionError {
    match Raw::with(world.address, crypto, TransportConfig::default()).await {
        // The client may finish its side of the handshake before it hears.
        Ok(raw) => raw.closed().await,
        Err(error) => error,
    }
}

fn is_tls_alert(error: &ConnectionError) -> bool {
    // RFC 9001 section 4.8: TLS alerts are the codes 0x100 to 0x1ff.
    let code = match error {
        ConnectionError::ConnectionClosed(close) => u64::from(close.error_code),
        ConnectionError::TransportError(error) => u64::from(error.code),
        _ => 0,
    };
    (0x100..=0x1ff).contains(&code)
}

fn is_unnamed(error: &ConnectionError) -> bool {
    matches!(error, ConnectionError::ApplicationClosed(close) if close.error_code == VarInt::from_u32(1))
}

/// Asks for the balances; the node in memory answers with the number of the participant it took us for.
async fn taken_for(raw: &Raw) -> i128 {
    let mut stream = raw.begin(write_number(Template::BalanceQuery, 978)).await;
    let answer = stream.next().await;
    let reader = frame::expect(&answer, Template::Balances).expect("balances");
    Balances::read(reader).expect("whole balances").lines[0].balance
}

#[tokio::test]
async fn a_client_without_a_certificate_is_refused() {
    let world = World::new();
    let error = turned_away(&world, crypto(&world.authority.ca(), None, b"causeway/1", false)).await;
    assert!(is_tls_alert(&error), "{error}");
}

#[tokio::test]
async fn a_certificate_of_another_authority_is_refused() {
    let world = World::new();
    let stranger = Authority::new().participant(ALFA);
    let crypto = crypto(&world.authority.ca(), Some(&stranger), b"causeway/1", false);
    let error = turned_away(&world, crypto).await;
    assert!(is_tls_alert(&error), "{error}");
}

#[tokio::test]
async fn another_application_protocol_is_refused() {
    let world = World::new();
    for alpn in [&b"causeway/2"[..], b"h3"] {
        let identity = world.identity(ALFA);
        let crypto = crypto(&world.authority.ca(), Some(&identity), alpn, false);
        let error = turned_away(&world, crypto).await;
        assert!(is_tls_alert(&error), "{error}");
    }
}

#[tokio::test]
async fn a_certificate_that_does_not_name_exactly_one_participant_is_closed_with_code_1() {
    let world = World::new();
    for names in [
        &["bank.example"][..],
        &["participant-.causeway"],
        &["participant-two.causeway"],
        &["participant-007.causeway"],
        &["participant-4294967296.causeway"],
        &["participant-2.causeway.example"],
        &["a.participant-2.causeway"],
        &["participant-2.causeway", "participant-3.causeway"],
    ] {
        let identity = world.authority.issue(names);
        let error = match Raw::try_new(world.address, &identity).await {
            Ok(raw) => raw.closed().await,
            Err(error) => error,
        };
        assert!(is_unnamed(&error), "{names:?}: {error}");
    }
}

#[tokio::test]
async fn a_certificate_is_the_participant_it_names_whatever_other_names_it_has() {
    let world = World::new();
    for (names, id) in [
        (&["participant-2.causeway"][..], 2),
        (&["participant-4294967295.causeway"], i128::from(u32::MAX)),
        (&["bank.example", "participant-3.causeway"], 3),
    ] {
        let identity = world.authority.issue(names);
        let raw = Raw::try_new(world.address, &identity).await.expect("it connects");
        assert_eq!(taken_for(&raw).await, id);
    }
}

#[tokio::test]
async fn nothing_travels_before_the_handshake_is_done() {
    let world = World::new();
    let identity = world.identity(ParticipantId(2));
    let crypto = crypto(&world.authority.ca(), Some(&identity), b"causeway/1", true);
    let endpoint = endpoint(crypto, TransportConfig::default());
    let connect = || endpoint.connect(world.address, NODE_NAME).expect("good settings");
    let first = soon(connect()).await.expect("it connects");
    // Time for a session ticket, if there is one, to come in before the next connection.
    let stream = first.open_bi().await;
    drop(stream);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    first.close(VarInt::from_u32(0), b"");
    assert!(connect().into_0rtt().is_err(), "0-RTT is off");
}
