//! Exchanges as a bank's own verified feed tells of them: FX payments and locks, in every role that it has in one.
use std::collections::BTreeMap;

use causeway_message::event::{Event, Role};
use causeway_message::exchange::Exchange;
use causeway_message::{InstructionId, ParticipantId, Status};

use crate::client::exchange;

/// One thing that was told of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Log index of the entry.
    pub entry: u64,
    /// How the bank is concerned.
    pub role: Role,
    /// Status reached.
    pub status: Status,
    /// What it came to.
    pub exchange: Exchange,
}

/// What one bank was told of exchanges.
#[derive(Debug, Default)]
pub struct Exchanges {
    told: BTreeMap<InstructionId, Vec<Told>>,
    /// Own FX payments that settled.
    pub settled: u64,
}

/// What changes in accounts: ISO numeric codes, and minor units.
pub type Moves = Vec<(u16, i128)>;

impl Exchanges {
    /// Enters an event about an exchange; what it moves in the accounts of `own`, who is told.
    pub fn event(&mut self, entry: u64, event: &Event<'_>, own: ParticipantId) -> Option<Moves> {
        let (exchange, record, _) = event.exchange()?;
        let (role, status) = (event.role()?, event.status()?);
        let mut moves = Moves::new();
        if exchange::is_fx(record) && status == Status::Settled {
            let (from, to) = (record.currency.get(), record.counter_currency.get());
            match role {
                Role::Debtor => {
                    self.settled += 1;
                    moves.push((from, -i128::from(event.head.amount.get())));
                }
                Role::Creditor => moves.push((to, event.head.counter_amount.get().into())),
                Role::Provider => {
                    for hop in exchange.hops.iter().filter(|hop| hop.provider == own) {
                        moves.push((hop.from.0, hop.from.1.into()));
                        moves.push((hop.to.0, -i128::from(hop.to.1)));
                    }
                }
                _ => return None,
            }
        }
        self.told.entry(record.id()).or_default().push(Told {
            entry,
            role,
            status,
            exchange,
        });
        Some(moves)
    }

    /// What was told of an exchange in one role, once it reached a status.
    pub fn reached(&self, id: InstructionId, role: Role, status: Status) -> Option<&Told> {
        let told = self.told.get(&id)?;
        told.iter()
            .find(|told| (told.role, told.status) == (role, status))
    }
}
