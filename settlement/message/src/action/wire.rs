//! Actions as bytes: a number, then the fields.
use super::day::read_days;
use super::grant::{put_key, read_account, read_key};
use super::member::{
    put_admission, put_member_key, read_admission, read_member_key, read_membership, read_roles,
};
use super::window::{read_cancellation, read_window};
use super::{Action, FeeGrant, Hours, ParticipantGrant, Phase, Valuation};
use crate::codec::{Put, Reader, within};
use crate::exchange::SOURCE_BYTES_MAX;
use crate::extension::is_reference;
use crate::limits::REFERENCE_BYTES_MAX;
use crate::{FormatError, InstructionId, KeyId, ParticipantId};

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
            Self::SetExposure {
                participant,
                base,
                counter,
                limit,
            } => {
                out.put_u16(21).put_u32(participant.0);
                out.put_u16(*base).put_u16(*counter).put_u64(*limit);
            }
            Self::SetReference {
                base,
                counter,
                rate,
                scale,
                time,
                source,
            } => {
                out.put_u16(22).put_u16(*base).put_u16(*counter);
                out.put_u64(*rate).put_u8(*scale).put_u32(*time);
                out.put_var(source_text(source));
            }
            Self::ScheduleDays { currency, days } => {
                out.put_u16(23).put_u16(*currency).put_u16(days.len() as u16);
                days.iter().for_each(|day| day.write(out));
            }
            Self::ExtendDay { currency, hours } => hours.write(out.put_u16(24).put_u16(*currency)),
            Self::SetCollateral {
                participant,
                currency,
                asset,
                value,
                haircut,
            } => {
                out.put_u16(25).put_u32(participant.0).put_u16(*currency);
                out.put_var(asset.as_bytes()).put_u64(*value).put_u32(*haircut);
            }
            Self::SetCredit {
                participant,
                currency,
                limit,
            } => {
                out.put_u16(26).put_u32(participant.0);
                out.put_u16(*currency).put_u64(*limit);
            }
            Self::AdmitMember { grant, proofs } => put_admission(out.put_u16(27), grant, proofs),
            Self::AddMemberKey {
                participant,
                grant,
                proof,
            } => put_member_key(out.put_u16(28), *participant, grant, proof),
            Self::SetMembership {
                participant,
                standing,
                reference,
            } => {
                out.put_u16(29).put_u32(participant.0).put_u8(*standing as u8);
                out.put_var(reference.as_bytes());
            }
            Self::SetRoles { participant, roles } => {
                out.put_u16(30).put_u32(participant.0).put_u8(*roles);
            }
            Self::DeclareDefault {
                participant,
                reference,
            } => {
                out.put_u16(31).put_u32(participant.0);
                out.put_var(reference.as_bytes());
            }
            Self::DecideDefault {
                participant,
                confirmed,
            } => {
                out.put_u16(32)
                    .put_u32(participant.0)
                    .put_u8(u8::from(*confirmed));
            }
            Self::OpenWindow(grant) => grant.write(out.put_u16(33)),
            Self::CancelWindow { window } => {
                out.put_u16(34).put(&window.0);
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
            21 => Self::SetExposure {
                participant: read_participant(r)?,
                base: r.u16("base")?,
                counter: r.u16("counter")?,
                limit: r.u64("exposure.limit")?,
            },
            22 => read_rate(r)?,
            23 => Self::ScheduleDays {
                currency: r.u16("currency")?,
                days: read_days(r)?,
            },
            24 => Self::ExtendDay {
                currency: r.u16("currency")?,
                hours: Hours::read(r)?,
            },
            25 => read_collateral(r)?,
            26 => Self::SetCredit {
                participant: read_participant(r)?,
                currency: r.u16("currency")?,
                limit: r.u64("credit.limit")?,
            },
            27 => read_admission(r)?,
            28 => read_member_key(r)?,
            29 => read_membership(r)?,
            30 => read_roles(r)?,
            31 => Self::DeclareDefault {
                participant: read_participant(r)?,
                reference: read_reference(r)?,
            },
            32 => Self::DecideDefault {
                participant: read_participant(r)?,
                confirmed: read_bool(r, "confirmed")?,
            },
            33 => read_window(r)?,
            34 => read_cancellation(r)?,
            _ => return Err(FormatError::rule("action", "no such action")),
        };
        reader.end("action")?;
        Ok(action)
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

/// The text of a source, without the zeros behind it.
pub fn source_text(source: &[u8; SOURCE_BYTES_MAX]) -> &[u8] {
    let len = source.iter().position(|b| *b == 0).unwrap_or(source.len());
    source.split_at(len).0
}

fn read_rate(r: &mut Reader<'_>) -> Result<Action, FormatError> {
    let (base, counter) = (r.u16("base")?, r.u16("counter")?);
    let (rate, scale, time) = (r.u64("rate")?, r.u8("rate.scale")?, r.u32("rate.time")?);
    within(scale.into(), Valuation::SCALE_MAX.into(), "rate.scale")?;
    let text = r.var(SOURCE_BYTES_MAX, "rate.source")?;
    if !is_reference(text) {
        return Err(FormatError::rule(
            "rate.source",
            "must be 1 to 16 printable ASCII bytes, no blank at either end",
        ));
    }
    let mut source = [0; SOURCE_BYTES_MAX];
    source.split_at_mut(text.len()).0.copy_from_slice(text);
    Ok(Action::SetReference {
        base,
        counter,
        rate,
        scale,
        time,
        source,
    })
}

fn read_collateral(r: &mut Reader<'_>) -> Result<Action, FormatError> {
    let (participant, currency) = (read_participant(r)?, r.u16("currency")?);
    let asset = r.text(REFERENCE_BYTES_MAX, "collateral.asset")?;
    if !is_reference(asset.as_bytes()) {
        return Err(FormatError::rule(
            "collateral.asset",
            "must be 1 to 35 printable ASCII bytes, no blank at either end",
        ));
    }
    let asset = asset.to_owned();
    let (value, haircut) = (r.u64("collateral.value")?, r.u32("collateral.haircut")?);
    if haircut > Valuation::HAIRCUT_MAX {
        return Err(FormatError::rule(
            "collateral.haircut",
            "must be at most 1,000,000",
        ));
    }
    Ok(Action::SetCollateral {
        participant,
        currency,
        asset,
        value,
        haircut,
    })
}
