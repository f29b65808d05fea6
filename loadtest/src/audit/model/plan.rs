//! Netting (PROTOCOL §25): what is kept of a plan, and how it settles together. The same is asked of all that is left
//! until nothing falls out any more, and every sum is made anew each time.
use std::collections::{BTreeMap, BTreeSet};

use causeway_message::plan::Plan;
use causeway_message::record::Kind;
use causeway_message::{ParticipantId, Status};

use super::classes::{Spot, Waiting};
use super::{Caused, Key, Model, Origin, Place};

/// Payments, chains and trades that are kept, by their first instruction: they settle in this order.
type Items = BTreeMap<Origin, Vec<Waiting>>;

/// What waits in the queues of accounts, the next to go first, with the classes.
type Queues = BTreeMap<Place, Vec<(Origin, u8)>>;

fn instructions(items: &Items) -> impl Iterator<Item = &Waiting> {
    items.values().flatten()
}

fn origins(items: &Items) -> BTreeSet<Origin> {
    instructions(items).map(|item| item.origin).collect()
}

fn debited(items: &Items) -> BTreeSet<Place> {
    instructions(items).map(Waiting::place).collect()
}

/// The account that an instruction credits.
const fn credited(item: &Waiting) -> Place {
    (item.creditor(), item.place().1)
}

fn sum<'a>(all: impl Iterator<Item = &'a Waiting>) -> i128 {
    all.map(|item| i128::from(item.amount())).sum()
}

impl Model {
    /// What the rules allow of a plan settles; the rest stays where it is.
    pub(super) fn settle_plan(&mut self, plan: &Plan, caused: &mut Caused) {
        if !self.is_third() || self.budget < 2 * plan.instructions.len() {
            return;
        }
        let mut items = self.items_of(plan);
        let queues = self.queues_of(&items);
        self.keep_in_order(&mut items, &queues);
        self.keep_funded(&mut items, &queues);
        for item in items.values() {
            self.settle_planned(item, caused);
        }
        for item in instructions(&items) {
            self.wake(credited(item));
        }
        for item in instructions(&items) {
            self.wake(item.place());
        }
    }

    /// Items of which every instruction is named, and that may settle at all.
    fn items_of(&self, plan: &Plan) -> Items {
        let named: BTreeSet<Key> = plan.instructions.iter().copied().collect();
        let mut items = Items::new();
        for key in &named {
            let Some(origin) = self.waiting_of(*key).map(|item| item.origin) else {
                continue;
            };
            let all = self.chain_of(origin);
            let whole = all.iter().all(|item| named.contains(&item.key()));
            if whole && self.may_be_planned(&all) {
                items.insert(all[0].origin, all);
            }
        }
        items
    }

    fn may_be_planned(&self, all: &[Waiting]) -> bool {
        let stopped = |who: u32| self.is_suspended(who) || self.is_held(who);
        let may = |item: &Waiting| {
            let kind = Kind::from_number(item.record().kind);
            item.spot == Spot::Queue
                && !matches!(kind, Some(Kind::Conditional | Kind::FxPayment))
                && !self.days.is_closed(item.place().1)
                && !stopped(item.place().0)
                && self.judge_payee(item.creditor()).is_ok()
                && !self.is_held(item.creditor())
                && !self.risk.is_tested(item.place().0)
        };
        let ready = all
            .iter()
            .all(|item| !item.is_trade() || item.links.len() == 2 && self.is_ready(item));
        !self.is_over(all) && ready && all.iter().all(may)
    }

    /// The queues that items stand in.
    fn queues_of(&self, items: &Items) -> Queues {
        let of = |place: Place| {
            let all = self.queue_of(place).into_iter();
            let with_class = all.filter_map(|(origin, _)| Some((origin, self.waits.get(&origin)?.class)));
            (place, with_class.collect())
        };
        debited(items).into_iter().map(of).collect()
    }

    /// Keeps items before which nothing stands, in any of their queues, that is not kept.
    fn keep_in_order(&self, items: &mut Items, queues: &Queues) {
        loop {
            let kept = origins(items);
            let before = items.len();
            items.retain(|_, all| all.iter().all(|item| self.passes_nothing(item, queues, &kept)));
            if items.len() == before {
                return;
            }
        }
    }

