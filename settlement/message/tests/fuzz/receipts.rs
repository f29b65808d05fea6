//! Receipts: changed ones prove nothing, and those whose hashes were all made good again are still judged whole.
use causeway_message::answer;
use causeway_message::checkpoint::{Checkpoint, origin};
use causeway_message::event;
use causeway_message::receipt::{Effect, Receipt};
use causeway_message::wire::LeafProof;
use causeway_message::{Digest, LedgerId, rfc6962};
use std::sync::LazyLock;

use crate::common::log::{BATCH_ENTRY, Log, QUEUED, REJECTED, RELEASE_ENTRY, SETTLED};
use crate::common::parties::{ALFA, BETA, NODE, NODE_SEED, key, log_key};
use crate::support::{self, Input, fuzz};

static RECEIPTS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let log = Log::build();
    vec![
        log.immediate(BATCH_ENTRY, SETTLED).write(),
        log.immediate(BATCH_ENTRY, REJECTED).write(),
        log.by_event(BATCH_ENTRY, QUEUED, RELEASE_ENTRY, ALFA).write(),
        log.by_event(BATCH_ENTRY, QUEUED, RELEASE_ENTRY, BETA).write(),
        log.by_event(BATCH_ENTRY, 130, BATCH_ENTRY, BETA).write(),
    ]
});

/// Makes every hash good from the record up, and signs a log of just the leaves that the receipt shows.
fn sign(receipt: &mut Receipt) {
    let leaf = receipt.record.leaf(&receipt.extensions);
    if let Some(root) = receipt.record_path.root(leaf) {
        receipt.block.root = root;
    }
    receipt.origin.input_digest = receipt.block.input_digest();
    let mut leaves = Vec::new();
    match &mut receipt.effect {
        Effect::Answer { chunk, path } => {
            if let Some(root) = path.root(answer::chunk_leaf(chunk)) {
                receipt.effects.answers_root = root;
            }
            receipt.origin.effects_root = receipt.effects.root();
        }
        Effect::Event {
            leaf,
            group,
            group_index,
            group_path,
            chunk,
            path,
            proof,
            ..
        } => {
            let events = path.root(event::chunk_leaf(chunk)).unwrap_or([7; 32]);
            let group = rfc6962::leaf_hash(&group.digest(&events));
            let (index, count) = (u64::from(*group_index), u64::from(receipt.effects.groups));
            if let Some(root) = rfc6962::root_from_inclusion(group, index, count, group_path) {
                receipt.effects.groups_root = root;
            }
            leaf.effects_root = receipt.effects.root();
            leaves.push(leaf.hash());
            *proof = LeafProof {
                leaf_index: 0,
                path: vec![receipt.origin.hash()],
            };
        }
    }
    leaves.push(receipt.origin.hash());
    receipt.origin_proof = LeafProof {
        leaf_index: leaves.len() as u64 - 1,
        path: leaves[..leaves.len() - 1].to_vec(),
    };
    receipt.checkpoint = note(LedgerId(receipt.block.ledger), &leaves);
}

fn note(ledger: LedgerId, leaves: &[Digest]) -> String {
    let checkpoint = Checkpoint {
        origin: origin(ledger),
        size: leaves.len() as u64,
        root: rfc6962::root(leaves),
    };
    checkpoint.sign(NODE, &key(NODE_SEED))
}

#[test]
fn a_receipt_proves_only_what_it_was_cut_for() {
    fuzz!("receipt", &RECEIPTS, |input: &Input| {
        let Ok(mut receipt) = Receipt::read(&input.bytes) else {
            return;
        };
        assert_eq!(receipt.write(), input.bytes);
        if input.repair {
            sign(&mut receipt);
        }
        let Ok(facts) = receipt.verify(&log_key()) else {
            return;
        };
        assert!(
            input.repair || RECEIPTS.contains(&input.bytes),
            "a changed receipt proves"
        );
        assert!(facts.status.is_final());
        assert_eq!(facts.deferred, facts.cause != receipt.origin.index);
        assert_eq!(facts.origin, (receipt.origin.index, receipt.record_path.index));
        assert!(facts.origin.1 < u32::from(receipt.block.count.get()));
        assert_eq!(Receipt::read(&receipt.write()), Ok(receipt.clone()));
        receipt.record.amount = (!receipt.record.amount.get()).into();
        assert!(receipt.verify(&log_key()).is_err(), "another amount");
    });
}
