//! One episode: a ledger from its genesis on, everything that happens to it in one order, and at its end the question
//! whether anything was lost, doubled or contradicted.
use causeway_engine::stages::Stage;
use causeway_message::KeyId;

use super::cast::{FIRST_BANK, genesis};
use super::choices::{Choices, Record};
use super::client::{Client, Content, Signed, Wrong};
use super::machine::{Counts, FaultKind, Machine};
use super::network::Network;
use super::node::Node;
use super::plans;
use super::traffic::Traffic;
use super::trouble::FAULTS;
use crate::audit::Auditor;

/// Nanoseconds.
pub(super) const SECOND: u64 = 1_000_000_000;

/// Kinds of events, with how often they are drawn.
const EVENTS: &[(Event, u32)] = &[
    (Event::Submit, 16),
    (Event::Staff, 3),
    (Event::Up, 22),
    (Event::Down, 18),
    (Event::Turn(Stage::Log), 14),
    (Event::Turn(Stage::Apply), 9),
    (Event::Turn(Stage::Publish), 9),
    (Event::Turn(Stage::Snapshot), 2),
    (Event::Turn(Stage::Documents), 4),
    (Event::Feed, 8),
    (Event::Time, 5),
    (Event::Question, 3),
    (Event::Connect, 4),
    (Event::Mischief, 2),
    (Event::Fault, 2),
];

/// How often a plan of netting is drawn beside them, under version 3 of the rules.
const PLANS: u32 = 5;

/// What may happen in one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    /// A bank signs and sends a batch.
    Submit,
    /// Staff propose or approve.
    Staff,
    /// A message reaches the node.
    Up,
    /// A message reaches a bank.
    Down,
    /// A stage of the node takes a turn.
    Turn(Stage),
    /// A page of a feed goes out.
    Feed,
    /// Time passes.
    Time,
    /// Somebody asks the node something.
    Question,
    /// A bank makes its streams again.
    Connect,
    /// A bank sends what it should not, or stops.
    Mischief,
    /// Something goes wrong, or comes right.
    Fault,
    /// Somebody proposes what is to settle together.
    Plan,
}

/// What an episode came to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tally {
    /// Differs if any log differs: a fold of the last header hash of each episode.
    pub fingerprint: u64,
    /// Steps taken.
    pub steps: u64,
    /// Log entries audited.
    pub entries: u64,
    /// Batches answered and held to the log.
    pub answers: u64,
    /// Pages of feeds held to the log.
    pub pages: u64,
    /// Receipts checked.
    pub receipts: u64,
    /// Lines of statements and reports that made up a balance.
    pub lines: u64,
    /// Statements of days that ended.
    pub statements: u64,
    /// Plans of netting proposed.
    pub plans: u64,
    /// Instructions that settled by them.
    pub planned: u64,
    /// Starts of the node.
    pub starts: u64,
    /// Starts that a fault prevented.
    pub failed_starts: u64,
    /// Faults by kind.
    pub faults: Counts,
}

impl Tally {
    /// Adds another's.
    pub fn add(&mut self, other: &Self) {
        self.fingerprint = self.fingerprint.rotate_left(7) ^ other.fingerprint;
        self.steps += other.steps;
        self.entries += other.entries;
        self.answers += other.answers;
        self.pages += other.pages;
        self.receipts += other.receipts;
        self.lines += other.lines;
        self.statements += other.statements;
        self.plans += other.plans;
        self.planned += other.planned;
        self.starts += other.starts;
        self.failed_starts += other.failed_starts;
        for (kind, count) in &other.faults {
            *self.faults.entry(*kind).or_default() += count;
        }
    }
}

/// An episode under way.
pub struct Episode {
    pub(super) machine: Machine,
    pub(super) node: Node,
    pub(super) network: Network,
    pub(super) clients: Vec<Client>,
    pub(super) auditor: Auditor,
    traffic: Traffic,
    /// True under version 3 of the rules: less time passes and more gets done in it, for locks and quotes to get there
    /// before they end, and staff that stopped go on.
    pub(super) third: bool,
    /// Faults that happen in this episode.
    pub(super) enabled: u32,
    /// How far the wall clock was moved and when it is put right, in steps.
    pub(super) clock_off: Option<u32>,
    pub(super) tally: Tally,
}

