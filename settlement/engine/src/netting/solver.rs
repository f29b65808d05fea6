//! The thread that looks: off the path of payments, on a mirror of the queues.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use arc_swap::ArcSwap;
use causeway_ledger::Payer;
use causeway_message::entry::payload_digest;
use causeway_message::plan::Plan;
use causeway_message::record::Priority;
use causeway_netting::{Bound, CashOnly, Chosen, Mode, bound, bypass, fifo, quality};
use crossbeam::channel::{Receiver, Sender, select};

use super::config::{NettingConfig, NettingMode};
use super::draw::{Drawn, Key, draw};
use super::evidence::{AppliedPlan, Awaited, Evidence, Evidences, dropped};
use super::mirror::{Mirror, Moves};
use super::split::split;
use super::status::{Look, Seen, Totals, Trigger};
use super::tell;
use crate::engine::Shared;
use crate::error::EngineError;
use crate::limits::{MIRROR_CHUNK, NETTING_REST, NETTING_TURN_MS, PLAN_WAIT_MS, REFUSED_MS};
use crate::query::Asker;

pub(crate) struct Solver {
    pub config: NettingConfig,
    pub shared: Arc<Shared>,
    pub moves: Receiver<Moves>,
    pub asks: Receiver<Sender<Look>>,
    pub asker: Asker,
    pub plans: Sender<Vec<u8>>,
    pub last: Arc<ArcSwap<Look>>,
    pub totals: Arc<Totals>,
    /// Where evidence goes, if anybody wants it.
    pub evidence: Option<Evidences>,
    pub applied: Receiver<AppliedPlan>,
}

/// What a thread of its own keeps between looks.
#[derive(Default)]
struct State {
    mirror: Mirror,
    /// When the next look may begin, and when something was proposed last, by the steady clock.
    next: Duration,
    proposed: Duration,
    /// Log index at the last look, and whether something was seen then that time alone may make worth proposing.
    seen: Option<u64>,
    ripens: bool,
    /// What was proposed last and when, if nothing of it settled: it is not proposed again soon as it is.
    refused: Option<(BTreeSet<Key>, Duration)>,
}

impl Solver {
    /// Runs until the node stops.
    pub fn run(self) -> Result<(), EngineError> {
        self.shared.system.go_last();
        let mut state = State::default();
        state.mirror.lose(self.asker.queue_places()?);
        while !self.shared.stopping() {
            let mut asked = None;
            select! {
                recv(self.moves) -> moves => match moves {
                    Ok(moves) => state.mirror.take(moves, self.shared.system.steady()),
                    // The ledger's thread is gone.
                    Err(_) => return Ok(()),
                },
                recv(self.asks) -> ask => asked = ask.ok(),
                default(Duration::from_millis(NETTING_TURN_MS)) => {}
            }
            match self.turn(&mut state, asked) {
                // Nobody answers any more: the engine stops.
                Err(EngineError::Stopped(_)) => return Ok(()),
                done => done?,
            }
        }
        Ok(())
    }

    fn turn(&self, state: &mut State, asked: Option<Sender<Look>>) -> Result<(), EngineError> {
        self.catch_up(state)?;
        let now = self.shared.system.steady();
        if asked.is_none() && now < state.next {
            return Ok(());
        }
        // Not only what moves in queues counts: funds, limits and standing do, too.
        let applied = self.shared.applied();
        if asked.is_none() && state.seen == Some(applied) && !state.ripens {
            return Ok(());
        }
        state.seen = Some(applied);
        let look = self.look(state, asked.is_some())?;
        let took = self.shared.system.steady() - now;
        state.next = now + took + self.config.look.max(took * NETTING_REST);
        tell::look(&look, &self.totals);
        self.last.store(Arc::new(look.clone()));
        if let Some(ask) = asked {
            // Who asked may be gone.
            let _ = ask.send(look);
        }
        Ok(())
    }

    /// Takes in what moved, and reads again what was lost.
    fn catch_up(&self, state: &mut State) -> Result<(), EngineError> {
        loop {
            for moves in self.moves.try_iter() {
                state.mirror.take(moves, self.shared.system.steady());
            }
            if self.shared.moves_lost.swap(false, Ordering::AcqRel) {
                metrics::counter!("causeway_netting_resyncs_total").increment(1);
                state.mirror.lose(self.asker.queue_places()?);
            }
            let Some(from) = state.mirror.unread() else {
                return Ok(());
            };
            let (index, chunk) = self.asker.queue_chunk(from, MIRROR_CHUNK)?;
            state.mirror.read(from, index, chunk, self.shared.system.steady());
        }
    }

