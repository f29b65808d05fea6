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
    /// Bits that have a meaning.
    pub const KNOWN: u8 = PARTICIPANT | SETTLEMENT_AGENT | OPERATOR;
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
                let suspended = match r.u8("suspended")? {
                    0 => false,
                    1 => true,
                    _ => return Err(FormatError::rule("suspended", "must be 0 or 1")),
                };
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
        }
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
