//! Actions that need two persons: what operators, settlement agents and banks may propose.
mod grant;
#[cfg(test)]
mod tests;

use crate::codec::{Put, Reader};
use crate::limits::REFERENCE_BYTES_MAX;
use crate::{FormatError, InstructionId, KeyId, ParticipantId};

pub use grant::{AccountGrant, FeeGrant, KeyGrant, ParticipantGrant, Phase, Valuation};
use grant::{put_key, read_account, read_key};

/// Roles of a participant, as bits.
pub mod role {
    /// Holds accounts and pays.
    pub const PARTICIPANT: u8 = 1;
    /// Carries the liability of a currency; funds and defunds.
    pub const SETTLEMENT_AGENT: u8 = 2;
    /// Registers participants, sets caps.
    pub const OPERATOR: u8 = 4;
    /// Reads everything, signs nothing.
    pub const REGULATOR: u8 = 8;
    /// Holds payments and participants, and lets them go or rejects them.
    pub const SCREENER: u8 = 16;
    /// Bits that have a meaning under the first version of the rules.
    pub const KNOWN_FIRST: u8 = PARTICIPANT | SETTLEMENT_AGENT | OPERATOR;
    /// Bits that have a meaning.
    pub const KNOWN: u8 = KNOWN_FIRST | REGULATOR | SCREENER;
}

/// Rights of a key, as bits.
pub mod right {
    /// Signs instructions.
    pub const INSTRUCT: u8 = 1;
    /// Signs control records.
    pub const CONTROL: u8 = 2;
    /// Bits that have a meaning.
    pub const KNOWN: u8 = INSTRUCT | CONTROL;
}

/// An action that takes effect when a second person approves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Operator: registers a participant; it gets the next id.
    RegisterParticipant(ParticipantGrant),
    /// Operator: opens an account.
    OpenAccount {
        /// Whose.
        participant: ParticipantId,
        /// Currency and cap.
        account: AccountGrant,
    },
    /// Operator: sets a net debit cap. Below current use it stops outflow, no more.
    SetCap {
        /// Whose.
        participant: ParticipantId,
        /// Currency and cap.
        account: AccountGrant,
    },
    /// Operator, or the participant for itself: adds a key.
    AddKey {
        /// Whose.
        participant: ParticipantId,
        /// The key.
        grant: KeyGrant,
    },
    /// Operator, or the participant for itself: revokes a key from this position on.
    RevokeKey {
        /// Whose.
        participant: ParticipantId,
        /// Which.
        key: KeyId,
    },
    /// Operator: suspends a participant or reinstates it.
    SetStanding {
        /// Whose.
        participant: ParticipantId,
        /// True to suspend.
        suspended: bool,
    },
    /// Operator: opens a currency with its settlement agent.
    OpenCurrency {
        /// ISO 4217 numeric code.
        currency: u16,
        /// Who carries the liability.
        agent: ParticipantId,
    },
    /// Settlement agent: funds an account against a confirmed credit in the RTGS, once per reference.
    Fund {
        /// Whose account.
        participant: ParticipantId,
        /// ISO 4217 numeric code.
        currency: u16,
        /// Minor units.
        amount: u64,
        /// Reference of the credit in the RTGS.
        reference: String,
    },
    /// Settlement agent: sets money aside to be paid out in the RTGS.
    Defund {
        /// Whose account.
        participant: ParticipantId,
        /// ISO 4217 numeric code.
        currency: u16,
        /// Minor units.
        amount: u64,
    },
    /// Settlement agent: the pay-out happened; the money leaves the ledger.
    ConfirmDefund {
        /// Instruction id of the `Defund` proposal.
        defund: InstructionId,
        /// Reference of the pay-out in the RTGS.
        reference: String,
    },
    /// Settlement agent: the pay-out failed; the money is free again.
    ReleaseDefund {
        /// Instruction id of the `Defund` proposal.
        defund: InstructionId,
    },
    /// Screener: holds a payment that waits. Nobody else is told.
    HoldPayment {
        /// Who submitted it.
        submitter: ParticipantId,
        /// Its instruction id.
        payment: InstructionId,
        /// File number of the order or of the screening case.
        reference: String,
    },
    /// Screener: lets a held payment go on, or rejects it.
    EndHold {
        /// Who submitted it.
        submitter: ParticipantId,
        /// Its instruction id.
        payment: InstructionId,
        /// True to let it go on, false to reject it.
        release: bool,
    },
    /// Screener: from here on payments of and to a participant wait, or go on. Nobody else is told.
    HoldParticipant {
        /// Whose.
        participant: ParticipantId,
        /// True to hold.
        held: bool,
        /// File number of the order or of the screening case.
        reference: String,
    },
    /// Operator: what an instruction of a kind costs in a currency.
    SetFee(FeeGrant),
    /// Operator: opens, cuts off or closes a currency.
    SetDay {
        /// ISO 4217 numeric code.
        currency: u16,
        /// Where its day goes.
        phase: Phase,
        /// Business date, in days since 2000-01-01.
        date: u16,
    },
    /// Operator: what a currency is worth to the risk tests.
    SetValuation(Valuation),
    /// Operator: puts a participant under the risk tests, or ends that.
    SetTests {
        /// Who.
        participant: ParticipantId,
        /// True to put it under them.
        tested: bool,
        /// Most that all its short positions may be worth together, in minor units of the unit of account.
        aggregate: u64,
    },
    /// Operator: how short a participant under the tests may be in a currency.
    SetShortLimit {
        /// Whose.
        participant: ParticipantId,
        /// ISO 4217 numeric code.
        currency: u16,
        /// Minor units.
        limit: u64,
    },
    /// Operator: how short a position may still be at a deadline.
    SetPayIn {
        /// Whose.
        participant: ParticipantId,
        /// ISO 4217 numeric code.
        currency: u16,
        /// Seconds since 2000-01-01T00:00Z.
        deadline: u32,
        /// Minor units.
        allowed: u64,
    },
}