impl Episode {
    /// Sets one up: the first decisions say among whom and under which faults.
    ///
    /// # Errors
    /// If the node does not start.
    pub fn begin(choices: Choices) -> Result<Self, Wrong> {
        let machine = Machine::new(choices);
        let banks = 2 + machine.below(4);
        let currencies = 1 + machine.below(4);
        let genesis = genesis(&machine, banks, currencies as usize);
        let (rules, currencies) = (genesis.rules, genesis.currencies.len() as u32);
        let snapshots = [0, 7, 30, 120][machine.below(4) as usize];
        let lanes = 1 + machine.below(2) as usize;
        let rings = rules > 2 && machine.one_in(2);
        let ledger = genesis.ledger_id();
        let signed = Signed::default();
        let mut clients: Vec<Client> = Traffic::STAFF
            .iter()
            .map(|who| Client::new(*who, ledger, 2, &signed))
            .collect();
        for bank in 0..banks {
            let who = causeway_message::ParticipantId(FIRST_BANK + bank);
            clients.push(Client::new(who, ledger, lanes, &signed));
        }
        let mut auditor = Auditor::new(&genesis);
        auditor.expect_session_order();
        // The node's log is held to what was signed instead.
        auditor.trust_signatures();
        let enabled = machine.below(1 << FAULTS.len()) | machine.below(1 << FAULTS.len());
        let mut episode = Self {
            node: Node::new(&machine, genesis, snapshots, &signed),
            machine,
            network: Network::default(),
            clients,
            auditor,
            traffic: Traffic::new(ledger, rules, banks, currencies, rings),
            third: rules > 2,
            enabled,
            clock_off: None,
            tally: Tally::default(),
        };
        episode.node.start(&mut episode.auditor)?;
        Ok(episode)
    }

    /// Decisions so far.
    pub fn record(&self) -> Record {
        self.machine.record()
    }

    /// What it came to so far.
    pub fn tally(&self) -> Tally {
        let mut tally = self.tally.clone();
        tally.fingerprint = u64::from_le_bytes(*self.auditor.hash().first_chunk().unwrap_or(&[0; 8]));
        tally.entries = self.auditor.index();
        tally.answers = self.clients.iter().map(|client| client.answers).sum();
        tally.pages = self.clients.iter().map(|client| client.pages).sum();
        tally.starts = self.node.starts;
        tally.failed_starts = self.node.failed_starts;
        tally.faults = self.machine.counts();
        tally
    }

    /// Takes one step.
    ///
    /// # Errors
    /// What nothing explains.
    pub fn step(&mut self) -> Result<(), Wrong> {
        self.machine.begin_step();
        self.tally.steps += 1;
        self.machine.pass(1_000_000);
        self.put_clock_right();
        let event = self.draw();
        let times = if self.third { 3 } else { 1 };
        match event {
            Event::Submit => self.submit(),
            Event::Staff => self.staff(),
            Event::Up => (0..times).try_for_each(|_| self.up()),
            Event::Down => (0..times).try_for_each(|_| self.down()),
            Event::Turn(stage) => (0..times).try_for_each(|_| self.turn(stage).map(drop)),
            Event::Feed => {
                let pick = self.machine.below(64);
                self.node.feed(&mut self.network, pick).map(drop)
            }
            Event::Time => {
                let most = if self.third { 8 } else { 40 };
                let seconds = [0, 0, 1, 5, most][self.machine.below(5) as usize];
                self.machine.pass(SECOND / 10 + seconds * SECOND);
                Ok(())
            }
            Event::Question => self.question(),
            Event::Connect => {
                let at = self.machine.below(self.clients.len() as u32) as usize;
                if self.clients[at].stopped == 0 {
                    self.clients[at].connect(&mut self.network);
                }
                Ok(())
            }
            Event::Mischief => {
                self.mischief();
                Ok(())
            }
            Event::Fault => self.fault(),
            Event::Plan => {
                self.plan();
                Ok(())
            }
        }
    }

    fn draw(&self) -> Event {
        let all: u32 = EVENTS.iter().map(|(_, weight)| weight).sum();
        let plans = if self.third { PLANS } else { 0 };
        let mut at = self.machine.below(all + plans);
        for (event, weight) in EVENTS {
            if at < *weight {
                return *event;
            }
            at -= weight;
        }
        Event::Plan
    }

    fn plan(&mut self) {
        let Some((engine, stages, _)) = self.node.parts() else {
            return;
        };
        if let Some(plan) = plans::plan(&self.machine, stages.ledger()) {
            // One that finds no room is lost, as it may be.
            self.tally.plans += u64::from(engine.propose(&plan));
        }
    }

