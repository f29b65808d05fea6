//! Where a bank sits: at a client of its own over the network, or beside the engine in this process.
use causeway_message::answer::Answer;
use causeway_message::document::Document;
use causeway_message::event::Event;
use causeway_message::leaf::Leaf;
use causeway_message::record::Instruction;
use causeway_message::wire::{Balances, InstructionKey};
use causeway_message::{InstructionId, ParticipantId, SessionId, Status};
use causeway_transport::Client;
use causeway_transport::client::{FeedStream, Pending, Session, VerifiedEntry};

use super::beside::{self, Beside, Heard as HeardBeside, Listening};
use super::line::{self, Line};
use crate::error::Failure;

/// The session of what is sent again is told apart from the one beside it by this bit.
pub const LINE: u64 = 1 << 62;

/// What became of a batch, proven.
#[derive(Debug)]
pub struct Outcome {
    /// Leaf of its entry.
    pub leaf: Leaf,
    /// One answer for each record.
    pub answers: Vec<Answer>,
}

/// A bank's place.
#[derive(Debug, Clone)]
pub enum Seat {
    /// A client and its session, and a line for signed bytes that are sent again.
    Network(Client, Session, Option<Line>),
    /// The engine.
    Beside(Beside),
}

/// An answer that is waited for.
#[derive(Debug)]
pub enum Answering {
    /// Of the client.
    Network(Pending),
    /// Of the line for what is sent again.
    Line(line::Answering),
    /// Of the engine.
    Beside(beside::Answering),
}

/// A feed that is followed.
#[derive(Debug)]
pub enum Following {
    /// Of the client.
    Network(Box<FeedStream>),
    /// Of the engine.
    Beside(Box<Listening>),
}

/// Events of one entry, proven.
#[derive(Debug)]
pub enum Heard {
    /// From the client.
    Network(VerifiedEntry),
    /// From the engine.
    Beside(HeardBeside),
}

impl Seat {
    /// A client with a session; with a line beside it if signed bytes are to be sent again.
    ///
    /// # Errors
    /// If the node refuses.
    pub async fn at(client: Client, session: u64, replays: bool) -> Result<Self, Failure> {
        let line = match replays {
            true => Some(Line::open(client.config(), SessionId(session ^ LINE)).await?),
            false => None,
        };
        let session = client.session(SessionId(session)).await?;
        Ok(Self::Network(client, session, line))
    }

    /// Sends a batch.
    ///
    /// # Errors
    /// If the session ended, or the engine refuses it.
    pub async fn submit(
        &self,
        records: Vec<Instruction>,
        extensions: Vec<u8>,
        documents: Vec<Document>,
    ) -> Result<Answering, Failure> {
        match self {
            Self::Network(_, session, _) => {
                let pending = session.submit(records, extensions, documents).await?;
                Ok(Answering::Network(pending))
            }
            Self::Beside(beside) => {
                let answering = beside.submit(&records, &extensions, documents).await?;
                Ok(Answering::Beside(answering))
            }
        }
    }

    /// Sends a batch without documents, and keeps its signed bytes.
    ///
    /// # Errors
    /// If the session ended, or the engine refuses it.
    pub async fn submit_kept(
        &self,
        records: Vec<Instruction>,
        extensions: Vec<u8>,
    ) -> Result<Answering, Failure> {
        match self {
            Self::Network(_, _, Some(line)) => Ok(Answering::Line(line.submit(&records, &extensions).await?)),
            Self::Beside(beside) => {
                let answering = beside.submit_kept(&records, &extensions).await?;
                Ok(Answering::Beside(answering))
            }
            Self::Network(..) => self.submit(records, extensions, Vec::new()).await,
        }
    }

    /// Sends the signed bytes that were kept again; none if none were.
    ///
    /// # Errors
    /// If the session ended, or the engine refuses them.
    pub async fn replay(&self) -> Result<Option<Answering>, Failure> {
        match self {
            Self::Network(_, _, Some(line)) => Ok(line.replay().await?.map(Answering::Line)),
            Self::Network(_, _, None) => Ok(None),
            Self::Beside(beside) => Ok(beside.replay().await.map(Answering::Beside)),
        }
    }

    /// All balances.
    ///
    /// # Errors
    /// If the node cannot be asked.
    pub async fn balances(&self) -> Result<Balances, Failure> {
        match self {
            Self::Network(client, ..) => Ok(client.balances(0).await?),
            Self::Beside(beside) => beside.balances(),
        }
    }

    /// Status by the receipt of an own instruction, fetched and verified alone.
    ///
    /// # Errors
    /// If there is none, or it does not hold.
    pub async fn receipt(&self, id: InstructionId) -> Result<Status, Failure> {
        match self {
            Self::Network(client, ..) => {
                let submitter: ParticipantId = client.config().participant;
                let (_, facts) = client.receipt(InstructionKey { submitter, id }).await?;
                Ok(facts.status)
            }
            Self::Beside(beside) => beside.receipt(id).await,
        }
    }

    /// Follows the feed from the first event on.
    pub fn feed(&self) -> Following {
        match self {
            Self::Network(client, ..) => Following::Network(Box::new(client.feed(1))),
            Self::Beside(beside) => Following::Beside(Box::new(beside.listen())),
        }
    }

    /// Leaves.
    pub fn close(&self) {
        if let Self::Network(client, ..) = self {
            client.close();
        }
    }
}

impl Answering {
    /// Waits for the answers.
    ///
    /// # Errors
    /// If the batch was refused, or what is shown is not proven.
    pub async fn outcome(self) -> Result<Outcome, Failure> {
        match self {
            Self::Network(pending) => {
                let outcome = pending.outcome().await?;
                Ok(Outcome {
                    leaf: outcome.leaf,
                    answers: outcome.answers,
                })
            }
            Self::Line(answering) => answering.outcome().await,
            Self::Beside(answering) => answering.outcome().await,
        }
    }
}

impl Following {
    /// The next entry.
    ///
    /// # Errors
    /// If what is shown is not proven.
    pub async fn next(&mut self) -> Result<Heard, Failure> {
        match self {
            Self::Network(feed) => Ok(Heard::Network(feed.next().await?)),
            Self::Beside(feed) => Ok(Heard::Beside(feed.next().await?)),
        }
    }
}

impl Heard {
    /// Log index of the entry.
    pub fn index(&self) -> u64 {
        match self {
            Self::Network(entry) => entry.leaf.index,
            Self::Beside(heard) => heard.0.leaf.index,
        }
    }

    /// Its events; how many bytes they have.
    pub fn each(&self, mut each: impl FnMut(&Event<'_>)) -> u64 {
        let mut bytes = 0;
        let mut tell = |event: &Event<'_>| {
            bytes += event.size() as u64;
            each(event);
        };
        match self {
            Self::Network(entry) => entry.events().for_each(|(_, event)| tell(&event)),
            Self::Beside(heard) => heard.events().for_each(|event| tell(&event)),
        }
        bytes
    }
}
