//! One bank of the demo: its client, its desks that pay, its feed, its books.
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use causeway_message::answer::Answer;
use causeway_message::event::Role;
use causeway_message::keys::random_bytes;
use causeway_message::receipt::{Receipt, ReceiptFacts};
use causeway_message::record::{Instruction, Kind};
use causeway_message::wire::{Explanation, InstructionKey};
use causeway_message::{InstructionId, ParticipantId, SessionId, Status};
use causeway_transport::client::Session;
use causeway_transport::{Client, ClientError};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;

use super::books::{Books, Counters};
use super::desk::{self, Pace, Shared};
use super::exchanges::Told;
use super::proofs::{self, Proofs};
use super::report::Report;
use super::trades::Trades;
use super::traffic::{Dice, Traffic};
use super::world::World;
use crate::Failure;
use crate::client::words::Names;
use crate::init::MadeBank;

/// Session of payments that are sent one by one.
const SINGLY: SessionId = SessionId(1);
/// Session of payments that are sent in batches.
const IN_BATCHES: SessionId = SessionId(2);

/// One bank.
#[derive(Debug)]
pub struct Bank {
    name: String,
    id: ParticipantId,
    client: Client,
    singly: Session,
    in_batches: Session,
    traffic: Traffic,
    shared: Arc<Shared>,
    desks: JoinSet<Result<(), ClientError>>,
    feed: JoinHandle<ClientError>,
    proofs: JoinHandle<Proofs>,
}

impl Bank {
    /// Connects, and follows the feed from its beginning.
    pub async fn open(
        world: &World,
        home: &MadeBank,
        counters: Arc<Counters>,
        stop: Arc<AtomicBool>,
    ) -> Result<Self, Failure> {
        let client = Client::connect(world.client(home, 1)?).await?;
        let (asks, proofs) = proofs::start(client.clone());
        let shared = Arc::new(Shared::new(home.id, Books::new(home.id, counters)?, asks, stop));
        let (mut stream, follower) = (client.feed(1), shared.clone());
        let feed = tokio::spawn(async move {
            loop {
                match stream.next().await {
                    Ok(entry) => follower.follow(&entry),
                    Err(error) => return error,
                }
            }
        });
        let seed = random_bytes().map_err(|error| Failure::Io(error.to_string()))?;
        Ok(Self {
            name: home.name.clone(),
            id: home.id,
            singly: client.session(SINGLY).await?,
            in_batches: client.session(IN_BATCHES).await?,
            client,
            traffic: Traffic::new(world, home.id, u64::from_le_bytes(seed)),
            shared,
            desks: JoinSet::new(),
            feed,
            proofs,
        })
    }

    /// Its id.
    pub const fn id(&self) -> ParticipantId {
        self.id
    }

    /// A payment to a bank, in the n-th currency, of so many hundredths of a middling payment.
    pub fn payment(&mut self, creditor: ParticipantId, currency: usize, hundredths: u64) -> Instruction {
        self.traffic.payment(creditor, currency, hundredths)
    }

