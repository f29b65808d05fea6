//! Money comes into the run: the settlement agent funds everybody, two persons.
use causeway_message::action::Action;
use causeway_message::control::{Control, proposal_digest};
use causeway_message::{InstructionId, SessionId, Status};
use causeway_transport::Client;

use super::place::{ACCOUNTS, AGENT, FUNDED, Place};
use crate::error::Failure;
use crate::random::Random;

/// Funds every account.
///
/// # Errors
/// If the node does not take it.
pub async fn fund(place: &Place, random: &mut Random) -> Result<(), Failure> {
    let first = Client::connect(place.client("AGENT", 1)?).await?;
    let second = Client::connect(place.client("AGENT", 2)?).await?;
    let ledger = first.config().ledger;
    let (mut proposals, mut approvals) = (Vec::new(), Vec::new());
    for (currency, code) in ACCOUNTS {
        for party in place.parties() {
            let action = Action::Fund {
                participant: party.id,
                currency,
                amount: FUNDED,
                reference: format!("RTGS-{code}-{}", party.name),
            };
            let id = InstructionId(random.id());
            let digest = proposal_digest(ledger, AGENT, id, &action);
            proposals.push((id, Control::Propose(action)));
            approvals.push((InstructionId(random.id()), Control::Approve(digest)));
        }
    }
    let steps = [
        (&first, 1, proposals, Status::Proposed),
        (&second, 2, approvals, Status::Executed),
    ];
    for (client, session, records, wanted) in steps {
        let session = client.session(SessionId(session)).await?;
        let outcome = session.control(records).await?.outcome().await?;
        if let Some(answer) = outcome.answers.iter().find(|a| a.status() != Some(wanted)) {
            return Err(Failure::Check(format!("funding was answered {answer:?}")));
        }
    }
    first.close();
    second.close();
    Ok(())
}
