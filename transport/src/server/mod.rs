//! The QUIC server.
mod bounds;
mod connection;
mod feed;
mod frames;
mod handshake;
mod participants;
mod place;
mod query;
mod session;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::thread::JoinHandle;

use quinn::{Endpoint, TokioRuntime};
use tokio::sync::watch;

use crate::close::Close;
use crate::error::ClientError;
use crate::limits::READERS_MAX;
use crate::quic;
use crate::service::{Node, Thread};
use crate::tls::Identity;
use handshake::Handshakes;
use participants::Participants;

pub use bounds::Bounds;

/// Settings of the server.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Address to listen on; port 0 takes any.
    pub listen: SocketAddr,
    /// Certificates.
    pub identity: Identity,
    /// Threads, each with its own socket and runtime.
    pub threads: usize,
    /// Most connections.
    pub connections_max: usize,
    /// Most sessions and feeds.
    pub sessions_max: usize,
    /// What one participant or one address may have, and how long things may take.
    pub bounds: Bounds,
}

/// What all connections share.
#[derive(Debug)]
struct State {
    node: Arc<dyn Node>,
    connections: AtomicUsize,
    sessions: AtomicUsize,
    connections_max: usize,
    sessions_max: usize,
    bounds: Bounds,
    handshakes: Handshakes,
    participants: Participants,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    threads: Vec<JoinHandle<()>>,
}

impl Server {
    /// Binds the address and starts the threads.
    ///
    /// # Errors
    /// If the address cannot be bound or the certificates cannot be used.
    pub fn start(config: &ServerConfig, node: Arc<dyn Node>) -> Result<Self, ClientError> {
        let state = Arc::new(State {
            node,
            connections: AtomicUsize::new(0),
            sessions: AtomicUsize::new(0),
            connections_max: config.connections_max,
            sessions_max: config.sessions_max,
            bounds: config.bounds.clone(),
            handshakes: Handshakes::default(),
            participants: Participants::new(&config.bounds, config.threads.max(1)),
        });
        let (stop, stopped) = watch::channel(false);
        let mut address = config.listen;
        let (mut sockets, mut threads) = (Vec::new(), Vec::new());
        for _ in 0..config.threads.max(1) {
            let socket = quic::socket(address, config.threads > 1)?;
            quic::widen(&socket);
            address = socket.local_addr()?;
            sockets.push(socket);
        }
        for (n, socket) in sockets.into_iter().enumerate() {
            quic::discard(&socket);
            let quic_config = quic::server(&config.identity)?;
            let endpoint_config = quic::server_endpoint(&config.identity.key, n)?;
            let asks = state.node.clone();
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .max_blocking_threads(READERS_MAX)
                .on_thread_start(move || asks.thread_starts(Thread::Questions))
                .build()?;
            let (state, stopped) = (state.clone(), stopped.clone());
            let thread = std::thread::Builder::new()
                .name(format!("causeway-quic-{n}"))
                .spawn(move || {
                    state.node.thread_starts(Thread::Connections(n));
                    runtime.block_on(async move {
                        let runtime = Arc::new(TokioRuntime);
                        match Endpoint::new(endpoint_config, Some(quic_config), socket, runtime) {
                            Ok(endpoint) => accept(endpoint, state, n, stopped).await,
                            Err(error) => tracing::error!(%error, "the QUIC endpoint does not start"),
                        }
                    });
                })?;
            threads.push(thread);
        }
        Ok(Self {
            address,
            stop,
            threads,
        })
    }

    /// The address it listens on.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes all connections and waits for the threads.
    pub fn stop(&mut self) {
        let _ = self.stop.send(true);
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to close.
            let _ = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn accept(endpoint: Endpoint, state: Arc<State>, thread: usize, mut stopped: watch::Receiver<bool>) {
    loop {
        let incoming = tokio::select! {
            incoming = endpoint.accept() => incoming,
            _ = stopped.changed() => None,
        };
        let Some(incoming) = incoming else { break };
        handshake::admit(incoming, &state, thread);
    }
    endpoint.close(Close::Stopping.code(), b"the node stops");
    // Lets the last frames go out.
    let _ = tokio::time::timeout(std::time::Duration::from_millis(500), endpoint.wait_idle()).await;
}
