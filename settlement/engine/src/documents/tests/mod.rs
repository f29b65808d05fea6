//! The store on its file: found again, erased, torn, filled up to whole blocks.
use super::layout::{filler, head};
use super::*;
use crate::journal::BLOCK_BYTES;

const BLOCK: u64 = BLOCK_BYTES as u64;

fn document(n: u8, bytes: usize) -> (Digest, Document) {
    let document = Document {
        salt: [n; SALT_BYTES],
        text: vec![n; bytes].into(),
    };
    (document.digest(), document)
}

/// Stores documents in one turn.
fn store_all(store: &DocumentStore, writer: &mut DocumentWriter, documents: &[(Digest, Document)]) {
    let stored = Box::new(|stored| assert_eq!(stored, Ok(())));
    assert!(store.store(documents.to_vec(), stored));
    assert!(writer.turn_now().expect("written"));
}

fn store_one(store: &DocumentStore, writer: &mut DocumentWriter, text: &[u8]) -> Digest {
    let document = Document {
        salt: [3; SALT_BYTES],
        text: text.to_vec().into(),
    };
    let digest = document.digest();
    store_all(store, writer, &[(digest, document)]);
    digest
}

fn open(dir: &tempfile::TempDir) -> (Arc<DocumentStore>, DocumentWriter) {
    DocumentStore::open(dir.path()).expect("a store")
}

/// Not past the page cache, and so without anything between documents.
fn open_cached(dir: &tempfile::TempDir) -> (Arc<DocumentStore>, DocumentWriter) {
    DocumentStore::open_with(dir.path(), false, Arc::default()).expect("a store")
}

/// The documents that can be read, and how many the store lists.
fn held(store: &DocumentStore, documents: &[(Digest, Document)]) -> (Vec<bool>, usize) {
    let held = |(digest, document): &(Digest, Document)| {
        let found = store.read(digest).expect("what is listed can be read");
        assert!(found.is_none() || found.as_ref() == Some(document));
        found.is_some()
    };
    (documents.iter().map(held).collect(), lock(&store.index).len())
}

fn bytes(dir: &tempfile::TempDir) -> Vec<u8> {
    std::fs::read(dir.path().join("documents.dat")).expect("the file")
}

#[test]
fn a_document_is_found_after_a_restart_and_gone_once_erased() {
    let dir = tempfile::tempdir().expect("a directory");
    let (store, mut writer) = open(&dir);
    let kept = store_one(&store, &mut writer, b"<Document>kept</Document>");
    let gone = store_one(&store, &mut writer, b"<Document>gone</Document>");
    assert!(store.erase(&gone).expect("erased"));
    // What is written next does not bring back what was erased through the page cache.
    let last = store_one(&store, &mut writer, b"<Document>last</Document>");
    drop((store, writer));
    let (store, _writer) = open(&dir);
    assert!(store.read(&kept).expect("readable").is_some());
    assert!(store.read(&last).expect("readable").is_some());
    assert_eq!(store.read(&gone).expect("readable"), None);
    assert!(!bytes(&dir).windows(4).any(|w| w == b"gone"));
}

#[test]
fn damage_in_one_document_costs_no_other() {
    for offset in [0, 5, 20, 50, HEAD as u64 + 1] {
        let dir = tempfile::tempdir().expect("a directory");
        let (store, mut writer) = open(&dir);
        let hit = store_one(&store, &mut writer, b"first");
        let kept = store_one(&store, &mut writer, b"second");
        store.file.write_all_at(b"\xff", offset).expect("damaged");
        drop((store, writer));
        let (store, _writer) = open(&dir);
        assert!(!store.holds(&hit), "offset {offset}");
        assert!(store.read(&kept).expect("readable").is_some(), "offset {offset}");
    }
}

#[test]
fn a_torn_document_is_cut() {
    let dir = tempfile::tempdir().expect("a directory");
    let (store, mut writer) = open_cached(&dir);
    let kept = store_one(&store, &mut writer, b"first");
    let torn = store_one(&store, &mut writer, b"second");
    let len = store.file.size().expect("a size");
    store.file.set_size(len - 2).expect("cut");
    drop((store, writer));
    let (store, _writer) = open(&dir);
    assert!(store.holds(&kept));
    assert!(!store.holds(&torn));
}

#[test]
fn a_filler_ends_at_a_block_and_has_room_for_its_head() {
    for over in 0..BLOCK {
        let filler = filler(3 * BLOCK + over);
        assert!((3 * BLOCK + over + filler.len() as u64).is_multiple_of(BLOCK));
        assert!(filler.is_empty() == (over == 0) && filler.len() < HEAD + BLOCK_BYTES);
        assert!(filler.is_empty() || filler.len() >= HEAD);
    }
}

#[test]
fn what_fills_blocks_up_is_no_document() {
    // Ends at a block by itself, leaves too little for a head, leaves just a head, and anything.
    let lengths = [
        BLOCK_BYTES - HEAD,
        BLOCK_BYTES - HEAD - 1,
        BLOCK_BYTES - 2 * HEAD,
        3 * BLOCK_BYTES,
        0,
    ];
    let documents: Vec<_> = (1..).zip(lengths).map(|(n, bytes)| document(n, bytes)).collect();
    let dir = tempfile::tempdir().expect("a directory");
    let (store, mut writer) = open(&dir);
    for document in &documents {
        store_all(&store, &mut writer, std::slice::from_ref(document));
        assert!((bytes(&dir).len() as u64).is_multiple_of(BLOCK), "whole blocks");
    }
    assert_eq!(held(&store, &documents), (vec![true; 5], 5));
    drop((store, writer));
    let (store, mut writer) = open(&dir);
    assert_eq!(held(&store, &documents), (vec![true; 5], 5));
    // Nothing is left of those that were erased but their digests.
    for (digest, _) in &documents {
        assert!(store.erase(digest).expect("erased"));
    }
    let more = [document(9, 100)];
    store_all(&store, &mut writer, &more);
    drop((store, writer));
    let (store, _writer) = open(&dir);
    assert_eq!(held(&store, &documents), (vec![false; 5], 1));
    assert_eq!(held(&store, &more), (vec![true], 1));
}

