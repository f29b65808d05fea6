//! A control batch with a record that nobody understands, which the builder of such batches does not make.
use causeway_message::batch::{BatchHead, Class};
use causeway_message::codec::Put;
use causeway_message::control::Control;
use causeway_message::digest::tagged;
use causeway_message::frame::{self, Template};
use causeway_message::keys::SigningKey;
use causeway_message::{InstructionId, tags, wide};

/// The ids of the records under a kind that does not exist.
pub fn control(head: &BatchHead, records: &mut Vec<(InstructionId, Control)>, key: &SigningKey) -> Vec<u8> {
    let (mut body, mut leaves) = (Vec::new(), Vec::new());
    frame::put_group(&mut body, 24, records.len());
    for (id, _) in records.iter() {
        let mut entry = Vec::new();
        entry.put(&id.0).put_u16(9).put(&[0; 6]);
        leaves.push(tagged(tags::CONTROL, &[&entry, &0u32.to_le_bytes()]));
        body.put(&entry).put_var(&[]);
    }
    let block = head.sign(Class::Control, records.len(), wide::root(&leaves), key);
    let mut out = frame::start(Template::ControlBatch, 0);
    out.put(&block.signed_bytes()[tags::BATCH.len()..])
        .put(&block.signature)
        .put(&body);
    records.clear();
    out
}
