//! A log of seven entries, built by hand: funding under four eyes, a batch of 140 payments of one bank of which the
//! last two wait, a tick, a batch of another bank that releases them, and the tree head.
use causeway_message::action::Action;
use causeway_message::answer::{Answer, AnswerDetail, answer_flags};
use causeway_message::batch;
use causeway_message::checkpoint::{Checkpoint, origin};
use causeway_message::codec::Put;
use causeway_message::effects::EffectsHead;
use causeway_message::entry::{ENTRY_VERSION, EntryHeader, EntryKind, Roots, payload_digest};
use causeway_message::event::{self, EventHead, EventKind, GroupHead, Role, own_batch_body};
use causeway_message::keys::SigningKey;
use causeway_message::leaf::Leaf;
use causeway_message::record::{Instruction, flags};
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::wire::LeafProof;
use causeway_message::{Digest, ParticipantId, SessionId, Status, rfc6962};
use std::collections::BTreeMap;
use zerocopy::IntoBytes;

use super::parties::*;

/// One entry with everything it caused.
pub struct Entry {
    pub header: EntryHeader,
    pub payload: Vec<u8>,
    pub answers: Vec<Answer>,
    pub details: Vec<AnswerDetail>,
    /// Groups in order of participant, with their events.
    pub groups: Vec<(GroupHead, Vec<u8>)>,
    pub effects: EffectsHead,
    pub leaf: Leaf,
}

impl Entry {
    pub fn group_digests(&self) -> Vec<Digest> {
        self.groups
            .iter()
            .map(|(head, events)| head.digest_of(events).expect("they are whole"))
            .collect()
    }
}

/// The log.
#[derive(Default)]
pub struct Log {
    pub entries: Vec<Entry>,
    /// Events so far, by participant.
    numbered: BTreeMap<ParticipantId, u64>,
}

/// Records of the batch in entry 4.
pub const RECORDS: usize = 140;
/// A record of it that settled at once, with extension, document and balance.
pub const SETTLED: usize = 5;
/// A record of it that was rejected.
pub const REJECTED: usize = 7;
/// The first of two that wait until entry 6.
pub const QUEUED: usize = 138;

pub const BATCH_ENTRY: u64 = 4;
pub const RELEASE_ENTRY: u64 = 6;

struct Caused {
    answers: Vec<Answer>,
    details: Vec<AnswerDetail>,
    events: BTreeMap<ParticipantId, Vec<u8>>,
}

impl Caused {
    fn new(answers: Vec<Answer>) -> Self {
        Self {
            answers,
            details: Vec::new(),
            events: BTreeMap::new(),
        }
    }

    fn event(&mut self, of: ParticipantId, head: EventHead, body: &[u8]) {
        self.events.entry(of).or_default().put(head.as_bytes()).put(body);
    }

    /// The submitter's own batch.
    fn own(&mut self, of: ParticipantId, entry: u64, session: u64, number: u64, count: usize) {
        let body = own_batch_body(SessionId(session), number, count as u32);
        let head = EventHead::new(EventKind::OwnBatch, Role::Submitter, 0, body.len(), (entry, 0), 0);
        self.event(of, head, &body);
    }

    fn settled(&mut self, of: ParticipantId, role: Role, from: (u64, u16), record: &Instruction, own: &[u8]) {
        let body = [record.as_bytes(), own].concat();
        let status = Status::Settled as u16;
        let head = EventHead::new(
            EventKind::Payment,
            role,
            status,
            body.len(),
            from,
            record.amount.get(),
        );
        self.event(of, head, &body);
    }
}

fn detail(record: usize, entry: u64, balance: i128) -> AnswerDetail {
    AnswerDetail {
        record: (record as u16).into(),
        origin_ordinal: (record as u16).into(),
        rate_scale: 0.into(),
        origin_entry: entry.into(),
        balance: balance.into(),
        rate: 0.into(),
        fee: 0.into(),
        reserved: 0.into(),
        reserved2: 0.into(),
    }
}

