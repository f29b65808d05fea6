//! The rules one by one.
use causeway_netting::limits::TOLERANCE_CANDIDATES_MAX;
use causeway_netting::{Matcher, Terms};

use super::{constant, mirrored, named, trade, within};

fn plain() -> Terms {
    trade(1, 2, (7, 10_000), (8, 20_000))
}

/// A matcher with these unmatched under the handles 0, 1, …
fn with(terms: impl IntoIterator<Item = Terms>) -> Matcher {
    let mut matcher = Matcher::new(1);
    for (item, terms) in (0..).zip(terms) {
        assert_eq!(matcher.submit(item, &terms), None);
    }
    matcher
}

const ARRIVING: u32 = 1_000;

fn partner(matcher: &Matcher, terms: Terms) -> Option<u32> {
    matcher.clone().submit(ARRIVING, &terms)
}

#[test]
fn both_leave_when_they_match() {
    let mut matcher = with([plain()]);
    assert_eq!(matcher.submit(5, &mirrored(plain())), Some(0));
    assert!(matcher.is_empty());
    assert_eq!((matcher.terms(0), matcher.terms(5)), (None, None));
    assert!(!matcher.withdraw(0) && !matcher.withdraw(5));
    // Both handles are free.
    assert_eq!(matcher.submit(5, &plain()), None);
    assert_eq!(matcher.submit(0, &mirrored(plain())), Some(5));
}

#[test]
fn the_same_side_twice_is_no_match() {
    let matcher = with([plain(), plain()]);
    assert_eq!(matcher.len(), 2);
}

#[test]
fn identical_trades_pair_one_to_one_in_order_of_arrival() {
    let mut matcher = with(std::iter::repeat_n(plain(), 500));
    for item in 0..500 {
        assert_eq!(matcher.submit(ARRIVING + item, &mirrored(plain())), Some(item));
    }
    assert_eq!(matcher.submit(ARRIVING, &mirrored(plain())), None);
    assert_eq!(matcher.len(), 1);
}

#[test]
fn order_of_arrival_is_not_that_of_handles() {
    let mut matcher = Matcher::new(1);
    for item in [9, 3, 7, 1] {
        assert_eq!(matcher.submit(item, &plain()), None);
    }
    assert!(matcher.withdraw(3));
    // Under the same handle again it is the last.
    assert_eq!(matcher.submit(3, &plain()), None);
    let taken = [100, 101, 102, 103].map(|item| matcher.submit(item, &mirrored(plain())));
    assert_eq!(taken, [Some(9), Some(7), Some(1), Some(3)]);
}

#[test]
fn a_reference_takes_the_earlier_of_the_same_one_and_of_none() {
    let matcher = with([named(plain(), 2), named(plain(), 1), plain(), named(plain(), 1)]);
    let counter = mirrored(plain());
    assert_eq!(partner(&matcher, named(counter, 1)), Some(1));
    assert_eq!(partner(&matcher, named(counter, 2)), Some(0));
    assert_eq!(partner(&matcher, named(counter, 3)), Some(2));
    assert_eq!(partner(&matcher, counter), Some(0));
    let matcher = with([plain(), named(plain(), 1)]);
    assert_eq!(partner(&matcher, named(counter, 1)), Some(0));
    let matcher = with([named(plain(), 1)]);
    assert_eq!(partner(&matcher, named(counter, 2)), None);
    let mut last = named(counter, 1);
    last.reference[15] = 1;
    assert_eq!(partner(&matcher, last), None);
}

#[test]
fn a_tolerance_needs_both_sides() {
    let mut counter = mirrored(plain());
    counter.pays.amount += 5;
    for (mine, theirs, matches) in [
        (None, None, false),
        (Some(5), None, false),
        (None, Some(5), false),
        (Some(5), Some(5), true),
        // What the first gets differs by five; what the arriving one gets does not differ.
        (Some(5), Some(0), true),
        (Some(4), Some(9), false),
    ] {
        let first = Terms {
            tolerance: mine,
            ..plain()
        };
        let second = Terms {
            tolerance: theirs,
            ..counter
        };
        let expected = matches.then_some(0);
        assert_eq!(partner(&with([first]), second), expected, "{mine:?} {theirs:?}");
        // The other way round it is the same.
        assert_eq!(partner(&with([second]), first), expected, "{mine:?} {theirs:?}");
    }
}

#[test]
fn a_tolerance_holds_to_the_ends_of_the_range() {
    let extreme = trade(1, 2, (7, u64::MAX), (8, 0));
    let other = trade(2, 1, (8, u64::MAX), (7, 0));
    let matcher = with([within(extreme, u64::MAX)]);
    assert_eq!(partner(&matcher, within(other, u64::MAX)), Some(0));
    assert_eq!(partner(&matcher, within(other, u64::MAX - 1)), None);
}

