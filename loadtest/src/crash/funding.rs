//! Actions of two persons: one proposes, the other approves. Money comes into the run so.
use causeway_message::action::Action;
use causeway_message::control::{Control, proposal_digest};
use causeway_message::{InstructionId, SessionId, Status};
use causeway_transport::Client;

use super::place::{ACCOUNTS, FUNDED, Place};
use crate::error::Failure;
use crate::random::Random;

/// Funds every account.
///
/// # Errors
/// If the node does not take it.
pub async fn fund(place: &Place, random: &mut Random) -> Result<(), Failure> {
    let mut actions = Vec::new();
    for (currency, code) in ACCOUNTS {
        for party in place.parties() {
            actions.push(Action::Fund {
                participant: party.id,
                currency,
                amount: FUNDED,
                reference: format!("RTGS-{code}-{}", party.name),
            });
        }
    }
    carry_out(place, "AGENT", actions, random).await
}

/// Proposes actions as the first person of a participant and approves them as the second.
///
/// # Errors
/// If the node does not take one.
pub async fn carry_out(
    place: &Place,
    name: &str,
    actions: Vec<Action>,
    random: &mut Random,
) -> Result<(), Failure> {
    let first = Client::connect(place.client(name, 1)?).await?;
    let second = Client::connect(place.client(name, 2)?).await?;
    let config = first.config();
    let (mut proposals, mut approvals) = (Vec::new(), Vec::new());
    for action in actions {
        let id = InstructionId(random.id());
        let digest = proposal_digest(config.ledger, config.participant, id, &action);
        proposals.push((id, Control::Propose(action)));
        approvals.push((InstructionId(random.id()), Control::Approve(digest)));
    }
    let steps = [
        (&first, 1, proposals, Status::Proposed),
        (&second, 2, approvals, Status::Executed),
    ];
    for (client, session, records, wanted) in steps {
        let session = client.session(SessionId(session)).await?;
        let outcome = session.control(records).await?.outcome().await?;
        if let Some(answer) = outcome.answers.iter().find(|a| a.status() != Some(wanted)) {
            return Err(Failure::Check(format!(
                "an action of {name} was answered {answer:?}"
            )));
        }
    }
    first.close();
    second.close();
    Ok(())
}
