//! What members ask for beyond keys and accounts: proof that they hold their keys, and where they stand.
use super::grant::{put_key, read_key};
use super::{Action, KeyGrant, ParticipantGrant, role};
use crate::codec::{Put, Reader};
use crate::digest::hash;
use crate::keys::Signature;
use crate::limits::REFERENCE_BYTES_MAX;
use crate::{FormatError, LedgerId, ParticipantId, tags};

/// Where a participant stands. Numbers are frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Standing {
    /// Admitted, not active yet: its keys sign nothing, and it is not paid.
    Admitted = 0,
    /// It pays and is paid.
    Active = 1,
    /// It pays nothing; it is paid.
    Taking = 2,
    /// It pays nothing and is not paid.
    Suspended = 3,
    /// It takes part no more.
    Closed = 4,
}

impl Standing {
    /// The standing with this number.
    pub const fn from_number(number: u8) -> Option<Self> {
        match number {
            0 => Some(Self::Admitted),
            1 => Some(Self::Active),
            2 => Some(Self::Taking),
            3 => Some(Self::Suspended),
            4 => Some(Self::Closed),
            _ => None,
        }
    }

    /// Its name in text and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admitted => "admitted",
            Self::Active => "active",
            Self::Taking => "suspended_inflow_taken",
            Self::Suspended => "suspended",
            Self::Closed => "closed",
        }
    }
}

/// Whom a key is shown to belong to: a newcomer has a name, a member its id.
#[derive(Debug, Clone, Copy)]
pub enum Holder<'a> {
    /// Name of the participant to be admitted.
    Newcomer(&'a str),
    /// A participant.
    Member(ParticipantId),
}

/// What the holder of a private key signs to show that it holds it: for this ledger, this participant and this grant.
pub fn possession_bytes(ledger: LedgerId, holder: Holder<'_>, grant: &KeyGrant) -> Vec<u8> {
    let mut out = tags::POSSESSION.to_vec();
    out.put(&ledger.0);
    match holder {
        Holder::Newcomer(name) => out.put(&hash(name.as_bytes())),
        Holder::Member(participant) => out.put_u32(participant.0),
    };
    put_key(&mut out, grant);
    out
}

impl Action {
    /// True if every key that the action brings is shown to be held; so, too, if it has nothing to show.
    pub fn is_proven(&self, ledger: LedgerId) -> bool {
        let holds = |holder, grant: &KeyGrant, proof: &Signature| {
            grant
                .public
                .verifies(&possession_bytes(ledger, holder, grant), proof)
        };
        match self {
            Self::AdmitMember { grant, proofs } => {
                let holder = Holder::Newcomer(&grant.name);
                let mut pairs = grant.keys.iter().zip(proofs);
                grant.keys.len() == proofs.len() && pairs.all(|(key, proof)| holds(holder, key, proof))
            }
            Self::AddMemberKey {
                participant,
                grant,
                proof,
            } => holds(Holder::Member(*participant), grant, proof),
            _ => true,
        }
    }
}

pub(super) fn put_admission(out: &mut Vec<u8>, grant: &ParticipantGrant, proofs: &[Signature]) {
    grant.write(out);
    proofs.iter().for_each(|proof| {
        out.put(proof);
    });
}

pub(super) fn read_admission(r: &mut Reader<'_>) -> Result<Action, FormatError> {
    let grant = ParticipantGrant::read(r)?;
    let proofs = grant.keys.iter().map(|_| r.array("possession"));
    let proofs = proofs.collect::<Result<_, _>>()?;
    Ok(Action::AdmitMember { grant, proofs })
}

pub(super) fn put_member_key(
    out: &mut Vec<u8>,
    participant: ParticipantId,
    grant: &KeyGrant,
    proof: &Signature,
) {
    out.put_u32(participant.0);
    put_key(out, grant);
    out.put(proof);
}

