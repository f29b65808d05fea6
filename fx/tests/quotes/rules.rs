//! The rules of pricing, one by one.

use super::{CLF, EUR, JPY, KWD, USD, best, book, direct, quote, request};
use causeway_fx::Rate;
use causeway_fx::quotes::{Fill, Fixed, Quote, Quotes, Request, spread};
use causeway_fx::{Currency, Decimal};

#[track_caller]
fn check(book: &Quotes, from: u16, to: u16, fixed: Fixed, expected: Option<(u64, u64, u64, u8)>) {
    let found = direct(book, from, to, fixed).map(|fill| (fill.quote, fill.from.1, fill.to.1, fill.tier));
    assert_eq!(found, expected, "{from} to {to}, {fixed:?}");
}

fn left(fill: &Fill) -> (i128, u128) {
    (fill.remainder.numerator(), fill.remainder.denominator())
}

#[test]
fn the_customer_sells_base_at_the_bid_and_buys_it_at_the_ask() {
    let book = book(&[quote(1, (EUR, JPY), 2, &[(1_000_000, 17_147, 17_153)])]);
    // 1.00 EUR is 171.47 yen.
    let sold = direct(&book, EUR, JPY, Fixed::Source(100)).unwrap();
    assert_eq!(
        (sold.from, sold.to, sold.base_amount),
        ((EUR, 100), (JPY, 171), 100)
    );
    assert_eq!(
        (sold.price.to_string().as_str(), sold.base_is_from),
        ("171.47", true)
    );
    assert_eq!(left(&sold), (47, 100));
    // 171 yen at 171.47 need 99.7 cents.
    let wanted = direct(&book, EUR, JPY, Fixed::Target(171)).unwrap();
    assert_eq!(
        (wanted.from, wanted.to, wanted.base_amount),
        ((EUR, 100), (JPY, 171), 100)
    );
    assert_eq!(left(&wanted), (-4_700, 17_147));
    // 172 yen buy one euro and 0.27 cents at 171.53.
    let bought = direct(&book, JPY, EUR, Fixed::Source(172)).unwrap();
    assert_eq!(
        (bought.from, bought.to, bought.base_amount),
        ((JPY, 172), (EUR, 100), 100)
    );
    assert_eq!(
        (bought.price.to_string().as_str(), bought.base_is_from),
        ("171.53", false)
    );
    assert_eq!(left(&bought), (4_700, 17_153));
    let wanted = direct(&book, JPY, EUR, Fixed::Target(100)).unwrap();
    assert_eq!((wanted.from, wanted.to), ((JPY, 172), (EUR, 100)));
    assert_eq!(left(&wanted), (-47, 100));
}

#[test]
fn the_size_picks_the_tier_and_its_price_holds_for_all_of_it() {
    let book = book(&[quote(1, (EUR, USD), 1, &[(100, 11, 12), (200, 10, 13)])]);
    check(&book, EUR, USD, Fixed::Source(100), Some((1, 100, 110, 0)));
    check(&book, EUR, USD, Fixed::Source(101), Some((1, 101, 101, 1)));
    check(&book, EUR, USD, Fixed::Source(200), Some((1, 200, 200, 1)));
    check(&book, EUR, USD, Fixed::Source(201), None);
    // The amount of base follows from the price: the first tier that holds what its price makes.
    check(&book, EUR, USD, Fixed::Target(110), Some((1, 100, 110, 0)));
    check(&book, EUR, USD, Fixed::Target(111), Some((1, 111, 111, 1)));
    check(&book, USD, EUR, Fixed::Target(100), Some((1, 120, 100, 0)));
    check(&book, USD, EUR, Fixed::Target(101), Some((1, 132, 101, 1)));
    check(&book, USD, EUR, Fixed::Source(120), Some((1, 120, 100, 0)));
    check(&book, USD, EUR, Fixed::Source(132), Some((1, 132, 101, 1)));
}

#[test]
fn counter_that_no_tier_makes_base_of_has_no_fill_there() {
    let first = quote(1, (EUR, USD), 1, &[(100, 11, 12), (200, 10, 13)]);
    let alone = book(&[first]);
    // Above 100 cents at 1.2, but not above 100 at 1.3.
    for between in [122, 131] {
        check(&alone, USD, EUR, Fixed::Source(between), None);
    }
    check(&alone, USD, EUR, Fixed::Source(121), Some((1, 121, 100, 0)));
    let both = book(&[first, quote(2, (EUR, USD), 1, &[(200, 10, 14)])]);
    check(&both, USD, EUR, Fixed::Source(131), Some((2, 131, 93, 0)));
    check(&both, USD, EUR, Fixed::Source(132), Some((1, 132, 101, 1)));
}

