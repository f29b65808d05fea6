//! Messages hashed alone, in parts, and two at once give what `ring` gives for each.
use causeway_hash::{hash, hash_all, hash_parts, is_paired, pair};
use proptest::prelude::*;

fn by_ring(bytes: &[u8]) -> [u8; 32] {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().try_into().expect("thirty-two bytes")
}

#[track_caller]
fn holds(first: &[u8], second: &[u8]) {
    assert_eq!(
        pair(first, second),
        [by_ring(first), by_ring(second)],
        "{} and {} bytes",
        first.len(),
        second.len()
    );
}

#[test]
fn the_examples_of_the_standard() {
    // FIPS 180-4, examples of NIST for SHA-256: one block, two blocks, and nothing.
    let hex = |digest: [u8; 32]| {
        digest
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let two = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    let [one, long] = pair(b"abc", two);
    assert_eq!(
        hex(one),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(
        hex(long),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    );
    assert_eq!(
        hex(pair(b"", b"")[0]),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(hash_parts([&b"a"[..], b"", b"bc"]), one);
    println!("two at once: {}", is_paired());
}

#[test]
fn every_pair_of_short_lengths_at_every_alignment() {
    let bytes: Vec<u8> = (0..600u32).map(|i| (i * 31 + i / 7) as u8).collect();
    for first in 0..=200 {
        for second in [
            0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 147, 200, first,
        ] {
            let (a, b) = (first % 16, second % 16);
            holds(&bytes[a..a + first], &bytes[300 + b..300 + b + second]);
        }
    }
}

#[test]
fn every_length_alone_and_cut_into_parts() {
    let bytes: Vec<u8> = (0..700u32).map(|i| (i * 17 + i / 5) as u8).collect();
    for len in 0..=600 {
        let message = &bytes[len % 16..len % 16 + len];
        let digest = by_ring(message);
        assert_eq!(hash(message), digest, "{len} bytes");
        for cut in [0, 1, 33, 255, 256, 257, len / 2, len] {
            let (front, back) = message.split_at(cut.min(len));
            assert_eq!(hash_parts([front, back]), digest, "{len} bytes, cut at {cut}");
            let (middle, last) = back.split_at(back.len() / 2);
            assert_eq!(
                hash_parts([front, middle, &[], last]),
                digest,
                "{len} bytes, cut twice"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_two_messages(first in proptest::collection::vec(any::<u8>(), 0..3_000), second in proptest::collection::vec(any::<u8>(), 0..3_000)) {
        prop_assert_eq!(pair(&first, &second), [by_ring(&first), by_ring(&second)]);
    }
}

#[test]
fn digests_stand_in_the_order_of_their_messages() {
    for count in 0..6usize {
        let messages: Vec<Vec<u8>> = (0..count).map(|n| vec![n as u8; n * 40]).collect();
        let together = hash_all(&messages, |bytes, message| bytes.extend_from_slice(message));
        let alone: Vec<_> = messages.iter().map(|message| by_ring(message)).collect();
        assert_eq!(together, alone);
    }
}
