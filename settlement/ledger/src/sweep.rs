//! Work that goes over many payments and may take more than one entry: the close of a currency, the end of a hold.
use causeway_message::action::Phase;
use causeway_message::statement::DayStep;
use causeway_message::{InstructionId, ParticipantId, Status, mutated};

use crate::apply::Ledger;
use crate::default::Ending;
use crate::limits::RELEASES_PER_ENTRY;
use crate::outcome::Outcome;
use crate::queue::{DatedAt, Origin, Seat, Waiting};

/// Where a close stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Stage {
    /// Ends what is queued, account by account.
    Queues = 0,
    /// Ends what stands beside the queues.
    Aside = 1,
    /// Bills fees and renews limits, account by account.
    Accounts = 2,
    /// Ends trades that stand beside the queues; before what is done to the accounts.
    Trades = 3,
    /// Escalates credit in use, account by account.
    Credit = 4,
    /// Tells the statement of every account.
    Statements = 5,
}

impl Stage {
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Queues),
            1 => Some(Self::Aside),
            2 => Some(Self::Accounts),
            3 => Some(Self::Trades),
            4 => Some(Self::Credit),
            5 => Some(Self::Statements),
            _ => None,
        }
    }
}

/// Work under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sweep {
    /// A currency closed.
    Close {
        currency: u16,
        stage: Stage,
        /// Next account to look at.
        account: u32,
        /// Last payment looked at beside the queues.
        last: Option<Origin>,
    },
    /// The hold on a participant ended.
    Unhold {
        participant: u32,
        /// Last payment looked at.
        last: Option<Origin>,
    },
    /// A business date may have come, or passed: trades are looked at.
    Trades {
        /// Last instruction looked at.
        last: Option<Origin>,
    },
    /// There may be quotes for what awaits one.
    Quotes {
        /// Last payment looked at.
        last: Option<Origin>,
    },
    /// Of what is dated in a currency, the day may have come, or will not.
    Dates {
        currency: u16,
        /// Last payment looked at.
        last: Option<DatedAt>,
    },
    /// The default of a participant was confirmed: what waits of it and for it ends.
    Default {
        participant: u32,
        /// What is looked at.
        stage: Ending,
    },
    /// A netting window ends without having settled.
    Window(InstructionId),
}

impl Ledger {
    /// Where the day of a currency stands.
    #[inline]
    pub(crate) fn phase(&self, currency: u16) -> Phase {
        let book = self.accounts.book(currency);
        book.map_or(Phase::Open, |book| self.accounts.books()[book].phase)
    }

    pub(crate) fn judge_day(&self, currency: u16, phase: Phase, date: u16) -> Result<usize, Status> {
        self.judge_currency(currency)?;
        let place = self.accounts.book(currency).ok_or(Status::CurrencyNotOpen)?;
        let book = &self.accounts.books()[place];
        let fits = match (book.phase, phase) {
            // Where there is a schedule, days open by it.
            (_, Phase::Open) if self.days.has(currency, self.time) => false,
            // The first day is opened over the time before it, in which a currency is open, too.
            (Phase::Open, Phase::Open) => book.date == 0 && date != 0,
            (Phase::Closed, Phase::Open) => date > book.date && !self.is_closing(currency),
            (Phase::Open, Phase::CutOff | Phase::Closed) | (Phase::CutOff, Phase::Closed) => {
                book.date != 0 && date == book.date
            }
            _ => false,
        };
        if fits { Ok(place) } else { Err(Status::DayInvalid) }
    }

    pub(crate) fn set_day(&mut self, currency: u16, phase: Phase, date: u16) -> Result<(), Status> {
        let place = self.judge_day(currency, phase, date)?;
        match phase {
            Phase::Open => self.open_day(place, date, 0),
            Phase::CutOff => {
                let book = self.accounts.book_mut(place);
                book.phase = phase;
                book.customers_out = self.days.hours(currency).is_some();
                self.cut_off_hours(currency);
                self.tell_step(place, DayStep::CutOff, 0);
            }
            Phase::Closed => self.close_day(currency, place, 0),
        }
        self.plan_days();
        Ok(())
    }

    /// Begins to look at all trades, if there are any.
    pub(crate) fn look_at_trades(&mut self) {
        if self.queue.trades() != 0 {
            self.sweeps.push_back(Sweep::Trades { last: None });
        }
    }

