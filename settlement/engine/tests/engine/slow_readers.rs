//! A reader that does not read costs bounded memory, and loses nothing.
use causeway_engine::hub::Next;
use causeway_engine::limits::{FEED_RING, FEED_RING_BYTES};

use super::support::{A, B, EUR, LiveReader, World, cold, send, stopped};

/// Pages that wait for a subscriber, and their bytes; it is behind afterwards.
fn drain(reader: &mut LiveReader, world: &World) -> (usize, usize) {
    let (mut pages, mut bytes) = (0, 0);
    loop {
        match reader.subscriber.take() {
            Next::Page(page) => {
                pages += 1;
                bytes += page.bytes.len();
                let who = reader.subscriber.participant();
                world.read_page(who, &page, &mut reader.next, &mut reader.seen);
            }
            Next::Behind(next) => {
                assert_eq!(next, reader.next, "it goes on where the pages end");
                return (pages, bytes);
            }
            Next::Wait => panic!("it should have fallen behind"),
        }
    }
}

#[test]
fn a_subscriber_that_never_reads_holds_a_bounded_number_of_pages_and_catches_up_under_traffic() {
    let world = World::new();
    let engine = world.start();
    world.fund(&engine, A, EUR, 10_000);
    let mut slow = LiveReader::new(&engine, B, 1);
    slow.catch_up(&world, &engine);
    let mut quick = LiveReader::new(&engine, B, 1);
    for _ in 0..3 * FEED_RING {
        world.told(&engine, &world.batch(A, &[world.payment(A, B, EUR, 1)]));
    }
    let (pages, _) = drain(&mut slow, &world);
    assert!(pages <= FEED_RING, "{pages} pages waited");
    // It catches up while more comes, and another listens all the while.
    std::thread::scope(|scope| {
        let busy = scope.spawn(|| {
            for _ in 0..3 * FEED_RING {
                world.told(&engine, &world.batch(A, &[world.payment(A, B, EUR, 1)]));
            }
        });
        let end = engine.hub().next(B) + 2 * FEED_RING as u64;
        quick.until(&world, &engine, end);
        slow.until(&world, &engine, end);
        busy.join().expect("the traffic");
    });
    let end = engine.hub().next(B);
    assert_eq!(end, 6 * FEED_RING as u64 + 1);
    for reader in [&mut slow, &mut quick] {
        reader.until(&world, &engine, end);
        let numbers: Vec<u64> = reader.seen.iter().map(|seen| seen.number).collect();
        assert_eq!(numbers, (1..end).collect::<Vec<_>>());
    }
    assert_eq!(slow.seen, quick.seen);
    assert_eq!(slow.seen, cold(&world, &engine, B, 1));
    assert!(slow.cold_pages > 0);
    stopped(engine);
}

#[test]
fn large_pages_are_bounded_by_their_bytes() {
    let world = World::new();
    let engine = world.start();
    world.fund(&engine, A, EUR, 1_000_000);
    let mut slow = LiveReader::new(&engine, B, 1);
    slow.catch_up(&world, &engine);
    for _ in 0..FEED_RING_BYTES / 1_048_576 + 2 {
        let records: Vec<_> = (0..8_000).map(|_| world.payment(A, B, EUR, 1)).collect();
        let batch = world.batch(A, &records);
        let reply = send(&engine, &batch).recv().expect("a reply");
        assert!(matches!(reply, causeway_engine::Reply::Answers(_)));
    }
    let (pages, bytes) = drain(&mut slow, &world);
    assert!(bytes <= FEED_RING_BYTES, "{bytes} bytes waited");
    assert!(pages > 1 && pages < FEED_RING);
    let end = engine.hub().next(B);
    slow.until(&world, &engine, end);
    let numbers: Vec<u64> = slow.seen.iter().map(|seen| seen.number).collect();
    assert_eq!(numbers, (1..end).collect::<Vec<_>>());
    stopped(engine);
}

#[test]
fn many_readers_join_and_leave_while_entries_arrive_and_each_sees_all() {
    let world = World::new();
    let engine = world.start();
    world.fund(&engine, A, EUR, 10_000);
    let total = 300;
    std::thread::scope(|scope| {
        let busy = scope.spawn(|| {
            let mut replies = Vec::new();
            for _ in 0..total {
                replies.push(send(&engine, &world.batch(A, &[world.payment(A, B, EUR, 1)])));
                if replies.len() % 7 == 0 {
                    let _ = replies[replies.len() - 5].recv();
                }
            }
            replies.into_iter().for_each(|reply| {
                let _ = reply.recv();
            });
        });
        let readers: Vec<_> = (0..3)
            .map(|n: u64| {
                let (world, engine) = (&world, &engine);
                scope.spawn(move || {
                    let mut numbers = Vec::new();
                    let mut from = 1;
                    // Leaves and comes back where it stopped.
                    while from < total + 1 {
                        let mut reader = LiveReader::new(engine, B, from);
                        let end = (from + 20 + 13 * n).min(total + 1);
                        reader.until(world, engine, end);
                        numbers.extend(reader.seen.iter().map(|seen| seen.number));
                        from = reader.next;
                    }
                    numbers
                })
            })
            .collect();
        busy.join().expect("the traffic");
        for reader in readers {
            let numbers = reader.join().expect("the reader");
            assert_eq!(numbers, (1..total + 1).collect::<Vec<_>>());
        }
    });
    stopped(engine);
}
