//! Credit against collateral, as an operator gives it to banks.
use causeway_message::ParticipantId;
use causeway_message::action::Action;

use super::cast::{CURRENCIES, FIRST_BANK};
use super::machine::Machine;

/// What is set for one account: assets of a few names come, change and go, limits rise and fall.
pub fn of_credit(machine: &Machine, participant: ParticipantId, currency: u16) -> Action {
    // Three quarters concern one account: what is set for it has to come together. Risk tests are for another bank first.
    let (participant, currency) = match machine.below(4) {
        0 => (participant, currency),
        _ => (ParticipantId(FIRST_BANK + 1), CURRENCIES[0]),
    };
    if machine.below(5) < 2 {
        return Action::SetCredit {
            participant,
            currency,
            limit: u64::from(50 + machine.below(900)),
        };
    }
    let value = if machine.one_in(8) {
        0
    } else {
        u64::from(1 + machine.below(900))
    };
    Action::SetCollateral {
        participant,
        currency,
        asset: format!("BOND {}", machine.below(4)),
        value,
        haircut: [0, 0, 50_000, 333_333, 333_333, 1_000_000][machine.below(6) as usize],
    }
}