    /// True if some currency's business dates are UTC dates, and a trade waits.
    pub(crate) fn midnight_matters(&self) -> bool {
        self.queue.trades() != 0 && self.accounts.books().iter().any(|book| book.date == 0)
    }

    pub(crate) fn hold_participant(
        &mut self,
        who: ParticipantId,
        held: bool,
        reference: &str,
        out: &mut Outcome,
    ) -> Result<(), Status> {
        self.judge_hold_participant(who, held, reference)?;
        if let Some(participant) = self.registry.get_mut(who) {
            participant.held = held;
        }
        self.restate(who);
        self.forget_unhold(who);
        // While its default is declared it waits for that, too.
        if !held && self.registry.get(who).is_some_and(|own| !own.is_held()) {
            self.let_go(who, out);
        }
        Ok(())
    }

    /// What an end of its hold left to do is done no more.
    pub(crate) fn forget_unhold(&mut self, who: ParticipantId) {
        let other =
            |sweep: &Sweep| !matches!(sweep, Sweep::Unhold { participant, .. } if *participant == who.0);
        self.sweeps.retain(other);
    }

    /// What waited for a decision about a participant goes on.
    pub(crate) fn let_go(&mut self, who: ParticipantId, out: &mut Outcome) {
        self.market.stirred = true;
        self.sweeps.push_back(Sweep::Unhold {
            participant: who.0,
            last: None,
        });
        let accounts: Vec<u32> = self.accounts.of(who.0).collect();
        for id in accounts {
            self.credited(id, out);
        }
    }

    /// Goes on with what was begun, while the entry's budget lasts.
    pub(crate) fn sweep(&mut self, out: &mut Outcome) {
        while self.budget > 0 && !self.end_of_day.paused {
            let Some(sweep) = self.sweeps.front().copied() else {
                return;
            };
            let before = out.deferred.len();
            let (steps, after) = match sweep {
                Sweep::Unhold { participant, last } => self.unhold_one(participant, last, out),
                Sweep::Trades { last } => self.look_at_one(last, out),
                Sweep::Quotes { last } => self.look_for_one(last, out),
                Sweep::Dates { currency, last } => self.look_at_dated(currency, last, out),
                Sweep::Default { participant, stage } => self.default_one(participant, stage, out),
                Sweep::Window(id) => self.end_one_of_window(id, out),
                Sweep::Close {
                    currency,
                    stage,
                    account,
                    last,
                } => self.close_one(currency, stage, account, last, out),
            };
            let effects = out.deferred.len() - before;
            self.budget = self.budget.saturating_sub(steps.max(effects));
            match (after, self.sweeps.front_mut()) {
                (Some(after), Some(front)) => *front = after,
                _ => {
                    self.sweeps.pop_front();
                }
            }
        }
    }

    fn unhold_one(
        &mut self,
        participant: u32,
        last: Option<Origin>,
        out: &mut Outcome,
    ) -> (usize, Option<Sweep>) {
        let Some(place) = self.queue.aside_after(last) else {
            return (0, None);
        };
        let Some(waiting) = self.queue.get(place) else {
            return (0, None);
        };
        let last = Some(waiting.origin());
        let steps = if waiting.seat == Seat::Party(participant) {
            self.join(place, out)
        } else {
            1
        };
        (steps, Some(Sweep::Unhold { participant, last }))
    }

    fn look_for_one(&mut self, last: Option<Origin>, out: &mut Outcome) -> (usize, Option<Sweep>) {
        let Some(place) = self.queue.awaiting_after(last) else {
            return (0, None);
        };
        let last = self.queue.get(place).map(Waiting::origin);
        (self.look_for_quote(place, out), Some(Sweep::Quotes { last }))
    }

    /// If something happened that may give a quote, what awaits one is looked at.
    pub(crate) fn look_for_quotes(&mut self, out: &mut Outcome) {
        let looks = |sweep: &Sweep| matches!(sweep, Sweep::Quotes { .. });
        if self.sweeps.iter().any(looks) {
            // Those that were looked at already have their turn again when this is done.
            return;
        }
        let stirred = std::mem::take(&mut self.market.stirred) | std::mem::take(&mut self.accounts.stirred);
        if stirred && self.queue.awaiting_after(None).is_some() && !mutated!(NeverLooks) {
            self.sweeps.push_back(Sweep::Quotes { last: None });
            self.sweep(out);
            self.release(out);
        }
    }

