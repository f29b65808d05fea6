//! What the machine allows: how long a payment takes if nothing but its writing, hashing, encrypting, signing or
//! sending were to do. Measured here and now, each for some milliseconds.
use std::hint::black_box;
use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use causeway_message::limits::RECORD_BYTES;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};

use crate::report::form::{Disk, Limit};

/// Blocks of 64 bytes that are hashed for a payment at both ends together: leaf and tree of its batch where it is
/// signed and where it is verified, leaves and groups of its two events, and a fifth of them once more by their reader.
const HASHED_BLOCKS: f64 = 11.5;
/// Bytes of a payment on the wire: its record there, and back its answer and the events of those who listen.
const WIRE_BYTES: f64 = 175.0;
/// Bytes of a record in the journal beside the payment itself, shared by a batch.
const BATCH_BYTES: f64 = 512.0;
/// As much as a leaf hashes.
const LEAF_BYTES: usize = 147;
/// A packet of the network.
const PACKET_BYTES: usize = 1_412;
/// Packets that are sent at once.
const PACKETS: usize = 10;
/// How long each is measured; the fastest of several rounds counts, as a limit should.
const ROUND: Duration = Duration::from_millis(4);
const ROUNDS: usize = 5;

/// The limits beside a run with batches of this size on this disk.
pub fn limits(disk: &Disk, batch: usize) -> Vec<Limit> {
    let batch = batch.max(1) as f64;
    let mut limits = Vec::new();
    let mut note = |name: &str, ns: f64, how: String| {
        limits.push(Limit {
            name: name.to_owned(),
            ns,
            how,
        });
    };
    if let Some(large) = disk.large {
        let bytes = RECORD_BYTES as f64 + BATCH_BYTES / batch;
        let ns = large.p50_ms * 1e6 * bytes / large.bytes.max(1) as f64;
        note(
            "disk",
            ns,
            format!("{bytes:.1} B, durable writes of 1 MiB in {:.2} ms", large.p50_ms),
        );
    }
    let leaf = [7; LEAF_BYTES];
    let hash = nanoseconds(|| {
        black_box(digest(&SHA256, black_box(&leaf)));
    });
    // Its padding makes it three blocks.
    let block = hash / 3.0;
    note(
        "SHA-256",
        block * HASHED_BLOCKS,
        format!("{HASHED_BLOCKS} blocks at both ends, {block:.0} ns each, one after another"),
    );
    if let Some(byte) = encryption() {
        note(
            "AES-256-GCM",
            byte * WIRE_BYTES,
            format!("{WIRE_BYTES} B sealed and opened, {byte:.2} ns each"),
        );
    }
    if let Some(both) = signature() {
        note(
            "Ed25519",
            both / batch,
            format!("a batch signed and verified in {:.0} µs", both / 1e3),
        );
    }
    if let Some(byte) = datagrams() {
        note(
            "UDP",
            byte * WIRE_BYTES,
            format!("{WIRE_BYTES} B over loopback, {PACKETS} packets a call, {byte:.2} ns each"),
        );
    }
    limits
}

/// Nanoseconds of one call, at its fastest.
fn nanoseconds(mut call: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let (begun, mut calls) = (Instant::now(), 0u32);
        while begun.elapsed() < ROUND {
            call();
            calls += 1;
        }
        best = best.min(begun.elapsed().as_nanos() as f64 / f64::from(calls));
    }
    best
}

/// A byte of a packet sealed and opened again.
fn encryption() -> Option<f64> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[1; 32]).ok()?);
    let nonce = || Nonce::assume_unique_for_key([2; 12]);
    let (mut packet, mut works) = (vec![3; PACKET_BYTES], true);
    let took = nanoseconds(|| {
        packet.truncate(PACKET_BYTES);
        let sealed = key.seal_in_place_append_tag(nonce(), Aad::empty(), &mut packet);
        works &= sealed.is_ok() && key.open_in_place(nonce(), Aad::empty(), &mut packet).is_ok();
    });
    works.then_some(took / PACKET_BYTES as f64)
}

/// A signature made and verified.
fn signature() -> Option<f64> {
    use ring::signature::KeyPair;
    let pair = Ed25519KeyPair::from_seed_unchecked(&[4; 32]).ok()?;
    let public = UnparsedPublicKey::new(&ED25519, *pair.public_key().as_ref().first_chunk::<32>()?);
    let (message, mut works) = ([5; 114], true);
    let took = nanoseconds(|| {
        let made = pair.sign(&message);
        works &= public.verify(&message, made.as_ref()).is_ok();
    });
    works.then_some(took)
}

/// A byte sent to this machine and received.
fn datagrams() -> Option<f64> {
    let socket = |_| UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).ok();
    let (from, to) = (socket(())?, socket(())?);
    from.connect(to.local_addr().ok()?).ok()?;
    to.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    let (sent, mut works) = (vec![6; PACKET_BYTES * PACKETS], true);
    let mut received = vec![0; sent.len()];
    let took = nanoseconds(|| {
        works = works && from.send(&sent).is_ok() && to.recv(&mut received).is_ok();
    });
    works.then_some(took / sent.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::form::Probe;

    #[test]
    fn limits_follow_from_the_disk_and_the_size_of_a_batch() {
        let disk = Disk {
            large: Some(Probe {
                bytes: 1 << 20,
                writes: 50,
                p50_ms: 2.0,
                p99_ms: 4.0,
            }),
            ..Disk::default()
        };
        let find = |limits: &[Limit], name: &str| {
            let found = limits.iter().find(|limit| limit.name == name);
            found.map(|limit| limit.ns).unwrap_or_else(|| panic!("{name}"))
        };
        let (single, full) = (limits(&disk, 1), limits(&disk, 8_190));
        // 640 and 128.06 bytes of 1 MiB in 2 ms.
        assert!((find(&single, "disk") - 1_220.7).abs() < 0.1);
        assert!((find(&full, "disk") - 244.3).abs() < 0.1);
        assert!(find(&single, "Ed25519") > find(&full, "Ed25519"));
        for limit in full.iter().chain(&single) {
            assert!(limit.ns.is_finite() && limit.ns > 0.0, "{limit:?}");
        }
        assert!(
            limits(&Disk::default(), 1)
                .iter()
                .all(|limit| limit.name != "disk")
        );
    }
}
