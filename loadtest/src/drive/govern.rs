//! What has to be there before the first payment: quotes of those who convert, business days.
use causeway_message::action::{Action, Hours};
use causeway_message::control::{Control, proposal_digest};
use causeway_message::limits::CONTROL_RECORDS_MAX;
use causeway_message::{InstructionId, SessionId, Status};
use causeway_transport::Client;

use super::node::Profiles;
use crate::error::Failure;
use crate::plan::Plan;
use crate::random::Random;
use crate::workload::quotes;
use crate::world::World;

/// A session that no bank of the run uses.
const SESSION: u64 = u64::MAX >> 1;
/// Seconds that quotes live: as long as they may, less what it takes to publish them.
const QUOTED: u64 = 80_000;
/// Seconds until the first day opens.
const AHEAD: u64 = 2;
/// Most days in one action.
const DAYS_EACH: usize = 32;

/// Sets up what a plan needs.
///
/// # Errors
/// If the node does not take it.
pub async fn set_up(plan: &Plan, world: &World, profiles: &Profiles, seed: u64) -> Result<(), Failure> {
    let mut random = Random::new(seed ^ 0x60_7e44);
    let now = causeway_engine::clock::now();
    if plan.mix.fx > 0.0 {
        let expires = u32::try_from(now.seconds() + QUOTED).unwrap_or(u32::MAX);
        let quoted = quotes(world, expires, &mut random)?;
        carry_out(profiles, "OPERATOR", quoted.actions, &mut random).await?;
        for (bank, (records, area)) in quoted.published.into_iter().enumerate() {
            let client = Client::connect(profiles.client(bank)?).await?;
            let session = client.session(SessionId(SESSION)).await?;
            let outcome = session.submit(records, area, Vec::new()).await?.outcome().await?;
            refused(
                "a quote",
                outcome.answers.iter().map(|a| a.status()),
                Status::Executed,
            )?;
            client.close();
        }
    }
    if let Some(days) = &plan.days {
        carry_out(
            profiles,
            "OPERATOR",
            schedule(plan, world, days.seconds, now),
            &mut random,
        )
        .await?;
    }
    Ok(())
}

/// Business days of the first currency, one after another, for the whole run: customers are out after three quarters of
/// each, the last eighth lies between close and the next opening.
fn schedule(plan: &Plan, world: &World, seconds: u64, now: causeway_message::time::Timestamp) -> Vec<Action> {
    let Some((currency, _)) = world.holders.first() else {
        return Vec::new();
    };
    let count = (plan.warm_up + plan.seconds + 30) / seconds + 1;
    let day = |number: u64| {
        let open = now.seconds() + AHEAD + number * seconds;
        let at = |eighths: u64| (open + (seconds * eighths / 8).max(1)) as u32;
        Hours {
            date: (now.days() + 1 + number) as u16,
            open: open as u32,
            customer_cut_off: at(6),
            interbank_cut_off: at(7).max(at(6)),
            close: at(7).max(at(6)),
        }
    };
    let days: Vec<Hours> = (0..count).map(day).collect();
    let action = |days: &[Hours]| Action::ScheduleDays {
        currency: *currency,
        days: days.to_vec(),
    };
    days.chunks(DAYS_EACH).map(action).collect()
}

fn refused(
    what: &str,
    mut statuses: impl Iterator<Item = Option<Status>>,
    wanted: Status,
) -> Result<(), Failure> {
    match statuses.find(|status| *status != Some(wanted)) {
        None => Ok(()),
        Some(status) => {
            let name = status.map_or("an unknown status", Status::name);
            Err(Failure::Check(format!("{what} was answered {name}")))
        }
    }
}

/// Proposes actions as the first person of a participant and approves them as the second.
async fn carry_out(
    profiles: &Profiles,
    name: &str,
    actions: Vec<Action>,
    random: &mut Random,
) -> Result<(), Failure> {
    let first = Client::connect(profiles.named(name, 1)?).await?;
    let second = Client::connect(profiles.named(name, 2)?).await?;
    let (proposing, approving) = (
        first.session(SessionId(SESSION)).await?,
        second.session(SessionId(SESSION + 1)).await?,
    );
    let config = first.config();
    for part in actions.chunks(CONTROL_RECORDS_MAX) {
        let (mut proposals, mut approvals) = (Vec::new(), Vec::new());
        for action in part {
            let id = InstructionId(random.id());
            let digest = proposal_digest(config.ledger, config.participant, id, action);
            proposals.push((id, Control::Propose(action.clone())));
            approvals.push((InstructionId(random.id()), Control::Approve(digest)));
        }
        let outcome = proposing.control(proposals).await?.outcome().await?;
        refused(
            "a proposal",
            outcome.answers.iter().map(|a| a.status()),
            Status::Proposed,
        )?;
        let outcome = approving.control(approvals).await?.outcome().await?;
        refused(
            "an approval",
            outcome.answers.iter().map(|a| a.status()),
            Status::Executed,
        )?;
    }
    first.close();
    second.close();
    Ok(())
}
