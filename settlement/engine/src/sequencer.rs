//! The log thread: gives each batch its position and time, keeps the order of sessions, and makes groups durable.
//!
//! While one group is being written the next gathers in the intake rings: groups grow with the load by themselves.
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use causeway_ledger::{SessionOrder, Sessions};
use causeway_message::batch::Class;
use causeway_message::digest::Digest;
use causeway_message::entry::{ENTRY_VERSION, EntryHeader, EntryKind, Roots, Rules, payload_digest};
use causeway_message::limits::ACCEPTANCE_SECONDS_MAX;
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::time::Timestamp;
use causeway_message::{ParticipantId, SessionId, mutated};
use crossbeam::channel::{Receiver, Sender, never};
use dashmap::DashMap;

use crate::consensus::Consensus;
use crate::engine::Shared;
use crate::error::EngineError;
use crate::intake::{Outlet, Reply, Submission};
use crate::item::{Committed, Item, Payload};
use crate::limits::{
    CLOCK_JUMP_SECONDS, GROUP_BYTES_MAX, GROUP_ENTRIES_MAX, IDLE_MS, ROOTS_ENTRIES, SIGN_OF_LIFE_SECONDS,
};

/// Last sequenced number of each session, for those who open one.
pub(crate) type LastNumbers = Arc<DashMap<(ParticipantId, SessionId), u64>>;

pub(crate) struct Sequencer<C> {
    pub consensus: C,
    pub outlet: Outlet,
    pub sessions: Sessions,
    pub last_numbers: LastNumbers,
    pub next: Sender<Vec<Item>>,
    pub shared: Arc<Shared>,
    pub node: u32,
    pub term: u64,
    /// Version of the rules to bring into force by the next entry.
    pub rules: Option<u16>,
    /// Plans of netting: one at most goes with a group, so that payments wait for no more.
    pub plans: Receiver<Vec<u8>>,
    state: State,
    #[cfg(feature = "mutations")]
    late: Vec<(EntryHeader, Payload)>,
}

/// Where the chain stands.
struct State {
    index: u64,
    hash: Digest,
    time: Timestamp,
    roots_size: u64,
    since_roots: u64,
    spoken: bool,
    started: Duration,
    started_at: Timestamp,
    /// Since the last entry before the start, further back than a clock may jump, days would turn.
    doubted: Option<Timestamp>,
}

impl<C: Consensus> Sequencer<C> {
    pub fn new(
        consensus: C,
        outlet: Outlet,
        sessions: Sessions,
        last_numbers: LastNumbers,
        next: Sender<Vec<Item>>,
        shared: Arc<Shared>,
        node: u32,
    ) -> Self {
        let (index, hash, time) = consensus.last();
        let state = State {
            index,
            hash,
            time,
            roots_size: 0,
            since_roots: 0,
            spoken: true,
            started: shared.system.steady(),
            started_at: shared.system.now(),
            doubted: None,
        };
        Self {
            consensus,
            outlet,
            sessions,
            last_numbers,
            next,
            shared,
            node,
            term: 1,
            rules: None,
            plans: never(),
            state,
            #[cfg(feature = "mutations")]
            late: Vec::new(),
        }
    }

    /// Says when a business day turns next, if nobody vouches for the clock: where that lies between the last entry and
    /// now, the clock is held to the last entry.
    pub fn doubt(&mut self, turns: Option<Timestamp>) {
        let now = self.state.started_at;
        let last = self.state.time;
        let late = now.seconds() > last.seconds() + CLOCK_JUMP_SECONDS;
        self.state.doubted = turns.filter(|turns| late && *turns <= now).map(|_| last);
        if self.state.doubted.is_some() {
            self.shared.set_clock_jumped(true);
        }
    }

    /// Runs until the node stops.
    pub fn run(mut self) -> Result<(), EngineError> {
        while !self.shared.stopping() {
            let first = match self.outlet.take() {
                Some(first) => Some(first),
                None if !self.plans.is_empty() && !self.shared.clock_jumped() => None,
                None => self.outlet.wait(Duration::from_millis(IDLE_MS)),
            };
            self.turn(first)?;
        }
        self.consensus.idle()?;
        Ok(())
    }

