//! Charges of a message (ISO 20022 `ChrgBr`, `ChrgsInf`): carried and checked, never taken from the settled amount.
use causeway_fx::Currency;

use crate::FormatError;
use crate::codec::{Put, Reader};

/// Who bears the charges. Numbers are frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Bearer {
    /// The debtor (`DEBT`).
    Debtor = 1,
    /// The creditor (`CRED`).
    Creditor = 2,
    /// Each its own (`SHAR`).
    Shared = 3,
    /// As the service level says (`SLEV`).
    ServiceLevel = 4,
}

impl Bearer {
    /// The bearer with this number.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            1 => Some(Self::Debtor),
            2 => Some(Self::Creditor),
            3 => Some(Self::Shared),
            4 => Some(Self::ServiceLevel),
            _ => None,
        }
    }

    /// Its ISO 20022 code (`ChargeBearerType1Code`).
    pub const fn code(self) -> &'static str {
        match self {
            Self::Debtor => "DEBT",
            Self::Creditor => "CRED",
            Self::Shared => "SHAR",
            Self::ServiceLevel => "SLEV",
        }
    }
}

/// One charge that was taken on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// Minor units of `currency`.
    pub amount: u64,
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// BIC of who took it; one of eight characters ends in three blanks.
    pub agent: [u8; 11],
}

/// Bearer and charges of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charges {
    /// Who bears them.
    pub bearer: Bearer,
    /// Those taken so far.
    pub taken: Vec<Charge>,
}

/// Most charges of one message: a chain of correspondents is not longer.
pub const CHARGES_MAX: usize = 8;

impl Charges {
    /// The bytes of the extension: bearer u8, count u8, zero [2]; each charge: amount u64, currency u16, agent [11],
    /// zero [3].
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.put_u8(self.bearer as u8)
            .put_u8(self.taken.len() as u8)
            .put_u16(0);
        for charge in &self.taken {
            out.put_u64(charge.amount)
                .put_u16(charge.currency)
                .put(&charge.agent)
                .put(&[0; 3]);
        }
        out
    }

    /// Reads the bytes of the extension.
    ///
    /// # Errors
    /// The field and the rule that is broken: the creditor bears charges only where some are named, and nobody does
    /// where the debtor bears all (ISO 20022 rules on `ChargeBearer` and `ChargesInformation`).
    pub fn read(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut r = Reader::new(bytes);
        let bearer = Bearer::from_number(r.u8("charges.bearer")?)
            .ok_or(FormatError::rule("charges.bearer", "no such bearer"))?;
        let count = usize::from(r.u8("charges.count")?);
        crate::codec::within(count, CHARGES_MAX, "charges.count")?;
        r.zeros(2, "charges.reserved")?;
        let taken = (0..count)
            .map(|_| {
                let amount = r.u64("charge.amount")?;
                let currency = r.u16("charge.currency")?;
                if Currency::from_numeric(currency).is_none() {
                    return Err(FormatError::rule("charge.currency", "is no active currency"));
                }
                let agent: [u8; 11] = r.array("charge.agent")?;
                if !is_bic(&agent) {
                    return Err(FormatError::rule("charge.agent", "is no BIC"));
                }
                r.zeros(3, "charge.reserved")?;
                Ok(Charge {
                    amount,
                    currency,
                    agent,
                })
            })
            .collect::<Result<Vec<_>, FormatError>>()?;
        r.end("charges")?;
        if bearer == Bearer::Creditor && taken.is_empty() {
            return Err(FormatError::rule(
                "charges.count",
                "the creditor bears charges only where some are named",
            ));
        }
        Ok(Self { bearer, taken })
    }
}

/// True for a BIC (ISO 9362): eight or eleven letters and digits, the fifth and sixth letters; blanks behind eight.
fn is_bic(agent: &[u8; 11]) -> bool {
    let (party, branch) = agent.split_at(8);
    party[..4]
        .iter()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && party[4..6].iter().all(u8::is_ascii_uppercase)
        && party[6..]
            .iter()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && (branch == b"   "
            || branch
                .iter()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn charges() -> Charges {
        let charge = |agent: &[u8; 11]| Charge {
            amount: 1_250,
            currency: 978,
            agent: *agent,
        };
        Charges {
            bearer: Bearer::Creditor,
            taken: vec![charge(b"ALFADEFF   "), charge(b"BETAUS33XXX")],
        }
    }

    #[test]
    fn charges_read_back_and_no_cut_of_them_does() {
        let bytes = charges().to_bytes();
        assert_eq!(Charges::read(&bytes), Ok(charges()));
        for len in 0..bytes.len() {
            assert!(Charges::read(&bytes[..len]).is_err(), "cut at {len}");
        }
    }

    #[test]
    fn each_field_obeys_its_rule() {
        let bytes = charges().to_bytes();
        for (at, value, field) in [
            (0, 9, "charges.bearer"),
            (1, 9, "charges.count"),
            (2, 1, "charges.reserved"),
            (12, 0, "charge.currency"),
            (14, b'a', "charge.agent"),
            (27, 1, "charge.reserved"),
        ] {
            let mut wrong = bytes.clone();
            wrong[at] = value;
            let told = Charges::read(&wrong).expect_err(field).to_string();
            assert!(told.contains(field), "{told}");
        }
        let nothing = Charges {
            taken: Vec::new(),
            ..charges()
        };
        assert!(Charges::read(&nothing.to_bytes()).is_err());
    }
}
