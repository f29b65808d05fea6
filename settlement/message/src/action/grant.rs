//! What actions grant: keys, accounts, participants, fees, and where the day of a currency stands.
use super::{right, role};
use crate::codec::{Put, Reader, within};
use crate::keys::PublicKey;
use crate::limits::{KEYS_PER_PARTICIPANT_MAX, NAME_BYTES_MAX};
use crate::{FormatError, KeyId, ParticipantId};

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

/// What one whole unit of a currency is worth to the risk tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Valuation {
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// ISO 4217 numeric code of the unit of account.
    pub unit: u16,
    /// Units of account for one unit of the currency, with `scale` decimal places.
    pub rate: u64,
    /// Decimal places of `rate`, at most [`Valuation::SCALE_MAX`].
    pub scale: u8,
    /// Haircut in millionths: taken off what is held, put onto what is owed.
    pub haircut: u32,
}

impl Valuation {
    /// Most decimal places of a rate.
    pub const SCALE_MAX: u8 = 12;
    /// The largest haircut: all of the value.
    pub const HAIRCUT_MAX: u32 = 1_000_000;

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.put_u16(self.currency).put_u16(self.unit).put_u64(self.rate);
        out.put_u8(self.scale).put_u32(self.haircut);
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Result<Self, FormatError> {
        let told = Self {
            currency: r.u16("currency")?,
            unit: r.u16("valuation.unit")?,
            rate: r.u64("valuation.rate")?,
            scale: r.u8("valuation.scale")?,
            haircut: r.u32("valuation.haircut")?,
        };
        within(told.scale.into(), Self::SCALE_MAX.into(), "valuation.scale")?;
        within(
            told.haircut as usize,
            Self::HAIRCUT_MAX as usize,
            "valuation.haircut",
        )?;
        Ok(told)
    }
}

pub(super) fn put_key(out: &mut Vec<u8>, grant: &KeyGrant) {
    out.put_u32(grant.key.0)
        .put_u32(grant.person)
        .put_u8(grant.rights)
        .put(grant.public.bytes());
}

pub(super) fn read_key(reader: &mut Reader<'_>) -> Result<KeyGrant, FormatError> {
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

pub(super) fn read_account(reader: &mut Reader<'_>) -> Result<AccountGrant, FormatError> {
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