#[test]
fn the_best_price_comes_first_then_the_smaller_number() {
    let sizes = |number, bid, ask| quote(number, (EUR, USD), 2, &[(1_000, bid, ask)]);
    let mut book = book(&[
        sizes(5, 110, 120),
        sizes(3, 110, 120),
        sizes(4, 111, 121),
        sizes(9, 109, 119),
    ]);
    check(&book, EUR, USD, Fixed::Source(100), Some((4, 100, 111, 0)));
    check(&book, USD, EUR, Fixed::Source(119), Some((9, 119, 100, 0)));
    book.withdraw(4).unwrap();
    book.withdraw(9).unwrap();
    check(&book, EUR, USD, Fixed::Source(100), Some((3, 100, 110, 0)));
    // The same price with other digits is no better.
    book.publish(quote(6, (EUR, USD), 4, &[(1_000, 11_000, 12_000)]))
        .unwrap();
    book.publish(quote(2, (EUR, USD), 1, &[(1_000, 11, 12)])).unwrap();
    check(&book, EUR, USD, Fixed::Source(100), Some((2, 100, 110, 0)));
    check(&book, USD, EUR, Fixed::Target(100), Some((2, 120, 100, 0)));
}

#[test]
fn both_orientations_are_compared_exactly() {
    // One over 0.9 is more than 1.111111111111 and less than 1.111111111112.
    let turned = quote(7, (USD, EUR), 1, &[(1_000, 8, 9)]);
    let of = |number, bid| quote(number, (EUR, USD), 12, &[(1_000, bid, 2_000_000_000_000)]);
    let found = |quotes: &[Quote]| direct(&book(quotes), EUR, USD, Fixed::Source(900)).unwrap().quote;
    assert_eq!(found(&[turned, of(1, 1_111_111_111_111)]), 7);
    assert_eq!(found(&[turned, of(9, 1_111_111_111_112)]), 9);
    // Equal: 1.25 and one over 0.8.
    let turned = quote(7, (USD, EUR), 1, &[(2_000, 8, 8)]);
    let same = |number| quote(number, (EUR, USD), 2, &[(2_000, 125, 125)]);
    for from in [EUR, USD] {
        let to = EUR + USD - from;
        let found = |number| direct(&book(&[turned, same(number)]), from, to, Fixed::Source(100)).unwrap();
        assert_eq!((found(1).quote, found(8).quote), (1, 7));
        assert_eq!(found(1).to, found(8).to);
    }
}

#[test]
fn a_deeper_tier_of_a_better_quote_waits_for_a_better_price() {
    let deep = quote(1, (EUR, USD), 2, &[(100, 120, 130), (1_000, 100, 150)]);
    let flat = quote(2, (EUR, USD), 2, &[(1_000, 110, 140)]);
    let book = book(&[deep, flat]);
    check(&book, EUR, USD, Fixed::Source(100), Some((1, 100, 120, 0)));
    check(&book, EUR, USD, Fixed::Source(500), Some((2, 500, 550, 0)));
    let mut asked = Vec::new();
    let refused = book.best(&request(EUR, USD, Fixed::Source(500)), &mut |chosen, fill| {
        assert!(chosen.is_empty());
        asked.push((fill.quote, fill.tier));
        false
    });
    assert_eq!((refused, asked), (None, vec![(2, 0), (1, 1)]));
}

#[test]
fn nothing_and_too_much_are_no_fill() {
    let many = u64::MAX;
    let book = book(&[quote(1, (EUR, USD), 2, &[(many, 1, many)])]);
    for fixed in [Fixed::Source(0), Fixed::Target(0)] {
        check(&book, EUR, USD, fixed, None);
        check(&book, USD, EUR, fixed, None);
    }
    // 99 cents at 0.01 are less than a cent; all the money there is buys 100.
    check(&book, EUR, USD, Fixed::Source(99), None);
    check(&book, EUR, USD, Fixed::Source(100), Some((1, 100, 1, 0)));
    check(&book, USD, EUR, Fixed::Source(many), Some((1, many, 100, 0)));
    check(&book, USD, EUR, Fixed::Target(100), Some((1, many, 100, 0)));
    check(&book, USD, EUR, Fixed::Target(101), None);
    check(
        &book,
        EUR,
        USD,
        Fixed::Target(many / 100),
        Some((1, many - 15, many / 100, 0)),
    );
    check(&book, EUR, USD, Fixed::Target(many / 100 + 1), None);
    // The widest there is: eight digits more, four of them the currency's.
    let widest = super::book(&[quote(1, (JPY, CLF), 0, &[(many, many, many)])]);
    check(&widest, JPY, CLF, Fixed::Source(1), None);
    check(&widest, JPY, CLF, Fixed::Target(many), Some((1, 1, many, 0)));
    check(&widest, CLF, JPY, Fixed::Source(many), None);
    check(&widest, CLF, JPY, Fixed::Target(1), None);
}

