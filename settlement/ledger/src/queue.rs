//! Payments that wait: one slab, and a first-in-first-out list for each account threaded through it.
use causeway_message::ParticipantId;
use causeway_message::record::Instruction;

use crate::account::{Accounts, NONE};

/// A payment that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub record: Instruction,
    pub extensions: Box<[u8]>,
    pub submitter: ParticipantId,
    pub entry: u64,
    pub ordinal: u16,
    pub debtor: u32,
    pub creditor: u32,
    next: u32,
    prev: u32,
}

impl Waiting {
    pub fn new(
        record: &Instruction,
        extensions: &[u8],
        submitter: ParticipantId,
        origin: (u64, u16),
        accounts: (u32, u32),
    ) -> Self {
        Self {
            record: *record,
            extensions: extensions.into(),
            submitter,
            entry: origin.0,
            ordinal: origin.1,
            debtor: accounts.0,
            creditor: accounts.1,
            next: NONE,
            prev: NONE,
        }
    }
}

/// All payments that wait.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    slab: Vec<Option<Waiting>>,
    free: Vec<u32>,
    len: u32,
}

impl Queue {
    pub const fn len(&self) -> u32 {
        self.len
    }

    pub fn get(&self, place: u32) -> Option<&Waiting> {
        self.slab.get(place as usize)?.as_ref()
    }

    /// Puts a payment at the end of its debtor's queue; returns its place.
    pub fn push(&mut self, accounts: &mut Accounts, mut waiting: Waiting) -> u32 {
        let place = self.free.pop().unwrap_or(self.slab.len() as u32);
        let account = accounts.get_mut(waiting.debtor);
        let last = account.queue_tail;
        waiting.prev = last;
        waiting.next = NONE;
        account.queue_tail = place;
        account.queued += 1;
        if last == NONE {
            account.queue_head = place;
        } else if let Some(Some(last)) = self.slab.get_mut(last as usize) {
            last.next = place;
        }
        match self.slab.get_mut(place as usize) {
            Some(slot) => *slot = Some(waiting),
            None => self.slab.push(Some(waiting)),
        }
        self.len += 1;
        place
    }

    /// Takes a payment out of its queue, wherever it stands.
    pub fn remove(&mut self, accounts: &mut Accounts, place: u32) -> Option<Waiting> {
        let waiting = self.slab.get_mut(place as usize)?.take()?;
        let account = accounts.get_mut(waiting.debtor);
        account.queued -= 1;
        match waiting.prev {
            NONE => account.queue_head = waiting.next,
            prev => self.link(prev, |w| w.next = waiting.next),
        }
        match waiting.next {
            NONE => accounts.get_mut(waiting.debtor).queue_tail = waiting.prev,
            next => self.link(next, |w| w.prev = waiting.prev),
        }
        self.free.push(place);
        self.len -= 1;
        Some(waiting)
    }

    fn link(&mut self, place: u32, change: impl FnOnce(&mut Waiting)) {
        if let Some(Some(waiting)) = self.slab.get_mut(place as usize) {
            change(waiting);
        }
    }

    /// The payments of one account's queue, head first.
    pub fn of<'a>(&'a self, accounts: &Accounts, account: u32) -> impl Iterator<Item = &'a Waiting> {
        let mut at = accounts.get(account).queue_head;
        std::iter::from_fn(move || {
            let waiting = self.get(at)?;
            at = waiting.next;
            Some(waiting)
        })
    }
}
