//! A bank's profile with what the adapter needs beside it: its secret, its store, its client.
use crate::failure::Failure;
use crate::proof::{Patience, is_passing};
use crate::secret_id::BankSecret;
use crate::store::Store;
use causeway_message::ids::parse_hex;
use causeway_message::wire::DirectoryLine;
use causeway_transport::profile::{BankProfile, files};
use causeway_transport::{Client, ClientConfig, ClientError};
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

    /// Connects to the node, also to one that is just restarting.
    ///
    /// # Errors
    /// When the profile's files cannot be used, the certificates do not fit, or the node does not answer before the
    /// deadline.
    pub async fn connect(&self, command: &str, deadline: Instant) -> Result<Client, Failure> {
        let mut patience = Patience::until(Some(deadline));
        loop {
            let connecting = Client::connect(self.client_config(command)?);
            match timeout_at(deadline, connecting).await {
                // Nobody mends a certificate while this waits.
                Ok(Err(error @ ClientError::Handshake(_))) => return Err(error.into()),
                Ok(Err(error)) if is_passing(&error) && patience.wait().await => {}
                Ok(connected) => return Ok(connected?),
                Err(_) => {
                    let address = self.profile.address;
                    return Err(Failure::Io(format!("{address}: the node does not answer")));
                }
            }
        }
    }
}

/// Everybody who takes part, also from a node that is just restarting.
///
/// # Errors
/// When the node does not answer in time, or answers something else.
pub async fn directory(client: &Client, patience: &mut Patience) -> Result<Vec<DirectoryLine>, Failure> {
    loop {
        match client.directory().await {
            Err(error) if is_passing(&error) && patience.wait().await => {}
            directory => return Ok(directory?),
        }
    }
}
