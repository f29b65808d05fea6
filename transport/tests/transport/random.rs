//! Random bytes on streams: whatever comes, the server stays.
use causeway_message::SessionId;
use causeway_message::document::{self, Document};
use causeway_message::frame::Template;
use causeway_message::keys::random_bytes;
use causeway_message::wire::write_number;

use crate::raw::{Raw, Stream};
use crate::world::{ALFA, LANE, World, batch, head, payments, signed};

/// SplitMix64: small, and good enough to make trouble.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }
}

/// A message that was good before a few of its bytes were changed.
fn message(dice: &mut Dice) -> Vec<u8> {
    let templates = [Template::OpenSession, Template::Subscribe, Template::BalanceQuery];
    let mut message = match dice.below(5) {
        0 => {
            let count = dice.below(300);
            dice.bytes(count)
        }
        1 => write_number(templates[dice.below(3)], dice.next()),
        2 => {
            let salt = [3; 16];
            let text = dice.bytes(40);
            document::build(
                1,
                &[Document {
                    salt,
                    text: text.into(),
                }],
            )
            .expect("good documents")
        }
        3 => write_number(Template::ALL[dice.below(Template::ALL.len())], dice.next()),
        _ => batch(1 + dice.next() % 3),
    };
    for _ in 0..dice.below(4) {
        if !message.is_empty() {
            let at = dice.below(message.len());
            message[at] = dice.next() as u8;
        }
    }
    message
}

/// Says something; a stream that the node has given up is no failure.
async fn say(stream: &mut Stream, dice: &mut Dice) {
    let message = message(dice);
    let mut bytes = (message.len() as u32).to_le_bytes().to_vec();
    bytes.extend(message);
    match dice.below(8) {
        0 => bytes.truncate(dice.below(bytes.len())),
        1 => bytes = dice.bytes(64),
        _ => {}
    }
    let _ = stream.send.write_all(&bytes).await;
}

#[tokio::test]
async fn random_bytes_never_take_the_server_down() {
    let seed = match std::env::var("CAUSEWAY_SEED") {
        Ok(seed) => seed.parse().expect("CAUSEWAY_SEED is a number"),
        Err(_) => u64::from_le_bytes(random_bytes().expect("randomness")),
    };
    println!("CAUSEWAY_SEED={seed}");
    let mut dice = Dice(seed);
    let world = World::new();
    let good = Raw::new(&world, ALFA).await;
    let (mut lane, _) = good.session(SessionId(1)).await;
    for round in 1..=40 {
        let raw = Raw::new(&world, ALFA).await;
        for _ in 0..10 {
            let mut stream = raw.open().await;
            if dice.below(2) == 0 {
                stream.say(write_number(Template::OpenSession, LANE.0)).await;
            }
            for _ in 0..dice.below(5) {
                say(&mut stream, &mut dice).await;
            }
            match dice.below(3) {
                0 => drop(stream.send.finish()),
                1 => drop(stream.send.reset(7u32.into())),
                _ => {}
            }
        }
        lane.say(signed(&head(SessionId(1), round), &payments(1))).await;
        lane.answered(round).await;
    }
    let received = world.node.lock().received.len();
    assert!(received >= 40, "the good ones of {received}");
}
