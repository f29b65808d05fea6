//! A bit of the documents' file that has changed: a document is right or gone, and no other one is touched.
use std::path::Path;

use causeway_engine::documents::DocumentStore;
use causeway_message::document::Document;

use super::bit;
use super::small::Small;
use crate::support::{Disk, Listener, Memory};

const FILE: &str = "/node/documents/documents.dat";
/// Bytes in front of a document's text.
const HEAD: usize = 64;

/// Where each document begins and ends, the erased one too.
fn places(bytes: &[u8]) -> Vec<std::ops::Range<u64>> {
    let mut places = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        assert_eq!(&bytes[at..at + 4], b"CWDC");
        let len = u32::from_le_bytes([bytes[at + 4], bytes[at + 5], bytes[at + 6], bytes[at + 7]]);
        let end = at + HEAD + len as usize;
        places.push(at as u64..end as u64);
        at = end;
    }
    places
}

/// Whether each document is still there; none may be another.
fn held(small: &Small, disk: &Disk) -> Vec<bool> {
    let memory = Memory::new(disk.clone(), small.now);
    let dir = small.world.on(&memory).documents_dir();
    let (store, _writer) = DocumentStore::open(dir).expect("the store opens");
    let held = |document: &Document| match store.read(&document.digest()) {
        Ok(Some(found)) => {
            assert_eq!(found, *document);
            true
        }
        Ok(None) | Err(_) => false,
    };
    small.documents.iter().map(held).collect()
}

#[test]
fn a_bit_changed_at_any_byte_of_the_documents_costs_no_other_document() {
    let small = Small::new();
    let (listener, _guard) = Listener::listen();
    let places = places(&small.disk.bytes(Path::new(FILE)));
    let kept = [0, 2, 3].map(|place: usize| places[place].clone());
    assert_eq!(held(&small, &small.disk), [true; 3]);
    for at in 0..places[3].end {
        for bit in [bit(at), 7 - bit(at)] {
            let mut disk = small.disk.clone();
            disk.flip(Path::new(FILE), at, bit);
            let held = held(&small, &disk);
            let heard = listener.heard();
            for (place, held) in kept.iter().zip(&held) {
                assert!(
                    *held || place.contains(&at),
                    "byte {at}, bit {bit}: {place:?} is gone"
                );
                // Except the mark that it was erased, by which it is gone without a word.
                let erased = at == place.start + 8;
                assert!(*held || erased || !heard.is_empty(), "byte {at}, bit {bit}");
            }
        }
    }
}

#[test]
fn documents_that_end_anywhere_cost_none_in_front() {
    let small = Small::new();
    let places = places(&small.disk.bytes(Path::new(FILE)));
    let kept = [0, 2, 3].map(|place: usize| places[place].end);
    for size in 0..=places[3].end {
        let mut disk = small.disk.clone();
        disk.set_size(Path::new(FILE), size);
        assert_eq!(held(&small, &disk), kept.map(|end| end <= size), "{size} bytes");
    }
}

/// A document of zeros that fills the file up, with its head.
fn filler(bytes: usize) -> Vec<u8> {
    let mut out = vec![0; HEAD + bytes];
    out[..4].copy_from_slice(b"CWDC");
    out[4..8].copy_from_slice(&(bytes as u32).to_le_bytes());
    let crc = crc32c::crc32c(&out[16..]);
    out[12..16].copy_from_slice(&crc.to_le_bytes());
    out
}

/// What lies more than 256 MiB behind the end is not checked at a start, but its length is not believed either.
#[test]
fn a_bit_changed_in_any_length_far_behind_costs_no_other_document() {
    let small = Small::new();
    let file = Path::new(FILE);
    let places = places(&small.disk.bytes(file));
    let mut long = small.disk.clone();
    let filler = filler(1_048_576);
    for n in 0..260 {
        long.write(file, places[3].end + n * filler.len() as u64, &filler);
    }
    assert_eq!(held(&small, &long), [true; 3]);
    for bit in 0..8 {
        let mut disk = long.clone();
        disk.flip(file, places[0].start + 4, bit);
        assert_eq!(held(&small, &disk), [false, true, true], "bit {bit}");
    }
}
