//! What never enters the log, and why.
use causeway_message::batch::BatchHead;
use causeway_message::refusal::RefusalCode;
use causeway_message::{SessionId, Status};

use super::support::{A, B, EUR, World, refused, rest, stopped};

const DAY: i64 = 24 * 3_600;

#[test]
fn a_batch_out_of_time_is_refused_and_its_number_stays_free() {
    let world = World::new();
    let engine = world.start();
    world.fund(&engine, A, EUR, 100);
    let index = rest(&engine);
    let head = world.head(A);
    let records = [world.payment(A, B, EUR, 1)];
    for (ahead, code) in [(-5, RefusalCode::TooLate), (DAY + 10, RefusalCode::TooFarAhead)] {
        let head = BatchHead {
            not_after: world.seconds(ahead),
            ..head
        };
        let refusal = refused(&engine, &world.signed(&head, &records, &[]));
        assert_eq!((refusal.code, refusal.number), (code, head.number));
    }
    assert_eq!(engine.health().durable, index, "nothing entered the log");
    assert_eq!(engine.last_number(A, head.session), head.number - 1);
    // The furthest that is allowed.
    let head = BatchHead {
        not_after: world.seconds(DAY - 5),
        ..head
    };
    let told = world.told(&engine, &world.signed(&head, &records, &[]));
    assert_eq!(told.statuses(), [Status::Settled]);
    stopped(engine);
}

#[test]
fn a_gap_in_a_session_is_refused_with_the_number_expected() {
    let world = World::new();
    let engine = world.start();
    world.fund(&engine, A, EUR, 100);
    let records = [world.payment(A, B, EUR, 1)];
    let head = world.head_in(A, SessionId(9));
    let ahead = BatchHead { number: 2, ..head };
    let refusal = refused(&engine, &world.signed(&ahead, &records, &[]));
    assert_eq!(
        (refusal.code, refusal.number, refusal.expected),
        (RefusalCode::SessionGap, 2, 1)
    );
    world.told(&engine, &world.signed(&head, &records, &[]));
    let ahead = BatchHead { number: 7, ..head };
    let refusal = refused(&engine, &world.signed(&ahead, &records, &[]));
    assert_eq!(
        (refusal.code, refusal.number, refusal.expected),
        (RefusalCode::SessionGap, 7, 2)
    );
    assert_eq!(engine.last_number(A, SessionId(9)), 1);
    stopped(engine);
}

#[test]
fn a_number_used_again_with_other_bytes_is_refused_also_after_a_restart() {
    let world = World::new();
    let engine = world.start();
    world.fund(&engine, A, EUR, 100);
    let head = world.head(A);
    let first = world.signed(&head, &[world.payment(A, B, EUR, 1)], &[]);
    let other = world.signed(&head, &[world.payment(A, B, EUR, 2)], &[]);
    let told = world.told(&engine, &first);
    let refusal = refused(&engine, &other);
    assert_eq!(
        (refusal.code, refusal.number),
        (RefusalCode::SessionNumberReused, head.number)
    );
    stopped(engine);
    let engine = world.start();
    assert_eq!(refused(&engine, &other).code, RefusalCode::SessionNumberReused);
    told.same_outcome(&world.told(&engine, &first));
    stopped(engine);
}

#[test]
fn a_batch_older_than_the_session_remembers_is_refused_not_answered_wrongly() {
    let world = World::new();
    let engine = world.start();
    let first = world.batch(A, &[world.payment(A, B, EUR, 1)]);
    world.told(&engine, &first);
    let more: Vec<_> = (0..causeway_ledger::limits::SESSION_MEMORY)
        .map(|_| world.batch(A, &[world.payment(A, B, EUR, 1)]))
        .collect();
    let replies: Vec<_> = more
        .iter()
        .map(|batch| super::support::send(&engine, batch))
        .collect();
    for (batch, reply) in more.iter().zip(replies) {
        world.proven(batch, reply.recv().expect("a reply"));
    }
    assert_eq!(refused(&engine, &first).code, RefusalCode::SessionTooOld);
    world.told(&engine, &more[0]);
    stopped(engine);
}