#[test]
fn a_turn_larger_than_the_buffer_is_written_in_pieces() {
    let documents: Vec<_> = (1..=7).map(|n| document(n, 600_000)).collect();
    for direct in [true, false] {
        let dir = tempfile::tempdir().expect("a directory");
        let spares = Arc::<Spares>::default();
        let (store, mut writer) =
            DocumentStore::open_with(dir.path(), direct, spares.clone()).expect("a store");
        store_all(&store, &mut writer, &documents);
        assert_eq!(held(&store, &documents), (vec![true; 7], 7));
        drop((store, writer));
        let (store, _writer) = open(&dir);
        assert_eq!(held(&store, &documents), (vec![true; 7], 7));
        assert_eq!(spares.take(600_000), None, "the test holds them still");
    }
}

#[test]
fn buffers_of_what_was_stored_are_there_for_the_next_frame() {
    let dir = tempfile::tempdir().expect("a directory");
    let spares = Arc::<Spares>::default();
    let (store, mut writer) = DocumentStore::open_with(dir.path(), true, spares.clone()).expect("a store");
    assert!(store.store(vec![document(1, 600_000)], Box::new(|_| {})));
    assert!(writer.turn_now().expect("written"));
    assert_eq!(spares.take(600_000), Some(Vec::new()));
}

#[test]
fn a_store_without_fillers_goes_on_with_them() {
    let documents: Vec<_> = (1..=6).map(|n| document(n, 700 * usize::from(n))).collect();
    let dir = tempfile::tempdir().expect("a directory");
    let mut written = Vec::new();
    for (digest, document) in &documents[..3] {
        written.extend_from_slice(&head(digest, document));
        written.extend_from_slice(&document.text);
    }
    let (store, mut writer) = open_cached(&dir);
    store_all(&store, &mut writer, &documents[..3]);
    drop((store, writer));
    assert_eq!(bytes(&dir), written, "the documents and nothing else");
    let (store, mut writer) = open(&dir);
    assert_eq!(bytes(&dir), written, "opening writes nothing");
    store_all(&store, &mut writer, &documents[3..5]);
    drop((store, writer));
    let (store, mut writer) = open_cached(&dir);
    store_all(&store, &mut writer, &documents[5..]);
    drop((store, writer));
    let (store, _writer) = open(&dir);
    assert_eq!(held(&store, &documents), (vec![true; 6], 6));
    assert_eq!(bytes(&dir)[..written.len()], written, "nothing is written anew");
}

/// Where each of these ends, if they are written from this place without a filler between them.
fn ends(from: u64, documents: &[(Digest, Document)]) -> Vec<u64> {
    let lengths = documents
        .iter()
        .map(|(_, document)| (HEAD + document.text.len()) as u64);
    lengths
        .scan(from, |at, length| {
            *at += length;
            Some(*at)
        })
        .collect()
}

#[test]
fn a_write_torn_at_any_block_costs_only_what_it_was_to_make_durable() {
    let first = [document(1, 3_000), document(2, 3_000)];
    let torn: Vec<_> = (3..=7).map(|n| document(n, 1_000 * usize::from(n))).collect();
    let later = [document(8, 5_000)];
    let whole = tempfile::tempdir().expect("a directory");
    let (store, mut writer) = open(&whole);
    store_all(&store, &mut writer, &first);
    let begin = bytes(&whole).len() as u64;
    store_all(&store, &mut writer, &torn);
    let written = bytes(&whole);
    let ends = ends(begin, &torn);
    let len = written.len() as u64;
    for block in begin / BLOCK..len / BLOCK {
        let at = block * BLOCK;
        let range = at as usize..(at + BLOCK) as usize;
        // The write ended here, or this block alone never came.
        for missing in [false, true] {
            let mut left = written.clone();
            if missing {
                left[range.clone()].fill(0);
            } else {
                left.truncate(range.start);
            }
            let touched = |end: &u64, document: &(Digest, Document)| {
                let start = end - (HEAD + document.1.text.len()) as u64;
                *end > at && (!missing || start < at + BLOCK)
            };
            let expected: Vec<bool> = ends
                .iter()
                .zip(&torn)
                .map(|(end, document)| !touched(end, document))
                .collect();
            let dir = tempfile::tempdir().expect("a directory");
            std::fs::write(dir.path().join("documents.dat"), &left).expect("written");
            let (store, mut writer) = open(&dir);
            assert_eq!(held(&store, &first).0, [true; 2]);
            assert_eq!(
                held(&store, &torn).0,
                expected,
                "block {block}, missing {missing}"
            );
            // Sent again, and another one behind.
            store_all(&store, &mut writer, &torn);
            store_all(&store, &mut writer, &later);
            drop((store, writer));
            let (store, _writer) = open(&dir);
            assert_eq!(held(&store, &first), (vec![true; 2], 8));
            assert_eq!(held(&store, &torn), (vec![true; 5], 8));
            assert_eq!(held(&store, &later), (vec![true], 8));
        }
    }
}
