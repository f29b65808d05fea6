//! Netting windows: obligations are collected, and settle all at once, net, when every net debt is paid in.
//!
//! Obligations wait in the [queue](crate::queue) at a seat of their own. A window holds the money that was paid in for
//! it, and what each account would get or lose. It settles in one entry; when it ends otherwise, that is a sweep.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::action::{Action, WindowGrant};
use causeway_message::time::Timestamp;
use causeway_message::wire::{PositionLine, WindowLine, WindowStage, Windows};
use causeway_message::{InstructionId, ParticipantId, Status, mutated};

use crate::apply::Ledger;
use crate::credit::Granted;
use crate::due::Due;
use crate::lifecycle::{Event, step};
use crate::outcome::{Audience, Notice, Outcome};
use crate::queue::{Origin, Waiting};
use crate::sweep::Sweep;

/// What the obligations of a window leave an account. Minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Net {
    /// What they give it less what they take.
    pub position: i128,
    /// How many name it.
    pub count: u32,
}

/// A netting window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Window {
    /// The proposal that opened it; its id is the window's.
    pub granted: Granted,
    pub grant: WindowGrant,
    pub stage: WindowStage,
    /// Why it is ending.
    pub why: Option<Status>,
    /// When it is looked at next; zero if it is ending.
    pub due: Timestamp,
    /// In the order in which they came.
    pub pay_ins: BTreeMap<Origin, Waiting>,
    /// Their sums, by account. Minor units.
    pub paid: BTreeMap<u32, i128>,
    /// By account.
    pub positions: BTreeMap<u32, Net>,
    /// How often each account paid in.
    times: BTreeMap<u32, u32>,
    /// Accounts whose net debt is not paid in.
    uncovered: u32,
}

const fn at(seconds: u32) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

impl Window {
    pub const fn new(granted: Granted, grant: WindowGrant) -> Self {
        Self {
            due: at(grant.close),
            granted,
            grant,
            stage: WindowStage::Collecting,
            why: None,
            pay_ins: BTreeMap::new(),
            paid: BTreeMap::new(),
            positions: BTreeMap::new(),
            times: BTreeMap::new(),
            uncovered: 0,
        }
    }

    pub const fn id(&self) -> InstructionId {
        self.granted.id
    }

    /// True if it collects in a currency.
    pub fn has(&self, currency: u16) -> bool {
        self.grant.currencies.contains(&currency)
    }

    /// True if an obligation or a pay-in is of an account.
    pub fn concerns(&self, account: u32) -> bool {
        self.positions.contains_key(&account) || self.paid.contains_key(&account)
    }

    /// True if it settles still, or may.
    pub const fn lives(&self) -> bool {
        self.why.is_none()
    }

    fn paid(&self, account: u32) -> i128 {
        self.paid.get(&account).copied().unwrap_or(0)
    }

    /// What of the net debt of an account is not paid in; zero or less if nothing is.
    pub fn missing(&self, account: u32) -> i128 {
        let net = self.positions.get(&account).copied().unwrap_or_default();
        -net.position - self.paid(account)
    }

    /// Adds an obligation to the positions, or takes one out.
    pub fn count(&mut self, waiting: &Waiting, comes: bool) {
        let amount = i128::from(waiting.amount());
        for (account, gets) in [(waiting.debtor, -amount), (waiting.creditor, amount)] {
            let missed = self.missing(account) > 0;
            let net = self.positions.entry(account).or_default();
            if comes {
                net.position += gets;
                net.count += 1;
            } else {
                net.position -= gets;
                net.count = net.count.saturating_sub(1);
            }
            if net.count == 0 {
                self.positions.remove(&account);
            }
            self.recount(account, missed);
        }
    }

    /// Counts whose net debt is not paid in, after something of an account changed.
    fn recount(&mut self, account: u32, missed: bool) {
        let misses = self.missing(account) > 0;
        self.uncovered = (self.uncovered + u32::from(misses)).saturating_sub(u32::from(missed));
    }

    /// How often an account paid in.
    pub fn times(&self, account: u32) -> u32 {
        self.times.get(&account).copied().unwrap_or(0)
    }

    /// Adds money that was paid in.
    pub fn take(&mut self, pay_in: Waiting) {
        let missed = self.missing(pay_in.debtor) > 0;
        *self.paid.entry(pay_in.debtor).or_insert(0) += i128::from(pay_in.amount());
        self.recount(pay_in.debtor, missed);
        *self.times.entry(pay_in.debtor).or_insert(0) += 1;
        self.pay_ins.insert(pay_in.origin(), pay_in);
    }

