//! The files of the store: what was sent before, the session, the places in the feed, the bank's secret.
use causeway_adapter::references::References;
use causeway_adapter::secret_id::{BankSecret, SECRET_BYTES_MIN};
use causeway_adapter::store::{Intent, Place, Store};
use causeway_message::digest::hash;
use causeway_message::ids::hex;
use causeway_message::record::Instruction;
use causeway_message::{InstructionId, ParticipantId, Uetr};
use std::fs;

use crate::support::{self, Input, fuzz};

fn intent(n: u8) -> Intent {
    let (id, uetr) = (InstructionId([n; 16]), Uetr([n; 16]));
    Intent {
        record: Instruction::payment(id, uetr, ParticipantId(1), ParticipantId(2), 978, u64::from(n)),
        salt: hex(&[n; 16]),
        clearing_ref: Some("REF\n\"1\"".to_owned()),
        charges: Some(hex(&[1, 0, 0, 0])),
        reason: None,
        file: "a file.xml".to_owned(),
        message_type: "pacs.008.001.08".to_owned(),
        message_id: "M".to_owned(),
        transaction: usize::from(n),
        references: References::default(),
        case: Some(("CASE".to_owned(), "ALFADEFF".to_owned())),
        about: None,
    }
}

/// A store of its own, and where its instructions stand.
fn store() -> (tempfile::TempDir, Store) {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open(dir.path()).expect("it is made");
    (dir, store)
}

/// Makes the check in front of every line good.
fn check(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let body = line.strip_suffix(b"\n").unwrap_or(line);
        let json = body
            .iter()
            .position(|byte| *byte == b' ')
            .map_or(body, |at| &body[at + 1..]);
        let mut digits = hex(&hash(json));
        digits.truncate(16);
        out.extend([digits.as_bytes(), b" ", json, &line[body.len()..]].concat());
    }
    out
}

#[test]
fn what_was_sent_before_is_known_again_or_the_damage_is_named() {
    let (dir, store) = store();
    let path = dir.path().join("intents");
    let mut samples = Vec::new();
    for list in [&[1, 2][..], &[3]] {
        let mut intents = store.intents().expect("it opens");
        list.iter().for_each(|n| intents.stage(intent(*n)));
        intents.commit().expect("it is written");
        samples.push(fs::read(&path).expect("it is there"));
    }
    let words = [
        "[",
        "]",
        "{",
        "}",
        "\"",
        ",",
        "null",
        "\n",
        "\\u0000",
        "1e999",
        "-1",
        "{\"record\":",
        "é",
    ];
    fuzz!("intents", &samples, &words, |input: &Input| {
        let bytes = if input.repair {
            check(&input.bytes)
        } else {
            input.bytes.clone()
        };
        fs::write(&path, &bytes).expect("it is written");
        let mut intents = match store.intents() {
            Ok(intents) => intents,
            Err(failure) => {
                assert!(failure.to_string().contains("the line is damaged"), "{failure}");
                assert_eq!(
                    fs::read(&path).expect("it is there"),
                    bytes,
                    "damage is not touched"
                );
                return;
            }
        };
        let kept = fs::read(&path).expect("it is there");
        assert!(bytes.starts_with(&kept) && (kept.is_empty() || kept.ends_with(b"\n")));
        // What is appended is synced: not for every input.
        if bytes.len() % 8 != 0 {
            return;
        }
        let (known, of) = (intents.len(), intent(200));
        let new = usize::from(intents.get(of.record.id()).is_none());
        intents.stage(of.clone());
        intents.commit().expect("it is written");
        let again = store.intents().expect("what was appended reads back");
        assert_eq!(again.len(), known + new);
        assert_eq!(again.get(of.record.id()), Some(&of));
    });
}

#[test]
fn a_place_in_the_feed_is_a_number_or_an_error() {
    let (dir, store) = store();
    let samples = ["1\n", "18446744073709551615", " 42 ", ""].map(|text| text.as_bytes().to_vec());
    fuzz!(
        "place",
        &samples,
        &["0", "9", "-", "+", "\n", "é"],
        |input: &Input| {
            for name in ["feed.next", "session"] {
                fs::write(dir.path().join(name), &input.bytes).expect("it is written");
            }
            let place = store.place(Place::Listen).ok();
            assert_eq!(place, store.session().ok().map(|session| session.0));
            let text = String::from_utf8(input.bytes.clone()).ok();
            assert_eq!(place, text.and_then(|text| text.trim().parse().ok()));
        }
    );
}

#[test]
fn a_secret_is_taken_by_its_length_alone() {
    fuzz!("secret", &[vec![7; 32], vec![7; 31]], |input: &Input| {
        assert_eq!(
            BankSecret::new(&input.bytes).is_ok(),
            input.bytes.len() >= SECRET_BYTES_MIN
        );
    });
}
