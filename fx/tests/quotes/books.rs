//! Random books and requests against the model, while quotes come and go.

use super::model::{self, Told};
use super::random::Random;
use super::{CURRENCIES, random_fixed, random_quote, two_currencies};
use causeway_fx::quotes::{Fill, Quote, Quotes, Request};

/// Books, each with one request. Every one differs from that before by what came and went in between.
const CASES: u64 = 400_000;

/// Live quotes that the books are kept below.
const LIVE_MAX: usize = 60;

struct World {
    random: Random,
    book: Quotes,
    list: Vec<Quote>,
    number: u64,
    now: u64,
    /// What was taken and may be given back.
    taken: Vec<(u64, u64)>,
}

impl World {
    fn publish(&mut self) {
        self.number += 1 + self.random.below(3) as u64;
        let quote = random_quote(&mut self.random, self.number, self.now);
        self.book.publish(quote).expect("the quote keeps the rules");
        self.list.push(quote);
    }

    /// A number that is or was there.
    fn some_number(&mut self) -> u64 {
        let at = self.random.below(self.list.len() + 1);
        self.list.get(at).map_or(self.number + 1, |quote| quote.number)
    }

    fn remove(&mut self, number: u64) -> Option<Quote> {
        let at = self.list.iter().position(|quote| quote.number == number)?;
        Some(self.list.remove(at))
    }

    fn withdraw(&mut self) {
        let number = self.some_number();
        assert_eq!(self.book.withdraw(number), self.remove(number));
    }

    fn withdraw_all(&mut self) {
        let provider = self.random.below(6) as u32;
        let [base, counter] = two_currencies(&mut self.random);
        let theirs = |quote: &Quote| (quote.provider, quote.base, quote.counter) == (provider, base, counter);
        let gone: Vec<Quote> = self.list.iter().copied().filter(theirs).collect();
        let of: Vec<Quote> = self.book.of(provider, (base, counter)).copied().collect();
        assert_eq!(of, gone);
        self.list.retain(|quote| !theirs(quote));
        assert_eq!(self.book.withdraw_all(provider, base, counter), gone);
    }

    fn take(&mut self, number: u64, amount: u64) {
        let found = self.book.take(number, amount);
        let Some(quote) = self.list.iter_mut().find(|quote| quote.number == number) else {
            return assert!(found.is_err());
        };
        if amount > quote.left {
            return assert!(found.is_err());
        }
        quote.left -= amount;
        let left = quote.left;
        assert_eq!(found, Ok(left));
        self.taken.push((number, amount));
        if left == 0 {
            self.remove(number);
        }
    }

    fn give_back(&mut self) {
        let Some((number, amount)) = self.taken.pop() else {
            return;
        };
        let there = self.list.iter_mut().find(|quote| quote.number == number);
        assert_eq!(self.book.give_back(number, amount), there.is_some());
        if let Some(quote) = there {
            quote.left += amount;
        }
    }

    fn sweep(&mut self) {
        self.now += self.random.below(8) as u64;
        let most = self.random.below(4);
        let mut due: Vec<Quote> = self.list.clone();
        due.retain(|quote| quote.expires <= self.now);
        due.sort_by_key(|quote| (quote.expires, quote.number));
        due.truncate(most);
        assert_eq!(self.book.expired(self.now, most), due);
        self.list.retain(|quote| !due.contains(quote));
        let next = self.list.iter().map(|quote| quote.expires).min();
        assert_eq!(self.book.next_end(), next);
    }

    fn change(&mut self) {
        if self.list.len() < LIVE_MAX / 2 {
            self.publish();
        }
        match self.random.below(12) {
            0..=3 if self.list.len() < LIVE_MAX => self.publish(),
            4 => self.withdraw(),
            5 if self.random.below(4) == 0 => self.withdraw_all(),
            6 => {
                let number = self.some_number();
                let left = self.book.get(number).map_or(1, |quote| quote.left);
                let amount = [left, left / 2, left.saturating_add(1), 1][self.random.below(4)];
                self.take(number, amount);
            }
            7 => self.give_back(),
            8 => self.sweep(),
            _ => {}
        }
    }

    fn request(&mut self) -> Request {
        let [from, to] = two_currencies(&mut self.random);
        let other = CURRENCIES[self.random.below(CURRENCIES.len())];
        // Now and then no currency, or one currency twice.
        let (from, to) = match self.random.below(100) {
            0 => (from, from),
            1 => (959, to),
            _ => (from, to),
        };
        let ahead = [0, 0, 0, 20][self.random.below(4)];
        Request {
            from,
            to,
            via: (self.random.below(2) == 0).then_some(other),
            fixed: random_fixed(&mut self.random),
            now: self.now,
            until: self.now + ahead,
        }
    }
}

fn told(fill: &Fill) -> Told {
    (fill.quote, fill.from.1, fill.to.1)
}

/// A caller that says no to some fills, whatever they are, and to some second ones for what the first one is.
fn may(strict: bool, chosen: Option<Told>, (quote, paid, received): Told) -> bool {
    let before = chosen.map_or(0, |(quote, paid, _)| quote.wrapping_add(paid));
    let sum = quote
        .wrapping_mul(31)
        .wrapping_add(paid)
        .wrapping_add(received)
        .wrapping_add(before);
    !strict || !sum.is_multiple_of(3)
}

#[test]
fn random_books_give_the_routes_that_a_search_of_everything_gives() {
    let mut world = World {
        random: Random::new(2_027),
        book: Quotes::new(),
        list: Vec::new(),
        number: 0,
        now: 1,
        taken: Vec::new(),
    };
    let (mut direct, mut through, mut asked, mut full) = (0, 0, 0_u64, 0_u64);
    for case in 0..CASES {
        world.change();
        let request = world.request();
        let strict = case % 2 == 0;
        let expected = model::best(&world.list, &request, &|chosen, fill| may(strict, chosen, fill));
        let mut refusals = 0;
        let found = world.book.best(&request, &mut |chosen, fill| {
            assert!(chosen.len() <= 1);
            let yes = may(strict, chosen.first().map(told), told(fill));
            refusals += u64::from(!yes);
            yes
        });
        model::check(expected.as_deref(), found.as_ref(), &request);
        asked += u64::from(refusals > 0);
        match &found {
            Some(route) if route.second.is_some() => through += 1,
            Some(_) => direct += 1,
            None => {}
        }
        if let Some(route) = found.filter(|_| case % 16 == 0) {
            for fill in route.hops() {
                world.take(fill.quote, fill.base_amount);
            }
        }
        if case % 512 == 0 {
            let held: Vec<Quote> = world.book.iter().copied().collect();
            assert_eq!(held, world.list);
            // What follows is done by a book that was written down and published again.
            let again = super::book(&held);
            assert_eq!(again, world.book);
            world.book = again;
        }
        full = full.max(world.book.len() as u64);
    }
    println!(
        "{CASES} requests: {direct} direct, {through} through a vehicle, {asked} with a refusal, {full} quotes"
    );
    assert!(direct > CASES / 4 && through > CASES / 20 && asked > CASES / 10);
}
