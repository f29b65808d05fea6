//! A node: the engine, the server before it, and health beside it.
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use causeway_engine::journal::Direct as JournalDirect;
use causeway_engine::place::{Places, ThreadKind, Unusable};
use causeway_engine::system::Os;
use causeway_engine::{Engine, EngineConfig, netting};
use causeway_message::checkpoint::LogKey;
use causeway_message::genesis::Genesis;
use causeway_transport::server::{Bounds, Server, ServerConfig};
use causeway_transport::tls::Identity;

use crate::bridge::Bridge;
use crate::config::{Direct, NodeConfig, processors_key};
use crate::{Failure, files, keyfile, layout, netting_files};

/// A running node.
#[derive(Debug)]
pub struct Node {
    bridge: Arc<Bridge>,
    server: Server,
    log_key: LogKey,
    /// Writes certificates of netting until the engine is gone.
    certificates: Option<JoinHandle<()>>,
}

/// The genesis and the log key that a data directory holds.
///
/// # Errors
/// If a file is missing or does not have its form.
pub fn identity_of(dir: &std::path::Path) -> Result<(Genesis, LogKey), Failure> {
    let path = dir.join(layout::GENESIS);
    let genesis = Genesis::from_bytes(&files::read(&path, files::BINARY_BYTES_MAX)?)
        .map_err(|error| Failure::Config(format!("{}: {error}", path.display())))?;
    let path = dir.join(layout::LOG_KEY);
    let key = LogKey::parse(&files::read_text(&path)?)
        .map_err(|error| Failure::Config(format!("{}: {error}", path.display())))?;
    Ok((genesis, key))
}

/// The engine's settings that a node's configuration asks for.
pub fn engine_config(config: &NodeConfig, node_name: &str) -> EngineConfig {
    let mut engine = EngineConfig::new(&config.data_dir, node_name);
    engine.segment_bytes = config.segment_bytes;
    engine.direct = match config.direct {
        Direct::Auto => JournalDirect::Auto,
        Direct::Never => JournalDirect::Never,
        Direct::Require => JournalDirect::Require,
    };
    engine.snapshot_entries = config.snapshot_every_entries;
    engine.rules = config.rules;
    engine.accept_clock = config.accept_clock;
    engine.netting = config.netting.clone();
    engine
}

/// Where the node's threads run.
fn places(config: &NodeConfig) -> Result<Places, Failure> {
    let refused = |why: Unusable| Failure::Config(format!("{}: {why}", processors_key(why.kind)));
    let checked = config.placement.clone().check(&Os::default());
    let places = checked.map_err(refused)?;
    if !places.is_empty() {
        let [log, apply, publish, transport, other] = ThreadKind::ALL.map(|kind| places.of(kind));
        tracing::info!(%log, %apply, %publish, %transport, %other, "threads run on these processors");
    }
    Ok(places)
}

impl Node {
    /// Starts a node: restores its ledger, then listens.
    ///
    /// # Errors
    /// If a processor or the data directory cannot be used, or the address cannot be bound.
    pub fn start(config: &NodeConfig) -> Result<Self, Failure> {
        let places = places(config)?;
        let (genesis, log_key) = identity_of(&config.data_dir)?;
        let key = keyfile::read(&config.data_dir.join(layout::CHECKPOINT_KEY))?;
        if key.public() != *log_key.public() {
            return Err(Failure::Config(format!(
                "{}: is not the key of {}",
                layout::CHECKPOINT_KEY,
                layout::LOG_KEY
            )));
        }
        let identity = Identity {
            ca: files::read(&config.tls_ca, files::TEXT_BYTES_MAX)?,
            certificate: files::read(&config.tls_cert, files::TEXT_BYTES_MAX)?,
            key: files::read(&config.tls_key, files::TEXT_BYTES_MAX)?,
        };
        let mut settings = engine_config(config, log_key.name());
        settings.places = places.clone();
        let certificates = match config.netting_certificates {
            0 => None,
            kept => {
                let (evidences, evidence) = netting::evidence();
                settings.evidence = Some(evidences);
                Some(netting_files::start(
                    config.data_dir.join(layout::NETTING),
                    kept,
                    evidence,
                    places,
                )?)
            }
        };
        let engine = Engine::start(&settings, &genesis, key);
        // The other end of what the engine holds now.
        drop(settings);
        let engine = engine.map_err(|error| Failure::Io(error.to_string()))?;
        let bridge = Arc::new(Bridge::new(Arc::new(engine)));
        let server_config = ServerConfig {
            listen: config.listen,
            identity,
            threads: config.transport_threads,
            connections_max: config.connections_max,
            sessions_max: config.sessions_max,
            bounds: Bounds {
                handshakes_max: config.handshakes_max,
                sessions_per_participant: config.sessions_per_participant,
                connections_per_participant: config.connections_per_participant,
                ..Bounds::default()
            },
        };
        let server = Server::start(&server_config, bridge.clone()).map_err(|e| Failure::Io(e.to_string()))?;
        Ok(Self {
            bridge,
            server,
            log_key,
            certificates,
        })
    }

    /// Where it listens for banks.
    pub const fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The key that its checkpoints are verified with.
    pub const fn log_key(&self) -> &LogKey {
        &self.log_key
    }

    /// The engine as the transport sees it.
    pub const fn bridge(&self) -> &Arc<Bridge> {
        &self.bridge
    }

    /// Why the engine stopped by itself, if it did.
    pub fn failure(&self) -> Option<String> {
        self.bridge.engine().health().failure
    }

    /// Drains and stops.
    ///
    /// # Errors
    /// Why the engine failed, if it did.
    pub fn stop(mut self) -> Result<(), Failure> {
        self.bridge.drain();
        self.server.stop();
        let failure = self.bridge.engine().stop();
        if let Some(thread) = self.certificates.take() {
            // What it could not write it has said.
            let _ = thread.join();
        }
        failure.map_or(Ok(()), |why| Err(Failure::Io(why)))
    }
}
