//! A session as its owner sees it.
use std::sync::Arc;

use causeway_message::answer::{Answer, AnswerDetail};
use causeway_message::control::Control;
use causeway_message::document::Document;
use causeway_message::leaf::Leaf;
use causeway_message::record::Instruction;
use causeway_message::{InstructionId, SessionId};
use tokio::sync::{mpsc, oneshot};

use super::actor::{Actor, Work};
use super::link::Link;
use crate::error::ClientError;

/// What became of a batch, proven to stand in the log.
#[derive(Debug, Clone)]
pub struct BatchOutcome {
    /// Its number in the session.
    pub number: u64,
    /// Leaf of its entry.
    pub leaf: Leaf,
    /// Leaves of the tree it was proven under.
    pub tree_size: u64,
    /// One answer for each record.
    pub answers: Vec<Answer>,
    /// Details of those that have them.
    pub details: Vec<AnswerDetail>,
}

/// A batch under way.
#[derive(Debug)]
pub struct Pending(pub(super) oneshot::Receiver<Result<BatchOutcome, ClientError>>);

impl Pending {
    /// Waits for the outcome, also over a lost connection.
    ///
    /// # Errors
    /// If the node refused the batch, or shows what its log does not prove.
    pub async fn outcome(self) -> Result<BatchOutcome, ClientError> {
        self.0.await.map_err(|_| ClientError::Closed)?
    }
}

/// A session. Clones share it; it ends when the last is dropped and everything is answered.
#[derive(Debug, Clone)]
pub struct Session {
    work: mpsc::Sender<Work>,
}

impl Session {
    pub(super) async fn open(link: Arc<Link>, session: SessionId) -> Result<Self, ClientError> {
        let (work, queue) = mpsc::channel(4_096);
        let actor = Actor::open(link, session, queue).await?;
        tokio::spawn(actor.run());
        Ok(Self { work })
    }

    /// Submits a batch of instructions with extensions and documents. Returns when it is on its way; waits while
    /// the window is full.
    ///
    /// # Errors
    /// If the session ended.
    pub async fn submit(
        &self,
        records: Vec<Instruction>,
        extensions: Vec<u8>,
        documents: Vec<Document>,
    ) -> Result<Pending, ClientError> {
        let (reply, pending) = oneshot::channel();
        self.send(Work::Batch {
            records,
            extensions,
            documents,
            reply,
        })
        .await?;
        Ok(Pending(pending))
    }

    /// Submits a control batch.
    ///
    /// # Errors
    /// If the session ended.
    pub async fn control(&self, records: Vec<(InstructionId, Control)>) -> Result<Pending, ClientError> {
        let (reply, pending) = oneshot::channel();
        self.send(Work::Control { records, reply }).await?;
        Ok(Pending(pending))
    }

    /// Submits one instruction. Those submitted while others are under way travel together; none waits for a timer.
    ///
    /// # Errors
    /// If the session ended, or the node refused the batch it travelled in.
    pub async fn pay(&self, record: Instruction) -> Result<Answer, ClientError> {
        let (reply, answer) = oneshot::channel();
        self.send(Work::One { record, reply }).await?;
        answer.await.map_err(|_| ClientError::Closed)?
    }

    async fn send(&self, work: Work) -> Result<(), ClientError> {
        self.work.send(work).await.map_err(|_| ClientError::Closed)
    }
}
