//! Payments as arcs of a network, each carrying from nothing to its whole amount: the most value that can flow, by
//! the simplex method on spanning trees (primal to begin with, dual after bounds of arcs have changed).
//!
//! Every account is a node. A further node, the root, feeds each account through a slack arc by at most what the
//! account may spend, and takes what is left over. All in integers: with whole bounds every tree has whole flows, and
//! with whole costs whole prices.

pub(super) const NONE: u32 = u32::MAX;

/// Bound of what flows to nobody's harm: what an account has left over.
const OPEN: i128 = -(1 << 120);

/// Where an arc stands that is not in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Tree,
    Lower,
    Upper,
}

/// Why the method stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// No flow keeps all bounds, or none was found in many steps.
    Infeasible,
    /// The caller says so.
    Budget,
}

#[derive(Debug, Clone)]
pub(crate) struct Network {
    arcs: usize,
    pub(super) from: Vec<u32>,
    pub(super) to: Vec<u32>,
    pub(super) cost: Vec<i64>,
    amount: Vec<i128>,
    pub(super) low: Vec<i128>,
    pub(super) high: Vec<i128>,
    pub(super) flow: Vec<i128>,
    pub(super) state: Vec<State>,
    pub(super) parent: Vec<u32>,
    /// Arc to the parent.
    pub(super) pred: Vec<u32>,
    pub(super) depth: Vec<u32>,
    pub(super) child: Vec<u32>,
    pub(super) next: Vec<u32>,
    pub(super) prev: Vec<u32>,
    /// What one more unit in the account is worth.
    pub(super) price: Vec<i64>,
    pub(super) below: Vec<bool>,
    pub(super) stack: Vec<u32>,
    crossing: Vec<(i64, u32)>,
    scan: usize,
    /// Arcs that may change, with some that no longer may.
    open: Vec<u32>,
    listed: Vec<bool>,
    steps: u32,
    value: i128,
    /// Payment that stands in the way of every flow, found when there is none.
    culprit: Option<usize>,
}

/// One payment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arc {
    pub from: u32,
    pub to: u32,
    pub amount: u64,
    pub weight: u64,
    /// Carries its amount to begin with.
    pub full: bool,
}

impl Network {
    /// The arcs that are full to begin with are affordable: no account spends more than it may.
    pub fn new(spendable: &[i128], arcs: &[Arc]) -> Self {
        let nodes = spendable.len();
        let root = nodes as u32;
        let total = arcs.len() + nodes;
        let mut net = Self {
            arcs: arcs.len(),
            from: Vec::with_capacity(total),
            to: Vec::with_capacity(total),
            cost: Vec::with_capacity(total),
            amount: arcs.iter().map(|arc| i128::from(arc.amount)).collect(),
            low: vec![0; arcs.len()],
            high: arcs.iter().map(|arc| i128::from(arc.amount)).collect(),
            flow: Vec::with_capacity(total),
            state: Vec::with_capacity(total),
            parent: vec![root; nodes + 1],
            pred: (0..=nodes as u32).map(|node| arcs.len() as u32 + node).collect(),
            depth: vec![1; nodes + 1],
            child: vec![NONE; nodes + 1],
            next: vec![NONE; nodes + 1],
            prev: vec![NONE; nodes + 1],
            price: vec![0; nodes + 1],
            below: vec![false; nodes + 1],
            stack: Vec::new(),
            crossing: Vec::new(),
            scan: 0,
            open: (0..total as u32).collect(),
            listed: vec![true; total],
            steps: 0,
            value: arcs
                .iter()
                .filter(|arc| arc.full)
                .map(|arc| i128::from(arc.amount) * i128::from(arc.weight))
                .sum(),
            culprit: None,
        };
        let mut spent = vec![0i128; nodes];
        for arc in arcs {
            net.from.push(arc.from);
            net.to.push(arc.to);
            net.cost.push(arc.weight as i64);
            let flow = if arc.full { i128::from(arc.amount) } else { 0 };
            net.flow.push(flow);
            net.state.push(if arc.full { State::Upper } else { State::Lower });
            spent[arc.from as usize] += flow;
            spent[arc.to as usize] -= flow;
        }
        net.depth[nodes] = 0;
        net.parent[nodes] = NONE;
        net.pred[nodes] = NONE;
        for (node, most) in spendable.iter().enumerate() {
            net.from.push(root);
            net.to.push(node as u32);
            net.cost.push(0);
            net.low.push(OPEN);
            net.high.push(*most);
            net.flow.push(spent[node]);
            net.state.push(State::Tree);
            net.attach(node as u32, root);
        }
        net
    }

    pub fn arcs(&self) -> usize {
        self.arcs
    }

    pub fn accounts(&self) -> usize {
        self.price.len() - 1
    }

    /// What an account may spend on balance.
    pub fn spendable(&self, account: usize) -> i128 {
        self.high[self.arcs + account]
    }

    /// Who pays and who gets.
    pub fn ends_of(&self, arc: usize) -> (usize, usize) {
        (self.from[arc] as usize, self.to[arc] as usize)
    }

