//! Netting windows (PROTOCOL §33): what they collect, what is paid in, and how they end.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::action::{Action, Standing, WindowGrant};
use causeway_message::event::Role;
use causeway_message::record::{Instruction, Kind};
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::classes::{Spot, Waiting};
use super::control::Notice;
use super::due::Due;
use super::sweep::Sweep;
use super::tell::tell;
use super::{Caused, Key, Model, Origin, Place};
use crate::audit::input::Paper;

/// Windows that may be open, and what each may hold.
const OPEN: usize = 16;
const OBLIGATIONS: usize = 8_000;
const PAY_INS: usize = 4_096;
const PAY_INS_OF_ONE: usize = 16;

/// Where a window stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Collecting,
    Closed,
    Grace,
    /// It will not settle, for this reason.
    Ending(Status),
}

/// A window that is open.
#[derive(Debug, Clone)]
pub(super) struct Window {
    proposal: Key,
    origin: Origin,
    grant: WindowGrant,
    stage: Stage,
    /// When it is looked at.
    next: Timestamp,
    /// In the order in which they came.
    pay_ins: BTreeMap<Origin, Paper>,
}

impl Window {
    const fn instants(&self) -> [Timestamp; 3] {
        [
            Timestamp::from_seconds(self.grant.close),
            Timestamp::from_seconds(self.grant.pay_in_by),
            Timestamp::from_seconds(self.grant.ends),
        ]
    }

    const fn is_ending(&self) -> bool {
        matches!(self.stage, Stage::Ending(_))
    }

    /// What was paid in for it and not given back, by account.
    pub fn paid(&self) -> BTreeMap<Place, i128> {
        let mut all = BTreeMap::new();
        for paper in self.pay_ins.values() {
            *all.entry(place_of(&paper.record)).or_insert(0) += i128::from(paper.record.amount.get());
        }
        all
    }

    /// How many pay-ins it holds.
    pub fn holds(&self) -> usize {
        self.pay_ins.len()
    }
}

const fn place_of(record: &Instruction) -> Place {
    (record.debtor.get(), record.currency.get())
}

const fn window_of(record: &Instruction) -> InstructionId {
    InstructionId(record.related)
}

fn refuse(broken: bool, status: Status) -> Result<(), Status> {
    if broken { Err(status) } else { Ok(()) }
}

impl Model {
    /// The obligations of a window, in the order in which they came.
    fn obligations(&self, id: InstructionId) -> Vec<Waiting> {
        let own = |item: &&Waiting| item.spot == Spot::Window && window_of(item.record()) == id;
        self.waits.values().filter(own).cloned().collect()
    }

    /// What they leave each account that they name.
    fn window_positions(&self, id: InstructionId) -> BTreeMap<Place, i128> {
        let mut all = BTreeMap::new();
        for item in self.obligations(id) {
            let amount = i128::from(item.amount());
            *all.entry(item.place()).or_insert(0) -= amount;
            *all.entry((item.creditor(), item.place().1)).or_insert(0) += amount;
        }
        all
    }

    /// Net debits that are not covered, and by how much, by participant and then by currency.
    fn uncovered(&self, id: InstructionId) -> Vec<(Place, i128)> {
        let paid = self.net_windows.get(&id).map(Window::paid).unwrap_or_default();
        let missing = |(place, position): (Place, i128)| {
            let missing = -position - paid.get(&place).copied().unwrap_or(0);
            (missing > 0).then_some((place, missing))
        };
        self.window_positions(id)
            .into_iter()
            .filter_map(missing)
            .collect()
    }

    /// True if nobody in it is held, or other than active.
    fn is_clear(&self, id: InstructionId) -> bool {
        let who: BTreeSet<u32> = self
            .window_positions(id)
            .into_keys()
            .map(|place| place.0)
            .collect();
        who.into_iter().all(|who| {
            let member = self.members.get(who as usize);
            let active = member.is_some_and(|member| member.standing == Standing::Active);
            active && !self.is_suspended(who) && !self.is_held(who)
        })
    }

