//! Completeness: nothing that had to be seen is missing. And what must hold of the books at any time.
use causeway_message::ParticipantId;

use crate::audit::Auditor;
use crate::audit::fault::{Fault, Rule, hold, same};

impl Auditor {
    /// Demands that each of these participants was seen to get every event up to an entry.
    ///
    /// # Errors
    /// Names the first that is missing.
    pub fn complete(&self, upto: u64, readers: &[ParticipantId]) -> Result<(), Fault> {
        for who in readers {
            let missing = self
                .unseen
                .get(who)
                .and_then(|unseen| unseen.range(..=upto).next());
            hold(missing.is_none(), Rule::FeedUnseen, || {
                format!("participant {who} was not told of log entry {missing:?}")
            })?;
        }
        Ok(())
    }

    /// Demands that every batch of these participants up to an entry was seen to be answered.
    ///
    /// # Errors
    /// Names the first that is missing.
    pub fn answered(&self, upto: u64, submitters: &[ParticipantId]) -> Result<(), Fault> {
        for (entry, who) in self.unanswered.range(..=upto) {
            hold(!submitters.contains(who), Rule::AnswerUnseen, || {
                format!("participant {who} was not answered for log entry {entry}")
            })?;
        }
        Ok(())
    }

    /// Demands what must hold of the books after any entry, of every account. The tally looks after each entry at
    /// what that entry touched; this looks at everything.
    ///
    /// # Errors
    /// Names the first that does not hold.
    pub fn invariants(&self) -> Result<(), Fault> {
        let (money, at) = (self.model.money(), self.chain.index);
        for currency in money.currencies() {
            let accounts = money.all().filter(|(place, _)| place.1 == currency.code);
            let sum: i128 = accounts.map(|(_, account)| account.balance).sum();
            same(Rule::Conservation, &0, &(sum + currency.liability), || {
                format!("model, currency {} after log entry {at}", currency.code)
            })?;
        }
        let set_aside = self.model.set_aside();
        for (place, account) in money.all() {
            let own = set_aside.get(place).copied().unwrap_or(0);
            same(Rule::Reservations, &own, &account.reserved, || {
                format!("model, account {place:?}")
            })?;
            let waiting = self.model.queue_of(*place);
            // Only an amendment, or a hold that ended, puts one behind those that came later.
            let in_order = waiting.windows(2).all(|pair| pair[0].0 < pair[1].0);
            hold(self.model.rules() > 1 || in_order, Rule::QueueOrder, || {
                format!("model, account {place:?}")
            })?;
            let line = self.line(ParticipantId(place.0), place.1).unwrap_or_default();
            let value: i128 = waiting.iter().map(|(_, amount)| i128::from(*amount)).sum();
            let queued = (waiting.len(), value);
            same(
                Rule::EffectsExplainState,
                &queued,
                &(line.queued as usize, line.queued_value),
                || format!("model, account {place:?}"),
            )?;
            self.explain_one(*place, at)?;
        }
        self.tally.whole(at)
    }
}
