//! The store on its file: found again, erased, torn.
use super::*;

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

/// The documents that can be read, and how many the store lists.
fn held(store: &DocumentStore, documents: &[(Digest, Document)]) -> (Vec<bool>, usize) {
    let held = |(digest, document): &(Digest, Document)| {
        let found = store.read(digest).expect("what is listed can be read");
        assert!(found.is_none() || found.as_ref() == Some(document));
        found.is_some()
    };
    (documents.iter().map(held).collect(), lock(&store.index).len())
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
    let bytes = std::fs::read(dir.path().join("documents.dat")).expect("the file");
    assert!(!bytes.windows(4).any(|w| w == b"gone"));
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
    let (store, mut writer) = open(&dir);
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
fn a_turn_larger_than_the_buffer_is_written_in_pieces() {
    let documents: Vec<_> = (1..=7).map(|n| document(n, 600_000)).collect();
    {
        let dir = tempfile::tempdir().expect("a directory");
        let spares = Arc::<Spares>::default();
        let (store, mut writer) = DocumentStore::open_with(dir.path(), spares.clone()).expect("a store");
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
    let (store, mut writer) = DocumentStore::open_with(dir.path(), spares.clone()).expect("a store");
    assert!(store.store(vec![document(1, 600_000)], Box::new(|_| {})));
    assert!(writer.turn_now().expect("written"));
    assert_eq!(spares.take(600_000), Some(Vec::new()));
}