pub(super) fn read_member_key(r: &mut Reader<'_>) -> Result<Action, FormatError> {
    Ok(Action::AddMemberKey {
        participant: ParticipantId(r.u32("participant")?),
        grant: read_key(r)?,
        proof: r.array("possession")?,
    })
}

pub(super) fn read_membership(r: &mut Reader<'_>) -> Result<Action, FormatError> {
    let participant = ParticipantId(r.u32("participant")?);
    let standing = Standing::from_number(r.u8("standing")?)
        .filter(|standing| *standing != Standing::Admitted)
        .ok_or(FormatError::rule("standing", "must be 1 to 4"))?;
    let reference = r.text(REFERENCE_BYTES_MAX, "reference")?.to_owned();
    Ok(Action::SetMembership {
        participant,
        standing,
        reference,
    })
}

pub(super) fn read_roles(r: &mut Reader<'_>) -> Result<Action, FormatError> {
    let participant = ParticipantId(r.u32("participant")?);
    let roles = r.u8("roles")?;
    if roles == 0 || roles & !role::KNOWN != 0 {
        return Err(FormatError::rule(
            "roles",
            "must be a non-empty set of known roles",
        ));
    }
    Ok(Action::SetRoles { participant, roles })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeyId;
    use crate::action::right;
    use crate::keys::SigningKey;

    const LEDGER: LedgerId = LedgerId([7; 32]);

    fn granted(seed: u8, key: u32) -> (SigningKey, KeyGrant) {
        let own = SigningKey::from_seed([seed; 32]).expect("a seed is a key");
        let grant = KeyGrant {
            key: KeyId(key),
            person: key,
            rights: right::CONTROL,
            public: own.public(),
        };
        (own, grant)
    }

    #[test]
    fn each_key_of_a_newcomer_has_to_sign_for_itself() {
        let ((first, one), (second, two)) = (granted(1, 1), granted(2, 2));
        let sign = |own: &SigningKey, name: &str, grant: &KeyGrant| {
            own.sign(&possession_bytes(LEDGER, Holder::Newcomer(name), grant))
        };
        let admit = |proofs: Vec<Signature>| Action::AdmitMember {
            grant: ParticipantGrant {
                name: "EPSIJPJT".into(),
                roles: role::PARTICIPANT,
                keys: vec![one.clone(), two.clone()],
                accounts: Vec::new(),
            },
            proofs,
        };
        let (a, b) = (sign(&first, "EPSIJPJT", &one), sign(&second, "EPSIJPJT", &two));
        assert!(admit(vec![a, b]).is_proven(LEDGER));
        assert!(!admit(vec![b, a]).is_proven(LEDGER), "in the order of the keys");
        assert!(!admit(vec![a]).is_proven(LEDGER), "one for each");
        assert!(!admit(vec![a, b]).is_proven(LedgerId([8; 32])), "for this ledger");
        let elsewhere = sign(&second, "OTHER", &two);
        assert!(!admit(vec![a, elsewhere]).is_proven(LEDGER), "for this name");
        let mut more = two.clone();
        more.rights = right::KNOWN;
        let more = sign(&second, "EPSIJPJT", &more);
        assert!(!admit(vec![a, more]).is_proven(LEDGER), "for these rights");
    }

    #[test]
    fn a_proof_for_one_member_says_nothing_of_another() {
        let (own, grant) = granted(3, 4);
        let signed = |who: u32| {
            own.sign(&possession_bytes(
                LEDGER,
                Holder::Member(ParticipantId(who)),
                &grant,
            ))
        };
        let add = |who: u32, proof: Signature| Action::AddMemberKey {
            participant: ParticipantId(who),
            grant: grant.clone(),
            proof,
        };
        assert!(add(5, signed(5)).is_proven(LEDGER));
        assert!(!add(6, signed(5)).is_proven(LEDGER));
        assert!(!add(5, [0; 64]).is_proven(LEDGER));
    }
}
