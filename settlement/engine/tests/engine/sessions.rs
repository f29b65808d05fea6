//! Sessions that make room for others.
use std::sync::Arc;
use std::time::Duration;

use causeway_engine::{Reply, clock};
use causeway_ledger::limits::SESSIONS_PER_PARTICIPANT;
use causeway_message::SessionId;
use causeway_message::batch::BatchHead;
use causeway_message::verify::VerifiedBatch;

use super::support::{A, B, Disk, EUR, Memory, Turned, World};

/// The first batch of a session, good for an hour of the machine's time.
fn first(world: &World, session: u64, days: u32) -> Arc<VerifiedBatch> {
    let head = BatchHead {
        number: 1,
        not_after: world.seconds(3_600) + days * 86_400,
        ..world.head_in(A, SessionId(session))
    };
    world.signed(&head, &[world.payment(A, B, EUR, 1)], &[])
}

#[test]
fn a_session_that_made_room_begins_again_at_one() {
    let world = World::new();
    let memory = Memory::new(Disk::default(), clock::now());
    let mut node = Turned::start(&world, &memory).expect("the node starts");
    let sessions = SESSIONS_PER_PARTICIPANT as u64;
    for session in 1..=sessions {
        let reply = node.ask(&[first(&world, session, 0)]);
        assert!(
            matches!(reply[..], [Reply::Answers(_)]),
            "session {session}: {reply:?}"
        );
    }
    let refused = node.ask(&[first(&world, sessions + 1, 0)]);
    assert!(
        matches!(refused[..], [Reply::Refused(_)]),
        "there is no room: {refused:?}"
    );
    // Nothing that was signed for the first ones can be accepted any more.
    memory.pass(Duration::from_secs(3 * 86_400));
    for (other, gone) in [(sessions + 1, 1), (sessions + 2, 2)] {
        assert_eq!(node.engine.last_number(A, SessionId(gone)), 1);
        let reply = node.ask(&[first(&world, other, 3)]);
        assert!(matches!(reply[..], [Reply::Answers(_)]), "{reply:?}");
        assert_eq!(node.engine.last_number(A, SessionId(other)), 1);
        assert_eq!(node.engine.last_number(A, SessionId(gone)), 0);
    }
    // Whoever opens it is told zero, and one is what comes next.
    let reply = node.ask(&[first(&world, 1, 3)]);
    assert!(matches!(reply[..], [Reply::Answers(_)]), "{reply:?}");
    assert_eq!(node.engine.last_number(A, SessionId(1)), 1);
}