    fn look_at_one(&mut self, last: Option<Origin>, out: &mut Outcome) -> (usize, Option<Sweep>) {
        let Some(place) = self.queue.trade_after(last) else {
            return (0, None);
        };
        let last = self.queue.get(place).map(Waiting::origin);
        self.review_trade(place, out);
        (1, Some(Sweep::Trades { last }))
    }

    fn close_one(
        &mut self,
        currency: u16,
        stage: Stage,
        account: u32,
        last: Option<Origin>,
        out: &mut Outcome,
    ) -> (usize, Option<Sweep>) {
        let at = |stage, account, last| {
            Some(Sweep::Close {
                currency,
                stage,
                account,
                last,
            })
        };
        let waiting = self.queue.len();
        match stage {
            Stage::Aside | Stage::Trades => {
                let next = if stage == Stage::Aside {
                    self.queue.aside_after(last)
                } else {
                    self.queue.trade_after(last)
                };
                let Some(place) = next else {
                    if stage == Stage::Aside {
                        return (0, at(Stage::Trades, 0, None));
                    }
                    self.end_step(currency, DayStep::Rejected);
                    let next = if self.rules >= 4 {
                        Stage::Credit
                    } else {
                        Stage::Accounts
                    };
                    return (0, at(next, 0, None));
                };
                let Some(item) = self.queue.get(place) else {
                    return (0, None);
                };
                let last = Some(item.origin());
                let ends = if stage == Stage::Aside {
                    item.record.currency.get() == currency && !self.outlives_close(&item.record)
                } else {
                    self.ends_with(item, currency)
                };
                let steps = if ends { self.end_at_close(place, out) } else { 1 };
                self.count_step(currency, (waiting - self.queue.len()) as usize, 0);
                return (steps, at(stage, account, last));
            }
            Stage::Statements => {
                return match self.tell_statement(currency, account, out) {
                    Some(steps) => (steps, at(stage, account + 1, None)),
                    None => {
                        self.end_step(currency, DayStep::Statements);
                        (0, None)
                    }
                };
            }
            Stage::Queues | Stage::Credit | Stage::Accounts => {}
        }
        let Some(state) = self.accounts.all().get(account as usize) else {
            return match stage {
                Stage::Queues => (0, at(Stage::Aside, 0, None)),
                Stage::Credit => {
                    self.end_step(currency, DayStep::Credit);
                    (0, at(Stage::Accounts, 0, None))
                }
                _ if self.rules >= 4 => {
                    self.end_step(currency, DayStep::Fees);
                    (0, at(Stage::Statements, 0, None))
                }
                _ => (0, None),
            };
        };
        if state.currency != currency {
            return (1, at(stage, account + 1, None));
        }
        if stage == Stage::Credit {
            let before = out.notices.len();
            self.escalate_credit(account, out);
            if let Some(told) = out.notices.get(before) {
                self.count_step(currency, 1, told.amount.into());
            }
            return (1, at(stage, account + 1, None));
        }
        if stage == Stage::Accounts {
            let before = out.fees.len();
            let book = self.accounts.book(currency);
            let date = book.map_or(0, |book| self.accounts.books()[book].date);
            self.bill(account, date, out);
            if let Some(billed) = out.fees.get(before) {
                self.count_step(currency, 1, billed.amount.into());
            }
            self.forget_pay_in(account);
            self.renew_exposures(account);
            if self.accounts.desk(account).is_some() {
                self.accounts.desk_mut(account).renew();
            }
            return (1, at(stage, account + 1, None));
        }
        let head = self
            .accounts
            .desk(account)
            .and_then(|desk| desk.top().map(|top| desk.queues[top as usize].head));
        let Some(head) = head else {
            return (1, at(stage, account + 1, None));
        };
        let steps = self.end_at_close(head, out);
        self.count_step(currency, (waiting - self.queue.len()) as usize, 0);
        (steps, at(stage, account, None))
    }
}

const _: () = assert!(RELEASES_PER_ENTRY > 2 * causeway_message::limits::CHAIN_RECORDS_MAX);