    /// When it is looked at next, after it was.
    const fn next(&self) -> Timestamp {
        at(match self.stage {
            WindowStage::Collecting => self.grant.close,
            WindowStage::Closed => self.grant.pay_in_by,
            WindowStage::Grace | WindowStage::Ending => self.grant.ends,
        })
    }

    /// A notice of what became of it.
    fn notice(&self, subject: Option<ParticipantId>, status: Status, amount: u64) -> Notice {
        let granted = self.granted;
        Notice {
            proposer: granted.proposer,
            subject: subject.filter(|subject| *subject != granted.proposer),
            id: granted.id,
            entry: granted.entry,
            ordinal: granted.ordinal,
            status,
            amount,
            action: Action::OpenWindow(self.grant.clone()),
        }
    }
}

impl Ledger {
    /// Keeps a window that was opened, or read.
    pub(crate) fn keep_window(&mut self, window: Window) {
        if window.lives() {
            self.due.add(window.due, Due::Window(window.id()));
        }
        self.windows.insert(window.id(), window);
    }

    /// The window that instructions name, if it takes something in a currency still.
    pub(crate) fn window_for(&self, id: InstructionId, currency: u16) -> Result<&Window, Status> {
        let window = self
            .windows
            .get(&id)
            .filter(|window| window.lives() && at(window.grant.ends) > self.time && window.has(currency));
        window.ok_or(Status::WindowInvalid)
    }

    /// True if a window is open and its close has not come. Judged by the time of the entry.
    pub(crate) fn is_collecting(&self, id: InstructionId) -> bool {
        let window = self.windows.get(&id);
        window.is_some_and(|window| window.lives() && at(window.grant.close) > self.time)
    }

    pub(crate) fn join_window(&mut self, waiting: &Waiting) {
        if let Some(window) = self.windows.get_mut(&waiting.window()) {
            window.count(waiting, true);
        }
    }

    /// An obligation is its window's no more.
    pub(crate) fn leave_window(&mut self, gone: &Waiting) {
        if let Some(window) = self.windows.get_mut(&gone.window()) {
            window.count(gone, false);
        }
    }

    /// Sets the money of a pay-in aside. If nothing is missing then, the window is looked at with the next entry.
    pub(crate) fn take_pay_in(&mut self, id: InstructionId, pay_in: Waiting) {
        self.accounts.get_mut(pay_in.debtor).reserved += i128::from(pay_in.amount());
        let now = self.time;
        let Some(window) = self.windows.get_mut(&id) else {
            return;
        };
        window.take(pay_in);
        let waits = window.stage != WindowStage::Collecting;
        if waits && window.due > now && self.is_covered(id) {
            self.plan_window(id, now);
        }
    }

    fn plan_window(&mut self, id: InstructionId, due: Timestamp) {
        if let Some(window) = self.windows.get_mut(&id) {
            self.due.remove(window.due, Due::Window(id));
            window.due = due;
            self.due.add(due, Due::Window(id));
        }
    }

    /// The pay-in of this id that a window holds.
    pub(crate) fn pay_in_of(&self, who: ParticipantId, id: InstructionId) -> Option<&Waiting> {
        let mut all = self.windows.values().flat_map(|window| window.pay_ins.values());
        all.find(|pay_in| pay_in.submitter == who && pay_in.record.id() == id)
    }

    /// True if every net debt of a window is paid in.
    fn is_covered(&self, id: InstructionId) -> bool {
        if mutated!(SettlesWithoutPayIn) {
            return true;
        }
        self.windows.get(&id).is_some_and(|window| window.uncovered == 0)
    }

    /// True if everybody who has an obligation of a window may pay and be paid.
    fn is_clear(&self, id: InstructionId) -> bool {
        let Some(window) = self.windows.get(&id) else {
            return false;
        };
        window.positions.keys().all(|account| {
            let state = self.accounts.get(*account);
            !(state.suspended || state.refuses || state.held)
        })
    }

    /// True if what is missing could be drawn from what is free in each account, with its credit.
    fn is_drawable(&self, id: InstructionId) -> bool {
        let Some(window) = self.windows.get(&id) else {
            return false;
        };
        window.positions.keys().all(|account| {
            let missing = window.missing(*account);
            let tested = self.accounts.get(*account).tested;
            missing <= 0 || (!tested && missing <= self.accounts.free(*account))
        })
    }

