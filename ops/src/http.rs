//! `/metrics`, `/livez`, `/readyz` and `/netting` on a private address.
mod netting;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use causeway_engine::netting::Netting;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::Failure;
use crate::metrics::Exporter;

pub use netting::{LookJson, SeenJson};

/// What a node says of its own health.
pub trait Health: Send + Sync + 'static {
    /// Why it takes no instructions now; nothing if it does.
    fn not_ready(&self) -> Vec<String>;

    /// Why it should be started anew; nothing if it works.
    fn not_alive(&self) -> Vec<String> {
        Vec::new()
    }
}

impl<F: Fn() -> Vec<String> + Send + Sync + 'static> Health for F {
    fn not_ready(&self) -> Vec<String> {
        self()
    }
}

struct Shared {
    exporter: Exporter,
    health: Arc<dyn Health>,
    netting: Option<Netting>,
}

/// The server, until it is stopped or dropped.
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    /// Listens and serves. An address that others reach is refused unless `public` says so.
    pub async fn start(
        address: SocketAddr,
        public: bool,
        exporter: Exporter,
        health: Arc<dyn Health>,
        netting: Option<Netting>,
    ) -> Result<Self, Failure> {
        if !address.ip().is_loopback() && !public {
            return Err(Failure::Config(format!(
                "{address}: metrics stay on a loopback address"
            )));
        }
        let failed = |error| Failure::Io(format!("{address}: metrics cannot be served: {error}"));
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, stopped) = oneshot::channel::<()>();
        let server = axum::serve(listener, router(exporter, health, netting)).with_graceful_shutdown(async {
            // A dropped server stops too.
            let _ = stopped.await;
        });
        let task = tokio::spawn(async move { server.await });
        Ok(Self {
            address,
            stop: Some(stop),
            task,
        })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops once the requests under way are answered.
    pub async fn stop(mut self) -> Result<(), Failure> {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        match self.task.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::Io(format!("metrics: {error}"))),
            Err(error) => Err(Failure::Io(format!("metrics: {error}"))),
        }
    }
}

fn router(exporter: Exporter, health: Arc<dyn Health>, netting: Option<Netting>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .route("/netting", get(netting::show).post(netting::run))
        .with_state(Arc::new(Shared {
            exporter,
            health,
            netting,
        }))
}

async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    match shared.exporter.text() {
        Ok(text) => ([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], text).into_response(),
        Err(failure) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{failure}\n")).into_response(),
    }
}

async fn livez(State(shared): State<Arc<Shared>>) -> Response {
    verdict(&shared.health.not_alive())
}

async fn readyz(State(shared): State<Arc<Shared>>) -> Response {
    let mut reasons = shared.health.not_alive();
    reasons.extend(shared.health.not_ready());
    verdict(&reasons)
}

fn verdict(reasons: &[String]) -> Response {
    if reasons.is_empty() {
        return (StatusCode::OK, "ok\n").into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, reasons.join("\n") + "\n").into_response()
}
