//! What a treasurer looks at: the own queue in order of settlement, and the own accounts with limits and reservations.
use causeway_message::ParticipantId;
use causeway_message::wire::{
    AccountLine, Accounts, Kept, LimitLine, Projected, QueueLine, QueueLines, account_flags,
};

use crate::apply::Ledger;
use crate::desk::Reservation;
use crate::queue::Waiting;

fn kept(of: Reservation) -> Kept {
    Kept {
        set: of.set,
        left: of.left,
    }
}

fn line(waiting: &Waiting, position: u32) -> QueueLine {
    QueueLine {
        id: waiting.record.id(),
        uetr: causeway_message::Uetr(waiting.record.uetr),
        amount: waiting.amount(),
        entry: waiting.entry,
        creditor: ParticipantId(waiting.record.creditor.get()),
        position,
        currency: waiting.record.currency.get(),
        ordinal: waiting.ordinal,
        status: waiting.status(),
        class: waiting.class,
    }
}

impl Ledger {
    fn own_accounts(&self, participant: ParticipantId, currency: u16) -> impl Iterator<Item = u32> {
        self.accounts
            .of(participant.0)
            .filter(move |id| currency == 0 || self.accounts.get(*id).currency == currency)
    }

    /// What waits of a participant, from one place on.
    pub fn queue_lines(&self, participant: ParticipantId, currency: u16, first: u64) -> QueueLines {
        let queued = self.own_accounts(participant, currency).flat_map(|id| {
            let all = self.queue.of(&self.accounts, id).zip(1u32..);
            all.map(|(waiting, position)| line(waiting, position))
        });
        let aside = self
            .queue
            .aside()
            .chain(self.queue.trades_aside())
            .filter(|waiting| {
                waiting.submitter == participant
                    && (currency == 0 || waiting.record.currency.get() == currency)
            });
        let from = usize::try_from(first).unwrap_or(usize::MAX);
        let mut lines: Vec<QueueLine> = queued
            .chain(aside.map(|waiting| line(waiting, 0)))
            .skip(from)
            .take(QueueLines::LINES_MAX + 1)
            .collect();
        let more = lines.len() > QueueLines::LINES_MAX;
        lines.truncate(QueueLines::LINES_MAX);
        QueueLines {
            index: self.index,
            next: if more { first + lines.len() as u64 } else { 0 },
            lines,
        }
    }

    /// Accounts of a participant, of one currency or of all (zero).
    pub fn treasury(&self, participant: ParticipantId, currency: u16) -> Accounts {
        let mut told = Accounts {
            index: self.index,
            left_out: 0,
            lines: Vec::new(),
            limits: Vec::new(),
        };
        for id in self.own_accounts(participant, currency) {
            told.lines.push(self.account_line(id));
            let Some(desk) = self.accounts.desk(id) else {
                continue;
            };
            let room = Accounts::LIMITS_MAX - told.limits.len();
            told.left_out += desk.bilateral.len().saturating_sub(room) as u32;
            let limits = desk.bilateral.iter().take(room);
            told.limits.extend(limits.map(|(against, limit)| LimitLine {
                currency: self.accounts.get(id).currency,
                participant: ParticipantId(*against),
                amount: limit.amount,
                used: limit.used,
            }));
        }
        told
    }

    fn account_line(&self, id: u32) -> AccountLine {
        let account = self.accounts.get(id);
        let book = self.accounts.book(account.currency);
        let date = book.map_or(0, |book| self.accounts.books()[book].date);
        let mut outgoing = [Projected::default(); 3];
        for waiting in self.queue.of(&self.accounts, id) {
            let of_class = &mut outgoing[waiting.class as usize];
            of_class.count += 1;
            of_class.value += i128::from(waiting.amount());
        }
        let (count, value) = self.queue.inbound(id);
        let mut line = AccountLine {
            currency: account.currency,
            phase: self.phase(account.currency),
            flags: if account.suspended {
                account_flags::SUSPENDED
            } else {
                0
            },
            date,
            balance: account.balance,
            set_aside: account.reserved,
            free: self.accounts.free(id),
            cap: self.accounts.granted_cap(id),
            multilateral: 0,
            multilateral_used: 0,
            high: Kept::default(),
            urgent: Kept::default(),
            fees: self.fees.of(id),
            outgoing,
            incoming: Projected { count, value },
        };
        let Some(desk) = self.accounts.desk(id) else {
            return line;
        };
        let [high, urgent] = desk.reservations;
        (line.high, line.urgent) = (kept(high), kept(urgent));
        if desk.bypass {
            line.flags |= account_flags::BYPASS;
        }
        if let Some(limit) = desk.others {
            line.flags |= account_flags::MULTILATERAL;
            (line.multilateral, line.multilateral_used) = (limit.amount, limit.used);
        }
        line
    }
}
