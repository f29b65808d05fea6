//! Frames of a session: what is signed once, and what is signed again under another number.
use bytes::Bytes;
use causeway_message::batch::{BatchBlock, BatchHead, BatchView, build};
use causeway_message::control;
use causeway_message::document::{self, Document};
use causeway_message::frame::{self, Template};
use causeway_message::keys::SigningKey;
use causeway_message::limits::DOCUMENTS_BYTES_MAX;
use causeway_message::{Digest, FormatError};
use zerocopy::FromBytes;

/// Digest of a batch's header and signature.
pub(super) fn input_digest(frame_bytes: &[u8]) -> Result<Digest, FormatError> {
    let block = frame_bytes.get(frame::HEADER_BYTES..).unwrap_or_default();
    let (block, _) =
        BatchBlock::ref_from_prefix(block).map_err(|_| FormatError::rule("batch.block", "is not whole"))?;
    Ok(block.input_digest())
}

/// The same records under another number.
pub(super) fn sign_again(
    frame_bytes: &[u8],
    head: &BatchHead,
    key: &SigningKey,
) -> Result<Vec<u8>, FormatError> {
    let (template, _) = frame::open(frame_bytes)?;
    if template == Template::Batch {
        let view = BatchView::parse(frame_bytes)?;
        return build(head, view.records, view.extensions, key);
    }
    let view = control::ControlView::parse(frame_bytes)?;
    let records = view
        .records
        .into_iter()
        .filter_map(|r| Some((r.instruction_id, r.control?)))
        .collect::<Vec<_>>();
    control::build(head, &records, key)
}

/// Documents in as few frames as their bound allows.
pub(super) fn document_frames(number: u64, documents: &[Document]) -> Result<Vec<Bytes>, FormatError> {
    let mut frames = Vec::new();
    let mut from = 0;
    while from < documents.len() {
        let mut bytes = 64;
        let mut to = from;
        while to < documents.len()
            && (to == from || bytes + documents[to].text.len() + 32 < DOCUMENTS_BYTES_MAX)
        {
            bytes += documents[to].text.len() + 32;
            to += 1;
        }
        frames.push(Bytes::from(document::build(number, &documents[from..to])?));
        from = to;
    }
    Ok(frames)
}
