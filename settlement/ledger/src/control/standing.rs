//! Where members stand: admitted, active, suspended, closed; their roles, and who may not be locked out.
use causeway_message::action::{Action, DefaultState, ParticipantGrant, Standing, role};
use causeway_message::{KeyId, ParticipantId, Status, mutated};

use crate::apply::Ledger;
use crate::outcome::Outcome;
use crate::queue::Waiting;

impl Ledger {
    /// True if the participant takes part no more.
    pub(crate) fn is_closed(&self, who: ParticipantId) -> bool {
        let standing = self.registry.get(who).map(|own| own.standing);
        standing == Some(Standing::Closed)
    }

    /// That whom an action concerns takes part.
    pub(super) fn judge_closed(&self, who: ParticipantId, action: &Action) -> Result<(), Status> {
        match self.concerns(who, action).0 {
            Some(subject) if self.is_closed(subject) => Err(Status::CreditorClosed),
            _ => Ok(()),
        }
    }

    /// That a revocation leaves an operator in which two persons may decide.
    pub(super) fn judge_revocation(&self, who: ParticipantId, key: KeyId) -> Result<(), Status> {
        let lost = self.registry.locks_out(who, |own| {
            own.keys.entry(key).and_modify(|state| state.revoked = true);
        });
        if lost && self.rules >= 4 {
            Err(Status::KeyLast)
        } else {
            Ok(())
        }
    }

    pub(super) fn revoke_key(&mut self, who: ParticipantId, key: KeyId) -> Result<(), Status> {
        self.judge_revocation(who, key)?;
        let participant = self.registry.get_mut(who).ok_or(Status::ParticipantUnknown)?;
        let state = participant
            .keys
            .get_mut(&key)
            .filter(|k| !k.revoked)
            .ok_or(Status::KeyInvalid)?;
        state.revoked = true;
        Ok(())
    }

    /// Registers a participant with its accounts, not active yet.
    pub(super) fn admit(&mut self, grant: &ParticipantGrant) -> Result<(), Status> {
        let id = self.register(grant)?;
        self.stand(id, Standing::Admitted);
        Ok(())
    }

    /// A participant that is not active yet is activated, not reinstated; one that defaulted can only be closed.
    pub(super) fn judge_suspension(&self, who: ParticipantId) -> Result<(), Status> {
        match self.registry.get(who) {
            Some(own) if own.standing == Standing::Admitted || own.is_defaulted() => {
                Err(Status::ActionInvalid)
            }
            _ => Ok(()),
        }
    }

    pub(super) fn set_standing(
        &mut self,
        who: ParticipantId,
        suspended: bool,
        out: &mut Outcome,
    ) -> Result<(), Status> {
        self.judge_suspension(who)?;
        self.registry.get(who).ok_or(Status::ParticipantUnknown)?;
        let standing = if suspended {
            Standing::Suspended
        } else {
            Standing::Active
        };
        self.turn_to(who, standing, out);
        Ok(())
    }

    pub(super) fn judge_membership(
        &self,
        who: ParticipantId,
        standing: Standing,
        reference: &str,
    ) -> Result<(), Status> {
        let own = self.registry.get(who).ok_or(Status::ParticipantUnknown)?;
        let (now, default) = (own.standing, own.default);
        self.judge_reference(reference)?;
        let follows = match (now, standing) {
            (Standing::Closed, _) | (_, Standing::Admitted) => false,
            (Standing::Admitted, to) => matches!(to, Standing::Active | Standing::Closed),
            (Standing::Active, to) => matches!(to, Standing::Taking | Standing::Suspended),
            (from, to) => from != to,
        };
        let follows = match default {
            DefaultState::None => follows,
            DefaultState::Declared => follows && standing != Standing::Closed,
            DefaultState::Confirmed => now != Standing::Closed && standing == Standing::Closed,
        };
        if !follows {
            return Err(Status::ActionInvalid);
        }
        if standing != Standing::Closed {
            return Ok(());
        }
        if !self.is_empty(who) && !mutated!(ClosesNonEmpty) {
            return Err(Status::MemberNotEmpty);
        }
        if self
            .registry
            .locks_out(who, |own| own.standing = Standing::Closed)
        {
            return Err(Status::KeyLast);
        }
        Ok(())
    }

