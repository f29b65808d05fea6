//! What moves on one account: read from the participant's own records and the events of its feed.
//!
//! Every move of an account is told to its holder: by the answer to its own record, or by an event. Each event, and each
//! record, moves an account at most once.
use crate::action::Action;
use crate::answer::Answer;
use crate::event::{Event, EventKind, Role};
use crate::exchange::Exchange;
use crate::record::{Instruction, Kind};
use crate::{InstructionId, ParticipantId, Status, Uetr, mutated};

/// An account: a participant's, or the liability of the settlement agent of a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Account {
    /// Whose.
    pub participant: ParticipantId,
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// It is the agent's liability: the sum of all accounts.
    pub liability: bool,
}

/// Which way money moved. Numbers are frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Side {
    /// Into the account.
    Credit = 1,
    /// Out of the account.
    Debit = 2,
}

impl Side {
    /// The side with this number.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Credit),
            2 => Some(Self::Debit),
            _ => None,
        }
    }

    /// The amount with the sign that it has in the balance.
    pub fn signed(self, amount: u64) -> i128 {
        match self {
            Self::Credit => i128::from(amount),
            Self::Debit => -i128::from(amount),
        }
    }
}

/// Kind of a posting: of an instruction its number, or one of these.
pub mod posting_kind {
    /// Fees.
    pub const FEE: u8 = 128;
    /// A funding.
    pub const FUND: u8 = 129;
    /// A pay-out.
    pub const PAY_OUT: u8 = 130;
}

/// Name of a posting's kind.
pub fn kind_name(kind: u8) -> &'static str {
    match kind {
        posting_kind::FEE => "fee",
        posting_kind::FUND => "fund",
        posting_kind::PAY_OUT => "pay_out",
        _ => Kind::from_number(kind).map_or("unknown", Kind::name),
    }
}

/// One move of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    /// Which way.
    pub side: Side,
    /// Number of the instruction's [`Kind`], or one of [`posting_kind`].
    pub kind: u8,
    /// Who was at the other end.
    pub counterparty: ParticipantId,
    /// Minor units.
    pub amount: u64,
    /// Log index of the entry of the record or proposal, and its place there.
    pub origin: (u64, u16),
    /// Its id; zeros for fees.
    pub id: InstructionId,
    /// Its UETR; zeros for fees, fundings and pay-outs.
    pub uetr: Uetr,
}

impl Posting {
    /// True of a funding and a pay-out: the other side is a payment at the central bank.
    pub const fn is_central(&self) -> bool {
        matches!(self.kind, posting_kind::FUND | posting_kind::PAY_OUT)
    }

    /// The amount with the sign that it has in the balance.
    pub fn signed(&self) -> i128 {
        self.side.signed(self.amount)
    }
}

/// What the account's holder paid by its own record in the record's own entry.
pub fn of_record(
    account: &Account,
    record: &Instruction,
    answer: &Answer,
    origin: (u64, u16),
) -> Option<Posting> {
    let settled = answer.is_first() && answer.status() == Some(Status::Settled);
    // Of trades and exchanges an event says what moved.
    let apart = [Kind::Pvp, Kind::FxPayment].map(|kind| kind as u8);
    let own = !account.liability && record.currency.get() == account.currency;
    (settled && own && !apart.contains(&record.kind))
        .then(|| of(record, origin, Side::Debit, record.amount.get()))
        .flatten()
}

fn of(record: &Instruction, origin: (u64, u16), side: Side, amount: u64) -> Option<Posting> {
    let ends = (record.debtor.get(), record.creditor.get());
    let own_trade = record.kind == Kind::Pvp as u8;
    let counterparty = match side {
        Side::Debit => ends.1,
        Side::Credit if own_trade => ends.1,
        Side::Credit => ends.0,
    };
    (amount != 0).then_some(Posting {
        side,
        kind: record.kind,
        counterparty: ParticipantId(counterparty),
        amount,
        origin,
        id: record.id(),
        uetr: Uetr(record.uetr),
    })
}

/// What an event of the holder's feed moved on the account.
///
/// A pay-out names the proposal that set the money aside: `set_aside` says of (proposer, id) whose money it was and in
/// which currency.
///
/// # Errors
/// Those of `set_aside`.
pub fn of_event<E>(
    account: &Account,
    event: &Event<'_>,
    set_aside: impl FnOnce(ParticipantId, InstructionId) -> Result<Option<(ParticipantId, u16)>, E>,
) -> Result<Option<Posting>, E> {
    Ok(match event.kind() {
        Some(EventKind::Payment) if !account.liability => of_payment(account, event),
        Some(EventKind::Exchange) if !account.liability => of_exchange(account, event),
        Some(EventKind::Fee) if !account.liability => of_fee(account, event),
        Some(EventKind::Control) => return of_control(account, event, set_aside),
        _ => None,
    })
}

fn origin(event: &Event<'_>) -> (u64, u16) {
    (event.head.origin_entry.get(), event.head.origin_ordinal.get())
}

