//! What is kept of a plan: first by the order of the queues, then by funds.
use causeway_message::record::Priority;
use causeway_message::{InstructionId, ParticipantId, mutated};

use super::Ends;
use super::row::Row;
use crate::account::NONE;
use crate::apply::Ledger;
use crate::queue::Origin;

/// An instruction that the plan names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named {
    pub ends: Ends,
    pub amount: u64,
    pub class: Priority,
    /// Where it stands in its account's queue: before all of its class with a higher one.
    rank: i64,
    /// Its item, [`NONE`] for one that fell out.
    item: u32,
    /// Row of the debtor, and its place there.
    row: u32,
    at: u32,
    /// Row of the creditor, [`NONE`] if nothing of the plan debits that.
    into: u32,
}

/// What settles whole.
#[derive(Debug, Clone, Copy)]
struct Item {
    origin: Origin,
    kept: bool,
    /// Where its instructions stand in [`Draft::members`].
    from: u32,
    to: u32,
}

impl Item {
    const fn members(self) -> std::ops::Range<usize> {
        self.from as usize..self.to as usize
    }
}

/// What settles: instructions, and where those of each item end, in the order in which items came.
#[derive(Debug, Default)]
pub(super) struct Settling {
    pub ends: Vec<Ends>,
    pub items: Vec<u32>,
}

impl Settling {
    /// The instructions of each item, from one item on.
    pub fn items(&self, first: usize) -> impl Iterator<Item = &[Ends]> + '_ {
        let mut from = first
            .checked_sub(1)
            .map_or(0, |before| self.items[before] as usize);
        self.items[first..].iter().map(move |to| {
            let own = &self.ends[from..*to as usize];
            from = *to as usize;
            own
        })
    }
}

/// A plan as far as it is judged.
#[derive(Debug, Default)]
pub(super) struct Draft {
    named: Vec<Named>,
    items: Vec<Item>,
    /// Places in `named` of the instructions of items, item by item.
    members: Vec<u32>,
    rows: Vec<Row>,
}

impl Draft {
    /// Of what a plan names, what may settle at all, by item.
    pub fn of(ledger: &Ledger, keys: &[(ParticipantId, InstructionId)]) -> Self {
        let mut draft = Self::default();
        let mut places: Vec<u32> = keys.iter().filter_map(|key| ledger.plannable(*key)).collect();
        // In this order the sides of a trade, and the parts of a chain, are found by their places.
        places.sort_unstable();
        let named = places.iter().filter_map(|place| {
            let waiting = ledger.queue.get(*place)?;
            Some(Named {
                ends: Ends {
                    place: *place,
                    debtor: waiting.debtor,
                    creditor: waiting.creditor,
                },
                amount: waiting.amount(),
                class: waiting.class,
                rank: waiting.rank,
                item: NONE,
                row: NONE,
                at: 0,
                into: NONE,
            })
        });
        draft.named = named.collect();
        for (at, place) in places.iter().enumerate() {
            draft.add_item(ledger, at as u32, *place, &places);
        }
        draft.line_up(ledger);
        draft
    }

    fn add_item(&mut self, ledger: &Ledger, at: u32, place: u32, places: &[u32]) {
        let Some(waiting) = ledger.queue.get(place) else {
            return;
        };
        let from = self.members.len();
        let mut origin = waiting.origin();
        if let Some(chain) = waiting.chain {
            let together = ledger.queue.together(place);
            if together.first() != Some(&place) {
                return;
            }
            origin = chain;
            let found = together
                .iter()
                .map(|place| places.binary_search(place).map(|at| at as u32));
            self.members.extend(found.filter_map(Result::ok));
            if self.members.len() - from < together.len() && !mutated!(PlanHalvesTrades) {
                self.members.truncate(from);
                return;
            }
        } else {
            self.members.push(at);
        }
        for at in &self.members[from..] {
            self.named[*at as usize].item = self.items.len() as u32;
        }
        self.items.push(Item {
            origin,
            kept: true,
            from: from as u32,
            to: self.members.len() as u32,
        });
    }

