//! A start from a snapshot: the journal is verified, hashed and remembered in one pass, by several threads, and what
//! that gives is what a replay from the first entry gives.
use std::path::{Path, PathBuf};

use causeway_engine::journal::JournalError;
use causeway_engine::{Engine, EngineError, snapshot};
use causeway_message::Status;
use causeway_message::digest::Digest;
use causeway_message::entry::{ENTRY_HEADER_BYTES, EntryKind};
use causeway_message::wire::InstructionKey;

use super::support::{
    A, B, C, EUR, Listener, Picture, Sent, Told, USD, World, copy_dir, eventually, flip, mixed, rewrite,
    state_at, stopped,
};

/// Payments in a large batch: several make one piece of what the threads hand on, and some are larger than it.
const LARGE: [usize; 5] = [1_000, 6_000, 1, 2_500, 8_000];

fn marks(world: &World) -> Vec<u64> {
    let usable = snapshot::usable(&world.config.snapshot_dir()).expect("readable");
    usable.iter().map(|s| s.mark.index).collect()
}

fn state(engine: &Engine) -> (u64, Digest) {
    engine.asker().state_digest().expect("a digest")
}

/// Batches of all sizes, of two banks, most of which settle.
fn large(world: &World, engine: &Engine) -> Vec<Told> {
    world.fund(engine, A, EUR, 10_000);
    world.fund(engine, C, USD, 4_000);
    let mut told = Vec::new();
    for (round, count) in LARGE.into_iter().enumerate() {
        let (who, currency) = if round % 2 == 0 { (A, EUR) } else { (C, USD) };
        let payments: Vec<_> = (0..count).map(|_| world.payment(who, B, currency, 1)).collect();
        told.push(world.told(engine, &world.batch(who, &payments)));
    }
    told
}

/// Where every instruction of a batch stands, and that the batch is answered from the log.
fn stands(world: &World, engine: &Engine, told: &Told) {
    let submitter = told.batch.participant();
    for (ordinal, id) in told.batch.instruction_ids().into_iter().enumerate() {
        let status = engine
            .asker()
            .status(InstructionKey { submitter, id })
            .expect("an answer");
        let status = status.expect("it is remembered");
        assert_eq!(
            (Some(status.status), status.entry, usize::from(status.ordinal)),
            (
                told.message.answers[ordinal].status(),
                told.message.index,
                ordinal
            )
        );
    }
    told.same_outcome(&world.told(engine, &told.batch));
}

#[test]
fn every_id_of_batches_of_any_size_is_remembered_at_its_place() {
    let world = World::with_snapshots(1);
    let engine = world.start();
    let told = large(&world, &engine);
    let last = told[LARGE.len() - 1].message.index;
    eventually("a snapshot holds them", || marks(&world).first() >= Some(&last));
    let (ids, bytes) = engine.asker().ids().expect("an answer");
    assert!(
        ids as usize > LARGE.iter().sum() && bytes > ids * 40,
        "{ids} in {bytes}"
    );
    stopped(engine);
    let engine = world.start();
    assert_eq!(engine.asker().ids().expect("an answer").0, ids);
    for told in &told {
        stands(&world, &engine, told);
    }
    let settled = |told: &Told| told.statuses().iter().filter(|s| **s == Status::Settled).count();
    assert_eq!(told.iter().map(settled).sum::<usize>(), 9_001 + 4_000);
    // One and the same instruction under another number is known, and with other bytes refused.
    let records = told[3].batch.view().expect("instructions").records;
    let mut again = [records[7], records[2_499]];
    again[1].amount = 2.into();
    let again = world.told(&engine, &world.batch(told[3].batch.participant(), &again));
    assert_eq!(again.statuses(), [told[3].statuses()[7], Status::IdReused]);
    let (index, digest) = state(&engine);
    stopped(engine);
    assert_eq!(state_at(&world.config, &world.genesis, index), digest);
}

/// A node with two snapshots, as it was when it stopped.
struct Kept {
    world: World,
    whole: PathBuf,
    sent: Sent,
    picture: Picture,
    marks: Vec<u64>,
}

impl Kept {
    fn new() -> Self {
        let world = World::with_snapshots(4);
        let engine = world.start();
        let sent = mixed(&world, &engine);
        let picture = Picture::of(&world, &engine, &sent);
        stopped(engine);
        let whole = world.dir.path().join("whole");
        copy_dir(world.config.dir.path(), &whole);
        let marks = marks(&world);
        assert_eq!(marks.len(), 2);
        Self {
            world,
            whole,
            sent,
            picture,
            marks,
        }
    }

