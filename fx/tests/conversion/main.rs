//! Conversions and reference rates against arithmetic on integers of any size.
mod oracle;
mod random;
mod reference;
mod table;

use causeway_fx::{ConvertError, Currency, Money, Rate, Remainder, Rounding, convert, convert_through};
use oracle::{Oracle, exact_rate};
use random::Random;

/// Random conversions that are held to the oracle.
const CASES: u64 = 1_000_000;

/// One currency of each number of digits, and two more of the most common one.
const CODES: [&str; 6] = ["JPY", "EUR", "USD", "KWD", "CLF", "GBP"];

fn currency(code: &str) -> &'static Currency {
    Currency::from_alpha(code).expect("it is active")
}

fn pair(random: &mut Random) -> [&'static Currency; 2] {
    let first = random.below(CODES.len());
    let second = (first + 1 + random.below(CODES.len() - 1)) % CODES.len();
    [first, second].map(|at| currency(CODES[at]))
}

#[test]
fn a_million_random_conversions_are_those_of_big_integers() {
    let oracle = Oracle::new();
    let mut random = Random::new(2_026);
    let (mut refused, mut ties, mut rounded) = (0_u64, 0_u64, 0_u64);
    for case in 0..CASES {
        let [base, quote] = pair(&mut random);
        let rate = if case % 4 == 0 {
            random.short_rate(base, quote)
        } else {
            random.any_rate(base, quote)
        };
        let from = [base, quote][random.below(2)];
        let minor = if case % 4 == 0 {
            i128::from(random.below(2_001) as u16) - 1_000
        } else {
            random.signed()
        };
        let rounding = Rounding::ALL[random.below(4)];
        let amount = Money::new(minor, from);
        let expected = oracle.convert(amount, &exact_rate(&rate), rounding);
        match convert(amount, &rate, rounding) {
            Ok(converted) => {
                let to = if from == base { quote } else { base };
                assert_eq!(converted.money.currency, to);
                expected.check(&converted, &format!("{amount} at {rate} {rounding:?}"));
                ties += u64::from(converted.remainder.is_tie());
                rounded += u64::from(!converted.remainder.is_zero());
            }
            Err(error) => {
                assert!(matches!(error, ConvertError::OutOfRange { .. }), "{error}");
                assert!(!expected.fits(), "{amount} at {rate} {rounding:?}");
                refused += 1;
            }
        }
    }
    println!("{CASES} conversions: {rounded} rounded, {ties} of them ties, {refused} refused");
    assert!(refused > CASES / 100 && rounded > CASES / 4 && ties > CASES / 200);
}

#[test]
fn a_conversion_at_a_cross_rate_is_exact_up_to_its_one_rounding() {
    let oracle = Oracle::new();
    let mut random = Random::new(4_217);
    for _ in 0..100_000 {
        let [base, quote] = pair(&mut random);
        let common = currency("CHF");
        let first = random.message_rate(common, base);
        let second = random.message_rate(common, quote);
        let cross = first.cross(&second).expect("ISO rates cross");
        let rounding = Rounding::ALL[random.below(4)];
        let amount = Money::new(random.signed() >> 32, [base, quote][random.below(2)]);
        let fraction = oracle::cross(&exact_rate(&first), &exact_rate(&second));
        let expected = oracle.convert(amount, &fraction, rounding);
        match convert(amount, cross, rounding) {
            Ok(converted) => expected.check(&converted, &format!("{amount} at {cross} {rounding:?}")),
            Err(error) => assert!(!expected.fits(), "{amount} at {cross} {rounding:?}: {error}"),
        }
    }
}

#[test]
fn every_hop_of_a_way_is_one_rounded_conversion() {
    let oracle = Oracle::new();
    let mut random = Random::new(15_022);
    for _ in 0..50_000 {
        let [base, quote] = pair(&mut random);
        let vehicle = currency("CHF");
        let rates = [
            random.message_rate(base, vehicle),
            random.message_rate(quote, vehicle),
        ];
        let rounding = Rounding::ALL[random.below(4)];
        let mut from = Money::new(random.signed() >> 80, base);
        let hops = convert_through(from, &rates, rounding).expect("it fits");
        assert_eq!(hops.len(), rates.len());
        for (hop, rate) in hops.iter().zip(&rates) {
            let expected = oracle.convert(from, &exact_rate(rate), rounding);
            expected.check(hop, &format!("{from} at {rate} {rounding:?}"));
            from = hop.money;
        }
        assert_eq!(from.currency, quote);
    }
}

fn twice(remainder: &Remainder) -> u128 {
    remainder.numerator().unsigned_abs() * 2
}

#[test]
fn there_and_back_with_down_never_makes_money_and_no_mode_errs_by_more_than_it_may() {
    let mut random = Random::new(20_022);
    let mut lost = 0;
    for _ in 0..200_000 {
        let [base, quote] = pair(&mut random);
        let rate = random.message_rate(base, quote);
        let amount = Money::new(random.signed() >> 48, [base, quote][random.below(2)]);
        let there = convert(amount, &rate, Rounding::Down).expect("it fits");
        let back = convert(there.money, &rate, Rounding::Down).expect("it fits");
        let [before, after] = [amount.minor, back.money.minor].map(i128::unsigned_abs);
        assert!(after <= before, "{amount} at {rate} came back as {}", back.money);
        assert_eq!(back.money.currency, amount.currency);
        lost += u64::from(after < before);
        for rounding in [Rounding::HalfEven, Rounding::HalfUp] {
            let converted = convert(amount, &rate, rounding).expect("it fits");
            let remainder = converted.remainder;
            assert!(
                twice(&remainder) <= remainder.denominator(),
                "{amount} at {rate} {rounding:?}"
            );
        }
        let up = convert(amount, &rate, Rounding::Up).expect("it fits");
        assert!(up.remainder.numerator().unsigned_abs() < up.remainder.denominator());
        assert!(up.money.minor.unsigned_abs() >= there.money.minor.unsigned_abs());
    }
    assert!(lost > 0, "no case was rounded");
}

#[test]
fn no_digit_of_a_rate_is_lost_at_the_largest_values() {
    let most = Rate::new(causeway_fx::Decimal::MAX, currency("EUR"), currency("JPY")).expect("above zero");
    let oracle = Oracle::new();
    for minor in [1, -1, i128::MAX, i128::MIN, i128::MAX / 3] {
        for from in ["EUR", "JPY"] {
            for rounding in Rounding::ALL {
                let amount = Money::new(minor, currency(from));
                let expected = oracle.convert(amount, &exact_rate(&most), rounding);
                match convert(amount, &most, rounding) {
                    Ok(converted) => expected.check(&converted, &format!("{amount} {rounding:?}")),
                    Err(_) => assert!(!expected.fits(), "{amount} {rounding:?}"),
                }
            }
        }
    }
}
