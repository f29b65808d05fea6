//! What those who look for settlement beside the ledger are told: what stands in the queues, and what accounts may pay.
use causeway_message::action::Phase;
use causeway_message::record::{Kind, Priority};
use causeway_message::{InstructionId, ParticipantId};

use crate::apply::Ledger;
use crate::desk::Against;
use crate::queue::Seat;

/// An instruction in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Who submitted it.
    pub submitter: ParticipantId,
    /// Its id.
    pub id: InstructionId,
    /// Account that it debits, in whose queue it stands.
    pub debtor: u32,
    /// Account that it credits.
    pub creditor: u32,
    /// Minor units.
    pub amount: u64,
    /// Class in that queue.
    pub class: Priority,
    /// Place in its class: before all with a higher one.
    pub rank: i64,
    /// Entry and place of what it settles with, if not alone: a chain, or the other side of a trade.
    pub together: Option<(u64, u16)>,
    /// False for what no plan may name.
    pub nettable: bool,
}

/// What an account may pay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payer {
    /// Whose account it is.
    pub participant: u32,
    /// ISO 4217 numeric code.
    pub currency: u16,
    /// What payments of each class may take of its own means, by number of the class, in minor units; below zero if its
    /// cap was lowered.
    pub spendable: [i128; 3],
    /// Suspended, held, or its currency closed.
    pub stopped: bool,
    /// Nothing of a plan may debit it: its participant is under risk tests.
    pub tested: bool,
    /// Later instructions of a class may pass earlier ones.
    pub bypass: bool,
    /// Sender limits: against which participant, or all others, and what is left of it in minor units.
    pub limits: Vec<(Option<u32>, i128)>,
}

impl Ledger {
    /// Begins to note what joins a queue or leaves one.
    pub fn watch_queues(&mut self) {
        self.queue.watch();
    }

    /// Places in which something joined a queue or left one since the last time, and what stands there now.
    pub fn take_queue_moves(&mut self) -> Vec<(u32, Option<Queued>)> {
        let mut moved = self.queue.take_moves();
        moved.sort_unstable();
        moved.dedup();
        moved
            .into_iter()
            .map(|place| (place, self.queued_at(place)))
            .collect()
    }

    /// What stands in a queue at a place.
    pub fn queued_at(&self, place: u32) -> Option<Queued> {
        let waiting = self
            .queue
            .get(place)
            .filter(|waiting| waiting.seat == Seat::Queued)?;
        let kind = Kind::from_number(waiting.record.kind);
        Some(Queued {
            submitter: waiting.submitter,
            id: waiting.record.id(),
            debtor: waiting.debtor,
            creditor: waiting.creditor,
            amount: waiting.amount(),
            class: waiting.class,
            rank: waiting.rank,
            together: waiting.chain,
            nettable: !matches!(kind, None | Some(Kind::Conditional | Kind::FxPayment))
                && (!waiting.is_trade() || self.is_ready(&waiting.record)),
        })
    }

    /// How many places the queues have had at most: their numbers are below this.
    pub const fn queue_places(&self) -> u32 {
        self.queue.places() as u32
    }

    /// Accounts from a number on, at most so many, in order of their numbers.
    pub fn payers(&self, from: u32, most: usize) -> Vec<Payer> {
        let all = self.accounts.all().iter().enumerate();
        all.skip(from as usize)
            .take(most)
            .map(|(number, account)| {
                let desk = self.accounts.desk(number as u32);
                let limits = desk.into_iter().flat_map(|desk| {
                    let bilateral = desk.bilateral.iter();
                    let bilateral = bilateral.map(|(party, limit)| (Against::One(*party), limit));
                    bilateral.chain(desk.others.iter().map(|limit| (Against::Others, limit)))
                });
                let room = limits.map(|(against, limit)| {
                    let party = match against {
                        Against::One(party) => Some(party),
                        Against::Others => None,
                    };
                    (party, i128::from(limit.amount) - limit.used)
                });
                Payer {
                    participant: account.participant,
                    currency: account.currency,
                    spendable: Priority::ALL
                        .map(|class| account.available() - desk.map_or(0, |desk| desk.kept_from(class))),
                    stopped: account.suspended
                        || account.held
                        || self.phase(account.currency) == Phase::Closed,
                    tested: account.tested,
                    bypass: desk.is_some_and(|desk| desk.bypass),
                    limits: room.collect(),
                }
            })
            .collect()
    }
}
