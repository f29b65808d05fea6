//! Netting windows: opened for seconds, filled, paid in, now and then cancelled.
use std::collections::VecDeque;

use causeway_message::InstructionId;
use causeway_message::action::{Action, WindowGrant};
use causeway_message::record::{Kind, flags};

use super::machine::Machine;
use super::orders::{Order, now};

/// Windows that were proposed last: their ids and currencies.
#[derive(Debug, Default)]
pub struct Windows(VecDeque<(InstructionId, WindowGrant)>);

/// Windows that are kept in mind.
const KEPT: usize = 3;

impl Windows {
    /// What an operator proposes about windows, under this id.
    pub fn action(&mut self, machine: &Machine, id: InstructionId, currencies: &[u16]) -> Action {
        if machine.one_in(8)
            && let Some((window, _)) = self.some(machine)
        {
            return Action::CancelWindow { window };
        }
        let close = now(machine) + machine.below(40);
        let pay_in_by = close + machine.below(20);
        let mut own: Vec<u16> = currencies.to_vec();
        if machine.below(3) != 0 {
            own = vec![currencies.first().copied().unwrap_or(0)];
        }
        own.sort_unstable();
        let grant = WindowGrant {
            currencies: own,
            close,
            pay_in_by,
            ends: pay_in_by + machine.below(20),
        };
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back((id, grant.clone()));
        Action::OpenWindow(grant)
    }

    fn some(&self, machine: &Machine) -> Option<(InstructionId, WindowGrant)> {
        let all = self.0.len() as u32;
        (all > 0)
            .then(|| self.0.get(machine.below(all) as usize).cloned())
            .flatten()
    }

    /// Makes something for a window of a payment; false if none is about to take it.
    pub fn join(&self, machine: &Machine, order: &mut Order) -> bool {
        let Some((window, grant)) = self.some(machine) else {
            return false;
        };
        if grant.ends + 10 < now(machine) {
            return false;
        }
        let record = &mut order.record;
        record.related = window.0;
        record.expires_at = 0.into();
        let own = grant.currencies.len() as u32;
        if let Some(currency) = grant.currencies.get(machine.below(own) as usize) {
            record.currency = (*currency).into();
        }
        let late = grant.close <= now(machine);
        if machine.below(4) < if late { 3 } else { 1 } {
            record.kind = Kind::PayIn as u8;
            record.creditor = record.debtor;
            record.amount = u64::from(1 + machine.below(120)).into();
            record.flags = 0.into();
        } else {
            record.kind = Kind::Obligation as u8;
            record.amount = u64::from(1 + machine.below(60)).into();
            record.priority = machine.below(3) as u8;
            record.flags = [0, 0, flags::INTERBANK, flags::WITH_BALANCE, flags::DUPLICATE]
                [machine.below(5) as usize]
                .into();
        }
        true
    }
}
