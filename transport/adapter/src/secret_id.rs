//! Ids that follow from a message and the bank's own secret.
//!
//! The same message sent again must be the same instruction, so the ids are a function of what
//! identifies the transaction; nobody without the secret can guess them, because an instruction id is
//! what keeps a leaf of the log unguessable.
//!
//! Amounts are left out on purpose: a file sent again under the same references but with another
//! amount then meets its own id, and the ledger refuses it as reused instead of paying twice.

use crate::iso::{Agent, Investigation, Message, Trade, Transaction};
use causeway_message::InstructionId;
use ring::hmac;
use std::fmt;

/// Shortest secret.
pub const SECRET_BYTES_MIN: usize = 32;

/// A bank's secret for deriving ids. It must never change while messages may be sent again.
#[derive(Clone)]
pub struct BankSecret(hmac::Key);

/// The secret is too short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bank's secret has {bytes} bytes: at least {SECRET_BYTES_MIN} are required")]
pub struct ShortSecret {
    bytes: usize,
}

impl BankSecret {
    /// A secret of at least [`SECRET_BYTES_MIN`] random bytes.
    ///
    /// # Errors
    /// When there are fewer bytes.
    pub fn new(bytes: &[u8]) -> Result<BankSecret, ShortSecret> {
        if bytes.len() < SECRET_BYTES_MIN {
            return Err(ShortSecret { bytes: bytes.len() });
        }
        Ok(BankSecret(hmac::Key::new(hmac::HMAC_SHA256, bytes)))
    }
}

impl fmt::Debug for BankSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BankSecret(..)")
    }
}

/// The two references of an instruction record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ids {
    /// The instruction id.
    pub instruction_id: [u8; 16],
    /// The UETR: the message's own, or one derived where it has none.
    pub uetr: [u8; 16],
    /// Whether the UETR was derived.
    pub uetr_is_derived: bool,
}

/// The ids of one transaction of a message.
pub fn derive(secret: &BankSecret, message: &Message, transaction: &Transaction) -> Ids {
    match transaction.uetr {
        Some(uetr) => {
            let instruction_id = mac(
                secret,
                "causeway/adapter/instruction-id/v1",
                message,
                transaction,
                |mac| {
                    mac.field(&uetr);
                },
            );
            Ids {
                instruction_id,
                uetr,
                uetr_is_derived: false,
            }
        }
        None => {
            let content = |mac: &mut Mac| references(mac, transaction);
            let instruction_id = mac(
                secret,
                "causeway/adapter/instruction-id-without-uetr/v1",
                message,
                transaction,
                content,
            );
            let uetr = mac(secret, "causeway/adapter/uetr/v1", message, transaction, content);
            Ids {
                instruction_id,
                uetr: as_uuid_v4(uetr),
                uetr_is_derived: true,
            }
        }
    }
}

/// The id of the instruction that a request to cancel, or the answer to one, becomes: it follows from the message, the
/// place in it and what it is about.
pub fn derive_case(
    secret: &BankSecret,
    message: &Investigation,
    index: usize,
    related: InstructionId,
) -> [u8; 16] {
    let mut mac = Mac(hmac::Context::with_key(&secret.0));
    mac.field(b"causeway/adapter/investigation/v1");
    mac.field(message.message_type.to_string().as_bytes());
    mac.field(message.message_id.as_bytes());
    mac.field(&u64::try_from(index).unwrap_or(u64::MAX).to_le_bytes());
    mac.field(&related.0);
    mac.id()
}

/// The ids of one side of a trade: they follow from its originator's reference alone, in whatever version of the message.
/// Another trade under the same reference meets the same id, and is refused.
pub fn derive_trade(secret: &BankSecret, trade: &Trade) -> Ids {
    let id = |tag: &str| {
        let mut mac = Mac(hmac::Context::with_key(&secret.0));
        mac.field(tag.as_bytes());
        mac.field(trade.message_type.kind.name().as_bytes());
        mac.field(trade.originator_ref.as_bytes());
        mac.id()
    };
    Ids {
        instruction_id: id("causeway/adapter/trade/v1"),
        uetr: as_uuid_v4(id("causeway/adapter/trade-uetr/v1")),
        uetr_is_derived: true,
    }
}

/// What else identifies a transaction that has no UETR.
fn references(mac: &mut Mac, transaction: &Transaction) {
    mac.optional(transaction.instruction_ref.as_deref());
    mac.field(transaction.end_to_end_id.as_bytes());
    mac.optional(transaction.transaction_id.as_deref());
    mac.optional(transaction.clearing_ref.as_deref());
    mac.field(transaction.debtor_agent.key().as_bytes());
    mac.field(transaction.creditor_agent.key().as_bytes());
    mac.field(transaction.amount.currency.alpha().as_bytes());
}

/// The first 16 bytes of the MAC over tag, message, place in it, this hop, and `more`.
fn mac(
    secret: &BankSecret,
    tag: &str,
    message: &Message,
    transaction: &Transaction,
    more: impl FnOnce(&mut Mac),
) -> [u8; 16] {
    let mut mac = Mac(hmac::Context::with_key(&secret.0));
    mac.field(tag.as_bytes());
    mac.field(message.message_type.to_string().as_bytes());
    mac.field(message.message_id.as_bytes());
    mac.field(&u64::try_from(transaction.index).unwrap_or(u64::MAX).to_le_bytes());
    let hop = |agent: &Option<Agent>| agent.as_ref().map(Agent::key);
    mac.optional(hop(&transaction.instructing_agent).as_deref());
    mac.optional(hop(&transaction.instructed_agent).as_deref());
    more(&mut mac);
    mac.id()
}

/// A MAC over fields, each with its length in front, so that no two lists of fields are the same bytes.
struct Mac(hmac::Context);

impl Mac {
    fn field(&mut self, bytes: &[u8]) {
        self.0
            .update(&u64::try_from(bytes.len()).unwrap_or(u64::MAX).to_le_bytes());
        self.0.update(bytes);
    }

    fn id(self) -> [u8; 16] {
        let tag = self.0.sign();
        let mut id = [0_u8; 16];
        for (to, from) in id.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        id
    }

    /// Absent and empty differ.
    fn optional(&mut self, text: Option<&str>) {
        self.field(&[u8::from(text.is_some())]);
        self.field(text.unwrap_or_default().as_bytes());
    }
}

/// Sets the version and variant bits of a UUID of version 4 (RFC 9562).
fn as_uuid_v4(mut bytes: [u8; 16]) -> [u8; 16] {
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = (*version & 0x0F) | 0x40;
    *variant = (*variant & 0x3F) | 0x80;
    bytes
}