    /// Takes what waits, beginning with `first`, and makes it durable; without it, does what is done when idle.
    pub fn turn(&mut self, first: Option<Submission>) -> Result<(), EngineError> {
        let jumped = self.clock_jumped(self.shared.system.now());
        self.shared.set_clock_jumped(jumped);
        let mut group = Vec::new();
        if let Some(version) = self.rules.filter(|_| !jumped) {
            self.rules = None;
            let mut payload = Vec::new();
            Rules(version).write(&mut payload);
            self.add(EntryKind::Rules, Payload::Bytes(payload), None, &mut group);
            self.state.spoken = true;
        }
        if jumped {
            // What they were made for is past when the clock is right.
            while self.plans.try_recv().is_ok() {}
        }
        if let Some(plan) = (!jumped).then(|| self.plans.try_recv().ok()).flatten() {
            self.add(EntryKind::Plan, Payload::Bytes(plan), None, &mut group);
            self.state.spoken = true;
        }
        match first {
            Some(first) => {
                let mut bytes = self.accept(first, &mut group);
                while bytes < GROUP_BYTES_MAX && group.len() < GROUP_ENTRIES_MAX {
                    let Some(more) = self.outlet.take() else { break };
                    bytes += self.accept(more, &mut group);
                }
            }
            // A time that cannot be trusted enters the log by no entry at all.
            None if jumped => self.consensus.idle()?,
            None if !group.is_empty() => {}
            None => self.on_idle(&mut group)?,
        }
        if self.state.since_roots >= ROOTS_ENTRIES && !jumped {
            self.add_roots(&mut group);
        }
        self.commit(group)
    }

    fn on_idle(&mut self, group: &mut Vec<Item>) -> Result<(), EngineError> {
        let due = self.shared.next_due.load(Ordering::Acquire);
        let now = self.shared.system.now();
        // Where something is due later, the log shows that the node was up meanwhile.
        let silent = due != 0 && now.seconds() > self.state.time.seconds() + SIGN_OF_LIFE_SECONDS;
        if (due != 0 && due <= now.0 || silent) && self.shared.applied() == self.state.index {
            self.add(EntryKind::Tick, Payload::Bytes(Vec::new()), None, group);
            // What it caused is held to a tree head like anything else.
            self.state.spoken = true;
        } else if self.state.spoken && self.shared.published() == self.state.index {
            self.add_roots(group);
        }
        if group.is_empty() {
            self.consensus.idle()?;
        }
        Ok(())
    }

    /// Journals the newest tree head, so that a replay can be held to it.
    fn add_roots(&mut self, group: &mut Vec<Item>) {
        let Some(head) = self.shared.tree_head() else {
            return;
        };
        if head.size <= self.state.roots_size {
            return;
        }
        let mut payload = Vec::new();
        Roots {
            size: head.size,
            root: head.root,
        }
        .write(&mut payload);
        self.add(EntryKind::Roots, Payload::Bytes(payload), None, group);
        self.state.roots_size = head.size;
        self.state.since_roots = 0;
        self.state.spoken = false;
    }

    /// Sequences a submission or refuses it; returns its bytes.
    fn accept(&mut self, submission: Submission, group: &mut Vec<Item>) -> usize {
        let batch = &submission.batch;
        let number = batch.number();
        let now = self.now();
        let (participant, session) = (batch.participant(), batch.session());
        // Order first: a batch that was sequenced in time keeps its outcome however late it is sent again.
        match self
            .sessions
            .order(participant, session, number, batch.input_digest(), now)
        {
            SessionOrder::Next => {
                if let Some(refusal) = self.untimely(batch.block().not_after.get(), now) {
                    submission.reply.send(Reply::Refused(refusal.about(number)));
                    return 0;
                }
                let forgotten = self.sessions.advance(
                    participant,
                    session,
                    batch.input_digest(),
                    self.state.index + 1,
                    now,
                );
                if let Some(forgotten) = forgotten {
                    self.last_numbers.remove(&(participant, forgotten));
                }
                self.last_numbers.insert((participant, session), number);
                let kind = match batch.class() {
                    Class::Instructions => EntryKind::Batch,
                    Class::Control => EntryKind::Control,
                };
                let bytes = batch.frame().len();
                self.state.spoken = true;
                self.add(
                    kind,
                    Payload::Batch(submission.batch),
                    Some(submission.reply),
                    group,
                );
                bytes
            }
            SessionOrder::Again(entry) => {
                group.push(Item::Again {
                    entry,
                    number,
                    reply: submission.reply,
                });
                0
            }
            order => {
                let (code, expected) = match order {
                    SessionOrder::Gap(expected) => (RefusalCode::SessionGap, expected),
                    SessionOrder::Forgotten => (RefusalCode::SessionTooOld, 0),
                    SessionOrder::Exhausted => (RefusalCode::SessionsExhausted, 0),
                    _ => (RefusalCode::SessionNumberReused, 0),
                };
                let mut refusal = Refusal::new(code, "").about(number);
                refusal.expected = expected;
                submission.reply.send(Reply::Refused(refusal));
                0
            }
        }
    }

