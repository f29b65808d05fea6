//! Fuzz target of the tiers of quotes. What reads keeps the rules, is written the same, and prices any amount.

use super::support;
use super::support::{Input, fuzz};
use causeway_fx::quotes::{Fixed, Quote, Quotes, Request, Tier, Tiers};

#[test]
fn tiers_that_read_keep_the_rules_and_price_any_amount() {
    let tier = |up_to, bid, ask| Tier { up_to, bid, ask };
    let samples: Vec<Vec<u8>> = [
        (
            4,
            vec![
                tier(100_000_000, 10_857, 10_859),
                tier(1_000_000_000, 10_855, 10_861),
            ],
        ),
        (0, vec![tier(1, 1, 1)]),
        (12, vec![tier(u64::MAX, 1, u64::MAX)]),
        (2, (1..=8).map(|at| tier(at * 10, 120 - at, 120 + at)).collect()),
    ]
    .map(|(scale, tiers)| Tiers::new(scale, &tiers).expect("they keep the rules").encode())
    .into();
    fuzz!("quote-tiers", &samples, |input: &Input| {
        let tiers = match Tiers::decode(&input.bytes) {
            Ok(tiers) => tiers,
            Err(error) => return assert!(error.to_string().len() < 200),
        };
        assert_eq!(tiers.encode(), input.bytes);
        assert!((1..=8).contains(&tiers.as_slice().len()) && tiers.scale() <= 12);
        assert!(
            tiers
                .as_slice()
                .iter()
                .all(|tier| 0 < tier.bid && tier.bid <= tier.ask)
        );
        for pair in tiers.as_slice().windows(2) {
            let [a, b] = [pair[0], pair[1]];
            assert!(a.up_to < b.up_to && a.bid >= b.bid && a.ask <= b.ask);
        }
        price(tiers, input.bytes.len() as u64);
    });
}

/// Both directions, both orientations, the edges of every tier: no fill is larger than its tier.
fn price(tiers: Tiers, amount: u64) {
    let [jpy, clf] = [392, 990];
    for (base, counter) in [(jpy, clf), (clf, jpy)] {
        let mut book = Quotes::new();
        let quote = Quote {
            number: 1,
            provider: 1,
            base,
            counter,
            left: u64::MAX,
            expires: 1,
            tiers,
        };
        book.publish(quote).expect("the quote keeps the rules");
        let edges = tiers
            .as_slice()
            .iter()
            .flat_map(|tier| [tier.up_to, tier.up_to.saturating_add(1), tier.ask]);
        for amount in edges.chain([amount, u64::MAX]) {
            for fixed in [Fixed::Source(amount), Fixed::Target(amount)] {
                let request = Request {
                    from: jpy,
                    to: clf,
                    via: None,
                    fixed,
                    now: 0,
                    until: 0,
                };
                let Some(route) = book.best(&request, &mut |_, _| true) else {
                    continue;
                };
                let fill = route.first;
                let tier = tiers.as_slice()[usize::from(fill.tier)];
                assert!(fill.base_amount <= tier.up_to && fill.from.1 > 0 && fill.to.1 > 0);
            }
        }
    }
}
