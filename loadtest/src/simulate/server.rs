//! The node's side of streams: what the QUIC server and the bridge do, without sockets and threads.
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use causeway_engine::hub::{Next, Subscriber};
use causeway_engine::publish::cold;
use causeway_engine::{Engine, EngineError, Reply, ReplyTo, Submission};
use causeway_message::digest::Digest;
use causeway_message::document::{self, Document};
use causeway_message::frame::{self, Template};
use causeway_message::limits::SESSION_WINDOW;
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::verify::{Claim, VerifiedBatch};
use causeway_message::wire::{Hello, read_number, write_refusal};
use causeway_message::{ParticipantId, SessionId};

use super::network::{Network, StreamId};

type Slot = Arc<Mutex<Option<Vec<u8>>>>;

/// Pages that may be under way to one reader: more is flow control's to stop.
const PAGES_UNDER_WAY: usize = 4;

/// A batch that waits for its documents to be durable, or for room.
struct Held {
    batch: Arc<VerifiedBatch>,
    slot: Slot,
    stored: Arc<Mutex<Option<Result<(), String>>>>,
}

/// What the node knows of one stream.
enum Served {
    Session {
        session: SessionId,
        documents: Vec<(u64, Digest, Document)>,
        slots: VecDeque<Slot>,
        held: Option<Held>,
        /// Nothing more is read: answers under way are still given.
        ended: bool,
    },
    Feed(Arc<Subscriber>),
}

/// All streams that the node serves.
#[derive(Default)]
pub struct Server {
    served: BTreeMap<StreamId, Served>,
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn fill(slot: &Slot, message: Vec<u8>) {
    *lock(slot) = Some(message);
}

impl Server {
    /// True if the stream's next message may be read now.
    pub fn reads(&self, id: StreamId) -> bool {
        match self.served.get(&id) {
            None => true,
            Some(Served::Session {
                slots, held, ended, ..
            }) => held.is_none() && !ended && slots.len() < SESSION_WINDOW,
            Some(Served::Feed(_)) => false,
        }
    }

    /// Takes the next message of a stream.
    pub fn take(&mut self, engine: &Engine, network: &mut Network, id: StreamId) {
        let Some(stream) = network.get_mut(id) else { return };
        let who = stream.who;
        let Some(message) = stream.up.pop_front() else {
            return;
        };
        if self.served.contains_key(&id) {
            self.session_message(engine, who, id, message);
        } else {
            self.first_message(engine, network, who, id, &message);
        }
        self.pump(engine, network, id);
    }

    fn first_message(
        &mut self,
        engine: &Engine,
        network: &mut Network,
        who: ParticipantId,
        id: StreamId,
        message: &[u8],
    ) {
        let opened = frame::open(message).and_then(|(template, reader)| Ok((template, read_number(reader)?)));
        match opened {
            Ok((Template::OpenSession, number)) => {
                let session = SessionId(number);
                let hello = Hello {
                    ledger: engine.ledger(),
                    session,
                    last_number: engine.last_number(who, session),
                    window: SESSION_WINDOW as u32,
                };
                network.answer(id, hello.write());
                self.served.insert(
                    id,
                    Served::Session {
                        session,
                        documents: Vec::new(),
                        slots: VecDeque::new(),
                        held: None,
                        ended: false,
                    },
                );
            }
            Ok((Template::Subscribe, from)) => {
                let subscriber = engine.hub().subscribe(who, from, Box::new(|| {}));
                self.served.insert(id, Served::Feed(subscriber));
            }
            _ => {
                network.answer(id, write_refusal(&Refusal::new(RefusalCode::OutOfOrder, "")));
                network.end(id);
            }
        }
    }

    fn session_message(&mut self, engine: &Engine, who: ParticipantId, id: StreamId, message: Vec<u8>) {
        let Some(Served::Session {
            session,
            documents,
            slots,
            held,
            ended,
        }) = self.served.get_mut(&id)
        else {
            return;
        };
        let slot = Slot::default();
        let template = frame::open(&message).map(|(template, _)| template);
        let outcome = match template {
            Ok(Template::Documents) => match document::parse_shared(&Arc::new(message)) {
                Ok((number, given)) => {
                    let digests = document::digests(&given);
                    documents.extend(
                        digests
                            .into_iter()
                            .zip(given)
                            .map(|(digest, d)| (number, digest, d)),
                    );
                    return;
                }
                Err(error) => Err(error.into()),
            },
            Ok(Template::Batch | Template::ControlBatch) => {
                let given = std::mem::take(documents);
                verify(engine, who, *session, message)
                    .and_then(|batch| store(engine, batch, given, slot.clone()))
            }
            Ok(_) => Err(Refusal::new(RefusalCode::OutOfOrder, "")),
            Err(error) => Err(error.into()),
        };
        slots.push_back(slot.clone());
        match outcome {
            Ok(waiting) => *held = Some(waiting),
            Err(refusal) => {
                *ended = refusal.number == 0;
                fill(&slot, write_refusal(&refusal));
            }
        }
    }

