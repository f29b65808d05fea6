//! A session: numbered batches in, answers out, both in order.
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use bytes::Bytes;
use causeway_message::document::{self, Document};
use causeway_message::frame::{self, HEADER_BYTES, Template};
use causeway_message::limits::SESSION_WINDOW;
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::verify::{Claim, VerifiedBatch};
use causeway_message::wire::{Hello, write_refusal};
use causeway_message::{Digest, ParticipantId, SessionId};
use quinn::SendStream;
use tokio::sync::{mpsc, oneshot};

use super::State;
use super::connection::refuse;
use crate::error::ClientError;
use crate::framing::{FrameReader, write};
use crate::limits::{DOCUMENTS_PENDING_MAX, RING_RETRY};
use crate::service::ReplyFn;

type Answer = Result<Vec<u8>, Refusal>;

pub(super) async fn serve(
    state: &Arc<State>,
    participant: ParticipantId,
    session: u64,
    mut send: SendStream,
    mut frames: FrameReader,
) -> Result<(), ClientError> {
    let session = SessionId(session);
    if let Err(refusal) = state.node.ready() {
        return refuse(&mut send, &refusal).await;
    }
    let hello = Hello {
        ledger: state.node.ledger(),
        session,
        last_number: state.node.last_number(participant, session),
        window: SESSION_WINDOW as u32,
    };
    write(&mut send, Bytes::from(hello.write())).await?;
    let (answers, waiting) = mpsc::channel(SESSION_WINDOW);
    let writer = tokio::spawn(answer(send, waiting));
    let mut session = Session {
        state,
        participant,
        session,
        pending: Vec::new(),
        pending_bytes: 0,
    };
    let outcome = session.read(&mut frames, &answers).await;
    drop(answers);
    // Batches under way are still answered.
    writer
        .await
        .map_err(|e| ClientError::Connection(e.to_string()))??;
    outcome
}

/// Writes answers in the order of their batches.
async fn answer(
    mut send: SendStream,
    mut waiting: mpsc::Receiver<oneshot::Receiver<Answer>>,
) -> Result<(), ClientError> {
    while let Some(reply) = waiting.recv().await {
        // A reply that was dropped belongs to an engine that stopped: the client reconnects and sends again.
        let Ok(reply) = reply.await else { break };
        let message = reply.unwrap_or_else(|refusal| {
            metrics::counter!("causeway_transport_refused_total", "reason" => refusal.code.name())
                .increment(1);
            write_refusal(&refusal)
        });
        write(&mut send, Bytes::from(message)).await?;
    }
    send.finish()?;
    Ok(())
}

struct Session<'a> {
    state: &'a Arc<State>,
    participant: ParticipantId,
    session: SessionId,
    /// Documents that wait for their batch.
    pending: Vec<(u64, Digest, Document)>,
    pending_bytes: usize,
}

