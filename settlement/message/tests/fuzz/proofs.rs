//! Checkpoints and what hangs from them: nothing that was changed is under a signed head.
use causeway_message::checkpoint::{Checkpoint, CheckpointError, LogKey, origin};
use causeway_message::codec::Reader;
use causeway_message::frame::{self, Template};
use causeway_message::wide::WidePath;
use causeway_message::wire::{AnswersMessage, Consistency, FeedPage};
use causeway_message::{Digest, rfc6962};
use std::sync::LazyLock;

use crate::common::log::{BATCH_ENTRY, Log, RELEASE_ENTRY};
use crate::common::parties::{AGENT, ALFA, BETA, NODE, NODE_SEED, key, ledger, log_key};
use crate::support::{self, Input, fuzz};

static LOG: LazyLock<Log> = LazyLock::new(Log::build);

/// A note whose text is signed as it stands, if it has the form of one.
fn sign(note: &str) -> String {
    let body = note.split("\n\n").next().unwrap_or_default();
    let mut lines = body.lines();
    let origin = lines.next().unwrap_or_default().to_owned();
    let size = lines
        .next()
        .and_then(|line| line.parse().ok())
        .unwrap_or(u64::MAX);
    let checkpoint = Checkpoint {
        origin,
        size,
        root: [7; 32],
    };
    checkpoint.sign(NODE, &key(NODE_SEED))
}

#[test]
fn a_note_is_believed_only_as_it_was_signed() {
    let note = LOG.checkpoint();
    let witnessed = format!("{note}\u{2014} witness.example AAAAAGFiYw==\n");
    let samples = [note.clone().into_bytes(), witnessed.into_bytes()];
    let words = [
        "\n\n",
        "\n",
        "\u{2014} ",
        " ",
        "0",
        "18446744073709551616",
        "=",
        "+",
        "\u{0}",
        "\r",
    ];
    fuzz!("note", &samples, &words, |input: &Input| {
        let mut text = input.text();
        if input.repair {
            text = sign(&text);
        }
        let parsed = Checkpoint::parse(&text);
        if let Ok((checkpoint, body, _)) = &parsed {
            let head = format!("{}\n{}\n", checkpoint.origin, checkpoint.size);
            assert!(body.starts_with(&head), "one note, one reading");
        }
        let verified = Checkpoint::verify(&text, &origin(ledger()), &log_key());
        let Ok(checkpoint) = verified else { return };
        assert_eq!(parsed.map(|(parsed, _, _)| parsed), Ok(checkpoint.clone()));
        assert!(input.repair || checkpoint.size == LOG.entries.len() as u64 && text.starts_with(&note[..90]));
        let elsewhere = LogKey::new(NODE, key(NODE_SEED + 1).public()).expect("a good name");
        assert_eq!(
            Checkpoint::verify(&text, &origin(ledger()), &elsewhere),
            Err(CheckpointError::Signature)
        );
    });
}

#[test]
fn a_log_key_in_text_reads_back() {
    let samples = [log_key().to_text().into_bytes()];
    fuzz!(
        "log_key",
        &samples,
        &["+", " ", "=", "\n", "AQ"],
        |input: &Input| {
            let text = input.text();
            if let Ok(read) = LogKey::parse(&text) {
                assert_eq!(LogKey::parse(&read.to_text()), Ok(read.clone()));
                assert_eq!(
                    read.to_text().to_ascii_lowercase(),
                    text.trim().to_ascii_lowercase()
                );
                // What is signed under the name is read under it.
                let note = LOG.checkpoint_with(&key(NODE_SEED)).replace(NODE, read.name());
                assert!(Checkpoint::parse(&note).is_ok(), "{:?}", read.name());
            }
        }
    );
}

#[test]
fn answers_are_believed_only_as_they_were_sent() {
    let samples: Vec<Vec<u8>> = [BATCH_ENTRY, RELEASE_ENTRY]
        .map(|entry| LOG.answers(entry).write())
        .into();
    fuzz!("answers", &samples, |input: &Input| {
        let Ok(read) = frame::expect(&input.bytes, Template::Answers).and_then(AnswersMessage::read) else {
            return;
        };
        let leaf = read.leaf();
        let Ok(checkpoint) = Checkpoint::verify(&read.checkpoint, &origin(ledger()), &log_key()) else {
            return;
        };
        if read.proof.holds(leaf.hash(), &checkpoint) {
            let own = LOG.answers(read.index);
            // The client itself compares the number and the rest of the note is the node's to word.
            let told = AnswersMessage {
                number: own.number,
                checkpoint: own.checkpoint.clone(),
                ..read
            };
            assert_eq!(told, own);
        }
    });
}