    fn turn(&mut self, stage: Stage) -> Result<bool, Wrong> {
        let settled = |node: &Node| node.engine().map_or(0, |engine| engine.netting().tally().settled);
        let before = settled(&self.node);
        let worked = self.node.turn(stage, &mut self.network, &mut self.auditor);
        // A node that stopped counts anew.
        self.tally.planned += settled(&self.node).saturating_sub(before);
        worked
    }

    fn submit(&mut self) -> Result<(), Wrong> {
        let banks = self.clients.len() - Traffic::STAFF.len();
        let at = Traffic::STAFF.len() + self.machine.below(banks as u32) as usize;
        let lane = self.machine.below(self.clients[at].lanes() as u32) as usize;
        let client = &mut self.clients[at];
        if client.stopped > 0 {
            client.stopped -= 1;
            return Ok(());
        }
        if !client.has_room(lane) {
            return Ok(());
        }
        let locks = self.auditor.locks();
        let (orders, documents) = self
            .traffic
            .payments(&self.machine, client.who, &client.known, &locks);
        let key = self.traffic.key(&self.machine, client.who);
        let content = Content::Payments(orders, documents);
        Ok(client.submit(&self.machine, &mut self.network, lane, key, content)?)
    }

    fn staff(&mut self) -> Result<(), Wrong> {
        let at = usize::from(self.machine.below(3) != 0);
        let lane = self.machine.below(2) as usize;
        let client = &mut self.clients[at];
        if self.third && client.stopped > 0 {
            // Staff send seldom: they go on after fewer turns.
            client.stopped = client.stopped.saturating_sub(10);
            return Ok(());
        }
        if client.has_room(lane) {
            let records = self.traffic.staff(&self.machine, client.who, lane);
            let key = KeyId(1 + lane as u32);
            client.submit(
                &self.machine,
                &mut self.network,
                lane,
                key,
                Content::Control(records),
            )?;
        }
        Ok(())
    }

    fn up(&mut self) -> Result<(), Wrong> {
        let Some((engine, _, server)) = self.node.parts() else {
            return Ok(());
        };
        let mut waiting = self.network.up();
        waiting.retain(|id| server.reads(*id));
        if let Some(id) = waiting.get(self.machine.below(waiting.len() as u32) as usize) {
            server.take(engine, &mut self.network, *id);
        }
        Ok(())
    }

    fn down(&mut self) -> Result<(), Wrong> {
        let waiting = self.network.down();
        let Some(id) = waiting.get(self.machine.below(waiting.len() as u32) as usize) else {
            return Ok(());
        };
        let Some(stream) = self.network.get_mut(*id) else {
            return Ok(());
        };
        let who = stream.who;
        let Some(client) = self.clients.iter_mut().find(|client| client.who == who) else {
            return Ok(());
        };
        // One that has stopped does not read either.
        if client.stopped > 0 {
            return Ok(());
        }
        let Some(message) = stream.down.pop_front() else {
            return Ok(());
        };
        client.take(&self.machine, &mut self.network, &mut self.auditor, *id, &message)
    }

    /// What an enemy or a careless bank does; nothing of it may be seen in the log but what was signed.
    fn mischief(&mut self) {
        let at = self.machine.below(self.clients.len() as u32) as usize;
        let lane = self.machine.below(self.clients[at].lanes() as u32) as usize;
        let (who, machine) = (self.clients[at].who, self.machine.clone());
        match self.machine.below(5) {
            0 => {
                if self.clients[at].send_again(&machine, &mut self.network, lane) {
                    machine.count(FaultKind::Replayed);
                }
            }
            1 | 2 => {
                let Some(mut frame) = self.clients[at].some_frame(lane) else {
                    return;
                };
                let open = causeway_message::wire::write_number(
                    causeway_message::frame::Template::OpenSession,
                    self.claimed_session(&frame),
                );
                let place = machine.below(frame.len() as u32) as usize;
                frame[place] ^= 1 << machine.below(8);
                let id = self.network.open(who, open);
                self.network.say(id, frame);
                machine.count(FaultKind::Forged);
            }
            3 => {
                self.clients[at].stopped = machine.below(40);
                machine.count(FaultKind::BankStopped);
            }
            _ => {
                let streams = self.clients[at].streams();
                if let Some(id) = streams.get(machine.below(streams.len() as u32) as usize) {
                    self.network.cut(&machine, *id);
                }
            }
        }
    }

    fn claimed_session(&self, frame: &[u8]) -> u64 {
        causeway_message::verify::Claim::read(frame).map_or(1, |claim| claim.session.0)
    }
}
