//! The instruction record: 128 bytes, little endian, the same on the wire, in the journal and in the core.
use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::digest::{self, Digest, hash, tagged};
use crate::limits::RECORD_BYTES;
use crate::numbered::numbered;
use crate::{InstructionId, ParticipantId, Uetr, tags};

/// One instruction as its submitter signed it. Amounts are minor units of their currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct Instruction {
    /// Random, chosen by the submitter; with the submitter it is the idempotency key.
    pub instruction_id: [u8; 16],
    /// Business reference (ISO 20022 `UETR`).
    pub uetr: [u8; 16],
    /// Instruction id of the original, reference of a trade, or id of a netting window; zero if none.
    pub related: [u8; 16],
    /// Amount in minor units of `currency`.
    pub amount: U64,
    /// Counter amount in minor units of `counter_currency`; zero if none.
    pub counter_amount: U64,
    /// Participant that pays.
    pub debtor: U32,
    /// Participant that is paid.
    pub creditor: U32,
    /// ISO 4217 numeric code.
    pub currency: U16,
    /// ISO 4217 numeric code of the counter side; zero if none.
    pub counter_currency: U16,
    /// What is asked for: see [`Kind`].
    pub kind: u8,
    /// Class in the queue: see [`Priority`].
    pub priority: u8,
    /// Bits of [`flags`].
    pub flags: U16,
    /// Days since 2000-01-01; zero means the date of settlement.
    pub value_date: U16,
    /// Two zero bytes.
    pub reserved: U16,
    /// Seconds since 2000-01-01T00:00Z after which it no longer settles; zero means none.
    pub expires_at: U32,
    /// Number of a quote lock; zero if none.
    pub quote: U64,
    /// Salted digest of the document that travels beside; zero if none.
    pub document_digest: [u8; 32],
}

const _: () = assert!(size_of::<Instruction>() == RECORD_BYTES);

numbered! {
    /// What an instruction asks for. Numbers are frozen; those not listed are refused.
    Kind: u8 {
        Payment = 1, "payment", "Credit transfer in one currency from debtor to creditor.";
        Conditional = 2, "conditional", "Sets the amount aside until a condition is met, or gives it back.";
        Release = 3, "release", "Meets the condition of a conditional payment, or gives it up.";
        Return = 4, "return", "Pays back a settled payment, or part of it.";
        Cancel = 5, "cancel", "Cancels a payment that waits; asks the creditor about one that settled.";
        Resolve = 6, "resolve", "Answers the question whether a settled payment comes back.";
        Amend = 7, "amend", "Gives a waiting payment another class or place in its queue.";
        Limit = 8, "limit", "Sets a sender limit against one participant, or against all others together.";
        Reservation = 9, "reservation", "Keeps liquidity for a class and those above it.";
        Discipline = 10, "discipline", "Says whether payments of one class may overtake each other in an account.";
        Pvp = 11, "pvp", "One side of a trade, payment versus payment: both legs settle, or none.";
        FxPayment = 12, "fx_payment", "Pays in one currency what arrives in another, at a firm quote: all legs settle, or none.";
        QuoteLock = 13, "quote_lock", "Locks the best quotes for one payment: the providers' money is set aside.";
        Quote = 14, "quote", "Publishes a firm two-sided quote, or withdraws it.";
        Obligation = 15, "obligation", "A payment that a netting window collects, to settle with all others of it, net.";
        PayIn = 16, "pay_in", "Sets own money aside for a netting window.";
    }
}

impl Kind {
    /// The version of the rules that offers it first.
    pub const fn since(self) -> u16 {
        match self {
            Self::Payment => 1,
            Self::Pvp | Self::FxPayment | Self::QuoteLock | Self::Quote => 3,
            Self::Obligation | Self::PayIn => 4,
            _ => 2,
        }
    }

    /// True if two payments of this kind with one UETR, debtor and creditor are suspected to be one.
    pub const fn has_uetr(self) -> bool {
        self.pays() || matches!(self, Self::FxPayment)
    }

    /// True if the record moves money from its debtor to its creditor.
    pub const fn pays(self) -> bool {
        matches!(
            self,
            Self::Payment | Self::Conditional | Self::Return | Self::Obligation
        )
    }
}

/// Class of a payment in its account's queue. Numbers are frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Priority {
    /// Bound by sender limits and by both reservations.
    Normal = 0,
    /// Bound by the reservation for urgent payments.
    High = 1,
    /// Before all others.
    Urgent = 2,
}

impl Priority {
    /// All classes, the lowest first.
    pub const ALL: [Priority; 3] = [Self::Normal, Self::High, Self::Urgent];

    /// The class with this number.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Normal),
            1 => Some(Self::High),
            2 => Some(Self::Urgent),
            _ => None,
        }
    }

    /// Its name in text and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::High => "high",
            Self::Urgent => "urgent",
        }
    }
}

