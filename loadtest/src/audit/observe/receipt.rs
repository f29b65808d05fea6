//! Receipts: each verifies by itself, and none says what the log does not.
use causeway_message::checkpoint::LogKey;
use causeway_message::receipt::{Effect, Receipt, ReceiptFacts};
use causeway_message::{InstructionId, KeyId, ParticipantId, Status};

use crate::audit::Auditor;
use crate::audit::fault::{Fault, Rule, hold, same};

impl Auditor {
    /// A receipt, whoever holds it.
    ///
    /// # Errors
    /// If it does not verify, or contradicts the log.
    pub fn receipt(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let form = |what: String| Fault::new(Rule::ReceiptForm, what);
        let receipt = Receipt::read(bytes).map_err(|e| form(e.to_string()))?;
        let verified = |key: &LogKey| receipt.verify(key);
        let facts = self.log_keys.iter().map(verified).find(Result::is_ok);
        let facts = match facts {
            Some(Ok(facts)) => facts,
            _ => {
                let why = self.log_keys.iter().find_map(|key| receipt.verify(key).err());
                return Err(form(why.map_or("no log key is pinned".into(), |e| e.to_string())));
            }
        };
        same(Rule::ReceiptForm, &self.chain.ledger(), &facts.ledger, || {
            "ledger".into()
        })?;
        self.checkpoint(&receipt.checkpoint)?;
        let signed = self
            .model
            .key(facts.submitter, KeyId(receipt.block.key.get()))
            .is_some_and(|key| receipt.signed_by(&key));
        hold(signed, Rule::ReceiptForm, || {
            "the batch is not signed by its submitter".into()
        })?;
        self.check_leaves(&receipt, &facts)?;
        self.check_outcome(receipt.record.id(), &facts)
    }

    fn check_leaves(&self, receipt: &Receipt, facts: &ReceiptFacts) -> Result<(), Fault> {
        let own = |entry: u64| self.chain.leaf(entry);
        let leaf = receipt.origin;
        same(Rule::ReceiptOutcome, &own(leaf.index), &Some(leaf.hash()), || {
            format!("leaf of log entry {}", leaf.index)
        })?;
        let Effect::Event { leaf, group, .. } = &receipt.effect else {
            return Ok(());
        };
        same(Rule::ReceiptOutcome, &own(leaf.index), &Some(leaf.hash()), || {
            format!("leaf of log entry {}", leaf.index)
        })?;
        let holder = group.participant;
        let concerned = [facts.submitter, ParticipantId(receipt.record.creditor.get())];
        hold(concerned.contains(&holder), Rule::ReceiptOutcome, || {
            format!("participant {holder} is not concerned")
        })
    }

    fn check_outcome(&self, id: InstructionId, facts: &ReceiptFacts) -> Result<(), Fault> {
        let at = || format!("instruction {id} of participant {}", facts.submitter);
        let Some(known) = self.model.memory().get(facts.submitter, id) else {
            return Err(Fault::new(
                Rule::ReceiptOutcome,
                format!("{}: not in the log", at()),
            ));
        };
        let (status, cause) = known.now();
        same(
            Rule::ReceiptOutcome,
            &(status, cause),
            &(facts.status, facts.cause),
            at,
        )?;
        let origin = (known.entry, u32::from(known.ordinal));
        same(Rule::ReceiptOutcome, &origin, &facts.origin, at)?;
        let moved = (facts.amount != 0) == (status == Status::Settled);
        hold(moved, Rule::ReceiptOutcome, || {
            format!("{}: amount {}", at(), facts.amount)
        })
    }
}