/// The records of entry 4 and their extension area.
pub fn big_batch() -> (Vec<Instruction>, Vec<u8>) {
    let mut records: Vec<Instruction> = (0..RECORDS)
        .map(|n| payment(n, ALFA, if n % 2 == 0 { BETA } else { GAMA }))
        .collect();
    records[SETTLED].flags = (flags::WITH_BALANCE | flags::INTERBANK).into();
    records[SETTLED].document_digest = document().digest();
    records[REJECTED].amount = 0.into();
    let mut area = reference(SETTLED as u16, "TARGET/2026/5");
    area.extend(reference(QUEUED as u16, "TARGET/2026/138"));
    (records, area)
}

impl Log {
    /// All seven entries.
    pub fn build() -> Self {
        let mut log = Self::default();
        log.push(EntryKind::Genesis, genesis().to_bytes(), Caused::new(Vec::new()));
        let (propose, approve) = funding_frames();
        let mut caused = Caused::new(vec![Answer::new(Status::Proposed)]);
        caused.own(AGENT, 2, 1, 1, 1);
        log.push(EntryKind::Control, propose, caused);
        let mut caused = Caused::new(vec![Answer::new(Status::Executed)]);
        caused.own(AGENT, 3, 2, 1, 1);
        for (of, role) in [(AGENT, Role::Submitter), (ALFA, Role::Subject)] {
            let mut body = Vec::new();
            event::control_body(&mut body, AGENT, id(0x33, 1), &funding());
            let Action::Fund { amount, .. } = funding() else {
                unreachable!("it funds")
            };
            let executed = Status::Executed as u16;
            let head = EventHead::new(EventKind::Control, role, executed, body.len(), (2, 0), amount);
            caused.event(of, head, &body);
        }
        log.push(EntryKind::Control, approve, caused);
        log.payments();
        log.push(EntryKind::Tick, Vec::new(), Caused::new(Vec::new()));
        log.release();
        let roots = Roots {
            size: 6,
            root: rfc6962::root(&log.leaf_hashes()),
        };
        let mut payload = Vec::new();
        roots.write(&mut payload);
        log.push(EntryKind::Roots, payload, Caused::new(Vec::new()));
        log
    }

    fn payments(&mut self) {
        let (records, area) = big_batch();
        let frame =
            batch::build(&head(ALFA, 1, 7, 1), &records, &area, &key(seed_of(ALFA, 1))).expect("it fits");
        let mut caused = Caused::new(vec![Answer::new(Status::Settled); RECORDS]);
        caused.own(ALFA, BATCH_ENTRY, 7, 1, RECORDS);
        caused.answers[REJECTED] = Answer::new(Status::AmountZero);
        for (i, n) in (QUEUED..RECORDS).enumerate() {
            caused.answers[n] = Answer::new(Status::Queued);
            caused.answers[n].queue_position = (i as u32 + 1).into();
        }
        caused.answers[SETTLED].flags = answer_flags::DETAILED.into();
        // 10,000 less 1 + 2 + … + 6 cents.
        caused.details.push(detail(SETTLED, BATCH_ENTRY, 10_000 - 21));
        let mut walk = causeway_message::extension::Walk::new(&area);
        for (n, record) in records.iter().enumerate() {
            let own = walk.of(n);
            if caused.answers[n].status() == Some(Status::Settled) {
                let of = ParticipantId(record.creditor.get());
                caused.settled(of, Role::Creditor, (BATCH_ENTRY, n as u16), record, own);
            }
        }
        self.push(EntryKind::Batch, frame, caused);
    }