    pub(super) fn set_membership(
        &mut self,
        who: ParticipantId,
        standing: Standing,
        reference: &str,
        out: &mut Outcome,
    ) -> Result<(), Status> {
        self.judge_membership(who, standing, reference)?;
        self.turn_to(who, standing, out);
        Ok(())
    }

    fn stand(&mut self, who: ParticipantId, standing: Standing) {
        let Some(own) = self.registry.get_mut(who) else {
            return;
        };
        own.standing = standing;
        self.restate(who);
    }

    /// Puts into the accounts of a participant what its standing, holds and default say.
    pub(crate) fn restate(&mut self, who: ParticipantId) {
        let Some(own) = self.registry.get(who) else {
            return;
        };
        let (suspended, refuses, held) = (own.is_stopped(), own.refuses(), own.is_held());
        let accounts: Vec<u32> = self.accounts.of(who.0).collect();
        for id in accounts {
            let account = self.accounts.get_mut(id);
            (account.suspended, account.refuses, account.held) = (suspended, refuses, held);
        }
    }

    /// A participant stands elsewhere; what waits for it is looked at.
    fn turn_to(&mut self, who: ParticipantId, standing: Standing, out: &mut Outcome) {
        self.stand(who, standing);
        self.market.stirred = true;
        let accounts: Vec<u32> = self.accounts.of(who.0).collect();
        for id in accounts {
            self.credited(id, out);
        }
    }

    /// True if nothing of a participant is left in the ledger, and nothing waits for it. What waits is looked at only once
    /// all that is cheap to know is gone.
    fn is_empty(&self, who: ParticipantId) -> bool {
        // What a defaulted member owes of fees is a claim outside the ledger.
        let defaulted = self.default_of(who) == DefaultState::Confirmed;
        let has = |id: u32| {
            let owes = self.fees.of(id) != 0 && !defaulted;
            let account = self.accounts.get(id);
            let credit = self.accounts.credit.get(&id);
            let secured = credit.is_some_and(|own| own.limit != 0 || !own.assets.is_empty());
            account.balance != 0 || account.reserved != 0 || owes || secured
        };
        let carries = || self.accounts.books().iter().any(|book| book.agent == who);
        let collects = || self.fees.schedule.values().any(|grant| grant.collector == who);
        !(self.accounts.of(who.0).any(has) || carries() || collects() || self.waits_for(who))
    }

    /// True if something that waits, or is on offer, names a participant.
    fn waits_for(&self, who: ParticipantId) -> bool {
        let names = |waiting: &Waiting| {
            let (debtor, creditor) = (waiting.record.debtor.get(), waiting.record.creditor.get());
            let approves = waiting.is_conditional() && Self::approver(&waiting.extensions) == Some(who);
            debtor == who.0 || creditor == who.0 || approves
        };
        let now = self.time.seconds();
        let (quotes, locks) = (self.market.quotes.iter(), self.market.locks.values());
        let mut quotes = quotes.filter(|quote| quote.provider == who.0 && quote.expires > now);
        let mut locks = locks.filter(|lock| lock.asked.submitter == who || lock.collector == who);
        quotes.next().is_some()
            || locks.next().is_some()
            || self.questions.values().any(|own| names(&own.asked))
            || self.conditionals.values().any(|own| names(&own.payment))
            || self.queue.all().any(names)
    }

    pub(super) fn judge_roles(&self, who: ParticipantId, roles: u8) -> Result<(), Status> {
        self.registry.get(who).ok_or(Status::ParticipantUnknown)?;
        let carries = self.accounts.books().iter().any(|book| book.agent == who);
        if carries && roles & role::SETTLEMENT_AGENT == 0 {
            return Err(Status::MemberNotEmpty);
        }
        if self.registry.locks_out(who, |own| own.roles = roles) {
            return Err(Status::KeyLast);
        }
        Ok(())
    }

    pub(super) fn set_roles(&mut self, who: ParticipantId, roles: u8) -> Result<(), Status> {
        self.judge_roles(who, roles)?;
        let own = self.registry.get_mut(who).ok_or(Status::ParticipantUnknown)?;
        own.roles = roles;
        Ok(())
    }
}