    /// Makes a row of what is named in each account's queue.
    fn line_up(&mut self, ledger: &Ledger) {
        let mut order: Vec<u32> = (0..self.named.len() as u32)
            .filter(|at| self.named[*at as usize].item != NONE)
            .collect();
        order.sort_unstable_by_key(|at| {
            let named = &self.named[*at as usize];
            (named.ends.debtor, std::cmp::Reverse(named.class), named.rank)
        });
        for at in order {
            let debtor = self.named[at as usize].ends.debtor;
            if self.rows.last().is_none_or(|row| row.account != debtor) {
                self.rows.push(Row::of(ledger, debtor));
            }
            let row = self.rows.len() as u32 - 1;
            if let Some(last) = self.rows.last_mut() {
                let named = &mut self.named[at as usize];
                (named.row, named.at) = (row, last.line.len() as u32);
                last.line.push(at);
            }
        }
        for named in &mut self.named {
            let found = self
                .rows
                .binary_search_by_key(&named.ends.creditor, |row| row.account);
            named.into = found.map_or(NONE, |row| row as u32);
        }
    }

    /// What settles.
    pub fn settling(mut self, ledger: &Ledger) -> Settling {
        if !mutated!(PlanBypasses) {
            self.keep_order(ledger);
        }
        self.keep_funds(ledger);
        let mut kept: Vec<Item> = self.items.iter().copied().filter(|item| item.kept).collect();
        kept.sort_unstable_by_key(|item| item.origin);
        let mut settling = Settling::default();
        for item in kept {
            let members = self.members[item.members()].iter();
            let ends = members.map(|at| self.named[*at as usize].ends);
            settling.ends.extend(ends);
            settling.items.push(settling.ends.len() as u32);
        }
        settling
    }

    /// Keeps what has nothing before it that is not kept.
    fn keep_order(&mut self, ledger: &Ledger) {
        let mut falls = Vec::new();
        for row in &mut self.rows {
            let place = |at: u32| self.named[at as usize].ends.place;
            let class = |at: u32| self.named[at as usize].class;
            let from = row.begin(ledger, place, class);
            let fallen = row.line.split_off(from);
            falls.extend(fallen.into_iter().map(|at| self.named[at as usize].item));
        }
        while let Some(item) = falls.pop() {
            let Some(item) = self.items.get_mut(item as usize).filter(|item| item.kept) else {
                continue;
            };
            item.kept = false;
            for at in &self.members[item.members()] {
                let named = self.named[*at as usize];
                let row = &mut self.rows[named.row as usize];
                let class = |at: u32| self.named[at as usize].class;
                let from = row.lose(named.at as usize, named.class, class);
                let fallen = row.line.split_off(from);
                falls.extend(fallen.into_iter().map(|at| self.named[at as usize].item));
            }
        }
    }

    /// Keeps what leaves no account short.
    fn keep_funds(&mut self, ledger: &Ledger) {
        for row in &mut self.rows {
            row.line.retain(|at| {
                let item = self.named[*at as usize].item;
                self.items[item as usize].kept
            });
            for (place, at) in row.line.iter().enumerate() {
                self.named[*at as usize].at = place as u32;
            }
        }
        for item in 0..self.items.len() {
            if self.items[item].kept {
                for member in self.items[item].members() {
                    self.count(ledger, self.members[member], 1);
                }
            }
        }
        let mut look: Vec<u32> = (0..self.rows.len() as u32).collect();
        while let Some(row) = look.pop() {
            while self.rows[row as usize].is_short(ledger) {
                let length = self.rows[row as usize].line.len();
                if length == 0 {
                    break;
                }
                self.cut(ledger, row, length - 1, &mut look);
            }
        }
    }

    /// Cuts a row, and every row in which that takes something out.
    fn cut(&mut self, ledger: &Ledger, row: u32, length: usize, look: &mut Vec<u32>) {
        let mut cuts = vec![(row, length)];
        while let Some((row, length)) = cuts.pop() {
            while self.rows[row as usize].line.len() > length {
                let Some(at) = self.rows[row as usize].line.pop() else {
                    break;
                };
                let item = self.named[at as usize].item as usize;
                if !std::mem::take(&mut self.items[item].kept) {
                    continue;
                }
                for member in self.items[item].members() {
                    let at = self.members[member];
                    self.count(ledger, at, -1);
                    let named = &self.named[at as usize];
                    cuts.push((named.row, named.at as usize));
                    look.extend([named.row, named.into].into_iter().filter(|row| *row != NONE));
                }
            }
        }
    }

    /// Counts an instruction in the rows of both its accounts, or takes it out of them.
    fn count(&mut self, ledger: &Ledger, at: u32, sign: i128) {
        let named = self.named[at as usize];
        let amount = sign * i128::from(named.amount);
        let party = |account: u32| ledger.accounts.get(account).participant;
        self.rows[named.row as usize].debit(ledger, named.class, party(named.ends.creditor), amount);
        if let Some(into) = self.rows.get_mut(named.into as usize) {
            into.credit(ledger, party(named.ends.debtor), amount);
        }
    }
}
