//! Actions that need two persons: what operators, settlement agents and banks may propose.
use crate::codec::{Put, Reader, within};
use crate::keys::PublicKey;
use crate::limits::{KEYS_PER_PARTICIPANT_MAX, NAME_BYTES_MAX, REFERENCE_BYTES_MAX};
use crate::{FormatError, InstructionId, KeyId, ParticipantId};

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

/// A key of a participant and the person who holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyGrant {
    /// Id, unique within the participant, never used again.
    pub key: KeyId,
    /// Number of the person within the participant: four eyes count persons, not keys.
    pub person: u32,
    /// Bits of [`right`].
    pub rights: u8,
    /// The key.
    pub public: PublicKey,
}

/// An account to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountGrant {
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// Net debit cap in minor units: how far below zero the balance may go.
    pub cap: u64,
}

/// A participant to register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipantGrant {
    /// Name, unique; a BIC where it has one.
    pub name: String,
    /// Bits of [`role`].
    pub roles: u8,
    /// Its keys.
    pub keys: Vec<KeyGrant>,
    /// Its accounts.
    pub accounts: Vec<AccountGrant>,
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
}

/// Where the day of a currency stands. Numbers are frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Instructions are taken and settle.
    Open = 1,
    /// No new instructions; what waits may still settle.
    CutOff = 2,
    /// The day is over.
    Closed = 3,
}

impl Phase {
    /// The phase with this number.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Open),
            2 => Some(Self::CutOff),
            3 => Some(Self::Closed),
            _ => None,
        }
    }

    /// Its name in text and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::CutOff => "cut_off",
            Self::Closed => "closed",
        }
    }
}

/// What an instruction of a kind costs its submitter. Minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeeGrant {
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// Number of the [`crate::record::Kind`].
    pub kind: u8,
    /// Who is paid.
    pub collector: ParticipantId,
    /// For each.
    pub flat: u64,
    /// Millionths of the amount: 100 are a basis point.
    pub per_million: u32,
    /// At least.
    pub min: u64,
    /// At most; zero if there is no such bound.
    pub max: u64,
}

impl FeeGrant {
    /// The fee on an amount, in minor units, rounded half up.
    pub fn on(&self, amount: u64) -> u64 {
        let share = (u128::from(amount) * u128::from(self.per_million) + 500_000) / 1_000_000;
        let fee = (share + u128::from(self.flat)).max(u128::from(self.min));
        let max = if self.max == 0 { u64::MAX } else { self.max };
        u64::try_from(fee).unwrap_or(u64::MAX).min(max)
    }
}

fn put_key(out: &mut Vec<u8>, grant: &KeyGrant) {
    out.put_u32(grant.key.0)
        .put_u32(grant.person)
        .put_u8(grant.rights)
        .put(grant.public.bytes());
}

fn read_key(reader: &mut Reader<'_>) -> Result<KeyGrant, FormatError> {
    let key = KeyId(reader.u32("key.id")?);
    let person = reader.u32("key.person")?;
    let rights = reader.u8("key.rights")?;
    if rights == 0 || rights & !right::KNOWN != 0 {
        return Err(FormatError::rule(
            "key.rights",
            "must be a non-empty set of known rights",
        ));
    }
    Ok(KeyGrant {
        key,
        person,
        rights,
        public: PublicKey::new(reader.array("key.public")?)?,
    })
}

fn read_account(reader: &mut Reader<'_>) -> Result<AccountGrant, FormatError> {
    Ok(AccountGrant {
        currency: reader.u16("account.currency")?,
        cap: reader.u64("account.cap")?,
    })
}

