//! Control records: propose, approve, withdraw.
mod carry;
mod credit;
mod default;
mod funding;
mod holds;
mod market;
mod members;
mod risk;
mod roles;
mod standing;
mod windows;

use causeway_message::action::{Action, right};
use causeway_message::answer::Answer;
use causeway_message::control::{Control, ControlRecord, proposal_digest};
use causeway_message::verify::VerifiedBatch;
use causeway_message::{Digest, InstructionId, KeyId, ParticipantId, Status, mutated};

use crate::apply::Ledger;
use crate::due::Due;
use crate::ended::Ended;
use crate::id_memory::Remembered;
use crate::limits::PROPOSALS_PER_PARTICIPANT;
use crate::outcome::{Notice, Outcome};
use crate::proposal::Proposal;

/// Who signed a control batch.
#[derive(Debug, Clone, Copy)]
struct Signer {
    participant: ParticipantId,
    person: u32,
}

/// Which proposal an action takes effect by.
struct Origin {
    proposer: ParticipantId,
    id: InstructionId,
    entry: u64,
    ordinal: u16,
}

impl Ledger {
    pub(crate) fn control(&mut self, batch: &VerifiedBatch, out: &mut Outcome) {
        let gate = self.gate(batch, right::CONTROL);
        let participant = batch.participant();
        let key = KeyId(batch.block().key.get());
        let person = self
            .registry
            .get(participant)
            .and_then(|p| p.keys.get(&key))
            .map_or(0, |k| k.grant.person);
        let signer = Signer { participant, person };
        for (ordinal, (record, check)) in batch.control().iter().zip(batch.checks()).enumerate() {
            let ordinal = ordinal as u16;
            let answer = match self.ids.look_up(participant, record.instruction_id) {
                Ok(known) => self.repeat(ordinal, check, &known, out),
                Err(_) if self.ids.is_full() => Answer::new(Status::CapacityExhausted),
                Err(vacancy) => {
                    let status = match gate {
                        Some(status) => status,
                        None => self.control_record(signer, record, ordinal, out),
                    };
                    let known = Remembered {
                        check,
                        status,
                        entry: self.index,
                        ordinal,
                        cause: self.index,
                    };
                    self.ids.fill(vacancy, &known);
                    Answer::new(status)
                }
            };
            out.answers.push(answer);
        }
    }

    fn control_record(
        &mut self,
        signer: Signer,
        record: &ControlRecord,
        ordinal: u16,
        out: &mut Outcome,
    ) -> Status {
        let status = match &record.control {
            None => Err(Status::ActionInvalid),
            Some(Control::Propose(action)) if !action.is_offered(self.rules) => Err(Status::ActionInvalid),
            Some(Control::Propose(action)) => self.propose(signer, record, action, ordinal),
            Some(Control::Approve(digest)) => self.approve(signer, digest, out),
            Some(Control::Withdraw(digest)) => self.withdraw(signer, digest, out),
        };
        status.unwrap_or_else(|refused| refused)
    }

    fn propose(
        &mut self,
        signer: Signer,
        record: &ControlRecord,
        action: &Action,
        ordinal: u16,
    ) -> Result<Status, Status> {
        self.may_propose(signer.participant, action)?;
        if self.proposals.of(signer.participant) >= PROPOSALS_PER_PARTICIPANT {
            return Err(Status::TooManyProposals);
        }
        if !record.proven && !mutated!(AdmitsUnproven) {
            return Err(Status::PossessionInvalid);
        }
        self.judge_closed(signer.participant, action)?;
        self.judge(signer.participant, action)?;
        let digest = proposal_digest(self.id, signer.participant, record.instruction_id, action);
        let proposal = Proposal {
            proposer: signer.participant,
            person: signer.person,
            id: record.instruction_id,
            entry: self.index,
            ordinal,
            made: self.time,
            action: action.clone(),
        };
        self.due.add(proposal.expires(), Due::Proposal(digest));
        self.proposals.all.insert(digest, proposal);
        Ok(Status::Proposed)
    }

