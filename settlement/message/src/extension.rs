//! Extensions: what does not fit into a record, typed and bounded.
//!
//! The area behind a batch's records is a run of `{record u16, type u16, length u32, bytes}`, ordered by record,
//! then by type, no type twice for one record. A record's leaf covers type, length and bytes of its extensions but
//! not the record's place: the same instruction in another batch has the same leaf, so that it is known again.
use crate::codec::{Put, Reader, within};
use crate::limits::{RECORD_EXTENSION_BYTES_MAX, REFERENCE_BYTES_MAX};
use crate::numbered::numbered;
use crate::{FormatError, InstructionId};
use causeway_fx::Currency;
use causeway_fx::quotes::Tiers;

numbered! {
    /// Types of extensions. Numbers are frozen.
    ExtensionType: u16 {
        ClearingReference = 1, "clearing_reference", "Reference in a clearing system (ISO 20022 `ClrSysRef`): 1 to 35 printable ASCII bytes.";
        FromTime = 2, "from_time", "Earliest second at which it settles (`FrDtTm`): u32, not 0.";
        TillTime = 3, "till_time", "Second after which its submitter is told that it still waits (`TillTm`): u32, not 0.";
        Condition = 4, "condition", "SHA-256 of the preimage that releases it: 32 bytes.";
        Approver = 5, "approver", "Participant whose signature releases it: u32.";
        Preimage = 6, "preimage", "What the condition is the SHA-256 of: 1 to 64 bytes.";
        Charges = 7, "charges", "Who bears charges, and those taken so far (`ChrgBr`, `ChrgsInf`).";
        Reason = 8, "reason", "Why (ISO 20022 external code): 1 to 4 upper-case letters and digits.";
        Tolerance = 9, "tolerance", "How far the two sides of a trade may differ in what this one gets: u64, minor units.";
        Replaces = 10, "replaces", "Id of the unmatched instruction that this one takes the place of: 16 bytes, not all zero.";
        Via = 11, "via", "Vehicle currency through which two hops may lead (ISO 4217 numeric): u16.";
        Tiers = 12, "tiers", "Sizes and prices of a quote.";
    }
}

/// Most bytes of a preimage: hash locks elsewhere use 32.
pub const PREIMAGE_BYTES_MAX: usize = 64;

impl ExtensionType {
    /// True if the bytes obey the rule of this type.
    pub fn admits(self, bytes: &[u8]) -> bool {
        match self {
            Self::ClearingReference => is_reference(bytes),
            Self::FromTime | Self::TillTime => number(bytes).is_some_and(|seconds| seconds != 0),
            Self::Condition => bytes.len() == 32,
            Self::Approver => bytes.len() == 4,
            Self::Preimage => (1..=PREIMAGE_BYTES_MAX).contains(&bytes.len()),
            Self::Charges => crate::charges::Charges::read(bytes).is_ok(),
            Self::Tolerance => bytes.len() == 8,
            Self::Replaces => bytes.len() == 16 && bytes != [0; 16],
            Self::Via => currency(bytes).is_some(),
            Self::Tiers => Tiers::decode(bytes).is_ok(),
            Self::Reason => {
                (1..=4).contains(&bytes.len())
                    && bytes.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            }
        }
    }
}

/// The amount that eight bytes hold.
pub fn amount(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}

/// The active currency that two bytes name (ISO 4217 numeric).
pub fn currency(bytes: &[u8]) -> Option<u16> {
    let number = u16::from_le_bytes(bytes.try_into().ok()?);
    Currency::from_numeric(number).map(|_| number)
}

/// The id that sixteen bytes hold.
pub fn id(bytes: &[u8]) -> Option<InstructionId> {
    Some(InstructionId(bytes.try_into().ok()?))
}

/// The number that four bytes hold.
pub fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

/// True for 1 to 35 printable ASCII bytes (ISO 20022 Max35Text, restricted).
pub fn is_reference(bytes: &[u8]) -> bool {
    // A blank at an end is not seen by people, and would make two references of one.
    (1..=REFERENCE_BYTES_MAX).contains(&bytes.len())
        && bytes.iter().all(|b| (0x20..0x7f).contains(b))
        && bytes.first() != Some(&b' ')
        && bytes.last() != Some(&b' ')
}

const HEAD: usize = 8;

/// Appends one extension.
pub fn put(out: &mut Vec<u8>, record: u16, kind: ExtensionType, bytes: &[u8]) {
    out.put_u16(record).put_u16(kind as u16).put_var(bytes);
}

/// One extension as it stands in the area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extension<'a> {
    /// Place of the record it belongs to.
    pub record: u16,
    /// Number of its type; may be unknown.
    pub kind: u16,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// Checks order and bounds of the whole area for a batch of `count` records.