    /// Pays once.
    pub async fn pay(&self, record: Instruction) -> Result<Answer, Failure> {
        let since = Instant::now();
        let answer = self.singly.pay(record).await?;
        self.shared.enter(&[record], &[answer], since);
        Ok(answer)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its side of a trade: what it pays and gets, each an ISO numeric code and minor units, and the value date.
    pub fn trade(
        &mut self,
        other: ParticipantId,
        pays: (u16, u64),
        gets: (u16, u64),
        date: u16,
    ) -> Instruction {
        let dice = self.traffic.dice();
        Instruction::pvp(dice.id(), dice.uetr(), (self.id, other), pays, gets, date)
    }

    /// Sends its side of a trade. What settles is entered into the books by the feed alone.
    pub async fn pay_trade(&self, record: Instruction) -> Result<Answer, Failure> {
        Ok(self.singly.pay(record).await?)
    }

    /// Looks at what its feed has told of trades.
    pub fn trades<T>(&self, look: impl FnOnce(&Trades) -> Option<T>) -> Option<T> {
        look(&self.shared.books().trades)
    }

    /// An instruction of a kind about two currencies: what is paid in or priced, and what arrives or is the price, each an ISO
    /// numeric code and minor units.
    pub fn exchange(
        &mut self,
        kind: Kind,
        creditor: ParticipantId,
        pays: (u16, u64),
        gets: (u16, u64),
    ) -> Instruction {
        Instruction {
            kind: kind as u8,
            ..self.trade(creditor, pays, gets, 0)
        }
    }

    /// Sends an instruction with its extensions. What it moves is entered into the books by the feed alone.
    pub async fn send(&self, record: Instruction, extensions: Vec<u8>) -> Result<Answer, Failure> {
        let pending = self.singly.submit(vec![record], extensions, Vec::new()).await?;
        let answers = pending.outcome().await?.answers;
        let first = answers.first().copied();
        first.ok_or_else(|| Failure::Io(format!("{}: nothing was answered", self.name)))
    }

    /// What its feed has told of an exchange in one role, once that reached a status.
    pub fn exchanged(&self, id: InstructionId, role: Role, status: Status) -> Option<Told> {
        self.shared.books().exchanges.reached(id, role, status).cloned()
    }

    /// Everybody's name.
    pub async fn names(&self) -> Result<Names, Failure> {
        Ok(Names::new(&self.client.directory().await?))
    }

    /// Why an own instruction waits.
    pub async fn explain(&self, id: InstructionId) -> Result<Explanation, Failure> {
        Ok(self.client.explain(self.key(id)).await?)
    }

    /// The receipt of an own instruction, checked against the log's pinned key.
    pub async fn receipt(&self, id: InstructionId) -> Result<(Receipt, ReceiptFacts), Failure> {
        Ok(proofs::receipt(&self.client, self.key(id)).await?)
    }

    /// What the node says that it holds of a currency, in minor units.
    pub async fn balance(&self, currency: u16) -> Result<i128, Failure> {
        let told = self.client.balances(currency).await?;
        Ok(told.lines.first().map_or(0, |line| line.balance))
    }

    const fn key(&self, id: InstructionId) -> InstructionKey {
        InstructionKey {
            submitter: self.id,
            id,
        }
    }

    /// Opens the desks.
    pub fn start(&mut self, pace: Pace) {
        let mut seeds = Dice::new(self.traffic.dice().next());
        for _ in 0..desk::COUNTERS {
            let traffic = self.traffic.begun_at(seeds.next());
            self.desks.spawn(desk::pay_singly(
                self.shared.clone(),
                self.singly.clone(),
                traffic,
                pace,
            ));
        }
        let traffic = self.traffic.begun_at(seeds.next());
        self.desks.spawn(desk::pay_in_batches(
            self.shared.clone(),
            self.in_batches.clone(),
            traffic,
            pace,
        ));
    }

    /// Waits until every desk has its last answer.
    pub async fn finish(&mut self) -> Result<(), Failure> {
        while let Some(ended) = self.desks.join_next().await {
            ended.map_err(|error| Failure::Io(format!("{}: {error}", self.name)))??;
        }
        Ok(())
    }

    /// Where the node's balances differ from the bank's own books, in words.
    pub async fn compare(&self) -> Result<Vec<String>, Failure> {
        let balances = self.client.balances(0).await?;
        Ok(self.shared.books().differences(&self.name, &balances))
    }

    /// Ends everything and adds the bank's figures to the report.
    pub async fn close(self, report: &mut Report) -> Result<(), Failure> {
        let held = self.client.balances(0).await?;
        self.feed.abort();
        // It follows the feed until it is stopped; only then are there no more receipts to ask for.
        if let Ok(error) = self.feed.await {
            report
                .problems
                .push(format!("{}: the feed ended: {error}", self.name));
        }
        let Some(shared) = Arc::into_inner(self.shared) else {
            return Err(Failure::Io(format!("{}: a desk is still open", self.name)));
        };
        report.add(&self.name, shared.into_books(), &held);
        let proofs = self
            .proofs
            .await
            .map_err(|error| Failure::Io(format!("{}: {error}", self.name)))?;
        report.prove(proofs);
        self.client.close();
        Ok(())
    }
}
