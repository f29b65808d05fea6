//! Long random runs over few distinct fields, so that most instructions have something in common.
use causeway_netting::{Matcher, Terms};
use proptest::prelude::*;

use super::pair::Pair;
use super::{constant, named, poor, trade, within};

/// SplitMix64 (Steele, Lea, Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// How many different values each field has.
#[derive(Debug, Clone, Copy)]
struct Mix {
    parties: u64,
    dates: u64,
    currencies: u64,
    amounts: u64,
    references: u64,
    /// Of ten, how many give a reference.
    names: u64,
    /// Of ten, how many give a tolerance.
    tolerances: u64,
    /// Most that stand; then one is withdrawn instead.
    most: usize,
}

fn terms(random: &mut Random, mix: &Mix) -> Terms {
    let party = random.below(mix.parties);
    let other = (party + 1 + random.below(mix.parties - 1)) % mix.parties;
    let paid = random.below(mix.currencies);
    let got = (paid + 1 + random.below(mix.currencies - 1)) % mix.currencies;
    let mut leg = |currency: u64| (currency as u16, 100 + random.below(mix.amounts));
    let mut terms = trade(party as u32, other as u32, leg(paid), leg(got));
    terms.value_date = random.below(mix.dates) as u16;
    if random.below(10) < mix.names {
        terms = named(terms, random.below(mix.references + 1) as u8);
    }
    if random.below(10) < mix.tolerances {
        terms = within(terms, random.below(4));
    }
    terms
}

fn run(mix: &Mix, seed: u64, operations: usize, matchers: Vec<Matcher>) -> Pair {
    let mut random = Random(seed);
    let mut pair = Pair::new(matchers);
    for operation in 0..operations {
        let standing = pair.oracle.standing.len() as u64;
        let place = random.below(standing.max(1)) as usize;
        match random.below(10) {
            _ if standing as usize >= mix.most => drop(pair.withdraw(place)),
            0 if standing > 0 => drop(pair.withdraw(place)),
            1 if standing > 0 => {
                let other = terms(&mut random, mix);
                pair.amend(place, |terms| {
                    terms.pays.amount = other.pays.amount;
                    terms.reference = other.reference;
                    terms.tolerance = other.tolerance;
                });
            }
            2 if standing > 0 => {
                let counter = super::mirrored(pair.oracle.standing[place].1);
                pair.submit(&named(counter, random.below(mix.references + 1) as u8));
            }
            _ => pair.submit(&terms(&mut random, mix)),
        }
        if operation.is_multiple_of(5_000) {
            pair.check();
            let restored = pair.restored(seed ^ operation as u64);
            *pair.matchers.last_mut().expect("at least one") = restored;
        }
    }
    pair
}

/// One that goes through, one that scatters badly, and one that is made anew from what stands now and then.
fn three(seed: u64) -> Vec<Matcher> {
    vec![
        Matcher::new(seed),
        Matcher::with_hash(seed, poor),
        Matcher::new(!seed),
    ]
}

const FEW: Mix = Mix {
    parties: 3,
    dates: 2,
    currencies: 3,
    amounts: 4,
    references: 3,
    names: 5,
    tolerances: 4,
    most: 300,
};

#[test]
fn a_long_run_with_few_distinct_fields() {
    let pair = run(&FEW, 1, 200_000, three(1));
    assert!(
        pair.exact > 20_000 && pair.near > 10_000,
        "{} {}",
        pair.exact,
        pair.near
    );
}

#[test]
fn a_long_run_in_which_many_stand_on_the_same_fields() {
    // Many more candidates than are looked at, on one key without amounts.
    let mix = Mix {
        parties: 2,
        dates: 1,
        currencies: 2,
        amounts: 100,
        references: 2,
        names: 5,
        tolerances: 9,
        most: 600,
    };
    let pair = run(&mix, 2, 60_000, three(2));
    assert!(
        pair.exact > 500 && pair.near > 500,
        "{} {}",
        pair.exact,
        pair.near
    );
}

#[test]
fn a_long_run_in_which_identical_trades_stand_in_numbers() {
    // References differ more often than anything else, so that much stands although everything else mirrors.
    let mix = Mix {
        parties: 2,
        dates: 1,
        currencies: 2,
        amounts: 2,
        references: 200,
        names: 10,
        tolerances: 2,
        most: 600,
    };
    let pair = run(&mix, 3, 60_000, three(3));
    assert!(pair.exact > 5_000, "{} {}", pair.exact, pair.near);
    assert!(pair.oracle.standing.len() > 100);
}

#[test]
fn equal_hashes_match_nothing_else() {
    let pair = run(
        &FEW,
        4,
        20_000,
        vec![Matcher::with_hash(0, constant), Matcher::new(0)],
    );
    assert!(
        pair.exact > 2_000 && pair.near > 1_000,
        "{} {}",
        pair.exact,
        pair.near
    );
}

#[test]
fn seeds_change_no_outcome() {
    let matchers = [0, 1, u64::MAX, 42].map(Matcher::new).to_vec();
    let pair = run(&FEW, 5, 30_000, matchers);
    assert!(pair.exact > 3_000, "{}", pair.exact);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Short runs over any mix: what fails here is made small.
    #[test]
    fn short_runs_over_any_mix(
        parties in 2_u64..4,
        dates in 1_u64..3,
        currencies in 2_u64..4,
        amounts in 1_u64..6,
        references in 0_u64..4,
        names in 0_u64..11,
        tolerances in 0_u64..11,
        most in 1_usize..100,
        seed: u64,
        operations in 1_usize..300,
    ) {
        let mix = Mix { parties, dates, currencies, amounts, references, names, tolerances, most };
        run(&mix, seed, operations, three(seed));
    }
}
