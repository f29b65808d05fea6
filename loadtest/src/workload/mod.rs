//! What banks send: one workload, whatever carries it. Everything is drawn from a seed.
mod document;
mod due;
mod exchange;
mod repeat;
mod trade;
mod waiting;

use std::sync::Arc;

use causeway_message::document::Document;
use causeway_message::record::{Instruction, flags};

use crate::plan::{Mix, Plan};
use crate::random::Random;
use crate::world::{FIRST_BANK, World, pays};
use document::Papers;
pub use due::{Drawn, Due, Expects, Line};
pub use exchange::quotes;
use repeat::Recent;
use trade::Trades;
pub use waiting::Waiting;

/// Records of a chain.
const CHAIN: usize = 4;
/// Minor units of a payment that waits, and of that which lets it go.
const WAITING_AMOUNT: u64 = 1_000;

/// A batch as it is about to be signed. Kept by its owner and filled again.
#[derive(Debug, Default)]
pub struct Draft {
    /// The instructions.
    pub records: Vec<Instruction>,
    /// Their extensions.
    pub extensions: Vec<u8>,
    /// The documents of those that have one.
    pub documents: Vec<Document>,
    /// What must come of it.
    pub due: Due,
}

impl Draft {
    /// Empties it, with room for so many records.
    fn clear(&mut self, count: usize) {
        self.records.clear();
        self.records.reserve(count);
        self.extensions.clear();
        self.documents.clear();
        self.due.clear();
    }
}

/// Shares of the mix as bounds of one draw from 32 bits.
#[derive(Debug, Clone, Copy)]
struct Shares {
    duplicates: u64,
    reused: u64,
    waits: u64,
    trades: u64,
    exchanges: u64,
    linked: u64,
}

fn bound(share: f64) -> u64 {
    (share.clamp(0.0, 1.0) * (1_u64 << 32) as f64) as u64
}

impl Shares {
    /// Of a bank whose payments wait, of one that lets them go, or of one that does neither.
    fn new(mix: &Mix, waits: bool, lets_go: bool) -> Option<Self> {
        // Half of the banks have payments that wait, twice as many; the others let them go.
        let beside = (2.0 * mix.queued).min(1.0);
        // Batches that are sent again, and what lets others go, are not drawn by these: all else is a share of what is left.
        let again = mix.repeated + mix.replays;
        let whole = (1.0 - again - if lets_go { beside } else { 0.0 }).max(f64::EPSILON);
        let mut sum = 0.0;
        let mut up_to = |share: f64| {
            sum += share / whole;
            bound(sum)
        };
        let shares = Self {
            duplicates: up_to(mix.duplicates),
            reused: up_to(mix.reused),
            waits: up_to(if waits { beside } else { 0.0 }),
            trades: up_to(mix.trades),
            exchanges: up_to(mix.fx),
            linked: up_to(mix.linked / CHAIN as f64),
        };
        (sum > 0.0 || lets_go && beside > 0.0 || mix.repeated > 0.0).then_some(shares)
    }
}

/// What one bank sends.
#[derive(Debug)]
pub struct Workload {
    world: Arc<World>,
    bank: usize,
    random: Random,
    shares: Option<Shares>,
    repeated: u64,
    replays: u64,
    /// Payments may wait or be rejected, so that each answer must be held to its record.
    loose: bool,
    /// A creditor that many pay, and the bound of the draw.
    hot: Option<(u32, u64)>,
    recent: Recent,
    trades: Trades,
    papers: Option<Papers>,
    waiting: Waiting,
}

impl Workload {
    /// Of a bank, under a seed of its own. What waits of it, `waiting` is told by whoever reads its answers.
    pub fn new(plan: &Plan, world: Arc<World>, bank: usize, seed: u64, waiting: &Waiting) -> Self {
        let hot = plan.hot.as_ref().map(|hot| {
            let creditor = FIRST_BANK + hot.bank.saturating_sub(1) as u32;
            (creditor, bound(hot.share))
        });
        Self {
            bank,
            random: Random::new(seed.wrapping_mul(0x1_0000).wrapping_add(bank as u64)),
            shares: Shares::new(
                &plan.mix,
                world.waits && waiting.waits(bank),
                world.waits && waiting.lets_go(bank),
            ),
            // Drawn where bytes are not sent again.
            repeated: bound(plan.mix.repeated / (1.0 - plan.mix.replays).max(f64::EPSILON)),
            replays: bound(plan.mix.replays),
            loose: plan.world.cap_share.is_some() || plan.world.cap.is_some() || plan.days.is_some(),
            hot: hot.filter(|(creditor, _)| *creditor != FIRST_BANK + bank as u32),
            recent: Recent::default(),
            trades: Trades::new(plan.seed, bank, world.banks),
            papers: plan.documents.as_ref().map(|documents| Papers::new(*documents)),
            waiting: waiting.clone(),
            world,
        }
    }

    /// Counts of what waits, to be told by whoever reads the answers.
    pub const fn waiting(&self) -> &Waiting {
        &self.waiting
    }

