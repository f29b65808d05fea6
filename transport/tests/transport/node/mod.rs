//! A node in memory: keeps session order, answers, feeds and proves; and misbehaves where it is told to.
mod feed;
mod log;
mod query;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use causeway_message::answer::{Answer, AnswerDetail, answer_flags};
use causeway_message::document::Document;
use causeway_message::keys::PublicKey;
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::verify::VerifiedBatch;
use causeway_message::wire::{AnswersMessage, FeedPage};
use causeway_message::{Digest, InstructionId, KeyId, LedgerId, ParticipantId, SessionId, Status};
use causeway_transport::service::{Feed, Node, Query, ReplyFn, StoredFn, WakeFn};

pub use feed::FakeFeed;
pub use log::Log;

use crate::world::{KEY, key, now, seed_of};

/// What the node does with batches that are submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Takes and answers them at once.
    Nothing,
    /// Keeps them before they are sequenced.
    Intake,
    /// Sequences them and keeps the answers.
    Answers,
}

type Judge<T> = Option<Box<dyn FnMut(&VerifiedBatch) -> T + Send>>;
type TwistAnswer = Option<Box<dyn FnMut(Query, &mut Vec<u8>, &mut Log) + Send>>;
type Twist<T> = Option<Box<dyn FnMut(&mut T, &mut Log) + Send>>;

/// Where the node departs from what it should do.
#[derive(Default)]
pub struct Tricks {
    /// Refuses a batch.
    pub refuse: Judge<Option<Refusal>>,
    /// Gives a batch back, as if there were no room.
    pub full: Judge<bool>,
    /// Changes answers before they are sent.
    pub answers: Twist<AnswersMessage>,
    /// Changes pages of feeds.
    pub page: Twist<FeedPage>,
    /// Changes the message that answers a question.
    pub query: TwistAnswer,
    /// Refuses to read a feed from the log.
    pub feed: Option<Refusal>,
    /// What it says is the last number of every session.
    pub last: Option<u64>,
    /// All keys are revoked.
    pub revoked: bool,
    /// Is not ready.
    pub not_ready: bool,
    /// Cannot store documents.
    pub no_documents: bool,
}

type Outcome = Result<Vec<u8>, Refusal>;

pub struct Inner {
    pub log: Log,
    pub tricks: Tricks,
    hold: Hold,
    backlog: Vec<(Arc<VerifiedBatch>, ReplyFn)>,
    unanswered: Vec<(Outcome, ReplyFn)>,
    sessions: BTreeMap<(ParticipantId, SessionId), Vec<(Digest, usize)>>,
    known: BTreeMap<(ParticipantId, InstructionId), (usize, u16)>,
    pub documents: BTreeMap<Digest, Document>,
    feeds: Vec<Weak<FakeFeed>>,
    /// Frames of all batches taken in, those sent again too.
    pub received: Vec<Arc<VerifiedBatch>>,
}

#[derive(Clone)]
pub struct FakeNode(Arc<Mutex<Inner>>);

impl fmt::Debug for FakeNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FakeNode")
    }
}

impl FakeNode {
    pub fn new(ledger: LedgerId) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            log: Log::new(ledger),
            tricks: Tricks::default(),
            hold: Hold::Nothing,
            backlog: Vec::new(),
            unanswered: Vec::new(),
            sessions: BTreeMap::new(),
            known: BTreeMap::new(),
            documents: BTreeMap::new(),
            feeds: Vec::new(),
            received: Vec::new(),
        })))
    }

    pub fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().expect("no test panics while it holds the node")
    }

    /// Changes how it misbehaves.
    pub fn trick(&self, change: impl FnOnce(&mut Tricks)) {
        change(&mut self.lock().tricks);
    }

    /// Sets what it keeps; what is kept no longer goes on its way.
    pub fn hold(&self, hold: Hold) {
        let mut inner = self.lock();
        inner.hold = hold;
        if hold == Hold::Intake {
            return;
        }
        for (batch, reply) in std::mem::take(&mut inner.backlog) {
            let outcome = inner.sequence(&batch);
            inner.unanswered.push((outcome, reply));
        }
        if hold == Hold::Nothing {
            for (outcome, reply) in std::mem::take(&mut inner.unanswered) {
                reply(outcome);
            }
        }
        wake(inner);
    }

    /// What a crash does: batches not sequenced and answers not sent are gone. Takes new ones as it should.
    pub fn crash(&self) {
        let mut inner = self.lock();
        inner.backlog.clear();
        inner.unanswered.clear();
        inner.hold = Hold::Nothing;
    }

    /// How often each instruction of a participant stands in the log.
    pub fn entered(&self, participant: ParticipantId) -> BTreeMap<InstructionId, usize> {
        let mut counts = BTreeMap::new();
        for entry in &self.lock().log.entries {
            let batch = entry
                .batch
                .iter()
                .filter(|batch| batch.participant() == participant);
            for id in batch.flat_map(|batch| batch.instruction_ids()) {
                *counts.entry(id).or_default() += 1;
            }
        }
        counts
    }

    /// Records in each batch of a participant, in the order of the log.
    pub fn batch_sizes(&self, participant: ParticipantId) -> Vec<usize> {
        let inner = self.lock();
        let batches = inner.log.entries.iter().filter_map(|entry| entry.batch.as_ref());
        batches
            .filter(|batch| batch.participant() == participant)
            .map(|batch| batch.instruction_ids().len())
            .collect()
    }

    /// Batches taken in so far, repeated ones too.
    pub fn received(&self) -> usize {
        self.lock().received.len()
    }
}

