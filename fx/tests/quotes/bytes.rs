//! Tiers as bytes: what is read is written the same, and nothing else is read.

use super::random::Random;
use super::{EUR, USD, quote, random_tiers};
use causeway_fx::quotes::{QuoteError, Tier, Tiers};

#[test]
fn tiers_are_written_in_their_places() {
    let tiers = quote(
        1,
        (EUR, USD),
        4,
        &[(0x0102, 10_857, 10_859), (u64::MAX, 1, u64::MAX)],
    )
    .tiers;
    let bytes = tiers.encode();
    let mut expected = vec![4, 2, 0, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0];
    expected.extend([0x69, 0x2a, 0, 0, 0, 0, 0, 0, 0x6b, 0x2a, 0, 0, 0, 0, 0, 0]);
    expected.extend([0xff; 8]);
    expected.extend([1, 0, 0, 0, 0, 0, 0, 0]);
    expected.extend([0xff; 8]);
    assert_eq!(bytes, expected);
    assert_eq!(Tiers::decode(&bytes), Ok(tiers));
}

#[test]
fn a_cut_or_changed_byte_is_refused_or_read_as_what_it_says() {
    let mut random = Random::new(5);
    let (mut refused, mut read) = (0, 0);
    for _ in 0..400 {
        let tiers = random_tiers(&mut random);
        let bytes = tiers.encode();
        assert!(bytes.len() <= Tiers::BYTES_MAX);
        assert_eq!(Tiers::decode(&bytes), Ok(tiers));
        for end in 0..bytes.len() {
            assert!(
                matches!(Tiers::decode(&bytes[..end]), Err(QuoteError::Length { .. })),
                "{end}"
            );
        }
        let longer = [&bytes[..], &[0]].concat();
        assert!(matches!(Tiers::decode(&longer), Err(QuoteError::Length { .. })));
        for bit in 0..bytes.len() * 8 {
            let mut changed = bytes.clone();
            changed[bit / 8] ^= 1 << (bit % 8);
            match Tiers::decode(&changed) {
                Ok(other) => {
                    assert_ne!(other, tiers);
                    assert_eq!(other.encode(), changed);
                    read += 1;
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 10_000 && read > 10_000, "{refused} {read}");
}

#[test]
fn every_rule_of_tiers_has_its_own_error() {
    let tier = |up_to, bid, ask| Tier { up_to, bid, ask };
    let good = tier(10, 5, 6);
    for (scale, tiers, expected) in [
        (
            13,
            vec![good],
            "scale: 13 digits behind the point are too many, at most 12 are carried",
        ),
        (0, vec![], "tiers: there are 0, a quote has 1 to 8"),
        (0, vec![good; 9], "tiers: there are 9, a quote has 1 to 8"),
        (0, vec![good; 300], "tiers: there are 300, a quote has 1 to 8"),
        (
            0,
            vec![tier(0, 5, 6)],
            "tiers[0].up_to: it must be above zero and rise from tier to tier",
        ),
        (
            0,
            vec![good, good],
            "tiers[1].up_to: it must be above zero and rise from tier to tier",
        ),
        (0, vec![tier(10, 0, 6)], "tiers[0].bid: it must be above zero"),
        (
            0,
            vec![tier(10, 5, 0)],
            "tiers[0].ask: it must not be below the bid",
        ),
        (
            0,
            vec![good, tier(11, 6, 6)],
            "tiers[1].bid: it must not rise from tier to tier",
        ),
        (
            0,
            vec![good, tier(11, 5, 5)],
            "tiers[1].ask: it must not fall from tier to tier",
        ),
    ] {
        assert_eq!(Tiers::new(scale, &tiers).unwrap_err().to_string(), expected);
    }
    let bytes = Tiers::new(0, &[good]).unwrap().encode();
    let with = |at: usize, byte| {
        let mut bytes = bytes.clone();
        bytes[at] = byte;
        Tiers::decode(&bytes).unwrap_err().to_string()
    };
    assert_eq!(with(7, 1), "tiers: the six bytes behind the count must be zero");
    assert_eq!(with(1, 2), "tiers: 32 bytes are there where 56 are needed");
    assert_eq!(with(1, 0), "tiers: there are 0, a quote has 1 to 8");
    assert_eq!(with(1, 9), "tiers: there are 9, a quote has 1 to 8");
}