    fn payers(&self) -> Result<(u16, Vec<Payer>), EngineError> {
        let mut all = Vec::new();
        loop {
            let (rules, mut more) = self.asker.payers(all.len() as u32, MIRROR_CHUNK)?;
            let whole = more.len() == MIRROR_CHUNK;
            all.append(&mut more);
            if !whole {
                return Ok((rules, all));
            }
        }
    }

    fn look(&self, state: &mut State, asked: bool) -> Result<Look, EngineError> {
        let begun = self.shared.system.steady();
        let mut look = Look {
            index: self.shared.applied(),
            mode: self.config.mode,
            queued: state.mirror.waiting(),
            ..Look::default()
        };
        if look.queued == 0 {
            state.ripens = false;
            return Ok(look);
        }
        let (rules, payers) = self.payers()?;
        let mut seen = seen(&state.mirror, &payers);
        if rules >= 3 {
            match draw(&state.mirror, &payers) {
                Ok(drawn) => self.search(state, drawn, &mut seen, asked, &mut look)?,
                Err(error) => tracing::warn!(%error, "what waits is no netting case"),
            }
        }
        look.currencies = seen.into_values().collect();
        let timed = self.config.triggers.age.is_some() || self.config.triggers.interval.is_some();
        state.ripens = timed && !look.found.is_empty();
        look.took = self.shared.system.steady() - begun;
        Ok(look)
    }

    fn search(
        &self,
        state: &mut State,
        drawn: Drawn,
        seen: &mut BTreeMap<u16, Seen>,
        asked: bool,
        look: &mut Look,
    ) -> Result<(), EngineError> {
        let steady = || self.shared.system.steady();
        let bypasses = drawn.case.accounts().iter().any(|account| account.bypass);
        let chosen = if self.config.mode == NettingMode::Bypass && bypasses {
            let end = steady() + self.config.budget;
            bypass(&drawn.case, &CashOnly, &mut || steady() < end)
        } else {
            fifo(&drawn.case, &CashOnly).chosen(&drawn.case)
        };
        let mut most = None;
        if self.config.mode == NettingMode::Bypass {
            let bound = most.insert(self.bound(&drawn));
            look.quality = Some(quality(chosen.value(&drawn.case), bound.value()).min(1_000_000));
        }
        count(&drawn, &chosen, seen);
        if chosen.is_empty() {
            return Ok(());
        }
        let trigger = self.trigger(state, seen, asked);
        let soon = |at: Duration| steady().saturating_sub(at) < Duration::from_millis(REFUSED_MS);
        let refused =
            |(refused, at): &(BTreeSet<Key>, Duration)| soon(*at) && *refused == keys(&drawn, chosen.iter());
        let again = !asked && state.refused.as_ref().is_some_and(refused);
        let Some(trigger) = trigger.filter(|_| !again) else {
            look.found = keys(&drawn, chosen.iter());
            return Ok(());
        };
        let (plans, unsplit) = split(&drawn, &chosen);
        look.unsplit = unsplit;
        let planned = Chosen::of(&drawn.case, plans.iter().flatten().copied());
        if unsplit != 0 {
            let left = chosen.iter().filter(|item| !planned.contains(*item));
            look.found = keys(&drawn, left);
            if !plans.is_empty() {
                count(&drawn, &planned, seen);
            }
        }
        if plans.is_empty() {
            return Ok(());
        }
        look.proposed = Some((trigger, plans.len()));
        state.proposed = steady();
        let before = self.totals.tally();
        let entered = self.propose(&drawn, look.index, &plans)?;
        let after = self.totals.tally();
        let (named, settled) = (after.named - before.named, after.settled - before.settled);
        // Saved is what settled, as far as a share says it.
        for own in seen.values_mut() {
            own.saved = own.saved * u128::from(settled) / u128::from(named.max(1));
        }
        state.refused = (settled == 0).then(|| (keys(&drawn, chosen.iter()), steady()));
        if let (Some(evidences), true) = (&self.evidence, settled != 0) {
            self.show(evidences, drawn, look.index, (planned, most), &entered);
        }
        Ok(())
    }

    fn bound(&self, drawn: &Drawn) -> Bound {
        let steady = || self.shared.system.steady();
        let end = steady() + self.config.budget;
        bound(&drawn.case, &mut || steady() < end)
    }

    /// Hands over evidence of what was proposed. Nobody is waited for.
    fn show(
        &self,
        evidences: &Evidences,
        drawn: Drawn,
        basis: u64,
        (planned, most): (Chosen, Option<Bound>),
        entered: &Awaited,
    ) {
        let applied = entered.all();
        let Some((applied, last)) = applied.and_then(|all| Some((all, all.last()?))) else {
            return dropped();
        };
        if evidences.is_full() {
            return dropped();
        }
        let settled: u64 = applied.iter().map(|plan| u64::from(plan.settled)).sum();
        if settled == 0 {
            return;
        }
        let evidence = Evidence {
            basis,
            bound: most.unwrap_or_else(|| self.bound(&drawn)),
            case: drawn.case,
            keys: drawn.keys,
            registry: self.shared.registry.load_full(),
            mode: match self.config.mode {
                NettingMode::Bypass => Mode::Bypass,
                NettingMode::Fifo | NettingMode::Off => Mode::Fifo,
            },
            planned,
            plans: applied.iter().map(|plan| plan.index).collect(),
            hash: last.hash,
            named: applied.iter().map(|plan| u64::from(plan.named)).sum(),
            settled,
        };
        if evidences.try_send(evidence).is_err() {
            dropped();
        }
    }

