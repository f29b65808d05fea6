//! The netting case that a mirror and the accounts make.
use std::collections::HashMap;

use causeway_ledger::{Payer, Queued};
use causeway_message::record::Priority as Class;
use causeway_message::{InstructionId, ParticipantId};
use causeway_netting::Case;
use causeway_netting::case::{Account, Against, Builder, CaseError, Leg, Priority, SenderLimit};

use super::mirror::Mirror;

/// Submitter and id of an instruction.
pub(super) type Key = (ParticipantId, InstructionId);

/// A case, and what its items are.
#[derive(Debug)]
pub(super) struct Drawn {
    pub case: Case,
    /// Instructions of each item.
    pub keys: Vec<Vec<Key>>,
}

/// How often queues are gone through because of what an item blocks elsewhere, before all that stand in several queues
/// are left out.
const PASSES: usize = 32;

/// Draws the case of all that may settle together. What no plan may name is left out, with what may not pass it.
pub(super) fn draw(mirror: &Mirror, payers: &[Payer]) -> Result<Drawn, CaseError> {
    let items = items(mirror, payers);
    let mut lowest = vec![Class::Urgent; payers.len()];
    for queued in items.iter().flatten() {
        if let Some(lowest) = lowest.get_mut(queued.debtor as usize) {
            *lowest = queued.class.min(*lowest);
        }
    }
    let mut builder = Builder::new();
    for (payer, lowest) in payers.iter().zip(lowest) {
        builder.account(Account {
            participant: payer.participant,
            currency: payer.currency,
            // What is reserved is left to higher classes where anything of a lower one waits as well.
            balance: payer.spendable[lowest as usize],
            limit: 0,
            bypass: payer.bypass,
        })?;
    }
    for (account, payer) in (0..).zip(payers) {
        for (party, room) in &payer.limits {
            let against = party.map_or(Against::Others, Against::One);
            let room = *room;
            builder.sender_limit(SenderLimit {
                account,
                against,
                room,
            })?;
        }
    }
    let mut keys = Vec::new();
    for item in items {
        let legs: Vec<Leg> = item.iter().map(|queued| leg(queued)).collect();
        builder.item(&legs)?;
        keys.push(item.iter().map(|queued| (queued.submitter, queued.id)).collect());
    }
    Ok(Drawn {
        case: builder.build(),
        keys,
    })
}

const fn leg(queued: &Queued) -> Leg {
    Leg {
        debtor: queued.debtor,
        creditor: queued.creditor,
        amount: queued.amount,
        priority: match queued.class {
            Class::Normal => Priority::Normal,
            Class::High => Priority::High,
            Class::Urgent => Priority::Urgent,
        },
    }
}

/// Items whose instructions may all settle, as far as queues say, in the order of their ranks.
fn items<'a>(mirror: &'a Mirror, payers: &[Payer]) -> Vec<Vec<&'a Queued>> {
    let mut all: Vec<&Queued> = mirror.standing().map(|standing| &standing.queued).collect();
    all.sort_unstable_by_key(|queued| (queued.debtor, std::cmp::Reverse(queued.class), queued.rank));
    let mut groups: HashMap<(u64, u16), Vec<usize>> = HashMap::new();
    for (at, queued) in all.iter().enumerate() {
        if let Some(together) = queued.together {
            groups.entry(together).or_default().push(at);
        }
    }
    let stopped = |account: u32| payers.get(account as usize).is_none_or(|payer| payer.stopped);
    let tested = |account: u32| payers.get(account as usize).is_none_or(|payer| payer.tested);
    let mut out: Vec<bool> = all
        .iter()
        .map(|queued| {
            !queued.nettable || stopped(queued.debtor) || stopped(queued.creditor) || tested(queued.debtor)
        })
        .collect();
    for pass in 0.. {
        let before = out.iter().filter(|out| **out).count();
        for group in groups.values() {
            if pass == PASSES || group.iter().any(|at| out[*at]) {
                group.iter().for_each(|at| out[*at] = true);
            }
        }
        block(&all, payers, &mut out);
        if out.iter().filter(|out| **out).count() == before || pass > PASSES {
            break;
        }
    }
    let mut items: Vec<Vec<&Queued>> = Vec::new();
    for (at, queued) in all.iter().enumerate().filter(|(at, _)| !out[*at]) {
        match queued.together.and_then(|together| groups.get(&together)) {
            None => items.push(vec![queued]),
            Some(group) if group.first() == Some(&at) => {
                items.push(group.iter().map(|at| all[*at]).collect());
            }
            Some(_) => {}
        }
    }
    items.sort_by_key(|item| item.iter().map(|queued| queued.rank).min());
    items
}

/// Leaves out what may not pass what is left out. Queues stand one behind the other.
fn block(all: &[&Queued], payers: &[Payer], out: &mut [bool]) {
    let mut account = None;
    let mut blocked: Option<Class> = None;
    for (queued, out) in all.iter().zip(out) {
        if account != Some(queued.debtor) {
            (account, blocked) = (Some(queued.debtor), None);
        }
        let passes = payers
            .get(queued.debtor as usize)
            .is_some_and(|payer| payer.bypass);
        if blocked.is_some_and(|class| !passes || queued.class < class) {
            *out = true;
        }
        if *out && blocked.is_none() {
            blocked = Some(queued.class);
        }
    }
}
