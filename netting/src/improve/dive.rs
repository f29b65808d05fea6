//! From flows in part to payments in whole: the largest split payments are made whole or left out, the network solved
//! again, and so on. Then every such decision, from the first, is tried the other way round.
use super::network::{Network, Stop};
use super::round::Rounding;

/// After so many rounds of decisions what flows is rounded as a whole, so that a search that is stopped has
/// something to show.
const ROUND_EVERY: u32 = 12;

/// Of so many split payments one more is decided at a time: with many, one by one takes too long.
const TOGETHER: usize = 24;

/// Split payments smaller than this part of what flows are not worth a decision each.
const SMALL: i128 = 1 << 12;

/// Searches over one network.
pub(super) struct Search<'a> {
    net: Network,
    /// Which payments the best choice so far makes.
    best: Vec<bool>,
    value: i128,
    go_on: &'a mut dyn FnMut() -> bool,
    seed: u64,
    rounding: Rounding,
}

/// Decisions in order: payment, and whether it is made.
type Path = Vec<(usize, bool)>;

impl<'a> Search<'a> {
    /// Begins with a choice that is affordable, that of the full arcs.
    pub fn new(net: Network, go_on: &'a mut dyn FnMut() -> bool) -> Self {
        let best: Vec<bool> = (0..net.arcs()).map(|arc| net.is_full(arc)).collect();
        let value = net.value();
        let rounding = Rounding::new(&net);
        Self {
            net,
            best,
            value,
            go_on,
            seed: 0,
            rounding,
        }
    }

    /// Runs until nothing better is found or the budget is spent; the best choice.
    pub fn run(mut self) -> Vec<bool> {
        let _ = self.all();
        self.best
    }

    fn all(&mut self) -> Result<(), Stop> {
        self.net.solve(self.go_on)?;
        let mut path = Path::new();
        self.dive(&mut path)?;
        while self.discrepancies(&mut path)? {}
        self.undo(&mut path, 0);
        self.settle()?;
        let mut idle = 0;
        while idle < 400 {
            idle = if self.neighbourhood()? { 0 } else { idle + 1 };
        }
        Ok(())
    }

    fn settle(&mut self) -> Result<(), Stop> {
        self.net.resolve(self.go_on)
    }

    fn decide(&mut self, arc: usize, made: bool) -> Result<(), Stop> {
        let amount = if made { self.net.amount(arc) } else { 0 };
        self.net.bound(arc, amount, amount);
        self.settle()
    }

    fn undo(&mut self, path: &mut Path, length: usize) {
        for (arc, _) in path.drain(length.min(path.len())..).rev() {
            self.net.bound(arc, 0, self.net.amount(arc));
        }
    }

    /// Decides until no payment is split; true if that is better than the best.
    fn dive(&mut self, path: &mut Path) -> Result<bool, Stop> {
        let (mut better, mut rounds) = (false, 0u32);
        loop {
            if self.net.value() <= self.value {
                return Ok(better);
            }
            let least = self.net.value() / SMALL;
            let mut split = self.net.split();
            split.retain(|arc| self.net.worth(*arc) > least);
            split.truncate(1 + split.len() / TOGETHER);
            if split.is_empty() || rounds.is_multiple_of(ROUND_EVERY) {
                better |= self.round();
            }
            rounds += 1;
            if split.is_empty() {
                return Ok(better);
            }
            for arc in split {
                let made = self.net.flow(arc) * 2 >= self.net.amount(arc);
                path.push((arc, made));
                let amount = if made { self.net.amount(arc) } else { 0 };
                self.net.bound(arc, amount, amount);
            }
            match self.settle() {
                Err(Stop::Infeasible) => {
                    let last = path.last().map(|(arc, _)| *arc);
                    let culprit = self.net.culprit().or(last);
                    if !self.leave_out(culprit, path)? {
                        return Ok(better);
                    }
                }
                other => other?,
            }
        }
    }

    /// Makes what flows whole; true if that is better than the best.
    fn round(&mut self) -> bool {
        let rounded = self.rounding.round(&self.net);
        let Some((made, value)) = rounded.filter(|(_, value)| *value > self.value) else {
            return false;
        };
        (self.best, self.value) = (made, value);
        true
    }

    /// Leaves a payment out, and then what stands in the way of a flow, until there is one; false if that fails.
    fn leave_out(&mut self, first: Option<usize>, path: &mut Path) -> Result<bool, Stop> {
        let mut next = first;
        while let Some(arc) = next {
            path.retain(|(other, _)| *other != arc);
            path.push((arc, false));
            match self.decide(arc, false) {
                Ok(()) => return Ok(true),
                Err(Stop::Infeasible) => next = self.net.culprit(),
                Err(stop) => return Err(stop),
            }
        }
        Ok(false)
    }

    /// Tries each decision of a path the other way round; true if that made anything better. The path becomes that
    /// of the best found.
    fn discrepancies(&mut self, path: &mut Path) -> Result<bool, Stop> {
        let mut old = std::mem::take(path);
        let mut better = false;
        let mut done = old.clone();
        self.undo(&mut done, 0);
        let mut at = 0;
        while at < old.len() {
            let (arc, made) = old[at];
            let mut other = Path::from([(arc, !made)]);
            match self.decide(arc, !made) {
                Ok(()) => {
                    if self.dive(&mut other)? {
                        better = true;
                        old.truncate(at);
                        old.extend_from_slice(&other);
                    }
                }
                Err(Stop::Infeasible) => {}
                stop => stop?,
            }
            self.undo(&mut other, 0);
            let (arc, made) = old[at];
            path.push((arc, made));
            match self.decide(arc, made) {
                Err(Stop::Infeasible) => break,
                other => other?,
            }
            at += 1;
        }
        *path = old;
        Ok(better)
    }

    /// Keeps part of the best choice, and searches what is left.
    fn neighbourhood(&mut self) -> Result<bool, Stop> {
        let mut kept = Path::new();
        let share = 3 + self.random(5);
        for arc in 0..self.net.arcs() {
            if self.random(10) < share {
                kept.push((arc, self.best[arc]));
            }
        }
        for (arc, made) in &kept {
            let amount = if *made { self.net.amount(*arc) } else { 0 };
            self.net.bound(*arc, amount, amount);
        }
        let mut path = Path::new();
        let found = match self.settle() {
            Ok(()) => self.dive(&mut path),
            Err(stop) => Err(stop),
        };
        self.undo(&mut path, 0);
        self.undo(&mut kept, 0);
        match found {
            Err(Stop::Budget) => Err(Stop::Budget),
            Err(Stop::Infeasible) => Ok(false),
            Ok(better) => Ok(better),
        }
    }

    fn random(&mut self, below: u64) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }
}