    fn proposal(&self, signer: Signer, digest: &Digest) -> Result<&Proposal, Status> {
        let own = self.proposals.all.get(digest);
        match own.filter(|p| p.proposer == signer.participant) {
            Some(waits) if waits.expires() > self.time => Ok(waits),
            // Its turn among what is due comes with a later entry.
            Some(_) if self.rules >= 4 => Err(Status::ProposalExpired),
            _ => Err(self.became(signer.participant, digest)),
        }
    }

    /// What is told of a proposal that does not wait.
    fn became(&self, who: ParticipantId, digest: &Digest) -> Status {
        let own = self.ended.get(digest).filter(|ended| ended.proposer == who);
        match own.filter(|ended| ended.forgotten() > self.time) {
            Some(ended) if ended.status == Status::Executed => Status::ProposalApproved,
            Some(ended) => ended.status,
            None => Status::ProposalUnknown,
        }
    }

    /// Remembers for some days what became of a proposal.
    fn keep_ended(&mut self, digest: &Digest, proposal: &Proposal, status: Status) {
        if self.rules < 4 || mutated!(ForgetEnded) {
            return;
        }
        let ended = Ended {
            proposer: proposal.proposer,
            entry: proposal.entry,
            ordinal: proposal.ordinal,
            at: self.time,
            status,
        };
        self.due.add(ended.forgotten(), Due::Ended(*digest));
        if let Some((oldest, at)) = self.ended.keep(*digest, ended) {
            self.due.remove(at, Due::Ended(oldest));
        }
    }

    fn approve(&mut self, signer: Signer, digest: &Digest, out: &mut Outcome) -> Result<Status, Status> {
        let proposal = self.proposal(signer, digest)?;
        // Four eyes count persons: a second key of the same person is the same pair of eyes.
        if proposal.person == signer.person && !mutated!(OnePerson) {
            return Err(Status::SamePerson);
        }
        let action = proposal.action.clone();
        let proposed = Origin {
            proposer: proposal.proposer,
            id: proposal.id,
            entry: proposal.entry,
            ordinal: proposal.ordinal,
        };
        // Asked before: a defunding that ends is no longer known afterwards.
        let (subject, amount) = self.concerns(signer.participant, &action);
        let status = self
            .may_propose(signer.participant, &action)
            .and_then(|()| self.judge_closed(signer.participant, &action))
            .and_then(|()| self.execute(&proposed, &action, out))
            .map_or_else(|refused| refused, |()| Status::Executed);
        let told = if status == Status::Executed {
            (subject, amount)
        } else {
            (None, 0)
        };
        self.close(digest, status, told, out);
        Ok(status)
    }

    fn withdraw(&mut self, signer: Signer, digest: &Digest, out: &mut Outcome) -> Result<Status, Status> {
        self.proposal(signer, digest)?;
        self.close(digest, Status::ProposalWithdrawn, (None, 0), out);
        Ok(Status::Executed)
    }

    pub(crate) fn expire_proposal(&mut self, digest: &Digest, out: &mut Outcome) {
        self.close(digest, Status::ProposalExpired, (None, 0), out);
    }

    /// Gives a proposal its final status and tells its proposer, and whom else it concerns.
    fn close(
        &mut self,
        digest: &Digest,
        status: Status,
        (subject, amount): (Option<ParticipantId>, u64),
        out: &mut Outcome,
    ) {
        let Some(proposal) = self.proposals.all.remove(digest) else {
            return;
        };
        self.due.remove(proposal.expires(), Due::Proposal(*digest));
        self.keep_ended(digest, &proposal, status);
        let known = self
            .ids
            .settle(proposal.proposer, proposal.id, status, self.index);
        assert!(known, "a proposal that waits is remembered");
        out.notices.push(Notice {
            proposer: proposal.proposer,
            subject: subject.filter(|subject| *subject != proposal.proposer),
            id: proposal.id,
            entry: proposal.entry,
            ordinal: proposal.ordinal,
            status,
            amount,
            action: proposal.action,
        });
    }
}
