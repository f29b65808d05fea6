//! The tally: what must hold of any ledger, read from answers and events alone, one file for each invariant.
//!
//! It knows who asked for what (the log) and what they were told (answers, events); it does not know why. From that
//! it keeps balances, queues and outcomes of its own.
mod actions;
mod alleged;
mod aside;
mod chains;
mod conservation;
mod credits;
mod day;
mod duplicates;
mod exchanges;
mod exposures;
mod firm;
mod holds;
mod legs;
mod limits;
mod once;
mod order;
mod own_limits;
mod rates;
mod related;
mod risk;
mod schedule;
mod seen;
mod statements;
mod trades;
mod windows;

use std::collections::{BTreeMap, BTreeSet};

use causeway_message::action::{Action, Phase};
use causeway_message::genesis::Genesis;
use causeway_message::record::Kind;
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::Expected;
use super::fault::{Fault, Rule, hold, same};
use super::input::Input;
use super::model::{Line, Place};
use actions::Defund;
use aside::Aside;
use credits::Credits;
use duplicates::Alike;
use exposures::Desks;
use firm::Firm;
use holds::Holds;
use once::Outcomes;
use order::Item;
use own_limits::OwnLimits;
use related::Back;
use risk::Risk;
use schedule::Schedules;
use seen::{Mark, Origin, Seen};
use statements::Statements;
use trades::Trades;
use windows::Windows;

type Key = (ParticipantId, InstructionId);

/// An account as answers and events tell it.
#[derive(Debug, Clone, Default)]
struct Account {
    balance: i128,
    reserved: i128,
    cap: u64,
    /// Payments that wait, those of one class in their order.
    queue: Vec<Item>,
    /// Largest cap that it had in the entry under way.
    widest_cap: u64,
    /// True if money left it that was not set aside before, or was set aside, in the entry under way.
    drawn: bool,
    /// True if money left it that was set aside before.
    released: bool,
    /// True if that was something else than a leg of a trade, or money that was set aside before.
    paid_out: bool,
    /// True if money came in, or its cap rose, in the entry under way.
    fed: bool,
}

/// The tally.
#[derive(Debug)]
pub struct Tally {
    accounts: BTreeMap<Place, Account>,
    /// Funded less paid out, by currency.
    issued: BTreeMap<u16, i128>,
    /// Sum of all postings to accounts, by currency.
    posted: BTreeMap<u16, i128>,
    outcomes: Outcomes,
    defunds: BTreeMap<Key, Defund>,
    /// Payments that wait outside a queue, or whose money is set aside.
    elsewhere: BTreeSet<Origin>,
    /// Class of each payment that left a queue.
    classes: BTreeMap<Origin, u8>,
    /// Accounts in which payments of one class may overtake each other, and in the entry under way may or might.
    overtaking: BTreeSet<Place>,
    overtaking_now: BTreeSet<Place>,
    own: OwnLimits,
    asides: BTreeMap<Key, Aside>,
    /// What went back in the entry under way of money that was set aside.
    gone_back: Vec<(Mark, u64)>,
    backs: BTreeMap<Key, Back>,
    /// Records of the chain that each record belongs to.
    chains: BTreeMap<Origin, Vec<Origin>>,
    accepted: BTreeMap<Alike, (Timestamp, Origin)>,
    holds: Holds,
    closed: BTreeSet<u16>,
    schedules: Schedules,
    statements: Statements,
    /// Who collects fees in which currency.
    collectors: BTreeSet<(u16, u32)>,
    /// Payer, currency and date of each bill.
    billed: BTreeSet<(u32, u16, u16)>,
    trades: Trades,
    risk: Risk,
    credits: Credits,
    firm: Firm,
    desks: Desks,
    windows: Windows,
    participants: u32,
    /// Accounts that the entry under way concerns.
    touched: BTreeSet<Place>,
}

impl Tally {
    pub fn new(genesis: &Genesis) -> Self {
        let mut tally = Self {
            accounts: BTreeMap::new(),
            issued: BTreeMap::new(),
            posted: BTreeMap::new(),
            outcomes: Outcomes::default(),
            defunds: BTreeMap::new(),
            elsewhere: BTreeSet::new(),
            classes: BTreeMap::new(),
            overtaking: BTreeSet::new(),
            overtaking_now: BTreeSet::new(),
            own: OwnLimits::default(),
            asides: BTreeMap::new(),
            gone_back: Vec::new(),
            backs: BTreeMap::new(),
            chains: BTreeMap::new(),
            accepted: BTreeMap::new(),
            holds: Holds::default(),
            closed: BTreeSet::new(),
            schedules: Schedules::default(),
            statements: Statements::default(),
            collectors: BTreeSet::new(),
            billed: BTreeSet::new(),
            trades: Trades::default(),
            risk: Risk::default(),
            credits: Credits::default(),
            firm: Firm::default(),
            desks: Desks::default(),
            windows: Windows::default(),
            participants: 0,
            touched: BTreeSet::new(),
        };
        for grant in &genesis.participants {
            tally.admit(grant);
        }
        tally
    }

