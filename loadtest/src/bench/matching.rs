//! Pairing two-sided instructions: a million stand unmatched, in every step one arrives that stays and one that
//! matches any of them.
use std::time::{Duration, Instant};

use causeway_netting::{Leg, Matcher, Terms};
use serde::Serialize;

use crate::error::Failure;
use crate::random::Random;
use crate::report;

/// Instructions unmatched throughout.
const STANDING: usize = 1_000_000;
/// Instructions of a round: half of them stay, the other half match.
const ROUND: usize = 2_000_000;
/// Banks on either side of the trades: ten thousand pairs.
const BANKS: u64 = 100;
const CURRENCIES: u64 = 18;
const DATES: u64 = 3;
/// Least difference of two amounts, wider than any tolerance: each instruction has one counter-instruction.
const STEP: u64 = 1_000;

#[derive(Debug, Serialize)]
struct Figures {
    part: &'static str,
    /// Both sides of every pair.
    instructions_matched: u64,
    seconds: f64,
    instructions_matched_per_second: f64,
    nanoseconds_per_instruction: f64,
    unmatched_throughout: usize,
    /// Of the first million, which find nothing.
    nanoseconds_per_unmatched: f64,
}

/// An instruction that arrives, and the one that it must be paired with.
struct Arrival {
    item: u32,
    terms: Terms,
    expected: Option<u32>,
}

/// What is sent, and what the matcher must have after it.
struct Traffic {
    random: Random,
    /// Trades so far: no two have the same amounts.
    trades: u64,
    standing: Vec<(u32, Terms)>,
    free: Vec<u32>,
}

impl Traffic {
    fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            trades: 0,
            standing: Vec::with_capacity(STANDING + 1),
            // One handle more: that of an instruction which is matched on arrival.
            free: (0..STANDING as u32 + 2).collect(),
        }
    }

    /// One side of another trade. Half of the trades have a reference, an eighth a tolerance.
    fn trade(&mut self) -> Terms {
        let random = &mut self.random;
        let parties = [1 + random.below(BANKS), 1 + BANKS + random.below(BANKS)].map(|bank| bank as u32);
        let first = random.below(2) as usize;
        let currency = random.below(CURRENCIES);
        let other = (currency + 1 + random.below(CURRENCIES - 1)) % CURRENCIES;
        let leg = |currency: u64, amount| Leg {
            currency: currency as u16,
            amount,
        };
        self.trades += 1;
        Terms {
            party: parties[first],
            counterparty: parties[1 - first],
            value_date: random.below(DATES) as u16,
            pays: leg(currency, self.trades * STEP),
            gets: leg(other, (1 + random.below(1 << 30)) * STEP),
            reference: if random.below(2) == 0 {
                random.id()
            } else {
                [0; 16]
            },
            tolerance: (random.below(8) == 0).then(|| random.below(STEP / 2)),
        }
    }

    /// One that finds nothing and stays.
    fn fresh(&mut self) -> Result<Arrival, Failure> {
        let terms = self.trade();
        let item = self.handle()?;
        self.standing.push((item, terms));
        Ok(Arrival {
            item,
            terms,
            expected: None,
        })
    }

    /// The other side of any that stands: every other one gives its reference too.
    fn counter(&mut self) -> Result<Arrival, Failure> {
        let place = self.random.below(self.standing.len() as u64) as usize;
        let (expected, terms) = self.standing.swap_remove(place);
        let item = self.handle()?;
        self.free.extend([expected, item]);
        let terms = Terms {
            party: terms.counterparty,
            counterparty: terms.party,
            pays: terms.gets,
            gets: terms.pays,
            reference: if self.random.below(2) == 0 {
                terms.reference
            } else {
                [0; 16]
            },
            ..terms
        };
        Ok(Arrival {
            item,
            terms,
            expected: Some(expected),
        })
    }

    fn handle(&mut self) -> Result<u32, Failure> {
        let none = || Failure::Check("more stand than there are handles".into());
        self.free.pop().ok_or_else(none)
    }

    fn round(&mut self) -> Result<Vec<Arrival>, Failure> {
        let mut arrivals = Vec::with_capacity(ROUND);
        for _ in 0..ROUND / 2 {
            if self.random.below(2) == 0 {
                arrivals.push(self.fresh()?);
                arrivals.push(self.counter()?);
            } else {
                arrivals.push(self.counter()?);
                arrivals.push(self.fresh()?);
            }
        }
        Ok(arrivals)
    }
}

/// Submits all of them; how many of them matched, and how many not as they must.
fn submit(matcher: &mut Matcher, arrivals: &[Arrival]) -> (u64, u64) {
    let (mut matched, mut wrong) = (0, 0);
    for arrival in arrivals {
        let partner = matcher.submit(arrival.item, &arrival.terms);
        matched += u64::from(partner.is_some());
        wrong += u64::from(partner != arrival.expected);
    }
    (matched, wrong)
}

/// Runs rounds until the time is over, one at least.
///
/// # Errors
/// If an instruction is not paired with the one that it must be paired with.
pub fn run(least: Duration, json: bool) -> Result<String, Failure> {
    let mut traffic = Traffic::new(1);
    let mut matcher = Matcher::new(42);
    let first = (0..STANDING)
        .map(|_| traffic.fresh())
        .collect::<Result<Vec<_>, _>>()?;
    let started = Instant::now();
    let (matched, wrong) = submit(&mut matcher, &first);
    let kept = started.elapsed();
    drop(first);
    check(&matcher, (matched, wrong), 0)?;
    let (mut instructions, mut took) = (0, Duration::ZERO);
    while instructions == 0 || took < least {
        let arrivals = traffic.round()?;
        let started = Instant::now();
        let outcome = submit(&mut matcher, &arrivals);
        took += started.elapsed();
        check(&matcher, outcome, arrivals.len() as u64 / 2)?;
        instructions += 2 * outcome.0;
    }
    for (item, terms) in &traffic.standing {
        if matcher.terms(*item) != Some(terms) {
            return Err(Failure::Check(format!("{item} does not stand as it was sent")));
        }
    }
    let seconds = took.as_secs_f64();
    let figures = Figures {
        part: "matching",
        instructions_matched: instructions,
        seconds,
        instructions_matched_per_second: instructions as f64 / seconds,
        nanoseconds_per_instruction: seconds * 1e9 / instructions.max(1) as f64,
        unmatched_throughout: STANDING,
        nanoseconds_per_unmatched: kept.as_secs_f64() * 1e9 / STANDING as f64,
    };
    if json {
        return report::json(&figures);
    }
    Ok(format!(
        "{}: {:.0} instructions matched/s, {:.1} ns each ({} in {:.2} s, {} unmatched throughout)\n  \
         the first of those, which find nothing: {:.1} ns each",
        figures.part,
        figures.instructions_matched_per_second,
        figures.nanoseconds_per_instruction,
        figures.instructions_matched,
        figures.seconds,
        figures.unmatched_throughout,
        figures.nanoseconds_per_unmatched,
    ))
}

fn check(matcher: &Matcher, (matched, wrong): (u64, u64), expected: u64) -> Result<(), Failure> {
    if (matched, wrong, matcher.len()) == (expected, 0, STANDING) {
        return Ok(());
    }
    Err(Failure::Check(format!(
        "{matched} pairs of {expected}, {wrong} with another instruction than the right one, {} unmatched of {STANDING}",
        matcher.len()
    )))
}
