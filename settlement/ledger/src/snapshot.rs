//! The ledger's state as bytes: everything but the memory of instruction ids, which the log itself holds.

mod credit;
mod dates;
mod days;
mod default;
mod end_of_day;
mod ended;
mod market;
mod queues;
mod risk;
mod rules;
mod windows;

use causeway_message::action::Phase;
use causeway_message::codec::{Put, Reader};
use causeway_message::digest::tagged;
use causeway_message::genesis::Genesis;
use causeway_message::leaf::RULES_VERSION;
use causeway_message::limits::REFERENCE_BYTES_MAX;
use causeway_message::time::Timestamp;
use causeway_message::{Digest, FormatError, InstructionId, ParticipantId, tags};
use causeway_netting::Cascade;
use thiserror::Error;

use crate::account::Accounts;
use crate::apply::Ledger;
use crate::due::Due;
use crate::proposal::{Defund, Proposals};
use crate::registry::Registry;
use crate::session::Sessions;

const VERSION: u16 = 6;

/// Why a snapshot is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SnapshotError {
    /// The bytes do not have their form.
    #[error("ledger snapshot: {0}")]
    Format(#[from] FormatError),
    /// The snapshot is of another ledger.
    #[error("ledger snapshot: it belongs to another ledger")]
    OtherLedger,
    /// The state breaks an invariant.
    #[error("ledger snapshot: {0}")]
    Unsound(&'static str),
}

impl Ledger {
    /// Digest of the state: equal states of two replicas have equal digests.
    pub fn state_digest(&self) -> Digest {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        tagged(tags::STATE, &[&bytes])
    }

    /// Appends the state.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.put_u16(VERSION)
            .put(&self.id.0)
            .put_u64(self.index)
            .put_u64(self.time.0)
            .put_u16(self.rules);
        out.put_u64(self.ids.len());
        let duplicates = self.duplicates.len();
        out.put_u64(self.duplicates.began.0)
            .put_u64(self.duplicates.before.0)
            .put_u64(duplicates.0)
            .put_u64(duplicates.1);
        self.registry.write(out);
        out.put_u32(self.accounts.books().len() as u32);
        for book in self.accounts.books() {
            out.put_u16(book.currency)
                .put_u32(book.agent.0)
                .put_i128(book.liability)
                .put_u8(book.phase as u8)
                .put_u8(u8::from(book.customers_out))
                .put_u16(book.date)
                .put_u32(book.closes);
        }
        out.put_u32(self.accounts.all().len() as u32);
        for (id, account) in (0..).zip(self.accounts.all()) {
            out.put_u32(account.participant)
                .put_u16(account.currency)
                .put_u64(self.accounts.granted_cap(id));
            out.put_i128(account.balance).put_i128(account.reserved);
        }
        self.write_queues(out);
        let work: Vec<u32> = self.cascade.pending().collect();
        out.put_u32(work.len() as u32);
        work.iter().for_each(|id| {
            out.put_u32(*id);
        });
        self.sessions.write(out);
        self.proposals.write(out);
        out.put_u32(self.defunds.len() as u32);
        for ((agent, id), defund) in &self.defunds {
            out.put_u32(agent.0)
                .put(&id.0)
                .put_u32(defund.account)
                .put_u64(defund.amount);
        }
        out.put_u32(self.references.len() as u32);
        for (currency, paid_out, reference) in &self.references {
            out.put_u16(*currency)
                .put_u8(u8::from(*paid_out))
                .put_var(reference.as_bytes());
        }
        self.write_rules(out);
        self.write_risk(out);
        self.write_market(out);
        self.write_days(out);
        self.write_credit(out);
        self.write_windows(out);
        self.write_ended(out);
        self.write_end_of_day(out);
    }

    /// Restores the state; the memory of ids is empty and must be filled by [`Ledger::remember`]. One state has
    /// one form, and a state that no entries lead to is refused here rather than found by a later entry.
    ///
    /// # Errors
    /// If the bytes are not a snapshot of this genesis' ledger.
    pub fn restore(genesis: &Genesis, seed: u64, r: &mut Reader<'_>) -> Result<Self, SnapshotError> {
        if r.u16("snapshot.version")? != VERSION {
            return Err(FormatError::rule("snapshot.version", "this build reads version 6").into());
        }
        let mut ledger = Self::empty(genesis, seed);
        if r.array::<32>("snapshot.ledger")? != ledger.id.0 {
            return Err(SnapshotError::OtherLedger);
        }
        ledger.index = r.u64("snapshot.index")?;
        ledger.time = Timestamp(r.u64("snapshot.time")?);
        ledger.rules = r.u16("snapshot.rules")?;
        if !(1..=RULES_VERSION).contains(&ledger.rules) {
            return Err(FormatError::rule("snapshot.rules", "no such version of the rules").into());
        }
        r.u64("snapshot.ids")?;
        ledger.duplicates.began = Timestamp(r.u64("duplicates.began")?);
        ledger.duplicates.before = Timestamp(r.u64("duplicates.before")?);
        r.u64("duplicates.present")?;
        r.u64("duplicates.past")?;
        ledger.registry = Registry::read(r)?;
        ledger.accounts = read_accounts(r, &ledger.registry)?;
        ledger.read_queues(r)?;
        let work = (0..r.u32("cascade")?)
            .map(|_| r.u32("cascade"))
            .collect::<Result<Vec<_>, _>>()?;
        work.iter().try_for_each(|id| ledger.check_account(*id))?;
        let listed = work.len();
        ledger.cascade = Cascade::restore(work);
        if ledger.cascade.pending().count() != listed {
            return Err(FormatError::rule("cascade", "an account stands twice").into());
        }
        ledger.sessions = Sessions::read(r)?;
        ledger.proposals = Proposals::read(r)?;
        for (digest, proposal) in &ledger.proposals.all {
            ledger.due.add(proposal.expires(), Due::Proposal(*digest));
        }
        for _ in 0..r.u32("defunds")? {
            let agent = ParticipantId(r.u32("defund.agent")?);
            let key = (agent, InstructionId(r.array("defund.id")?));
            let account = r.u32("defund.account")?;
            ledger.check_account(account)?;
            let amount = r.u64("defund.amount")?;
            rises(ledger.defunds.keys().next_back(), &key, "defund")?;
            ledger.defunds.insert(key, Defund { account, amount });
        }
        for _ in 0..r.u32("references")? {
            let currency = r.u16("reference.currency")?;
            let paid_out = flag(r, "reference.paid_out")?;
            let key = (
                currency,
                paid_out,
                r.text(REFERENCE_BYTES_MAX, "reference")?.to_owned(),
            );
            rises(ledger.references.last(), &key, "reference")?;
            ledger.references.insert(key);
        }
        ledger.read_rules(r)?;
        ledger.read_risk(r)?;
        ledger.read_market(r)?;
        ledger.read_days(r)?;
        ledger.read_credit(r)?;
        ledger.read_windows(r)?;
        ledger.read_ended(r)?;
        ledger.read_end_of_day(r)?;
        ledger.check().map_err(SnapshotError::Unsound)?;
        Ok(ledger)
    }

    pub(crate) fn check_account(&self, id: u32) -> Result<(), FormatError> {
        if (id as usize) < self.accounts.all().len() {
            Ok(())
        } else {
            Err(FormatError::rule("snapshot.account", "there is no such account"))
        }
    }
}

