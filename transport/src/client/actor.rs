//! The task behind a session: numbers, signs, sends, verifies answers, and sends again after any failure.
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use causeway_message::answer::Answer;
use causeway_message::batch::{BatchHead, build};
use causeway_message::control::{self, Control};
use causeway_message::document::{self, Document};
use causeway_message::frame::{self, Template};
use causeway_message::limits::{BATCH_RECORDS_MAX, SESSION_WINDOW};
use causeway_message::record::Instruction;
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::time::Timestamp;
use causeway_message::verify::Claim;
use causeway_message::wire::{AnswersMessage, Hello, read_refusal, write_number};
use causeway_message::{Digest, FormatError, InstructionId, SessionId};
use quinn::{SendStream, VarInt};
use tokio::sync::{mpsc, oneshot};

use super::link::{Backoff, Link};
use super::session::BatchOutcome;
use super::signed::{document_frames, input_digest, sign_again};
use crate::error::ClientError;
use crate::framing::{FrameReader, write};
use crate::limits::COALESCE_ABOVE;

type BatchReply = oneshot::Sender<Result<BatchOutcome, ClientError>>;
type OneReply = oneshot::Sender<Result<Answer, ClientError>>;

/// What a session is asked to do.
pub(super) enum Work {
    Batch {
        records: Vec<Instruction>,
        extensions: Vec<u8>,
        documents: Vec<Document>,
        reply: BatchReply,
    },
    Control {
        records: Vec<(InstructionId, Control)>,
        reply: BatchReply,
    },
    One {
        record: Instruction,
        reply: OneReply,
    },
}

enum Replies {
    Batch(BatchReply),
    Ones(Vec<OneReply>),
}

impl Replies {
    fn send(self, outcome: Result<BatchOutcome, ClientError>) {
        match self {
            // Nobody waits any more if these fail.
            Self::Batch(reply) => drop(reply.send(outcome)),
            Self::Ones(replies) => {
                for (i, reply) in replies.into_iter().enumerate() {
                    let answer = outcome.as_ref().map_err(Clone::clone).and_then(|o| {
                        o.answers
                            .get(i)
                            .copied()
                            .ok_or(ClientError::Unproven("an answer is missing"))
                    });
                    let _ = reply.send(answer);
                }
            }
        }
    }
}

/// A batch that is not answered yet: kept as signed, to be sent again as it is.
struct Sent {
    number: u64,
    input_digest: Digest,
    count: usize,
    documents: Vec<Bytes>,
    frame: Bytes,
    replies: Replies,
}

/// One stream: answers are read by a task of their own, so that waiting for work never loses half a frame.
struct Line {
    send: SendStream,
    answers: mpsc::Receiver<Result<Vec<u8>, ClientError>>,
}

pub(super) struct Actor {
    link: Arc<Link>,
    session: SessionId,
    queue: mpsc::Receiver<Work>,
    line: Option<Line>,
    next: u64,
    window: usize,
    sent: VecDeque<Sent>,
    ones: Vec<(Instruction, OneReply)>,
    /// Taken from the queue, and to be sent when there is room in the window.
    held: Option<Work>,
    /// Something was answered or refused since the line was last made: trying again is not in vain.
    progress: bool,
    backoff: Backoff,
    open: bool,
}

async fn read_answers(mut frames: FrameReader, out: mpsc::Sender<Result<Vec<u8>, ClientError>>) {
    loop {
        let next = match frames.next().await {
            Ok(Some(frame)) => Ok(frame),
            Ok(None) => Err(ClientError::Connection("the session's stream ended".into())),
            Err(error) => Err(error),
        };
        let ended = next.is_err();
        if out.send(next).await.is_err() || ended {
            return;
        }
    }
}

