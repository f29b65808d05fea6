//! A small log that a real node wrote, and everything that the node shows of it.
use std::path::{Path, PathBuf};
use std::sync::Arc;

use causeway_engine::publish::TreeHead;
use causeway_engine::publish::cold;
use causeway_engine::publish::receipt::{Uncut, cut};
use causeway_engine::{EngineError, Reply, clock};
use causeway_message::action::Action;
use causeway_message::control::Control;
use causeway_message::document::Document;
use causeway_message::entry::EntryHeader;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::flags;
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::{Digest, ParticipantId, SessionId};
use zerocopy::FromBytes;

use crate::support::{A, AGENT, B, C, D, Disk, EUR, Memory, OPERATOR, Turned, USD, World};

const BLOCK: u64 = 4_096;
/// Blocks that are left behind the used part of the last segment.
const SPARE: u64 = 16;
/// Bytes of a group's header.
const GROUP_HEADER: usize = 96;
const ENTRY_HEADER: usize = 104;

/// The node's disk after it came to rest and stopped, and what is known of it.
pub struct Small {
    pub world: World,
    pub disk: Disk,
    pub now: Timestamp,
    pub sent: Vec<Arc<VerifiedBatch>>,
    pub documents: Vec<Document>,
    pub shown: Shown,
}

/// Everything that a node shows, as bytes where there are some.
#[derive(Debug, PartialEq, Eq)]
pub struct Shown {
    state: Digest,
    head: TreeHead,
    pages: Vec<Vec<u8>>,
    standings: Vec<String>,
    receipts: Vec<Vec<u8>>,
    answers: Vec<Vec<u8>>,
    last_numbers: Vec<u64>,
}

/// The used part of a segment.
pub struct Segment {
    pub number: u32,
    pub path: PathBuf,
    pub bytes: Vec<u8>,
    /// Of each byte, the entry that is named when it is damaged: the one it belongs to, or the first of its group; of
    /// a seal, the next to come.
    pub names: Vec<u64>,
    /// Where the last group or seal begins.
    pub last: u64,
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> u64 {
    let mut out = [0; 8];
    out[..N].copy_from_slice(&bytes[at..at + N]);
    u64::from_le_bytes(out)
}

pub fn segment_path(segment: u32) -> PathBuf {
    format!("/node/journal/{segment:08}.seg").into()
}

/// Shortens a segment file to its used part and so many blocks: behind it are zeros alone, and whoever looks for what
/// lies beyond the end reads them all.
fn shorten(disk: &mut Disk, path: &Path, spare: u64) {
    let bytes = disk.bytes(path);
    let used = bytes.iter().rposition(|byte| *byte != 0).expect("something") as u64 + 1;
    let size = used.next_multiple_of(BLOCK) + spare * BLOCK;
    let mut header = bytes[..BLOCK as usize].to_vec();
    header[96..104].copy_from_slice(&size.to_le_bytes());
    let crc = crc32c::crc32c_append(crc32c::crc32c(&header[..8]), &header[12..]);
    header[8..12].copy_from_slice(&crc.to_le_bytes());
    disk.write(path, 0, &header);
    disk.set_size(path, size);
}

impl Segment {
    fn read(disk: &Disk, segment: u32) -> Self {
        let path = segment_path(segment);
        let mut bytes = disk.bytes(&path);
        let mut names = vec![number::<8>(&bytes, 88); BLOCK as usize];
        let mut last = 0;
        while bytes.get(names.len()..names.len() + 7) == Some(b"CWAYGRP") {
            let start = names.len();
            last = start as u64;
            let record = &bytes[start..start + number::<4>(&bytes, start + 32) as usize];
            names.resize(start + record.len(), number::<8>(record, 24));
            let mut at = GROUP_HEADER;
            for _ in 0..number::<4>(record, 36) {
                let (header, _) = EntryHeader::ref_from_prefix(&record[at..]).expect("an entry");
                let end = at + ENTRY_HEADER + header.len.get() as usize;
                names[start + at..start + end].fill(header.index.get());
                at = end.next_multiple_of(8);
            }
        }
        assert!(
            bytes[names.len()..].iter().all(|byte| *byte == 0),
            "nothing was missed"
        );
        bytes.truncate(names.len());
        Self {
            number: segment,
            path,
            bytes,
            names,
            last,
        }
    }
}

impl Small {
    /// Lets a node do most of what nodes do: funding, payments that settle, wait, settle later, expire and are
    /// rejected, a new member, proposals that wait, tree heads, two snapshots, documents, a second segment.
    pub fn new() -> Self {
        let world = World::with_snapshots(7);
        let memory = Memory::new(Disk::default(), clock::now());
        let mut node = Turned::start(&world, &memory).expect("the node starts");
        let mut sent = Vec::new();
        first_part(&world, &mut node, &mut sent);
        drop(node);
        let mut disk = memory.disk();
        // The segment is full: the node goes on in the next.
        shorten(&mut disk, &segment_path(1), 0);
        let memory = Memory::new(disk, clock::now());
        let mut node = Turned::start(&world, &memory).expect("the node starts");
        second_part(&world, &memory, &mut node, &mut sent);
        let documents = store_documents(&mut node);
        drop(node);
        let mut disk = memory.disk();
        shorten(&mut disk, &segment_path(2), SPARE);
        let mut small = Self {
            world,
            disk,
            now: clock::now(),
            sent,
            documents,
            shown: Shown::default(),
        };
        let (memory, node) = small.start(&small.disk);
        small.shown = small.shown(&mut node.expect("the node starts"));
        assert_eq!(memory.disk(), small.disk, "starting and showing changes nothing");
        small
    }