/// A byte that is 0 or 1.
pub(crate) fn flag(r: &mut Reader<'_>, field: &'static str) -> Result<bool, FormatError> {
    match r.u8(field)? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(FormatError::rule(field, "must be 0 or 1")),
    }
}

/// Checks that what is listed rises, nothing standing twice.
pub(crate) fn rises<K: Ord>(last: Option<&K>, next: &K, field: &'static str) -> Result<(), FormatError> {
    match last {
        Some(last) if last >= next => Err(FormatError::rule(field, "is out of order, or stands twice")),
        _ => Ok(()),
    }
}

fn read_accounts(r: &mut Reader<'_>, registry: &Registry) -> Result<Accounts, FormatError> {
    let mut accounts = Accounts::default();
    for place in 0..r.u32("books")? as usize {
        let currency = r.u16("book.currency")?;
        let agent = ParticipantId(r.u32("book.agent")?);
        if !accounts.open_book(currency, agent) {
            return Err(FormatError::rule("book.currency", "is unknown or stands twice"));
        }
        let book = accounts.book_mut(place);
        book.liability = r.i128("book.liability")?;
        book.phase = Phase::from_number(r.u8("book.phase")?)
            .ok_or(FormatError::rule("book.phase", "no such phase"))?;
        book.customers_out = flag(r, "book.customers_out")?;
        book.date = r.u16("book.date")?;
        book.closes = r.u32("book.closes")?;
    }
    for _ in 0..r.u32("accounts")? {
        let participant = r.u32("account.participant")?;
        let currency = r.u16("account.currency")?;
        let cap = r.u64("account.cap")?;
        let who = registry.get(ParticipantId(participant));
        let who = who.ok_or(FormatError::rule("account.participant", "is unknown"))?;
        let id = accounts
            .open(participant, currency, cap)
            .ok_or(FormatError::rule(
                "account",
                "its currency is not open, or it stands twice",
            ))?;
        let account = accounts.get_mut(id);
        (account.suspended, account.refuses, account.held) = (who.is_stopped(), who.refuses(), who.is_held());
        account.balance = r.i128("account.balance")?;
        account.reserved = r.i128("account.reserved")?;
    }
    Ok(accounts)
}
