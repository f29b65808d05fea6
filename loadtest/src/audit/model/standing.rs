//! Where members stand, what they show of their keys, and who may not be locked out (PROTOCOL §28).
use causeway_message::action::{Action, DefaultState, KeyGrant, Standing, role};
use causeway_message::codec::Put;
use causeway_message::digest::hash;
use causeway_message::record::Instruction;
use causeway_message::{KeyId, ParticipantId, Status};

use super::member::Member;
use super::{Caused, Model};
use crate::audit::input::Paper;

/// What begins the bytes that a key signs to show that its holder has it (PROTOCOL §28.1).
const TAG: &[u8] = b"causeway/possession/v1\0";

/// A key grant as it stands in an action (PROTOCOL §6).
fn bytes_of(grant: &KeyGrant) -> Vec<u8> {
    let mut out = Vec::new();
    out.put_u32(grant.key.0)
        .put_u32(grant.person)
        .put_u8(grant.rights)
        .put(grant.public.bytes());
    out
}

impl Model {
    /// True if every key that an action brings has signed for itself (PROTOCOL §28.1).
    pub(super) fn is_held_by_whom_it_says(&self, action: &Action) -> bool {
        let signed = |whom: &[u8], grant: &KeyGrant, proof: &[u8; 64]| {
            let message = [TAG, &self.ledger.0, whom, &bytes_of(grant)].concat();
            grant.public.verifies(&message, proof)
        };
        match action {
            Action::AdmitMember { grant, proofs } => {
                let name = hash(grant.name.as_bytes());
                let all = grant.keys.iter().zip(proofs);
                grant.keys.len() == proofs.len()
                    && all.into_iter().all(|(key, proof)| signed(&name, key, proof))
            }
            Action::AddMemberKey {
                participant,
                grant,
                proof,
            } => signed(&participant.0.to_le_bytes(), grant, proof),
            _ => true,
        }
    }

    /// True of a member that is not closed.
    pub(super) fn takes_part(&self, who: u32) -> bool {
        self.standing(who)
            .is_some_and(|standing| standing != Standing::Closed)
    }

    fn standing(&self, who: u32) -> Option<Standing> {
        self.members.get(who as usize).map(|member| member.standing)
    }

    /// That a creditor is paid.
    pub(super) fn judge_payee(&self, who: u32) -> Result<(), Status> {
        match self.standing(who) {
            Some(Standing::Active | Standing::Taking) if self.default_of(who) == DefaultState::Confirmed => {
                Err(Status::CreditorSuspended)
            }
            Some(Standing::Admitted | Standing::Suspended) => Err(Status::CreditorSuspended),
            Some(Standing::Closed) => Err(Status::CreditorClosed),
            Some(Standing::Active | Standing::Taking) | None => Ok(()),
        }
    }

    /// That whom an action concerns is not closed.
    pub(super) fn judge_subject(&self, who: ParticipantId, action: &Action) -> Result<(), Status> {
        let subject = self.concerned(who, action).0;
        if subject.is_some_and(|subject| self.standing(subject.0) == Some(Standing::Closed)) {
            return Err(Status::CreditorClosed);
        }
        Ok(())
    }

    /// True if these are persons enough to run the ledger (PROTOCOL §28.4).
    fn operates(member: &Member) -> bool {
        member.is_operator() && member.signs() && member.deciders().len() > 1
    }

    /// That a member who operates does so still as it would be afterwards, or that another does.
    fn judge_last(&self, who: ParticipantId, afterwards: &Member) -> Result<(), Status> {
        let own = self.members.get(who.0 as usize);
        let lost = own.is_some_and(Self::operates) && !Self::operates(afterwards);
        let others = self.members.iter().enumerate();
        let mut others = others.filter(|(id, _)| *id != who.0 as usize);
        if lost && !others.any(|(_, other)| Self::operates(other)) {
            return Err(Status::KeyLast);
        }
        Ok(())
    }