async fn connect(link: &Link, session: SessionId) -> Result<(Line, Hello), ClientError> {
    let (send, mut frames) = link.open(write_number(Template::OpenSession, session.0)).await?;
    let first = frames
        .next()
        .await?
        .ok_or_else(|| ClientError::Connection("the session's stream ended".into()))?;
    let (template, reader) = frame::open(&first)?;
    if template == Template::Refused {
        return Err(read_refusal(reader)?.into());
    }
    let hello = Hello::read(&first)?;
    if hello.ledger != link.config().ledger || hello.session != session {
        return Err(ClientError::Unproven("the node opened another session"));
    }
    if hello.last_number > u64::MAX / 2 {
        return Err(ClientError::Unproven("no session has so many batches"));
    }
    let (out, answers) = mpsc::channel(16);
    tokio::spawn(read_answers(frames, out));
    Ok((Line { send, answers }, hello))
}

/// Batches that may be under way: what the node grants, within the protocol's bound.
fn window(hello: &Hello) -> usize {
    (hello.window as usize).clamp(1, SESSION_WINDOW)
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_unix_nanos(since.as_nanos())
}

impl Actor {
    pub async fn open(
        link: Arc<Link>,
        session: SessionId,
        queue: mpsc::Receiver<Work>,
    ) -> Result<Self, ClientError> {
        let (line, hello) = connect(&link, session).await?;
        Ok(Self {
            link,
            session,
            queue,
            line: Some(line),
            next: hello.last_number + 1,
            window: window(&hello),
            sent: VecDeque::new(),
            ones: Vec::new(),
            held: None,
            progress: true,
            backoff: Backoff::new(),
            open: true,
        })
    }

    /// Runs until nobody can submit any more and everything is answered.
    pub async fn run(mut self) {
        while self.open || !self.sent.is_empty() || !self.ones.is_empty() || self.held.is_some() {
            if let Err(error) = self.turn().await {
                if error.is_connection() {
                    if let Err(error) = self.reconnect().await {
                        return self.fail(&error);
                    }
                } else {
                    return self.fail(&error);
                }
            }
        }
        if let Some(mut line) = self.line.take() {
            // The node reads the end of the stream; everything is answered.
            let _ = line.send.finish();
        }
    }

    /// Everything under way fails alike: the session cannot go on.
    fn fail(self, error: &ClientError) {
        for sent in self.sent {
            sent.replies.send(Err(error.clone()));
        }
        for (_, reply) in self.ones {
            let _ = reply.send(Err(error.clone()));
        }
        if let Some(Work::Batch { reply, .. } | Work::Control { reply, .. }) = self.held {
            let _ = reply.send(Err(error.clone()));
        }
    }

    async fn turn(&mut self) -> Result<(), ClientError> {
        let Some(line) = self.line.as_mut() else {
            return Err(ClientError::Connection("no stream".into()));
        };
        let room = self.sent.len() < self.window;
        let due = self.sent.len() < COALESCE_ABOVE || self.ones.len() >= BATCH_RECORDS_MAX;
        if room && due && !self.ones.is_empty() {
            return self.flush_ones().await;
        }
        if room && let Some(work) = self.held.take() {
            return self.take(work).await;
        }
        tokio::select! {
            biased;
            answer = line.answers.recv() => match answer {
                Some(answer) => self.answered(&answer?),
                None => Err(ClientError::Connection("the session's stream ended".into())),
            },
            work = self.queue.recv(), if self.open && room => match work {
                Some(work) => self.take(work).await,
                None => {
                    self.open = false;
                    Ok(())
                }
            },
        }
    }