    /// Value of a payment in whole.
    pub fn worth(&self, arc: usize) -> i128 {
        self.amount[arc] * i128::from(self.cost[arc])
    }

    pub fn amount(&self, arc: usize) -> i128 {
        self.amount[arc]
    }

    pub fn flow(&self, arc: usize) -> i128 {
        self.flow[arc]
    }

    pub fn is_full(&self, arc: usize) -> bool {
        self.flow[arc] == self.amount[arc]
    }

    /// Prices of the accounts; not below zero once solved.
    pub fn prices(&self) -> &[i64] {
        &self.price[..self.price.len() - 1]
    }

    /// Value of what flows.
    pub const fn value(&self) -> i128 {
        self.value
    }

    /// The payment that has to be left out before there is a flow again; known after [`Stop::Infeasible`].
    pub const fn culprit(&self) -> Option<usize> {
        self.culprit
    }

    /// What one more unit on an arc is worth.
    pub fn gain(&self, arc: usize) -> i64 {
        self.cost[arc] - self.price[self.from[arc] as usize] + self.price[self.to[arc] as usize]
    }

    /// Solves from a flow that keeps all bounds, by primal steps.
    pub fn solve(&mut self, go_on: &mut dyn FnMut() -> bool) -> Result<(), Stop> {
        let total = self.from.len();
        let block = total.isqrt().max(32).min(total.max(1));
        loop {
            let mut best = (0i64, NONE);
            let mut seen = 0;
            while seen < total && (best.1 == NONE || !seen.is_multiple_of(block)) {
                let arc = self.scan;
                self.scan = if arc + 1 == total { 0 } else { arc + 1 };
                seen += 1;
                let gain = match self.state[arc] {
                    State::Lower => self.gain(arc),
                    State::Upper => -self.gain(arc),
                    State::Tree => continue,
                };
                if gain > best.0 && self.low[arc] < self.high[arc] {
                    best = (gain, arc as u32);
                }
            }
            if best.1 == NONE {
                return Ok(());
            }
            self.primal(best.1 as usize);
            self.count(64, go_on)?;
        }
    }

    /// Lets an arc carry as much more (or less) as the cycle that it closes allows.
    fn primal(&mut self, enters: usize) {
        let rises = self.state[enters] == State::Lower;
        let (tail, head) = self.ends(enters, rises);
        // From the head the flow goes up to where both meet, and down to the tail. Of several arcs that bind the
        // last in that direction leaves, as seen from where they meet: that keeps the method from going in circles.
        let mut most = self.high[enters] - self.low[enters];
        let mut leaves = NONE;
        let (mut up, mut down) = (head, tail);
        while up != down {
            if self.depth[down] > self.depth[up] {
                let room = self.room(down, false);
                if room < most {
                    (most, leaves) = (room, down as u32);
                }
                down = self.parent[down] as usize;
            } else {
                let room = self.room(up, true);
                if room <= most {
                    (most, leaves) = (room, up as u32);
                }
                up = self.parent[up] as usize;
            }
        }
        self.push(enters, rises, most);
        if leaves == NONE {
            self.state[enters] = if rises { State::Upper } else { State::Lower };
        } else {
            self.swap(enters, leaves);
        }
    }

    /// Ends of an arc in the direction of the change.
    fn ends(&self, arc: usize, rises: bool) -> (usize, usize) {
        let (from, to) = (self.from[arc] as usize, self.to[arc] as usize);
        if rises { (from, to) } else { (to, from) }
    }

    /// How much more may flow between a node and its parent.
    fn room(&self, node: usize, upwards: bool) -> i128 {
        let arc = self.pred[node] as usize;
        if (self.from[arc] as usize == node) == upwards {
            self.high[arc] - self.flow[arc]
        } else {
            self.flow[arc] - self.low[arc]
        }
    }

    /// Moves so much over an arc, and back through the tree.
    fn push(&mut self, arc: usize, rises: bool, amount: i128) {
        if amount == 0 {
            return;
        }
        let change = if rises { amount } else { -amount };
        // All arcs of the tree gain nothing.
        self.value += change * i128::from(self.gain(arc));
        self.flow[arc] += change;
        let (tail, head) = self.ends(arc, rises);
        let (mut up, mut down) = (head, tail);
        while up != down {
            let upwards = self.depth[down] <= self.depth[up];
            let node = if upwards { &mut up } else { &mut down };
            let pred = self.pred[*node] as usize;
            let along = (self.from[pred] as usize == *node) == upwards;
            self.flow[pred] += if along { amount } else { -amount };
            *node = self.parent[*node] as usize;
        }
    }

    /// Changes the bounds of an arc: to nothing, to all, or to anything between.
    pub fn bound(&mut self, arc: usize, low: i128, high: i128) {
        (self.low[arc], self.high[arc]) = (low, high);
        if low < high && !std::mem::replace(&mut self.listed[arc], true) {
            self.open.push(arc as u32);
        }
        if self.state[arc] == State::Tree {
            return;
        }
        let upper = if low == high {
            self.flow[arc] >= high
        } else {
            self.gain(arc) > 0
        };
        let wanted = if upper { high } else { low };
        self.state[arc] = if upper { State::Upper } else { State::Lower };
        let change = wanted - self.flow[arc];
        self.push(arc, change > 0, change.abs());
    }

