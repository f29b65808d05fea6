//! A node without threads: its stages take turns when the test says so.
use std::sync::Arc;
use std::sync::mpsc::Receiver;

use causeway_engine::stages::{Stage, Stages};
use causeway_engine::system::Dir;
use causeway_engine::{Engine, EngineConfig, EngineError, Reply};
use causeway_message::action::Action;
use causeway_message::control::{Control, proposal_digest};
use causeway_message::verify::VerifiedBatch;
use causeway_message::{ParticipantId, SessionId};

use super::{Memory, World, send};

/// A node, and what does its work.
pub struct Turned {
    pub engine: Engine,
    pub stages: Stages,
}

impl Turned {
    /// Starts a node on a machine.
    pub fn start(world: &World, memory: &Memory) -> Result<Self, EngineError> {
        let (engine, stages) = Engine::assemble(&world.on(memory), &world.genesis, World::node_key())?;
        Ok(Self { engine, stages })
    }

    fn turn(&mut self, stage: Stage) -> bool {
        self.stages.turn(stage).expect("the stage works")
    }

    /// Sequences what was submitted, and works until all of it is done. The log is never idle here.
    pub fn work(&mut self) {
        assert!(self.turn(Stage::Log), "something was submitted");
        self.finish();
    }

    fn finish(&mut self) {
        let behind = &Stage::ALL[1..];
        while behind.iter().filter(|stage| self.turn(**stage)).count() > 0 {}
    }

    /// Submits batches together, so that they share a group, and gives the replies.
    pub fn ask(&mut self, batches: &[Arc<VerifiedBatch>]) -> Vec<Reply> {
        let replies: Vec<Receiver<Reply>> = batches.iter().map(|batch| send(&self.engine, batch)).collect();
        self.work();
        replies
            .iter()
            .map(|reply| reply.try_recv().expect("a reply"))
            .collect()
    }

    /// Works until the log ends with a tree head over everything before, sealed.
    pub fn rest(&mut self) {
        loop {
            let before = self.engine.health().durable;
            self.turn(Stage::Log);
            self.finish();
            if self.engine.health().durable == before {
                return;
            }
        }
    }
}

impl World {
    /// The node's configuration on a machine.
    pub fn on(&self, memory: &Memory) -> EngineConfig {
        EngineConfig {
            dir: Dir::new(Arc::new(memory.clone()), "/node"),
            ..self.config.clone()
        }
    }

    /// The proposal of an action and its approval by the second person.
    pub fn decision(&self, who: ParticipantId, action: Action) -> [Arc<VerifiedBatch>; 2] {
        let id = self.id();
        let digest = proposal_digest(self.genesis.ledger_id(), who, id, &action);
        let proposed = self.control(who, 1, &[(id, Control::Propose(action))]);
        [
            proposed,
            self.control(who, 2, &[(self.id(), Control::Approve(digest))]),
        ]
    }

    /// The next batch of a session with one payment.
    pub fn batch_in(
        &self,
        who: ParticipantId,
        session: SessionId,
        to: ParticipantId,
        currency: u16,
    ) -> Arc<VerifiedBatch> {
        let record = self.payment(who, to, currency, 1);
        self.signed(&self.head_in(who, session), &[record], &[])
    }
}