    /// Starts a node on a disk.
    pub fn start(&self, disk: &Disk) -> (Memory, Result<Turned, EngineError>) {
        let memory = Memory::new(disk.clone(), self.now);
        let node = Turned::start(&self.world, &memory);
        (memory, node)
    }

    /// The segments in use.
    pub fn segments(&self) -> [Segment; 2] {
        [1, 2].map(|number| Segment::read(&self.disk, number))
    }

    /// The last entry.
    pub fn last(&self) -> u64 {
        self.shown.head.index
    }

    /// Last entries of the snapshots, oldest first.
    pub fn snapshots(&self) -> Vec<(PathBuf, u64)> {
        let index = |path: &Path| path.file_stem()?.to_str()?.parse().ok();
        let found = self.disk.files(Path::new("/node/snapshots")).into_iter();
        found
            .map(|(path, _)| (path.clone(), index(&path).expect("a number")))
            .collect()
    }

    /// What a node shows.
    pub fn shown(&self, node: &mut Turned) -> Shown {
        let head = node.engine.tree_head().expect("a tree head");
        let (engine, ledger) = (&node.engine, node.stages.ledger());
        let mut shown = Shown {
            state: ledger.state_digest(),
            head: (*head).clone(),
            ..Shown::default()
        };
        for who in (0..engine.registry().len() as u32).map(ParticipantId) {
            let mut next = 1;
            while next < engine.hub().next(who) {
                let page = cold::page(engine.archive(), who, next, &head).expect("a readable log");
                let page = page.expect("a page");
                next = page.next;
                shown.pages.push(page.bytes.to_vec());
            }
        }
        for batch in &self.sent {
            let who = batch.participant();
            shown.last_numbers.push(engine.last_number(who, batch.session()));
            for id in batch.instruction_ids() {
                let known = ledger.remembered(who, id);
                shown.standings.push(format!("{known:?}"));
                shown.receipts.extend(
                    known.map(|known| match cut(engine.archive(), &known, who, &head) {
                        Ok(receipt) => receipt.write(),
                        Err(Uncut::Refused(refusal)) => format!("{refusal:?}").into_bytes(),
                        Err(Uncut::Failed(error)) => panic!("{error}"),
                    }),
                );
            }
        }
        shown.answers = answers(node.ask(&self.sent));
        shown
    }