    /// The turn of a window among what is due. Returns for how many things that counts.
    pub(crate) fn look_at_window(&mut self, id: InstructionId, out: &mut Outcome) -> usize {
        let now = self.time;
        let Some(window) = self.windows.get_mut(&id).filter(|window| window.lives()) else {
            return 0;
        };
        let grant = &window.grant;
        let (close, pay_in_by, ends) = (at(grant.close), at(grant.pay_in_by), at(grant.ends));
        if window.stage == WindowStage::Collecting && close <= now {
            window.stage = WindowStage::Closed;
        }
        let stage = window.stage;
        if stage == WindowStage::Collecting {
            return 0;
        }
        let clear = self.is_clear(id);
        if clear && self.is_covered(id) {
            return self.settle_window(id, out);
        }
        let mut told = 0;
        if stage == WindowStage::Closed && pay_in_by <= now {
            told = self.tell_missing(id, out);
        }
        if ends <= now {
            if clear && self.is_drawable(id) {
                return told + self.settle_window(id, out);
            }
            self.end_windows(Status::InsufficientLiquidity, |window| window.id() == id);
        } else if let Some(window) = self.windows.get(&id) {
            self.plan_window(id, window.next());
        }
        told
    }

    /// Looks at the windows with a currency whose `ends` is not after its close, as far as one entry goes. True if none
    /// is left.
    pub(crate) fn finish_windows(&mut self, currency: u16, close: u32, out: &mut Outcome) -> bool {
        let over = |window: &&Window| window.lives() && window.has(currency) && window.grant.ends <= close;
        let over = self.windows.values().filter(over);
        let mut over: Vec<(Timestamp, InstructionId)> =
            over.map(|window| (window.due, window.id())).collect();
        over.sort_unstable();
        for (due, id) in over {
            if self.due_left == 0 {
                return false;
            }
            self.due.remove(due, Due::Window(id));
            let items = self.look_at_window(id, out).max(1);
            self.due_left = self.due_left.saturating_sub(items);
        }
        true
    }

    /// The time for paying in is over: who owes still is told, and who opened the window.
    fn tell_missing(&mut self, id: InstructionId, out: &mut Outcome) -> usize {
        let Some(window) = self.windows.get_mut(&id) else {
            return 0;
        };
        window.stage = WindowStage::Grace;
        let owing = window.positions.keys().filter_map(|account| {
            let missing = window.missing(*account);
            let state = self.accounts.get(*account);
            (missing > 0).then_some((state.participant, state.currency, missing))
        });
        let mut owing: Vec<(u32, u16, i128)> = owing.collect();
        owing.sort_unstable();
        for (who, _, missing) in &owing {
            let missing = u64::try_from(*missing).unwrap_or(u64::MAX);
            let subject = Some(ParticipantId(*who));
            out.notices
                .push(window.notice(subject, Status::PayInMissed, missing));
        }
        owing.len()
    }

    /// Settles a window whole. Returns how many of its instructions that is.
    fn settle_window(&mut self, id: InstructionId, out: &mut Outcome) -> usize {
        // It is gone before anything else moves, so that no position counts twice.
        let Some(mut window) = self.windows.remove(&id) else {
            return 0;
        };
        self.due.remove(window.due, Due::Window(id));
        let before = out.deferred.len();
        for pay_in in window.pay_ins.values() {
            self.accounts.get_mut(pay_in.debtor).reserved -= i128::from(pay_in.amount());
            let record = &pay_in.record;
            self.accrue_executed(pay_in.submitter, record.currency.get(), record.kind);
            self.tell_pay_in(pay_in, Event::Use, out);
        }
        let places: Vec<u32> = self.queue.collected(id).collect();
        if mutated!(ForgetsObligation)
            && let Some(last) = places.last().and_then(|place| self.queue.get(*place))
        {
            window.count(last, false);
        }
        for (account, net) in &window.positions {
            self.accounts.post_net(*account, net.position);
        }
        let mut creditors = Vec::with_capacity(places.len());
        for place in places {
            let Some(waiting) = self.queue.get(place) else {
                continue;
            };
            let (debtor, kind, amount) = (waiting.debtor, waiting.record.kind, waiting.amount());
            creditors.push(waiting.creditor);
            self.accrue(debtor, kind, amount);
            self.finish(place, Event::Settle, out);
        }
        out.notices.push(window.notice(None, Status::Settled, 0));
        window
            .pay_ins
            .values()
            .for_each(|pay_in| self.wake(pay_in.debtor));
        creditors.into_iter().for_each(|account| self.wake(account));
        let effects = out.deferred.len() - before;
        self.budget = self.budget.saturating_sub(effects);
        effects
    }

