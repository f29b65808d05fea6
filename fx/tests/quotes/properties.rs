//! What holds of every price: no money is made by going there and back, and competition never hurts.

use super::random::Random;
use super::{best, direct, random_fixed, random_quote, request, two_currencies};
use causeway_fx::quotes::{Fixed, Quotes};

#[test]
fn there_and_back_at_one_provider_never_makes_money() {
    let mut random = Random::new(31);
    let (mut trips, mut lost) = (0, 0);
    for number in 1..=100_000 {
        let mut quote = random_quote(&mut random, number, 0);
        quote.left = u64::MAX;
        let book = super::book(&[quote]);
        let (mut from, mut to) = (quote.base, quote.counter);
        if random.below(2) == 0 {
            (from, to) = (to, from);
        }
        let Some(there) = direct(&book, from, to, random_fixed(&mut random)) else {
            continue;
        };
        if let Some(back) = direct(&book, to, from, Fixed::Source(there.to.1)) {
            assert!(back.to.1 <= there.from.1, "{quote:?}: {there:?} {back:?}");
            trips += 1;
            lost += u64::from(back.to.1 < there.from.1);
        }
        // To have what was paid again costs what was received, or more.
        if let Some(back) = direct(&book, to, from, Fixed::Target(there.from.1)) {
            assert!(back.from.1 >= there.to.1, "{quote:?}: {there:?} {back:?}");
        }
    }
    assert!(trips > 20_000 && lost > 0 && lost < trips, "{trips} {lost}");
}

#[test]
fn one_more_quote_never_makes_a_direct_conversion_worse() {
    let mut random = Random::new(47);
    let (mut better, mut same, mut first) = (0, 0, 0);
    for _ in 0..10_000 {
        let mut book = Quotes::new();
        let [from, to] = two_currencies(&mut random);
        let request = request(from, to, random_fixed(&mut random));
        let mut before = None;
        for number in 1..=12 {
            let mut quote = random_quote(&mut random, number, 0);
            (quote.base, quote.counter) = if random.below(2) == 0 {
                (from, to)
            } else {
                (to, from)
            };
            book.publish(quote).expect("the quote keeps the rules");
            let after = best(&book, &request);
            match (before, after) {
                (Some(before), Some(after)) => {
                    let [before, after] = [before, after].map(|route: causeway_fx::quotes::Route| {
                        let (paid, received) = (i128::from(route.from().1), i128::from(route.to().1));
                        received - paid
                    });
                    assert!(after >= before, "{request:?}");
                    if after > before {
                        better += 1;
                    } else {
                        same += 1;
                    }
                }
                (Some(_), None) => panic!("{request:?}: quote {number} took the fill away"),
                (None, after) => first += u64::from(after.is_some()),
            }
            before = after;
        }
    }
    assert!(
        better > 5_000 && same > 5_000 && first > 5_000,
        "{better} {same} {first}"
    );
}
