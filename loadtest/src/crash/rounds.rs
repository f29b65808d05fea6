//! The schedule: who is killed next, when, and what with it. Everything is drawn from the seed.
use std::time::Duration;

use crate::random::Random;

/// Who is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Victim {
    /// The node.
    Node,
    /// A bank.
    Bank(usize),
    /// The `send` of an adapter.
    Send(usize),
    /// The `listen` of an adapter.
    Listen(usize),
}

/// When.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// At any time.
    Anywhen,
    /// Right after a bank was answered.
    Answer,
    /// Right after a feed told something.
    Event,
    /// Right after a snapshot appeared.
    Snapshot,
    /// Right after a segment was begun.
    Segment,
}

/// One round.
#[derive(Debug, Clone)]
pub struct Round {
    /// Who is killed at once.
    pub victims: Vec<Victim>,
    /// Whether the first of them is only held still, for so long.
    pub hold: Option<Duration>,
    /// What is waited for.
    pub aim: Aim,
    /// Wait before looking out for it.
    pub before: Duration,
    /// Wait between seeing it and the kill.
    pub after: Duration,
    /// Kills of the node while it comes back, each at this part of a start's usual time, in thousandths.
    pub again: Vec<u64>,
    /// Whether banks must be answered again before the next round.
    pub load: bool,
}

/// Draws a round.
pub fn draw(random: &mut Random, banks: usize, adapters: usize) -> Round {
    let victims = victims(random, banks, adapters);
    let node = victims.contains(&Victim::Node);
    let aim = match random.below(20) {
        0..9 => Aim::Anywhen,
        9..12 => Aim::Answer,
        12..15 => Aim::Event,
        15..18 => Aim::Snapshot,
        _ => Aim::Segment,
    };
    let mut again = Vec::new();
    while node && again.len() < 3 && random.below(4) == 0 {
        again.push(random.below(1_100));
    }
    let still = matches!(
        victims.first(),
        Some(Victim::Node | Victim::Bank(_) | Victim::Listen(_))
    );
    let hold = (still && victims.len() == 1 && random.below(14) == 0)
        .then(|| Duration::from_millis(50 + random.below(600)));
    Round {
        hold,
        before: Duration::from_millis(random.below(600)),
        // Mostly at once; sometimes long enough for the next step to be under way.
        after: Duration::from_micros(match random.below(3) {
            0 => 0,
            1 => random.below(1_500),
            _ => random.below(20_000),
        }),
        load: !node || random.below(4) != 0,
        victims,
        aim,
        again,
    }
}

fn victims(random: &mut Random, banks: usize, adapters: usize) -> Vec<Victim> {
    let one = |random: &mut Random| match random.below(20) {
        0..11 => Victim::Node,
        11..15 => Victim::Bank(random.below(banks as u64) as usize),
        15..18 => Victim::Send(random.below(adapters as u64) as usize),
        _ => Victim::Listen(random.below(adapters as u64) as usize),
    };
    let count = if random.below(7) == 0 {
        2 + random.below(3)
    } else {
        1
    };
    let mut victims: Vec<Victim> = (0..count).map(|_| one(random)).collect();
    victims.sort_unstable();
    victims.dedup();
    victims
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_seed_draws_the_same_rounds_and_every_kind_of_them() {
        let rounds = |seed| {
            let mut random = Random::new(seed);
            (0..400).map(|_| draw(&mut random, 3, 2)).collect::<Vec<_>>()
        };
        let (one, same) = (rounds(5), rounds(5));
        assert_eq!(format!("{one:?}"), format!("{same:?}"));
        let victims: BTreeSet<Victim> = one.iter().flat_map(|round| round.victims.clone()).collect();
        assert_eq!(victims.len(), 1 + 3 + 2 + 2);
        for aim in [Aim::Anywhen, Aim::Answer, Aim::Event, Aim::Snapshot, Aim::Segment] {
            assert!(one.iter().any(|round| round.aim == aim), "{aim:?}");
        }
        assert!(one.iter().any(|round| round.again.len() > 1));
        assert!(one.iter().any(|round| round.hold.is_some()));
        assert!(one.iter().any(|round| round.victims.len() > 2));
    }
}
