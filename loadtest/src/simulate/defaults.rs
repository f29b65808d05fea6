//! Defaults that the operator declares, lifts and confirms: few, so that enough banks are left who pay.
use causeway_message::ParticipantId;
use causeway_message::action::Action;

use super::machine::Machine;
use super::members::Place;

/// What was proposed about defaults so far.
#[derive(Debug, Default)]
pub struct Defaults {
    /// Whose default was proposed to be declared, and not decided since.
    declared: Vec<ParticipantId>,
    /// Whose default was proposed to be confirmed.
    confirmed: Vec<ParticipantId>,
}

impl Defaults {
    /// True if it is time to propose something about a default: soon, if one waits for a decision.
    pub fn are_due(&self, machine: &Machine) -> bool {
        machine.one_in(if self.declared.is_empty() { 20 } else { 5 })
    }

    /// What the operator proposes next.
    pub fn action(&mut self, machine: &Machine, place: &Place, bank: ParticipantId) -> Action {
        let some = |all: &[ParticipantId]| all.get(machine.below(all.len().max(1) as u32) as usize).copied();
        let newcomer = place.newcomer(machine);
        let decided = some(&self.declared).filter(|_| machine.below(5) != 0);
        if let Some(participant) = decided {
            let came_later = participant.0 >= place.first_newcomer();
            let may_end = came_later || (place.banks > 3 && self.confirmed.is_empty());
            let confirmed = may_end && machine.below(3) == 0;
            self.declared.retain(|who| *who != participant);
            if confirmed {
                self.confirmed.push(participant);
            }
            return Action::DecideDefault {
                participant,
                confirmed,
            };
        }
        // Now and then what is confirmed, or was never declared, is lifted.
        if machine.one_in(4) {
            let participant = some(&self.confirmed).unwrap_or(bank);
            return Action::DecideDefault {
                participant,
                confirmed: false,
            };
        }
        let participant = if machine.one_in(4) { newcomer } else { bank };
        self.declared.push(participant);
        Action::DeclareDefault {
            participant,
            reference: format!("CASE-{}", machine.below(1_000)),
        }
    }
}