    /// Puts the directory back, spoils it, and starts; what was passed over, and the state.
    fn start(&self, spoil: impl Fn(&Path)) -> Result<(Vec<String>, (u64, Digest)), EngineError> {
        let dir = self.world.config.dir.path();
        std::fs::remove_dir_all(dir).expect("removed");
        copy_dir(&self.whole, dir);
        spoil(dir);
        let (listener, _guard) = Listener::listen();
        let engine = self.world.start_in(&self.world.config)?;
        let heard = listener.heard();
        assert_eq!(Picture::of(&self.world, &engine, &self.sent), self.picture);
        let state = state(&engine);
        stopped(engine);
        Ok((heard, state))
    }
}

#[test]
fn a_changed_bit_is_found_and_leads_to_the_older_snapshot_or_to_none_with_the_same_state() {
    let kept = Kept::new();
    let (newest, older) = (kept.marks[0], kept.marks[1]);
    let (heard, whole) = kept.start(|_| {}).expect("a start");
    assert_eq!(heard, Vec::<String>::new());
    let effects = |entry: u64| {
        let places = std::fs::read(kept.whole.join("derived/places")).expect("the places");
        let place = &places[entry as usize * 16 - 8..entry as usize * 16];
        u64::from_le_bytes(place.try_into().expect("eight bytes"))
    };
    // Beyond the older snapshot, and before it.
    for (entry, passed) in [(older + 1, vec![newest]), (2, vec![newest, older])] {
        for (name, at) in [
            ("effects", effects(entry) + 30),
            ("places", entry * 16 - 12),
            ("places", entry * 16 - 8),
            ("tree/level-00", entry * 32 - 1),
        ] {
            let spoil = |dir: &Path| flip(&dir.join("derived").join(name), at);
            let (heard, state) = kept.start(spoil).expect("a start");
            assert_eq!(state, whole, "{name} of log entry {entry}");
            assert_eq!(
                heard.len(),
                passed.len(),
                "{name} of log entry {entry}: {heard:?}"
            );
            for (words, mark) in heard.iter().zip(&passed) {
                assert!(words.contains(&format!("index: {mark};")), "{words}");
                let named = words.contains(&format!("log entry {entry}:")) || name.starts_with("tree");
                assert!(named, "{words}");
            }
        }
    }
    for name in ["effects", "places", "tree/level-01"] {
        let gone = |dir: &Path| std::fs::remove_file(dir.join("derived").join(name)).expect("removed");
        let (heard, state) = kept.start(gone).expect("a start");
        assert_eq!((state, heard.len()), (whole, 2), "{name}: {heard:?}");
    }
}

#[test]
fn a_changed_bit_in_the_journal_refuses_the_start_before_anything_is_cut() {
    let kept = Kept::new();
    let mut at = Vec::new();
    super::support::each_entry(&kept.world.config, &kept.world.genesis, |_, _, location| {
        at.push(location)
    });
    for entry in [1, 5, kept.marks[0] as usize] {
        let place = at[entry - 1];
        let spoil = |dir: &Path| {
            let segment = dir.join(format!("journal/{:08}.seg", place.segment));
            flip(&segment, u64::from(place.offset) + ENTRY_HEADER_BYTES as u64 + 9);
            // What lies beyond the snapshots is cut only when the journal holds.
            let effects = dir.join("derived/effects");
            let mut bytes = std::fs::read(&effects).expect("the effects");
            bytes.extend([7; 33]);
            std::fs::write(&effects, bytes).expect("longer");
        };
        let error = kept.start(spoil).expect_err("damage");
        let EngineError::Journal(JournalError::Damaged(damage)) = error else {
            panic!("expected damage, found {error}");
        };
        assert_eq!(damage.index, entry as u64);
        let left = std::fs::read(kept.world.file("derived/effects")).expect("the effects");
        assert!(left.ends_with(&[7; 33]), "nothing was cut");
    }
}

#[test]
fn a_batch_that_is_not_that_of_its_digest_refuses_the_start_with_and_without_snapshots() {
    let kept = Kept::new();
    let forged = kept.world.beside("forged");
    let mut changed = None;
    rewrite(
        &kept.world.config,
        &forged,
        &kept.world.genesis,
        |header, payload| {
            // Chained anew and with its own checksum, so that only the batch's digest tells.
            if changed.is_none() && header.kind().ok() == Some(EntryKind::Batch) {
                payload[60] ^= 1;
                changed = Some(header.index.get());
            }
        },
    );
    let entry = changed.expect("a batch");
    for with in [false, true] {
        if with {
            for part in ["derived", "snapshots"] {
                copy_dir(kept.whole.join(part), forged.dir.path().join(part));
            }
        }
        let error = kept.world.start_in(&forged).expect_err("a forged batch");
        assert!(
            error.to_string().contains(&format!("log entry {entry}")),
            "{error}"
        );
    }
}
