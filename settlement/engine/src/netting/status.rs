//! What netting last saw and did, for those who ask.
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use causeway_message::{InstructionId, ParticipantId};
use crossbeam::channel::{Sender, bounded};

use super::config::NettingMode;
use crate::error::EngineError;

/// Why netting proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// Something settles together that does not alone.
    Gridlock,
    /// Time.
    Interval,
    /// Something waited long.
    Age,
    /// Much waited.
    Value,
    /// An operator asked for it.
    Operator,
}

impl Trigger {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Gridlock,
        Self::Interval,
        Self::Age,
        Self::Value,
        Self::Operator,
    ];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gridlock => "gridlock",
            Self::Interval => "interval",
            Self::Age => "age",
            Self::Value => "value",
            Self::Operator => "operator",
        }
    }
}

/// One currency as a look found it. Minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Seen {
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// What waits in queues.
    pub queued_count: u64,
    /// What that would move.
    pub queued: u128,
    /// What the accounts that wait may pay by their own means.
    pub liquidity: u128,
    /// What would settle together.
    pub found: u128,
    /// What of that nobody has to have: it is paid out of what comes in.
    pub saved: u128,
}

/// What a look found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Log index after which it stood.
    pub index: u64,
    /// How it was looked.
    pub mode: NettingMode,
    /// Instructions in the queues.
    pub queued: usize,
    /// Those of them that settle together though their turns do not come.
    pub found: BTreeSet<(ParticipantId, InstructionId)>,
    /// By currency.
    pub currencies: Vec<Seen>,
    /// Millionths of the bound on what could settle that were found; only where a bound was looked for.
    pub quality: Option<u32>,
    /// How long it took.
    pub took: Duration,
    /// What it was proposed for, and in how many plans; nothing if it was not.
    pub proposed: Option<(Trigger, usize)>,
    /// Instructions left out because no plan holds them.
    pub unsplit: usize,
}

impl Default for Look {
    fn default() -> Self {
        Self {
            index: 0,
            mode: NettingMode::Off,
            queued: 0,
            found: BTreeSet::new(),
            currencies: Vec::new(),
            quality: None,
            took: Duration::ZERO,
            proposed: None,
            unsplit: 0,
        }
    }
}

/// What plans were to do since the start, and what they did. Values in minor units, of all currencies together.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub proposed_value: AtomicU64,
    pub applied_value: AtomicU64,
    pub named: AtomicU64,
    pub settled: AtomicU64,
    pub looks: AtomicU64,
    /// Plans applied: counted after all else of a plan.
    pub plans: AtomicU64,
}

impl Totals {
    pub fn tally(&self) -> Tally {
        let of = |number: &AtomicU64| number.load(Ordering::Acquire);
        Tally {
            proposed_value: of(&self.proposed_value),
            applied_value: of(&self.applied_value),
            named: of(&self.named),
            settled: of(&self.settled),
            looks: of(&self.looks),
        }
    }
}

/// The same at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// What plans were to move.
    pub proposed_value: u64,
    /// What they moved.
    pub applied_value: u64,
    /// Instructions that applied plans named.
    pub named: u64,
    /// Those of them that settled.
    pub settled: u64,
    /// Looks at the queues.
    pub looks: u64,
}

/// The handle of netting.
#[derive(Debug, Clone)]
pub struct Netting {
    last: Arc<ArcSwap<Look>>,
    pub(crate) totals: Arc<Totals>,
    asks: Option<Sender<Sender<Look>>>,
}

impl Netting {
    pub(crate) fn new(last: Arc<ArcSwap<Look>>, asks: Option<Sender<Sender<Look>>>) -> Self {
        let totals = Arc::default();
        Self { last, totals, asks }
    }

    /// What the last look found.
    pub fn last(&self) -> Arc<Look> {
        self.last.load_full()
    }

    /// What plans were to do since the start, and what they did.
    pub fn tally(&self) -> Tally {
        self.totals.tally()
    }

    /// True if anything is looked for.
    pub const fn is_on(&self) -> bool {
        self.asks.is_some()
    }

    /// True if the instruction is part of what settles together and not alone.
    pub(crate) fn is_in_gridlock(&self, who: ParticipantId, id: InstructionId) -> bool {
        self.last.load().found.contains(&(who, id))
    }

    /// Looks now, proposes what it finds, and waits until that is applied. `None` if netting is off.
    ///
    /// # Errors
    /// If the engine stopped.
    pub fn run_now(&self) -> Result<Option<Look>, EngineError> {
        let Some(asks) = &self.asks else { return Ok(None) };
        let (answer, answered) = bounded(1);
        asks.send(answer).map_err(|_| EngineError::Stopped("netting"))?;
        let look = answered.recv();
        look.map(Some).map_err(|_| EngineError::Stopped("netting"))
    }
}
