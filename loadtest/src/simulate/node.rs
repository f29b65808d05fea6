//! The simulated node: an engine whose stages take turns, and its end of the streams. It stops as a process would, and
//! starts again on what is left of its disk.
use std::path::PathBuf;
use std::sync::Arc;

use causeway_engine::journal::JournalError;
use causeway_engine::publish::receipt::{Uncut, cut};
use causeway_engine::stages::{Stage, Stages};
use causeway_engine::system::Dir;
use causeway_engine::{Engine, EngineConfig, EngineError};
use causeway_message::entry::EntryKind;
use causeway_message::genesis::Genesis;

use super::cast::{NODE, node_key};
use super::client::{Signed, Wrong};
use super::machine::{FaultKind, Machine};
use super::network::Network;
use super::server::Server;
use crate::audit::Auditor;

/// Where the node keeps its data.
const DIR: &str = "/node";

/// A node that works.
struct Running {
    engine: Engine,
    stages: Stages,
    server: Server,
}

/// The node and what is needed to start it.
pub struct Node {
    machine: Machine,
    config: EngineConfig,
    genesis: Genesis,
    running: Option<Running>,
    signed: Signed,
    /// A bit of a derived file has changed since the last start: what relies on it may fail.
    rotten: bool,
    /// A bit of the journal that is wrong on the disk: where, and the entry that must be named.
    rot: Option<Rot>,
    /// Starts that succeeded.
    pub starts: u64,
    /// Starts that were given up, with their cause known.
    pub failed_starts: u64,
}

/// A changed bit of the journal.
#[derive(Debug, Clone)]
struct Rot {
    path: PathBuf,
    at: u64,
    bit: u8,
    entry: u64,
}

impl Node {
    /// A node that is not started.
    pub fn new(machine: &Machine, genesis: Genesis, snapshot_entries: u64, signed: &Signed) -> Self {
        let mut config = EngineConfig::new(Dir::new(Arc::new(machine.clone()), DIR), NODE);
        config.segment_bytes = causeway_engine::limits::SEGMENT_BYTES_MIN;
        config.snapshot_entries = snapshot_entries;
        // A start on a wrong clock is a fault that the ledger has to bear.
        config.accept_clock = true;
        Self {
            machine: machine.clone(),
            config,
            genesis,
            running: None,
            signed: signed.clone(),
            rotten: false,
            rot: None,
            starts: 0,
            failed_starts: 0,
        }
    }

    /// Its configuration, for those who look at its disk.
    pub const fn config(&self) -> &EngineConfig {
        &self.config
    }

    /// What it was made from.
    pub const fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The engine and its stages, if it works.
    pub fn parts(&mut self) -> Option<(&Engine, &mut Stages, &mut Server)> {
        self.running
            .as_mut()
            .map(|running| (&running.engine, &mut running.stages, &mut running.server))
    }

    /// The engine, if the node works.
    pub fn engine(&self) -> Option<&Engine> {
        self.running.as_ref().map(|running| &running.engine)
    }

    /// Starts it; what hinders it must have a cause.
    pub fn start(&mut self, auditor: &mut Auditor) -> Result<(), Wrong> {
        let key = node_key().ok_or_else(|| Wrong::Unexpected("no node key".into()))?;
        match Engine::assemble(&self.config, &self.genesis, key) {
            Ok((engine, stages)) => {
                if let Some(rot) = &self.rot {
                    return Err(Wrong::Unexpected(format!(
                        "the node started though a bit of log entry {} is wrong on its disk",
                        rot.entry
                    )));
                }
                self.starts += 1;
                self.machine.take_struck();
                self.rotten = false;
                self.running = Some(Running {
                    engine,
                    stages,
                    server: Server::default(),
                });
                self.nothing_is_lost(auditor)
            }
            Err(error) => self.explain(error),
        }
    }

    /// A start or a stage failed: why?
    fn explain(&mut self, error: EngineError) -> Result<(), Wrong> {
        self.failed_starts += u64::from(self.running.is_none());
        self.running = None;
        let struck = self.machine.take_struck();
        if self.machine.is_off() {
            self.machine.lose_power();
            return Ok(());
        }
        if struck || std::mem::take(&mut self.rotten) {
            return Ok(());
        }
        if let Some(rot) = self.rot.take() {
            self.machine.flip(&rot.path, rot.at, rot.bit);
            return match error {
                EngineError::Journal(JournalError::Damaged(damage)) if damage.index == rot.entry => Ok(()),
                error => Err(Wrong::Unexpected(format!(
                    "a bit of log entry {} was wrong, and the node says: {error}",
                    rot.entry
                ))),
            };
        }
        Err(Wrong::Unexpected(format!(
            "nothing explains that the node fails: {error}"
        )))
    }

    /// What was seen before must be there.
    fn nothing_is_lost(&self, auditor: &mut Auditor) -> Result<(), Wrong> {
        let Some(engine) = self.engine() else {
            return Ok(());
        };
        let (seen, durable) = (auditor.index(), engine.health().durable);
        if durable < seen {
            return Err(Wrong::Unexpected(format!(
                "log entry {seen} was published, but after the start the log ends at {durable}"
            )));
        }
        if seen != 0 {
            let read = self.machine.calmly(|| engine.archive().entry(seen));
            let (header, _) = read.map_err(|e| Wrong::Unexpected(format!("log entry {seen}: {e}")))?;
            if header.hash() != auditor.hash() {
                return Err(Wrong::Unexpected(format!(
                    "log entry {seen} is another after the start"
                )));
            }
        }
        self.show(auditor)
    }

