//! Keys: the position at which one is revoked is exact, and one that proves nothing is never registered.
use std::sync::Arc;

use causeway_engine::Engine;
use causeway_message::action::{Action, KeyGrant, right};
use causeway_message::batch::{BatchHead, Class};
use causeway_message::control::{self, Control, ControlView, proposal_digest};
use causeway_message::frame::HEADER_BYTES;
use causeway_message::verify::VerifiedBatch;
use causeway_message::{KeyId, Status, wide};

use super::support::{A, B, EUR, OPERATOR, World, send, signing_key, stopped};

const THIRD: u32 = 3;

fn grant() -> KeyGrant {
    KeyGrant {
        key: KeyId(THIRD),
        person: THIRD,
        rights: right::INSTRUCT,
        public: signing_key(A, THIRD).public(),
    }
}

/// A payment under the third key, checked as the transport checks it.
fn pays(world: &World) -> Arc<VerifiedBatch> {
    let head = BatchHead {
        key: KeyId(THIRD),
        ..world.head(A)
    };
    world.signed(&head, &[world.payment(A, B, EUR, 1)], &[])
}

#[test]
fn a_key_is_revoked_at_one_position_of_the_log_for_batches_under_way_too() {
    let world = World::new();
    let engine = world.start();
    world.fund(&engine, A, EUR, 100);
    world.decide(
        &engine,
        A,
        Action::AddKey {
            participant: A,
            grant: grant(),
        },
    );
    let revoke = Action::RevokeKey {
        participant: A,
        key: KeyId(THIRD),
    };
    let id = world.id();
    let digest = proposal_digest(world.genesis.ledger_id(), A, id, &revoke);
    let proposed = world.control(A, 1, &[(id, Control::Propose(revoke))]);
    assert_eq!(world.told(&engine, &proposed).statuses(), [Status::Proposed]);
    // All are verified and on their way before the first is answered; one session keeps their order.
    let approve = || world.control(A, 2, &[(world.id(), Control::Approve(digest))]);
    let sent: Vec<_> = (0..21)
        .map(|i| if i == 10 { approve() } else { pays(&world) })
        .collect();
    let replies: Vec<_> = sent.iter().map(|batch| send(&engine, batch)).collect();
    let told: Vec<_> = sent
        .iter()
        .zip(replies)
        .map(|(batch, reply)| world.proven(batch, reply.recv().expect("a reply")))
        .collect();
    assert_eq!(told[10].statuses(), [Status::Executed]);
    let position = told[10].message.index;
    for (i, told) in told.iter().enumerate().filter(|(i, _)| *i != 10) {
        let expected = if told.message.index < position {
            Status::Settled
        } else {
            Status::KeyNotActive
        };
        assert_eq!(told.statuses(), [expected], "batch {i}");
    }
    assert_eq!(
        told.iter()
            .filter(|told| told.statuses() == [Status::Settled])
            .count(),
        10
    );
    stopped(engine);
    // A replay says the same.
    let engine = world.start();
    for (batch, before) in sent.iter().zip(&told) {
        before.same_outcome(&world.told(&engine, batch));
    }
    assert!(engine.registry().verifying_key(A, KeyId(THIRD)).is_none());
    assert_eq!(
        engine.registry().revoked_key(A, KeyId(THIRD)),
        Some(signing_key(A, THIRD).public())
    );
    stopped(engine);
}

/// What an operator would sign that proposes the third key with other bytes than a key may have.
fn proposes(world: &World, public: [u8; 32]) -> Arc<VerifiedBatch> {
    let head = BatchHead {
        key: KeyId(1),
        ..world.head(OPERATOR)
    };
    let (key, good) = (signing_key(OPERATOR, 1), *grant().public.bytes());
    let action = Action::AddKey {
        participant: A,
        grant: grant(),
    };
    let mut frame = control::build(&head, &[(world.id(), Control::Propose(action))], &key).expect("a batch");
    let at = frame.windows(32).position(|run| run == good).expect("the key");
    frame[at..at + 32].copy_from_slice(&public);
    let mut leaves = ControlView::parse(&frame).expect("its form is good").leaves;
    let block = head.sign(Class::Control, 1, wide::root_in_place(&mut leaves), &key);
    frame[HEADER_BYTES..HEADER_BYTES + 160].copy_from_slice(zerocopy::IntoBytes::as_bytes(&block));
    let ledger = world.genesis.ledger_id();
    Arc::new(VerifiedBatch::verify(frame, ledger, &key.public()).expect("it is signed"))
}

fn status(world: &World, engine: &Engine, public: [u8; 32]) -> Status {
    world.told(engine, &proposes(world, public)).statuses()[0]
}

#[test]
fn a_key_of_small_order_or_not_canonical_is_no_action() {
    let world = World::new();
    let engine = world.start();
    let mut one = [0; 32];
    one[0] = 1;
    let mut p = [0xff; 32];
    (p[0], p[31]) = (0xed, 0x7f);
    let mut minus_one = p;
    minus_one[0] = 0xec;
    for public in [[0; 32], one, p, minus_one, [0xff; 32]] {
        assert_eq!(
            status(&world, &engine, public),
            Status::ActionInvalid,
            "{public:?}"
        );
    }
    assert_eq!(status(&world, &engine, *grant().public.bytes()), Status::Proposed);
    stopped(engine);
}