impl Session<'_> {
    async fn read(
        &mut self,
        frames: &mut FrameReader,
        answers: &mpsc::Sender<oneshot::Receiver<Answer>>,
    ) -> Result<(), ClientError> {
        loop {
            let message = match frames.next().await {
                Ok(Some(message)) => message,
                Ok(None) => return Ok(()),
                Err(ClientError::Format(error)) => return end(answers, error.into()).await,
                Err(error) => return Err(error),
            };
            let template = match frame::open(&message) {
                Ok((template, _)) => template,
                Err(error) => return end(answers, error.into()).await,
            };
            match template {
                Template::Documents => {
                    if let Err(refusal) = self.gather(&message) {
                        return end(answers, refusal).await;
                    }
                }
                Template::Batch | Template::ControlBatch => {
                    let (reply, answered) = oneshot::channel();
                    // Waits here while the window is full: the stream is not read, and flow control stops the bank.
                    if answers.send(answered).await.is_err() {
                        return Ok(());
                    }
                    let reply: ReplyFn = Box::new(move |answer| {
                        // The stream may be gone; the batch is in the log all the same.
                        let _ = reply.send(answer);
                    });
                    if self.batch(message, reply).await.is_break() {
                        return Ok(());
                    }
                }
                _ => {
                    let refusal =
                        Refusal::new(RefusalCode::OutOfOrder, "a session takes batches and documents");
                    return end(answers, refusal).await;
                }
            }
        }
    }

    fn gather(&mut self, message: &[u8]) -> Result<(), Refusal> {
        let (number, documents) = document::parse(message)?;
        self.pending_bytes += message.len();
        if self.pending_bytes > DOCUMENTS_PENDING_MAX {
            return Err(Refusal::new(
                RefusalCode::Format,
                "too many documents before their batch",
            ));
        }
        self.pending
            .extend(documents.into_iter().map(|d| (number, d.digest(), d)));
        Ok(())
    }

    /// Takes a batch in. Breaks where the frame does not even say which batch it is: nothing behind it can be
    /// trusted to begin where it should.
    async fn batch(&mut self, message: Vec<u8>, reply: ReplyFn) -> ControlFlow<()> {
        let documents = std::mem::take(&mut self.pending);
        self.pending_bytes = 0;
        let batch = match self.verify(message) {
            Ok(batch) => batch,
            Err(refusal) => {
                let unnamed = refusal.number == 0;
                reply(Err(refusal));
                return if unnamed {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                };
            }
        };
        if let Err(refusal) = self.documents(&batch, documents).await {
            reply(Err(refusal.about(batch.number())));
            return ControlFlow::Continue(());
        }
        metrics::counter!("causeway_transport_batches_total").increment(1);
        let (mut batch, mut reply) = (Arc::new(batch), reply);
        while let Err((same, again)) = self.state.node.submit(batch, reply) {
            (batch, reply) = (same, again);
            tokio::time::sleep(RING_RETRY).await;
        }
        ControlFlow::Continue(())
    }

    fn verify(&self, message: Vec<u8>) -> Result<VerifiedBatch, Refusal> {
        let claim = Claim::read(&message)?;
        self.state
            .node
            .ready()
            .map_err(|refusal| refusal.about(claim.number))?;
        let ledger = self.state.node.ledger();
        if message.get(HEADER_BYTES..HEADER_BYTES + 32) != Some(&ledger.0) {
            return Err(Refusal::new(RefusalCode::WrongLedger, "").about(claim.number));
        }
        if claim.participant != self.participant {
            return Err(Refusal::new(RefusalCode::WrongParticipant, "").about(claim.number));
        }
        if claim.session != self.session {
            let text = "the batch names another session than the stream";
            return Err(Refusal::new(RefusalCode::OutOfOrder, text).about(claim.number));
        }
        let key = self
            .state
            .node
            .verifying_key(claim.participant, claim.key)
            .ok_or_else(|| Refusal::new(RefusalCode::KeyUnknown, "").about(claim.number))?;
        let started = std::time::Instant::now();
        let batch = VerifiedBatch::verify(message, ledger, &key);
        metrics::histogram!("causeway_transport_verify_seconds").record(started.elapsed().as_secs_f64());
        batch
    }

    /// Makes the documents durable that the batch refers to.
    async fn documents(
        &self,
        batch: &VerifiedBatch,
        given: Vec<(u64, Digest, Document)>,
    ) -> Result<(), Refusal> {
        let records = batch.view().map_or(&[][..], |view| view.records);
        let wanted: BTreeSet<Digest> = records
            .iter()
            .map(|r| r.document_digest)
            .filter(|d| *d != [0; 32])
            .collect();
        if wanted.is_empty() && given.is_empty() {
            return Ok(());
        }
        if given
            .iter()
            .any(|(number, digest, _)| *number != batch.number() || !wanted.contains(digest))
        {
            return Err(Refusal::new(RefusalCode::DocumentMismatch, ""));
        }
        let used: BTreeMap<Digest, Document> = given.into_iter().map(|(_, digest, d)| (digest, d)).collect();
        for digest in &wanted {
            if !used.contains_key(digest) && !self.state.node.holds_document(digest) {
                return Err(Refusal::new(
                    RefusalCode::DocumentMissing,
                    causeway_message::ids::hex(digest),
                ));
            }
        }
        let (done, stored) = oneshot::channel();
        let accepted = self.state.node.store_documents(
            used.into_iter().collect(),
            Box::new(move |outcome| {
                let _ = done.send(outcome);
            }),
        );
        match stored.await {
            Ok(Ok(())) if accepted => Ok(()),
            _ => Err(Refusal::new(
                RefusalCode::Internal,
                "the documents could not be stored",
            )),
        }
    }
}

/// Ends the session with a refusal behind all answers.
async fn end(answers: &mpsc::Sender<oneshot::Receiver<Answer>>, refusal: Refusal) -> Result<(), ClientError> {
    let (reply, answered) = oneshot::channel();
    let _ = reply.send(Err(refusal));
    let _ = answers.send(answered).await;
    Ok(())
}
