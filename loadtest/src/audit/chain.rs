//! The log itself: its chain, its form, the signatures in it, and the tree over what its entries caused.
use causeway_message::digest::Digest;
use causeway_message::entry::{ENTRY_VERSION, EntryHeader, EntryKind, Roots, payload_digest};
use causeway_message::genesis::Genesis;
use causeway_message::plan::Plan;
use causeway_message::rfc6962::Frontier;
use causeway_message::time::Timestamp;
use causeway_message::{LedgerId, ParticipantId};

use super::fault::{Fault, Rule, hold, same, same_digest};
use super::input::{Batch, Input};

/// The newest version of the rules.
const NEWEST: u16 = 4;

/// Where the log stands.
#[derive(Debug)]
pub(super) struct Chain {
    genesis: Vec<u8>,
    ledger: LedgerId,
    one_node: bool,
    pub index: u64,
    pub time: Timestamp,
    pub hash: Digest,
    term: u64,
    /// Version of the rules in force.
    rules: u16,
    tree: Frontier,
    /// Leaf of each entry, and the tree head with it.
    leaves: Vec<(Digest, Digest)>,
}

impl Chain {
    pub fn new(genesis: &Genesis) -> Self {
        let ledger = genesis.ledger_id();
        Self {
            genesis: genesis.to_bytes(),
            ledger,
            one_node: genesis.nodes.len() <= 1,
            index: 0,
            time: Timestamp(0),
            hash: ledger.0,
            term: 1,
            rules: genesis.rules,
            tree: Frontier::default(),
            leaves: Vec::new(),
        }
    }

    pub const fn ledger(&self) -> LedgerId {
        self.ledger
    }

    /// Checks the next entry and reads what it holds. Nothing changes.
    pub fn check(&self, header: &EntryHeader, payload: &[u8]) -> Result<Input, Fault> {
        let index = self.index + 1;
        let at = || format!("log entry {index}");
        same(Rule::LogIndex, &index, &header.index.get(), at)?;
        same(Rule::LogForm, &ENTRY_VERSION, &header.version.get(), at)?;
        same(Rule::LogForm, &payload.len(), &(header.len.get() as usize), at)?;
        same_digest(Rule::LogChain, Some(self.hash), &header.prev_hash, at)?;
        let time = header.time();
        hold(time > self.time, Rule::LogTime, || {
            format!("{}: {time:?} after {:?}", at(), self.time)
        })?;
        let term = header.term.get();
        let in_term = if self.one_node {
            term == 1
        } else {
            term >= self.term
        };
        hold(in_term, Rule::LogTerm, || {
            format!("{}: term {term} after {}", at(), self.term)
        })?;
        let kind = header
            .kind()
            .map_err(|e| Fault::new(Rule::LogForm, format!("{}: {e}", at())))?;
        let first = kind == EntryKind::Genesis;
        hold(first == (index == 1), Rule::LogGenesis, || {
            format!("{}: {kind:?}", at())
        })?;
        if !matches!(kind, EntryKind::Batch | EntryKind::Control) {
            same_digest(
                Rule::LogDigest,
                Some(payload_digest(payload)),
                &header.payload_digest,
                at,
            )?;
        }
        match kind {
            EntryKind::Genesis => {
                hold(payload == self.genesis, Rule::LogGenesis, || {
                    format!("{}: another genesis", at())
                })?;
            }
            EntryKind::Tick => {
                hold(payload.is_empty(), Rule::LogForm, || {
                    format!("{}: a tick has no payload", at())
                })?;
            }
            EntryKind::Roots => self.check_roots(index, payload)?,
            EntryKind::Rules => return self.rules(index, payload).map(Input::Rules),
            EntryKind::Plan => return plan(index, payload).map(Input::Plan),
            EntryKind::Batch | EntryKind::Control => {
                return self.batch(kind, header, payload).map(Box::new).map(Input::Batch);
            }
        }
        Ok(Input::Time)
    }

    fn batch(&self, kind: EntryKind, header: &EntryHeader, payload: &[u8]) -> Result<Batch, Fault> {
        let index = header.index.get();
        let at = || format!("log entry {index}");
        let batch =
            Batch::read(kind, payload).map_err(|e| Fault::new(Rule::LogBatch, format!("{}: {e}", at())))?;
        same(Rule::LogBatch, &self.ledger.0, &batch.block.ledger, at)?;
        hold(batch.is_whole(), Rule::LogBatch, || {
            format!("{}: the records are not those of the signed root", at())
        })?;
        same_digest(
            Rule::LogDigest,
            Some(batch.block.input_digest()),
            &header.payload_digest,
            at,
        )?;
        Ok(batch)
    }

    fn check_roots(&self, index: u64, payload: &[u8]) -> Result<(), Fault> {
        let roots =
            Roots::read(payload).map_err(|e| Fault::new(Rule::LogForm, format!("log entry {index}: {e}")))?;
        let own = self.root_at(roots.size);
        same_digest(Rule::LogRoots, own, &roots.root, || {
            format!("log entry {index}: head over {} leaves", roots.size)
        })
    }

    /// A version of the rules only ever follows a smaller one.
    fn rules(&self, index: u64, payload: &[u8]) -> Result<u16, Fault> {
        let at = || format!("log entry {index}");
        let form = || Fault::new(Rule::LogForm, format!("{}: no version of the rules", at()));
        let version = u16::from_le_bytes(payload.try_into().map_err(|_| form())?);
        hold(version <= NEWEST, Rule::LogForm, || {
            format!("{}: rules {version} are not known", at())
        })?;
        hold(version > self.rules, Rule::LogForm, || {
            format!("{}: rules {version} after {}", at(), self.rules)
        })?;
        Ok(version)
    }

    /// Takes the entry that was checked, with the leaf of what it must cause.
    pub fn push(&mut self, header: &EntryHeader, rules: u16, leaf: Digest) {
        self.rules = rules;
        self.index = header.index.get();
        self.time = header.time();
        self.term = header.term.get();
        self.hash = header.hash();
        self.tree.push(leaf, |_, _, _| {});
        self.leaves.push((leaf, self.tree.root()));
    }

    /// Leaf of an entry.
    pub fn leaf(&self, entry: u64) -> Option<Digest> {
        let at = usize::try_from(entry.checked_sub(1)?).ok()?;
        self.leaves.get(at).map(|(leaf, _)| *leaf)
    }

    /// Tree head over the first `size` leaves.
    pub fn root_at(&self, size: u64) -> Option<Digest> {
        let at = usize::try_from(size.checked_sub(1)?).ok()?;
        self.leaves.get(at).map(|(_, root)| *root)
    }

    /// An entry that something is said about must have been given before.
    pub fn must_have(&self, entry: u64, who: ParticipantId, what: &str) -> Result<(), Fault> {
        hold((1..=self.index).contains(&entry), Rule::BeforeDurable, || {
            format!(
                "{what} to participant {who} of log entry {entry}; durable up to {}",
                self.index
            )
        })
    }
}

/// What netting proposes, whatever the version of the rules: made before the entry, in its form.
fn plan(index: u64, payload: &[u8]) -> Result<Plan, Fault> {
    let at = || format!("log entry {index}");
    let plan = Plan::read(payload).map_err(|e| Fault::new(Rule::LogForm, format!("{}: {e}", at())))?;
    hold(plan.basis < index, Rule::LogForm, || {
        format!("{}: a plan made after log entry {}", at(), plan.basis)
    })?;
    Ok(plan)
}
