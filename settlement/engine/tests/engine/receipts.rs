//! Finality receipts, cut from the archive: who gets one, what it proves, and for how long.
use causeway_engine::Engine;
use causeway_engine::limits::RECENT_BATCHES;
use causeway_engine::publish::receipt::{Uncut, cut};
use causeway_message::checkpoint::{CheckpointError, LogKey};
use causeway_message::extension::{self, ExtensionType};
use causeway_message::receipt::{Effect, Receipt, ReceiptError, ReceiptFacts};
use causeway_message::record::{Instruction, Kind, flags};
use causeway_message::refusal::{Refusal, RefusalCode};
use causeway_message::wire::InstructionKey;
use causeway_message::{InstructionId, ParticipantId, Status};

use super::support::{A, AGENT, B, C, D, EUR, USD, World, rest, signing_key, stopped};

fn receipt(
    engine: &Engine,
    submitter: ParticipantId,
    id: InstructionId,
    asker: ParticipantId,
) -> Result<Receipt, RefusalCode> {
    told(engine, submitter, id, asker).map_err(|refusal| refusal.code)
}

fn told(
    engine: &Engine,
    submitter: ParticipantId,
    id: InstructionId,
    asker: ParticipantId,
) -> Result<Receipt, Refusal> {
    let key = InstructionKey { submitter, id };
    let known = engine
        .asker()
        .remembered(key)
        .expect("an answer")
        .expect("the instruction is known");
    let head = engine.tree_head().expect("a tree head");
    match cut(engine.archive(), &known, asker, &head) {
        Ok(receipt) => Ok(receipt),
        Err(Uncut::Refused(refusal)) => Err(refusal),
        Err(Uncut::Failed(error)) => panic!("{error}"),
    }
}

/// The receipt verifies with the pinned key, reads back, and is refused with another key.
fn proven(world: &World, receipt: &Receipt) -> ReceiptFacts {
    let facts = receipt
        .verify(&world.log_key())
        .expect("the pinned key verifies it");
    let read = Receipt::read(&receipt.write()).expect("a receipt");
    assert_eq!(&read, receipt);
    let other = LogKey::new(world.log_key().name(), signing_key(A, 1).public()).expect("a good name");
    let refused = receipt.verify(&other);
    assert_eq!(refused, Err(ReceiptError::Checkpoint(CheckpointError::Signature)));
    assert!(receipt.signed_by(&signing_key(facts.submitter, 1).public()));
    assert!(!receipt.signed_by(&signing_key(facts.submitter, 2).public()));
    facts
}

/// Payments of every fate, and what each receipt must prove.
struct Fates {
    now: Instruction,
    later: Instruction,
    rejected: Instruction,
    waiting: Instruction,
    batches: [(u64, usize); 2],
    released_by: u64,
}

fn run(world: &World, engine: &Engine) -> Fates {
    world.fund(engine, A, EUR, 1_000);
    // In the middle of a batch whose answers and events fill several chunks.
    let mut records: Vec<_> = (0..300).map(|_| world.payment(A, B, EUR, 1)).collect();
    let (now, rejected) = (records[200], world.payment(A, A, EUR, 1));
    records[299] = rejected;
    let first = world.told(engine, &world.batch(A, &records));
    let mut records: Vec<_> = (0..40).map(|_| world.payment(C, D, USD, 2)).collect();
    let (later, waiting) = (records[35], records[39]);
    records[0].flags = flags::SETTLE_OR_REJECT.into();
    let second = world.told(engine, &world.batch(C, &records));
    // Enough for all but the last.
    let [_, funded] = world.fund(engine, C, USD, 77);
    Fates {
        now,
        later,
        rejected,
        waiting,
        batches: [(first.message.index, 299), (second.message.index, 40)],
        released_by: funded.message.index,
    }
}