    /// Solves after bounds have changed, by dual steps.
    pub fn resolve(&mut self, go_on: &mut dyn FnMut() -> bool) -> Result<(), Stop> {
        let most = 200 + 20 * self.parent.len();
        for _ in 0..most {
            let Some(node) = self.violated() else {
                return Ok(());
            };
            self.dual(node)?;
            self.count(16, go_on)?;
        }
        self.culprit = None;
        Err(Stop::Infeasible)
    }

    /// Counts a step, and asks now and then whether to go on.
    fn count(&mut self, every: u32, go_on: &mut dyn FnMut() -> bool) -> Result<(), Stop> {
        self.steps = self.steps.wrapping_add(1);
        if self.steps.is_multiple_of(every) && !go_on() {
            return Err(Stop::Budget);
        }
        Ok(())
    }

    /// The node whose arc to its parent is furthest out of its bounds.
    fn violated(&self) -> Option<u32> {
        let mut worst = (0, None);
        for node in 0..self.parent.len() - 1 {
            let arc = self.pred[node] as usize;
            let out = (self.flow[arc] - self.high[arc]).max(self.low[arc] - self.flow[arc]);
            if out > worst.0 {
                worst = (out, Some(node as u32));
            }
        }
        worst.1
    }

    /// Brings the arc above a node back to its bound, at the least cost.
    fn dual(&mut self, node: u32) -> Result<(), Stop> {
        let arc = self.pred[node as usize] as usize;
        let falls = self.flow[arc] > self.high[arc];
        let target = if falls { self.high[arc] } else { self.low[arc] };
        let mut missing = (self.flow[arc] - target).abs();
        // More has to leave what hangs below the arc some other way, or more has to come in.
        let outwards = (self.from[arc] == node) == falls;
        self.mark(node, true);
        let mut crossing = std::mem::take(&mut self.crossing);
        crossing.clear();
        let mut closed = 0;
        for other in &self.open {
            let other = *other as usize;
            if self.low[other] >= self.high[other] {
                closed += 1;
                continue;
            }
            let leaves = self.below[self.from[other] as usize];
            if leaves == self.below[self.to[other] as usize] {
                continue;
            }
            let rises = leaves == outwards;
            if self.state[other] == if rises { State::Lower } else { State::Upper } {
                crossing.push((self.gain(other).abs(), other as u32));
            }
        }
        if closed * 4 > self.open.len() {
            self.forget_closed();
        }
        let mut result = Err(Stop::Infeasible);
        loop {
            let width = |other: u32| self.high[other as usize] - self.low[other as usize];
            let cheapest = (0..crossing.len()).min_by_key(|at| {
                let (price, other) = crossing[*at];
                (price, -width(other), other)
            });
            let Some(at) = cheapest else {
                break;
            };
            let (_, other) = crossing.swap_remove(at);
            let (width, other) = (width(other), other as usize);
            let rises = self.state[other] == State::Lower;
            if width >= missing {
                self.push(other, rises, missing);
                self.mark(node, false);
                self.swap(other, node);
                // At the bound that it was out of, whatever the flow says of equal bounds.
                self.state[arc] = if falls { State::Upper } else { State::Lower };
                result = Ok(());
                break;
            }
            self.push(other, rises, width);
            self.state[other] = if rises { State::Upper } else { State::Lower };
            missing -= width;
        }
        self.crossing = crossing;
        if result.is_err() {
            self.culprit = self.smallest_made(missing);
            self.mark(node, false);
        }
        result
    }

    fn forget_closed(&mut self) {
        let (low, high, listed) = (&self.low, &self.high, &mut self.listed);
        self.open.retain(|arc| {
            let at = *arc as usize;
            listed[at] = low[at] < high[at];
            listed[at]
        });
    }

    /// Of the payments that are made for certain and leave the marked accounts, the smallest that is enough, or else
    /// the largest.
    fn smallest_made(&self, missing: i128) -> Option<usize> {
        let crosses =
            |arc: &usize| self.below[self.from[*arc] as usize] && !self.below[self.to[*arc] as usize];
        let made = |arc: &usize| self.low[*arc] == self.amount[*arc];
        let arcs = (0..self.arcs).filter(|arc| crosses(arc) && made(arc));
        arcs.min_by_key(|arc| {
            let amount = self.amount[*arc];
            if amount >= missing {
                (0, amount)
            } else {
                (1, -amount)
            }
        })
    }

    /// Payments that flow in part, the largest first.
    pub fn split(&self) -> Vec<usize> {
        let arcs = self
            .pred
            .iter()
            .map(|arc| *arc as usize)
            .filter(|arc| *arc < self.arcs);
        let parts = |arc: &usize| self.flow[*arc] != 0 && self.flow[*arc] != self.amount[*arc];
        let mut split: Vec<usize> = arcs.filter(parts).collect();
        split.sort_unstable_by_key(|arc| (std::cmp::Reverse(self.worth(*arc)), *arc));
        split
    }
}
