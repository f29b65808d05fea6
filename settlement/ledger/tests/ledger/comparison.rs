//! After every entry: what the ledger told and holds is what the model says, and what no model is needed for.
use causeway_message::Status;

use crate::model::{Answer, Fate, Payment};
use crate::side_by_side::{CODES, Pair, key, who};
use crate::support::id_of;

fn status_of(fate: Fate) -> Status {
    match fate {
        Fate::Settled => Status::Settled,
        Fate::Queued => Status::Queued,
        Fate::Expired => Status::Expired,
        Fate::DebtorSuspended => Status::DebtorSuspended,
        Fate::CreditorSuspended => Status::CreditorSuspended,
        Fate::Insufficient => Status::InsufficientLiquidity,
        Fate::AmountZero => Status::AmountZero,
        Fate::SameParty => Status::SameParty,
        Fate::IdReused => Status::IdReused,
    }
}

impl Pair {
    /// Without the model: a payment that settles came after all that settled in its account before.
    pub fn in_order(&mut self, payment: &Payment) {
        let origin = self.origins[&key(payment.debtor, payment.id)];
        let before = self.settled.insert((payment.debtor, payment.currency), origin);
        assert!(
            before.is_none_or(|before| before < origin),
            "a payment overtook another of its account"
        );
    }

    /// The entry is over on both sides: answers, details, effects and balances must be the same.
    pub fn compare(&mut self, answers: &[Answer]) {
        self.model.end();
        let outcome = &self.world.last().outcome;
        if !answers.is_empty() {
            let found: Vec<_> = outcome
                .answers
                .iter()
                .map(|a| (a.status(), a.queue_position.get()))
                .collect();
            let told: Vec<_> = answers
                .iter()
                .map(|a| (Some(status_of(a.fate)), a.position))
                .collect();
            assert_eq!(found, told, "answers");
            let found: Vec<i128> = outcome.details.iter().map(|d| d.balance.get()).collect();
            let told: Vec<i128> = answers
                .iter()
                .filter(|a| a.replayed || a.balance.is_some())
                .map(|a| a.balance.unwrap_or(0))
                .collect();
            assert_eq!(found, told, "balances in details");
        }
        let found: Vec<_> = outcome
            .deferred
            .iter()
            .map(|d| (d.submitter, d.record.id(), d.status))
            .collect();
        let name = |id| id_of(&format!("payment {id}"));
        let told: Vec<_> = self
            .model
            .effects
            .iter()
            .map(|(debtor, id, fate)| (who(*debtor), name(*id), status_of(*fate)))
            .collect();
        assert_eq!(found, told, "effects");
        for d in outcome.deferred.iter().filter(|d| d.status == Status::Settled) {
            let currency = CODES.iter().position(|code| *code == d.record.currency.get());
            let place = (
                d.record.debtor.get() as usize - 3,
                currency.expect("a known currency"),
            );
            let before = self.settled.insert(place, (d.entry, d.ordinal));
            assert!(
                before.is_none_or(|before| before < (d.entry, d.ordinal)),
                "an effect overtook another"
            );
        }
        self.compare_accounts();
    }

    fn compare_accounts(&mut self) {
        let mut sums = [0; CODES.len()];
        for (&(bank, currency), account) in &self.model.accounts {
            let found = self.world.ledger.balances(who(bank), CODES[currency]);
            let line = &found.lines[0];
            let queued = self.model.queue((bank, currency)).count() as u32;
            let value: i128 = self
                .model
                .queue((bank, currency))
                .map(|p| i128::from(p.amount))
                .sum();
            assert_eq!(
                (line.balance, line.reserved),
                (account.balance, account.reserved),
                "{bank} {currency}"
            );
            assert_eq!(
                (line.queued, line.queued_value),
                (queued, value),
                "{bank} {currency}"
            );
            assert_eq!(i128::from(line.cap), account.cap);
            // A cap below present use moves nothing: the account is below it until it is paid.
            if line.balance >= -account.cap {
                self.lowered.remove(&(bank, currency));
            } else {
                assert!(
                    self.lowered.contains(&(bank, currency)),
                    "an account passed its cap"
                );
            }
            sums[currency] += line.balance;
        }
        assert_eq!(sums, self.issued, "money was made or lost");
    }
}