    /// Follows what an entry was seen to cause, and looks at what must hold of it.
    pub fn entry(&mut self, input: &Input, told: &Expected) -> Result<(), Fault> {
        let mut seen = Seen::read(input, told)?;
        let version = told.leaf.rules_version;
        self.begin();
        self.outcomes.follow(input, told, &seen)?;
        let turned = self.schedules.turn(told.leaf.time, &seen, &self.closed);
        let executed = seen.ended.iter().filter(|ended| ended.status == Status::Executed);
        executed.for_each(|ended| self.schedules.executed(&ended.action));
        seen.ended.splice(0..0, turned);
        self.carry_out(&seen)?;
        self.risk.follow(&seen, told.leaf.time);
        self.post(&seen)?;
        self.check_windows(&seen, told.leaf.time)?;
        self.check_trades(&seen, told.leaf.time)?;
        self.check_alleged(&seen)?;
        self.post_exchanges(&seen)?;
        self.check_exchanges(&seen, told.leaf.time)?;
        let billed = self.check_exchange_fees(&seen)?;
        self.post_fees(&seen)?;
        self.follow_asides(&seen)?;
        self.check_conservation(seen.entry)?;
        legs::check(&seen)?;
        check_told(&seen)?;
        self.check_chains(&seen, version)?;
        self.check_order(&seen)?;
        self.check_limits(seen.entry)?;
        self.check_frozen(seen.entry)?;
        self.check_risk(&seen)?;
        self.check_related(&seen)?;
        self.check_duplicates(&seen, told.leaf.time, version)?;
        self.check_holds(&seen)?;
        self.check_day(&seen, &billed)?;
        self.check_unpaid(&seen)?;
        self.check_statements(&seen)?;
        let closes = |ended: &seen::Ended| match &ended.action {
            Action::SetDay {
                currency,
                phase: Phase::Closed,
                ..
            } => Some(*currency),
            _ => None,
        };
        let executed = seen.ended.iter().filter(|ended| ended.status == Status::Executed);
        let closed: Vec<u16> = executed.filter_map(closes).collect();
        self.check_own_limits(&seen, &closed)
    }

    fn begin(&mut self) {
        self.begin_credits();
        for place in std::mem::take(&mut self.touched) {
            if let Some(account) = self.accounts.get_mut(&place) {
                account.widest_cap = account.cap;
                account.drawn = false;
                account.released = false;
                account.paid_out = false;
                account.fed = false;
            }
        }
    }

    /// The account must be there: nobody is paid into, or out of, nothing.
    fn account(&mut self, place: Place, entry: u64) -> Result<&mut Account, Fault> {
        self.touched.insert(place);
        self.accounts.get_mut(&place).ok_or_else(|| {
            let (who, currency) = place;
            let what = format!("log entry {entry}: participant {who} has no account in currency {currency}");
            Fault::new(Rule::Authority, what)
        })
    }

    /// Debits and credits, each to its own account.
    fn post(&mut self, seen: &Seen) -> Result<(), Fault> {
        let nets = windows::settles(seen);
        for (sign, legs) in [(-1, &seen.debits), (1, &seen.credits)] {
            for leg in legs {
                let amount = sign * i128::from(leg.amount);
                let account = self.account(leg.place, seen.entry)?;
                account.balance += amount;
                account.fed |= amount > 0;
                *self.posted.entry(leg.place.1).or_insert(0) += amount;
                if nets && leg.record.kind == Kind::Obligation as u8 {
                    continue;
                }
                let account = self.account(leg.place, seen.entry)?;
                // What was set aside was covered then; the cap may have fallen since.
                let aside = leg.record.kind == Kind::Conditional as u8;
                account.drawn |= amount < 0 && !aside;
                account.released |= amount < 0 && aside;
                account.paid_out |= amount < 0 && !aside;
            }
        }
        for side in &seen.sides {
            let paid = (side.place, -i128::from(side.moved));
            for (place, amount) in [paid, (side.place_got(), i128::from(side.got))] {
                let account = self.account(place, seen.entry)?;
                account.balance += amount;
                account.drawn |= amount < 0;
                account.fed |= amount > 0;
                *self.posted.entry(place.1).or_insert(0) += amount;
            }
        }
        Ok(())
    }

    /// An account must be as answers and events tell it.
    pub fn explains(&self, place: Place, line: &Line, entry: u64) -> Result<(), Fault> {
        let own = self.accounts.get(&place).cloned().unwrap_or_default();
        let told = (own.balance, own.reserved, own.cap, own.queue.len());
        let kept = (line.balance, line.reserved, line.cap, line.queued as usize);
        same(Rule::EffectsExplainState, &told, &kept, || {
            let (who, currency) = place;
            format!(
                "participant {who}, currency {currency} after log entry {entry}: balance, reserved, cap, queued"
            )
        })
    }

    /// Looks at everything at once.
    pub fn whole(&self, entry: u64) -> Result<(), Fault> {
        let mut sums: BTreeMap<u16, i128> = BTreeMap::new();
        for (place, account) in &self.accounts {
            *sums.entry(place.1).or_insert(0) += account.balance;
        }
        for (currency, sum) in sums {
            let issued = self.issued.get(&currency).copied().unwrap_or(0);
            same(Rule::Conservation, &issued, &sum, || {
                format!("currency {currency} after log entry {entry}")
            })?;
        }
        self.check_reservations(entry)
    }
}

/// Creditors and approvers are told what the debtor is told, or was answered in the same entry.
fn check_told(seen: &Seen) -> Result<(), Fault> {
    for (whom, mark) in &seen.others {
        let own = seen.first.iter().chain(&seen.later);
        let says = |other: &Mark| {
            // What waits for its other side is alleged to that.
            let alleged = other.status == Status::Unmatched && mark.status == Status::Alleged;
            let told = other.status == mark.status || alleged;
            told && (other.origin, other.moved) == (mark.origin, mark.moved)
        };
        hold(own.clone().any(says), Rule::FeedEvent, || {
            format!(
                "log entry {}: participant {whom} is told that {:?} is {:?}",
                seen.entry, mark.origin, mark.status
            )
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
