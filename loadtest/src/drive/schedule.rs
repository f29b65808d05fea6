//! When batches are meant to be sent. Nothing that happens moves these times.
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::plan::{Arrivals, Phase};
use crate::random::Random;

/// The load of an open loop.
#[derive(Debug, Clone)]
pub struct Open {
    /// Payments a second of all banks together.
    pub rate: f64,
    /// Payments in a batch.
    pub batch: usize,
    /// Banks that send.
    pub banks: usize,
    /// How the times lie.
    pub arrivals: Arrivals,
    /// Parts of the window with a factor of their own, one after another, and again from the first; none for one of 1.
    pub phases: Arc<[Phase]>,
    /// What was not sent when a lighter phase begins is given up.
    pub shed: bool,
    /// Seed.
    pub seed: u64,
}

impl Open {
    /// Factor of the rate at a time of the window, and seconds until it may change. Before the window it is that of its
    /// beginning.
    fn factor(&self, at: f64) -> (f64, f64) {
        let all: u64 = self.phases.iter().map(|phase| phase.seconds).sum();
        if all == 0 {
            return (1.0, f64::INFINITY);
        }
        if at < 0.0 {
            return (self.phases[0].factor, -at);
        }
        let mut left = at % all as f64;
        for phase in self.phases.iter() {
            let seconds = phase.seconds as f64;
            if left < seconds {
                return (phase.factor, seconds - left);
            }
            left -= seconds;
        }
        (self.phases[0].factor, self.phases[0].seconds as f64)
    }

    /// Second of the window in which the first phase begins that is lighter than that of a time; none if none is.
    fn falls(&self, at: f64) -> Option<u64> {
        let all: u64 = self.phases.iter().map(|phase| phase.seconds).sum();
        if all == 0 {
            return None;
        }
        let at = at.max(0.0);
        let mut begins = (at / all as f64) as u64 * all;
        let mut intended = None;
        for phase in self.phases.iter().chain(self.phases.iter()) {
            match intended {
                None if at < (begins + phase.seconds) as f64 => intended = Some(phase.factor),
                Some(factor) if phase.factor < factor => return Some(begins),
                _ => {}
            }
            begins += phase.seconds;
        }
        None
    }
}

/// Intended times of one bank, in order.
#[derive(Debug, Clone)]
pub struct Schedule {
    open: Open,
    begin: Instant,
    end: Instant,
    /// Seconds of the window that passed; negative before it.
    at: f64,
    /// Batches until the next.
    left: f64,
    random: Random,
}

impl Schedule {
    /// Of a bank, from `start` until `end`; the window begins at `begin`.
    pub fn new(open: &Open, bank: usize, start: Instant, begin: Instant, end: Instant) -> Self {
        let mut random = Random::new(open.seed.rotate_left(17) ^ bank as u64);
        let left = match open.arrivals {
            // Banks are staggered: at equal distances, in an order that the seed shuffles.
            Arrivals::Even => rank(open.seed, bank, open.banks) as f64 / open.banks.max(1) as f64,
            Arrivals::Poisson => exponential(&mut random),
        };
        Self {
            open: open.clone(),
            begin,
            end,
            at: -begin.saturating_duration_since(start).as_secs_f64(),
            left,
            random,
        }
    }

    /// When the batch that was told last is given up if it was not sent by then; none if never in this window.
    pub fn given_up(&self) -> Option<Instant> {
        let second = self.open.shed.then(|| self.open.falls(self.at)).flatten()?;
        let at = self.begin.checked_add(Duration::from_secs(second))?;
        (at < self.end).then_some(at)
    }
}

impl Iterator for Schedule {
    type Item = Instant;

    fn next(&mut self) -> Option<Instant> {
        let each = self.open.rate / (self.open.batch.max(1) * self.open.banks.max(1)) as f64;
        let window = self.end.saturating_duration_since(self.begin).as_secs_f64();
        loop {
            if self.at >= window {
                return None;
            }
            let (factor, until) = self.open.factor(self.at);
            let speed = each * factor;
            let needed = if speed > 0.0 {
                self.left / speed
            } else {
                f64::INFINITY
            };
            if needed > until {
                self.left -= until * speed;
                // A step of no length would never end.
                self.at += until.max(1e-9);
                continue;
            }
            if !needed.is_finite() {
                return None;
            }
            self.at += needed;
            self.left = match self.open.arrivals {
                Arrivals::Even => 1.0,
                Arrivals::Poisson => exponential(&mut self.random),
            };
            if self.at >= window {
                return None;
            }
            let offset = Duration::from_secs_f64(self.at.abs());
            return if self.at < 0.0 {
                self.begin.checked_sub(offset)
            } else {
                self.begin.checked_add(offset)
            };
        }
    }
}

