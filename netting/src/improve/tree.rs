//! The spanning tree of a network: who hangs below whom, and the prices that follow.
use super::network::{NONE, Network, State};

impl Network {
    /// An arc enters the tree in the place of the one between a node and its parent.
    pub(super) fn swap(&mut self, enters: usize, leaves: u32) {
        let out = self.pred[leaves as usize] as usize;
        let upper = self.flow[out] >= self.high[out];
        self.state[out] = if upper { State::Upper } else { State::Lower };
        self.state[enters] = State::Tree;
        let (from, to) = (self.from[enters], self.to[enters]);
        let (inside, outside) = if self.is_below(from, leaves) {
            (from, to)
        } else {
            (to, from)
        };
        let (mut node, mut parent, mut pred) = (inside, outside, enters as u32);
        loop {
            let at = node as usize;
            let (old_parent, old_pred) = (self.parent[at], self.pred[at]);
            self.detach(node);
            self.parent[at] = parent;
            self.pred[at] = pred;
            self.attach(node, parent);
            if node == leaves {
                break;
            }
            (parent, pred, node) = (node, old_pred, old_parent);
        }
        self.settle_prices(inside);
    }

    fn is_below(&self, mut node: u32, top: u32) -> bool {
        while node != NONE && self.depth[node as usize] > self.depth[top as usize] {
            node = self.parent[node as usize];
        }
        node == top
    }

    fn settle_prices(&mut self, top: u32) {
        let mut stack = std::mem::take(&mut self.stack);
        stack.push(top);
        while let Some(node) = stack.pop() {
            let at = node as usize;
            let (parent, arc) = (self.parent[at] as usize, self.pred[at] as usize);
            self.depth[at] = self.depth[parent] + 1;
            let cost = if self.from[arc] == node {
                self.cost[arc]
            } else {
                -self.cost[arc]
            };
            self.price[at] = self.price[parent] + cost;
            let mut child = self.child[at];
            while child != NONE {
                stack.push(child);
                child = self.next[child as usize];
            }
        }
        self.stack = stack;
    }

    pub(super) fn attach(&mut self, node: u32, parent: u32) {
        let first = std::mem::replace(&mut self.child[parent as usize], node);
        self.next[node as usize] = first;
        self.prev[node as usize] = NONE;
        if first != NONE {
            self.prev[first as usize] = node;
        }
    }

    fn detach(&mut self, node: u32) {
        let (next, prev) = (self.next[node as usize], self.prev[node as usize]);
        match prev {
            NONE => self.child[self.parent[node as usize] as usize] = next,
            prev => self.next[prev as usize] = next,
        }
        if next != NONE {
            self.prev[next as usize] = prev;
        }
    }

    pub(super) fn mark(&mut self, top: u32, value: bool) {
        let mut stack = std::mem::take(&mut self.stack);
        stack.push(top);
        while let Some(node) = stack.pop() {
            self.below[node as usize] = value;
            let mut child = self.child[node as usize];
            while child != NONE {
                stack.push(child);
                child = self.next[child as usize];
            }
        }
        self.stack = stack;
    }
}
