//! Receipts: each verifies by itself, and none says what the log does not.
use causeway_message::checkpoint::LogKey;
use causeway_message::event;
use causeway_message::extension::{self, ExtensionType};
use causeway_message::receipt::{Effect, Receipt, ReceiptFacts};
use causeway_message::{KeyId, ParticipantId, Status};

use crate::audit::Auditor;
use crate::audit::fault::{Fault, Rule, hold, same, same_digest};

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
        let signed = self
            .model
            .key(facts.submitter, KeyId(receipt.block.key.get()))
            .is_some_and(|key| receipt.signed_by(&key));
        hold(signed, Rule::ReceiptForm, || {
            "the batch is not signed by its submitter".into()
        })?;
        for entry in [facts.origin.0, facts.cause] {
            self.chain.must_have(entry, facts.submitter, "a receipt")?;
        }
        self.check_outcome(&receipt, &facts)?;
        self.check_leaves(&receipt, &facts)?;
        self.checkpoint(&receipt.checkpoint).map(|_| ())
    }

    fn check_leaves(&self, receipt: &Receipt, facts: &ReceiptFacts) -> Result<(), Fault> {
        let own = |entry: u64| self.chain.leaf(entry);
        let leaf = receipt.origin;
        same_digest(Rule::ReceiptOutcome, own(leaf.index), &leaf.hash(), || {
            format!("leaf of log entry {}", leaf.index)
        })?;
        let Effect::Event {
            leaf,
            group,
            chunk,
            position,
            ..
        } = &receipt.effect
        else {
            return Ok(());
        };
        same_digest(Rule::ReceiptOutcome, own(leaf.index), &leaf.hash(), || {
            format!("leaf of log entry {}", leaf.index)
        })?;
        let holder = group.participant;
        let creditor = ParticipantId(receipt.record.creditor.get());
        let approver = extension::find(&receipt.extensions, ExtensionType::Approver)
            .and_then(extension::number)
            .map(ParticipantId);
        let event = event::each(chunk).nth(*position as usize);
        let exchange = event.and_then(|event| event.exchange());
        let hops = exchange.map(|(exchange, ..)| exchange.hops).unwrap_or_default();
        let provides = hops.iter().any(|hop| hop.provider == holder);
        let concerned = [Some(facts.submitter), Some(creditor), approver];
        hold(
            concerned.contains(&Some(holder)) || provides,
            Rule::ReceiptOutcome,
            || format!("participant {holder} is not concerned"),
        )
    }

    fn check_outcome(&self, receipt: &Receipt, facts: &ReceiptFacts) -> Result<(), Fault> {
        let id = receipt.record.id();
        let at = || format!("instruction {id} of participant {}", facts.submitter);
        let known = self.model.memory().get(facts.submitter, id);
        let refused = match known {
            Some(known) if known.leaf == receipt.record.leaf(&receipt.extensions) => {
                let own = (known.now(), known.entry, u32::from(known.ordinal));
                let shown = ((facts.status, facts.cause), facts.origin.0, facts.origin.1);
                same(Rule::ReceiptOutcome, &own, &shown, at)?;
                return same(Rule::ReceiptOutcome, &known.moved, &facts.amount, || {
                    format!("{}: amount", at())
                });
            }
            // Another record under the same id, or one that found no room: refused, and never remembered.
            Some(_) => Status::IdReused,
            None => Status::CapacityExhausted,
        };
        same(Rule::ReceiptOutcome, &refused, &facts.status, at)
    }
}
