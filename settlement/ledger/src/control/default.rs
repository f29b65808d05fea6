//! Declares, lifts and confirms the default of a member.
use causeway_message::action::DefaultState;
use causeway_message::{ParticipantId, Status, mutated};

use crate::apply::Ledger;
use crate::default::Ending;
use crate::outcome::Outcome;
use crate::sweep::Sweep;

impl Ledger {
    /// Whether a participant is in default.
    pub(crate) fn default_of(&self, who: ParticipantId) -> DefaultState {
        self.registry
            .get(who)
            .map_or(DefaultState::None, |own| own.default)
    }

    pub(super) fn judge_declaration(&self, who: ParticipantId, reference: &str) -> Result<(), Status> {
        let own = self.registry.get(who).ok_or(Status::ParticipantUnknown)?;
        self.judge_reference(reference)?;
        match own.default {
            DefaultState::None => Ok(()),
            DefaultState::Declared | DefaultState::Confirmed => Err(Status::DefaultUnknown),
        }
    }

    pub(super) fn declare_default(&mut self, who: ParticipantId, reference: &str) -> Result<(), Status> {
        self.judge_declaration(who, reference)?;
        self.turn_default(who, DefaultState::Declared);
        Ok(())
    }

    pub(super) fn judge_decision(&self, who: ParticipantId) -> Result<(), Status> {
        let own = self.registry.get(who).ok_or(Status::ParticipantUnknown)?;
        match own.default {
            DefaultState::Declared => Ok(()),
            DefaultState::Confirmed if mutated!(LiftsConfirmed) => Ok(()),
            DefaultState::None | DefaultState::Confirmed => Err(Status::DefaultUnknown),
        }
    }

    pub(super) fn decide_default(
        &mut self,
        who: ParticipantId,
        confirmed: bool,
        out: &mut Outcome,
    ) -> Result<(), Status> {
        self.judge_decision(who)?;
        if confirmed {
            self.turn_default(who, DefaultState::Confirmed);
            // Whole or not at all: what it owes in a window, nobody else pays.
            let own: Vec<u32> = self.accounts.of(who.0).collect();
            self.end_windows(Status::InsufficientLiquidity, |window| {
                own.iter().any(|account| window.concerns(*account))
            });
            self.sweeps.push_back(Sweep::Default {
                participant: who.0,
                stage: Ending::Queues { book: 0 },
            });
            return Ok(());
        }
        self.turn_default(who, DefaultState::None);
        if self.registry.get(who).is_some_and(|own| !own.is_held()) {
            self.let_go(who, out);
        }
        Ok(())
    }

    fn turn_default(&mut self, who: ParticipantId, state: DefaultState) {
        if let Some(own) = self.registry.get_mut(who) {
            own.default = state;
        }
        self.restate(who);
        self.forget_unhold(who);
    }
}
