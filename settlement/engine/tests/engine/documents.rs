//! Documents beside the log: durable, found again, erased for good.
use std::sync::mpsc::channel;
use std::time::Duration;

use causeway_engine::Engine;
use causeway_message::Digest;
use causeway_message::document::Document;

use super::support::{A, B, EUR, World, stopped};

fn document(text: &str) -> (Digest, Document) {
    let document = Document {
        salt: [text.len() as u8; 16],
        text: text.as_bytes().to_vec().into(),
    };
    (document.digest(), document)
}

fn store(engine: &Engine, documents: Vec<(Digest, Document)>) {
    let (done, stored) = channel();
    let accepted = engine.documents().store(
        documents,
        Box::new(move |outcome| {
            let _ = done.send(outcome);
        }),
    );
    assert!(accepted);
    let outcome = stored.recv_timeout(Duration::from_secs(10)).expect("an outcome");
    assert_eq!(outcome, Ok(()));
}

fn read(engine: &Engine, digest: &Digest) -> Option<Document> {
    engine.documents().read(digest).expect("a readable store")
}

#[test]
fn documents_are_found_after_a_restart_and_erased_ones_are_gone() {
    let world = World::new();
    let engine = world.start();
    let [kept, gone, last] = [
        "<Document>kept</Document>",
        "<Document>Erika Mustermann</Document>",
        "x",
    ]
    .map(document);
    store(&engine, vec![kept.clone(), gone.clone()]);
    store(&engine, vec![last.clone()]);
    // The log holds the digest alone.
    let mut record = world.payment(A, B, EUR, 1);
    record.document_digest = gone.0;
    world.told(&engine, &world.batch(A, &[record]));
    assert!(engine.documents().erase(&gone.0).expect("erased"));
    assert!(!engine.documents().erase(&gone.0).expect("it is gone already"));
    stopped(engine);

    let engine = world.start();
    for (digest, document) in [&kept, &last] {
        assert!(engine.documents().holds(digest));
        assert_eq!(read(&engine, digest).as_ref(), Some(document));
    }
    assert!(!engine.documents().holds(&gone.0));
    assert_eq!(read(&engine, &gone.0), None);
    stopped(engine);
    let nowhere = |name: &str| {
        let bytes = std::fs::read(world.file(name)).expect("the file");
        !bytes.windows(5).any(|w| w == b"Erika")
    };
    assert!(nowhere("documents/documents.dat") && nowhere("journal/00000001.seg"));
}

#[test]
fn a_document_stored_twice_is_erased_wholly() {
    let world = World::new();
    let engine = world.start();
    let twice = document("<Document>Erika Mustermann</Document>");
    store(&engine, vec![twice.clone(), twice.clone()]);
    store(&engine, vec![twice.clone()]);
    assert!(engine.documents().erase(&twice.0).expect("erased"));
    stopped(engine);
    let engine = world.start();
    assert_eq!(read(&engine, &twice.0), None);
    // It may come again, and is another one then.
    store(&engine, vec![twice.clone()]);
    assert_eq!(read(&engine, &twice.0), Some(twice.1));
    stopped(engine);
}
