//! What participants were told, from the first answer to the last balance.
use std::collections::BTreeMap;

use causeway_message::ParticipantId;
use causeway_message::wire::BalanceLine;

use super::differs;
use crate::books::{Followed, Later};
use crate::drive::agree::Agreed;
use crate::drive::bank::{Kept, Seen};
use crate::error::Failure;
use crate::world::FIRST_BANK;

/// What participants were told.
#[derive(Debug, Default)]
pub struct Told {
    /// What its bank was shown of each entry that one submitted.
    pub entries: BTreeMap<u64, Seen>,
    /// Balances at the end, of those who were asked.
    pub balances: Vec<(ParticipantId, Vec<BalanceLine>)>,
    /// Not all participants were asked.
    pub some: bool,
    /// The log entry after which all balances stand; none if they do not stand after one.
    pub at: Option<u64>,
    /// What feeds settled behind the answers, of all banks; none if they were not followed.
    pub followed: Option<Followed>,
    /// Payments answered.
    pub(super) payments: u64,
    /// An entry that two answers name.
    pub(super) twice: Option<u64>,
}

impl Told {
    /// What banks kept, less what only the auditor needs, and what those said who do not submit.
    pub fn new(kept: &mut [Kept], agreed: Agreed) -> Self {
        let mut told = Self {
            at: agreed.at,
            some: agreed.others.is_none(),
            followed: Some(Followed::default()),
            ..Self::default()
        };
        for kept in kept {
            kept.seen.iter().for_each(|seen| told.see(seen.clone()));
            let who = ParticipantId(FIRST_BANK + kept.bank as u32);
            told.balances.push((who, kept.balances.clone()));
            told.follow(kept.followed.take());
        }
        let others = agreed.others.into_iter().flatten();
        told.balances
            .extend(others.map(|(who, balances)| (who, balances.lines)));
        told
    }

    /// Takes what a feed told. Each entry holds one bank's records, so that none is told by two.
    fn follow(&mut self, followed: Option<Followed>) {
        let (Some(all), Some(followed)) = (&mut self.followed, followed) else {
            self.followed = None;
            return;
        };
        all.later.extend(followed.later);
        for (account, amount) in followed.exchanged {
            *all.exchanged.entry(account).or_default() += amount;
        }
    }

    /// Takes what a bank was shown of a batch.
    pub(super) fn see(&mut self, seen: Seen) {
        self.payments += u64::from(seen.records);
        let index = seen.index;
        if self.entries.insert(index, seen).is_some() {
            self.twice.get_or_insert(index);
        }
    }

    /// What the feed settled of the records of an entry.
    pub(super) fn later(&self, index: u64) -> Option<&Later> {
        self.followed.as_ref()?.later.get(&index)
    }

    /// Records that feeds settled.
    pub(super) fn settled_later(&self) -> u64 {
        let followed = self.followed.iter().flat_map(|followed| followed.later.values());
        followed.map(|later| u64::from(later.count)).sum()
    }

    /// The entry whose balances were told is in the log.
    pub(super) fn is_reached(&self, last: u64) -> Result<(), Failure> {
        match self.at.filter(|at| *at > last) {
            None => Ok(()),
            Some(at) => Err(differs(format!(
                "balances were told as of log entry {at}, the log ends with {last}"
            ))),
        }
    }

    /// An entry holds one batch, and the log holds every batch that was answered.
    pub(super) fn is_whole(&self, found: usize) -> Result<(), Failure> {
        if let Some(index) = self.twice {
            return Err(differs(format!(
                "log entry {index}: two batches were answered as this entry"
            )));
        }
        if found == self.entries.len() {
            return Ok(());
        }
        Err(differs(format!(
            "banks had answers to {} entries, the log holds {found} of them",
            self.entries.len()
        )))
    }
}
