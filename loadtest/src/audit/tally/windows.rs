//! Netting windows: one that is told to have settled has settled each of its obligations in that entry, and every net
//! debit was paid in or covered by its account; one that ended otherwise has let all of them go.
use std::collections::BTreeMap;

use causeway_message::action::Action;
use causeway_message::record::Kind;
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::Tally;
use super::seen::{Ended, Mark, Origin, Seen};
use crate::audit::fault::{Fault, Rule, hold, same};
use crate::audit::model::Place;

/// What a window collected, with debtor's account, creditor and amount.
#[derive(Debug, Default)]
pub struct Windows(BTreeMap<InstructionId, BTreeMap<Origin, (Place, u32, u64)>>);

/// True if a window settled in the entry: then accounts are drawn on net, whatever each obligation moves.
pub fn settles(seen: &Seen) -> bool {
    seen.windows.iter().any(|told| told.status == Status::Settled)
}

const fn window_of(mark: &Mark) -> InstructionId {
    InstructionId(mark.record.related)
}

impl Tally {
    /// Before what was paid in is followed: it is what it was when the entry began.
    pub(super) fn check_windows(&mut self, seen: &Seen, time: Timestamp) -> Result<(), Fault> {
        for told in &seen.windows {
            match told.status {
                Status::PayInMissed => {}
                Status::Settled => self.check_settled(told, seen, time)?,
                _ => {}
            }
            if told.status != Status::PayInMissed {
                self.let_go(seen);
                let left = self.windows.0.remove(&told.id).map_or(0, |left| left.len());
                same(Rule::Window, &0, &left, || {
                    format!("log entry {}: obligations left of window {}", seen.entry, told.id)
                })?;
            }
        }
        self.let_go(seen);
        for (whom, told) in &seen.owing {
            let own = seen.windows.iter().any(|other| other == told);
            hold(own && *whom != told.proposer, Rule::Window, || {
                format!("log entry {}: {whom} is told of a pay-in alone", seen.entry)
            })?;
        }
        for mark in seen.first.iter().filter(|mark| mark.status == Status::Collected) {
            let own = self.windows.0.entry(window_of(mark)).or_default();
            let gets = mark.record.creditor.get();
            own.insert(mark.origin, (mark.place, gets, mark.amount()));
        }
        Ok(())
    }

    /// What reached another status is collected no more.
    fn let_go(&mut self, seen: &Seen) {
        for mark in seen
            .later
            .iter()
            .filter(|mark| mark.kind() == Some(Kind::Obligation))
        {
            if let Some(own) = self.windows.0.get_mut(&window_of(mark)) {
                own.remove(&mark.origin);
            }
        }
    }

    fn check_settled(&self, told: &Ended, seen: &Seen, time: Timestamp) -> Result<(), Fault> {
        let at = || format!("log entry {}: window {}", seen.entry, told.id);
        let Action::OpenWindow(grant) = &told.action else {
            return Err(Fault::new(Rule::Window, at()));
        };
        let mut positions: BTreeMap<Place, i128> = BTreeMap::new();
        for (origin, (place, gets, amount)) in self.windows.0.get(&told.id).into_iter().flatten() {
            let settled = |mark: &Mark| mark.origin == *origin && mark.status == Status::Settled;
            hold(seen.later.iter().any(settled), Rule::Window, || {
                format!("{}: {origin:?} does not settle with the others", at())
            })?;
            *positions.entry(*place).or_insert(0) -= i128::from(*amount);
            *positions.entry((*gets, place.1)).or_insert(0) += i128::from(*amount);
        }
        for (place, position) in positions {
            let paid = self.asides.values().filter(|aside| aside.place == place);
            let paid: i128 = paid
                .filter(|aside| aside.is_for(told.id))
                .map(|aside| i128::from(aside.left))
                .sum();
            let drawn = time >= Timestamp::from_seconds(grant.ends);
            hold(position + paid >= 0 || drawn, Rule::Window, || {
                let who = ParticipantId(place.0);
                format!(
                    "{}: {who} gets {position} in {} and paid {paid} in",
                    at(),
                    place.1
                )
            })?;
        }
        Ok(())
    }
}