    pub(super) fn judge_open_window(&self, grant: &WindowGrant) -> Result<(), Status> {
        grant
            .currencies
            .iter()
            .try_for_each(|currency| self.judge_currency(*currency))?;
        refuse(
            self.has_come(Timestamp::from_seconds(grant.close)),
            Status::WindowInvalid,
        )?;
        let in_order = grant.close < grant.pay_in_by && grant.pay_in_by <= grant.ends;
        refuse(!in_order, Status::WindowInvalid)?;
        for currency in &grant.currencies {
            refuse(self.days.is_closed(*currency), Status::WindowInvalid)?;
            let today = self.schedules.today(*currency);
            refuse(
                today.is_some_and(|today| today.close < grant.ends),
                Status::WindowInvalid,
            )?;
        }
        refuse(self.net_windows.len() >= OPEN, Status::WindowInvalid)
    }

    pub(super) fn open_window(&mut self, proposal: Key, grant: &WindowGrant) -> Result<(), Status> {
        self.judge_open_window(grant)?;
        refuse(self.net_windows.contains_key(&proposal.1), Status::WindowInvalid)?;
        let known = self.memory.get(proposal.0, proposal.1);
        let next = Timestamp::from_seconds(grant.close);
        let window = Window {
            proposal,
            origin: known.map_or((0, 0), super::memory::Known::origin),
            grant: grant.clone(),
            stage: Stage::Collecting,
            next,
            pay_ins: BTreeMap::new(),
        };
        self.due.insert((next, Due::Window(proposal.1)));
        self.net_windows.insert(proposal.1, window);
        Ok(())
    }

    /// True if a window collects, and its close has not come.
    pub(super) fn collects(&self, id: InstructionId) -> bool {
        self.net_windows
            .get(&id)
            .is_some_and(|window| window.stage == Stage::Collecting && !self.has_come(window.instants()[0]))
    }

    pub(super) fn judge_cancel_window(&self, id: InstructionId) -> Result<(), Status> {
        refuse(!self.collects(id), Status::WindowInvalid)
    }

    pub(super) fn cancel_window(&mut self, id: InstructionId) -> Result<(), Status> {
        self.judge_cancel_window(id)?;
        self.end_window(id, Status::Cancelled);
        Ok(())
    }

    /// The window that a record names: it is open, not ending, and has its currency.
    fn window_that_takes(&self, record: &Instruction) -> Result<&Window, Status> {
        let window = self
            .net_windows
            .get(&window_of(record))
            .filter(|window| !window.is_ending() && !self.has_come(window.instants()[2]))
            .filter(|window| window.grant.currencies.contains(&record.currency.get()));
        window.ok_or(Status::WindowInvalid)
    }

    /// What an obligation says of its window.
    pub(super) fn judge_collection(&self, record: &Instruction) -> Result<(), Status> {
        let [close, ..] = self.window_that_takes(record)?.instants();
        refuse(self.has_come(close), Status::RejectedCutOff)
    }

    /// An obligation that broke no rule so far is collected, if there is room.
    pub(super) fn collect(&mut self, item: Waiting) -> Status {
        let held = self.obligations(window_of(item.record())).len();
        if held >= OBLIGATIONS || !self.has_place_for(1) {
            return Status::QueueFull;
        }
        self.wait(item, Spot::Window, false).0
    }

    /// All that may stand against a pay-in.
    pub(super) fn judge_paying_in(&self, who: ParticipantId, record: &Instruction) -> Result<(), Status> {
        let place = place_of(record);
        refuse(place.0 != who.0, Status::NotAuthorised)?;
        refuse(record.amount.get() == 0, Status::AmountZero)?;
        self.judge_currency(place.1)?;
        refuse(self.money.get(place).is_none(), Status::DebtorUnknown)?;
        refuse(self.is_suspended(place.0), Status::DebtorSuspended)?;
        let window = self.window_that_takes(record)?;
        refuse(
            self.judge_defund(place, record.amount.get()).is_err(),
            Status::InsufficientLiquidity,
        )?;
        let own = window
            .pay_ins
            .values()
            .filter(|paper| place_of(&paper.record) == place);
        let full = window.holds() >= PAY_INS || own.count() >= PAY_INS_OF_ONE || !self.has_place_for(1);
        refuse(full, Status::QueueFull)
    }

