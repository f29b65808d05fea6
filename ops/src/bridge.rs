//! Joins the transport to the engine: neither knows the other.
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use causeway_engine::hub::{Next, Subscriber};
use causeway_engine::place::ThreadKind;
use causeway_engine::publish::archive::Archive;
use causeway_engine::publish::receipt::{Uncut, cut};
use causeway_engine::publish::{cold, governance, history, statement};
use causeway_engine::{Engine, EngineError, Reply, ReplyTo, Sight, Submission};
use causeway_message::action::role;
use causeway_message::batch::BatchView;
use causeway_message::digest::Digest;
use causeway_message::document::Document;
use causeway_message::keys::PublicKey;
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::verify::VerifiedBatch;
use causeway_message::wire::{
    Consistency, Directory, DirectoryLine, ExposureQuery, GovernanceQuery, HistoryQuery, InstructionKey,
    StatementQuery, write_document,
};
use causeway_message::{KeyId, LedgerId, ParticipantId, SessionId};
use causeway_transport::service::{Feed, FeedNext, Node, Query, ReplyFn, StoredFn, Thread, WakeFn};

/// The engine as the transport sees it.
#[derive(Debug)]
pub struct Bridge {
    engine: Arc<Engine>,
    draining: AtomicBool,
}

impl Bridge {
    /// A bridge to a running engine.
    pub const fn new(engine: Arc<Engine>) -> Self {
        Self {
            engine,
            draining: AtomicBool::new(false),
        }
    }

    /// The engine behind it.
    pub const fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Takes no more batches; what is under way is finished.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Why the node takes no instructions; empty if it does.
    pub fn reasons(&self) -> Vec<String> {
        let health = self.engine.health();
        let mut reasons = Vec::new();
        reasons.extend(health.failure.map(|why| format!("stopped: {why}")));
        if health.clock_jumped {
            reasons.push("the clock is far ahead of the log: nothing enters it until the clock is right, or the node is started with --accept-clock"
                    .to_owned());
        }
        if self.draining.load(Ordering::Acquire) {
            reasons.push("draining".to_owned());
        }
        reasons
    }

    fn receipt(&self, asker: ParticipantId, key: InstructionKey) -> Result<Vec<u8>, Refusal> {
        let known = self
            .engine
            .asker()
            .remembered(key)
            .map_err(internal)?
            .ok_or_else(not_found)?;
        let head = self.engine.tree_head().ok_or_else(not_found)?;
        if self.engine.health().published < known.cause {
            return Err(Refusal::new(RefusalCode::NotFinal, "it is being published"));
        }
        match cut(self.engine.archive(), &known, asker, &head) {
            Ok(receipt) => Ok(receipt.write()),
            Err(Uncut::Refused(refusal)) => Err(refusal),
            Err(Uncut::Failed(error)) => Err(internal(error)),
        }
    }

    /// Only those whom the instruction concerns may ask what became of it.
    fn status(&self, asker: ParticipantId, key: InstructionKey) -> Result<Vec<u8>, Refusal> {
        let status = self
            .engine
            .asker()
            .status(key)
            .map_err(internal)?
            .ok_or_else(not_found)?;
        if asker != key.submitter {
            let (_, payload) = self
                .engine
                .archive()
                .entry(status.entry)
                .map_err(|_| not_found())?;
            let view = BatchView::parse(&payload).map_err(|_| not_found())?;
            let record = view
                .records
                .get(usize::from(status.ordinal))
                .ok_or_else(not_found)?;
            // A creditor learns of a payment when it is settled, not while it waits.
            if record.creditor.get() != asker.0 || status.status != causeway_message::Status::Settled {
                return Err(not_found());
            }
        }
        Ok(status.write())
    }

    /// True for those who watch over the ledger.
    fn watches(&self, asker: ParticipantId) -> bool {
        self.has(asker, role::OPERATOR | role::REGULATOR | role::SCREENER)
    }

