//! Names of the files in a data directory, in one place.
use causeway_message::ParticipantId;

/// The genesis: first entry of the log.
pub const GENESIS: &str = "genesis.bin";
/// The text that the genesis was made from.
pub const GENESIS_TEXT: &str = "genesis.toml";
/// The node's configuration.
pub const NODE_CONFIG: &str = "node.toml";
/// The log's verifying key, to be pinned by everyone who verifies.
pub const LOG_KEY: &str = "log.key";
/// The node's key that signs checkpoints.
pub const CHECKPOINT_KEY: &str = "checkpoint.key";
/// Certificates of the node.
pub const TLS: &str = "tls";
/// Certificate of the authority, in [`TLS`].
pub const CA_CERT: &str = "ca.pem";
/// Key of the authority, in [`TLS`].
pub const CA_KEY: &str = "ca.key";
/// Certificate of the node, in [`TLS`].
pub const NODE_CERT: &str = "node.pem";
/// TLS key of the node, in [`TLS`].
pub const NODE_KEY: &str = "node.key";
/// Certificates of netting, one file for each proposal.
pub const NETTING: &str = "netting";
/// One directory for each participant.
pub const BANKS: &str = "banks";
/// Configuration of a bank, in its directory.
pub const BANK_CONFIG: &str = "bank.toml";
/// Certificate of a bank, in its directory.
pub const CLIENT_CERT: &str = "client.pem";
/// TLS key of a bank, in its directory.
pub const CLIENT_KEY: &str = "client.key";
pub use causeway_transport::profile::ADAPTER_SECRET;

/// What the command's client keeps between runs, beside a bank's configuration.
pub const CLIENT_STATE: &str = "client";
/// Proposals made or approved on this machine, in [`CLIENT_STATE`].
pub const PROPOSALS: &str = "proposals";
/// Name of a participant's directory: the participant's name where a file system takes it.
pub fn directory_name(name: &str, id: ParticipantId) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if !name.is_empty() && name.len() <= 64 && name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("participant-{id}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_directory() {
        assert_eq!(directory_name("ALFADEFF", ParticipantId(7)), "ALFADEFF");
        for name in ["..", ".", "", "a/b", "a b", "ü", "/etc", &"A".repeat(65)] {
            assert_eq!(
                directory_name(name, ParticipantId(7)),
                "participant-7",
                "{name:?}"
            );
        }
    }
}