    /// Sets money aside for a window (kind 16).
    pub(super) fn pay_into(&mut self, paper: &Paper, origin: Origin) -> Status {
        let (id, amount) = (window_of(&paper.record), i128::from(paper.record.amount.get()));
        self.money
            .change(place_of(&paper.record), |account| account.reserved += amount);
        if let Some(window) = self.net_windows.get_mut(&id) {
            window.pay_ins.insert(origin, paper.clone());
        }
        let waits = self
            .net_windows
            .get(&id)
            .is_some_and(|window| window.stage != Stage::Collecting && !self.has_come(window.next));
        if waits && self.uncovered(id).is_empty() {
            self.look_again_at(id, self.time);
        }
        Status::SetAside
    }

    fn look_again_at(&mut self, id: InstructionId, next: Timestamp) {
        if let Some(window) = self.net_windows.get_mut(&id) {
            self.due.remove(&(window.next, Due::Window(id)));
            window.next = next;
            self.due.insert((next, Due::Window(id)));
        }
    }

    /// A window is looked at. Returns for how many things that counts.
    pub(super) fn look_at_window(&mut self, id: InstructionId, caused: &mut Caused) -> usize {
        let Some(mut window) = self.net_windows.get(&id).cloned() else {
            return 1;
        };
        let [close, pay_in_by, ends] = window.instants();
        if window.stage == Stage::Collecting && self.has_come(close) {
            window.stage = Stage::Closed;
        }
        let (clear, owing) = (self.is_clear(id), self.uncovered(id));
        if clear && owing.is_empty() {
            return self.settle_window(id, caused).max(1);
        }
        let mut counted = 0;
        if window.stage == Stage::Closed && self.has_come(pay_in_by) {
            window.stage = Stage::Grace;
            counted = owing.len();
            for (place, missing) in &owing {
                let amount = u64::try_from(*missing).unwrap_or(u64::MAX);
                let subject = Some(ParticipantId(place.0));
                say(&window, subject, Status::PayInMissed, amount, caused);
            }
        }
        let next = if window.stage == Stage::Grace {
            ends
        } else {
            pay_in_by
        };
        self.net_windows.insert(id, window);
        if !self.has_come(ends) {
            self.look_again_at(id, next);
            return counted.max(1);
        }
        let drawable =
            |(place, missing): &(Place, i128)| !self.risk.is_tested(place.0) && *missing <= self.free(*place);
        if clear && owing.iter().all(drawable) {
            counted += self.settle_window(id, caused);
        } else {
            self.end_window(id, Status::InsufficientLiquidity);
        }
        counted.max(1)
    }

    /// A currency is about to close by its schedule: its windows that end by then are looked at first. False if the
    /// entry may not look at all of them.
    pub(super) fn look_at_last_windows(&mut self, currency: u16, close: u32, caused: &mut Caused) -> bool {
        loop {
            let ends = |window: &Window| {
                !window.is_ending()
                    && window.grant.ends <= close
                    && window.grant.currencies.contains(&currency)
            };
            let all = self.net_windows.iter().filter(|(_, window)| ends(window));
            let Some((next, id)) = all.map(|(id, window)| (window.next, *id)).min() else {
                return true;
            };
            if !self.has_looks_left() {
                return false;
            }
            self.due.remove(&(next, Due::Window(id)));
            self.looked_at += self.look_at_window(id, caused);
        }
    }

    /// Settles a window whole. Returns how many instructions that is.
    fn settle_window(&mut self, id: InstructionId, caused: &mut Caused) -> usize {
        let (items, positions) = (self.obligations(id), self.window_positions(id));
        let Some(window) = self.net_windows.remove(&id) else {
            return 0;
        };
        self.due.remove(&(window.next, Due::Window(id)));
        let before = self.effects;
        for (origin, paper) in &window.pay_ins {
            self.fees.accrue(place_of(&paper.record), paper.record.kind, 0);
            self.return_pay_in(paper, *origin, Status::Executed, caused);
        }
        for (place, position) in positions {
            self.money.change(place, |account| account.balance += position);
            if position > 0 {
                self.credited(place);
            }
        }
        for item in &items {
            self.take(item.origin);
            self.fees.accrue(item.place(), item.record().kind, item.amount());
            self.tell_later(item, Status::Settled, item.amount(), caused);
        }
        say(&window, None, Status::Settled, 0, caused);
        window
            .pay_ins
            .values()
            .for_each(|paper| self.wake(place_of(&paper.record)));
        items
            .iter()
            .for_each(|item| self.wake((item.creditor(), item.place().1)));
        let effects = self.effects - before;
        self.spend(effects);
        effects
    }

