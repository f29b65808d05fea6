//! Control records: propose, approve, withdraw; four eyes (PROTOCOL §6).
use causeway_message::action::Action;
use causeway_message::answer::Answer;
use causeway_message::batch::Class;
use causeway_message::control::{Control, ControlRecord, proposal_digest};
use causeway_message::digest::Digest;
use causeway_message::time::Timestamp;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::due::Due;
use super::{Caused, Model};
use crate::audit::input::Batch;

/// Nanoseconds that a proposal waits (PROTOCOL §20).
const PROPOSAL_NANOS: u64 = 86_400 * 1_000_000_000;
/// Proposals of one participant that may wait.
const PROPOSALS: usize = 256;

/// A proposal that waits for its second person.
#[derive(Debug, Clone)]
pub(super) struct Proposal {
    proposer: ParticipantId,
    person: u32,
    id: InstructionId,
    origin: (u64, u16),
    end: Timestamp,
    action: Action,
}

/// A proposal that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Who proposed.
    pub proposer: ParticipantId,
    /// Whom it took effect on, if another.
    pub subject: Option<ParticipantId>,
    /// Id of the proposal.
    pub id: InstructionId,
    /// Its entry and its place there.
    pub origin: (u64, u16),
    /// How it ended.
    pub status: Status,
    /// Minor units that moved or were set aside.
    pub amount: u64,
    /// What was proposed.
    pub action: Action,
}

/// The person who signed.
#[derive(Clone, Copy)]
struct Signer {
    who: ParticipantId,
    person: u32,
}

impl Model {
    pub(super) fn controls(&mut self, batch: &Batch, records: &[ControlRecord], caused: &mut Caused) {
        let gate = self.gate(batch, Class::Control);
        let who = batch.submitter();
        let person = self
            .members
            .get(who.0 as usize)
            .map_or(0, |member| member.person(batch.key()));
        for (place, (record, leaf)) in records.iter().zip(&batch.leaves).enumerate() {
            let ordinal = place as u16;
            let id = record.instruction_id;
            let answer = match self.before(who, id, leaf, ordinal, caused) {
                Some(answer) => answer,
                None => {
                    let status = match gate {
                        Some(status) => status,
                        None => self.decide(Signer { who, person }, record, ordinal, caused),
                    };
                    self.release(caused);
                    self.remember(who, id, leaf, ordinal, status, None);
                    Answer::new(status)
                }
            };
            caused.answers.push(answer);
        }
    }

    fn decide(
        &mut self,
        signer: Signer,
        record: &ControlRecord,
        ordinal: u16,
        caused: &mut Caused,
    ) -> Status {
        let decided = match &record.control {
            None => Err(Status::ActionInvalid),
            Some(Control::Propose(action)) if !self.offers(action) => Err(Status::ActionInvalid),
            Some(Control::Propose(action)) => self.propose(signer, record.instruction_id, action, ordinal),
            Some(Control::Approve(digest)) => self.approve(signer, digest, caused),
            Some(Control::Withdraw(digest)) => self.withdraw(signer, digest, caused),
        };
        decided.unwrap_or_else(|refused| refused)
    }

    fn propose(
        &mut self,
        signer: Signer,
        id: InstructionId,
        action: &Action,
        ordinal: u16,
    ) -> Result<Status, Status> {
        self.judge_role(signer.who, action)?;
        if self
            .proposals
            .values()
            .filter(|p| p.proposer == signer.who)
            .count()
            >= PROPOSALS
        {
            return Err(Status::TooManyProposals);
        }
        if !self.is_held_by_whom_it_says(action) {
            return Err(Status::PossessionInvalid);
        }
        self.judge_subject(signer.who, action)?;
        self.judge_action(signer.who, action)?;
        let digest = proposal_digest(self.ledger, signer.who, id, action);
        let end = Timestamp(self.time.0.saturating_add(PROPOSAL_NANOS));
        self.due.insert((end, Due::Proposal(digest)));
        let proposal = Proposal {
            proposer: signer.who,
            person: signer.person,
            id,
            origin: (self.index, ordinal),
            end,
            action: action.clone(),
        };
        self.proposals.insert(digest, proposal);
        Ok(Status::Proposed)
    }

    /// A proposal of the signer's participant that waits still.
    fn waiting_proposal(&self, signer: Signer, digest: &Digest) -> Result<Proposal, Status> {
        match self.proposals.get(digest) {
            Some(p) if p.proposer == signer.who && p.end > self.time => Ok(p.clone()),
            Some(p) if p.proposer == signer.who && self.is_fourth() => Err(Status::ProposalExpired),
            _ => Err(self.became(signer.who, digest)),
        }
    }

    fn approve(&mut self, signer: Signer, digest: &Digest, caused: &mut Caused) -> Result<Status, Status> {
        let proposal = self.waiting_proposal(signer, digest)?;
        if proposal.person == signer.person {
            return Err(Status::SamePerson);
        }
        // A defunding that ends is not known afterwards, so whom it concerns is asked before.
        let concerned = self.concerned(signer.who, &proposal.action);
        let done = self
            .judge_role(signer.who, &proposal.action)
            .and_then(|()| self.judge_subject(signer.who, &proposal.action))
            .and_then(|()| self.carry_out(signer.who, proposal.id, &proposal.action, caused));
        let (status, told) = match done {
            Ok(()) => (Status::Executed, Some(concerned)),
            Err(refused) => (refused, None),
        };
        self.end_proposal(digest, status, told, caused);
        Ok(status)
    }

    fn withdraw(&mut self, signer: Signer, digest: &Digest, caused: &mut Caused) -> Result<Status, Status> {
        self.waiting_proposal(signer, digest)?;
        self.end_proposal(digest, Status::ProposalWithdrawn, None, caused);
        Ok(Status::Executed)
    }

    /// Gives a proposal its final status; tells its proposer, and whom it took effect on.
    pub(super) fn end_proposal(
        &mut self,
        digest: &Digest,
        status: Status,
        told: Option<(Option<ParticipantId>, u64)>,
        caused: &mut Caused,
    ) {
        let Some(proposal) = self.proposals.remove(digest) else {
            return;
        };
        self.due.remove(&(proposal.end, Due::Proposal(*digest)));
        self.memory
            .change(proposal.proposer, proposal.id, (status, 0), self.index);
        self.remember_end(*digest, proposal.proposer, proposal.origin, status);
        let (subject, amount) = told.unwrap_or((None, 0));
        caused.notices.push(Notice {
            proposer: proposal.proposer,
            subject: subject.filter(|subject| *subject != proposal.proposer),
            id: proposal.id,
            origin: proposal.origin,
            status,
            amount,
            action: proposal.action,
        });
    }
}
