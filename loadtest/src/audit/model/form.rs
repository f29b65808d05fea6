//! The form of a record under version 2 of the rules: which fields, flags, classes and extensions a kind has.
use causeway_message::Status;
use causeway_message::charges::Charges;
use causeway_message::extension::{self, Extension};
use causeway_message::record::{Instruction, Kind, flags};

use super::payment::is_reference;
use crate::audit::input::Paper;

fn refuse(broken: bool, status: Status) -> Result<(), Status> {
    if broken { Err(status) } else { Ok(()) }
}

/// Flags that have a meaning in a kind.
const fn known_flags(kind: Kind) -> u16 {
    let payment = flags::KNOWN_FIRST | flags::LINKED | flags::DUPLICATE;
    match kind {
        Kind::Payment | Kind::Return => payment,
        Kind::Conditional => payment | flags::PARTIAL,
        Kind::Release | Kind::Resolve | Kind::Limit => flags::WITH_BALANCE | flags::DECLINE,
        Kind::Cancel | Kind::Reservation => flags::WITH_BALANCE,
        Kind::Amend => flags::WITH_BALANCE | flags::FRONT | flags::BACK,
        Kind::Discipline => flags::WITH_BALANCE | flags::BYPASS,
    }
}

/// Fields that have no place in a kind are zero, and fields that cannot stand together do not.
fn fields_hold(record: &Instruction, kind: Kind) -> bool {
    let has = |flag: u16| record.flags.get() & flag != 0;
    let about_another = matches!(
        kind,
        Kind::Release | Kind::Return | Kind::Cancel | Kind::Resolve | Kind::Amend
    );
    let ends = kind.pays() || kind == Kind::Cancel;
    let classed = kind.pays() || matches!(kind, Kind::Amend | Kind::Reservation);
    let no_amount = match kind {
        Kind::Release | Kind::Limit => has(flags::DECLINE),
        Kind::Discipline => true,
        _ => false,
    };
    let own = matches!(kind, Kind::Reservation | Kind::Discipline);
    let nothing_else = record.counter_amount.get() == 0
        && record.counter_currency.get() == 0
        && record.quote.get() == 0;
    nothing_else
        && (record.related != [0; 16]) == about_another
        && (ends || record.expires_at.get() == 0)
        && (kind.pays() || record.value_date.get() == 0)
        && (classed || record.priority == 0)
        && (!no_amount || record.amount.get() == 0)
        && (!own || record.creditor == record.debtor)
        && !(kind == Kind::Amend && has(flags::FRONT) && has(flags::BACK))
}

fn class_holds(record: &Instruction, kind: Kind) -> bool {
    record.priority <= 2 && (kind != Kind::Reservation || record.priority > 0)
}

/// Whether a type has a place in a kind, and its bytes obey its rule.
fn extension_holds(found: &Extension<'_>, kind: Kind) -> bool {
    let bytes = found.bytes;
    let pays = kind.pays();
    match found.kind {
        1 => is_reference(bytes),
        2 | 3 => pays && bytes.len() == 4 && bytes != [0; 4],
        4 => kind == Kind::Conditional && bytes.len() == 32,
        5 => kind == Kind::Conditional && bytes.len() == 4,
        6 => kind == Kind::Release && (1..=64).contains(&bytes.len()),
        7 => Charges::read(bytes).is_ok(),
        8 => {
            let told = bytes.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
            told && (1..=4).contains(&bytes.len())
        }
        _ => false,
    }
}

/// Everything that the record shows by itself, in the order of the statuses.
pub(super) fn judge_form(paper: &Paper) -> Result<Kind, Status> {
    let record = &paper.record;
    refuse(record.reserved.get() != 0, Status::Malformed)?;
    let kind = Kind::from_number(record.kind).ok_or(Status::KindUnknown)?;
    refuse(!fields_hold(record, kind), Status::Malformed)?;
    refuse(record.flags.get() & !known_flags(kind) != 0, Status::FlagsUnknown)?;
    refuse(!class_holds(record, kind), Status::PriorityUnknown)?;
    let hold = extension::each(&paper.extensions).all(|found| extension_holds(&found, kind));
    refuse(!hold, Status::ExtensionInvalid)?;
    Ok(kind)
}
