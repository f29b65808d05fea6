//! Members as a script writes them: admitted and given keys, with what shows that the keys are held.
use causeway_message::LedgerId;
use causeway_message::action::{Action, Holder, KeyGrant, Standing, possession_bytes};
use causeway_message::keys::Signature;

use super::actions::{Names, granted, registered};
use super::text::Words;
use super::world::signing_key;

/// Signature of the key that scripts know a participant's key by.
fn signed(ledger: LedgerId, holder: Holder<'_>, who: u32, grant: &KeyGrant) -> Signature {
    signing_key(causeway_message::ParticipantId(who), grant.key.0)
        .sign(&possession_bytes(ledger, holder, grant))
}

/// `admit D EUR end`: as `register`, shown by each key. `admit unproven D EUR end` has the second key shown by the first's
/// signature.
pub fn admit(words: &mut Words<'_>, names: &Names, ledger: LedgerId) -> Action {
    let unproven = words.take("unproven");
    let grant = registered(words, names);
    let sign = |key: &KeyGrant| signed(ledger, Holder::Newcomer(&grant.name), names.next_id(), key);
    let mut proofs: Vec<Signature> = grant.keys.iter().map(sign).collect();
    if unproven {
        proofs[1] = proofs[0];
    }
    Action::AdmitMember { grant, proofs }
}

/// `prove A.6 person 7`: as `grant`, shown by the key. `prove for B A.6` shows it for another participant.
pub fn prove(words: &mut Words<'_>, names: &Names, ledger: LedgerId) -> Action {
    let other = words.take("for").then(|| names.of(words.word()));
    let (participant, grant) = granted(words, names);
    let holder = Holder::Member(other.unwrap_or(participant));
    let proof = signed(ledger, holder, participant.0, &grant);
    Action::AddMemberKey {
        participant,
        grant,
        proof,
    }
}

pub fn standing(word: &str) -> Standing {
    match word {
        "active" => Standing::Active,
        "taking" => Standing::Taking,
        "suspended" => Standing::Suspended,
        "closed" => Standing::Closed,
        other => panic!("`{other}` is no standing"),
    }
}
