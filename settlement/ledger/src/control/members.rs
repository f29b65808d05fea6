//! Members: registration, accounts, caps, keys, currencies.
use causeway_fx::Currency;
use causeway_message::action::{AccountGrant, ParticipantGrant};
use causeway_message::{ParticipantId, Status};

use crate::apply::Ledger;
use crate::outcome::Outcome;

impl Ledger {
    /// Checks a registration without making it.
    pub(super) fn judge_registration(&self, grant: &ParticipantGrant) -> Result<(), Status> {
        grant
            .accounts
            .iter()
            .try_for_each(|account| self.judge_currency(account.currency))?;
        self.registry.check(grant)?;
        for (i, account) in grant.accounts.iter().enumerate() {
            if grant
                .accounts
                .iter()
                .take(i)
                .any(|other| other.currency == account.currency)
            {
                return Err(Status::AccountExists);
            }
        }
        Ok(())
    }

    pub(crate) fn judge_currency(&self, currency: u16) -> Result<(), Status> {
        match (self.accounts.book(currency), Currency::from_numeric(currency)) {
            (Some(_), _) => Ok(()),
            (None, Some(_)) => Err(Status::CurrencyNotOpen),
            (None, None) => Err(Status::CurrencyUnknown),
        }
    }

    /// Registers a participant with its accounts; all or nothing.
    pub(crate) fn register(&mut self, grant: &ParticipantGrant) -> Result<ParticipantId, Status> {
        self.judge_registration(grant)?;
        let id = self.registry.register(grant)?;
        for account in &grant.accounts {
            let opened = self.accounts.open(id.0, account.currency, account.cap);
            assert!(opened.is_some(), "a judged account opens");
        }
        Ok(id)
    }

    pub(super) fn open_account(&mut self, who: ParticipantId, account: &AccountGrant) -> Result<(), Status> {
        self.judge_currency(account.currency)?;
        let owner = self.registry.get(who).ok_or(Status::ParticipantUnknown)?;
        let (suspended, refuses, held) = (owner.is_stopped(), owner.refuses(), owner.is_held());
        let opened = self.accounts.open(who.0, account.currency, account.cap);
        let own = self.accounts.get_mut(opened.ok_or(Status::AccountExists)?);
        (own.suspended, own.refuses, own.held) = (suspended, refuses, held);
        Ok(())
    }

    /// The account of a participant in a currency.
    pub(crate) fn account_of(&self, who: ParticipantId, currency: u16) -> Result<u32, Status> {
        self.judge_currency(currency)?;
        self.registry.get(who).ok_or(Status::ParticipantUnknown)?;
        let book = self.accounts.book(currency).ok_or(Status::CurrencyNotOpen)?;
        self.accounts.find(who.0, book).ok_or(Status::AccountMissing)
    }

    pub(super) fn set_cap(
        &mut self,
        who: ParticipantId,
        account: &AccountGrant,
        out: &mut Outcome,
    ) -> Result<(), Status> {
        let id = self.account_of(who, account.currency)?;
        self.accounts.set_granted_cap(id, account.cap);
        self.credited(id, out);
        Ok(())
    }

    pub(super) fn open_currency(&mut self, currency: u16, agent: ParticipantId) -> Result<(), Status> {
        Currency::from_numeric(currency).ok_or(Status::CurrencyUnknown)?;
        self.registry.get(agent).ok_or(Status::ParticipantUnknown)?;
        if self.accounts.open_book(currency, agent) {
            Ok(())
        } else {
            Err(Status::AccountExists)
        }
    }
}
