//! Feeds tell everything that concerns a participant, once, without gaps, the same way to everybody who asks.
use std::collections::BTreeMap;

use causeway_engine::Engine;
use causeway_message::event::{EventKind, Role};
use causeway_message::wire::InstructionKey;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::support::{
    A, AGENT, B, C, D, EUR, LiveReader, OPERATOR, Seen, Told, USD, World, cold, mixed, rest, stopped,
};

const EVERYBODY: [ParticipantId; 6] = [OPERATOR, AGENT, A, B, C, D];

#[test]
fn live_pages_and_cold_pages_give_the_same_events_from_every_number() {
    let world = World::new();
    let engine = world.start();
    let mut live: Vec<LiveReader> = EVERYBODY
        .iter()
        .map(|who| LiveReader::new(&engine, *who, 1))
        .collect();
    live.iter_mut()
        .for_each(|reader| reader.catch_up(&world, &engine));
    mixed(&world, &engine);
    mixed(&world, &engine);
    for mut reader in live {
        let who = reader.subscriber.participant();
        let end = engine.hub().next(who);
        reader.until(&world, &engine, end);
        assert_eq!(reader.cold_pages, 0, "it kept up");
        assert!(reader.live_pages > 0);
        let numbers: Vec<u64> = reader.seen.iter().map(|seen| seen.number).collect();
        assert_eq!(numbers, (1..end).collect::<Vec<_>>(), "gapless from 1");
        for from in 1..=end {
            let read = cold(&world, &engine, who, from);
            assert_eq!(read, reader.seen[from as usize - 1..], "{who} from {from}");
            let mut late = LiveReader::new(&engine, who, from);
            late.catch_up(&world, &engine);
            assert_eq!(late.seen, read);
        }
    }
    stopped(engine);
}

#[test]
fn cold_pages_are_the_same_after_a_restart_and_over_many_groups() {
    let world = World::with_snapshots(50);
    let engine = world.start();
    world.fund(&engine, A, EUR, 1_000);
    // More groups than one note of where the feed stands spans, twice over.
    for _ in 0..150 {
        world.told(&engine, &world.batch(A, &[world.payment(A, B, EUR, 1)]));
    }
    rest(&engine);
    let before = [A, B].map(|who| cold(&world, &engine, who, 1));
    stopped(engine);
    let engine = world.start();
    for (who, before) in [A, B].into_iter().zip(before) {
        let end = engine.hub().next(who);
        assert_eq!(end, before.len() as u64 + 1);
        for from in [1, 2, 63, 64, 65, 66, 127, 128, 129, 150, end - 1, end] {
            let read = cold(&world, &engine, who, from);
            assert_eq!(read, before[from as usize - 1..], "{who} from {from}");
        }
    }
    stopped(engine);
}

/// Payments of a random run, as answered: a small generator, so that a failure repeats.
fn traffic(world: &World, engine: &Engine, batches: usize) -> Vec<Told> {
    let banks = [A, B, C, D];
    let mut state = 12_345u64;
    let mut below = |n: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let mut told = Vec::new();
    for _ in 0..batches {
        let debtor = banks[below(4) as usize];
        let records: Vec<_> = (0..=below(20))
            .map(|_| {
                let creditor = banks[below(4) as usize];
                let currency = [EUR, USD][below(2) as usize];
                world.payment(debtor, creditor, currency, below(60))
            })
            .collect();
        told.push(world.told(engine, &world.batch(debtor, &records)));
    }
    told
}

/// Status and amount of each event about one payment in one role.
type Outcomes = Vec<(Option<Status>, u64)>;

/// Payments in a feed by id and role.
fn payments(seen: &[Seen]) -> BTreeMap<(InstructionId, u8), Outcomes> {
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for seen in seen {
        let event = seen.event();
        if let Some((record, _)) = event.payment() {
            let key = (record.id(), event.role().expect("a role") as u8);
            found
                .entry(key)
                .or_default()
                .push((event.status(), event.head.amount.get()));
        }
    }
    found
}

