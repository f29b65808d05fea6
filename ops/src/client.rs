//! A bank's client as the commands use it: opened from `bank.toml`, with a session of its own for this run, and
//! with failures that have an exit code.
pub mod days;
pub mod exchange;
pub mod rate;
pub mod slot;
pub mod trade;
pub mod words;

use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::Duration;

use causeway_message::digest::hash;
use causeway_message::keys::random_bytes;
use causeway_message::{InstructionId, ParticipantId, Uetr};
use causeway_transport::client::Session;
use causeway_transport::limits::GOODBYE;
use causeway_transport::{Client, ClientError};

use crate::Failure;
use crate::config::BankConfig;
use slot::Slot;
use words::Names;

/// Arguments of every command that speaks for one bank.
#[derive(Debug, clap::Args)]
pub struct BankArgs {
    /// Configuration of the bank.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
    /// Seconds to wait for the node.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, global = true,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: u64,
    /// Print JSON.
    #[arg(long, global = true)]
    pub json: bool,
}

impl BankArgs {
    /// How long to wait for the node.
    pub const fn patience(&self) -> Duration {
        Duration::from_secs(self.timeout)
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        let text = error.to_string();
        match error {
            ClientError::Tls(_) => Self::Config(text),
            ClientError::Connection(_)
            | ClientError::Handshake(_)
            | ClientError::Closed
            | ClientError::File(_) => Self::Io(text),
            // Whatever the pinned key does not prove is a check that did not hold.
            _ => Self::Refused(text),
        }
    }
}

/// One bank's connection for the time of a command.
#[derive(Debug)]
pub struct Desk {
    /// The bank's configuration.
    pub config: BankConfig,
    /// The client.
    pub client: Client,
    slot: Slot,
}

impl Desk {
    /// Reads the configuration, takes a free place beside it, and connects.
    ///
    /// # Errors
    /// If a file cannot be used, the node does not answer in time, or its log was rewritten.
    pub async fn open(args: &BankArgs, person: Option<u32>) -> Result<Self, Failure> {
        let config = BankConfig::load(&args.config)?;
        let slot = Slot::take(&slot::directory(&args.config))?;
        let mut settings = config.client_config(person)?;
        settings.checkpoint = Some(slot.checkpoint());
        let what = format!("the node at {} does not answer", config.address);
        let client = within(args.patience(), &what, Client::connect(settings)).await??;
        Ok(Self { config, client, slot })
    }

    /// The session of this run.
    ///
    /// # Errors
    /// If the node refuses it.
    pub async fn session(&self) -> Result<Session, Failure> {
        Ok(self.client.session(self.slot.session()).await?)
    }

    /// Everybody's name.
    ///
    /// # Errors
    /// If the node cannot be asked.
    pub async fn names(&self) -> Result<Names, Failure> {
        Ok(Names::new(&self.client.directory().await?))
    }

    /// The bank itself.
    pub const fn participant(&self) -> ParticipantId {
        self.config.participant
    }

    /// Keeps the newest checkpoint for the next run, and says goodbye.
    ///
    /// # Errors
    /// If the checkpoint cannot be written.
    pub async fn close(self) -> Result<(), Failure> {
        match self.client.check_consistency().await {
            // What the command came for is done; the next run checks from the older checkpoint.
            Err(error) if error.is_connection() => {}
            checked => checked?,
        }
        self.client.save_checkpoint()?;
        self.client.leave().await;
        Ok(())
    }
}

/// Waits for something from the node, but not for ever.
///
/// # Errors
/// `what`, if the time is over.
pub async fn within<T>(patience: Duration, what: &str, work: impl Future<Output = T>) -> Result<T, Failure> {
    tokio::time::timeout(patience, work)
        .await
        .map_err(|_| Failure::Io(format!("{what} within {} seconds", patience.as_secs())))
}

/// Runs a command's work on a runtime of its own.
///
/// # Errors
/// What the work fails with.
pub fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Io(error.to_string()))?;
    runtime.block_on(async {
        let done = work.await;
        if done.is_err() {
            // Connections that the failure left behind are dropped, and say so.
            tokio::time::sleep(GOODBYE).await;
        }
        done
    })
}

/// An instruction id from the system's randomness.
///
/// # Errors
/// If there is none.
pub fn random_id() -> Result<InstructionId, Failure> {
    random_bytes()
        .map(InstructionId)
        .map_err(|error| Failure::Io(error.to_string()))
}

/// The UETR (a UUID version 4 in form) of an instruction that was given none. It follows from the instruction id,
/// so that the same command repeated with the same id signs the same bytes, and does not disclose it.
pub fn uetr_of(id: InstructionId) -> Uetr {
    let mut tagged = b"causeway/cli-uetr/v1\0".to_vec();
    tagged.extend_from_slice(&id.0);
    let digest = hash(&tagged);
    let mut uetr = [0; 16];
    uetr.copy_from_slice(&digest[..16]);
    uetr[6] = uetr[6] & 0x0f | 0x40;
    uetr[8] = uetr[8] & 0x3f | 0x80;
    Uetr(uetr)
}

/// The directory that a file is in.
pub fn beside(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uetr_made_from_an_id_has_the_form_of_a_uuid_version_4() {
        let text = uetr_of(InstructionId([7; 16])).to_string();
        assert_eq!(text.as_bytes()[14], b'4', "{text}");
        assert!(matches!(text.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{text}");
        assert_ne!(uetr_of(InstructionId([7; 16])), uetr_of(InstructionId([8; 16])));
    }
}
