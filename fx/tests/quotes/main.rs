//! Firm quotes: the rules by example, the book against a list that is searched whole by integers of any size, and bytes.
mod books;
mod bytes;
mod keeping;
mod model;
mod properties;
#[path = "../conversion/random.rs"]
#[allow(dead_code)]
mod random;
mod rules;

use causeway_fx::quotes::{Fill, Fixed, Quote, Quotes, Request, Route, Tier, Tiers};
use random::Random;

const JPY: u16 = 392;
const EUR: u16 = 978;
const USD: u16 = 840;
const KWD: u16 = 414;
const CLF: u16 = 990;

/// One currency of each number of digits, and two of the most common one.
const CURRENCIES: [u16; 5] = [JPY, EUR, USD, KWD, CLF];

/// A quote of provider 1 without an end near. Tiers are size, bid and ask; `scale` are the digits of the prices.
fn quote(number: u64, (base, counter): (u16, u16), scale: u8, tiers: &[(u64, u64, u64)]) -> Quote {
    let tiers: Vec<Tier> = tiers
        .iter()
        .map(|&(up_to, bid, ask)| Tier { up_to, bid, ask })
        .collect();
    Quote {
        number,
        provider: 1,
        base,
        counter,
        left: u64::MAX,
        expires: u64::MAX,
        tiers: Tiers::new(scale, &tiers).expect("the tiers keep the rules"),
    }
}

fn book(quotes: &[Quote]) -> Quotes {
    let mut book = Quotes::new();
    for quote in quotes {
        book.publish(*quote).expect("the quote keeps the rules");
    }
    book
}

fn request(from: u16, to: u16, fixed: Fixed) -> Request {
    Request {
        from,
        to,
        via: None,
        fixed,
        now: 0,
        until: 0,
    }
}

/// The best route where the caller has nothing against any fill.
fn best(book: &Quotes, request: &Request) -> Option<Route> {
    book.best(request, &mut |_, _| true)
}

/// The one fill of a direct conversion.
fn direct(book: &Quotes, from: u16, to: u16, fixed: Fixed) -> Option<Fill> {
    best(book, &request(from, to, fixed)).map(|route| {
        assert_eq!(route.second, None);
        route.first
    })
}

/// Tiers that keep the rules: short prices, so that many are equal, or any.
fn random_tiers(random: &mut Random) -> Tiers {
    let any = random.below(4) == 0;
    let (bits, scale, size) = if any { (64, 12, 64) } else { (6, 2, 24) };
    let most = [8, 2][random.below(2)];
    let count = 1 + random.below(most);
    let mut draw = |bits| random.magnitude(bits).max(1) as u64;
    let mut sizes: Vec<u64> = (0..count).map(|_| draw(size)).collect();
    let mut prices: Vec<u64> = (0..2 * count).map(|_| draw(bits)).collect();
    sizes.sort_unstable();
    sizes.dedup();
    prices.sort_unstable();
    // The lower half are bids, falling; the upper half asks, rising.
    let tiers: Vec<Tier> = (sizes.iter().enumerate())
        .map(|(at, &up_to)| Tier {
            up_to,
            bid: prices[count - 1 - at],
            ask: prices[count + at],
        })
        .collect();
    Tiers::new(random.below(scale + 1) as u8, &tiers).expect("they keep the rules")
}

fn random_quote(random: &mut Random, number: u64, now: u64) -> Quote {
    let [base, counter] = two_currencies(random);
    let bits = [64, 24][random.below(2)];
    Quote {
        number,
        provider: random.below(6) as u32,
        base,
        counter,
        left: random.magnitude(bits).max(1) as u64,
        expires: now + 1 + random.below(200) as u64,
        tiers: random_tiers(random),
    }
}

fn random_fixed(random: &mut Random) -> Fixed {
    let bits = if random.below(8) == 0 { 64 } else { 22 };
    let amount = random.magnitude(bits) as u64;
    if random.below(2) == 0 {
        Fixed::Source(amount)
    } else {
        Fixed::Target(amount)
    }
}

fn two_currencies(random: &mut Random) -> [u16; 2] {
    let first = random.below(CURRENCIES.len());
    let second = (first + 1 + random.below(CURRENCIES.len() - 1)) % CURRENCIES.len();
    [first, second].map(|at| CURRENCIES[at])
}
