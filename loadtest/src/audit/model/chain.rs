//! Chains (PROTOCOL §22.5): records of a batch that settle whole, or wait whole, or are refused whole.
use std::collections::BTreeSet;
use std::ops::Range;

use causeway_message::answer::Answer;
use causeway_message::batch::Class;
use causeway_message::extension::ExtensionType;
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::{ParticipantId, Status};

use super::classes::{Placed, Waiting, failed};
use super::{Caused, Model, Origin};
use crate::audit::input::{Batch, Paper};

/// Most records of a chain.
const RECORDS: usize = 16;

/// A record's place in its chain.
pub(super) struct Link<'a> {
    first: &'a Instruction,
    /// Those that stand before it.
    pub before: Vec<&'a Instruction>,
    /// Nothing follows in the batch.
    last: bool,
}

const fn is_linked(record: &Instruction) -> bool {
    record.flags.get() & flags::LINKED != 0
}

/// Where the chain that begins at a place of the batch ends; without one, behind the record.
pub(super) fn end_of_chain(papers: &[Paper], begin: usize) -> usize {
    let mut at = begin;
    while papers.get(at).is_some_and(|paper| is_linked(&paper.record)) && at + 1 < papers.len() {
        at += 1;
    }
    at + 1
}

/// True if a record at this place belongs to a chain of this batch.
pub(super) fn is_chain(papers: &[Paper], range: &Range<usize>) -> bool {
    papers
        .get(range.start)
        .is_some_and(|paper| is_linked(&paper.record))
}

/// A chain holds payments and returns that wait and end together.
pub(super) fn judge_link(paper: &Paper, link: &Link<'_>) -> Result<(), Status> {
    let (record, first) = (&paper.record, link.first);
    let kinds = [Kind::Payment as u8, Kind::Return as u8];
    let may = |of: &Instruction| of.flags.get() & flags::SETTLE_OR_REJECT;
    let alike =
        (record.priority, record.expires_at, may(record)) == (first.priority, first.expires_at, may(first));
    let timed = [ExtensionType::FromTime, ExtensionType::TillTime]
        .into_iter()
        .any(|kind| paper.instant(kind).is_some());
    let open = link.last && is_linked(record);
    if kinds.contains(&record.kind) && alike && !timed && !open && link.before.len() < RECORDS {
        Ok(())
    } else {
        Err(Status::ChainInvalid)
    }
}

impl Model {
    /// Judges and answers the records of a chain.
    pub(super) fn chain(
        &mut self,
        batch: &Batch,
        papers: &[Paper],
        range: Range<usize>,
        caused: &mut Caused,
    ) {
        let who = batch.submitter();
        let ids: BTreeSet<_> = papers[range.clone()]
            .iter()
            .map(|paper| paper.record.id())
            .collect();
        let new = ids.iter().filter(|id| self.memory.get(who, **id).is_none());
        let room = self.memory.has_room(new.count());
        let placed = if room {
            self.place_chain(who, papers, &range, caused)
        } else {
            vec![(Status::CapacityExhausted, 0); range.len()]
        };
        self.release(caused);
        for (place, placed) in range.zip(placed) {
            let (paper, leaf) = (&papers[place], &batch.leaves[place]);
            let ordinal = place as u16;
            let id = paper.record.id();
            let mut answer = match self.before(who, id, leaf, ordinal, caused) {
                Some(answer) => answer,
                None if !room => Answer::new(Status::CapacityExhausted),
                None => self.first_answer(who, paper, leaf, ordinal, (placed, false)),
            };
            self.show_balance(who, &paper.record, ordinal, &mut answer, caused);
            caused.answers.push(answer);
        }
    }

    fn place_chain(
        &mut self,
        who: ParticipantId,
        papers: &[Paper],
        range: &Range<usize>,
        caused: &mut Caused,
    ) -> Vec<Placed> {
        let count = range.len();
        let all = vec![(Status::ChainFailed, 0); count];
        let own = &papers[range.clone()];
        // One that is known is answered as ever; the others fail with it.
        for (place, paper) in own.iter().enumerate() {
            let id = paper.record.id();
            let twice = own[..place].iter().any(|other| other.record.id() == id);
            if twice || self.memory.get(who, id).is_some() {
                return all;
            }
        }
        for (place, paper) in own.iter().enumerate() {
            let link = Link {
                first: &own[0].record,
                before: own[..place].iter().map(|paper| &paper.record).collect(),
                last: range.start + place + 1 == papers.len(),
            };
            if let Err(status) = self.judge(who, paper, Some(&link)) {
                return failed(count, (place, status));
            }
        }
        let links: Vec<Origin> = range.clone().map(|place| (self.index, place as u16)).collect();
        let items: Vec<Waiting> = own
            .iter()
            .zip(&links)
            .map(|(paper, origin)| Waiting::new(paper, who, *origin, links.clone()))
            .collect();
        let placed = self.enter(items.clone(), caused);
        for (item, (status, _)) in items.iter().zip(&placed) {
            self.accepted(item, *status);
        }
        placed
    }

    /// Records of a batch one by one, and chains whole.
    pub(super) fn instructions(&mut self, batch: &Batch, papers: &[Paper], caused: &mut Caused) {
        let gate = self.gate(batch, Class::Instructions);
        let mut place = 0;
        while place < papers.len() {
            let range = place..end_of_chain(papers, place);
            if self.is_second() && gate.is_none() && is_chain(papers, &range) {
                place = range.end;
                self.chain(batch, papers, range, caused);
            } else {
                self.instruction(batch, papers, place, gate, caused);
                place += 1;
            }
        }
    }
}