    /// Gives the auditor every entry that was published.
    pub fn show(&self, auditor: &mut Auditor) -> Result<(), Wrong> {
        let Some(engine) = self.engine() else {
            return Ok(());
        };
        while auditor.index() < engine.health().published {
            let index = auditor.index() + 1;
            let read = self.machine.calmly(|| engine.archive().entry(index));
            let (header, payload) = read.map_err(|e| Wrong::Unexpected(format!("log entry {index}: {e}")))?;
            let is_batch = matches!(header.kind(), Ok(EntryKind::Batch | EntryKind::Control));
            if is_batch && !self.signed.holds(&header.payload_digest) {
                return Err(Wrong::Unexpected(format!(
                    "log entry {index} holds a batch that nobody signed"
                )));
            }
            auditor.entry(&header, &payload)?;
        }
        Ok(())
    }

    /// Lets a stage take a turn.
    pub fn turn(
        &mut self,
        stage: Stage,
        network: &mut Network,
        auditor: &mut Auditor,
    ) -> Result<bool, Wrong> {
        let Some(running) = &mut self.running else {
            return Ok(false);
        };
        match running.stages.turn(stage) {
            Ok(worked) => {
                // Shown before anything of it is heard: answers lie in their slots, pages with their readers.
                self.show(auditor)?;
                if let Some(running) = &mut self.running {
                    running.server.pump_all(&running.engine, network);
                }
                Ok(worked)
            }
            Err(error) => {
                network.lose_node(&self.machine);
                self.explain(error).map(|()| true)
            }
        }
    }

    /// Hands out a page of a feed; a log that cannot be read ends the stream and nothing else.
    pub fn feed(&mut self, network: &mut Network, pick: u32) -> Result<bool, Wrong> {
        let Some(running) = &mut self.running else {
            return Ok(false);
        };
        let feeds = running.server.feeds();
        let Some(id) = feeds.get(pick as usize % feeds.len().max(1)).copied() else {
            return Ok(false);
        };
        match running.server.feed(&running.engine, network, id) {
            Ok(paged) => Ok(paged),
            Err(error) => {
                network.end(id);
                self.excuse(error)
            }
        }
    }

    /// A question failed: a fault must explain it.
    fn excuse(&mut self, error: EngineError) -> Result<bool, Wrong> {
        if self.machine.take_struck() || self.rotten {
            return Ok(true);
        }
        Err(Wrong::Unexpected(format!(
            "nothing explains that a question fails: {error}"
        )))
    }

    /// The receipt of an instruction, as the bridge cuts it; `None` while there is none.
    pub fn receipt(&mut self, key: causeway_message::wire::InstructionKey) -> Result<Option<Vec<u8>>, Wrong> {
        let Some(running) = &self.running else {
            return Ok(None);
        };
        let (Some(known), Some(head)) = (
            running.stages.ledger().remembered(key.submitter, key.id),
            running.engine.tree_head(),
        ) else {
            return Ok(None);
        };
        if head.index < known.cause {
            return Ok(None);
        }
        match cut(running.engine.archive(), &known, key.submitter, &head) {
            Ok(receipt) => Ok(Some(receipt.write())),
            Err(Uncut::Refused(_)) => Ok(None),
            Err(Uncut::Failed(error)) => self.excuse(error).map(|_| None),
        }
    }

    /// The process ends between two turns; with the power, or alone.
    pub fn stop(&mut self, network: &mut Network, power: bool) {
        self.running = None;
        network.lose_node(&self.machine);
        if power {
            self.machine.count(FaultKind::PowerCut);
            self.machine.lose_power();
        } else {
            self.machine.count(FaultKind::Killed);
        }
    }

    /// A bit of a sealed entry changes while the node is down.
    pub fn rot_journal(&mut self) {
        if self.running.is_some() || self.rot.is_some() {
            return;
        }
        let Some((path, at, entry)) = self.machine.calmly(|| super::rot::sealed_place(self)) else {
            return;
        };
        let bit = self.machine.below(8) as u8;
        if self.machine.flip(&path, at, bit) {
            self.machine.count(FaultKind::BitRot);
            self.rot = Some(Rot { path, at, bit, entry });
        }
    }

    /// A bit of something that can be derived again changes. A node that works may fail by it, and then starts again;
    /// it may not say anything wrong.
    pub fn rot_derived(&mut self) {
        let derived = self.machine.files().into_iter().filter(|(path, bytes)| {
            *bytes > 0
                && ["derived", "snapshots"]
                    .iter()
                    .any(|part| path.starts_with(format!("{DIR}/{part}")))
        });
        let files: Vec<(PathBuf, u64)> = derived.collect();
        let Some((path, bytes)) = files.get(self.machine.below(files.len() as u32) as usize) else {
            return;
        };
        let at = self.machine.below(u32::try_from(*bytes).unwrap_or(u32::MAX));
        if self
            .machine
            .flip(path, u64::from(at), self.machine.below(8) as u8)
        {
            self.machine.count(FaultKind::BitRot);
            self.rotten = self.running.is_some();
        }
    }

    /// True if a derived file has changed since it was started.
    pub const fn is_rotten(&self) -> bool {
        self.rotten
    }

    /// The machine it runs on.
    pub const fn machine(&self) -> &Machine {
        &self.machine
    }
}
