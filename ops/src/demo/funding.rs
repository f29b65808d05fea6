//! Money comes into the ledger: each currency's settlement agent funds every bank, two persons each; and what else two
//! persons of one participant decide.
use causeway_message::action::Action;
use causeway_message::control::{Control, proposal_digest};
use causeway_message::limits::CONTROL_RECORDS_MAX;
use causeway_message::{SessionId, Status};
use causeway_transport::Client;
use causeway_transport::client::Session;

use super::world::World;
use crate::Failure;
use crate::client::random_id;
use crate::init::MadeBank;

/// Funds every bank in every currency; what was put in, by currency.
pub async fn fund(world: &World) -> Result<Vec<i128>, Failure> {
    let mut sums = Vec::new();
    for (at, agent) in world.agents.iter().enumerate() {
        sums.push(fund_currency(world, at, agent).await?);
    }
    Ok(sums)
}

async fn fund_currency(world: &World, at: usize, agent: &MadeBank) -> Result<i128, Failure> {
    let amount = world.funding(at);
    let currency = world.currencies.get(at).map_or(0, |currency| currency.numeric);
    let banks = world.banks.iter().enumerate();
    let actions = banks.map(|(n, bank)| Action::Fund {
        participant: bank.id,
        currency,
        amount,
        reference: format!("RTGS-{n}"),
    });
    decide(world, agent, actions.collect()).await?;
    Ok(i128::from(amount) * world.banks.len() as i128)
}

/// One person of a participant proposes all of this, another approves it.
pub async fn decide(world: &World, who: &MadeBank, actions: Vec<Action>) -> Result<(), Failure> {
    let first = Client::connect(world.client(who, 1)?).await?;
    let second = Client::connect(world.client(who, 2)?).await?;
    // Two persons, two sessions: each is a line of its own.
    let proposing = first.session(SessionId(1)).await?;
    let approving = second.session(SessionId(2)).await?;
    for actions in actions.chunks(CONTROL_RECORDS_MAX) {
        let mut proposals = Vec::new();
        for action in actions {
            proposals.push((random_id()?, Control::Propose(action.clone())));
        }
        let mut approvals = Vec::new();
        for (id, control) in &proposals {
            if let Control::Propose(action) = control {
                approvals.push((
                    random_id()?,
                    Control::Approve(proposal_digest(world.ledger, who.id, *id, action)),
                ));
            }
        }
        expect(&proposing, proposals, Status::Proposed, who).await?;
        expect(&approving, approvals, Status::Executed, who).await?;
    }
    drop((proposing, approving));
    first.close();
    second.close();
    Ok(())
}

async fn expect(
    session: &Session,
    records: Vec<(causeway_message::InstructionId, Control)>,
    wanted: Status,
    who: &MadeBank,
) -> Result<(), Failure> {
    let outcome = session.control(records).await?.outcome().await?;
    for answer in &outcome.answers {
        let status = answer.status();
        if status != Some(wanted) {
            let name = status.map_or("unknown", Status::name);
            return Err(Failure::Refused(format!(
                "{}: what two persons decided ended as {name}, not {}",
                who.name,
                wanted.name()
            )));
        }
    }
    Ok(())
}