    /// Holds a node that started to the undamaged one: all files that are derived, and where asked everything shown.
    pub fn holds(&self, memory: &Memory, mut node: Turned, all: bool) {
        assert_eq!(node.stages.ledger().state_digest(), self.shown.state);
        assert_eq!(node.engine.tree_head().as_deref(), Some(&self.shown.head));
        let disk = memory.disk();
        for (path, _) in self.disk.files(Path::new("/node/derived")) {
            assert!(
                disk.bytes(&path) == self.disk.bytes(&path),
                "{} is as it was",
                path.display()
            );
        }
        if all {
            assert_eq!(self.shown(&mut node), self.shown);
        }
    }
}

impl Default for Shown {
    fn default() -> Self {
        let head = TreeHead {
            index: 0,
            size: 0,
            root: [0; 32],
            note: String::new(),
        };
        Self {
            state: [0; 32],
            head,
            pages: Vec::new(),
            standings: Vec::new(),
            receipts: Vec::new(),
            answers: Vec::new(),
            last_numbers: Vec::new(),
        }
    }
}

fn answers(replies: Vec<Reply>) -> Vec<Vec<u8>> {
    let bytes = |reply| match reply {
        Reply::Answers(bytes) => bytes.to_vec(),
        Reply::Refused(refusal) => panic!("refused: {refusal:?}"),
    };
    replies.into_iter().map(bytes).collect()
}

fn send(node: &mut Turned, sent: &mut Vec<Arc<VerifiedBatch>>, batches: Vec<Arc<VerifiedBatch>>) {
    answers(node.ask(&batches));
    sent.extend(batches);
}

fn fund(participant: ParticipantId, currency: u16, amount: u64) -> Action {
    Action::Fund {
        participant,
        currency,
        amount,
        reference: format!("RTGS-{currency}"),
    }
}

fn first_part(world: &World, node: &mut Turned, sent: &mut Vec<Arc<VerifiedBatch>>) {
    let funds = [fund(A, EUR, 1_000), fund(B, USD, 500)].map(|action| world.decision(AGENT, action));
    send(node, sent, funds.concat());
    let mut records = [100, 200, 50].map(|amount| world.payment(A, B, EUR, amount));
    records[1].flags = flags::WITH_BALANCE.into();
    let mut extensions = Vec::new();
    extension::put(&mut extensions, 2, ExtensionType::ClearingReference, b"CLR-77");
    let settles = world.signed(&world.head(A), &records, &extensions);
    let mut records = [300, 1, 0].map(|amount| world.payment(C, A, EUR, amount));
    records[1].flags = flags::SETTLE_OR_REJECT.into();
    let again = records;
    send(
        node,
        sent,
        vec![settles, world.batch(C, &records), world.batch(C, &again)],
    );
    node.rest();
    // Money arrives and releases what waits.
    let records = [world.payment(B, C, EUR, 300), world.payment(B, D, USD, 120)];
    send(node, sent, vec![world.batch(B, &records)]);
    node.rest();
}

fn second_part(world: &World, memory: &Memory, node: &mut Turned, sent: &mut Vec<Arc<VerifiedBatch>>) {
    let newcomer = ParticipantId(6);
    let action = Action::RegisterParticipant(world.newcomer("BANK 6", newcomer));
    send(node, sent, world.decision(OPERATOR, action).to_vec());
    let mut expires = world.payment(newcomer, D, USD, 9);
    expires.expires_at = world.seconds(60).into();
    let batch = world.batch(newcomer, &[expires, world.payment(newcomer, A, USD, 1)]);
    send(node, sent, vec![batch, world.batch_in(D, SessionId(77), A, USD)]);
    node.rest();
    // What waits for too long expires in a tick.
    memory.pass(std::time::Duration::from_secs(61));
    node.rest();
    let defund = Action::Defund {
        participant: A,
        currency: EUR,
        amount: 5,
    };
    send(node, sent, world.decision(AGENT, defund).to_vec());
    let action = Action::SetStanding {
        participant: D,
        suspended: true,
    };
    let proposal = world.control(OPERATOR, 1, &[(world.id(), Control::Propose(action))]);
    send(
        node,
        sent,
        vec![proposal, world.batch_in(B, SessionId(5), C, EUR)],
    );
    node.rest();
}

/// Three documents that stay, and one between them that was erased.
fn store_documents(node: &mut Turned) -> Vec<Document> {
    let texts = [
        "<Document>first</Document>",
        "<Document>gone</Document>",
        "x",
        "<Document>last</Document>",
    ];
    let document = |(n, text): (usize, &str)| Document {
        salt: [n as u8 + 1; 16],
        text: text.as_bytes().to_vec().into(),
    };
    let mut documents: Vec<Document> = texts.into_iter().enumerate().map(document).collect();
    let store = documents
        .iter()
        .map(|document| (document.digest(), document.clone()))
        .collect();
    assert!(
        node.engine
            .documents()
            .store(store, Box::new(|stored| assert_eq!(stored, Ok(()))))
    );
    node.rest();
    let gone = documents.remove(1);
    assert!(node.engine.documents().erase(&gone.digest()).expect("erased"));
    documents
}
