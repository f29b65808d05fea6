//! The connection to the node, made again when it is lost.
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use causeway_message::checkpoint::Checkpoint;
use causeway_message::frame::{self, Template};
use causeway_message::wire::{Consistency, read_refusal, write_number};
use quinn::{Connection, Endpoint, EndpointConfig, SendStream, TokioRuntime, VarInt};
use tokio::sync::Mutex;

use super::{ClientConfig, LogView};
use crate::error::ClientError;
use crate::framing::{FrameReader, write};
use crate::limits::{GOODBYE, HANDSHAKE_MAX, RECONNECT_MAX};
use crate::{quic, tls};

#[derive(Debug)]
pub(super) struct Link {
    config: ClientConfig,
    log: Arc<LogView>,
    endpoint: Endpoint,
    connection: Mutex<Option<Connection>>,
    closed: AtomicBool,
}

impl Link {
    pub fn new(config: ClientConfig, log: Arc<LogView>) -> Result<Self, ClientError> {
        let first = config
            .addresses
            .first()
            .ok_or_else(|| ClientError::Connection("no address is configured".into()))?;
        let any = if first.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let any = any
            .parse()
            .map_err(|_| ClientError::Connection("no local address".into()))?;
        let mut quic_config = quinn::ClientConfig::new(Arc::new(tls::client(&config.identity)?));
        quic_config.transport_config(quic::transport());
        let socket = quic::socket(any, false)?;
        let mut endpoint = Endpoint::new(EndpointConfig::default(), None, socket, Arc::new(TokioRuntime))?;
        endpoint.set_default_client_config(quic_config);
        Ok(Self {
            config,
            log,
            endpoint,
            connection: Mutex::new(None),
            closed: AtomicBool::new(false),
        })
    }

    pub const fn config(&self) -> &ClientConfig {
        &self.config
    }

    pub fn log(&self) -> &LogView {
        &self.log
    }

    pub fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.endpoint.close(VarInt::from_u32(0), b"the client closes");
    }

    pub async fn leave(&self) {
        self.close();
        // Not until the connection is drained: sent is enough.
        let _ = tokio::time::timeout(GOODBYE, self.endpoint.wait_idle()).await;
    }

    /// The connection; a new one if the last was lost. A node that comes back shows first that its log only grew.
    pub async fn connection(&self) -> Result<Connection, ClientError> {
        let mut kept = self.connection.lock().await;
        if self.closed.load(Ordering::Acquire) {
            return Err(ClientError::Closed);
        }
        if let Some(connection) = kept.as_ref().filter(|c| c.close_reason().is_none()) {
            return Ok(connection.clone());
        }
        let mut last = ClientError::Connection("no address is configured".into());
        for address in &self.config.addresses {
            match self.endpoint.connect(*address, &self.config.server_name) {
                Ok(connecting) => match shake_hands(connecting).await {
                    Ok(connection) => match self.check(&connection).await {
                        Ok(()) => {
                            *kept = Some(connection.clone());
                            return Ok(connection);
                        }
                        // It has nothing to show yet, or is gone again.
                        Err(error) if error.is_connection() || matches!(error, ClientError::Refused(_)) => {
                            last = error.at(address);
                        }
                        Err(error) => return Err(error),
                    },
                    Err(error) => last = error.at(address),
                },
                Err(error) => last = ClientError::Connection(format!("{address}: {error}")),
            }
        }
        Err(last)
    }

    /// Opens a stream that begins with a message.
    pub async fn open(&self, message: Vec<u8>) -> Result<(SendStream, FrameReader), ClientError> {
        Self::open_on(&self.connection().await?, message).await
    }

    async fn open_on(
        connection: &Connection,
        message: Vec<u8>,
    ) -> Result<(SendStream, FrameReader), ClientError> {
        let (mut send, recv) = connection.open_bi().await?;
        write(&mut send, Bytes::from(message)).await?;
        Ok((send, FrameReader::new(recv)))
    }

    /// Asks one question; the answer must be the message expected.
    pub async fn ask(&self, message: Vec<u8>, expected: Template) -> Result<Vec<u8>, ClientError> {
        Self::ask_on(&self.connection().await?, message, expected).await
    }

    /// Checks that the log grew out of the checkpoint kept from before, and out of the largest seen since.
    pub async fn check(&self, connection: &Connection) -> Result<(), ClientError> {
        let base = self.log.base();
        let newest = self.log.newest().filter(|newest| base.as_ref() != Some(newest));
        // Seen and not yet checked comes first: what the base then grows into is at least as large.
        if let Some(newest) = newest {
            self.check_from(connection, Some(newest)).await?;
        }
        let (note, checkpoint) = self.check_from(connection, base).await?;
        self.log.rebase(&note, checkpoint);
        Ok(())
    }

    async fn check_from(
        &self,
        connection: &Connection,
        old: Option<Checkpoint>,
    ) -> Result<(String, Checkpoint), ClientError> {
        let size = old.as_ref().map_or(0, |old| old.size);
        let message = write_number(Template::ConsistencyQuery, size);
        let answer = Self::ask_on(connection, message, Template::Consistency).await?;
        let proof = Consistency::read(frame::expect(&answer, Template::Consistency)?)?;
        let newer = self.log.observe(&proof.checkpoint)?;
        if let Some(old) = old {
            if newer.size < old.size {
                return Err(self.log.forked(format!(
                    "it has {} leaves, and had {} before",
                    newer.size, old.size
                )));
            }
            if !proof.holds(&old, &newer) {
                return Err(self.log.forked(format!(
                    "the tree of {} leaves did not grow out of that of {}",
                    newer.size, old.size
                )));
            }
        }
        Ok((proof.checkpoint, newer))
    }

    async fn ask_on(
        connection: &Connection,
        message: Vec<u8>,
        expected: Template,
    ) -> Result<Vec<u8>, ClientError> {
        let (mut send, mut frames) = Self::open_on(connection, message).await?;
        send.finish()?;
        let answer = frames
            .next()
            .await?
            .ok_or_else(|| ClientError::Connection("the stream ended without an answer".into()))?;
        let (template, reader) = frame::open(&answer)?;
        if template == Template::Refused {
            return Err(read_refusal(reader)?.into());
        }
        frame::expect(&answer, expected)?;
        Ok(answer)
    }
}

async fn shake_hands(connecting: quinn::Connecting) -> Result<Connection, ClientError> {
    match tokio::time::timeout(HANDSHAKE_MAX, connecting).await {
        Ok(connected) => Ok(connected?),
        Err(_) => Err(ClientError::Connection("the handshake does not end".into())),
    }
}

/// Waits between attempts to reconnect: longer each time, up to a bound.
#[derive(Debug)]
pub(super) struct Backoff(Duration);

impl Backoff {
    pub const fn new() -> Self {
        Self(Duration::from_millis(20))
    }

    pub async fn wait(&mut self) {
        self.wait_for(0).await;
    }

    /// Waits at least the milliseconds that the node asked for.
    pub async fn wait_for(&mut self, millis: u32) {
        tokio::time::sleep(self.0.max(Duration::from_millis(millis.into()))).await;
        self.0 = (self.0 * 2).min(RECONNECT_MAX);
    }
}