#[test]
fn a_feed_page_is_believed_only_as_it_was_sent() {
    let samples: Vec<Vec<u8>> = [ALFA, BETA, AGENT].map(|of| LOG.feed(of).write()).into();
    fuzz!("feed", &samples, |input: &Input| {
        let Ok(read) = frame::expect(&input.bytes, Template::FeedPage).and_then(FeedPage::read) else {
            return;
        };
        let Ok(checkpoint) = Checkpoint::verify(&read.checkpoint, &origin(ledger()), &log_key()) else {
            return;
        };
        for entry in &read.entries {
            if entry.holds(&checkpoint) == Ok(true) {
                let own = LOG.feed(entry.group.participant);
                assert!(own.entries.contains(entry), "an entry that was never sent");
            }
        }
    });
}

#[test]
fn a_log_is_never_shown_to_have_grown_out_of_another() {
    let leaves = LOG.leaf_hashes();
    let samples: Vec<Vec<u8>> = (1..7)
        .map(|old| {
            let path = rfc6962::consistency(&leaves, old);
            let consistency = Consistency {
                old_size: old as u64,
                path,
                checkpoint: LOG.checkpoint(),
            };
            consistency.write()
        })
        .collect();
    fuzz!("consistency", &samples, |input: &Input| {
        let Ok(read) = frame::expect(&input.bytes, Template::Consistency).and_then(Consistency::read) else {
            return;
        };
        let new = Checkpoint::verify(&read.checkpoint, &origin(ledger()), &log_key());
        let (Ok(new), 1..=7) = (new, read.old_size) else {
            return;
        };
        let old = |root| Checkpoint {
            origin: new.origin.clone(),
            size: read.old_size,
            root,
        };
        assert!(!read.holds(&old([7; 32]), &new));
        if read.holds(&old(rfc6962::root(&leaves[..read.old_size as usize])), &new) {
            assert_eq!(read.path, rfc6962::consistency(&leaves, read.old_size as usize));
        }
    });
}

/// Paths of both trees, as numbers and digests off the front of the bytes.
fn path_of(bytes: &[u8]) -> Option<(u64, u64, Vec<Digest>)> {
    let mut reader = Reader::new(bytes);
    let (index, count) = (reader.u64("index").ok()?, reader.u64("count").ok()?);
    let (digests, _) = reader.rest().as_chunks::<32>();
    Some((index, count, digests.to_vec()))
}

#[test]
fn a_path_leads_to_the_root_only_from_its_own_leaf() {
    let leaves: Vec<Digest> = (0..40_u8).map(|n| [n; 32]).collect();
    let sample = |index: u64, path: &[Digest]| {
        [
            &index.to_le_bytes()[..],
            &40_u64.to_le_bytes()[..],
            path.as_flattened(),
        ]
        .concat()
    };
    let mut samples = Vec::new();
    for index in [0, 17, 39] {
        samples.push(sample(index, &rfc6962::inclusion(&leaves, index as usize)));
        let wide = WidePath::cut(&leaves, index as u32).expect("in range");
        samples.push(sample(index, &wide.siblings));
    }
    let root = rfc6962::root(&leaves);
    let wide_root = causeway_message::wide::root(&leaves);
    fuzz!("path", &samples, |input: &Input| {
        let Some((index, count, path)) = path_of(&input.bytes) else {
            return;
        };
        for (n, leaf) in leaves.iter().enumerate() {
            if rfc6962::root_from_inclusion(*leaf, index, count, &path) == Some(root) {
                assert_eq!(path, rfc6962::inclusion(&leaves, n));
            }
            let wide = WidePath {
                index: index as u32,
                count: count as u32,
                siblings: path.clone(),
            };
            if wide.root(*leaf) == Some(wide_root) {
                let own = WidePath::cut(&leaves, n as u32).map(|own| own.siblings);
                assert_eq!(Some(path.clone()), own);
            }
        }
        rfc6962::consistent(index, &root, count, &root, &path);
    });
}