fn all_receipts_hold(world: &World, engine: &Engine, fates: &Fates) {
    let [(first, _), (second, _)] = fates.batches;
    // At once, for the submitter: by its answers.
    let own = receipt(engine, A, fates.now.id(), A).expect("a receipt");
    assert!(matches!(own.effect, Effect::Answer { .. }));
    let facts = proven(world, &own);
    assert_eq!((facts.status, facts.amount), (Status::Settled, 1));
    assert_eq!((facts.origin, facts.cause), ((first, 200), first));
    assert_eq!((facts.deferred, facts.submitter), (false, A));
    assert_eq!(own.record, fates.now);
    // At once, for the creditor: by an event of its feed, which shows nobody else's.
    let theirs = receipt(engine, A, fates.now.id(), B).expect("a receipt");
    assert!(matches!(&theirs.effect, Effect::Event { group, .. } if group.participant == B));
    let facts = proven(world, &theirs);
    assert_eq!(
        (facts.status, facts.amount, facts.deferred),
        (Status::Settled, 1, false)
    );
    // Later, for both: by events of the entry that caused it.
    for asker in [C, D] {
        let deferred = receipt(engine, C, fates.later.id(), asker).expect("a receipt");
        assert!(matches!(&deferred.effect, Effect::Event { group, .. } if group.participant == asker));
        let facts = proven(world, &deferred);
        assert_eq!((facts.status, facts.amount), (Status::Settled, 2));
        assert_eq!((facts.origin, facts.cause), ((second, 35), fates.released_by));
        assert!(facts.deferred);
    }
    // Rejected: for the submitter alone.
    let facts = proven(
        world,
        &receipt(engine, A, fates.rejected.id(), A).expect("a receipt"),
    );
    assert_eq!((facts.status, facts.amount), (Status::SameParty, 0));
    // Strangers learn nothing; what waits has no receipt yet.
    for (submitter, id, stranger) in [
        (A, fates.now.id(), C),
        (A, fates.now.id(), AGENT),
        (A, fates.rejected.id(), B),
        (C, fates.later.id(), A),
        (C, fates.waiting.id(), A),
    ] {
        let refused = receipt(engine, submitter, id, stranger);
        assert_eq!(refused.expect_err("a stranger"), RefusalCode::NotFound);
    }
    // Which way it waits is said to its submitter alone.
    for (asker, which) in [(C, "queued"), (D, "")] {
        let refused = told(engine, C, fates.waiting.id(), asker).expect_err("it waits");
        assert_eq!(
            (refused.code, refused.text.as_str()),
            (RefusalCode::NotFinal, which)
        );
    }
}

#[test]
fn recent_batches_old_batches_and_restarts_give_the_same_receipts() {
    let world = World::with_snapshots(40);
    let engine = world.start();
    let fates = run(&world, &engine);
    all_receipts_hold(&world, &engine, &fates);
    let early = receipt(&engine, A, fates.now.id(), A).expect("a receipt");
    // So many batches later it is read from the journal.
    for _ in 0..=RECENT_BATCHES {
        world.told(&engine, &world.batch(B, &[world.payment(B, A, EUR, 1)]));
    }
    all_receipts_hold(&world, &engine, &fates);
    rest(&engine);
    stopped(engine);
    let engine = world.start();
    all_receipts_hold(&world, &engine, &fates);
    // A receipt once given needs no node.
    proven(&world, &early);
    // What waited settles after the restart and has its receipt then.
    let [_, funded] = world.fund(&engine, C, USD, 5);
    for asker in [C, D] {
        let late = receipt(&engine, C, fates.waiting.id(), asker).expect("a receipt");
        let facts = proven(&world, &late);
        assert_eq!(
            (facts.status, facts.cause),
            (Status::Settled, funded.message.index)
        );
    }
    stopped(engine);
}

#[test]
fn a_payment_released_by_its_own_entry_has_its_receipt_by_event() {
    let world = World::new();
    let engine = world.start();
    world.fund(&engine, A, EUR, 10);
    // B waits for 10, then A pays it: both in the entry of A.
    let waits = world.payment(B, C, EUR, 10);
    world.told(&engine, &world.batch(B, &[waits]));
    let pays = world.payment(A, B, EUR, 10);
    let told = world.told(&engine, &world.batch(A, &[pays]));
    for (submitter, record, asker) in [(A, pays, A), (A, pays, B), (B, waits, B), (B, waits, C)] {
        let receipt = receipt(&engine, submitter, record.id(), asker).expect("a receipt");
        let facts = proven(&world, &receipt);
        assert_eq!((facts.status, facts.cause), (Status::Settled, told.message.index));
    }
    stopped(engine);
}

