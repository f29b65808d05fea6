//! Bytes from outside: cut anywhere, with any bit flipped, or random, they never panic, and what is signed or
//! hashed is refused when any byte of it differs.
mod common;

use causeway_message::action::Action;
use causeway_message::batch::BatchView;
use causeway_message::checkpoint::{Checkpoint, LogKey, origin};
use causeway_message::codec::Reader;
use causeway_message::control::ControlView;
use causeway_message::entry::Roots;
use causeway_message::event;
use causeway_message::frame::{self, Template};
use causeway_message::genesis::Genesis;
use causeway_message::receipt::Receipt;
use causeway_message::verify::{Claim, VerifiedBatch};
use causeway_message::wire::{
    Accounts, AnswersMessage, Balances, Consistency, Credits, Days, Directory, Explanation, Exposure,
    ExposureQuery, FeedPage, GovernanceLines, GovernanceQuery, Hello, HistoryLines, HistoryQuery,
    InstructionKey, QueueLines, QueueQuery, StatementLines, StatementQuery, StatusAnswer, Windows,
    read_document, read_number, read_refusal,
};
use causeway_message::{FormatError, document, extension};
use common::log::{BATCH_ENTRY, Log, QUEUED, REJECTED, RELEASE_ENTRY, SETTLED};
use common::messages;
use common::parties::*;
use proptest::prelude::*;
use std::sync::LazyLock;

/// Reads a message by its template, and looks at everything in it that a reader may look at.
fn decode(bytes: &[u8]) -> Result<(), FormatError> {
    let (template, reader) = frame::open(bytes)?;
    match template {
        Template::Batch => {
            Claim::read(bytes)?;
            let view = BatchView::parse(bytes)?;
            let mut walk = extension::Walk::new(view.extensions);
            for (i, record) in view.records.iter().enumerate() {
                record.leaf(walk.of(i));
            }
        }
        Template::ControlBatch => drop(ControlView::parse(bytes)?),
        Template::Documents => drop(document::parse(bytes)?),
        Template::Answers => {
            AnswersMessage::read(reader)?.leaf().hash();
        }
        Template::SessionOpened => drop(Hello::read(bytes)?),
        Template::FeedPage => {
            let page = FeedPage::read(reader)?;
            for entry in &page.entries {
                event::event_leaves(&entry.events)?;
                for event in event::each(&entry.events) {
                    let _ = (
                        event.role(),
                        event.status(),
                        event.payment(),
                        event.own_batch(),
                        event.control(),
                    );
                }
            }
        }
        Template::Refused => drop(read_refusal(reader)?),
        Template::Balances => drop(Balances::read(reader)?),
        Template::StatusQuery | Template::ReceiptQuery | Template::ExplainQuery => {
            InstructionKey::read(reader)?;
        }
        Template::StatusAnswer => drop(StatusAnswer::read(reader)?),
        Template::Receipt => drop(Receipt::read(bytes)?),
        Template::Consistency => drop(Consistency::read(reader)?),
        Template::Document => drop(read_document(reader)?),
        Template::Directory => drop(Directory::read(reader)?),
        Template::Explanation => drop(Explanation::read(reader)?),
        Template::QueueQuery => drop(QueueQuery::read(reader)?),
        Template::QueueLines => drop(QueueLines::read(reader)?),
        Template::Days => drop(Days::read(reader)?),
        Template::Accounts => drop(Accounts::read(reader)?),
        Template::HistoryQuery => drop(HistoryQuery::read(reader)?),
        Template::HistoryLines => drop(HistoryLines::read(reader)?),
        Template::StatementQuery => drop(StatementQuery::read(reader)?),
        Template::StatementLines => drop(StatementLines::read(reader)?),
        Template::GovernanceQuery => drop(GovernanceQuery::read(reader)?),
        Template::GovernanceLines => drop(GovernanceLines::read(reader)?),
        Template::Credits => drop(Credits::read(reader)?),
        Template::ExposureQuery => drop(ExposureQuery::read(reader)?),
        Template::Exposure => drop(Exposure::read(reader)?),
        Template::Windows => drop(Windows::read(reader)?),
        // Its fields have no rule but their number.
        Template::DocumentQuery => {
            let mut reader = reader;
            reader.bytes(16, "document.place")?;
            reader.end("document")?;
        }
        Template::OpenSession
        | Template::Subscribe
        | Template::BalanceQuery
        | Template::ConsistencyQuery
        | Template::AccountQuery
        | Template::DaysQuery
        | Template::CreditQuery
        | Template::WindowsQuery
        | Template::DirectoryQuery => {
            read_number(reader)?;
        }
    }
    Ok(())
}

/// Bytes with one bit flipped, each in turn.
fn flips(bytes: &[u8], mut look: impl FnMut(usize, &[u8])) {
    let mut other = bytes.to_vec();
    for bit in 0..bytes.len() * 8 {
        other[bit / 8] ^= 1 << (bit % 8);
        look(bit / 8, &other);
        other[bit / 8] = bytes[bit / 8];
    }
}