/// All times that banks are meant to send at up to now, each with its bank.
pub fn meant(
    open: &Open,
    start: Instant,
    begin: Instant,
    end: Instant,
    now: Instant,
) -> impl Iterator<Item = (usize, Instant)> {
    (0..open.banks).flat_map(move |bank| {
        let schedule = Schedule::new(open, bank, start, begin, end);
        schedule
            .take_while(move |at| *at <= now)
            .map(move |at| (bank, at))
    })
}

/// Place of a bank in the order that a seed shuffles.
fn rank(seed: u64, bank: usize, banks: usize) -> usize {
    let key = |bank: usize| Random::new(seed ^ (bank as u64) << 20).next();
    let own = (key(bank), bank);
    (0..banks).filter(|other| (key(*other), *other) < own).count()
}

/// A gap of mean 1.
fn exponential(random: &mut Random) -> f64 {
    let uniform = (random.next() >> 11) as f64 / (1_u64 << 53) as f64;
    -(1.0 - uniform).ln()
}

/// How many batches of all banks were meant to be sent, as time goes on.
#[derive(Debug)]
pub struct Offered {
    schedules: Vec<(Schedule, Option<Instant>)>,
    /// Batches up to the last look.
    pub batches: u64,
    /// Of these, those of the window.
    pub inside: u64,
    begin: Instant,
}

impl Offered {
    /// Of all banks.
    pub fn new(open: &Open, start: Instant, begin: Instant, end: Instant) -> Self {
        let of = |bank| {
            let mut schedule = Schedule::new(open, bank, start, begin, end);
            let next = schedule.next();
            (schedule, next)
        };
        Self {
            schedules: (0..open.banks).map(of).collect(),
            batches: 0,
            inside: 0,
            begin,
        }
    }

