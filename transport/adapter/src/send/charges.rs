//! Who bears charges, and those taken so far: from `ChrgBr` and `ChrgsInf` to what goes with the instruction.
use super::refusal::Refusal;
use crate::iso::{AgentScheme, Charge, ChargeBearer, Kind, Transaction};
use causeway_message::Status;
use causeway_message::charges::{Bearer, CHARGES_MAX, Charge as Taken, Charges};

/// The bytes that go with the instruction; none where the message names no bearer, or where a charge was taken by
/// somebody without a BIC, or more were taken than fit: then the document alone says it.
pub(super) fn of(kind: Kind, one: &Transaction) -> Result<Option<Vec<u8>>, Refusal> {
    let Some(bearer) = one.charge_bearer else {
        return Ok(None);
    };
    let taken: Option<Vec<Taken>> = one.charges.iter().map(taken).collect();
    let Some(taken) = taken.filter(|taken| taken.len() <= CHARGES_MAX) else {
        return Ok(None);
    };
    let bearer = match bearer {
        ChargeBearer::Debt => Bearer::Debtor,
        ChargeBearer::Cred => Bearer::Creditor,
        ChargeBearer::Shar => Bearer::Shared,
        ChargeBearer::Slev => Bearer::ServiceLevel,
    };
    let bytes = Charges { bearer, taken }.to_bytes();
    match Charges::read(&bytes) {
        Ok(_) => Ok(Some(bytes)),
        Err(error) => {
            let text = format!("ChrgBr {}: {error}", bearer.code());
            let code = Status::ExtensionInvalid.iso_reason();
            Err(Refusal::transaction(kind, one.index, "ChrgsInf", code, text))
        }
    }
}

fn taken(charge: &Charge) -> Option<Taken> {
    let agent = charge
        .agent
        .as_ref()
        .filter(|agent| agent.scheme == AgentScheme::Bic)?;
    let bytes = format!("{:<11}", agent.id).into_bytes();
    Some(Taken {
        amount: charge.amount.minor,
        currency: charge.amount.currency.numeric,
        agent: bytes.try_into().ok()?,
    })
}
