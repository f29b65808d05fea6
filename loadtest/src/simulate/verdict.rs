//! Questions to the node, and what must be true when everything has come to rest.
use causeway_engine::stages::Stage;
use causeway_engine::verify;
use causeway_message::wire::InstructionKey;

use super::client::{Client, Wrong};
use super::episode::Episode;

/// Rounds in which everything must come to rest.
const ROUNDS: usize = 20_000;
/// Entries between two at which a bank may ask for its statements.
const STATEMENT_EVERY: u64 = 32;
/// Instructions of each bank asked about at the end.
const ASKED: usize = 12;

impl Episode {
    /// Somebody asks for balances, or for a receipt.
    pub(super) fn question(&mut self) -> Result<(), Wrong> {
        let at = self.machine.below(self.clients.len() as u32) as usize;
        if self.machine.below(2) == 0 {
            self.ask_balances(at)?;
            // All that an account ever did is read for it.
            return match self.auditor.index().is_multiple_of(STATEMENT_EVERY) {
                true => self.check_statements_of(at),
                false => Ok(()),
            };
        }
        let known = &self.clients[at].known;
        let Some(order) = known.get(self.machine.below(known.len() as u32) as usize) else {
            return Ok(());
        };
        let key = InstructionKey {
            submitter: self.clients[at].who,
            id: order.record.id(),
        };
        self.ask_receipt(key).map(drop)
    }

    fn ask_balances(&mut self, at: usize) -> Result<(), Wrong> {
        let who = self.clients[at].who;
        let Some((_, stages, _)) = self.node.parts() else {
            return Ok(());
        };
        // Balances are told as applied; the auditor is shown what is published.
        if stages.ledger().index() == self.auditor.index() {
            let told = stages.ledger().balances(who, 0);
            self.auditor.balances(who, 0, &told)?;
        }
        Ok(())
    }

    fn check_statements_of(&mut self, at: usize) -> Result<(), Wrong> {
        let who = self.clients[at].who;
        let Some((_, stages, _)) = self.node.parts() else {
            return Ok(());
        };
        let currencies: Vec<u16> = stages.ledger().positions().iter().map(|book| book.0).collect();
        currencies
            .into_iter()
            .try_for_each(|currency| self.check_statements(who, currency))
    }

    fn ask_receipt(&mut self, key: InstructionKey) -> Result<bool, Wrong> {
        let Some(receipt) = self.node.receipt(key)? else {
            return Ok(false);
        };
        self.auditor.receipt(&receipt)?;
        self.tally.receipts += 1;
        Ok(true)
    }

    /// Lets everything come to rest, and holds what is there then to everything that was seen.
    ///
    /// # Errors
    /// What does not hold.
    pub fn finish(&mut self) -> Result<(), Wrong> {
        self.make_peace();
        self.come_to_rest()?;
        let everybody: Vec<_> = self.clients.iter().map(|client| client.who).collect();
        let end = self.auditor.index();
        self.auditor.complete(end, &everybody)?;
        // That everybody was answered is what coming to rest means. A batch may have entered the log under a session
        // that was given up meanwhile: its answers are nobody's.
        self.auditor.invariants()?;
        for at in 0..self.clients.len() {
            self.ask_balances(at)?;
            self.ask_about_instructions(at)?;
            self.check_statements_of(at)?;
            self.look_for_documents(at)?;
            let (who, next) = (self.clients[at].who, self.clients[at].next_event());
            if next != self.auditor.next_event(who) {
                return Err(Wrong::Unexpected(format!(
                    "participant {who} heard of {} events, and there are {}",
                    next - 1,
                    self.auditor.next_event(who) - 1
                )));
            }
        }
        self.verify_log(end)
    }

