//! Sockets and settings that both sides share.
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;

use quinn::{IdleTimeout, TransportConfig, VarInt};
use socket2::{Domain, Protocol, Socket, Type};

use crate::error::ClientError;
use crate::limits::{CONNECTION_WINDOW, IDLE, KEEP_ALIVE, SOCKET_BUFFER, STREAM_WINDOW, STREAMS_MAX};

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