    /// Why what was found is proposed now.
    fn trigger(&self, state: &State, seen: &BTreeMap<u16, Seen>, asked: bool) -> Option<Trigger> {
        let triggers = &self.config.triggers;
        let now = self.shared.system.steady();
        let oldest = || state.mirror.standing().map(|standing| standing.since).min();
        let long = |age: Duration| oldest().is_some_and(|since| now.saturating_sub(since) >= age);
        let much =
            |(currency, value): &(u16, u128)| seen.get(currency).is_some_and(|seen| seen.queued >= *value);
        let since = now.saturating_sub(state.proposed);
        if asked {
            Some(Trigger::Operator)
        } else if triggers.value.iter().any(much) {
            Some(Trigger::Value)
        } else if triggers.age.is_some_and(long) {
            Some(Trigger::Age)
        } else if triggers.interval.is_some_and(|interval| since >= interval) {
            Some(Trigger::Interval)
        } else {
            triggers.gridlock.then_some(Trigger::Gridlock)
        }
    }

    /// Enters plans in the log, and waits until they are applied: what they settle is not found again.
    fn propose(&self, drawn: &Drawn, basis: u64, plans: &[Vec<u32>]) -> Result<Awaited, EngineError> {
        let mut entered = Awaited::default();
        // Of earlier plans, and of those of others.
        self.applied.try_iter().for_each(drop);
        let before = self.totals.plans.load(Ordering::Acquire);
        for items in plans {
            let instructions = keys(drawn, items.iter().copied()).into_iter().collect();
            let mut payload = Vec::new();
            Plan { basis, instructions }.write(&mut payload);
            if self.evidence.is_some() {
                entered.payloads.push(payload_digest(&payload));
            }
            self.plans
                .send(payload)
                .map_err(|_| EngineError::Stopped("log"))?;
        }
        let end = self.shared.system.steady() + Duration::from_millis(PLAN_WAIT_MS);
        let all = before + plans.len() as u64;
        let missing = |entered: &Awaited| {
            let untold = self.evidence.is_some() && entered.all().is_none();
            untold || self.totals.plans.load(Ordering::Acquire) < all
        };
        while missing(&entered) && self.shared.system.steady() < end && !self.shared.stopping() {
            entered.take(&self.applied);
            std::thread::sleep(Duration::from_millis(1));
        }
        entered.take(&self.applied);
        Ok(entered)
    }
}

fn keys(drawn: &Drawn, items: impl Iterator<Item = u32>) -> BTreeSet<Key> {
    let own = items.filter_map(|item| drawn.keys.get(item as usize));
    own.flatten().copied().collect()
}

/// What waits, and what those may pay who wait.
fn seen(mirror: &Mirror, payers: &[Payer]) -> BTreeMap<u16, Seen> {
    let mut all: BTreeMap<u16, Seen> = BTreeMap::new();
    let mut waits = vec![false; payers.len()];
    for standing in mirror.standing() {
        let debtor = standing.queued.debtor as usize;
        let Some(payer) = payers.get(debtor) else { continue };
        let own = all.entry(payer.currency).or_default();
        own.currency = payer.currency;
        own.queued_count += 1;
        own.queued += u128::from(standing.queued.amount);
        if !std::mem::replace(&mut waits[debtor], true) {
            own.liquidity += payer.spendable[Priority::Urgent as usize].max(0).cast_unsigned();
        }
    }
    all
}

/// What settles, by currency, and how much of it nobody has to have.
fn count(drawn: &Drawn, chosen: &Chosen, seen: &mut BTreeMap<u16, Seen>) {
    seen.values_mut().for_each(|own| own.saved = 0);
    let accounts = drawn.case.accounts();
    for (account, after) in accounts.iter().zip(chosen.balances(&drawn.case)) {
        if let Some(own) = seen.get_mut(&account.currency) {
            let gone = (account.balance - after).max(0).cast_unsigned();
            own.saved = own.saved.wrapping_sub(gone);
        }
    }
    for (currency, moved) in (0..).zip(chosen.moved(&drawn.case)) {
        if let Some(own) = seen.get_mut(&currency) {
            own.found = moved;
            own.saved = own.saved.wrapping_add(moved);
        }
    }
}