#[test]
fn a_vehicle_is_rounded_at_each_hop_and_taken_where_it_is_better() {
    // One euro is 171.47 yen; 480 yen are one dinar.
    let hops = [
        quote(1, (EUR, JPY), 2, &[(1_000_000, 17_147, 17_153)]),
        quote(2, (KWD, JPY), 0, &[(1_000_000, 480, 480)]),
    ];
    let via = |fixed| Request {
        via: Some(JPY),
        ..request(EUR, KWD, fixed)
    };
    let route = best(&book(&hops), &via(Fixed::Source(100))).unwrap();
    let shown: Vec<_> = route.hops().map(|hop| (hop.quote, hop.from, hop.to)).collect();
    assert_eq!(shown, [(1, (EUR, 100), (JPY, 171)), (2, (JPY, 171), (KWD, 356))]);
    // Backward: 0.357 dinar cost 171.36 yen, so 172; those cost 100.3 cents, so 101.
    let route = best(&book(&hops), &via(Fixed::Target(357))).unwrap();
    let shown: Vec<_> = route.hops().map(|hop| (hop.quote, hop.from, hop.to)).collect();
    assert_eq!(shown, [(1, (EUR, 101), (JPY, 172)), (2, (JPY, 172), (KWD, 357))]);
    assert_eq!((route.from(), route.to()), ((EUR, 101), (KWD, 357)));
    let direct = |bid| quote(3, (EUR, KWD), 3, &[(1_000_000, bid, 400)]);
    let hop_count = |bid, fixed| {
        let [first, second] = hops;
        best(&book(&[first, second, direct(bid)]), &via(fixed))
            .unwrap()
            .hops()
            .count()
    };
    // 0.356 is equal, which is direct; 0.355 is worse.
    assert_eq!(
        (
            hop_count(356, Fixed::Source(100)),
            hop_count(355, Fixed::Source(100))
        ),
        (1, 2)
    );
    // 0.357 at 0.354 cost 101 cents as well, at 0.353 they cost 102.
    assert_eq!(
        (
            hop_count(354, Fixed::Target(357)),
            hop_count(353, Fixed::Target(357))
        ),
        (1, 2)
    );
    assert_eq!(best(&book(&hops), &request(EUR, KWD, Fixed::Source(100))), None);
    for via in [EUR, KWD, 0, USD] {
        let request = Request {
            via: Some(via),
            ..request(EUR, KWD, Fixed::Source(100))
        };
        assert_eq!(best(&book(&hops), &request), None);
    }
}

#[test]
fn the_caller_sees_the_hop_that_is_chosen_before() {
    let book = book(&[
        quote(1, (EUR, USD), 0, &[(1_000, 1, 1)]),
        quote(2, (USD, JPY), 0, &[(1_000, 150, 150)]),
    ]);
    for (fixed, order) in [(Fixed::Source(100), [1, 2]), (Fixed::Target(150), [2, 1])] {
        let request = Request {
            via: Some(USD),
            ..request(EUR, JPY, fixed)
        };
        let mut asked = Vec::new();
        let route = book.best(&request, &mut |chosen, fill| {
            asked.push((chosen.first().map(|fill| fill.quote), fill.quote));
            true
        });
        assert_eq!(asked, [(None, order[0]), (Some(order[0]), order[1])]);
        assert_eq!(
            (route.unwrap().first.quote, route.unwrap().second.unwrap().quote),
            (1, 2)
        );
    }
}

#[test]
fn the_spread_is_what_the_customer_gives_up_against_the_reference() {
    let rate = |base: &str, value: Decimal, quote: &str| {
        let [base, quote] = [base, quote].map(|code| Currency::from_alpha(code).unwrap());
        Rate::new(value, base, quote).unwrap()
    };
    let book = book(&[quote(1, (EUR, USD), 2, &[(1_000_000, 108, 112)])]);
    let reference = rate("EUR", Decimal::new(110, 2), "USD");
    let sold = direct(&book, EUR, USD, Fixed::Source(10_000)).unwrap();
    assert_eq!((sold.to.1, sold.spread(&reference)), (10_800, Some(200)));
    assert_eq!(sold.spread(reference.inverse()), Some(200));
    let bought = direct(&book, USD, EUR, Fixed::Target(10_000)).unwrap();
    // 112.00 dollars are 101.82 euros.
    assert_eq!((bought.from.1, bought.spread(&reference)), (11_200, Some(182)));
    assert_eq!(sold.spread(&rate("EUR", Decimal::new(107, 2), "USD")), Some(-100));
    // Half a cent goes to the even one.
    for (from, fair) in [(1, 0), (3, 2)] {
        let half = rate("EUR", Decimal::new(5, 1), "USD");
        assert_eq!(spread((EUR, from), (USD, 0), &half), Some(fair));
    }
    for other in [rate("EUR", Decimal::ONE, "JPY"), rate("GBP", Decimal::ONE, "JPY")] {
        assert_eq!(sold.spread(&other), None);
    }
    assert_eq!(spread((0, 1), (USD, 1), &reference), None);
    let (most, twice) = (u64::MAX, rate("EUR", Decimal::TWO, "USD"));
    assert_eq!(spread((EUR, most / 4), (USD, 0), &twice), Some(i64::MAX - 1));
    assert_eq!(spread((EUR, most / 4 + 1), (USD, 0), &twice), None);
    let little = rate("EUR", Decimal::new(1, 28), "USD");
    assert_eq!(spread((EUR, 1), (USD, 1 << 63), &little), Some(i64::MIN));
    assert_eq!(spread((EUR, 1), (USD, most), &little), None);
}
