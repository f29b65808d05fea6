//! Balances of those who do not submit: asked for behind the run, by short connections.
use causeway_message::ParticipantId;
use causeway_message::wire::Balances;
use tokio::task::JoinSet;

use super::fleet::connect;
use super::node::Profiles;
use crate::error::Failure;
use crate::world::{FIRST_BANK, World};

/// Connections at once.
const AT_ONCE: usize = 16;
/// With more participants it would take longer than the run.
const PARTICIPANTS_MAX: usize = 2_000;

/// Balances of a participant.
pub type Held = (ParticipantId, Balances);

/// Asks all participants behind the banks; none if they are too many.
///
/// # Errors
/// If one cannot be asked.
pub async fn balances(world: &World, profiles: &Profiles) -> Result<Option<Vec<Held>>, Failure> {
    if world.participants > PARTICIPANTS_MAX {
        return Ok(None);
    }
    let (mut asking, mut held) = (JoinSet::new(), Vec::new());
    for number in world.banks..world.participants {
        if asking.len() >= AT_ONCE
            && let Some(answer) = asking.join_next().await
        {
            held.push(answer.map_err(|error| Failure::Io(error.to_string()))??);
        }
        let config = profiles.client(number)?;
        asking.spawn(async move {
            let client = connect(config).await?;
            let balances = client.balances(0).await?;
            client.leave().await;
            Ok::<Held, Failure>((ParticipantId(FIRST_BANK + number as u32), balances))
        });
    }
    while let Some(answer) = asking.join_next().await {
        held.push(answer.map_err(|error| Failure::Io(error.to_string()))??);
    }
    Ok(Some(held))
}
