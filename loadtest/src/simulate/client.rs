//! A participant's side: sessions that survive whatever breaks, and a feed. It believes nothing that the auditor does
//! not find in the log.
use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

use causeway_message::batch::{BatchBlock, BatchHead, build};
use causeway_message::control::{self, Control};
use causeway_message::digest::Digest;
use causeway_message::document::{self, Document};
use causeway_message::frame::{self, HEADER_BYTES, Template};
use causeway_message::limits::SESSION_WINDOW;
use causeway_message::record::Instruction;
use causeway_message::refusal::RefusalCode;
use causeway_message::wire::{AnswersMessage, FeedPage, Hello, read_refusal, write_number};
use causeway_message::{FormatError, InstructionId, KeyId, LedgerId, ParticipantId, SessionId};

use zerocopy::FromBytes;

use super::cast::Keys;
use super::machine::Machine;
use super::network::{Network, StreamId};
use super::orders::Order;
use crate::audit::{Auditor, Fault, FeedReader};

/// Batches of one lane under way at most: enough to fill a window now and then.
const UNDER_WAY: usize = SESSION_WINDOW;
/// Answered batches kept to be sent again.
const KEPT: usize = 8;
/// Seconds that a batch is good for.
const GOOD_FOR: u64 = 600;

/// Digests of all batches that anybody signed. Whether a batch in the log is among them says more than a signature,
/// and costs less.
#[derive(Debug, Clone, Default)]
pub struct Signed(Rc<RefCell<BTreeSet<Digest>>>);

impl Signed {
    fn note(&self, frame: Option<&Vec<u8>>) {
        let block = frame.and_then(|frame| BatchBlock::ref_from_prefix(frame.get(HEADER_BYTES..)?).ok());
        if let Some((block, _)) = block {
            self.0.borrow_mut().insert(block.input_digest());
        }
    }

    /// True if somebody signed a batch with this digest.
    pub fn holds(&self, digest: &Digest) -> bool {
        self.0.borrow().contains(digest)
    }
}

/// What a batch holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// Instructions, their documents beside them.
    Payments(Vec<Order>, Vec<Document>),
    /// Control records.
    Control(Vec<(InstructionId, Control)>),
}

/// A batch that is not answered.
#[derive(Debug)]
struct Sent {
    number: u64,
    content: Content,
    frames: Vec<Vec<u8>>,
}

/// One session after another, of which one is in use.
#[derive(Debug)]
struct Lane {
    session: SessionId,
    next: u64,
    sent: VecDeque<Sent>,
    stream: Option<StreamId>,
    /// The node has said where the session stands.
    opened: bool,
    /// Frames of batches answered, the last ones.
    answered: VecDeque<Vec<u8>>,
}

/// A participant.
#[derive(Debug)]
pub struct Client {
    /// Which.
    pub who: ParticipantId,
    ledger: LedgerId,
    keys: Keys,
    signed: Signed,
    lanes: Vec<Lane>,
    sessions: u64,
    feed: Option<StreamId>,
    reader: FeedReader,
    /// It does nothing while this lasts, in its own turns.
    pub stopped: u32,
    /// Instructions answered, the last ones.
    pub known: VecDeque<Order>,
    /// Documents of instructions that were answered.
    pub documents: Vec<Document>,
    /// Batches answered.
    pub answers: u64,
    /// Pages read.
    pub pages: u64,
}

/// Something that came to a participant and that nothing explains.
#[derive(Debug)]
pub enum Wrong {
    /// The auditor found it.
    Fault(Fault),
    /// It does not have its form.
    Form(FormatError),
    /// It has no place here.
    Unexpected(String),
}

impl From<Fault> for Wrong {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<FormatError> for Wrong {
    fn from(error: FormatError) -> Self {
        Self::Form(error)
    }
}

impl Client {
    /// A participant with as many lanes.
    pub fn new(who: ParticipantId, ledger: LedgerId, lanes: usize, signed: &Signed) -> Self {
        let mut client = Self {
            who,
            ledger,
            keys: Keys::default(),
            signed: signed.clone(),
            lanes: Vec::new(),
            sessions: 0,
            feed: None,
            reader: FeedReader::new(who, 1),
            stopped: 0,
            known: VecDeque::new(),
            documents: Vec::new(),
            answers: 0,
            pages: 0,
        };
        for _ in 0..lanes {
            let session = client.another_session();
            client.lanes.push(Lane {
                session,
                next: 1,
                sent: VecDeque::new(),
                stream: None,
                opened: false,
                answered: VecDeque::new(),
            });
        }
        client
    }

    const fn another_session(&mut self) -> SessionId {
        self.sessions += 1;
        SessionId(self.sessions)
    }

    /// Number of its lanes.
    pub const fn lanes(&self) -> usize {
        self.lanes.len()
    }

    /// True if something is not answered.
    pub fn waits(&self) -> bool {
        self.lanes.iter().any(|lane| !lane.sent.is_empty())
    }

