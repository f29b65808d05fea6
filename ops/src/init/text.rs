//! The configuration files that a new data directory begins with.
use causeway_message::checkpoint::LogKey;
use causeway_message::{LedgerId, ParticipantId};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::Options;
use crate::genesis::KeySpec;
use crate::{certificates, layout};

/// `node.toml` with every default shown.
pub fn node(options: &Options) -> String {
    let Options { listen, metrics, .. } = options;
    let public = !metrics.ip().is_loopback();
    format!(
        r#"# A node of Causeway. Paths are relative to this file. Lines that begin with '#' show the defaults.
# The environment overrides every key: CAUSEWAY_<SECTION>_<KEY>, for example CAUSEWAY_LOG_LEVEL=debug.
# Check it with: causeway config check node.toml
kind = "node"

[node]
# Genesis, checkpoint key, journal and snapshots.
data_dir = "."
# UDP address for banks.
listen = "{listen}"
# TCP address of /metrics, /livez and /readyz; another than a loopback address needs public_metrics = true.
metrics = "{metrics}"
public_metrics = {public}

[tls]
cert = "tls/node.pem"
key = "tls/node.key"
# The authority that signs the banks' certificates.
ca = "tls/ca.pem"

[journal]
# Size of a segment, 8 to 2048 MiB.
# segment_mib = 64
# O_DIRECT: "auto" where the file system offers it, "never", or "require".
# direct = "auto"

[threads]
# Threads that serve connections.
# transport = 2
# Processors that threads run on, for example "2" or "2,4-7"; "" leaves it to the system. Those that serve connections
# have one of theirs each, in turn. The others are snapshots, documents, netting, questions, zeros of the journal, metrics.
# Linux alone; a processor that the node cannot use stops its start. Other processes are not kept off.
# log_processors = ""
# apply_processors = ""
# publish_processors = ""
# transport_processors = ""
# other_processors = ""

[limits]
# sessions_max = 4096
# connections_max = 1024
# What one participant may have open at once, so that none takes the places of the others.
# sessions_per_participant = 256
# connections_per_participant = 32
# Handshakes under way at once, of strangers too.
# handshakes_max = 512

[snapshot]
# A snapshot after this many log entries: the most that a start replays.
# every_entries = 100000

[ledger]
# Version of the ledger's rules to bring into force, where it is under an earlier one: an entry of the log, which
# nothing takes back. A ledger that is made now begins under the newest.
# rules = 2

[netting]
# Looks beside the ledger for instructions that wait for each other, and proposes to settle them together:
# "bypass" lets later ones of a class pass earlier ones where the account opted in, "fifo" never, "off" looks for nothing.
# mode = "bypass"
# Milliseconds that a look may take to find more, and from one look to the next.
# budget_ms = 50
# look_ms = 200
# What makes it propose; any one is enough: anything that settles together; seconds since the last time; seconds that
# something has waited; so much that waits in a currency. 0 and "" are never. An operator always can:
# causeway admin netting --run
# gridlock = true
# interval_seconds = 0
# age_seconds = 0
# queued_value = ""                  # for example "EUR:5000000.00 JPY:800000000"
# Certificates of what it settled, for `causeway verify netting`: so many of the newest are kept under DIR/netting, at
# most 10000 and 512 MiB, one file for each proposal; 0 for none. A file has some 160 bytes for each payment that waits.
# certificates = 100

[log]
# "error", "warn", "info", "debug" or "trace".
# level = "info"
"#
    )
}

/// What `bank.toml` says.
pub struct BankText<'a> {
    /// The participant's id.
    pub id: ParticipantId,
    /// Its name.
    pub name: &'a str,
    /// The ledger.
    pub ledger: LedgerId,
    /// The log's verifying key.
    pub log_key: &'a LogKey,
    /// Where the node listens.
    pub address: SocketAddr,
    /// Its keys and their files.
    pub keys: &'a [(KeySpec, String)],
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Where a client on this machine reaches a node that listens here.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    address
}

impl BankText<'_> {
    /// The file.
    pub fn to_text(&self) -> String {
        let mut out = format!(
            r#"# A bank's client of Causeway. Paths are relative to this file.
kind = "bank"

[bank]
name = {name}
participant = {id}
ledger = "{ledger}"
# The pinned key of the log: receipts and checkpoints are verified with it and nothing else.
log_key = {log_key}

[node]
address = "{address}"
server_name = "{server}"
ca = "../../{tls}/{ca}"

[tls]
cert = "{cert}"
key = "{key}"

[adapter]
# From it follow the instruction ids of messages sent twice: never change it.
secret = "{secret}"
# Documents, receipts and the place in the feed.
store = "store"
# A settlement date that has passed: "today" settles it today, "refuse" does not send it.
# past_value_date = "today"
# Whether charges of messages go with payments; a ledger under version 1 of its rules takes none.
# charges = true

# Participants of agents that messages name otherwise: the agent as `causeway-adapter check` shows it (a BIC without
# XXX), then the participant's name or id.
# [agents]
# BANKDEFFABC = "ALFADEFF"
# "USABA:121182904" = 11
"#,
            name = quoted(self.name),
            id = self.id,
            ledger = self.ledger,
            log_key = quoted(&self.log_key.to_text()),
            address = reachable(self.address),
            server = certificates::NODE_NAME,
            tls = layout::TLS,
            ca = layout::CA_CERT,
            cert = layout::CLIENT_CERT,
            key = layout::CLIENT_KEY,
            secret = layout::ADAPTER_SECRET,
        );
        if self.keys.is_empty() {
            out.push_str("\n# Keys were not made here. Name them so:\n# [[key]]\n# id = 1\n# person = 1\n");
            out.push_str("# file = \"person-1.key\"\n");
        }
        for (spec, file) in self.keys {
            let (id, person) = (spec.id, spec.person);
            out.push_str(&format!(
                "\n[[key]]\nid = {id}\nperson = {person}\nfile = {}\n",
                quoted(file)
            ));
        }
        out
    }
}