    pub(super) fn judge_revocation(&self, who: ParticipantId, key: KeyId) -> Result<(), Status> {
        let own = self.members.get(who.0 as usize).filter(|_| self.is_fourth());
        let Some(mut afterwards) = own.cloned() else {
            return Ok(());
        };
        // A key that is not there, or revoked already, takes nothing away.
        let _ = afterwards.revoke(key);
        self.judge_last(who, &afterwards)
    }

    pub(super) fn judge_suspension(&self, who: ParticipantId) -> Result<(), Status> {
        let defaulted = self.default_of(who.0) == DefaultState::Confirmed;
        if defaulted || self.standing(who.0) == Some(Standing::Admitted) {
            return Err(Status::ActionInvalid);
        }
        Ok(())
    }

    pub(super) fn judge_membership(
        &self,
        who: ParticipantId,
        to: Standing,
        reference: &str,
    ) -> Result<(), Status> {
        let own = self
            .members
            .get(who.0 as usize)
            .ok_or(Status::ParticipantUnknown)?;
        Self::judge_reference(reference)?;
        let steps: &[Standing] = match own.standing {
            Standing::Admitted => &[Standing::Active, Standing::Closed],
            Standing::Active => &[Standing::Taking, Standing::Suspended],
            Standing::Taking => &[Standing::Active, Standing::Suspended, Standing::Closed],
            Standing::Suspended => &[Standing::Active, Standing::Taking, Standing::Closed],
            Standing::Closed => &[],
        };
        let may = self.step_in_default(who, to);
        if !may.unwrap_or_else(|| steps.contains(&to)) {
            return Err(Status::ActionInvalid);
        }
        if to != Standing::Closed {
            return Ok(());
        }
        if self.has_something(who) {
            return Err(Status::MemberNotEmpty);
        }
        let mut afterwards = own.clone();
        afterwards.standing = to;
        self.judge_last(who, &afterwards)
    }

    /// A participant stands elsewhere from here on; its accounts are woken.
    pub(super) fn stand(
        &mut self,
        who: ParticipantId,
        to: Standing,
        caused: &mut Caused,
    ) -> Result<(), Status> {
        self.member(who)?.standing = to;
        self.quotes.stirred = true;
        for place in self.money.of(who.0) {
            self.freed(place, caused);
        }
        Ok(())
    }

    fn is_agent_of_any(&self, who: ParticipantId) -> bool {
        self.money
            .currencies()
            .iter()
            .any(|currency| currency.agent == who)
    }

    /// What keeps a participant from being closed (PROTOCOL §28.3).
    fn has_something(&self, who: ParticipantId) -> bool {
        let party = |record: &Instruction| record.debtor.get() == who.0 || record.creditor.get() == who.0;
        for place in self.money.of(who.0) {
            let own = self.money.get(place);
            let held = own.is_some_and(|own| own.balance != 0 || own.reserved != 0);
            let owes = self.fees.owes(place) && self.default_of(who.0) != DefaultState::Confirmed;
            if held || owes || self.credits.has(place) {
                return true;
            }
        }
        let concerned = |paper: &Paper| party(&paper.record) || paper.approver() == Some(who.0);
        let waits = self.waits.values().any(|item| concerned(&item.paper));
        let set_aside = self.conditionals.values().any(|own| concerned(&own.paper));
        let asked = self.questions.values().any(|own| party(own.record()));
        let locked = self
            .locks
            .values()
            .any(|lock| lock.who == who || lock.deal.collector == Some(who.0));
        let collects = self.fees.has_collector(who) || self.is_agent_of_any(who);
        waits || set_aside || asked || locked || collects || self.quotes.has_of(who.0)
    }

    pub(super) fn judge_roles(&self, who: ParticipantId, roles: u8) -> Result<(), Status> {
        let own = self
            .members
            .get(who.0 as usize)
            .ok_or(Status::ParticipantUnknown)?;
        if self.is_agent_of_any(who) && roles & role::SETTLEMENT_AGENT == 0 {
            return Err(Status::MemberNotEmpty);
        }
        let mut afterwards = own.clone();
        afterwards.roles = roles;
        self.judge_last(who, &afterwards)
    }
}