impl ParticipantGrant {
    /// Appends the grant.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.put_var(self.name.as_bytes())
            .put_u8(self.roles)
            .put_u16(self.keys.len() as u16);
        self.keys.iter().for_each(|key| put_key(out, key));
        out.put_u16(self.accounts.len() as u16);
        for account in &self.accounts {
            out.put_u16(account.currency).put_u64(account.cap);
        }
    }

    /// Reads a grant.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, FormatError> {
        let name = reader.text(NAME_BYTES_MAX, "participant.name")?.to_owned();
        if name.trim().is_empty() || name.chars().any(char::is_control) {
            return Err(FormatError::rule(
                "participant.name",
                "must be printable and not empty",
            ));
        }
        let roles = reader.u8("participant.roles")?;
        if roles == 0 || roles & !role::KNOWN != 0 {
            return Err(FormatError::rule(
                "participant.roles",
                "must be a non-empty set of known roles",
            ));
        }
        let count = usize::from(reader.u16("participant.keys")?);
        within(count, KEYS_PER_PARTICIPANT_MAX, "participant.keys")?;
        let keys = (0..count)
            .map(|_| read_key(reader))
            .collect::<Result<Vec<_>, _>>()?;
        let count = usize::from(reader.u16("participant.accounts")?);
        within(count, 1_000, "participant.accounts")?;
        let accounts = (0..count)
            .map(|_| read_account(reader))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            name,
            roles,
            keys,
            accounts,
        })
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::SigningKey;

    fn fee() -> FeeGrant {
        FeeGrant {
            currency: 978,
            kind: 1,
            collector: ParticipantId(0),
            flat: 10,
            per_million: 100,
            min: 15,
            max: 500,
        }
    }

    #[test]
    fn a_fee_is_flat_and_proportional_between_its_bounds() {
        let on = |amount| fee().on(amount);
        assert_eq!((on(0), on(49_999), on(50_000), on(55_000)), (15, 15, 15, 16));
        assert_eq!((on(1_000_000), on(u64::MAX)), (110, 500));
        let unbounded = FeeGrant {
            max: 0,
            per_million: u32::MAX,
            ..fee()
        };
        assert_eq!(unbounded.on(u64::MAX), u64::MAX);
    }

    #[test]
    fn every_action_reads_back_and_no_prefix_of_it_does() {
        let public = SigningKey::from_seed([9; 32]).expect("a seed is a key").public();
        let grant = KeyGrant {
            key: KeyId(2),
            person: 1,
            rights: right::INSTRUCT,
            public,
        };
        let account = AccountGrant {
            currency: 978,
            cap: 5,
        };
        let participant = ParticipantId(7);
        let defund = InstructionId([3; 16]);
        let all = [
            Action::RegisterParticipant(ParticipantGrant {
                name: "ALFADEFF".into(),
                roles: role::PARTICIPANT,
                keys: vec![grant.clone()],
                accounts: vec![account],
            }),
            Action::OpenAccount { participant, account },
            Action::SetCap { participant, account },
            Action::AddKey { participant, grant },
            Action::RevokeKey {
                participant,
                key: KeyId(2),
            },
            Action::SetStanding {
                participant,
                suspended: true,
            },
            Action::OpenCurrency {
                currency: 392,
                agent: participant,
            },
            Action::Fund {
                participant,
                currency: 392,
                amount: 1,
                reference: "R1".into(),
            },
            Action::Defund {
                participant,
                currency: 392,
                amount: 1,
            },
            Action::ConfirmDefund {
                defund,
                reference: "R2".into(),
            },
            Action::ReleaseDefund { defund },
            Action::HoldPayment {
                submitter: participant,
                payment: defund,
                reference: "CASE 9".into(),
            },
            Action::EndHold {
                submitter: participant,
                payment: defund,
                release: true,
            },
            Action::HoldParticipant {
                participant,
                held: true,
                reference: "CASE 9".into(),
            },
            Action::SetFee(fee()),
            Action::SetDay {
                currency: 978,
                phase: Phase::CutOff,
                date: 9_000,
            },
        ];
        for action in all {
            let mut bytes = Vec::new();
            action.write(&mut bytes);
            assert_eq!(Action::read(&bytes), Ok(action.clone()));
            for len in 0..bytes.len() {
                assert!(
                    Action::read(&bytes[..len]).is_err(),
                    "{} cut at {len}",
                    action.name()
                );
            }
            bytes.push(0);
            assert!(Action::read(&bytes).is_err());
        }
    }
}
