//! The store of documents: opened on any bytes it gives only true documents, and goes on.
use std::sync::{Arc, Mutex};

use causeway_message::document::Document;

use super::memory::Memory;
use super::support::{self, Input, fuzz};
use crate::documents::{DocumentStore, DocumentWriter};
use crate::system::Dir;

fn document(n: u8) -> Document {
    Document {
        salt: [n; 16],
        text: format!("<Document>{}</Document>", "x".repeat(usize::from(n)))
            .into_bytes()
            .into(),
    }
}

/// Stores a document and waits for it.
fn store(store: &DocumentStore, writer: &mut DocumentWriter, document: &Document) {
    let done = Arc::new(Mutex::new(None));
    let told = done.clone();
    let stored = Box::new(move |outcome| *told.lock().expect("nobody panics") = Some(outcome));
    assert!(store.store(vec![(document.digest(), document.clone())], stored));
    assert!(writer.turn_now().expect("memory has room"));
    assert_eq!(done.lock().expect("nobody panics").take(), Some(Ok(())));
}

fn opened(dir: &Dir) -> (Arc<DocumentStore>, DocumentWriter) {
    DocumentStore::open(dir.clone()).expect("whatever is damaged, the rest is opened")
}

#[test]
fn a_store_gives_only_true_documents_and_goes_on_behind_any_bytes() {
    let (memory, dir) = Memory::with(&[]);
    let (documents, mut writer) = opened(&dir);
    for n in [1, 2, 30] {
        store(&documents, &mut writer, &document(n));
    }
    documents
        .erase(&document(2).digest())
        .expect("memory can be written");
    let sample = memory.all()[0].1.clone();
    fuzz!(
        "documents",
        &[sample.clone(), Vec::new()],
        &["CWDC", "CWDC\u{1}\u{0}\u{0}\u{0}"],
        |input: &Input| {
            let (_, dir) = Memory::with(&[("documents.dat", &input.bytes)]);
            let (documents, mut writer) = opened(&dir);
            let known = [1, 2, 30, 200].map(document);
            for document in &known {
                if let Ok(Some(found)) = documents.read(&document.digest()) {
                    assert_eq!(found, *document);
                }
            }
            store(&documents, &mut writer, &known[3]);
            let (documents, _) = opened(&dir);
            assert_eq!(
                documents.read(&known[3].digest()).expect("it reads"),
                Some(known[3].clone())
            );
            if input.bytes == sample {
                let held = known.map(|document| documents.holds(&document.digest()));
                assert_eq!(held, [true, false, true, true]);
            }
        }
    );
}
