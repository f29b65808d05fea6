//! Exchanges: all whom one concerns are told the same of it, its hops hang together, and it keeps what its record
//! says. The legs that it tells of move, all of them.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::Status;
use causeway_message::event::Role;
use causeway_message::exchange::Exchange;
use causeway_message::extension::ExtensionType;
use causeway_message::record::{Kind, flags};
use causeway_message::time::Timestamp;

use super::Tally;
use super::seen::{Heard, Mark, Origin, Seen};
use crate::audit::fault::{Fault, Rule, hold, same, same_digest};
use crate::audit::model::Place;

/// True if what is told is that money moved.
fn moves(mark: &Mark) -> bool {
    mark.is_exchange() && mark.status == Status::Settled
}

/// Money that goes from one account to another for an exchange.
type Move = (u32, u32, u16, u64);

/// The legs of an exchange that settled, but for the fee. Between one account and itself nothing moves.
pub(super) fn legs(told: &Heard) -> Vec<Move> {
    let record = &told.mark.record;
    let hops = &told.exchange.hops;
    let mut all = Vec::new();
    for (at, hop) in hops.iter().enumerate() {
        if at == 0 {
            all.push((record.debtor.get(), hop.provider.0, hop.from.0, hop.from.1));
        }
        let next = hops
            .get(at + 1)
            .map_or(record.creditor.get(), |next| next.provider.0);
        all.push((hop.provider.0, next, hop.to.0, hop.to.1));
    }
    all.retain(|(from, to, ..)| from != to);
    all
}

/// What a lock sets aside.
pub(super) fn aside(exchange: &Exchange) -> impl Iterator<Item = (Place, i128)> + '_ {
    let hops = exchange.hops.iter();
    hops.map(|hop| ((hop.provider.0, hop.to.0), i128::from(hop.to.1)))
}

impl Tally {
    pub(super) fn check_exchanges(&mut self, seen: &Seen, time: Timestamp) -> Result<(), Fault> {
        check_heard(seen)?;
        for told in seen.heard.iter().filter(|told| told.role == Role::Debtor) {
            let signed = self.outcomes.leaf(told.mark.key());
            let leaf = told.mark.record.leaf(&told.mark.extensions);
            same_digest(Rule::Authority, signed, &leaf, || {
                format!(
                    "log entry {}: record of exchange {:?}",
                    seen.entry, told.mark.origin
                )
            })?;
            check_terms(told, seen.entry)?;
            super::rates::check(told, seen.entry)?;
        }
        self.follow_quotes(seen, time)?;
        self.check_exposures(seen)
    }

    /// Moves what exchanges move. What was set aside is paid out of that.
    pub(super) fn post_exchanges(&mut self, seen: &Seen) -> Result<(), Fault> {
        let settled = seen
            .heard
            .iter()
            .filter(|told| told.role == Role::Debtor && moves(&told.mark));
        for told in settled {
            let debtor = told.mark.record.debtor.get();
            for (from, to, currency, amount) in legs(told) {
                let amount = i128::from(amount);
                let draws = told.exchange.lock == 0 || from == debtor;
                let payer = self.account((from, currency), seen.entry)?;
                payer.balance -= amount;
                payer.drawn |= draws;
                let paid = self.account((to, currency), seen.entry)?;
                paid.balance += amount;
                paid.fed = true;
            }
        }
        Ok(())
    }
}

