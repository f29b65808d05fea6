//! Nodes that lie: the run ends with an error that says what does not hold, and a report of what was measured until then.
use std::path::Path;
use std::sync::Arc;

use causeway_message::answer::Answer;
use causeway_message::digest::Digest;
use causeway_message::document::Document;
use causeway_message::frame::{self, Template};
use causeway_message::keys::PublicKey;
use causeway_message::refusal::Refusal;
use causeway_message::verify::VerifiedBatch;
use causeway_message::wire::{AnswersMessage, FeedPage};
use causeway_message::{KeyId, LedgerId, ParticipantId, SessionId, Status};
use causeway_ops::bridge::Bridge;
use causeway_ops::config::NodeConfig;
use causeway_ops::node::Node as Honest;
use causeway_transport::server::{Bounds, Server, ServerConfig};
use causeway_transport::service::{Feed, FeedNext, Node, Query, ReplyFn, StoredFn, WakeFn};
use causeway_transport::tls::Identity;
use serde_json::Value;

use super::{causeway, causeway_world, small};

/// Batches of each bank, and events of each feed, that are told as they are.
const HONEST: u64 = 5;

/// What is told otherwise than it is.
#[derive(Debug, Clone, Copy)]
enum Lie {
    /// Status of a record.
    Answer,
    /// A hash of the path from the answers to the checkpoint.
    Proof,
    /// The checkpoint itself: its size.
    Checkpoint,
    /// A byte of an event.
    Event,
}

impl Lie {
    fn about_answers(self, message: Vec<u8>) -> Vec<u8> {
        let read = frame::expect(&message, Template::Answers).and_then(AnswersMessage::read);
        let mut told = read.expect("the node's own answers");
        if told.number <= HONEST {
            return message;
        }
        match self {
            Self::Answer => told.answers[0] = Answer::new(Status::QueueFull),
            Self::Proof => told.proof.path.iter_mut().for_each(|hash| *hash = [7; 32]),
            Self::Checkpoint => told.checkpoint = told.checkpoint.replacen('\n', "\n1", 1),
            Self::Event => return message,
        }
        told.write()
    }

    fn about_events(self, page: &[u8]) -> Option<Vec<u8>> {
        let read = frame::expect(page, Template::FeedPage).and_then(FeedPage::read);
        let mut told = read.expect("the node's own page");
        if !matches!(self, Self::Event) || told.first <= HONEST {
            return None;
        }
        let last = told.entries.first_mut()?.events.last_mut()?;
        *last ^= 1;
        Some(told.write())
    }
}

/// An honest node behind a tongue that is not.
#[derive(Debug)]
struct Liar {
    node: Arc<Bridge>,
    lie: Lie,
}

#[derive(Debug)]
struct LyingFeed {
    feed: Arc<dyn Feed>,
    lie: Lie,
}

impl Feed for LyingFeed {
    fn take(&self) -> FeedNext {
        match self.feed.take() {
            FeedNext::Page(page) => match self.lie.about_events(&page) {
                Some(told) => FeedNext::Page(Arc::new(told)),
                None => FeedNext::Page(page),
            },
            other => other,
        }
    }

    fn read_log(&self) -> Result<Option<Arc<Vec<u8>>>, Refusal> {
        let page = self.feed.read_log()?;
        Ok(page.map(|page| match self.lie.about_events(&page) {
            Some(told) => Arc::new(told),
            None => page,
        }))
    }
}

impl Node for Liar {
    fn ledger(&self) -> LedgerId {
        self.node.ledger()
    }

    fn ready(&self) -> Result<(), Refusal> {
        self.node.ready()
    }

    fn verifying_key(&self, participant: ParticipantId, key: KeyId) -> Option<PublicKey> {
        self.node.verifying_key(participant, key)
    }

    fn revoked_key(&self, participant: ParticipantId, key: KeyId) -> Option<PublicKey> {
        self.node.revoked_key(participant, key)
    }

    fn last_number(&self, participant: ParticipantId, session: SessionId) -> u64 {
        self.node.last_number(participant, session)
    }

    fn submit(&self, batch: Arc<VerifiedBatch>, reply: ReplyFn) -> Result<(), (Arc<VerifiedBatch>, ReplyFn)> {
        let lie = self.lie;
        // One that is given back comes again in this shape: to tell the same lie twice changes nothing.
        let told = move |answer: Result<Vec<u8>, Refusal>| {
            reply(answer.map(|message| lie.about_answers(message)));
        };
        self.node.submit(batch, Box::new(told))
    }

    fn store_documents(&self, documents: Vec<(Digest, Document)>, stored: StoredFn) -> bool {
        self.node.store_documents(documents, stored)
    }

    fn holds_document(&self, digest: &Digest) -> bool {
        self.node.holds_document(digest)
    }

    fn subscribe(&self, participant: ParticipantId, from: u64, wake: WakeFn) -> Arc<dyn Feed> {
        let feed = self.node.subscribe(participant, from, wake);
        Arc::new(LyingFeed { feed, lie: self.lie })
    }

    fn query(&self, participant: ParticipantId, query: Query) -> Result<Vec<u8>, Refusal> {
        self.node.query(participant, query)
    }
}

/// A server that lies before an honest node.
fn serve(node: &Honest, config: &NodeConfig, lie: Lie) -> Server {
    let read = |path: &Path| std::fs::read(path).expect("a file of the node");
    let config = ServerConfig {
        listen: ([127, 0, 0, 1], 0).into(),
        identity: Identity {
            ca: read(&config.tls_ca),
            certificate: read(&config.tls_cert),
            key: read(&config.tls_key),
        },
        threads: config.transport_threads,
        connections_max: config.connections_max,
        sessions_max: config.sessions_max,
        bounds: Bounds::default(),
    };
    let node = node.bridge().clone();
    Server::start(&config, Arc::new(Liar { node, lie })).expect("it listens")
}

#[test]
fn a_lie_ends_the_run_and_is_named_and_what_was_measured_is_kept() {
    let lies = [
        (Lie::Answer, "not under their checkpoint"),
        (Lie::Proof, "not under their checkpoint"),
        (Lie::Checkpoint, "checkpoint"),
        (Lie::Event, "feed"),
    ];
    for (lie, words) in lies {
        let there = tempfile::tempdir().expect("a directory");
        let data = causeway_world(there.path());
        let mut config = NodeConfig::load(&data.join("node.toml")).expect("its configuration");
        config.listen = ([127, 0, 0, 1], 0).into();
        let node = Honest::start(&config).expect("it starts");
        let mut server = serve(&node, &config, lie);
        let (address, reports) = (server.address().to_string(), there.path().join("reports"));
        let profiles = data.to_str().expect("a name");
        let more = ["--seconds", "20", "--node", &address, "--profiles", profiles];
        let out = causeway(&small("steady", &more), &reports);
        let complained = String::from_utf8_lossy(&out.stderr);
        assert_eq!(out.status.code(), Some(1), "{lie:?}: {complained}");
        assert!(
            complained.contains(words) && complained.contains("bank "),
            "{lie:?}: {complained}"
        );
        let report: Value = serde_json::from_slice(&out.stdout).expect("a report");
        let partial = report["partial"].as_str().unwrap_or_default();
        assert!(partial.contains(words), "{lie:?}: {partial}");
        assert_eq!(report["reconciled"], false, "{lie:?}");
        assert!(report["settled_in_all"].as_u64() > Some(0), "{lie:?}");
        assert_eq!(
            std::fs::read_dir(&reports).expect("reports").count(),
            2,
            "{lie:?}"
        );
        server.stop();
        node.stop().expect("the node itself is sound");
    }
}