    fn untimely(&self, not_after: u32, now: Timestamp) -> Option<Refusal> {
        let not_after = u64::from(not_after);
        if self.clock_jumped(now) {
            return Some(Refusal::new(
                RefusalCode::NotReady,
                "the node's clock jumped; intake stopped",
            ));
        }
        if not_after < now.seconds() {
            return Some(Refusal::new(RefusalCode::TooLate, ""));
        }
        if not_after > now.seconds() + u64::from(ACCEPTANCE_SECONDS_MAX) {
            return Some(Refusal::new(
                RefusalCode::TooFarAhead,
                "not_after may lie 24 hours ahead",
            ));
        }
        None
    }

    /// True if the wall clock ran away from the steady one since the start, or was doubted at it.
    fn clock_jumped(&self, now: Timestamp) -> bool {
        let up = self.shared.system.steady().saturating_sub(self.state.started);
        let started = self.state.doubted.unwrap_or(self.state.started_at);
        now.seconds() > started.seconds() + up.as_secs() + CLOCK_JUMP_SECONDS
    }

    /// Time of the next entry: rises strictly, follows the clock.
    fn now(&self) -> Timestamp {
        if mutated!(ClockAsItIs) {
            return self.shared.system.now();
        }
        self.shared.system.now().max(Timestamp(self.state.time.0 + 1))
    }

    fn add(
        &mut self,
        kind: EntryKind,
        payload: Payload,
        reply: Option<crate::intake::ReplyTo>,
        group: &mut Vec<Item>,
    ) {
        let time = self.now();
        let bytes = payload.bytes();
        let digest = match &payload {
            Payload::Batch(batch) => *batch.input_digest(),
            Payload::Bytes(bytes) => payload_digest(bytes),
        };
        let header = EntryHeader {
            index: (self.state.index + 1).into(),
            term: self.term.into(),
            time: time.0.into(),
            leader: self.node.into(),
            len: (bytes.len() as u32).into(),
            kind: (kind as u16).into(),
            version: ENTRY_VERSION.into(),
            crc32c: crc32c::crc32c(bytes).into(),
            payload_digest: digest,
            prev_hash: self.state.hash,
        };
        self.state.index += 1;
        self.state.hash = header.hash();
        self.state.time = time;
        self.state.since_roots += 1;
        let location = crate::journal::Location {
            segment: 0,
            offset: 0,
        };
        group.push(Item::Entry(Committed {
            header,
            payload,
            location,
            reply,
        }));
    }

    /// Hands a group on first and writes it when the next one comes.
    #[cfg(feature = "mutations")]
    fn answer_first(&mut self, group: Vec<Item>) -> Result<(), EngineError> {
        let entries = group.iter().filter_map(|item| match item {
            Item::Entry(entry) => Some((entry.header, entry.payload.clone())),
            Item::Again { .. } => None,
        });
        let next: Vec<(EntryHeader, Payload)> = entries.collect();
        let late = std::mem::replace(&mut self.late, next);
        let late: Vec<_> = late
            .iter()
            .map(|(header, payload)| (header, payload.bytes()))
            .collect();
        self.consensus.propose(&late, &mut Vec::new())?;
        self.shared.set_durable(self.state.index);
        self.next.send(group).map_err(|_| EngineError::Stopped("apply"))
    }

    /// Makes a group durable and hands it on.
    fn commit(&mut self, mut group: Vec<Item>) -> Result<(), EngineError> {
        if group.is_empty() {
            return Ok(());
        }
        #[cfg(feature = "mutations")]
        if mutated!(AnswerBeforeDurable) {
            return self.answer_first(group);
        }
        let entries: Vec<(&EntryHeader, &[u8])> = group
            .iter()
            .filter_map(|item| match item {
                Item::Entry(entry) => Some((&entry.header, entry.payload.bytes())),
                Item::Again { .. } => None,
            })
            .collect();
        if !entries.is_empty() {
            let started = self.shared.system.steady();
            let mut locations = Vec::with_capacity(entries.len());
            self.consensus.propose(&entries, &mut locations)?;
            let bytes: usize = entries.iter().map(|(_, payload)| payload.len()).sum();
            metrics::counter!("causeway_log_entries_total").increment(entries.len() as u64);
            metrics::counter!("causeway_log_bytes_total").increment(bytes as u64);
            metrics::histogram!("causeway_log_write_seconds")
                .record((self.shared.system.steady() - started).as_secs_f64());
            metrics::histogram!("causeway_log_group_entries").record(entries.len() as f64);
            drop(entries);
            let placed = group.iter_mut().filter_map(|item| match item {
                Item::Entry(entry) => Some(entry),
                Item::Again { .. } => None,
            });
            for (entry, location) in placed.zip(locations) {
                entry.location = location;
            }
            self.shared.set_durable(self.consensus.committed());
        }
        self.next.send(group).map_err(|_| EngineError::Stopped("apply"))
    }
}
