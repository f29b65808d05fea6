//! How sides of trades wait and end: what is unmatched is alleged to the other party, another one takes its place only
//! if it says so, and what is matched is withdrawn by both.
use std::collections::BTreeSet;

use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::{Kind, flags};
use causeway_message::{ParticipantId, Status};

use super::Tally;
use super::seen::{Mark, Origin, Seen};
use crate::audit::fault::{Fault, Rule, hold, same};

/// Who is told that which side is what.
type Heard = (ParticipantId, Origin, Status);

fn creditor(mark: &Mark) -> ParticipantId {
    ParticipantId(mark.record.creditor.get())
}

impl Tally {
    pub(super) fn check_alleged(&mut self, seen: &Seen) -> Result<(), Fault> {
        let mut due: Vec<Heard> = Vec::new();
        let mut withdrawn = BTreeSet::new();
        for mark in seen.first.iter().filter(|mark| mark.is_trade()) {
            match mark.status {
                Status::Unmatched => {
                    self.trades.unmatched.insert(mark.origin);
                    due.push((creditor(mark), mark.origin, Status::Alleged));
                }
                Status::Matched => drop(self.trades.matched.insert(mark.origin)),
                _ => {}
            }
        }
        for mark in seen.later.iter().filter(|mark| mark.is_trade()) {
            let alone = self.trades.unmatched.remove(&mark.origin);
            let both = self.trades.matched.remove(&mark.origin);
            match mark.status {
                Status::Matched => drop(self.trades.matched.insert(mark.origin)),
                Status::Settled => {}
                status if alone => due.push((creditor(mark), mark.origin, status)),
                _ => {}
            }
            if mark.status == Status::Amended {
                check_replaced(mark, seen)?;
            }
            if mark.status == Status::Withdrawn && both {
                withdrawn.insert(mark.key());
            }
        }
        let trades = seen.others.iter().filter(|(_, mark)| mark.is_trade());
        let mut told: Vec<Heard> = trades
            .map(|(whom, mark)| (*whom, mark.origin, mark.status))
            .collect();
        told.sort_unstable();
        due.sort_unstable();
        same(Rule::Alleged, &due, &told, || {
            format!("log entry {}: what counterparties of trades are told", seen.entry)
        })?;
        self.check_withdrawn(seen, &withdrawn)
    }

    /// Each trade that both withdraw was asked for by one party, and the other one says so now.
    fn check_withdrawn(&mut self, seen: &Seen, withdrawn: &BTreeSet<super::Key>) -> Result<(), Fault> {
        let at = || format!("log entry {}: {withdrawn:?} withdrawn", seen.entry);
        for mark in seen.first.iter().filter(|mark| mark.kind() == Some(Kind::Cancel)) {
            let open = self
                .outcomes
                .origin(mark.related())
                .is_some_and(|origin| self.trades.matched.contains(&origin));
            if mark.status == Status::CancellationPending && (open || withdrawn.contains(&mark.related())) {
                self.trades.asked.insert(mark.key(), mark.related());
            }
        }
        let mut agreed = 0;
        for mark in seen.later.iter().filter(|mark| mark.kind() == Some(Kind::Cancel)) {
            let Some(about) = self.trades.asked.remove(&mark.key()) else {
                continue;
            };
            if mark.status != Status::Executed {
                continue;
            }
            agreed += 1;
            let says = |own: &Mark| {
                let answers = own.kind() == Some(Kind::Resolve)
                    && own.related() == mark.key()
                    && !own.has(flags::DECLINE);
                let asks = own.kind() == Some(Kind::Cancel) && withdrawn.contains(&own.related());
                own.status == Status::Executed && own.submitter == creditor(mark) && (answers || asks)
            };
            let both = withdrawn.contains(&about) && seen.first.iter().any(says);
            hold(both, Rule::Withdrawn, at)?;
        }
        same(Rule::Withdrawn, &(2 * agreed), &withdrawn.len(), at)
    }
}

/// Another record of the entry took the place of this one.
fn check_replaced(mark: &Mark, seen: &Seen) -> Result<(), Fault> {
    let takes = |own: &Mark| {
        let named = own.extension(ExtensionType::Replaces).and_then(extension::id);
        let accepted = !own.status.is_rejected();
        own.is_trade() && accepted && own.submitter == mark.submitter && named == Some(mark.id)
    };
    hold(seen.first.iter().any(takes), Rule::Replaced, || {
        format!(
            "log entry {}: nothing takes the place of {:?}",
            seen.entry, mark.origin
        )
    })
}
