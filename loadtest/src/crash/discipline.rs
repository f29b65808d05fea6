//! Where banks trade, most let what waits in their queues overtake each other: a trade that waits stops nobody then.
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{InstructionId, SessionId, Status, Uetr};
use causeway_transport::Client;

use super::place::{CURRENCIES, Place};
use crate::error::Failure;
use crate::random::Random;

/// One in so many banks keeps its order: what is behind a trade at the head of its queue waits, until the others paid
/// it what the trade lacks.
const KEEPS_ORDER: usize = 3;
/// None of the sessions of a bank's own.
const SESSION: SessionId = SessionId(901);

/// Sets the discipline of banks.
///
/// # Errors
/// If the node does not take it.
pub async fn set(place: &Place, random: &mut Random) -> Result<(), Failure> {
    let overtaking = place
        .banks
        .iter()
        .enumerate()
        .filter(|(at, _)| at % KEEPS_ORDER != 0);
    for (_, party) in overtaking {
        let client = Client::connect(place.client(&party.name, 1)?).await?;
        let records = CURRENCIES.map(|(currency, _)| {
            let id = InstructionId(random.id());
            Instruction {
                kind: Kind::Discipline as u8,
                flags: flags::BYPASS.into(),
                ..Instruction::payment(id, Uetr::default(), party.id, party.id, currency, 0)
            }
        });
        let session = client.session(SESSION).await?;
        let sent = session.submit(records.to_vec(), Vec::new(), Vec::new()).await?;
        let answers = sent.outcome().await?.answers;
        if let Some(answer) = answers.iter().find(|a| a.status() != Some(Status::Executed)) {
            let text = format!("discipline of {} was answered {answer:?}", party.name);
            return Err(Failure::Check(text));
        }
        client.close();
    }
    Ok(())
}