    /// True if it has any of the roles.
    fn has(&self, asker: ParticipantId, roles: u8) -> bool {
        let registry = self.engine.registry();
        registry.get(asker).is_some_and(|known| known.roles & roles != 0)
    }

    /// Only the participant itself may ask what it was told, and those who watch over the ledger.
    fn history(&self, asker: ParticipantId, query: &HistoryQuery) -> Result<Vec<u8>, Refusal> {
        if asker != query.participant && !self.watches(asker) {
            return Err(not_found());
        }
        let published = || self.engine.health().published;
        let found = history::search(self.engine.archive(), query, published);
        Ok(found.map_err(internal)?.write())
    }

    /// Only the account's holder may ask what moved on it, and operator and regulator.
    fn statement(&self, asker: ParticipantId, query: &StatementQuery) -> Result<Vec<u8>, Refusal> {
        let (engine, asks) = (&self.engine, self.engine.asker());
        if asker != query.account.participant && !self.has(asker, role::OPERATOR | role::REGULATOR) {
            return Err(not_found());
        }
        let now = asks.account_now(query.account).map_err(internal)?;
        let now = now.ok_or_else(not_found)?;
        let published = || engine.health().published;
        let remembered = |key| asks.remembered(key);
        let found = statement::search(engine.archive(), query, &now, published, remembered);
        Ok(found.map_err(internal)?.ok_or_else(not_found)?.write())
    }

    /// Only the participant itself may ask what its persons proposed and decided, and operator and regulator.
    fn governance(&self, asker: ParticipantId, query: &GovernanceQuery) -> Result<Vec<u8>, Refusal> {
        let engine = &self.engine;
        if asker != query.participant && !self.has(asker, role::OPERATOR | role::REGULATOR) {
            return Err(not_found());
        }
        let published = || engine.health().published;
        // A key keeps its grant when it is revoked, and is granted before it signs.
        let person = |key| {
            let registry = engine.registry();
            let known = registry.get(query.participant)?;
            Some(known.keys.get(&key)?.grant.person)
        };
        let found = governance::search(engine.archive(), engine.ledger(), query, published, person);
        Ok(found.map_err(internal)?.write())
    }

    /// True if a participant sees the positions of all in netting windows: agents do, too, whose money moves then.
    fn oversees_windows(&self, asker: ParticipantId) -> bool {
        const OVERSEE: u8 = role::OPERATOR | role::REGULATOR | role::SETTLEMENT_AGENT;
        let registry = self.engine.registry();
        registry
            .get(asker)
            .is_some_and(|known| known.roles & OVERSEE != 0)
    }

    /// Only its submitter may ask why an instruction waits, and those who watch over the ledger.
    fn explain(&self, asker: ParticipantId, key: InstructionKey) -> Result<Vec<u8>, Refusal> {
        let sight = match self.watches(asker) {
            true => Sight::All,
            false if asker == key.submitter => Sight::Own,
            false => return Err(not_found()),
        };
        let told = self.engine.asker().explain(key, sight).map_err(internal)?;
        Ok(told.ok_or_else(not_found)?.write())
    }

    /// Only operators and regulators may ask what is at stake with a participant, and for its currency a settlement agent.
    fn exposure(&self, asker: ParticipantId, query: ExposureQuery) -> Result<Vec<u8>, Refusal> {
        const OVERSEES: u8 = role::OPERATOR | role::REGULATOR;
        let registry = self.engine.registry();
        let roles = registry.get(asker).map_or(0, |known| known.roles);
        let carries = || -> Result<bool, Refusal> {
            match query.currency {
                0 => Ok(false),
                currency => {
                    let agent = self.engine.asker().agent_of(currency);
                    Ok(agent.map_err(internal)? == Some(asker))
                }
            }
        };
        if roles & OVERSEES == 0 && !(roles & role::SETTLEMENT_AGENT != 0 && carries()?) {
            return Err(not_found());
        }
        let told = self.engine.asker().exposure(query).map_err(internal)?;
        Ok(told.ok_or_else(not_found)?.write())
    }

