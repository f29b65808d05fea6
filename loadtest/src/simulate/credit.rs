//! Credit against collateral, as an operator gives it to banks.
use causeway_message::ParticipantId;
use causeway_message::action::Action;

use super::machine::Machine;

/// What is set for one account: assets of a few names come, change and go, limits rise and fall.
pub fn of_credit(machine: &Machine, participant: ParticipantId, currency: u16) -> Action {
    if machine.below(5) < 2 {
        return Action::SetCredit {
            participant,
            currency,
            limit: u64::from(machine.below(500)),
        };
    }
    let value = if machine.one_in(6) {
        0
    } else {
        u64::from(1 + machine.below(500))
    };
    Action::SetCollateral {
        participant,
        currency,
        asset: format!("BOND {}", machine.below(4)),
        value,
        haircut: [0, 50_000, 333_333, 1_000_000][machine.below(4) as usize],
    }
}
