//! `causeway verify receipt`: holds with the pinned key, and with nothing else.
mod common;

use causeway_message::answer::{self, Answer};
use causeway_message::batch::{self, BatchHead, BatchView};
use causeway_message::checkpoint::{Checkpoint, LogKey, origin};
use causeway_message::effects::EffectsHead;
use causeway_message::entry::EntryKind;
use causeway_message::keys::SigningKey;
use causeway_message::leaf::{Leaf, RULES_VERSION};
use causeway_message::receipt::{Effect, Receipt};
use causeway_message::record::Instruction;
use causeway_message::time::Timestamp;
use causeway_message::wide::WidePath;
use causeway_message::wire::LeafProof;
use causeway_message::{InstructionId, KeyId, LedgerId, ParticipantId, SessionId, Status, Uetr, rfc6962};
use common::{causeway, code, scratch, stderr, stdout, word};
use std::path::PathBuf;
use tempfile::TempDir;

const NODE: &str = "node-1.causeway";

fn key(seed: u8) -> SigningKey {
    SigningKey::from_seed([seed; 32]).expect("a seed is a key")
}

fn log_key(seed: u8) -> String {
    LogKey::new(NODE, key(seed).public()).expect("a name").to_text()
}

/// A receipt for one payment of 1,234.567 Kuwaiti dinars from participant 7 to participant 8.
fn receipt(status: Status) -> Receipt {
    let ledger = LedgerId([1; 32]);
    let (debtor, creditor) = (ParticipantId(7), ParticipantId(8));
    let record = Instruction::payment(
        InstructionId([2; 16]),
        Uetr([3; 16]),
        debtor,
        creditor,
        414,
        1_234_567,
    );
    let head = BatchHead {
        ledger,
        participant: debtor,
        key: KeyId(1),
        session: SessionId(5),
        number: 1,
        not_after: 0,
    };
    let frame = batch::build(&head, &[record], &[], &key(9)).expect("a batch");
    let block = *BatchView::parse(&frame).expect("reads back").block;
    let answers = vec![Answer::new(status)];
    let effects = EffectsHead::new(&answers, &[], &[]);
    let leaf = Leaf {
        index: 2,
        time: Timestamp::from_unix_nanos(1_700_000_000_123_000_000),
        kind: EntryKind::Batch as u16,
        rules_version: RULES_VERSION,
        input_digest: block.input_digest(),
        effects_root: effects.root(),
    };
    let leaves = [rfc6962::leaf_hash(b"genesis"), leaf.hash()];
    let checkpoint = Checkpoint {
        origin: origin(ledger),
        size: 2,
        root: rfc6962::root(&leaves),
    };
    let path = WidePath::cut(&answer::answer_leaves(&answers), 0).expect("one chunk");
    Receipt {
        block,
        record,
        extensions: Vec::new(),
        record_path: WidePath::cut(&[record.leaf(&[])], 0).expect("one record"),
        origin: leaf,
        origin_proof: LeafProof {
            leaf_index: 1,
            path: rfc6962::inclusion(&leaves, 1),
        },
        effects,
        effect: Effect::Answer { chunk: answers, path },
        checkpoint: checkpoint.sign(NODE, &key(4)),
    }
}

fn written(scratch: &TempDir, bytes: &[u8]) -> PathBuf {
    let path = scratch.path().join("payment.receipt");
    std::fs::write(&path, bytes).expect("written");
    path
}

