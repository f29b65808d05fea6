//! Signed batches: only the bytes that were signed are accepted, and signed bytes of any form are judged whole.
use causeway_message::batch::{BatchBlock, BatchView, Class, record_leaves};
use causeway_message::codec::Put;
use causeway_message::control::{self, Control, ControlView};
use causeway_message::extension;
use causeway_message::frame::HEADER_BYTES;
use causeway_message::verify::{Claim, VerifiedBatch};
use causeway_message::{batch, wide};
use std::sync::LazyLock;
use zerocopy::{FromBytes, IntoBytes};

use crate::common::log::big_batch;
use crate::common::parties::{
    AGENT, ALFA, funding, funding_frames, genesis, head, id, key, ledger, seed_of, small_batch,
};
use crate::support::{self, Input, fuzz};

const BLOCK: std::ops::Range<usize> = HEADER_BYTES..HEADER_BYTES + 160;
const SEED: u8 = seed_of(ALFA, 1);

static BATCHES: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let (records, area) = big_batch();
    let one = batch::build(&head(ALFA, 1, 7, 2), &records[..1], &[], &key(SEED)).expect("it fits");
    let big = batch::build(&head(ALFA, 1, 7, 1), &records, &area, &key(SEED)).expect("it fits");
    vec![small_batch().2, one, big]
});

/// Control batches of ALFA's first key, with every kind of record.
static CONTROLS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let register = causeway_message::action::Action::RegisterParticipant(genesis().participants[2].clone());
    let records = [
        (id(0x33, 1), Control::Propose(funding())),
        (id(0x33, 2), Control::Propose(register)),
        (id(0x33, 3), Control::Approve([7; 32])),
        (id(0x33, 4), Control::Withdraw([8; 32])),
    ];
    let build = |records| control::build(&head(ALFA, 1, 7, 1), records, &key(SEED)).expect("it fits");
    vec![build(&records), build(&records[1..2])]
});

/// Makes root and signature good for whatever the frame holds.
fn sign(frame: &mut [u8]) {
    let mut leaves = Vec::new();
    if let Ok(view) = BatchView::parse(frame) {
        record_leaves(view.records, view.extensions, &mut leaves);
    } else if let Ok(view) = ControlView::parse(frame) {
        leaves = view.leaves;
    }
    let Some(bytes) = frame.get_mut(BLOCK) else { return };
    let mut block = BatchBlock::read_from_bytes(bytes).expect("a block has no invalid bytes");
    block.ledger = ledger().0;
    block.root = wide::root_in_place(&mut leaves);
    block.signature = key(SEED).sign(&block.signed_bytes());
    bytes.copy_from_slice(block.as_bytes());
}

/// What must hold of a batch that was accepted.
fn look(batch: &VerifiedBatch, frame: &[u8]) {
    assert_eq!(batch.frame(), frame);
    let claim = Claim::read(frame).expect("it was accepted");
    assert_eq!(
        (claim.participant, claim.number),
        (batch.participant(), batch.number())
    );
    let count = usize::from(batch.block().count.get());
    assert!(count > 0 && batch.number() > 0);
    assert_eq!(
        (batch.instruction_ids().len(), batch.checks().count()),
        (count, count)
    );
    assert_eq!(batch.tree().root(), batch.block().root);
    match batch.class() {
        Class::Instructions => {
            let view = batch.view().expect("it was parsed");
            let mut walk = extension::Walk::new(view.extensions);
            let walked: usize = (0..count).map(|record| walk.of(record).len()).sum();
            assert_eq!(walked, view.extensions.len(), "every extension has its record");
        }
        Class::Control => assert_eq!(batch.control().len(), count),
    }
    let again = VerifiedBatch::from_journal(frame.to_vec(), batch.input_digest());
    assert!(again.is_ok_and(|again| again.tree() == batch.tree()));
    assert!(VerifiedBatch::from_journal(frame.to_vec(), &[0; 32]).is_err());
}

fn judge(input: &Input, samples: &[Vec<u8>]) {
    let mut frame = input.bytes.clone();
    if input.repair {
        sign(&mut frame);
    }
    let public = key(SEED).public();
    let verified = VerifiedBatch::verify(frame.clone(), ledger(), &public);
    if let Ok(batch) = &verified {
        assert!(
            input.repair || samples.contains(&frame),
            "signed bytes were changed"
        );
        look(batch, &frame);
    }
    // The node's own journal vouches for the signature alone.
    if let Some(block) = frame
        .get(BLOCK)
        .and_then(|bytes| BatchBlock::read_from_bytes(bytes).ok())
    {
        let digest = block.input_digest();
        let read = VerifiedBatch::from_journal(frame, &digest);
        assert!(read.is_ok() || verified.is_err());
    }
}

#[test]
fn a_batch_of_instructions_is_accepted_only_as_it_was_signed() {
    fuzz!("batch", &BATCHES, |input: &Input| judge(input, &BATCHES));
}

#[test]
fn a_control_batch_is_accepted_only_as_it_was_signed() {
    fuzz!("control", &CONTROLS, |input: &Input| judge(input, &CONTROLS));
}

#[test]
fn a_batch_of_one_key_is_not_accepted_under_another() {
    let (propose, approve) = funding_frames();
    let samples = [propose, approve];
    fuzz!("other_key", &samples, |input: &Input| {
        let other = key(seed_of(AGENT, 3)).public();
        assert!(VerifiedBatch::verify(input.bytes.clone(), ledger(), &other).is_err());
    });
}

#[test]
fn an_area_of_extensions_is_walked_whole_or_refused() {
    let mut area = big_batch().1;
    area.put_u16(139).put_u16(77).put_var(&[9; 200]);
    fuzz!("extension", &[area, Vec::new()], |input: &Input| {
        let area = &input.bytes;
        let checked = extension::check(area, 140);
        let mut walk = extension::Walk::new(area);
        let mut walked = Vec::new();
        for record in 0..140_usize {
            let own = walk.of(record);
            walked.extend_from_slice(own);
            if checked.is_ok() {
                assert_eq!(extension::check_own(own, record as u32), Ok(()));
                let sum: usize = extension::each(own).map(|each| each.bytes.len() + 8).sum();
                assert_eq!(sum, own.len());
            }
        }
        assert!(checked.is_err() || walked == *area);
        let covered: usize = extension::covered(area).map(<[u8]>::len).sum();
        assert!(covered <= area.len());
    });
}
