//! A client made of bare QUIC, to say what a good client never says.
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use causeway_message::frame::{self, Template};
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::wire::{AnswersMessage, Hello, read_refusal, write_number};
use causeway_message::{ParticipantId, SessionId};
use causeway_transport::ClientError;
use causeway_transport::framing::{FrameReader, write};
use causeway_transport::tls::{self, Identity};
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{Connection, ConnectionError, Endpoint, SendStream, TransportConfig, VarInt};

use crate::pki::NODE_NAME;
use crate::world::{World, soon};

/// A bare connection; its endpoint lives as long.
pub struct Raw {
    pub connection: Connection,
    _endpoint: Endpoint,
}

/// An endpoint with this TLS.
pub fn endpoint(crypto: QuicClientConfig, transport: TransportConfig) -> Endpoint {
    let mut config = quinn::ClientConfig::new(Arc::new(crypto));
    config.transport_config(Arc::new(transport));
    let any = "127.0.0.1:0".parse().expect("an address");
    let mut endpoint = Endpoint::client(any).expect("a socket");
    endpoint.set_default_client_config(config);
    endpoint
}

impl Raw {
    pub async fn with(
        address: SocketAddr,
        crypto: QuicClientConfig,
        transport: TransportConfig,
    ) -> Result<Self, ConnectionError> {
        let endpoint = endpoint(crypto, transport);
        let connecting = endpoint.connect(address, NODE_NAME).expect("good settings");
        Ok(Self {
            connection: soon(connecting).await?,
            _endpoint: endpoint,
        })
    }

    pub async fn try_new(address: SocketAddr, identity: &Identity) -> Result<Self, ConnectionError> {
        let crypto = tls::client(identity).expect("a good identity");
        Self::with(address, crypto, TransportConfig::default()).await
    }

    pub async fn new(world: &World, participant: ParticipantId) -> Self {
        let made = Self::try_new(world.address, &world.identity(participant)).await;
        made.expect("it connects")
    }

    pub async fn open(&self) -> Stream {
        let (send, recv) = soon(self.connection.open_bi()).await.expect("a stream");
        Stream {
            send,
            frames: FrameReader::new(recv),
        }
    }

    /// A stream that begins with this message.
    pub async fn begin(&self, message: Vec<u8>) -> Stream {
        let mut stream = self.open().await;
        stream.say(message).await;
        stream
    }

    /// A session that the node has opened.
    pub async fn session(&self, session: SessionId) -> (Stream, Hello) {
        let mut stream = self.begin(write_number(Template::OpenSession, session.0)).await;
        let hello = Hello::read(&stream.next().await).expect("the session is opened");
        (stream, hello)
    }

    /// Why the node closed the connection.
    pub async fn closed(&self) -> ConnectionError {
        soon(self.connection.closed()).await
    }
}

pub struct Stream {
    pub send: SendStream,
    pub frames: FrameReader,
}

impl Stream {
    /// Sends a message behind its length.
    pub async fn say(&mut self, message: Vec<u8>) {
        write(&mut self.send, Bytes::from(message))
            .await
            .expect("it is sent");
    }

    /// Sends bytes as they are.
    pub async fn bytes(&mut self, bytes: &[u8]) {
        self.send.write_all(bytes).await.expect("they are sent");
    }

    /// The next message.
    pub async fn next(&mut self) -> Vec<u8> {
        let next = soon(self.frames.next()).await.expect("the stream is whole");
        next.expect("the stream goes on")
    }

    /// The next message is a refusal.
    pub async fn refusal(&mut self) -> Refusal {
        let message = self.next().await;
        let reader = frame::expect(&message, Template::Refused).expect("a refusal");
        read_refusal(reader).expect("a whole refusal")
    }

    /// The next message is a refusal with this code about this batch.
    pub async fn refused(&mut self, code: RefusalCode, number: u64) -> Refusal {
        let refusal = self.refusal().await;
        assert_eq!((refusal.code, refusal.number), (code, number), "{refusal}");
        refusal
    }

    /// The next message answers this batch.
    pub async fn answered(&mut self, number: u64) -> AnswersMessage {
        let message = self.next().await;
        let (template, reader) = frame::open(&message).expect("a message");
        if template == Template::Refused {
            panic!("refused: {}", read_refusal(reader).expect("a whole refusal"));
        }
        let answers = AnswersMessage::read(reader).expect("answers");
        assert_eq!(answers.number, number);
        answers
    }

    /// The node has finished its side.
    pub async fn ended(&mut self) {
        let next: Result<Option<Vec<u8>>, ClientError> = soon(self.frames.next()).await;
        assert!(matches!(next, Ok(None)), "the stream goes on: {next:?}");
    }

    pub fn finish(&mut self) {
        self.send.finish().expect("it was open");
    }

    pub fn reset(&mut self) {
        self.send.reset(VarInt::from_u32(3)).expect("it was open");
    }
}
