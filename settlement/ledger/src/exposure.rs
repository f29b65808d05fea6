//! What is at stake with one member, and with whom. Reading changes nothing; it looks at all that waits, once for each
//! page.
use std::collections::BTreeMap;

use causeway_message::record::{Instruction, Kind};
use causeway_message::wire::{Exposure, ExposureQuery, Stake, StakeAccount, StakeLine, StakeQuotes};
use causeway_message::{InstructionId, ParticipantId};

use crate::apply::Ledger;
use crate::credit::Credit;
use crate::market::Lock;

/// Lines by counterparty and currency.
struct Lines {
    own: u32,
    currency: u16,
    all: BTreeMap<(u32, u16), StakeLine>,
}

impl Lines {
    fn add(&mut self, counterparty: u32, currency: u16, stake: Stake, amount: u64) {
        if self.currency != 0 && self.currency != currency {
            return;
        }
        let line = self
            .all
            .entry((counterparty, currency))
            .or_insert_with(|| StakeLine {
                counterparty: ParticipantId(counterparty),
                currency,
                counts: [0; 10],
                amounts: [0; 10],
            });
        line.counts[stake as usize] = line.counts[stake as usize].saturating_add(1);
        line.amounts[stake as usize] += i128::from(amount);
    }

    /// Adds what is between a debtor and a creditor, if one of them is the participant.
    fn add_between(&mut self, record: &Instruction, amount: u64, out: Stake, into: Stake) {
        let (debtor, creditor) = (record.debtor.get(), record.creditor.get());
        if debtor == self.own {
            self.add(creditor, record.currency.get(), out, amount);
        } else if creditor == self.own {
            let (currency, amount) = if record.kind == Kind::FxPayment as u8 {
                (record.counter_currency.get(), record.counter_amount.get())
            } else {
                (record.currency.get(), amount)
            };
            self.add(debtor, currency, into, amount);
        }
    }

    /// Adds both legs of one side of a trade.
    fn add_trade(&mut self, record: &Instruction) {
        let pays = (record.currency.get(), record.amount.get());
        let gets = (record.counter_currency.get(), record.counter_amount.get());
        let (debtor, creditor) = (record.debtor.get(), record.creditor.get());
        let (other, pays, gets) = if debtor == self.own {
            (creditor, pays, gets)
        } else if creditor == self.own {
            (debtor, gets, pays)
        } else {
            return;
        };
        self.add(other, pays.0, Stake::TradesPay, pays.1);
        self.add(other, gets.0, Stake::TradesGet, gets.1);
    }

    /// Adds what providers keep for a lock.
    fn add_lock(&mut self, ledger: &Ledger, lock: &Lock) {
        let customer = lock.asked.submitter.0;
        for kept in &lock.kept {
            let currency = ledger.accounts.get(kept.account).currency;
            if kept.provider == self.own {
                self.add(customer, currency, Stake::LocksOut, kept.amount);
            } else if customer == self.own {
                self.add(kept.provider, currency, Stake::LocksIn, kept.amount);
            }
        }
    }
}

impl Ledger {
    /// The exposure of a participant; `None` if there is none such.
    pub fn exposure(&self, query: ExposureQuery) -> Option<Exposure> {
        let who = query.participant;
        let state = self.registry.get(who)?.default;
        let mut lines = Lines {
            own: who.0,
            currency: query.currency,
            all: BTreeMap::new(),
        };
        for waiting in self.queue.all() {
            if !waiting.is_trade() {
                lines.add_between(
                    &waiting.record,
                    waiting.amount(),
                    Stake::QueuedOut,
                    Stake::QueuedIn,
                );
            } else if waiting.chain.is_none_or(|_| waiting.submitter == who) {
                // Of a matched trade its own side says it all.
                lines.add_trade(&waiting.record);
            }
        }
        for own in self.conditionals.values() {
            let record = &own.payment.record;
            lines.add_between(record, own.left, Stake::ConditionalOut, Stake::ConditionalIn);
        }
        for question in self.questions.values() {
            let asked = &question.asked;
            lines.add_between(
                &asked.record,
                asked.amount(),
                Stake::QuestionsOut,
                Stake::QuestionsIn,
            );
        }
        for lock in self.market.locks.values() {
            lines.add_lock(self, lock);
        }
        // By key, not by place: what comes or goes between two pages moves no other line.
        let mut rest = lines.all.into_values();
        let mut wanted: Vec<StakeLine> = Vec::new();
        let mut next = 0;
        for line in rest.by_ref().filter(|line| line.key() >= query.first) {
            if wanted.len() == Exposure::LINES_MAX {
                next = line.key();
                break;
            }
            wanted.push(line);
        }
        Some(Exposure {
            index: self.index,
            next,
            participant: who,
            state,
            accounts: self.stake_accounts(who, query.currency),
            quotes: self.stake_quotes(who, query.currency),
            lines: wanted,
        })
    }

    /// The settlement agent of a currency, if it is open.
    pub fn agent_of(&self, currency: u16) -> Option<ParticipantId> {
        let book = self.accounts.book(currency)?;
        Some(self.accounts.books()[book].agent)
    }

    fn stake_accounts(&self, who: ParticipantId, currency: u16) -> Vec<StakeAccount> {
        let own = self
            .accounts
            .of(who.0)
            .map(|id| (id, self.accounts.get(id)))
            .filter(|(_, account)| currency == 0 || account.currency == currency);
        own.map(|(id, account)| {
            let credit = self.accounts.credit.get(&id);
            StakeAccount {
                currency: account.currency,
                balance: account.balance,
                set_aside: account.reserved,
                line: credit.map_or(0, Credit::line),
                // At most 64 times 64 bits.
                collateral: credit.map_or(0, |credit| credit.collateral() as i128),
                fees: self.fees.of(id),
            }
        })
        .collect()
    }

    fn stake_quotes(&self, who: ParticipantId, currency: u16) -> Vec<StakeQuotes> {
        let now = self.time.seconds();
        let (first, last) = (InstructionId([0; 16]), InstructionId([u8::MAX; 16]));
        let live = self.market.by_id.range((who.0, first)..=(who.0, last));
        let live: Vec<_> = live
            .filter_map(|(_, number)| self.market.quotes.get(*number))
            .filter(|quote| quote.expires > now)
            .collect();
        let own = self
            .market
            .exposures
            .range((who.0, (0, 0))..=(who.0, (u16::MAX, u16::MAX)));
        let own = own.filter(|((_, pair), _)| currency == 0 || pair.0 == currency || pair.1 == currency);
        own.map(|((_, pair), exposure)| {
            let quotes = || live.iter().filter(|quote| (quote.base, quote.counter) == *pair);
            StakeQuotes {
                base: pair.0,
                counter: pair.1,
                quotes: quotes().count() as u32,
                left: quotes().map(|quote| i128::from(quote.left)).sum(),
                net: exposure.net,
            }
        })
        .take(Exposure::QUOTES_MAX)
        .collect()
    }
}