    /// Moves on whatever can: held batches into the engine, answers and pages out.
    pub fn pump(&mut self, engine: &Engine, network: &mut Network, id: StreamId) {
        match self.served.get_mut(&id) {
            Some(Served::Session {
                slots, held, ended, ..
            }) => {
                if let Some(waiting) = held.take() {
                    *held = release(engine, waiting);
                }
                while let Some(message) = slots.front().and_then(|slot| lock(slot).take()) {
                    slots.pop_front();
                    network.answer(id, message);
                }
                if *ended && slots.is_empty() {
                    network.end(id);
                }
            }
            // A feed's log is read on a turn of its own: it may fail.
            Some(Served::Feed(_)) | None => {}
        }
        if network.get_mut(id).is_none() {
            self.served.remove(&id);
        }
    }

    /// The same for every session.
    pub fn pump_all(&mut self, engine: &Engine, network: &mut Network) {
        let ids: Vec<StreamId> = self.served.keys().copied().collect();
        for id in ids {
            self.pump(engine, network, id);
        }
    }

    /// Streams that are feeds.
    pub fn feeds(&self) -> Vec<StreamId> {
        let feeds = self
            .served
            .iter()
            .filter(|(_, served)| matches!(served, Served::Feed(_)));
        feeds.map(|(id, _)| *id).collect()
    }

    /// Hands a feed's next page out, from those published or from the log; true if there was one.
    ///
    /// # Errors
    /// If the log cannot be read.
    pub fn feed(
        &mut self,
        engine: &Engine,
        network: &mut Network,
        id: StreamId,
    ) -> Result<bool, EngineError> {
        let Some(Served::Feed(subscriber)) = self.served.get(&id) else {
            return Ok(false);
        };
        let Some(stream) = network.get_mut(id).filter(|stream| stream.node) else {
            self.served.remove(&id);
            return Ok(false);
        };
        if stream.down.len() >= PAGES_UNDER_WAY {
            return Ok(false);
        }
        let from = match subscriber.take() {
            Next::Page(page) => {
                network.answer(id, page.bytes.to_vec());
                return Ok(true);
            }
            Next::Wait => return Ok(false),
            Next::Behind(from) => from,
        };
        if engine.hub().attach(subscriber) {
            return Ok(false);
        }
        let Some(head) = engine.tree_head() else {
            return Ok(false);
        };
        let Some(page) = cold::page(engine.archive(), subscriber.participant(), from, &head)? else {
            return Ok(false);
        };
        subscriber.advance(page.next);
        network.answer(id, page.bytes.to_vec());
        Ok(true)
    }
}

fn verify(
    engine: &Engine,
    who: ParticipantId,
    session: SessionId,
    message: Vec<u8>,
) -> Result<VerifiedBatch, Refusal> {
    let claim = Claim::read(&message)?;
    if claim.participant != who {
        return Err(Refusal::new(RefusalCode::WrongParticipant, "").about(claim.number));
    }
    if claim.session != session {
        return Err(Refusal::new(RefusalCode::OutOfOrder, "").about(claim.number));
    }
    let key = engine
        .registry()
        .verifying_key(claim.participant, claim.key)
        .ok_or_else(|| Refusal::new(RefusalCode::KeyUnknown, "").about(claim.number))?;
    VerifiedBatch::verify(message, engine.ledger(), &key)
}

/// Has the documents made durable that the batch refers to.
fn store(
    engine: &Engine,
    batch: VerifiedBatch,
    given: Vec<(u64, Digest, Document)>,
    slot: Slot,
) -> Result<Held, Refusal> {
    let records = batch.view().map_or(&[][..], |view| view.records);
    let wanted: BTreeSet<Digest> = records
        .iter()
        .map(|record| record.document_digest)
        .filter(|digest| *digest != [0; 32])
        .collect();
    let used: BTreeMap<Digest, Document> = given.into_iter().map(|(_, digest, d)| (digest, d)).collect();
    let missing = |digest: &&Digest| !used.contains_key(*digest) && !engine.documents().holds(digest);
    if wanted.iter().any(|digest| missing(&digest)) {
        return Err(Refusal::new(RefusalCode::DocumentMissing, "").about(batch.number()));
    }
    let stored = Arc::default();
    if wanted.is_empty() {
        *lock(&stored) = Some(Ok(()));
    } else {
        let told: Arc<Mutex<_>> = Arc::clone(&stored);
        let done = move |outcome| *lock(&told) = Some(outcome);
        engine
            .documents()
            .store(used.into_iter().collect(), Box::new(done));
    }
    Ok(Held {
        batch: Arc::new(batch),
        slot,
        stored,
    })
}

/// Submits a batch whose documents are durable; gives it back if they are not, or if there is no room.
fn release(engine: &Engine, held: Held) -> Option<Held> {
    let stored = lock(&held.stored).clone();
    match stored {
        None => return Some(held),
        Some(Err(_)) => {
            let refusal = Refusal::new(RefusalCode::Internal, "").about(held.batch.number());
            fill(&held.slot, write_refusal(&refusal));
            return None;
        }
        Some(Ok(())) => {}
    }
    let slot = held.slot.clone();
    let reply = ReplyTo::new(move |reply| {
        let message = match reply {
            Reply::Answers(message) => message,
            Reply::Refused(refusal) => write_refusal(&refusal),
        };
        fill(&slot, message);
    });
    let batch = held.batch.clone();
    let submitted = engine.submit(Submission { batch, reply });
    submitted.is_err().then_some(held)
}
