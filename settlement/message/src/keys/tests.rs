//! Which keys and signatures count: what other libraries disagree about has one answer here.
//!
//! The cases are those of "Taming the many EdDSAs" (SSR 2020, section 5), made anew for one key with a twin of the
//! curve in big integers. Each says whether the plain equation, as ring has it, holds.
use super::*;

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    crate::ids::parse_hex(hex).expect("hexadecimal")
}

/// An ordinary key.
const KEY: &str = "88aa55e6afeed8960a3191de78600347db8acd0a3795412f275f049b86260488";
/// The same key with a point of order eight added.
const MIXED_KEY: &str = "ef2a32ce8d9c67056724a53f63c0c182a6e021dc6e708741f63a7d50c730982c";
/// R of the ordinary signatures.
const R: &str = "3e54c441927f9f0ee5e13e34f0b0404c5043651a8f4b7ef087a1c42262a85d0a";
/// S that fits `R` where the key adds nothing: it is the discrete logarithm of R.
const LOG_R: &str = "2e77a7db3b2f65a47efd3cf9bbe5f05486e88756c8cc06c7691f6d5679727502";

/// The eight points of small order, each with a message whose hash makes the key vanish from the equation.
const SMALL_KEYS: [(&str, &[u8]); 8] = [
    (
        "0100000000000000000000000000000000000000000000000000000000000000",
        b"pay 0",
    ),
    (
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        b"pay 6",
    ),
    (
        "0000000000000000000000000000000000000000000000000000000000000000",
        b"pay 3",
    ),
    (
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        b"pay 7",
    ),
    (
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        b"pay 0",
    ),
    (
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        b"pay 14",
    ),
    (
        "0000000000000000000000000000000000000000000000000000000000000080",
        b"pay 3",
    ),
    (
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        b"pay 2",
    ),
];

fn signature(r: &str, s: &str) -> Signature {
    bytes(&format!("{r}{s}"))
}

#[test]
fn keys_that_prove_nothing_are_refused() {
    for (key, message) in SMALL_KEYS {
        let key = bytes(key);
        // Anybody can make this signature, without any private key.
        let forged = signature(R, LOG_R);
        assert!(PublicKey(key).verifies(message, &forged), "the equation holds");
        assert!(PublicKey::new(key).is_err(), "so the key is refused");
    }
    for mut bytes in SMALL_ORDER {
        assert!(PublicKey::new(bytes).is_err());
        bytes[31] |= 0x80;
        assert!(PublicKey::new(bytes).is_err());
    }
}

#[test]
fn keys_with_a_second_encoding_are_refused() {
    let mut p = [0xff; 32];
    for top in [0x7f, 0xff] {
        p[31] = top;
        for low in 0xed..=0xff {
            p[0] = low;
            assert!(PublicKey::new(p).is_err(), "p + {}", low - 0xed);
        }
        p[0] = 0xeb;
        assert!(PublicKey::new(p).is_ok(), "below p an encoding is the only one");
    }
}

#[test]
fn a_signature_binds_key_and_message() {
    let key = SigningKey::from_seed([7; 32]).expect("a seed is a key");
    let signature = key.sign(b"pay");
    assert!(key.public().verifies(b"pay", &signature));
    assert!(!key.public().verifies(b"pax", &signature));
    assert!(PublicKey::new(*key.public().bytes()).is_ok());
    let other = SigningKey::from_seed([8; 32]).expect("a seed is a key");
    assert!(!other.public().verifies(b"pay", &signature));
}

/// What a case of the paper must come to.
struct Case {
    what: &'static str,
    key: &'static str,
    message: &'static [u8],
    r: &'static str,
    s: &'static str,
    /// The equation holds, as ring sees it.
    equation: bool,
    /// It counts as a signature.
    counts: bool,
}

const CASES: [Case; 8] = [
    Case {
        what: "an ordinary signature",
        key: KEY,
        message: b"pay",
        r: R,
        s: "b9dfefae24dad40290bae5a70665de660cb32bc9afccf2079c3af55bdb685407",
        equation: true,
        counts: true,
    },
    Case {
        what: "the same with the group's order added to S",
        key: KEY,
        message: b"pay",
        r: R,
        s: "a6b3e50b3f3de75a6657dd4ae55ebd7b0cb32bc9afccf2079c3af55bdb685417",
        equation: false,
        counts: false,
    },
    Case {
        what: "R is the neutral point",
        key: KEY,
        message: b"pay",
        r: SMALL_KEYS[0].0,
        s: "f4f54e5ee61edfc2983cf8ee34b24005a0b5d9c143676abefe944e4ccbcfe706",
        equation: true,
        counts: false,
    },
    Case {
        what: "R of order eight, which a mixed key makes good",
        key: MIXED_KEY,
        message: b"pay 11",
        r: SMALL_KEYS[3].0,
        s: "6bf4546cf640886540571cddc7b7705d1ccfc8216a608f15011a35b7675e6f01",
        equation: true,
        counts: false,
    },
    Case {
        what: "a mixed key and a mixed R that fit without the cofactor",
        key: MIXED_KEY,
        message: b"pay 8",
        r: "8d8faa35c2b55750d969e504ed4e19f58a05377063d9f00da7f99ce244d96ea6",
        s: "4f629823f9ae69838da02137ffafc3a219d320ad0d4e07a878f27203caab1b08",
        equation: true,
        counts: true,
    },
    Case {
        what: "a mixed R that fits with the cofactor only",
        key: KEY,
        message: b"pay",
        r: "607055ca3d4aa8af26961afb12b1e60a75fac88f9c260ff25806631dbb269159",
        s: "92b89f4af912fa542c29fbf15832f594bd7cee5472a9613a1ed418564f568400",
        equation: false,
        counts: false,
    },
    Case {
        what: "R is the neutral point, encoded as p + 1",
        key: KEY,
        message: b"pay",
        r: "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        s: "a259c45d71996d7d2a1149313a8a7f398b899897193b0e5d891b1b447f01b60b",
        equation: false,
        counts: false,
    },
    Case {
        what: "R is the neutral point, with the sign of a zero",
        key: KEY,
        message: b"pay",
        r: "0100000000000000000000000000000000000000000000000000000000000080",
        s: "fc0bfaf59fcd3ff674396d585ee41c90d2e2727c611e909cb39708cf73565709",
        equation: false,
        counts: false,
    },
];

#[test]
fn what_libraries_disagree_about_has_one_answer() {
    for case in &CASES {
        let key = PublicKey::new(bytes(case.key)).expect("a canonical key of large order");
        let signature = signature(case.r, case.s);
        assert_eq!(
            key.equation_holds(case.message, &signature),
            case.equation,
            "{}",
            case.what
        );
        assert_eq!(
            key.verifies(case.message, &signature),
            case.counts,
            "{}",
            case.what
        );
    }
}

#[test]
fn no_r_of_small_order_counts() {
    let key = PublicKey::new(bytes(KEY)).expect("a good key");
    for (r, _) in SMALL_KEYS {
        for s in [LOG_R, CASES[2].s] {
            assert!(!key.verifies(b"pay", &signature(r, s)), "{r}");
        }
    }
}