    /// Looks at a later time.
    pub fn look(&mut self, now: Instant) {
        for (schedule, next) in &mut self.schedules {
            while let Some(at) = next.filter(|at| *at <= now) {
                self.batches += 1;
                self.inside += u64::from(at >= self.begin);
                *next = schedule.next();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(arrivals: Arrivals, phases: &[Phase]) -> Open {
        Open {
            rate: 8_000.0,
            batch: 10,
            banks: 4,
            arrivals,
            phases: phases.into(),
            shed: false,
            seed: 7,
        }
    }

    fn phases<const N: usize>(all: [(u64, f64); N]) -> [Phase; N] {
        all.map(|(seconds, factor)| Phase { seconds, factor })
    }

    /// Seconds of the window at which what one bank is meant to send in each of its seconds is given up.
    fn given_up(open: &Open, warm: u64, seconds: u64) -> Vec<Option<u64>> {
        let start = Instant::now();
        let begin = start + Duration::from_secs(warm);
        let end = begin + Duration::from_secs(seconds);
        // One whose times lie between the seconds.
        let bank = (0..open.banks).find(|bank| rank(open.seed, *bank, open.banks) == 2);
        let mut schedule = Schedule::new(open, bank.expect("a bank"), start, begin, end);
        let mut found = vec![None; (warm + seconds) as usize];
        while let Some(at) = schedule.next() {
            let second = at.duration_since(start).as_secs() as usize;
            let given_up = schedule.given_up().map(|at| at.duration_since(begin).as_secs());
            let same = found[second].replace(given_up);
            assert!(same.is_none_or(|before| before == given_up), "second {second}");
        }
        found.into_iter().map(Option::flatten).collect()
    }

    fn times(open: &Open, bank: usize, warm: u64, seconds: u64) -> Vec<f64> {
        let start = Instant::now();
        let begin = start + Duration::from_secs(warm);
        let schedule = Schedule::new(open, bank, start, begin, begin + Duration::from_secs(seconds));
        schedule
            .map(|at| at.duration_since(start).as_secs_f64())
            .collect()
    }

    #[test]
    fn even_times_have_equal_distances_and_banks_are_staggered() {
        let open = open(Arrivals::Even, &[]);
        let mut firsts = Vec::new();
        for bank in 0..4 {
            let times = times(&open, bank, 1, 1);
            assert_eq!(times.len(), 400, "200 batches a second of each bank, two seconds");
            assert!(times.windows(2).all(|two| (two[1] - two[0] - 0.005).abs() < 1e-6));
            firsts.push((times[0] * 1e6).round() as u64);
        }
        firsts.sort_unstable();
        assert_eq!(firsts, [0, 1_250, 2_500, 3_750]);
    }

    #[test]
    fn poisson_times_keep_the_rate() {
        let open = open(Arrivals::Poisson, &[]);
        let times = times(&open, 2, 0, 20);
        assert!((3_700..4_300).contains(&times.len()), "{}", times.len());
        assert!(times.windows(2).all(|two| two[0] <= two[1]));
        let spread = times.windows(2).filter(|two| two[1] - two[0] > 0.01).count();
        assert!(spread > 200, "gaps of twice the mean are common");
    }

    #[test]
    fn phases_follow_one_another_and_begin_again() {
        let open = open(Arrivals::Even, &phases([(1, 0.5), (1, 2.0), (1, 0.0)]));
        let times = times(&open, 0, 0, 6);
        let within = |from: f64| {
            times
                .iter()
                .filter(|at| **at >= from && **at < from + 1.0)
                .count()
        };
        assert_eq!(
            [0.0, 1.0, 2.0, 3.0, 4.0, 5.0].map(within),
            [100, 400, 0, 100, 400, 0]
        );
    }

    #[test]
    fn what_is_not_sent_when_the_load_falls_is_given_up() {
        let falls = Open {
            shed: true,
            ..open(Arrivals::Even, &phases([(2, 1.0), (2, 0.25)]))
        };
        // The warm-up has the first phase's load; behind the fall nothing is given up.
        let first = [Some(2), Some(2), Some(2), None, None];
        assert_eq!(given_up(&falls, 1, 4), first);
        let again = [Some(2), Some(2), None, None, Some(6), Some(6), None, None];
        assert_eq!(given_up(&falls, 0, 8), again, "phases begin again");
        assert_eq!(given_up(&falls, 0, 2), [None, None], "the window ends before");
        let poisson = Open {
            arrivals: Arrivals::Poisson,
            ..falls
        };
        assert_eq!(given_up(&poisson, 1, 4), first);
    }

    #[test]
    fn what_is_not_sent_when_the_load_rises_is_sent_late() {
        let rises = Open {
            shed: true,
            ..open(Arrivals::Even, &phases([(1, 0.5), (1, 2.0), (1, 1.0), (1, 0.25)]))
        };
        // The first second waits through all that is heavier, until something is lighter than it was itself.
        assert_eq!(given_up(&rises, 0, 4), [Some(3), Some(2), Some(3), None]);
        let even = Open {
            shed: true,
            ..open(Arrivals::Even, &phases([(1, 1.0), (1, 1.0)]))
        };
        assert_eq!(given_up(&even, 0, 4), [None; 4]);
    }

    #[test]
    fn nothing_is_given_up_unless_it_is_asked_for() {
        let phased = open(Arrivals::Even, &phases([(2, 1.0), (2, 0.25)]));
        assert_eq!(given_up(&phased, 1, 4), [None; 5]);
        let plain = Open {
            shed: true,
            ..open(Arrivals::Even, &[])
        };
        assert_eq!(given_up(&plain, 1, 2), [None; 3]);
    }

    #[test]
    fn what_was_offered_is_the_sum_of_all_schedules() {
        let open = open(Arrivals::Even, &[]);
        let start = Instant::now();
        let begin = start + Duration::from_secs(1);
        let end = begin + Duration::from_secs(1);
        let mut offered = Offered::new(&open, start, begin, end);
        offered.look(begin + Duration::from_millis(500));
        assert!((offered.batches as i64 - 1_200).abs() <= 4, "{}", offered.batches);
        offered.look(end + Duration::from_secs(5));
        assert_eq!((offered.batches, offered.inside), (1_600, 800));
    }
}