/// Bits of [`Instruction::flags`].
pub mod flags {
    /// Settle at once or be rejected: never wait in the queue.
    pub const SETTLE_OR_REJECT: u16 = 1 << 0;
    /// Between banks on their own account (as in pacs.009); otherwise for a customer.
    pub const INTERBANK: u16 = 1 << 1;
    /// Answer with the balance after it.
    pub const WITH_BALANCE: u16 = 1 << 2;
    /// The next record of the batch belongs to the same chain.
    pub const LINKED: u16 = 1 << 3;
    /// Another payment with the same debtor, creditor, kind and UETR is meant.
    pub const DUPLICATE: u16 = 1 << 4;
    /// A conditional payment may be released in parts.
    pub const PARTIAL: u16 = 1 << 5;
    /// Amend: to the front of its class.
    pub const FRONT: u16 = 1 << 6;
    /// Amend: to the end of its class.
    pub const BACK: u16 = 1 << 7;
    /// Release: gives the money back. Resolve: the payment does not come back. Limit: there is none.
    pub const DECLINE: u16 = 1 << 8;
    /// Discipline: payments of one class may overtake each other.
    pub const BYPASS: u16 = 1 << 9;
    /// FX payment and quote lock: what arrives is fixed, and what is paid follows.
    pub const FIXED_TARGET: u16 = 1 << 10;
    /// Bits that have a meaning under the first version of the rules.
    pub const KNOWN_FIRST: u16 = SETTLE_OR_REJECT | INTERBANK | WITH_BALANCE;
    /// Bits that have a meaning; all others must be zero.
    pub const KNOWN: u16 =
        KNOWN_FIRST | LINKED | DUPLICATE | PARTIAL | FRONT | BACK | DECLINE | BYPASS | FIXED_TARGET;
}

/// Bytes that a record without extensions is hashed over: tag and record, in three SHA-256 blocks.
const TAGGED_BYTES: usize = tags::RECORD.len() + RECORD_BYTES;

impl Instruction {
    /// A payment with everything optional left out.
    pub fn payment(
        id: InstructionId,
        uetr: Uetr,
        debtor: ParticipantId,
        creditor: ParticipantId,
        currency: u16,
        amount: u64,
    ) -> Self {
        Self {
            instruction_id: id.0,
            uetr: uetr.0,
            related: [0; 16],
            amount: amount.into(),
            counter_amount: 0.into(),
            debtor: debtor.0.into(),
            creditor: creditor.0.into(),
            currency: currency.into(),
            counter_currency: 0.into(),
            kind: Kind::Payment as u8,
            priority: Priority::Normal as u8,
            flags: 0.into(),
            value_date: 0.into(),
            reserved: 0.into(),
            expires_at: 0.into(),
            quote: 0.into(),
            document_digest: [0; 32],
        }
    }

    /// One side of a trade: `debtor` pays and gets an amount each, on a value date in days since 2000-01-01.
    pub fn pvp(
        id: InstructionId,
        uetr: Uetr,
        (debtor, creditor): (ParticipantId, ParticipantId),
        pays: (u16, u64),
        gets: (u16, u64),
        value_date: u16,
    ) -> Self {
        Self {
            kind: Kind::Pvp as u8,
            counter_currency: gets.0.into(),
            counter_amount: gets.1.into(),
            value_date: value_date.into(),
            ..Self::payment(id, uetr, debtor, creditor, pays.0, pays.1)
        }
    }

    /// The record's own id.
    pub const fn id(&self) -> InstructionId {
        InstructionId(self.instruction_id)
    }

    /// What the leaf of a record without extensions is the digest of.
    #[inline]
    fn tagged(&self) -> [u8; TAGGED_BYTES] {
        let mut bytes = [0u8; TAGGED_BYTES];
        let (tag, record) = bytes.split_at_mut(tags::RECORD.len());
        tag.copy_from_slice(tags::RECORD);
        record.copy_from_slice(self.as_bytes());
        bytes
    }

    /// Leaves of two records without extensions.
    #[inline]
    pub fn plain_leaves(pair: &[Self; 2]) -> [Digest; 2] {
        digest::pair(&pair[0].tagged(), &pair[1].tagged())
    }

    /// Leaf of this record: covers its extensions but not its place in the batch.
    #[inline]
    pub fn leaf(&self, extensions: &[u8]) -> Digest {
        if extensions.is_empty() {
            hash(&self.tagged())
        } else {
            let mut parts = vec![self.as_bytes()];
            parts.extend(crate::extension::covered(extensions));
            tagged(tags::RECORD, &parts)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extension::{self, ExtensionType};

    #[test]
    fn a_leaf_covers_record_and_extensions_alike() {
        let record = Instruction::payment(
            InstructionId([1; 16]),
            Uetr([2; 16]),
            ParticipantId(3),
            ParticipantId(4),
            978,
            5,
        );
        assert_eq!(record.leaf(&[]), tagged(tags::RECORD, &[record.as_bytes()]));
        assert_ne!(record.leaf(&[]), record.leaf(&[0]));
        let (mut here, mut there) = (Vec::new(), Vec::new());
        extension::put(&mut here, 3, ExtensionType::ClearingReference, b"REF");
        extension::put(&mut there, 9, ExtensionType::ClearingReference, b"REF");
        assert_eq!(
            record.leaf(&here),
            record.leaf(&there),
            "the place in the batch is not the record's"
        );
        for i in 2..here.len() {
            there.clone_from(&here);
            there[i] ^= 1;
            assert_ne!(
                record.leaf(&here),
                record.leaf(&there),
                "byte {i} of an extension"
            );
        }
        let mut bytes = [0u8; RECORD_BYTES];
        bytes.copy_from_slice(record.as_bytes());
        for i in 0..RECORD_BYTES {
            let mut other = bytes;
            other[i] ^= 1;
            let other = Instruction::read_from_bytes(&other).expect("a record has no invalid bytes");
            assert_ne!(other.leaf(&[]), record.leaf(&[]), "byte {i}");
        }
    }
}