    fn consistency(&self, old: u64) -> Result<Vec<u8>, Refusal> {
        let head = self.engine.tree_head().ok_or_else(not_found)?;
        let path = self.engine.archive().growth(old, &head).map_err(internal)?;
        Ok(Consistency {
            old_size: old,
            path,
            checkpoint: head.note.clone(),
        }
        .write())
    }

    fn document(&self, asker: ParticipantId, entry: u64, ordinal: u32) -> Result<Vec<u8>, Refusal> {
        if entry == 0 || entry > self.engine.health().published {
            return Err(not_found());
        }
        let (_, payload) = self.engine.archive().entry(entry).map_err(internal)?;
        let view = BatchView::parse(&payload).map_err(|_| not_found())?;
        let record = view.records.get(ordinal as usize).ok_or_else(not_found)?;
        let submitter = view.block.participant.get();
        if asker.0 != submitter && asker.0 != record.creditor.get() {
            return Err(not_found());
        }
        if asker.0 != submitter {
            // The creditor's bank sees the document with the money, not before.
            let key = InstructionKey {
                submitter: ParticipantId(submitter),
                id: record.id(),
            };
            self.status(asker, key)?;
        }
        let document = self
            .engine
            .documents()
            .read(&record.document_digest)
            .map_err(internal)?;
        Ok(write_document(&document.ok_or_else(not_found)?))
    }

    fn directory(&self, from: u64) -> Vec<u8> {
        let registry = self.engine.registry();
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let lines: Vec<DirectoryLine> = registry
            .all()
            .iter()
            .enumerate()
            .skip(from)
            .take(Directory::LINES_MAX)
            .map(|(id, participant)| DirectoryLine {
                participant: ParticipantId(id as u32),
                roles: participant.roles,
                suspended: participant.is_stopped(),
                name: participant.name.clone(),
            })
            .collect();
        let end = from.saturating_add(lines.len());
        let next = if end < registry.len() { end as u64 } else { 0 };
        Directory { next, lines }.write()
    }
}

fn internal(error: EngineError) -> Refusal {
    tracing::error!(%error, "a question could not be answered");
    Refusal::new(RefusalCode::Internal, "")
}

fn not_found() -> Refusal {
    Refusal::new(RefusalCode::NotFound, "")
}

impl Node for Bridge {
    fn thread_starts(&self, thread: Thread) {
        match thread {
            Thread::Connections(number) => self.engine.enter(ThreadKind::Transport, number),
            Thread::Questions => self.engine.enter(ThreadKind::Other, 0),
        }
    }

    fn ledger(&self) -> LedgerId {
        self.engine.ledger()
    }

    fn ready(&self) -> Result<(), Refusal> {
        // Cheap on the path of every batch: a failed engine drops replies, and clients send again.
        if self.draining.load(Ordering::Acquire) {
            return Err(Refusal::new(RefusalCode::NotReady, "the node is draining"));
        }
        Ok(())
    }

    fn verifying_key(&self, participant: ParticipantId, key: KeyId) -> Option<PublicKey> {
        self.engine.registry().verifying_key(participant, key)
    }

    fn revoked_key(&self, participant: ParticipantId, key: KeyId) -> Option<PublicKey> {
        self.engine.registry().revoked_key(participant, key)
    }

    fn last_number(&self, participant: ParticipantId, session: SessionId) -> u64 {
        self.engine.last_number(participant, session)
    }

    fn spare_buffer(&self, length: usize) -> Option<Vec<u8>> {
        self.engine.archive().spares().take(length)
    }