/// Bytes with one byte changed, each in turn: all its bits, and one of them.
fn changes(bytes: &[u8], mut look: impl FnMut(usize, &[u8])) {
    let mut other = bytes.to_vec();
    for i in 0..bytes.len() {
        for mask in [0xff, 1 << (i % 8)] {
            other[i] = bytes[i] ^ mask;
            look(i, &other);
        }
        other[i] = bytes[i];
    }
}

#[test]
fn no_message_cut_anywhere_or_with_any_bit_flipped_panics() {
    for (template, bytes) in messages::all() {
        assert_eq!(decode(&bytes), Ok(()), "{}", template.name());
        for len in 0..bytes.len() {
            assert!(decode(&bytes[..len]).is_err(), "{} cut at {len}", template.name());
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert!(decode(&longer).is_err(), "{} with a byte more", template.name());
        flips(&bytes, |_, other| {
            let _ = decode(other);
        });
    }
}

#[test]
fn the_genesis_reads_back_and_no_cut_or_flip_of_it_panics_or_keeps_the_ledger_id() {
    let bytes = genesis().to_bytes();
    assert_eq!(Genesis::from_bytes(&bytes), Ok(genesis()));
    for len in 0..bytes.len() {
        assert!(Genesis::from_bytes(&bytes[..len]).is_err(), "cut at {len}");
    }
    flips(&bytes, |i, other| {
        if let Ok(other) = Genesis::from_bytes(other) {
            assert_ne!(other.ledger_id(), ledger(), "byte {i}");
        }
    });
}

#[test]
fn a_batch_with_any_byte_changed_is_refused() {
    let (_, _, frame) = small_batch();
    let public = key(seed_of(ALFA, 1)).public();
    assert!(VerifiedBatch::verify(frame.clone(), ledger(), &public).is_ok());
    flips(&frame, |i, other| {
        assert!(
            VerifiedBatch::verify(other.to_vec(), ledger(), &public).is_err(),
            "byte {i}"
        );
    });
    let other = key(seed_of(ALFA, 2)).public();
    assert!(VerifiedBatch::verify(frame, ledger(), &other).is_err());
    for (frame, person) in [(funding_frames().0, 1), (funding_frames().1, 2)] {
        let public = key(seed_of(AGENT, person)).public();
        assert!(VerifiedBatch::verify(frame.clone(), ledger(), &public).is_ok());
        flips(&frame, |i, other| {
            assert!(
                VerifiedBatch::verify(other.to_vec(), ledger(), &public).is_err(),
                "control, byte {i}"
            );
        });
    }
}

/// Receipts of all forms, cut once.
static RECEIPTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let log = Log::build();
    vec![
        log.immediate(BATCH_ENTRY, SETTLED).write(),
        log.immediate(BATCH_ENTRY, REJECTED).write(),
        log.by_event(BATCH_ENTRY, QUEUED, RELEASE_ENTRY, ALFA).write(),
        log.by_event(BATCH_ENTRY, QUEUED, RELEASE_ENTRY, BETA).write(),
        log.by_event(BATCH_ENTRY, 130, BATCH_ENTRY, BETA).write(),
    ]
});

#[test]
fn a_receipt_with_any_byte_changed_proves_nothing() {
    let pinned = log_key();
    for bytes in RECEIPTS.iter() {
        let verify = |bytes: &[u8]| Receipt::read(bytes).is_ok_and(|receipt| receipt.verify(&pinned).is_ok());
        assert!(verify(bytes));
        changes(bytes, |i, other| assert!(!verify(other), "byte {i}"));
        let longer = [bytes.as_slice(), b"\n"].concat();
        assert!(!verify(&longer), "a byte more");
    }
}

#[test]
fn a_receipt_proves_nothing_to_one_who_pinned_another_key() {
    let other = LogKey::new(NODE, key(NODE_SEED + 1).public()).expect("a good name");
    let elsewhere = LogKey::new("node-2.causeway.example", key(NODE_SEED).public()).expect("a good name");
    for bytes in RECEIPTS.iter() {
        let receipt = Receipt::read(bytes).expect("it has the form");
        assert!(receipt.verify(&log_key()).is_ok());
        assert!(receipt.verify(&other).is_err());
        assert!(receipt.verify(&elsewhere).is_err());
    }
}

