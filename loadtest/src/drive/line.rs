//! A session of a bank on a bare stream, for signed bytes that are sent again as they are: the client never does so while
//! its connection holds.
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use causeway_message::SessionId;
use causeway_message::batch::{BatchHead, build};
use causeway_message::frame::{self, Template};
use causeway_message::record::Instruction;
use causeway_message::wire::{Hello, read_refusal, write_number};
use causeway_transport::framing::{FrameReader, write};
use causeway_transport::{ClientConfig, quic, tls};
use quinn::{Connection, Endpoint, EndpointConfig, SendStream, TokioRuntime};
use tokio::sync::{Mutex, mpsc, oneshot};

use super::proof::Wanted;
use super::seat::Outcome;
use crate::error::Failure;

/// Batches that wait for their answers at most.
const WAITING: usize = causeway_message::limits::SESSION_WINDOW;
/// Seconds that a batch may take from signing to acceptance.
const ACCEPTANCE: u64 = 3_600;

type Reply = oneshot::Sender<Result<Outcome, Failure>>;

/// A batch under way.
#[derive(Debug)]
pub struct Answering(oneshot::Receiver<Result<Outcome, Failure>>);

impl Answering {
    /// Waits for the answers, proven as a client does.
    ///
    /// # Errors
    /// If the batch was refused, the stream was lost, or what is shown is not proven.
    pub async fn outcome(self) -> Result<Outcome, Failure> {
        self.0.await.map_err(|_| lost("its answers ended"))?
    }
}

/// Signed bytes, and what their answers must be to.
#[derive(Debug, Clone)]
struct Signed {
    frame: Bytes,
    wanted: Wanted,
}

#[derive(Debug)]
struct Sending {
    send: SendStream,
    next: u64,
    last: Option<Signed>,
}

/// The line. Clones share it.
#[derive(Debug, Clone)]
pub struct Line {
    config: Arc<ClientConfig>,
    session: SessionId,
    sending: Arc<Mutex<Sending>>,
    waiting: mpsc::Sender<(Wanted, Reply)>,
    _connection: Connection,
    _endpoint: Endpoint,
}

fn lost(what: impl std::fmt::Display) -> Failure {
    Failure::Io(format!("a bare session: {what}"))
}

impl Line {
    /// Opens a session of its own.
    ///
    /// # Errors
    /// If the node does not answer, or refuses.
    pub async fn open(config: &ClientConfig, session: SessionId) -> Result<Self, Failure> {
        let Some(address) = config.addresses.first() else {
            return Err(lost("no address is configured"));
        };
        let mut settings = quinn::ClientConfig::new(Arc::new(tls::client(&config.identity)?));
        settings.transport_config(quic::transport());
        let any: SocketAddr = if address.is_ipv4() {
            ([0, 0, 0, 0], 0).into()
        } else {
            ([0_u16; 8], 0).into()
        };
        let socket = quic::socket(any, false)?;
        let mut endpoint = Endpoint::new(EndpointConfig::default(), None, socket, Arc::new(TokioRuntime))?;
        endpoint.set_default_client_config(settings);
        let connecting = endpoint.connect(*address, &config.server_name).map_err(lost)?;
        let connection = connecting.await.map_err(lost)?;
        let (mut send, recv) = connection.open_bi().await.map_err(lost)?;
        write(
            &mut send,
            Bytes::from(write_number(Template::OpenSession, session.0)),
        )
        .await?;
        let mut frames = FrameReader::new(recv);
        let first = frames.next().await?.ok_or_else(|| lost("it was not opened"))?;
        let hello = match frame::open(&first) {
            Ok((Template::Refused, reader)) => return Err(lost(read_refusal(reader).map_err(lost)?)),
            _ => Hello::read(&first).map_err(lost)?,
        };
        let (waiting, asked) = mpsc::channel(WAITING);
        let config = Arc::new(config.clone());
        tokio::spawn(read(frames, asked, config.clone()));
        let sending = Sending {
            send,
            next: hello.last_number + 1,
            last: None,
        };
        Ok(Self {
            config,
            session,
            sending: Arc::new(Mutex::new(sending)),
            waiting,
            _connection: connection,
            _endpoint: endpoint,
        })
    }

    /// Signs a batch, sends it, and keeps its bytes.
    ///
    /// # Errors
    /// If the batch breaks a rule of its form, or the stream was lost.
    pub async fn submit(&self, records: &[Instruction], extensions: &[u8]) -> Result<Answering, Failure> {
        let mut sending = self.sending.lock().await;
        let number = sending.next;
        let head = BatchHead {
            ledger: self.config.ledger,
            participant: self.config.participant,
            key: self.config.key,
            session: self.session,
            number,
            not_after: u32::try_from(causeway_engine::clock::now().seconds() + ACCEPTANCE)
                .unwrap_or(u32::MAX),
        };
        let frame = build(&head, records, extensions, &self.config.signing_key).map_err(lost)?;
        let wanted = Wanted::of(&frame, number, records.len())?;
        let signed = Signed {
            frame: Bytes::from(frame),
            wanted,
        };
        sending.next += 1;
        sending.last = Some(signed.clone());
        self.send(&mut sending, signed).await
    }

    /// Sends the bytes of the last batch again; none if there was none.
    ///
    /// # Errors
    /// If the stream was lost.
    pub async fn replay(&self) -> Result<Option<Answering>, Failure> {
        let mut sending = self.sending.lock().await;
        match sending.last.clone() {
            Some(signed) => Ok(Some(self.send(&mut sending, signed).await?)),
            None => Ok(None),
        }
    }

    /// Answers come in the order of what is sent: both happen under one lock.
    async fn send(&self, sending: &mut Sending, signed: Signed) -> Result<Answering, Failure> {
        let (reply, answering) = oneshot::channel();
        let waits = self.waiting.send((signed.wanted, reply)).await;
        waits.map_err(|_| lost("its answers ended"))?;
        write(&mut sending.send, signed.frame).await?;
        Ok(Answering(answering))
    }
}

/// Reads answers in the order of what was sent, until nobody sends any more.
async fn read(
    mut frames: FrameReader,
    mut asked: mpsc::Receiver<(Wanted, Reply)>,
    config: Arc<ClientConfig>,
) {
    while let Some((wanted, reply)) = asked.recv().await {
        let outcome = match frames.next().await {
            Ok(Some(message)) => match frame::open(&message) {
                Ok((Template::Refused, reader)) => Err(read_refusal(reader).map_or_else(lost, lost)),
                _ => wanted.prove(&message, &config),
            },
            Ok(None) => Err(lost("the node ended it")),
            Err(error) => Err(error.into()),
        };
        let ended = outcome.is_err();
        // Nobody waits any more if the run was given up.
        let _ = reply.send(outcome);
        if ended {
            return;
        }
    }
}