    fn submit(&self, batch: Arc<VerifiedBatch>, reply: ReplyFn) -> Result<(), (Arc<VerifiedBatch>, ReplyFn)> {
        // The reply is wrapped once; a full ring gives both back as they were.
        let slot = Arc::new(std::sync::Mutex::new(Some(reply)));
        let inner = slot.clone();
        let take = |slot: &std::sync::Mutex<Option<ReplyFn>>| {
            slot.lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .take()
        };
        let to = ReplyTo::new(move |reply| {
            if let Some(call) = take(&inner) {
                call(match reply {
                    Reply::Answers(message) => Ok(message),
                    Reply::Refused(refusal) => Err(refusal),
                });
            }
        });
        match self.engine.submit(Submission { batch, reply: to }) {
            Ok(()) => Ok(()),
            Err(back) => match take(&slot) {
                Some(reply) => Err((back.batch, reply)),
                None => Ok(()),
            },
        }
    }

    fn store_documents(&self, documents: Vec<(Digest, Document)>, stored: StoredFn) -> bool {
        self.engine.documents().store(documents, stored)
    }

    fn holds_document(&self, digest: &Digest) -> bool {
        self.engine.documents().holds(digest)
    }

    fn subscribe(&self, participant: ParticipantId, from: u64, wake: WakeFn) -> Arc<dyn Feed> {
        let subscriber = self.engine.hub().subscribe(participant, from, wake);
        Arc::new(Subscription {
            subscriber,
            engine: self.engine.clone(),
        })
    }

    fn query(&self, participant: ParticipantId, query: Query) -> Result<Vec<u8>, Refusal> {
        match query {
            Query::Balances(currency) => Ok(self
                .engine
                .asker()
                .balances(participant, currency)
                .map_err(internal)?
                .write()),
            Query::Status(key) => self.status(participant, key),
            Query::Receipt(key) => self.receipt(participant, key),
            Query::Consistency(old) => self.consistency(old),
            Query::Document(entry, ordinal) => self.document(participant, entry, ordinal),
            Query::Directory(from) => Ok(self.directory(from)),
            Query::Explain(key) => self.explain(participant, key),
            Query::Queue(query) => {
                let lines = self.engine.asker().queue(participant, query);
                Ok(lines.map_err(internal)?.write())
            }
            Query::Accounts(currency) => {
                let accounts = self.engine.asker().accounts(participant, currency);
                Ok(accounts.map_err(internal)?.write())
            }
            Query::Days(currency) => {
                let days = self.engine.asker().days(currency);
                Ok(days.map_err(internal)?.write())
            }
            Query::Credits(currency) => {
                let credits = self.engine.asker().credits(participant, currency);
                Ok(credits.map_err(internal)?.write())
            }
            Query::Exposure(query) => self.exposure(participant, query),
            Query::Windows(currency) => {
                let all = self.oversees_windows(participant);
                let windows = self.engine.asker().windows(participant, currency, all);
                Ok(windows.map_err(internal)?.write())
            }
            Query::History(query) => self.history(participant, &query),
            Query::Statement(query) => self.statement(participant, &query),
            Query::Governance(query) => self.governance(participant, &query),
        }
    }
}

struct Subscription {
    subscriber: Arc<Subscriber>,
    engine: Arc<Engine>,
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.subscriber.fmt(f)
    }
}

impl Subscription {
    fn archive(&self) -> &Archive {
        self.engine.archive()
    }
}

impl Feed for Subscription {
    fn take(&self) -> FeedNext {
        match self.subscriber.take() {
            Next::Page(page) => FeedNext::Page(page.bytes),
            Next::Wait => FeedNext::Wait,
            Next::Behind(_) => FeedNext::Behind,
        }
    }

    fn read_log(&self) -> Result<Option<Arc<Vec<u8>>>, Refusal> {
        let Next::Behind(from) = self.subscriber.take() else {
            return Ok(None);
        };
        if self.engine.hub().attach(&self.subscriber) {
            return Ok(None);
        }
        let head = self.engine.tree_head().ok_or_else(not_found)?;
        let page =
            cold::page(self.archive(), self.subscriber.participant(), from, &head).map_err(internal)?;
        match &page {
            Some(page) => self.subscriber.advance(page.next),
            // The publish thread is at it: its files are a moment behind its counts.
            None => std::thread::sleep(std::time::Duration::from_millis(1)),
        }
        Ok(page.map(|page| page.bytes))
    }
}