    fn passes_nothing(&self, item: &Waiting, queues: &Queues, kept: &BTreeSet<Origin>) -> bool {
        let place = item.place();
        let bypass = self.bypass.contains(&place);
        let queue = queues.get(&place).map_or(&[] as &[_], Vec::as_slice);
        let ahead = queue.iter().take_while(|(origin, _)| *origin != item.origin);
        ahead
            .filter(|(_, class)| !bypass || *class > item.class)
            .all(|(origin, _)| kept.contains(origin))
    }

    /// While an account is short, the last of its row falls.
    fn keep_funded(&self, items: &mut Items, queues: &Queues) {
        let kept = origins(items);
        let row = |queue: &Vec<(Origin, u8)>| -> Vec<Origin> {
            let all = queue.iter().map(|(origin, _)| *origin);
            all.filter(|origin| kept.contains(origin)).collect()
        };
        let rows: BTreeMap<Place, Vec<Origin>> =
            queues.iter().map(|(place, queue)| (*place, row(queue))).collect();
        loop {
            let short = debited(items)
                .into_iter()
                .find(|place| self.is_short(*place, items));
            let Some(place) = short else { return };
            let left = origins(items);
            let last = rows[&place].iter().rfind(|origin| left.contains(origin));
            let Some(last) = last else { return };
            self.fall(*last, items, &rows);
        }
    }

    /// An instruction falls, and with it its item, and all that stands after that in each of its rows.
    fn fall(&self, last: Origin, items: &mut Items, rows: &BTreeMap<Place, Vec<Origin>>) {
        let mut falling = vec![last];
        while let Some(origin) = falling.pop() {
            let first = self.waits.get(&origin).and_then(|item| item.links.first());
            let fallen = first.and_then(|first| items.remove(first));
            for item in fallen.iter().flatten() {
                let row = rows[&item.place()].iter();
                falling.extend(row.skip_while(|other| **other != item.origin).skip(1));
            }
        }
    }

    /// True if what is kept needs more of an account than it has, or more than a sender limit of it allows.
    fn is_short(&self, place: Place, items: &Items) -> bool {
        let debits = || instructions(items).filter(|item| item.place() == place);
        let credits = || instructions(items).filter(|item| credited(item) == place);
        let out = |class: u8| sum(debits().filter(|item| item.class == class));
        let available = self
            .money
            .get(place)
            .map_or(0, super::account::Account::available);
        let room = available + sum(credits());
        let needs = |class: u8| {
            let own: i128 = (class..=2).map(out).sum();
            let left = |higher: u8| i128::from(self.reservations.left(place, higher)) - out(higher);
            let kept: i128 = (class + 1..=2).map(|higher| left(higher).max(0)).sum();
            own + kept
        };
        if (0..=2).any(|class| out(class) > 0 && needs(class) > room) {
            return true;
        }
        self.limits.rooms(place).into_iter().any(|(against, room)| {
            let counts = |whom: u32| self.limits.against(place, whom) == Some((place, against));
            let normal = debits().filter(|item| item.class == 0 && counts(item.creditor()));
            let back = credits().filter(|item| counts(item.place().0));
            let normal = sum(normal);
            normal > 0 && normal - sum(back) > room
        })
    }

    /// An item settles as in its turn; nobody is woken yet.
    fn settle_planned(&mut self, all: &[Waiting], caused: &mut Caused) {
        let before = self.effects;
        let trade = all.iter().any(Waiting::is_trade);
        if trade {
            self.end_questions_about(all, caused);
        }
        for item in all {
            self.take(item.origin);
        }
        for item in all {
            let (place, amount) = (item.place(), item.amount());
            self.reservations.take(place, item.class, amount);
            if item.class == 0 {
                self.limits.count(place, item.creditor(), i128::from(amount));
            }
            self.post(place, item.creditor(), amount, item.record().kind);
        }
        for (item, other) in all.iter().zip(all.iter().rev()) {
            if trade {
                let moved = (item.amount(), other.amount());
                self.tell_side(item, Status::Settled, moved, caused);
            } else {
                self.tell_later(item, Status::Settled, item.amount(), caused);
            }
        }
        self.spend(all.len().max(self.effects - before));
    }

    /// Instructions that wait, in queues or outside: submitter and id, in the order in which they came.
    pub fn waits(&self) -> impl Iterator<Item = (ParticipantId, causeway_message::InstructionId)> + '_ {
        self.waits.values().map(Waiting::key)
    }
}
