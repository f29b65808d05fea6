//! A bank beside the engine in this process: signs, and checks all that a client checks, without a network between.
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use causeway_engine::hub::{Next, Subscriber};
use causeway_engine::publish::cold;
use causeway_engine::{Engine, Reply, ReplyTo, Submission};
use causeway_message::batch::{BatchHead, build};
use causeway_message::digest::Digest;
use causeway_message::document::{Document, digests};
use causeway_message::event::{self, Event};
use causeway_message::frame::{self, Template};
use causeway_message::receipt::Receipt;
use causeway_message::record::Instruction;
use causeway_message::verify::VerifiedBatch;
use causeway_message::wire::{Balances, FeedEntry, FeedPage, InstructionKey};
use causeway_message::{InstructionId, SessionId, Status};
use causeway_ops::bridge::Bridge;
use causeway_transport::ClientConfig;
use causeway_transport::service::{Node, Query};
use tokio::sync::{Notify, oneshot};

use super::proof::{Wanted, observe, unproven};
use super::seat::{LINE, Outcome};
use crate::error::Failure;

/// Wait before a batch is offered again to a full ring.
const RING_RETRY: Duration = Duration::from_micros(500);
/// Seconds that a batch may take from signing to acceptance.
const ACCEPTANCE: u64 = 3_600;

/// A bank's place beside the engine.
#[derive(Debug, Clone)]
pub struct Beside {
    engine: Arc<Engine>,
    bridge: Arc<Bridge>,
    config: Arc<ClientConfig>,
    session: SessionId,
    number: Arc<AtomicU64>,
    /// A batch that is to be sent again.
    kept: Arc<Mutex<Option<Signed>>>,
    kept_number: Arc<AtomicU64>,
}

/// A batch as it was signed, and what its answers must be to.
#[derive(Debug, Clone)]
struct Signed {
    batch: Arc<VerifiedBatch>,
    wanted: Wanted,
}

/// A batch under way.
#[derive(Debug)]
pub struct Answering {
    reply: oneshot::Receiver<Reply>,
    signed: Signed,
    config: Arc<ClientConfig>,
}

impl Beside {
    /// Sits down with a session of its own.
    pub fn new(bridge: &Arc<Bridge>, config: ClientConfig, session: u64) -> Self {
        let session = SessionId(session);
        let engine = bridge.engine().clone();
        let last = |session| engine.last_number(config.participant, session);
        let (number, kept_number) = (last(session), last(SessionId(session.0 ^ LINE)));
        Self {
            engine,
            bridge: bridge.clone(),
            config: Arc::new(config),
            session,
            number: Arc::new(AtomicU64::new(number)),
            kept: Arc::default(),
            kept_number: Arc::new(AtomicU64::new(kept_number)),
        }
    }

    /// Signs, verifies as the node would, and submits, once documents are durable.
    ///
    /// # Errors
    /// If the batch breaks a rule of its form, or a document cannot be stored.
    pub async fn submit(
        &self,
        records: &[Instruction],
        extensions: &[u8],
        documents: Vec<Document>,
    ) -> Result<Answering, Failure> {
        let number = self.number.fetch_add(1, Ordering::AcqRel) + 1;
        self.store(documents).await?;
        let signed = self.sign(self.session, number, records, extensions)?;
        Ok(self.offer(signed).await)
    }

    /// The same of a batch without documents, on a session of its own: a session remembers only its last batches. Its bytes
    /// are kept.
    ///
    /// # Errors
    /// If the batch breaks a rule of its form.
    pub async fn submit_kept(
        &self,
        records: &[Instruction],
        extensions: &[u8],
    ) -> Result<Answering, Failure> {
        let number = self.kept_number.fetch_add(1, Ordering::AcqRel) + 1;
        let signed = self.sign(SessionId(self.session.0 ^ LINE), number, records, extensions)?;
        *self.kept() = Some(signed.clone());
        Ok(self.offer(signed).await)
    }

    fn sign(
        &self,
        session: SessionId,
        number: u64,
        records: &[Instruction],
        extensions: &[u8],
    ) -> Result<Signed, Failure> {
        let head = BatchHead {
            ledger: self.config.ledger,
            participant: self.config.participant,
            key: self.config.key,
            session,
            number,
            not_after: u32::try_from(causeway_engine::clock::now().seconds() + ACCEPTANCE)
                .unwrap_or(u32::MAX),
        };
        let frame = build(&head, records, extensions, &self.config.signing_key).map_err(unproven)?;
        let public = self.config.signing_key.public();
        let batch = VerifiedBatch::verify(frame, self.config.ledger, &public).map_err(unproven)?;
        let wanted = Wanted {
            number,
            count: records.len(),
            input: batch.block().input_digest(),
        };
        let batch = Arc::new(batch);
        Ok(Signed { batch, wanted })
    }

    fn kept(&self) -> MutexGuard<'_, Option<Signed>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Submits the bytes that were kept again; none if none were.
    pub async fn replay(&self) -> Option<Answering> {
        let kept = self.kept().clone();
        Some(self.offer(kept?).await)
    }

    /// Offers a batch until there is room for it.
    async fn offer(&self, signed: Signed) -> Answering {
        let (done, reply) = oneshot::channel();
        let to = ReplyTo::new(move |reply| {
            // Nobody waits any more if the run was given up.
            let _ = done.send(reply);
        });
        let mut submission = Submission {
            batch: signed.batch.clone(),
            reply: to,
        };
        while let Err(back) = self.engine.submit(submission) {
            submission = back;
            tokio::time::sleep(RING_RETRY).await;
        }
        Answering {
            reply,
            signed,
            config: self.config.clone(),
        }
    }

