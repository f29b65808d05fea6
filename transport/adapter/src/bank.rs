//! A bank's profile with what the adapter needs beside it: its secret, its store, its client.
use crate::failure::Failure;
use crate::secret_id::BankSecret;
use crate::store::Store;
use causeway_message::ids::parse_hex;
use causeway_transport::profile::{BankProfile, files};
use causeway_transport::{Client, ClientConfig};
use std::path::Path;
use tokio::time::{Instant, timeout_at};

/// The bank that this adapter belongs to.
#[derive(Debug)]
pub struct Bank {
    /// Its profile.
    pub profile: BankProfile,
    /// Its store.
    pub store: Store,
}

impl Bank {
    /// Reads the profile and opens the store that it names.
    ///
    /// # Errors
    /// When either cannot be used.
    pub fn open(config: &Path) -> Result<Bank, Failure> {
        let profile = match BankProfile::load(config) {
            Ok(profile) => profile,
            // A configuration that is not there is a wrong configuration.
            Err(error) => return Err(Failure::Config(error.to_string())),
        };
        let store = Store::open(&profile.adapter_store)?;
        Ok(Bank { profile, store })
    }

    /// The bank's secret: its file holds at least 64 hexadecimal digits.
    ///
    /// # Errors
    /// When the file does not hold one. The message never repeats what it holds.
    pub fn secret(&self) -> Result<BankSecret, Failure> {
        let path = &self.profile.adapter_secret;
        let wrong = |rule: &str| Failure::Config(format!("{}: {rule}", path.display()));
        let text = files::read_text(path).map_err(|error| Failure::Config(error.to_string()))?;
        let bytes: [u8; 32] =
            parse_hex(text.trim()).ok_or_else(|| wrong("a bank's secret is 64 hexadecimal digits"))?;
        BankSecret::new(&bytes).map_err(|error| wrong(&error.to_string()))
    }

    /// What the client is told; it remembers how far the log is known from one run to the next.
    ///
    /// # Errors
    /// When the profile's files cannot be used.
    pub fn client_config(&self, command: &str) -> Result<ClientConfig, Failure> {
        let mut config = self.profile.client_config(None)?;
        config.checkpoint = Some(self.store.checkpoint(command));
        Ok(config)
    }

    /// Connects to the node.
    ///
    /// # Errors
    /// When the profile's files cannot be used or the node does not answer before the deadline.
    pub async fn connect(&self, command: &str, deadline: Instant) -> Result<Client, Failure> {
        match timeout_at(deadline, Client::connect(self.client_config(command)?)).await {
            Ok(connected) => Ok(connected?),
            Err(_) => Err(Failure::Io(format!(
                "{}: the node does not answer",
                self.profile.address
            ))),
        }
    }
}
