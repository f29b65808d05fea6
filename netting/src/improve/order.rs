//! Which items may come and go so that priority holds everywhere, and arrival where nobody opted in.
use crate::case::Case;
use crate::chosen::Chosen;

/// How far each queue has settled.
#[derive(Debug, Clone)]
pub(crate) struct Order<'a> {
    case: &'a Case,
    /// Unsettled items of each class.
    left: Vec<[u32; 3]>,
    settled: Vec<[u32; 3]>,
}

impl<'a> Order<'a> {
    pub fn new(case: &'a Case, chosen: &Chosen) -> Self {
        let queues = case.queues() as usize;
        let mut order = Self {
            case,
            left: vec![[0; 3]; queues],
            settled: vec![[0; 3]; queues],
        };
        for queue in 0..case.queues() {
            for (place, entry) in case.queue_entries(queue).iter().enumerate() {
                let class = case.class_at(queue, place as u32) as usize;
                let counts = if chosen.contains(entry.item) {
                    &mut order.settled
                } else {
                    &mut order.left
                };
                counts[queue as usize][class] += 1;
            }
        }
        order
    }

    /// True if items of a class may pass each other in a queue.
    pub fn passes(&self, queue: u32) -> bool {
        self.case.accounts[queue as usize].bypass && self.case.tests_of(queue).is_none()
    }

    /// True if an item that is not chosen may be.
    pub fn may_come(&self, item: u32) -> bool {
        self.case.queues_of(item).all(|queue| {
            let at = queue as usize;
            if self.passes(queue) {
                let class = self.case.class_in(item, queue) as usize;
                return self.left[at][..class].iter().all(|left| *left == 0);
            }
            let first = self.settled[at].iter().sum::<u32>();
            self.case
                .queue_entries(queue)
                .get(first as usize)
                .is_some_and(|entry| entry.item == item)
        })
    }

    /// True if a chosen item may be left out, in queues in which items pass.
    pub fn may_go(&self, item: u32) -> bool {
        self.case.queues_of(item).all(|queue| {
            let class = self.case.class_in(item, queue) as usize;
            self.passes(queue)
                && self.settled[queue as usize][class + 1..]
                    .iter()
                    .all(|settled| *settled == 0)
        })
    }

    /// True if a chosen item is of the class in which each of its queues has got to: one that may go without anything
    /// that may come being in its way.
    pub fn at_front(&self, item: u32) -> bool {
        self.case.queues_of(item).all(|queue| {
            let (left, settled) = (&self.left[queue as usize], &self.settled[queue as usize]);
            let front = left.iter().position(|left| *left > 0);
            let front = front.or_else(|| settled.iter().rposition(|settled| *settled > 0));
            self.passes(queue) && front == Some(self.case.class_in(item, queue) as usize)
        })
    }

    pub fn note(&mut self, item: u32, chosen: bool) {
        for queue in self.case.queues_of(item) {
            let class = self.case.class_in(item, queue) as usize;
            let (left, settled) = (&mut self.left[queue as usize], &mut self.settled[queue as usize]);
            if chosen {
                left[class] -= 1;
                settled[class] += 1;
            } else {
                left[class] += 1;
                settled[class] -= 1;
            }
        }
    }
}

/// The first queue, and item there, that settles though one does not that it may not pass. `passes` says in which
/// queues items of a class may pass each other.
pub(crate) fn misordered(case: &Case, chosen: &Chosen, passes: &impl Fn(u32) -> bool) -> Option<(u32, u32)> {
    for queue in 0..case.queues() {
        let mut waiting = None;
        for (place, entry) in case.queue_entries(queue).iter().enumerate() {
            let class = case.class_at(queue, place as u32);
            if !chosen.contains(entry.item) {
                waiting = waiting.or(Some(class));
            } else if waiting.is_some_and(|ahead| !passes(queue) || ahead < class) {
                return Some((queue, entry.item));
            }
        }
    }
    None
}
