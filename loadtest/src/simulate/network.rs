//! Streams between banks and node: in order as long as they last, and cut at any moment.
use std::collections::{BTreeMap, VecDeque};

use causeway_message::ParticipantId;

use super::machine::{FaultKind, Machine};

/// Number of a stream.
pub type StreamId = u64;

/// One stream. An end that has left reads and writes nothing more; what it sent before may still arrive.
#[derive(Debug)]
pub struct Stream {
    /// Whose certificate it was opened with.
    pub who: ParticipantId,
    /// From the bank to the node.
    pub up: VecDeque<Vec<u8>>,
    /// From the node to the bank.
    pub down: VecDeque<Vec<u8>>,
    /// The bank still uses it.
    pub bank: bool,
    /// The node still serves it.
    pub node: bool,
}

/// All streams.
#[derive(Debug, Default)]
pub struct Network {
    streams: BTreeMap<StreamId, Stream>,
    next: StreamId,
}

impl Network {
    /// A bank opens a stream and says its first message.
    pub fn open(&mut self, who: ParticipantId, first: Vec<u8>) -> StreamId {
        self.next += 1;
        let stream = Stream {
            who,
            up: VecDeque::from([first]),
            down: VecDeque::new(),
            bank: true,
            node: true,
        };
        self.streams.insert(self.next, stream);
        self.next
    }

    /// A stream that is not wholly gone.
    pub fn get_mut(&mut self, id: StreamId) -> Option<&mut Stream> {
        self.streams.get_mut(&id)
    }

    /// A bank says something.
    pub fn say(&mut self, id: StreamId, message: Vec<u8>) {
        if let Some(stream) = self.streams.get_mut(&id).filter(|stream| stream.bank) {
            stream.up.push_back(message);
        }
    }

    /// The node says something.
    pub fn answer(&mut self, id: StreamId, message: Vec<u8>) {
        if let Some(stream) = self.streams.get_mut(&id).filter(|stream| stream.node) {
            stream.down.push_back(message);
        }
    }

    /// Streams with something on its way to the node.
    pub fn up(&self) -> Vec<StreamId> {
        let waiting = |stream: &&Stream| stream.node && !stream.up.is_empty();
        self.ids(waiting)
    }

    /// Streams with something on its way to a bank that listens.
    pub fn down(&self) -> Vec<StreamId> {
        let waiting = |stream: &&Stream| stream.bank && !stream.down.is_empty();
        self.ids(waiting)
    }

    /// True if the bank's end of the stream is of use no more: nothing comes and nothing goes.
    pub fn is_dead(&self, id: StreamId) -> bool {
        self.streams
            .get(&id)
            .is_none_or(|stream| !stream.bank || !stream.node && stream.down.is_empty())
    }

    fn ids(&self, wanted: impl Fn(&&Stream) -> bool) -> Vec<StreamId> {
        let found = self.streams.iter().filter(|(_, stream)| wanted(stream));
        found.map(|(id, _)| *id).collect()
    }

    /// The bank's end leaves. What it sent is lost from some message on, or all of it arrives later.
    pub fn cut(&mut self, machine: &Machine, id: StreamId) {
        let Some(stream) = self.streams.get_mut(&id) else {
            return;
        };
        machine.count(FaultKind::Disconnect);
        stream.bank = false;
        stream.down.clear();
        let kept = machine.below(stream.up.len() as u32 + 1) as usize;
        if kept > 0 {
            machine.count(FaultKind::LateDelivery);
        }
        stream.up.truncate(kept);
        self.forget();
    }

    /// The node is gone: what it sent arrives up to some message.
    pub fn lose_node(&mut self, machine: &Machine) {
        for stream in self.streams.values_mut() {
            stream.node = false;
            stream.up.clear();
            let kept = machine.below(stream.down.len() as u32 + 1) as usize;
            stream.down.truncate(kept);
        }
        self.forget();
    }

    /// The node ends a stream; what it said still arrives.
    pub fn end(&mut self, id: StreamId) {
        if let Some(stream) = self.streams.get_mut(&id) {
            stream.node = false;
            stream.up.clear();
        }
        self.forget();
    }

    fn forget(&mut self) {
        self.streams.retain(|_, stream| {
            let comes = stream.bank && (stream.node || !stream.down.is_empty());
            let goes = stream.node && (stream.bank || !stream.up.is_empty());
            comes || goes
        });
    }
}