pub fn check(area: &[u8], count: usize) -> Result<(), FormatError> {
    let mut reader = Reader::new(area);
    let mut last = None;
    let mut of_record = 0;
    while !reader.rest().is_empty() {
        let record = reader.u16("extension.record")?;
        let kind = reader.u16("extension.type")?;
        let bytes = reader.var(RECORD_EXTENSION_BYTES_MAX, "extension.bytes")?;
        if usize::from(record) >= count {
            return Err(FormatError::rule(
                "extension.record",
                "the batch has no such record",
            ));
        }
        if last.is_some_and(|last| last >= (record, kind)) {
            return Err(FormatError::rule(
                "extension",
                "must be ordered by record and type, none twice",
            ));
        }
        of_record = if last.is_some_and(|(r, _)| r == record) {
            of_record
        } else {
            0
        } + HEAD
            + bytes.len();
        within(of_record, RECORD_EXTENSION_BYTES_MAX, "extension.bytes")?;
        last = Some((record, kind));
    }
    Ok(())
}

/// Checks the extensions of one record alone: their order and bounds, and that all are of the record at `ordinal`.
pub fn check_own(own: &[u8], ordinal: u32) -> Result<(), FormatError> {
    check(own, ordinal as usize + 1)?;
    if each(own).any(|extension| u32::from(extension.record) != ordinal) {
        return Err(FormatError::rule("extension.record", "is not the record's place"));
    }
    Ok(())
}

/// The parts of one record's extensions that its leaf covers: everything but the place of the record.
pub fn covered(mut own: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        if own.is_empty() {
            return None;
        }
        // What is no extension is covered as it stands, so that no bytes are left out.
        let (skip, len) = first(own).map_or((0, own.len()), |next| (2, HEAD + next.bytes.len()));
        let (part, rest) = own.split_at(len);
        own = rest;
        part.get(skip..)
    })
}

/// Walks a checked area record by record.
#[derive(Debug, Clone, Copy)]
pub struct Walk<'a> {
    area: &'a [u8],
}

impl<'a> Walk<'a> {
    /// Starts at the front of an area that [`check`] accepted.
    pub const fn new(area: &'a [u8]) -> Self {
        Self { area }
    }

    /// Bytes of all extensions of `record`; records must be asked for in rising order.
    #[inline]
    pub fn of(&mut self, record: usize) -> &'a [u8] {
        if self.area.is_empty() {
            return &[];
        }
        let mut len = 0;
        while let Some(next) = first(&self.area[len..]) {
            if usize::from(next.record) != record {
                break;
            }
            len += HEAD + next.bytes.len();
        }
        let (own, rest) = self.area.split_at(len);
        self.area = rest;
        own
    }
}

fn first(area: &[u8]) -> Option<Extension<'_>> {
    let mut reader = Reader::new(area);
    Some(Extension {
        record: reader.u16("extension.record").ok()?,
        kind: reader.u16("extension.type").ok()?,
        bytes: reader.var(RECORD_EXTENSION_BYTES_MAX, "extension.bytes").ok()?,
    })
}

/// The extensions in bytes that [`Walk::of`] returned.
pub fn each(mut own: &[u8]) -> impl Iterator<Item = Extension<'_>> {
    std::iter::from_fn(move || {
        let next = first(own)?;
        own = own.get(HEAD + next.bytes.len()..)?;
        Some(next)
    })
}

/// The extension of one type in bytes that [`Walk::of`] returned.
pub fn find(own: &[u8], kind: ExtensionType) -> Option<&[u8]> {
    each(own).find(|ext| ext.kind == kind as u16).map(|ext| ext.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions_are_walked_with_their_records() {
        let mut area = Vec::new();
        put(&mut area, 1, ExtensionType::ClearingReference, b"REF/1");
        put(&mut area, 3, ExtensionType::ClearingReference, b"REF/3");
        assert_eq!(check(&area, 4), Ok(()));
        assert!(check(&area, 3).is_err());
        let mut walk = Walk::new(&area);
        let found: Vec<usize> = (0..4).map(|i| each(walk.of(i)).count()).collect();
        assert_eq!(found, [0, 1, 0, 1]);
    }

    #[test]
    fn an_area_out_of_order_is_refused() {
        let mut area = Vec::new();
        put(&mut area, 1, ExtensionType::ClearingReference, b"B");
        put(&mut area, 1, ExtensionType::ClearingReference, b"A");
        assert!(check(&area, 2).is_err());
        assert!(check(&area[..5], 2).is_err());
    }

    #[test]
    fn the_limit_is_for_all_extensions_of_a_record_and_for_each_record_anew() {
        let area = |records: [u16; 2]| {
            let mut area = Vec::new();
            for (kind, record) in records.into_iter().enumerate() {
                area.put_u16(record).put_u16(kind as u16 + 1).put_var(&[7; 600]);
            }
            area
        };
        assert_eq!(check(&area([0, 1]), 2), Ok(()));
        assert!(check(&area([1, 1]), 2).is_err());
        assert_eq!(check_own(&area([1, 2])[..608], 1), Ok(()));
        assert!(check_own(&area([1, 2])[..608], 2).is_err());
    }

    #[test]
    fn a_reference_is_short_printable_text() {
        assert!(is_reference(b"RTGS 2026/11-1"));
        assert!(!is_reference(b""));
        assert!(!is_reference(b"R1 ") && !is_reference(b" R1") && !is_reference(b" "));
        assert!(!is_reference(&[b'x'; 36]));
        assert!(!is_reference("é".as_bytes()));
    }
}