    /// Takes work; the window has room for one batch.
    async fn take(&mut self, work: Work) -> Result<(), ClientError> {
        if !matches!(work, Work::One { .. }) && !self.ones.is_empty() {
            // What was submitted before goes before.
            let flushed = self.flush_ones().await;
            if flushed.is_err() || self.sent.len() >= self.window {
                self.held = Some(work);
                return flushed;
            }
        }
        match work {
            Work::Batch {
                records,
                extensions,
                documents,
                reply,
            } => {
                let frame = build(
                    &self.head(),
                    &records,
                    &extensions,
                    &self.link.config().signing_key,
                );
                self.dispatch(frame, records.len(), &documents, Replies::Batch(reply))
                    .await
            }
            Work::Control { records, reply } => {
                let frame = control::build(&self.head(), &records, &self.link.config().signing_key);
                self.dispatch(frame, records.len(), &[], Replies::Batch(reply))
                    .await
            }
            Work::One { record, reply } => {
                self.ones.push((record, reply));
                // Whatever else was submitted meanwhile travels with it.
                while self.ones.len() < BATCH_RECORDS_MAX {
                    match self.queue.try_recv() {
                        Ok(Work::One { record, reply }) => self.ones.push((record, reply)),
                        Ok(other) => return Box::pin(self.take(other)).await,
                        Err(_) => break,
                    }
                }
                Ok(())
            }
        }
    }

    async fn flush_ones(&mut self) -> Result<(), ClientError> {
        if self.ones.is_empty() {
            return Ok(());
        }
        let rest = self.ones.split_off(self.ones.len().min(BATCH_RECORDS_MAX));
        let (records, replies): (Vec<_>, Vec<_>) =
            std::mem::replace(&mut self.ones, rest).into_iter().unzip();
        let frame = build(&self.head(), &records, &[], &self.link.config().signing_key);
        self.dispatch(frame, records.len(), &[], Replies::Ones(replies))
            .await
    }

    fn head(&self) -> BatchHead {
        let config = self.link.config();
        let not_after = now().seconds() + u64::from(config.acceptance_seconds);
        BatchHead {
            ledger: config.ledger,
            participant: config.participant,
            key: config.key,
            session: self.session,
            number: self.next,
            not_after: u32::try_from(not_after).unwrap_or(u32::MAX),
        }
    }

    async fn dispatch(
        &mut self,
        frame: Result<Vec<u8>, FormatError>,
        count: usize,
        documents: &[Document],
        replies: Replies,
    ) -> Result<(), ClientError> {
        let prepared = frame.and_then(|frame| Ok((frame, document_frames(self.next, documents)?)));
        let (frame, documents) = match prepared {
            Ok(prepared) => prepared,
            // Only this batch is ill-formed; its number is not used.
            Err(error) => {
                replies.send(Err(error.into()));
                return Ok(());
            }
        };
        let input_digest = input_digest(&frame)?;
        let frame = Bytes::from(frame);
        self.sent.push_back(Sent {
            number: self.next,
            input_digest,
            count,
            documents,
            frame,
            replies,
        });
        self.next += 1;
        let at = self.sent.len() - 1;
        self.transmit(at).await
    }

    async fn transmit(&mut self, at: usize) -> Result<(), ClientError> {
        let (Some(line), Some(sent)) = (self.line.as_mut(), self.sent.get(at)) else {
            return Ok(());
        };
        for documents in &sent.documents {
            write(&mut line.send, documents.clone()).await?;
        }
        write(&mut line.send, sent.frame.clone()).await
    }

    fn answered(&mut self, message: &[u8]) -> Result<(), ClientError> {
        let (template, reader) = frame::open(message)?;
        match template {
            Template::Answers => self.outcome(AnswersMessage::read(reader)?),
            Template::Refused => self.refused(read_refusal(reader)?),
            _ => Err(ClientError::Unproven("the session sent another message")),
        }
    }