/// Each exchange is told once to its submitter, once to its creditor if it settled, once to each provider.
fn check_heard(seen: &Seen) -> Result<(), Fault> {
    let entry = seen.entry;
    let mut all: BTreeMap<(Origin, Status), Vec<&Heard>> = BTreeMap::new();
    for told in &seen.heard {
        all.entry((told.mark.origin, told.mark.status))
            .or_default()
            .push(told);
    }
    for (key, told) in &all {
        let at = || format!("log entry {entry}: exchange {key:?}");
        let first = told[0];
        let record = &first.mark.record;
        let mut whom = vec![(Role::Debtor, record.debtor.get())];
        if moves(&first.mark) {
            whom.push((Role::Creditor, record.creditor.get()));
        }
        let providers: BTreeSet<u32> = first.exchange.hops.iter().map(|hop| hop.provider.0).collect();
        whom.extend(providers.into_iter().map(|who| (Role::Provider, who)));
        let mut heard: Vec<(Role, u32)> = told.iter().map(|one| (one.role, one.whom.0)).collect();
        heard.sort_unstable();
        same(Rule::ExchangeWhole, &whom, &heard, || {
            format!("{}: who is told of it", at())
        })?;
        for other in told {
            let alike = (&other.exchange, &other.mark.record, &other.mark.extensions)
                == (&first.exchange, record, &first.mark.extensions);
            hold(alike, Rule::ExchangeWhole, || {
                format!("{}: {} is told something else", at(), other.whom)
            })?;
            let exchange = &first.exchange;
            let amounts = if moves(&first.mark) {
                (exchange.paid(), exchange.received())
            } else {
                (0, 0)
            };
            same(
                Rule::ExchangeWhole,
                &amounts,
                &(other.mark.moved, other.mark.got),
                || format!("{}: amounts of participant {}", at(), other.whom),
            )?;
        }
    }
    // What is answered, or told as a payment, is told as an exchange.
    let of_lock = |mark: &&Mark| {
        let locks = mark.kind() == Some(Kind::QuoteLock);
        locks && matches!(mark.status, Status::SetAside | Status::Executed | Status::Expired)
    };
    let meant = |mark: &&Mark| moves(mark) || of_lock(mark) && !mark.status.is_rejected();
    for mark in seen
        .first
        .iter()
        .filter(meant)
        .chain(seen.later.iter().filter(|mark| moves(mark) || of_lock(mark)))
    {
        hold(
            all.contains_key(&(mark.origin, mark.status)),
            Rule::ExchangeWhole,
            || format!("log entry {entry}: nobody is told what {:?} came to", mark.origin),
        )?;
    }
    Ok(())
}

/// The hops lead from one currency to the other, and the record's fixed side and limit are kept.
fn check_terms(told: &Heard, entry: u64) -> Result<(), Fault> {
    let at = || format!("log entry {entry}: exchange {:?}", told.mark.origin);
    let (record, exchange) = (&told.mark.record, &told.exchange);
    let own = (record.debtor.get(), told.whom.0);
    same(Rule::Authority, &own.0, &own.1, at)?;
    let mut ends = vec![record.currency.get()];
    let via = told.mark.extension(ExtensionType::Via);
    let via = via.and_then(|bytes| Some(u16::from_le_bytes(bytes.try_into().ok()?)));
    // Who uses a lock may go the way that the lock went.
    if exchange.hops.len() > 1 && exchange.lock == 0 {
        ends.extend(via);
    } else if let [first, _] = exchange.hops.as_slice() {
        ends.push(first.to.0);
    }
    ends.push(record.counter_currency.get());
    let mut walked = vec![exchange.hops.first().map_or(0, |hop| hop.from.0)];
    walked.extend(exchange.hops.iter().map(|hop| hop.to.0));
    same(Rule::ExchangeWhole, &ends, &walked, || {
        format!("{}: currencies", at())
    })?;
    for pair in exchange.hops.windows(2) {
        same(Rule::ExchangeWhole, &pair[0].to, &pair[1].from, || {
            format!("{}: what one hop pays the next one gets", at())
        })?;
    }
    let fixed_target = record.flags.get() & flags::FIXED_TARGET != 0;
    same(Rule::ExchangeTerms, &fixed_target, &exchange.fixed_target, at)?;
    let (paid, received) = (exchange.paid(), exchange.received());
    let (amount, counter) = (record.amount.get(), record.counter_amount.get());
    let (kept, limit) = if fixed_target {
        (received == counter, paid <= amount)
    } else {
        (paid == amount, received >= counter)
    };
    hold(kept && limit, Rule::ExchangeTerms, || {
        format!(
            "{}: {paid} paid, {received} received, signed for {amount} and {counter}",
            at()
        )
    })
}