/// Tells all feeds that there may be more. The lock is gone by then: a feed asks back.
fn wake(inner: MutexGuard<'_, Inner>) {
    let feeds: Vec<_> = inner.feeds.iter().filter_map(Weak::upgrade).collect();
    drop(inner);
    feeds.iter().for_each(|feed| feed.wake());
}

impl Inner {
    fn sequence(&mut self, batch: &Arc<VerifiedBatch>) -> Outcome {
        let number = batch.number();
        let twisted = self.tricks.refuse.as_mut().and_then(|refuse| refuse(batch));
        if let Some(refusal) = twisted {
            return Err(refusal);
        }
        let session = (batch.participant(), batch.session());
        let known = self.sessions.entry(session).or_default();
        let refused = |code, expected| {
            let mut refusal = Refusal::new(code, "").about(number);
            refusal.expected = expected;
            Err(refusal)
        };
        let last = known.len() as u64;
        if number > last + 1 {
            return refused(RefusalCode::SessionGap, last + 1);
        }
        if number <= last {
            let (digest, at) = known[number as usize - 1];
            if digest != *batch.input_digest() {
                return refused(RefusalCode::SessionNumberReused, 0);
            }
            return Ok(self.answers(at));
        }
        if u64::from(batch.block().not_after.get()) < now().seconds() {
            return refused(RefusalCode::TooLate, 0);
        }
        known.push((*batch.input_digest(), self.log.entries.len()));
        let at = self.enter(batch);
        Ok(self.answers(at))
    }

    /// Settles every record that is new.
    fn enter(&mut self, batch: &Arc<VerifiedBatch>) -> usize {
        let at = self.log.entries.len();
        let (mut answers, mut details) = (Vec::new(), Vec::new());
        let status = if batch.view().is_some() {
            Status::Settled
        } else {
            Status::Proposed
        };
        for (i, id) in batch.instruction_ids().into_iter().enumerate() {
            let mut answer = Answer::new(status);
            if let Some((origin, ordinal)) = self.known.get(&(batch.participant(), id)) {
                answer.flags = (answer_flags::REPLAYED | answer_flags::DETAILED).into();
                details.push(AnswerDetail {
                    record: (i as u16).into(),
                    origin_ordinal: (*ordinal).into(),
                    rate_scale: 0.into(),
                    origin_entry: (*origin as u64 + 1).into(),
                    balance: 0.into(),
                    rate: 0.into(),
                    fee: 0.into(),
                    reserved: 0.into(),
                    reserved2: 0.into(),
                });
            } else {
                self.known.insert((batch.participant(), id), (at, i as u16));
            }
            answers.push(answer);
        }
        self.log.append(batch, answers, details)
    }

    fn answers(&mut self, at: usize) -> Vec<u8> {
        let mut message = self.log.answers(at);
        if let Some(twist) = &mut self.tricks.answers {
            twist(&mut message, &mut self.log);
        }
        message.write()
    }
}

impl Node for FakeNode {
    fn ledger(&self) -> LedgerId {
        self.lock().log.ledger
    }

    fn ready(&self) -> Result<(), Refusal> {
        if self.lock().tricks.not_ready {
            return Err(Refusal::new(RefusalCode::NotReady, "the test says so"));
        }
        Ok(())
    }

    fn verifying_key(&self, participant: ParticipantId, id: KeyId) -> Option<PublicKey> {
        let revoked = self.lock().tricks.revoked;
        (id == KEY && !revoked).then(|| key(seed_of(participant)).public())
    }

    fn revoked_key(&self, participant: ParticipantId, id: KeyId) -> Option<PublicKey> {
        let revoked = self.lock().tricks.revoked;
        (id == KEY && revoked).then(|| key(seed_of(participant)).public())
    }

    fn last_number(&self, participant: ParticipantId, session: SessionId) -> u64 {
        let inner = self.lock();
        let known = inner.sessions.get(&(participant, session));
        let last = known.map_or(0, |known| known.len() as u64);
        inner.tricks.last.unwrap_or(last)
    }

    fn submit(&self, batch: Arc<VerifiedBatch>, reply: ReplyFn) -> Result<(), (Arc<VerifiedBatch>, ReplyFn)> {
        let mut inner = self.lock();
        if inner.tricks.full.as_mut().is_some_and(|full| full(&batch)) {
            return Err((batch, reply));
        }
        inner.received.push(batch.clone());
        match inner.hold {
            Hold::Intake => inner.backlog.push((batch, reply)),
            Hold::Answers => {
                let outcome = inner.sequence(&batch);
                inner.unanswered.push((outcome, reply));
                wake(inner);
            }
            Hold::Nothing => {
                reply(inner.sequence(&batch));
                wake(inner);
            }
        }
        Ok(())
    }

    fn store_documents(&self, documents: Vec<(Digest, Document)>, stored: StoredFn) -> bool {
        let mut inner = self.lock();
        if inner.tricks.no_documents {
            return false;
        }
        inner.documents.extend(documents);
        stored(Ok(()));
        true
    }

    fn holds_document(&self, digest: &Digest) -> bool {
        self.lock().documents.contains_key(digest)
    }

    fn subscribe(&self, participant: ParticipantId, from: u64, wake: WakeFn) -> Arc<dyn Feed> {
        let feed = Arc::new(FakeFeed::new(self.clone(), participant, from, wake));
        self.lock().feeds.push(Arc::downgrade(&feed));
        feed
    }

    fn query(&self, participant: ParticipantId, query: Query) -> Outcome {
        let mut inner = self.lock();
        let mut message = inner.ask(participant, query)?;
        let Inner { log, tricks, .. } = &mut *inner;
        if let Some(twist) = &mut tricks.query {
            twist(query, &mut message, log);
        }
        Ok(message)
    }
}
