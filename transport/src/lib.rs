//! How banks and the node talk: QUIC with mutual TLS, sessions, feeds, queries; the server and the banks' client.
//!
//! Nothing here knows what a balance is. The server hands verified batches to a [`service::Node`]; the client
//! believes nothing that the pinned log key does not prove.
#![forbid(unsafe_code)]

pub mod client;
pub mod close;
pub mod error;
pub mod framing;
pub mod limits;
pub mod profile;
pub mod quic;
pub mod server;
pub mod service;
pub mod tls;

pub use client::{Client, ClientConfig};
pub use error::ClientError;
pub use server::{Server, ServerConfig};
