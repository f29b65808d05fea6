//! Plans of netting as somebody who knows nothing of the rules makes them: all that stands in queues, parts of it, and
//! what does not.
use causeway_ledger::{Ledger, Queued};
use causeway_message::limits::PLAN_INSTRUCTIONS_MAX;
use causeway_message::plan::Plan;
use causeway_message::{InstructionId, ParticipantId};

use super::machine::Machine;

/// A plan over what waits now; `None` if nothing does.
pub fn plan(machine: &Machine, ledger: &Ledger) -> Option<Plan> {
    let queued: Vec<Queued> = (0..ledger.queue_places())
        .filter_map(|place| ledger.queued_at(place))
        .collect();
    if queued.is_empty() {
        return None;
    }
    // Parts are of some accounts, as a search would leave others alone, or of single instructions, as nobody would.
    let kind = machine.below(8);
    let leaves = |queued: &&Queued| match kind {
        0 => machine.below(4) == 0,
        1 => queued.debtor.is_multiple_of(3),
        _ => false,
    };
    let mut instructions: Vec<_> = queued
        .iter()
        .filter(|queued| !leaves(queued))
        .map(|queued| (queued.submitter, queued.id))
        .collect();
    if kind == 2 {
        instructions.push((
            ParticipantId(machine.below(8)),
            InstructionId([machine.below(256) as u8; 16]),
        ));
    }
    instructions.sort_unstable();
    instructions.dedup();
    instructions.truncate(PLAN_INSTRUCTIONS_MAX);
    let basis = ledger.index();
    (!instructions.is_empty()).then_some(Plan { basis, instructions })
}
