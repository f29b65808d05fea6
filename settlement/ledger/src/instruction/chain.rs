//! A chain as it comes: all its records are judged before one of them moves.
use causeway_message::extension::{self, ExtensionType};
use causeway_message::limits::CHAIN_RECORDS_MAX;
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{Status, mutated};

use super::payment::class_of;
use super::returns::original_of;
use super::{Batch, Came, Placed};
use crate::apply::Ledger;
use crate::chain::Part;
use crate::outcome::Outcome;
use crate::queue::{Seat, Waiting};

/// The records of a batch that are linked.
pub(crate) type Linked<'a> = [Came<'a>];

/// A record that keeps its chain from settling or waiting, and its own status.
type Culprit = (usize, Status);

impl Ledger {
    /// Places the records of a chain of which none was known before, and none stands in it twice: one status for each.
    pub(crate) fn place_chain(
        &mut self,
        batch: &Batch<'_>,
        chain: &Linked<'_>,
        out: &mut Outcome,
    ) -> Vec<Placed> {
        match self.chain_on_entry(batch, chain, out) {
            Ok(placed) => placed,
            Err((culprit, status)) => (0..chain.len())
                .map(|at| {
                    Placed::new(if at == culprit {
                        status
                    } else {
                        Status::ChainFailed
                    })
                })
                .collect(),
        }
    }

    fn chain_on_entry(
        &mut self,
        batch: &Batch<'_>,
        chain: &Linked<'_>,
        out: &mut Outcome,
    ) -> Result<Vec<Placed>, Culprit> {
        let mut parts = Vec::with_capacity(chain.len().min(CHAIN_RECORDS_MAX));
        for at in 0..chain.len() {
            let (debtor, creditor) = self.judge_link(batch, chain, at).map_err(|status| (at, status))?;
            parts.push(Part {
                debtor,
                creditor,
                amount: chain[at].record.amount.get(),
                class: class_of(chain[at].record),
            });
        }
        let behind = parts
            .iter()
            .position(|part| !self.may_enter(part.debtor, part.class));
        // The first record that stands in the way is named.
        let settles = match (behind, self.parts_fit(&parts)) {
            (Some(behind), Err((at, short))) if at < behind => Err((at, short.refusal())),
            (Some(behind), _) => Err((behind, Status::InsufficientLiquidity)),
            (None, fits) => fits.map_err(|(at, short)| (at, short.refusal())),
        };
        let held = self.held_creditor(&parts);
        let at_once = chain
            .iter()
            .any(|came| came.record.flags.get() & flags::SETTLE_OR_REJECT != 0);
        match (settles, held) {
            (Ok(()), None) => {
                self.settle_chain(chain, &parts, out);
                return Ok(vec![Placed::new(Status::Settled); chain.len()]);
            }
            (Err(culprit), _) if at_once => return Err(culprit),
            (Ok(()), Some(_)) if at_once => return Err((0, Status::InsufficientLiquidity)),
            _ => {}
        }
        self.judge_room(chain.len()).map_err(|status| (0, status))?;
        let seat = match held.filter(|_| settles.is_ok()) {
            Some(held) => Seat::Party(held),
            None => Seat::Queued,
        };
        let key = (self.index, chain[0].ordinal);
        let placed = chain.iter().zip(&parts).map(|(came, part)| {
            let origin = (self.index, came.ordinal);
            let accounts = (part.debtor, part.creditor);
            let waiting = Waiting::new(came.record, came.extensions, batch.submitter, origin, accounts);
            self.count_if_return(came.record);
            self.wait(waiting.seated(seat).chained(key))
        });
        Ok(placed.collect())
    }

    fn settle_chain(&mut self, chain: &Linked<'_>, parts: &[Part], out: &mut Outcome) {
        let left_out = usize::from(mutated!(ChainInPart));
        for (came, part) in chain.iter().zip(parts).skip(left_out) {
            self.accounts
                .settle(part.debtor, part.creditor, part.class, part.amount);
            self.accrue(part.debtor, came.record.kind, part.amount);
            self.accept(came.record);
            self.count_if_return(came.record);
        }
        parts.iter().for_each(|part| self.wake(part.creditor));
        self.release(out);
    }

    fn count_if_return(&mut self, record: &Instruction) {
        if record.kind == Kind::Return as u8 {
            self.count_return(record);
        }
    }

    /// One record of a chain alone, and how it stands to the first; the accounts of its parties.
    fn judge_link(&mut self, batch: &Batch<'_>, chain: &Linked<'_>, at: usize) -> Result<(u32, u32), Status> {
        let came = &chain[at];
        let kind = self.judge_kind(came.record)?;
        self.judge_form(kind, came.record, came.extensions)?;
        let links = is_link(chain, at) && !self.is_dated_link(came.record);
        if !matches!(kind, Kind::Payment | Kind::Return) || !links {
            return Err(Status::ChainInvalid);
        }
        if kind == Kind::Payment {
            let accounts = self.judge_payment(batch, kind, came)?;
            self.judge_day_of(came.record)?;
            return Ok(accounts);
        }
        let same = |other: &&Came<'_>| {
            other.record.kind == Kind::Return as u8 && original_of(other.record) == original_of(came.record)
        };
        let before = chain[..at]
            .iter()
            .filter(same)
            .map(|other| other.record.amount.get());
        let before = before.fold(0, u64::saturating_add);
        self.judge_return(batch, came, before)
    }
}

/// True if a record has a place in its chain.
fn is_link(chain: &Linked<'_>, at: usize) -> bool {
    let (first, own) = (chain[0].record, chain[at].record);
    let set = |record: &Instruction, flag: u16| record.flags.get() & flag != 0;
    let timed = |kind| extension::find(chain[at].extensions, kind).is_some();
    let last = at + 1 == chain.len();
    at < CHAIN_RECORDS_MAX
        && set(own, flags::LINKED) != last
        && own.priority == first.priority
        && own.expires_at == first.expires_at
        && set(own, flags::SETTLE_OR_REJECT) == set(first, flags::SETTLE_OR_REJECT)
        && !timed(ExtensionType::FromTime)
        && !timed(ExtensionType::TillTime)
}