    fn release(&mut self) {
        let record = Instruction {
            instruction_id: id(0x44, 1).0,
            ..payment(999, BETA, ALFA)
        };
        let frame =
            batch::build(&head(BETA, 1, 9, 1), &[record], &[], &key(seed_of(BETA, 1))).expect("it fits");
        let mut caused = Caused::new(vec![Answer::new(Status::Settled)]);
        caused.own(BETA, RELEASE_ENTRY, 9, 1, 1);
        caused.settled(ALFA, Role::Creditor, (RELEASE_ENTRY, 0), &record, &[]);
        let (records, area) = big_batch();
        let mut walk = causeway_message::extension::Walk::new(&area);
        for (n, record) in records.iter().enumerate() {
            let own = walk.of(n);
            if n >= QUEUED {
                let of = ParticipantId(record.creditor.get());
                caused.settled(ALFA, Role::Debtor, (BATCH_ENTRY, n as u16), record, own);
                caused.settled(of, Role::Creditor, (BATCH_ENTRY, n as u16), record, own);
            }
        }
        self.push(EntryKind::Batch, frame, caused);
    }

    fn push(&mut self, kind: EntryKind, payload: Vec<u8>, caused: Caused) {
        let index = self.entries.len() as u64 + 1;
        let time = Timestamp(Timestamp::from_seconds(BEGIN).0 + index * 1_000_000);
        let input_digest = match kind {
            EntryKind::Batch | EntryKind::Control => {
                let signer = causeway_message::verify::Claim::read(&payload).expect("it is a batch");
                let public = key(seed_of(signer.participant, signer.key.0 as u8)).public();
                *VerifiedBatch::verify(payload.clone(), ledger(), &public)
                    .expect("it is signed")
                    .input_digest()
            }
            _ => payload_digest(&payload),
        };
        let header = EntryHeader {
            index: index.into(),
            term: 1.into(),
            time: time.0.into(),
            leader: 0.into(),
            len: (payload.len() as u32).into(),
            kind: (kind as u16).into(),
            version: ENTRY_VERSION.into(),
            crc32c: crc32c::crc32c(&payload).into(),
            payload_digest: input_digest,
            prev_hash: self.entries.last().map_or(ledger().0, |e| e.header.hash()),
        };
        let groups: Vec<(GroupHead, Vec<u8>)> = caused
            .events
            .into_iter()
            .map(|(participant, events)| {
                let (_, count) = event::event_leaves(&events).expect("they are whole");
                let next = self.numbered.entry(participant).or_insert(1);
                let group = GroupHead {
                    participant,
                    entry: index,
                    first: *next,
                    count: count as u32,
                };
                *next += count as u64;
                (group, events)
            })
            .collect();
        let digests: Vec<Digest> = groups
            .iter()
            .map(|(head, events)| head.digest_of(events).expect("they are whole"))
            .collect();
        let effects = EffectsHead::new(&caused.answers, &caused.details, &digests);
        let leaf = Leaf {
            index,
            time,
            kind: kind as u16,
            rules_version: genesis().rules,
            input_digest,
            effects_root: effects.root(),
        };
        let (answers, details) = (caused.answers, caused.details);
        self.entries.push(Entry {
            header,
            payload,
            answers,
            details,
            groups,
            effects,
            leaf,
        });
    }

    pub fn entry(&self, index: u64) -> &Entry {
        &self.entries[index as usize - 1]
    }

    pub fn leaf_hashes(&self) -> Vec<Digest> {
        self.entries.iter().map(|e| e.leaf.hash()).collect()
    }

    pub fn checkpoint_with(&self, signer: &SigningKey) -> String {
        let size = self.entries.len() as u64;
        let root = rfc6962::root(&self.leaf_hashes());
        Checkpoint {
            origin: origin(ledger()),
            size,
            root,
        }
        .sign(NODE, signer)
    }

    pub fn checkpoint(&self) -> String {
        self.checkpoint_with(&key(NODE_SEED))
    }

    pub fn proof(&self, index: u64) -> LeafProof {
        let path = rfc6962::inclusion(&self.leaf_hashes(), index as usize - 1);
        LeafProof {
            leaf_index: index - 1,
            path,
        }
    }
}
