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
use crate::error::Failure;

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
    /// A client and its session.
    Network(Client, Session),
    /// The engine.
    Beside(Beside),
}

/// An answer that is waited for.
#[derive(Debug)]
pub enum Answering {
    /// Of the client.
    Network(Pending),
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
    /// A client with a session.
    ///
    /// # Errors
    /// If the node refuses.
    pub async fn at(client: Client, session: u64) -> Result<Self, Failure> {
        let session = client.session(SessionId(session)).await?;
        Ok(Self::Network(client, session))
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
            Self::Network(_, session) => {
                let pending = session.submit(records, extensions, documents).await?;
                Ok(Answering::Network(pending))
            }
            Self::Beside(beside) => {
                let answering = beside.submit(&records, &extensions, documents).await?;
                Ok(Answering::Beside(answering))
            }
        }
    }

    /// All balances.
    ///
    /// # Errors
    /// If the node cannot be asked.
    pub async fn balances(&self) -> Result<Balances, Failure> {
        match self {
            Self::Network(client, _) => Ok(client.balances(0).await?),
            Self::Beside(beside) => beside.balances(),
        }
    }

    /// Status by the receipt of an own instruction, fetched and verified alone.
    ///
    /// # Errors
    /// If there is none, or it does not hold.
    pub async fn receipt(&self, id: InstructionId) -> Result<Status, Failure> {
        match self {
            Self::Network(client, _) => {
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
            Self::Network(client, _) => Following::Network(Box::new(client.feed(1))),
            Self::Beside(beside) => Following::Beside(Box::new(beside.listen())),
        }
    }

    /// Leaves.
    pub fn close(&self) {
        if let Self::Network(client, _) = self {
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
