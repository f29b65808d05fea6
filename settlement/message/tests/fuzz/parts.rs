//! The parts of messages and of the log: read, and written again as the same bytes.
use causeway_message::action::{Action, WindowGrant};
use causeway_message::codec::Reader;
use causeway_message::effects::EffectsHead;
use causeway_message::entry::{ENTRY_HEADER_BYTES, EntryHeader, Roots, Rules};
use causeway_message::event::{self, EventKind, GroupHead};
use causeway_message::genesis::Genesis;
use causeway_message::leaf::{LEAF_BYTES, Leaf};
use causeway_message::plan::Plan;
use causeway_message::refusal::RefusalCode;
use causeway_message::time::{Timestamp, civil, days_from_civil};
use causeway_message::{FormatError, InstructionId, LedgerId, Status, Uetr};
use std::sync::LazyLock;
use zerocopy::{FromBytes, IntoBytes};

use crate::common::log::Log;
use crate::common::parties::{ALFA, BETA, funding, genesis};
use crate::support::{self, Input, fuzz};

static LOG: LazyLock<Log> = LazyLock::new(Log::build);

fn written(write: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    out
}

#[test]
fn a_genesis_that_reads_is_written_the_same() {
    fuzz!("genesis", &[genesis().to_bytes()], |input: &Input| {
        if let Ok(read) = Genesis::from_bytes(&input.bytes) {
            assert_eq!(read.to_bytes(), input.bytes);
        }
    });
}

#[test]
fn an_action_that_reads_is_written_the_same() {
    let grant = genesis().participants[2].clone();
    let key = grant.keys[0].clone();
    let samples: Vec<Vec<u8>> = [
        funding(),
        Action::AddKey {
            participant: ALFA,
            grant: key,
        },
        Action::AdmitMember {
            proofs: grant.keys.iter().map(|_| [7; 64]).collect(),
            grant: grant.clone(),
        },
        Action::RegisterParticipant(grant),
        Action::SetCollateral {
            participant: ALFA,
            currency: 978,
            asset: "DE0001102580".into(),
            value: 1_000,
            haircut: 50_000,
        },
        Action::OpenWindow(WindowGrant {
            currencies: vec![840, 978],
            close: 10,
            pay_in_by: 20,
            ends: 30,
        }),
    ]
    .iter()
    .map(|action| written(|out| action.write(out)))
    .collect();
    fuzz!("action", &samples, |input: &Input| {
        if let Ok(action) = Action::read(&input.bytes) {
            assert_eq!(written(|out| action.write(out)), input.bytes, "{}", action.name());
        }
    });
}

#[test]
fn an_entry_header_and_its_roots_read_as_they_stand() {
    let mut samples: Vec<Vec<u8>> = LOG
        .entries
        .iter()
        .map(|entry| entry.header.as_bytes().to_vec())
        .collect();
    samples.push(LOG.entry(7).payload.clone());
    let plan = Plan {
        basis: 7,
        instructions: vec![(ALFA, InstructionId([1; 16])), (BETA, InstructionId([2; 16]))],
    };
    samples.push(written(|out| plan.write(out)));
    fuzz!("entry", &samples, |input: &Input| {
        if let Ok(roots) = Roots::read(&input.bytes) {
            assert_eq!(written(|out| roots.write(out)), input.bytes);
        }
        if let Ok(rules) = Rules::read(&input.bytes) {
            assert_eq!(written(|out| rules.write(out)), input.bytes);
        }
        if let Ok(plan) = Plan::read(&input.bytes) {
            assert_eq!(written(|out| plan.write(out)), input.bytes);
        }
        let Ok((header, _)) = EntryHeader::read_from_prefix(&input.bytes) else {
            assert!(input.bytes.len() < ENTRY_HEADER_BYTES);
            return;
        };
        assert_eq!(header.kind().is_ok(), (1..=7).contains(&header.kind.get()));
        assert_eq!(
            header.time().to_text().len(),
            24 + usize::from(year_of(header.time()) > 9_999)
        );
        let mut other = header;
        other.crc32c = !header.crc32c;
        assert_ne!(header.hash(), other.hash());
    });
}

fn year_of(time: Timestamp) -> u64 {
    let (year, month, day) = civil(time.days());
    assert!((1..=12).contains(&month) && (1..=31).contains(&day));
    let back = days_from_civil(year, month, day);
    assert!(back.is_none() || back.map(u64::from) == Some(time.days()));
    year
}

#[test]
fn a_leaf_and_an_effects_head_that_read_are_written_the_same() {
    let mut samples = Vec::new();
    for entry in &LOG.entries {
        samples.push(written(|out| entry.leaf.write(out)));
        samples.push(written(|out| entry.effects.write(out)));
    }
    fuzz!("leaf_and_effects", &samples, |input: &Input| {
        let mut reader = Reader::new(&input.bytes);
        if let Ok(leaf) = Leaf::read(&mut reader) {
            assert_eq!(written(|out| leaf.write(out)), input.bytes[..LEAF_BYTES]);
            let other = Leaf {
                index: !leaf.index,
                ..leaf
            };
            assert_ne!(leaf.hash(), other.hash());
        }
        let mut reader = Reader::new(&input.bytes);
        if let Ok(effects) = EffectsHead::read(&mut reader) {
            let read = input.bytes.len() - reader.rest().len();
            assert_eq!(written(|out| effects.write(out)), input.bytes[..read]);
        }
    });
}