#[test]
fn a_receipt_is_not_made_from_parts_of_two() {
    let log = Log::build();
    let own = log.immediate(BATCH_ENTRY, SETTLED);
    let other = log.immediate(BATCH_ENTRY, 8);
    let mut mixed = own.clone();
    mixed.record = other.record;
    assert!(mixed.verify(&log_key()).is_err(), "another record");
    let mut mixed = own.clone();
    mixed.record_path = other.record_path;
    assert!(mixed.verify(&log_key()).is_err(), "another place");
    let mut mixed = own.clone();
    mixed.effect = log.immediate(BATCH_ENTRY, 130).effect;
    assert!(mixed.verify(&log_key()).is_err(), "another chunk");
    let mut mixed = log.by_event(BATCH_ENTRY, QUEUED, RELEASE_ENTRY, ALFA);
    mixed.effect = log.by_event(BATCH_ENTRY, QUEUED + 1, RELEASE_ENTRY, ALFA).effect;
    assert!(mixed.verify(&log_key()).is_err(), "another event");
    let mut mixed = own;
    mixed.extensions = reference(SETTLED as u16 + 1, "TARGET/2026/5");
    assert!(mixed.verify(&log_key()).is_err(), "extensions of another place");
}

#[test]
fn answers_with_any_byte_changed_are_not_under_the_checkpoint() {
    let message = Log::build().answers(BATCH_ENTRY);
    let bytes = message.write();
    let holds = |bytes: &[u8]| {
        let Ok(read) = frame::expect(bytes, Template::Answers).and_then(AnswersMessage::read) else {
            return false;
        };
        let Ok(checkpoint) = Checkpoint::verify(&read.checkpoint, &origin(ledger()), &log_key()) else {
            return false;
        };
        // The number is the client's own: it compares that and the digest with those of its batch.
        read.number == message.number
            && read.input_digest == message.input_digest
            && read.proof.holds(read.leaf().hash(), &checkpoint)
    };
    assert!(holds(&bytes));
    changes(&bytes, |i, other| assert!(!holds(other), "byte {i}"));
}

#[test]
fn a_feed_page_with_any_byte_changed_does_not_hang_together() {
    let page = Log::build().feed(GAMA);
    let bytes = page.write();
    let holds = |bytes: &[u8]| {
        let Ok(read) = frame::expect(bytes, Template::FeedPage).and_then(FeedPage::read) else {
            return false;
        };
        let Ok(checkpoint) = Checkpoint::verify(&read.checkpoint, &origin(ledger()), &log_key()) else {
            return false;
        };
        let mut next = read.first;
        for entry in &read.entries {
            if entry.group.participant != GAMA
                || entry.group.first != next
                || entry.holds(&checkpoint) != Ok(true)
            {
                return false;
            }
            next += u64::from(entry.group.count);
        }
        next == read.next
    };
    assert!(holds(&bytes));
    // A page of GAMA's has some 200 events: every third byte, each bit of it in turn over the page, is enough.
    for i in (0..bytes.len()).step_by(3) {
        let mut other = bytes.clone();
        other[i] ^= 1 << (i % 8);
        assert!(!holds(&other), "byte {i}");
    }
}

#[test]
fn a_checkpoint_cut_anywhere_is_refused() {
    let note = Log::build().checkpoint();
    for len in (0..note.len()).filter(|len| note.is_char_boundary(*len)) {
        assert!(
            Checkpoint::verify(&note[..len], &origin(ledger()), &log_key()).is_err(),
            "cut at {len}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn random_bytes_behind_any_header_never_panic(
        template in prop::sample::select(Template::ALL),
        body in prop::collection::vec(any::<u8>(), 0..2_048),
    ) {
        let mut bytes = frame::start(template, body.len());
        bytes.extend(&body);
        let _ = decode(&bytes);
        let _ = decode(&body);
    }

    #[test]
    fn random_bytes_never_panic_the_decoders_of_parts(body in prop::collection::vec(any::<u8>(), 0..1_024)) {
        let _ = Action::read(&body);
        let _ = Genesis::from_bytes(&body);
        let _ = Roots::read(&body);
        let _ = event::chunks(&body);
        let _ = extension::check(&body, 8);
        prop_assert_eq!(event::each(&body).map(|e| e.size()).sum::<usize>() <= body.len(), true);
        let text = String::from_utf8_lossy(&body);
        let _ = Checkpoint::parse(&text);
        let _ = LogKey::parse(&text);
        let _ = Reader::new(&body).text(64, "text");
    }

    #[test]
    fn several_random_bytes_changed_in_a_receipt_never_panic_and_never_prove(
        which in 0..5usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), 1..=255u8), 1..8),
    ) {
        let mut bytes = RECEIPTS[which].clone();
        let before = bytes.clone();
        for (at, mask) in edits {
            let at = at.index(bytes.len());
            bytes[at] ^= mask;
        }
        prop_assume!(bytes != before);
        let proven = Receipt::read(&bytes).is_ok_and(|receipt| receipt.verify(&log_key()).is_ok());
        prop_assert!(!proven);
    }

    #[test]
    fn an_action_that_reads_is_written_the_same(number in 0..13u16, body in prop::collection::vec(any::<u8>(), 0..96)) {
        let mut bytes = number.to_le_bytes().to_vec();
        bytes.extend(&body);
        if let Ok(action) = Action::read(&bytes) {
            let mut again = Vec::new();
            action.write(&mut again);
            prop_assert_eq!(again, bytes);
        }
    }
}
