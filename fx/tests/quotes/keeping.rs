//! The book's own rules: what is taken in, how much, and what comes back.

use super::{EUR, JPY, USD, best, book, direct, quote, request};
use causeway_fx::limits::{QUOTES_LOOKED_MAX, QUOTES_MAX, QUOTES_PER_PAIR_MAX};
use causeway_fx::quotes::{Fixed, Quote, QuoteError, Quotes, TakeError};

fn plain(number: u64) -> Quote {
    quote(number, (EUR, USD), 1, &[(1_000, 10, 12)])
}

#[test]
fn a_quote_that_breaks_a_rule_is_not_taken_in() {
    let mut book = book(&[plain(7)]);
    let before = book.clone();
    let with = |change: &dyn Fn(&mut Quote)| {
        let mut quote = plain(8);
        change(&mut quote);
        quote
    };
    for (refused, expected) in [
        (plain(0), "number: it must be above zero"),
        (plain(7), "number: quote 7 is there already, each has its own"),
        (
            with(&|quote| quote.base = 959),
            "base: 959 is not the numeric code of an active currency with minor units",
        ),
        (
            with(&|quote| quote.counter = 0),
            "counter: 0 is not the numeric code of an active currency with minor units",
        ),
        (
            with(&|quote| quote.counter = EUR),
            "counter: it must not be the base",
        ),
        (with(&|quote| quote.left = 0), "left: it must be above zero"),
    ] {
        assert_eq!(book.publish(refused).unwrap_err().to_string(), expected);
        assert_eq!(book, before);
    }
}

#[test]
fn one_provider_has_so_many_quotes_of_a_pair_and_no_more() {
    let most = QUOTES_PER_PAIR_MAX as u64;
    let mut book = Quotes::new();
    for number in 1..=most {
        book.publish(plain(number)).unwrap();
    }
    let next = plain(most + 1);
    assert_eq!(book.publish(next), Err(QuoteError::TooManyOfPair));
    book.publish(Quote { provider: 2, ..next }).unwrap();
    let turned = quote(most + 2, (USD, EUR), 1, &[(1_000, 8, 9)]);
    book.publish(turned).unwrap();
    book.withdraw(3).unwrap();
    book.publish(plain(most + 3)).unwrap();
    assert_eq!(book.of(1, (EUR, USD)).count(), QUOTES_PER_PAIR_MAX);
    assert_eq!(book.of(1, (USD, EUR)).collect::<Vec<_>>(), [&turned]);
    assert_eq!(book.withdraw_all(1, EUR, USD).len(), QUOTES_PER_PAIR_MAX);
    assert_eq!(book.len(), 2);
}

#[test]
fn the_book_has_so_many_quotes_and_no_more() {
    let mut book = Quotes::new();
    for number in 1..=QUOTES_MAX as u64 {
        let provider = number as u32 / QUOTES_PER_PAIR_MAX as u32;
        book.publish(Quote {
            provider,
            ..plain(number)
        })
        .unwrap();
    }
    let next = Quote {
        provider: u32::MAX,
        ..plain(1 << 40)
    };
    assert_eq!(book.publish(next), Err(QuoteError::TooMany));
    assert_eq!(direct(&book, EUR, USD, Fixed::Source(1)).unwrap().quote, 1);
    assert_eq!(book.take(1, u64::MAX), Ok(0));
    book.publish(next).unwrap();
    assert_eq!(direct(&book, EUR, USD, Fixed::Source(1)).unwrap().quote, 2);
}

#[test]
fn what_is_taken_is_missing_until_it_is_given_back() {
    let mut book = book(&[
        Quote {
            left: 500,
            ..plain(1)
        },
        Quote {
            left: 400,
            provider: 2,
            ..plain(2)
        },
    ]);
    let before = book.clone();
    let fill = direct(&book, EUR, USD, Fixed::Source(450)).unwrap();
    assert_eq!((fill.quote, fill.base_amount), (1, 450));
    assert_eq!(book.take(1, 450), Ok(50));
    assert_eq!(direct(&book, EUR, USD, Fixed::Source(450)), None);
    assert_eq!(direct(&book, EUR, USD, Fixed::Source(51)).unwrap().quote, 2);
    assert_eq!(direct(&book, EUR, USD, Fixed::Source(50)).unwrap().quote, 1);
    let too_much = TakeError::TooMuch {
        number: 1,
        asked: 51,
        left: 50,
    };
    assert_eq!(book.take(1, 51), Err(too_much));
    assert!(book.give_back(1, 450));
    assert_eq!(book, before);
}

#[test]
fn a_quote_that_is_used_up_leaves_for_good() {
    let mut book = book(&[Quote {
        left: 500,
        ..plain(1)
    }]);
    assert_eq!(book.take(1, 500), Ok(0));
    assert_eq!(book, Quotes::new());
    assert!(!book.give_back(1, 500));
    assert_eq!(book.take(1, 1), Err(TakeError::Gone { number: 1 }));
    assert_eq!(book, Quotes::new());
}

#[test]
fn a_quote_holds_before_its_end_and_a_lock_asks_for_more() {
    let mut book = book(&[Quote {
        expires: 100,
        ..plain(1)
    }]);
    let at = |book: &Quotes, now, until| {
        let request = super::Request {
            now,
            until,
            ..request(EUR, USD, Fixed::Source(10))
        };
        best(book, &request).is_some()
    };
    assert!(at(&book, 99, 99) && at(&book, 99, 100));
    assert!(!at(&book, 100, 100) && !at(&book, 99, 101));
    assert_eq!(book.next_end(), Some(100));
    assert_eq!(book.expired(99, 10), []);
    assert_eq!(book.expired(100, 0), []);
    assert_eq!(book.expired(100, 10).len(), 1);
    assert_eq!((book.next_end(), book.is_empty()), (None, true));
}

#[test]
fn no_more_quotes_are_looked_at_than_the_bound_and_these_are_the_best() {
    let small = |number: u64| Quote {
        provider: (number / 8) as u32,
        ..quote(number, (EUR, USD), 0, &[(10, 5, 6)])
    };
    let turned = |number: u64| Quote {
        provider: (number / 8) as u32,
        ..quote(number, (USD, EUR), 1, &[(10, 1, 2)])
    };
    let mut book = Quotes::new();
    let last = QUOTES_LOOKED_MAX as u64;
    for number in 1..last {
        book.publish(if number % 2 == 0 {
            small(number)
        } else {
            turned(number)
        })
        .unwrap();
    }
    let large = Quote {
        provider: 9_999,
        ..quote(last, (EUR, USD), 0, &[(1_000, 4, 6)])
    };
    book.publish(large).unwrap();
    assert_eq!(direct(&book, EUR, USD, Fixed::Source(1_000)).unwrap().quote, last);
    book.publish(small(last + 1)).unwrap();
    assert_eq!(direct(&book, EUR, USD, Fixed::Source(1_000)), None);
    // One that was passed over for its size is behind as many with a better price at another size.
    let mut asked = 0;
    let found = book.best(&request(EUR, USD, Fixed::Source(1)), &mut |_, _| {
        asked += 1;
        false
    });
    assert_eq!((found, asked), (None, QUOTES_LOOKED_MAX));
    assert_eq!(direct(&book, EUR, JPY, Fixed::Source(1)), None);
}