#[test]
fn a_payment_released_in_two_parts_by_one_entry_has_the_receipt_of_its_end() {
    let mut world = World::new();
    world.config.rules = Some(2);
    let engine = world.start();
    world.fund(&engine, A, EUR, 10);
    let mut aside = world.payment(A, B, EUR, 10);
    aside.kind = Kind::Conditional as u8;
    aside.flags = flags::PARTIAL.into();
    aside.expires_at = world.seconds(600).into();
    let mut extensions = Vec::new();
    extension::put(&mut extensions, 0, ExtensionType::Approver, &C.0.to_le_bytes());
    let batch = world.signed(&world.head(A), &[aside], &extensions);
    assert_eq!(world.told(&engine, &batch).statuses(), [Status::SetAside]);
    let part = |amount| {
        let mut part = world.payment(A, B, EUR, amount);
        part.kind = Kind::Release as u8;
        part.related = aside.instruction_id;
        part
    };
    let told = world.told(&engine, &world.batch(C, &[part(4), part(6)]));
    assert_eq!(told.statuses(), [Status::Executed, Status::Executed]);
    for asker in [A, B] {
        let receipt = receipt(&engine, A, aside.id(), asker).expect("a receipt");
        let facts = proven(&world, &receipt);
        assert_eq!((facts.status, facts.cause), (Status::Settled, told.message.index));
        assert_eq!(facts.amount, 6, "what moved at last");
    }
    stopped(engine);
}

#[test]
fn an_expired_payment_has_a_receipt_that_says_so_for_its_submitter_alone() {
    let world = World::new();
    let engine = world.start();
    let mut record = world.payment(A, B, EUR, 5);
    record.expires_at = world.seconds(1).into();
    assert_eq!(
        world.told(&engine, &world.batch(A, &[record])).statuses(),
        [Status::Queued]
    );
    super::support::eventually("it expires", || {
        let status = |id| engine.asker().status(InstructionKey { submitter: A, id });
        status(record.id()).expect("an answer").expect("known").status == Status::Expired
    });
    rest(&engine);
    let facts = proven(&world, &receipt(&engine, A, record.id(), A).expect("a receipt"));
    assert_eq!(
        (facts.status, facts.amount, facts.deferred),
        (Status::Expired, 0, true)
    );
    let refused = receipt(&engine, A, record.id(), B);
    assert_eq!(refused.expect_err("not the creditor"), RefusalCode::NotFound);
    stopped(engine);
}

#[test]
fn a_record_sent_again_in_another_batch_has_the_receipt_of_the_first() {
    let world = World::new();
    let engine = world.start();
    world.fund(&engine, A, EUR, 10);
    let record = world.payment(A, B, EUR, 10);
    let first = world.told(&engine, &world.batch(A, &[record]));
    let again = world.told(&engine, &world.batch(A, &[world.payment(A, C, EUR, 1), record]));
    assert_eq!(again.statuses(), [Status::Queued, Status::Settled]);
    let facts = proven(&world, &receipt(&engine, A, record.id(), A).expect("a receipt"));
    assert_eq!(facts.origin, (first.message.index, 0));
    stopped(engine);
}

#[test]
fn control_actions_have_no_receipt_and_an_altered_receipt_proves_nothing() {
    let world = World::new();
    let engine = world.start();
    let [proposed, _] = world.fund(&engine, A, EUR, 10);
    let id = proposed.batch.instruction_ids()[0];
    let refused = receipt(&engine, AGENT, id, AGENT);
    assert_eq!(refused.expect_err("no instruction"), RefusalCode::NotFound);
    let batch = world.batch(A, &[world.payment(A, B, EUR, 1)]);
    world.told(&engine, &batch);
    let mut receipt = receipt(&engine, A, batch.instruction_ids()[0], A).expect("a receipt");
    receipt.record.amount = 2.into();
    let broken = receipt.verify(&world.log_key());
    assert!(matches!(broken, Err(ReceiptError::Broken(_))), "{broken:?}");
    stopped(engine);
}
