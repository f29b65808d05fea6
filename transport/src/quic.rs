//! Sockets and settings that both sides share.
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;

use causeway_message::keys::random_bytes;
use quinn::{ConnectionId, ConnectionIdGenerator, EndpointConfig, IdleTimeout, TransportConfig, VarInt};
use ring::hmac;
use socket2::{Domain, Protocol, Socket, Type};

use crate::error::ClientError;
use crate::limits::{
    CONNECTION_WINDOW, IDLE, INCOMING_BYTES, INCOMING_MAX, KEEP_ALIVE, RECEIVE_BUFFER, SOCKET_BUFFER,
    STREAM_WINDOW, STREAMS_MAX,
};
use crate::tls::{self, Identity};

/// Settings of a connection.
pub fn transport() -> Arc<TransportConfig> {
    let mut config = TransportConfig::default();
    config
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW))
        .receive_window(VarInt::from_u32(CONNECTION_WINDOW))
        .send_window(u64::from(CONNECTION_WINDOW))
        .max_concurrent_bidi_streams(VarInt::from_u32(STREAMS_MAX))
        .max_concurrent_uni_streams(VarInt::from_u32(0))
        .datagram_receive_buffer_size(None)
        .keep_alive_interval(Some(KEEP_ALIVE))
        .max_idle_timeout(IdleTimeout::try_from(IDLE).ok());
    Arc::new(config)
}

/// Settings of a server: those of its connections, and what it keeps of connections that it has not looked at.
///
/// # Errors
/// If the identity cannot be used.
pub fn server(identity: &Identity) -> Result<quinn::ServerConfig, ClientError> {
    let mut config = quinn::ServerConfig::with_crypto(Arc::new(tls::server(identity)?));
    config
        .transport_config(transport())
        .max_incoming(INCOMING_MAX)
        .incoming_buffer_size(INCOMING_BYTES)
        .incoming_buffer_size_total(100 * INCOMING_BYTES);
    Ok(config)
}

/// Datagrams thrown away at the start, at most.
const DISCARDED_MAX: usize = 65_536;
/// Bytes of a connection id.
const CONNECTION_ID_BYTES: usize = 8;

/// Connection ids that tell nothing: a keyed count, begun anew at random.
struct ConnectionIds {
    key: hmac::Key,
    next: u64,
}

impl ConnectionIdGenerator for ConnectionIds {
    fn generate_cid(&mut self) -> ConnectionId {
        self.next = self.next.wrapping_add(1);
        let tag = hmac::sign(&self.key, &self.next.to_le_bytes());
        ConnectionId::new(tag.as_ref().get(..CONNECTION_ID_BYTES).unwrap_or_default())
    }

    fn cid_len(&self) -> usize {
        CONNECTION_ID_BYTES
    }

    fn cid_lifetime(&self) -> Option<std::time::Duration> {
        None
    }
}

/// Settings of a server's endpoint. Its reset key follows from the node's TLS key: a node that was killed and
/// started again resets the connections of its former life (RFC 9000 section 10.3), so that banks reconnect at
/// once and do not wait out the idle time. Each thread has its own key: one answering for another's connections
/// would be a reset oracle (RFC 9000 section 21.11).
///
/// # Errors
/// If the system gives no randomness.
pub fn server_endpoint(tls_key: &[u8], thread: usize) -> Result<EndpointConfig, ClientError> {
    let secret = hmac::Key::new(hmac::HMAC_SHA256, tls_key);
    let derive = |what: &str| {
        let tag = hmac::sign(&secret, format!("causeway/quic/{what}/v1/{thread}").as_bytes());
        hmac::Key::new(hmac::HMAC_SHA256, tag.as_ref())
    };
    let mut config = EndpointConfig::new(Arc::new(derive("reset")));
    let (key, start) = (derive("connection-id"), u64::from_le_bytes(random_bytes()?));
    config.cid_generator(move || {
        Box::new(ConnectionIds {
            key: key.clone(),
            next: start,
        })
    });
    Ok(config)
}

/// A socket with room for bursts. With `shared`, several threads may each bind one to the same address.
///
/// # Errors
/// If the address cannot be bound.
pub fn socket(address: SocketAddr, shared: bool) -> Result<UdpSocket, ClientError> {
    let bind = || -> std::io::Result<UdpSocket> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        if shared {
            socket.set_reuse_port(true)?;
        }
        // The system may grant less; the connection still works.
        let _ = socket.set_recv_buffer_size(SOCKET_BUFFER);
        let _ = socket.set_send_buffer_size(SOCKET_BUFFER);
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        Ok(socket.into())
    };
    bind().map_err(|e| ClientError::Connection(format!("{address}: {e}")))
}

/// Gives a server's socket more room than the system grants to all, where the process may ask for it. Datagrams that find
/// no room are lost, and their banks slow down.
pub fn widen(socket: &UdpSocket) {
    #[cfg(target_os = "linux")]
    let _ = rustix::net::sockopt::set_socket_recv_buffer_size_force(socket, RECEIVE_BUFFER);
    #[cfg(not(target_os = "linux"))]
    let _ = (socket, RECEIVE_BUFFER);
}

/// Throws away what a socket received before all threads had bound theirs: the system spreads connections over the
/// sockets there are, so a connection begun with fewer would go on at a thread that does not know it. Whoever was
/// early sends again.
pub fn discard(socket: &UdpSocket) {
    let mut bytes = [0; 2_048];
    // Bounded: under a flood the rest is handled as it comes.
    for _ in 0..DISCARDED_MAX {
        if socket.recv_from(&mut bytes).is_err() {
            return;
        }
    }
}