impl Action {
    /// Appends the action: its number, then its fields.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::RegisterParticipant(grant) => grant.write(out.put_u16(1)),
            Self::OpenAccount { participant, account } => {
                out.put_u16(2)
                    .put_u32(participant.0)
                    .put_u16(account.currency)
                    .put_u64(account.cap);
            }
            Self::SetCap { participant, account } => {
                out.put_u16(3)
                    .put_u32(participant.0)
                    .put_u16(account.currency)
                    .put_u64(account.cap);
            }
            Self::AddKey { participant, grant } => put_key(out.put_u16(4).put_u32(participant.0), grant),
            Self::RevokeKey { participant, key } => {
                out.put_u16(5).put_u32(participant.0).put_u32(key.0);
            }
            Self::SetStanding {
                participant,
                suspended,
            } => {
                out.put_u16(6).put_u32(participant.0).put_u8(u8::from(*suspended));
            }
            Self::OpenCurrency { currency, agent } => {
                out.put_u16(7).put_u16(*currency).put_u32(agent.0);
            }
            Self::Fund {
                participant,
                currency,
                amount,
                reference,
            } => {
                out.put_u16(8)
                    .put_u32(participant.0)
                    .put_u16(*currency)
                    .put_u64(*amount);
                out.put_var(reference.as_bytes());
            }
            Self::Defund {
                participant,
                currency,
                amount,
            } => {
                out.put_u16(9)
                    .put_u32(participant.0)
                    .put_u16(*currency)
                    .put_u64(*amount);
            }
            Self::ConfirmDefund { defund, reference } => {
                out.put_u16(10).put(&defund.0).put_var(reference.as_bytes());
            }
            Self::ReleaseDefund { defund } => {
                out.put_u16(11).put(&defund.0);
            }
            Self::HoldPayment {
                submitter,
                payment,
                reference,
            } => {
                out.put_u16(12).put_u32(submitter.0).put(&payment.0);
                out.put_var(reference.as_bytes());
            }
            Self::EndHold {
                submitter,
                payment,
                release,
            } => {
                out.put_u16(13)
                    .put_u32(submitter.0)
                    .put(&payment.0)
                    .put_u8(u8::from(*release));
            }
            Self::HoldParticipant {
                participant,
                held,
                reference,
            } => {
                out.put_u16(14).put_u32(participant.0).put_u8(u8::from(*held));
                out.put_var(reference.as_bytes());
            }
            Self::SetFee(fee) => {
                out.put_u16(15)
                    .put_u16(fee.currency)
                    .put_u8(fee.kind)
                    .put_u32(fee.collector.0);
                out.put_u64(fee.flat)
                    .put_u32(fee.per_million)
                    .put_u64(fee.min)
                    .put_u64(fee.max);
            }
            Self::SetDay {
                currency,
                phase,
                date,
            } => {
                out.put_u16(16)
                    .put_u16(*currency)
                    .put_u8(*phase as u8)
                    .put_u16(*date);
            }
            Self::SetValuation(valuation) => valuation.write(out.put_u16(17)),
            Self::SetTests {
                participant,
                tested,
                aggregate,
            } => {
                out.put_u16(18)
                    .put_u32(participant.0)
                    .put_u8(u8::from(*tested))
                    .put_u64(*aggregate);
            }
            Self::SetShortLimit {
                participant,
                currency,
                limit,
            } => {
                out.put_u16(19)
                    .put_u32(participant.0)
                    .put_u16(*currency)
                    .put_u64(*limit);
            }
            Self::SetPayIn {
                participant,
                currency,
                deadline,
                allowed,
            } => {
                out.put_u16(20).put_u32(participant.0).put_u16(*currency);
                out.put_u32(*deadline).put_u64(*allowed);
            }
        }
    }

    /// Reads an action that fills `bytes`.
    pub fn read(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut reader = Reader::new(bytes);
        let r = &mut reader;
        let action = match r.u16("action")? {
            1 => Self::RegisterParticipant(ParticipantGrant::read(r)?),
            2 => Self::OpenAccount {
                participant: read_participant(r)?,
                account: read_account(r)?,
            },
            3 => Self::SetCap {
                participant: read_participant(r)?,
                account: read_account(r)?,
            },
            4 => Self::AddKey {
                participant: read_participant(r)?,
                grant: read_key(r)?,
            },
            5 => Self::RevokeKey {
                participant: read_participant(r)?,
                key: KeyId(r.u32("key.id")?),
            },
            6 => {
                let participant = read_participant(r)?;
                let suspended = read_bool(r, "suspended")?;
                Self::SetStanding {
                    participant,
                    suspended,
                }
            }
            7 => Self::OpenCurrency {
                currency: r.u16("currency")?,
                agent: read_participant(r)?,
            },
            8 => Self::Fund {
                participant: read_participant(r)?,
                currency: r.u16("currency")?,
                amount: r.u64("amount")?,
                reference: read_reference(r)?,
            },
            9 => Self::Defund {
                participant: read_participant(r)?,
                currency: r.u16("currency")?,
                amount: r.u64("amount")?,
            },
            10 => Self::ConfirmDefund {
                defund: InstructionId(r.array("defund")?),
                reference: read_reference(r)?,
            },
            11 => Self::ReleaseDefund {
                defund: InstructionId(r.array("defund")?),
            },
            12 => Self::HoldPayment {
                submitter: read_participant(r)?,
                payment: InstructionId(r.array("payment")?),
                reference: read_reference(r)?,
            },
            13 => Self::EndHold {
                submitter: read_participant(r)?,
                payment: InstructionId(r.array("payment")?),
                release: read_bool(r, "release")?,
            },
            14 => Self::HoldParticipant {
                participant: read_participant(r)?,
                held: read_bool(r, "held")?,
                reference: read_reference(r)?,
            },
            15 => Self::SetFee(FeeGrant {
                currency: r.u16("currency")?,
                kind: r.u8("fee.kind")?,
                collector: read_participant(r)?,
                flat: r.u64("fee.flat")?,
                per_million: r.u32("fee.per_million")?,
                min: r.u64("fee.min")?,
                max: r.u64("fee.max")?,
            }),
            16 => Self::SetDay {
                currency: r.u16("currency")?,
                phase: Phase::from_number(r.u8("phase")?)
                    .ok_or(FormatError::rule("phase", "no such phase"))?,
                date: r.u16("date")?,
            },
            17 => Self::SetValuation(Valuation::read(r)?),
            18 => Self::SetTests {
                participant: read_participant(r)?,
                tested: read_bool(r, "tested")?,
                aggregate: r.u64("aggregate")?,
            },
            19 => Self::SetShortLimit {
                participant: read_participant(r)?,
                currency: r.u16("currency")?,
                limit: r.u64("limit")?,
            },
            20 => Self::SetPayIn {
                participant: read_participant(r)?,
                currency: r.u16("currency")?,
                deadline: r.u32("deadline")?,
                allowed: r.u64("allowed")?,
            },
            _ => return Err(FormatError::rule("action", "no such action")),
        };
        reader.end("action")?;
        Ok(action)
    }

    /// Its name, for people and logs.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::RegisterParticipant(_) => "register_participant",
            Self::OpenAccount { .. } => "open_account",
            Self::SetCap { .. } => "set_cap",
            Self::AddKey { .. } => "add_key",
            Self::RevokeKey { .. } => "revoke_key",
            Self::SetStanding { .. } => "set_standing",
            Self::OpenCurrency { .. } => "open_currency",
            Self::Fund { .. } => "fund",
            Self::Defund { .. } => "defund",
            Self::ConfirmDefund { .. } => "confirm_defund",
            Self::ReleaseDefund { .. } => "release_defund",
            Self::HoldPayment { .. } => "hold_payment",
            Self::EndHold { .. } => "end_hold",
            Self::HoldParticipant { .. } => "hold_participant",
            Self::SetFee(_) => "set_fee",
            Self::SetDay { .. } => "set_day",
            Self::SetValuation(_) => "set_valuation",
            Self::SetTests { .. } => "set_tests",
            Self::SetShortLimit { .. } => "set_short_limit",
            Self::SetPayIn { .. } => "set_pay_in",
        }
    }

    /// The version of the rules that offers it first.
    pub const fn since(&self) -> u16 {
        match self {
            Self::RegisterParticipant(grant) if grant.roles & !role::KNOWN_FIRST != 0 => 2,
            Self::HoldPayment { .. }
            | Self::EndHold { .. }
            | Self::HoldParticipant { .. }
            | Self::SetFee(_)
            | Self::SetDay { .. } => 2,
            Self::SetValuation(_)
            | Self::SetTests { .. }
            | Self::SetShortLimit { .. }
            | Self::SetPayIn { .. } => 3,
            _ => 1,
        }
    }
}

fn read_bool(reader: &mut Reader<'_>, field: &'static str) -> Result<bool, FormatError> {
    match reader.u8(field)? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(FormatError::rule(field, "must be 0 or 1")),
    }
}

fn read_participant(reader: &mut Reader<'_>) -> Result<ParticipantId, FormatError> {
    reader.u32("participant").map(ParticipantId)
}

fn read_reference(reader: &mut Reader<'_>) -> Result<String, FormatError> {
    reader.text(REFERENCE_BYTES_MAX, "reference").map(str::to_owned)
}
