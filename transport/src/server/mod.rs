//! The QUIC server.
mod connection;
mod feed;
mod query;
mod session;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;

use quinn::{Endpoint, TokioRuntime, VarInt};
use tokio::sync::watch;

use crate::error::ClientError;
use crate::limits::RETRY_ABOVE;
use crate::service::Node;
use crate::tls::Identity;
use crate::{quic, tls};

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
}

/// What all connections share.
#[derive(Debug)]
struct State {
    node: Arc<dyn Node>,
    connections: AtomicUsize,
    sessions: AtomicUsize,
    connections_max: usize,
    sessions_max: usize,
}

/// One place among a bounded number, given back when dropped.
struct Place<'a> {
    count: &'a AtomicUsize,
    gauge: &'static str,
}

impl<'a> Place<'a> {
    fn take(count: &'a AtomicUsize, max: usize, gauge: &'static str) -> Option<Self> {
        let taken = count.fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| {
            (n < max).then_some(n + 1)
        });
        let before = taken.ok()?;
        metrics::gauge!(gauge).set((before + 1) as f64);
        Some(Self { count, gauge })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let before = self.count.fetch_sub(1, Ordering::AcqRel);
        metrics::gauge!(self.gauge).set(before.saturating_sub(1) as f64);
    }
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
        });
        let (stop, stopped) = watch::channel(false);
        let mut address = config.listen;
        let (mut sockets, mut threads) = (Vec::new(), Vec::new());
        for _ in 0..config.threads.max(1) {
            let socket = quic::socket(address, config.threads > 1)?;
            address = socket.local_addr()?;
            sockets.push(socket);
        }
        for (n, socket) in sockets.into_iter().enumerate() {
            quic::discard(&socket);
            let mut quic_config = quinn::ServerConfig::with_crypto(Arc::new(tls::server(&config.identity)?));
            quic_config.transport_config(quic::transport());
            let endpoint_config = quic::server_endpoint(&config.identity.key, n)?;
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            let (state, stopped) = (state.clone(), stopped.clone());
            let thread = std::thread::Builder::new()
                .name(format!("causeway-quic-{n}"))
                .spawn(move || {
                    runtime.block_on(async move {
                        let runtime = Arc::new(TokioRuntime);
                        match Endpoint::new(endpoint_config, Some(quic_config), socket, runtime) {
                            Ok(endpoint) => accept(endpoint, state, stopped).await,
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

async fn accept(endpoint: Endpoint, state: Arc<State>, mut stopped: watch::Receiver<bool>) {
    loop {
        let incoming = tokio::select! {
            incoming = endpoint.accept() => incoming,
            _ = stopped.changed() => None,
        };
        let Some(incoming) = incoming else { break };
        let crowded = state.connections.load(Ordering::Acquire) > RETRY_ABOVE;
        if crowded && !incoming.remote_address_validated() {
            // Whoever cannot answer at its address costs nothing more than this.
            let _ = incoming.retry();
            continue;
        }
        let state = state.clone();
        tokio::spawn(async move {
            let Some(_place) = Place::take(
                &state.connections,
                state.connections_max,
                "causeway_transport_connections",
            ) else {
                metrics::counter!("causeway_transport_refused_total", "reason" => "connections").increment(1);
                incoming.refuse();
                return;
            };
            match incoming.await {
                Ok(connection) => connection::serve(connection, &state).await,
                Err(error) => {
                    metrics::counter!("causeway_transport_refused_total", "reason" => "handshake")
                        .increment(1);
                    tracing::debug!(%error, "a handshake failed");
                }
            }
        });
    }
    endpoint.close(VarInt::from_u32(0), b"the node stops");
    // Lets the last frames go out.
    let _ = tokio::time::timeout(std::time::Duration::from_millis(500), endpoint.wait_idle()).await;
}
