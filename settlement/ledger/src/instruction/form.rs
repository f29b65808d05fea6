//! The form of each kind: which fields, flags and extensions have a place in it. One table.
use causeway_message::extension::{self, ExtensionType as Ext};
use causeway_message::record::{Instruction, Kind, Priority, flags};
use causeway_message::{InstructionId, Status};

use crate::apply::Ledger;
use crate::due::instant;

/// What a kind may carry.
#[derive(Debug, Clone, Copy)]
struct Form {
    flags: u16,
    extensions: &'static [Ext],
    /// `related` names another instruction; otherwise it is zero.
    related: bool,
    /// `priority` may be other than normal.
    priority: bool,
    /// `value_date` may be given.
    value_date: bool,
    /// `expires_at` may be given.
    expires: bool,
    /// Debtor and creditor are the same: the record is about an account.
    own: bool,
    counter: Counter,
}

/// What the counter side of a kind is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Counter {
    /// There is none.
    None,
    /// The other leg of a trade, which has a value date and may have a reference.
    Trade,
    /// What arrives; a lock may be named.
    Exchange,
    /// What is to arrive until an instant.
    Lock,
    /// The currency of prices that hold until an instant, unless they are withdrawn.
    Quote,
}

impl Counter {
    /// Whether the fields of the counter side are those of the kind.
    fn admits(self, record: &Instruction) -> bool {
        let two = record.currency != record.counter_currency && record.counter_currency.get() != 0;
        let lasts = record.expires_at.get() != 0;
        let declines = record.flags.get() & flags::DECLINE != 0;
        let (amount, quote) = (record.counter_amount.get(), record.quote.get());
        match self {
            Self::None => record.counter_currency.get() == 0 && amount == 0 && quote == 0,
            Self::Trade => two && quote == 0 && record.value_date.get() != 0,
            Self::Exchange => two,
            Self::Lock => two && quote == 0 && lasts,
            Self::Quote => two && quote == 0 && amount == 0 && lasts != declines,
        }
    }
}

const NOTHING: Form = Form {
    flags: 0,
    extensions: &[],
    related: false,
    priority: false,
    value_date: false,
    expires: false,
    own: false,
    counter: Counter::None,
};

const PAYING: u16 = flags::KNOWN_FIRST | flags::DUPLICATE;

/// Under the first version of the rules.
const FIRST: Form = Form {
    flags: flags::KNOWN_FIRST,
    extensions: &[Ext::ClearingReference],
    value_date: true,
    expires: true,
    ..NOTHING
};

const fn form(kind: Kind) -> Form {
    match kind {
        Kind::Payment => Form {
            flags: PAYING | flags::LINKED,
            extensions: &[Ext::ClearingReference, Ext::FromTime, Ext::TillTime, Ext::Charges],
            priority: true,
            value_date: true,
            expires: true,
            ..NOTHING
        },
        Kind::Conditional => Form {
            flags: PAYING | flags::PARTIAL,
            extensions: &[
                Ext::ClearingReference,
                Ext::Condition,
                Ext::Approver,
                Ext::Charges,
            ],
            priority: true,
            value_date: true,
            expires: true,
            ..NOTHING
        },
        Kind::Release => Form {
            flags: flags::DECLINE,
            extensions: &[Ext::Preimage, Ext::Reason],
            related: true,
            ..NOTHING
        },
        Kind::Return => Form {
            flags: PAYING | flags::LINKED,
            extensions: &[Ext::ClearingReference, Ext::Charges, Ext::Reason],
            related: true,
            priority: true,
            value_date: true,
            expires: true,
            ..NOTHING
        },
        Kind::Cancel => Form {
            extensions: &[Ext::Reason],
            related: true,
            expires: true,
            ..NOTHING
        },
        Kind::Resolve => Form {
            flags: flags::DECLINE,
            extensions: &[Ext::Reason],
            related: true,
            ..NOTHING
        },
        Kind::Amend => Form {
            flags: flags::FRONT | flags::BACK,
            related: true,
            priority: true,
            own: true,
            ..NOTHING
        },
        Kind::Limit => Form {
            flags: flags::DECLINE,
            ..NOTHING
        },
        Kind::Reservation => Form {
            priority: true,
            own: true,
            ..NOTHING
        },
        Kind::Discipline => Form {
            flags: flags::BYPASS,
            own: true,
            ..NOTHING
        },
        Kind::Pvp => Form {
            flags: flags::INTERBANK | flags::WITH_BALANCE,
            extensions: &[Ext::ClearingReference, Ext::Tolerance, Ext::Replaces],
            priority: true,
            value_date: true,
            expires: true,
            counter: Counter::Trade,
            ..NOTHING
        },
        Kind::FxPayment => Form {
            flags: PAYING | flags::FIXED_TARGET,
            extensions: &[Ext::ClearingReference, Ext::Charges, Ext::Via],
            priority: true,
            value_date: true,
            expires: true,
            counter: Counter::Exchange,
            ..NOTHING
        },
        Kind::QuoteLock => Form {
            flags: flags::FIXED_TARGET,
            extensions: &[Ext::Via],
            expires: true,
            own: true,
            counter: Counter::Lock,
            ..NOTHING
        },
        Kind::Quote => Form {
            flags: flags::DECLINE,
            extensions: &[Ext::Tiers],
            expires: true,
            own: true,
            counter: Counter::Quote,
            ..NOTHING
        },
        Kind::Obligation => Form {
            flags: flags::INTERBANK | flags::WITH_BALANCE | flags::DUPLICATE,
            extensions: &[Ext::ClearingReference, Ext::Charges],
            related: true,
            priority: true,
            ..NOTHING
        },
        Kind::PayIn => Form {
            flags: flags::WITH_BALANCE,
            related: true,
            own: true,
            ..NOTHING
        },
    }
}