    /// What of it is not answered, for people.
    pub fn unanswered(&self) -> Option<String> {
        let lanes = self.lanes.iter().filter(|lane| !lane.sent.is_empty());
        let words: Vec<String> = lanes
            .map(|lane| {
                let first = lane.sent.front().map_or(0, |sent| sent.number);
                let (opened, many) = (lane.opened, lane.sent.len());
                format!(
                    "session {} from {first}, {many} in all, opened {opened}",
                    lane.session
                )
            })
            .collect();
        (!words.is_empty()).then(|| format!("participant {}: {}", self.who, words.join("; ")))
    }

    /// Number of the event it wants next.
    pub const fn next_event(&self) -> u64 {
        self.reader.next()
    }

    /// The streams it uses.
    pub fn streams(&self) -> Vec<StreamId> {
        let lanes = self.lanes.iter().filter_map(|lane| lane.stream);
        lanes.chain(self.feed).collect()
    }

    /// True if there is room for one more batch in a lane.
    pub fn has_room(&self, lane: usize) -> bool {
        self.lanes
            .get(lane)
            .is_some_and(|lane| lane.sent.len() < UNDER_WAY)
    }

    /// Opens what is not open.
    pub fn connect(&mut self, network: &mut Network) {
        for lane in &mut self.lanes {
            if lane.stream.is_none_or(|id| network.is_dead(id)) {
                let open = write_number(Template::OpenSession, lane.session.0);
                lane.stream = Some(network.open(self.who, open));
                lane.opened = false;
            }
        }
        if self.feed.is_none_or(|id| network.is_dead(id)) {
            let subscribe = write_number(Template::Subscribe, self.reader.next());
            self.feed = Some(network.open(self.who, subscribe));
            self.reader = FeedReader::new(self.who, self.reader.next());
        }
    }

    /// True if something of it waits for a stream to be made again.
    pub fn is_cut_off(&self, network: &Network) -> bool {
        let dead = |id: Option<StreamId>| id.is_none_or(|id| network.is_dead(id));
        dead(self.feed) || self.lanes.iter().any(|lane| dead(lane.stream))
    }

    /// Signs a batch and sends it.
    ///
    /// # Errors
    /// If it does not have its form.
    pub fn submit(
        &mut self,
        machine: &Machine,
        network: &mut Network,
        lane: usize,
        key: KeyId,
        content: Content,
    ) -> Result<(), FormatError> {
        let Some(lane) = self.lanes.get_mut(lane) else {
            return Ok(());
        };
        let head = BatchHead {
            ledger: self.ledger,
            participant: self.who,
            key,
            session: lane.session,
            number: lane.next,
            not_after: u32::try_from(machine.true_seconds() + GOOD_FOR).unwrap_or(u32::MAX),
        };
        let frames = frames(&head, &content, &mut self.keys)?;
        self.signed.note(frames.last());
        if let (Some(stream), true) = (lane.stream, lane.opened) {
            frames.iter().for_each(|frame| network.say(stream, frame.clone()));
        }
        lane.sent.push_back(Sent {
            number: lane.next,
            content,
            frames,
        });
        lane.next += 1;
        Ok(())
    }

    /// Sends a batch again that was answered long ago; true if there is one.
    pub fn send_again(&self, machine: &Machine, network: &mut Network, lane: usize) -> bool {
        let Some(lane) = self.lanes.get(lane).filter(|lane| lane.opened) else {
            return false;
        };
        let (Some(stream), false) = (lane.stream, lane.answered.is_empty()) else {
            return false;
        };
        let at = machine.below(lane.answered.len() as u32) as usize;
        network.say(stream, lane.answered[at].clone());
        true
    }

    /// A frame of its that is not answered or was, to be tampered with.
    pub fn some_frame(&self, lane: usize) -> Option<Vec<u8>> {
        let lane = self.lanes.get(lane)?;
        let sent = lane.sent.back().and_then(|sent| sent.frames.last());
        sent.or_else(|| lane.answered.back()).cloned()
    }

    /// Takes what came on a stream.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn take(
        &mut self,
        machine: &Machine,
        network: &mut Network,
        auditor: &mut Auditor,
        id: StreamId,
        message: &[u8],
    ) -> Result<(), Wrong> {
        if self.feed == Some(id) {
            return self.page(auditor, message);
        }
        let Some(at) = self.lanes.iter().position(|lane| lane.stream == Some(id)) else {
            // Of no lane: what was tampered with.
            return Ok(());
        };
        let (template, reader) = frame::open(message)?;
        match template {
            Template::SessionOpened => self.hello(network, at, &Hello::read(message)?),
            Template::Answers => self.answered(auditor, at, &AnswersMessage::read(reader)?),
            Template::Refused => {
                let refusal = read_refusal(reader)?;
                self.refused(machine, network, at, refusal.code, refusal.number)
            }
            other => Err(Wrong::Unexpected(format!("{other:?} in a session"))),
        }
    }