    fn tell_pay_in(&mut self, pay_in: &Waiting, event: Event, out: &mut Outcome) {
        let told = Audience {
            submitter: true,
            ..Audience::default()
        };
        self.tell(pay_in, step(Status::SetAside, event), 0, told, out);
    }

    /// Begins to end windows that will not settle, in the order of their ids.
    pub(crate) fn end_windows(&mut self, why: Status, which: impl Fn(&Window) -> bool) {
        for window in self.windows.values_mut() {
            if !window.lives() || !which(window) {
                continue;
            }
            let id = window.id();
            self.due.remove(window.due, Due::Window(id));
            window.due = Timestamp(0);
            (window.stage, window.why) = (WindowStage::Ending, Some(why));
            self.sweeps.push_back(Sweep::Window(id));
        }
    }

    /// Goes on with the end of a window: gives the next pay-in back, then lets the next obligation go.
    pub(crate) fn end_one_of_window(
        &mut self,
        id: InstructionId,
        out: &mut Outcome,
    ) -> (usize, Option<Sweep>) {
        let again = Some(Sweep::Window(id));
        let Some(window) = self.windows.get_mut(&id) else {
            return (0, None);
        };
        if let Some((_, pay_in)) = window.pay_ins.pop_first() {
            let (account, amount) = (pay_in.debtor, i128::from(pay_in.amount()));
            let paid = window.paid(account) - amount;
            if paid == 0 {
                window.paid.remove(&account);
            } else {
                window.paid.insert(account, paid);
            }
            self.accounts.get_mut(account).reserved -= amount;
            self.tell_pay_in(&pay_in, Event::GiveBack, out);
            self.wake(account);
            return (1, again);
        }
        let cancelled = window.why == Some(Status::Cancelled);
        let first = self.queue.collected(id).next();
        if let Some(place) = first {
            let steps = if cancelled {
                self.end(place, Event::Cancel, true, out)
            } else {
                self.join(place, out)
            };
            return (steps.max(1), again);
        }
        if let Some(window) = self.windows.remove(&id) {
            let why = window.why.unwrap_or(Status::InsufficientLiquidity);
            out.notices.push(window.notice(None, why, 0));
        }
        (0, None)
    }
}

impl Ledger {
    /// The netting windows that are open, of one currency or all (zero); with the positions of a participant, or of all.
    pub fn windows(&self, participant: ParticipantId, currency: u16, all: bool) -> Windows {
        let mut told = Windows {
            index: self.index,
            time: self.time.0,
            windows: Vec::new(),
            positions: Vec::new(),
        };
        let own = self
            .windows
            .values()
            .filter(|window| currency == 0 || window.has(currency));
        for (place, window) in (0..).zip(own) {
            told.windows.push(WindowLine {
                window: window.id(),
                grant: window.grant.clone(),
                stage: window.stage,
                obligations: self.queue.collected_by(window.id()) as u32,
                pay_ins: window.pay_ins.len() as u32,
            });
            let named: BTreeSet<u32> = window
                .positions
                .keys()
                .chain(window.paid.keys())
                .copied()
                .collect();
            let lines = named.into_iter().filter_map(|account| {
                let state = self.accounts.get(account);
                let shown = (all || state.participant == participant.0)
                    && (currency == 0 || state.currency == currency);
                let told = |amount: i128| u64::try_from(amount).unwrap_or(u64::MAX);
                shown.then(|| PositionLine {
                    window: place,
                    currency: state.currency,
                    participant: ParticipantId(state.participant),
                    position: window.positions.get(&account).map_or(0, |net| net.position),
                    paid: told(window.paid(account)),
                    missing: told(window.missing(account).max(0)),
                })
            });
            let mut lines: Vec<PositionLine> = lines.collect();
            lines.sort_by_key(|line| (line.participant.0, line.currency));
            let room = Windows::POSITIONS_MAX - told.positions.len();
            told.positions.extend(lines.into_iter().take(room));
        }
        told
    }
}
