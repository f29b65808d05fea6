//! Entries with a purpose: payments, and actions under four eyes.
use causeway_message::action::Action;
use causeway_message::batch::{self, BatchHead};
use causeway_message::control::{self, Control, proposal_digest};
use causeway_message::digest::{Digest, hash};
use causeway_message::extension::{self, ExtensionType};
use causeway_message::record::Instruction;
use causeway_message::verify::VerifiedBatch;
use causeway_message::{InstructionId, KeyId, ParticipantId, SessionId, Uetr};

use super::log::Log;
use super::rig::Rig;
use super::world::{EUR, signing_key};

/// An extension: the place of its record, its type and its bytes.
pub type Extended = (u16, ExtensionType, Vec<u8>);

/// The instruction id behind a label.
fn id_of(label: &str) -> InstructionId {
    let mut id = InstructionId::default();
    id.0.copy_from_slice(&hash(label.as_bytes())[..16]);
    id
}

/// A payment in EUR under a label.
pub fn payment(label: &str, debtor: u32, creditor: u32, amount: u64) -> Instruction {
    let id = id_of(label);
    let (debtor, creditor) = (ParticipantId(debtor), ParticipantId(creditor));
    Instruction::payment(id, Uetr(id.0), debtor, creditor, EUR, amount)
}

fn head(rig: &Rig, who: ParticipantId, key: u32) -> BatchHead {
    let session = SessionId(1);
    BatchHead {
        ledger: rig.genesis.ledger_id(),
        participant: who,
        key: KeyId(key),
        session,
        number: rig.ledger.sessions().last(who, session) + 1,
        not_after: rig.now().seconds() as u32 + 3_600,
    }
}

/// The next batch of a bank.
pub fn pay(rig: &mut Rig, who: u32, records: &[Instruction]) {
    pay_with(rig, who, records, &[]);
}

/// The same with extensions.
pub fn pay_with(rig: &mut Rig, who: u32, records: &[Instruction], extensions: &[Extended]) {
    let mut area = Vec::new();
    for (place, kind, bytes) in extensions {
        extension::put(&mut area, *place, *kind, bytes);
    }
    let head = head(rig, ParticipantId(who), 1);
    let key = signing_key(head.participant, 1);
    let frame = batch::build(&head, records, &area, &key).expect("the batch has its form");
    let batch = VerifiedBatch::verify(frame, head.ledger, &key.public()).expect("the batch is signed");
    rig.batch(&batch).expect("the auditor agrees");
}

fn control(rig: &mut Rig, who: ParticipantId, key: u32, records: &[(InstructionId, Control)]) {
    let head = head(rig, who, key);
    let key = signing_key(who, key);
    let frame = control::build(&head, records, &key).expect("the batch has its form");
    let batch = VerifiedBatch::verify(frame, head.ledger, &key.public()).expect("the batch is signed");
    rig.batch(&batch).expect("the auditor agrees");
}

/// Proposes an action under a label.
pub fn propose(rig: &mut Rig, who: ParticipantId, label: &str, action: Action) -> Digest {
    let id = id_of(label);
    let digest = proposal_digest(rig.genesis.ledger_id(), who, id, &action);
    control(rig, who, 1, &[(id, Control::Propose(action))]);
    digest
}

/// Answers proposals as a person of their proposer, all in one batch.
pub fn answer(rig: &mut Rig, who: ParticipantId, key: u32, label: &str, answers: &[Control]) {
    let records: Vec<_> = answers
        .iter()
        .enumerate()
        .map(|(n, answer)| (id_of(&format!("{label} {n}")), answer.clone()))
        .collect();
    control(rig, who, key, &records);
}

/// Has an action decided by two persons.
pub fn decide(rig: &mut Rig, who: ParticipantId, label: &str, action: Action) {
    let digest = propose(rig, who, label, action);
    approve(rig, who, label, digest);
}

/// The second person approves what was proposed under a label.
pub fn approve(rig: &mut Rig, who: ParticipantId, label: &str, digest: Digest) {
    let id = id_of(&format!("approval of {label}"));
    control(rig, who, 2, &[(id, Control::Approve(digest))]);
}