    fn page(&mut self, auditor: &mut Auditor, message: &[u8]) -> Result<(), Wrong> {
        let (template, reader) = frame::open(message)?;
        if template != Template::FeedPage {
            return Err(Wrong::Unexpected(format!("{template:?} in a feed")));
        }
        let page = FeedPage::read(reader)?;
        auditor.page(self.who, &page)?;
        self.reader.take(&page)?;
        self.pages += 1;
        Ok(())
    }

    fn hello(&mut self, network: &mut Network, at: usize, hello: &Hello) -> Result<(), Wrong> {
        let lane = &mut self.lanes[at];
        if hello.session != lane.session {
            return Err(Wrong::Unexpected(format!("session {} was opened", hello.session)));
        }
        // What was answered was sequenced: a node that names an earlier number has lost it.
        let answered = lane.sent.front().map_or(lane.next, |sent| sent.number) - 1;
        if hello.last_number < answered || hello.last_number >= lane.next {
            return Err(Wrong::Unexpected(format!(
                "participant {}, session {}: batch {answered} was answered and {} sent, the node names {}",
                self.who,
                lane.session,
                lane.next - 1,
                hello.last_number
            )));
        }
        lane.opened = true;
        if let Some(stream) = lane.stream {
            for frame in lane.sent.iter().flat_map(|sent| &sent.frames) {
                network.say(stream, frame.clone());
            }
        }
        Ok(())
    }

    fn answered(&mut self, auditor: &mut Auditor, at: usize, message: &AnswersMessage) -> Result<(), Wrong> {
        auditor.answers(self.who, message)?;
        let lane = &mut self.lanes[at];
        let Some(place) = lane.sent.iter().position(|sent| sent.number == message.number) else {
            // Sent again for the sake of it.
            return Ok(());
        };
        if place != 0 {
            return Err(Wrong::Unexpected(format!(
                "participant {}, session {}: batch {} was answered before those before it",
                self.who, lane.session, message.number
            )));
        }
        let Some(sent) = lane.sent.pop_front() else {
            return Ok(());
        };
        self.answers += 1;
        if let Some(frame) = sent.frames.into_iter().last() {
            lane.answered.push_back(frame);
            if lane.answered.len() > KEPT {
                lane.answered.pop_front();
            }
        }
        if let Content::Payments(orders, documents) = sent.content {
            self.documents.extend(documents);
            for order in orders {
                if self.known.len() == 64 {
                    self.known.pop_front();
                }
                self.known.push_back(order);
            }
        }
        Ok(())
    }

    fn refused(
        &mut self,
        machine: &Machine,
        network: &mut Network,
        at: usize,
        code: RefusalCode,
        number: u64,
    ) -> Result<(), Wrong> {
        let lane = &mut self.lanes[at];
        if !lane.sent.iter().any(|sent| sent.number == number) && number != 0 {
            return Ok(());
        }
        if let Some(stream) = lane.stream.take() {
            network.cut(machine, stream);
        }
        lane.opened = false;
        if code.may_retry() {
            return Ok(());
        }
        let explained = [
            RefusalCode::TooLate,
            RefusalCode::SessionGap,
            RefusalCode::KeyUnknown,
            RefusalCode::SessionTooOld,
            RefusalCode::DocumentMissing,
        ];
        if !explained.contains(&code) {
            return Err(Wrong::Unexpected(format!(
                "participant {}, session {}, batch {number}: refused as {}",
                self.who,
                lane.session,
                code.name()
            )));
        }
        // A number that was refused may still be taken by an older copy on its way: the rest goes under a session
        // of its own. The ids keep it from happening twice.
        let session = self.another_session();
        let lane = &mut self.lanes[at];
        let rest = std::mem::take(&mut lane.sent);
        lane.answered.clear();
        (lane.session, lane.next) = (session, 1);
        for sent in rest {
            self.submit(machine, network, at, KeyId(1 + at as u32 % 2), sent.content)?;
        }
        Ok(())
    }
}

/// The frames of a batch: its documents, then itself.
fn frames(head: &BatchHead, content: &Content, keys: &mut Keys) -> Result<Vec<Vec<u8>>, FormatError> {
    let Some(key) = keys.of(head.participant, head.key) else {
        return Ok(Vec::new());
    };
    Ok(match content {
        Content::Payments(orders, documents) => {
            let mut frames = Vec::new();
            if !documents.is_empty() {
                frames.push(document::build(head.number, documents)?);
            }
            let mut area = Vec::new();
            for (place, order) in (0..).zip(orders) {
                order.put_extensions(&mut area, place);
            }
            let records: Vec<Instruction> = orders.iter().map(|order| order.record).collect();
            frames.push(build(head, &records, &area, key)?);
            frames
        }
        Content::Control(records) => vec![control::build(head, records, key)?],
    })
}