    /// Waits until the documents of a batch are durable.
    async fn store(&self, documents: Vec<Document>) -> Result<(), Failure> {
        if documents.is_empty() {
            return Ok(());
        }
        let digests = digests(&documents);
        let documents: Vec<(Digest, Document)> = digests.into_iter().zip(documents).collect();
        loop {
            let (done, stored) = oneshot::channel();
            let told = Box::new(move |result| drop(done.send(result)));
            if self.engine.documents().store(documents.clone(), told) {
                let stored = stored
                    .await
                    .map_err(|_| Failure::Io("the engine stopped".into()))?;
                return stored.map_err(Failure::Io);
            }
            tokio::time::sleep(RING_RETRY).await;
        }
    }

    /// All balances.
    ///
    /// # Errors
    /// If the engine cannot be asked.
    pub fn balances(&self) -> Result<Balances, Failure> {
        let asked = self.engine.asker().balances(self.config.participant, 0);
        asked.map_err(|error| Failure::Io(error.to_string()))
    }

    /// Status by the receipt of an own instruction.
    ///
    /// # Errors
    /// If there is none, or it does not hold.
    pub async fn receipt(&self, id: InstructionId) -> Result<Status, Failure> {
        let (bridge, config) = (self.bridge.clone(), self.config.clone());
        let key = InstructionKey {
            submitter: config.participant,
            id,
        };
        let cut = tokio::task::spawn_blocking(move || bridge.query(config.participant, Query::Receipt(key)));
        let cut = cut.await.map_err(unproven)?;
        let bytes = cut?;
        let receipt = Receipt::read(&bytes).map_err(unproven)?;
        let facts = receipt.verify(&self.config.log_key).map_err(unproven)?;
        if facts.ledger != self.config.ledger || receipt.record.id() != id {
            return Err(unproven("the receipt is that of another instruction"));
        }
        Ok(facts.status)
    }

    /// Subscribes from the first event on.
    pub fn listen(&self) -> Listening {
        let woken = Arc::new(Notify::new());
        let wake = woken.clone();
        let subscriber =
            self.engine
                .hub()
                .subscribe(self.config.participant, 1, Box::new(move || wake.notify_one()));
        Listening {
            engine: self.engine.clone(),
            config: self.config.clone(),
            subscriber,
            woken,
            next: 1,
            ready: VecDeque::new(),
        }
    }
}

impl Answering {
    /// Waits for the answers and checks them as a client does.
    ///
    /// # Errors
    /// If the batch was refused, or what is shown is not proven.
    pub async fn outcome(self) -> Result<Outcome, Failure> {
        let reply = self
            .reply
            .await
            .map_err(|_| Failure::Io("the engine stopped".into()))?;
        let message = match reply {
            Reply::Answers(message) => message,
            Reply::Refused(refusal) => return Err(Failure::Io(refusal.to_string())),
        };
        self.signed.wanted.prove(&message, &self.config)
    }
}

/// A feed of the engine.
pub struct Listening {
    engine: Arc<Engine>,
    config: Arc<ClientConfig>,
    subscriber: Arc<Subscriber>,
    woken: Arc<Notify>,
    next: u64,
    ready: VecDeque<FeedEntry>,
}

impl std::fmt::Debug for Listening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listening")
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

/// Events of one entry.
#[derive(Debug)]
pub struct Heard(pub FeedEntry);

impl Heard {
    /// The events.
    pub fn events(&self) -> impl Iterator<Item = Event<'_>> {
        event::each(&self.0.events)
    }
}

impl Listening {
    /// The next entry.
    ///
    /// # Errors
    /// If what is shown is not proven, or an event is missing.
    pub async fn next(&mut self) -> Result<Heard, Failure> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                return Ok(Heard(entry));
            }
            match self.subscriber.take() {
                Next::Page(page) => self.verify(&page.bytes)?,
                Next::Wait => self.woken.notified().await,
                Next::Behind(from) => self.read_log(from).await?,
            }
        }
    }

    async fn read_log(&mut self, from: u64) -> Result<(), Failure> {
        if self.engine.hub().attach(&self.subscriber) {
            return Ok(());
        }
        let (engine, who) = (self.engine.clone(), self.config.participant);
        let read = tokio::task::spawn_blocking(move || {
            let head = engine.tree_head();
            head.map_or(Ok(None), |head| cold::page(engine.archive(), who, from, &head))
        });
        let page = read.await.map_err(unproven)?;
        match page.map_err(|error| Failure::Io(error.to_string()))? {
            Some(page) => {
                self.subscriber.advance(page.next);
                self.verify(&page.bytes)
            }
            None => {
                tokio::time::sleep(RING_RETRY).await;
                Ok(())
            }
        }
    }

    fn verify(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let reader = frame::expect(bytes, Template::FeedPage).map_err(unproven)?;
        let page = FeedPage::read(reader).map_err(unproven)?;
        let checkpoint = observe(&self.config, &page.checkpoint)?;
        for entry in page.entries {
            let follows =
                entry.group.participant == self.config.participant && entry.group.first == self.next;
            if !follows || !entry.holds(&checkpoint).map_err(unproven)? {
                return Err(unproven(
                    "a page of the feed does not follow, or is not under its checkpoint",
                ));
            }
            self.next += u64::from(entry.group.count);
            self.ready.push_back(entry);
        }
        Ok(())
    }
}
