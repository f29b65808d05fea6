//! Receipts that lie: each is signed by the log's own key and verifies by itself.
use causeway_loadtest::audit::Rule;
use causeway_message::answer::{Answer, answer_leaves};
use causeway_message::batch::{BatchHead, Class, record_leaves};
use causeway_message::checkpoint::{Checkpoint, origin};
use causeway_message::digest::Digest;
use causeway_message::leaf::Leaf;
use causeway_message::receipt::{Effect, Receipt};
use causeway_message::record::Instruction;
use causeway_message::rfc6962;
use causeway_message::wide::{self, WidePath};
use causeway_message::wire::LeafProof;
use causeway_message::{KeyId, ParticipantId, SessionId, Status};

use crate::support::{Rig, genesis, node_key, pay, payment, signing_key};

const A: ParticipantId = ParticipantId(3);

/// A bank without money sends one payment that must settle at once, and another under the same id.
struct Scene {
    rig: Rig,
    records: Vec<Instruction>,
    leaf: Leaf,
    answers: Vec<Answer>,
}

impl Scene {
    fn new() -> Self {
        let mut rig = Rig::new(genesis(3, 60));
        let mut refused = payment("a", 3, 4, 50);
        refused.flags = 1.into();
        let records = vec![
            refused,
            payment("a", 3, 4, 51),
            payment("b", 3, 4, 50),
            payment("c", 3, 4, 50),
            payment("d", 3, 4, 50),
        ];
        pay(&mut rig, 3, &records);
        let expected = rig.auditor.expected(2).expect("the batch").clone();
        let statuses: Vec<_> = expected.answers.iter().filter_map(Answer::status).collect();
        use Status::{CapacityExhausted, IdReused, InsufficientLiquidity, Queued};
        assert_eq!(
            statuses,
            [InsufficientLiquidity, IdReused, Queued, Queued, CapacityExhausted]
        );
        Self {
            rig,
            records,
            leaf: expected.leaf,
            answers: expected.answers,
        }
    }

    /// A receipt of one record by answers, under a tree and a checkpoint that fit whatever it says.
    fn receipt(&self, ordinal: u32, answers: &[Answer], genesis_leaf: Digest) -> Receipt {
        let expected = self.rig.auditor.expected(2).expect("the batch");
        let mut effects = expected.effects;
        let chunks = answer_leaves(answers);
        effects.answers_root = wide::root(&chunks);
        let leaf = Leaf {
            effects_root: effects.root(),
            ..self.leaf
        };
        let mut leaves = Vec::new();
        record_leaves(&self.records, &[], &mut leaves);
        let head = BatchHead {
            ledger: self.rig.genesis.ledger_id(),
            participant: A,
            key: KeyId(1),
            session: SessionId(1),
            number: 1,
            not_after: (self.leaf.time.seconds() + 3_600) as u32,
        };
        let block = head.sign(Class::Instructions, 5, wide::root(&leaves), &signing_key(A, 1));
        let tree = [genesis_leaf, leaf.hash()];
        let note = Checkpoint {
            origin: origin(head.ledger),
            size: 2,
            root: rfc6962::root(&tree),
        };
        Receipt {
            block,
            record: self.records[ordinal as usize],
            extensions: Vec::new(),
            record_path: WidePath::cut(&leaves, ordinal).expect("the record"),
            origin: leaf,
            origin_proof: LeafProof {
                leaf_index: 1,
                path: rfc6962::inclusion(&tree, 1),
            },
            effects,
            effect: Effect::Answer {
                chunk: answers.to_vec(),
                path: WidePath::cut(&chunks, 0).expect("the chunk"),
            },
            checkpoint: note.sign("node-1.test", &node_key()),
        }
    }

    fn show(&mut self, receipt: &Receipt) -> Result<(), Rule> {
        self.rig.auditor.receipt(&receipt.write()).map_err(|fault| {
            println!("{fault}");
            fault.rule
        })
    }

    fn first_leaf(&self) -> Digest {
        self.rig.auditor.root_at(1).expect("the genesis")
    }
}

#[test]
fn true_receipts_hold_of_whatever_record() {
    let mut scene = Scene::new();
    let (answers, first) = (scene.answers.clone(), scene.first_leaf());
    for ordinal in [0, 1, 4] {
        let receipt = scene.receipt(ordinal, &answers, first);
        assert_eq!(scene.show(&receipt), Ok(()), "record {ordinal}");
    }
    let waits = scene.receipt(2, &answers, first);
    assert_eq!(scene.show(&waits), Err(Rule::ReceiptForm));
}

#[test]
fn receipts_that_lie_are_found() {
    let mut scene = Scene::new();
    let (answers, first) = (scene.answers.clone(), scene.first_leaf());
    for ordinal in 0..5 {
        let mut lie = answers.clone();
        lie[ordinal as usize] = Answer::new(Status::Settled);
        let receipt = scene.receipt(ordinal, &lie, first);
        assert_eq!(
            scene.show(&receipt),
            Err(Rule::ReceiptOutcome),
            "record {ordinal}"
        );
    }
    // What it says of its own record is true; of a neighbour it is not.
    let mut lie = answers.clone();
    lie[3] = Answer::new(Status::Settled);
    let receipt = scene.receipt(0, &lie, first);
    assert_eq!(scene.show(&receipt), Err(Rule::ReceiptOutcome));
    // Under a head of another log.
    let receipt = scene.receipt(0, &answers, [1; 32]);
    assert_eq!(scene.show(&receipt), Err(Rule::Checkpoint));
    let mut receipt = scene.receipt(0, &answers, first);
    receipt.block.signature[0] ^= 1;
    assert_eq!(scene.show(&receipt), Err(Rule::ReceiptForm));
}

#[test]
fn no_byte_of_a_receipt_can_be_changed() {
    let mut scene = Scene::new();
    let receipt = scene.receipt(0, &scene.answers, scene.first_leaf()).write();
    scene.rig.auditor.receipt(&receipt).expect("it is true");
    for at in 0..receipt.len() {
        let mut bytes = receipt.clone();
        bytes[at] ^= 1;
        assert!(scene.rig.auditor.receipt(&bytes).is_err(), "byte {at}");
    }
}