    /// The money of a pay-in is free again, and its submitter told what became of it.
    fn return_pay_in(&mut self, paper: &Paper, origin: Origin, status: Status, caused: &mut Caused) {
        let amount = i128::from(paper.record.amount.get());
        self.money
            .change(place_of(&paper.record), |account| account.reserved -= amount);
        let who = ParticipantId(paper.record.debtor.get());
        self.memory
            .change(who, paper.record.id(), (status, 0), self.index);
        self.effects += 1;
        tell(&mut caused.later, paper, origin, (Role::Debtor, who), status, 0);
    }

    /// A window will not settle.
    fn end_window(&mut self, id: InstructionId, why: Status) {
        let Some(window) = self.net_windows.get_mut(&id).filter(|window| !window.is_ending()) else {
            return;
        };
        window.stage = Stage::Ending(why);
        self.due.remove(&(window.next, Due::Window(id)));
        self.sweeps.push_back(Sweep::Window(id));
    }

    /// A currency closes: so much for its windows.
    pub(super) fn end_windows_in(&mut self, currency: u16) {
        let ids: Vec<InstructionId> = self.net_windows.keys().copied().collect();
        for id in ids {
            let has = self.net_windows.get(&id);
            if has.is_some_and(|window| window.grant.currencies.contains(&currency)) {
                self.end_window(id, Status::RejectedClose);
            }
        }
    }

    /// The default of a participant is confirmed: so much for the windows that it is in.
    pub(super) fn end_windows_of(&mut self, who: u32) {
        let ids: Vec<InstructionId> = self.net_windows.keys().copied().collect();
        for id in ids {
            let mut items = self.obligations(id).into_iter();
            let owes = items.any(|item| item.place().0 == who || item.creditor() == who);
            let paid = self.net_windows.get(&id).map(Window::paid);
            if owes || paid.is_some_and(|paid| paid.keys().any(|place| place.0 == who)) {
                self.end_window(id, Status::InsufficientLiquidity);
            }
        }
    }

    /// The next step of a window's end.
    pub(super) fn step_of_window(&mut self, id: InstructionId, caused: &mut Caused) -> Option<Sweep> {
        let window = self.net_windows.get_mut(&id)?;
        let Stage::Ending(why) = window.stage else {
            return None;
        };
        if let Some((origin, paper)) = window.pay_ins.pop_first() {
            self.return_pay_in(&paper, origin, Status::GivenBack, caused);
            self.wake(place_of(&paper.record));
            self.spend(1);
            return Some(Sweep::Window(id));
        }
        if let Some(item) = self.obligations(id).first() {
            if why == Status::Cancelled {
                self.end_with_chain(item.origin, why, why, caused);
            } else {
                self.come_back(item.origin, caused);
            }
            self.spend(1);
            return Some(Sweep::Window(id));
        }
        if let Some(window) = self.net_windows.remove(&id) {
            say(&window, None, why, 0, caused);
        }
        None
    }
}

/// Tells who opened a window, and whom else it concerns, what became of it.
fn say(window: &Window, subject: Option<ParticipantId>, status: Status, amount: u64, caused: &mut Caused) {
    let (proposer, id) = window.proposal;
    caused.notices.push(Notice {
        proposer,
        subject: subject.filter(|subject| *subject != proposer),
        id,
        origin: window.origin,
        status,
        amount,
        action: Action::OpenWindow(window.grant.clone()),
    });
}

/// True for kinds that only a window makes sense of.
pub(super) const fn is_of_window(kind: Kind) -> bool {
    matches!(kind, Kind::Obligation | Kind::PayIn)
}