fn of_payment(account: &Account, event: &Event<'_>) -> Option<Posting> {
    let (record, _) = event.payment()?;
    let trade = record.kind == Kind::Pvp as u8;
    let (paid, got) = (event.head.amount.get(), event.head.counter_amount.get());
    let pays = record.currency.get() == account.currency;
    let gets = record.counter_currency.get() == account.currency;
    match event.role()? {
        Role::Debtor if pays => of(record, origin(event), Side::Debit, paid),
        Role::Debtor if trade && gets && !mutated!(StatementForgetsTrades) => {
            of(record, origin(event), Side::Credit, got)
        }
        Role::Creditor if pays && !trade => of(record, origin(event), Side::Credit, paid),
        _ => None,
    }
}

fn of_exchange(account: &Account, event: &Event<'_>) -> Option<Posting> {
    let (exchange, record, _) = event.exchange()?;
    let settled = event.status() == Some(Status::Settled) && record.kind == Kind::FxPayment as u8;
    let role = event.role().filter(|_| settled)?;
    let (side, counterparty, amount) = legs(&exchange, record)
        .filter(|leg| leg.currency == account.currency)
        .find_map(|leg| {
            let own = |end: (Role, ParticipantId)| end == (role, account.participant);
            if own(leg.from) {
                Some((Side::Debit, leg.to.1, leg.amount))
            } else {
                own(leg.to).then_some((Side::Credit, leg.from.1, leg.amount))
            }
        })?;
    (amount != 0).then_some(Posting {
        side,
        kind: record.kind,
        counterparty,
        amount,
        origin: origin(event),
        id: record.id(),
        uetr: Uetr(record.uetr),
    })
}

/// One move of an exchange.
struct Leg {
    from: (Role, ParticipantId),
    to: (Role, ParticipantId),
    currency: u16,
    amount: u64,
}

/// The moves of an exchange: into each provider and on from it. Who is at both ends of one moves nothing.
fn legs<'a>(exchange: &'a Exchange, record: &Instruction) -> impl Iterator<Item = Leg> + use<'a> {
    let debtor = (Role::Debtor, ParticipantId(record.debtor.get()));
    let creditor = (Role::Creditor, ParticipantId(record.creditor.get()));
    let ends = exchange.hops.iter().map(|hop| (Role::Provider, hop.provider));
    let ends: Vec<_> = std::iter::once(debtor)
        .chain(ends)
        .chain(std::iter::once(creditor))
        .collect();
    let last = exchange.hops.last().map(|hop| hop.to);
    let sums = exchange.hops.iter().map(|hop| hop.from).chain(last);
    let pairs: Vec<_> = ends.iter().copied().zip(ends.iter().copied().skip(1)).collect();
    pairs
        .into_iter()
        .zip(sums)
        .filter(|((from, to), _)| from.1 != to.1)
        .map(|((from, to), (currency, amount))| Leg {
            from,
            to,
            currency,
            amount,
        })
}

fn of_fee(account: &Account, event: &Event<'_>) -> Option<Posting> {
    let (payer, collector, currency, _) = event.fee()?;
    let (side, counterparty) = match event.role()? {
        Role::Debtor => (Side::Debit, collector),
        Role::Creditor => (Side::Credit, payer),
        _ => return None,
    };
    (currency == account.currency).then(|| Posting {
        side,
        kind: posting_kind::FEE,
        counterparty,
        amount: event.head.amount.get(),
        origin: origin(event),
        id: InstructionId([0; 16]),
        uetr: Uetr([0; 16]),
    })
}

/// Fundings and pay-outs: on the account whose money it is, and on the liability of who proposed them.
fn of_control<E>(
    account: &Account,
    event: &Event<'_>,
    set_aside: impl FnOnce(ParticipantId, InstructionId) -> Result<Option<(ParticipantId, u16)>, E>,
) -> Result<Option<Posting>, E> {
    let executed = event.status() == Some(Status::Executed);
    let Some((agent, id, action)) = event.control().filter(|_| executed) else {
        return Ok(None);
    };
    let (kind, whose) = match action {
        Action::Fund {
            participant,
            currency,
            ..
        } => (posting_kind::FUND, Some((participant, currency))),
        Action::ConfirmDefund { defund, .. } => (posting_kind::PAY_OUT, set_aside(agent, defund)?),
        _ => return Ok(None),
    };
    let Some((participant, currency)) = whose else {
        return Ok(None);
    };
    let concerns = if account.liability {
        agent == account.participant
    } else {
        participant == account.participant
    };
    // The liability is told as what it comes to: a funding raises account and liability alike.
    let side = if kind == posting_kind::FUND {
        Side::Credit
    } else {
        Side::Debit
    };
    Ok((concerns && currency == account.currency).then(|| Posting {
        side,
        kind,
        counterparty: if account.liability { participant } else { agent },
        amount: event.head.amount.get(),
        origin: origin(event),
        id,
        uetr: Uetr([0; 16]),
    }))
}
