//! How a payment is named in messages, kept where its message is not at hand, and found again by it.

use crate::iso::{Message, NOT_PROVIDED, Original, Transaction};
use causeway_message::{InstructionId, ParticipantId};
use serde::{Deserialize, Serialize};

/// The references that a payment's own message gave it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct References {
    /// `GrpHdr/MsgId`.
    pub message_id: Option<String>,
    /// The message definition.
    pub message_type: Option<String>,
    /// `GrpHdr/CreDtTm`, as written.
    pub created: Option<String>,
    /// `InstrId`; `RtrId` of a return.
    pub instruction_ref: Option<String>,
    /// `EndToEndId`.
    pub end_to_end_id: Option<String>,
    /// `TxId`.
    pub transaction_id: Option<String>,
    /// The UETR it settles under, in its usual form.
    pub uetr: Option<String>,
}

impl References {
    /// Those of a transaction.
    pub fn of(message: &Message, one: &Transaction) -> References {
        References {
            message_id: Some(message.message_id.clone()),
            message_type: Some(message.message_type.to_string()),
            created: Some(message.created.clone()),
            instruction_ref: one.instruction_ref.clone(),
            end_to_end_id: Some(one.end_to_end_id.clone()),
            transaction_id: one.transaction_id.clone(),
            uetr: one.uetr_text(),
        }
    }

    /// Whether a later message means this payment: nothing that both know differs, and something that identifies it is
    /// the same.
    pub fn are_meant_by(&self, original: &Original) -> bool {
        let uetr = original.uetr_text();
        let area = |name: &Option<String>| name.as_ref().and_then(|name| name.get(..8).map(str::to_owned));
        let of_message = same(&self.message_id, &original.message_id);
        let end_to_end = |id: &Option<String>| id.clone().filter(|id| id != NOT_PROVIDED);
        let end_to_end = same(
            &end_to_end(&self.end_to_end_id),
            &end_to_end(&original.end_to_end_id),
        );
        let own = [
            same(&self.uetr, &uetr),
            same(&self.transaction_id, &original.transaction_id),
            same(&self.instruction_ref, &original.instruction_ref),
        ];
        let all = [
            of_message,
            end_to_end,
            same(&area(&self.message_type), &area(&original.message_type)),
        ];
        let differ = own.iter().chain(&all).any(|one| *one == Some(false));
        let identified = own.contains(&Some(true)) || (of_message == Some(true) && end_to_end == Some(true));
        !differ && identified
    }
}

/// Whether two texts are the same, where both are given.
fn same(here: &Option<String>, there: &Option<String>) -> Option<bool> {
    Some(here.as_ref()? == there.as_ref()?)
}

/// Something that a message may be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The instruction that a record names as `related`.
    pub id: InstructionId,
    /// Who is on the other side of it.
    pub party: ParticipantId,
    /// ISO 4217 number.
    pub currency: u16,
    /// Minor units.
    pub amount: u64,
    /// Business reference of records about it.
    pub uetr: [u8; 16],
    /// Between banks on their own account.
    pub interbank: bool,
    /// What arrives, where that is in another currency than what is paid: ISO 4217 number, and minor units.
    pub arrives: Option<(u16, u64)>,
    /// How the payment is named.
    pub references: References,
}

impl Candidate {
    /// What a message calls its amount: ISO 4217 number, and minor units.
    pub fn settles(&self) -> (u16, u64) {
        self.arrives.unwrap_or((self.currency, self.amount))
    }
}

/// Why nothing was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// Nothing fits.
    Nothing,
    /// More than one fits.
    Several,
}