#[test]
fn a_run_of_events_is_cut_without_gaps_or_refused() {
    let samples: Vec<Vec<u8>> = LOG
        .entries
        .iter()
        .flat_map(|entry| entry.groups.iter().map(|(_, events)| events.clone()))
        .filter(|events| events.len() < 8_192)
        .collect();
    fuzz!("events", &samples, |input: &Input| {
        let run = &input.bytes;
        let whole: usize = event::each(run).map(|event| event.size()).sum();
        let Ok((ranges, count)) = event::chunks(run) else {
            assert!(whole < run.len());
            return;
        };
        assert_eq!(whole, run.len());
        assert_eq!(event::each(run).count(), count);
        let ends: Vec<usize> = ranges.iter().map(|range| range.end).collect();
        let starts = ranges.iter().map(|range| range.start);
        assert!(starts.eq(std::iter::once(0).chain(ends).take(ranges.len())));
        assert_eq!(ranges.len(), count.div_ceil(16));
        event::each(run).for_each(|event| look(&event));
        let group = |count| GroupHead {
            participant: ALFA,
            entry: 4,
            first: u64::MAX,
            count,
        };
        assert!(group(count as u32).digest_of(run).is_ok());
        assert!(group(count as u32 + 1).digest_of(run).is_err());
    });
}

/// Looks at everything in an event; a control action in it is written the same.
fn look(event: &event::Event<'_>) {
    let _ = (event.role(), event.status());
    if let Some((session, number, count)) = event.own_batch() {
        assert_eq!(event::own_batch_body(session, number, count), event.body);
    }
    if let Some((proposer, id, action)) = event.control() {
        let again = written(|out| event::control_body(out, proposer, id, &action));
        assert_eq!(again, event.body);
    }
    if let Some((record, extensions)) = event.payment() {
        assert_eq!(event.kind(), Some(EventKind::Payment));
        assert_eq!([record.as_bytes(), extensions].concat(), event.body);
    }
}

#[test]
fn ids_in_text_are_read_as_they_are_written() {
    let samples = [
        "eb6305c9-1f7f-49de-aed0-16487c27b42d",
        &"0aF9".repeat(8),
        &"cd".repeat(32),
        "35",
        "-",
    ]
    .map(|text| text.as_bytes().to_vec());
    fuzz!("ids", &samples, &["-", "00", "é", "g"], |input: &Input| {
        let text = input.text();
        let plain: String = text
            .chars()
            .filter(|c| *c != '-')
            .collect::<String>()
            .to_ascii_lowercase();
        if let Some(uetr) = Uetr::parse(&text) {
            assert_eq!(Uetr::parse(&uetr.to_string()), Some(uetr));
            assert_eq!(uetr.to_string().replace('-', ""), plain);
        }
        assert!(InstructionId::from_hex(&text).is_none_or(|id| id.to_string() == plain));
        assert!(LedgerId::from_hex(&text).is_none_or(|id| id.to_string() == plain));
        let mut reader = Reader::new(&input.bytes);
        if let Ok(number) = reader.u16("number") {
            let status = Status::from_number(number);
            assert!(
                status.is_none_or(|status| u16::from(status as u8) == number && !status.name().is_empty())
            );
            let code = RefusalCode::from_number(number);
            assert!(code.is_none_or(|code| code as u16 == number && !code.meaning().is_empty()));
        }
    });
}

#[test]
fn a_reader_never_gives_more_than_there_is() {
    let samples = [vec![3, 0, 0, 0, b'a', b'b', b'c'], vec![0xff; 24]];
    fuzz!("reader", &samples, |input: &Input| {
        let bytes = &input.bytes;
        let mut reader = Reader::new(bytes);
        match reader.var(64, "var") {
            Ok(part) => assert_eq!(part.len() + 4 + reader.rest().len(), bytes.len()),
            Err(FormatError::OverLimit { value, limit, .. }) => assert!(value > limit),
            Err(FormatError::Truncated { missing, .. }) => assert!(missing > 0),
            Err(error) => panic!("{error}"),
        }
        if let Ok(text) = Reader::new(bytes).text(64, "text") {
            assert_eq!(text.as_bytes(), &bytes[4..4 + text.len()]);
        }
        let zeros = Reader::new(bytes).zeros(bytes.len(), "zeros").is_ok();
        assert_eq!(zeros, bytes.iter().all(|byte| *byte == 0));
        assert_eq!(Reader::new(bytes).end("all").is_ok(), bytes.is_empty());
    });
}
