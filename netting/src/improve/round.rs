//! From flows in part straight to payments in whole: what is split is left out, who is short then leaves out more, and
//! what fits is taken again.
use super::network::Network;

/// Payments by debtor, the smallest first, and all, the largest first.
#[derive(Debug, Clone)]
pub(super) struct Rounding {
    of: Vec<Vec<u32>>,
    largest: Vec<u32>,
    room: Vec<i128>,
    short: Vec<u32>,
}

impl Rounding {
    pub fn new(net: &Network) -> Self {
        let mut largest: Vec<u32> = (0..net.arcs() as u32).collect();
        largest.sort_by_key(|arc| (std::cmp::Reverse(net.worth(*arc as usize)), *arc));
        let mut of = vec![Vec::new(); net.accounts()];
        for arc in largest.iter().rev() {
            of[net.ends_of(*arc as usize).0].push(*arc);
        }
        Self {
            of,
            largest,
            room: Vec::new(),
            short: Vec::new(),
        }
    }

    /// Payments in whole near what flows, and their value. None if somebody stays short who has nothing to leave out,
    /// since what is not in the network counts on what comes in.
    pub fn round(&mut self, net: &Network) -> Option<(Vec<bool>, i128)> {
        let mut made: Vec<bool> = (0..net.arcs()).map(|arc| net.is_full(arc)).collect();
        self.room.clear();
        self.room
            .extend((0..net.accounts()).map(|account| net.spendable(account)));
        for (arc, _) in made.iter().enumerate().filter(|(_, made)| **made) {
            self.change(net, arc, true);
        }
        self.short
            .extend((0..net.accounts() as u32).filter(|account| self.room[*account as usize] < 0));
        while let Some(account) = self.short.pop() {
            self.relieve(net, account as usize, &mut made);
        }
        if self.room.iter().any(|room| *room < 0) {
            return None;
        }
        let mut again = true;
        while again {
            again = false;
            for at in 0..self.largest.len() {
                let arc = self.largest[at] as usize;
                if !made[arc] && self.room[net.ends_of(arc).0] >= net.amount(arc) {
                    made[arc] = true;
                    self.change(net, arc, true);
                    again = true;
                }
            }
        }
        let value = made
            .iter()
            .enumerate()
            .filter(|(_, made)| **made)
            .map(|(arc, _)| net.worth(arc))
            .sum();
        Some((made, value))
    }

    fn change(&mut self, net: &Network, arc: usize, made: bool) {
        let (from, to) = net.ends_of(arc);
        let amount = if made { net.amount(arc) } else { -net.amount(arc) };
        self.room[from] -= amount;
        self.room[to] += amount;
    }

    /// Leaves out payments of an account that is short: if possible one that its creditor can do without.
    fn relieve(&mut self, net: &Network, account: usize, made: &mut [bool]) {
        while self.room[account] < 0 {
            let missing = -self.room[account];
            let own = || {
                self.of[account]
                    .iter()
                    .map(|arc| *arc as usize)
                    .filter(|arc| made[*arc])
            };
            let enough = || own().filter(|arc| net.amount(*arc) >= missing);
            let spare = |arc: &usize| self.room[net.ends_of(*arc).1] >= net.amount(*arc);
            let found = enough()
                .find(spare)
                .or_else(|| enough().next())
                .or_else(|| own().next_back());
            let Some(arc) = found else {
                return;
            };
            made[arc] = false;
            self.change(net, arc, false);
            let creditor = net.ends_of(arc).1;
            if self.room[creditor] < 0 {
                self.short.push(creditor as u32);
            }
        }
    }
}