#[test]
fn an_exact_match_comes_before_an_earlier_near_one() {
    let mut near = within(plain(), 10);
    near.pays.amount += 1;
    let matcher = with([near, within(plain(), 10), plain()]);
    assert_eq!(partner(&matcher, within(mirrored(plain()), 10)), Some(1));
    let matcher = with([near, plain()]);
    assert_eq!(partner(&matcher, within(mirrored(plain()), 10)), Some(1));
    let matcher = with([near]);
    assert_eq!(partner(&matcher, within(mirrored(plain()), 10)), Some(0));
    assert_eq!(partner(&matcher, mirrored(plain())), None);
}

#[test]
fn of_several_within_tolerance_the_first_is_taken_not_the_nearest() {
    let off = |by| {
        let mut terms = within(plain(), 10);
        terms.pays.amount += by;
        terms
    };
    let matcher = with([off(11), off(9), off(1)]);
    assert_eq!(partner(&matcher, within(mirrored(plain()), 10)), Some(1));
}

#[test]
fn a_tolerance_looks_at_a_bounded_number() {
    let far = trade(1, 2, (7, 99_000), (8, 99_000));
    let near = within(plain(), 10);
    let mut counter = within(mirrored(plain()), 10);
    counter.pays.amount += 1;
    let bound = TOLERANCE_CANDIDATES_MAX;
    for (before, expected) in [(bound - 1, Some(bound as u32 - 1)), (bound, None)] {
        let far_ones = std::iter::repeat_n(within(far, 1), before);
        let matcher = with(far_ones.chain([near]));
        assert_eq!(partner(&matcher, counter), expected);
        // One that matches exactly is found behind any number.
        assert_eq!(partner(&matcher, mirrored(plain())), Some(before as u32));
    }
    // Those without a tolerance, or with another reference, are not looked at and do not count.
    let others = [far, named(within(far, 1), 2)];
    let many = others
        .into_iter()
        .flat_map(|terms| std::iter::repeat_n(terms, 100));
    let matcher = with(many.chain([near]));
    assert_eq!(partner(&matcher, named(counter, 1)), Some(200));
    assert_eq!(partner(&matcher, counter), None);
}

#[test]
fn a_handle_in_use_is_withdrawn_before() {
    let mut matcher = with([plain()]);
    let mut other = plain();
    other.value_date += 1;
    assert_eq!(matcher.submit(0, &other), None);
    assert_eq!(matcher.len(), 1);
    assert_eq!(matcher.terms(0), Some(&other));
    assert_eq!(partner(&matcher, mirrored(plain())), None);
    assert_eq!(partner(&matcher, mirrored(other)), Some(0));
    // It is never its own partner.
    assert_eq!(matcher.submit(0, &mirrored(other)), None);
    matcher.keep(0, &plain());
    assert_eq!((matcher.len(), matcher.terms(0)), (1, Some(&plain())));
}

#[test]
fn keeping_does_not_look_for_a_match() {
    let mut matcher = Matcher::new(1);
    matcher.keep(0, &plain());
    matcher.keep(1, &mirrored(plain()));
    matcher.keep(2, &plain());
    assert_eq!(matcher.len(), 3);
    assert_eq!(partner(&matcher, plain()), Some(1));
    assert_eq!(partner(&matcher, mirrored(plain())), Some(0));
}

#[test]
fn what_was_kept_in_order_of_arrival_goes_on_as_before() {
    let terms = [
        named(plain(), 1),
        plain(),
        within(plain(), 3),
        named(within(plain(), 3), 1),
    ];
    let original = with(terms);
    let mut restored = Matcher::new(99);
    for (item, terms) in (0..).zip(&terms) {
        restored.keep(item, terms);
    }
    let mut off = mirrored(plain());
    off.pays.amount += 2;
    let arriving = [
        mirrored(plain()),
        named(off, 2),
        within(off, 2),
        named(within(off, 2), 1),
    ];
    // Every sequence of four of them.
    for code in 0..256_usize {
        let (mut one, mut other) = (original.clone(), restored.clone());
        for place in 0..4 {
            let terms = &arriving[code >> (2 * place) & 3];
            let item = ARRIVING + place as u32;
            assert_eq!(one.submit(item, terms), other.submit(item, terms));
        }
    }
}

#[test]
fn equal_hashes_of_other_fields_never_match() {
    let changes: [fn(&mut Terms); 8] = [
        |t| t.party = 3,
        |t| t.counterparty = 3,
        |t| t.value_date += 1,
        |t| t.pays.currency += 4,
        |t| t.pays.amount += 1,
        |t| t.gets.currency += 4,
        |t| t.gets.amount += 1,
        |t| *t = named(*t, 2),
    ];
    for change in changes {
        let mut matcher = Matcher::with_hash(0, constant);
        assert_eq!(matcher.submit(0, &named(plain(), 1)), None);
        let counter = named(mirrored(plain()), 1);
        let mut other = counter;
        change(&mut other);
        assert_eq!(matcher.submit(1, &other), None, "{other:?}");
        assert_eq!(matcher.submit(2, &counter), Some(0));
    }
}
