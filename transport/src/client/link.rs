//! The connection to the node, made again when it is lost.
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use causeway_message::frame::{self, Template};
use causeway_message::wire::read_refusal;
use quinn::{Connection, Endpoint, EndpointConfig, TokioRuntime, VarInt};
use tokio::sync::Mutex;

use super::{ClientConfig, LogView};
use crate::error::ClientError;
use crate::framing::{FrameReader, write};
use crate::limits::RECONNECT_MAX;
use crate::{quic, tls};

#[derive(Debug)]
pub(super) struct Link {
    config: ClientConfig,
    log: Arc<LogView>,
    endpoint: Endpoint,
    connection: Mutex<Option<Connection>>,
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
        })
    }

    pub const fn config(&self) -> &ClientConfig {
        &self.config
    }

    pub fn log(&self) -> &LogView {
        &self.log
    }

    pub fn close(&self) {
        self.endpoint.close(VarInt::from_u32(0), b"the client closes");
    }

    /// The connection; a new one if the last was lost.
    pub async fn connection(&self) -> Result<Connection, ClientError> {
        let mut kept = self.connection.lock().await;
        if let Some(connection) = kept.as_ref().filter(|c| c.close_reason().is_none()) {
            return Ok(connection.clone());
        }
        let mut last = ClientError::Connection("no address is configured".into());
        for address in &self.config.addresses {
            match self.endpoint.connect(*address, &self.config.server_name) {
                Ok(connecting) => match connecting.await {
                    Ok(connection) => {
                        *kept = Some(connection.clone());
                        return Ok(connection);
                    }
                    Err(error) => last = ClientError::Connection(format!("{address}: {error}")),
                },
                Err(error) => last = ClientError::Connection(format!("{address}: {error}")),
            }
        }
        Err(last)
    }

    /// Opens a stream that begins with a message.
    pub async fn open(&self, message: Vec<u8>) -> Result<(quinn::SendStream, FrameReader), ClientError> {
        let (mut send, recv) = self.connection().await?.open_bi().await?;
        write(&mut send, Bytes::from(message)).await?;
        Ok((send, FrameReader::new(recv)))
    }

    /// Asks one question; the answer must be the message expected.
    pub async fn ask(&self, message: Vec<u8>, expected: Template) -> Result<Vec<u8>, ClientError> {
        let (mut send, mut frames) = self.open(message).await?;
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

/// Waits between attempts to reconnect: longer each time, up to a bound.
#[derive(Debug)]
pub(super) struct Backoff(Duration);

impl Backoff {
    pub const fn new() -> Self {
        Self(Duration::from_millis(20))
    }

    pub async fn wait(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(RECONNECT_MAX);
    }
}
