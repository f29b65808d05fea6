//! The banks' client: sessions, feeds, queries; believes only what the pinned log key proves.
mod actor;
mod feed;
mod governance;
mod history;
mod link;
mod log_view;
mod notes;
mod query;
mod session;
mod signed;
mod statement;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use causeway_message::checkpoint::LogKey;
use causeway_message::keys::SigningKey;
use causeway_message::{KeyId, LedgerId, ParticipantId, SessionId};

use crate::error::ClientError;
use crate::tls::Identity;

pub use feed::{FeedStream, VerifiedEntry};
pub use log_view::LogView;
pub use notes::Notes;
pub use session::{BatchOutcome, Pending, Session};

use link::Link;

/// What a client is told.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    /// Addresses of the node; tried in order.
    pub addresses: Vec<SocketAddr>,
    /// Name in the node's certificate.
    pub server_name: String,
    /// Certificates.
    pub identity: Identity,
    /// The ledger.
    pub ledger: LedgerId,
    /// The log key, pinned out of band.
    pub log_key: LogKey,
    /// The participant.
    pub participant: ParticipantId,
    /// Its key that signs.
    pub key: KeyId,
    /// The private key.
    pub signing_key: Arc<SigningKey>,
    /// Where the last checkpoint is kept between runs; none keeps it in memory.
    pub checkpoint: Option<PathBuf>,
    /// Seconds that a batch may take from signing to acceptance.
    pub acceptance_seconds: u32,
    /// Verified checkpoints, shared with other clients of the process; its own ones by default.
    pub notes: Arc<Notes>,
}

/// A client of one participant. Clones share its connection.
#[derive(Debug, Clone)]
pub struct Client {
    link: Arc<Link>,
}

impl Client {
    /// Connects, and checks that the log only grew since the checkpoint seen last.
    ///
    /// # Errors
    /// If no address answers, the certificates do not fit, or the log was rewritten.
    pub async fn connect(config: ClientConfig) -> Result<Self, ClientError> {
        let log = Arc::new(LogView::open(&config)?);
        let client = Self {
            link: Arc::new(Link::new(config, log)?),
        };
        // Every new connection begins with that check.
        client.link.connection().await?;
        Ok(client)
    }

    /// Its settings.
    pub fn config(&self) -> &ClientConfig {
        self.link.config()
    }

    /// What it has seen of the log.
    pub fn log(&self) -> &LogView {
        self.link.log()
    }

    /// Opens a session: a numbered line of batches that survives reconnection.
    ///
    /// # Errors
    /// If the node refuses.
    pub async fn session(&self, session: SessionId) -> Result<Session, ClientError> {
        Session::open(self.link.clone(), session).await
    }

    /// Follows the participant's feed from a number on; goes on by itself after the connection was lost.
    pub fn feed(&self, from: u64) -> FeedStream {
        FeedStream::new(self.link.clone(), from)
    }

    /// Keeps the newest checkpoint for the next run.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn save_checkpoint(&self) -> Result<(), ClientError> {
        self.link.log().save()
    }

    /// Closes the connection. The node hears of it if the runtime goes on for a moment.
    pub fn close(&self) {
        self.link.close();
    }

    /// Closes the connection and sees to it that the node hears of it: for programs that end next.
    pub async fn leave(&self) {
        self.link.leave().await;
    }
}
