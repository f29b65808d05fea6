//! A session: numbered batches in, answers out, both in order.
use std::ops::ControlFlow;
use std::sync::Arc;

use bytes::Bytes;
use causeway_message::digest::ZERO;
use causeway_message::document::{self, Document};
use causeway_message::frame::{self, HEADER_BYTES, Template};
use causeway_message::keys::PublicKey;
use causeway_message::limits::SESSION_WINDOW;
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::verify::{Claim, VerifiedBatch};
use causeway_message::wire::{Hello, write_refusal};
use causeway_message::{Digest, SessionId};
use quinn::SendStream;
use tokio::sync::{mpsc, oneshot};

use super::connection::Stream;
use super::frames::{self, Frame};
use super::participants::Share;
use crate::error::ClientError;
use crate::framing::{FrameReader, write};
use crate::limits::{DOCUMENTS_PENDING_MAX, RING_RETRY, RING_RETRY_MAX};
use crate::service::ReplyFn;

type Answer = Result<Vec<u8>, Refusal>;

/// An answer under way, with the memory of the batch that it answers: both are gone when it is sent.
struct Waiting {
    answer: oneshot::Receiver<Answer>,
    _share: Option<Share>,
}

type Answers = mpsc::Sender<Waiting>;

pub(super) async fn serve(
    stream: &Stream,
    session: u64,
    mut send: SendStream,
    mut frames: FrameReader,
) -> Result<(), ClientError> {
    let session = SessionId(session);
    let node = &stream.state.node;
    if let Err(refusal) = node.ready() {
        return stream.refuse(&mut send, &refusal).await;
    }
    let hello = Hello {
        ledger: node.ledger(),
        session,
        last_number: node.last_number(stream.participant.id, session),
        window: SESSION_WINDOW as u32,
    };
    write(&mut send, Bytes::from(hello.write())).await?;
    let (answers, waiting) = mpsc::channel(SESSION_WINDOW);
    let writer = tokio::spawn(answer(send, waiting));
    let mut session = Session {
        stream,
        session,
        pending: Vec::new(),
        pending_bytes: 0,
        pending_shares: Vec::new(),
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
async fn answer(mut send: SendStream, mut waiting: mpsc::Receiver<Waiting>) -> Result<(), ClientError> {
    while let Some(Waiting { answer, _share }) = waiting.recv().await {
        // A reply that was dropped belongs to an engine that stopped: the client reconnects and sends again.
        let Ok(reply) = answer.await else { break };
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
    stream: &'a Stream,
    session: SessionId,
    /// Documents that wait for their batch.
    pending: Vec<(u64, Digest, Document)>,
    pending_bytes: usize,
    pending_shares: Vec<Share>,
}

impl Session<'_> {
    async fn read(&mut self, frames: &mut FrameReader, answers: &Answers) -> Result<(), ClientError> {
        let time = self.stream.state.bounds.message_time;
        loop {
            let holds = !self.pending_shares.is_empty();
            let spare = |length| self.stream.state.node.spare_buffer(length);
            let next = frames::next(frames, &self.stream.participant, time, holds, spare).await;
            let Frame { message, share } = match next {
                Ok(Some(frame)) => frame,
                Ok(None) => return Ok(()),
                Err(ClientError::Format(error)) => return end(answers, error.into()).await,
                Err(ClientError::Refused(refusal)) => return end(answers, refusal).await,
                Err(error) => return Err(error),
            };
            let template = match frame::open(&message) {
                Ok((template, _)) => template,
                Err(error) => return end(answers, error.into()).await,
            };
            match template {
                Template::Documents => {
                    let turn = self.stream.participant.turn(self.stream.thread).await;
                    if let Err(refusal) = self.gather(message) {
                        return end(answers, refusal).await;
                    }
                    drop(turn);
                    self.pending_shares.push(share);
                }
                Template::Batch | Template::ControlBatch => {
                    let (reply, answer) = oneshot::channel();
                    let _share = Some(share);
                    // Waits here while the window is full: the stream is not read, and flow control stops the bank.
                    if answers.send(Waiting { answer, _share }).await.is_err() {
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

    fn gather(&mut self, message: Vec<u8>) -> Result<(), Refusal> {
        let message = Arc::new(message);
        let (number, documents) = document::parse_shared(&message)?;
        self.pending_bytes += message.len();
        if self.pending_bytes > DOCUMENTS_PENDING_MAX {
            return Err(Refusal::new(
                RefusalCode::Format,
                "too many documents before their batch",
            ));
        }
        let digests = document::digests(&documents).into_iter();
        let pending = digests
            .zip(documents)
            .map(|(digest, document)| (number, digest, document));
        self.pending.extend(pending);
        Ok(())
    }

    /// Takes a batch in. Breaks where the frame does not even say which batch it is: nothing behind it can be
    /// trusted to begin where it should.
    async fn batch(&mut self, message: Vec<u8>, reply: ReplyFn) -> ControlFlow<()> {
        let documents = std::mem::take(&mut self.pending);
        self.pending_bytes = 0;
        let shares = std::mem::take(&mut self.pending_shares);
        let turn = self.stream.participant.turn(self.stream.thread).await;
        let verified = self.verify(message);
        drop(turn);
        // Others' batches come in between, however many of this bank wait already.
        tokio::task::yield_now().await;
        let batch = match verified {
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
        drop(shares);
        metrics::counter!("causeway_transport_batches_total").increment(1);
        let (mut batch, mut reply, mut wait) = (Arc::new(batch), reply, RING_RETRY);
        while let Err((same, again)) = self.stream.state.node.submit(batch, reply) {
            (batch, reply) = (same, again);
            tokio::time::sleep(wait).await;
            wait = (2 * wait).min(RING_RETRY_MAX);
        }
        ControlFlow::Continue(())
    }

    fn verify(&self, message: Vec<u8>) -> Result<VerifiedBatch, Refusal> {
        let claim = Claim::read(&message)?;
        let node = &self.stream.state.node;
        node.ready().map_err(|refusal| refusal.about(claim.number))?;
        let ledger = node.ledger();
        if message.get(HEADER_BYTES..HEADER_BYTES + 32) != Some(&ledger.0) {
            return Err(Refusal::new(RefusalCode::WrongLedger, "").about(claim.number));
        }
        if claim.participant != self.stream.participant.id {
            return Err(Refusal::new(RefusalCode::WrongParticipant, "").about(claim.number));
        }
        if claim.session != self.session {
            let text = "the batch names another session than the stream";
            return Err(Refusal::new(RefusalCode::OutOfOrder, text).about(claim.number));
        }
        let key = node
            .verifying_key(claim.participant, claim.key)
            .or_else(|| self.former_key(&claim))
            .ok_or_else(|| Refusal::new(RefusalCode::KeyUnknown, "").about(claim.number))?;
        let started = std::time::Instant::now();
        let batch = VerifiedBatch::verify(message, ledger, &key);
        metrics::histogram!("causeway_transport_verify_seconds").record(started.elapsed().as_secs_f64());
        batch
    }

    /// The key of a batch that entered the log before its key was revoked. Refusing it would say that it never did,
    /// and its bank would pay again.
    fn former_key(&self, claim: &Claim) -> Option<PublicKey> {
        let node = &self.stream.state.node;
        // A number that was used is never taken again: at most its answers are repeated.
        let sequenced = claim.number <= node.last_number(claim.participant, claim.session);
        sequenced
            .then(|| node.revoked_key(claim.participant, claim.key))
            .flatten()
    }

    /// Makes the documents durable that the batch refers to.
    async fn documents(
        &self,
        batch: &VerifiedBatch,
        given: Vec<(u64, Digest, Document)>,
    ) -> Result<(), Refusal> {
        let records = batch.view().map_or(&[][..], |view| view.records);
        let wanted = records.iter().map(|record| record.document_digest);
        let mut wanted: Vec<Digest> = wanted.filter(|digest| *digest != ZERO).collect();
        wanted.sort_unstable();
        wanted.dedup();
        if wanted.is_empty() && given.is_empty() {
            return Ok(());
        }
        // In the order in which they stand in memory; one that was given twice is stored once.
        let mut used = Vec::with_capacity(given.len());
        let mut have = vec![false; wanted.len()];
        for (number, digest, document) in given {
            let place = wanted.binary_search(&digest);
            let (Ok(place), true) = (place, number == batch.number()) else {
                return Err(Refusal::new(RefusalCode::DocumentMismatch, ""));
            };
            if !std::mem::replace(&mut have[place], true) {
                used.push((digest, document));
            }
        }
        for (digest, have) in wanted.iter().zip(have) {
            if !have && !self.stream.state.node.holds_document(digest) {
                return Err(Refusal::new(
                    RefusalCode::DocumentMissing,
                    causeway_message::ids::hex(digest),
                ));
            }
        }
        let (done, stored) = oneshot::channel();
        let accepted = self.stream.state.node.store_documents(
            used,
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
async fn end(answers: &Answers, refusal: Refusal) -> Result<(), ClientError> {
    let (reply, answer) = oneshot::channel();
    let _ = reply.send(Err(refusal));
    let _share = None;
    let _ = answers.send(Waiting { answer, _share }).await;
    Ok(())
}
