//! `node.toml`: what a node needs to run. Every key has a default, and the environment overrides each.
use causeway_engine::netting::NettingConfig;
use causeway_engine::place::Placement;
use causeway_message::leaf::RULES_VERSION;
use causeway_transport::limits;
use serde::Deserialize;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::path::{Path, PathBuf};

use super::netting::Netting;
use super::source::{Problem, Problems, Source};
use super::threads::{Threads, processors_key};
use super::values::{Direct, Level, Within};
use super::{Kind, env};
use crate::{Failure, layout};

/// Where a node listens for banks if nothing else is said.
pub const LISTEN: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 7400));
/// Where a node shows metrics and health if nothing else is said.
pub const METRICS: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 7401));

/// Configuration of a node, its paths resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeConfig {
    /// Data directory: genesis, checkpoint key, journal, snapshots.
    pub data_dir: PathBuf,
    /// UDP address for banks.
    pub listen: SocketAddr,
    /// TCP address for metrics and health.
    pub metrics: SocketAddr,
    /// Allows a metrics address that others than this machine reach.
    pub public_metrics: bool,
    /// Certificate of the node.
    pub tls_cert: PathBuf,
    /// Its key.
    pub tls_key: PathBuf,
    /// Certificate of the authority that signs the banks' certificates.
    pub tls_ca: PathBuf,
    /// Bytes of a journal segment.
    pub segment_bytes: u64,
    /// Whether the journal bypasses the page cache.
    pub direct: Direct,
    /// Threads that serve connections.
    pub transport_threads: usize,
    /// The processors that its threads run on.
    pub placement: Placement,
    /// Most sessions at once.
    pub sessions_max: usize,
    /// Most connections at once.
    pub connections_max: usize,
    /// Most sessions of one participant at once.
    pub sessions_per_participant: usize,
    /// Most connections of one participant at once.
    pub connections_per_participant: usize,
    /// Most handshakes under way.
    pub handshakes_max: usize,
    /// A snapshot is taken after this many log entries.
    pub snapshot_every_entries: u64,
    /// Version of the ledger's rules to bring into force; none leaves them as they are.
    pub rules: Option<u16>,
    /// The clock is right though business days turned since the last entry.
    pub accept_clock: bool,
    /// When netting looks for what settles together, and how.
    pub netting: NettingConfig,
    /// How many certificates of what netting settled are kept; none are written if zero.
    pub netting_certificates: usize,
    /// How much is logged.
    pub log_level: Level,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "kind")]
    _kind: Option<Kind>,
    #[serde(default)]
    node: Node,
    #[serde(default)]
    tls: Tls,
    #[serde(default)]
    journal: Journal,
    #[serde(default)]
    threads: Threads,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    snapshot: Snapshot,
    #[serde(default)]
    ledger: Ledger,
    #[serde(default)]
    netting: Netting,
    #[serde(default)]
    log: Log,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Node {
    data_dir: PathBuf,
    listen: SocketAddr,
    metrics: SocketAddr,
    public_metrics: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Tls {
    cert: PathBuf,
    key: PathBuf,
    ca: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Journal {
    segment_mib: Within<8, 2_048>,
    direct: Direct,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Limits {
    sessions_max: Within<1, 1_000_000>,
    connections_max: Within<1, 100_000>,
    sessions_per_participant: Within<1, 65_536>,
    connections_per_participant: Within<1, 4_096>,
    handshakes_max: Within<1, 65_536>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Snapshot {
    every_entries: Within<1, 1_000_000_000>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Ledger {
    rules: Option<Within<1, { RULES_VERSION as u64 }>>,
}

#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Log {
    level: Level,
}

impl Default for Node {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("."),
            listen: LISTEN,
            metrics: METRICS,
            public_metrics: false,
        }
    }
}

impl Default for Tls {
    fn default() -> Self {
        let dir = Path::new(layout::TLS);
        Self {
            cert: dir.join(layout::NODE_CERT),
            key: dir.join(layout::NODE_KEY),
            ca: dir.join(layout::CA_CERT),
        }
    }
}

impl Default for Journal {
    fn default() -> Self {
        Self {
            segment_mib: Within::new(64),
            direct: Direct::Auto,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sessions_max: Within::new(4_096),
            connections_max: Within::new(1_024),
            sessions_per_participant: Within::new(limits::SESSIONS_PER_PARTICIPANT as u64),
            connections_per_participant: Within::new(limits::CONNECTIONS_PER_PARTICIPANT as u64),
            handshakes_max: Within::new(limits::HANDSHAKES_MAX as u64),
        }
    }
}

impl Default for Snapshot {
    fn default() -> Self {
        Self {
            every_entries: Within::new(100_000),
        }
    }
}

/// A configuration and where its values stand, to name them in later checks.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: NodeConfig,
    source: Source,
    overrides: Vec<env::Override>,
}

impl Loaded {
    /// A problem with the value of a key, wherever it was set.
    pub fn at(&self, key: &str, rule: impl Into<String>) -> Problem {
        match self.overrides.iter().find(|one| one.key == key) {
            Some(one) => Problem {
                place: format!("environment {}", one.variable),
                key: key.to_owned(),
                rule: rule.into(),
            },
            None => self.source.at(key, rule),
        }
    }
}

impl NodeConfig {
    /// Reads a file with this process's environment over it.
    pub fn load(path: &Path) -> Result<Self, Failure> {
        Ok(Self::read(Source::read(path)?, &environment())?.config)
    }

    /// Reads a text with an environment over it.
    pub fn read(source: Source, environment: &[(String, String)]) -> Result<Loaded, Problems> {
        let _: File = source.parse()?;
        let overrides = env::read::<File>(environment).map_err(Problems)?;
        let mut table: toml::Table = source.parse()?;
        env::apply(&mut table, &overrides);
        let file: File = table
            .try_into()
            .map_err(|error: toml::de::Error| source.at("", error.message()))?;
        let config = Self::resolved(file, &source);
        let loaded = Loaded {
            config,
            source,
            overrides,
        };
        if !loaded.config.metrics.ip().is_loopback() && !loaded.config.public_metrics {
            let rule = "is not a loopback address: metrics are private unless node.public_metrics = true";
            return Err(loaded.at("node.metrics", rule).into());
        }
        if loaded.config.sessions_max < loaded.config.connections_max {
            let rule = "is below limits.connections_max: every connection needs at least one session";
            return Err(loaded.at("limits.sessions_max", rule).into());
        }
        if !cfg!(target_os = "linux")
            && let Some(kind) = loaded.config.placement.first()
        {
            let rule = "threads can be given processors on Linux alone: leave it out";
            return Err(loaded.at(&processors_key(kind), rule).into());
        }
        Ok(loaded)
    }

    fn resolved(file: File, source: &Source) -> Self {
        Self {
            data_dir: source.resolve(&file.node.data_dir),
            listen: file.node.listen,
            metrics: file.node.metrics,
            public_metrics: file.node.public_metrics,
            tls_cert: source.resolve(&file.tls.cert),
            tls_key: source.resolve(&file.tls.key),
            tls_ca: source.resolve(&file.tls.ca),
            segment_bytes: file.journal.segment_mib.get() * 1_048_576,
            direct: file.journal.direct,
            transport_threads: file.threads.transport(),
            placement: file.threads.placement(),
            sessions_max: file.limits.sessions_max.get() as usize,
            connections_max: file.limits.connections_max.get() as usize,
            sessions_per_participant: file.limits.sessions_per_participant.get() as usize,
            connections_per_participant: file.limits.connections_per_participant.get() as usize,
            handshakes_max: file.limits.handshakes_max.get() as usize,
            snapshot_every_entries: file.snapshot.every_entries.get(),
            rules: file.ledger.rules.map(|rules| rules.get() as u16),
            netting: file.netting.config(),
            netting_certificates: file.netting.certificates(),
            accept_clock: false,
            log_level: file.log.level,
        }
    }
}

/// This process's environment; a variable that is not Unicode cannot be one of ours.
pub fn environment() -> Vec<(String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
        .collect()
}