#[test]
fn a_receipt_holds_and_says_who_paid_whom_how_much_and_when() {
    let scratch = scratch();
    let file = written(&scratch, &receipt(Status::Settled).write());
    let output = causeway(&["verify", "receipt", word(&file), "--key", &log_key(4)]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    for expected in [
        "Participant 7 paid participant 8 1234.567 KWD.",
        "settled: Settled: final and irrevocable.",
        "2023-11-14T22:13:20.123Z",
        "2, record 1 of 1",
        "2 leaves, checkpoint signed by node-1.causeway",
        "03030303-0303-0303-0303-030303030303",
        "not checked",
    ] {
        assert!(text.contains(expected), "{expected} is missing from\n{text}");
    }
}

#[test]
fn a_rejection_is_proven_without_saying_that_money_moved() {
    let scratch = scratch();
    let file = written(&scratch, &receipt(Status::InsufficientLiquidity).write());
    let words = ["verify", "receipt", word(&file), "--key", &log_key(4), "--json"];
    let json: serde_json::Value = serde_json::from_slice(&causeway(&words).stdout).expect("JSON");
    assert_eq!(json["holds"], true);
    assert_eq!(json["status"], "insufficient_liquidity");
    assert_eq!(
        (&json["amount"], &json["instructed_amount"]),
        (&"0.000 KWD".into(), &"1234.567 KWD".into())
    );
    let text = stdout(&causeway(&words[..5]));
    assert!(
        text.contains("Participant 7 did not pay participant 8 1234.567 KWD."),
        "{text}"
    );
}

#[test]
fn the_key_may_stand_in_a_file() {
    let scratch = scratch();
    let file = written(&scratch, &receipt(Status::Settled).write());
    let pinned = scratch.path().join("log.key");
    std::fs::write(&pinned, log_key(4) + "\n").expect("written");
    let at = format!("@{}", word(&pinned));
    for key in [at.as_str(), word(&pinned)] {
        assert_eq!(
            code(&causeway(&["verify", "receipt", word(&file), "--key", key])),
            0,
            "{key}"
        );
    }
}

#[test]
fn another_key_is_refused_with_the_reason() {
    let scratch = scratch();
    let file = written(&scratch, &receipt(Status::Settled).write());
    let output = causeway(&["verify", "receipt", word(&file), "--key", &log_key(5), "--json"]);
    assert_eq!(code(&output), 1);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["holds"], false);
    assert!(
        json["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("no valid signature of the pinned key"))
    );
    assert!(
        stderr(&output).contains("no valid signature of the pinned key"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_banks_own_signature_is_checked_when_its_key_is_given() {
    let scratch = scratch();
    let file = written(&scratch, &receipt(Status::Settled).write());
    let run = |seed: u8| {
        let signer = key(seed).public().to_string();
        causeway(&[
            "verify",
            "receipt",
            word(&file),
            "--key",
            &log_key(4),
            "--signer",
            &signer,
        ])
    };
    assert!(stdout(&run(9)).contains("checked with the given signer"));
    let refused = run(8);
    assert_eq!(code(&refused), 1);
    assert!(stderr(&refused).contains("not signed by the given signer"));
}

#[test]
fn no_damaged_byte_passes_and_none_of_them_breaks_the_command() {
    let scratch = scratch();
    let good = receipt(Status::Settled).write();
    // A process for each byte is slow: the library's own tests flip all of them.
    for at in (0..good.len()).step_by(good.len() / 24) {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        let file = written(&scratch, &bytes);
        let output = causeway(&[
            "verify",
            "receipt",
            word(&file),
            "--key",
            &log_key(4),
            "--signer",
            &key(9).public().to_string(),
        ]);
        assert_eq!(code(&output), 1, "byte {at}: {}", stdout(&output));
    }
    for bytes in [&good[..0], &good[..7], &good[..good.len() - 1]] {
        let file = written(&scratch, bytes);
        assert_eq!(
            code(&causeway(&[
                "verify",
                "receipt",
                word(&file),
                "--key",
                &log_key(4)
            ])),
            1
        );
    }
}

#[test]
fn wrong_words_and_missing_files_have_their_own_codes() {
    let scratch = scratch();
    let file = written(&scratch, &receipt(Status::Settled).write());
    assert_eq!(
        code(&causeway(&[
            "verify",
            "receipt",
            word(&file),
            "--key",
            "nonsense"
        ])),
        2
    );
    assert_eq!(
        code(&causeway(&[
            "verify",
            "receipt",
            word(&file),
            "--key",
            &log_key(4),
            "--signer",
            "ff"
        ])),
        2
    );
    assert_eq!(
        code(&causeway(&[
            "verify",
            "receipt",
            word(&file),
            "--key",
            "@/nowhere/log.key"
        ])),
        3
    );
    assert_eq!(
        code(&causeway(&[
            "verify",
            "receipt",
            "/nowhere/x",
            "--key",
            &log_key(4)
        ])),
        3
    );
}