    /// Fills a draft with plain payments that nothing else refers to: for a batch whose place among the others is open.
    pub fn fresh(&mut self, count: usize, draft: &mut Draft) {
        draft.clear(count);
        (0..count).for_each(|_| self.push_plain(&mut draft.records, &mut draft.due));
    }

    /// Fills a draft with the next batch.
    pub fn next(&mut self, count: usize, draft: &mut Draft) {
        draft.clear(count);
        let Draft {
            records,
            documents,
            due,
            ..
        } = draft;
        if self.repeated > 0 && self.happens(self.repeated) && self.recent.batch(count, records) {
            due.all(records.len(), Expects::Again);
            due.drawn.repeated = records.len() as u64;
            return;
        }
        match self.shares {
            None if !self.loose => {
                for _ in 0..count {
                    let (record, place) = self.plain();
                    due.settles(place, record.amount.get());
                    records.push(record);
                }
            }
            None => (0..count).for_each(|_| self.push_plain(records, due)),
            Some(shares) => {
                self.let_go(count, records, due);
                while records.len() < count {
                    self.push(&shares, count, records, due);
                }
            }
        }
        if let Some(papers) = &self.papers {
            papers.add(records, due, documents, &mut self.random);
        }
        if self.shares.is_some() {
            // Behind the documents: what is sent again is the same to the last byte.
            self.recent.keep(self.repeated > 0, records, due);
        }
    }

    /// Whether signed bytes are sent again now, instead of another batch.
    pub fn replays(&mut self) -> bool {
        self.replays > 0 && self.happens(self.replays)
    }

    fn happens(&mut self, bound: u64) -> bool {
        self.random.next() >> 32 < bound
    }

    #[inline]
    fn plain(&mut self) -> (Instruction, usize) {
        let (mut record, place) = self.world.payment(self.bank, &mut self.random);
        if let Some((creditor, bound)) = self.hot
            && self.random.next() >> 32 < bound
            && self.world.holders[place].1.contains(&creditor)
        {
            record.creditor = creditor.into();
        }
        (record, place)
    }

    fn push_plain(&mut self, records: &mut Vec<Instruction>, due: &mut Due) {
        let (record, place) = self.plain();
        let expects = if self.loose {
            Expects::Outcome
        } else {
            Expects::Settles
        };
        due.line(Line::new(place, record.amount.get(), expects));
        records.push(record);
    }

    fn push(&mut self, shares: &Shares, count: usize, records: &mut Vec<Instruction>, due: &mut Due) {
        let drawn = self.random.next() >> 32;
        if drawn < shares.reused {
            if let Some(mut record) = self.recent.one(&mut self.random) {
                let expects = if drawn < shares.duplicates {
                    Expects::Again
                } else {
                    record.amount = (record.amount.get() + 1).into();
                    Expects::Reused
                };
                due.line(Line::new(0, 0, expects));
                return records.push(record);
            }
        } else if drawn < shares.waits {
            return self.push_waiting(records, due);
        } else if drawn < shares.trades {
            if let Some(record) = self.trades.next(&self.world, &mut self.random) {
                due.line(Line::new(0, 0, Expects::Trade));
                due.drawn.trades += 1;
                return records.push(record);
            }
        } else if drawn < shares.exchanges {
            due.line(Line::new(0, 0, Expects::Exchange));
            due.drawn.exchanges += 1;
            return records.push(exchange::payment(&self.world, self.bank, &mut self.random));
        } else if drawn < shares.linked && count - records.len() >= CHAIN {
            let begin = records.len();
            (0..CHAIN).for_each(|_| self.push_plain(records, due));
            due.drawn.linked += CHAIN as u64;
            for record in &mut records[begin..begin + CHAIN - 1] {
                record.flags = (record.flags.get() | flags::LINKED).into();
            }
            return;
        }
        self.push_plain(records, due);
    }

    /// Every second bank has nothing in the last currency: what it pays there waits until its neighbour pays it as much.
    fn push_waiting(&mut self, records: &mut Vec<Instruction>, due: &mut Due) {
        let place = self.world.holders.len() - 1;
        let ids = [self.bank, self.bank ^ 1].map(|bank| FIRST_BANK + bank as u32);
        let currency = self.world.holders[place].0;
        due.line(Line::new(place, WAITING_AMOUNT, Expects::Outcome));
        records.push(pays(ids[0], ids[1], currency, WAITING_AMOUNT, &mut self.random));
    }

    /// Pays the neighbour as much as lets go what waits of it: never more, so that all it pays there has to wait. Half of a
    /// batch at most, so that what piled up does not push out all else.
    fn let_go(&mut self, count: usize, records: &mut Vec<Instruction>, due: &mut Due) {
        let most = count.div_ceil(2) as u64;
        for _ in 0..self.waiting.take(self.bank, most) {
            self.push_waiting(records, due);
        }
    }
}

#[cfg(test)]
mod tests;
