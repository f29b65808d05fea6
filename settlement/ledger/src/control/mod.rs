//! Control records: propose, approve, withdraw.
mod funding;
mod holds;
mod market;
mod members;
mod risk;

use causeway_message::action::{Action, right, role};
use causeway_message::answer::Answer;
use causeway_message::control::{Control, ControlRecord, proposal_digest};
use causeway_message::verify::VerifiedBatch;
use causeway_message::{Digest, InstructionId, KeyId, ParticipantId, Status, mutated};

use crate::apply::Ledger;
use crate::due::Due;
use crate::id_memory::Remembered;
use crate::limits::PROPOSALS_PER_PARTICIPANT;
use crate::market::Fixing;
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
            Some(Control::Propose(action)) if action.since() > self.rules => Err(Status::ActionInvalid),
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
        self.proposals
            .all
            .get(digest)
            .filter(|p| p.proposer == signer.participant && p.expires() > self.time)
            .ok_or(Status::ProposalUnknown)
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

    /// The normative table of who may propose what (`transport/PROTOCOL.md`).
    fn may_propose(&self, who: ParticipantId, action: &Action) -> Result<(), Status> {
        let participant = self.registry.get(who).ok_or(Status::ParticipantUnknown)?;
        let has = |role: u8| participant.roles & role != 0;
        let allowed = match action {
            Action::AddKey { participant, .. } | Action::RevokeKey { participant, .. } => {
                has(role::OPERATOR) || *participant == who
            }
            Action::RegisterParticipant(_)
            | Action::OpenAccount { .. }
            | Action::SetCap { .. }
            | Action::SetStanding { .. }
            | Action::OpenCurrency { .. }
            | Action::SetFee(_)
            | Action::SetDay { .. }
            | Action::SetValuation(_)
            | Action::SetTests { .. }
            | Action::SetShortLimit { .. }
            | Action::SetPayIn { .. }
            | Action::SetExposure { .. }
            | Action::SetReference { .. } => has(role::OPERATOR),
            Action::HoldPayment { .. } | Action::EndHold { .. } | Action::HoldParticipant { .. } => {
                has(role::SCREENER) || has(role::OPERATOR)
            }
            Action::Fund { currency, .. } | Action::Defund { currency, .. } => {
                has(role::SETTLEMENT_AGENT) && self.is_agent(who, *currency)
            }
            Action::ConfirmDefund { .. } | Action::ReleaseDefund { .. } => has(role::SETTLEMENT_AGENT),
        };
        if allowed { Ok(()) } else { Err(Status::RoleMissing) }
    }

    fn is_agent(&self, who: ParticipantId, currency: u16) -> bool {
        self.accounts
            .book(currency)
            .is_some_and(|book| self.accounts.books()[book].agent == who)
    }

    /// What can be judged when the proposal is made, so that nobody approves what cannot be.
    fn judge(&self, who: ParticipantId, action: &Action) -> Result<(), Status> {
        match action {
            Action::RegisterParticipant(grant) => self.judge_registration(grant),
            Action::Fund {
                participant,
                currency,
                amount,
                reference,
            } => self
                .judge_fund(*participant, *currency, *amount, reference)
                .map(|_| ()),
            Action::Defund {
                participant,
                currency,
                amount,
            } => self.judge_defund(*participant, *currency, *amount).map(|_| ()),
            Action::ConfirmDefund { defund, reference } => {
                self.judge_confirm(who, *defund, reference).map(|_| ())
            }
            Action::ReleaseDefund { defund } => self.defund_in_progress(who, *defund).map(|_| ()),
            Action::HoldPayment {
                submitter,
                payment,
                reference,
            } => self.judge_hold(*submitter, *payment, reference).map(|_| ()),
            Action::EndHold {
                submitter, payment, ..
            } => self.judge_end_hold(*submitter, *payment).map(|_| ()),
            Action::HoldParticipant {
                participant,
                held,
                reference,
            } => self.judge_hold_participant(*participant, *held, reference),
            Action::SetFee(fee) => self.judge_fee(fee),
            Action::SetDay {
                currency,
                phase,
                date,
            } => self.judge_day(*currency, *phase, *date).map(|_| ()),
            Action::SetValuation(valuation) => self.judge_valuation(valuation),
            Action::SetTests {
                participant, tested, ..
            } => self.judge_set_tests(*participant, *tested),
            Action::SetShortLimit {
                participant,
                currency,
                ..
            } => self.account_of(*participant, *currency).map(|_| ()),
            Action::SetPayIn {
                participant,
                currency,
                deadline,
                ..
            } => self.judge_pay_in(*participant, *currency, *deadline),
            Action::SetExposure {
                participant,
                base,
                counter,
                ..
            } => self.judge_exposure(*participant, (*base, *counter)),
            Action::SetReference { .. } => match Fixing::of(action) {
                Some(fixing) => self.judge_reference_rate(&fixing),
                None => Err(Status::ActionInvalid),
            },
            Action::OpenAccount { .. }
            | Action::SetCap { .. }
            | Action::AddKey { .. }
            | Action::RevokeKey { .. }
            | Action::SetStanding { .. }
            | Action::OpenCurrency { .. } => Ok(()),
        }
    }

    fn execute(&mut self, proposed: &Origin, action: &Action, out: &mut Outcome) -> Result<(), Status> {
        let who = proposed.proposer;
        match action {
            Action::RegisterParticipant(grant) => {
                self.register(grant)?;
                out.registry_changed = true;
                Ok(())
            }
            Action::OpenAccount { participant, account } => self.open_account(*participant, account),
            Action::SetCap { participant, account } => self.set_cap(*participant, account, out),
            Action::AddKey { participant, grant } => {
                self.registry.add_key(*participant, grant)?;
                out.registry_changed = true;
                Ok(())
            }
            Action::RevokeKey { participant, key } => {
                self.revoke_key(*participant, *key)?;
                out.registry_changed = true;
                Ok(())
            }
            Action::SetStanding {
                participant,
                suspended,
            } => {
                self.set_standing(*participant, *suspended, out)?;
                out.registry_changed = true;
                Ok(())
            }
            Action::OpenCurrency { currency, agent } => self.open_currency(*currency, *agent),
            Action::Fund {
                participant,
                currency,
                amount,
                reference,
            } => self.fund(*participant, *currency, *amount, reference, out),
            Action::Defund {
                participant,
                currency,
                amount,
            } => self.defund(who, proposed.id, *participant, *currency, *amount),
            Action::ConfirmDefund { defund, reference } => self.confirm_defund(who, *defund, reference),
            Action::ReleaseDefund { defund } => self.release_defund(who, *defund, out),
            Action::HoldPayment {
                submitter,
                payment,
                reference,
            } => self.hold_payment(*submitter, *payment, reference, out),
            Action::EndHold {
                submitter,
                payment,
                release,
            } => self.end_hold(*submitter, *payment, *release, out),
            Action::HoldParticipant {
                participant,
                held,
                reference,
            } => self.hold_participant(*participant, *held, reference, out),
            Action::SetFee(fee) => self.set_fee(fee),
            Action::SetDay {
                currency,
                phase,
                date,
            } => self.set_day(*currency, *phase, *date),
            Action::SetValuation(valuation) => self.set_valuation(valuation, out),
            Action::SetTests {
                participant,
                tested,
                aggregate,
            } => self.set_tests(*participant, *tested, *aggregate, out),
            Action::SetShortLimit {
                participant,
                currency,
                limit,
            } => self.set_short_limit(*participant, *currency, *limit, out),
            Action::SetPayIn {
                participant,
                currency,
                deadline,
                allowed,
            } => self.set_pay_in((*participant, *currency, *deadline), *allowed, proposed),
            Action::SetExposure {
                participant,
                base,
                counter,
                limit,
            } => self.set_exposure(*participant, (*base, *counter), *limit),
            Action::SetReference { .. } => {
                self.set_reference_rate(Fixing::of(action).ok_or(Status::ActionInvalid)?)
            }
        }
    }

    /// Whom an action concerns, and how much it moves.
    fn concerns(&self, who: ParticipantId, action: &Action) -> (Option<ParticipantId>, u64) {
        match action {
            // Nobody but the proposer is told of a hold.
            Action::HoldPayment { .. } | Action::EndHold { .. } | Action::HoldParticipant { .. } => (None, 0),
            Action::RegisterParticipant(_)
            | Action::SetDay { .. }
            | Action::SetValuation(_)
            | Action::SetReference { .. } => (None, 0),
            Action::SetFee(fee) => (Some(fee.collector), 0),
            Action::OpenAccount { participant, .. }
            | Action::SetCap { participant, .. }
            | Action::AddKey { participant, .. }
            | Action::RevokeKey { participant, .. }
            | Action::SetStanding { participant, .. }
            | Action::SetTests { participant, .. }
            | Action::SetShortLimit { participant, .. }
            | Action::SetPayIn { participant, .. }
            | Action::SetExposure { participant, .. } => (Some(*participant), 0),
            Action::OpenCurrency { agent, .. } => (Some(*agent), 0),
            Action::Fund {
                participant, amount, ..
            }
            | Action::Defund {
                participant, amount, ..
            } => (Some(*participant), *amount),
            Action::ConfirmDefund { defund, .. } | Action::ReleaseDefund { defund } => {
                self.defund_concerns(who, *defund)
            }
        }
    }
}
