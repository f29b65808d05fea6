//! A bank made of bare QUIC and its keys, to say what a good client never says.
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use causeway_message::batch::{BatchHead, build};
use causeway_message::frame::{self, Template};
use causeway_message::keys::{SigningKey, random_bytes};
use causeway_message::record::Instruction;
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::time::Timestamp;
use causeway_message::wire::{AnswersMessage, Hello, read_refusal, write_number};
use causeway_message::{InstructionId, KeyId, ParticipantId, SessionId, Status, Uetr};
use causeway_ops::config::BankConfig;
use causeway_transport::ClientConfig;
use causeway_transport::framing::{FrameReader, write};
use causeway_transport::tls;
use quinn::{Connection, Endpoint, SendStream, TransportConfig};

use crate::common::node::Ledger;
use crate::soon;

/// A bank with the key of its first person.
#[derive(Clone)]
pub struct Bank {
    pub config: ClientConfig,
}

impl Bank {
    pub fn load(ledger: &Ledger, name: &str) -> Self {
        let config = BankConfig::load(&ledger.bank(name)).expect("bank.toml");
        let mut config = config.client_config(Some(1)).expect("keys");
        config.checkpoint = None;
        Self { config }
    }

    /// The same bank with another key.
    pub fn with_key(&self, key: u32, signing_key: SigningKey) -> Self {
        let mut config = self.config.clone();
        (config.key, config.signing_key) = (KeyId(key), Arc::new(signing_key));
        Self { config }
    }

    pub fn payment(&self, to: ParticipantId, currency: u16, amount: u64) -> Instruction {
        let id = InstructionId(random_bytes().expect("randomness"));
        Instruction::payment(id, Uetr(id.0), self.config.participant, to, currency, amount)
    }

    /// A signed batch.
    pub fn batch(&self, session: u64, number: u64, records: &[Instruction]) -> Vec<u8> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
        let now = Timestamp::from_unix_nanos(since.as_nanos()).seconds();
        let head = BatchHead {
            ledger: self.config.ledger,
            participant: self.config.participant,
            key: self.config.key,
            session: SessionId(session),
            number,
            not_after: now as u32 + 600,
        };
        build(&head, records, &[], &self.config.signing_key).expect("a good batch")
    }

    /// An endpoint that connects as this bank.
    pub fn endpoint(&self, from: &str, transport: TransportConfig) -> Endpoint {
        let crypto = tls::client(&self.config.identity).expect("a good identity");
        let mut config = quinn::ClientConfig::new(Arc::new(crypto));
        config.transport_config(Arc::new(transport));
        let mut endpoint = Endpoint::client(from.parse().expect("an address")).expect("a socket");
        endpoint.set_default_client_config(config);
        endpoint
    }

    pub async fn connect_with(&self, transport: TransportConfig) -> Raw {
        let endpoint = self.endpoint("127.0.0.1:0", transport);
        let connecting = endpoint.connect(self.config.addresses[0], &self.config.server_name);
        let connection = soon(connecting.expect("good settings")).await;
        Raw {
            connection: connection.expect("it connects"),
            _endpoint: endpoint,
        }
    }

    pub async fn connect(&self) -> Raw {
        self.connect_with(TransportConfig::default()).await
    }
}

/// A bare connection; its endpoint lives as long.
pub struct Raw {
    pub connection: Connection,
    _endpoint: Endpoint,
}

impl Raw {
    pub async fn begin(&self, message: Vec<u8>) -> Stream {
        let (send, recv) = soon(self.connection.open_bi()).await.expect("a stream");
        let mut stream = Stream {
            send,
            frames: FrameReader::new(recv),
        };
        stream.say(message).await;
        stream
    }

    /// A session that the node has opened, and its last number.
    pub async fn session(&self, session: u64) -> (Stream, u64) {
        let mut stream = self.begin(write_number(Template::OpenSession, session)).await;
        let hello = Hello::read(&stream.next().await).expect("the session is opened");
        (stream, hello.last_number)
    }
}

pub struct Stream {
    pub send: SendStream,
    frames: FrameReader,
}

impl Stream {
    pub async fn say(&mut self, message: Vec<u8>) {
        write(&mut self.send, Bytes::from(message))
            .await
            .expect("it is sent");
    }

    pub async fn next(&mut self) -> Vec<u8> {
        let next = soon(self.frames.next()).await.expect("the stream is whole");
        next.expect("the stream goes on")
    }

    /// The next message is a refusal with this code about this batch.
    pub async fn refused(&mut self, code: RefusalCode, number: u64) -> Refusal {
        let message = self.next().await;
        let reader = frame::expect(&message, Template::Refused).expect("a refusal");
        let refusal = read_refusal(reader).expect("a whole refusal");
        assert_eq!((refusal.code, refusal.number), (code, number), "{refusal}");
        refusal
    }

    /// The next message answers this batch with these statuses.
    pub async fn answered(&mut self, number: u64, statuses: &[Status]) -> AnswersMessage {
        let message = self.next().await;
        let reader = frame::expect(&message, Template::Answers).expect("answers");
        let answers = AnswersMessage::read(reader).expect("whole answers");
        let told: Vec<_> = answers
            .answers
            .iter()
            .filter_map(|answer| answer.status())
            .collect();
        assert_eq!((answers.number, &told[..]), (number, statuses));
        answers
    }
}