    fn come_to_rest(&mut self) -> Result<(), Wrong> {
        for _ in 0..ROUNDS {
            self.machine.begin_step();
            self.machine.pass(1_000_000);
            self.catch_up_with_the_log();
            if self.node.engine().is_none() {
                self.node.start(&mut self.auditor)?;
            }
            let mut moved = false;
            for client in &mut self.clients {
                if client.is_cut_off(&self.network) {
                    client.connect(&mut self.network);
                    moved = true;
                }
            }
            moved |= self.deliver()?;
            for stage in Stage::ALL {
                moved |= self.node.turn(stage, &mut self.network, &mut self.auditor)?;
            }
            moved |= self.clients.iter().any(Client::waits);
            if !moved && self.nothing_is_due() {
                return Ok(());
            }
        }
        let published = self.auditor.index();
        let node = self.node.parts().map(|(engine, stages, _)| {
            (
                engine.health(),
                stages.ledger().index(),
                stages.ledger().next_due(),
            )
        });
        let waiting: Vec<String> = self.clients.iter().filter_map(Client::unanswered).collect();
        Err(Wrong::Unexpected(format!(
            "nothing goes wrong any more, and yet it does not come to rest: shown up to log entry {published}, clock \
             off by {} ns, node {node:?}, unanswered {waiting:?}",
            self.machine.clock_error()
        )))
    }

    /// True if no entry is due that has not been written.
    fn nothing_is_due(&mut self) -> bool {
        let published = self.auditor.index();
        self.node
            .engine()
            .is_some_and(|engine| engine.health().durable == published)
            && self
                .node
                .parts()
                .is_some_and(|(_, stages, _)| stages.ledger().index() == published)
    }

    /// Every message arrives, both ways.
    fn deliver(&mut self) -> Result<bool, Wrong> {
        let mut moved = false;
        for id in self.network.up() {
            let Some((engine, _, server)) = self.node.parts() else {
                break;
            };
            if server.reads(id) {
                server.take(engine, &mut self.network, id);
                moved = true;
            }
        }
        if let Some((_, _, server)) = self.node.parts() {
            for pick in 0..server.feeds().len() as u32 {
                moved |= self.node.feed(&mut self.network, pick)?;
            }
        }
        for id in self.network.down() {
            while let Some(stream) = self.network.get_mut(id) {
                let (who, Some(message)) = (stream.who, stream.down.pop_front()) else {
                    break;
                };
                moved = true;
                if let Some(client) = self.clients.iter_mut().find(|client| client.who == who) {
                    client.take(&self.machine, &mut self.network, &mut self.auditor, id, &message)?;
                }
            }
        }
        Ok(moved)
    }

    fn ask_about_instructions(&mut self, at: usize) -> Result<(), Wrong> {
        let submitter = self.clients[at].who;
        let ids: Vec<_> = self.clients[at]
            .known
            .iter()
            .rev()
            .take(ASKED)
            .map(|order| order.record.id())
            .collect();
        for id in ids {
            let key = InstructionKey { submitter, id };
            let Some((_, stages, _)) = self.node.parts() else {
                return Ok(());
            };
            match stages.ledger().status(submitter, id) {
                Some(told) => {
                    self.auditor.status(key, &told)?;
                    let final_now = told.status.is_final();
                    if self.ask_receipt(key)? != final_now && final_now {
                        return Err(Wrong::Unexpected(format!(
                            "instruction {id} of participant {submitter} is final and has no receipt"
                        )));
                    }
                }
                None => self.auditor.unknown(key, self.auditor.index())?,
            }
        }
        Ok(())
    }

    /// Documents of batches that were answered were durable before.
    fn look_for_documents(&self, at: usize) -> Result<(), Wrong> {
        let Some(engine) = self.node.engine() else {
            return Ok(());
        };
        for document in &self.clients[at].documents {
            let found = self
                .machine
                .calmly(|| engine.documents().read(&document.digest()));
            if !matches!(&found, Ok(Some(found)) if found == document) {
                return Err(Wrong::Unexpected(format!(
                    "a document of participant {} was answered for and is not there: {found:?}",
                    self.clients[at].who
                )));
            }
        }
        Ok(())
    }

    fn verify_log(&self, end: u64) -> Result<(), Wrong> {
        let facts = verify::log(self.node.config(), self.node.genesis(), |_| {})
            .map_err(|e| Wrong::Unexpected(format!("the log does not verify: {e}")))?;
        let root = self.auditor.root_at(facts.tree_size);
        if facts.entries < end || root != Some(facts.root) {
            return Err(Wrong::Unexpected(format!(
                "the log verifies up to entry {}, and {end} were published; its root is {} the auditor's",
                facts.entries,
                if root == Some(facts.root) { "" } else { "not" }
            )));
        }
        Ok(())
    }
}
