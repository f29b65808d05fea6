//! The form of a record under version 2 of the rules and later ones: which fields, flags, classes and extensions a kind has.
use causeway_fx::quotes::Tiers;
use causeway_message::Status;
use causeway_message::charges::Charges;
use causeway_message::extension::{self, Extension, ExtensionType};
use causeway_message::record::{Instruction, Kind, flags};

use super::payment::is_reference;
use super::window::is_of_window;
use crate::audit::input::Paper;

fn refuse(broken: bool, status: Status) -> Result<(), Status> {
    if broken { Err(status) } else { Ok(()) }
}

/// Flags that have a place in a kind (PROTOCOL §22.0).
const fn flags_of(kind: Kind) -> u16 {
    let payment = flags::KNOWN_FIRST | flags::DUPLICATE;
    match kind {
        Kind::Payment | Kind::Return => payment | flags::LINKED,
        Kind::Conditional => payment | flags::PARTIAL,
        Kind::Release | Kind::Resolve | Kind::Limit => flags::DECLINE,
        Kind::Amend => flags::FRONT | flags::BACK,
        Kind::Discipline => flags::BYPASS,
        Kind::Pvp => flags::INTERBANK | flags::WITH_BALANCE,
        Kind::FxPayment => payment | flags::FIXED_TARGET,
        Kind::QuoteLock => flags::FIXED_TARGET,
        Kind::Quote => flags::DECLINE,
        Kind::Obligation => flags::INTERBANK | flags::WITH_BALANCE | flags::DUPLICATE,
        Kind::PayIn => flags::WITH_BALANCE,
        Kind::Cancel | Kind::Reservation => 0,
    }
}

fn flags_hold(record: &Instruction, kind: Kind) -> bool {
    let both = flags::FRONT | flags::BACK;
    let own = record.flags.get();
    own & !flags_of(kind) == 0 && own & both != both
}

/// Extensions that have a place in a kind.
const fn extensions_of(kind: Kind, declines: bool) -> &'static [u16] {
    match kind {
        Kind::Payment => &[1, 2, 3, 7],
        Kind::Conditional => &[1, 4, 5, 7],
        Kind::Release => &[6, 8],
        Kind::Return => &[1, 7, 8],
        Kind::Cancel | Kind::Resolve => &[8],
        Kind::Pvp => &[1, 9, 10],
        Kind::FxPayment => &[1, 7, 11],
        Kind::QuoteLock => &[11],
        Kind::Quote if !declines => &[12],
        Kind::Quote => &[],
        Kind::Obligation => &[1, 7],
        Kind::Amend | Kind::Limit | Kind::Reservation | Kind::Discipline | Kind::PayIn => &[],
    }
}

/// Fields that have no place in a kind are zero, and the id of another that it must have is not.
fn fields_hold(record: &Instruction, kind: Kind) -> bool {
    let declines = record.flags.get() & flags::DECLINE != 0;
    let about_another = matches!(
        kind,
        Kind::Release | Kind::Return | Kind::Cancel | Kind::Resolve | Kind::Amend
    ) || is_of_window(kind);
    let no_amount = match kind {
        Kind::Release | Kind::Limit | Kind::Quote => declines,
        Kind::Amend | Kind::Discipline => true,
        _ => false,
    };
    let alone = matches!(
        kind,
        Kind::Amend | Kind::Reservation | Kind::Discipline | Kind::QuoteLock | Kind::Quote | Kind::PayIn
    );
    let trade = kind == Kind::Pvp;
    let two = kind >= Kind::Pvp && !is_of_window(kind);
    let counts = two && kind != Kind::Quote;
    let related = trade || kind == Kind::Quote;
    let payment = kind.pays() && kind != Kind::Obligation;
    let ends = payment || kind == Kind::Cancel || two && !(kind == Kind::Quote && declines);
    let must_end = kind == Kind::QuoteLock || kind == Kind::Quote && !declines;
    let dated = payment || kind == Kind::FxPayment;
    let holds = [
        !alone || record.creditor == record.debtor,
        counts || record.counter_amount.get() == 0,
        if two {
            record.counter_currency != record.currency
        } else {
            record.counter_currency.get() == 0
        },
        kind == Kind::FxPayment || record.quote.get() == 0,
        related || about_another == (record.related != [0; 16]),
        ends || record.expires_at.get() == 0,
        !must_end || record.expires_at.get() != 0,
        dated || trade == (record.value_date.get() != 0),
        !no_amount || record.amount.get() == 0,
    ];
    !holds.contains(&false)
}

const fn class_holds(record: &Instruction, kind: Kind) -> bool {
    match kind {
        Kind::Payment | Kind::Conditional | Kind::Return | Kind::Amend | Kind::Pvp | Kind::FxPayment => {
            record.priority <= 2
        }
        Kind::Obligation => record.priority <= 2,
        Kind::Reservation => matches!(record.priority, 1 | 2),
        _ => record.priority == 0,
    }
}

/// Whether the bytes of an extension obey the rule of its type.
fn bytes_hold(found: &Extension<'_>) -> bool {
    let bytes = found.bytes;
    match found.kind {
        1 => is_reference(bytes),
        2 | 3 => bytes.len() == 4 && bytes != [0; 4],
        4 => bytes.len() == 32,
        5 => bytes.len() == 4,
        6 => (1..=64).contains(&bytes.len()),
        7 => Charges::read(bytes).is_ok(),
        8 => {
            let told = bytes
                .iter()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            told && (1..=4).contains(&bytes.len())
        }
        9 => bytes.len() == 8,
        10 => bytes.len() == 16 && bytes != [0; 16],
        11 => extension::currency(bytes).is_some(),
        12 => Tiers::decode(bytes).is_ok(),
        _ => false,
    }
}

/// Everything that the record shows by itself, in the order of the statuses.
pub(super) fn judge_form(paper: &Paper, rules: u16) -> Result<Kind, Status> {
    let record = &paper.record;
    refuse(record.reserved.get() != 0, Status::Malformed)?;
    let kind = Kind::from_number(record.kind).ok_or(Status::KindUnknown)?;
    refuse(kind >= Kind::Pvp && rules < 3, Status::KindUnknown)?;
    refuse(is_of_window(kind) && rules < 4, Status::KindUnknown)?;
    // What is no currency is none that is the same.
    let through = extension::find(&paper.extensions, ExtensionType::Via).and_then(extension::currency);
    let through = through.filter(|_| kind > Kind::Pvp);
    let ends = [record.currency.get(), record.counter_currency.get()];
    let whole = fields_hold(record, kind) && through.is_none_or(|via| !ends.contains(&via));
    refuse(!whole, Status::Malformed)?;
    refuse(!flags_hold(record, kind), Status::FlagsUnknown)?;
    refuse(!class_holds(record, kind), Status::PriorityUnknown)?;
    let declines = record.flags.get() & flags::DECLINE != 0;
    let known = extensions_of(kind, declines);
    let holds = |found: Extension<'_>| known.contains(&found.kind) && bytes_hold(&found);
    refuse(
        !extension::each(&paper.extensions).all(holds),
        Status::ExtensionInvalid,
    )?;
    let tiers = extension::find(&paper.extensions, ExtensionType::Tiers).is_some();
    let bare = kind == Kind::Quote && !declines && !tiers;
    refuse(bare, Status::ExtensionInvalid)?;
    Ok(kind)
}
