//! No damage to a file makes the reader panic.

use causeway_adapter::iso::parse_any as parse;
use proptest::prelude::*;

const SEEDS: [&str; 9] = [
    include_str!("fixtures/pacs008_five_currencies.xml"),
    include_str!("fixtures/pacs009_prefixed_wrapped.xml"),
    include_str!("fixtures/two_messages.xml"),
    include_str!("../examples/pacs004.xml"),
    include_str!("../examples/camt056.xml"),
    include_str!("../examples/camt029.xml"),
    include_str!("../examples/fxtr014.xml"),
    include_str!("fixtures/fxtr014_v06.xml"),
    include_str!("fixtures/pacs008_conversions.xml"),
];

proptest! {
    #[test]
    fn bytes_overwritten_anywhere(
        seed in proptest::sample::select(SEEDS.as_slice()),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = seed.as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = parse(&bytes);
    }

    #[test]
    fn a_piece_moved_to_another_place(
        seed in proptest::sample::select(SEEDS.as_slice()),
        from in any::<proptest::sample::Index>(),
        length in 0..200_usize,
        to in any::<proptest::sample::Index>(),
    ) {
        let mut bytes = seed.as_bytes().to_vec();
        let from = from.index(bytes.len());
        let end = bytes.len().min(from + length);
        let piece: Vec<u8> = bytes.drain(from..end).collect();
        let to = to.index(bytes.len());
        bytes.splice(to..to, piece);
        let _ = parse(&bytes);
    }

    #[test]
    fn the_end_cut_off(seed in proptest::sample::select(SEEDS.as_slice()), at in any::<proptest::sample::Index>()) {
        let cut = &seed.as_bytes()[..at.index(seed.len())];
        let whole = seed.trim_end().len();
        prop_assert_eq!(parse(cut).is_ok(), cut.len() >= whole);
    }

    #[test]
    fn any_text_at_all(text in "\\PC{0,200}", marked in "[<>/&;a:'\"=!\\[\\]?# -]{0,120}") {
        let _ = parse(text.as_bytes());
        let _ = parse(marked.as_bytes());
    }
}