    fn outcome(&mut self, message: AnswersMessage) -> Result<(), ClientError> {
        let Some(first) = self.sent.front().filter(|sent| sent.number == message.number) else {
            return Err(ClientError::Unproven("answers to a batch that was not expected"));
        };
        if message.input_digest != first.input_digest || message.answers.len() != first.count {
            return Err(ClientError::Unproven(
                "answers to another batch under this number",
            ));
        }
        let checkpoint = self.link.log().observe(&message.checkpoint)?;
        let leaf = message.leaf();
        if !message.proof.holds(leaf.hash(), &checkpoint) {
            return Err(ClientError::Unproven(
                "the answers are not under their checkpoint",
            ));
        }
        self.progress = true;
        if let Some(sent) = self.sent.pop_front() {
            sent.replies.send(Ok(BatchOutcome {
                number: message.number,
                leaf,
                tree_size: checkpoint.size,
                answers: message.answers,
                details: message.details,
            }));
        }
        Ok(())
    }

    fn refused(&mut self, refusal: Refusal) -> Result<(), ClientError> {
        if refusal.code == RefusalCode::SessionGap || refusal.code.may_retry() {
            // Those before it were refused: start the line again from what the node expects.
            return Err(ClientError::Connection(refusal.to_string()));
        }
        if refusal.number == 0 {
            return Err(refusal.into());
        }
        let Some(at) = self.sent.iter().position(|sent| sent.number == refusal.number) else {
            return Ok(());
        };
        self.progress = true;
        if let Some(sent) = self.sent.remove(at) {
            sent.replies.send(Err(refusal.into()));
        }
        // Its number is free: those behind it carry numbers that the node will not accept.
        Err(ClientError::Connection(
            "a batch was refused; the line is numbered again".into(),
        ))
    }

    /// Makes the stream again and sends what is not answered: as it was signed where its number still fits.
    async fn reconnect(&mut self) -> Result<(), ClientError> {
        self.leave().await;
        if std::mem::take(&mut self.progress) {
            self.backoff = Backoff::new();
        } else {
            self.backoff.wait().await;
        }
        loop {
            match self.resume().await {
                Ok(()) => return Ok(()),
                Err(ClientError::Refused(refusal)) if refusal.code.may_retry() => {
                    self.backoff.wait_for(refusal.retry_after_ms).await;
                }
                Err(error) if error.is_connection() => self.backoff.wait().await,
                Err(error) => return Err(error),
            }
        }
    }

    /// Gives the stream up and waits until the node has, too: a batch that it still reads there could take the
    /// number that another gets on the next stream.
    async fn leave(&mut self) {
        if let Some(mut line) = self.line.take() {
            let _ = line.send.reset(VarInt::from_u32(0));
            while let Some(Ok(_)) = line.answers.recv().await {}
        }
    }

    async fn resume(&mut self) -> Result<(), ClientError> {
        let (line, hello) = connect(&self.link, self.session).await?;
        self.line = Some(line);
        self.window = window(&hello);
        self.renumber(hello.last_number)?;
        for at in 0..self.sent.len() {
            self.transmit(at).await?;
        }
        Ok(())
    }

    /// A batch that the node never sequenced and whose number does not follow any more is signed again.
    fn renumber(&mut self, last: u64) -> Result<(), ClientError> {
        let mut expected = last + 1;
        for sent in &mut self.sent {
            if sent.number <= last {
                continue;
            }
            if sent.number != expected {
                let config = self.link.config();
                let claim = Claim::read(&sent.frame)?;
                let head = BatchHead {
                    ledger: config.ledger,
                    participant: claim.participant,
                    key: config.key,
                    session: self.session,
                    number: expected,
                    not_after: u32::try_from(now().seconds() + u64::from(config.acceptance_seconds))
                        .unwrap_or(u32::MAX),
                };
                let frame = sign_again(&sent.frame, &head, &config.signing_key)?;
                sent.input_digest = input_digest(&frame)?;
                sent.frame = Bytes::from(frame);
                sent.number = expected;
                for documents in &mut sent.documents {
                    let (_, parsed) = document::parse(documents)?;
                    *documents = Bytes::from(document::build(expected, &parsed)?);
                }
            }
            expected += 1;
        }
        self.next = expected;
        Ok(())
    }
}