impl Ledger {
    /// Judges what a record's kind alone says of its fields.
    pub(super) fn judge_form(
        &self,
        kind: Kind,
        record: &Instruction,
        extensions: &[u8],
    ) -> Result<(), Status> {
        let form = if self.rules < 2 { FIRST } else { form(kind) };
        let counter = form.counter.admits(record) && via_leads(record, extensions);
        let free = matches!(form.counter, Counter::Trade | Counter::Quote);
        let related = !free && record.related != [0; 16];
        let dated = (form.value_date || record.value_date.get() == 0)
            && (form.expires || record.expires_at.get() == 0);
        let own = !form.own || record.debtor == record.creditor;
        if !counter || related != form.related || !dated || !own || !amount_has_place(kind, record) {
            return Err(Status::Malformed);
        }
        let set = record.flags.get();
        if set & !form.flags != 0 {
            return Err(Status::FlagsUnknown);
        }
        if set & flags::FRONT != 0 && set & flags::BACK != 0 {
            return Err(Status::FlagsUnknown);
        }
        let priority = Priority::from_number(record.priority).ok_or(Status::PriorityUnknown)?;
        if !form.priority && priority != Priority::Normal {
            return Err(Status::PriorityUnknown);
        }
        if kind == Kind::Reservation && priority == Priority::Normal {
            return Err(Status::PriorityUnknown);
        }
        if !extensions.is_empty() && !extensions_hold(extensions, form.extensions) {
            return Err(Status::ExtensionInvalid);
        }
        if kind == Kind::Quote && has_tiers(extensions) == (set & flags::DECLINE != 0) {
            return Err(Status::ExtensionInvalid);
        }
        Ok(())
    }

    /// Judges the instants of a payment, where it names more than one.
    pub(super) fn judge_times(&self, record: &Instruction, extensions: &[u8]) -> Result<(), Status> {
        if extensions.is_empty() {
            return Ok(());
        }
        let expires = Some(record.expires_at.get()).filter(|seconds| *seconds != 0);
        let from = instant(extensions, Ext::FromTime);
        let till = instant(extensions, Ext::TillTime);
        let given: Vec<u32> = [from, till, expires].into_iter().flatten().collect();
        let waits = from.is_some_and(|from| u64::from(from) > self.time.seconds());
        if !given.is_sorted_by(|a, b| a < b) || (waits && record.flags.get() & flags::SETTLE_OR_REJECT != 0) {
            return Err(Status::TimeInvalid);
        }
        Ok(())
    }
}

fn has_tiers(extensions: &[u8]) -> bool {
    extension::find(extensions, Ext::Tiers).is_some()
}

/// A vehicle currency is another one than both.
fn via_leads(record: &Instruction, extensions: &[u8]) -> bool {
    if extensions.is_empty() {
        return true;
    }
    let via = extension::find(extensions, Ext::Via).and_then(extension::currency);
    via.is_none_or(|via| via != record.currency.get() && via != record.counter_currency.get())
}

/// Where an amount says nothing it is zero; that it must say something is another rule.
fn amount_has_place(kind: Kind, record: &Instruction) -> bool {
    let declines = record.flags.get() & flags::DECLINE != 0;
    let none = match kind {
        Kind::Amend | Kind::Discipline => true,
        Kind::Release | Kind::Limit | Kind::Quote => declines,
        _ => false,
    };
    !none || record.amount.get() == 0
}

/// True if every extension is of a type that has a place and obeys its rule.
fn extensions_hold(extensions: &[u8], allowed: &[Ext]) -> bool {
    extension::each(extensions).all(|ext| {
        let kind = Ext::from_number(ext.kind).filter(|kind| allowed.contains(kind));
        kind.is_some_and(|kind| kind.admits(ext.bytes))
    })
}

/// The instruction that a record is about.
pub(super) const fn related(record: &Instruction) -> InstructionId {
    InstructionId(record.related)
}
