//! What every test needs: a node with its server, and banks.
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use causeway_message::batch::{BatchHead, build};
use causeway_message::keys::SigningKey;
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, KeyId, LedgerId, ParticipantId, SessionId, Uetr};
use causeway_transport::server::Bounds;
use causeway_transport::service::Query;
use causeway_transport::tls::Identity;
use causeway_transport::{Client, ClientConfig, ClientError, Server, ServerConfig};

use crate::node::FakeNode;
use crate::pki::{Authority, NODE_NAME};

pub const LEDGER: LedgerId = LedgerId([7; 32]);
pub const LOG_NAME: &str = "node-1.example";
pub const ALFA: ParticipantId = ParticipantId(2);
pub const BETA: ParticipantId = ParticipantId(3);
pub const LANE: SessionId = SessionId(9);
pub const KEY: KeyId = KeyId(1);
/// Longer than anything here takes, unless it never comes.
pub const PATIENCE: Duration = Duration::from_secs(15);

pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32]).expect("a seed is a key")
}

pub fn seed_of(participant: ParticipantId) -> u8 {
    participant.0 as u8 + 100
}

pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    Timestamp::from_unix_nanos(since.as_nanos())
}

/// A payment with an id of its own.
pub fn payment(debtor: ParticipantId, creditor: ParticipantId, amount: u64) -> Instruction {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let mut id = [0xa5; 16];
    id[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_le_bytes());
    Instruction::payment(InstructionId(id), Uetr(id), debtor, creditor, 978, amount)
}

/// Payments from ALFA to BETA.
pub fn payments(count: usize) -> Vec<Instruction> {
    (0..count).map(|i| payment(ALFA, BETA, i as u64 + 1)).collect()
}

/// What ALFA would sign as this batch.
pub fn head(session: SessionId, number: u64) -> BatchHead {
    BatchHead {
        ledger: LEDGER,
        participant: ALFA,
        key: KEY,
        session,
        number,
        not_after: now().seconds() as u32 + 600,
    }
}

/// A batch signed by the participant it names.
pub fn signed(head: &BatchHead, records: &[Instruction]) -> Vec<u8> {
    build(head, records, &[], &key(seed_of(head.participant))).expect("a good batch")
}

/// One payment of ALFA on its usual session.
pub fn batch(number: u64) -> Vec<u8> {
    signed(&head(LANE, number), &payments(1))
}

pub struct World {
    pub authority: Authority,
    pub node: FakeNode,
    pub address: SocketAddr,
    config: ServerConfig,
    server: Option<Server>,
}

impl World {
    pub fn new() -> Self {
        Self::bounded(1_000, 1_000)
    }

    pub fn bounded(connections_max: usize, sessions_max: usize) -> Self {
        Self::with(connections_max, sessions_max, Bounds::default())
    }

    /// With other bounds for one participant.
    pub fn within(bounds: Bounds) -> Self {
        Self::with(1_000, 1_000, bounds)
    }

    pub fn with(connections_max: usize, sessions_max: usize, bounds: Bounds) -> Self {
        let authority = Authority::new();
        let node = FakeNode::new(LEDGER);
        let mut config = ServerConfig {
            listen: "127.0.0.1:0".parse().expect("an address"),
            identity: authority.node(),
            threads: 1,
            connections_max,
            sessions_max,
            bounds,
        };
        let server = Server::start(&config, Arc::new(node.clone())).expect("the server starts");
        config.listen = server.address();
        Self {
            authority,
            node,
            address: server.address(),
            config,
            server: Some(server),
        }
    }

    /// The server is gone; the node's state stays.
    pub async fn stop(&mut self) {
        let server = self.server.take();
        tokio::task::spawn_blocking(move || drop(server))
            .await
            .expect("the server stops");
    }

    /// The server is there again, on the same port.
    pub fn start(&mut self) {
        let node = Arc::new(self.node.clone());
        self.server = Some(Server::start(&self.config, node).expect("the server starts again"));
    }

    /// The machine fails and comes back: connections, unsequenced batches and unsent answers are gone.
    pub async fn crash(&mut self) {
        self.stop().await;
        self.node.crash();
        self.start();
    }

    pub fn identity(&self, participant: ParticipantId) -> Identity {
        self.authority.participant(participant)
    }

    pub fn config(&self, participant: ParticipantId) -> ClientConfig {
        ClientConfig {
            addresses: vec![self.address],
            server_name: NODE_NAME.to_owned(),
            identity: self.identity(participant),
            ledger: LEDGER,
            log_key: self.node.lock().log.log_key(),
            participant,
            key: KEY,
            signing_key: Arc::new(key(seed_of(participant))),
            checkpoint: None,
            acceptance_seconds: 600,
            notes: Arc::default(),
        }
    }

    pub async fn client(&self, participant: ParticipantId) -> Client {
        let connected = Client::connect(self.config(participant)).await;
        connected.expect("the client connects")
    }
}

/// Waits for what must come.
pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what)
        .await
        .expect("it comes in time")
}

/// Waits until something is so.
pub async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "never: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// The error is that the node's word is not proven, or does not even hang together.
pub fn unproven(error: &ClientError) -> bool {
    matches!(
        error,
        ClientError::Unproven(_)
            | ClientError::Checkpoint(_)
            | ClientError::Receipt(_)
            | ClientError::Format(_)
    )
}

impl Drop for World {
    fn drop(&mut self) {
        // The last good-byes need not be waited for.
        let server = self.server.take();
        std::thread::spawn(move || drop(server));
    }
}

/// ALFA's client, whose questions of the kind that `means` picks are answered with these parts, and how many it asked.
pub async fn answered_with<Q>(
    means: impl Fn(Query) -> Option<Q> + Send + 'static,
    part: impl Fn(Q) -> Vec<u8> + Send + 'static,
) -> (World, Client, Arc<AtomicU64>) {
    let world = World::new();
    let asked = Arc::new(AtomicU64::new(0));
    let counted = asked.clone();
    world.node.trick(|tricks| {
        tricks.query = Some(Box::new(move |query, message, _| {
            if let Some(query) = means(query) {
                counted.fetch_add(1, Ordering::Relaxed);
                *message = part(query);
            }
        }));
    });
    let client = world.client(ALFA).await;
    (world, client, asked)
}
