//! A batch built by `transport/protocol_check.py build`, which shares no code with this package, is accepted.
//!
//! The committed one always; another when `CAUSEWAY_PYTHON_BATCH` names its file.
use causeway_message::ids::parse_hex;
use causeway_message::keys::SigningKey;
use causeway_message::refusal::RefusalCode;
use causeway_message::verify::VerifiedBatch;
use causeway_message::{LedgerId, ParticipantId, extension};
use std::path::Path;

/// The script's default seed and ledger.
const SEED: [u8; 32] = [0x42; 32];

fn ledger() -> LedgerId {
    LedgerId(std::array::from_fn(|i| i as u8))
}

fn accept(path: &Path) {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let text = text.trim();
    let frame: Vec<u8> = (0..text.len() / 2)
        .map(|i| parse_hex::<1>(&text[2 * i..2 * i + 2]).expect("hexadecimal digits")[0])
        .collect();
    let public = SigningKey::from_seed(SEED).expect("a seed is a key").public();
    let batch = VerifiedBatch::verify(frame.clone(), ledger(), &public).expect("the node accepts it");
    assert_eq!(batch.participant(), ParticipantId(2));
    let view = batch.view().expect("it holds instructions");
    assert_eq!(view.records.len(), usize::from(batch.block().count.get()));
    for (i, record) in view.records.iter().enumerate() {
        assert_eq!(record.amount.get(), 100 + i as u64);
        assert_eq!(
            (record.debtor.get(), record.creditor.get(), record.currency.get()),
            (2, 3, 978)
        );
    }
    let found: Vec<_> = extension::each(view.extensions).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (usize::from(found[0].record), found[0].bytes),
        (view.records.len() - 1, b"PYTHON/1".as_slice())
    );
    let elsewhere = VerifiedBatch::verify(frame, LedgerId([9; 32]), &public).expect_err("another ledger");
    assert_eq!(elsewhere.code, RefusalCode::WrongLedger);
}

#[test]
fn the_committed_batch_of_the_python_script_is_accepted() {
    accept(&Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/python_batch.hex"));
}

#[test]
fn a_batch_just_built_by_the_python_script_is_accepted() {
    match std::env::var_os("CAUSEWAY_PYTHON_BATCH") {
        Some(path) => accept(Path::new(&path)),
        None => println!("skipped: CAUSEWAY_PYTHON_BATCH names no file"),
    }
}