/// The one candidate that is meant. Of several only those count that fit what else the message says: any bank may give
/// its payment the references of another's.
///
/// # Errors
/// When that is none or not one alone.
pub fn choose(
    candidates: Vec<Candidate>,
    original: &Original,
    fits: impl Fn(&Candidate) -> bool,
) -> Result<Candidate, Unclear> {
    let mut meant = candidates;
    meant.retain(|one| one.references.are_meant_by(original));
    if meant.is_empty() {
        return Err(Unclear::Nothing);
    }
    if meant.len() > 1 {
        meant.retain(fits);
    }
    match (meant.pop(), meant.is_empty()) {
        (Some(one), true) => Ok(one),
        _ => Err(Unclear::Several),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    fn payment() -> References {
        References {
            message_id: text("M1"),
            message_type: text("pacs.008.001.08"),
            created: None,
            instruction_ref: text("I1"),
            end_to_end_id: text("E1"),
            transaction_id: None,
            uetr: text("5f0c8a52-3b1e-4d7a-9c46-2e8b7d901f33"),
        }
    }

    fn named() -> Original {
        Original {
            uetr: Some([
                0x5f, 0x0c, 0x8a, 0x52, 0x3b, 0x1e, 0x4d, 0x7a, 0x9c, 0x46, 0x2e, 0x8b, 0x7d, 0x90, 0x1f,
                0x33,
            ]),
            ..Original::default()
        }
    }

    #[test]
    fn a_payment_is_meant_by_what_identifies_it_and_by_nothing_that_contradicts() {
        let message = |id: &str| Original {
            message_id: text(id),
            end_to_end_id: text("E1"),
            ..Original::default()
        };
        let cases = [
            (named(), true),
            (
                Original {
                    message_id: text("M1"),
                    ..named()
                },
                true,
            ),
            (
                Original {
                    message_id: text("M2"),
                    ..named()
                },
                false,
            ),
            (
                Original {
                    message_type: text("pacs.008.001.12"),
                    ..named()
                },
                true,
            ),
            (
                Original {
                    message_type: text("pacs.009.001.08"),
                    ..named()
                },
                false,
            ),
            (
                Original {
                    end_to_end_id: text("E2"),
                    ..named()
                },
                false,
            ),
            (
                Original {
                    end_to_end_id: text(NOT_PROVIDED),
                    ..named()
                },
                true,
            ),
            // What the payment's message did not say contradicts nothing, and identifies nothing.
            (
                Original {
                    transaction_id: text("T"),
                    ..named()
                },
                true,
            ),
            (
                Original {
                    transaction_id: text("T"),
                    ..Original::default()
                },
                false,
            ),
            (message("M1"), true),
            (message("M2"), false),
            (
                Original {
                    message_id: None,
                    ..message("M1")
                },
                false,
            ),
            (
                Original {
                    instruction_ref: text("I1"),
                    ..Original::default()
                },
                true,
            ),
            (Original::default(), false),
        ];
        for (original, meant) in cases {
            assert_eq!(payment().are_meant_by(&original), meant, "{original:?}");
        }
    }

    #[test]
    fn of_two_payments_that_fit_none_is_chosen() {
        let one = |n: u8| Candidate {
            id: InstructionId([n; 16]),
            party: ParticipantId(2),
            currency: 978,
            amount: 1,
            uetr: [n; 16],
            interbank: false,
            arrives: None,
            references: payment(),
        };
        let chosen = |all: &[u8], fits: fn(&Candidate) -> bool| {
            choose(all.iter().map(|n| one(*n)).collect(), &named(), fits)
        };
        assert_eq!(chosen(&[1], |_| true), Ok(one(1)));
        assert_eq!(chosen(&[1, 2], |_| true), Err(Unclear::Several));
        assert_eq!(chosen(&[], |_| true), Err(Unclear::Nothing));
        // What else is said tells several apart; of one alone it is judged later, so that the refusal names the field.
        assert_eq!(chosen(&[1, 2], |one| one.uetr == [2; 16]), Ok(one(2)));
        assert_eq!(chosen(&[1, 2], |_| false), Err(Unclear::Several));
        assert_eq!(chosen(&[1], |_| false), Ok(one(1)));
    }
}
