//! A real node with all its threads, and the auditor that sees all that leaves it.
use std::collections::BTreeMap;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use causeway_engine::publish::cold;
use causeway_engine::publish::receipt::{Uncut, cut};
use causeway_engine::{Engine, EngineConfig, Reply, ReplyTo, Submission, clock};
use causeway_loadtest::audit::{Auditor, Fault, FeedReader};
use causeway_message::frame::{Template, expect};
use causeway_message::genesis::Genesis;
use causeway_message::time::Timestamp;
use causeway_message::verify::VerifiedBatch;
use causeway_message::wire::{AnswersMessage, FeedPage, InstructionKey};
use causeway_message::{LedgerId, ParticipantId, SessionId};
use tempfile::TempDir;

use super::log::Log;
use super::world::node_key;

const PATIENCE: Duration = Duration::from_secs(20);

pub struct Node {
    genesis: Genesis,
    config: EngineConfig,
    _dir: TempDir,
    engine: Option<Engine>,
    pub auditor: Auditor,
    readers: BTreeMap<ParticipantId, FeedReader>,
    pub answered: u64,
    pub refused: u64,
}

impl Node {
    pub fn new(genesis: Genesis) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut config = EngineConfig::new(dir.path(), "node-1.test");
        config.segment_bytes = 8 * 1_048_576;
        let mut auditor = Auditor::new(&genesis);
        auditor.expect_session_order();
        let mut node = Self {
            genesis,
            config,
            _dir: dir,
            engine: None,
            auditor,
            readers: BTreeMap::new(),
            answered: 0,
            refused: 0,
        };
        node.restart();
        node
    }

    /// Stops the node, if it runs, and starts it again.
    pub fn restart(&mut self) {
        if let Some(engine) = self.engine.take() {
            assert_eq!(engine.stop(), None);
        }
        self.engine = Some(Engine::start(&self.config, &self.genesis, node_key()).expect("the node starts"));
    }

    pub fn engine(&self) -> &Engine {
        self.engine.as_ref().expect("the node runs")
    }

    /// Waits until everything durable is published, and shows the auditor the log.
    pub fn rest(&mut self) -> Result<(), Fault> {
        let started = Instant::now();
        while self.engine().health().published != self.engine().health().durable {
            assert!(started.elapsed() < PATIENCE, "it is published in the end");
            std::thread::sleep(Duration::from_millis(1));
        }
        self.show()
    }

    fn show(&mut self) -> Result<(), Fault> {
        let published = self.engine().health().published;
        while self.auditor.index() < published {
            let next = self.auditor.index() + 1;
            let (header, payload) = self.engine().archive().entry(next).expect("a published entry");
            self.auditor.entry(&header, &payload)?;
        }
        Ok(())
    }

    /// Reads every feed to its end, and asks for every balance and session.
    pub fn look(&mut self) -> Result<(), Fault> {
        self.rest()?;
        for who in (0..self.auditor.participants() as u32).map(ParticipantId) {
            self.read(who)?;
            let told = self.engine().asker().balances(who, 0).expect("balances");
            // The node may have gone on by itself.
            self.show_up_to(told.index)?;
            self.auditor.balances(who, 0, &told)?;
        }
        let sessions: Vec<_> = self.auditor.sessions().map(|(session, _)| session).collect();
        for (who, session) in sessions {
            let told = self.engine().last_number(who, session);
            self.auditor.session(who, session, told, self.auditor.index())?;
        }
        Ok(())
    }

    fn show_up_to(&mut self, index: u64) -> Result<(), Fault> {
        let started = Instant::now();
        while self.auditor.index() < index {
            assert!(
                started.elapsed() < PATIENCE,
                "log entry {index} is published in the end"
            );
            self.show()?;
        }
        Ok(())
    }

    fn read(&mut self, who: ParticipantId) -> Result<(), Fault> {
        let end = self.auditor.next_event(who);
        let mut reader = self
            .readers
            .remove(&who)
            .unwrap_or_else(|| FeedReader::new(who, 1));
        while reader.next() < end {
            let head = self.engine().tree_head().expect("a tree head");
            let page =
                cold::page(self.engine().archive(), who, reader.next(), &head).expect("a readable log");
            let Some(page) = page else { continue };
            let page =
                FeedPage::read(expect(&page.bytes, Template::FeedPage).expect("a page")).expect("its form");
            reader.take(&page)?;
            self.auditor.page(who, &page)?;
        }
        self.readers.insert(who, reader);
        Ok(())
    }

    /// The receipt of an instruction for whoever asks; `None` if none is cut.
    pub fn receipt(&self, key: InstructionKey, asker: ParticipantId) -> Option<Vec<u8>> {
        let known = self.engine().asker().remembered(key).expect("an answer")?;
        let head = self.engine().tree_head().expect("a tree head");
        match cut(self.engine().archive(), &known, asker, &head) {
            Ok(receipt) => Some(receipt.write()),
            Err(Uncut::Refused(_)) => None,
            Err(Uncut::Failed(error)) => panic!("{error}"),
        }
    }
}

impl Log for Node {
    fn ledger(&self) -> LedgerId {
        self.genesis.ledger_id()
    }

    fn last(&self, who: ParticipantId, session: SessionId) -> u64 {
        self.engine().last_number(who, session)
    }

    fn now(&self) -> Timestamp {
        clock::now()
    }

    fn wait(&mut self, _: u64) {}

    fn tick(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    fn roots(&mut self) -> Result<(), Fault> {
        Ok(())
    }

    fn batch(&mut self, batch: &VerifiedBatch) -> Result<(), Fault> {
        let again =
            VerifiedBatch::from_journal(batch.frame().to_vec(), batch.input_digest()).expect("a batch");
        let (sender, replies) = mpsc::channel();
        let reply = ReplyTo::new(move |reply| _ = sender.send(reply));
        let batch = Arc::new(again);
        let submission = Submission {
            batch: batch.clone(),
            reply,
        };
        self.engine().submit(submission).expect("the ring has room");
        match replies.recv_timeout(PATIENCE).expect("a reply") {
            Reply::Answers(bytes) => {
                let reader = expect(&bytes, Template::Answers).expect("answers");
                let message = AnswersMessage::read(reader).expect("their form");
                // An answer covers what its checkpoint covers.
                self.rest()?;
                self.auditor.answers(batch.participant(), &message)?;
                self.answered += 1;
            }
            Reply::Refused(_) => self.refused += 1,
        }
        Ok(())
    }
}