#[test]
fn every_settled_payment_is_told_once_to_its_creditor_and_if_it_waited_to_its_debtor_too() {
    let world = World::new();
    let engine = world.start();
    for who in [A, B, C] {
        world.fund(&engine, who, EUR, 200);
        world.fund(&engine, who, USD, 100);
    }
    let told = traffic(&world, &engine, 60);
    let feeds: BTreeMap<_, _> = [A, B, C, D]
        .map(|who| (who, cold(&world, &engine, who, 1)))
        .into();
    let mut found: BTreeMap<_, _> = feeds.iter().map(|(who, seen)| (*who, payments(seen))).collect();
    let (mut at_once, mut later, mut waiting) = (0, 0, 0);
    for told in &told {
        let submitter = told.batch.participant();
        let view = told.batch.view().expect("instructions");
        for (record, answered) in view.records.iter().zip(told.statuses()) {
            let (id, creditor) = (record.id(), ParticipantId(record.creditor.get()));
            let status = engine.asker().status(InstructionKey { submitter, id });
            let status = status.expect("an answer").expect("known").status;
            let mut take = |who: ParticipantId, role: Role| {
                let feed = found.get_mut(&who).expect("a bank");
                feed.remove(&(id, role as u8)).unwrap_or_default()
            };
            let once = vec![(Some(Status::Settled), record.amount.get())];
            match (answered, status) {
                (Status::Settled, _) => {
                    at_once += 1;
                    assert_eq!(take(creditor, Role::Creditor), once);
                }
                (Status::Queued, Status::Settled) => {
                    later += 1;
                    assert_eq!(take(creditor, Role::Creditor), once);
                    assert_eq!(take(submitter, Role::Debtor), once);
                }
                (Status::Queued, Status::Queued) => waiting += 1,
                (answered, status) => assert_eq!(answered, status, "rejected at once"),
            }
        }
    }
    assert!(
        at_once > 20 && later > 20 && waiting > 0,
        "{at_once} {later} {waiting}"
    );
    assert!(found.values().all(BTreeMap::is_empty), "nothing else: {found:?}");
    own_batches_are_told_in_order(&told, &feeds);
    stopped(engine);
}

fn own_batches_are_told_in_order(told: &[Told], feeds: &BTreeMap<ParticipantId, Vec<Seen>>) {
    for (who, seen) in feeds {
        let own = |told: &&Told| told.batch.participant() == *who;
        let sent: Vec<_> = told
            .iter()
            .filter(own)
            .map(|told| {
                let count = told.message.answers.len() as u32;
                (told.batch.session(), told.batch.number(), count)
            })
            .collect();
        let found: Vec<_> = seen.iter().filter_map(|seen| seen.event().own_batch()).collect();
        assert_eq!(found, sent);
    }
}

#[test]
fn a_funding_is_told_to_the_agent_and_to_the_bank() {
    let world = World::new();
    let engine = world.start();
    let [proposed, approved] = world.fund(&engine, A, EUR, 42);
    let controls = |who| -> Vec<Seen> {
        let is_control = |seen: &Seen| seen.event().kind() == Some(EventKind::Control);
        cold(&world, &engine, who, 1)
            .into_iter()
            .filter(is_control)
            .collect()
    };
    for (who, role) in [(AGENT, Role::Submitter), (A, Role::Subject)] {
        let told = controls(who);
        assert_eq!(told.len(), 1, "{who}");
        let event = told[0].event();
        assert_eq!(
            (event.role(), event.status()),
            (Some(role), Some(Status::Executed))
        );
        assert_eq!(told[0].entry, approved.message.index);
        assert_eq!(event.head.origin_entry.get(), proposed.message.index);
        assert_eq!(event.head.amount.get(), 42);
        let (proposer, id, _) = event.control().expect("an action");
        assert_eq!((proposer, id), (AGENT, proposed.batch.instruction_ids()[0]));
    }
    assert!(controls(B).is_empty() && controls(OPERATOR).is_empty());
    stopped(engine);
}
