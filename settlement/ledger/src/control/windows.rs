//! Netting windows: opened by an operator, and cancelled before they close.
use causeway_message::action::{Phase, WindowGrant};
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, Status};

use super::Origin;
use crate::apply::Ledger;
use crate::credit::Granted;
use crate::limits::WINDOWS_MAX;
use crate::window::Window;

impl Ledger {
    pub(super) fn judge_window(&self, grant: &WindowGrant) -> Result<(), Status> {
        for currency in &grant.currencies {
            self.judge_currency(*currency)?;
        }
        let runs = |currency: &u16| {
            let hours = self.days.hours(*currency);
            self.phase(*currency) != Phase::Closed && hours.is_none_or(|hours| grant.ends <= hours.close)
        };
        let ahead = Timestamp::from_seconds(grant.close) > self.time;
        let room = self.windows.len() < WINDOWS_MAX;
        if ahead && grant.is_in_order() && grant.currencies.iter().all(runs) && room {
            Ok(())
        } else {
            Err(Status::WindowInvalid)
        }
    }

    pub(super) fn open_window(&mut self, grant: &WindowGrant, proposed: &Origin) -> Result<(), Status> {
        self.judge_window(grant)?;
        if self.windows.contains_key(&proposed.id) {
            return Err(Status::WindowInvalid);
        }
        let granted = Granted {
            proposer: proposed.proposer,
            id: proposed.id,
            entry: proposed.entry,
            ordinal: proposed.ordinal,
        };
        let window = Window::new(granted, grant.clone());
        self.keep_window(window);
        Ok(())
    }

    pub(super) fn judge_cancel_window(&self, window: InstructionId) -> Result<(), Status> {
        if self.is_collecting(window) {
            Ok(())
        } else {
            Err(Status::WindowInvalid)
        }
    }

    pub(super) fn cancel_window(&mut self, window: InstructionId) -> Result<(), Status> {
        self.judge_cancel_window(window)?;
        self.end_windows(Status::Cancelled, |other| other.id() == window);
        Ok(())
    }
}
